//! What kernels, their filters and the loaders of other systems say when they end
//! a program, and errors by which programs tell what the system lacks.

use super::{Complaint, Table, Wording, group};

pub(super) const DEATHS: Table = Table { wordings: ENDED, anchors: ENDED_ANCHORS, error: false };
pub(super) const ERRORS: Table = Table { wordings: TOLD, anchors: TOLD_ANCHORS, error: true };

const ENDED: &[Wording] = &[
    Wording {
        // glibc up to 2.35 (sysdeps/unix/sysv/linux/dl-sysdep.h, DL_SYSDEP_OSCHECK).
        speaker: "glibc start code",
        pattern: r"^(?:(?P<program>[^\s:]+): )?FATAL: kernel too old$",
        read: |_| Some(Complaint::KernelTooOld),
    },
    Wording {
        speaker: "jemalloc",
        pattern: r"^<jemalloc>: Unsupported system page size$",
        read: |_| Some(Complaint::PageSize),
    },
    Wording {
        // kernel/auditsc.c, audit_seccomp; signal 31 is SIGSYS.
        speaker: "audit",
        pattern: r#"type=(?:1326|SECCOMP)\b.*? (?:comm="(?P<program>[^"]+)" )?(?:exe="[^"]*" )?sig=31 arch=(?P<arch>[0-9a-f]+) syscall=(?P<number>\d+)\b"#,
        read: |c| {
            Some(Complaint::SeccompKill {
                arch: u32::from_str_radix(&group(c, "arch"), 16).ok()?,
                number: group(c, "number").parse().ok()?,
            })
        },
    },
    Wording {
        speaker: "dyld",
        pattern: r"^dyld(?:\[\d+\])?: Symbol not found: \(?(?P<name>_\w+)\)?",
        read: |c| Some(Complaint::DyldSymbol { name: group(c, "name") }),
    },
    Wording {
        speaker: "macOS crash report",
        pattern: r"^Exception Type: +EXC_\w+ \((?:SIGKILL \()?Code Signature Invalid\)",
        read: |_| Some(Complaint::CodeSignature),
    },
    Wording {
        speaker: "macOS kernel",
        pattern: r"^Termination Reason: +(?:Namespace )?CODESIGNING, ",
        read: |_| Some(Complaint::CodeSignature),
    },
    Wording {
        // strsignal(3) of macOS has the number in it.
        speaker: "macOS shell",
        pattern: r"^(?:\S+: (?:line )?\d+: +\d+ )?Killed: 9(?: {2,}(?P<program>\S.*?))?$",
        read: |_| Some(Complaint::Killed { signal: "SIGKILL" }),
    },
    Wording {
        speaker: "zsh",
        pattern: r"^zsh: killed {2,}(?P<program>\S.*)$",
        read: |_| Some(Complaint::Killed { signal: "SIGKILL" }),
    },
    Wording {
        speaker: "OpenBSD loader",
        pattern: r"^(?:ld\.so: )?(?P<program>[^\s:]+): undefined symbol 'syscall'$",
        read: |_| Some(Complaint::SyscallSymbol),
    },
    Wording {
        speaker: "Android linker",
        pattern: r#"^(?:"?(?P<program>[^\s":]+)"?: )?error: (?:only position independent executables \(PIE\) are supported\.|Android 5\.0 and later only support position-independent executables \(-fPIE\)\.)"#,
        read: |_| Some(Complaint::PieOnly),
    },
    Wording {
        speaker: "Android linker",
        pattern: r#"^error: "(?P<program>[^"]+)" has unexpected e_type: 2$"#,
        read: |_| Some(Complaint::PieOnly),
    },
    Wording {
        // compiler-rt, sanitizer_common.cpp, ReportMmapFailureAndDie.
        speaker: "race detector",
        pattern: r"^(?:==\d+==)?ERROR: ThreadSanitizer failed to allocate 0x[0-9a-f]+ \((?P<size>\d+)\) bytes at address (?:0x)?[0-9a-f]+ \(err(?:no|or code): (?P<errno>\d+)\)$",
        read: |c| {
            Some(Complaint::RaceMemory {
                size: group(c, "size").parse().ok(),
                errno: group(c, "errno").parse().ok()?,
            })
        },
    },
    Wording {
        // compiler-rt, tsan_platform_linux.cpp, InitializePlatformEarly.
        speaker: "race detector",
        pattern: r"^FATAL: ThreadSanitizer: unsupported VMA range$",
        read: |_| Some(Complaint::RaceAddresses),
    },
];

const ENDED_ANCHORS: &[&str] = &[
    "kernel too old",
    "<jemalloc>: Unsup",
    "type=1326",
    "type=SECCOMP",
    "Symbol not found: ",
    "Code Signature Invalid",
    "CODESIGNING, ",
    "Killed: 9",
    "zsh: killed  ",
    "symbol 'syscall'",
    "osition independent executables",
    "osition-independent executables",
    "unexpected e_type: 2",
    "ThreadSanitizer failed to alloc",
    "unsupported VMA range",
];

const TOLD: &[Wording] = &[
    Wording {
        // time/zoneinfo.go, LoadLocation.
        speaker: "package time",
        pattern: r#"(?:^|: |["=])unknown time zone (?P<name>(?:[A-Z][A-Za-z0-9_+-]*|[a-z]+/[A-Za-z0-9_+-]+)(?:/[A-Za-z0-9_+-]+)*)(?:[\s"'`,;.:)\\]|$)"#,
        read: |c| Some(Complaint::UnknownZone { name: group(c, "name") }),
    },
    Wording {
        // crypto/x509/verify.go, UnknownAuthorityError; the hint is there where a root of
        // that name is known.
        speaker: "crypto/x509",
        pattern: r#"(?:^|: |["=])x509: certificate signed by unknown authority(?:(?P<hint> \(possibly because of )| \(|["'\\;,.\])}]|$)"#,
        read: |c| Some(Complaint::UnknownAuthority { candidate: c.name("hint").is_some() }),
    },
    Wording {
        // crypto/x509/verify.go, SystemRootsError.
        speaker: "crypto/x509",
        pattern: r"(?:^|: )x509: failed to load system roots and no roots provided",
        read: |_| Some(Complaint::NoRoots),
    },
    Wording {
        // ENOSYS in the words of package syscall, as os and net report it.
        speaker: "package syscall",
        pattern: r"\b(?P<call>[a-z][a-z0-9_]{2,24})(?: [^\s:]+)*: function not implemented(?:[\s\x22',;.)]|$)",
        read: |c| Some(Complaint::NotImplemented { call: group(c, "call") }),
    },
];

const TOLD_ANCHORS: &[&str] =
    &["unknown time zone ", "signed by unknown authority", "no roots provided", ": function not implemented"];
