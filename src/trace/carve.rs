//! Where a crash may start: one SIMD search for all the fragments that a
//! first line can hold. The grammar runs only on the lines found here.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, Input};

use super::launch;

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
    "WARNING: DATA RACE",
];

static SEARCH: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::new(TRACE.iter().chain(launch::ANCHORS)).ok());

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Candidate {
    /// Start of the line that holds the fragment.
    pub(super) line: usize,
    /// The fragment belongs to a Go trace, not to a launch complaint.
    pub(super) trace: bool,
}

pub(super) fn next(text: &[u8], from: usize) -> Option<Candidate> {
    // A signal's first line is found by the newline before it; at the very
    // start of the text there is none.
    if from == 0 && text.starts_with(b"SIG") {
        return Some(Candidate { line: 0, trace: true });
    }
    let start = from.saturating_sub(1);
    let found = SEARCH.as_ref()?.find(Input::new(text).range(start..))?;
    let trace = found.pattern().as_usize() < TRACE.len();
    let inside = if text.get(found.start()) == Some(&b'\n') { found.end() } else { found.start() };
    let line = text.get(..inside).and_then(|before| memchr::memrchr(b'\n', before));
    Some(Candidate { line: line.map_or(0, |at| at.saturating_add(1)).max(from), trace })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_are_line_starts() {
        let text = b"GET /\nno newlinepanic: x\nSIGQUIT: quit\n";
        assert_eq!(next(text, 0), Some(Candidate { line: 6, trace: true }));
        assert_eq!(next(text, 25), Some(Candidate { line: 25, trace: true }));
        assert_eq!(next(text, 38), None);
        assert_eq!(next(b"SIGQUIT: quit\n", 0).unwrap().line, 0);
    }
}
