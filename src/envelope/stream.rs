//! The lines of one source, put together again.

use super::stamp::Stamp;

/// Who wrote a line, as far as the wrapping tells: pairs of what (`pod`,
/// `container`, `stream`, `host`, `unit`, `tag`, `pid`, …) and its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Identity {
    pub fields: Vec<(&'static str, String)>,
}

impl Identity {
    /// A field of an inner layer beats the same field of an outer one.
    pub(super) fn set(&mut self, key: &'static str, value: &str) {
        // `-` and nothing are how formats spell "not known".
        if value.is_empty() || value == "-" {
            return;
        }
        match self.fields.iter_mut().find(|(known, _)| *known == key) {
            Some((_, old)) => value.clone_into(old),
            None => self.fields.push((key, value.to_owned())),
        }
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| *known == key).map(|(_, value)| value.as_str())
    }
}

/// What happened to a line on its way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u16)]
pub enum Mark {
    /// Put together from parts that a collector had cut.
    Joined = 1,
    /// The TAB before a position was blanks, or gone.
    Detabbed = 1 << 1,
    /// Empty lines were dropped.
    BlankLost = 1 << 2,
    /// Bytes that are not UTF-8 were replaced by the collector (U+FFFD).
    BytesReplaced = 1 << 3,
    /// A whole line was replaced by a remark about its size.
    BlobLost = 1 << 4,
    /// A collector dropped lines and said so.
    Suppressed = 1 << 5,
    /// Lines that a collector had folded into "repeated N times".
    Repeated = 1 << 6,
    /// Broken at the width of a terminal or mail, and joined by guess.
    Wrapped = 1 << 7,
    /// Lines stood in another order.
    Reordered = 1 << 8,
    /// The text was escaped, encoded or quoted inside one line.
    Quoted = 1 << 9,
    /// Typographic characters were turned back into those of the runtime.
    Retyped = 1 << 10,
    /// The same lines stood there twice.
    Doubled = 1 << 11,
    /// Lines of another writer stood between.
    Interleaved = 1 << 12,
    /// A record of the wrapping is damaged.
    Unreadable = 1 << 13,
    /// The record is longer than what is held in memory.
    TooLong = 1 << 14,
}

/// A set of [`Mark`]s.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Marks(u16);

impl Marks {
    pub const NONE: Marks = Marks(0);

    pub const fn of(mark: Mark) -> Marks {
        Marks(mark as u16)
    }

    pub fn has(self, mark: Mark) -> bool {
        self.0 & mark as u16 != 0
    }

    #[must_use]
    pub fn with(self, other: Marks) -> Marks {
        Marks(self.0 | other.0)
    }
}

/// Where a line of a stream came from.
#[derive(Clone, Debug)]
struct LineAt {
    /// Offset of the line in the text of the stream.
    start: usize,
    /// Offset and number of the line in the input.
    offset: u64,
    line: u64,
    marks: Marks,
    /// Its stamp, in the arena of stamps.
    stamp: (u32, u8),
}

/// The lines of one source without what was around them.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    pub identity: Identity,
    /// Names of the formats that were taken off, outermost first.
    pub envelopes: Vec<&'static str>,
    pub text: Vec<u8>,
    lines: Vec<LineAt>,
    stamps: Vec<u8>,
    /// What stood beside the text in the same record (`msg`, `error`), with the
    /// offset of the text that it belongs to.
    pub(super) beside: Vec<(usize, String)>,
}

/// One line on its way into a stream.
pub(super) struct Incoming<'a> {
    pub(super) text: &'a [u8],
    pub(super) newline: bool,
    pub(super) offset: u64,
    pub(super) line: u64,
    pub(super) marks: Marks,
    pub(super) stamp: Option<&'a [u8]>,
}

impl Stream {
    pub(super) fn new(identity: Identity, envelopes: Vec<&'static str>) -> Stream {
        Stream { identity, envelopes, ..Stream::default() }
    }

    pub(super) fn push(&mut self, line: &Incoming<'_>) {
        let stamp = line.stamp.filter(|s| s.len() < 64).map_or((0, 0), |stamp| {
            let at = u32::try_from(self.stamps.len()).unwrap_or(u32::MAX);
            self.stamps.extend_from_slice(stamp);
            (at, u8::try_from(stamp.len()).unwrap_or(0))
        });
        self.lines.push(LineAt {
            start: self.text.len(),
            offset: line.offset,
            line: line.line,
            marks: line.marks,
            stamp,
        });
        self.text.extend_from_slice(line.text);
        if line.newline {
            self.text.push(b'\n');
        }
    }

    fn at(&self, offset: usize) -> Option<&LineAt> {
        let index = self.lines.partition_point(|line| line.start <= offset).checked_sub(1)?;
        self.lines.get(index)
    }

    /// Offset and number, in the input, of the line that holds `offset`.
    pub fn place(&self, offset: usize) -> (u64, u64) {
        self.at(offset).map_or((0, 0), |line| (line.offset, line.line))
    }

    /// Number, in the input, of the `number`-th line (from 1) of the text.
    pub fn line(&self, number: u64) -> u64 {
        let index = usize::try_from(number).ok().and_then(|n| n.checked_sub(1));
        index.and_then(|index| self.lines.get(index)).map_or(0, |line| line.line)
    }

    /// The stamp of the line that holds `offset`.
    pub fn stamp(&self, offset: usize) -> Option<Stamp> {
        let (at, length) = self.at(offset)?.stamp;
        let at = at as usize;
        let raw = self.stamps.get(at..at.saturating_add(usize::from(length)))?;
        (!raw.is_empty()).then(|| Stamp::new(raw))
    }

    /// What stood beside the lines of a run, in the same records.
    pub fn beside(&self, run: std::ops::Range<usize>) -> impl Iterator<Item = &str> {
        let first = self.beside.partition_point(|(at, _)| *at < run.start);
        let rest = self.beside.get(first..).unwrap_or_default().iter();
        rest.take_while(move |(at, _)| *at < run.end).map(|(_, text)| text.as_str())
    }

    /// All that happened to the lines of a run, and how many were joined.
    pub fn marks(&self, run: std::ops::Range<usize>) -> (Marks, usize) {
        let first = self.lines.partition_point(|line| line.start < run.start);
        let lines = self.lines.get(first..).unwrap_or_default().iter().take_while(|l| l.start < run.end);
        lines.fold((Marks::NONE, 0usize), |(marks, joined), line| {
            (marks.with(line.marks), joined.saturating_add(usize::from(line.marks.has(Mark::Joined))))
        })
    }
}
