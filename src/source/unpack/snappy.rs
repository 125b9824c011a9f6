use std::io::{self, Read};

use snap::read::FrameDecoder;

use super::input::Input;
use super::series::Member;

/// Streams one behind the other are one stream to the format (framing_format.txt, 4.1).
pub(super) struct Snappy<'a>(FrameDecoder<Input<'a>>);

impl<'a> Member<'a> for Snappy<'a> {
    const CODEC: &'static str = "snappy";

    /// Stream identifier (framing_format.txt, 4.1).
    fn begins(bytes: &[u8]) -> bool {
        bytes.starts_with(b"\xff\x06\0\0sNaPpY")
    }

    /// A block of 64 KiB, compressed and not (framing_format.txt, 4.2).
    fn memory(_: &[u8]) -> u64 {
        256 << 10
    }

    fn open(input: Input<'a>) -> io::Result<Snappy<'a>> {
        Ok(Snappy(FrameDecoder::new(input)))
    }

    fn rest(self) -> Input<'a> {
        self.0.into_inner()
    }
}

impl Read for Snappy<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}
