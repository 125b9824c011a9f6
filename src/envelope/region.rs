//! How far the lines of a crash may reach: from a little before the anchor to
//! where no line has looked like one for a while.

use std::ops::Range;

use super::Shape;
use super::sniff::{first_mark, marked};

/// Lines and bytes before the anchor that may tell more (a head on another
/// stream, the beginning of a record).
const BEFORE_LINES: usize = 48;
const BEFORE_BYTES: usize = 32 << 10;
/// A region ends after so many lines, and bytes, without a mark: other sources
/// may write that much between two lines of a crash.
const GAP_LINES: usize = 256;
const GAP_BYTES: usize = 64 << 10;
/// The same behind the head of a crash: a panic value may be that long.
const VALUE_BYTES: usize = 256 << 10;
/// Lines after the anchor that are looked at to tell a wrapping.
const AFTER_LINES: usize = 48;
const AFTER_BYTES: usize = 64 << 10;

/// The window by which the wrapping around an anchor is judged.
pub fn window(text: &[u8], anchor: usize, floor: usize) -> Range<usize> {
    let mut end = anchor;
    for _ in 0..AFTER_LINES {
        let Some(line) = line_at(text, end) else { break };
        end = line.end;
        if end.saturating_sub(anchor) > AFTER_BYTES {
            break;
        }
    }
    start(text, anchor, floor)..end
}

/// Where the lines begin that stand before an anchor and may tell more.
pub fn start(text: &[u8], anchor: usize, floor: usize) -> usize {
    let mut start = anchor;
    for _ in 0..BEFORE_LINES {
        let Some(before) = text.get(floor..start.saturating_sub(1)).filter(|before| !before.is_empty())
        else {
            break;
        };
        let line = memchr::memrchr(b'\n', before).map_or(0, |at| at.saturating_add(1));
        let line = floor.saturating_add(line);
        if anchor.saturating_sub(line) > BEFORE_BYTES {
            break;
        }
        start = line;
    }
    start
}

/// Where a region has ended in any case that was open at `start`, if nothing of
/// what comes from there on is marked.
pub fn closed(text: &[u8], start: usize) -> Option<usize> {
    let mut end = start;
    let mut lines = 0usize;
    while lines <= GAP_LINES || end.saturating_sub(start) <= VALUE_BYTES {
        end = line_at(text, end)?.end;
        lines = lines.saturating_add(1);
    }
    Some(end)
}

/// Whether some line of a text looks like part of a crash.
pub fn has_mark(text: &[u8]) -> bool {
    first_mark(text).is_some()
}

/// Start of the last line that looks like part of a crash.
pub fn last_mark(text: &[u8]) -> Option<usize> {
    let mut end = text.len();
    while end > 0 {
        let before = text.get(..end.saturating_sub(1)).unwrap_or_default();
        let start = memchr::memrchr(b'\n', before).map_or(0, |at| at.saturating_add(1));
        if marked(text.get(start..end).unwrap_or_default()) {
            return Some(start);
        }
        end = start;
    }
    None
}

fn line_at(text: &[u8], at: usize) -> Option<Range<usize>> {
    let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
    let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end.saturating_add(1));
    Some(at..at.saturating_add(length))
}

/// Follows a region through a text that may still grow.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    anchor: usize,
    /// End of the last line with a mark.
    marked: usize,
    /// Up to here everything was looked at.
    seen: usize,
    /// Lines since the mark.
    lines: usize,
    gap: usize,
}

impl Extent {
    /// A region that begins with the line of an anchor.
    pub fn new(anchor: usize) -> Extent {
        Extent { anchor, marked: anchor, seen: anchor, lines: 0, gap: VALUE_BYTES }
    }

    /// The same region in a text whose first `bytes` were dropped.
    pub fn shift(&mut self, bytes: usize) {
        self.anchor = self.anchor.saturating_sub(bytes);
        self.marked = self.marked.saturating_sub(bytes);
        self.seen = self.seen.saturating_sub(bytes);
    }

    /// End of the last line that looked like part of a crash.
    pub fn last_mark(&self) -> usize {
        self.marked
    }

    /// End of the lines behind the last mark that may still belong to a crash. Between
    /// two marks other sources may write more than behind the last; where the anchor is
    /// the only one, there is no stack that they could stretch.
    pub fn tail(&self, text: &[u8]) -> usize {
        let alone = line_at(text, self.anchor).is_some_and(|line| line.end == self.marked);
        let lines = if alone { AFTER_LINES } else { GAP_LINES };
        let behind = text.get(self.marked..).unwrap_or_default();
        let last = memchr::memchr_iter(b'\n', behind).nth(lines);
        last.map_or(text.len(), |at| self.marked.saturating_add(at).saturating_add(1))
    }

    /// Goes on through complete lines (and what stands behind the last, when the
    /// text is `complete`); gives the end of the region once the gap is reached.
    pub fn advance(&mut self, text: &[u8], complete: bool) -> Option<usize> {
        let end = if complete {
            text.len()
        } else {
            memchr::memrchr(b'\n', text).map_or(0, |at| at.saturating_add(1))
        };
        let text = text.get(..end).unwrap_or_default();
        loop {
            // In a dump nearly every line has a mark: the last one before the gap
            // could be reached is looked for backwards.
            if self.lines == 0 && self.jump(text) {
                continue;
            }
            // The gap cannot end before this many bytes: where they hold no mark,
            // their lines are only counted.
            let before = self.seen..self.marked.saturating_add(self.gap).min(text.len());
            if let Some(bytes) = text.get(before.clone()).filter(|bytes| !bytes.is_empty())
                && let Some(last) = memchr::memrchr(b'\n', bytes)
            {
                let bytes = bytes.get(..=last).unwrap_or_default();
                let Some(mark) = first_mark(bytes) else {
                    self.lines = self.lines.saturating_add(memchr::memchr_iter(b'\n', bytes).count());
                    self.seen = self.seen.saturating_add(bytes.len());
                    continue;
                };
                let line = memchr::memrchr(b'\n', bytes.get(..mark).unwrap_or_default());
                let line = line.map_or(0, |at| at.saturating_add(1));
                self.seen = self.seen.saturating_add(line);
            }
            let line = line_at(text, self.seen)?;
            self.seen = line.end;
            self.lines = self.lines.saturating_add(1);
            if self.mark(text, line) {
                continue;
            }
            if self.lines > GAP_LINES && self.seen.saturating_sub(self.marked) > self.gap {
                return Some(self.seen);
            }
        }
    }

    fn mark(&mut self, text: &[u8], line: Range<usize>) -> bool {
        let Some(bytes) = text.get(line.clone()).filter(|bytes| marked(bytes)) else { return false };
        self.gap = if Shape::of(bytes) == Shape::Head { VALUE_BYTES } else { GAP_BYTES };
        (self.marked, self.seen, self.lines) = (line.end, line.end, 0);
        true
    }

    /// Moves to the last mark within a gap's length, if it is easily found.
    fn jump(&mut self, text: &[u8]) -> bool {
        let limit = self.marked.saturating_add(GAP_BYTES);
        let Some(ahead) = text.get(self.marked..limit) else { return false };
        let Some(last) = memchr::memrchr(b'\n', ahead) else { return false };
        let mut end = self.marked.saturating_add(last).saturating_add(1);
        for _ in 0..8 {
            let before = text.get(self.marked..end.saturating_sub(1)).unwrap_or_default();
            let start = memchr::memrchr(b'\n', before).map_or(0, |at| at.saturating_add(1));
            let start = self.marked.saturating_add(start);
            if start >= end {
                return false;
            }
            if self.mark(text, start..end) {
                return true;
            }
            end = start;
        }
        false
    }
}
