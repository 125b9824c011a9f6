//! The summary of a scan for people.

use std::io::{self, Write};

use super::super::Style;
use super::super::escape::printable;
use super::super::text::{Painter, wrap};
use super::{phrases, shown, trend};
use crate::batch::{Findings, Group, Timeline, width_of};
use crate::diagnose::{Verdict, rule};

/// Column of the texts of a group.
const INDENT: &str = "            ";
/// Lines of a timeline, besides that of all.
const LINES: usize = 12;

pub(super) fn write(findings: &Findings, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { style, paint: Painter::new(style), out };
    page.head(findings)?;
    let (groups, rest) = shown(findings, style);
    if let Some(line) = findings.timeline {
        page.timeline(findings, line, &groups)?;
    }
    if !groups.is_empty() {
        page.line("")?;
        let columns = "  #  count  first seen (UTC)     last seen (UTC)      where";
        let columns = page.paint.bold(columns);
        page.line(&columns)?;
    }
    for (number, group) in &groups {
        page.group(findings, *number, group)?;
    }
    if rest > 0 {
        page.line(&format!(
            "     {}, without --top",
            phrases::counted(rest as u64, "more group", "more groups")
        ))?;
    }
    page.gone(findings)?;
    page.failures(findings)?;
    page.counted(findings)
}

/// What is said of crashes whose time is not known, where time is asked for.
pub(super) fn left_out(undated: u64) -> String {
    let crashes = phrases::counted(undated, "crash was", "crashes were");
    format!("{crashes} left out: --since and --until are given, and the log does not tell the time")
}

struct Page<'a> {
    style: &'a Style,
    paint: Painter,
    out: &'a mut dyn Write,
}

impl Page<'_> {
    fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", text.trim_end())
    }

    /// A text below a label, wrapped.
    fn below(&mut self, indent: &str, text: &str) -> io::Result<()> {
        let width = self.style.width.saturating_sub(indent.len());
        wrap(&printable(text), width).iter().try_for_each(|line| self.line(&format!("{indent}{line}")))
    }

    fn head(&mut self, findings: &Findings) -> io::Result<()> {
        let counts = findings.counts;
        let (crashes, others) = findings.totals();
        let folder = if findings.folder.is_empty() { "several folders" } else { &findings.folder };
        let label = self.paint.bold("SCAN");
        self.line(&format!("{label}   {}", printable(folder)))?;
        let first = findings.groups.iter().filter_map(Group::first).min();
        let last = findings.groups.iter().filter_map(Group::last).max();
        if let (Some(first), Some(last)) = (first, last) {
            let span = phrases::lasting(last.saturating_sub(first));
            self.line(&format!("       {} to {} UTC, {span}", phrases::when(first), phrases::when(last)))?;
        }
        let inside = if counts.members > 0 {
            format!(" ({} in archives)", phrases::thousands(counts.members))
        } else {
            String::new()
        };
        let groups = findings.groups.iter().filter(|group| group.is_crash).count() as u64;
        let mut text = format!(
            "{}{inside}, {} -> {} in {}",
            phrases::counted(counts.inputs, "input", "inputs"),
            phrases::bytes(counts.bytes),
            phrases::counted(crashes, "crash", "crashes"),
            phrases::counted(groups, "group", "groups"),
        );
        if others > 0 {
            let records = phrases::counted(others, "record is", "records are");
            text.push_str(&format!("; {records} a dump, a logged stack or an error, and no crash"));
        }
        self.below("       ", &text)
    }

    fn timeline(
        &mut self,
        findings: &Findings,
        line: Timeline,
        groups: &[(usize, &Group)],
    ) -> io::Result<()> {
        let start = phrases::when(line.start);
        let label = self.paint.bold("WHEN");
        self.line("")?;
        let rest = phrases::without_time(findings).map_or(String::new(), |rest| format!("; {rest}"));
        self.line(&format!("{label}   from {start} UTC, {} a column{rest}", width_of(line.width)))?;
        let all = line.counts(findings.groups.iter().flat_map(Group::times));
        self.row("all", &all)?;
        for (number, group) in groups.iter().filter(|(_, group)| group.first().is_some()).take(LINES) {
            self.row(&format!("#{number}"), &line.counts(group.times()))?;
        }
        Ok(())
    }

    fn row(&mut self, label: &str, counts: &[u64]) -> io::Result<()> {
        let total: u64 = counts.iter().copied().fold(0, u64::saturating_add);
        let columns: String = counts.iter().map(|count| digit(*count)).collect();
        self.line(&format!(" {label:<6}{columns}  {}", phrases::thousands(total)))
    }

    fn group(&mut self, findings: &Findings, number: usize, group: &Group) -> io::Result<()> {
        let last = if group.count > 1 { phrases::when_known(group.last()) } else { "-".to_owned() };
        let head = format!(
            "{number:>3}  {:>5}  {:<19}  {last:<19}  ",
            group.count,
            phrases::when_known(group.first())
        );
        let place = phrases::places(group);
        if head.len().saturating_add(place.len()) <= self.style.width {
            self.line(&format!("{head}{}", printable(&place)))?;
        } else {
            self.line(&head)?;
            self.below(INDENT, &place)?;
        }
        self.below(INDENT, &format!("{}: {}", group.program, phrases::what(group)))?;
        for ((id, _), fault) in group.faults.keys().zip(phrases::faults(group)) {
            let configured = rule(id).is_some_and(|rule| rule.blames == Verdict::ConfigurationFault);
            let label = if configured { "CONFIGURATION" } else { "cause" };
            self.below(INDENT, &format!("{label:<15}{fault}"))?;
        }
        for found in phrases::loops(group) {
            self.below(INDENT, &format!("restart loop   {found}"))?;
        }
        for build in phrases::builds(group) {
            self.below(INDENT, &format!("build          {build}"))?;
        }
        if let Some(trend) = trend(findings, group) {
            let (label, text) = phrases::trend(findings, trend);
            self.below(INDENT, &format!("{label:<15}{text}"))?;
        }
        let variants = match group.variants.len() {
            0 | 1 => String::new(),
            more => format!("  {more} variants"),
        };
        let cut = match group.incomplete {
            0 => String::new(),
            cut => format!("  {cut} not whole"),
        };
        let copies = match (group.copies, group.perhaps_copies) {
            (0, 0) => String::new(),
            (0, perhaps) => format!("  {perhaps} may be copies"),
            (1, _) => "  1 copy".to_owned(),
            (copies, _) => format!("  {copies} copies"),
        };
        self.below(INDENT, &format!("{}{variants}{cut}{copies}", group.signature))
    }

    fn gone(&mut self, findings: &Findings) -> io::Result<()> {
        let gone = findings.gone().unwrap_or_default();
        if gone.is_empty() {
            return Ok(());
        }
        self.line("")?;
        let label = self.paint.bold("GONE");
        self.line(&label)?;
        for then in gone {
            let message = phrases::short(then.message.lines().next().unwrap_or_default());
            let text = format!("{}: {message}, {} before, {}", then.program, then.count, then.signature);
            self.below("  ", &text)?;
        }
        Ok(())
    }

    fn failures(&mut self, findings: &Findings) -> io::Result<()> {
        if findings.failures.is_empty() {
            return Ok(());
        }
        self.line("")?;
        let label = self.paint.bold("NOT READ IN FULL");
        self.line(&label)?;
        for failure in &findings.failures {
            self.below("  ", &format!("{}: {}", failure.name, failure.reason))?;
        }
        phrases::more_failures(findings).map_or(Ok(()), |more| self.below("  ", &more))
    }

    fn counted(&mut self, findings: &Findings) -> io::Result<()> {
        let counts = findings.counts;
        let (crashes, _) = findings.totals();
        self.line("")?;
        let label = self.paint.bold("COUNTED");
        self.line(&format!(
            "{label}  {} = {} read + {} empty + {} not text + {} failed",
            phrases::counted(counts.inputs, "input", "inputs"),
            phrases::thousands(counts.read),
            phrases::thousands(counts.empty),
            phrases::thousands(counts.not_text),
            phrases::thousands(counts.failed),
        ))?;
        if crashes > 0 {
            let whole = crashes.saturating_sub(findings.incomplete());
            self.line(&format!(
                "         {} = {} whole + {} with something missing",
                phrases::counted(crashes, "crash", "crashes"),
                phrases::thousands(whole),
                phrases::thousands(findings.incomplete()),
            ))?;
        }
        for note in phrases::notes(findings) {
            self.below("         ", &note)?;
        }
        if findings.undated > 0 {
            self.below("         ", &left_out(findings.undated))?;
        }
        Ok(())
    }
}

/// A count as one character: digits, then letters, then `+`.
fn digit(count: u64) -> char {
    match count {
        0 => '.',
        1..=35 => u32::try_from(count)
            .ok()
            .and_then(|count| char::from_digit(count, 36))
            .map_or('+', |c| c.to_ascii_uppercase()),
        _ => '+',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_in_one_column() {
        assert_eq!([0, 1, 9, 10, 35, 36].map(digit), ['.', '1', '9', 'A', 'Z', '+']);
    }
}
