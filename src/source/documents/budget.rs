//! What all decoders of one file together may give, for what goes into them.

use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};

use super::Expansion;

pub(super) struct Budget<'r> {
    limit: u64,
    expansion: Expansion,
    /// Of this file, and of all that are read at the time.
    taken: AtomicU64,
    read: &'r AtomicU64,
    given: AtomicU64,
}

impl<'r> Budget<'r> {
    pub(super) fn new(limit: u64, expansion: Expansion, read: &'r AtomicU64) -> Budget<'r> {
        Budget { limit, expansion, taken: AtomicU64::new(0), read, given: AtomicU64::new(0) }
    }

    /// Counts what is read of the file.
    pub(super) fn input<R: Read>(&self, reader: R) -> Input<'_, R> {
        Input { reader, budget: self }
    }

    pub(super) fn took(&self, bytes: u64) {
        self.taken.fetch_add(bytes, Ordering::Relaxed);
        self.read.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    pub(super) fn spent(&self) -> bool {
        self.given.load(Ordering::Relaxed) > self.limit
    }

    fn give(&self, bytes: u64) -> io::Result<()> {
        let given = self.given.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        if given > self.limit {
            return Err(io::Error::other(format!(
                "limit reached: more than {} bytes come out of this file",
                self.limit
            )));
        }
        let Expansion { ratio, from } = self.expansion;
        if given > from && given > self.taken().saturating_mul(ratio) {
            return Err(io::Error::other(format!(
                "limit reached: it expands to more than {ratio} times its size"
            )));
        }
        Ok(())
    }
}

pub(super) struct Input<'b, R> {
    reader: R,
    budget: &'b Budget<'b>,
}

impl<R: Read> Read for Input<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.budget.took(read as u64);
        Ok(read)
    }
}

/// What comes out of a decoder or an archive.
pub(super) struct Budgeted<'b, R> {
    reader: R,
    budget: &'b Budget<'b>,
}

impl<'b, R: Read> Budgeted<'b, R> {
    pub(super) fn new(reader: R, budget: &'b Budget<'b>) -> Budgeted<'b, R> {
        Budgeted { reader, budget }
    }
}

impl<R: Read> Read for Budgeted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.budget.give(read as u64)?;
        Ok(read)
    }
}

/// A member of an archive, which says how long it is.
pub(super) struct Sized<R> {
    reader: R,
    size: u64,
    read: u64,
}

impl<R: Read> Sized<R> {
    pub(super) fn new(reader: R, size: u64) -> Sized<R> {
        Sized { reader, size, read: 0 }
    }
}

impl<R: Read> Read for Sized<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.size.saturating_sub(self.read)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        let Some(space) = buffer.get_mut(..wanted).filter(|space| !space.is_empty()) else {
            // The last check of a zip member is made when its end is read.
            let mut beyond = [0];
            return match if buffer.is_empty() { Ok(0) } else { self.reader.read(&mut beyond) } {
                Ok(0) => Ok(0),
                Ok(_) => Err(io::Error::other(format!(
                    "longer than the {} bytes that the archive claims; the rest was not read",
                    self.size
                ))),
                Err(error) => Err(error),
            };
        };
        let read = self.reader.read(space)?;
        self.read = self.read.saturating_add(read as u64);
        if read == 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!("the archive ends inside of it; it has {} bytes", self.size),
            ));
        }
        Ok(read)
    }
}
