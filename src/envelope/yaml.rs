//! Double-quoted scalars of YAML: `kubectl get pod -o yaml` writes the message of
//! a container that ended so, folded at blanks.

use super::Shape;
use super::quoted;
use super::record::{Blocks, Record, Text};

/// Most bytes of one scalar (a message of Kubernetes has 4096 before escaping).
const LONGEST: usize = 256 << 10;

/// Scalars that hold a trace of several lines.
pub(super) fn scalars(text: &[u8]) -> Blocks {
    let mut out = Vec::new();
    let mut at = 0usize;
    while let Some(found) = text.get(at..).and_then(|rest| memchr::memmem::find(rest, b": \"")) {
        let start = at.saturating_add(found).saturating_add(3);
        let window = text.get(start..text.len().min(start.saturating_add(LONGEST))).unwrap_or_default();
        let end = closing(window);
        at = start;
        let Some(inner) = window.get(..end).filter(|inner| inner.contains(&b'\n')) else { continue };
        let unfolded = unfold(inner);
        let plain = quoted::unescape(&unfolded);
        let tells = plain.split(|b| *b == b'\n').filter(|line| Shape::of(line).tells()).count();
        at = start.saturating_add(end);
        if tells >= 2 {
            let plain = plain.strip_suffix(b"\n").unwrap_or(&plain);
            out.push((start..at, Record::of(Text::Own(plain.to_vec()))));
        }
    }
    out
}

fn closing(text: &[u8]) -> usize {
    let mut at = 0usize;
    while let Some(next) = text.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at = at.saturating_add(next);
        if text.get(at) == Some(&b'"') {
            return at;
        }
        at = at.saturating_add(2);
    }
    text.len()
}

/// A line break inside is one blank, with the blanks around it; behind a
/// backslash it is nothing, and `\ ` is a blank that folding does not take (YAML
/// 1.2, 7.3.1).
fn unfold(text: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    for (index, line) in text.split(|b| *b == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if index == 0 {
            out.extend_from_slice(line);
            continue;
        }
        let slashes = out.iter().rev().take_while(|b| **b == b'\\').count();
        if slashes % 2 == 1 {
            out.pop();
        } else {
            out.truncate(out.trim_ascii_end().len());
            out.push(b' ');
        }
        let line = line.trim_ascii_start();
        out.extend_from_slice(line.strip_prefix(b"\\ ").map_or(line, |_| line.get(1..).unwrap_or_default()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folded_message() {
        let text = b"    message: \"panic: x\\n\\ngoroutine\n      6 [running]:\\nmain.f(0x1)\\n\\t/a.go:3\\\n      \\ +0x1d\\n\"\n    exitCode: 2\n";
        let found = scalars(text);
        assert_eq!(found.len(), 1);
        let Text::Own(plain) = &found[0].1.text else { unreachable!() };
        assert_eq!(plain, b"panic: x\n\ngoroutine 6 [running]:\nmain.f(0x1)\n\t/a.go:3 +0x1d");
        assert!(scalars(b"a: \"b\"\nc: \"unclosed").is_empty());
    }
}
