use std::io::{self, Read};

use lz4_flex::frame::FrameDecoder;

use super::input::Input;
use super::series::Member;

/// The older form, which `lz4 -l` and the Linux kernel write.
const LEGACY: &[u8] = b"\x02\x21\x4c\x18";

pub(super) struct Lz4<'a> {
    frame: FrameDecoder<Input<'a>>,
    legacy: bool,
}

impl<'a> Member<'a> for Lz4<'a> {
    const CODEC: &'static str = "lz4";

    /// lz4_Frame_format.md 1.6.4, magic numbers.
    fn begins(bytes: &[u8]) -> bool {
        bytes.starts_with(b"\x04\x22\x4d\x18") || bytes.starts_with(LEGACY)
    }

    /// A block that is compressed, and two that are not (`lz4_flex`, frame::decompress);
    /// the size is in BD, blocks of the older form have 8 MiB (lz4_Frame_format.md 1.6.4).
    fn memory(beginning: &[u8]) -> u64 {
        let block = match beginning.get(5) {
            _ if beginning.starts_with(LEGACY) => 8 << 20,
            Some(descriptor) => 256u64 << (descriptor >> 3 & 14),
            None => 0,
        };
        block.saturating_mul(3).saturating_add(256 << 10)
    }

    fn open(mut input: Input<'a>) -> io::Result<Lz4<'a>> {
        let legacy = input.peek(LEGACY.len())? == LEGACY;
        Ok(Lz4 { frame: FrameDecoder::new(input), legacy })
    }

    fn rest(self) -> Input<'a> {
        self.frame.into_inner()
    }
}

impl Read for Lz4<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.frame.read(buffer)? {
            // `lz4_flex` takes the end of the data for the end of a frame, which only
            // the older form lacks.
            0 if !buffer.is_empty() && !self.legacy && self.frame.get_ref().wanted_more() => {
                Err(io::ErrorKind::UnexpectedEof.into())
            }
            read => Ok(read),
        }
    }
}
