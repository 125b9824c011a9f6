//! Reports of the race detector (`go build -race`).
//!
//! Their stacks are a little different: two and six blanks instead of none and
//! a TAB, always `()`, and offsets from the function's entry
//! (runtime/race/README; the C++ printer is LLVM's tsan_report.cpp, Go mode).

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_until};

use super::grammar::{Lex, Lines, decimal, hex, is_blank, lossy, whole};

/// One stack of a report.
pub(super) struct Section<'a> {
    /// `Read at 0x00c000012098`, `Previous write at …`; `None` for `created at`.
    pub(super) access: Option<String>,
    pub(super) goroutine: u64,
    /// Function line and position line of each frame.
    pub(super) frames: Vec<(&'a [u8], &'a [u8])>,
}

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
            if let Some(section) = sections.last_mut().filter(|_| super::stack::position(position).is_some())
            {
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
