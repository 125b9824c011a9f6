//! Logs of docker that are not text: the `local` driver, and the stream of its
//! API saved as it came.

use super::record::{Blocks, Record, Text};

/// moby daemon/logger/local: a length (4 bytes, big-endian), a protobuf
/// LogEntry, the same length again. LogEntry: 1 source, 2 time, 3 line, 4
/// partial, 5 metadata of a part {1 last}.
pub(super) fn local(bytes: &[u8]) -> Option<Blocks> {
    let mut at = 0usize;
    let mut out = Vec::new();
    while let Some(length) = length_at(bytes, at) {
        let start = at.saturating_add(4);
        let end = start.saturating_add(length);
        if length_at(bytes, end) != Some(length) {
            break;
        }
        let Some(record) = entry(bytes.get(start..end)?, start) else { break };
        out.push((at..end.saturating_add(4), record));
        at = end.saturating_add(4);
    }
    (!out.is_empty()).then_some(out)
}

pub(super) fn begins_local(bytes: &[u8]) -> bool {
    length_at(bytes, 0).is_some_and(|length| length < 1 << 20)
        && bytes.get(4..).is_some_and(|b| b.starts_with(b"\x0a\x06std"))
}

/// The header of a frame.
pub(super) fn begins_api(bytes: &[u8]) -> bool {
    matches!(bytes, [1..=2, 0, 0, 0, 0, _, _, _, ..])
}

fn length_at(bytes: &[u8], at: usize) -> Option<usize> {
    let length = bytes.get(at..at.saturating_add(4))?.try_into().ok().map(u32::from_be_bytes)?;
    usize::try_from(length).ok()
}

fn entry(message: &[u8], base: usize) -> Option<Record> {
    let mut record = Record::of(Text::Own(Vec::new()));
    let mut at = 0usize;
    let mut source = false;
    while at < message.len() {
        let (tag, next) = varint(message, at)?;
        if tag & 7 == 2 {
            let (length, start) = varint(message, next)?;
            let end = start.checked_add(usize::try_from(length).ok()?)?;
            let field = message.get(start..end)?;
            match tag >> 3 {
                1 if matches!(field, b"stdout" | b"stderr") => {
                    source = true;
                    record.identity.push(("stream", String::from_utf8_lossy(field).into_owned()));
                }
                3 => record.text = Text::Part(start.checked_add(base)?..end.checked_add(base)?),
                // The last part ends its line.
                5 => record.newline = field.starts_with(&[8, 1]),
                _ => {}
            }
            at = end;
        } else {
            let (value, end) = varint(message, next)?;
            match tag >> 3 {
                2 => record.stamp = Some(Text::Own(value.to_string().into_bytes())),
                4 if value != 0 => record.newline = false,
                _ => {}
            }
            at = end;
        }
    }
    // Part(range) counts in the document; the sorter wants it in the record.
    if let Text::Part(range) = &record.text {
        let cut = base.checked_sub(4)?;
        record.text = Text::Part(range.start.checked_sub(cut)?..range.end.checked_sub(cut)?);
    }
    source.then_some(record)
}

fn varint(bytes: &[u8], mut at: usize) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.get(at)?;
        at = at.checked_add(1)?;
        value |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some((value, at));
        }
    }
    None
}

/// Docker Engine API, "Stream format": 1 stdout or 2 stderr, three zeros, a
/// length (big-endian), the bytes, which may end anywhere. With `timestamps=1`
/// each begins with a stamp: another layer.
pub(super) fn api(bytes: &[u8]) -> Option<Blocks> {
    let mut at = 0usize;
    let mut out = Vec::new();
    while let Some(&[stream @ 1..=2, 0, 0, 0]) = bytes.get(at..at.saturating_add(4)) {
        let Some(length) = length_at(bytes, at.saturating_add(4)).filter(|length| *length > 0) else { break };
        let start = at.saturating_add(8);
        let Some(rest) = bytes.get(start..).filter(|rest| !rest.is_empty()) else { break };
        // The last frame may be cut; the first tells by its length what this is.
        if out.is_empty() && length > rest.len() {
            break;
        }
        let text = rest.get(..length.min(rest.len()))?;
        let ended = text.strip_suffix(b"\n");
        let body = ended.unwrap_or(text);
        let mut record = Record::of(Text::Part(8..body.len().saturating_add(8)));
        record.newline = ended.is_some();
        let name = if stream == 2 { "stderr" } else { "stdout" };
        record.identity.push(("stream", name.to_owned()));
        let end = start.saturating_add(text.len());
        out.push((at..end, record));
        at = end;
    }
    // One frame that does not end where the file ends proves nothing.
    let whole = at == bytes.len() && out.iter().all(|(range, _)| range.len() > 8);
    (out.len() >= 2 || (out.len() == 1 && whole)).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_frames() {
        let message = b"\x0a\x06stderr\x10\x05\x1a\x08panic: x";
        let mut bytes = Vec::new();
        for _ in 0..2 {
            bytes.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
            bytes.extend_from_slice(message);
            bytes.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
        }
        let records = local(&bytes).unwrap();
        let (range, record) = &records[1];
        let Text::Part(part) = &record.text else { unreachable!() };
        assert_eq!(&bytes[range.clone()][part.clone()], b"panic: x");
        assert!(local(b"panic: x\n\ngoroutine 1 [running]:\n").is_none());
    }

    #[test]
    fn api_frames() {
        let bytes = b"\x02\0\0\0\0\0\0\x04pan\n\x01\0\0\0\0\0\0\x02ok";
        let records = api(bytes).unwrap();
        assert_eq!(records.len(), 2);
        assert!(records[0].1.newline && !records[1].1.newline);
        assert!(api(b"\x02\0\0\0 text that is something else altogether").is_none());
    }
}
