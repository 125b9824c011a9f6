//! What emulators say of a fault of their own.

use super::{Complaint, Table, Wording};

pub(super) const TABLE: Table = Table { wordings: WORDINGS, anchors: ANCHORS, error: false };

const WORDINGS: &[Wording] = &[Wording {
    // assert(3) in qemu's own sources.
    speaker: "qemu-user",
    pattern: r"^qemu-[a-z0-9_]+(?:-static)?: \.\./\S+\.c:\d+: \S+: Assertion `.+' failed\.$",
    read: |_| Some(Complaint::EmulatorFailed),
}];

const ANCHORS: &[&str] = &[": Assertion `"];
