//! A crash that was read from an unwrapped stream: where it stands in the input,
//! who wrote it, and what its lines have lost on the way.

use std::ops::Range;

use super::{Crash, Source};
use crate::envelope::{Mark, Marks, Stream};

/// So much of a line is looked at for its end: one line may hold thousands of crashes.
const LONGEST_LINE: usize = 64 << 10;
/// Longest list of texts that stood beside a stack.
const BESIDE: usize = 4;

/// What happened to lines, and whether the record lacks something by it.
const TOLD: &[(Mark, bool, &str)] = &[
    (Mark::Suppressed, true, "the collector dropped lines here and said so (rate limit)"),
    (
        Mark::BlobLost,
        true,
        "a line was too long or too strange for the tool that printed the log; it is not here",
    ),
    (Mark::Unreadable, true, "a record of the wrapping is damaged here; its line is missing"),
    (
        Mark::TooLong,
        true,
        "the record is longer than what is held in memory at a time; the rest of it was left out",
    ),
    (Mark::BytesReplaced, false, "bytes that are not UTF-8 were replaced by the collector"),
    (Mark::BlankLost, false, "blank lines were dropped on the way"),
    (Mark::Detabbed, false, "TABs had become blanks, or were gone"),
    (Mark::Repeated, false, "lines folded into \"repeated N times\" were put back"),
    (Mark::Wrapped, false, "lines were broken at a width; they were joined by guess"),
    (
        Mark::Reordered,
        false,
        "lines stood in another order; they were put back by their numbers, stamps or structure",
    ),
    (Mark::Retyped, false, "typographic characters or entities were turned back"),
    (
        Mark::Interleaved,
        false,
        "lines of other output stood between the lines of the stack; they were left out",
    ),
    (Mark::Doubled, false, "every line stood there twice; one of each was taken"),
];

/// End and number of the line of the input that begins at an offset.
pub(super) fn end_of_line(input: &[u8], offset: u64, line: u64) -> (u64, u64) {
    let rest = usize::try_from(offset).ok().and_then(|offset| input.get(offset..)).unwrap_or_default();
    let rest = rest.get(..rest.len().min(LONGEST_LINE)).unwrap_or_default();
    let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |nl| nl.saturating_add(1));
    (offset.saturating_add(length as u64), line)
}

/// Translates what counts in the stream to what counts in the input. `end` tells where
/// what begins at an offset, in a line, ends, and its last line.
pub(super) fn locate(crash: &mut Crash, stream: &Stream, end: &dyn Fn(u64, u64) -> (u64, u64)) {
    let offset = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    let run = offset(crash.span.bytes.start)..offset(crash.span.bytes.end);
    let last = run.end.saturating_sub(1).max(run.start);
    let ((start, first_line), (behind, last_line)) = (stream.place(run.start), stream.place(last));
    // Newest first: the beginning of the crash stands behind its end.
    let (start, last) = (start.min(behind), start.max(behind));
    let (first_line, last_line) = (first_line.min(last_line), first_line.max(last_line));
    let (end, last_line) = end(last, last_line);
    crash.span.bytes = start..end;
    crash.span.lines = first_line..=last_line;
    for remark in &mut crash.remarks {
        remark.line = stream.line(remark.line);
    }
    crash.source = Source {
        envelopes: stream.envelopes.clone(),
        identity: stream.identity.clone(),
        stamp: stream.stamp(run.start),
        core: false,
    };
    tell(crash, stream, run);
}

fn tell(crash: &mut Crash, stream: &Stream, run: Range<usize>) {
    let (marks, joined): (Marks, usize) = stream.marks(run.clone());
    for (mark, lacks, text) in TOLD {
        if marks.has(*mark) {
            let list = if *lacks { &mut crash.losses } else { &mut crash.repairs };
            list.push((*text).to_owned());
        }
    }
    match joined {
        0 => {}
        1 => crash.repairs.push("1 line was put together from the parts that a collector had cut".to_owned()),
        n => {
            crash.repairs.push(format!("{n} lines were put together from the parts that a collector had cut"))
        }
    }
    crash.notes.extend(stream.beside(run).take(BESIDE).map(|text| format!("logged with it: {text}")));
}
