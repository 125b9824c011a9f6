//! The table of compression codecs. A new one is a row here.

use std::io::{self, Read};

type Decoder<'a> = Box<dyn Read + 'a>;

pub(super) struct Codec {
    pub(super) name: &'static str,
    magic: &'static [u8],
    decode: for<'a> fn(&'a [u8]) -> io::Result<Decoder<'a>>,
}

const CODECS: &[Codec] = &[
    Codec {
        name: "gzip",
        // ID1 ID2 and CM=8, the only method there is (RFC 1952, 2.3.1).
        magic: b"\x1f\x8b\x08",
        decode: |bytes| Ok(Box::new(flate2::read::MultiGzDecoder::new(bytes))),
    },
    Codec {
        name: "zstd",
        // Magic number of a Zstandard frame (RFC 8878, 3.1.1).
        magic: b"\x28\xb5\x2f\xfd",
        decode: |bytes| Ok(Box::new(ZstdFrames { rest: bytes, frame: None })),
    },
];

pub(super) fn sniff(bytes: &[u8]) -> Option<&'static Codec> {
    CODECS.iter().find(|codec| bytes.starts_with(codec.magic))
}

/// Decompresses until the end, an error or the limit; what came out before an
/// error is kept, and the reason of the early end stands beside it.
pub(super) fn expand(codec: &Codec, bytes: &[u8], limit: u64) -> (Vec<u8>, Option<String>) {
    let mut out = Vec::new();
    let mut decoder = match (codec.decode)(bytes) {
        Ok(decoder) => decoder.take(limit.saturating_add(1)),
        Err(error) => return (out, Some(format!("{}: {error}", codec.name))),
    };
    let ended = match decoder.read_to_end(&mut out) {
        Ok(_) => super::cut_at(&mut out, limit),
        Err(error) => Some(format!("{} data end early after {} bytes: {error}", codec.name, out.len())),
    };
    (out, ended)
}

/// `ruzstd` reads one frame; a file may hold several, one after the other
/// (RFC 8878, 3: "a stream of frames"), and skippable frames between them.
struct ZstdFrames<'a> {
    rest: &'a [u8],
    frame: Option<ruzstd::decoding::StreamingDecoder<&'a [u8], ruzstd::decoding::FrameDecoder>>,
}

impl Read for ZstdFrames<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(frame) = &mut self.frame {
                let read = frame.read(buffer)?;
                if read > 0 || buffer.is_empty() {
                    return Ok(read);
                }
                self.rest = *frame.get_ref();
                self.frame = None;
            }
            match self.rest {
                [] => return Ok(0),
                // Skippable frame: 0x184D2A5? then a 32-bit little-endian size.
                [m, 0x2a, 0x4d, 0x18, a, b, c, d, ..] if m & 0xf0 == 0x50 => {
                    let size = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
                    self.rest = self.rest.get(8usize.saturating_add(size)..).unwrap_or_default();
                }
                [..] => {
                    let decoder = ruzstd::decoding::StreamingDecoder::new(self.rest)
                        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?;
                    self.frame = Some(decoder);
                }
            }
        }
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

    #[test]
    fn members_follow_each_other() {
        let mut two = gzip(b"panic: a\n");
        two.extend(gzip(b"panic: b\n"));
        let codec = sniff(&two).unwrap();
        assert_eq!(expand(codec, &two, 1000), (b"panic: a\npanic: b\n".to_vec(), None));
    }

    #[test]
    fn zstd_frames_follow_each_other() {
        let frame = ruzstd::encoding::compress_to_vec(
            &b"goroutine 1 [running]:\n"[..],
            ruzstd::encoding::CompressionLevel::Fastest,
        );
        let mut two = frame.clone();
        two.extend(b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc");
        two.extend(frame);
        let (text, ended) = expand(sniff(&two).unwrap(), &two, 1000);
        assert_eq!(text, b"goroutine 1 [running]:\ngoroutine 1 [running]:\n");
        assert_eq!(ended, None);
    }

    #[test]
    fn a_cut_file_gives_what_it_has() {
        let whole = gzip(&b"goroutine 1 [running]:\n".repeat(1000));
        let (text, ended) = expand(sniff(&whole).unwrap(), &whole[..whole.len() - 9], 1 << 20);
        assert!(text.starts_with(b"goroutine 1"));
        assert!(ended.unwrap().contains("end early"));
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let bomb = gzip(&vec![0; 1 << 20]);
        let (text, ended) = expand(sniff(&bomb).unwrap(), &bomb, 1000);
        assert_eq!(text.len(), 1000);
        assert_eq!(ended.unwrap(), "only the first 1000 bytes were read");
    }
}
