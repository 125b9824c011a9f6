//! The ports of Go as a table of a line each, or one of them whole.

use std::io;

use super::fill;
use crate::diagnose::{faults_on, rule};
use crate::target::floors::lowest_system;
use crate::target::levels::{levels, options, processor};
use crate::target::ports::{GO, LATEST, Pie, Port, REMOVED};
use crate::target::seen::{seen, toolchain};

const HEADS: [&str; 6] = ["port", "class", "level", "lowest system", "-race", "risk: cgo off, on"];
const WIDTHS: [usize; 6] = [16, 7, 19, 14, 6, 0];

/// Ports as text: one is told whole, several in a line each.
///
/// # Errors
/// Those of the writer.
pub fn matrix_text(ports: &[&Port], width: usize, out: &mut dyn io::Write) -> io::Result<()> {
    if let [port] = ports {
        writeln!(out, "{}", headline(port))?;
        for (label, lines) in described(port) {
            for (at, line) in lines.iter().enumerate() {
                let label = if at == 0 { label } else { "" };
                let text = fill(line, "             ", width);
                writeln!(out, "  {label:<11}{}", text.trim_start())?;
            }
        }
        return Ok(());
    }
    let heads = HEADS.map(str::to_owned);
    for row in std::iter::once(heads).chain(ports.iter().map(|port| row(port))) {
        let cells: Vec<String> =
            row.iter().zip(WIDTHS).map(|(cell, width)| format!("{cell:<width$}")).collect();
        writeln!(out, "{}", cells.join("").trim_end())?;
    }
    writeln!(out, "\n{}", fill(&removed(), "", width))
}

/// Ports as markdown: a table, or a table of one.
///
/// # Errors
/// Those of the writer.
pub fn matrix_markdown(ports: &[&Port], out: &mut dyn io::Write) -> io::Result<()> {
    if let [port] = ports {
        writeln!(out, "## {}\n\n| | |\n| --- | --- |", headline(port))?;
        for (label, lines) in described(port) {
            writeln!(out, "| {label} | {} |", lines.join("<br>"))?;
        }
        return Ok(());
    }
    writeln!(out, "| {} |\n|{}", HEADS.join(" | "), " --- |".repeat(HEADS.len()))?;
    for port in ports {
        writeln!(out, "| {} |", row(port).join(" | "))?;
    }
    writeln!(out, "\n{}", removed())
}

fn removed() -> String {
    let gone: Vec<String> = REMOVED.iter().map(|(port, since)| format!("{port} (gone in {since})")).collect();
    format!("Ports of Go {GO}. No longer ports: {}.", gone.join(", "))
}

fn headline(port: &Port) -> String {
    let class = if port.first_class { "first-class port" } else { "port" };
    format!("{}: {class} of Go {GO}", port.name())
}

fn row(port: &Port) -> [String; 6] {
    let default = levels(port.arch).into_iter().find(|level| level.default);
    let level = port.arch.level_variable().zip(default);
    let with_cgo = port.risk_with_cgo().map_or("no cgo", |(risk, _)| risk.name());
    let without = if port.without_cgo { port.risk().0.name() } else { "no build" };
    [
        port.name(),
        if port.first_class { "first" } else { "-" }.to_owned(),
        level.map_or("-".to_owned(), |(variable, level)| format!("{variable}={}", level.value)),
        lowest_system(port.os, Some(port.arch), LATEST).map_or("-", |floor| floor.system).to_owned(),
        yes(port.race).to_owned(),
        format!("{without}, {with_cgo}"),
    ]
}

fn yes(yes: bool) -> &'static str {
    if yes { "yes" } else { "-" }
}

fn described(port: &Port) -> Vec<(&'static str, Vec<String>)> {
    let system = match lowest_system(port.os, Some(port.arch), LATEST) {
        Some(floor) => format!("{} or later [{}]", floor.system, floor.source),
        None => port.system().to_owned(),
    };
    let off = if port.without_cgo { "CGO_ENABLED=0 builds" } else { "CGO_ENABLED=0 does not build" };
    let mut rows = vec![
        ("levels", level_lines(port)),
        ("runs on", vec![system]),
        ("cgo off", vec![format!("{off}: {}", port.output())]),
        ("cgo on", compiler_lines(port)),
        ("modes", vec![modes(port)]),
    ];
    let (risk, reason) = port.risk();
    rows.push(("risk", vec![format!("{}: {reason}", risk.name())]));
    if let Some((risk, reason)) = port.risk_with_cgo() {
        rows.push(("with cgo", vec![format!("{}: {reason}", risk.name())]));
    }
    rows.push(("seen", seen_lines(port)));
    let faults = faults_on(port);
    let titled = faults.iter().filter_map(|id| rule(id)).map(|rule| format!("{}: {}", rule.id, rule.title));
    rows.push(("faults", titled.collect()));
    rows.retain(|(_, lines)| !lines.is_empty());
    rows
}

/// What was seen of its builds, so that the table can be told from hearsay.
fn seen_lines(port: &Port) -> Vec<String> {
    let lines = seen(port).into_iter().map(|seen| {
        let c = seen.compiler.map(|cc| format!("CGO_ENABLED=1 CC={cc}"));
        let build: Vec<String> = seen.level.map(str::to_owned).into_iter().chain(c).collect();
        let build = if build.is_empty() { "CGO_ENABLED=0".to_owned() } else { build.join(" ") };
        let runners =
            if seen.runners.is_empty() { String::new() } else { format!(" ({})", seen.runners.join("; ")) };
        format!("{build}: {}{runners}", seen.what)
    });
    let mut lines: Vec<String> = lines.collect();
    if !lines.is_empty() {
        lines.push(format!("[{}, tests/ports/run]", toolchain()));
    }
    lines
}

/// Values that need the same processor share a line.
fn level_lines(port: &Port) -> Vec<String> {
    let levels = levels(port.arch);
    let Some(variable) = port.arch.level_variable() else {
        return processor(port.arch, "", false, Some(LATEST))
            .map(|needs| format!("none; {needs}"))
            .into_iter()
            .collect();
    };
    let mut lines: Vec<String> = levels
        .chunk_by(|a, b| a.needs == b.needs)
        .filter_map(|group| {
            let (first, last) = (group.first()?, group.last()?);
            let default = if first.default { " (default)" } else { "" };
            let to = if group.len() > 1 { format!(" to {}", last.value) } else { String::new() };
            Some(format!("{variable}={}{to}{default}: {}", first.value, first.needs))
        })
        .collect();
    if levels.is_empty() {
        lines.push(format!("{variable} changes nothing any more"));
    }
    if let Some(options) = options(port.arch) {
        lines.push(format!("{options} may follow"));
    }
    lines
}

fn compiler_lines(port: &Port) -> Vec<String> {
    let compilers = port.compilers();
    if compilers.is_empty() {
        return vec!["there is no cgo".to_owned()];
    }
    let lines = compilers.iter().map(|cc| format!("CC=\"{}\"  ({})", cc.command, cc.from));
    let cross = "cross-compiling it takes CGO_ENABLED=1 too, since the default is 0 then";
    lines.chain([cross.to_owned()]).collect()
}

fn modes(port: &Port) -> String {
    let pie = match port.pie {
        Pie::Default => "PIE is what go build makes",
        Pie::Asked => "PIE with -buildmode=pie",
        Pie::No => "no PIE",
    };
    format!("{pie}; {}", if port.race { "-race works (with cgo)" } else { "no -race" })
}
