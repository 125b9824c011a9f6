//! Workflow commands of GitHub Actions: each finding becomes an annotation.
//! <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>

use std::io;

use super::super::Style;
use super::super::escape::printable;
use super::{Checks, UNEXPECTED, difference, paragraph, rank};

pub(super) fn write(checks: &Checks<'_>, _: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    for checked in &checks.checked {
        for mismatch in &checked.mismatches {
            annotation(out, "error", UNEXPECTED, &checked.path, &difference(mismatch))?;
        }
        for finding in &checked.diagnosis.findings {
            let text = paragraph(checked, finding);
            annotation(out, rank(finding.confidence), finding.fault, &checked.path, &text)?;
        }
        if checked.mismatches.is_empty() && checked.diagnosis.findings.is_empty() {
            let place = checked.host.map_or("as expected", |host| host.source.as_str());
            let text = format!("nothing speaks against it ({place})");
            annotation(out, "notice", "panicmap check", &checked.path, &text)?;
        }
    }
    Ok(())
}

fn annotation(out: &mut dyn io::Write, level: &str, title: &str, path: &str, text: &str) -> io::Result<()> {
    writeln!(out, "::{level} title={}::{}", property(title), data(&format!("{path}: {text}")))
}

/// What a message may not hold as it is.
fn data(text: &str) -> String {
    printable(text).replace('%', "%25")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
