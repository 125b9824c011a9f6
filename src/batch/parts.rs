//! A big plain file, read in parts by several workers. It is cut where it is
//! quiet, so that the parts together tell what the whole would.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::atomic::Ordering;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::item::{GAVE_UP, guarded};
use super::lines::Cutter;
use super::paths::Input;
use super::record::{DocumentRecord, From, Outcome, Record};
use super::session::{Filled, Nth, beyond, fill, interrupted, outcome, too_long};
use super::{Scan, apart};
use crate::examine::Examiner;
use crate::source::{Origin, is_binary, is_plain};
use crate::trace::{Crash, Feed, LEAD, Looked, Repeats, Unwrapping, by_lines, quiet};

const PIECE: usize = 256 << 10;
/// So much is searched for a quiet place; where there is none the part goes on.
const SEARCH: usize = 4 << 20;

/// A file and its parts.
pub(super) struct Parts {
    pub(super) input: usize,
    origin: Origin,
    is_binary: bool,
    bounds: Vec<(u64, u64)>,
    told: Mutex<Told>,
    changed: Condvar,
}

/// What was told of the file: one part after the other.
struct Told {
    /// The part whose crashes can be told, since all before it are done.
    next: usize,
    /// Parts behind it that were read to their end.
    waiting: BTreeMap<usize, Part>,
    document: DocumentRecord,
    repeats: Repeats,
    looked: Looked,
    cut_lines: (u64, u64),
    nth: Nth,
}

/// Where the records of the file go; the last of them say so. Whoever has the part that
/// can be told is the only one who calls it.
pub(super) type Give<'g> = &'g mut dyn FnMut(Vec<Record>, bool);

/// Bytes of text with crashes that a part holds while it cannot be told.
const HELD: u64 = 2 << 20;
/// Crashes that are told at a time.
const SOME: usize = 256;

#[derive(Default)]
struct Part {
    crashes: Vec<Crash>,
    /// Bytes of their text.
    weight: u64,
    looked: Looked,
    /// Newlines before it that were handed over with it.
    lead_lines: u64,
    bytes: u64,
    cut_lines: (u64, u64),
    failed: Option<String>,
}

/// Where to cut a file; `None` where it is read as a whole.
pub(super) fn plan(scan: &Scan<'_>, number: usize, input: &Input) -> Option<Parts> {
    if input.problem.is_some() || input.size < scan.part.saturating_mul(2) {
        return None;
    }
    let mut file = File::open(&input.path).ok()?;
    let size = file.metadata().ok().filter(|metadata| metadata.is_file())?.len();
    let mut beginning = Vec::new();
    file.by_ref().take(64 << 10).read_to_end(&mut beginning).ok()?;
    if !is_plain(&beginning, &input.name) || !by_lines(&beginning) {
        return None;
    }
    let mut starts = vec![0];
    let mut wanted = scan.part;
    while wanted < size.saturating_sub(scan.part / 2) {
        if let Some(start) = quiet_from(&mut file, wanted).ok()? {
            starts.push(start);
        }
        wanted = wanted.max(starts.last().copied().unwrap_or(0)).saturating_add(scan.part);
    }
    let ends = starts.iter().skip(1).copied().chain([size]);
    let bounds: Vec<(u64, u64)> = starts.iter().copied().zip(ends).collect();
    let is_binary = is_binary(beginning.get(..1024).unwrap_or(&beginning));
    let origin = Origin::new(&input.name);
    let told = Told {
        next: 0,
        waiting: BTreeMap::new(),
        document: DocumentRecord::new(From::new(&origin, 0), Outcome::Read, None),
        repeats: Repeats::default(),
        looked: Looked::default(),
        cut_lines: (0, 0),
        nth: Nth::default(),
    };
    let (told, changed) = (Mutex::new(told), Condvar::new());
    Some(Parts { input: number, origin, is_binary, bounds, told, changed })
}

fn quiet_from(file: &mut File, start: u64) -> io::Result<Option<u64>> {
    file.seek(SeekFrom::Start(start))?;
    let mut text = Vec::new();
    file.take(SEARCH as u64).read_to_end(&mut text)?;
    Ok(quiet(&text).map(|at| start.saturating_add(at as u64)))
}

impl Parts {
    pub(super) fn count(&self) -> usize {
        self.bounds.len()
    }

    /// Reads a part.
    pub(super) fn read(
        &self,
        scan: &Scan<'_>,
        examiner: &Examiner<'_>,
        input: &Input,
        at: usize,
        give: Give<'_>,
    ) {
        let bounds = self.bounds.get(at).copied().unwrap_or_default();
        let mut part = Part::default();
        let done = guarded(|| {
            read(scan, input, &self.origin, bounds, &mut part, &mut |part| {
                self.tell(scan, examiner, at, part, give);
            })
        });
        match done {
            Some(Ok(())) => {}
            Some(Err(error)) => part.failed = Some(error.to_string()),
            None => part.failed = Some(GAVE_UP.to_owned()),
        }
        self.ended(scan, examiner, at, part, give);
    }

    fn lock(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the crashes of a part so far, where those before it are told; else waits for
    /// that once they are many.
    fn tell(&self, scan: &Scan<'_>, examiner: &Examiner<'_>, at: usize, part: &mut Part, give: Give<'_>) {
        let mut told = self.lock();
        while told.next != at {
            if part.weight < HELD {
                return;
            }
            told = self.changed.wait(told).unwrap_or_else(PoisonError::into_inner);
        }
        let mut crashes = std::mem::take(&mut part.crashes).into_iter();
        part.weight = 0;
        loop {
            let some: Vec<Crash> = crashes.by_ref().take(SOME).collect();
            if some.is_empty() {
                return;
            }
            let records = told.records(scan, examiner, some, part.lead_lines);
            drop(told);
            give(records, false);
            told = self.lock();
        }
    }

    /// Nothing more comes of a part.
    fn ended(&self, scan: &Scan<'_>, examiner: &Examiner<'_>, at: usize, part: Part, give: Give<'_>) {
        let mut told = self.lock();
        told.waiting.insert(at, part);
        if told.next != at {
            return;
        }
        loop {
            let next = told.next;
            let Some(mut part) = told.waiting.remove(&next) else { break };
            drop(told);
            // Those before it are told, and those behind it wait.
            if guarded(|| self.tell(scan, examiner, next, &mut part, give)).is_none() {
                part.failed = Some(GAVE_UP.to_owned());
            }
            told = self.lock();
            told.sum(part);
            told.next = next.saturating_add(1);
        }
        let is_last = told.next == self.bounds.len();
        let record = is_last.then(|| told.document(scan, self.is_binary));
        drop(told);
        self.changed.notify_all();
        if let Some(record) = record {
            scan.watch.documents.fetch_add(1, Ordering::Relaxed);
            give(vec![Record::Document(record)], true);
        }
    }
}

impl Told {
    /// The records of crashes of a part that has so many lines of the one before.
    fn records(
        &mut self,
        scan: &Scan<'_>,
        examiner: &Examiner<'_>,
        crashes: Vec<Crash>,
        lead_lines: u64,
    ) -> Vec<Record> {
        let mut out = Vec::new();
        for mut crash in crashes {
            crash.move_down(self.document.lines.saturating_sub(lead_lines));
            if self.repeats.is_new(&mut crash, &mut self.looked) {
                let nth = self.nth.of(&crash.span.bytes);
                let examined = examiner.crash(crash);
                out.push(Record::Crash(Box::new(scan.describe(examined, 0, nth))));
            }
        }
        self.document.crashes = self.document.crashes.saturating_add(out.len() as u64);
        out.sort_by(Record::order);
        out
    }

    /// A part is told to its end.
    fn sum(&mut self, part: Part) {
        let document = &mut self.document;
        document.lines = document.lines.saturating_add(part.looked.lines.saturating_sub(part.lead_lines));
        document.bytes = document.bytes.saturating_add(part.bytes);
        document.reason = document.reason.take().or(part.failed);
        self.looked.left_out = self.looked.left_out.saturating_add(part.looked.left_out);
        self.looked.not_as_a_whole |= part.looked.not_as_a_whole;
        self.looked.interleaved |= part.looked.interleaved;
        let (lines, bytes) = self.cut_lines;
        self.cut_lines = (lines.saturating_add(part.cut_lines.0), bytes.saturating_add(part.cut_lines.1));
    }

    /// The whole file.
    fn document(&mut self, scan: &Scan<'_>, is_binary: bool) -> DocumentRecord {
        let mut document = self.document.clone();
        let too_long = too_long((0, 0), self.cut_lines, scan.longest_line);
        document.reason =
            document.reason.or(too_long).or_else(|| beyond(Looked::default(), self.looked, scan.hold));
        document.outcome = outcome(&document, is_binary);
        document
    }
}

/// Reads a part of a file; `tell` may take the crashes out of it as they come.
fn read(
    scan: &Scan<'_>,
    input: &Input,
    origin: &Origin,
    (start, end): (u64, u64),
    part: &mut Part,
    tell: &mut dyn FnMut(&mut Part),
) -> io::Result<()> {
    let lead = start.min(LEAD as u64);
    let base = start.saturating_sub(lead);
    let mut file = File::open(&input.path)?;
    file.seek(SeekFrom::Start(base))?;
    let mut reader = file.take(end.saturating_sub(base));
    let mut feed = Feed::part(origin.clone(), Unwrapping::Auto, base, usize::try_from(lead).unwrap_or(0))
        .holding(scan.hold);
    let mut cutter = Cutter::new(scan.longest_line);
    let mut buffer = Vec::new();
    let mut unled = lead;
    loop {
        let ended = fill(&mut reader, &mut buffer, PIECE);
        if unled > 0 {
            let lead = usize::try_from(unled).unwrap_or(0).min(buffer.len());
            let newlines = memchr::memchr_iter(b'\n', buffer.get(..lead).unwrap_or_default()).count();
            part.lead_lines = part.lead_lines.saturating_add(newlines as u64);
            unled = unled.saturating_sub(lead as u64);
        }
        let one_at_a_time = scan.watch.at_once(feed.in_memory().saturating_add(buffer.len()));
        let found = apart(one_at_a_time.is_some(), || {
            let mut found = Vec::new();
            cutter.pass(&buffer, &mut |bytes| found.extend(feed.push(bytes)));
            found
        });
        drop(one_at_a_time);
        part.take(found, base, &cutter, scan);
        if !part.crashes.is_empty() {
            tell(part);
        }
        scan.watch.bytes.fetch_add(buffer.len() as u64, Ordering::Relaxed);
        match ended {
            Filled::Full if scan.watch.stopped() => part.failed = Some(interrupted(cutter.came())),
            Filled::Full => continue,
            Filled::Ended => {}
            Filled::Failed(what) => part.failed = Some(format!("{what}, after {} bytes", cutter.came())),
        }
        break;
    }
    let one_at_a_time = scan.watch.at_once(feed.in_memory());
    let (rest, looked) = apart(one_at_a_time.is_some(), || feed.finish());
    drop(one_at_a_time);
    part.take(rest, base, &cutter, scan);
    part.looked = looked;
    part.bytes = cutter.came().saturating_sub(lead);
    part.cut_lines = cutter.cut();
    Ok(())
}

impl Part {
    /// Takes crashes, whose spans are of what the cutter has let through behind `base`.
    fn take(&mut self, found: Vec<Crash>, base: u64, cutter: &Cutter, scan: &Scan<'_>) {
        scan.watch.crashes.fetch_add(found.len() as u64, Ordering::Relaxed);
        for mut crash in found {
            let span = &mut crash.span.bytes;
            let place = |at: u64| base.saturating_add(cutter.place(at.saturating_sub(base)));
            *span = place(span.start)..place(span.end);
            self.weight = self.weight.saturating_add(span.end.saturating_sub(span.start)).saturating_add(256);
            self.crashes.push(crash);
        }
    }
}
