//! What a decoder reads from, with what has to be known when it fails: how far it
//! came, and whether the data or the file were at fault.

use std::io::{self, BufRead, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use super::Encoded;

#[derive(Default)]
pub(super) struct Progress {
    at: AtomicU64,
    /// More was wanted than there is.
    ended: AtomicBool,
    /// What reading has failed with. Decoders put words of their own around it.
    failed: OnceLock<(io::ErrorKind, String)>,
}

impl Progress {
    /// What went wrong, with the place in the compressed data.
    pub(super) fn tell(&self, codec: &str, error: &io::Error) -> io::Error {
        if let Some((kind, what)) = self.failed.get() {
            return io::Error::new(*kind, what.clone());
        }
        let at = self.at.load(Relaxed);
        let what = match error.kind() {
            io::ErrorKind::OutOfMemory => format!("{codec} data not read: {error}"),
            io::ErrorKind::UnexpectedEof => format!("{codec} data end early, at byte {at}"),
            _ if self.ended.load(Relaxed) => format!("{codec} data end early, at byte {at}"),
            _ => format!("{codec} data damaged near byte {at}: {error}"),
        };
        io::Error::new(error.kind(), what)
    }
}

pub(super) struct Input<'a> {
    inner: Encoded<'a>,
    /// Bytes that were looked at, or given back, and are still to be read.
    ahead: Vec<u8>,
    progress: Arc<Progress>,
}

impl<'a> Input<'a> {
    pub(super) fn new(inner: Encoded<'a>) -> Input<'a> {
        Input { inner, ahead: Vec::new(), progress: Arc::default() }
    }

    pub(super) fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    pub(super) fn at(&self) -> u64 {
        self.progress.at.load(Relaxed)
    }

    pub(super) fn wanted_more(&self) -> bool {
        self.progress.ended.load(Relaxed)
    }

    /// The next bytes, fewer at the end.
    pub(super) fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        while self.ahead.len() < count {
            let progress = &self.progress;
            let bytes = fill(&mut self.inner, progress)?;
            let taken = bytes.len().min(count.saturating_sub(self.ahead.len()));
            if taken == 0 {
                break;
            }
            self.ahead.extend_from_slice(bytes.get(..taken).unwrap_or_default());
            self.inner.consume(taken);
        }
        Ok(self.ahead.get(..count).unwrap_or(&self.ahead))
    }

    /// Bytes that were read and not used.
    pub(super) fn give_back(&mut self, unused: &[u8]) {
        self.progress.at.fetch_sub(unused.len() as u64, Relaxed);
        self.ahead.splice(..0, unused.iter().copied());
    }

    /// Steps over a run of NUL.
    pub(super) fn skip_padding(&mut self) -> io::Result<()> {
        loop {
            let bytes = self.fill_buf()?;
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            let more = zeros > 0 && zeros == bytes.len();
            self.consume(zeros);
            if !more {
                return Ok(());
            }
        }
    }
}

fn fill<'b>(inner: &'b mut Encoded<'_>, progress: &Progress) -> io::Result<&'b [u8]> {
    loop {
        match inner.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                progress.failed.get_or_init(|| (error.kind(), error.to_string()));
                return Err(error);
            }
            Ok(_) => break,
        }
    }
    // The buffer is filled: this reads nothing.
    inner.fill_buf()
}

impl BufRead for Input<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if !self.ahead.is_empty() {
            return Ok(&self.ahead);
        }
        let bytes = fill(&mut self.inner, &self.progress)?;
        if bytes.is_empty() {
            self.progress.ended.store(true, Relaxed);
        }
        Ok(bytes)
    }

    fn consume(&mut self, count: usize) {
        self.progress.at.fetch_add(count as u64, Relaxed);
        if self.ahead.is_empty() {
            self.inner.consume(count);
        } else {
            self.ahead.drain(..count.min(self.ahead.len()));
        }
    }
}

impl Read for Input<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut bytes = self.fill_buf()?;
        let read = bytes.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}
