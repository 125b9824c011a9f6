//! The table of compression codecs. A new one is a row here.

use std::io::{self, BufRead, Read};

pub(super) type Encoded<'a> = Box<dyn BufRead + Send + 'a>;
pub(super) type Decoder<'a> = Box<dyn Read + Send + 'a>;

pub(super) struct Codec {
    pub(super) name: &'static str,
    magic: &'static [u8],
    pub(super) decode: for<'a> fn(Encoded<'a>) -> Decoder<'a>,
}

const CODECS: &[Codec] = &[
    Codec {
        name: "gzip",
        // ID1 ID2 and CM=8, the only method there is (RFC 1952, 2.3.1).
        magic: b"\x1f\x8b\x08",
        decode: |bytes| Box::new(flate2::bufread::MultiGzDecoder::new(bytes)),
    },
    Codec {
        name: "zstd",
        // Magic number of a Zstandard frame (RFC 8878, 3.1.1).
        magic: b"\x28\xb5\x2f\xfd",
        decode: |bytes| Box::new(ZstdFrames { state: Zstd::Between(bytes) }),
    },
    Codec {
        name: "xz",
        // Header magic bytes (the .xz file format 1.2.1, 2.1.1.1).
        magic: b"\xfd7zXZ\0",
        decode: |bytes| Box::new(XzStreams(lzma_rust2::XzReader::new_mem_limit(bytes, true, XZ_KIB))),
    },
    Codec {
        name: "lz4",
        // Magic number of a frame (LZ4 Frame Format 1.6.4); what systemd-coredump
        // may write.
        magic: b"\x04\x22\x4d\x18",
        decode: |bytes| Box::new(lz4_flex::frame::FrameDecoder::new(bytes)),
    },
];

/// What a stream of xz may ask for to be decoded, in KiB. Its largest preset
/// (-9) needs 65 MiB, and a header can ask for 4 GiB.
const XZ_KIB: u32 = 256 << 10;

pub(super) fn sniff(bytes: &[u8]) -> Option<&'static Codec> {
    CODECS.iter().find(|codec| bytes.starts_with(codec.magic))
}

/// Decompresses until the end, an error or the limit; what came out before an
/// error is kept, and the reason of the early end stands beside it.
pub(super) fn expand(codec: &Codec, bytes: &[u8], limit: u64) -> (Vec<u8>, Option<String>) {
    let mut out = Vec::new();
    let mut decoder = (codec.decode)(Box::new(bytes)).take(limit.saturating_add(1));
    let ended = match decoder.read_to_end(&mut out) {
        Ok(_) => super::cut_at(&mut out, limit),
        Err(error) => Some(format!("{} data end early after {} bytes: {error}", codec.name, out.len())),
    };
    (out, ended)
}

/// `ruzstd` reads one frame; a file may hold several, one after the other
/// (RFC 8878, 3: "a stream of frames"), and skippable frames between them.
struct ZstdFrames<'a> {
    state: Zstd<'a>,
}

type ZstdFrame<'a> = ruzstd::decoding::StreamingDecoder<Encoded<'a>, ruzstd::decoding::FrameDecoder>;

enum Zstd<'a> {
    Between(Encoded<'a>),
    Inside(Box<ZstdFrame<'a>>),
    Ended,
}

impl<'a> ZstdFrames<'a> {
    /// Goes to the next frame with data, over skippable ones.
    fn next_frame(mut rest: Encoded<'a>) -> io::Result<Zstd<'a>> {
        loop {
            let mut magic = [0; 4];
            let mut filled = 0usize;
            while let Some(space) = magic.get_mut(filled..).filter(|space| !space.is_empty()) {
                match rest.read(space)? {
                    0 => break,
                    read => filled = filled.saturating_add(read),
                }
            }
            match (filled, magic) {
                (0, _) => return Ok(Zstd::Ended),
                // Skippable frame: 0x184D2A5? then a 32-bit little-endian size.
                (4, [m, 0x2a, 0x4d, 0x18]) if m & 0xf0 == 0x50 => {
                    let mut size = [0; 4];
                    rest.read_exact(&mut size)?;
                    io::copy(&mut (&mut rest).take(u64::from(u32::from_le_bytes(size))), &mut io::sink())?;
                }
                _ => {
                    let head = io::Cursor::new(magic.get(..filled).unwrap_or_default().to_vec());
                    let whole: Encoded<'a> = Box::new(head.chain(rest));
                    let frame = ZstdFrame::new(whole)
                        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?;
                    return Ok(Zstd::Inside(Box::new(frame)));
                }
            }
        }
    }
}

impl Read for ZstdFrames<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(&mut self.state, Zstd::Ended) {
                Zstd::Ended => return Ok(0),
                Zstd::Between(rest) => self.state = ZstdFrames::next_frame(rest)?,
                Zstd::Inside(mut frame) => {
                    let read = frame.read(buffer)?;
                    if read > 0 || buffer.is_empty() {
                        self.state = Zstd::Inside(frame);
                        return Ok(read);
                    }
                    self.state = Zstd::Between(frame.into_inner());
                }
            }
        }
    }
}

struct XzStreams<'a>(lzma_rust2::XzReader<Encoded<'a>>);

impl Read for XzStreams<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::OutOfMemory => io::Error::other(format!(
                "its dictionary needs more memory than the {} MiB that are allowed",
                XZ_KIB >> 10
            )),
            _ => error,
        })
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
