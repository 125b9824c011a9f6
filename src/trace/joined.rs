//! A log in several files, read as one text: crashes are placed in the file
//! where they begin.

use super::Crash;
use crate::source::Origin;

/// The files of one log, in the order in which they are read.
#[derive(Default)]
pub struct Joined {
    segments: Vec<Segment>,
}

/// Where a file begins in the text.
struct Segment {
    origin: Origin,
    bytes: u64,
    lines: u64,
}

impl Joined {
    /// The next file begins behind so many bytes and lines.
    pub fn begin(&mut self, origin: Origin, bytes: u64, lines: u64) {
        self.segments.push(Segment { origin, bytes, lines });
    }

    /// Makes the place of a crash count from the start of its file, whose number it
    /// gives.
    pub fn place(&self, crash: &mut Crash) -> usize {
        let at =
            |offset: u64| self.segments.partition_point(|segment| segment.bytes <= offset).saturating_sub(1);
        let (first, last) = (at(crash.span.bytes.start), at(crash.span.bytes.end.saturating_sub(1)));
        let Some(segment) = self.segments.get(first) else { return first };
        let span = &mut crash.span;
        span.origin = segment.origin.clone();
        span.bytes =
            span.bytes.start.saturating_sub(segment.bytes)..span.bytes.end.saturating_sub(segment.bytes);
        let (start, end) = (*span.lines.start(), *span.lines.end());
        let start = start.saturating_sub(segment.lines);
        span.lines = start..=end.saturating_sub(segment.lines).max(start);
        for remark in &mut crash.remarks {
            remark.line = remark.line.saturating_sub(segment.lines);
        }
        if let Some(other) = self.segments.get(last).filter(|_| last > first) {
            let line = end.saturating_sub(other.lines);
            crash
                .repairs
                .push(format!("it goes on in {}, to line {line}; the files were joined", other.origin));
        }
        first
    }
}

impl Crash {
    /// So many lines stand before the text that its lines are numbered in.
    pub fn move_down(&mut self, lines: u64) {
        let span = &mut self.span;
        span.lines = span.lines.start().saturating_add(lines)..=span.lines.end().saturating_add(lines);
        for remark in &mut self.remarks {
            remark.line = remark.line.saturating_add(lines);
        }
    }
}
