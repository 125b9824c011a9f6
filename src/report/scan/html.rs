//! One page that needs nothing else: the timeline is drawn in it, and a small script
//! sorts the table. Without scripts it reads the same.

use std::io::{self, Write};

use super::super::Style;
use super::super::escape::html as text;
use super::{phrases, show, shown, trend};
use crate::batch::{Findings, Group, Timeline, width_of};

const CSS: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

pub(super) fn write(findings: &Findings, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let (groups, rest) = shown(findings, style);
    let (crashes, _) = findings.totals();
    let folder = if findings.folder.is_empty() { "several folders" } else { &findings.folder };
    let title = format!("{} in {}", phrases::counted(crashes, "crash", "crashes"), folder);
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         script-src 'unsafe-inline'\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{}</title>\n<style>\n{CSS}</style>\n</head>\n<body>\n<h1>{}</h1>",
        text(&title),
        text(&title)
    )?;
    head(findings, out)?;
    if !groups.is_empty() {
        table(findings, &groups, out)?;
    }
    if rest > 0 {
        writeln!(out, "<p>{}</p>", phrases::counted(rest as u64, "more group", "more groups"))?;
    }
    gone(findings, out)?;
    failures(findings, out)?;
    for (number, group) in &groups {
        details(*number, group, out)?;
    }
    writeln!(out, "<script>\n{SCRIPT}</script>\n</body>\n</html>")
}

fn head(findings: &Findings, out: &mut dyn Write) -> io::Result<()> {
    let counts = findings.counts;
    let first = findings.groups.iter().filter_map(Group::first).min();
    let last = findings.groups.iter().filter_map(Group::last).max();
    if let (Some(first), Some(last)) = (first, last) {
        writeln!(out, "<p>{} to {} UTC</p>", phrases::when(first), phrases::when(last))?;
    }
    writeln!(out, "<p class=\"note\">{}</p>", phrases::inputs(&counts))?;
    for note in phrases::notes(findings) {
        writeln!(out, "<p class=\"note\">{note}</p>")?;
    }
    if findings.undated > 0 {
        writeln!(out, "<p class=\"note\">{}</p>", text(&super::text::left_out(findings.undated)))?;
    }
    let Some(line) = findings.timeline else { return Ok(()) };
    let all = line.counts(findings.groups.iter().flat_map(Group::times));
    drawing(line, &all, 1040, 80, out)?;
    let rest = phrases::without_time(findings).map_or(String::new(), |rest| format!("; {rest}"));
    writeln!(
        out,
        "<p class=\"note\">from {} UTC, {} a bar{rest}</p>",
        phrases::when(line.start),
        width_of(line.width)
    )
}

/// Bars, one a bucket.
fn drawing(line: Timeline, counts: &[u64], width: u64, height: u64, out: &mut dyn Write) -> io::Result<()> {
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let step = width / (counts.len() as u64).max(1);
    let total: u64 = counts.iter().copied().fold(0, u64::saturating_add);
    writeln!(
        out,
        "<svg role=\"img\" aria-label=\"{total} over time\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\">"
    )?;
    for (index, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let bar = count.saturating_mul(height) / most;
        let bar = bar.max(2);
        let left = step.saturating_mul(index as u64);
        let at = line.start.saturating_add(line.width.saturating_mul(i64::try_from(index).unwrap_or(0)));
        writeln!(
            out,
            "<rect x=\"{left}\" y=\"{}\" width=\"{}\" height=\"{bar}\"><title>{} UTC: {count}</title></rect>",
            height.saturating_sub(bar),
            step.saturating_sub(1).max(1),
            phrases::when(at)
        )?;
    }
    writeln!(out, "</svg>")
}

fn table(findings: &Findings, groups: &[(usize, &Group)], out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<table>\n<thead><tr><th class=\"n\" data-sort>#</th><th class=\"n\" data-sort>count</th>\
         <th data-sort>first seen (UTC)</th><th data-sort>last seen (UTC)</th><th data-sort>where</th>\
         <th data-sort>program</th><th data-sort>what</th><th>when</th></tr></thead>\n<tbody>"
    )?;
    for (number, group) in groups {
        writeln!(
            out,
            "<tr><td class=\"n\"><a href=\"#g{number}\">{number}</a></td><td class=\"n\">{}</td>",
            group.count
        )?;
        for at in [group.first(), group.last()] {
            let key = at.unwrap_or(0);
            writeln!(out, "<td class=\"t\" data-key=\"{key}\">{}</td>", phrases::when_known(at))?;
        }
        writeln!(out, "<td>{}</td><td>{}</td>", text(&phrases::places(group)), text(&group.program))?;
        writeln!(out, "<td>{}", text(&phrases::what(group)))?;
        for fault in phrases::faults(group) {
            writeln!(out, "<br><span class=\"fault\">{}</span>", text(&fault))?;
        }
        for found in phrases::loops(group) {
            writeln!(out, "<br>restart loop: {}", text(&found))?;
        }
        if let Some(trend) = trend(findings, group) {
            writeln!(out, "<br>{}", text(&phrases::trend(findings, trend).1))?;
        }
        writeln!(out, "</td><td>")?;
        if let Some(line) = findings.timeline.filter(|_| group.first().is_some()) {
            drawing(line, &line.counts(group.times()), 160, 24, out)?;
        }
        writeln!(out, "</td></tr>")?;
    }
    writeln!(out, "</tbody>\n</table>")
}

fn gone(findings: &Findings, out: &mut dyn Write) -> io::Result<()> {
    let gone = findings.gone().unwrap_or_default();
    if gone.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2>Gone</h2>\n<ul>")?;
    for then in gone {
        let message = phrases::short(then.message.lines().next().unwrap_or_default());
        writeln!(out, "<li>{}: {} ({} before)</li>", text(&then.program), text(&message), then.count)?;
    }
    writeln!(out, "</ul>")
}

fn failures(findings: &Findings, out: &mut dyn Write) -> io::Result<()> {
    if findings.failures.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2>Not read in full</h2>\n<ul>")?;
    for failure in &findings.failures {
        writeln!(out, "<li><code>{}</code>: {}</li>", text(&failure.name), text(&failure.reason))?;
    }
    if let Some(more) = phrases::more_failures(findings) {
        writeln!(out, "<li>{}</li>", text(&more))?;
    }
    writeln!(out, "</ul>")
}

fn details(number: usize, group: &Group, out: &mut dyn Write) -> io::Result<()> {
    let mut example = Vec::new();
    show::example(group, 100, &mut example)?;
    writeln!(
        out,
        "<details id=\"g{number}\"><summary>#{number} {}</summary>\n<pre>{}</pre></details>",
        text(&phrases::what(group)),
        String::from_utf8_lossy(&example).lines().map(|line| text(line) + "\n").collect::<String>()
    )
}
