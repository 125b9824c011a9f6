//! What shells make of a file that is no program at all.

use super::{Complaint, Table, Wording};

pub(super) const TABLE: Table = Table { wordings: WORDINGS, anchors: ANCHORS, error: false };

const WORDINGS: &[Wording] = &[Wording {
    // The second line of a pointer is `oid sha256:...`.
    speaker: "shell",
    pattern: r"^(?P<program>\S+): (?:line )?2: oid: (?:command )?not found$",
    read: |_| Some(Complaint::LfsPointer),
}];

const ANCHORS: &[&str] = &[": oid: "];
