//! Markdown, as issue trackers read it.

use std::io::{self, Write};

use super::super::Style;
use super::super::escape::{html, printable};
use super::CoreStyle;
use super::document::{Part, document};
use crate::examine::core::CoreOutcome;

pub(super) fn write(
    outcome: &CoreOutcome<'_>,
    style: &Style,
    more: CoreStyle,
    out: &mut dyn Write,
) -> io::Result<()> {
    let document = document(outcome, style, more);
    writeln!(out, "# Post-mortem: {}\n\n{}", inline(&document.title), paragraph(&document.of))?;
    for part in &document.parts {
        writeln!(out)?;
        match part {
            Part::Heading(text) => writeln!(out, "## {}", inline(text))?,
            Part::Paragraph(text) => writeln!(out, "{}", paragraph(text))?,
            Part::Grid(rows) => grid(rows, out)?,
            Part::List(items) => items.iter().try_for_each(|item| writeln!(out, "- {}", paragraph(item)))?,
            Part::Table(rows) => {
                writeln!(out, "|  |  |\n| --- | --- |")?;
                for (label, text) in rows {
                    writeln!(out, "| {} | {} |", inline(label), inline(text))?;
                }
            }
            Part::Code(code) => fenced(code, out)?,
            Part::Folded { summary, code } => {
                writeln!(out, "<details><summary>{}</summary>\n", html(summary))?;
                fenced(code, out)?;
                writeln!(out, "\n</details>")?;
            }
        }
    }
    Ok(())
}

/// Text in a line: nothing in it is markup, of Markdown or of HTML.
fn inline(text: &str) -> String {
    let mut out = String::new();
    for c in printable(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' | '@' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// Text at the beginning of a line, where more is markup: lists, rules, indented code.
fn paragraph(text: &str) -> String {
    let text = inline(text.trim_start());
    let number = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = text.len().saturating_sub(number.len());
    match number.chars().next() {
        Some('-' | '+' | '=') if digits == 0 => format!("\\{text}"),
        Some('.' | ')') if digits > 0 => format!("{}\\{number}", text.get(..digits).unwrap_or_default()),
        _ => text,
    }
}

fn grid(rows: &[Vec<String>], out: &mut dyn Write) -> io::Result<()> {
    for (number, row) in rows.iter().enumerate() {
        writeln!(out, "| {} |", row.iter().map(|cell| inline(cell)).collect::<Vec<_>>().join(" | "))?;
        if number == 0 {
            writeln!(out, "|{}", " --- |".repeat(row.len()))?;
        }
    }
    Ok(())
}

/// A fence is longer than any run of backquotes in the code.
fn fenced(code: &str, out: &mut dyn Write) -> io::Result<()> {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.saturating_add(1).max(3));
    writeln!(out, "{fence}text")?;
    for line in code.lines() {
        let (tab, line) = line.strip_prefix('\t').map_or(("", line), |rest| ("\t", rest));
        writeln!(out, "{tab}{}", printable(line))?;
    }
    writeln!(out, "{fence}")
}
