//! What the go command and the tools that it runs say of a build that C is part of.

use super::{Complaint, Table, Wording, group};

pub(super) const TABLE: Table = Table { wordings: WORDINGS, anchors: ANCHORS, error: true };

const WORDINGS: &[Wording] = &[
    Wording {
        // cmd/go/internal/work/init.go, `buildModeInit` and `instrumentInit`
        speaker: "go build",
        pattern: r"^go: (?P<what>-(?:race|msan|asan)) requires cgo(?:; enable cgo by setting CGO_ENABLED=1)?$",
        read: |c| Some(Complaint::BuildNeedsCgo { what: group(c, "what") }),
    },
    Wording {
        // cmd/go/internal/load/pkg.go, `externalLinkingMsg`, Go 1.22 and later
        speaker: "go build",
        pattern: r"^(?:go: )?(?P<what>-\S+|\S+/\S+|default PIE binary) requires external \(cgo\) linking, but cgo is not enabled$",
        read: |c| Some(Complaint::BuildNeedsCgo { what: group(c, "what") }),
    },
    Wording {
        // cmd/link/internal/ld/lib.go, `loadinternal`
        speaker: "go tool link",
        pattern: r"^(?:\S*link: )?loadinternal: cannot find runtime/cgo$",
        read: |_| Some(Complaint::NoRuntimeCgo),
    },
    Wording {
        // cmd/go/internal/load/pkg.go, `NoGoError`
        speaker: "go build",
        pattern: r"(?:^package |^(?:\S+:\d+:\d+: )|imports )(?:(?P<package>\S+): )?build constraints exclude all Go files in (?P<folder>\S+)$",
        read: |c| {
            let package = c.name("package").map_or_else(|| group(c, "folder"), |_| group(c, "package"));
            Some(Complaint::NoFilesLeft { package })
        },
    },
    Wording {
        // The files of runtime/cgo in assembly: gcc_arm64.S, gcc_linux_ppc64x.S.
        speaker: "C compiler",
        pattern: r"^gcc_(?:linux_)?(?P<assembly>[0-9a-z]+)\.S:(?: Assembler messages:|\d+:\d+: error: .+)$",
        read: |c| {
            Some(Complaint::OtherMachinesCompiler { assembly: Some(group(c, "assembly")), option: None })
        },
    },
    Wording {
        // cmd/go/internal/work/exec.go, `gccArchArgs`
        speaker: "C compiler",
        pattern: r"^\S*gcc\S*: error: unrecognized (?:command-line option|argument in option) \W{1,3}(?P<option>-marm|-m64|-m32|-mabi=64)\W",
        read: |c| Some(Complaint::OtherMachinesCompiler { assembly: None, option: Some(group(c, "option")) }),
    },
    Wording {
        // Of net and os/user (package plugin has it of dlopen): their files, or those that cgo makes.
        speaker: "linker",
        pattern: r"(?:\.go|\.cgo2\.c|cgo-gcc-prolog):\d+: warning: Using 'get[a-z_]+' in statically linked applications requires at runtime the shared libraries from the glibc version used for linking$",
        read: |_| Some(Complaint::StaticNss),
    },
];

const ANCHORS: &[&str] = &[
    "uires cgo",
    "(cgo) linking",
    "find runtime/cgo",
    "exclude all Go files",
    "gcc_",
    "nrecognized command-line option",
    "nrecognized argument in option",
    "ly linked applications",
];
