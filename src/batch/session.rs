//! One text, or several that are one by rotation, read into records.

use std::io::{ErrorKind, Read};
use std::ops::Range;
use std::sync::MutexGuard;
use std::sync::atomic::Ordering;

use super::lines::Cutter;
use super::record::{DocumentRecord, From, Outcome, Record};
use super::seams::{Ends, Head, Tail, may_go_on};
use super::{Scan, Watch, apart};
use crate::examine::Examiner;
use crate::source::{Origin, Text, is_binary};
use crate::trace::{Crash, Feed, Hold, Joined, Looked, MANY, Unwrapping};

/// Where decoders hold more than that, what is read has to share with them; where it is
/// still more, a crash may be shorter.
const MUCH: u64 = 16 << 20;
const MORE: u64 = 72 << 20;
const NARROW: usize = 2 << 20;
/// Bytes of records that are told at a time.
const TOLD: u64 = 1 << 20;
/// Bytes that are read at a time.
const PIECE: usize = 256 << 10;

/// Where records go.
pub(super) type Tell<'t> = &'t mut dyn FnMut(Record);

pub(super) struct Session<'s> {
    scan: &'s Scan<'s>,
    feed: Feed,
    hold: Hold,
    /// It has the right to have much in memory until the text ends.
    alone: bool,
    cutter: Cutter,
    joined: Joined,
    documents: Vec<Document>,
    /// Of a member of an archive, which may go on from another one.
    head: Option<Head>,
}

struct Document {
    record: DocumentRecord,
    /// What was looked at, and lines that were cut, before it.
    looked: Looked,
    cut: (u64, u64),
    is_binary: bool,
    /// By its name there is a later piece of its log.
    goes_on: bool,
}

impl<'s> Session<'s> {
    pub(super) fn new(scan: &'s Scan<'s>, origin: &Origin) -> Session<'s> {
        Session {
            scan,
            feed: Feed::new(origin.clone(), Unwrapping::Auto).holding(scan.hold),
            hold: scan.hold,
            alone: false,
            cutter: Cutter::new(scan.longest_line),
            joined: Joined::default(),
            documents: Vec::new(),
            head: (!origin.members.is_empty()).then(Head::default),
        }
    }

    /// Reads a text to its end; its crashes are told as they come.
    pub(super) fn read(&mut self, text: Text<'_>, examiner: &Examiner<'_>, tell: Tell<'_>) {
        self.close();
        // Its decoders hold much, so that it is its turn: nobody else reads a long crash.
        let alone = (text.held > MUCH).then(|| self.scan.watch.alone());
        self.alone = alone.is_some();
        self.hold = self.scan.hold;
        if text.held > MORE {
            self.hold =
                Hold { region: NARROW.min(self.hold.region), whole: (NARROW / 3 * 2).min(self.hold.whole) };
        }
        self.feed.hold(self.hold);
        let from = From::new(&text.origin, text.number);
        let mut record = DocumentRecord::new(from, Outcome::Read, None);
        record.codecs = text.unpacked.iter().map(|codec| (*codec).to_owned()).collect();
        let looked = self.feed.so_far();
        let start = self.cutter.came();
        self.joined.begin(text.origin.clone(), start, looked.lines);
        let is_binary = is_binary(text.beginning);
        let goes_on = may_go_on(&text.origin);
        self.documents.push(Document { record, looked, cut: self.cutter.cut(), is_binary, goes_on });
        let packed = !text.unpacked.is_empty() || !text.origin.members.is_empty();
        let limit = if packed { self.scan.limits.streamed_bytes } else { u64::MAX };
        let mut buffer = Vec::new();
        let cut = loop {
            let ended = fill(text.reader, &mut buffer, PIECE);
            self.push(&buffer, examiner, tell);
            let bytes = self.cutter.came().saturating_sub(start);
            match ended {
                Filled::Full if self.scan.watch.stopped() => break Some(interrupted(bytes)),
                Filled::Full if bytes > limit => {
                    break Some(format!(
                        "limit reached: it is longer than {limit} bytes; the first {bytes} were used"
                    ));
                }
                Filled::Full => {}
                Filled::Ended => break None,
                Filled::Failed(what) => {
                    break Some(format!("{what}; the {bytes} bytes before that are used"));
                }
            }
        };
        if let (Some(document), Some(cut)) = (self.documents.last_mut(), cut) {
            document.record.reason = Some(cut);
        }
        self.alone = false;
        drop(alone);
    }

    fn push(&mut self, piece: &[u8], examiner: &Examiner<'_>, tell: Tell<'_>) {
        if let Some(head) = &mut self.head {
            head.push(piece, self.scan.hold.region);
        }
        let length = if self.alone { 0 } else { self.feed.in_memory().saturating_add(piece.len()) };
        let one_at_a_time = self.scan.watch.at_once(length);
        let (feed, cutter) = (&mut self.feed, &mut self.cutter);
        let found = apart(one_at_a_time.is_some(), || {
            let mut found = Vec::new();
            if feed.is_document() {
                cutter.pass_all(piece, &mut |bytes| found.extend(feed.push(bytes)));
            } else {
                cutter.pass(piece, &mut |bytes| found.extend(feed.push(bytes)));
            }
            found
        });
        self.take(found, examiner, one_at_a_time, tell);
    }

    /// Makes records of crashes. Who is told of them may have to wait, so that the right to
    /// have much in memory is given back before.
    fn take(
        &mut self,
        mut crashes: Vec<Crash>,
        examiner: &Examiner<'_>,
        mut one_at_a_time: Option<MutexGuard<'_, ()>>,
        tell: Tell<'_>,
    ) {
        let mut records = Vec::new();
        let mut weight = 0u64;
        crashes.sort_by_key(|crash| (crash.span.bytes.start, crash.span.bytes.end));
        let mut nth = Nth::default();
        for mut crash in crashes {
            let bytes = crash.span.bytes.clone();
            let nth = nth.of(&bytes);
            crash.span.bytes = self.cutter.place(bytes.start)..self.cutter.place(bytes.end);
            let at = self.joined.place(&mut crash);
            let Some(document) = self.documents.get_mut(at) else { continue };
            document.record.crashes = document.record.crashes.saturating_add(1);
            self.scan.watch.crashes.fetch_add(1, Ordering::Relaxed);
            let number = document.record.from.document;
            let examined = examiner.crash(crash);
            let record = Record::Crash(Box::new(self.scan.describe(examined, number, nth)));
            weight = weight.saturating_add(record.weight());
            records.push(record);
            if weight > TOLD {
                drop(one_at_a_time.take());
                records.drain(..).for_each(&mut *tell);
                weight = 0;
            }
        }
        drop(one_at_a_time);
        records.into_iter().for_each(tell);
    }

    /// What the text begins and ends with, where it may belong to a crash that was cut.
    pub(super) fn ends(&mut self) -> Ends {
        let is_whole = self.documents.last().is_some_and(|document| document.record.reason.is_none());
        let Some(head) = self.head.take().filter(|_| is_whole) else { return Ends::default() };
        let goes_on = self.documents.last().is_some_and(|document| document.goes_on);
        let open = self.feed.open_end().filter(|_| goes_on);
        let tail = open.map(|(text, offset, lines)| Tail {
            text: text.to_vec(),
            offset: self.cutter.place(offset),
            lines,
        });
        Ends::new(head, tail, goes_on)
    }

    /// The text with that name was read to its end, so that another one can go on there.
    pub(super) fn has_read(&self, name: &str) -> bool {
        let last = self.documents.last().map(|document| &document.record);
        last.is_some_and(|record| record.from.path == name && record.reason.is_none())
    }

    /// Sums up the document that was read last; crashes in it may still come.
    fn close(&mut self) {
        let (came, cut, looked) = (self.cutter.came(), self.cutter.cut(), self.feed.so_far());
        let before: u64 = self.documents.iter().rev().skip(1).map(|document| document.record.bytes).sum();
        if let Some(document) = self.documents.last_mut() {
            document.sum(came.saturating_sub(before), looked, cut, self.scan, self.hold);
        }
    }

    /// Tells the rest of the records.
    pub(super) fn finish(mut self, examiner: &Examiner<'_>, tell: Tell<'_>) {
        let one_at_a_time = self.scan.watch.at_once(self.feed.in_memory());
        let rest = apart(one_at_a_time.is_some(), || self.feed.end());
        self.take(rest, examiner, one_at_a_time, tell);
        self.close();
        let lines = self.feed.finish().1.lines;
        if let Some(last) = self.documents.last_mut() {
            last.record.lines = lines.saturating_sub(last.looked.lines);
        }
        for document in self.documents {
            tell(Record::Document(document.judged()));
        }
        self.scan.watch.documents.fetch_add(1, Ordering::Relaxed);
    }
}

/// Numbers crashes of the same bytes, which come one behind the other.
#[derive(Default)]
pub(super) struct Nth {
    bytes: Range<u64>,
    next: u64,
}

impl Nth {
    pub(super) fn of(&mut self, bytes: &Range<u64>) -> u64 {
        if self.bytes != *bytes {
            (self.bytes, self.next) = (bytes.clone(), 0);
        }
        let nth = self.next;
        self.next = nth.saturating_add(1);
        nth
    }
}

impl Document {
    fn sum(&mut self, bytes: u64, looked: Looked, cut: (u64, u64), scan: &Scan<'_>, hold: Hold) {
        self.record.bytes = bytes;
        self.record.lines = looked.lines.saturating_sub(self.looked.lines);
        let too_much = || beyond(self.looked, looked, hold);
        let too_long = too_long(self.cut, cut, scan.longest_line).or_else(too_much);
        self.record.reason = self.record.reason.take().or(too_long);
    }

    fn judged(mut self) -> DocumentRecord {
        self.record.outcome = outcome(&self.record, self.is_binary);
        self.record
    }
}

/// What became of a document.
pub(super) fn outcome(record: &DocumentRecord, is_binary: bool) -> Outcome {
    match record {
        DocumentRecord { reason: Some(_), .. } => Outcome::Failed,
        DocumentRecord { bytes: 0, .. } => Outcome::Empty,
        DocumentRecord { crashes: 0, .. } if is_binary => Outcome::NotText,
        _ => Outcome::Read,
    }
}

/// What to say of lines that were cut.
pub(super) fn too_long(before: (u64, u64), cut: (u64, u64), longest: usize) -> Option<String> {
    let (lines, bytes) = (cut.0.saturating_sub(before.0), cut.1.saturating_sub(before.1));
    let (lines, them) = match lines {
        0 => return None,
        1 => ("1 line is".to_owned(), "it"),
        lines => (format!("{lines} lines are"), "them"),
    };
    Some(format!("{lines} longer than {longest} bytes; {bytes} bytes of {them} were left out"))
}

/// What to say of what did not fit into memory.
pub(super) fn beyond(before: Looked, looked: Looked, hold: Hold) -> Option<String> {
    if looked.not_as_a_whole && !before.not_as_a_whole {
        return Some(format!(
            "limit reached: it can only be read as a whole, and has more than {} bytes; what is behind those was \
             read line by line",
            hold.whole
        ));
    }
    let left_out = looked.left_out_of_values.saturating_sub(before.left_out_of_values);
    if left_out > 0 {
        return Some(format!(
            "limit reached: a string in it is longer than {} bytes; {left_out} bytes behind those were left out",
            hold.whole
        ));
    }
    if let Some(damage) = looked.damage(before) {
        return Some(damage);
    }
    if looked.interleaved && !before.interleaved {
        return Some(format!(
            "limit reached: more than {MANY} crashes are interleaved; they were cut where that is so"
        ));
    }
    match looked.left_out.saturating_sub(before.left_out) {
        0 => None,
        bytes => Some(format!(
            "limit reached: a crash is longer than {} bytes; {bytes} bytes behind its first ones were left out",
            hold.region
        )),
    }
}

pub(super) fn interrupted(bytes: u64) -> String {
    match bytes {
        0 => "not read: the scan was stopped".to_owned(),
        bytes => format!("the scan was stopped, after {bytes} bytes; what was there is used"),
    }
}

pub(super) enum Filled {
    Full,
    Ended,
    Failed(String),
}

/// Reads until a buffer is full.
pub(super) fn fill(reader: &mut dyn Read, buffer: &mut Vec<u8>, size: usize) -> Filled {
    buffer.resize(size, 0);
    let mut filled = 0usize;
    let ended = loop {
        let Some(space) = buffer.get_mut(filled..).filter(|space| !space.is_empty()) else {
            break Filled::Full;
        };
        match reader.read(space) {
            Ok(0) => break Filled::Ended,
            Ok(read) => filled = filled.saturating_add(read),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => break Filled::Failed(error.to_string()),
        }
    };
    buffer.truncate(filled);
    ended
}

/// A document that could not be read at all.
pub(super) fn unread(watch: &Watch, from: From, outcome: Outcome, reason: String) -> Record {
    watch.documents.fetch_add(1, Ordering::Relaxed);
    Record::Document(DocumentRecord::new(from, outcome, Some(reason)))
}
