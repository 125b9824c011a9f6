//! From a document to its crashes: the wrapping is taken off around the lines
//! where a crash may start, candidates are carved, read and numbered, and
//! complaints put where they belong.

use std::borrow::Cow;
use std::hash::BuildHasher;
use std::ops::Range;

use rustc_hash::FxBuildHasher;

use super::assemble::{Assembly, empty};
use super::carve;
use super::feed::Feed;
use super::garbled::{self, Behind};
use super::grammar::{Lines, is_blank};
use super::head::starts_body;
use super::remark::{self, Complaint, Remark, supervisor};
use super::wrapped;
use super::{Crash, Kind};
use crate::envelope::{self, Extent, Format, Stream, Unit, Verdict};
use crate::source::{Origin, Span};

/// Lines between a crash (or a complaint) and a remark that still belongs to it.
const REMARK_DISTANCE: u64 = 3;

/// Most lines that are unwrapped at a time: each takes some 150 bytes.
const REGION_LINES: usize = 4 << 20;

/// What to do about wrappings.
#[derive(Clone, Debug, Default)]
pub enum Unwrapping {
    /// Find out, line by line.
    #[default]
    Auto,
    /// The text is as the program wrote it.
    Plain,
    /// The user says what the outer layers are, outermost first.
    Forced(Vec<&'static Format>),
}

/// What was found in a document, and how much was looked at.
#[derive(Debug)]
pub struct Reading {
    pub crashes: Vec<Crash>,
    pub looked: Looked,
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    pub bytes: u64,
    pub lines: u64,
    /// Lines that hold a fragment of a trace behind other text, in a wrapping
    /// that was not recognised.
    pub suspects: u64,
    /// Errors that were told before, or beyond the limit.
    pub repeated_errors: u64,
    /// Bytes of crashes that are too long.
    pub left_out: u64,
    /// Only its beginning was read as the one document that it is.
    pub not_as_a_whole: bool,
    /// Places where a JSON document is none.
    pub damaged: u64,
    /// Bytes of values of it that are too long.
    pub left_out_of_values: u64,
    /// So many crashes were interleaved that they were cut.
    pub interleaved: bool,
}

impl Looked {
    /// What to say of a JSON document that is none in places that were seen since `before`.
    pub fn damage(&self, before: Looked) -> Option<String> {
        match self.damaged.saturating_sub(before.damaged) {
            0 => None,
            1 => Some("damaged in 1 place, where it is not JSON; the rest is used".to_owned()),
            places => Some(format!("damaged in {places} places, where it is not JSON; the rest is used")),
        }
    }
}

/// Crashes of a text that is wrapped, or encoded, as a whole.
///
/// Offsets in a decoded text are none in the input: there a crash has all of it.
pub(super) fn whole(bytes: &[u8], unwrapping: &Unwrapping) -> (Vec<Crash>, Looked) {
    let decoded = envelope::decode(bytes);
    let name = decoded.as_ref().map(|decoded| decoded.name);
    let text = decoded.map_or(Cow::Borrowed(bytes), |decoded| Cow::Owned(decoded.text));
    let mut looked = Looked::default();
    let mut crashes = match unwrapping {
        Unwrapping::Forced(formats) => streams(&text, envelope::unwrap(&text, 0, 1, formats)),
        _ if envelope::begins_document(&text) => {
            let reading = Feed::part(Origin::new(""), Unwrapping::Auto, 0, 0).all(&text);
            looked = reading.looked;
            reading.crashes
        }
        _ => match envelope::whole(&text) {
            Some(found) => streams(&text, found),
            None => {
                let (crashes, suspects) = scan(&text, true);
                looked.suspects = suspects;
                crashes
            }
        },
    };
    for crash in crashes.iter_mut().filter(|_| name.is_some()) {
        crash.source.envelopes.splice(0..0, name);
        crash.span.bytes = 0..bytes.len() as u64;
    }
    let unended = u64::from(text.last().is_some_and(|last| *last != b'\n'));
    looked.lines = newlines(&text).saturating_add(unended);
    looked.bytes = bytes.len() as u64;
    (crashes, looked)
}

/// The crashes of a run of units of a JSON document, with spans that count from the start of
/// its text, which is `base` bytes behind what the units count from; and how many units are
/// damaged.
pub(super) fn units<'u>(
    text: &[u8],
    base: usize,
    units: impl Iterator<Item = &'u Unit>,
) -> (Vec<Crash>, u64, u64) {
    let run = envelope::read_units(text, base, units);
    if !run.records {
        let (crashes, suspects) = scan(text, true);
        return (crashes, suspects, run.damaged);
    }
    let end = |offset, line| run.end_of(offset).unwrap_or_else(|| wrapped::end_of_line(text, offset, line));
    (in_order(run.streams.iter().map(|stream| from_stream(stream, &end))), 0, run.damaged)
}

/// The crashes of streams that were unwrapped from all of a text.
fn streams(text: &[u8], streams: Vec<Stream>) -> Vec<Crash> {
    let end = |offset, line| wrapped::end_of_line(text, offset, line);
    in_order(streams.iter().map(|stream| from_stream(stream, &end)))
}

/// Crashes by where they stand in the input; those of one stream stay in the
/// order of the stream, which may be the other way round.
fn in_order(streams: impl Iterator<Item = Vec<Crash>>) -> Vec<Crash> {
    let mut streams: Vec<Vec<Crash>> = streams.filter(|crashes| !crashes.is_empty()).collect();
    if let [_] = streams.as_slice() {
        return streams.remove(0);
    }
    let mut all: Vec<Crash> = streams.into_iter().flatten().collect();
    all.sort_by_key(|crash| *crash.span.lines.start());
    all
}

fn from_stream(stream: &Stream, end: &dyn Fn(u64, u64) -> (u64, u64)) -> Vec<Crash> {
    let (mut crashes, _) = scan(&stream.text, false);
    // A record of a logger is a stream of its own easily.
    crashes.retain(|crash| !crash.lone);
    crashes.iter_mut().for_each(|crash| wrapped::locate(crash, stream, end));
    crashes
}

/// The crashes of a run of lines, with spans that count from its start, and how
/// many lines look like parts of crashes that could not be read.
pub(super) fn scan(text: &[u8], unwrap: bool) -> (Vec<Crash>, u64) {
    let mut scan = Scan { text, ..Scan::default() };
    while let Some(candidate) = carve::next(text, scan.from, scan.from) {
        if unwrap && scan.may_be_wrapped(candidate.line) && scan.unwrap(candidate.line) {
            continue;
        }
        if !scan.candidate(candidate) {
            break;
        }
    }
    (scan.crashes, scan.suspects)
}

/// The state of going through a text.
#[derive(Default)]
struct Scan<'a> {
    text: &'a [u8],
    count: LineCount,
    crashes: Vec<Crash>,
    /// Where to look on, and what is used up already.
    from: usize,
    floor: usize,
    /// Up to here the text was found to be without wrapping, but for single
    /// records between its lines.
    plain_until: usize,
    /// Up to here everything was unwrapped, and held nothing.
    unwrapped_until: usize,
    suspects: u64,
}

impl Scan<'_> {
    fn may_be_wrapped(&self, line: usize) -> bool {
        let record = || Lines::new(self.text, line).next().is_some_and(envelope::is_record);
        line >= self.unwrapped_until && (line >= self.plain_until || record())
    }

    /// Looks for a wrapping around an anchor; where there is one, reads the
    /// crashes of the rest of the lines inside it.
    fn unwrap(&mut self, anchor: usize) -> bool {
        let window = envelope::window(self.text, anchor, self.floor);
        let lines = self.text.get(window.clone()).unwrap_or_default();
        let verdict = envelope::sniff(lines, anchor.saturating_sub(window.start));
        if verdict == Verdict::Plain {
            // What is plain here is plain for a while; the rest of the window
            // only helped to tell.
            let ahead = window.end.saturating_sub(anchor) / 2;
            self.plain_until = anchor.saturating_add(ahead).saturating_add(1);
            return false;
        }
        let start = window.start;
        let mut extent = Extent::new(anchor);
        let end = extent.advance(self.text, true).unwrap_or(self.text.len()).min(extent.tail(self.text));
        let body = self.text.get(start..end).unwrap_or_default();
        let full = memchr::memchr_iter(b'\n', body).nth(REGION_LINES);
        let end = full.map_or(end, |at| start.saturating_add(at).saturating_add(1));
        let at_anchor = self.count.number(self.text, anchor);
        let first = self.count.number_before(self.text, start, at_anchor);
        let inside = self.text.get(start..end).unwrap_or_default();
        let streams = envelope::unwrap(inside, start as u64, first, &[]);
        let mut found = self::streams(self.text, streams);
        if found.is_empty() {
            self.unwrapped_until = end;
            return false;
        }
        if full.is_some()
            && let Some(last) = found.last_mut()
        {
            let what =
                format!("cut after {REGION_LINES} lines of wrapped log, the most that are held at a time");
            last.losses.push(what);
        }
        self.crashes.append(&mut found);
        self.count.number(self.text, end);
        (self.from, self.floor, self.plain_until) = (end, end, end);
        true
    }

    /// Reads what stands at a candidate; false at the end of the text.
    fn candidate(&mut self, candidate: carve::Candidate) -> bool {
        let (text, at) = (self.text, candidate.line);
        let first = self.count.number(text, at);
        let crash = if candidate.trace { Assembly::read(text, at, self.floor) } else { None };
        // A stack that is found by a line in its middle, and ends before that
        // line, is not what was looked for: going back to its end would not end.
        let crash = crash.filter(|(_, _, end)| *end > at);
        if let Some((mut crash, start, mut end)) = crash {
            match garbled::behind(text, end, &crash) {
                Behind::Nothing => {}
                Behind::Odd => crash.losses.push(
                    "lines of frames that fit nowhere follow: lines between are missing, or stand in another order"
                        .to_owned(),
                ),
                Behind::Mixed(until) => {
                    crash.disown_stacks();
                    crash.losses.push(
                        "garbled: lines of several traces are mixed here, and which frame belongs to which \
                         goroutine cannot be known; no stack is claimed (separate the streams: one process, one log)"
                            .to_owned(),
                    );
                    end = until;
                }
            }
            let lines = self.count.number_before(text, start, first)..=self.count.last(text, end);
            crash.span = Span { origin: Origin::new(""), bytes: start as u64..end as u64, lines };
            crash.digest = digest(text.get(start..end).unwrap_or_default());
            drop_announcement(&mut self.crashes, &crash);
            self.crashes.push(crash);
            (self.from, self.floor) = (end, end);
            return true;
        }
        let mut lines = Lines::new(text, at);
        let Some(line) = lines.next() else { return false };
        let remark = remark::remark(line, first).or_else(|| supervisor::block(text, at, first));
        if let Some(remark) = remark {
            place(&mut self.crashes, remark, at..lines.at);
            self.floor = lines.at;
        } else if candidate.trace && is_suspect(line) {
            self.suspects = self.suspects.saturating_add(1);
        }
        // Headers without a frame: what was read in vain from the first need
        // not be read again from each.
        let header = candidate.trace && starts_body(line);
        while header && lines.peek().is_some_and(|(next, _)| is_blank(next) || starts_body(next)) {
            lines.next();
        }
        self.from = lines.at;
        true
    }
}

pub(super) fn newlines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

fn digest(text: &[u8]) -> u64 {
    FxBuildHasher.hash_one(text)
}

/// A log line that says what the panic right after it says is no record of its own.
fn drop_announcement(crashes: &mut Vec<Crash>, crash: &Crash) {
    let says = |remark: &Remark| {
        remark.error
            && crash.span.lines.start().saturating_sub(remark.line) <= REMARK_DISTANCE
            && crash.chain.iter().any(|link| remark.text.contains(&link.message))
    };
    if crashes.last().is_some_and(|last| last.kind == Kind::Error && last.remarks.iter().all(says)) {
        crashes.pop();
    }
}

fn is_suspect(line: &[u8]) -> bool {
    let inside = |what: &[u8]| memchr::memmem::find(line, what).is_some_and(|at| at > 0);
    inside(b"panic: ") || inside(b"fatal error: ") || (inside(b"goroutine ") && inside(b"]:"))
}

/// A remark belongs to the crash that it follows closely: the shell's word on
/// the signal that ended it, the second line of one complaint.
fn place(crashes: &mut Vec<Crash>, remark: Remark, bytes: Range<usize>) {
    if let Some(last) = crashes.last_mut().filter(|_| !remark.error) {
        let near = remark.line.saturating_sub(*last.span.lines.end()) <= REMARK_DISTANCE;
        // A program that crashed in Go's words ends with an exit status, too.
        if near && last.kind != Kind::Launch && matches!(remark.complaint, Complaint::Exited { .. }) {
            return;
        }
        let repeats =
            last.remarks.iter().any(|r| r.complaint == remark.complaint && r.speaker == remark.speaker);
        // Who told an error before need not be who ended, unless it was a warning of it.
        let warned = last.kind == Kind::Error && last.remarks.iter().all(|r| r.complaint.is_warning());
        let follows = last.kind == Kind::Launch
            || warned
            || last.kind != Kind::Error && matches!(remark.complaint, Complaint::Killed { .. });
        // The kernel and the supervisors above it all tell of one kill for memory.
        let told = matches!(remark.complaint, Complaint::OutOfMemory { .. });
        if near && follows && (!repeats || told) {
            last.span.bytes.end = bytes.end as u64;
            last.span.lines = *last.span.lines.start()..=remark.line;
            last.remarks.push(remark);
            if warned {
                last.kind = Kind::Launch;
            }
            return;
        }
    }
    let line = remark.line;
    let mut crash = launched(remark);
    crash.span =
        Span { origin: Origin::new(""), bytes: bytes.start as u64..bytes.end as u64, lines: line..=line };
    crashes.push(crash);
}

fn launched(remark: Remark) -> Crash {
    let mut crash = empty(if remark.error { Kind::Error } else { Kind::Launch });
    crash.remarks.push(remark);
    crash
}

/// Adds how a process ended to the last crash of its log; where there is none,
/// that is all there is of a crash.
pub fn ended(crashes: &mut Vec<Crash>, remark: Remark) {
    let Some(last) = crashes.last_mut() else {
        let mut crash = launched(remark);
        crash.span.origin = Origin::new("no log");
        crashes.push(crash);
        return;
    };
    if let (Complaint::Exited { status }, true) = (&remark.complaint, last.kind != Kind::Launch) {
        last.exit = last.exit.or(Some(u64::from(*status)));
    } else if last.remarks.iter().all(|known| known.complaint != remark.complaint) {
        last.remarks.push(remark);
    }
}

/// Numbers lines without counting any of them twice.
#[derive(Default)]
struct LineCount {
    at: usize,
    newlines: u64,
}

impl LineCount {
    /// Number of the line that starts at `offset`, from 1. Offsets ascend.
    fn number(&mut self, text: &[u8], offset: usize) -> u64 {
        let between = text.get(self.at..offset).unwrap_or_default();
        self.newlines = self.newlines.saturating_add(newlines(between));
        self.at = self.at.max(offset);
        self.newlines.saturating_add(1)
    }

    fn number_before(&self, text: &[u8], offset: usize, known: u64) -> u64 {
        let between = text.get(offset..self.at).unwrap_or_default();
        known.saturating_sub(newlines(between))
    }

    /// Number of the last line that ends at or before `end`.
    fn last(&mut self, text: &[u8], end: usize) -> u64 {
        let number = self.number(text, end);
        let ended = end == 0 || text.get(end.saturating_sub(1)) == Some(&b'\n');
        if ended { number.saturating_sub(1) } else { number }
    }
}

#[cfg(test)]
mod tests;
