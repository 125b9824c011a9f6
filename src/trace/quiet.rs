//! Where a log can be cut without a difference: at a place before which nothing
//! that could be part of a crash has come for so long that whatever was open is
//! closed, and that far away that a crash behind it does not look back beyond.

use super::carve;
use crate::envelope;

/// So much of the text before a cut is handed over with the part behind it.
pub const LEAD: usize = 40 << 10;

/// The first such place in a text that is a part of a log, as an offset in it.
/// Everything before `LEAD` bytes ahead of it may be unknown.
pub fn quiet(text: &[u8]) -> Option<usize> {
    let mut start = next_line(text, 0)?;
    loop {
        let closed = envelope::closed(text, start)?;
        let end = next_line(text, closed.checked_add(LEAD)?)?;
        // The last mark first: in a dump every line is one, and each costs a look as far as
        // to the end.
        let loud = match envelope::last_mark(text.get(start..end)?) {
            Some(line) => Some(start.saturating_add(line)),
            None => carve::next(text, start, start).map(|found| found.line).filter(|line| *line < end),
        };
        match loud {
            None => return Some(end),
            Some(line) => start = next_line(text, line)?,
        }
    }
}

/// Start of the line behind the one at an offset.
fn next_line(text: &[u8], at: usize) -> Option<usize> {
    at.checked_add(memchr::memchr(b'\n', text.get(at..)?)?)?.checked_add(1)
}
