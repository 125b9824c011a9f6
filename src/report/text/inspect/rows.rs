//! All facts of an executable, one a row, under names that no two rows share:
//! the full list prints them, the table compares them.

use super::words::{cgo, linked_as, system};
use crate::binary::{Binary, Fact, Facts, Format, Strength};

pub(super) struct Row {
    pub(super) name: String,
    pub(super) value: String,
    /// Where it was read, and how far that can be trusted where it is not certain.
    pub(super) from: String,
}

pub(super) fn rows(binary: &Binary) -> Vec<Row> {
    let facts = binary.facts();
    let mut rows = Rows(Vec::new());
    identity(binary, facts, &mut rows);
    environment(facts, &mut rows);
    c_code(facts, &mut rows);
    tables(binary, facts, &mut rows);
    build(facts, &mut rows);
    rows.0
}

struct Rows(Vec<Row>);

impl Rows {
    fn plain(&mut self, name: &str, value: impl Into<String>, from: impl Into<String>) {
        self.0.push(Row { name: name.to_owned(), value: value.into(), from: from.into() });
    }

    fn fact<T>(&mut self, name: &str, fact: Option<&Fact<T>>, value: impl Fn(&T) -> String) {
        match fact {
            Some(fact) => {
                let doubt = match fact.strength {
                    Strength::Certain => String::new(),
                    strength => format!("; {}", strength.name()),
                };
                self.plain(name, value(&fact.value), format!("{}{doubt}", fact.from));
            }
            None => self.plain(name, "unknown", ""),
        }
    }

    fn known<T>(&mut self, name: &str, fact: Option<&Fact<T>>, value: impl Fn(&T) -> String) {
        if fact.is_some() {
            self.fact(name, fact, value);
        }
    }
}

fn yes(value: &bool) -> String {
    if *value { "yes" } else { "no" }.to_owned()
}

fn identity(binary: &Binary, facts: &Facts, rows: &mut Rows) {
    for (index, damage) in facts.damage.iter().enumerate() {
        rows.plain(&numbered("DAMAGE", index), damage, "");
    }
    for (index, contradiction) in facts.contradictions.iter().enumerate() {
        rows.plain(&numbered("CONFLICT", index), contradiction, "");
    }
    rows.plain("format", facts.format.map_or("unknown", |format| format.name()), &binary.image.machine);
    if !binary.unpacked.is_empty() {
        rows.plain("compressed", binary.unpacked.join(", "), "");
    }
    rows.known("made by", facts.producer.as_ref(), |producer| {
        producer.limits().unwrap_or(producer.name()).to_owned()
    });
    rows.fact("Go version", facts.go_version.as_ref(), String::clone);
    rows.fact("GOOS", facts.goos.as_ref(), ToString::to_string);
    rows.fact("GOARCH", facts.goarch.as_ref(), ToString::to_string);
    if let Some(variable) = facts.level.variable {
        rows.fact(variable, facts.level.in_force.as_ref(), String::clone);
        if let Some(recorded) = &facts.level.recorded {
            rows.plain(
                &format!("{variable} recorded"),
                format!("{recorded}, which does not exist"),
                "build info",
            );
        }
    }
    rows.known("floating point", facts.level.float.as_ref(), |mode| (*mode).to_owned());
    let build = facts.build.as_ref();
    if let Some(path) = build.and_then(|build| build.path.as_ref()) {
        rows.plain("main package", path, build.map_or("", |build| build.from));
    }
    if let Some(main) = build.and_then(|build| build.main.as_ref()) {
        rows.plain(
            "module",
            format!("{} {}", main.path, main.version).trim(),
            build.map_or("", |build| build.from),
        );
    }
    match &facts.vcs {
        Some(vcs) => {
            let dirty = if vcs.modified { ", modified" } else { "" };
            let time = vcs.time.as_deref().map(|time| format!(" of {time}")).unwrap_or_default();
            let from = build.map_or("", |build| build.from);
            rows.plain("revision", format!("{} {}{time}{dirty}", vcs.system, vcs.revision), from);
        }
        None => rows.plain("revision", "not recorded", ""),
    }
}

fn numbered(name: &str, index: usize) -> String {
    if index == 0 { name.to_owned() } else { format!("{name} {}", index.saturating_add(1)) }
}

fn environment(facts: &Facts, rows: &mut Rows) {
    rows.known("system by header", facts.needs.by_header.as_ref(), |version| system(version));
    rows.known("system by Go", facts.needs.by_go.as_ref(), |version| system(version));
    rows.known("processor", facts.needs.cpu.as_ref(), String::clone);
    rows.known("processor for C", facts.level.c.architecture.as_ref(), String::clone);
    rows.known("ABI of C", facts.level.c.abi.as_ref(), |abi| (*abi).to_owned());
    if let Some(kind) = linked_as(facts) {
        rows.plain("linked as", kind, "ELF header, program headers");
    }
    if let Some(elf) = &facts.elf {
        rows.plain("interpreter", elf.interpreter.as_deref().unwrap_or("none"), "PT_INTERP");
        if let Some(path) = &elf.runpath {
            rows.plain("library path", path, "DT_RUNPATH or DT_RPATH");
        }
        if let Some(name) = &elf.soname {
            rows.plain("library name", name, "DT_SONAME");
        }
    }
    let from = match facts.format {
        Some(Format::Elf) => "DT_NEEDED",
        Some(Format::MachO) => "imported symbols",
        Some(Format::Pe) => "import table",
        _ => "",
    };
    let needed = match (facts.libraries.is_empty(), facts.format) {
        (false, _) => facts.libraries.join(" "),
        (true, Some(Format::Xcoff)) => "unknown".to_owned(),
        (true, _) => "nothing".to_owned(),
    };
    rows.plain("needs", needed, from);
    rows.fact("C library", facts.libc.as_ref(), |libc| {
        if facts.is_static && *libc != "none" { format!("{libc}, static") } else { (*libc).to_owned() }
    });
    if let Some(floor) = &facts.glibc {
        rows.plain("glibc at least", &floor.version, ".gnu.version_r");
        if !floor.symbols.is_empty() {
            rows.plain("glibc because of", floor.symbols.join(" "), ".gnu.version, .dynsym");
        }
    }
}

fn c_code(facts: &Facts, rows: &mut Rows) {
    rows.fact("CGO_ENABLED", facts.cgo_enabled.as_ref(), |on| u8::from(*on).to_string());
    rows.fact("runtime/cgo", facts.cgo.linked.as_ref(), |linked| {
        if *linked { "linked in" } else { "not linked in" }.to_owned()
    });
    rows.fact("C code", facts.cgo.usage.as_ref(), |_| cgo(facts));
    let stubs = "names of the stubs in the pclntab";
    if !facts.cgo.packages.is_empty() {
        rows.plain("cgo packages", facts.cgo.packages.join(" "), stubs);
    }
    if !facts.cgo.functions.is_empty() {
        rows.plain("C functions", facts.cgo.functions.join(" "), stubs);
    }
    if !facts.cgo.exports.is_empty() {
        rows.plain("C exports", facts.cgo.exports.join(" "), "_cgoexp_ names in the pclntab");
    }
}

fn tables(binary: &Binary, facts: &Facts, rows: &mut Rows) {
    if let Some(symbols) = &facts.symbols {
        rows.fact("symbol table", Some(&symbols.table), yes);
        rows.fact("DWARF", Some(&symbols.dwarf), yes);
    }
    rows.plain("pclntab", facts.pclntab.as_deref().unwrap_or("none"), "");
    rows.known("-trimpath", facts.trimpath.as_ref(), yes);
    rows.known("GOROOT", facts.goroot.as_ref(), String::clone);
    if let Some(elf) = &binary.image.elf {
        rows.plain("Go build ID", elf.go_build_id.as_deref().unwrap_or("none"), ".note.go.buildid");
        if let Some(id) = &elf.gnu_build_id {
            rows.plain("GNU build ID", id, ".note.gnu.build-id");
        }
    }
}

fn build(facts: &Facts, rows: &mut Rows) {
    let options = &facts.options;
    rows.known("build mode", options.build_mode.as_ref(), String::clone);
    rows.known("sanitizer", options.sanitizer.as_ref(), |kind| (*kind).to_owned());
    rows.known("coverage", options.coverage.as_ref(), yes);
    rows.known("PGO profile", options.pgo.as_ref(), String::clone);
    rows.known("FIPS 140", options.fips.as_ref(), String::clone);
    rows.known("GOEXPERIMENT", options.experiments.as_ref(), String::clone);
    rows.known("GODEBUG defaults", options.godebug.as_ref(), String::clone);
    rows.known("-tags", options.tags.as_ref(), String::clone);
    match (&options.ldflags, facts.trimpath.as_ref().is_some_and(|fact| fact.value)) {
        (Some(_), _) => rows.known("-ldflags", options.ldflags.as_ref(), String::clone),
        (None, true) if options.recorded => {
            rows.plain("-ldflags", "unknown", "-trimpath keeps them out of build info");
        }
        (None, _) if options.recorded => rows.plain("-ldflags", "none", "build info"),
        (None, _) => rows.plain("-ldflags", "unknown", ""),
    }
    rows.known("-gcflags", options.gcflags.as_ref(), String::clone);
}
