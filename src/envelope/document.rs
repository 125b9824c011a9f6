//! A log that is one JSON document, or several behind each other, over many lines:
//! exports of stores are. It is cut into units that are read by themselves, so that
//! no more than one of them has to be there at a time.
//!
//! A value that is short enough is a unit. A longer one is opened: its items or
//! members are units, with what its shorter members before them say of who and when.
//! What is no JSON is a unit, too: a line of text.

mod held;

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::structured::{self, DEPTH, Inherited};
use held::{Held, Seen};

/// Most values that are open inside each other.
const LEVELS: usize = 32;
/// Most bytes of the members that are kept for what comes behind them, and what each takes
/// at the least: all are looked at again with each one more.
const ROOM: usize = 16 << 10;
const LEAST: usize = 64;
/// A text that begins like JSON, and is none behind so few bytes, is text.
const FALSE_START: usize = 256;
/// By so much of it a document without a newline is recognised.
const COMPACT: usize = 4096;

/// Whether a text that begins so is a JSON document: its first value does not end with
/// the first line, or there is none.
pub fn begins(beginning: &[u8]) -> bool {
    let text = beginning.strip_prefix(BYTE_ORDER_MARK).unwrap_or(beginning).trim_ascii_start();
    if !matches!(text.first(), Some(b'{' | b'[')) {
        return false;
    }
    let line = memchr::memchr(b'\n', text).and_then(|end| text.get(..end));
    if line.is_none() && beginning.len() < COMPACT {
        return false;
    }
    // NDJSON ends its values with their lines; other text is no JSON at all.
    let mut values = serde_json::Deserializer::from_slice(line.unwrap_or(text).trim_ascii_end())
        .into_iter::<serde::de::IgnoredAny>();
    match values.next() {
        Some(Err(error)) => error.is_eof(),
        // Firehose: values with nothing between them.
        Some(Ok(_)) => line.is_none(),
        None => false,
    }
}

/// A mark of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What can be read by itself.
#[derive(Clone, Debug)]
pub struct Unit {
    pub range: Range<usize>,
    pub(super) kind: Kind,
    pub(super) around: Arc<Around>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// An item of an array, or a value by itself.
    Value,
    /// A key and its value.
    Member,
    /// The same, without its end.
    CutValue,
    CutMember,
    /// A line that stands beside the values.
    Text,
    /// What should have been JSON.
    Damaged,
}

/// What a unit has from the values that it is inside of.
#[derive(Clone, Default, Debug)]
pub(super) struct Around {
    pub(super) inherited: Inherited,
    /// Names of the columns, where the unit is a row.
    pub(super) columns: Vec<String>,
    /// Values around it.
    pub(super) levels: usize,
}

impl Around {
    pub(super) fn depth(&self) -> usize {
        DEPTH.saturating_sub(self.levels)
    }
}

/// A value that is open.
struct Level {
    object: bool,
    around: Arc<Around>,
    /// What an object has said of itself so far.
    members: Map<String, Value>,
    room: usize,
}

/// What has to be taken as text, behind `from` up to a newline, or to where
/// something may begin that is not.
#[derive(Clone, Copy)]
struct Other {
    kind: Kind,
    from: usize,
    line: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Unknown,
    Units,
    /// One value a line, or no JSON: it is better read as lines.
    Lines,
}

/// Cuts a document into units as it comes.
pub struct Document {
    /// A value that has more bytes is opened, if it can be.
    most: usize,
    /// Of one that cannot, more is left out.
    longest: usize,
    at: usize,
    /// What stands before is in units, or says nothing.
    settled: usize,
    held: Option<Held>,
    other: Option<Other>,
    levels: Vec<Level>,
    root: Arc<Around>,
    form: Form,
    /// Some value was read.
    seen: bool,
    units: VecDeque<Unit>,
    damaged: u64,
    left_out: u64,
    cut: bool,
}

impl Document {
    pub fn new(most: usize, longest: usize) -> Document {
        Document {
            most: most.max(1),
            longest: longest.max(1),
            at: 0,
            settled: 0,
            held: None,
            other: None,
            levels: Vec::new(),
            root: Arc::default(),
            form: Form::Unknown,
            seen: false,
            units: VecDeque::new(),
            damaged: 0,
            left_out: 0,
            cut: false,
        }
    }

    /// What was found so far and was not dropped.
    pub fn units(&self) -> &VecDeque<Unit> {
        &self.units
    }

    /// It has turned out to be one that is read line by line; nothing was taken out of it.
    pub fn is_lines(&self) -> bool {
        self.form == Form::Lines
    }

    /// Everything before this place is in units, or says nothing.
    pub fn settled(&self) -> usize {
        self.settled
    }

    /// Places where it is no JSON, bytes of values that are too long, and whether it ends in
    /// the middle, since this was asked the last time.
    pub fn told(&mut self) -> (u64, u64, bool) {
        let take = std::mem::take::<u64>;
        (take(&mut self.damaged), take(&mut self.left_out), std::mem::take(&mut self.cut))
    }

    /// The first units are not needed any more.
    pub fn forget(&mut self, units: usize) {
        self.units.drain(..units.min(self.units.len()));
    }

    /// The same document, in a text whose first bytes were dropped.
    pub fn shift(&mut self, bytes: usize) {
        let back = |at: &mut usize| *at = at.saturating_sub(bytes);
        back(&mut self.at);
        back(&mut self.settled);
        if let Some(held) = &mut self.held {
            back(&mut held.start);
            held.value.iter_mut().chain(&mut held.end).for_each(back);
        }
        self.other.iter_mut().for_each(|other| back(&mut other.from));
        for unit in &mut self.units {
            back(&mut unit.range.start);
            back(&mut unit.range.end);
        }
    }

    /// Goes on through a text, which is all there is where it has `ended`.
    pub fn advance(&mut self, text: &[u8], ended: bool) {
        if self.at == 0 && text.starts_with(BYTE_ORDER_MARK) {
            self.at = BYTE_ORDER_MARK.len();
        }
        while self.form != Form::Lines {
            let more = match (self.other, self.held.take()) {
                (Some(other), _) => self.text(text, other, ended),
                (None, Some(held)) => self.inside(text, held, ended),
                (None, None) => self.between(text),
            };
            if !more {
                break;
            }
        }
        self.cut |= ended && !self.levels.is_empty();
    }

    fn around(&self) -> Arc<Around> {
        Arc::clone(self.levels.last().map_or(&self.root, |level| &level.around))
    }

    fn push(&mut self, range: Range<usize>, kind: Kind) {
        let around = self.around();
        self.settled = range.end;
        self.units.push_back(Unit { range, kind, around });
    }

    /// What is inside a unit, which is no valid JSON as a whole, and how many places of it
    /// are damaged.
    pub(super) fn inside_of(unit: &Unit, text: &[u8]) -> Option<(VecDeque<Unit>, u64)> {
        let mut held = if unit.kind == Kind::Value { Held::value(0) } else { Held::member(0) };
        held.scan(text, &mut 0);
        let mut document = Document::new(usize::MAX, usize::MAX);
        document.root = Arc::clone(&unit.around);
        (document.form, document.seen) = (Form::Units, true);
        if !document.open(text, &held) {
            return None;
        }
        document.advance(text, true);
        Some((document.units, document.damaged))
    }

    /// Between two values; false at the end of the text.
    fn between(&mut self, text: &[u8]) -> bool {
        let rest = text.get(self.at..).unwrap_or_default();
        let skip = |b: &u8| matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b',');
        self.at = self.at.saturating_add(rest.iter().take_while(|b| skip(b)).count());
        self.settled = self.settled.max(self.at);
        let Some(&byte) = text.get(self.at) else { return false };
        let start = self.at;
        match (byte, self.levels.last().map(|level| level.object)) {
            (b'}' | b']', _) => {
                self.close(byte);
                self.at = self.at.saturating_add(1);
            }
            (b'{' | b'[', None | Some(false))
            | (b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n', Some(false)) => {
                self.held = Some(Held::value(start));
            }
            (b'"', Some(true)) => self.held = Some(Held::member(start)),
            (b'{', Some(true)) if self.in_array() => {
                // The end of the item before is lost.
                self.levels.pop();
                self.damaged = self.damaged.saturating_add(1);
            }
            (_, level) => {
                let kind = if level.is_some() { Kind::Damaged } else { Kind::Text };
                return self.give_up(text, start.saturating_add(1), kind);
            }
        }
        true
    }

    /// Whether the innermost value that is open is an item of an array.
    fn in_array(&self) -> bool {
        let outer = self.levels.len().checked_sub(2).and_then(|outer| self.levels.get(outer));
        outer.is_some_and(|outer| !outer.object)
    }

    fn close(&mut self, bracket: u8) {
        let fits = |level: &Level| level.object == (bracket == b'}');
        let Some(at) = self.levels.iter().rposition(fits) else { return };
        if at.saturating_add(1) < self.levels.len() {
            self.damaged = self.damaged.saturating_add(1);
        }
        self.levels.truncate(at);
    }

    fn inside(&mut self, text: &[u8], mut held: Held, ended: bool) -> bool {
        let opens = held.value.is_none_or(|value| matches!(text.get(value), Some(b'{' | b'[')));
        let opens = opens && self.levels.len() < LEVELS;
        let most = if opens { self.most } else { self.longest.max(self.most) };
        let end = if held.cut { text.len() } else { text.len().min(held.start.saturating_add(most)) };
        match held.scan(text.get(..end).unwrap_or_default(), &mut self.at) {
            Seen::End(end) => self.complete(text, held, end, ended),
            Seen::Damage => self.damage(text, held),
            Seen::All if held.cut => {
                self.left_out = self.left_out.saturating_add(self.at.saturating_sub(self.settled) as u64);
                self.settled = self.at;
                self.held = Some(held).filter(|_| !ended);
                false
            }
            Seen::All if end == text.len() && !ended => {
                self.held = Some(held);
                false
            }
            // A number that the text ends with.
            Seen::All if end == text.len() && held.is_word() => self.complete(text, held, end, ended),
            Seen::All if self.open(text, &held) => true,
            Seen::All => {
                let kind = if held.is_member() { Kind::CutMember } else { Kind::CutValue };
                self.push(held.start..end, kind);
                self.seen = true;
                self.form = Form::Units;
                if end == text.len() {
                    self.cut = true;
                    return false;
                }
                self.at = self.at.min(end);
                held.cut = true;
                self.held = Some(held);
                true
            }
        }
    }

    /// A value has ended.
    fn complete(&mut self, text: &[u8], mut held: Held, end: usize, ended: bool) -> bool {
        if held.cut {
            self.left_out = self.left_out.saturating_add(end.saturating_sub(self.settled) as u64);
            (self.at, self.settled) = (end, end);
            return true;
        }
        let value = text.get(held.start..end).unwrap_or_default();
        if self.levels.is_empty() && memchr::memchr(b'\n', value).is_none() {
            // What else is on its line tells whether it is one.
            let rest = text.get(end..).unwrap_or_default();
            match rest.iter().find(|b| !matches!(b, b' ' | b'\t' | b'\r')) {
                None if !ended => {
                    held.end = Some(end);
                    self.held = Some(held);
                    return false;
                }
                None | Some(b'\n') if self.form == Form::Unknown => {
                    self.form = Form::Lines;
                    return false;
                }
                None | Some(b'\n' | b'{' | b'[' | b',') => {}
                Some(_) => {
                    self.at = held.start;
                    return self.give_up(text, end, Kind::Text);
                }
            }
        }
        (self.form, self.seen) = (Form::Units, true);
        let member = held.is_member();
        self.push(held.start..end, if member { Kind::Member } else { Kind::Value });
        self.at = end;
        if member {
            self.remember(text, &held, end);
        }
        true
    }

    /// Keeps what a member says, for those behind it.
    fn remember(&mut self, text: &[u8], held: &Held, end: usize) {
        let outer = self.levels.len().checked_sub(2).and_then(|outer| self.levels.get(outer));
        let outer = Arc::clone(outer.map_or(&self.root, |level| &level.around));
        let Some(level) = self.levels.last_mut() else { return };
        let Some(bytes) = text.get(held.start..end).filter(|bytes| bytes.len().max(LEAST) <= level.room)
        else {
            return;
        };
        let is_array = held.value.and_then(|value| text.get(value)) == Some(&b'[');
        let named = [&b"\"columns\""[..], b"\"attributes\""].iter().any(|key| bytes.starts_with(key));
        if is_array && !named {
            return;
        }
        let Ok(member) = serde_json::from_slice::<Map<String, Value>>(&[b"{", bytes, b"}"].concat()) else {
            return;
        };
        level.room = level.room.saturating_sub(bytes.len().max(LEAST));
        level.members.extend(member);
        let inherited = outer.inherited.inside(&level.members);
        level.around = Arc::new(Around { inherited, ..Around::clone(&level.around) });
    }

    /// What is inside a value that is too long, or damaged, comes by itself.
    fn open(&mut self, text: &[u8], held: &Held) -> bool {
        let Some(value) = held.value.filter(|_| self.levels.len() < LEVELS && !held.cut) else {
            return false;
        };
        let object = match text.get(value) {
            Some(b'{') => true,
            Some(b'[') => false,
            _ => return false,
        };
        let key = text.get(held.start..value).unwrap_or_default();
        let rows = !object && key.starts_with(b"\"rows\"");
        let names = |level: &Level| structured::columns(&level.members);
        let columns = self.levels.last().filter(|_| rows).and_then(names).unwrap_or_default();
        let outer = self.around();
        let levels = outer.levels.saturating_add(1);
        let around = Arc::new(Around { inherited: outer.inherited.clone(), columns, levels });
        self.levels.push(Level { object, around, members: Map::new(), room: ROOM });
        self.at = value.saturating_add(1);
        self.settled = self.at;
        true
    }

    /// Something is wrong at `at`, inside a value.
    fn damage(&mut self, text: &[u8], held: Held) -> bool {
        if held.cut {
            let place = self.at;
            self.settled = place;
            return self.give_up(text, place.saturating_add(1), Kind::Damaged);
        }
        let before = text.get(held.start..self.at).unwrap_or_default();
        let false_start = before.len() < FALSE_START && memchr::memchr(b'\n', before).is_none();
        let root = self.levels.is_empty();
        if !(root && false_start) && self.open(text, &held) {
            return true;
        }
        let from = self.at.max(held.start.saturating_add(1));
        self.at = held.start;
        self.give_up(text, from, if root && false_start { Kind::Text } else { Kind::Damaged })
    }

    /// What stands at `at` is text.
    fn give_up(&mut self, text: &[u8], from: usize, kind: Kind) -> bool {
        if !self.seen {
            self.form = Form::Lines;
            return false;
        }
        self.damaged = self.damaged.saturating_add(u64::from(kind == Kind::Damaged));
        let before = text.get(..self.at).unwrap_or_default();
        let blank = |b: &u8| matches!(b, b' ' | b'\t');
        let line = before.iter().rev().find(|b| !blank(b)).is_none_or(|b| *b == b'\n');
        self.other = Some(Other { kind, from, line });
        true
    }

    fn text(&mut self, text: &[u8], other: Other, ended: bool) -> bool {
        let end = text.len().min(self.at.saturating_add(self.most).max(other.from));
        let rest = text.get(other.from..end).unwrap_or_default();
        let stop = if other.line {
            memchr::memchr(b'\n', rest).map(|at| at.saturating_add(1))
        } else {
            rest.iter().position(|b| matches!(b, b'\n' | b'{' | b'}' | b'[' | b']' | b',' | b'"'))
        };
        let end = match stop {
            Some(stop) => other.from.saturating_add(stop),
            None if end == text.len() && !ended => return false,
            None => end,
        };
        self.other = None;
        self.push(self.at..end, other.kind);
        self.at = end;
        true
    }
}

#[cfg(test)]
mod tests;
