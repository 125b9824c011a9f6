//! Executables as JSON: `panicmap inspect`, and the `binaries` of a report.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::{VERSION, finish};
use crate::binary::Binary;

#[derive(Serialize)]
pub(in crate::report) struct BinaryJson<'a> {
    path: String,
    is_go: bool,
    format: Option<&'static str>,
    go_version: Option<&'a str>,
    goos: Option<&'static str>,
    goarch: Option<&'static str>,
    level: BTreeMap<&'static str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    level_recorded: Option<&'a str>,
    cgo: Option<bool>,
    cgo_enabled: Option<bool>,
    cgo_packages: &'a [String],
    libc: Option<&'static str>,
    build_id: Option<&'a str>,
    gnu_build_id: Option<&'a str>,
    stripped: bool,
    dwarf: bool,
    pclntab: Option<&'a str>,
    pie: bool,
    #[serde(rename = "static")]
    is_static: bool,
    interpreter: Option<&'a str>,
    needed: &'a [String],
    glibc_needed: Option<String>,
    module: Option<ModuleJson<'a>>,
    path_of_main: Option<&'a str>,
    vcs: Option<VcsJson<'a>>,
    trimpath: Option<bool>,
    settings: BTreeMap<&'a str, &'a str>,
    modules: Vec<ModuleJson<'a>>,
    /// Where each fact was read.
    sources: BTreeMap<&'static str, &'a str>,
    contradictions: &'a [String],
    damage: &'a [String],
}

#[derive(Serialize)]
struct ModuleJson<'a> {
    path: &'a str,
    version: &'a str,
}

#[derive(Serialize)]
struct VcsJson<'a> {
    system: &'a str,
    revision: &'a str,
    time: Option<&'a str>,
    modified: bool,
}

impl<'a> BinaryJson<'a> {
    pub(super) fn new(binary: &'a Binary) -> BinaryJson<'a> {
        let facts = binary.facts();
        let elf = facts.elf.as_ref();
        let build = facts.build.as_ref();
        let module =
            |m: &'a crate::binary::buildinfo::Module| ModuleJson { path: &m.path, version: &m.version };
        let level = facts.level.variable.zip(facts.level.in_force.as_ref());
        let mut sources: BTreeMap<&'static str, &'a str> = BTreeMap::new();
        let mut source = |key, from: Option<&'a String>| sources.extend(from.map(|f| (key, f.as_str())));
        source("go_version", facts.go_version.as_ref().map(|f| &f.from));
        source("goos", facts.goos.as_ref().map(|f| &f.from));
        source("goarch", facts.goarch.as_ref().map(|f| &f.from));
        source("level", facts.level.in_force.as_ref().map(|f| &f.from));
        source("cgo", facts.cgo.linked.as_ref().map(|f| &f.from));
        source("cgo_enabled", facts.cgo_enabled.as_ref().map(|f| &f.from));
        source("libc", facts.libc.as_ref().map(|f| &f.from));
        source("trimpath", facts.trimpath.as_ref().map(|f| &f.from));
        BinaryJson {
            path: binary.origin.to_string(),
            is_go: facts.is_go,
            format: facts.format.map(|format| format.name()),
            go_version: facts.go_version.as_ref().map(|f| f.value.as_str()),
            goos: facts.goos.as_ref().map(|f| f.value.name()),
            goarch: facts.goarch.as_ref().map(|f| f.value.name()),
            level: level.map(|(variable, fact)| (variable, fact.value.as_str())).into_iter().collect(),
            level_recorded: facts.level.recorded.as_deref(),
            cgo: facts.cgo.linked.as_ref().map(|f| f.value),
            cgo_enabled: facts.cgo_enabled.as_ref().map(|f| f.value),
            cgo_packages: &facts.cgo.packages,
            libc: facts.libc.as_ref().map(|f| f.value),
            build_id: elf.and_then(|elf| elf.go_build_id.as_deref()),
            gnu_build_id: elf.and_then(|elf| elf.gnu_build_id.as_deref()),
            stripped: facts.stripped,
            dwarf: facts.dwarf,
            pclntab: facts.pclntab.as_deref(),
            pie: facts.pie,
            is_static: facts.is_static,
            interpreter: facts.interpreter(),
            needed: facts.needed(),
            glibc_needed: elf.and_then(|elf| elf.glibc_needed()),
            module: build.and_then(|b| b.main.as_ref()).map(module),
            path_of_main: build.and_then(|b| b.path.as_deref()),
            vcs: facts.vcs.as_ref().map(|v| VcsJson {
                system: &v.system,
                revision: &v.revision,
                time: v.time.as_deref(),
                modified: v.modified,
            }),
            trimpath: facts.trimpath.as_ref().map(|f| f.value),
            settings: build
                .map(|b| b.settings.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect())
                .unwrap_or_default(),
            modules: build.map(|b| b.deps.iter().map(module).collect()).unwrap_or_default(),
            sources,
            contradictions: &facts.contradictions,
            damage: &facts.damage,
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
        binaries: Vec<BinaryJson<'a>>,
    }
    finish(&Inspection { schema: VERSION, binaries: binaries.iter().map(BinaryJson::new).collect() }, out)
}
