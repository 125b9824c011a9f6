//! A whole trace inside one line: escaped as in Go or JSON source, as base64, as
//! decimal numbers.

use std::borrow::Cow;
use std::sync::LazyLock;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use memchr::memmem::Finder;

use super::Shape;
use super::record::Piece;
use super::stream::Mark;

type Wanted = LazyLock<Finder<'static>>;

/// base64 of `goroutin`, with which every stack begins (log/slog writes `[]byte` so).
static BASE64: Wanted = LazyLock::new(|| Finder::new("Z29yb3V0aW5l"));
/// `goroutine ` as fmt prints bytes with `%v`.
static DECIMAL: Wanted = LazyLock::new(|| Finder::new("103 111 114 111 117 116 105 110 101 32"));
static ESCAPED_NEWLINE: Wanted = LazyLock::new(|| Finder::new("\\n"));

/// Longest text around the quoted one that is kept.
const BESIDE: usize = 1024;

/// The text that a line holds in another form, and what stands around it.
pub(super) struct Quoted {
    pub(super) text: Vec<u8>,
    pub(super) beside: Vec<u8>,
}

pub(super) fn of(line: &[u8]) -> Option<Quoted> {
    let quoted = base64(line).or_else(|| decimal(line)).or_else(|| escaped(line))?;
    let (mut tells, mut frames) = (0usize, 0usize);
    for shape in quoted.text.split(|b| *b == b'\n').map(Shape::of) {
        tells = tells.saturating_add(usize::from(shape.tells()));
        frames = frames.saturating_add(usize::from(matches!(shape, Shape::Call | Shape::Position { .. })));
    }
    // A table of tests has heads and headers in its strings, but hardly frames.
    // What is still escaped is taken off in the next layer.
    ((tells >= 2 && frames >= 1) || escapes(&quoted.text) >= 3).then_some(quoted)
}

/// Expands the lines that hold a trace; says whether there was one.
pub(super) fn expand(pieces: Vec<Piece<'_>>) -> (Vec<Piece<'_>>, bool) {
    if !pieces.iter().any(|piece| of(&piece.text).is_some()) {
        return (pieces, false);
    }
    let mut out = Vec::with_capacity(pieces.len());
    for mut piece in pieces {
        let Some(quoted) = of(&piece.text) else {
            out.push(piece);
            continue;
        };
        // Every line of it takes over all but the text.
        piece.text = Cow::Borrowed(b"");
        let mut beside =
            Some(String::from_utf8_lossy(&quoted.beside).trim().to_owned()).filter(|b| !b.is_empty());
        let text = quoted.text.strip_suffix(b"\n").unwrap_or(&quoted.text);
        for line in text.split(|b| *b == b'\n') {
            let mut next = Piece {
                text: Cow::Owned(line.strip_suffix(b"\r").unwrap_or(line).to_vec()),
                newline: true,
                beside: beside.take(),
                ..piece.clone()
            };
            next.mark(Mark::Quoted);
            out.push(next);
        }
    }
    (out, true)
}

fn around(line: &[u8], start: usize, end: usize) -> Vec<u8> {
    let mut text = line.get(..start).unwrap_or_default().to_vec();
    let after = line.get(end..).unwrap_or_default();
    text.truncate(BESIDE);
    text.extend_from_slice(after.get(..after.len().min(BESIDE)).unwrap_or_default());
    text
}

fn base64(line: &[u8]) -> Option<Quoted> {
    let start = BASE64.find(line)?;
    let rest = line.get(start..)?;
    let length =
        rest.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')).count();
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let engine = GeneralPurpose::new(&STANDARD, config);
    let encoded = rest.get(..length)?;
    // A text that was cut still tells what is whole.
    let text = engine.decode(encoded).ok().or_else(|| engine.decode(encoded.get(..length & !3)?).ok())?;
    Some(Quoted { text, beside: around(line, start, start.saturating_add(length)) })
}

fn decimal(line: &[u8]) -> Option<Quoted> {
    let start = DECIMAL.find(line)?;
    let rest = line.get(start..)?;
    let length = rest.iter().take_while(|b| b.is_ascii_digit() || **b == b' ').count();
    let words = rest.get(..length)?.split(|b| *b == b' ').filter(|word| !word.is_empty());
    let number = |word: &[u8]| std::str::from_utf8(word).ok()?.parse::<u8>().ok();
    let text: Option<Vec<u8>> = words.map(number).collect();
    Some(Quoted { text: text?, beside: around(line, start, start.saturating_add(length)) })
}

fn escapes(line: &[u8]) -> usize {
    ESCAPED_NEWLINE.find_iter(line).take(8).count()
}

fn escaped(line: &[u8]) -> Option<Quoted> {
    if escapes(line) < 2 {
        return None;
    }
    let first = ESCAPED_NEWLINE.find(line)?;
    let open = line.get(..first).and_then(|before| memchr::memrchr(b'"', before));
    let (start, end, quoted) = match open {
        Some(open) => {
            let start = open.saturating_add(1);
            (start, closing(line, start), true)
        }
        None => (0, line.len(), false),
    };
    let inner = line.get(start..end)?;
    let text = if quoted { unescape(inner) } else { newlines(inner) };
    Some(Quoted {
        text,
        beside: around(line, if quoted { start.saturating_sub(1) } else { 0 }, end.saturating_add(1)),
    })
}

/// The quote that ends a string, or the end of the line where it was cut.
fn closing(line: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(byte) = line.get(at) {
        match byte {
            b'\\' => at = at.saturating_add(2),
            b'"' => return at,
            _ => at = at.saturating_add(1),
        }
    }
    line.len()
}

/// The escapes of Go and JSON strings. Unknown ones stay.
pub(super) fn unescape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        let escape = rest.get(at.saturating_add(1)..).unwrap_or_default();
        let (bytes, used) = one(escape);
        match used {
            0 => out.push(b'\\'),
            _ => out.extend_from_slice(&bytes),
        }
        rest = escape.get(used..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}

fn one(escape: &[u8]) -> (Vec<u8>, usize) {
    let hex = |from: usize, count: usize| {
        let digits = std::str::from_utf8(escape.get(from..from.saturating_add(count))?).ok()?;
        u32::from_str_radix(digits, 16).ok()
    };
    let char_of = |code: Option<u32>, used: usize| match code.and_then(char::from_u32) {
        Some(c) => (c.to_string().into_bytes(), used),
        None => (Vec::new(), 0),
    };
    match escape.first() {
        Some(b'n') => (b"\n".to_vec(), 1),
        Some(b't') => (b"\t".to_vec(), 1),
        Some(b'r') => (b"\r".to_vec(), 1),
        Some(c @ (b'"' | b'\\' | b'/' | b'\'')) => (vec![*c], 1),
        Some(b'u') => char_of(hex(1, 4), 5),
        Some(b'U') => char_of(hex(1, 8), 9),
        Some(b'x') => match hex(1, 2).and_then(|code| u8::try_from(code).ok()) {
            Some(byte) => (vec![byte], 3),
            None => (Vec::new(), 0),
        },
        _ => (Vec::new(), 0),
    }
}

/// Without quotes only `\n`, and `\t` at the start of a line, are escapes: the
/// rest may be a path of Windows.
fn newlines(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        let after = rest.get(at.saturating_add(2)..).unwrap_or_default();
        match rest.get(at.saturating_add(1)) {
            Some(b'n') => out.push(b'\n'),
            Some(b't') if out.last().is_none_or(|b| *b == b'\n') => out.push(b'\t'),
            _ => {
                out.push(b'\\');
                rest = rest.get(at.saturating_add(1)..).unwrap_or_default();
                continue;
            }
        }
        rest = after;
    }
    out.extend_from_slice(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const STACK: &str = "goroutine 7 [running]:\nmain.f(0x1)\n\t/a b/main.go:3 +0x1d\n";

    #[test]
    fn forms_of_one_stack() {
        let base64 =
            format!("level=error stack={} x=1", base64::engine::general_purpose::STANDARD.encode(STACK));
        let numbers: Vec<String> = STACK.bytes().map(|b| b.to_string()).collect();
        let decimal = format!("2026/11/23 recovered: [{}]", numbers.join(" "));
        let go = format!("msg=\"x \\\"y\\\"\" stack={STACK:?} k=v");
        let bare = STACK.replace('\n', "\\n").replace('\t', "\\t");
        for line in [&base64, &decimal, &go, &bare] {
            let quoted = of(line.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(quoted.text).unwrap(), STACK, "{line}");
        }
        assert_eq!(of(go.as_bytes()).unwrap().beside, b"msg=\"x \\\"y\\\"\" stack= k=v");
        let twice = format!("{go:?}");
        assert!(escapes(&of(twice.as_bytes()).unwrap().text) >= 3);
    }

    #[test]
    fn other_lines_stay() {
        for line in ["usage:\\n  app\\n  app -h", "plain", "C:\\new\\table.go:3", "Z29yb3V0aW5l"] {
            assert!(of(line.as_bytes()).is_none(), "{line}");
        }
    }
}
