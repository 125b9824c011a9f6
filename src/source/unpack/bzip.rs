use std::io::{self, Read};

use bzip2::bufread::BzDecoder;

use super::input::Input;
use super::series::Member;

pub(super) struct Bzip2<'a>(BzDecoder<Input<'a>>);

impl<'a> Member<'a> for Bzip2<'a> {
    const CODEC: &'static str = "bzip2";

    /// The size of blocks, then the mark of a block, or of the end where there is
    /// none (BZ_HDR_*, compress.c of bzip2 1.0.8).
    fn begins(bytes: &[u8]) -> bool {
        matches!(bytes, [b'B', b'Z', b'h', b'1'..=b'9', block @ ..]
            if block.starts_with(b"\x31\x41\x59\x26\x53\x59") || block.starts_with(b"\x17\x72\x45\x38\x50\x90"))
    }

    /// A block of up to 900 kB, in numbers of four bytes (bzip2's manual, 2.4).
    fn memory(beginning: &[u8]) -> u64 {
        let level = beginning.get(3).map_or(9, |digit| digit.saturating_sub(b'0'));
        u64::from(level).saturating_mul(400_000).saturating_add(100_000)
    }

    fn open(input: Input<'a>) -> io::Result<Bzip2<'a>> {
        Ok(Bzip2(BzDecoder::new(input)))
    }

    fn rest(self) -> Input<'a> {
        self.0.into_inner()
    }
}

impl Read for Bzip2<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}
