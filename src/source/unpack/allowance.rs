//! What the decoders of one file hold in memory together. A header asks for it: a
//! window of 128 MiB takes four bytes to ask for, in each layer and each frame.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// So much each file may hold at any time: the default of `xz` and the strongest
/// settings of gzip, bzip2 and (without `--ultra` and `--long`) zstd need half of it.
const FREE: u64 = 16 << 20;
/// So much a file may hold once it is its turn: one window of 128 MiB, as much as
/// `zstd -d` allows without `--long`, and what is around it.
const MOST: u64 = 136 << 20;
/// Buffers of each decoder, and of the thread that it may run on.
const BUFFERS: u64 = 512 << 10;

/// Shared by all decoders of a file, which may run on several threads.
#[derive(Clone, Default)]
pub struct Allowance(Arc<Shared>);

#[derive(Default)]
struct Shared {
    held: AtomicU64,
    /// Returns once no other file may hold much.
    turn: Option<Box<dyn Fn() + Send + Sync>>,
}

impl Allowance {
    /// `turn` is called before much is held, and returns when the file has the right
    /// to; it keeps that until it is done. Files have it one after the other, and who
    /// waits for it holds little.
    pub fn new(turn: impl Fn() + Send + Sync + 'static) -> Allowance {
        Allowance(Arc::new(Shared { held: AtomicU64::new(0), turn: Some(Box::new(turn)) }))
    }

    /// Bytes that are held now.
    pub(in crate::source) fn held(&self) -> u64 {
        self.0.held.load(Ordering::Relaxed)
    }

    /// For one more decoder that needs so many bytes.
    ///
    /// # Errors
    /// Where it is too much: how much, and what to do.
    pub(in crate::source) fn ask(&self, needed: u64) -> io::Result<Held> {
        let mut held = Held { allowance: self.clone(), bytes: 0 };
        held.grow(needed.saturating_add(BUFFERS))?;
        Ok(held)
    }
}

/// Bytes that are held; given back when it is dropped.
pub(in crate::source) struct Held {
    allowance: Allowance,
    bytes: u64,
}

impl Held {
    /// So many bytes more.
    ///
    /// # Errors
    /// As [`Allowance::ask`].
    pub(in crate::source) fn grow(&mut self, more: u64) -> io::Result<()> {
        let Shared { held, turn } = &*self.allowance.0;
        let before = held.fetch_add(more, Ordering::Relaxed);
        let after = before.saturating_add(more);
        if after > MOST {
            held.fetch_sub(more, Ordering::Relaxed);
            return Err(refused(self.bytes.saturating_add(more), before.saturating_sub(self.bytes)));
        }
        self.bytes = self.bytes.saturating_add(more);
        if let Some(turn) = turn.as_ref().filter(|_| after > FREE) {
            turn();
        }
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.allowance.0.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

fn refused(needed: u64, around: u64) -> io::Error {
    let mebibytes = |bytes: u64| bytes.div_ceil(1 << 20);
    let (needed, most) = (mebibytes(needed), mebibytes(MOST));
    let what = if around < BUFFERS {
        format!("limit reached: it needs {needed} MiB of memory, and {most} MiB are allowed")
    } else {
        let around = mebibytes(around);
        format!(
            "limit reached: it needs {needed} MiB of memory, and the layers around it hold {around} MiB of the {most} MiB \
             that are allowed for a file: unpack the outer layer first"
        )
    };
    io::Error::new(io::ErrorKind::OutOfMemory, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[test]
    fn much_waits_for_its_turn_and_too_much_is_refused() {
        let turns = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&turns);
        let allowance = Allowance::new(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        let small = allowance.ask(8 << 20).unwrap();
        assert_eq!(turns.load(Ordering::Relaxed), 0);
        let big = allowance.ask(96 << 20).unwrap();
        assert_eq!(turns.load(Ordering::Relaxed), 1);
        let why = allowance.ask(64 << 20).err().unwrap().to_string();
        assert!(why.contains("needs 65 MiB") && why.contains("hold 105 MiB of the 136 MiB"), "{why}");
        drop((small, big));
        allowance.ask(128 << 20).unwrap();
        let why = allowance.ask(1 << 30).err().unwrap().to_string();
        assert!(why.ends_with("it needs 1025 MiB of memory, and 136 MiB are allowed"), "{why}");
    }
}
