//! Reports of AddressSanitizer, LeakSanitizer and MemorySanitizer in programs
//! built with `-asan` or `-msan` (Go 1.18 and later). The text is that of
//! LLVM's compiler-rt (sanitizer_common, asan_report.cpp); Go frames stand in
//! it as C frames do.

use super::assemble::Assembly;
use super::grammar::{Lines, decimal_value, hex, is_blank, lossy};
use super::stack::{Header, Position};
use super::{Block, Crash, Kind};

/// Lines between two stacks.
const MAX_FOREIGN: usize = 16;
/// Lines of shadow memory and legend after the summary.
const MAX_TAIL: usize = 64;

/// `==1549==ERROR: AddressSanitizer: heap-use-after-free on address 0x…`
pub(super) fn banner(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"==")?;
    let at = memchr::memmem::find(rest, b"==")?;
    decimal_value(rest.get(..at)?)?;
    let text = rest.get(at.saturating_add(2)..)?;
    let text = text.strip_prefix(b"ERROR: ").or_else(|| text.strip_prefix(b"WARNING: "))?;
    let name = text.get(..memchr::memchr(b':', text)?)?;
    matches!(name, b"AddressSanitizer" | b"LeakSanitizer" | b"MemorySanitizer").then_some(text)
}

/// `    #0 0x52a988 in main.f /app/main.go:19`, `    #1 0x7f… in free (/lib/x.so+0x12)`
fn frame(line: &[u8]) -> Option<(&[u8], Position<'_>)> {
    let rest = line.trim_ascii().strip_prefix(b"#")?;
    let blank = memchr::memchr(b' ', rest)?;
    decimal_value(rest.get(..blank)?)?;
    let (rest, pc) = hex(rest.get(blank..)?.trim_ascii_start()).ok()?;
    let mut position = Position { file: b"", line: 0, offset: None, fp: None, sp: None, pc: Some(pc) };
    let Some(rest) = rest.strip_prefix(b" in ") else { return Some((b"", position)) };
    let (name, place) = split(rest);
    // `file:line`, or `file:line:column`.
    let mut parts = place.rsplitn(3, |b| *b == b':');
    let (last, middle, first) = (parts.next(), parts.next(), parts.next());
    let number = |part: Option<&[u8]>| decimal_value(part?).and_then(|n| u32::try_from(n).ok());
    match (first, number(middle), number(last)) {
        (Some(file), Some(line), Some(_)) => (position.file, position.line) = (file, line),
        (_, None, Some(line)) => {
            let end = place.len().saturating_sub(last.map_or(0, <[u8]>::len)).saturating_sub(1);
            (position.file, position.line) = (place.get(..end)?, line);
        }
        _ => {}
    }
    Some((name, position))
}

/// Name and place of a frame: a name may hold blanks only inside parentheses
/// (`f(int, char)`), a path anywhere.
fn split(text: &[u8]) -> (&[u8], &[u8]) {
    let mut depth = 0usize;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'(' | b'{' => depth = depth.saturating_add(1),
            b')' | b'}' => depth = depth.saturating_sub(1),
            b' ' if depth == 0 => {
                return text
                    .split_at_checked(at)
                    .map_or((text, b""), |(name, rest)| (name, rest.trim_ascii()));
            }
            _ => {}
        }
    }
    (text, b"")
}

impl<'a> Assembly<'a> {
    /// Stacks under their titles, to the summary and what follows it. A report
    /// of a program without Go code is not ours.
    pub(super) fn sanitizer(mut self, at: usize, floor: usize, text: &[u8]) -> Option<(Crash, usize, usize)> {
        self.crash.kind = Kind::Sanitizer;
        self.crash.title = Some(lossy(text.trim_ascii_end()));
        self.lines.next();
        let mut title: &[u8] = b"";
        let mut summary = false;
        let (mut open, mut foreign) = (false, 0usize);
        while let Some((line, next)) = self.lines.peek() {
            if let Some((function, position)) = frame(line) {
                if !open {
                    let state = title.trim_ascii().strip_suffix(b":").unwrap_or(title.trim_ascii());
                    self.begin(Block::Report, None, Header { state, ..Header::default() }, next);
                    open = true;
                }
                self.push(function, b"", false, &position);
                self.end = next;
                foreign = 0;
            } else if line.starts_with(b"SUMMARY: ") {
                summary = true;
                self.crash.notes.push(lossy(line.trim_ascii_end()));
                self.end = self.tail(next);
                break;
            } else if banner(line).is_some() || foreign > MAX_FOREIGN {
                break;
            } else {
                foreign = foreign.saturating_add(1);
                if !is_blank(line) {
                    title = line;
                    // `0x602… is located 4 bytes inside of 16-byte region …`
                    if line.starts_with(b"0x") {
                        self.crash.notes.push(lossy(line.trim_ascii_end()));
                        self.end = next;
                    }
                }
                open = false;
            }
            self.lines.at = next;
        }
        let crash = &self.crash;
        let go = |file: &str| file.ends_with(".go") || file.starts_with("runtime/");
        if !crash.frames.iter().any(|f| go(crash.file(f)) || crash.function(f).starts_with("_cgo_")) {
            return None;
        }
        if !summary {
            self.lose("the report of the sanitizer breaks off before its summary");
        }
        let bar = [&[b'='; 65][..], b"\n"].concat();
        let start = at.saturating_sub(bar.len()).max(floor);
        let start = if self.text.get(start..at) == Some(&bar[..]) { start } else { at };
        Some((self.crash, start, self.end))
    }

    /// End of the shadow memory and its legend, where they follow.
    fn tail(&self, from: usize) -> usize {
        let mut lines = Lines::new(self.text, from);
        let mut end = from;
        for _ in 0..MAX_TAIL {
            let Some(line) = lines.next() else { break };
            let closing = line.starts_with(b"==") && line.ends_with(b"==ABORTING");
            if closing || line == b"Exiting" {
                return lines.at;
            }
            if line.starts_with(b"Shadow byte") || line.starts_with(b"  ") || line.starts_with(b"=>") {
                end = lines.at;
            } else {
                break;
            }
        }
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames() {
        let read = |line: &'static str| {
            let (name, p) = frame(line.as_bytes()).unwrap();
            (lossy(name), lossy(p.file), p.line, p.pc)
        };
        let want = |name: &str, file: &str, line, pc| (name.to_owned(), file.to_owned(), line, Some(pc));
        assert_eq!(
            read("    #0 0x52a988 in main.f example.com/app/my main.go:19"),
            want("main.f", "example.com/app/my main.go", 19, 0x52a988)
        );
        assert_eq!(
            read("    #1 0x1f in ns::g(int, char) /a.cc:5:13"),
            want("ns::g(int, char)", "/a.cc", 5, 0x1f)
        );
        assert_eq!(read("    #2 0x7f in free (/lib/x.so+0x12)"), want("free", "", 0, 0x7f));
        assert!(frame(b"#0 x").is_none() && frame(b"# 0x1").is_none());
    }

    #[test]
    fn banners() {
        assert_eq!(banner(b"==12==ERROR: AddressSanitizer: x on y"), Some(&b"AddressSanitizer: x on y"[..]));
        assert_eq!(banner(b"==12==ERROR: ThreadSanitizer: x"), None);
        assert_eq!(banner(b"==x==ERROR: AddressSanitizer: x"), None);
    }
}
