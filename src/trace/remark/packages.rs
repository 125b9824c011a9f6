//! What packages say that were built without what they need.

use super::{Complaint, Table, Wording};

pub(super) const TABLE: Table = Table { wordings: WORDINGS, anchors: ANCHORS, error: true };

const WORDINGS: &[Wording] = &[Wording {
    speaker: "go-sqlite3",
    pattern: r"Binary was compiled with 'CGO_ENABLED=0', go-sqlite3 requires cgo to work\.",
    read: |_| Some(Complaint::NeedsCgo),
}];

const ANCHORS: &[&str] = &["requires cgo to work"];
