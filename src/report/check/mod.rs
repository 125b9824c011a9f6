//! `panicmap check`: what speaks against an executable at a place. A new format is
//! one file and a row in [`CHECK_FORMATS`].

mod github;
mod json;
mod sarif;
mod text;

use std::io;

use super::Style;
use crate::check::{Checked, Mismatch, Outlook};
use crate::diagnose::{Confidence, Finding};

/// Everything that was checked.
pub struct Checks<'a> {
    pub checked: Vec<Checked<'a>>,
    /// From this on a finding makes the check fail.
    pub fail_on: Outlook,
}

pub struct CheckFormat {
    pub name: &'static str,
    pub write: fn(&Checks<'_>, &Style, &mut dyn io::Write) -> io::Result<()>,
}

pub const CHECK_FORMATS: &[CheckFormat] = &[
    CheckFormat { name: "text", write: text::write },
    CheckFormat { name: "json", write: json::write },
    CheckFormat { name: "github", write: github::write },
    CheckFormat { name: "sarif", write: sarif::write },
];

impl Checks<'_> {
    pub fn failed(&self) -> bool {
        self.checked.iter().any(|checked| self.fails(checked.outlook()))
    }

    fn fails(&self, outlook: Outlook) -> bool {
        outlook >= self.fail_on || outlook == Outlook::Fails
    }
}

/// Id of what is no fault of the table: the build is not as expected.
const UNEXPECTED: &str = "not-as-expected";

/// How a result is ranked by tools that know errors, warnings and notes.
fn rank(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Certain | Confidence::Likely => "error",
        Confidence::Possible => "warning",
    }
}

/// A finding in one paragraph, for places without room.
fn paragraph(checked: &Checked<'_>, finding: &Finding) -> String {
    let mut text = format!("{} [{}]", finding.claim, finding.confidence.name());
    if let Some(host) = checked.host {
        text.push_str(&format!(" on {}", host.source));
    }
    for evidence in &finding.evidence {
        text.push_str(&format!("; {}: {} ({})", evidence.from.name(), evidence.fact, evidence.place));
    }
    if let Some(fix) = finding.fix.first() {
        text.push_str(&format!(". Fix: {fix}"));
    }
    text
}

fn difference(mismatch: &Mismatch) -> String {
    let found = mismatch.found.as_deref().unwrap_or("not known");
    format!("{}: expected {}, found {found} ({})", mismatch.key, mismatch.expected, mismatch.place)
}
