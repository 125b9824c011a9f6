//! Goroutine headers, frames and `created by` lines.

use nom::bytes::complete::{tag, take_till1};
use nom::combinator::opt;
use nom::{IResult, Parser};

use super::grammar::{Lex, decimal, decimal_value, fail, field, hex_value};
use super::labels;

/// `goroutine 7 gp=0x… m=0 mp=0x… [select, 5 minutes, locked to thread]:`
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Header<'a> {
    pub(super) id: u64,
    pub(super) gp: Option<u64>,
    pub(super) m: Option<Option<u64>>,
    pub(super) mp: Option<u64>,
    pub(super) state: &'a [u8],
    pub(super) minutes: Option<u32>,
    pub(super) locked: bool,
    pub(super) attributes: Vec<&'a [u8]>,
    /// `{…}`, to be decoded.
    pub(super) labels: Option<&'a [u8]>,
}

/// Header as of runtime/traceback.go, `goroutineheader` (1.5 to 1.27): the
/// order of attributes is fixed, but unknown ones are kept, for the header has
/// changed five times.
pub(super) fn header(input: &[u8]) -> Lex<'_, Header<'_>> {
    let (rest, _) = tag(&b"goroutine "[..])(input)?;
    let (rest, id) = decimal(rest)?;
    let (rest, thread) = opt(thread).parse(rest)?;
    let (rest, _) = tag(&b" ["[..])(rest)?;
    let (mut rest, state) = attribute(rest)?;
    let mut header = Header { id, state, ..Header::default() };
    if let Some((gp, m)) = thread {
        (header.gp, header.m, header.mp) = (Some(gp), Some(m.map(|(m, _)| m)), m.map(|(_, mp)| mp));
    }
    loop {
        match rest {
            [b']', after @ ..] => {
                rest = after;
                break;
            }
            [b',', b' ', after @ ..] => {
                let (end, attribute) = attribute(after)?;
                header.attribute(attribute);
                rest = end;
            }
            // Go 1.26 with GODEBUG=tracebacklabels=1 prints labels inside the bracket.
            [b' ', after @ ..] if after.starts_with(b"labels:{") => {
                let labels = after.get(7..).unwrap_or_default();
                let (labels, end) = labels.split_at(labels::end(labels).unwrap_or(labels.len()));
                header.labels = Some(labels);
                rest = end;
            }
            _ => return fail(input),
        }
    }
    // Go 1.27 prints labels after it: `goroutine 7 [select] {handler: /api}:`
    if rest.starts_with(b" {") {
        let labels = rest.get(1..).unwrap_or_default();
        let (labels, end) = labels.split_at(labels::end(labels).unwrap_or(labels.len()));
        header.labels = Some(labels);
        rest = end;
    }
    let (rest, _) = tag(&b":"[..])(rest)?;
    Ok((rest, header))
}

impl<'a> Header<'a> {
    fn attribute(&mut self, attribute: &'a [u8]) {
        let minutes = attribute.strip_suffix(b" minutes").and_then(decimal_value);
        if let Some(minutes) = minutes {
            self.minutes = Some(u32::try_from(minutes).unwrap_or(u32::MAX));
        } else if attribute == b"locked to thread" {
            self.locked = true;
        } else {
            self.attributes.push(attribute);
        }
    }
}

/// ` gp=0x… m=3 mp=0x…` or ` gp=0x… m=nil`, since Go 1.22 at level 2.
fn thread(input: &[u8]) -> Lex<'_, (u64, Option<(u64, u64)>)> {
    let (rest, gp) = field("gp")(input)?;
    let (rest, _) = tag(&b" m="[..])(rest)?;
    let nil: IResult<_, _> = tag(&b"nil"[..])(rest);
    if let Ok((rest, _)) = nil {
        return Ok((rest, (gp, None)));
    }
    let (rest, m) = decimal(rest)?;
    let (rest, mp) = field("mp")(rest)?;
    Ok((rest, (gp, Some((m, mp)))))
}

/// Any text without `,`, `[` and `]`; the list of wait reasons is open.
fn attribute(input: &[u8]) -> Lex<'_, &[u8]> {
    let (rest, text) = take_till1(|b| matches!(b, b',' | b'[' | b']'))(input)?;
    // Labels of Go 1.26 stand behind the last one, without a comma.
    match memchr::memmem::find(text, b" labels:{") {
        None => Ok((rest, text)),
        Some(at) => {
            let (text, rest) = input.split_at_checked(at).unwrap_or((text, rest));
            Ok((rest, text))
        }
    }
}

/// `main.(*T).M(0x1, {0x2?, ...})`
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call<'a> {
    pub(super) function: &'a [u8],
    pub(super) arguments: &'a [u8],
}

impl Call<'_> {
    /// An inlined frame has no arguments to print (runtime/traceback.go, `printFuncName` callers).
    pub(super) fn inlined(&self) -> bool {
        self.arguments == b"..."
    }
}

/// Bytes that an argument list may hold: hex words, `?`, `_`, `...`, groups.
/// Comparisons without a branch, so that the compiler makes vector code of the
/// loop over them: argument lists are a third of a dump.
#[inline]
fn is_argument(byte: u8) -> bool {
    (byte.wrapping_sub(b'0') < 10)
        | (byte.wrapping_sub(b'a') < 6)
        | (byte == b'x')
        | (byte == b'?')
        | (byte == b'_')
        | (byte == b'{')
        | (byte == b'}')
        | (byte == b'.')
        | (byte == b',')
        | (byte == b' ')
}

/// The first line of a frame. Argument lists hold no parentheses, so the last
/// `(` opens the list, whatever the name before it holds.
#[inline]
pub(super) fn call(line: &[u8]) -> Option<Call<'_>> {
    let line = line.trim_ascii_end().strip_suffix(b")")?;
    let open = memchr::memrchr(b'(', line)?;
    let (function, arguments) = line.split_at_checked(open)?;
    let arguments = arguments.get(1..)?;
    if function.is_empty() || !arguments.iter().fold(true, |all, byte| all & is_argument(*byte)) {
        return None;
    }
    Some(Call { function, arguments })
}

/// `⇥/app/main.go:12 +0x1d fp=0x… sp=0x… pc=0x…`
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(super) struct Position<'a> {
    pub(super) file: &'a [u8],
    pub(super) line: u32,
    pub(super) offset: Option<u64>,
    pub(super) fp: Option<u64>,
    pub(super) sp: Option<u64>,
    pub(super) pc: Option<u64>,
}

/// The second line of a frame, read from the right: a path may hold blanks
/// and colons (`C:/Program Files/app/main.go:12`).
#[inline]
pub(super) fn position(line: &[u8]) -> Option<Position<'_>> {
    if !line.first()?.is_ascii_whitespace() {
        return None;
    }
    let mut rest = line.trim_ascii();
    let mut position = Position { file: b"", line: 0, offset: None, fp: None, sp: None, pc: None };
    while let Some(blank) = memchr::memrchr(b' ', rest) {
        let (before, word) = rest.split_at_checked(blank)?;
        let word = word.get(1..)?;
        let slot = match word {
            [b'+', b'0', b'x', digits @ ..] => (&mut position.offset, digits),
            [b'f', b'p', b'=', b'0', b'x', digits @ ..] => (&mut position.fp, digits),
            [b's', b'p', b'=', b'0', b'x', digits @ ..] => (&mut position.sp, digits),
            [b'p', b'c', b'=', b'0', b'x', digits @ ..] => (&mut position.pc, digits),
            _ => break,
        };
        *slot.0 = Some(hex_value(slot.1)?);
        rest = before;
    }
    let colon = memchr::memrchr(b':', rest)?;
    let (file, line) = rest.split_at_checked(colon)?;
    // A hole that a truncated file has left is no name.
    if memchr::memchr(0, file).is_some() {
        return None;
    }
    position.file = file;
    position.line = u32::try_from(decimal_value(line.get(1..)?)?).ok()?;
    (!file.is_empty()).then_some(position)
}

/// The first line of a frame without parentheses: gccgo's, zap's,
/// pkg/errors'. A Go symbol has a dot, and blanks only inside brackets.
pub(super) fn plain_call(line: &[u8]) -> Option<&[u8]> {
    let name = line.trim_ascii_end();
    let first = name.first()?;
    let symbol = first.is_ascii_alphanumeric() || matches!(first, b'_' | b'.') || !first.is_ascii();
    let plain = name.iter().all(|b| !b.is_ascii_control() && !matches!(b, b' ' | b'"' | b'\'' | b'=' | b','));
    let dotted = name.contains(&b'.') || name == b"panic";
    (symbol && dotted && plain && !name.ends_with(b":")).then_some(name)
}

/// The second line of such a frame: `⇥/app/main.go:12`.
pub(super) fn plain_position(line: &[u8]) -> Option<Position<'_>> {
    let position = line.starts_with(b"\t").then(|| position(line))??;
    let source = [&b".go"[..], b".s", b".S", b".c", b".y"].iter().any(|end| position.file.ends_with(end));
    (source && position.offset.is_none() && position.pc.is_none()).then_some(position)
}

/// `created by main.main in goroutine 1` (the id since Go 1.21).
pub(super) fn created_by(line: &[u8]) -> Option<(&[u8], Option<u64>)> {
    let name = line.trim_ascii_end().strip_prefix(b"created by ")?;
    let mark = b" in goroutine ";
    if let Some(at) = memchr::memmem::rfind(name, mark) {
        let id = name.get(at.saturating_add(mark.len())..).and_then(decimal_value);
        if id.is_some() {
            return Some((name.get(..at)?, id));
        }
    }
    Some((name, None))
}

/// `...additional frames elided...` (to 1.20) and `...153 frames elided...`.
pub(super) fn elided(line: &[u8]) -> Option<Option<u64>> {
    let what = line.trim_ascii_end().strip_prefix(b"...")?.strip_suffix(b" frames elided...")?;
    if what == b"additional" { Some(None) } else { decimal_value(what).map(Some) }
}

/// `[originating from goroutine 1]:` (GODEBUG=tracebackancestors=N).
pub(super) fn ancestor(line: &[u8]) -> Option<u64> {
    decimal_value(line.trim_ascii_end().strip_prefix(b"[originating from goroutine ")?.strip_suffix(b"]:")?)
}

/// One argument of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg {
    /// A word. `doubtful` is the `?` of Go 1.18+: the slot may be stale.
    Word { value: u64, doubtful: bool },
    /// `{…}`: a struct, string, slice, interface or array.
    Group(Vec<Arg>),
    /// `_`: too far away in the frame to be described.
    Hidden,
    /// `...`: more than the runtime prints.
    More,
}

/// Reads an argument list (runtime/traceback.go, `printArgs`, 1.17+, and the
/// flat words of older versions). `None` where it is none.
pub fn parse_args(text: &str) -> Option<Vec<Arg>> {
    let (args, rest) = args(text.as_bytes(), 0)?;
    rest.is_empty().then_some(args)
}

fn args(mut input: &[u8], depth: u8) -> Option<(Vec<Arg>, &[u8])> {
    let mut out = Vec::new();
    // The runtime nests five deep at most (internal/abi, TraceArgsMaxDepth).
    if depth > 16 {
        return None;
    }
    loop {
        input = match input {
            [b'{', rest @ ..] => {
                let (group, rest) = args(rest, depth.saturating_add(1))?;
                out.push(Arg::Group(group));
                rest.strip_prefix(b"}")?
            }
            [b'_', rest @ ..] => {
                out.push(Arg::Hidden);
                rest
            }
            [b'.', b'.', b'.', rest @ ..] => {
                out.push(Arg::More);
                rest
            }
            [b'0', b'x', ..] => {
                let (rest, value) = super::grammar::hex(input).ok()?;
                let (rest, doubtful) = rest.strip_prefix(b"?").map_or((rest, false), |rest| (rest, true));
                out.push(Arg::Word { value, doubtful });
                rest
            }
            _ if out.is_empty() => return Some((out, input)),
            _ => return None,
        };
        match input.strip_prefix(b", ") {
            Some(rest) => input = rest,
            None => return Some((out, input)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::grammar::whole;

    fn head(line: &str) -> Option<Header<'_>> {
        whole(line.as_bytes(), header)
    }

    #[test]
    fn headers() {
        let h = head("goroutine 8 gp=0xc000007c00 m=nil [sleep, 5 minutes, locked to thread]:").unwrap();
        assert_eq!((h.id, h.gp, h.m, h.state), (8, Some(0xc0_0000_7c00), Some(None), &b"sleep"[..]));
        assert_eq!((h.minutes, h.locked), (Some(5), true));
        let h = head("goroutine 0 gp=0xa8ac60 m=0 mp=0xa8be40 [idle]:").unwrap();
        assert_eq!((h.id, h.m), (0, Some(Some(0))));
        let h = head("goroutine 22 [chan receive (durable), synctest bubble 1]:").unwrap();
        assert_eq!(h.attributes, [&b"synctest bubble 1"[..]]);
        let h = head(r#"goroutine 7 [select (no cases)] {handler: /api/v1, "user id": "a \"b\"\n}]: "}:"#)
            .unwrap();
        assert_eq!(
            (h.state, h.labels),
            (&b"select (no cases)"[..], Some(&br#"{handler: /api/v1, "user id": "a \"b\"\n}]: "}"#[..]))
        );
        let h = head(r#"goroutine 19 [chan receive labels:{"k": "a]: b"}]:"#).unwrap();
        assert_eq!((h.state, h.labels), (&b"chan receive"[..], Some(&br#"{"k": "a]: b"}"#[..])));
        let h = head(r#"goroutine 19 [select, 5 minutes, locked to thread labels:{"k": "a, ]"}]:"#).unwrap();
        assert_eq!((h.minutes, h.locked, h.labels), (Some(5), true, Some(&br#"{"k": "a, ]"}"#[..])));
        for not in ["goroutine 7 ", "goroutine 7 [running]", "goroutine x [running]:", "goroutine 1 []:"] {
            assert_eq!(head(not), None, "{not}");
        }
    }

    #[test]
    fn calls() {
        for (line, function, arguments) in [
            ("main.(*G[...]).Boom(...)", "main.(*G[...]).Boom", "..."),
            ("main.日本(0xa?)", "main.日本", "0xa?"),
            ("panic({0x4a055c?, 0x20?})", "panic", "{0x4a055c?, 0x20?}"),
            ("main.extra.func1-range1(_, 0x1)", "main.extra.func1-range1", "_, 0x1"),
            ("runtime.goexit()", "runtime.goexit", ""),
        ] {
            let call = call(line.as_bytes()).unwrap();
            assert_eq!((call.function, call.arguments), (function.as_bytes(), arguments.as_bytes()));
        }
        for not in ["connected (ok)", "main.f", "(0x1)", "done (see log)"] {
            assert_eq!(call(not.as_bytes()), None, "{not}");
        }
    }

    #[test]
    fn positions() {
        let p = position(b"\tC:/Program Files/app/main.go:12 +0x1d").unwrap();
        assert_eq!((p.file, p.line, p.offset), (&b"C:/Program Files/app/main.go"[..], 12, Some(0x1d)));
        let p = position(b"\t/no such dir/my file.y:77").unwrap();
        assert_eq!((p.file, p.line, p.offset), (&b"/no such dir/my file.y"[..], 77, None));
        let p = position(b"\tmfinal.go:193 fp=0x1 sp=0x2 pc=0x3").unwrap();
        assert_eq!((p.offset, p.fp, p.sp, p.pc), (None, Some(1), Some(2), Some(3)));
        for not in ["\tpanic: second", "main.go:12 +0x1d", "\t/app/main.go:", "\t:12", ""] {
            assert_eq!(position(not.as_bytes()), None, "{not}");
        }
    }

    #[test]
    fn creators_and_gaps() {
        assert_eq!(
            created_by(b"created by testing.(*T).Run in goroutine 1"),
            Some((&b"testing.(*T).Run"[..], Some(1)))
        );
        assert_eq!(created_by(b"created by time.goFunc"), Some((&b"time.goFunc"[..], None)));
        assert_eq!(elided(b"...additional frames elided..."), Some(None));
        assert_eq!(elided(b"...153 frames elided..."), Some(Some(153)));
        assert_eq!(ancestor(b"[originating from goroutine 1]:"), Some(1));
    }

    #[test]
    fn argument_lists() {
        let word = |value, doubtful| Arg::Word { value, doubtful };
        assert_eq!(
            parse_args("0x1acb?, {{{{...}}}}, {}, {0x0, 0x0}, _, ..."),
            Some(vec![
                word(0x1acb, true),
                Arg::Group(vec![Arg::Group(vec![Arg::Group(vec![Arg::Group(vec![Arg::More])])])]),
                Arg::Group(vec![]),
                Arg::Group(vec![word(0, false), word(0, false)]),
                Arg::Hidden,
                Arg::More,
            ])
        );
        assert_eq!(parse_args(""), Some(vec![]));
        assert_eq!(parse_args("0x1, "), None);
        assert_eq!(parse_args(&"{".repeat(100)), None);
    }
}
