use std::io::{self, Read};

use flate2::bufread::GzDecoder;

use super::input::Input;
use super::series::Member;

pub(super) struct Gzip<'a>(GzDecoder<Input<'a>>);

impl<'a> Member<'a> for Gzip<'a> {
    const CODEC: &'static str = "gzip";

    /// ID1 ID2 and CM=8, the only method there is (RFC 1952, 2.3.1).
    fn begins(bytes: &[u8]) -> bool {
        bytes.starts_with(b"\x1f\x8b\x08")
    }

    /// A window of 32 KiB and tables.
    fn memory(_: &[u8]) -> u64 {
        128 << 10
    }

    fn open(input: Input<'a>) -> io::Result<Gzip<'a>> {
        Ok(Gzip(GzDecoder::new(input)))
    }

    fn rest(self) -> Input<'a> {
        self.0.into_inner()
    }
}

impl Read for Gzip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}
