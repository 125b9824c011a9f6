//! Frames without a goroutine header: what `debug.Stack` leaves when its first
//! line was cut off, and the spelling of zap and pkg/errors, `main.f` and
//! `⇥/app/main.go:12` without parentheses and offsets.
//!
//! Such a stack is found by a line in its middle, so its first frame is looked
//! for upwards. One frame alone is not believed.

use super::assemble::Assembly;
use super::grammar::{Lines, is_blank};
use super::stack::{self, Header};
use super::{Block, Crash, Dialect};

/// Most frames above the line that was found.
const MAX_ABOVE: usize = 256;
/// Frames that must show what makes them believed.
const WINDOW: usize = 8;

/// Whether two lines are a frame with an argument list, or one without.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Call,
    Plain,
}

fn form(first: &[u8], second: &[u8]) -> Option<Form> {
    if !second.starts_with(b"\t") || first.first().is_none_or(u8::is_ascii_whitespace) {
        return None;
    }
    if let Some(call) = stack::call(first) {
        let name = call.function;
        let named = name == b"panic"
            || (name.contains(&b'.')
                && (!name.contains(&b' ') || memchr::memmem::find(name, b"struct {").is_some()));
        return (named && stack::position(second).is_some()).then_some(Form::Call);
    }
    let odd = |b: &u8| matches!(b, b':' | b'@' | b'<' | b'>' | b'|' | b'#' | b';' | b'$');
    let name = stack::plain_call(first).filter(|name| !name.iter().any(odd) && !name.ends_with(b".go"))?;
    (stack::plain_position(second).is_some() && name != b"panic").then_some(Form::Plain)
}

/// Start of the line before the one that starts at `at`.
fn before(text: &[u8], at: usize, floor: usize) -> Option<usize> {
    let above = text.get(floor..at.checked_sub(1)?).filter(|_| at > floor)?;
    Some(memchr::memrchr(b'\n', above).map_or(floor, |nl| floor.saturating_add(nl).saturating_add(1)))
}

/// The frame that starts at `at`.
fn form_at(text: &[u8], at: usize) -> Option<(Form, usize)> {
    let mut lines = Lines::new(text, at);
    let form = form(lines.next()?, lines.next()?)?;
    Some((form, lines.at))
}

/// The frame above the one that starts at `at`.
fn above(text: &[u8], at: usize, floor: usize, form: Form) -> Option<usize> {
    let start = before(text, before(text, at, floor)?, floor)?;
    (form_at(text, start)? == (form, at)).then_some(start)
}

/// Whether the frames from `at` on are believed: two at least, or one and its
/// creator, of a Go file, with an offset where the form has offsets. Only so
/// many are looked at that a log full of such lines is read in linear time.
fn believed(text: &[u8], at: usize, form: Form) -> bool {
    let (mut count, mut offset, mut go) = (0usize, form == Form::Plain, false);
    let mut lines = Lines::new(text, at);
    while count < WINDOW {
        let Some((first, second)) = lines.next().zip(lines.next()) else { break };
        let Some(position) = stack::position(second) else { break };
        if first.starts_with(b"created by ") {
            count = count.saturating_add(1);
            break;
        }
        if self::form(first, second) != Some(form) {
            break;
        }
        count = count.saturating_add(1);
        offset |= position.offset.is_some();
        go |= position.file.ends_with(b".go");
    }
    count >= 2 && offset && go
}

/// The stack that the line at `at` is part of.
pub(super) fn read(text: &[u8], at: usize, floor: usize) -> Option<(Crash, usize, usize)> {
    let mut top = if text.get(at) == Some(&b'\t') { before(text, at, floor)? } else { at };
    let (form, _) = form_at(text, top)?;
    top = above(text, top, floor, form).unwrap_or(top);
    if !believed(text, top, form) {
        return None;
    }
    for _ in 0..MAX_ABOVE {
        let Some(start) = above(text, top, floor, form) else { break };
        top = start;
    }
    let mut this = Assembly::new(text, top);
    this.begin(Block::Bare, None, Header::default(), top);
    match form {
        Form::Call => this.body(),
        Form::Plain => this.plain(),
    }
    this.lose(
        "the stack has no goroutine header: which goroutine it is, and in what state, is not in the log",
    );
    this.headless();
    Some((this.crash, top, this.end))
}

impl Assembly<'_> {
    fn plain(&mut self) {
        while let Some((line, next)) = self.lines.peek() {
            let Some((second, end)) = Lines::new(self.text, next).peek() else { break };
            if form(line, second) != Some(Form::Plain) {
                break;
            }
            let (Some(function), Some(position)) = (stack::plain_call(line), stack::plain_position(second))
            else {
                break;
            };
            self.push(function, b"", false, &position);
            self.lines.at = end;
            self.end = end;
        }
        let crash = &self.crash;
        let any = |part: &str| crash.frames.iter().any(|frame| crash.file(frame).contains(part));
        // The assembly files of golang.org's runtime, the tree of GCC's.
        self.crash.dialect = if any("/libgo/go/") {
            Some(Dialect::Gccgo)
        } else if any("runtime/asm_") || any("/src/runtime/proc.go") {
            Some(Dialect::Gc)
        } else {
            None
        };
    }

    /// Whether the next lines that are not blank are a frame: the first stack of
    /// a Windows exception has no header (runtime/signal_windows.go, `winthrow`).
    pub(super) fn frames_follow(&self) -> bool {
        let mut lines = self.lines.clone();
        while lines.peek().is_some_and(|(line, _)| is_blank(line)) {
            lines.next();
        }
        form_at(self.text, lines.at).is_some_and(|(form, _)| form == Form::Call)
    }
}
