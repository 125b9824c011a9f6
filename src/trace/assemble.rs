//! Tokens to crashes: which lines belong together, where a crash ends, and
//! what is missing from it.

use rustc_hash::{FxHashMap, FxHashSet};

use super::grammar::{Lines, is_blank, lossy};
use super::head::{Head, find_body, starts_body};
use super::stack::{Header, Position};
use super::{
    Block, Crash, Dialect, Frame, Goroutine, Kind, Link, NO_POINTERS, Names, Source, Sym, Value, banner,
    bare, profile, race, remark, sanitizer, signal,
};
use crate::source::{Origin, Span};

/// How many frames are left of 100 when those that the runtime hides after a
/// panic (gopanic, sigpanic, panicIndex, goPanic…, wrappers) are not printed.
const WALKED: std::ops::RangeInclusive<usize> = 92..=99;

/// net/http gives runtime.Stack a buffer of 64 KiB (net/http/server.go,
/// `serve`); what it cuts in the middle of a line is not in the record.
const HTTP_STACK: usize = (64 << 10) - 1024;

/// Beginnings of what the runtime itself calls fatal (runtime/*.go, `throw` and
/// `fatal`, 1.27).
const OWN_FATALS: &[&str] = &[
    "all goroutines are asleep",
    "concurrent map",
    "stack overflow",
    "out of memory",
    "runtime: ",
    "runtime.",
    "sync: ",
    "unexpected signal",
    "fault",
    "found bad pointer",
    "checkptr: ",
    "newosproc",
    "thread exhaustion",
];

/// Lines before a head that are looked at for notes of the runtime.
const NOTE_LINES: usize = 64;

pub(super) fn empty(kind: Kind) -> Crash {
    Crash {
        kind,
        dialect: None,
        chain: Vec::new(),
        title: None,
        notes: Vec::new(),
        asides: Vec::new(),
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
        source: Source::default(),
        losses: Vec::new(),
        repairs: Vec::new(),
        identical_to: None,
        lone: false,
        digest: 0,
    }
}

pub(super) struct Assembly<'a> {
    pub(super) text: &'a [u8],
    pub(super) lines: Lines<'a>,
    pub(super) crash: Crash,
    /// End of the last line that surely belongs to the crash.
    pub(super) end: usize,
    pub(super) places: Places<'a>,
    /// Register blocks after the first.
    pub(super) threads: usize,
    /// Goroutines of a dump without a head: one that comes again begins the next dump.
    pub(super) seen: FxHashSet<u64>,
}

/// A position that was read before: dumps repeat the same lines thousands of
/// times, and one look-up of the whole line is cheaper than reading it again.
pub(super) type Places<'a> = FxHashMap<&'a [u8], (Position<'a>, Sym)>;

impl<'a> Assembly<'a> {
    /// Reads the crash whose first line starts at `at`; notes of the runtime
    /// are looked for before it, down to `floor`. Gives the crash with its
    /// first byte and the byte after its last.
    pub(super) fn read(text: &'a [u8], at: usize, floor: usize) -> Option<(Crash, usize, usize)> {
        let mut this = Assembly::new(text, at);
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
        if let Some(report) = sanitizer::banner(first) {
            return this.sanitizer(at, floor, report);
        }
        if let Some(total) = profile::banner(first) {
            return this.profile(at, total);
        }
        match Head::of(&mut this.lines) {
            Some(head) => this.headed(head, at, floor),
            None => bare::read(text, at, floor),
        }
    }

    pub(super) fn new(text: &'a [u8], at: usize) -> Assembly<'a> {
        let lines = Lines::new(text, at);
        let crash = empty(Kind::GoroutineDump);
        Assembly {
            text,
            lines,
            crash,
            end: at,
            places: Places::default(),
            threads: 0,
            seen: FxHashSet::default(),
        }
    }

    /// A crash with a head.
    fn headed(mut self, head: Head<'a>, at: usize, floor: usize) -> Option<(Crash, usize, usize)> {
        self.crash.kind = head.kind;
        self.end = self.lines.at;
        let body = find_body(self.text, self.lines.at, &head);
        if body.as_ref().is_some_and(|body| body.doubtful) {
            self.crash.asides.push(
                "the message seems to hold stacks; the last running goroutine was taken for the one that panicked"
                    .to_owned(),
            );
        }
        let raw = body.as_ref().is_some_and(|body| body.raw);
        let value_until = body.as_ref().filter(|body| body.value_between).map(|body| body.at);
        if head.kind != Kind::Signal {
            self.crash.chain = banner::chain(&mut self.lines, (head.fatal, head.text), value_until, raw);
            self.end = self.lines.at;
            if self.crash.chain.last().is_some_and(|link| link.fatal) {
                self.crash.kind = Kind::FatalError;
            }
        }
        let lone = body.is_none() && head.kind != Kind::Signal;
        let tinygo = self.crash.chain.iter().any(|link| banner::is_tinygo(&link.message));
        self.crash.dialect = tinygo.then_some(Dialect::TinyGo);
        let stack_at = body.as_ref().map(|body| body.at);
        self.crash.prefixed = head.buried;
        self.crash.served = head.served;
        self.crash.signal = head.signal;
        self.signal_line();
        self.secondary();
        if lone && !self.stands_alone(head.buried) {
            return None;
        }
        // Whatever stands between head and body has been read or is text of the value.
        if head.kind == Kind::Signal && self.frames_follow() {
            self.begin(Block::Bare, None, Header::default(), self.end);
        } else {
            self.lines.at = self.lines.at.max(body.map_or(0, |body| body.at));
        }
        self.body();
        let printed = stack_at.map_or(0, |from| self.end.saturating_sub(from));
        if self.crash.served.is_some() && printed >= HTTP_STACK {
            self.lose("net/http prints no more than 64 KiB of a stack: this one is cut");
        }
        let start = self.notes_before(at, floor);
        self.judge_completeness();
        Some((self.crash, start, self.end))
    }

    /// `fatal error: panic holding locks` after the `panic: ` that could not be
    /// printed in peace (runtime/panic.go, `gopanic`).
    fn secondary(&mut self) {
        let headed = matches!(self.crash.kind, Kind::Panic | Kind::FatalError);
        while let Some(text) = banner::secondary(&self.lines).filter(|_| headed) {
            let next = self.lines.peek().map_or(self.lines.at, |(_, next)| next);
            self.crash.chain.push(Link {
                fatal: true,
                message: lossy(text),
                value: Value::Text,
                recovered: false,
                repanicked: false,
            });
            self.crash.kind = Kind::FatalError;
            (self.lines.at, self.end) = (next, next);
            self.signal_line();
        }
    }

    fn signal_line(&mut self) {
        while let Some((line, next)) = self.lines.peek() {
            if let Some(signal) = signal::line(line) {
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
    fn stands_alone(&mut self, buried: bool) -> bool {
        if buried || self.crash.served.is_some() {
            return false;
        }
        let broken = |note: &String| note == "panic during panic" || note == "stack trace unavailable";
        let no_goroutines = |link: &Link| link.fatal && link.message.starts_with("no goroutines");
        self.crash.signal.is_some()
            || self.crash.notes.iter().any(broken)
            || self.crash.dialect == Some(Dialect::TinyGo)
            || self.crash.chain.iter().any(no_goroutines)
            || match self.lines.peek() {
                None => self.ends_the_log(),
                Some((line, _)) => {
                    let blank =
                        self.text.get(self.end..self.lines.at).is_some_and(|between| !between.is_empty());
                    // A program that is restarted again and again, without goroutines.
                    let again = blank && banner::opening(line).is_some();
                    again
                        || line.starts_with(b"exit status ")
                        || remark::remark(line, 0).is_some_and(|remark| !remark.error)
                }
            }
    }

    /// A head that is the last of a log, of which nothing more is there: the text
    /// is the runtime's own, or has the blank line after it that the runtime
    /// prints, or is all there is. Programs write `panic: ` too.
    fn ends_the_log(&mut self) -> bool {
        let own = |link: &Link| {
            let text = link.message.as_str();
            let fatal = || OWN_FATALS.iter().any(|own| text.starts_with(own));
            text.starts_with("runtime error: ") || link.recovered || (link.fatal && fatal())
        };
        let blank = self.text.get(self.end..).is_some_and(|rest| !rest.is_empty());
        let before = self.text.get(..self.lines.at).unwrap_or_default();
        let only = before.trim_ascii().iter().filter(|b| **b == b'\n').count() < 2;
        let told = blank || self.crash.chain.len() > 1 || self.crash.chain.iter().any(own);
        self.crash.lone = !told;
        told || only
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
    pub(super) fn headless(&mut self) {
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
        let by_design = self.crash.chain.iter().any(by_design) || self.crash.dialect == Some(Dialect::TinyGo);
        if self.crash.goroutines.is_empty() && !by_design {
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
        self.judge_end();
        if self.threads > 0 {
            self.crash
                .asides
                .push(format!("registers left out of further threads (GOTRACEBACK=crash): {}", self.threads));
        }
        self.judge_depth();
        let replaced = self.crash.names.replaced();
        if replaced > 0 {
            self.lose(&format!("{replaced} names hold bytes that are not UTF-8; they were replaced"));
        }
    }

    /// A last line without its newline is whole when its offset is there.
    fn judge_end(&mut self) {
        if self.end != self.text.len()
            || self.text.ends_with(b"\n")
            || self.crash.dialect != Some(Dialect::Gc)
        {
            return;
        }
        let Some(last) = self.crash.goroutines.last().filter(|g| g.block == Block::Goroutine) else { return };
        let frame = self.crash.frames_of(last).last();
        let offset = match &last.created_by {
            Some(created) => created.offset.is_some(),
            None => {
                frame.is_none_or(|frame| frame.inlined || frame.has_offset || frame.pointers != NO_POINTERS)
            }
        };
        if !offset
            && self.crash.registers.is_empty()
            && last.ancestors.is_empty()
            && self.crash.losses.is_empty()
        {
            self.lose("the text ends without a newline where an offset should be: it may be cut");
        }
    }

    /// Up to Go 1.20 a traceback walks 100 frames. It says so only where it
    /// printed all of them; after a panic some of the 100 are hidden frames of
    /// the runtime, and the text just stops (runtime/traceback.go, `traceback1`
    /// and `gentraceback`, 1.19).
    fn judge_depth(&mut self) {
        let crash = &self.crash;
        let cut = |goroutine: &&Goroutine| {
            let frames = crash.frames_of(goroutine);
            let physical = frames.iter().filter(|frame| !frame.inlined).count();
            let bottom = frames.last().map_or("", |frame| crash.function(frame));
            let ends = matches!(bottom, "main.main" | "runtime.main" | "runtime.goexit" | "runtime.rt0_go");
            goroutine.block == Block::Goroutine
                && WALKED.contains(&physical)
                && goroutine.elided.is_none()
                && goroutine.created_by.is_none()
                && !goroutine.is_system()
                && !ends
        };
        let ids: Vec<u64> = crash.goroutines.iter().filter(cut).filter_map(|g| g.id).collect();
        for id in ids {
            self.lose(&format!(
                "the stack of goroutine {id} stops after 100 frames without a word, as Go up to 1.20 and gccgo do: its outer frames are missing"
            ));
        }
    }
}

impl Crash {
    /// Forgets the stacks, which are not those of one process.
    pub(super) fn disown_stacks(&mut self) {
        self.goroutines.clear();
        self.frames.clear();
        self.registers.clear();
        if self.kind == Kind::GoroutineDump {
            self.notes.clear();
        }
    }

    /// Name of a state that is a symbol of this crash.
    pub fn state(&self, goroutine: &Goroutine) -> &str {
        self.names.get(goroutine.state)
    }

    pub fn name(&self, sym: Sym) -> &str {
        self.names.get(sym)
    }
}
