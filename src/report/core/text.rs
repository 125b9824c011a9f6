//! For a terminal: what a log would give, then the tables.

use std::io::{self, Write};

use super::super::Style;
use super::super::escape::printable;
use super::super::text::{self, Painter, wrap};
use super::CoreStyle;
use super::sections::sections;
use crate::examine::core::CoreOutcome;

pub(super) fn write(
    outcome: &CoreOutcome<'_>,
    style: &Style,
    more: CoreStyle,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = Painter::new(style);
    if outcome.outcome.crashes.is_empty() {
        writeln!(out, "{}", paint.bold("NO CRASH TOLD: neither the runtime nor a signal says why it ended"))?;
    }
    text::write(&outcome.outcome, style, out)?;
    for section in sections(outcome, more) {
        writeln!(out, "\n{}", paint.bold(section.title))?;
        let column =
            section.rows.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0).clamp(8, 24);
        let width = style.width.saturating_sub(column.saturating_add(4));
        for (label, text) in &section.rows {
            let label = printable(label);
            let long = label.chars().count() > column;
            if long {
                writeln!(out, "  {}", paint.dim(&label))?;
            }
            for (index, line) in wrap(&printable(text), width).iter().enumerate() {
                let label = if index == 0 && !long { label.as_ref() } else { "" };
                let label = paint.dim(&format!("{label:<column$}"));
                writeln!(out, "{}", format!("  {label}  {line}").trim_end())?;
            }
        }
    }
    Ok(())
}
