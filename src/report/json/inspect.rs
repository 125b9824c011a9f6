//! `panicmap inspect` as JSON: the facts, and what would bloat the report of a
//! crash.

use std::io::{self, Write};

use serde::Serialize;

use super::binary::BinaryJson;
use super::{VERSION, finish};
use crate::binary::{Binary, Effect, effects};

#[derive(Serialize)]
struct DetailJson<'a> {
    #[serde(flatten)]
    facts: BinaryJson<'a>,
    cgo_calls: Vec<CallJson<'a>>,
    /// What being built with or without cgo decides in this program.
    cgo_effects: Option<Vec<EffectJson>>,
    packages: &'a [String],
    imports: Vec<ImportJson<'a>>,
    segments: Vec<SegmentJson>,
    sections: Vec<SectionJson<'a>>,
}

#[derive(Serialize)]
struct CallJson<'a> {
    package: &'a str,
    function: &'a str,
}

#[derive(Serialize)]
struct EffectJson {
    id: &'static str,
    package: String,
    changes: bool,
    text: &'static str,
}

#[derive(Serialize)]
struct ImportJson<'a> {
    name: &'a str,
    library: Option<&'a str>,
    version: Option<&'a str>,
}

#[derive(Serialize)]
struct SegmentJson {
    address: String,
    offset: usize,
    bytes: usize,
    writable: bool,
    executable: bool,
}

#[derive(Serialize)]
struct SectionJson<'a> {
    name: &'a str,
    address: String,
    offset: usize,
    bytes: usize,
}

impl<'a> DetailJson<'a> {
    fn new(binary: &'a Binary) -> DetailJson<'a> {
        let names = binary.names();
        let calls = names.iter().flat_map(|names| &names.calls);
        let effect = |effect: Effect| EffectJson {
            id: effect.id,
            package: effect.package,
            changes: effect.changes,
            text: effect.text,
        };
        let image = &binary.image;
        DetailJson {
            facts: BinaryJson::new(binary),
            cgo_calls: calls.map(|(package, function)| CallJson { package, function }).collect(),
            cgo_effects: effects(binary).ok().map(|rows| rows.into_iter().map(effect).collect()),
            packages: names.map_or(&[], |names| &names.packages),
            imports: binary
                .imports()
                .iter()
                .map(|import| ImportJson {
                    name: &import.name,
                    library: import.library.as_deref(),
                    version: import.version.as_deref(),
                })
                .collect(),
            segments: image
                .segments
                .iter()
                .map(|segment| SegmentJson {
                    address: format!("{:#x}", segment.address),
                    offset: segment.offset,
                    bytes: segment.length,
                    writable: segment.writable,
                    executable: segment.executable,
                })
                .collect(),
            sections: image
                .sections
                .iter()
                .map(|section| SectionJson {
                    name: &section.name,
                    address: format!("{:#x}", section.address),
                    offset: section.offset,
                    bytes: section.length,
                })
                .collect(),
        }
    }
}

/// `panicmap inspect --format json`.
///
/// # Errors
/// Those of the writer.
pub fn inspect_json(binaries: &[Binary], out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Inspection<'a> {
        schema: &'static str,
        binaries: Vec<DetailJson<'a>>,
    }
    finish(&Inspection { schema: VERSION, binaries: binaries.iter().map(DetailJson::new).collect() }, out)
}
