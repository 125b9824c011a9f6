//! Facts in words, as the summary, the full list and the table need them.

use crate::binary::{Binary, CgoUse, Facts};

/// At most `most` names, then how many more there are.
pub(super) fn listed(names: &[String], most: usize) -> String {
    let shown = names.iter().take(most).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

pub(super) fn target(facts: &Facts) -> String {
    let os = facts.goos.as_ref().map_or("unknown", |fact| fact.value.name());
    let arch = facts.goarch.as_ref().map_or("unknown", |fact| fact.value.name());
    format!("{os}/{arch}")
}

/// What the file is to the kernel.
pub(super) fn linked_as(facts: &Facts) -> Option<&'static str> {
    let elf = facts.elf.as_ref()?;
    Some(match (elf.e_type, facts.is_static, facts.pie) {
        (1, ..) => "object file, not linked",
        (4, ..) => "core file, not an executable",
        (_, true, true) => "static position-independent executable",
        (_, true, _) => "static executable",
        (_, _, true) => "position-independent executable (PIE)",
        (3, ..) => "shared object",
        _ => "dynamic executable",
    })
}

/// What there is of cgo, in a sentence.
pub(super) fn cgo(facts: &Facts) -> String {
    let Some(usage) = &facts.cgo.usage else { return "not known: no pclntab".to_owned() };
    match &usage.value {
        CgoUse::Off => "none: built with CGO_ENABLED=0".to_owned(),
        CgoUse::Unused => "none: cgo was on, but nothing that is linked in uses it".to_owned(),
        CgoUse::None => "none (whether cgo was on is not recorded)".to_owned(),
        CgoUse::Std => format!("of Go's own library only: {}", listed(&facts.cgo.packages, 6)),
        CgoUse::ExternalLink => "runtime/cgo alone: linked by the C linker (-linkmode=external)".to_owned(),
        CgoUse::Sanitizer(kind) => format!("runtime/cgo and the runtime of -{kind} alone"),
        CgoUse::Own => match facts.cgo.packages.as_slice() {
            [] => "called by Go, and calls exported Go functions".to_owned(),
            packages => format!("called by {}", listed(packages, 6)),
        },
        CgoUse::RuntimeOnly => "runtime/cgo alone: nothing that is linked in calls C".to_owned(),
        CgoUse::NeverCalled(what) => format!("linked in, but never called: {}", listed(what, 8)),
        CgoUse::Uncalled => "linked in, but no Go code that calls it is left".to_owned(),
    }
}

/// C functions that Go calls, by package: `main: sqrt, twice`.
pub(super) fn calls(binary: &Binary, most: usize) -> Option<String> {
    let names = binary.names()?;
    let groups = names.calls.chunk_by(|a, b| a.0 == b.0).filter_map(|group| {
        let (package, _) = group.first()?;
        let functions: Vec<String> = group.iter().map(|(_, function)| function.clone()).collect();
        Some(format!("{package}: {}", listed(&functions, most)))
    });
    let text = groups.collect::<Vec<_>>().join("; ");
    (!text.is_empty()).then_some(text)
}

pub(super) fn glibc(facts: &Facts, most: usize) -> Option<String> {
    let floor = facts.glibc.as_ref()?;
    let by = match floor.symbols.as_slice() {
        [] => String::new(),
        symbols => format!(", for {}", listed(symbols, most)),
    };
    Some(format!("glibc {} or later{by}", floor.version))
}

/// `Windows 10.0` is a number of the kernel; people know another name.
pub(super) fn system(version: &str) -> String {
    let name = version.strip_prefix("Windows ").and_then(|number| {
        Some(match number {
            "5.1" => "Windows XP",
            "6.0" => "Windows Vista",
            "6.1" => "Windows 7, Server 2008 R2",
            "6.2" => "Windows 8, Server 2012",
            "6.3" => "Windows 8.1, Server 2012 R2",
            "10.0" => "Windows 10, Server 2016",
            _ => return None,
        })
    });
    name.unwrap_or(version).to_owned()
}

/// What is missing for a trace or a debugger, and what gives it back.
pub(super) fn missing(facts: &Facts) -> Vec<String> {
    let mut out = Vec::new();
    let ldflags = facts.options.ldflags.as_ref().map(|fact| fact.value.as_str());
    // -trimpath keeps -ldflags out of build info.
    let trimmed = facts.trimpath.as_ref().is_some_and(|fact| fact.value);
    let flag = |flag: &str| {
        let used = ldflags.is_some_and(|flags| flags.split([' ', '\'', '"', '=']).any(|word| word == flag));
        match (used, facts.options.recorded && !trimmed) {
            (true, _) => format!("leave -ldflags={flag} out"),
            (false, true) => "do not strip it".to_owned(),
            (false, false) => format!("no -ldflags={flag}, no strip"),
        }
    };
    let has_tables = facts.elf.is_some() || facts.symbols.is_some();
    if facts.stripped && has_tables {
        out.push(format!("symbol table ({})", flag("-s")));
    }
    if !facts.dwarf && has_tables {
        out.push(format!("DWARF ({})", flag("-w")));
    }
    if facts.build.is_none() {
        out.push("build info (build with modules, by the go command)".to_owned());
    } else if facts.options.recorded && facts.vcs.is_none() {
        out.push("revision (build in the repository, with -buildvcs=true)".to_owned());
    }
    if trimmed {
        out.push("full file names (no -trimpath)".to_owned());
    }
    out
}
