//! What the go command, the compiler and the linker say of a build that cannot
//! be made with this toolchain. Go 1.19 to 1.27 were run. BuildKit puts the number of
//! its step and a time before each line.

use super::{Complaint, Skew, Table, Wording, group};

pub(super) const TABLE: Table = Table { wordings: WORDINGS, anchors: ANCHORS, error: true };

const WORDINGS: &[Wording] = &[
    Wording {
        speaker: "go command",
        pattern: r"^(?:#\d+ [0-9.]+ )?go: (?P<who>\S+) requires go >= (?P<needs>\S+) \(running go (?P<has>[^;)\s]+)",
        read: |c| {
            Some(Complaint::Toolchain(Skew::Requires {
                who: group(c, "who"),
                needs: group(c, "needs"),
                has: group(c, "has"),
            }))
        },
    },
    Wording {
        speaker: "go command",
        pattern: r"go\.mod:\d+: invalid go version '(?P<needs>[^']+)': must match format 1\.23$",
        read: |c| Some(Complaint::Toolchain(Skew::Directive { text: format!("go {}", group(c, "needs")) })),
    },
    Wording {
        speaker: "go command",
        pattern: r"go\.mod:\d+: unknown directive: (?P<name>toolchain|godebug|tool|ignore)$",
        read: |c| Some(Complaint::Toolchain(Skew::Directive { text: group(c, "name") })),
    },
    Wording {
        speaker: "go command",
        pattern: r#"\b(?P<tool>compile|asm|link|cgo): version "(?P<has>[^"]+)" does not match go tool version "(?P<needs>[^"]+)""#,
        read: |c| {
            Some(Complaint::Toolchain(Skew::Mixed {
                tool: group(c, "tool"),
                has: group(c, "has"),
                needs: group(c, "needs"),
            }))
        },
    },
    Wording {
        speaker: "go command",
        pattern: r"\bunsupported GOOS/GOARCH pair (?P<pair>[a-z0-9_]+/[a-z0-9_]+)$",
        read: |c| Some(Complaint::Toolchain(Skew::Pair { pair: group(c, "pair") })),
    },
    Wording {
        speaker: "go command",
        pattern: r"\bpackage (?P<package>[a-z0-9/]+) is not in (?:GOROOT|std) \(",
        read: |c| Some(Complaint::Toolchain(Skew::NotInStd { package: group(c, "package") })),
    },
    Wording {
        speaker: "go command",
        pattern: r"^(?:#\d+ [0-9.]+ )?go: unknown GOEXPERIMENT (?P<name>\S+)$",
        read: |c| Some(Complaint::UnknownExperiment { name: group(c, "name") }),
    },
    Wording {
        speaker: "go command",
        pattern: r#"\bunknown (?://go:debug setting|godebug) "(?P<name>[^"]+)"$"#,
        read: |c| Some(Complaint::UnknownGodebug { name: group(c, "name") }),
    },
    Wording {
        speaker: "linker",
        pattern: r"^(?:#\d+ [0-9.]+ )?(?P<function>\S+): relocation target (?P<target>\S+) not defined$",
        read: |c| {
            Some(Complaint::NoBody { function: Some(group(c, "function")), target: Some(group(c, "target")) })
        },
    },
    Wording {
        speaker: "compiler",
        pattern: r"^(?:#\d+ [0-9.]+ )?\S+\.go:\d+:\d+: missing function body$",
        read: |_| Some(Complaint::NoBody { function: None, target: None }),
    },
];

const ANCHORS: &[&str] = &[
    " requires go >= ",
    "must match format 1.23",
    ": unknown directive: ",
    "does not match go tool version",
    "unsupported GOOS/GOARCH pair",
    " is not in GOROOT (",
    " is not in std (",
    "unknown GOEXPERIMENT",
    "unknown //go:debug setting",
    "unknown godebug ",
    ": relocation target ",
    ": missing function body",
];
