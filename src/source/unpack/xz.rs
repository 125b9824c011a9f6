use std::io::{self, Read};

use lzma_rust2::XzReader;

use super::input::Input;
use super::series::Member;

/// The longest header of a stream and of its first block (the .xz file format 1.2.1, 2.1.1
/// and 3.1.1).
const HEADER: usize = 12 + 1024;
/// What is needed besides the dictionary.
pub(super) const TABLES: u64 = 1 << 20;

pub(super) struct Xz<'a> {
    reader: XzReader<Input<'a>>,
    dictionary: u64,
}

impl<'a> Member<'a> for Xz<'a> {
    const CODEC: &'static str = "xz";

    /// Header magic bytes (the .xz file format 1.2.1, 2.1.1.1).
    fn begins(bytes: &[u8]) -> bool {
        bytes.starts_with(b"\xfd7zXZ\0")
    }

    const HEADER: usize = HEADER;

    fn memory(beginning: &[u8]) -> u64 {
        dictionary(beginning).unwrap_or(0).saturating_add(TABLES)
    }

    fn open(mut input: Input<'a>) -> io::Result<Xz<'a>> {
        let dictionary = dictionary(input.peek(HEADER)?).unwrap_or(0);
        // Later blocks get what the first one has asked for.
        let limit = u32::try_from(dictionary.saturating_add(TABLES) >> 10).unwrap_or(u32::MAX);
        Ok(Xz { reader: XzReader::new_mem_limit(input, false, limit), dictionary })
    }

    fn rest(self) -> Input<'a> {
        self.reader.into_inner()
    }
}

impl Read for Xz<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer).map_err(|error| {
            if error.kind() != io::ErrorKind::OutOfMemory {
                return error;
            }
            let first = self.dictionary >> 10;
            let what = format!("a block needs a larger dictionary than the first one, which has {first} KiB");
            io::Error::new(io::ErrorKind::OutOfMemory, what)
        })
    }
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
