//! Which format a run of lines has: proved by the lines where a crash may be,
//! and their neighbours.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::formats::{FORMATS, Format, Proof, Reader, Stray, find};
use super::record::{Blocks, Piece, Record, Text};
use super::{Shape, quoted, repair, template, terminal};

/// Fragments that stand in nearly every line of a crash that others lack.
const MARKS: &[&str] = &[
    "goroutine ",
    "panic: ",
    "fatal error: ",
    "created by ",
    " +0x",
    "[signal ",
    "#\t0x",
    "panic serving ",
    "Z29yb3V0aW5l",
    "103 111 114 111 117 116 105 110 101 32",
    "\\n\\t",
];

static MARKED: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(MARKS).ok());

pub(super) fn marked(line: &[u8]) -> bool {
    MARKED.as_ref().is_some_and(|search| search.is_match(line))
}

/// Where the first mark of a text stands.
pub(super) fn first_mark(text: &[u8]) -> Option<usize> {
    MARKED.as_ref()?.find(text).map(|mark| mark.start())
}

/// Marked lines that are looked at, and lines around each.
const MOST_MARKED: usize = 12;
const AROUND: usize = 2;

/// What stands around an anchor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The lines are as the program wrote them.
    Plain,
    /// There is something to take off or to mend.
    Wrapped,
}

/// Looks at the lines of a window; the one at `anchor` holds what may be a crash.
pub fn sniff(window: &[u8], anchor: usize) -> Verdict {
    let mut focus = 0usize;
    let mut at = 0usize;
    let mut lines = Vec::new();
    for part in window.split_inclusive(|b| *b == b'\n') {
        if at <= anchor {
            focus = lines.len();
        }
        at = at.saturating_add(part.len());
        lines.push(part.trim_ascii_end());
    }
    let escapes = lines.iter().any(|line| terminal::has_escapes(line));
    if escapes || pick(&lines, Some(focus)).is_some() {
        return Verdict::Wrapped;
    }
    let quoted = lines.get(focus).is_some_and(|line| quoted::of(line).is_some());
    if quoted || repair::needed(&lines) { Verdict::Wrapped } else { Verdict::Plain }
}

/// A format of the table, or one that the lines themselves have made.
pub(super) enum Choice {
    Known(&'static Format),
    Built(Format),
}

impl std::ops::Deref for Choice {
    type Target = Format;

    fn deref(&self) -> &Format {
        match self {
            Choice::Known(format) => format,
            Choice::Built(format) => format,
        }
    }
}

/// Whether a line is a record of a format that one line proves, or holds a trace.
pub fn is_record(line: &[u8]) -> bool {
    proves_itself(line) || quoted::of(line).is_some()
}

/// Whether a line has a format whose form alone is proof.
fn proves_itself(line: &[u8]) -> bool {
    matches!(line.first(), Some(b'{' | b'0'..=b'9' | b'['))
        && FORMATS.iter().any(|format| format.proof == Proof::Line && format.reads(line))
}

/// The format of a run of lines, if one is proved by some of them. What it does
/// not read is looked at again: formats may stand side by side.
pub(super) fn choose(pieces: &[Piece<'_>]) -> Option<Choice> {
    let lines: Vec<&[u8]> = pieces.iter().map(|piece| piece.text.as_ref()).collect();
    let clusters = clusters(&lines);
    let step = clusters.len().div_ceil(MOST_CLUSTERS).max(1);
    if clusters.len() < 2 {
        return pick(&lines, None);
    }
    clusters.into_iter().step_by(step).find_map(|range| pick(lines.get(range)?, None))
}

/// Marked lines with fewer others between them belong together.
const APART: usize = 24;
/// Most clusters of a region that are looked at.
const MOST_CLUSTERS: usize = 256;

/// Runs of lines around marked ones.
fn clusters(lines: &[&[u8]]) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for (index, _) in lines.iter().enumerate().filter(|(_, line)| marked(line)) {
        let end = index.saturating_add(AROUND).saturating_add(1).min(lines.len());
        match out.last_mut() {
            Some(last) if index.saturating_sub(last.end) <= APART => last.end = end,
            _ => out.push(index.saturating_sub(AROUND)..end),
        }
    }
    out
}

/// A line by which formats are tried.
struct Sample<'a> {
    /// It looks like part of a crash.
    hot: bool,
    line: &'a [u8],
    weight: usize,
}

fn pick(lines: &[&[u8]], focus: Option<usize>) -> Option<Choice> {
    let mut hot: Vec<usize> = lines
        .iter()
        .enumerate()
        .filter(|(index, line)| Some(*index) == focus || marked(line))
        .map(|(index, _)| index)
        .take(MOST_MARKED)
        .collect();
    if let Some(focus) = focus.filter(|focus| !hot.contains(focus)) {
        hot.push(focus);
    }
    if hot.is_empty() {
        hot = (0..lines.len().min(MOST_MARKED)).collect();
    }
    let mut sample: Vec<usize> = hot
        .iter()
        .flat_map(|index| index.saturating_sub(AROUND)..=index.saturating_add(AROUND))
        .filter(|index| lines.get(*index).is_some_and(|line| !line.is_empty()))
        .collect();
    sample.sort_unstable();
    sample.dedup();
    let sample: Vec<Sample<'_>> = sample
        .iter()
        .filter_map(|index| {
            let line = *lines.get(*index)?;
            Some(Sample { hot: hot.contains(index), line, weight: weight(line) })
        })
        .collect();
    let before: usize = sample.iter().map(|sample| sample.weight).sum();
    let mut best: Option<(usize, &'static Format)> = None;
    for format in FORMATS {
        if let Reader::Block(read) = format.reader {
            if block_reads(format, read, lines, before) {
                return Some(Choice::Known(format));
            }
            continue;
        }
        let Some((proof, after)) = try_on(format, &sample) else { continue };
        // One line proves it: then it must be the line in question.
        let read = || focus.and_then(|focus| lines.get(focus)).is_none_or(|line| format.reads(line));
        let proof = proof && (format.proof != Proof::Line || read());
        if format.proof != Proof::Gain {
            if proof {
                return Some(Choice::Known(format));
            }
        } else if proof
            && after >= before.saturating_add(least(format, &sample))
            && best.is_none_or(|(known, _)| after > known)
        {
            best = Some((after, format));
        }
    }
    if let Some((_, format)) = best {
        return Some(Choice::Known(format));
    }
    let built = template::of(sample.iter().filter(|sample| sample.hot).map(|sample| sample.line))?;
    let (proof, after) = try_on(&built, &sample)?;
    (proof && after >= before.saturating_add(2)).then_some(Choice::Built(built))
}

/// By how much lines must look more like a crash without a format: less where
/// every line has it, as in a log with one line of a crash.
fn least(format: &Format, sample: &[Sample<'_>]) -> usize {
    let all = sample.len() >= 4 && sample.iter().all(|sample| format.reads(sample.line));
    if all { 1 } else { 2 }
}

/// Whether the lines prove the format, and how much they look like a crash
/// after it is taken off.
fn try_on(format: &Format, sample: &[Sample<'_>]) -> Option<(bool, usize)> {
    // No format is proved without a line in question; where none reads, that settles it.
    let mut in_question = sample.iter().filter(|sample| sample.hot);
    if format.stray != Stray::Indented && !in_question.any(|sample| format.reads(sample.line)) {
        return None;
    }
    let (mut hot, mut hot_read, mut read, mut after) = (0usize, 0usize, 0usize, 0usize);
    let mut records: Vec<Record> = Vec::new();
    let mut indent = 0usize;
    let mut sources: Vec<Vec<(&'static str, String)>> = Vec::new();
    for Sample { hot: is_hot, line, weight: as_it_is } in sample {
        records.clear();
        let inside = indent > 0
            && format.stray == Stray::Indented
            && line.iter().take_while(|b| **b == b' ').count() >= indent;
        hot = hot.saturating_add(usize::from(*is_hot));
        if format.read(line, &mut records) || inside {
            if let Some(Record { text: Text::Part(range), .. }) = records.first() {
                indent = range.start;
            }
            read = read.saturating_add(1);
            hot_read = hot_read.saturating_add(usize::from(*is_hot));
            for record in &records {
                if !sources.contains(&record.identity) {
                    sources.push(record.identity.clone());
                }
            }
        } else {
            after = after.saturating_add(*as_it_is);
        }
        // The first lines settle it for most formats.
        if hot >= 3 && hot_read == 0 && format.proof != Proof::Line && format.stray != Stray::Continue {
            return None;
        }
        if format.proof == Proof::Gain {
            for record in &records {
                after = after.saturating_add(weight(record.text.of(line)));
            }
        }
    }
    // Nearly every line from another source: what was taken for a name is none.
    if format.proof != Proof::Line && read >= 4 && sources.len().saturating_mul(2) > read {
        return None;
    }
    let some_hot = hot_read > 0;
    let most_hot = hot_read > 0 && hot_read.saturating_mul(10) >= hot.saturating_mul(6);
    let proof = match format.proof {
        Proof::Line => some_hot,
        Proof::Lines => most_hot && (read >= 3 || read == sample.len()),
        // Neighbours may be of another source; hot lines that do not read were
        // weighed as they are.
        Proof::Gain => {
            let carries = format.stray == Stray::Continue;
            let share = if carries { 3 } else { 5 };
            (most_hot || (carries && some_hot))
                && read >= 3
                && read.saturating_mul(10) >= sample.len().saturating_mul(share)
        }
    };
    Some((proof, after))
}

/// What stands behind a stamp, where the line begins with one.
fn stamped(line: &[u8]) -> Option<&[u8]> {
    if !matches!(line.first(), Some(b'0'..=b'9' | b'[' | b'A'..=b'Z')) {
        return None;
    }
    let mut out = Vec::new();
    find("stamp")?.read(line, &mut out);
    match out.first()?.text {
        Text::Part(ref range) => line.get(range.clone()),
        Text::Own(_) => None,
    }
}

/// How much a line looks like a crash, or like a line of a format whose fixed
/// parts prove it.
fn weight(line: &[u8]) -> usize {
    let stripped;
    let line = if terminal::has_escapes(line) {
        stripped = terminal::plain(line);
        &stripped
    } else {
        line
    };
    let shape = Shape::of(line);
    match shape {
        // Blanks instead of the TAB are a loss that another format may not have.
        Shape::Position { tab: false } => 1,
        shape if shape.tells() => 2,
        _ if proves_itself(line) => 2,
        // Behind a stamp: another layer to come.
        _ => usize::from(stamped(line).is_some_and(|text| Shape::of(text).tells())),
    }
}

fn block_reads(format: &Format, read: fn(&[u8]) -> Blocks, lines: &[&[u8]], before: usize) -> bool {
    let text = lines.get(..lines.len().min(512)).unwrap_or_default().join(&b'\n');
    let records = read(&text);
    let after: usize = records
        .iter()
        .map(|(_, record)| record.text.of(&text).split(|b| *b == b'\n').map(weight).sum::<usize>())
        .sum();
    match format.proof {
        Proof::Gain => after >= before.saturating_add(2),
        _ => !records.is_empty() && after >= before,
    }
}
