//! Where a crash may start: a fast search for all the fragments that a first line
//! can hold. The grammar runs only on the lines found here.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, Input, MatchKind};

use super::grams::{self, Grams};
use super::remark;

const TRACE: &[&str] = &[
    "panic: ",
    "panic:\n",
    "panic:\r\n",
    "fatal error: ",
    "goroutine ",
    "runtime stack:",
    "\nSIG",
    "Exception 0x",
    " panic serving ",
    "sys: trap: ",
    "sys: fp: ",
    "WARNING: DATA RACE",
    "Sanitizer: ",
    "goroutineleak profile: ",
    "threadcreate profile: ",
    // Stacks without a header: see bare.rs.
    " +0x",
    "\n\t/",
    "\n\tC:/",
    "runtime.main\n",
    "runtime.main\r\n",
    "runtime.goexit\n",
    "runtime.goexit\r\n",
    "net/http.(*conn).serve\n",
    "net/http.(*conn).serve\r\n",
    // The same in one string of a structured log.
    "\\n\\t",
    // `goroutine ` in base64, and as decimal bytes: whole stacks in one field.
    "Z29yb3V0aW5l",
    "103 111 114 111 117 116 105 110 101 32",
];

/// The longest fragment: so much of a text must be seen again when more of it
/// comes.
pub(super) const OVERLAP: usize = 64;

/// Finds the fragments in three steps: where one may be, by two searches that are
/// fast, and then which it is, by one that is exact.
struct Search {
    /// For nearly all of them.
    grams: Grams,
    /// For the few that are too short for it.
    short: Option<AhoCorasick>,
    /// For all, in the order of `fragments`: it is asked about a few bytes at a time.
    exact: Option<AhoCorasick>,
}

static SEARCH: LazyLock<Search> = LazyLock::new(|| {
    let (long, short): (Vec<&str>, Vec<&str>) =
        fragments().into_iter().partition(|fragment| fragment.len() >= grams::SHORTEST);
    let automaton = || AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).to_owned();
    Search {
        grams: Grams::new(long.into_iter()),
        short: automaton().build(short).ok(),
        exact: automaton()
            .prefilter(false)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(fragments())
            .ok(),
    }
});

fn fragments() -> Vec<&'static str> {
    TRACE.iter().copied().chain(remark::anchors()).collect()
}

/// So much is searched by one search before the other: it stays in the cache, and
/// what is looked at in vain beyond another's find is no more than this.
const STRIDE: usize = 16 << 10;

impl Search {
    /// The first fragment that begins at `start` or later, and its number.
    fn find(&self, text: &[u8], mut start: usize) -> Option<(usize, std::ops::Range<usize>)> {
        loop {
            let end = text.len().min(start.saturating_add(STRIDE));
            let near = |at: usize| text.len().min(at.saturating_add(OVERLAP));
            let long = self.grams.find(text, start, end);
            let range = start..long.map_or(end, |at| near(at).min(end));
            let short = self.short.as_ref().and_then(|short| short.find(Input::new(text).range(range)));
            let first = long.into_iter().chain(short.map(|found| found.start())).min();
            if let Some(first) = first {
                // Another may begin before it, and end behind where it was seen.
                let range = first.saturating_sub(OVERLAP).max(start)..near(first);
                let found = self.exact.as_ref()?.find(Input::new(text).range(range))?;
                return Some((found.pattern().as_usize(), found.range()));
            }
            if end == text.len() {
                return None;
            }
            // A fragment that ends behind the stride is found by the next one,
            // which begins before it.
            start = end.saturating_sub(OVERLAP).max(start.saturating_add(1));
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Candidate {
    /// Start of the line that holds the fragment.
    pub(super) line: usize,
    /// The fragment belongs to a Go trace, not to a launch complaint.
    pub(super) trace: bool,
}

/// The first fragment from `from` on. Lines start at `floor` at the earliest.
pub(super) fn next(text: &[u8], from: usize, floor: usize) -> Option<Candidate> {
    // A signal's first line is found by the newline before it; at the very
    // start of the text there is none.
    if from == 0 && text.starts_with(b"SIG") {
        return Some(Candidate { line: 0, trace: true });
    }
    let start = from.saturating_sub(1).min(text.len());
    let (number, found) = SEARCH.find(text, start)?;
    let trace = number < TRACE.len();
    let inside = if text.get(found.start) == Some(&b'\n') { found.end } else { found.start };
    let line = text.get(floor..inside).and_then(|before| memchr::memrchr(b'\n', before));
    let line = line.map_or(floor, |at| floor.saturating_add(at).saturating_add(1));
    Some(Candidate { line, trace })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_are_line_starts() {
        let text = b"GET /\nno newlinepanic: x\nSIGQUIT: quit\n";
        assert_eq!(next(text, 0, 0), Some(Candidate { line: 6, trace: true }));
        assert_eq!(next(text, 25, 25), Some(Candidate { line: 25, trace: true }));
        assert_eq!(next(text, 38, 38), None);
        assert_eq!(next(b"SIGQUIT: quit\n", 0, 0).unwrap().line, 0);
    }

    #[test]
    fn no_fragment_is_longer_than_the_overlap() {
        assert!(fragments().iter().all(|fragment| fragment.len() <= OVERLAP));
    }

    #[test]
    fn every_fragment_is_found_wherever_it_lies() {
        let blank = ".\n".repeat(STRIDE / 2 + OVERLAP);
        for fragment in fragments() {
            for at in (0..8).chain(STRIDE - fragment.len() - 2..STRIDE + 2) {
                let mut text = blank.clone();
                text.insert_str(at, fragment);
                let found = SEARCH.find(text.as_bytes(), 0);
                assert_eq!(found.map(|(_, range)| range.start), Some(at), "{fragment:?}");
            }
        }
    }

    #[test]
    fn what_is_found_does_not_depend_on_where_the_text_begins() {
        let text =
            "x\n".repeat(40) + "2026/11/23 http: panic serving a: b\nfatal error: y\nIllegal instruction\n";
        let ends = |text: &[u8]| {
            let mut all = Vec::new();
            let mut from = 0;
            while let Some(found) = next(text, from, from) {
                from = text[found.line..].iter().position(|b| *b == b'\n').unwrap() + found.line + 1;
                all.push(found);
            }
            all
        };
        let short: Vec<usize> = ends(&text.as_bytes()[80..]).iter().map(|c| c.line + 80).collect();
        assert_eq!(ends(text.as_bytes()).iter().map(|c| c.line).collect::<Vec<_>>(), short);
        assert_eq!(short.len(), 3);
    }
}
