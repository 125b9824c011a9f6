//! MANY: whole folders and archives of logs, read by all cores, told as records,
//! and records folded into groups.
//!
//! What comes out depends on the inputs alone: not on how many threads have read
//! them, nor on how the records came together.

#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::arithmetic_side_effects))]

mod baseline;
mod describe;
mod filter;
mod groups;
mod item;
mod lines;
mod loops;
mod parts;
mod paths;
mod place;
mod queue;
mod record;
mod seams;
mod session;
mod summary;
mod tally;
mod timeline;
mod worker;

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::value::RawValue;

use crate::binary::Binary;
use crate::examine::{Examined, Examiner};
use crate::host::Host;
use crate::source::{Expansion, Limits};
use crate::symbolize::Options;
use crate::trace::Hold;

pub use baseline::{Baseline, Then, Trend};
pub use filter::{Filter, Verdict};
pub use groups::{Group, LeftOut, Place, Times};
pub use loops::Loop;
pub use paths::{Input, Inputs, Selection, expand, standard_input};
pub use record::{Build, CrashRecord, DocumentRecord, Fault, From, Outcome, Record, Site, distinct};
pub use summary::{Findings, Summary};
pub use tally::{Counts, Failure};
pub use timeline::{Timeline, width_of};
pub use worker::scan;

/// How to read, and with what.
pub struct Scan<'a> {
    pub binaries: Vec<&'a Binary>,
    pub host: Option<&'a Host>,
    pub resolver: Options,
    pub limits: Limits,
    pub expansion: Expansion,
    /// What is longer is cut in its middle.
    pub longest_line: usize,
    /// What each thread may hold of one document.
    pub hold: Hold,
    /// Plain files that are longer are read in parts of about this length.
    pub part: u64,
    /// Threads that read.
    pub jobs: usize,
    /// The crash object of the JSON report.
    pub crash_json: &'a (dyn Fn(&Examined) -> Box<RawValue> + Sync),
    pub watch: &'a Watch,
}

impl Scan<'_> {
    fn examiner(&self) -> Examiner<'_> {
        Examiner::by_evidence(self.binaries.clone(), self.host, self.resolver.clone())
    }
}

/// What is longer is read by one thread at a time: it may take the memory of five times
/// its text.
const LONG: usize = 2 << 20;

/// Does what may take much memory on a thread of its own, where it does. glibc keeps what
/// a thread gives back for that thread; what one that has ended had is for the next.
fn apart<T: Send>(is_long: bool, work: impl FnOnce() -> T + Send) -> T {
    if !is_long {
        return work();
    }
    std::thread::scope(|scope| scope.spawn(work).join()).unwrap_or_else(|panic| resume_unwind(panic))
}

/// How far a scan is, and whether it is to end.
#[derive(Default)]
pub struct Watch {
    /// Bytes of the files, as they are stored.
    pub bytes: AtomicU64,
    pub documents: AtomicU64,
    pub crashes: AtomicU64,
    stop: AtomicBool,
    /// Whoever reads a long crash has it: several at a time would need too much memory.
    long: Mutex<()>,
}

impl Watch {
    /// Ends the scan: what is being read counts as failed, the rest as not read.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// The right to read a text of so many bytes at once. Who has it waits for nobody.
    fn at_once(&self, bytes: usize) -> Option<MutexGuard<'_, ()>> {
        (bytes > LONG).then(|| self.alone())
    }

    fn alone(&self) -> MutexGuard<'_, ()> {
        self.long.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
