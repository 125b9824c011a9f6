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
}

pub const SCAN_FORMATS: &[ScanFormat] = &[
    ScanFormat { name: "text", written: Written::Findings(text::write) },
    ScanFormat { name: "jsonl", written: Written::Records(jsonl::write) },
    ScanFormat { name: "json", written: Written::Findings(json::write) },
    ScanFormat { name: "csv", written: Written::Findings(csv::write) },
    ScanFormat { name: "markdown", written: Written::Findings(markdown::write) },
    ScanFormat { name: "html", written: Written::Findings(html::write) },
    ScanFormat { name: "openmetrics", written: Written::Findings(openmetrics::write) },
];

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
