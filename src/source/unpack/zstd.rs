use std::io::{self, Read};

use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::input::Input;
use super::series::Member;

/// What the window of a frame may need, in MiB, as with `zstd -d` without `--long`.
const WINDOW: u64 = 128;
/// A block that is the last and empty (RFC 8878, 3.1.1.2), and room for a checksum.
const LAST_BLOCK: &[u8] = &[1, 0, 0, 0, 0, 0, 0];

pub(super) struct Zstd<'a> {
    frame: FrameDecoder,
    input: Input<'a>,
    /// Told when what was decoded before it has been read.
    failed: Option<io::Error>,
}

impl<'a> Member<'a> for Zstd<'a> {
    const CODEC: &'static str = "zstd";

    /// Magic number of a frame (RFC 8878, 3.1.1).
    fn begins(bytes: &[u8]) -> bool {
        bytes.starts_with(b"\x28\xb5\x2f\xfd")
    }

    fn open(mut input: Input<'a>) -> io::Result<Zstd<'a>> {
        let mut frame = FrameDecoder::new();
        frame.set_max_window_size(WINDOW << 20);
        frame.init(&mut input).map_err(|error| match error {
            FrameDecoderError::WindowSizeTooBig { requested, .. } => {
                let what = format!(
                    "it needs a window of {} MiB, and {WINDOW} MiB are allowed: `zstd -d --long=31` reads it",
                    requested >> 20
                );
                io::Error::new(io::ErrorKind::OutOfMemory, what)
            }
            FrameDecoderError::DictNotProvided { dict_id } => {
                let what = format!("it needs dictionary {dict_id}: decompress it with zstd -D");
                io::Error::new(io::ErrorKind::OutOfMemory, what)
            }
            error => io::Error::new(io::ErrorKind::InvalidData, error.to_string()),
        })?;
        Ok(Zstd { frame, input, failed: None })
    }

    fn rest(self) -> Input<'a> {
        self.input
    }
}

impl Zstd<'_> {
    /// `ruzstd` reads the checksum and leaves it to others to look at.
    fn verify(&self) -> io::Result<()> {
        match (self.frame.get_checksum_from_data(), self.frame.get_calculated_checksum()) {
            (Some(stored), Some(calculated)) if stored != calculated => {
                let what = "the checksum of what came out is not the one that is stored";
                Err(io::Error::new(io::ErrorKind::InvalidData, what))
            }
            _ => Ok(()),
        }
    }

    /// It keeps a window back until the last block, also when that does not come.
    fn flush(&mut self) {
        if self.frame.decode_blocks(LAST_BLOCK, BlockDecodingStrategy::UptoBlocks(1)).is_err() {
            self.frame = FrameDecoder::new();
        }
    }
}

impl Read for Zstd<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.frame.can_collect() > 0 {
                return self.frame.read(buffer);
            }
            if let Some(error) = self.failed.take() {
                return Err(error);
            }
            if self.frame.is_finished() {
                return self.verify().map(|()| 0);
            }
            let decoded = self.frame.decode_blocks(&mut self.input, BlockDecodingStrategy::UptoBlocks(1));
            if let Err(error) = decoded {
                self.failed = Some(io::Error::new(io::ErrorKind::InvalidData, error.to_string()));
                self.flush();
            }
        }
    }
}
