//! Crashes that a rotation has cut, inside of archives: the files of a log come in
//! any order there, and none can be read again. What a piece begins and ends with is
//! kept where it may belong to a crash, and put together once all have come.

use std::collections::BTreeMap;
use std::ops::Range;

use rustc_hash::FxHashSet;

use super::Scan;
use super::record::Record;
use crate::examine::Examiner;
use crate::source::{Origin, chains, is_rotated, may_follow};
use crate::trace::{Crash, Feed, Joined, Unwrapping, last_mark};

/// Behind so many bytes without a line that looks like part of a crash, nothing goes
/// on from the piece before.
const GAP: usize = 64 << 10;
/// So much is kept of a text without such a line: the end of a line that was cut, or a
/// piece that is smaller than a crash.
const SMALL: usize = 4 << 10;

/// The first lines of a text, as far as they may belong to a crash that began elsewhere.
#[derive(Default)]
pub(super) struct Head {
    text: Vec<u8>,
    /// Up to here it was searched for lines of crashes, and the last ends here.
    searched: usize,
    marked: usize,
    over: bool,
}

impl Head {
    pub(super) fn push(&mut self, piece: &[u8], most: usize) {
        if self.over {
            return;
        }
        // A little at a time: what is not needed is not kept.
        for part in piece.chunks(GAP) {
            self.text.extend_from_slice(part);
            self.search();
            if self.text.len().saturating_sub(self.marked) > GAP || self.text.len() > most {
                self.over = true;
                self.marked = self.marked.min(most);
                self.cut();
                return;
            }
        }
    }

    /// All of the text has come. Where there is a later piece, what is left of a small
    /// one may lie in the middle of a crash.
    fn ended(mut self, goes_on: bool) -> Head {
        if self.over {
            return self;
        }
        // The last line is without its end.
        let last = self.text.get(self.searched..).unwrap_or_default();
        if last_mark(last).is_some() {
            self.marked = self.text.len();
        }
        let is_small = self.text.len().saturating_sub(self.marked) <= SMALL;
        self.over = !(goes_on && is_small);
        if self.over {
            self.cut();
        }
        self
    }

    /// What is behind the last line of a crash goes. The first line may be the rest of
    /// one, and look like nothing.
    fn cut(&mut self) {
        let first = self.text.get(..SMALL).unwrap_or(&self.text);
        let first = memchr::memchr(b'\n', first).map_or(0, |at| at.saturating_add(1));
        self.text.truncate(self.marked.max(first));
        self.text.shrink_to_fit();
    }

    fn search(&mut self) {
        let new = self.text.get(self.searched..).unwrap_or_default();
        let end = memchr::memrchr(b'\n', new).map_or(0, |at| at.saturating_add(1));
        let lines = new.get(..end).unwrap_or_default();
        if let Some(line) = last_mark(lines) {
            let length = lines.get(line..).and_then(|line| memchr::memchr(b'\n', line));
            let behind = line.saturating_add(length.map_or(0, |length| length.saturating_add(1)));
            self.marked = self.searched.saturating_add(behind);
        }
        self.searched = self.searched.saturating_add(end);
    }
}

/// What is kept of all pieces together; beyond it none are put together. The same for
/// their names.
const MOST: usize = 8 << 20;

/// What a text may go on with in the next piece of its log.
pub(super) struct Tail {
    pub(super) text: Vec<u8>,
    /// Where it begins.
    pub(super) offset: u64,
    pub(super) lines: u64,
}

/// Both ends of a text that was read to its end.
#[derive(Default)]
pub(super) struct Ends {
    head: Head,
    tail: Option<Tail>,
    /// By its name there is a later piece of its log.
    goes_on: bool,
}

impl Ends {
    pub(super) fn new(head: Head, tail: Option<Tail>, goes_on: bool) -> Ends {
        Ends { head: head.ended(goes_on), tail: tail.filter(|_| goes_on), goes_on }
    }
}

/// The texts of an archive, and of those in it.
#[derive(Default)]
pub(super) struct Seams {
    /// Names of all, since what lies between two pieces keeps them apart.
    names: Vec<Box<str>>,
    named: usize,
    /// Those of which something is kept, by the number of their name.
    pieces: BTreeMap<usize, Piece>,
    held: usize,
}

struct Piece {
    origin: Origin,
    document: u64,
    ends: Ends,
}

/// Whether a text of that name may go on in another one.
pub(super) fn may_go_on(origin: &Origin) -> bool {
    origin.members.last().is_some_and(|name| is_rotated(name))
}

impl Seams {
    pub(super) fn add(&mut self, origin: Origin, document: u64, ends: Ends) {
        if self.named > MOST {
            return;
        }
        let tail = ends.tail.as_ref().map_or(0, |tail| tail.text.len());
        let held = ends.head.text.len().saturating_add(tail);
        let name: Box<str> = origin.to_string().into();
        self.named = self.named.saturating_add(name.len().saturating_add(size_of::<Box<str>>()));
        self.names.push(name);
        // An empty piece is no end.
        if held > 0 || ends.goes_on && !ends.head.over {
            self.held = self.held.saturating_add(held);
            self.pieces.insert(self.names.len().saturating_sub(1), Piece { origin, document, ends });
        }
        if self.held > MOST || self.named > MOST {
            self.forget();
        }
    }

    /// Of what has come so far nothing is put together.
    pub(super) fn forget(&mut self) {
        self.pieces.clear();
        self.held = 0;
    }

    /// Records have to wait for what else comes of the archive.
    pub(super) fn is_waiting(&self) -> bool {
        !self.pieces.is_empty()
    }

    /// Puts together what was cut; gives all records in their order.
    pub(super) fn join(
        self,
        scan: &Scan<'_>,
        examiner: &Examiner<'_>,
        mut records: Vec<Record>,
    ) -> Vec<Record> {
        let names: Vec<&str> = self.names.iter().map(|name| &**name).collect();
        // By document and place.
        let incomplete: FxHashSet<(u64, u64)> = records
            .iter()
            .filter_map(|record| match record {
                Record::Crash(crash) => (!crash.complete).then_some((crash.from.document, crash.offset)),
                Record::Document(_) => None,
            })
            .collect();
        for chain in chains(&names) {
            // Up to where pieces belong to a crash that began before them.
            let mut used: Vec<(u64, u64)> = Vec::new();
            let pieces: Vec<Option<&Piece>> = chain.iter().map(|at| self.pieces.get(at)).collect();
            for (at, piece) in pieces.iter().enumerate() {
                let behind = pieces.get(at.saturating_add(1)..).unwrap_or_default();
                let follows = |offset: usize| {
                    let name = |at: usize| chain.get(at).and_then(|at| names.get(*at)).copied();
                    let older = at.saturating_add(offset);
                    name(older).zip(name(older.saturating_add(1))).is_some_and(|(a, b)| may_follow(a, b))
                };
                // Nothing goes on over a piece of which nothing belongs to a crash, or that
                // is missing.
                let behind = behind.iter().enumerate();
                let behind: Vec<&Piece> =
                    behind.map_while(|(offset, piece)| piece.filter(|_| follows(offset))).collect();
                let Some((piece, tail)) = piece.and_then(|piece| Some((piece, piece.ends.tail.as_ref()?)))
                else {
                    continue;
                };
                let Some(crash) = across(scan, (piece, tail), &behind, &incomplete) else { continue };
                let is_used = |(document, end): &(u64, u64)| {
                    *document == piece.document && crash.crash.span.bytes.start < *end
                };
                if used.iter().any(is_used) {
                    continue;
                }
                used.extend(crash.parts.iter().skip(1).map(|(document, part)| (*document, part.end)));
                crash.replace(scan, examiner, &mut records);
            }
        }
        records
    }
}

/// A crash over several pieces.
struct Across {
    crash: Crash,
    /// What belongs to it in each document.
    parts: Vec<(u64, Range<u64>)>,
}

/// The crash that a piece ends with, where it goes on in those behind it.
fn across(
    scan: &Scan<'_>,
    (piece, tail): (&Piece, &Tail),
    behind: &[&Piece],
    incomplete: &FxHashSet<(u64, u64)>,
) -> Option<Across> {
    let mut feed = Feed::new(piece.origin.clone(), Unwrapping::Auto).holding(scan.hold);
    let mut joined = Joined::default();
    joined.begin(piece.origin.clone(), 0, 0);
    let mut found = feed.push(&tail.text);
    let (mut length, mut starts) = (tail.text.len() as u64, Vec::new());
    for next in behind {
        joined.begin(next.origin.clone(), length, feed.so_far().lines);
        starts.push((next.document, length));
        found.extend(feed.push(&next.ends.head.text));
        length = length.saturating_add(next.ends.head.text.len() as u64);
        if next.ends.head.over || !next.ends.goes_on {
            break;
        }
    }
    found.extend(feed.end());
    let border = tail.text.len() as u64;
    // It goes on behind the border; or it ends before, and only now it is seen that what
    // is there at the border, a part of a line, is none of it.
    let is_across = |crash: &Crash| crash.span.bytes.start < border && crash.span.bytes.end > border;
    let is_before = |crash: &Crash| {
        let start = tail.offset.saturating_add(crash.span.bytes.start);
        crash.complete() && incomplete.contains(&(piece.document, start))
    };
    let at = found.iter().position(is_across).or_else(|| found.iter().position(is_before))?;
    let mut crash = found.swap_remove(at);
    let bytes = crash.span.bytes.clone();
    let start = tail.offset.saturating_add(bytes.start);
    let end = if bytes.end > border { u64::MAX } else { start.saturating_add(1) };
    let mut parts = vec![(piece.document, start..end)];
    for (document, start) in starts.into_iter().filter(|(_, start)| *start < bytes.end) {
        parts.push((document, 0..bytes.end.saturating_sub(start)));
    }
    joined.place(&mut crash);
    crash.span.bytes =
        crash.span.bytes.start.saturating_add(tail.offset)..crash.span.bytes.end.saturating_add(tail.offset);
    crash.move_down(tail.lines);
    Some(Across { crash, parts })
}

impl Across {
    /// Puts the crash where its pieces were read as crashes of their own.
    fn replace(self, scan: &Scan<'_>, examiner: &Examiner<'_>, records: &mut Vec<Record>) {
        let Some((document, _)) = self.parts.first() else { return };
        let document = *document;
        let mut removed = Vec::new();
        records.retain(|record| match record {
            Record::Crash(crash) => {
                let is_part = self
                    .parts
                    .iter()
                    .any(|(number, part)| crash.from.document == *number && part.contains(&crash.offset));
                removed.extend(is_part.then_some(crash.from.document));
                !is_part
            }
            Record::Document(_) => true,
        });
        let record = Record::Crash(Box::new(scan.describe(examiner.crash(self.crash), document, 0)));
        let at = records.partition_point(|known| known.order(&record).is_lt());
        records.insert(at, record);
        for record in records {
            if let Record::Document(counted) = record {
                let number = counted.from.document;
                let less = removed.iter().filter(|removed| **removed == number).count() as u64;
                let more = u64::from(number == document);
                counted.crashes = counted.crashes.saturating_sub(less).saturating_add(more);
            }
        }
    }
}
