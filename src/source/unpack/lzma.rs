//! What LZMA was stored in before xz: `.lzma`, and lzip's `.lz`.

use std::io::{self, BufRead, Read};

use lzma_rust2::{Action, LzipStream, LzmaReader, Status};

use super::input::Input;
use super::series::Member;
use super::xz::TABLES;

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
        dictionary.map_or(0, |bytes| u64::from(u32::from_le_bytes(*bytes))).saturating_add(TABLES)
    }

    fn open(input: Input<'a>) -> io::Result<Lzma<'a>> {
        LzmaReader::new_mem_limit(input, u32::MAX, None).map(Lzma)
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

pub(super) struct Lzip<'a> {
    input: Input<'a>,
    stream: LzipStream,
}

impl<'a> Member<'a> for Lzip<'a> {
    const CODEC: &'static str = "lzip";

    /// ID string and version (lzip's manual, File format).
    fn begins(bytes: &[u8]) -> bool {
        bytes.starts_with(b"LZIP\x01")
    }

    /// 2^n bytes of dictionary, less up to 7/16 of that.
    fn memory(beginning: &[u8]) -> u64 {
        beginning.get(5).map_or(0, |coded| 1u64 << (coded & 0x1f)).saturating_add(TABLES)
    }

    fn open(input: Input<'a>) -> io::Result<Lzip<'a>> {
        Ok(Lzip { input, stream: LzipStream::new(false) })
    }

    fn rest(mut self) -> Input<'a> {
        self.input.give_back(self.stream.unused_input());
        self.input
    }
}

impl Read for Lzip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let bytes = self.input.fill_buf()?;
            let action = if bytes.is_empty() { Action::Finish } else { Action::Run };
            let done = self.stream.process(bytes, buffer, action)?;
            self.input.consume(done.bytes_consumed);
            if done.bytes_produced > 0 || done.status == Status::StreamEnd {
                return Ok(done.bytes_produced);
            }
            if action == Action::Finish && done.bytes_consumed == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}
