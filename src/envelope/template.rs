//! Prefixes that no table knows: what stands before the lines of a crash is the
//! same but for its digits.

use std::collections::HashMap;

use regex::bytes::Regex;

use super::Shape;
use super::formats::{FORMATS, Format, Proof, Reader, Stray};

/// Words with which lines of a crash begin that are easily told from others.
const STARTS: &[&[u8]] = &[b"goroutine ", b"panic: ", b"fatal error: ", b"created by ", b"[signal "];
/// How comments and strings begin.
const CODE: &[&[u8]] = &[b"//", b"#", b"--", b"/*", b"*", b";", b"%", b"\"", b"'", b"`", b"+", b"- "];
/// Words of a prefix behind which a known format may begin.
const MOST_WORDS: usize = 12;
/// Longest prefix.
const LONGEST: usize = 200;
/// Lines that must have it.
const LINES: usize = 2;

/// The format of lines that begin alike, if there is one.
pub(super) fn of<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Option<Format> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for line in lines {
        if let Some(template) = prefix(line).map(generalise) {
            let count = counts.entry(template).or_default();
            *count = count.saturating_add(1);
        }
    }
    let (template, count) = counts.into_iter().max_by(|a, b| (a.1, &b.0).cmp(&(b.1, &a.0)))?;
    if count < LINES {
        return None;
    }
    let reader = Reader::Built(Regex::new(&template).ok()?);
    Some(Format {
        name: "prefix",
        title: "the same text before each line",
        proof: Proof::Gain,
        reader,
        stray: Stray::Apart,
    })
}

/// What stands before the first word of a crash.
fn prefix(line: &[u8]) -> Option<&[u8]> {
    let head = line.get(..line.len().min(LONGEST + 64))?;
    let found = STARTS.iter().filter_map(|start| {
        let at = memchr::memmem::find(head, start)?;
        Shape::of(line.get(at..)?).tells().then_some(at)
    });
    let at = found.min().filter(|at| *at > 0 && *at <= LONGEST)?;
    // A format that is known may stand between: it says more than its prefix.
    let inner = memchr::memchr_iter(b' ', line.get(..at)?).map(|blank| blank.saturating_add(1));
    let known = |from: &usize| {
        let rest = line.get(*from..).unwrap_or_default();
        let mut strict = FORMATS.iter().filter(|format| format.proof != Proof::Gain);
        strict.any(|format| !matches!(format.reader, Reader::Block(_)) && format.reads(rest))
    };
    let at = inner.take(MOST_WORDS).find(known).unwrap_or(at);
    // A comment or a string in source code shows what a crash looks like.
    line.get(..at).filter(|prefix| !CODE.iter().any(|mark| prefix.trim_ascii_start().starts_with(mark)))
}

/// Digits may be others in the next line, and so may the number of blanks; what
/// stands directly before the text is exact, since the text may begin with blanks.
fn generalise(prefix: &[u8]) -> String {
    let body = prefix.trim_ascii_end();
    let tail = prefix.get(body.len()..).unwrap_or_default();
    let mut pattern = String::from("(?s-u)^");
    let mut rest = body;
    while let Some(byte) = rest.first() {
        let run = |is: fn(&u8) -> bool| rest.iter().take_while(|b| is(b)).count();
        let length = match byte {
            b'0'..=b'9' => {
                pattern.push_str(r"\d+");
                run(u8::is_ascii_digit)
            }
            b' ' => {
                pattern.push_str(" +");
                run(|b| *b == b' ')
            }
            0x21..=0x7e => {
                pattern.push_str(&regex::escape(&char::from(*byte).to_string()));
                1
            }
            other => {
                pattern.push_str(&format!(r"\x{other:02x}"));
                1
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    // Blanks at the end of a line are cut by many.
    let tail = tail.iter().map(|byte| format!(r"\x{byte:02x}")).collect::<String>();
    pattern.push_str(&format!("(?:{tail}(?P<text>.*)|)$"));
    pattern
}

#[cfg(test)]
mod tests {
    use super::super::record::{Record, Text};
    use super::*;

    fn stripped(lines: &[&str]) -> Option<Vec<String>> {
        let format = of(lines.iter().map(|line| line.as_bytes()))?;
        let text = |line: &&str| {
            let mut out: Vec<Record> = Vec::new();
            assert!(format.read(line.as_bytes(), &mut out), "{line}");
            let Text::Part(range) = out.remove(0).text else { unreachable!() };
            line[range].to_owned()
        };
        Some(lines.iter().map(text).collect())
    }

    #[test]
    fn unknown_prefixes() {
        let lines = [
            "2026-11-23 04:16:32,171 [7] ERROR Runner - panic: x",
            "2026-11-23 04:16:32,172 [7] ERROR Runner -",
            "2026-11-23 04:16:32,173 [11] ERROR Runner - goroutine 6 [running]:",
            "2026-11-23 04:16:33,001 [7] ERROR Runner -   main.go:1",
        ];
        assert_eq!(stripped(&lines).unwrap(), ["panic: x", "", "goroutine 6 [running]:", "  main.go:1"]);
        let numbered = ["  9: panic: x", " 10: goroutine 1 [running]:"];
        assert_eq!(stripped(&numbered).unwrap(), ["panic: x", "goroutine 1 [running]:"]);
    }

    #[test]
    fn known_formats_inside_stay_for_the_next_layer() {
        let cri = "2026-11-23T04:16:32.171Z stderr F ";
        let lines = [format!("job-7 log: {cri}panic: x"), format!("job-7 log: {cri}goroutine 6 [running]:")];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(
            stripped(&lines).unwrap(),
            [format!("{cri}panic: x"), format!("{cri}goroutine 6 [running]:")]
        );
    }

    #[test]
    fn different_beginnings_prove_nothing() {
        assert!(stripped(&["a panic: x", "b goroutine 1 [running]:"]).is_none());
        assert!(stripped(&["panic: x", "goroutine 1 [running]:"]).is_none());
        assert!(stripped(&["// panic: x", "// goroutine 1 [running]:"]).is_none());
    }
}
