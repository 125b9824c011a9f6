//! A page of text: lines, headings, and paragraphs that are wrapped.

use std::io::{self, Write};

use super::super::Style;
use super::super::escape::printable;
use super::paint::{Painter, wrap};

pub(in crate::report) struct Page<'a> {
    pub(in crate::report) style: &'a Style,
    pub(in crate::report) paint: Painter,
    out: &'a mut dyn Write,
}

impl<'a> Page<'a> {
    pub(in crate::report) fn new(style: &'a Style, out: &'a mut dyn Write) -> Page<'a> {
        Page { style, paint: Painter::new(style), out }
    }

    pub(in crate::report) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", text.trim_end())
    }

    pub(in crate::report) fn blank(&mut self) -> io::Result<()> {
        self.line("")
    }

    pub(in crate::report) fn rule(&mut self) -> io::Result<()> {
        let rule = self.paint.dim(&"-".repeat(self.style.width));
        self.blank()?;
        self.line(&rule)?;
        self.blank()
    }

    /// A heading, and the text to its right or below it, wrapped.
    pub(in crate::report) fn entries(&mut self, heading: &str, items: &[String]) -> io::Result<()> {
        let head = self.paint.bold(heading);
        self.line(&head)?;
        items.iter().try_for_each(|item| self.paragraph("  ", item))
    }

    pub(in crate::report) fn paragraph(&mut self, indent: &str, text: &str) -> io::Result<()> {
        let width = self.style.width.saturating_sub(indent.len());
        wrap(&printable(text), width).iter().try_for_each(|line| self.line(&format!("{indent}{line}")))
    }

    /// `  label     text`, wrapped under itself.
    pub(in crate::report) fn labelled(&mut self, label: &str, text: &str) -> io::Result<()> {
        let width = self.style.width.saturating_sub(12);
        for (index, line) in wrap(&printable(text), width).iter().enumerate() {
            let label = format!("{:<10}", if index == 0 { label } else { "" });
            let label = self.paint.dim(&label);
            self.line(&format!("  {label}{line}"))?;
        }
        Ok(())
    }
}
