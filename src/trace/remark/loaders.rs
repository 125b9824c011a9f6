//! What the dynamic loaders of glibc and musl say before the first instruction of a program.

use regex::bytes::Captures;

use super::{Complaint, Table, Wording, group};

pub(super) const TABLE: Table = Table { wordings: WORDINGS, anchors: ANCHORS, error: false };

const WORDINGS: &[Wording] = &[
    Wording {
        speaker: "glibc loader",
        pattern: r"^(?P<program>[^\s:]+): (?P<library>\S+): version `(?P<version>[A-Z]+_[A-Za-z0-9_.]+)' not found \(required by .+\)$",
        read: version,
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

/// The C and C++ libraries come with the distribution, so their versions tell how old it
/// is. Those of others (`OPENSSL_1_1_1`) do not, nor does `GLIBC_PRIVATE`, of one glibc's
/// own libraries among each other.
fn version(captures: &Captures<'_>) -> Option<Complaint> {
    let (library, version) = (group(captures, "library"), group(captures, "version"));
    let system = ["GLIBC_", "GLIBCXX_", "CXXABI_"].iter().any(|prefix| version.starts_with(prefix));
    Some(if system && version != "GLIBC_PRIVATE" {
        Complaint::GlibcVersion { library, version }
    } else {
        Complaint::Library { name: library, why: format!("version `{version}' not found") }
    })
}

const ANCHORS: &[&str] = &["not found", "loading shared librar", "Error relocating", "symbol lookup error"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_the_system_and_of_other_libraries() {
        let said = |version: &str| {
            let line = format!("./app: /lib/libx.so.1: version `{version}' not found (required by ./app)");
            super::super::remark(line.as_bytes(), 1).map(|remark| remark.complaint)
        };
        for version in ["GLIBC_2.34", "GLIBC_ABI_DT_RELR", "GLIBCXX_3.4.29", "CXXABI_1.3.13"] {
            assert!(matches!(said(version), Some(Complaint::GlibcVersion { .. })), "{version}");
        }
        for version in ["OPENSSL_1_1_1", "GLIBC_PRIVATE", "ZLIB_1.2.9"] {
            assert!(matches!(said(version), Some(Complaint::Library { .. })), "{version}");
        }
    }
}
