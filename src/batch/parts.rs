//! A big plain file, read in parts by several workers. It is cut where it is
//! quiet, so that the parts together tell what the whole would.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Mutex;
use std::sync::atomic::Ordering;

use super::Scan;
use super::item::{GAVE_UP, guarded};
use super::lines::Cutter;
use super::paths::Input;
use super::record::{DocumentRecord, From, Outcome, Record};
use super::session::{Filled, Nth, beyond, fill, interrupted, outcome, too_long};
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
    results: Mutex<Results>,
}

#[derive(Default)]
struct Results {
    parts: Vec<Option<Part>>,
    left: usize,
}

#[derive(Default)]
struct Part {
    crashes: Vec<Crash>,
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
    let results = Results { parts: bounds.iter().map(|_| None).collect(), left: bounds.len() };
    let is_binary = is_binary(beginning.get(..1024).unwrap_or(&beginning));
    let origin = Origin::new(&input.name);
    Some(Parts { input: number, origin, is_binary, bounds, results: Mutex::new(results) })
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

    /// Reads a part; whoever reads the last one gets the records of the file.
    pub(super) fn read(
        &self,
        scan: &Scan<'_>,
        examiner: &Examiner<'_>,
        input: &Input,
        at: usize,
    ) -> Option<Vec<Record>> {
        let bounds = self.bounds.get(at).copied().unwrap_or_default();
        let part = guarded(|| match read(scan, input, &self.origin, bounds) {
            Ok(part) => part,
            Err(error) => Part { failed: Some(error.to_string()), ..Part::default() },
        });
        let part = part.unwrap_or_else(|| Part { failed: Some(GAVE_UP.to_owned()), ..Part::default() });
        let parts = {
            let mut results = self.results.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if let Some(slot) = results.parts.get_mut(at) {
                *slot = Some(part);
            }
            results.left = results.left.saturating_sub(1);
            if results.left > 0 {
                return None;
            }
            std::mem::take(&mut results.parts)
        };
        Some(self.join(scan, examiner, parts.into_iter().flatten()))
    }

    fn join(
        &self,
        scan: &Scan<'_>,
        examiner: &Examiner<'_>,
        parts: impl Iterator<Item = Part>,
    ) -> Vec<Record> {
        let mut document = DocumentRecord::new(From::new(&self.origin, 0), Outcome::Read, None);
        let mut out = Vec::new();
        let mut repeats = Repeats::default();
        let mut looked = Looked::default();
        let mut cut = (0u64, 0u64);
        let mut nth = Nth::default();
        for part in parts {
            for mut crash in part.crashes {
                crash.move_down(document.lines.saturating_sub(part.lead_lines));
                if repeats.is_new(&mut crash, &mut looked) {
                    let nth = nth.of(&crash.span.bytes);
                    let examined = examiner.crash(crash);
                    out.push(Record::Crash(Box::new(scan.describe(&examined, 0, nth))));
                }
            }
            document.lines = document.lines.saturating_add(part.looked.lines.saturating_sub(part.lead_lines));
            document.bytes = document.bytes.saturating_add(part.bytes);
            document.reason = document.reason.or(part.failed);
            looked.left_out = looked.left_out.saturating_add(part.looked.left_out);
            looked.not_as_a_whole |= part.looked.not_as_a_whole;
            cut = (cut.0.saturating_add(part.cut_lines.0), cut.1.saturating_add(part.cut_lines.1));
        }
        document.crashes = out.len() as u64;
        let too_long = too_long((0, 0), cut, scan.longest_line);
        document.reason =
            document.reason.or(too_long).or_else(|| beyond(Looked::default(), looked, scan.hold));
        document.outcome = outcome(&document, self.is_binary);
        scan.watch.documents.fetch_add(1, Ordering::Relaxed);
        out.sort_by(Record::order);
        out.push(Record::Document(document));
        out
    }
}

fn read(scan: &Scan<'_>, input: &Input, origin: &Origin, (start, end): (u64, u64)) -> io::Result<Part> {
    let lead = start.min(LEAD as u64);
    let base = start.saturating_sub(lead);
    let mut file = File::open(&input.path)?;
    file.seek(SeekFrom::Start(base))?;
    let mut reader = file.take(end.saturating_sub(base));
    let mut feed = Feed::part(origin.clone(), Unwrapping::Auto, base, usize::try_from(lead).unwrap_or(0))
        .holding(scan.hold);
    let mut cutter = Cutter::new(scan.longest_line);
    let mut part = Part::default();
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
        let found = &mut part.crashes;
        let before = found.len();
        cutter.pass(&buffer, &mut |bytes| found.extend(feed.push(bytes)));
        let more = found.len().saturating_sub(before) as u64;
        scan.watch.crashes.fetch_add(more, Ordering::Relaxed);
        scan.watch.bytes.fetch_add(buffer.len() as u64, Ordering::Relaxed);
        match ended {
            Filled::Full if scan.watch.stopped() => part.failed = Some(interrupted(cutter.came())),
            Filled::Full => continue,
            Filled::Ended => {}
            Filled::Failed(what) => part.failed = Some(format!("{what}, after {} bytes", cutter.came())),
        }
        break;
    }
    let (rest, looked) = feed.finish();
    part.crashes.extend(rest);
    for crash in &mut part.crashes {
        let place = |at: u64| base.saturating_add(cutter.place(at.saturating_sub(base)));
        crash.span.bytes = place(crash.span.bytes.start)..place(crash.span.bytes.end);
    }
    part.looked = looked;
    part.bytes = cutter.came().saturating_sub(lead);
    part.cut_lines = cutter.cut();
    Ok(part)
}
