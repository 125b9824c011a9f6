use std::io::{self, Read};

use zstd::stream::read::Decoder;
use zstd::zstd_safe::get_dict_id_from_frame;

use super::input::Input;
use super::series::Member;

/// The most that the window of a frame may need, as a power of two: 128 MiB, as
/// with `zstd -d` without `--long`.
const WINDOW_LOG: u32 = 27;
/// The longest header of a frame (RFC 8878, 3.1.1).
const HEADER: usize = 18;

pub(super) struct Zstd<'a>(Decoder<'static, Input<'a>>);

impl<'a> Member<'a> for Zstd<'a> {
    const CODEC: &'static str = "zstd";

    /// Magic number of a frame (RFC 8878, 3.1.1).
    fn begins(bytes: &[u8]) -> bool {
        bytes.starts_with(b"\x28\xb5\x2f\xfd")
    }

    const HEADER: usize = HEADER;

    fn memory(beginning: &[u8]) -> u64 {
        let buffers = 512 << 10;
        window(beginning).unwrap_or(0).saturating_add(buffers)
    }

    fn open(mut input: Input<'a>) -> io::Result<Zstd<'a>> {
        let header = input.peek(HEADER)?;
        if let Some(window) = window(header).filter(|window| *window > 1 << WINDOW_LOG) {
            let (needed, allowed) = (window >> 20, 1 << (WINDOW_LOG - 20));
            let what = format!(
                "it needs a window of {needed} MiB, and {allowed} MiB are allowed: `zstd -d --long=31` reads it"
            );
            return Err(io::Error::new(io::ErrorKind::OutOfMemory, what));
        }
        if let Some(id) = get_dict_id_from_frame(header) {
            let what = format!("it needs dictionary {id}: decompress it with zstd -D");
            return Err(io::Error::new(io::ErrorKind::OutOfMemory, what));
        }
        let mut decoder = Decoder::with_buffer(input)?.single_frame();
        decoder.window_log_max(WINDOW_LOG)?;
        Ok(Zstd(decoder))
    }

    fn rest(self) -> Input<'a> {
        self.0.finish()
    }
}

impl Read for Zstd<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

/// Bytes of window that a frame asks for; one that is a single segment needs what it
/// holds (RFC 8878, 3.1.1.1.1 and 3.1.1.1.2).
fn window(header: &[u8]) -> Option<u64> {
    let [_, _, _, _, descriptor, window, ..] = header else { return None };
    if descriptor & 0x20 != 0 {
        let dictionary = [0, 1, 2, 4].get(usize::from(descriptor & 3)).copied().unwrap_or(0);
        let length = 1usize << (descriptor >> 6);
        let size = header.get(5usize.saturating_add(dictionary)..)?.get(..length)?;
        let size = size.iter().rev().fold(0u64, |size, byte| size << 8 | u64::from(*byte));
        return Some(if length == 2 { size.saturating_add(256) } else { size });
    }
    let base = 1024u64 << (window >> 3);
    Some((base / 8).saturating_mul(u64::from(window & 7)).saturating_add(base))
}
