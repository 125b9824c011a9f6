//! Texts that are not lines of UTF-8: what Windows and mail make of a log.
//!
//! Offsets of such a document count in the decoded text; line numbers hold.

use base64::Engine;

/// A document in another form, decoded.
pub struct Decoded {
    /// What was taken off.
    pub name: &'static str,
    pub text: Vec<u8>,
}

/// Bytes by which the form is recognised.
const SAMPLE: usize = 4096;

/// Decodes a document that is not plain text; `None` where it is.
pub fn decode(bytes: &[u8]) -> Option<Decoded> {
    let sample = bytes.get(..bytes.len().min(SAMPLE)).unwrap_or_default();
    let decoded = |name, text| Some(Decoded { name, text });
    if let Some(wide) = bytes.strip_prefix(b"\xff\xfe") {
        return decoded("utf-16", utf16(wide, u16::from_le_bytes));
    }
    if let Some(wide) = bytes.strip_prefix(b"\xfe\xff") {
        return decoded("utf-16", utf16(wide, u16::from_be_bytes));
    }
    // Without a mark at the start: every second byte of English text is 0.
    let zeros = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let most = sample.len() / 2;
    if most >= 32 {
        let (even, odd) = (zeros(0), zeros(1));
        if odd.saturating_mul(10) > most.saturating_mul(8) && even.saturating_mul(10) < most {
            return decoded("utf-16", utf16(bytes, u16::from_le_bytes));
        }
        if even.saturating_mul(10) > most.saturating_mul(8) && odd.saturating_mul(10) < most {
            return decoded("utf-16", utf16(bytes, u16::from_be_bytes));
        }
    }
    if memchr::memchr(b'\r', sample).is_some()
        && memchr::memchr(b'\n', bytes).is_none()
        && memchr::memchr_iter(b'\r', bytes).take(3).count() == 3
    {
        let text = bytes.iter().map(|b| if *b == b'\r' { b'\n' } else { *b }).collect();
        return decoded("cr-lines", text);
    }
    if let Some(text) = base64(bytes) {
        return decoded("base64", text);
    }
    if is_quoted_printable(bytes, sample) {
        return decoded("quoted-printable", quoted_printable(bytes));
    }
    None
}

fn utf16(bytes: &[u8], word: fn([u8; 2]) -> u16) -> Vec<u8> {
    let words = bytes.chunks_exact(2).filter_map(|pair| Some(word(pair.try_into().ok()?)));
    let text: String = char::decode_utf16(words).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    text.into_bytes()
}

/// A document, or the body of a mail, that is base64 in lines (RFC 2045 section
/// 6.8) and holds a trace.
fn base64(bytes: &[u8]) -> Option<Vec<u8>> {
    let head = bytes.get(..bytes.len().min(SAMPLE))?.to_ascii_lowercase();
    let mail = memchr::memmem::find(&head, b"content-transfer-encoding: base64").is_some();
    let body = if mail {
        let gap =
            [&b"\n\n"[..], b"\r\n\r\n"].iter().filter_map(|gap| memchr::memmem::find(bytes, gap)).min()?;
        bytes.get(gap..)?
    } else {
        bytes
    };
    let first = body.trim_ascii_start().split(|b| *b == b'\n').next()?.trim_ascii_end();
    let alphabet = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    if first.len() < 60 || !first.iter().all(alphabet) {
        return None;
    }
    let mut text: Vec<u8> =
        body.iter().copied().filter(|b| !b.is_ascii_whitespace()).take_while(alphabet).collect();
    text.truncate(text.len() & !3);
    let text = base64::engine::general_purpose::STANDARD.decode(text).ok()?;
    let has = |what: &[u8]| memchr::memmem::find(&text, what).is_some();
    (has(b"goroutine ") || has(b"panic: ") || has(b"fatal error: ")).then_some(text)
}

/// RFC 2045 section 6.7, where the head of the mail says so, or where an address
/// or the TAB of a position is spelled so.
fn is_quoted_printable(bytes: &[u8], sample: &[u8]) -> bool {
    let head = sample.to_ascii_lowercase();
    [&b"content-transfer-encoding: quoted-printable"[..], b"=3d0x", b"\n=09"]
        .iter()
        .any(|mark| memchr::memmem::find(&head, mark).is_some())
        && memchr::memchr(b'=', bytes).is_some()
}

fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'=', rest) {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        rest = rest.get(at.saturating_add(1)..).unwrap_or_default();
        let hex = |b: &u8| (*b as char).to_digit(16).and_then(|d| u8::try_from(d).ok());
        match rest {
            [b'\n', after @ ..] | [b'\r', b'\n', after @ ..] => rest = after,
            [a, b, after @ ..] => match hex(a).zip(hex(b)) {
                Some((high, low)) => {
                    out.push((high << 4) | low);
                    rest = after;
                }
                None => out.push(b'='),
            },
            _ => out.push(b'='),
        }
    }
    out.extend_from_slice(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let text = "panic: x\r\n\r\ngoroutine 1 [running]:\r\nmain.main()\r\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(&little).unwrap().text, text.as_bytes());
        assert_eq!(decode(&big).unwrap().text, text.as_bytes());
        assert_eq!(decode(&[b"\xff\xfe", little.as_slice()].concat()).unwrap().text, text.as_bytes());
        assert_eq!(decode(b"a\rb\rc\rd").unwrap().text, b"a\nb\nc\nd");
        let mail = b"Content-Transfer-Encoding: quoted-printable\n\n=09/a.go:1 +=\n0x1d=3D\n";
        assert!(decode(mail).unwrap().text.ends_with(b"\t/a.go:1 +0x1d=\n"));
        assert!(decode(text.as_bytes()).is_none());
        assert!(decode(b"").is_none());
    }
}
