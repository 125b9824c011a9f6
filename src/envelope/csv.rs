//! CSV: exports of stores and of spreadsheets.

use super::Shape;
use super::record::{Blocks, Record, Text};

/// Cells of CSV: quoted, with real newlines inside. Only cells with a trace of
/// several lines are taken; one line a cell reads as it stands.
pub(super) fn cells(text: &[u8]) -> Blocks {
    let mut out = Vec::new();
    let mut at = 0usize;
    while let Some(open) = text.get(at..).and_then(|rest| memchr::memchr(b'"', rest)) {
        let start = at.saturating_add(open).saturating_add(1);
        let mut cell = Vec::new();
        let mut end = start;
        loop {
            let Some(quote) = text.get(end..).and_then(|rest| memchr::memchr(b'"', rest)) else { return out };
            let stop = end.saturating_add(quote);
            cell.extend_from_slice(text.get(end..stop).unwrap_or_default());
            end = stop.saturating_add(1);
            if text.get(end) != Some(&b'"') {
                break;
            }
            cell.push(b'"');
            end = end.saturating_add(1);
        }
        let before = start.checked_sub(2).and_then(|i| text.get(i));
        let tells = || cell.split(|b| *b == b'\n').filter(|line| Shape::of(line).tells()).count();
        if matches!(before, None | Some(b',' | b'\n' | b';')) && tells() >= 2 {
            out.push((start..end, Record::of(Text::Own(cell))));
        }
        at = end;
    }
    out
}

/// A row with one line of a log: the cell that looks like a line of a crash, or
/// the last.
pub(super) fn row(line: &[u8], out: &mut Vec<Record>) -> bool {
    let fields = fields(line);
    let Some(last) = fields.last().filter(|_| fields.len() >= 2 && line.first() == Some(&b'"')) else {
        return false;
    };
    let tells = fields.iter().find(|field| Shape::of(field).tells());
    // Kibana writes `-` for an empty value.
    let text = match tells.unwrap_or(last).as_slice() {
        b"-" => Vec::new(),
        text => text.to_vec(),
    };
    out.push(Record::of(Text::Own(text)));
    true
}

/// The fields of a row that has no newline inside. A text that is not quoted may
/// hold commas: then it is the last field.
fn fields(line: &[u8]) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = line;
    while let Some(quoted) = rest.strip_prefix(b"\"") {
        let mut field = Vec::new();
        let mut inside = quoted;
        loop {
            let Some(quote) = memchr::memchr(b'"', inside) else { return out };
            field.extend_from_slice(inside.get(..quote).unwrap_or_default());
            inside = inside.get(quote.saturating_add(1)..).unwrap_or_default();
            let Some(after) = inside.strip_prefix(b"\"") else { break };
            field.push(b'"');
            inside = after;
        }
        out.push(field);
        match inside.strip_prefix(b",") {
            Some(after) => rest = after,
            None => return out,
        }
    }
    out.push(rest.to_vec());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells() {
        let text = b"time,msg\n1,\"panic: \"\"x\"\"\n\ngoroutine 1 [running]:\"\n2,\"ok\"\n";
        let cells = super::cells(text);
        assert_eq!(cells.len(), 1);
        assert_eq!(cells[0].1.text, Text::Own(b"panic: \"x\"\n\ngoroutine 1 [running]:".to_vec()));
    }

    #[test]
    fn rows() {
        let text = |line: &str| {
            let mut out = Vec::new();
            row(line.as_bytes(), &mut out);
            out.pop().map(|record| record.text)
        };
        let own = |text: &str| Some(Text::Own(text.as_bytes().to_vec()));
        assert_eq!(text("\"a\",\"b\",main.f(0x1, 0x2)"), own("main.f(0x1, 0x2)"));
        assert_eq!(text("\"a\",\"main.f(\"\"x\"\")\""), own("main.f(\"x\")"));
        assert_eq!(text("\"a\",-"), own(""));
        assert_eq!(text("a,b"), None);
    }
}
