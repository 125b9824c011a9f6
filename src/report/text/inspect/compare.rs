//! Several executables side by side: the rows that differ, or all of them.

use std::io;

use unicode_width::UnicodeWidthStr;

use super::super::wrap;
use super::rows::{Row, rows};
use super::{Sheet, printable};
use crate::binary::Binary;

/// Width of the names of facts, with the mark in front.
const NAMES: usize = 20;
/// A column that is narrower shows no value that can be read.
const NARROWEST: usize = 19;
/// Most lines of a value, without --all.
const TALLEST: usize = 5;

impl Sheet<'_> {
    pub(super) fn compare(&mut self, binaries: &[Binary]) -> io::Result<()> {
        let tables: Vec<Vec<Row>> = binaries.iter().map(rows).collect();
        let names = names(&tables);
        let differs = |name: &str| {
            let mut values = tables.iter().map(|table| value(table, name));
            let first = values.next().flatten();
            values.any(|value| value != first)
        };
        let differing: Vec<&str> = names.iter().copied().filter(|name| differs(name)).collect();
        let room = self.style.width.saturating_sub(NAMES).checked_div(binaries.len()).unwrap_or(0);
        if room < NARROWEST {
            for (index, binary) in binaries.iter().enumerate() {
                if index > 0 {
                    self.line("")?;
                }
                if self.style.all { self.full(binary)? } else { self.summary(binary)? }
            }
            self.line("")?;
            let differing = if differing.is_empty() { "nothing".to_owned() } else { differing.join(", ") };
            return self.entry("differ in", &differing, 13);
        }
        let paths: Vec<String> = binaries.iter().map(|binary| binary.origin.to_string()).collect();
        self.cells("", &paths.iter().map(String::as_str).collect::<Vec<_>>(), room, true)?;
        let shown = names.iter().filter(|name| self.style.all || differing.contains(name));
        for name in shown.copied().collect::<Vec<_>>() {
            let cells: Vec<&str> = tables.iter().map(|table| value(table, name).unwrap_or("-")).collect();
            let mark = if differing.contains(&name) { "*" } else { " " };
            self.cells(&format!("{mark} {name}"), &cells, room, false)?;
        }
        let equal = names.len().saturating_sub(differing.len());
        let hidden = if self.style.all { "marked *" } else { "--all shows the equal ones too" };
        self.line("")?;
        self.line(&format!(
            "{} of {} facts differ; {hidden}",
            differing.len(),
            differing.len().saturating_add(equal)
        ))
    }

    fn cells(&mut self, label: &str, cells: &[&str], room: usize, bold: bool) -> io::Result<()> {
        let mut columns: Vec<Vec<String>> =
            cells.iter().map(|cell| broken(&printable(cell), room.saturating_sub(1))).collect();
        for column in columns.iter_mut().filter(|column| !self.style.all && column.len() > TALLEST) {
            column.truncate(TALLEST.saturating_sub(1));
            column.push("...".to_owned());
        }
        let height = columns.iter().map(Vec::len).max().unwrap_or(0);
        for line in 0..height {
            let label = if line == 0 { label } else { "" };
            let mut text = self.paint.dim(&padded(label, NAMES));
            for column in &columns {
                let cell = padded(column.get(line).map_or("", String::as_str), room);
                text.push_str(&if bold { self.paint.bold(&cell) } else { cell });
            }
            self.line(&text)?;
        }
        Ok(())
    }
}

fn value<'a>(table: &'a [Row], name: &str) -> Option<&'a str> {
    table.iter().find(|row| row.name == name).map(|row| row.value.as_str())
}

/// Names of all rows, each once, in the order of the first table that has it.
fn names(tables: &[Vec<Row>]) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for table in tables {
        let mut at = 0usize;
        for row in table {
            match names.iter().position(|name| *name == row.name) {
                Some(index) => at = index.saturating_add(1),
                None => {
                    names.insert(at, &row.name);
                    at = at.saturating_add(1);
                }
            }
        }
    }
    names
}

fn padded(text: &str, width: usize) -> String {
    let fill = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(fill))
}

/// Wrapped, and words that are longer than the column cut: a table has no room
/// for them.
fn broken(text: &str, width: usize) -> Vec<String> {
    let mut out = Vec::new();
    for line in wrap(text, width) {
        let mut part = String::new();
        for c in line.chars() {
            if part.width() >= width {
                out.push(std::mem::take(&mut part));
            }
            part.push(c);
        }
        out.push(part);
    }
    out
}
