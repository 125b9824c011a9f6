//! A log that comes piece by piece: what cannot belong to a crash is dropped at
//! once, what may is held until nothing more of it can come.
//!
//! The pieces do not matter: where a region of lines begins and ends follows
//! from the lines alone, and a region is read as one text.

mod cut;
mod units;

use super::Crash;
use super::carve;
use super::read::{Looked, Reading, Unwrapping, newlines, scan, whole};
use super::repeats::Repeats;
use crate::envelope::{self, Extent};
use crate::source::{Document, Origin};
use cut::{Cut, Ending, early, last_alone};
use units::Units;

/// How much is held in memory at a time.
#[derive(Clone, Copy, Debug)]
pub struct Hold {
    /// Lines that may belong together; a crash that is longer is cut, and says so.
    pub region: usize,
    /// A document that can only be read as a whole, or a string in a JSON document.
    pub whole: usize,
}

impl Default for Hold {
    fn default() -> Hold {
        Hold { region: 256 << 20, whole: 1 << 30 }
    }
}

/// By so much of a document its form as a whole is recognised.
const BEGINNING: usize = 4096;
/// So much of the text before an anchor is kept: what `envelope::start` may look at.
const CONTEXT: usize = 40 << 10;
/// By this part of what may be held a region is long: many small crashes take more memory
/// than their text.
const LONG: usize = 8;
/// More crashes that go on at the same time are cut.
pub const MANY: usize = 8192;
/// A mark of UTF-8 says nothing that is not known.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// The buffer is moved when so much of its front is used up.
const SLACK: usize = 1 << 20;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Too little was seen to know.
    Beginning,
    Lines,
    /// JSON whose values do not end with their lines.
    Document,
    /// All of it is needed: another charset, a binary log.
    Whole,
}

/// Whether more of a text may come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    No,
    /// What is there is taken as all there is, but what has not ended.
    Pause,
    Yes,
}

/// Reads crashes out of a log as it comes.
pub struct Feed {
    origin: Origin,
    unwrapping: Unwrapping,
    mode: Mode,
    /// Somebody waits: the first line has to tell the form.
    live: bool,
    buffer: Vec<u8>,
    cursor: Cursor,
    /// Of a JSON document; in it, the cursor tells only what was dropped.
    units: Option<Units>,
    looked: Looked,
    /// The last line has not ended.
    unended: bool,
    /// Line ends in all that has come.
    newlines: u64,
    /// `None` in a part of a log: what repeats itself shows when the parts are joined.
    repeats: Option<Repeats>,
    hold: Hold,
    /// A region that is longer is looked at before it ends.
    long: usize,
    /// A crash that was cut since it is too long, and what was left out of it so far:
    /// it is over where what comes next is not the rest of it.
    cut: Option<Cut>,
}

/// Finds every crash in a document that is in memory.
pub fn read(document: &Document, unwrapping: &Unwrapping) -> Reading {
    Feed::new(document.origin.clone(), unwrapping.clone()).all(&document.bytes)
}

/// Where the reader stands in a text, or in the part of it that is in memory.
#[derive(Default)]
struct Cursor {
    /// Offset and number, in the input, of the first byte in memory.
    base: u64,
    lines: u64,
    /// Everything before was searched for anchors.
    searched: usize,
    /// Everything before is used up.
    floor: usize,
    open: Option<(usize, Extent)>,
}

enum Step {
    /// Nothing more to find in what is there.
    Idle,
    /// A region is long, and has not ended.
    Long { start: usize },
    /// A region ends here.
    Region { start: usize, end: usize, cut: bool },
}

impl Cursor {
    /// The next region of lines that may hold a crash, once it has ended.
    fn step(&mut self, text: &[u8], complete: bool, most: usize, long: usize) -> Step {
        if self.open.is_none() {
            match carve::next(text, self.searched, self.floor) {
                Some(found) => self.open = Some((found.line, Extent::new(found.line))),
                None => {
                    self.searched =
                        text.len().saturating_sub(carve::OVERLAP).max(self.searched).min(text.len());
                    return Step::Idle;
                }
            }
        }
        let Some((anchor, extent)) = &mut self.open else { return Step::Idle };
        let end = extent.advance(text, complete);
        let start = envelope::start(text, *anchor, self.floor);
        let full = text.len().saturating_sub(start) > most;
        let (end, cut) = match end {
            Some(end) => (end, false),
            None if complete => (text.len(), false),
            None if full => (text.len(), true),
            None if text.len().saturating_sub(start) > long => return Step::Long { start },
            None => return Step::Idle,
        };
        self.open = None;
        (self.searched, self.floor) = (end, end);
        Step::Region { start, end, cut }
    }
}

impl Feed {
    pub fn new(origin: Origin, unwrapping: Unwrapping) -> Feed {
        let mode = match unwrapping {
            Unwrapping::Auto => Mode::Beginning,
            Unwrapping::Plain => Mode::Lines,
            Unwrapping::Forced(_) => Mode::Whole,
        };
        Feed {
            origin,
            unwrapping,
            mode,
            live: false,
            buffer: Vec::new(),
            cursor: Cursor::default(),
            units: None,
            looked: Looked::default(),
            unended: false,
            newlines: 0,
            repeats: Some(Repeats::default()),
            hold: Hold::default(),
            long: Hold::default().region / LONG,
            cut: None,
        }
    }

    /// The same, with less or more memory.
    #[must_use]
    pub fn holding(self, hold: Hold) -> Feed {
        Feed { hold, long: hold.region / LONG, ..self }
    }

    /// From here on it may hold less.
    pub fn hold(&mut self, hold: Hold) {
        (self.hold, self.long) = (hold, hold.region / LONG);
    }

    /// A part of a log, from one quiet place ([`super::quiet`]) to the next.
    /// `lead` bytes stand before it, are handed over first, in one piece with at
    /// least as much, and are only looked back at; `offset` is where they begin.
    /// Lines are numbered from there.
    pub fn part(origin: Origin, unwrapping: Unwrapping, offset: u64, lead: usize) -> Feed {
        let mut feed = Feed { repeats: None, ..Feed::new(origin, unwrapping) };
        if offset > 0 || lead > 0 {
            feed.mode = Mode::Lines;
            feed.cursor = Cursor { base: offset, searched: lead, ..Cursor::default() };
        }
        feed
    }

    /// A log that is written while it is read.
    pub fn live(origin: Origin, unwrapping: Unwrapping) -> Feed {
        Feed { live: true, ..Feed::new(origin, unwrapping) }
    }

    /// Takes more of the log; gives the crashes that are complete by it.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Crash> {
        self.count(bytes);
        self.buffer.extend_from_slice(bytes);
        self.work(Ends::No)
    }

    /// Nothing has come for a while: what is there is taken as all there is,
    /// but for a line that has not ended.
    pub fn flush(&mut self) -> Vec<Crash> {
        if self.mode == Mode::Whole {
            return Vec::new();
        }
        if self.mode == Mode::Document {
            let mut crashes = self.work(Ends::Pause);
            crashes.extend(self.cut.take().map(|cut| self.close(cut)));
            return crashes;
        }
        let ended = memchr::memrchr(b'\n', &self.buffer).map_or(0, |at| at.saturating_add(1));
        let rest = self.buffer.split_off(ended);
        let crashes = self.end();
        self.buffer.extend_from_slice(&rest);
        crashes
    }

    /// Whether something is held that may be part of a crash: then the offset, in
    /// the input, of the end of the last line that looks like it.
    pub fn held(&self) -> Option<u64> {
        let end = match (&self.cursor.open, self.mode) {
            (_, Mode::Document) => self.units.as_ref()?.last_mark()?,
            (_, Mode::Beginning) if !self.buffer.is_empty() => self.buffer.len(),
            (Some((_, extent)), _) => extent.last_mark(),
            _ => return None,
        };
        Some(self.cursor.base.saturating_add(end as u64))
    }

    /// Up to this offset of the input nothing can become part of a crash any more.
    pub fn settled(&self) -> u64 {
        let held = match (&self.cursor.open, self.mode) {
            (_, Mode::Whole | Mode::Beginning) => 0,
            (_, Mode::Document) => self.units.as_ref().map_or(0, Units::settled),
            (Some((anchor, _)), _) => envelope::start(&self.buffer, *anchor, self.cursor.floor),
            (None, _) => self.cursor.searched,
        };
        self.cursor.base.saturating_add(held as u64)
    }

    /// Bytes that are held.
    pub fn in_memory(&self) -> usize {
        self.buffer.len()
    }

    /// What stands at the end and may go on elsewhere: its text, and its offset and the
    /// number of lines before it.
    pub fn open_end(&self) -> Option<(&[u8], u64, u64)> {
        let start = match (&self.cursor.open, self.mode) {
            (_, Mode::Whole | Mode::Document) => return None,
            (_, Mode::Beginning) => 0,
            (Some((anchor, _)), _) => envelope::start(&self.buffer, *anchor, self.cursor.floor),
            (None, _) if !self.unended => return None,
            (None, _) => memchr::memrchr(b'\n', &self.buffer).map_or(0, |at| at.saturating_add(1)),
        };
        let (before, text) = self.buffer.split_at_checked(start).filter(|(_, text)| !text.is_empty())?;
        let offset = self.cursor.base.saturating_add(start as u64);
        Some((text, offset, self.cursor.lines.saturating_add(newlines(before))))
    }

    /// Reads a log that is in memory.
    pub(super) fn all(mut self, text: &[u8]) -> Reading {
        self.count(text);
        let crashes = self.run(text, Ends::Yes).1;
        Reading { crashes, looked: self.looked() }
    }

    fn count(&mut self, bytes: &[u8]) {
        self.looked.bytes = self.looked.bytes.saturating_add(bytes.len() as u64);
        let newlines = newlines(bytes);
        self.newlines = self.newlines.saturating_add(newlines);
        self.looked.lines = self.looked.lines.saturating_add(newlines);
        self.unended = bytes.last().map_or(self.unended, |last| *last != b'\n');
    }

    /// The end of the log.
    pub fn finish(mut self) -> (Vec<Crash>, Looked) {
        (self.end(), self.looked())
    }

    /// The crashes that the end of the log completes.
    pub fn end(&mut self) -> Vec<Crash> {
        let mut crashes = self.work(Ends::Yes);
        crashes.extend(self.cut.take().map(|cut| self.close(cut)));
        crashes
    }

    /// How much was seen so far; a line that has not ended does not count.
    pub fn so_far(&self) -> Looked {
        self.looked
    }

    /// How much was seen so far; a line that has not ended counts.
    fn looked(&self) -> Looked {
        Looked { lines: self.looked.lines.saturating_add(u64::from(self.unended)), ..self.looked }
    }

    fn work(&mut self, ends: Ends) -> Vec<Crash> {
        let buffer = std::mem::take(&mut self.buffer);
        let (used, crashes) = self.run(&buffer, ends);
        self.buffer = buffer;
        if used > SLACK || (used > 0 && used == self.buffer.len()) {
            self.cursor.base = self.cursor.base.saturating_add(used as u64);
            // What is kept is less to count than what is not.
            self.cursor.lines =
                self.newlines.saturating_sub(newlines(self.buffer.get(used..).unwrap_or_default()));
            self.cursor.searched = self.cursor.searched.saturating_sub(used);
            self.cursor.floor = self.cursor.floor.saturating_sub(used);
            if let Some((anchor, extent)) = &mut self.cursor.open {
                *anchor = anchor.saturating_sub(used);
                extent.shift(used);
            }
            if let Some(units) = &mut self.units {
                units.document.shift(used);
            }
            self.buffer.drain(..used);
        }
        crashes
    }

    /// Reads what can be read of a text; says how much of its front is not
    /// needed any more.
    pub(super) fn run(&mut self, text: &[u8], ends: Ends) -> (usize, Vec<Crash>) {
        let complete = ends != Ends::No;
        if self.mode == Mode::Beginning {
            let first_line = memchr::memchr(b'\n', text).filter(|_| self.live);
            let length = first_line.map_or(BEGINNING, |end| end.saturating_add(1).min(BEGINNING));
            if text.len() < length && !complete {
                return (0, Vec::new());
            }
            let beginning = text.get(..text.len().min(length)).unwrap_or_default();
            self.mode = if envelope::decode(beginning).is_some() || envelope::is_whole(beginning) {
                Mode::Whole
            } else if envelope::begins_document(beginning) {
                self.units = Some(Units::new(self.hold.whole));
                Mode::Document
            } else {
                Mode::Lines
            };
            if text.starts_with(BYTE_ORDER_MARK) {
                (self.cursor.searched, self.cursor.floor) = (BYTE_ORDER_MARK.len(), BYTE_ORDER_MARK.len());
            }
        }
        if let Some(mut units) = self.units.take() {
            units.document.advance(text, ends == Ends::Yes);
            if !units.document.is_lines() {
                return self.document(text, units, complete);
            }
            self.mode = Mode::Lines;
        }
        if self.mode == Mode::Whole {
            let full = text.len() > self.hold.whole;
            if !complete && !full {
                return (0, Vec::new());
            }
            let (crashes, looked) = whole(text, &self.unwrapping);
            self.looked.suspects = self.looked.suspects.saturating_add(looked.suspects);
            self.looked.damaged = self.looked.damaged.saturating_add(looked.damaged);
            self.looked.not_as_a_whole |= full;
            // Lines of the decoded text, where it was decoded.
            (self.looked.lines, self.unended) = (looked.lines, false);
            // What comes after the limit is read line by line.
            self.mode = Mode::Lines;
            return (text.len(), self.place(crashes, 0, 0, full.then_some(self.hold.whole)));
        }
        let mut out = Vec::new();
        let (mut counted, mut before) = (0usize, 0u64);
        loop {
            let (start, end, cut) = match self.cursor.step(text, complete, self.hold.region, self.long) {
                Step::Idle => break,
                Step::Region { start, end, cut } => (start, end, cut),
                Step::Long { start } => (start, text.len(), false),
            };
            let is_open = self.cursor.open.is_some();
            let region = text.get(start..end).unwrap_or_default();
            let (mut crashes, suspects) = scan(region, matches!(self.unwrapping, Unwrapping::Auto));
            let mut ending = if cut { Ending::Cut(end) } else { Ending::Own };
            if is_open {
                let at = match early(&crashes, region) {
                    Some(at) => {
                        crashes.retain(|crash| crash.span.bytes.start < at as u64);
                        start.saturating_add(at)
                    }
                    None if crashes.len() > MANY => {
                        self.looked.interleaved = true;
                        end
                    }
                    None => {
                        // It is one crash, or a few: more of them has to come.
                        self.long = self.long.saturating_mul(2);
                        continue;
                    }
                };
                (self.cursor.searched, self.cursor.floor, self.cursor.open) = (at, at, None);
                ending = Ending::Before(at);
            }
            self.long = self.hold.region / LONG;
            if let Some(last) = last_alone(&crashes, region).filter(|_| cut) {
                // The last one may go on: it is read again, with what comes.
                crashes.retain(|crash| crash.span.bytes.start < last as u64);
                let at = start.saturating_add(last);
                (self.cursor.searched, self.cursor.floor) = (at, at);
                ending = Ending::Before(at);
            }
            self.looked.suspects = self.looked.suspects.saturating_add(suspects);
            before = before.saturating_add(newlines(text.get(counted..start).unwrap_or_default()));
            counted = start;
            let placed = self.place(crashes, start as u64, before, None);
            out.extend(self.hold_back(placed, start, ending));
        }
        let used = match &self.cursor.open {
            Some((anchor, _)) => envelope::start(text, *anchor, self.cursor.floor),
            None => self.cursor.searched.saturating_sub(CONTEXT).max(self.cursor.floor),
        };
        (used, out)
    }

    /// Lines may be as long as they like: they are none.
    pub fn is_document(&self) -> bool {
        self.mode == Mode::Document
    }

    /// Makes spans count from the start of the input. `cut` is the limit that has
    /// ended the text, if one has.
    fn place(&mut self, mut crashes: Vec<Crash>, offset: u64, lines: u64, cut: Option<usize>) -> Vec<Crash> {
        let offset = offset.saturating_add(self.cursor.base);
        let lines = lines.saturating_add(self.cursor.lines);
        if let Some((limit, last)) = cut.zip(crashes.last_mut()) {
            let limit = limit >> 20;
            last.losses.push(format!("cut after {limit} MB, the most that is held in memory at a time"));
        }
        for crash in &mut crashes {
            let span = &mut crash.span;
            span.origin = self.origin.clone();
            span.bytes = span.bytes.start.saturating_add(offset)..span.bytes.end.saturating_add(offset);
            span.lines = span.lines.start().saturating_add(lines)..=span.lines.end().saturating_add(lines);
            for remark in &mut crash.remarks {
                remark.line = remark.line.saturating_add(lines);
            }
        }
        if let Some(repeats) = &mut self.repeats {
            crashes.retain_mut(|crash| repeats.is_new(crash, &mut self.looked));
        }
        crashes
    }
}

/// Whether a log that begins so is read line by line, so that parts of it can be
/// read for themselves.
pub fn by_lines(beginning: &[u8]) -> bool {
    let first = beginning.get(..BEGINNING).unwrap_or(beginning);
    envelope::decode(first).is_none() && !envelope::is_whole(first) && !envelope::begins_document(beginning)
}
