//! The first lines of a crash: what kind it is, and where its goroutines begin.

use super::banner;
use super::grammar::{Lines, is_blank, lossy, whole};
use super::{Kind, Signal, signal, stack};

/// How far after a head the first goroutine may be: a panic value may hold a
/// text of any length.
const MESSAGE_BYTES: usize = 256 << 10;
/// The same for a head behind other text, which is most often just a log line:
/// a log full of them must not be read again from each.
const BURIED_BYTES: usize = 1 << 10;
/// Most lines of other output inside a trace, in one place.
pub(super) const MAX_FOREIGN: usize = 3;

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
        if let Some(mut signal) = signal::opening(line) {
            return signal::details(lines, &mut signal).then_some(Head {
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
    // A line or two of other output may stand between.
    for _ in 0..MAX_FOREIGN {
        let Some(first) = lines.next() else { return true };
        let Some((second, _)) = lines.peek() else { return true };
        if stack::position(second).is_some()
            || first.starts_with(b"created by ")
            || first.starts_with(b"\t")
            || first.starts_with(b"non-Go function")
            || first.starts_with(b"runtime: g ")
            || second.starts_with(b"\tpc=0x")
        {
            return true;
        }
        if is_blank(first) {
            return false;
        }
    }
    false
}

/// Where the goroutines of a head begin.
pub(super) struct Body {
    pub(super) at: usize,
    /// What stands between head and body is text of the value.
    pub(super) value_between: bool,
    /// Newlines of the value were printed as they are.
    pub(super) raw: bool,
    /// The value may hold stacks: the last that is running was taken.
    pub(super) doubtful: bool,
}

/// A panic shows one running goroutine with frames, its own. Where a value with
/// raw newlines (up to Go 1.22) seems to be followed by several, the value
/// holds a stack, and the last one is the crash's.
fn last_running(text: &[u8], body: usize) -> Option<usize> {
    let mut lines = Lines::new(text, body);
    let mut last = None;
    while let Some((line, next)) = lines.peek() {
        let own = is_blank(line)
            || line.starts_with(b"\t")
            || line.starts_with(b"created by ")
            || starts_body(line)
            || stack::call(line).is_some();
        if !own {
            break;
        }
        let running =
            lines.at > body && whole(line, stack::header).is_some_and(|header| header.state == b"running");
        let mut after = Lines::new(text, next);
        let framed = after.next().is_some_and(|line| stack::call(line).is_some())
            && after.next().is_some_and(|line| stack::position(line).is_some());
        if running && framed {
            last = Some(lines.at);
        }
        lines.at = next;
    }
    last
}

/// Lines between head and body that are neither indented nor notes are text of
/// the value (up to Go 1.22), and then the blank line that the runtime prints
/// before a goroutine is there; or a few lines of other output; or the head is
/// none at all.
pub(super) fn find_body(text: &[u8], from: usize, head: &Head<'_>) -> Option<Body> {
    let served = head.served.is_some();
    let limit = if head.buried { BURIED_BYTES } else { MESSAGE_BYTES };
    let mut lines = Lines::new(text, from);
    let (mut foreign, mut blank, mut blank_seen) = (0usize, false, false);
    while let Some((line, next)) = lines.peek() {
        if starts_body(line) && stack_follows(text, next) {
            let value_between = foreign == 0 || blank || served;
            let few = blank_seen && foreign <= MAX_FOREIGN;
            let raw = value_between && foreign > 0 && !served && head.kind == Kind::Panic;
            let last = raw.then(|| last_running(text, lines.at)).flatten();
            let body = Body { at: last.unwrap_or(lines.at), value_between, doubtful: last.is_some(), raw };
            return (value_between || few).then_some(body);
        }
        let second = banner::secondary(&lines).is_some();
        let new_head = (banner::opening(line).is_some() && !second)
            || signal::opening(line).is_some()
            || (served && banner::served(line).is_some());
        if new_head || next.saturating_sub(from) > limit {
            return None;
        }
        blank = is_blank(line);
        blank_seen |= blank;
        let own = blank
            || second
            || line.starts_with(b"\t")
            || line.starts_with(b"[signal ")
            || banner::is_note(line);
        foreign = foreign.saturating_add(usize::from(!own));
        lines.at = next;
    }
    None
}
