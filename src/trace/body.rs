//! Goroutine blocks: headers, frames, creators, registers, and the lines that
//! may stand between them.

use super::assemble::Assembly;
use super::banner;
use super::grammar::{Lines, decimal_value, is_blank, lossy, whole};
use super::head::{MAX_FOREIGN, starts_body};
use super::{Ancestor, Block, CreatedBy, Elided, Goroutine, Kind, labels, signal, stack};
use crate::addr::RuntimeAddr;

impl<'a> Assembly<'a> {
    /// Goroutine blocks, registers and what stands between them, to the first
    /// line that fits no rule.
    pub(super) fn body(&mut self) {
        while let Some((line, next)) = self.lines.peek() {
            let used = match line.first() {
                None => true,
                Some(b'g') if line.starts_with(b"goroutine ") => self.goroutine(line, next),
                Some(b'r') if line.trim_ascii_end() == b"runtime stack:" => {
                    self.begin(Block::SystemStack, None, stack::Header::default(), next);
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
                    self.other(line, next) || self.foreign_output(next) || self.cut_line(line, next)
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
        // What created it is the last that is said of a goroutine.
        let open = self.crash.goroutines.last().is_some_and(|last| last.created_by.is_none());
        if blank || !open {
            return false;
        }
        let mut lines = Lines::new(self.text, next);
        for skipped in 1..=MAX_FOREIGN {
            let at = lines.at;
            let Some(line) = lines.next() else { return false };
            let position = lines.peek().map_or(&b""[..], |(position, _)| position);
            let creator = line.starts_with(b"created by ") && stack::position(position).is_some();
            if creator || self.is_frame(line, position) {
                let lines = if skipped == 1 { "1 line".to_owned() } else { format!("{skipped} lines") };
                self.crash.asides.push(format!("{lines} of other output inside the trace left out"));
                self.lines.at = at;
                self.end = at;
                return true;
            }
            if is_blank(line) || starts_body(line) {
                return false;
            }
        }
        false
    }

    /// The last line of the text, broken off in the middle: a buffer was full
    /// (runtime.Stack), or the tail of the log is missing.
    fn cut_line(&mut self, line: &[u8], next: usize) -> bool {
        let last = next == self.text.len() && !self.text.ends_with(b"\n");
        if last && line.len() > 2 && b"goroutine ".starts_with(line) {
            self.lose("the text ends inside a goroutine header");
            self.end = next;
            return true;
        }
        let open = self.crash.goroutines.last().is_some_and(|last| last.created_by.is_none());
        let fresh = self.crash.goroutines.last().is_some_and(|last| last.frame_count == 0);
        let name = line.split(|b| *b == b'(').next().unwrap_or_default();
        let looks = b"created by ".starts_with(line)
            || line.starts_with(b"created by ")
            || (!name.contains(&b' ') && (fresh || (name.contains(&b'.') && name.len() < line.len())));
        if !last || !open || self.end != self.lines.at || !looks {
            return false;
        }
        self.lose("the text ends inside a frame");
        self.end = next;
        true
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
        // Dumps that a program writes now and then have nothing between them. Goroutine
        // 0 is there once for each thread.
        if self.crash.kind == Kind::GoroutineDump && header.id != 0 && !self.seen.insert(header.id) {
            return false;
        }
        self.begin(Block::Goroutine, Some(header.id), header, next);
        true
    }

    pub(super) fn begin(&mut self, block: Block, id: Option<u64>, header: stack::Header<'_>, next: usize) {
        let state = self.crash.names.intern(header.state);
        let mut attributes: Vec<String> = header.attributes.into_iter().map(lossy).collect();
        let decoded = header.labels.map(|raw| (raw, labels::decode(raw)));
        let labels = match decoded {
            Some((_, Some(labels))) => labels,
            Some((raw, None)) => {
                attributes.push(lossy(raw));
                Vec::new()
            }
            None => Vec::new(),
        };
        self.crash.goroutines.push(Goroutine {
            block,
            id,
            gp: header.gp.map(RuntimeAddr),
            m: header.m,
            mp: header.mp.map(RuntimeAddr),
            state,
            wait_minutes: header.minutes,
            locked_to_thread: header.locked,
            attributes,
            labels,
            count: 1,
            pcs: Vec::new(),
            first_frame: u32::try_from(self.crash.frames.len()).unwrap_or(u32::MAX),
            frame_count: 0,
            elided: None,
            created_by: None,
            ancestors: Vec::new(),
            unavailable: false,
        });
        self.end = next;
    }

    fn creator(&mut self, line: &[u8], next: usize) -> bool {
        let Some((function, goroutine)) = stack::created_by(line) else { return self.cut_line(line, next) };
        let after = Lines::new(self.text, next).peek();
        let position = after.and_then(|(line, end)| Some((stack::position(line)?, end)));
        if position.is_none() {
            let cut = after.is_none_or(|(_, end)| end == self.text.len());
            self.lose(if cut {
                "the text ends inside a `created by`"
            } else {
                "a `created by` has no position"
            });
            if cut {
                self.end = self.text.len();
            }
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
        self.lines.at = position.map_or(next, |(_, end)| end).max(self.end);
        self.end = self.lines.at;
        true
    }

    fn ancestor(&mut self, line: &[u8], next: usize) -> bool {
        let Some(id) = stack::ancestor(line) else { return false };
        let first_frame = u32::try_from(self.crash.frames.len()).unwrap_or(u32::MAX);
        let Some(last) = self.crash.goroutines.last_mut() else { return false };
        last.ancestors.push(Ancestor {
            id: Some(id),
            first_frame,
            frame_count: 0,
            elided: false,
            created_by: None,
        });
        self.end = next;
        true
    }

    fn gap(&mut self, line: &[u8], next: usize) -> bool {
        let Some(count) = stack::elided(line) else { return false };
        let Some(last) = self.crash.goroutines.last_mut() else { return false };
        match last.ancestors.last_mut() {
            Some(ancestor) => ancestor.elided = true,
            None => last.elided = Some(Elided { after: last.frame_count, count }),
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
            if let Some(mut signal) = signal::opening(line) {
                lines.at = after;
                if signal::details(&mut lines, &mut signal) {
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
                match self.crash.registers.iter().position(|(known, _)| known.as_bytes() == name) {
                    None => self.crash.registers.push((lossy(name), value)),
                    Some(0) => self.threads = self.threads.saturating_add(1),
                    Some(_) => {}
                }
            }
            self.end = next;
            return true;
        }
        if banner::is_hex_dump(line) {
            self.end = next;
            return true;
        }
        let late = line == b"panic during panic" || line == b"stack trace unavailable";
        if late || (banner::is_note(line) && !self.crash.goroutines.is_empty()) {
            self.crash.notes.push(lossy(line));
            self.end = next;
            return true;
        }
        // `go run` and `go test` say it one way, the JavaScript host of
        // lib/wasm/wasm_exec.js the other.
        let status = line.trim_ascii_end();
        let status = status.strip_prefix(b"exit status ").or_else(|| status.strip_prefix(b"exit code: "));
        if let Some(code) = status.and_then(decimal_value) {
            self.crash.exit = Some(code);
            self.end = next;
        }
        false
    }
}
