//! Lexemes: the small words of which every line of a crash is made.
//!
//! All parsers take bytes, since crash text may hold anything (a panic value
//! is printed unsanitised up to Go 1.27), and return what is left of the line.

use nom::bytes::complete::{tag, take_while, take_while1};
use nom::{IResult, Parser};

pub(super) type Lex<'a, T> = IResult<&'a [u8], T>;

/// Decimal counter. Goroutine ids go up to 64 bits.
pub(super) fn decimal(input: &[u8]) -> Lex<'_, u64> {
    let (rest, digits) = take_while1(|b: u8| b.is_ascii_digit())(input)?;
    match decimal_value(digits) {
        Some(value) => Ok((rest, value)),
        None => fail(input),
    }
}

/// Addresses are `0x` and lower-case hex without padding.
pub(super) fn hex(input: &[u8]) -> Lex<'_, u64> {
    let (rest, _) = tag(&b"0x"[..])(input)?;
    let (rest, digits) = take_while1(|b: u8| b.is_ascii_hexdigit())(rest)?;
    match hex_value(digits) {
        Some(value) => Ok((rest, value)),
        None => fail(input),
    }
}

/// ` name=0x…`, one space before.
pub(super) fn field<'a>(name: &'static str) -> impl FnMut(&'a [u8]) -> Lex<'a, u64> {
    move |input| {
        let (rest, _) = (tag(&b" "[..]), tag(name.as_bytes()), tag(&b"="[..])).parse(input)?;
        hex(rest)
    }
}

/// `SIGSEGV` and the like.
pub(super) fn signal_name(input: &[u8]) -> Lex<'_, &[u8]> {
    let (rest, _) = tag(&b"SIG"[..])(input)?;
    let (rest, tail) = take_while1(|b: u8| b.is_ascii_uppercase() || b.is_ascii_digit())(rest)?;
    let length = tail.len().saturating_add(3);
    Ok((rest, input.get(..length).unwrap_or(tail)))
}

pub(super) fn spaces(input: &[u8]) -> Lex<'_, &[u8]> {
    take_while(|b| b == b' ')(input)
}

pub(super) fn fail<T>(input: &[u8]) -> Lex<'_, T> {
    Err(nom::Err::Error(nom::error::Error::new(input, nom::error::ErrorKind::Verify)))
}

/// Runs a parser that must use the whole line, blanks at the end aside.
pub(super) fn whole<'a, T>(line: &'a [u8], parser: impl FnOnce(&'a [u8]) -> Lex<'a, T>) -> Option<T> {
    let (rest, value) = parser(line).ok()?;
    rest.iter().all(u8::is_ascii_whitespace).then_some(value)
}

pub(super) fn decimal_value(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |value, digit| {
        let digit = u64::from(digit.wrapping_sub(b'0'));
        if digit > 9 {
            return None;
        }
        value.checked_mul(10)?.checked_add(digit)
    })
}

pub(super) fn hex_value(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 16 {
        return None;
    }
    digits.iter().try_fold(0u64, |value, digit| {
        let digit = (*digit as char).to_digit(16)?;
        Some((value << 4) | u64::from(digit))
    })
}

/// Iterates over the lines of a text without their ends (`\n`, `\r\n`).
#[derive(Clone)]
pub(super) struct Lines<'a> {
    text: &'a [u8],
    /// Offset of the next line.
    pub(super) at: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a [u8], at: usize) -> Lines<'a> {
        Lines { text, at }
    }

    pub(super) fn text(&self) -> &'a [u8] {
        self.text
    }

    /// The next line and the offset after it, without moving.
    #[inline]
    pub(super) fn peek(&self) -> Option<(&'a [u8], usize)> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let (line, length) = match memchr::memchr(b'\n', rest) {
            Some(end) => (rest.get(..end)?, end.saturating_add(1)),
            None => (rest, rest.len()),
        };
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        Some((line, self.at.saturating_add(length)))
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        let (line, next) = self.peek()?;
        self.at = next;
        Some(line)
    }
}

pub(super) fn is_blank(line: &[u8]) -> bool {
    line.iter().all(u8::is_ascii_whitespace)
}

pub(super) fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_do_not_wrap() {
        assert_eq!(decimal(b"18446744073709551615]").unwrap().1, u64::MAX);
        assert!(decimal(b"18446744073709551616").is_err());
        assert_eq!(hex(b"0x20f56d508000?").unwrap(), (&b"?"[..], 0x20f5_6d50_8000));
        assert!(hex(b"0x12345678123456781").is_err());
    }

    #[test]
    fn lines_end_in_both_ways() {
        let lines: Vec<_> = Lines::new(b"a\r\n\nb", 0).collect();
        assert_eq!(lines, [&b"a"[..], b"", b"b"]);
    }
}
