//! From a document to its crashes: candidates are carved, read, numbered, and
//! complaints put where they belong.

use super::assemble::{Assembly, empty};
use super::carve;
use super::grammar::{Lines, is_blank};
use super::head::starts_body;
use super::launch::{self, Complaint, Remark};
use super::{Crash, Kind};
use crate::source::{Document, Origin, Span};

/// Lines between a crash (or a complaint) and a remark that still belongs to it.
const REMARK_DISTANCE: u64 = 3;

/// What was found in a document, and how much was looked at.
#[derive(Debug)]
pub struct Reading {
    pub crashes: Vec<Crash>,
    pub bytes: u64,
    pub lines: u64,
    /// Lines that hold a fragment of a trace behind other text: the log may be
    /// wrapped by a collector.
    pub suspects: u64,
}

/// Finds every crash in a document.
pub fn read(document: &Document) -> Reading {
    let text: &[u8] = &document.bytes;
    let mut count = LineCount::default();
    let mut crashes: Vec<Crash> = Vec::new();
    let (mut from, mut floor) = (0usize, 0usize);
    let mut suspects = 0u64;
    while let Some(candidate) = carve::next(text, from) {
        let at = candidate.line;
        let first = count.number(text, at);
        let crash = if candidate.trace { Assembly::read(text, at, floor) } else { None };
        if let Some((mut crash, start, end)) = crash {
            let lines = count.number_before(text, start, first)..=count.last(text, end);
            crash.span = Span { origin: document.origin.clone(), bytes: start as u64..end as u64, lines };
            drop_announcement(&mut crashes, &crash);
            crashes.push(crash);
            (from, floor) = (end, end);
            continue;
        }
        let mut lines = Lines::new(text, at);
        let Some(line) = lines.next() else { break };
        if let Some(remark) = launch::remark(line, first) {
            place(&mut crashes, remark, &document.origin, at..lines.at);
            floor = lines.at;
        } else if candidate.trace && is_suspect(line) {
            suspects = suspects.saturating_add(1);
        }
        // Headers without a frame: what was read in vain from the first need
        // not be read again from each.
        let header = candidate.trace && starts_body(line);
        while header && lines.peek().is_some_and(|(next, _)| is_blank(next) || starts_body(next)) {
            lines.next();
        }
        from = lines.at;
    }
    let lines = count.last(text, text.len());
    Reading { crashes, bytes: text.len() as u64, lines, suspects }
}

/// A log line that says what the panic right after it says is no record of its own.
fn drop_announcement(crashes: &mut Vec<Crash>, crash: &Crash) {
    let says = |remark: &Remark| {
        remark.complaint == Complaint::NeedsCgo
            && crash.span.lines.start().saturating_sub(remark.line) <= REMARK_DISTANCE
            && crash.chain.iter().any(|link| remark.text.contains(&link.message))
    };
    if crashes.last().is_some_and(|last| last.kind == Kind::Launch && last.remarks.iter().all(says)) {
        crashes.pop();
    }
}

fn is_suspect(line: &[u8]) -> bool {
    let inside = |what: &[u8]| memchr::memmem::find(line, what).is_some_and(|at| at > 0);
    inside(b"panic: ") || inside(b"fatal error: ") || (inside(b"goroutine ") && inside(b"]:"))
}

/// A remark belongs to the crash that it follows closely: the shell's word on
/// the signal that ended it, the second line of one complaint.
fn place(crashes: &mut Vec<Crash>, remark: Remark, origin: &Origin, bytes: std::ops::Range<usize>) {
    if let Some(last) = crashes.last_mut() {
        let near = remark.line.saturating_sub(*last.span.lines.end()) <= REMARK_DISTANCE;
        let repeats =
            last.remarks.iter().any(|r| r.complaint == remark.complaint && r.speaker == remark.speaker);
        let follows = last.kind == Kind::Launch || matches!(remark.complaint, Complaint::Killed { .. });
        if near && follows && !repeats {
            last.span.bytes.end = bytes.end as u64;
            last.span.lines = *last.span.lines.start()..=remark.line;
            last.remarks.push(remark);
            return;
        }
    }
    let mut crash = empty(Kind::Launch);
    crash.span = Span {
        origin: origin.clone(),
        bytes: bytes.start as u64..bytes.end as u64,
        lines: remark.line..=remark.line,
    };
    crash.remarks.push(remark);
    crashes.push(crash);
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
        self.newlines = self.newlines.saturating_add(memchr::memchr_iter(b'\n', between).count() as u64);
        self.at = self.at.max(offset);
        self.newlines.saturating_add(1)
    }

    fn number_before(&self, text: &[u8], offset: usize, known: u64) -> u64 {
        let between = text.get(offset..self.at).unwrap_or_default();
        known.saturating_sub(memchr::memchr_iter(b'\n', between).count() as u64)
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
