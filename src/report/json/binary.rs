//! Executables as JSON: the `binaries` of a report.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::binary::buildinfo::Module;
use crate::binary::{Binary, CgoUse, Fact, Facts, Strength};

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
    /// Symbols that ask for that version.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    glibc_symbols: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    producer: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cgo_use: Option<&'static str>,
    /// What of the C code is never called: packages, or names that it imports.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    cgo_unused: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    cgo_functions: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    cgo_exports: &'a [String],
    /// Libraries by DT_NEEDED, load commands or import table.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    libraries: &'a [String],
    needs: NeedsJson<'a>,
    options: OptionsJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    float: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    c_architecture: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    c_float_abi: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    goroot: Option<&'a str>,
    module: Option<ModuleJson<'a>>,
    path_of_main: Option<&'a str>,
    vcs: Option<VcsJson<'a>>,
    trimpath: Option<bool>,
    settings: BTreeMap<&'a str, &'a str>,
    modules: Vec<ModuleJson<'a>>,
    /// Where each fact was read.
    sources: BTreeMap<&'static str, &'a str>,
    /// How far facts can be trusted that are not certain.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    strengths: BTreeMap<&'static str, &'static str>,
    contradictions: &'a [String],
    damage: &'a [String],
}

#[derive(Serialize)]
struct ModuleJson<'a> {
    path: &'a str,
    version: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    sum: &'a str,
    /// What a `replace` directive put in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced_by: Option<Box<ModuleJson<'a>>>,
}

impl<'a> ModuleJson<'a> {
    fn new(module: &'a Module) -> ModuleJson<'a> {
        let replaced_by = module.replaced_by.as_deref().map(|other| Box::new(ModuleJson::new(other)));
        ModuleJson { path: &module.path, version: &module.version, sum: &module.sum, replaced_by }
    }
}

/// Lowest versions of what it runs on.
#[derive(Serialize)]
struct NeedsJson<'a> {
    system_by_header: Option<&'a str>,
    system_by_go: Option<&'a str>,
    cpu: Option<&'a str>,
}

#[derive(Serialize)]
struct OptionsJson<'a> {
    /// There are build settings: what is absent was not used, but for -ldflags with -trimpath.
    recorded: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    build_mode: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sanitizer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pgo: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fips: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    experiments: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    godebug: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ldflags: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gcflags: Option<&'a str>,
}

fn text(fact: &Option<Fact<String>>) -> Option<&str> {
    fact.as_ref().map(|fact| fact.value.as_str())
}

/// Sources and strengths, by the key of the fact.
#[derive(Default)]
struct Origins<'a> {
    sources: BTreeMap<&'static str, &'a str>,
    strengths: BTreeMap<&'static str, &'static str>,
}

impl<'a> Origins<'a> {
    fn read(facts: &'a Facts) -> Origins<'a> {
        let mut origins = Origins::default();
        let cgo = &facts.cgo;
        origins.add("go_version", facts.go_version.as_ref());
        origins.add("goos", facts.goos.as_ref());
        origins.add("goarch", facts.goarch.as_ref());
        origins.add("level", facts.level.in_force.as_ref());
        origins.add("float", facts.level.float.as_ref());
        origins.add("c_architecture", facts.level.c.architecture.as_ref());
        origins.add("cgo", cgo.linked.as_ref());
        origins.add("cgo_use", cgo.usage.as_ref());
        origins.add("cgo_enabled", facts.cgo_enabled.as_ref());
        origins.add("libc", facts.libc.as_ref());
        origins.add("trimpath", facts.trimpath.as_ref());
        origins.add("goroot", facts.goroot.as_ref());
        origins.add("producer", facts.producer.as_ref());
        origins.add("needs.system_by_header", facts.needs.by_header.as_ref());
        origins.add("needs.system_by_go", facts.needs.by_go.as_ref());
        origins.add("needs.cpu", facts.needs.cpu.as_ref());
        origins.add("options.build_mode", facts.options.build_mode.as_ref());
        origins.add("options.sanitizer", facts.options.sanitizer.as_ref());
        origins.add("options.coverage", facts.options.coverage.as_ref());
        origins.add("options.fips", facts.options.fips.as_ref());
        origins.add("options.experiments", facts.options.experiments.as_ref());
        origins.add("stripped", facts.symbols.as_ref().map(|symbols| &symbols.table));
        origins.add("dwarf", facts.symbols.as_ref().map(|symbols| &symbols.dwarf));
        origins
    }

    fn add<T>(&mut self, key: &'static str, fact: Option<&'a Fact<T>>) {
        let Some(fact) = fact else { return };
        self.sources.insert(key, fact.from.as_str());
        if fact.strength != Strength::Certain {
            self.strengths.insert(key, fact.strength.name());
        }
    }
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
        let level = facts.level.variable.zip(facts.level.in_force.as_ref());
        let Origins { sources, strengths } = Origins::read(facts);
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
            glibc_symbols: facts.glibc.as_ref().map_or(&[], |floor| &floor.symbols),
            producer: facts.producer.as_ref().map(|fact| fact.value.name()),
            cgo_use: facts.cgo.usage.as_ref().map(|fact| fact.value.name()),
            cgo_unused: match facts.cgo.usage.as_ref().map(|fact| &fact.value) {
                Some(CgoUse::NeverCalled(marks)) => marks,
                _ => &[],
            },
            cgo_functions: &facts.cgo.functions,
            cgo_exports: &facts.cgo.exports,
            libraries: &facts.libraries,
            needs: NeedsJson {
                system_by_header: text(&facts.needs.by_header),
                system_by_go: text(&facts.needs.by_go),
                cpu: text(&facts.needs.cpu),
            },
            options: OptionsJson::new(facts),
            float: facts.level.float.as_ref().map(|fact| fact.value),
            c_architecture: text(&facts.level.c.architecture),
            c_float_abi: facts.level.c.abi.as_ref().map(|fact| fact.value),
            goroot: text(&facts.goroot),
            module: build.and_then(|b| b.main.as_ref()).map(ModuleJson::new),
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
            modules: build.map(|b| b.deps.iter().map(ModuleJson::new).collect()).unwrap_or_default(),
            sources,
            strengths,
            contradictions: &facts.contradictions,
            damage: &facts.damage,
        }
    }
}

impl<'a> OptionsJson<'a> {
    fn new(facts: &'a Facts) -> OptionsJson<'a> {
        let options = &facts.options;
        OptionsJson {
            recorded: options.recorded,
            build_mode: text(&options.build_mode),
            sanitizer: options.sanitizer.as_ref().map(|fact| fact.value),
            coverage: options.coverage.as_ref().map(|fact| fact.value),
            pgo: text(&options.pgo),
            fips: text(&options.fips),
            experiments: text(&options.experiments),
            godebug: text(&options.godebug),
            tags: text(&options.tags),
            ldflags: text(&options.ldflags),
            gcflags: text(&options.gcflags),
        }
    }
}
