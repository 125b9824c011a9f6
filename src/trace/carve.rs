//! Where a crash may start: one SIMD search for all the fragments that a
//! first line can hold. The grammar runs only on the lines found here.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, Input, MatchKind, packed};

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

/// Teddy where the CPU has it (2 GB/s with 64 fragments), an automaton with
/// leftmost semantics elsewhere: that one may use a prefilter, which the
/// standard semantics may not.
struct Search {
    packed: Option<packed::Searcher>,
    automaton: Option<AhoCorasick>,
}

/// Most fragments that Teddy takes (aho-corasick 1.1, src/packed/pattern.rs and
/// api.rs); with more the search is the automaton's, at two thirds of its speed.
const TEDDY: usize = 64;

static SEARCHES: LazyLock<Vec<Search>> = LazyLock::new(|| {
    let search = |fragments: &[&str]| Search {
        packed: packed::Config::new().builder().extend(fragments).build(),
        automaton: AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(fragments).ok(),
    };
    fragments().chunks(TEDDY).map(search).collect()
});

fn fragments() -> Vec<&'static str> {
    TRACE.iter().copied().chain(remark::anchors()).collect()
}

/// Shorter texts are left to the automaton.
const SHORT: usize = 64;

/// So much is searched for the fragments of one search before those of the next
/// are looked for: it stays in the cache, and what is looked at in vain beyond
/// another's find is no more than this.
const STRIDE: usize = 8 << 10;

impl Search {
    /// Number of the fragment, among all, and where it lies.
    fn find(&self, text: &[u8], start: usize, end: usize) -> Option<aho_corasick::Match> {
        match &self.packed {
            Some(packed) if end.saturating_sub(start) >= SHORT => {
                packed.find_in(text, aho_corasick::Span { start, end })
            }
            _ => self.automaton.as_ref()?.find(Input::new(text).range(start..end)),
        }
    }
}

/// The first fragment that begins at `start` or later, and its number.
fn find(text: &[u8], mut start: usize) -> Option<(usize, std::ops::Range<usize>)> {
    loop {
        let mut end = text.len().min(start.saturating_add(STRIDE));
        let mut first: Option<(usize, std::ops::Range<usize>)> = None;
        for (index, search) in SEARCHES.iter().enumerate() {
            // A fragment that ends behind the stride is found by the next one,
            // which begins before it.
            if let Some(found) = search.find(text, start, end)
                && first.as_ref().is_none_or(|(_, first)| found.start() < first.start)
            {
                let number = index.saturating_mul(TEDDY).saturating_add(found.pattern().as_usize());
                first = Some((number, found.range()));
                end = text.len().min(found.start().saturating_add(OVERLAP)).min(end);
            }
        }
        if first.is_some() || end == text.len() {
            return first;
        }
        start = end.saturating_sub(OVERLAP).max(start.saturating_add(1));
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
    let (number, found) = find(text, start)?;
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
    fn what_stands_at_the_end_of_a_stride_is_found() {
        let all = fragments();
        for (index, fragment) in [all[1], all[0], all[all.len() / 2], all[all.len() - 1]].iter().enumerate() {
            for shift in 0..=fragment.len() {
                let mut text = b".\n".repeat(STRIDE);
                let at = (index + 1) * STRIDE / 4 * 2 - shift;
                text.splice(at..at, fragment.bytes());
                assert!(next(&text, 0, 0).is_some(), "{fragment} {shift}");
                let found = find(&text, 0).unwrap();
                assert_eq!(&text[found.1.clone()], fragment.as_bytes());
            }
        }
    }

    #[test]
    fn both_searches_find_the_same() {
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
