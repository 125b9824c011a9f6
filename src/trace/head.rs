//! The first lines of a crash: what kind it is, and where its goroutines begin.

use super::banner;
use super::grammar::{Lines, is_blank, lossy, whole};
use super::{Kind, Signal, stack};

/// How far after a head the first goroutine may be: a panic value may hold a
/// text of any length.
const MESSAGE_BYTES: usize = 256 << 10;

/// What a first line says.
pub(super) struct Head<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a [u8],
    pub(super) fatal: bool,
    pub(super) served: Option<String>,
    pub(super) signal: Option<Signal>,
    /// The head does not start its line.
    pub(super) buried: bool,
}

impl<'a> Head<'a> {
    pub(super) fn of(lines: &mut Lines<'a>) -> Option<Head<'a>> {
        let line = lines.next()?;
        let head =
            Head { kind: Kind::Panic, text: b"", fatal: false, served: None, signal: None, buried: false };
        if let Some((address, text)) = banner::served(line) {
            return Some(Head { text, served: Some(lossy(address)), ..head });
        }
        if let Some((fatal, text)) = banner::opening(line) {
            let kind = if fatal { Kind::FatalError } else { Kind::Panic };
            return Some(Head { kind, text, fatal, ..head });
        }
        if let Some(mut signal) = banner::signal_opening(line) {
            return banner::signal_details(lines, &mut signal).then_some(Head {
                kind: Kind::Signal,
                signal: Some(signal),
                ..head
            });
        }
        let (_, fatal, text) = banner::buried(line)?;
        let kind = if fatal { Kind::FatalError } else { Kind::Panic };
        Some(Head { kind, text, fatal, buried: true, ..head })
    }
}

pub(super) fn starts_body(line: &[u8]) -> bool {
    (line.starts_with(b"goroutine ") && whole(line, stack::header).is_some())
        || line.trim_ascii_end() == b"runtime stack:"
}

/// A value may hold the text of a header; a stack after it tells the real one.
fn stack_follows(text: &[u8], at: usize) -> bool {
    let mut lines = Lines::new(text, at);
    match (lines.next(), lines.next()) {
        (Some(first), Some(second)) => {
            stack::position(second).is_some()
                || first.starts_with(b"created by ")
                || first.starts_with(b"\t")
                || first.starts_with(b"non-Go function")
                || first.starts_with(b"runtime: g ")
                || is_blank(first)
                || second.starts_with(b"\tpc=0x")
        }
        // The text ends here.
        _ => true,
    }
}

/// Where the goroutines of a head begin. Lines between that are neither
/// indented nor notes are text of the value (up to Go 1.22), and then the
/// blank line that the runtime prints before a goroutine has to be there; or
/// they are no part of a crash at all.
pub(super) fn find_body(text: &[u8], from: usize, foreign_allowed: bool) -> Option<usize> {
    let mut lines = Lines::new(text, from);
    let (mut foreign, mut blank) = (false, false);
    while let Some((line, next)) = lines.peek() {
        if starts_body(line) && stack_follows(text, next) {
            return (!foreign || blank || foreign_allowed).then_some(lines.at);
        }
        let new_head = banner::opening(line).is_some() || banner::signal_opening(line).is_some();
        if new_head || next.saturating_sub(from) > MESSAGE_BYTES {
            return None;
        }
        blank = is_blank(line);
        let own = blank || line.starts_with(b"\t") || line.starts_with(b"[signal ") || banner::is_note(line);
        foreign |= !own;
        lines.at = next;
    }
    None
}
