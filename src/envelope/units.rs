//! Reads a run of units of a document ([`super::document`]).

use std::borrow::Cow;
use std::ops::Range;

use super::document::{Document, Kind, Unit};
use super::peel::{sorted, unwrap};
use super::record::{Blocks, Piece, Record};
use super::stream::{Mark, Marks, Stream};
use super::structured;

/// What a run of units holds.
#[derive(Default)]
pub struct Run {
    pub streams: Vec<Stream>,
    /// Some unit is a record; where none is, the text may be read as it stands.
    pub records: bool,
    /// Of each record: where it begins, ends, and its last line.
    ends: Vec<(u64, u64, u64)>,
    /// Units that looked like JSON and are none.
    pub damaged: u64,
}

impl Run {
    /// End and last line of the record that begins at an offset of the text.
    pub fn end_of(&self, offset: u64) -> Option<(u64, u64)> {
        let at = self.ends.partition_point(|(start, ..)| *start <= offset).checked_sub(1)?;
        self.ends.get(at).filter(|(start, ..)| *start == offset).map(|(_, end, line)| (*end, *line))
    }
}

/// A unit that is no JSON is opened, and so is what is inside, as many times.
const OPENED: usize = 8;

/// Reads units that stand in a text; their ranges count from `base` bytes before it.
pub fn read<'u>(text: &[u8], base: usize, units: impl Iterator<Item = &'u Unit>) -> Run {
    let mut found = Found { text, pieces: Vec::new(), beside: Vec::new(), run: Run::default() };
    for unit in units {
        let start = unit.range.start.saturating_sub(base);
        found.take(unit, start, OPENED);
    }
    let Found { mut pieces, beside, mut run, .. } = found;
    let mut lines = Lines { text, at: 0, line: 1 };
    for ((piece, _), (start, end, last)) in pieces.iter_mut().zip(&mut run.ends) {
        piece.line = lines.of(*start);
        let inside = piece.text.len();
        *last = piece
            .line
            .saturating_add(newlines(piece.text.get(..inside.saturating_sub(1)).unwrap_or_default()));
        *end = (*end).max(*start);
    }
    run.records = !pieces.is_empty();
    if !run.records {
        return run;
    }
    run.streams = sorted(pieces, "json-document");
    let mut lines = Lines { text, at: 0, line: 1 };
    for range in beside {
        let line = lines.of(range.start as u64);
        let part = text.get(range.clone()).unwrap_or_default();
        run.streams.extend(unwrap(part, range.start as u64, line, &[]));
    }
    run
}

/// What was found in a run so far.
struct Found<'t> {
    text: &'t [u8],
    pieces: Vec<(Piece<'t>, Record)>,
    /// Lines of text, as far as one follows the other.
    beside: Vec<Range<usize>>,
    run: Run,
}

impl<'t> Found<'t> {
    fn take(&mut self, unit: &Unit, start: usize, depth: usize) {
        let range = start..start.saturating_add(unit.range.len());
        let bytes = self.text.get(range.clone()).unwrap_or_default();
        if let Some(records) = records(unit, bytes) {
            for (place, record) in records {
                self.record(start.saturating_add(place.start)..start.saturating_add(place.end), record);
            }
            return;
        }
        let json = matches!(unit.kind, Kind::Value | Kind::Member);
        if let Some((units, damaged)) = Document::inside_of(unit, bytes).filter(|_| json && depth > 0) {
            self.run.damaged = self.run.damaged.saturating_add(damaged);
            for unit in &units {
                self.take(unit, start.saturating_add(unit.range.start), depth.saturating_sub(1));
            }
            return;
        }
        if unit.kind != Kind::Text
            && let Some((before, _)) = self.pieces.last_mut()
        {
            before.mark(Mark::Unreadable);
        }
        // What the cutter has found damaged it has counted.
        let counted = matches!(unit.kind, Kind::Text | Kind::Damaged);
        self.run.damaged = self.run.damaged.saturating_add(u64::from(!counted));
        self.beside(range);
    }

    fn record(&mut self, place: Range<usize>, record: Record) {
        self.run.ends.push((place.start as u64, place.end as u64, 0));
        let piece = Piece {
            text: Cow::Borrowed(self.text.get(place.clone()).unwrap_or_default()),
            newline: true,
            offset: place.start as u64,
            line: 0,
            marks: Marks::NONE,
            stamp: None,
            order: None,
            beside: None,
        };
        self.pieces.push((piece, record));
    }

    /// Blanks belong to text, and empty lines do.
    fn beside(&mut self, range: Range<usize>) {
        let blank = |b: &u8| b.is_ascii_whitespace();
        let before = |start: usize| self.text.get(start..range.start).unwrap_or_default();
        if let Some(last) = self.beside.last_mut().filter(|last| before(last.end).iter().all(blank)) {
            last.end = range.end;
            return;
        }
        let indent = before(0).iter().rev().take_while(|b| matches!(b, b' ' | b'\t')).count();
        self.beside.push(range.start.saturating_sub(indent)..range.end);
    }
}

/// The records of a unit, with places in its text; `None` where it is no JSON.
fn records(unit: &Unit, bytes: &[u8]) -> Option<Blocks> {
    let around = &unit.around;
    let read = |text: &[u8]| structured::value(text, &around.inherited, around.depth());
    match unit.kind {
        Kind::Value if bytes.first() == Some(&b'"') => Some(vec![(0..bytes.len(), structured::line(bytes)?)]),
        Kind::Value if around.columns.is_empty() => read(bytes),
        Kind::Value => structured::row(bytes, &around.columns, &around.inherited, around.depth()),
        Kind::Member => Some(member(read(&[b"{", bytes, b"}"].concat())?, bytes.len())),
        Kind::CutValue => {
            let text = [mended(bytes), b"\""].concat();
            let mut record = structured::line(&text)?;
            record.marks = record.marks.with(Marks::of(Mark::TooLong));
            Some(vec![(0..bytes.len(), record)])
        }
        Kind::CutMember => {
            let mut records = member(read(&[b"{", mended(bytes), b"\"}"].concat())?, bytes.len());
            for (_, record) in &mut records {
                record.marks = record.marks.with(Marks::of(Mark::TooLong));
            }
            Some(records)
        }
        Kind::Text | Kind::Damaged => None,
    }
}

/// Places that count from a brace that the text does not have.
fn member(records: Blocks, length: usize) -> Blocks {
    let place = |at: usize| at.saturating_sub(1).min(length);
    records.into_iter().map(|(range, record)| (place(range.start)..place(range.end), record)).collect()
}

/// A string that was cut, without half an escape or half a character at its end.
fn mended(text: &[u8]) -> &[u8] {
    let tail = text.len().saturating_sub(12);
    let half = |at: &usize| {
        let slashes = text.get(..*at).unwrap_or_default().iter().rev().take_while(|b| **b == b'\\').count();
        let rest = text.get(at.saturating_add(1)..).unwrap_or_default();
        let needed = if rest.first() == Some(&b'u') { 5 } else { 1 };
        text.get(*at) == Some(&b'\\') && slashes % 2 == 0 && rest.len() < needed
    };
    let text = (tail..text.len()).find(half).and_then(|at| text.get(..at)).unwrap_or(text);
    match std::str::from_utf8(text) {
        Err(error) if error.error_len().is_none() => text.get(..error.valid_up_to()).unwrap_or(text),
        _ => text,
    }
}

/// Numbers lines, from the beginning to the end.
struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    fn of(&mut self, offset: u64) -> u64 {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        self.line = self.line.saturating_add(newlines(self.text.get(self.at..offset).unwrap_or_default()));
        self.at = self.at.max(offset);
        self.line
    }
}

fn newlines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_escapes_go() {
        for (text, whole) in [
            (&b"\"ab\\"[..], &b"\"ab"[..]),
            (b"\"ab\\\\", b"\"ab\\\\"),
            (b"\"ab\\n", b"\"ab\\n"),
            (b"\"ab\\u00e", b"\"ab"),
            (b"\"ab\\u00e9", b"\"ab\\u00e9"),
            (b"\"ab\xe2\x82", b"\"ab"),
        ] {
            assert_eq!(mended(text), whole);
        }
    }
}
