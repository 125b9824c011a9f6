//! The answer about many logs. A new format is one file and a row in
//! [`SCAN_FORMATS`].

mod csv;
mod html;
mod json;
mod jsonl;
mod markdown;
mod openmetrics;
mod phrases;
mod show;
mod text;

use std::io;

use super::Style;
use crate::batch::{Findings, Group, Record, Trend};

pub use phrases::bytes as bytes_in_words;
pub use show::show;

/// How a scan is written.
pub enum Written {
    /// As soon as each is known.
    Records(fn(&Record, &mut dyn io::Write) -> io::Result<()>),
    /// Once all is known.
    Findings(fn(&Findings, &Style, &mut dyn io::Write) -> io::Result<()>),
}

pub struct ScanFormat {
    pub name: &'static str,
    pub written: Written,
    /// What it has no place for, and has to be told beside it.
    pub untold: Untold,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Untold {
    Nothing,
    /// How much there is.
    Counts,
    /// That, and what was not read in full.
    CountsAndFailures,
}

pub const SCAN_FORMATS: &[ScanFormat] = &[
    ScanFormat { name: "text", written: Written::Findings(text::write), untold: Untold::Nothing },
    ScanFormat { name: "jsonl", written: Written::Records(jsonl::write), untold: Untold::Counts },
    ScanFormat { name: "json", written: Written::Findings(json::write), untold: Untold::Nothing },
    ScanFormat { name: "csv", written: Written::Findings(csv::write), untold: Untold::CountsAndFailures },
    ScanFormat { name: "markdown", written: Written::Findings(markdown::write), untold: Untold::Nothing },
    ScanFormat { name: "html", written: Written::Findings(html::write), untold: Untold::Nothing },
    ScanFormat {
        name: "openmetrics",
        written: Written::Findings(openmetrics::write),
        untold: Untold::CountsAndFailures,
    },
];

/// What is told beside a result that has no place for it, in lines.
pub fn untold(findings: &Findings, untold: Untold) -> Vec<String> {
    if untold == Untold::Nothing {
        return Vec::new();
    }
    let failures = findings.failures.iter().filter(|_| untold == Untold::CountsAndFailures);
    let mut lines: Vec<String> =
        failures.map(|failure| format!("{}: {}", failure.name, failure.reason)).collect();
    lines.extend(phrases::more_failures(findings).filter(|_| untold == Untold::CountsAndFailures));
    let groups = findings.groups.iter().filter(|group| group.is_crash).count() as u64;
    lines.push(format!(
        "{}; {} in {}",
        phrases::inputs(&findings.counts),
        phrases::counted(findings.totals().0, "crash", "crashes"),
        phrases::counted(groups, "group", "groups"),
    ));
    lines.extend(phrases::notes(findings));
    lines.extend((findings.undated > 0).then(|| text::left_out(findings.undated)));
    lines
}

/// The groups that are shown, with their numbers, and how many are not.
fn shown<'f>(findings: &'f Findings, style: &Style) -> (Vec<(usize, &'f Group)>, usize) {
    let most = style.top.unwrap_or(usize::MAX);
    let all = findings.groups.iter().enumerate();
    let shown = all.take(most).map(|(index, group)| (index.saturating_add(1), group)).collect::<Vec<_>>();
    let rest = findings.groups.len().saturating_sub(shown.len());
    (shown, rest)
}

fn trend(findings: &Findings, group: &Group) -> Option<Trend> {
    findings.baseline.as_ref().map(|baseline| baseline.trend(group))
}
