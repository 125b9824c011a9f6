//! Profiler labels, in the three spellings of headers and profiles:
//! `{"k": "v"}` (Go 1.26), `{k: v}` with quotes only where needed (1.27), and
//! `{"k":"v"}` of a profile (runtime/pprof/label.go, `labelMap.String`).

use super::grammar::Lex;
use super::grammar::fail;

/// End of a `{…}` group whose quoted parts may hold anything.
pub(super) fn end(input: &[u8]) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in input.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'}' if !quoted => return Some(at.saturating_add(1)),
            _ => {}
        }
    }
    None
}

/// The labels of a whole `{…}` group, unquoted.
pub(super) fn decode(group: &[u8]) -> Option<Vec<(String, String)>> {
    let mut rest = group.strip_prefix(b"{")?;
    let mut labels = Vec::new();
    loop {
        let (after, key) = word(rest).ok()?;
        let after = after.strip_prefix(b":")?;
        let (after, value) = word(after.strip_prefix(b" ").unwrap_or(after)).ok()?;
        labels.push((text(&key), text(&value)));
        match after {
            b"}" => return Some(labels),
            _ => rest = after.strip_prefix(b", ")?,
        }
    }
}

/// The labels as Go prints them: of a profile, or after a goroutine's header.
pub(super) fn encode(labels: &[(String, String)], profile: bool) -> String {
    let colon = if profile { ":" } else { ": " };
    let word = |text: &str| {
        if profile || !text.bytes().all(|b| is_bare(&b)) { quoted(text) } else { text.to_owned() }
    };
    let pairs: Vec<String> = labels.iter().map(|(k, v)| format!("{}{colon}{}", word(k), word(v))).collect();
    format!("{{{}}}", pairs.join(", "))
}

/// All of them quoted, as Go 1.26 prints them (runtime/traceback.go, `goroutineheader`).
pub(super) fn encode_quoted(labels: &[(String, String)]) -> String {
    let pairs: Vec<String> = labels.iter().map(|(k, v)| format!("{}: {}", quoted(k), quoted(v))).collect();
    format!("{{{}}}", pairs.join(", "))
}

fn quoted(text: &str) -> String {
    let mut out = "\"".to_owned();
    for char in text.chars() {
        match char {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' | '\\' => out.extend(['\\', char]),
            ' '..='~' => out.push(char),
            '\0'..='\u{7f}' => out.push_str(&format!("\\x{:02x}", u32::from(char))),
            '\u{80}'..='\u{ffff}' => out.push_str(&format!("\\u{:04x}", u32::from(char))),
            _ => out.push_str(&format!("\\U{:08x}", u32::from(char))),
        }
    }
    out.push('"');
    out
}

fn is_bare(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | b'_')
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A quoted string, or a bare word, which may be empty
/// (runtime/traceback.go, `tracebackStringNeedsQuoting`, 1.27).
fn word(input: &[u8]) -> Lex<'_, Vec<u8>> {
    if let Some(inner) = input.strip_prefix(b"\"") {
        return unquoted(inner);
    }
    let length = input.iter().take_while(|b| is_bare(b)).count();
    let (word, rest) = input.split_at_checked(length).unwrap_or((input, b""));
    Ok((rest, word.to_vec()))
}

/// The rest of a quoted string, behind its first quote. The runtime writes
/// `\n \r \t \\ \" \x \u \U` (runtime/print.go, `printquoted`), a profile what
/// strconv.Quote writes, which has `\a \b \f \v` too.
fn unquoted(input: &[u8]) -> Lex<'_, Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = input;
    loop {
        rest = match rest {
            [b'"', after @ ..] => return Ok((after, out)),
            [b'\\', b'x', after @ ..] => {
                let (after, byte) = code(after, 2, input)?;
                out.push(u8::try_from(byte).unwrap_or(b'?'));
                after
            }
            [b'\\', kind @ (b'u' | b'U'), after @ ..] => {
                let (after, code) = code(after, if *kind == b'u' { 4 } else { 8 }, input)?;
                let Some(char) = char::from_u32(code) else { return fail(input) };
                out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                after
            }
            [b'\\', escape, after @ ..] => {
                out.push(match escape {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'a' => 7,
                    b'b' => 8,
                    b'f' => 12,
                    b'v' => 11,
                    b'"' | b'\\' => *escape,
                    _ => return fail(input),
                });
                after
            }
            [byte, after @ ..] => {
                out.push(*byte);
                after
            }
            [] => return fail(input),
        };
    }
}

fn code<'a>(input: &'a [u8], digits: usize, whole: &'a [u8]) -> Lex<'a, u32> {
    let Some((digits, rest)) = input.split_at_checked(digits) else { return fail(whole) };
    match super::grammar::hex_value(digits).and_then(|value| u32::try_from(value).ok()) {
        Some(code) => Ok((rest, code)),
        None => fail(whole),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_decoded() {
        let pairs = |text: &str| {
            let labels = decode(text.as_bytes())?;
            Some(labels.into_iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>())
        };
        for (text, want) in [
            (
                r#"{handler: /api/v1, "user id": "a \"b\"\n\u4e16"}"#,
                vec!["handler=/api/v1", "user id=a \"b\"\n世"],
            ),
            (r#"{"handler":"/api/v1", "user id":"a \"b\""}"#, vec!["handler=/api/v1", "user id=a \"b\""]),
            (r#"{"k": "a]: b}", "": "\x7f\U0001f600"}"#, vec!["k=a]: b}", "=\u{7f}\u{1f600}"]),
            ("{k: , : v}", vec!["k=", "=v"]),
        ] {
            assert_eq!(pairs(text), Some(want.into_iter().map(str::to_owned).collect()), "{text}");
            assert_eq!(end(format!("{text}:").as_bytes()), Some(text.len()));
        }
        for not in ["{", "{k}", r#"{"k": "v}"#, r#"{"k": "\q"}"#, r#"{"k": "\u12"}"#, "{a b: c}"] {
            assert_eq!(pairs(not), None, "{not}");
        }
    }
}
