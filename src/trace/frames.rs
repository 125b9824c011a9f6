//! Frames: two lines each in three spellings, and where they are kept.

use super::assemble::Assembly;
use super::grammar::{Lines, hex_value, is_blank};
use super::stack::{self, Position};
use super::{Crash, Dialect, Frame, NO_POINTERS, Pointers, Spot, Sym};
use crate::addr::RuntimeAddr;

/// Most positions that are remembered.
const MAX_PLACES: usize = 1 << 14;

impl<'a> Assembly<'a> {
    #[inline]
    pub(super) fn frame(&mut self, line: &[u8], next: usize) -> bool {
        if self.crash.goroutines.is_empty() {
            return false;
        }
        let Some(call) = stack::call(line) else {
            return self.plain_frame(line, next) || self.foreign_frame(line, next);
        };
        let after = Lines::new(self.text, next).peek();
        match after.and_then(|(line, end)| Some((self.place(line)?, end))).or_else(|| self.split_frame(next))
        {
            Some(((position, file), end)) => {
                self.push_at(call.function, call.arguments, call.inlined(), &position, file);
                self.crash.dialect.get_or_insert(Dialect::Gc);
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
        self.crash.asides.push("1 line of other output inside the trace left out".to_owned());
        Some((place, end))
    }

    /// A frame as gccgo prints it, and nothing else in a log with goroutine
    /// headers does: no parentheses, no offset (libgo/runtime/go-traceback.c).
    fn plain_frame(&mut self, line: &[u8], next: usize) -> bool {
        if self.crash.dialect == Some(Dialect::Gc) {
            return false;
        }
        let Some((second, end)) = Lines::new(self.text, next).peek() else { return false };
        let (Some(function), Some(position)) = (stack::plain_call(line), stack::plain_position(second))
        else {
            return false;
        };
        self.push(function, b"", false, &position);
        self.crash.dialect = Some(Dialect::Gccgo);
        self.lines.at = end;
        self.end = end;
        true
    }

    /// Whether two lines are a frame of the dialect that is being read.
    pub(super) fn is_frame(&self, line: &[u8], position: &[u8]) -> bool {
        if self.crash.dialect == Some(Dialect::Gccgo) {
            return stack::plain_call(line).is_some() && stack::plain_position(position).is_some();
        }
        stack::call(line).is_some() && stack::position(position).is_some()
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
        let mut position = stack::position(line)?;
        // Of a position that was lost (`print` writes it so): the runtime adds an
        // offset to the `?:0` of a function without lines.
        if position.file == b"?" && position.line == 0 && position.offset.is_none() {
            position.file = b"";
        }
        let file = self.crash.names.intern(position.file);
        // Level 2 prints stack addresses too: such lines do not repeat.
        if position.fp.is_none() && self.places.len() < MAX_PLACES {
            self.places.insert(line, (position, file));
        }
        Some((position, file))
    }

    pub(super) fn push(&mut self, function: &[u8], arguments: &[u8], inlined: bool, at: &Position<'_>) {
        let file = self.crash.names.intern(at.file);
        self.push_at(function, arguments, inlined, at, file);
    }

    #[inline]
    pub(super) fn record(
        &mut self,
        function: &[u8],
        arguments: &[u8],
        inlined: bool,
        at: &Position<'_>,
        file: Sym,
    ) {
        let pointers = (at.fp.is_some() || at.pc.is_some()).then(|| Pointers {
            fp: at.fp.unwrap_or(0),
            sp: at.sp.unwrap_or(0),
            pc: at.pc.map(RuntimeAddr),
        });
        let function = self.crash.names.intern(function);
        let code = self.crash.names.code(function, file);
        let spot = Spot { function, file, line: at.line, offset: at.offset, code };
        self.crash.keep(&spot, arguments, inlined, pointers);
    }

    /// A frame of the goroutine (or ancestor) that was begun last.
    #[inline]
    pub(super) fn push_at(
        &mut self,
        function: &[u8],
        arguments: &[u8],
        inlined: bool,
        at: &Position<'_>,
        file: Sym,
    ) {
        self.record(function, arguments, inlined, at, file);
        if let Some(goroutine) = self.crash.goroutines.last_mut() {
            match goroutine.ancestors.last_mut() {
                Some(ancestor) => ancestor.frame_count = ancestor.frame_count.saturating_add(1),
                None => goroutine.frame_count = goroutine.frame_count.saturating_add(1),
            }
        }
    }
}

impl Crash {
    /// Appends a frame; the caller counts it.
    #[inline]
    pub(super) fn keep(&mut self, at: &Spot, arguments: &[u8], inlined: bool, pointers: Option<Pointers>) {
        let start = self.arguments.len();
        self.arguments.extend_from_slice(arguments);
        let known = pointers.map_or(NO_POINTERS, |pointers| {
            self.pointers.push(pointers);
            u32::try_from(self.pointers.len().saturating_sub(1)).unwrap_or(NO_POINTERS)
        });
        self.frames.push(Frame {
            function: at.function,
            file: at.file,
            line: at.line,
            inlined,
            has_offset: at.offset.is_some(),
            offset: at.offset.and_then(|o| u32::try_from(o).ok()).unwrap_or(0),
            arguments: (
                u32::try_from(start).unwrap_or(u32::MAX),
                u32::try_from(arguments.len()).unwrap_or(0),
            ),
            pointers: known,
            code: at.code,
        });
    }
}
