//! Goroutine profiles as text (`/debug/pprof/goroutine?debug=1`), and their
//! kin: `goroutineleak` (Go 1.26) and `threadcreate` (runtime/pprof/pprof.go,
//! `printCountProfile` and `printStackRecord`).

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while1};
use nom::multi::many0;
use nom::sequence::preceded;

use super::assemble::Assembly;
use super::grammar::{Lex, decimal, hex, is_blank, lossy, whole};
use super::stack::{self, Position};
use super::{Block, Crash, Dialect, labels};
use crate::addr::RuntimeAddr;

/// `goroutine profile: total 5`
pub(super) fn banner(line: &[u8]) -> Option<u64> {
    let names = alt((tag(&b"goroutineleak"[..]), tag(&b"goroutine"[..]), tag(&b"threadcreate"[..])));
    whole(line, |line| preceded((names, tag(&b" profile: total "[..])), decimal).parse(line))
}

/// `3 @ 0x48756a 0x4168ee`
fn record(line: &[u8]) -> Lex<'_, (u64, Vec<u64>)> {
    let (rest, count) = decimal(line)?;
    let (rest, _) = tag(&b" @"[..])(rest)?;
    let (rest, pcs) = many0(preceded(tag(&b" "[..]), hex)).parse(rest)?;
    Ok((rest, (count, pcs)))
}

/// `#⇥0x48756a⇥main.f+0x18⇥⇥/app/main.go:12`; the address alone where the
/// function is not known.
struct Row<'a> {
    pc: u64,
    named: Option<(&'a [u8], u64, Position<'a>)>,
}

fn row(line: &[u8]) -> Option<Row<'_>> {
    let (rest, pc) = hex(line.strip_prefix(b"#\t")?).ok()?;
    if is_blank(rest) {
        return Some(Row { pc, named: None });
    }
    let (place, name) = name(rest).ok()?;
    let plus = memchr::memrchr(b'+', name)?;
    let (function, offset) = name.split_at_checked(plus)?;
    let offset = whole(offset.get(1..)?, hex)?;
    Some(Row { pc, named: Some((function, offset, stack::position(place)?)) })
}

fn name(input: &[u8]) -> Lex<'_, &[u8]> {
    preceded(tag(&b"\t"[..]), take_while1(|b| b != b'\t')).parse(input)
}

impl Assembly<'_> {
    /// The records after the banner line.
    pub(super) fn profile(mut self, at: usize, total: u64) -> Option<(Crash, usize, usize)> {
        let banner = self.lines.next().unwrap_or_default();
        self.crash.title = Some(lossy(banner.trim_ascii_end()));
        self.end = self.lines.at;
        let mut above = None;
        while let Some((line, next)) = self.lines.peek() {
            if let Some((count, pcs)) = whole(line, record) {
                self.begin(Block::Record, None, stack::Header::default(), next);
                if let Some(last) = self.crash.goroutines.last_mut() {
                    last.count = count;
                    last.pcs = pcs.into_iter().map(RuntimeAddr).collect();
                }
                above = None;
            } else if let Some(text) = line.strip_prefix(b"# labels: ") {
                let decoded = labels::decode(text.trim_ascii_end());
                let Some(last) = self.crash.goroutines.last_mut() else { break };
                match decoded {
                    Some(labels) => last.labels = labels,
                    None => last.attributes.push(lossy(line)),
                }
                self.end = next;
            } else if let Some(row) = row(line) {
                self.row(&row, above);
                above = Some(row.pc);
                self.end = next;
            } else if !is_blank(line) {
                break;
            }
            self.lines.at = next;
        }
        let gccgo = self.crash.frames.iter().any(|frame| self.crash.file(frame).contains("/libgo/go/"));
        self.crash.dialect = Some(if gccgo { Dialect::Gccgo } else { Dialect::Gc });
        let counted = self.crash.goroutines.iter().fold(0u64, |sum, g| sum.saturating_add(g.count));
        if counted != total {
            self.lose(&format!("the profile counts {total}, the records in the log {counted}"));
        }
        (!self.crash.goroutines.is_empty()).then_some((self.crash, at, self.end))
    }

    fn row(&mut self, row: &Row<'_>, above: Option<u64>) {
        // Rows with one address are one physical frame: all but the last are
        // inlined, and the offset is not theirs.
        if above == Some(row.pc)
            && let Some(frame) = self.crash.frames.last_mut()
        {
            (frame.inlined, frame.has_offset) = (true, false);
        }
        let Some((function, offset, position)) = &row.named else { return };
        // A row shows the return address less one; the list after the `@` has
        // the address itself.
        let after = row.pc.saturating_add(1);
        let is_return = self.crash.goroutines.last().is_some_and(|g| g.pcs.contains(&RuntimeAddr(after)));
        let step = u64::from(is_return);
        let position = Position {
            offset: Some(offset.saturating_add(step)),
            pc: Some(row.pc.saturating_add(step)),
            ..*position
        };
        self.push(function, b"", false, &position);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        assert_eq!(banner(b"goroutine profile: total 5"), Some(5));
        assert_eq!(banner(b"goroutineleak profile: total 1"), Some(1));
        assert_eq!(banner(b"heap profile: total 1"), None);
        assert_eq!(whole(b"3 @ 0x1 0x2", record), Some((3, vec![1, 2])));
        assert_eq!(whole(b"3 @ x", record), None);
        let line = b"#\t0x5121d0\truntime/pprof.writeRuntimeProfile+0xb0\t\t/usr/local/go/pprof.go:848";
        let Row { pc, named: Some((function, offset, position)) } = row(line).unwrap() else { panic!() };
        assert_eq!((pc, function, offset), (0x5121d0, &b"runtime/pprof.writeRuntimeProfile"[..], 0xb0));
        assert_eq!((position.file, position.line), (&b"/usr/local/go/pprof.go"[..], 848));
        assert!(row(b"#\t0x0").unwrap().named.is_none());
        assert!(row(b"# comment").is_none());
    }
}
