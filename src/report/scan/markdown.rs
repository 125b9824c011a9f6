//! Markdown, to be pasted into an incident.

use std::io::{self, Write};

use super::super::Style;
use super::super::escape::printable;
use super::{phrases, shown, trend};
use crate::batch::{Findings, Group};

pub(super) fn write(findings: &Findings, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let (groups, rest) = shown(findings, style);
    let counts = findings.counts;
    let (crashes, others) = findings.totals();
    writeln!(
        out,
        "# {} in {}\n",
        phrases::counted(crashes, "crash", "crashes"),
        plain(if findings.folder.is_empty() { "several folders" } else { &findings.folder })
    )?;
    let first = findings.groups.iter().filter_map(Group::first).min();
    let last = findings.groups.iter().filter_map(Group::last).max();
    if let (Some(first), Some(last)) = (first, last) {
        let rest = phrases::without_time(findings).map_or(String::new(), |rest| format!("; {rest}"));
        writeln!(out, "{} to {} UTC{rest}\n", phrases::when(first), phrases::when(last))?;
    }
    if !groups.is_empty() {
        writeln!(out, "| # | count | first seen (UTC) | last seen (UTC) | where | program | what |")?;
        writeln!(out, "| ---: | ---: | --- | --- | --- | --- | --- |")?;
    }
    for (number, group) in &groups {
        let mut notes: Vec<String> =
            phrases::faults(group).iter().map(|f| format!("**{}**", plain(f))).collect();
        notes.extend(phrases::loops(group).iter().map(|found| plain(&format!("restart loop: {found}"))));
        notes.extend(trend(findings, group).map(|trend| plain(&phrases::trend(findings, trend).1)));
        let notes = notes.iter().map(|note| format!("<br>{note}")).collect::<String>();
        writeln!(
            out,
            "| {number} | {} | {} | {} | {} | {} | {}{notes}<br>{} |",
            group.count,
            phrases::when_known(group.first()),
            phrases::when_known(group.last()),
            plain(&phrases::places(group)),
            plain(&group.program),
            plain(&phrases::what(group)),
            plain(&group.signature),
        )?;
    }
    if rest > 0 {
        writeln!(out, "\n{}", phrases::counted(rest as u64, "more group", "more groups"))?;
    }
    if let Some(gone) = findings.gone() {
        if !gone.is_empty() {
            writeln!(out, "\n## Gone\n")?;
        }
        for then in gone {
            writeln!(
                out,
                "- {} ({} before) in {}, {}",
                plain(&phrases::short(then.message.lines().next().unwrap_or_default())),
                then.count,
                plain(&then.program),
                plain(&then.signature)
            )?;
        }
    }
    if !findings.failures.is_empty() {
        writeln!(out, "\n## Not read in full\n")?;
        for failure in &findings.failures {
            writeln!(out, "- {}: {}", plain(&failure.name), plain(&failure.reason))?;
        }
        if let Some(more) = phrases::more_failures(findings) {
            writeln!(out, "- {}", plain(&more))?;
        }
    }
    writeln!(out, "\n{}.", phrases::inputs(&counts))?;
    if others > 0 {
        writeln!(
            out,
            "{} that are no crash are in the groups too.",
            phrases::counted(others, "record", "records")
        )?;
    }
    for note in phrases::notes(findings) {
        writeln!(out, "{note}.")?;
    }
    if findings.undated > 0 {
        writeln!(out, "{}", super::text::left_out(findings.undated))?;
    }
    Ok(())
}

/// Text that no character of which means anything.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in printable(text).chars() {
        if c.is_ascii_punctuation()
            && !matches!(c, '.' | ',' | ':' | ';' | '/' | '\'' | '"' | '%' | '=' | '?')
        {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
