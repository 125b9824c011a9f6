//! Crashes that are longer than what is held: the first part is told, the rest counted.

use super::{Crash, Feed};

pub(super) struct Cut {
    crash: Crash,
    /// Where the text in memory goes on with it.
    end: u64,
    bytes: u64,
    goroutines: u64,
}

/// How a region ends.
#[derive(Clone, Copy)]
pub(super) enum Ending {
    /// Nothing more can belong to it.
    Own,
    /// It is too long: the next one begins here, with its last crash.
    Before(usize),
    /// It is too long, and so is the crash that it is.
    Cut(usize),
}

/// Bytes between the cut and the next region: the rest of a stack with many frames.
const AHEAD: u64 = 64 << 10;
/// Bytes between two parts of a crash that was cut: a line that is neither.
const BETWEEN: u64 = 4096;

impl Feed {
    /// Keeps a crash that a region cuts until it is known how much more there is of it.
    pub(super) fn hold_back(&mut self, mut crashes: Vec<Crash>, start: usize, ending: Ending) -> Vec<Crash> {
        let absolute = |offset: usize| self.cursor.base.saturating_add(offset as u64);
        let start = absolute(start);
        let next = match ending {
            Ending::Own => None,
            Ending::Before(at) | Ending::Cut(at) => Some(absolute(at)),
        };
        let mut out = Vec::new();
        if let Some(mut open) = self.cut.take() {
            let mut until = start;
            let goes_on = |crash: &Crash, until: u64| {
                start.checked_sub(open.end).is_some_and(|gap| gap <= AHEAD)
                    && is_headless(crash)
                    && crash.span.bytes.start <= until.saturating_add(BETWEEN)
            };
            let mut goroutines = 0u64;
            while crashes.first().is_some_and(|crash| goes_on(crash, until)) {
                let rest = crashes.remove(0);
                until = rest.span.bytes.end.max(until);
                goroutines = goroutines.saturating_add(rest.goroutines.len() as u64);
                let span = &mut open.crash.span;
                span.bytes.end = span.bytes.end.max(rest.span.bytes.end);
                span.lines = *span.lines.start()..=*span.lines.end().max(rest.span.lines.end());
            }
            open.goroutines = open.goroutines.saturating_add(goroutines);
            let next = next.filter(|_| until > start && crashes.is_empty());
            if until > start {
                open.bytes = open.bytes.saturating_add(next.unwrap_or(until).saturating_sub(open.end));
            }
            if let Some(next) = next {
                self.cut = Some(Cut { end: next, ..open });
                return out;
            }
            out.push(self.close(open));
        }
        if let (Ending::Cut(_), Some(end)) = (ending, next)
            && let Some(crash) = crashes.pop()
        {
            self.cut = Some(Cut { crash, end, bytes: 0, goroutines: 0 });
        }
        out.extend(crashes);
        out
    }

    /// A crash that was cut, once it is over.
    pub(super) fn close(&mut self, cut: Cut) -> Crash {
        let Cut { mut crash, bytes, goroutines, .. } = cut;
        let limit = self.hold.region >> 20;
        let what = format!("cut after {limit} MB, the most that is held in memory at a time");
        crash.losses.push(match goroutines {
            0 => what,
            1 => format!("{what}; 1 more goroutine in the {bytes} bytes behind was left out"),
            more => format!("{what}; {more} more goroutines in the {bytes} bytes behind were left out"),
        });
        self.looked.left_out = self.looked.left_out.saturating_add(bytes);
        crash
    }
}

/// Nothing says why it was printed: the rest of a dump looks so.
fn is_headless(crash: &Crash) -> bool {
    let nothing = crash.chain.is_empty() && crash.title.is_none() && crash.remarks.is_empty();
    nothing && crash.signal.is_none() && !crash.goroutines.is_empty()
}

/// Start of the line that a crash of a region begins with which has not ended, where
/// nothing of those before it comes for as long as a region waits for more.
pub(super) fn early(crashes: &[Crash], region: &[u8]) -> Option<usize> {
    let quiet = (region.len() as u64).checked_sub(AHEAD)?;
    let mut spans: Vec<_> = crashes.iter().map(|crash| crash.span.bytes.clone()).collect();
    spans.sort_unstable_by_key(|span| span.start);
    let (mut ended, mut found) = (0u64, None);
    for (index, span) in spans.iter().enumerate().take_while(|(_, span)| span.start <= quiet) {
        if index > 0 && span.start >= ended {
            let before = region.get(..usize::try_from(span.start).ok()?)?;
            let line = memchr::memrchr(b'\n', before).map_or(0, |at| at.saturating_add(1));
            found = if line as u64 >= ended { Some(line) } else { found };
        }
        ended = ended.max(span.end);
    }
    // None of them may reach over it.
    let reaches =
        |line: &usize| !spans.iter().any(|span| span.start < *line as u64 && span.end > *line as u64);
    found.filter(reaches)
}

/// Start of the line that the last crash of a region begins with, where it is not the
/// first, and nothing of another one stands behind it.
pub(super) fn last_alone(crashes: &[Crash], region: &[u8]) -> Option<usize> {
    let (last, others) = crashes.split_last()?;
    let start = last.span.bytes.start;
    if others.is_empty() || others.iter().any(|crash| crash.span.bytes.end > start) {
        return None;
    }
    let before = region.get(..usize::try_from(start).ok()?)?;
    let line = memchr::memrchr(b'\n', before)?.checked_add(1)?;
    others.iter().all(|crash| crash.span.bytes.end <= line as u64).then_some(line)
}
