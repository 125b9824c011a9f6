//! journald's exact forms: export and verbose.

use std::ops::Range;

use super::record::{Blocks, Record, Text};
use super::stream::{Mark, Marks};

/// Fields that say who wrote a message, the most telling of each kind first.
const FIELDS: &[(&[u8], &str)] = &[
    (b"CONTAINER_NAME", "container"),
    (b"CONTAINER_ID", "container"),
    (b"_HOSTNAME", "host"),
    (b"_SYSTEMD_UNIT", "unit"),
    (b"SYSLOG_IDENTIFIER", "tag"),
    (b"_PID", "pid"),
    (b"SYSLOG_PID", "pid"),
];

#[derive(Default)]
struct Entry {
    start: usize,
    message: Option<Text>,
    fields: Vec<(&'static str, String)>,
    stamp: Option<Vec<u8>>,
    partial: bool,
    arrived: bool,
}

impl Entry {
    fn field(&mut self, name: &[u8], value: Text, bytes: &[u8]) {
        match name {
            b"MESSAGE" => self.message = Some(value),
            b"__REALTIME_TIMESTAMP" => {
                self.stamp = Some(bytes.to_vec());
                self.arrived = true;
            }
            b"_SOURCE_REALTIME_TIMESTAMP" if self.stamp.is_none() => self.stamp = Some(bytes.to_vec()),
            // systemd src/journal/journald-stream.c: the line was longer than LineMax.
            b"_LINE_BREAK" => self.partial |= bytes == b"line-max",
            b"CONTAINER_PARTIAL_MESSAGE" => self.partial |= bytes == b"true",
            _ => {
                let Some((_, key)) = FIELDS.iter().find(|(known, _)| *known == name) else { return };
                if !self.fields.iter().any(|(known, _)| known == key) {
                    self.fields.push((key, String::from_utf8_lossy(bytes).into_owned()));
                }
            }
        }
    }

    fn end(&mut self, at: usize, out: &mut Blocks) {
        let entry = std::mem::replace(self, Entry { start: at, ..Entry::default() });
        if !entry.arrived && entry.fields.is_empty() {
            return;
        }
        let Some(message) = entry.message else { return };
        let mut record = Record::of(message);
        record.newline = !entry.partial;
        record.identity = entry.fields;
        record.stamp = entry.stamp.map(Text::Own);
        out.push((entry.start..at, record));
    }
}

fn value_at(text: &[u8], at: usize) -> Option<Range<usize>> {
    let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
    Some(at..at.saturating_add(memchr::memchr(b'\n', rest).unwrap_or(rest.len())))
}

/// `FIELD=value` lines, an empty line between records. A field with control
/// bytes is its name alone, then a length in 8 bytes (little-endian), the bytes
/// and a newline (systemd docs, "Journal Export Format").
pub(super) fn export(text: &[u8]) -> Blocks {
    let mut out = Vec::new();
    let mut entry = Entry::default();
    let mut at = 0usize;
    while let Some(line) = value_at(text, at) {
        let bytes = text.get(line.clone()).unwrap_or_default();
        let after = line.end.saturating_add(1);
        at = after;
        if bytes.is_empty() {
            entry.end(line.start, &mut out);
            entry.start = after;
            continue;
        }
        let named = |name: &[u8]| {
            !name.is_empty()
                && name.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
        };
        match memchr::memchr(b'=', bytes) {
            Some(equals) if named(bytes.get(..equals).unwrap_or_default()) => {
                let value = line.start.saturating_add(equals).saturating_add(1)..line.end;
                let inner = text.get(value.clone()).unwrap_or_default();
                entry.field(bytes.get(..equals).unwrap_or_default(), Text::Part(value), inner);
            }
            _ if named(bytes) => {
                let size = text.get(after..after.saturating_add(8)).and_then(|b| b.try_into().ok());
                let Some(size) = size.map(u64::from_le_bytes).and_then(|size| usize::try_from(size).ok())
                else {
                    break;
                };
                let start = after.saturating_add(8);
                let end = start.saturating_add(size);
                let Some(inner) = text.get(start..end) else { continue };
                entry.field(bytes, Text::Own(inner.to_vec()), inner);
                at = end.saturating_add(1);
            }
            _ => {}
        }
    }
    entry.end(text.len(), &mut out);
    out
}

/// A line with date and cursor, then `FIELD=value` behind four blanks.
pub(super) fn verbose(text: &[u8]) -> Blocks {
    let mut out = Vec::new();
    let mut entry = Entry::default();
    let mut at = 0usize;
    let mut inside = false;
    while let Some(line) = value_at(text, at) {
        let bytes = text.get(line.clone()).unwrap_or_default();
        at = line.end.saturating_add(1);
        // Further lines of a text stand under its first.
        if let (Some(more), Some(message)) = (bytes.strip_prefix(b"            "), entry.message.as_mut()) {
            let mut whole = match message {
                Text::Part(range) => text.get(range.clone()).unwrap_or_default().to_vec(),
                Text::Own(own) => std::mem::take(own),
            };
            whole.push(b'\n');
            whole.extend_from_slice(more);
            *message = Text::Own(whole);
            continue;
        }
        let Some(field) = bytes.strip_prefix(b"    ") else {
            let cursor = memchr::memmem::find(bytes, b" [s=");
            if inside {
                entry.end(line.start, &mut out);
            }
            inside = cursor.is_some();
            entry = Entry { start: line.start, arrived: inside, ..Entry::default() };
            entry.stamp = cursor.and_then(|cursor| bytes.get(..cursor)).map(<[u8]>::to_vec);
            continue;
        };
        let Some(equals) = memchr::memchr(b'=', field).filter(|_| inside) else { continue };
        let value = line.start.saturating_add(5).saturating_add(equals)..line.end;
        let inner = text.get(value.clone()).unwrap_or_default();
        // `[10B blob data]` stands for bytes that are not text.
        let blob = inner.starts_with(b"[") && inner.ends_with(b" blob data]");
        entry.field(field.get(..equals).unwrap_or_default(), Text::Part(value), inner);
        if blob && let Some((_, record)) = out.last_mut() {
            record.marks = record.marks.with(Marks::of(Mark::BlobLost));
        }
    }
    if inside {
        entry.end(text.len(), &mut out);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &[u8], records: &[(Range<usize>, Record)]) -> Vec<String> {
        let of = |record: &Record| match &record.text {
            Text::Part(range) => String::from_utf8_lossy(&text[range.clone()]).into_owned(),
            Text::Own(own) => String::from_utf8_lossy(own).into_owned(),
        };
        records.iter().map(|(_, record)| of(record)).collect()
    }

    #[test]
    fn export_with_a_binary_field() {
        let mut text = b"__REALTIME_TIMESTAMP=1795407392171922\n_PID=7\nMESSAGE=panic: x\n\n".to_vec();
        text.extend_from_slice(b"__REALTIME_TIMESTAMP=1795407392171923\n_PID=7\nMESSAGE\n");
        text.extend_from_slice(&5u64.to_le_bytes());
        text.extend_from_slice(b"\ta\n\xff!\n_HOSTNAME=h\n\n");
        let records = export(&text);
        assert_eq!(texts(&text, &records), ["panic: x", "\ta\n\u{fffd}!"]);
        assert_eq!(records[1].1.identity, [("pid", "7".to_owned()), ("host", "h".to_owned())]);
        assert!(export(b"A=1\nB=2\n").is_empty());
        // A length that lies ends nothing.
        export(b"MESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xff");
    }

    #[test]
    fn verbose_records() {
        let text = b"Mon 2026-11-23 04:16:32.171922 UTC [s=a;i=1]\n    _PID=7\n    MESSAGE=panic: x\nMon 2026-11-23 04:16:32.171923 UTC [s=a;i=2]\n    MESSAGE=y\n";
        assert_eq!(texts(text, &verbose(text)), ["panic: x", "y"]);
    }
}
