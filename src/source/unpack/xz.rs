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

    fn memory(beginning: &[u8]) -> u64 {
        dictionary(beginning).unwrap_or(0)
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

/// The dictionary of the first block, by its header (the .xz file format 1.2.1, 3.1
/// and 5.3.1).
fn dictionary(bytes: &[u8]) -> Option<u64> {
    let [flags, fields @ ..] = bytes.get(13..)? else { return None };
    let mut fields = fields.iter().copied();
    // Sizes, in groups of seven bits.
    for _ in 0..(flags >> 6).count_ones() {
        fields.by_ref().find(|byte| byte & 0x80 == 0)?;
    }
    for _ in 0..=flags & 3 {
        let (filter, properties) = (fields.next()?, fields.next()?);
        let property = if properties > 0 { fields.by_ref().take(properties.into()).last()? } else { 0 };
        // LZMA2.
        if filter == 0x21 {
            return Some(u64::from(2 | (property & 1)) << (property.min(40) / 2).saturating_add(11));
        }
    }
    None
}
