//! Goroutine blocks: headers, frames, creators, registers, and the lines that
//! may stand between them.

use super::assemble::Assembly;
use super::banner;
use super::grammar::{Lines, decimal_value, hex_value, is_blank, lossy, whole};
use super::head::MAX_FOREIGN;
use super::race;
use super::stack::{self, Position};
use super::{Ancestor, Crash, CreatedBy, Elided, Frame, Goroutine, Kind, NO_POINTERS, Pointers, Sym};
use crate::addr::RuntimeAddr;

/// Most positions that are remembered.
const MAX_PLACES: usize = 1 << 14;

impl<'a> Assembly<'a> {
    /// Goroutine blocks, registers and what stands between them, to the first
    /// line that fits no rule.
    pub(super) fn body(&mut self) {
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
                    self.other(line, next) || self.foreign_output(next)
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

    /// The runtime writes a trace in many pieces, and other output can land
    /// between two of them. Where frames go on within a few lines, and no blank
    /// line has ended the goroutine, the lines between are not the crash.
    fn foreign_output(&mut self, next: usize) -> bool {
        let blank = self.text.get(self.end..self.lines.at).is_some_and(|between| !between.is_empty());
        if blank || self.crash.goroutines.is_empty() {
            return false;
        }
        let mut lines = Lines::new(self.text, next);
        for skipped in 1..=MAX_FOREIGN {
            let at = lines.at;
            let Some(line) = lines.next() else { return false };
            let goes_on = line.starts_with(b"created by ") || stack::call(line).is_some();
            if goes_on && lines.peek().is_some_and(|(position, _)| stack::position(position).is_some()) {
                let lines = if skipped == 1 { "1 line".to_owned() } else { format!("{skipped} lines") };
                self.crash.notes.push(format!("{lines} of other output inside the trace left out"));
                self.lines.at = at;
                self.end = at;
                return true;
            }
            if is_blank(line) {
                return false;
            }
        }
        false
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
        match after.and_then(|(line, end)| Some((self.place(line)?, end))).or_else(|| self.split_frame(next))
        {
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

    /// Another line landed between the two lines of a frame.
    #[cold]
    fn split_frame(&mut self, next: usize) -> Option<((Position<'a>, Sym), usize)> {
        let mut lines = Lines::new(self.text, next);
        let between = lines.next()?;
        let (position, end) = lines.peek()?;
        if is_blank(between) || stack::call(between).is_some() || !position.starts_with(b"\t") {
            return None;
        }
        let place = self.place(position)?;
        self.crash.notes.push("1 line of other output inside the trace left out".to_owned());
        Some((place, end))
    }

    /// Frames of code that is not Go: `non-Go function at pc=0x…` on one line,
    /// and what a registered cgo symbolizer prints (runtime/traceback.go,
    /// `printOneCgoTraceback`): a name, then a TAB, a position and ` pc=`.
    fn foreign_frame(&mut self, line: &[u8], next: usize) -> bool {
        if let Some(pc) = line.strip_prefix(b"non-Go function at pc=0x") {
            let pc = hex_value(pc.trim_ascii_end());
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
        let Some(pc) = second.get(at.saturating_add(5)..).and_then(|d| hex_value(d.trim_ascii_end())) else {
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
    fn record(&mut self, function: &[u8], arguments: &[u8], inlined: bool, at: &Position<'_>, file: Sym) {
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
    }

    /// A frame of the goroutine (or ancestor) that was begun last.
    #[inline]
    fn push_at(&mut self, function: &[u8], arguments: &[u8], inlined: bool, at: &Position<'_>, file: Sym) {
        self.record(function, arguments, inlined, at, file);
        if let Some(goroutine) = self.crash.goroutines.last_mut() {
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
        last.ancestors.push(Ancestor { id: Some(id), first_frame, frame_count: 0, created_by: None });
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
            for (name, value) in registers {
                // Under GOTRACEBACK=crash every thread prints its own; the first block is the fault's.
                if !self.crash.registers.iter().any(|(known, _)| known.as_bytes() == name) {
                    self.crash.registers.push((lossy(name), value));
                }
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

    /// A report of the race detector: every access is a goroutine, what created
    /// it is its ancestor.
    pub(super) fn race(mut self, at: usize, floor: usize) -> Option<(Crash, usize, usize)> {
        self.crash.kind = Kind::Race;
        self.lines.next();
        let (sections, closed) = race::sections(&mut self.lines);
        self.end = self.lines.at;
        for section in sections {
            if let Some(access) = &section.access {
                let header = stack::Header { state: access.as_bytes(), ..Default::default() };
                self.begin(Some(section.goroutine), header, self.end);
            }
            let first_frame = u32::try_from(self.crash.frames.len()).unwrap_or(u32::MAX);
            self.race_frames(&section);
            let frame_count =
                u32::try_from(self.crash.frames.len()).unwrap_or(u32::MAX).saturating_sub(first_frame);
            let goroutines = &mut self.crash.goroutines;
            match section.access {
                Some(_) => {
                    if let Some(last) = goroutines.last_mut() {
                        last.frame_count = frame_count;
                    }
                }
                None => {
                    let made = goroutines.iter_mut().find(|g| g.id == Some(section.goroutine));
                    let ancestor = Ancestor { id: None, first_frame, frame_count, created_by: None };
                    if let Some(made) = made {
                        made.ancestors.push(ancestor);
                    }
                }
            }
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
                let file = self.crash.names.intern(position.file);
                self.record(call.function, b"", false, &position, file);
            }
        }
    }
}
