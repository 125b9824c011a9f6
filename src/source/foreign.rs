//! Files that are no text, and archives and compression that are not read. A new
//! one is a row here.

pub(super) struct Foreign {
    pub(super) what: &'static str,
    /// Where it may hold logs: how to get at them.
    pub(super) instead: Option<&'static str>,
    is: fn(&[u8], &str) -> bool,
}

const FOREIGN: &[Foreign] = &[
    Foreign {
        what: "a binary journal of systemd",
        instead: Some("`journalctl --file FILE -o export -a | panicmap` reads it"),
        is: |bytes, _| bytes.starts_with(b"LPKSHHRH"),
    },
    Foreign {
        what: "a 7z archive",
        instead: Some("unpack it with 7z"),
        is: |bytes, _| bytes.starts_with(b"7z\xbc\xaf\x27\x1c"),
    },
    Foreign {
        what: "a rar archive",
        instead: Some("unpack it with unrar"),
        is: |bytes, _| bytes.starts_with(b"Rar!\x1a\x07"),
    },
    Foreign {
        what: "a cpio archive",
        instead: Some("unpack it with cpio"),
        is: |bytes, _| bytes.starts_with(b"070707") || bytes.starts_with(b"07070") && digits(bytes),
    },
    Foreign {
        what: "data of compress",
        instead: Some("decompress it with uncompress"),
        is: |bytes, _| bytes.starts_with(b"\x1f\x9d"),
    },
    // Neither has a mark.
    Foreign {
        what: "brotli data by its name",
        instead: Some("decompress it with brotli"),
        is: |bytes, name| name.ends_with(".br") && is_binary(bytes),
    },
    Foreign {
        what: "lzma-alone data by its name",
        instead: Some("decompress it with xz --format=lzma"),
        is: |bytes, name| name.ends_with(".lzma") && is_binary(bytes),
    },
    Foreign {
        what: "an SQLite database",
        instead: None,
        is: |bytes, _| bytes.starts_with(b"SQLite format 3\0"),
    },
    Foreign {
        what: "a packet capture",
        instead: None,
        is: |bytes, _| {
            let marks: [&[u8]; 3] = [b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x0a\x0d\x0d\x0a"];
            marks.iter().any(|mark| bytes.starts_with(mark))
        },
    },
    Foreign { what: "a PNG image", instead: None, is: |bytes, _| bytes.starts_with(b"\x89PNG\r\n\x1a\n") },
    Foreign { what: "a PDF document", instead: None, is: |bytes, _| bytes.starts_with(b"%PDF-") },
];

/// The new ASCII format of cpio, with a checksum or without.
fn digits(bytes: &[u8]) -> bool {
    bytes.get(5).is_some_and(|kind| matches!(kind, b'1' | b'2'))
        && bytes.get(6..110).is_some_and(|header| header.iter().all(u8::is_ascii_hexdigit))
}

pub(super) fn sniff(beginning: &[u8], name: &str) -> Option<&'static Foreign> {
    FOREIGN.iter().find(|foreign| (foreign.is)(beginning, name))
}

/// More than one byte in ten is none that a text has. Holes of NUL, as truncated
/// logs have, say nothing.
pub fn is_binary(bytes: &[u8]) -> bool {
    let written = bytes.iter().filter(|byte| **byte != 0).count();
    let odd = bytes.iter().filter(|byte| matches!(byte, 1..=6 | 14..=26 | 28..=31 | 127)).count();
    let broken = bytes.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count();
    odd.saturating_add(broken).saturating_mul(10) > written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_none_of_these() {
        for text in
            [&b"BZh is a name\n"[..], b"070701 is a date\n", b"LZIP\n", b"\x00\x00\x00panic: x\n", b""]
        {
            assert!(sniff(text, "a.log").is_none() && !is_binary(text), "{text:?}");
        }
        assert!(!is_binary("2026 Größe 日本\n".as_bytes()));
        assert!(is_binary(b"\x80\x02\x7f\x01abc\x03"));
    }
}
