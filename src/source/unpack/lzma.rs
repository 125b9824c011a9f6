//! What LZMA was stored in before xz: `.lzma`, and lzip's `.lz`.

use std::io::{self, Read};

use lzma_rust2::{LzipReader, LzmaReader};

use super::input::Input;
use super::series::Member;
use super::xz::{KIB, too_much};

pub(super) struct Lzma<'a>(LzmaReader<Input<'a>>);

impl<'a> Member<'a> for Lzma<'a> {
    const CODEC: &'static str = "lzma";

    /// There is no mark: properties, size of the dictionary, and a length of -1 or
    /// one that a file may have (lzma-file-format.txt of XZ Utils, 1.1). All
    /// encoders begin with 5D, which stands for lc=3 lp=0 pb=2.
    fn begins(bytes: &[u8]) -> bool {
        let [0x5d, dictionary @ ..] = bytes else { return false };
        let Some((dictionary, length)) = dictionary.split_first_chunk() else { return false };
        let dictionary = u32::from_le_bytes(*dictionary);
        let is_known = dictionary >= 4096 && dictionary.is_power_of_two();
        is_known
            && matches!(
                length,
                [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, ..] | [_, _, _, _, _, 0, 0, 0, ..]
            )
    }

    fn memory(beginning: &[u8]) -> u64 {
        let dictionary = beginning.get(1..).and_then(|bytes| bytes.first_chunk());
        dictionary.map_or(0, |bytes| u32::from_le_bytes(*bytes).into())
    }

    fn open(input: Input<'a>) -> io::Result<Lzma<'a>> {
        LzmaReader::new_mem_limit(input, KIB, None).map(Lzma).map_err(too_much)
    }

    fn rest(self) -> Input<'a> {
        let (mut input, unused) = self.0.into_parts();
        input.give_back(&unused);
        input
    }
}

impl Read for Lzma<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

/// Reads all members that follow each other.
pub(super) struct Lzip<'a>(LzipReader<Input<'a>>);

impl<'a> Member<'a> for Lzip<'a> {
    const CODEC: &'static str = "lzip";

    /// ID string and version (lzip's manual, File format).
    fn begins(bytes: &[u8]) -> bool {
        bytes.starts_with(b"LZIP\x01")
    }

    /// 2^n bytes of dictionary, less up to 7/16 of that.
    fn memory(beginning: &[u8]) -> u64 {
        beginning.get(5).map_or(0, |coded| 1u64 << (coded & 0x1f))
    }

    fn open(mut input: Input<'a>) -> io::Result<Lzip<'a>> {
        if Lzip::memory(input.peek(6)?) > u64::from(KIB) << 10 {
            return Err(too_much(io::ErrorKind::OutOfMemory.into()));
        }
        Ok(Lzip(LzipReader::new(input)))
    }

    fn rest(self) -> Input<'a> {
        let (mut input, unused) = self.0.into_parts();
        input.give_back(&unused);
        input
    }
}

impl Read for Lzip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}
