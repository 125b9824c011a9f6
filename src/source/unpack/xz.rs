use std::io::{self, Read};

use lzma_rust2::XzReader;

use super::input::Input;
use super::series::Member;

/// What a stream may ask for to be decoded, in KiB. The largest preset (-9) needs
/// 65 MiB, and a header can ask for 4 GiB.
pub(in crate::source) const KIB: u32 = 128 << 10;

pub(super) struct Xz<'a>(XzReader<Input<'a>>);

impl<'a> Member<'a> for Xz<'a> {
    const CODEC: &'static str = "xz";

    /// Header magic bytes (the .xz file format 1.2.1, 2.1.1.1).
    fn begins(bytes: &[u8]) -> bool {
        bytes.starts_with(b"\xfd7zXZ\0")
    }

    fn open(input: Input<'a>) -> io::Result<Xz<'a>> {
        Ok(Xz(XzReader::new_mem_limit(input, false, KIB)))
    }

    fn rest(self) -> Input<'a> {
        self.0.into_inner()
    }
}

impl Read for Xz<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(too_much)
    }
}

pub(super) fn too_much(error: io::Error) -> io::Error {
    if error.kind() != io::ErrorKind::OutOfMemory {
        return error;
    }
    let what = format!("its dictionary needs more memory than the {} MiB that are allowed", KIB >> 10);
    io::Error::new(io::ErrorKind::OutOfMemory, what)
}
