//! Facts of executables: `panicmap inspect`, and the `binaries` of a report.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::Style;
use super::escape::printable;
use super::json::{VERSION, finish};
use super::text::{Painter, wrap};
use crate::binary::{Binary, Fact, Facts};

#[derive(Serialize)]
pub(super) struct BinaryJson<'a> {
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

/// `panicmap inspect`: one fact a line, with the place where it was read.
///
/// # Errors
/// Those of the writer.
pub fn inspect_text(binary: &Binary, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let paint = Painter::new(style);
    writeln!(out, "{}", paint.bold(&printable(&binary.origin.to_string())))?;
    for (name, value, from) in rows(binary.facts(), binary) {
        let text = if from.is_empty() { value } else { format!("{value}   [{from}]") };
        let lines = wrap(&printable(&text), style.width.saturating_sub(18).max(40));
        for (index, line) in lines.iter().enumerate() {
            let label = if index == 0 { name } else { "" };
            writeln!(out, "  {}{line}", paint.dim(&format!("{label:<16}")))?;
        }
    }
    Ok(())
}

fn rows(facts: &Facts, binary: &Binary) -> Vec<(&'static str, String, String)> {
    let mut rows: Vec<(&'static str, String, String)> = Vec::new();
    fn fact<T: ToString>(fact: Option<&Fact<T>>) -> (String, String) {
        fact.map_or(("unknown".to_owned(), String::new()), |f| (f.value.to_string(), f.from.clone()))
    }
    let mut row = |name, (value, from): (String, String)| rows.push((name, value, from));
    let plain = |value: &str| (value.to_owned(), String::new());
    let yes = |yes: bool| plain(if yes { "yes" } else { "no" });
    let elf = facts.elf.as_ref();
    let build = facts.build.as_ref();
    row("format", (facts.format.map_or("unknown", |f| f.name()).to_owned(), binary.image.machine.clone()));
    if !binary.unpacked.is_empty() {
        row("compressed", plain(&binary.unpacked.join(", ")));
    }
    row("Go version", fact(facts.go_version.as_ref()));
    row("GOOS", fact(facts.goos.as_ref()));
    row("GOARCH", fact(facts.goarch.as_ref()));
    if let Some(variable) = facts.level.variable {
        let (mut value, from) = fact(facts.level.in_force.as_ref());
        if let Some(recorded) = &facts.level.recorded {
            value.push_str(&format!(" (build info records {recorded}, which does not exist)"));
        }
        row(variable, (value, from));
    }
    row(
        "CGO_ENABLED",
        fact(facts.cgo_enabled.as_ref().map(|f| Fact::new(u8::from(f.value), f.from.clone())).as_ref()),
    );
    row(
        "C code",
        fact(
            facts
                .cgo
                .linked
                .as_ref()
                .map(|f| Fact::new(if f.value { "linked in" } else { "none" }, f.from.clone()))
                .as_ref(),
        ),
    );
    if !facts.cgo.packages.is_empty() {
        row("cgo packages", (facts.cgo.packages.join(" "), "names of the stubs in the pclntab".to_owned()));
        row(
            "C functions",
            (listed(&facts.cgo.functions, 12), "names of the stubs in the pclntab".to_owned()),
        );
    }
    row("C library", fact(facts.libc.as_ref()));
    if let Some(elf) = elf {
        let kind = match (facts.is_static, facts.pie, elf.interpreter.is_some()) {
            (true, ..) => "static executable",
            (_, true, _) => "position-independent executable (PIE)",
            (_, _, true) => "dynamic executable",
            _ => "shared object or static PIE",
        };
        row("linked as", (kind.to_owned(), "ELF header, program headers".to_owned()));
        row(
            "interpreter",
            (elf.interpreter.clone().unwrap_or_else(|| "none".to_owned()), "PT_INTERP".to_owned()),
        );
        let needed = if elf.needed.is_empty() { "nothing".to_owned() } else { elf.needed.join(" ") };
        row("needs", (needed, "DT_NEEDED".to_owned()));
        if let Some(glibc) = elf.glibc_needed() {
            row("glibc at least", (glibc, ".gnu.version_r".to_owned()));
        }
        if let Some((a, b, c)) = elf.kernel_floor {
            row("kernel at least", (format!("{a}.{b}.{c}"), "NT_GNU_ABI_TAG".to_owned()));
        }
        row(
            "Go build ID",
            (elf.go_build_id.clone().unwrap_or_else(|| "none".to_owned()), ".note.go.buildid".to_owned()),
        );
        if let Some(id) = &elf.gnu_build_id {
            row("GNU build ID", (id.clone(), ".note.gnu.build-id".to_owned()));
        }
    }
    row("symbol table", yes(!facts.stripped));
    row("DWARF", yes(facts.dwarf));
    row("pclntab", plain(facts.pclntab.as_deref().unwrap_or("none")));
    if let Some(trimpath) = &facts.trimpath {
        row("-trimpath", (if trimpath.value { "yes" } else { "no" }.to_owned(), trimpath.from.clone()));
    }
    if let Some(root) = &facts.goroot {
        row("GOROOT", (root.value.clone(), root.from.clone()));
    }
    if let Some(build) = build {
        if let Some(path) = &build.path {
            row("main package", (path.clone(), build.from.to_owned()));
        }
        if let Some(main) = &build.main {
            row("module", plain(format!("{} {}", main.path, main.version).trim()));
        }
        for (key, value) in
            build.settings.iter().filter(|(key, _)| key.starts_with('-') || key == "DefaultGODEBUG")
        {
            row("built with", (format!("{key}={value}"), build.from.to_owned()));
        }
        if !build.deps.is_empty() {
            row("modules", plain(&format!("{} (all of them with --format json)", build.deps.len())));
        }
    }
    match &facts.vcs {
        Some(vcs) => {
            let dirty = if vcs.modified { ", modified" } else { "" };
            let time = vcs.time.as_deref().map(|t| format!(" of {t}")).unwrap_or_default();
            row(
                "revision",
                (format!("{} {}{time}{dirty}", vcs.system, vcs.revision), "build info".to_owned()),
            );
        }
        None => row("revision", plain("not recorded")),
    }
    for contradiction in &facts.contradictions {
        row("CONTRADICTION", plain(contradiction));
    }
    for damage in &facts.damage {
        row("DAMAGE", plain(damage));
    }
    rows
}

fn listed(names: &[String], most: usize) -> String {
    let shown = names.iter().take(most).cloned().collect::<Vec<_>>().join(" ");
    match names.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
