//! A table of a few columns, whose cells are wrapped.

use std::io;

use super::super::escape::printable;
use super::page::Page;
use super::paint::wrap;

/// What stands in front of a row, at most two columns wide.
pub(in crate::report) enum Mark {
    None,
    Good(&'static str),
    Doubt(&'static str),
    Bad(&'static str),
    Dim(&'static str),
}

impl Page<'_> {
    /// `widths` hold the blanks after a column; the last column takes the rest.
    pub(in crate::report) fn columns(
        &mut self,
        heads: &[&str],
        widths: &[usize],
        rows: &[(Mark, Vec<&str>)],
    ) -> io::Result<()> {
        let padded = |(text, width): (&str, &usize)| format!("{text:<width$}");
        let mut heading: String = heads.iter().copied().zip(widths).map(padded).collect();
        // The first heading stands over the marks, too.
        if let Some(first) = heads.first() {
            heading.insert_str(first.len(), "   ");
        }
        let heading = self.paint.bold(heading.trim_end());
        self.line(&heading)?;
        for (mark, cells) in rows {
            let cells: Vec<Vec<String>> = cells
                .iter()
                .zip(widths)
                .map(|(cell, width)| {
                    cut(&wrap(&printable(cell), width.saturating_sub(2)), width.saturating_sub(2))
                })
                .collect();
            let height = cells.iter().map(Vec::len).max().unwrap_or(1);
            for at in 0..height {
                let empty = String::new();
                let texts = cells.iter().map(|lines| lines.get(at).unwrap_or(&empty).as_str());
                let text: String = texts.zip(widths).map(padded).collect();
                let mark = if at == 0 { self.mark(mark) } else { " ".repeat(3) };
                self.line(&format!("{mark}{text}"))?;
            }
        }
        Ok(())
    }

    fn mark(&self, mark: &Mark) -> String {
        let padded = |text: &str| format!("{text:<3}");
        match mark {
            Mark::None => padded(""),
            Mark::Good(text) => self.paint.good(&padded(text)),
            Mark::Doubt(text) => self.paint.doubt(&padded(text)),
            Mark::Bad(text) => self.paint.bad(&padded(text)),
            Mark::Dim(text) => self.paint.dim(&padded(text)),
        }
    }
}

/// Lines with the words that are longer than the column broken.
fn cut(lines: &[String], width: usize) -> Vec<String> {
    let mut out = Vec::new();
    for line in lines {
        let characters: Vec<char> = line.chars().collect();
        if characters.is_empty() {
            out.push(String::new());
        }
        out.extend(characters.chunks(width.max(1)).map(|part| part.iter().collect::<String>()));
    }
    out
}
