//! Executables as text.

use std::io::{self, Write};

use super::super::Style;
use super::super::escape::printable;
use super::{Painter, wrap};
use crate::binary::{Binary, Fact, Facts};

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
        let kind = match (elf.e_type, facts.is_static, facts.pie) {
            (1, ..) => "object file, not linked",
            (4, ..) => "core file, not an executable",
            (_, true, true) => "static position-independent executable",
            (_, true, _) => "static executable",
            (_, _, true) => "position-independent executable (PIE)",
            (3, ..) => "shared object",
            _ => "dynamic executable",
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
                (
                    format!("{} {}{time}{dirty}", vcs.system, vcs.revision),
                    build.map_or("", |b| b.from).to_owned(),
                ),
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
