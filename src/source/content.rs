//! Contents on their way out of archives and compression: at hand, or read as
//! they come, and metered, since what is packed may be more than it seems.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufReader, Cursor, Read};

use super::Limits;
use super::magic::BEGINNING;
use super::unpack::{self, Allowance, Held};

pub(crate) enum Content<'a> {
    Slice(&'a [u8]),
    Stream(Box<dyn Read + 'a>),
}

/// Counts what all decoders of one input give, nested ones included.
pub(crate) struct Meter {
    pub(super) limits: Limits,
    pub(super) allowance: Allowance,
    left: Cell<u64>,
}

impl Meter {
    pub(crate) fn new(limits: Limits) -> Meter {
        Meter::sharing(limits, Allowance::default())
    }

    /// Of an archive whose decoders may hold only so much together with others.
    pub(super) fn sharing(limits: Limits, allowance: Allowance) -> Meter {
        Meter { limits, allowance, left: Cell::new(limits.archive_bytes) }
    }

    pub(crate) fn exhausted(&self) -> bool {
        self.left.get() == 0
    }

    pub(super) fn stream<'a>(&'a self, reader: impl Read + 'a) -> Content<'a> {
        Content::Stream(Box::new(Metered { reader, meter: self, _held: None }))
    }

    /// The same, of a decoder that holds so much.
    pub(super) fn holding<'a>(&'a self, reader: impl Read + 'a, held: Held) -> Content<'a> {
        Content::Stream(Box::new(Metered { reader, meter: self, _held: Some(held) }))
    }
}

struct Metered<'a, R> {
    reader: R,
    meter: &'a Meter,
    _held: Option<Held>,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        let left = self.meter.left.get().saturating_sub(read as u64);
        self.meter.left.set(left);
        if left == 0 {
            let limit = self.meter.limits.archive_bytes;
            return Err(io::Error::other(format!("more than {limit} bytes after decompression")));
        }
        Ok(read)
    }
}

/// A content without its compression.
pub(super) struct Peeled<'a> {
    pub(super) content: Content<'a>,
    pub(super) beginning: Vec<u8>,
    /// Names of the codecs that were taken off, outermost first.
    pub(super) unpacked: Vec<&'static str>,
}

impl<'a> Content<'a> {
    /// Takes compression off.
    ///
    /// # Errors
    /// Why it cannot, in words.
    pub(super) fn peel(self, meter: &'a Meter) -> Result<Peeled<'a>, String> {
        let mut content = self;
        let mut unpacked: Vec<&'static str> = Vec::new();
        loop {
            let (beginning, whole) = content.peek().map_err(|error| match unpacked.last() {
                Some(codec) => format!("looks like {codec} but cannot be decompressed: {error}"),
                None => error.to_string(),
            })?;
            let Some(codec) = unpack::sniff(&beginning) else {
                return Ok(Peeled { content: whole, beginning, unpacked });
            };
            if unpacked.len() >= meter.limits.layers {
                let layers = meter.limits.layers;
                return Err(format!("more than {layers} layers of compression (the next is {})", codec.name));
            }
            unpacked.push(codec.name);
            content = match whole {
                Content::Slice(bytes) => meter.stream((codec.decode)(Box::new(bytes), &meter.allowance)),
                // Decoders go from thread to thread, which what they read here cannot.
                stream @ Content::Stream(_) => {
                    let (bytes, _) = stream.read(meter.limits.expanded_bytes);
                    let bytes = Box::new(BufReader::new(Cursor::new(bytes)));
                    meter.stream((codec.decode)(bytes, &meter.allowance))
                }
            };
        }
    }

    fn peek(self) -> io::Result<(Vec<u8>, Content<'a>)> {
        match self {
            Content::Slice(bytes) => {
                let beginning = bytes.get(..BEGINNING).unwrap_or(bytes).to_vec();
                Ok((beginning, Content::Slice(bytes)))
            }
            Content::Stream(mut reader) => {
                let mut beginning = Vec::new();
                reader.by_ref().take(BEGINNING as u64).read_to_end(&mut beginning)?;
                let whole = Cursor::new(beginning.clone()).chain(reader);
                Ok((beginning, Content::Stream(Box::new(whole))))
            }
        }
    }

    /// All of it, up to a limit, and why that is not all.
    pub(crate) fn read(self, limit: u64) -> (Vec<u8>, Option<Ended>) {
        let mut bytes = Vec::new();
        let result = match self {
            Content::Slice(slice) => slice.take(limit.saturating_add(1)).read_to_end(&mut bytes),
            Content::Stream(reader) => reader.take(limit.saturating_add(1)).read_to_end(&mut bytes),
        };
        let ended = match result {
            Ok(_) => super::cut_at(&mut bytes, limit).map(Ended::AtLimit),
            Err(error) => {
                Some(Ended::Damaged(format!("read no further than {} bytes: {error}", bytes.len())))
            }
        };
        (bytes, ended)
    }
}

pub(crate) enum Ended {
    AtLimit(String),
    Damaged(String),
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ended::AtLimit(what) | Ended::Damaged(what) => f.write_str(what),
        }
    }
}
