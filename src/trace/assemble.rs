//! Tokens to crashes: which lines belong together, where a crash ends, and
//! what is missing from it.

use rustc_hash::FxHashMap;

use super::grammar::{Lines, decimal_value, is_blank, lossy, whole};
use super::launch::{self, Complaint, Remark};
use super::race;
use super::stack::{self, Position};
use super::{
    Crash, CreatedBy, Elided, Frame, Goroutine, Kind, Link, NO_POINTERS, Names, Pointers, Signal, Sym,
    banner, carve,
};
use crate::addr::RuntimeAddr;
use crate::source::{Document, Origin, Span};

/// How far after a head the first goroutine may be: a panic value may hold a
/// text of any length.
const MESSAGE_BYTES: usize = 256 << 10;
/// Lines before a head that are looked at for notes of the runtime.
const NOTE_LINES: usize = 64;
/// Lines between a crash (or a complaint) and a remark that still belongs to it.
const REMARK_DISTANCE: u64 = 3;

/// What was found in a document, and how much was looked at.
#[derive(Debug)]
pub struct Reading {
    pub crashes: Vec<Crash>,
    pub bytes: u64,
    pub lines: u64,
}

/// Finds every crash in a document.
pub fn read(document: &Document) -> Reading {
    let text: &[u8] = &document.bytes;
    let mut count = LineCount::default();
    let mut crashes: Vec<Crash> = Vec::new();
    let (mut from, mut floor) = (0usize, 0usize);
    while let Some(candidate) = carve::next(text, from) {
        let at = candidate.line;
        let first = count.number(text, at);
        let crash = if candidate.trace { Assembly::read(text, at, floor) } else { None };
        if let Some((mut crash, start, end)) = crash {
            let lines = count.number_before(text, start, first)..=count.last(text, end);
            crash.span = Span { origin: document.origin.clone(), bytes: start as u64..end as u64, lines };
            crashes.push(crash);
            (from, floor) = (end, end);
            continue;
        }
        let mut lines = Lines::new(text, at);
        let Some(line) = lines.next() else { break };
        if let Some(remark) = launch::remark(line, first) {
            place(&mut crashes, remark, &document.origin, at..lines.at);
            floor = lines.at;
        }
        from = lines.at;
    }
    let lines = count.last(text, text.len());
    Reading { crashes, bytes: text.len() as u64, lines }
}

/// A remark belongs to the crash that it follows closely: the shell's word on
/// the signal that ended it, the second line of one complaint.
fn place(crashes: &mut Vec<Crash>, remark: Remark, origin: &Origin, bytes: std::ops::Range<usize>) {
    if let Some(last) = crashes.last_mut() {
        let near = remark.line.saturating_sub(*last.span.lines.end()) <= REMARK_DISTANCE;
        let repeats =
            last.remarks.iter().any(|r| r.complaint == remark.complaint && r.speaker == remark.speaker);
        let follows = last.kind == Kind::Launch || matches!(remark.complaint, Complaint::Killed { .. });
        if near && follows && !repeats {
            last.span.bytes.end = bytes.end as u64;
            last.span.lines = *last.span.lines.start()..=remark.line;
            last.remarks.push(remark);
            return;
        }
    }
    let mut crash = empty(Kind::Launch);
    crash.span = Span {
        origin: origin.clone(),
        bytes: bytes.start as u64..bytes.end as u64,
        lines: remark.line..=remark.line,
    };
    crash.remarks.push(remark);
    crashes.push(crash);
}

/// Numbers lines without counting any of them twice.
#[derive(Default)]
struct LineCount {
    at: usize,
    newlines: u64,
}

impl LineCount {
    /// Number of the line that starts at `offset`, from 1. Offsets ascend.
    fn number(&mut self, text: &[u8], offset: usize) -> u64 {
        let between = text.get(self.at..offset).unwrap_or_default();
        self.newlines = self.newlines.saturating_add(memchr::memchr_iter(b'\n', between).count() as u64);
        self.at = self.at.max(offset);
        self.newlines.saturating_add(1)
    }

    fn number_before(&self, text: &[u8], offset: usize, known: u64) -> u64 {
        let between = text.get(offset..self.at).unwrap_or_default();
        known.saturating_sub(memchr::memchr_iter(b'\n', between).count() as u64)
    }

    /// Number of the last line that ends at or before `end`.
    fn last(&mut self, text: &[u8], end: usize) -> u64 {
        let number = self.number(text, end);
        let ended = end == 0 || text.get(end.saturating_sub(1)) == Some(&b'\n');
        if ended { number.saturating_sub(1) } else { number }
    }
}

fn empty(kind: Kind) -> Crash {
    Crash {
        kind,
        chain: Vec::new(),
        notes: Vec::new(),
        signal: None,
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

/// What a first line says.
struct Head<'a> {
    kind: Kind,
    text: &'a [u8],
    fatal: bool,
    served: Option<String>,
    signal: Option<Signal>,
    /// The head does not start its line.
    buried: bool,
}

impl<'a> Head<'a> {
    fn of(lines: &mut Lines<'a>) -> Option<Head<'a>> {
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

fn starts_body(line: &[u8]) -> bool {
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
fn find_body(text: &[u8], from: usize, foreign_allowed: bool) -> Option<usize> {
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

struct Assembly<'a> {
    text: &'a [u8],
    lines: Lines<'a>,
    crash: Crash,
    /// End of the last line that surely belongs to the crash.
    end: usize,
    places: Places<'a>,
}

/// A position that was read before: dumps repeat the same lines thousands of
/// times, and one look-up of the whole line is cheaper than reading it again.
type Places<'a> = FxHashMap<&'a [u8], (Position<'a>, Sym)>;

/// Most lines that are remembered.
const MAX_PLACES: usize = 1 << 14;

impl<'a> Assembly<'a> {
    /// Reads the crash whose first line starts at `at`; notes of the runtime
    /// are looked for before it, down to `floor`. Gives the crash with its
    /// first byte and the byte after its last.
    fn read(text: &'a [u8], at: usize, floor: usize) -> Option<(Crash, usize, usize)> {
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
        let body = find_body(text, this.lines.at, head.served.is_some());
        if head.kind != Kind::Signal {
            this.crash.chain = banner::chain(&mut this.lines, head.fatal, head.text, body);
            this.end = this.lines.at;
            if this.crash.chain.last().is_some_and(|link| link.fatal) {
                this.crash.kind = Kind::FatalError;
            }
        }
        let lone = body.is_none() && head.kind != Kind::Signal;
        this.crash.served = head.served;
        this.crash.signal = head.signal;
        this.signal_line();
        if lone && !this.stands_alone(head.buried) {
            return None;
        }
        // Whatever stands between head and body has been read or is text of the value.
        this.lines.at = this.lines.at.max(body.unwrap_or(0));
        this.body();
        let start = this.notes_before(at, floor);
        this.judge_completeness();
        Some((this.crash, start, this.end))
    }

    /// A report of the race detector: every access is a goroutine, what created
    /// it is its ancestor.
    fn race(mut self, at: usize, floor: usize) -> Option<(Crash, usize, usize)> {
        self.crash.kind = Kind::Race;
        self.lines.next();
        let (sections, closed) = race::sections(&mut self.lines);
        self.end = self.lines.at;
        for section in sections {
            match &section.access {
                Some(access) => {
                    let state = access.clone().into_bytes();
                    self.begin(
                        Some(section.goroutine),
                        stack::Header { state: &state, ..Default::default() },
                        self.end,
                    );
                }
                None => {
                    let id = Some(section.goroutine);
                    let Some(index) = self.crash.goroutines.iter().position(|g| g.id == id) else { continue };
                    let first_frame = u32::try_from(self.crash.frames.len()).unwrap_or(u32::MAX);
                    let ancestor =
                        super::Ancestor { id: None, first_frame, frame_count: 0, created_by: None };
                    // Frames go to the last goroutine's last ancestor.
                    self.crash.goroutines[index..].rotate_left(1);
                    if let Some(last) = self.crash.goroutines.last_mut() {
                        last.ancestors.push(ancestor);
                    }
                    self.race_frames(&section);
                    self.crash.goroutines[index..].rotate_right(1);
                    continue;
                }
            }
            self.race_frames(&section);
        }
        if !closed {
            self.lose("the race report breaks off before its closing line");
        }
        let bar = b"==================\n";
        let start = at.saturating_sub(bar.len()).max(floor);
        let start = if self.text.get(start..at) == Some(&bar[..]) { start } else { at };
        (!self.crash.goroutines.is_empty()).then_some((self.crash, start, self.end))
    }

    fn race_frames(&mut self, section: &race::Section<'_>) {
        for (function, position) in &section.frames {
            if let (Some(call), Some(position)) = (stack::call(function), stack::position(position)) {
                self.push(call.function, b"", false, &position);
            }
        }
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

    /// Goroutine blocks, registers and what stands between them, to the first
    /// line that fits no rule.
    fn body(&mut self) {
        while let Some((line, next)) = self.lines.peek() {
            let used = match line.first() {
                None => true,
                Some(b'g') if line.starts_with(b"goroutine ") => self.goroutine(line, next),
                Some(b'r') if line.trim_ascii_end() == b"runtime stack:" => {
                    self.begin(None, stack::Header::default(), next);
                    true
                }
                Some(b'c') if line.starts_with(b"created by ") => self.creator(line, next),
                Some(b'\t' | b' ') => self.indented(line, next),
                Some(b'[') => self.ancestor(line, next),
                Some(b'.') => self.gap(line, next),
                Some(b'-') if line == b"-----" => self.next_thread(next),
                Some(_) => {
                    if self.frame(line, next) {
                        continue;
                    }
                    self.other(line, next)
                }
            };
            if !used {
                break;
            }
            if self.lines.at < next {
                self.lines.at = next;
            }
        }
    }

    fn goroutine(&mut self, line: &[u8], next: usize) -> bool {
        let Some(header) = whole(line, stack::header) else {
            if next == self.text.len() && !self.crash.goroutines.is_empty() {
                self.lose("the text ends inside a goroutine header");
                self.end = next;
                return true;
            }
            return false;
        };
        self.begin(Some(header.id), header, next);
        true
    }

    fn begin(&mut self, id: Option<u64>, header: stack::Header<'_>, next: usize) {
        let state = self.crash.names.intern(header.state);
        self.crash.goroutines.push(Goroutine {
            id,
            gp: header.gp.map(RuntimeAddr),
            m: header.m,
            state,
            wait_minutes: header.minutes,
            locked_to_thread: header.locked,
            attributes: header.attributes.into_iter().map(lossy).collect(),
            first_frame: u32::try_from(self.crash.frames.len()).unwrap_or(u32::MAX),
            frame_count: 0,
            elided: None,
            created_by: None,
            ancestors: Vec::new(),
            unavailable: false,
        });
        self.end = next;
    }

    #[inline]
    fn frame(&mut self, line: &[u8], next: usize) -> bool {
        if self.crash.goroutines.is_empty() {
            return false;
        }
        let Some(call) = stack::call(line) else { return self.foreign_frame(line, next) };
        let after = Lines::new(self.text, next).peek();
        match after.and_then(|(line, end)| Some((self.place(line)?, end))) {
            Some(((position, file), end)) => {
                self.push_at(call.function, call.arguments, call.inlined(), &position, file);
                self.lines.at = end;
                self.end = end;
                true
            }
            None if after.is_none_or(|(_, end)| end == self.text.len()) && call.function.contains(&b'.') => {
                let nowhere = Position { file: b"", line: 0, offset: None, fp: None, sp: None, pc: None };
                self.push(call.function, call.arguments, call.inlined(), &nowhere);
                self.lose("the text ends inside a frame");
                self.lines.at = self.text.len();
                self.end = self.text.len();
                true
            }
            None => false,
        }
    }

    /// Frames of code that is not Go: `non-Go function at pc=0x…` on one line,
    /// and what a registered cgo symbolizer prints (runtime/traceback.go,
    /// `printOneCgoTraceback`): a name, then a TAB, a position and ` pc=`.
    fn foreign_frame(&mut self, line: &[u8], next: usize) -> bool {
        if let Some(pc) = line.strip_prefix(b"non-Go function at pc=0x") {
            let pc = super::grammar::hex_value(pc.trim_ascii_end());
            let position = Position { file: b"", line: 0, offset: None, fp: None, sp: None, pc };
            self.push(b"non-Go function", b"", false, &position);
            self.lines.at = next;
            self.end = next;
            return pc.is_some();
        }
        let Some((second, end)) = Lines::new(self.text, next).peek() else { return false };
        let Some(at) = memchr::memmem::rfind(second, b"pc=0x").filter(|_| second.starts_with(b"\t")) else {
            return false;
        };
        let Some(pc) =
            second.get(at.saturating_add(5)..).and_then(|d| super::grammar::hex_value(d.trim_ascii_end()))
        else {
            return false;
        };
        let place = second.get(..at).unwrap_or_default().trim_ascii_end();
        let position = stack::position(place);
        let position = Position {
            file: position.map_or(&b""[..], |p| p.file),
            line: position.map_or(0, |p| p.line),
            offset: None,
            fp: None,
            sp: None,
            pc: Some(pc),
        };
        self.push(line.trim_ascii_end(), b"", false, &position);
        self.lines.at = end;
        self.end = end;
        true
    }

    #[inline]
    fn place(&mut self, line: &'a [u8]) -> Option<(Position<'a>, Sym)> {
        if let Some(known) = self.places.get(line) {
            return Some(*known);
        }
        let position = stack::position(line)?;
        let file = self.crash.names.intern(position.file);
        // Level 2 prints stack addresses too: such lines do not repeat.
        if position.fp.is_none() && self.places.len() < MAX_PLACES {
            self.places.insert(line, (position, file));
        }
        Some((position, file))
    }

    fn push(&mut self, function: &[u8], arguments: &[u8], inlined: bool, at: &Position<'_>) {
        let file = self.crash.names.intern(at.file);
        self.push_at(function, arguments, inlined, at, file);
    }

    #[inline]
    fn push_at(&mut self, function: &[u8], arguments: &[u8], inlined: bool, at: &Position<'_>, file: Sym) {
        let crash = &mut self.crash;
        let start = crash.arguments.len();
        crash.arguments.extend_from_slice(arguments);
        let mut pointers = NO_POINTERS;
        if at.fp.is_some() || at.pc.is_some() {
            pointers = u32::try_from(crash.pointers.len()).unwrap_or(NO_POINTERS);
            crash.pointers.push(Pointers {
                fp: at.fp.unwrap_or(0),
                sp: at.sp.unwrap_or(0),
                pc: at.pc.map(RuntimeAddr),
            });
        }
        let frame = Frame {
            function: crash.names.intern(function),
            file,
            line: at.line,
            inlined,
            has_offset: at.offset.is_some(),
            offset: at.offset.and_then(|o| u32::try_from(o).ok()).unwrap_or(0),
            arguments: (
                u32::try_from(start).unwrap_or(u32::MAX),
                u32::try_from(arguments.len()).unwrap_or(0),
            ),
            pointers,
        };
        crash.frames.push(frame);
        if let Some(goroutine) = crash.goroutines.last_mut() {
            match goroutine.ancestors.last_mut() {
                Some(ancestor) => ancestor.frame_count = ancestor.frame_count.saturating_add(1),
                None => goroutine.frame_count = goroutine.frame_count.saturating_add(1),
            }
        }
    }

    fn creator(&mut self, line: &[u8], next: usize) -> bool {
        let Some((function, goroutine)) = stack::created_by(line) else { return false };
        let after = Lines::new(self.text, next).peek();
        let position = after.and_then(|(line, end)| Some((stack::position(line)?, end)));
        if position.is_none() && after.is_none() {
            self.lose("the text ends inside a `created by`");
        }
        let created = CreatedBy {
            function: self.crash.names.intern(function),
            goroutine,
            file: self.crash.names.intern(position.map_or(&b""[..], |(p, _)| p.file)),
            line: position.map_or(0, |(p, _)| p.line),
            offset: position.and_then(|(p, _)| p.offset),
        };
        let Some(last) = self.crash.goroutines.last_mut() else { return false };
        match last.ancestors.last_mut() {
            Some(ancestor) => ancestor.created_by = Some(created),
            None => last.created_by = Some(created),
        }
        self.lines.at = position.map_or(next, |(_, end)| end);
        self.end = self.lines.at;
        true
    }

    fn ancestor(&mut self, line: &[u8], next: usize) -> bool {
        let Some(id) = stack::ancestor(line) else { return false };
        let first_frame = u32::try_from(self.crash.frames.len()).unwrap_or(u32::MAX);
        let Some(last) = self.crash.goroutines.last_mut() else { return false };
        last.ancestors.push(super::Ancestor { id: Some(id), first_frame, frame_count: 0, created_by: None });
        self.end = next;
        true
    }

    fn gap(&mut self, line: &[u8], next: usize) -> bool {
        let Some(count) = stack::elided(line) else { return false };
        let Some(last) = self.crash.goroutines.last_mut() else { return false };
        if last.ancestors.is_empty() {
            last.elided = Some(Elided { after: last.frame_count, count });
        }
        self.end = next;
        true
    }

    fn indented(&mut self, line: &[u8], next: usize) -> bool {
        if line.trim_ascii() == b"goroutine running on other thread; stack unavailable" {
            if let Some(last) = self.crash.goroutines.last_mut() {
                last.unavailable = true;
            }
            self.end = next;
            return true;
        }
        is_blank(line) || (banner::is_hex_dump(line) && !self.crash.goroutines.is_empty())
    }

    /// GOTRACEBACK=crash: every thread dumps itself, separated by `-----`, and
    /// repeats the head of the signal (runtime/signal_unix.go, `crash`).
    fn next_thread(&mut self, next: usize) -> bool {
        let mut lines = Lines::new(self.text, next);
        while let Some((line, after)) = lines.peek() {
            if let Some(mut signal) = banner::signal_opening(line) {
                lines.at = after;
                if banner::signal_details(&mut lines, &mut signal) {
                    self.lines.at = lines.at;
                    self.end = lines.at;
                    return true;
                }
                return false;
            }
            if !is_blank(line) {
                return false;
            }
            lines.at = after;
        }
        false
    }

    /// Registers, notes inside a traceback, and the exit status after it.
    fn other(&mut self, line: &[u8], next: usize) -> bool {
        if let Some(registers) = banner::registers(line) {
            let first_block = self.crash.registers.len() < 80;
            if first_block && !self.crash.registers.iter().any(|(name, _)| name.as_bytes() == registers[0].0)
            {
                self.crash.registers.extend(registers.into_iter().map(|(name, value)| (lossy(name), value)));
            }
            self.end = next;
            return true;
        }
        if banner::is_hex_dump(line) {
            self.end = next;
            return true;
        }
        if line == b"panic during panic" || (banner::is_note(line) && !self.crash.goroutines.is_empty()) {
            self.crash.notes.push(lossy(line));
            self.end = next;
            return true;
        }
        if let Some(code) = line.trim_ascii_end().strip_prefix(b"exit status ").and_then(decimal_value) {
            self.crash.exit = Some(code);
            self.end = next;
        }
        false
    }

    fn lose(&mut self, what: &str) {
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

#[cfg(test)]
mod tests;
