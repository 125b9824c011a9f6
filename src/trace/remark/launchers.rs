//! What shells, container runtimes, service managers and emulators say of a program that they
//! could not start.

use super::{Complaint, Table, Wording, group};

pub(super) const TABLE: Table = Table { wordings: WORDINGS, anchors: ANCHORS, error: false };

const WORDINGS: &[Wording] = &[
    Wording {
        speaker: "bash",
        pattern: r"^(?:\S+: (?:line )?\d+: |\S*sh: )(?P<program>.+?): cannot execute binary file(?:: Exec format error)?$",
        read: |_| Some(Complaint::ExecFormat),
    },
    Wording {
        speaker: "dash",
        pattern: r"^\S+: (?:line )?\d+: (?P<program>.+?): Exec format error$",
        read: |_| Some(Complaint::ExecFormat),
    },
    Wording {
        speaker: "zsh",
        pattern: r"^zsh:(?:\d+:)? exec format error: (?P<program>.+)$",
        read: |_| Some(Complaint::ExecFormat),
    },
    Wording {
        speaker: "mksh",
        pattern: r"^(?:E: )?\S+: (?P<program>.+?): not executable: (?:32|64)-bit ELF file$",
        read: |_| Some(Complaint::ExecFormat),
    },
    Wording {
        speaker: "Go os/exec",
        pattern: r"fork/exec (?P<program>\S+): exec format error",
        read: |_| Some(Complaint::ExecFormat),
    },
    Wording {
        speaker: "container runtime",
        pattern: r#"\bexec (?:container process )?(?:\(missing dynamic library\?\) )?[`"\\]*(?P<program>/?[^\s`"\\]+?)[`"\\]*: (?i:exec format error)"#,
        read: |_| Some(Complaint::ExecFormat),
    },
    Wording {
        speaker: "container runtime",
        pattern: r#"exec user process caused:? "?(?i:exec format error)"#,
        read: |_| Some(Complaint::ExecFormat),
    },
    Wording {
        speaker: "Python",
        pattern: r"^OSError: \[Errno 8\] Exec format error: '(?P<program>.+)'$",
        read: |_| Some(Complaint::ExecFormat),
    },
    Wording {
        speaker: "systemd",
        pattern: r"Failed at step EXEC spawning (?P<program>\S+): Exec format error",
        read: |_| Some(Complaint::ExecFormat),
    },
    Wording {
        // The first bytes of an ELF file read as a script fail in its first lines.
        speaker: "/bin/sh",
        pattern: r#"^(?:\S+: )?(?P<program>\S+): (?:line )?[1-5]: (?i:syntax error): (?:"[()]" unexpected|unexpected "[()]"|[Uu]nterminated quoted string)"#,
        read: |_| Some(Complaint::ReadAsScript),
    },
    Wording {
        speaker: "qemu-user",
        pattern: r"^qemu-\S+: (?P<program>.+?): Invalid ELF image for this architecture$",
        read: |_| Some(Complaint::WrongEmulator),
    },
    Wording {
        speaker: "qemu-user",
        pattern: r"^qemu-\S+: Could not open '(?P<path>[^']+)': No such file or directory$",
        read: |c| Some(Complaint::InterpreterMissing { path: group(c, "path") }),
    },
    Wording {
        speaker: "Rosetta",
        pattern: r"^rosetta error: failed to open elf at (?P<path>\S+)",
        read: |c| Some(Complaint::InterpreterMissing { path: group(c, "path") }),
    },
    Wording {
        speaker: "bash",
        pattern: r"^\S+: (?:line )?\d+: (?P<program>.+?): cannot execute: required file not found$",
        read: |_| Some(Complaint::NotFound { exists: true }),
    },
    Wording {
        speaker: "crun",
        pattern: r"exec container process \(missing dynamic library\?\) `(?P<program>[^`]+)`: No such file or directory",
        read: |_| Some(Complaint::NotFound { exists: true }),
    },
    Wording {
        speaker: "runc",
        pattern: r"^exec (?P<program>/\S+): no such file or directory$",
        read: |_| Some(Complaint::NotFound { exists: true }),
    },
    Wording {
        speaker: "container runtime",
        pattern: r#"exec user process caused:? "?no such file or directory"#,
        read: |_| Some(Complaint::NotFound { exists: true }),
    },
    Wording {
        speaker: "dash or busybox",
        pattern: r"^(?:\S*sh: (?:\d+: )?|\S+: \d+: )(?P<program>\S*/\S+): not found$",
        read: |_| Some(Complaint::NotFound { exists: false }),
    },
    Wording {
        speaker: "zsh",
        pattern: r"^zsh:\d+: no such file or directory: (?P<program>\S+)$",
        read: |_| Some(Complaint::NotFound { exists: false }),
    },
    Wording {
        speaker: "shell",
        pattern: r"^(?:\S*sh: (?:line \d+: )?|\S+: line \d+: |env: |E: \S+: )(?:‘|')?(?P<program>\S*/[^\s']+?)(?:’|')?: No such file or directory$",
        read: |_| Some(Complaint::NotFound { exists: false }),
    },
    Wording {
        speaker: "Go os/exec",
        pattern: r"fork/exec (?P<program>\S+): no such file or directory",
        read: |_| Some(Complaint::NotFound { exists: false }),
    },
    Wording {
        speaker: "shell",
        pattern: r"^\S*sh: (?:line )?\d+: (?P<program>\S+): Permission denied$",
        read: |_| Some(Complaint::PermissionDenied),
    },
];

const ANCHORS: &[&str] = &[
    "ormat error",
    "annot execute",
    "not executable:",
    "yntax error: ",
    "Invalid ELF image",
    "Could not open '",
    "rosetta error",
    "o such file or directory",
    "not found",
    "Permission denied",
];
