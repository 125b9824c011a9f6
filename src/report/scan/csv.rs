//! One row a group, for spreadsheets.

use std::io::{self, Write};

use super::super::Style;
use super::super::escape::printable;
use super::{phrases, shown, trend};
use crate::batch::Findings;

const HEADER: &str = "number,count,incomplete,first_seen,last_seen,program,message,function,file,line,faults,\
                      verdict,places,variants,builds,restart_loops,trend,before,copies,maybe_copies,signature";

pub(super) fn write(findings: &Findings, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{HEADER}")?;
    for (number, group) in shown(findings, style).0 {
        let time = |at: Option<i64>| at.and_then(phrases::rfc3339).unwrap_or_default();
        let site = group.example.site.as_ref();
        let trend = trend(findings, group);
        let cells = [
            number.to_string(),
            group.count.to_string(),
            group.incomplete.to_string(),
            time(group.first()),
            time(group.last()),
            group.program.clone(),
            phrases::short(&group.example.message).into_owned(),
            site.map(|site| site.function.clone()).unwrap_or_default(),
            site.map(|site| site.file.clone()).unwrap_or_default(),
            site.map(|site| site.line.to_string()).unwrap_or_default(),
            phrases::faults(group).join("; "),
            group.verdicts.keys().cloned().collect::<Vec<_>>().join("; "),
            phrases::places(group),
            group.variants.len().to_string(),
            phrases::builds(group).join("; "),
            phrases::loops(group).join("; "),
            trend.map(|trend| trend.name().to_owned()).unwrap_or_default(),
            trend.map(|trend| trend.before().to_string()).unwrap_or_default(),
            group.copies.to_string(),
            group.perhaps_copies.to_string(),
            group.signature.clone(),
        ];
        writeln!(out, "{}", cells.map(|text| cell(&text)).join(","))?;
    }
    Ok(())
}

/// Quoted where it has to be (RFC 4180). A text that a spreadsheet would take for a
/// formula gets an apostrophe.
fn cell(text: &str) -> String {
    let text = printable(text);
    let formula = text.starts_with(['=', '+', '-', '@']);
    let text = if formula { format!("'{text}") } else { text.into_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_harmless() {
        assert_eq!(cell("=HYPERLINK(\"x\",1)"), "\"'=HYPERLINK(\"\"x\"\",1)\"");
        assert_eq!(cell("a\nb"), "a\\nb");
        assert_eq!(cell("main.(*T).f"), "main.(*T).f");
    }
}
