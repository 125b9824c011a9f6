//! One screen about one executable: what it is, where it runs and what it needs
//! there, its C code, what is missing, what cgo decides in it.

use std::io;

use super::super::wrap;
use super::words::{calls, cgo, glibc, linked_as, listed, missing, system, target};
use super::{Sheet, printable};
use crate::binary::{Binary, Effect, Fact, Facts, Format, Strength, effects};
use crate::target::Goos;

/// Lines of a screen that leaves room for the prompt.
const SCREEN: usize = 24;
/// Width of the labels, their indent included.
const COLUMN: usize = 13;

impl Sheet<'_> {
    pub(super) fn summary(&mut self, binary: &Binary) -> io::Result<()> {
        let facts = binary.facts();
        let heading = self.paint.bold(&printable(&binary.origin.to_string()));
        self.line(&heading)?;
        let rows = rows(binary, facts);
        let room = self.style.width.saturating_sub(COLUMN).max(30);
        let lines: Vec<(&str, Vec<String>)> = rows
            .iter()
            .map(|row| {
                let mut lines = wrap(&printable(&row.text), room);
                if lines.len() > row.most {
                    lines.truncate(row.most);
                    if let Some(last) = lines.last_mut() {
                        last.push_str(" ...");
                    }
                }
                (row.label, lines)
            })
            .collect();
        let mut left = SCREEN.saturating_sub(2);
        for (label, lines) in lines {
            for (index, line) in lines.iter().enumerate() {
                if left == 0 {
                    break;
                }
                left = left.saturating_sub(1);
                let label = if index == 0 { label } else { "" };
                let width = COLUMN.saturating_sub(2);
                let label = match label {
                    "CONFLICT" | "DAMAGE" => self.paint.bad(&format!("  {label:<width$}")),
                    _ => self.paint.dim(&format!("  {label:<width$}")),
                };
                self.line(&format!("{label}{line}"))?;
            }
        }
        self.entry("more", "--all: every fact with its source; --format json", COLUMN)
    }
}

struct Row {
    label: &'static str,
    text: String,
    /// Most lines of it.
    most: usize,
}

fn rows(binary: &Binary, facts: &Facts) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut row = |label, most, text: String| rows.push(Row { label, text, most });
    for damage in facts.damage.iter().take(4) {
        row("DAMAGE", 2, damage.clone());
    }
    for contradiction in facts.contradictions.iter().take(2) {
        row("CONFLICT", 2, contradiction.clone());
    }
    row("program", 2, program(facts));
    if let Some(vcs) = &facts.vcs {
        let time = vcs.time.as_deref().map(|time| format!(" of {time}")).unwrap_or_default();
        let dirty = if vcs.modified { ", with uncommitted changes" } else { "" };
        row("revision", 2, format!("{} {}{time}{dirty}", vcs.system, vcs.revision));
    }
    row("built", 2, built(facts));
    let options = options(facts);
    if !options.is_empty() {
        row("with", 2, options);
    }
    row("runs on", 2, runs_on(facts));
    row("needs", 2, needs(facts));
    if let Some(text) = glibc(facts, 6) {
        row("", 2, text);
    }
    row("C code", 2, cgo(facts));
    if let Some(text) = calls(binary, 6) {
        row("C calls", 2, text);
    }
    if !facts.cgo.exports.is_empty() {
        row("C exports", 1, listed(&facts.cgo.exports, 6));
    }
    let missing = if facts.is_go { missing(facts) } else { Vec::new() };
    if facts.is_go {
        let names = match binary.pclntab() {
            Ok(table) => format!("pclntab ({} functions)", table.layout().functions),
            Err("no pclntab") => "no pclntab was found".to_owned(),
            Err(reason) => reason.to_owned(),
        };
        let tables = [(!facts.stripped, "symbol table"), (facts.dwarf, "DWARF")];
        let tables = tables.iter().filter(|(there, _)| *there).map(|(_, name)| format!(", {name}"));
        row("names from", 2, format!("{names}{}", tables.collect::<String>()));
    }
    if !missing.is_empty() {
        row("missing", 3, missing.join("; "));
    }
    if facts.cgo.linked.is_some() {
        cgo_rows(binary, facts, &mut row);
    }
    rows
}

/// What it is: main package, module and version.
fn program(facts: &Facts) -> String {
    if let Some(limits) = facts.producer.as_ref().and_then(|fact| fact.value.limits()) {
        return limits.to_owned();
    }
    if !facts.is_go {
        return "not a Go program, as far as can be seen: no build info, no pclntab".to_owned();
    }
    let Some(build) = &facts.build else { return "a Go program; its build info is missing".to_owned() };
    let main = build.main.as_ref();
    let package = build.path.as_deref().unwrap_or("");
    let name = match main {
        Some(module) if module.path == package || package.is_empty() => module.path.clone(),
        Some(module) => format!("{package}, of module {}", module.path),
        None if package.is_empty() => {
            "a Go program; its build info has no modules (GOPATH mode, Bazel or `go tool link`)".to_owned()
        }
        None => package.to_owned(),
    };
    match main.map(|module| module.version.as_str()).unwrap_or("") {
        "" => name,
        "(devel)" => format!("{name} (no version recorded)"),
        version => format!("{name} {version}"),
    }
}

fn built(facts: &Facts) -> String {
    if !facts.is_go {
        let kind = linked_as(facts).map(|kind| format!("; {kind}")).unwrap_or_default();
        return format!("for {}{kind}", target(facts));
    }
    let version = facts
        .go_version
        .as_ref()
        .map_or("an unknown Go version".to_owned(), |fact| doubt(fact.value.clone(), fact));
    let mut out = format!("{version} for {}", target(facts));
    if let Some((variable, level)) = facts.level.variable.zip(facts.level.in_force.as_ref()) {
        out.push_str(&format!(", {}", doubt(format!("{variable}={}", level.value), level)));
    }
    if let Some(recorded) = &facts.level.recorded {
        out.push_str(&format!(", recorded is {recorded}, which does not exist"));
    }
    if let Some(kind) = linked_as(facts) {
        out.push_str(&format!("; {kind}"));
    }
    out
}

fn options(facts: &Facts) -> String {
    let options = &facts.options;
    let mut out = Vec::new();
    if let Some(kind) = &options.sanitizer {
        out.push(format!("-{}", kind.value));
    }
    if options.coverage.as_ref().is_some_and(|fact| fact.value) {
        out.push("-cover".to_owned());
    }
    let mode = options.build_mode.as_ref().filter(|mode| !matches!(mode.value.as_str(), "exe" | "pie"));
    out.extend(mode.map(|mode| format!("-buildmode={}", mode.value)));
    out.extend(options.tags.as_ref().map(|tags| format!("-tags={}", tags.value)));
    out.extend(options.ldflags.as_ref().map(|flags| format!("-ldflags=\"{}\"", flags.value)));
    out.extend(options.gcflags.as_ref().map(|flags| format!("-gcflags=\"{}\"", flags.value)));
    if facts.trimpath.as_ref().is_some_and(|fact| fact.value) {
        out.push("-trimpath".to_owned());
    }
    out.extend(options.pgo.as_ref().map(|profile| format!("-pgo={}", profile.value)));
    out.extend(options.fips.as_ref().map(|module| format!("FIPS 140: {}", module.value)));
    out.extend(options.experiments.as_ref().map(|names| format!("GOEXPERIMENT={}", names.value)));
    if let Some(godebug) = &options.godebug {
        let count = godebug.value.split(',').count();
        let text = if count > 3 { format!("{count} settings") } else { godebug.value.clone() };
        out.push(format!("GODEBUG defaults: {text}"));
    }
    out.join(", ")
}

fn runs_on(facts: &Facts) -> String {
    let system = match facts.needs.system() {
        Some(fact) => format!("{} or later", system(&fact.value)),
        None => match facts.goos.as_ref().map(|fact| fact.value) {
            Some(Goos::Js) => "a JavaScript host, by wasm_exec.js of the same Go version".to_owned(),
            Some(Goos::Wasip1) => "a host of WASI preview 1".to_owned(),
            Some(os) => os.to_string(),
            None => "not known".to_owned(),
        },
    };
    let mut out = system;
    if let Some(cpu) = &facts.needs.cpu {
        out.push_str(&format!("; processor: {}", cpu.value));
    }
    if let Some(arch) = &facts.level.c.architecture
        && facts.goarch.as_ref().is_some_and(|fact| fact.value.name() == "arm")
    {
        let abi = facts.level.c.abi.as_ref().map_or("", |abi| abi.value);
        out.push_str(&format!("; its C code: ARM{}, {abi} ABI", arch.value));
    }
    out
}

fn needs(facts: &Facts) -> String {
    let Some(elf) = &facts.elf else {
        return match (facts.format, facts.libraries.is_empty()) {
            (_, false) => format!("libraries {}", listed(&facts.libraries, 8)),
            (Some(Format::Xcoff), _) => "not known: libraries of XCOFF are not read".to_owned(),
            _ => "no library".to_owned(),
        };
    };
    let mut out = Vec::new();
    if let Some(interpreter) = &elf.interpreter {
        out.push(format!("loader {interpreter}"));
    }
    if !elf.needed.is_empty() {
        out.push(format!("libraries {}", listed(&elf.needed, 8)));
    }
    let guess = |fact: &Fact<_>| if fact.strength == Strength::Hint { "probably " } else { "" };
    match facts.libc.as_ref() {
        None => {}
        Some(Fact { value: "none", .. }) if out.is_empty() => {
            out.push("nothing: no loader, no library".to_owned());
        }
        Some(Fact { value: "none", .. }) => out.push("no library".to_owned()),
        Some(libc) if elf.needed.is_empty() => {
            out.push(format!("nothing: {}{} is linked in statically", guess(libc), libc.value));
        }
        Some(Fact { value: "glibc", .. }) if facts.glibc.is_some() => {}
        Some(libc) => out.push(libc.value.to_owned()),
    }
    if out.is_empty() { "not known".to_owned() } else { out.join("; ") }
}

fn cgo_rows(binary: &Binary, facts: &Facts, row: &mut impl FnMut(&'static str, usize, String)) {
    let linked = facts.cgo.linked.as_ref().is_some_and(|fact| fact.value);
    let label = if linked { "cgo on" } else { "cgo off" };
    let rows = match effects(binary) {
        Ok(rows) => rows,
        Err(reason) => return row(label, 2, format!("what it changes here is not known: {reason}")),
    };
    let (changed, same): (Vec<&Effect>, Vec<&Effect>) = rows.iter().partition(|effect| effect.changes);
    if changed.is_empty() {
        let decided = ["dns", "users", "plugins"];
        let there = same.iter().any(|effect| decided.contains(&effect.id));
        let why = if there { "" } else { ": no DNS look-up, no os/user, no plugin is linked in" };
        row(label, 2, format!("changes nothing here{why}"));
    }
    for (index, effect) in changed.iter().enumerate() {
        let label = if index == 0 { label } else { "" };
        row(label, 2, format!("{}: {}", topic(effect), effect.brief));
    }
    if !same.is_empty() {
        let topics: Vec<String> = same.iter().map(|effect| topic(effect)).collect();
        row("same", 1, format!("with cgo or without: {}", topics.join(", ")));
    }
}

fn topic(effect: &Effect) -> String {
    match effect.id {
        "dns" => "DNS".to_owned(),
        "package-needs-cgo" => effect.package.clone(),
        id => id.replace('-', " "),
    }
}

/// A fact that is not certain is told with the place where it was read.
fn doubt<T>(text: String, fact: &Fact<T>) -> String {
    let place = fact.from.split([':', ',', ';', '(']).next().unwrap_or("").trim_end();
    if fact.strength == Strength::Certain { text } else { format!("{text} (by {place})") }
}
