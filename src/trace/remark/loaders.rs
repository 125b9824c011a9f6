//! What the dynamic loaders of glibc and musl say before the first instruction of a program.

use super::{Complaint, Table, Wording, group};

pub(super) const TABLE: Table = Table { wordings: WORDINGS, anchors: ANCHORS, error: false };

const WORDINGS: &[Wording] = &[
    Wording {
        speaker: "glibc loader",
        pattern: r"^(?P<program>[^\s:]+): (?P<library>\S+): version `(?P<version>[A-Z]+_[A-Za-z0-9_.]+)' not found \(required by .+\)$",
        read: |c| {
            Some(Complaint::GlibcVersion { library: group(c, "library"), version: group(c, "version") })
        },
    },
    Wording {
        speaker: "glibc loader",
        pattern: r"^(?P<program>[^\s:]+): error while loading shared libraries: (?P<name>[^:]+): (?P<why>.+)$",
        read: |c| Some(Complaint::Library { name: group(c, "name"), why: group(c, "why") }),
    },
    Wording {
        speaker: "musl loader",
        pattern: r"^Error loading shared library (?P<name>[^:]+): (?P<why>.+?)(?: \(needed by (?P<program>.+)\))?$",
        read: |c| Some(Complaint::Library { name: group(c, "name"), why: group(c, "why") }),
    },
    Wording {
        speaker: "musl loader",
        pattern: r"^Error relocating (?P<program>.+?): (?P<name>\S+): symbol not found$",
        read: |c| Some(Complaint::Symbol { name: group(c, "name"), musl: true }),
    },
    Wording {
        speaker: "glibc loader",
        pattern: r"^(?P<program>[^\s:]+): symbol lookup error: .+?: undefined symbol: (?P<name>[^\s,]+)",
        read: |c| Some(Complaint::Symbol { name: group(c, "name"), musl: false }),
    },
];

const ANCHORS: &[&str] = &["not found", "loading shared librar", "Error relocating", "symbol lookup error"];
