//! A log as it comes: read in pieces, decompressed on the way, never held as a
//! whole.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};

use super::magic::BEGINNING;
use super::unpack::{self, Allowance, Decoder};
use super::{Limits, Origin, archive, member};
use crate::error::{Error, Result};

/// Bytes that are read at a time.
const PIECE: usize = 256 << 10;

/// Files that hold text, and are none: what they are instead, and what to do.
const NO_LOGS: &[(&[u8], &str)] = &[
    (b"\x7fELF", "an executable or a core dump, not a log: give an executable with -b, beside the log"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive, which is not read: unpack it with 7z"),
    (b"LPKS", "a binary journal of systemd: `journalctl --file FILE -o export -a | panicmap` reads it"),
];

/// An open log.
pub struct Log {
    pub origin: Origin,
    /// Names of the codecs that were taken off, outermost first.
    pub unpacked: Vec<&'static str>,
    /// Set when the input ended early or was cut by a limit.
    pub cut: Option<String>,
    reader: Decoder<'static>,
    read: u64,
    limit: u64,
}

impl Log {
    /// Opens a file, or a member of an archive (`bundle.tgz!app.log`); `-` is standard
    /// input.
    ///
    /// # Errors
    /// `Io` when the file cannot be opened or its beginning cannot be read,
    /// `Unrecognised` when it is an archive, an executable or a binary journal, or
    /// when an archive has no such member, `Limit` when there are more layers of
    /// compression than allowed.
    pub fn open(path: &str, limits: Limits) -> Result<Log> {
        if member::split(path).1.is_some() {
            let stored = super::stored(path, limits)?;
            let mut log = Log::new(stored.origin, Box::new(Cursor::new(stored.bytes.to_vec())), limits)?;
            log.cut = stored.cut;
            return Ok(log);
        }
        let origin = Origin::new(path);
        let reader: Decoder<'static> = if path == "-" {
            Box::new(io::stdin())
        } else {
            let file = File::open(path).map_err(|cause| Error::io(&origin, cause))?;
            let is_folder = file.metadata().is_ok_and(|metadata| metadata.is_dir());
            if is_folder {
                return Err(Error::io(&origin, io::ErrorKind::IsADirectory.into()));
            }
            Box::new(file)
        };
        Log::new(origin, reader, limits)
    }

    /// A log from any reader.
    ///
    /// # Errors
    /// As [`Log::open`].
    pub fn new(origin: Origin, mut reader: Decoder<'static>, limits: Limits) -> Result<Log> {
        let mut unpacked = Vec::new();
        let allowance = Allowance::default();
        loop {
            let (beginning, rest) = peek(reader).map_err(|cause| Error::io(&origin, cause))?;
            let codec = unpack::sniff(&beginning);
            let first = beginning.clone();
            reader = Box::new(Cursor::new(beginning).chain(rest));
            let Some(codec) = codec else {
                if let Some((_, what)) = NO_LOGS.iter().find(|(magic, _)| first.starts_with(magic)) {
                    return Err(Error::Unrecognised { origin, what: (*what).to_owned() });
                }
                if let Some(format) = archive::sniff(&first) {
                    let what = format!(
                        "a {} archive, not a log: `panicmap scan` reads all in it; or name one, as `{origin}!app.log`",
                        format.name
                    );
                    return Err(Error::Unrecognised { origin, what });
                }
                break;
            };
            if unpacked.len() >= limits.layers {
                let what =
                    format!("more than {} layers of compression (the next is {})", limits.layers, codec.name);
                return Err(Error::Limit { origin, what });
            }
            unpacked.push(codec.name);
            reader = (codec.decode)(Box::new(BufReader::with_capacity(PIECE, reader)), &allowance);
        }
        // Only what expands can be more than it seems.
        let limit = if unpacked.is_empty() { u64::MAX } else { limits.streamed_bytes };
        Ok(Log { origin, unpacked, cut: None, reader, read: 0, limit })
    }

    /// The next piece, into the front of `buffer`; nothing at the end. What goes
    /// wrong on the way ends the log, and is told in `cut`.
    pub fn next<'b>(&mut self, buffer: &'b mut Vec<u8>) -> &'b [u8] {
        buffer.resize(PIECE, 0);
        let read = loop {
            match self.reader.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(read) => break read,
                Err(error) => {
                    let read = self.read;
                    self.cut = Some(format!("{error}; the {read} bytes before that are used"));
                    break 0;
                }
            }
        };
        self.read = self.read.saturating_add(read as u64);
        if self.read > self.limit && self.cut.is_none() {
            self.cut = Some(format!("only the first {} bytes were read", self.limit));
            return &[];
        }
        buffer.get(..read).unwrap_or_default()
    }
}

/// The first bytes of a reader, and the rest of it. Where they come slowly, as from
/// a log that is still written, as many as tell a codec are waited for.
fn peek(mut reader: Decoder<'static>) -> io::Result<(Vec<u8>, Decoder<'static>)> {
    let mut beginning = vec![0; BEGINNING];
    let mut filled = 0usize;
    let mut ended = None;
    while filled < unpack::BEGINNING {
        match reader.read(beginning.get_mut(filled..).unwrap_or_default()) {
            Ok(0) => break,
            Ok(read) => filled = filled.saturating_add(read),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // A codec that gives nothing at all: the caller says so.
            Err(error) if filled == 0 => return Err(error),
            Err(error) => {
                ended = Some(error);
                break;
            }
        }
    }
    beginning.truncate(filled);
    Ok((beginning, Box::new(Failing(ended).chain(reader))))
}

/// The error that a reader has ended with.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn all(bytes: Vec<u8>, limits: Limits) -> (Vec<u8>, Log) {
        let mut log = Log::new(Origin::new("log"), Box::new(Cursor::new(bytes)), limits).unwrap();
        let (mut text, mut buffer) = (Vec::new(), Vec::new());
        loop {
            let piece = log.next(&mut buffer);
            if piece.is_empty() {
                break;
            }
            text.extend_from_slice(piece);
        }
        (text, log)
    }

    #[test]
    fn layers_come_off_on_the_way() {
        let text = b"goroutine 1 [running]:\n".repeat(50_000);
        let zstd = zstd::encode_all(&text[..], 1).unwrap();
        let (read, log) = all(gzip(&zstd), Limits::default());
        assert_eq!((read, log.unpacked, log.cut), (text.clone(), vec!["gzip", "zstd"], None));
        assert_eq!(all(text.clone(), Limits::default()).0, text);
        assert_eq!(all(Vec::new(), Limits::default()).0, b"");
    }

    #[test]
    fn what_is_no_log_is_refused() {
        let open =
            |bytes: Vec<u8>| Log::new(Origin::new("log"), Box::new(Cursor::new(bytes)), Limits::default());
        for bytes in [b"\x7fELF\x02".to_vec(), gzip(b"\x7fELF\x02"), b"LPKSHHRH".to_vec()] {
            assert!(matches!(open(bytes), Err(Error::Unrecognised { .. })));
        }
        assert!(open(b"panic: x\n".to_vec()).is_ok());
    }

    #[test]
    fn ends_are_told() {
        let whole = gzip(&(0..200_000u32).flat_map(u32::to_le_bytes).collect::<Vec<u8>>());
        let (text, log) = all(whole[..whole.len() - 9].to_vec(), Limits::default());
        assert!(!text.is_empty() && log.cut.unwrap().contains("gzip data end early"));
        let (text, log) = all(whole, Limits { streamed_bytes: 1000, ..Limits::default() });
        assert!(text.len() <= 1000);
        assert_eq!(log.cut.unwrap(), "only the first 1000 bytes were read");
    }
}
