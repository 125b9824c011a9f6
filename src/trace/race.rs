//! Reports of the race detector (`go build -race`).
//!
//! Their stacks are a little different: two and six blanks instead of none and
//! a TAB, always `()`, and offsets from the function's entry
//! (runtime/race/README; the C++ printer is LLVM's tsan_report.cpp, Go mode).

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_until};

use super::assemble::Assembly;
use super::grammar::{Lex, Lines, decimal, decimal_value, hex, is_blank, lossy, whole};
use super::{Ancestor, Block, Crash, Dialect, Kind, stack};

/// One stack of a report.
pub(super) struct Section<'a> {
    /// `Read at 0x00c000012098`, `Previous write at …`; `None` for `created at`.
    pub(super) access: Option<String>,
    pub(super) goroutine: u64,
    /// Function line and position line of each frame.
    pub(super) frames: Vec<(&'a [u8], &'a [u8])>,
}

/// Lines after a report that are looked at for the number of races.
const MAX_AFTER: usize = 4;

pub(super) const BANNER: &[u8] = b"WARNING: DATA RACE";

/// Reads the sections after the banner; the cursor is left after the closing
/// `==================`, or where the report breaks off.
pub(super) fn sections<'a>(lines: &mut Lines<'a>) -> (Vec<Section<'a>>, bool) {
    let mut sections: Vec<Section<'a>> = Vec::new();
    while let Some((line, next)) = lines.peek() {
        if line.starts_with(b"=====") {
            lines.at = next;
            return (sections, true);
        }
        if let Some(section) = whole(line, access).or_else(|| whole(line, created)) {
            sections.push(section);
        } else if let Some(function) = line.strip_prefix(b"  ").filter(|l| !l.starts_with(b" ")) {
            let mut after = Lines::new(lines.text(), next);
            let position = after.next().unwrap_or_default();
            if let Some(section) = sections.last_mut().filter(|_| stack::position(position).is_some()) {
                section.frames.push((function, position));
                lines.at = after.at;
                continue;
            }
            if function != b"[failed to restore the stack]" {
                break;
            }
        } else if !is_blank(line) {
            break;
        }
        lines.at = next;
    }
    (sections, false)
}

/// `Previous write at 0x00c000012098 by goroutine 7:`
fn access(line: &[u8]) -> Lex<'_, Section<'_>> {
    let (rest, what) = take_until(" at 0x").parse(line)?;
    let (rest, _) = tag(&b" at "[..])(rest)?;
    let (rest, address) = hex(rest)?;
    let (rest, _) = tag(&b" by "[..])(rest)?;
    let (rest, goroutine) = who(rest)?;
    let (rest, _) = tag(&b":"[..])(rest)?;
    let access = format!("{} at {address:#x}", lossy(what).to_lowercase());
    Ok((rest, Section { access: Some(access), goroutine, frames: Vec::new() }))
}

fn who(input: &[u8]) -> Lex<'_, u64> {
    alt((tag(&b"main goroutine"[..]).map(|_| 1), (tag(&b"goroutine "[..]), decimal).map(|(_, id)| id)))
        .parse(input)
}

/// `Goroutine 7 (running) created at:`
fn created(line: &[u8]) -> Lex<'_, Section<'_>> {
    let (rest, _) = tag(&b"Goroutine "[..])(line)?;
    let (rest, goroutine) = decimal(rest)?;
    let (rest, _) = take_until(" created at:").parse(rest)?;
    let (rest, _) = tag(&b" created at:"[..])(rest)?;
    Ok((rest, Section { access: None, goroutine, frames: Vec::new() }))
}

impl<'a> Assembly<'a> {
    /// A report of the race detector: every access is a goroutine, what created
    /// it is its ancestor.
    pub(super) fn race(mut self, at: usize, floor: usize) -> Option<(Crash, usize, usize)> {
        self.crash.kind = Kind::Race;
        self.crash.dialect = Some(Dialect::Gc);
        self.lines.next();
        let (sections, closed) = sections(&mut self.lines);
        self.end = self.lines.at;
        for section in sections {
            if let Some(access) = &section.access {
                let header = stack::Header { state: access.as_bytes(), ..Default::default() };
                self.begin(Block::Report, Some(section.goroutine), header, self.end);
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
                    let ancestor =
                        Ancestor { id: None, first_frame, frame_count, elided: false, created_by: None };
                    if let Some(made) = made {
                        made.ancestors.push(ancestor);
                    }
                }
            }
        }
        if closed {
            self.race_count();
        } else {
            self.lose("the race report breaks off before its closing line");
        }
        let bar = b"==================\n";
        let start = at.saturating_sub(bar.len()).max(floor);
        let start = if self.text.get(start..at) == Some(&bar[..]) { start } else { at };
        (!self.crash.goroutines.is_empty()).then_some((self.crash, start, self.end))
    }

    /// What the process or `go test` says after the last report.
    fn race_count(&mut self) {
        let mut lines = self.lines.clone();
        for _ in 0..MAX_AFTER {
            let Some(line) = lines.next() else { return };
            let line = line.trim_ascii();
            if line.starts_with(BANNER) {
                return;
            }
            let found = line.starts_with(b"Found ") && line.ends_with(b" data race(s)");
            if found || line.ends_with(b": race detected during execution of test") {
                self.crash.notes.push(lossy(line));
                self.end = lines.at;
            }
            if let Some(code) = line.strip_prefix(b"exit status ").and_then(decimal_value) {
                self.crash.exit = Some(code);
                self.end = lines.at;
            }
        }
    }

    fn race_frames(&mut self, section: &Section<'_>) {
        for (function, position) in &section.frames {
            if let (Some(call), Some(position)) = (stack::call(function), stack::position(position)) {
                let file = self.crash.names.intern(position.file);
                self.record(call.function, b"", false, &position, file);
            }
        }
    }
}
