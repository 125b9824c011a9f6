//! Executables as text: one in a summary of one screen or in full, several
//! side by side.

mod compare;
mod full;
mod rows;
mod summary;
mod words;

use std::io::{self, Write};

use super::super::Style;
use super::super::escape::printable;
use super::{Painter, wrap};
use crate::binary::Binary;

/// `panicmap inspect`.
///
/// # Errors
/// Those of the writer.
pub fn inspect_text(binaries: &[Binary], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut sheet = Sheet { style, paint: Painter::new(style), out };
    match binaries {
        [] => Ok(()),
        [binary] if style.all => sheet.full(binary),
        [binary] => sheet.summary(binary),
        several => sheet.compare(several),
    }
}

struct Sheet<'a> {
    style: &'a Style,
    paint: Painter,
    out: &'a mut dyn Write,
}

impl Sheet<'_> {
    fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", text.trim_end())
    }

    /// A label in a column of its own, and wrapped text beside it.
    fn entry(&mut self, label: &str, text: &str, column: usize) -> io::Result<()> {
        let room = self.style.width.saturating_sub(column).max(30);
        for (index, line) in wrap(&printable(text), room).iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let width = column.saturating_sub(2);
            let label = self.paint.dim(&format!("  {label:<width$}"));
            self.line(&format!("{label}{line}"))?;
        }
        Ok(())
    }
}
