//! What packages say that were built without what they need. Each wording was run, or
//! read in the source of the package (its file without cgo).

use super::{Complaint, Table, Wording};

pub(super) const TABLE: Table = Table { wordings: WORDINGS, anchors: ANCHORS, error: true };

const WORDINGS: &[Wording] = &[
    Wording {
        speaker: "go-sqlite3",
        pattern: r"Binary was compiled with 'CGO_ENABLED=0', go-sqlite3 requires cgo to work\.",
        read: |_| Some(Complaint::NeedsCgo),
    },
    Wording {
        // storage/sql/sqlite_no_cgo.go
        speaker: "dex",
        pattern: r"SQLite storage is not available: binary compiled without CGO support\.",
        read: |_| Some(Complaint::NeedsCgo),
    },
    Wording {
        // no_cgo.go
        speaker: "onflow/crypto",
        pattern: r"(?:BLS|ECDSA)[A-Za-z0-9 -]* is only supported with cgo, rebuild with CGO_ENABLED=1",
        read: |_| Some(Complaint::NeedsCgo),
    },
    Wording {
        // errors/support.go
        speaker: "go-libddwaf",
        pattern: r"go-libddwaf is disabled when cgo is disabled unless you compile with the go build tag",
        read: |_| Some(Complaint::NeedsCgo),
    },
    Wording {
        // libpod/lock/shm/shm_lock_nocgo.go
        speaker: "podman",
        pattern: r"\bLocks are not supported without cgo\b",
        read: |_| Some(Complaint::NeedsCgo),
    },
];

const ANCHORS: &[&str] = &["uires cgo", "CGO support", "cgo, rebuild", "cgo is disabled", "t cgo"];
