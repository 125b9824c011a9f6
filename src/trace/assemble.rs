//! Tokens to crashes: which lines belong together, where a crash ends, and
//! what is missing from it.

use rustc_hash::FxHashMap;

use super::grammar::{Lines, is_blank, lossy};
use super::head::{Head, find_body, starts_body};
use super::stack::Position;
use super::{Crash, Frame, Goroutine, Kind, Link, Names, Sym, banner, launch, race};
use crate::source::{Origin, Span};

/// Lines before a head that are looked at for notes of the runtime.
const NOTE_LINES: usize = 64;

pub(super) fn empty(kind: Kind) -> Crash {
    Crash {
        kind,
        chain: Vec::new(),
        notes: Vec::new(),
        signal: None,
        prefixed: false,
        remarks: Vec::new(),
        served: None,
        goroutines: Vec::new(),
        frames: Vec::new(),
        pointers: Vec::new(),
        arguments: Vec::new(),
        names: Names::default(),
        registers: Vec::new(),
        exit: None,
        span: Span { origin: Origin::new(""), bytes: 0..0, lines: 0..=0 },
        losses: Vec::new(),
    }
}

pub(super) struct Assembly<'a> {
    pub(super) text: &'a [u8],
    pub(super) lines: Lines<'a>,
    pub(super) crash: Crash,
    /// End of the last line that surely belongs to the crash.
    pub(super) end: usize,
    pub(super) places: Places<'a>,
}

/// A position that was read before: dumps repeat the same lines thousands of
/// times, and one look-up of the whole line is cheaper than reading it again.
pub(super) type Places<'a> = FxHashMap<&'a [u8], (Position<'a>, Sym)>;

impl<'a> Assembly<'a> {
    /// Reads the crash whose first line starts at `at`; notes of the runtime
    /// are looked for before it, down to `floor`. Gives the crash with its
    /// first byte and the byte after its last.
    pub(super) fn read(text: &'a [u8], at: usize, floor: usize) -> Option<(Crash, usize, usize)> {
        let lines = Lines::new(text, at);
        let crash = empty(Kind::GoroutineDump);
        let mut this = Assembly { text, lines, crash, end: at, places: Places::default() };
        let (first, _) = this.lines.peek()?;
        if starts_body(first) {
            this.body();
            this.headless();
            let useful = this.crash.goroutines.iter().any(|g| g.frame_count > 0 || g.unavailable);
            return useful.then_some((this.crash, at, this.end));
        }
        if first.trim_ascii_end() == race::BANNER {
            return this.race(at, floor);
        }
        let head = Head::of(&mut this.lines)?;
        this.crash.kind = head.kind;
        this.end = this.lines.at;
        let body = find_body(text, this.lines.at, &head);
        let value_until = body.as_ref().filter(|body| body.value_between).map(|body| body.at);
        if head.kind != Kind::Signal {
            this.crash.chain = banner::chain(&mut this.lines, head.fatal, head.text, value_until);
            this.end = this.lines.at;
            if this.crash.chain.last().is_some_and(|link| link.fatal) {
                this.crash.kind = Kind::FatalError;
            }
        }
        let lone = body.is_none() && head.kind != Kind::Signal;
        this.crash.prefixed = head.buried;
        this.crash.served = head.served;
        this.crash.signal = head.signal;
        this.signal_line();
        if lone && !this.stands_alone(head.buried) {
            return None;
        }
        // Whatever stands between head and body has been read or is text of the value.
        this.lines.at = this.lines.at.max(body.map_or(0, |body| body.at));
        this.body();
        let start = this.notes_before(at, floor);
        this.judge_completeness();
        Some((this.crash, start, this.end))
    }

    fn signal_line(&mut self) {
        while let Some((line, next)) = self.lines.peek() {
            if let Some(signal) = banner::signal_line(line) {
                self.crash.signal = Some(signal);
                self.end = next;
            } else if banner::is_note(line) {
                self.crash.notes.push(lossy(line));
                self.end = next;
            } else if !is_blank(line) {
                break;
            }
            self.lines.at = next;
        }
    }

    /// A head without goroutines is a crash where a signal line or the exit
    /// status follows it, where nothing follows, or where the runtime prints
    /// none by design. A line of a log that begins with `panic: ` is not.
    fn stands_alone(&self, buried: bool) -> bool {
        if buried || self.crash.served.is_some() {
            return false;
        }
        let no_goroutines = |link: &Link| link.fatal && link.message.starts_with("no goroutines");
        self.crash.signal.is_some()
            || self.crash.chain.iter().any(no_goroutines)
            || match self.lines.peek() {
                None => true,
                Some((line, _)) => line.starts_with(b"exit status ") || launch::remark(line, 0).is_some(),
            }
    }

    fn notes_before(&mut self, at: usize, floor: usize) -> usize {
        let mut start = at;
        let mut notes = Vec::new();
        for _ in 0..NOTE_LINES {
            let Some(before) = self.text.get(floor..start.saturating_sub(1)).filter(|b| !b.is_empty()) else {
                break;
            };
            let line_start = memchr::memrchr(b'\n', before).map_or(0, |nl| nl.saturating_add(1));
            let line = before.get(line_start..).unwrap_or_default();
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if banner::is_note(line) {
                notes.push(lossy(line));
            } else if !banner::is_hex_dump(line) {
                break;
            }
            start = floor.saturating_add(line_start);
        }
        notes.reverse();
        self.crash.notes.splice(0..0, notes);
        start
    }

    pub(super) fn lose(&mut self, what: &str) {
        self.crash.losses.push(what.to_owned());
    }

    /// Blocks without a head: somebody printed stacks, or the head is cut off.
    fn headless(&mut self) {
        let crash = &self.crash;
        let dying = |frame: &Frame| {
            matches!(
                crash.function(frame),
                "panic" | "runtime.throw" | "runtime.fatal" | "runtime.fatalpanic"
            )
        };
        let first = crash.goroutines.first();
        if first.is_some_and(|g| crash.frames_of(g).iter().any(dying)) {
            self.lose("the head is missing: the stack is that of a panic or fatal error, but the line that says which is not in the log");
        }
        self.judge_stacks();
    }

    fn judge_completeness(&mut self) {
        let by_design = |link: &Link| link.fatal && link.message.starts_with("no goroutines");
        if self.crash.goroutines.is_empty() && !self.crash.chain.iter().any(by_design) {
            self.lose(
                "no goroutine follows the head: the tail of the log is missing, or GOTRACEBACK=none was set",
            );
        }
        self.judge_stacks();
    }

    fn judge_stacks(&mut self) {
        let bare = |g: &Goroutine| g.frame_count == 0 && !g.unavailable;
        if let Some(last) = self.crash.goroutines.last()
            && bare(last)
            && self.end == self.text.len()
        {
            let id = last.id.map_or("the runtime stack".to_owned(), |id| format!("goroutine {id}"));
            self.lose(&format!("the text ends before the frames of {id}"));
        }
        let replaced = self.crash.names.replaced();
        if replaced > 0 {
            self.lose(&format!("{replaced} names hold bytes that are not UTF-8; they were replaced"));
        }
    }
}

impl Crash {
    /// Name of a state that is a symbol of this crash.
    pub fn state(&self, goroutine: &Goroutine) -> &str {
        self.names.get(goroutine.state)
    }

    pub fn name(&self, sym: Sym) -> &str {
        self.names.get(sym)
    }
}
