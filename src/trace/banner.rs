//! Opening lines: panics and their chains, fatal errors, signals, registers.

use nom::branch::alt;
use nom::bytes::complete::{tag, take_till, take_while1};
use nom::multi::many1;
use nom::{IResult, Parser};

use super::grammar::{Lines, hex, hex_value, lossy, spaces, whole};
use super::{Link, Value};

const PANIC: &[u8] = b"panic: ";
const FATAL: &[u8] = b"fatal error: ";

/// `panic: VALUE` or `fatal error: TEXT`; collectors cut the blank after an
/// empty value.
pub(super) fn opening(line: &[u8]) -> Option<(bool, &[u8])> {
    if line == b"panic:" {
        return Some((false, b""));
    }
    line.strip_prefix(PANIC)
        .map(|text| (false, text))
        .or_else(|| line.strip_prefix(FATAL).map(|text| (true, text)))
}

/// A head stuck to text that the program printed without a newline: the
/// runtime writes straight to descriptor 2.
pub(super) fn buried(line: &[u8]) -> Option<(usize, bool, &[u8])> {
    let panic = memchr::memmem::find(line, PANIC);
    let fatal = memchr::memmem::find(line, FATAL);
    let at = match (panic, fatal) {
        (Some(a), Some(b)) => a.min(b),
        (a, b) => a.or(b)?,
    };
    let (is_fatal, text) = opening(line.get(at..)?)?;
    Some((at, is_fatal, text))
}

/// What the runtime throws when a panic comes at a bad moment, or a throw while
/// it dies: a line of its own right after the head (runtime/panic.go, `gopanic`
/// and `startpanic_m`).
pub(super) fn secondary<'a>(lines: &Lines<'a>) -> Option<&'a [u8]> {
    let mut lines = lines.clone();
    let (fatal, text) = opening(lines.next()?)?;
    let twice = lines.next() == Some(b"panic during panic");
    (fatal && (twice || text.starts_with(b"panic "))).then_some(text)
}

/// TinyGo prints neither goroutines nor frames; its texts are its own where
/// they hold an address or a wording that no version of gc has
/// (tinygo src/runtime/panic.go, `runtimePanicAt`, and runtime_unix.go,
/// `tinygo_handle_fatal_signal`).
pub(super) fn is_tinygo(message: &str) -> bool {
    const OWN: &[&str] = &[
        "nil pointer dereference",
        "slice out of range",
        "slice smaller than array",
        "divide by zero",
        "unsafe.Slice/String: len out of range",
        "new channel is too big",
        "negative shift",
        "deadlocked: no event source",
    ];
    let at = message.strip_prefix("runtime error at 0x").and_then(|rest| rest.split_once(": "));
    at.is_some_and(|(digits, _)| hex_value(digits.as_bytes()).is_some())
        || message
            .strip_prefix("runtime error: ")
            .is_some_and(|text| OWN.contains(&text) || text.starts_with("caught signal "))
}

/// `2026/11/23 04:49:21 http: panic serving 127.0.0.1:41052: VALUE`
pub(super) fn served(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let mark = b" panic serving ";
    let at = memchr::memmem::find(line, mark)?;
    if !line.get(..at)?.ends_with(b"http:") && !line.get(..at)?.ends_with(b"http2:") {
        return None;
    }
    let rest = line.get(at.saturating_add(mark.len())..)?;
    // The address is up to the first ": " (an IPv6 address has no blank after its colons).
    let end = memchr::memmem::find(rest, b": ")?;
    Some((rest.get(..end)?, rest.get(end.saturating_add(2)..)?))
}

/// Reads the links and the lines of their messages; leaves the cursor at the
/// first line that belongs to neither. `body` is where the goroutines begin,
/// when they do: everything before it that is not blank is message, since up
/// to Go 1.22 a newline in a value was printed as it is (`unindented`: then a
/// TAB belongs to the value).
pub(super) fn chain(
    lines: &mut Lines<'_>,
    (fatal, text): (bool, &[u8]),
    body: Option<usize>,
    unindented: bool,
) -> Vec<Link> {
    let mut raw: Vec<(bool, Vec<u8>)> = vec![(fatal, text.to_vec())];
    let mut blanks: usize = 0;
    while let Some((line, next)) = lines.peek() {
        let indented = line.strip_prefix(b"\t");
        let link = indented.and_then(opening);
        let inside = body.is_some_and(|body| lines.at < body);
        if let Some((fatal, text)) = link {
            raw.push((fatal, text.to_vec()));
        } else if line.starts_with(b"[signal ")
            || (indented.is_none() && (is_note(line) || secondary(lines).is_some()))
        {
            break;
        } else if let Some(last) = raw.last_mut().filter(|_| indented.is_some() || inside) {
            if line.is_empty() {
                blanks = blanks.saturating_add(1);
                lines.at = next;
                continue;
            }
            last.1.extend(std::iter::repeat_n(b'\n', blanks.saturating_add(1)));
            last.1.extend_from_slice(indented.filter(|_| !unindented).unwrap_or(line));
        } else {
            break;
        }
        blanks = 0;
        lines.at = next;
    }
    let next_is_panic: Vec<bool> = raw.iter().skip(1).map(|(fatal, _)| !fatal).chain([false]).collect();
    raw.iter().zip(next_is_panic).map(|((fatal, text), followed)| link(*fatal, text, followed)).collect()
}

/// ` [recovered]` may be part of a message: the old form is a mark only where
/// a repanic follows. The form of Go 1.25 stands alone.
fn link(fatal: bool, text: &[u8], followed: bool) -> Link {
    let (mut recovered, mut repanicked) = (false, false);
    let mut text = text;
    if let Some(before) = text.strip_suffix(b" [recovered, repanicked]") {
        (recovered, repanicked, text) = (true, true, before);
    } else if let Some(before) = text.strip_suffix(b" [recovered]").filter(|_| followed) {
        (recovered, text) = (true, before);
    }
    let message = lossy(text);
    let value = if fatal { Value::Text } else { value(&message) };
    Link { fatal, message, value, recovered, repanicked }
}

/// How runtime/error.go `printpanicval` shows a value: `main.T("x")` for named
/// scalars (1.15+), `(main.S) 0x…` for everything else.
fn value(message: &str) -> Value {
    if let Some(rest) = message.strip_prefix('(')
        && let Some((type_name, word)) = rest.rsplit_once(") ")
        && (whole(word.as_bytes(), hex).is_some() || old_pair(word))
    {
        return Value::Opaque { type_name: type_name.to_owned() };
    }
    if let Some(open) = message.find('(')
        && let Some(inner) = message.strip_suffix(')').and_then(|m| m.get(open.saturating_add(1)..))
        && let Some(type_name) = message.get(..open)
        && is_type_name(type_name)
    {
        let quoted = inner.strip_prefix('"').and_then(|inner| inner.strip_suffix('"'));
        let number = inner.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+');
        if quoted.is_some() || number || matches!(inner, "true" | "false" | "NaN") {
            let value = quoted.unwrap_or(inner).to_owned();
            return Value::Typed { type_name: type_name.to_owned(), value };
        }
    }
    Value::Text
}

/// `(0x4c64a0,0xc82000e310)`: type and data words, Go 1.5 to 1.14.
fn old_pair(word: &str) -> bool {
    word.strip_prefix('(')
        .and_then(|w| w.strip_suffix(')'))
        .and_then(|w| w.split_once(','))
        .is_some_and(|(a, b)| whole(a.as_bytes(), hex).is_some() && whole(b.as_bytes(), hex).is_some())
}

fn is_type_name(text: &str) -> bool {
    text.split_once('.').is_some_and(|(package, name)| {
        !package.is_empty()
            && !name.is_empty()
            && !text.chars().any(|c| c.is_whitespace() || matches!(c, '"' | '\'' | ':'))
    })
}

/// One line of a register block: `rax    0x0`, two to a line on RISC ports.
pub(super) fn registers(line: &[u8]) -> Option<Vec<(&[u8], u64)>> {
    if !line.first()?.is_ascii_lowercase() {
        return None;
    }
    fn register(input: &[u8]) -> IResult<&[u8], (&[u8], u64)> {
        let (rest, name) = take_while1(|b: u8| b.is_ascii_lowercase() || b.is_ascii_digit())(input)?;
        let (rest, _) = tag(&b" "[..])(rest)?;
        let (rest, _) = spaces(rest)?;
        let (rest, value) = hex(rest)?;
        let (rest, _) = take_till(|b| !matches!(b, b' ' | b'\t'))(rest)?;
        Ok((rest, (name, value)))
    }
    whole(line, |line| many1(register).parse(line))
}

/// Lines that the runtime prints before a head, or inside a traceback, to say
/// more (GO-CRASH-FORMATS of the references; runtime/*.go `print(`).
pub(super) fn is_note(line: &[u8]) -> bool {
    let prefix: IResult<_, _> = alt((
        tag(&b"runtime: "[..]),
        tag(&b"runtime/cgo: "[..]),
        tag(&b"unexpected fault address "[..]),
        tag(&b"accessed data from freed user arena "[..]),
        tag(&b"fatal: "[..]),
        tag(&b"system page size ("[..]),
        tag(&b"preempt off reason: "[..]),
        tag(&b"mp.gsignal stack ["[..]),
        tag(&b"write of unpinned Go pointer "[..]),
        tag(&b"write of Go pointer "[..]),
    ))
    .parse(line);
    prefix.is_ok()
        || matches!(line, b"panic during panic" | b"stack trace unavailable")
        || (line.starts_with(b"signal ") && memchr::memmem::find(line, b" received ").is_some())
}

/// Stack and object dumps: `0x00007ffd…:  0x…`, `stack: frame={sp:…`,
/// `object=0x… s.base()=…`, ` *(object+8) = 0x… <==`.
pub(super) fn is_hex_dump(line: &[u8]) -> bool {
    let body = line.trim_ascii_start();
    let digits = body.strip_prefix(b"0x").unwrap_or(body);
    let run = digits.iter().take_while(|b| b.is_ascii_hexdigit()).count();
    (run >= 8 && digits.get(run) == Some(&b':') && (body.len() > digits.len() || line.len() == body.len()))
        || line.starts_with(b"stack: frame={sp:")
        || line.starts_with(b"object=0x")
        || line.starts_with(b" *(object+")
        || body.starts_with(b"7 6 5 4  3 2 1 0")
        || (line.starts_with(b"    ") && body.starts_with(b"^ "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(text: &str) -> Vec<Link> {
        let mut lines = Lines::new(text.as_bytes(), 0);
        let (fatal, first) = opening(lines.next().unwrap()).unwrap();
        let body = text.find("goroutine 1 [");
        chain(&mut lines, (fatal, first), body, false)
    }

    fn messages(text: &str) -> Vec<(String, bool, bool)> {
        links(text).into_iter().map(|l| (l.message, l.recovered, l.fatal)).collect()
    }

    fn one(message: &str) -> (String, bool, bool) {
        (message.to_owned(), false, false)
    }

    #[test]
    fn chains() {
        assert_eq!(
            messages("panic: tricky [recovered]\n\ngoroutine 1 [running]:\n"),
            [one("tricky [recovered]")]
        );
        assert_eq!(
            messages("panic: first [recovered]\n\tpanic: again: first\n\ngoroutine 1 [running]:\n"),
            [("first".to_owned(), true, false), one("again: first")]
        );
        let both = links("panic: first [recovered, repanicked]\n\ngoroutine 1 [running]:\n");
        assert!(both[0].recovered && both[0].repanicked && both[0].message == "first");
        assert_eq!(
            messages("panic: first\n\tpanic: second\n\tpanic: third\n\tline\n\ngoroutine 1 [running]:\n"),
            [one("first"), one("second"), one("third\nline")]
        );
        assert_eq!(
            messages("panic: first\n\tfatal error: sync: unlock of unlocked mutex\n"),
            [one("first"), ("sync: unlock of unlocked mutex".to_owned(), false, true)]
        );
        assert_eq!(messages("panic: a\nb\n\nc\n\ngoroutine 1 [running]:\n"), [one("a\nb\n\nc")]);
        assert_eq!(messages("panic: \n\ngoroutine 1 [running]:\n"), [one("")]);
        assert_eq!(messages("panic: ends\n\t\n\ngoroutine 1 [running]:\n"), [one("ends\n")]);
        assert_eq!(messages("panic: lone\nnext log line\n"), [one("lone")]);
    }

    #[test]
    fn values() {
        let typed = |t: &str, v: &str| Value::Typed { type_name: t.to_owned(), value: v.to_owned() };
        let opaque = |t: &str| Value::Opaque { type_name: t.to_owned() };
        assert_eq!(value("main.T(\"a\nb\")"), typed("main.T", "a\nb"));
        assert_eq!(value("main.C64(1+0i)"), typed("main.C64", "1+0i"));
        assert_eq!(
            value("(struct { X int \"json:\\\"x\\\"\" }) 0x727998"),
            opaque("struct { X int \"json:\\\"x\\\"\" }")
        );
        assert_eq!(value("(main.T) (0x4c64a0,0xc82000e310)"), opaque("main.T"));
        assert_eq!(value("cannot open x.conf (tried 3)"), Value::Text);
        assert_eq!(value("runtime error: index out of range [5] with length 3"), Value::Text);
    }

    #[test]
    fn register_lines() {
        assert_eq!(registers(b"rax    0x0"), Some(vec![(&b"rax"[..], 0)]));
        assert_eq!(registers(b"r0   0x1\tr1   0x2").map(|r| r.len()), Some(2));
        assert_eq!(registers(b"done 0x1 items"), None);
    }

    #[test]
    fn served_requests() {
        let line = b"2026/11/23 04:49:21 http: panic serving [::1]:41052: multi";
        assert_eq!(served(line), Some((&b"[::1]:41052"[..], &b"multi"[..])));
    }
}
