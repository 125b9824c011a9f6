//! What terminals leave in a text: colours, links, titles, carriage returns.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::Shape;
use super::record::Piece;

/// CSI and OSC sequences (ECMA-48; OSC 8 is a link, `\e_bk;…\a` is Buildkite's
/// stamp), and the sequences of two bytes that choose a character set.
static SEQUENCES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?s-u)\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]_PX^][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][A-Za-z0-9]|\x1b[=>78cDEHM]",
    )
    .ok()
});

/// Colours whose ESC was lost on the way: `[31m`, `[0m`, `[1;32m`.
static BARE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?-u)\[\d{1,3}(?:;\d{1,3})*m|\[m").ok());

pub(super) fn has_escapes(line: &[u8]) -> bool {
    memchr::memchr(0x1b, line).is_some() || line.ends_with(b"[0m")
}

/// The line without sequences.
pub(super) fn plain(line: &[u8]) -> Vec<u8> {
    let search = if memchr::memchr(0x1b, line).is_some() { &SEQUENCES } else { &BARE };
    search.as_ref().map_or_else(|| line.to_vec(), |r| r.replace_all(line, &b""[..]).into_owned())
}

/// Takes sequences off, and what a carriage return has overwritten: progress
/// bars and the section marks of CI logs stand before the last one, a crash
/// that they share the line with does not.
pub(super) fn strip(piece: &mut Piece<'_>) {
    if has_escapes(&piece.text) {
        piece.text = Cow::Owned(plain(&piece.text));
    }
    if memchr::memchr(b'\r', &piece.text).is_some() {
        let parts: Vec<&[u8]> = piece.text.split(|b| *b == b'\r').collect();
        let telling = parts.iter().rev().find(|part| Shape::of(part).tells());
        let last = parts.iter().rev().find(|part| !part.is_empty());
        let kept = telling.or(last).map(|part| part.to_vec()).unwrap_or_default();
        piece.text = Cow::Owned(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_come_off() {
        for (line, rest) in [
            ("\x1b[31mpanic:\x1b[0m x", "panic: x"),
            ("\x1b]8;;https://x\x1b\\main.go:3\x1b]8;;\x1b\\", "main.go:3"),
            ("\x1b_bk;t=1795407392171\x07goroutine 1 [running]:", "goroutine 1 [running]:"),
            ("\x1b[0Ksection", "section"),
            ("[31mpanic: x [1m[0m", "panic: x "),
        ] {
            assert_eq!(plain(line.as_bytes()), rest.as_bytes());
        }
    }
}
