//! CORES: what the memory of a process tells that crashed.
//!
//! The stacks are walked by the pclntab of the executable, as the runtime
//! itself does it when it prints a traceback; neither DWARF nor symbols are
//! needed. What is not in the core is unreadable, never zero, and said so.
//!
//! Its rooms, each of which knows only those before it: `process` (what the
//! kernel wrote), `runtime` (what Go keeps in that memory), `traceback` (stacks,
//! who waits for whom, how it ended) and `native` (frames of C).

#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::arithmetic_side_effects))]

mod native;
mod process;
mod runtime;
mod traceback;

use crate::addr::LoadBias;
use crate::binary::Binary;
use crate::binary::image::Words;
use crate::error::Result;
use crate::source::{self, Bytes, Document, Limits, Origin};

pub use native::modules::{Libraries, Library, Module};
pub use process::elfcore::Segment;
pub use process::environment::Started;
pub use process::identity::{Identity, Match};
pub use process::machine::Machine;
pub use process::memory::Memory;
pub use process::{Mapping, Process, SignalInfo, Thread, at, signal_name};
pub use runtime::Runtime;
pub use runtime::counters::{Collections, Counters, Objects};
pub use runtime::features::Feature;
pub use runtime::goroutine::{GoThread, Goroutine, SignalFrame};
pub use runtime::panics::Panic;
pub use traceback::Traceback;
pub use traceback::awaited::Awaited;
pub use traceback::threads::ThreadFacts;
pub use traceback::waits::{Wait, Waits};

/// An opened core.
pub struct CoreDump {
    pub origin: Origin,
    /// Codecs that were taken off the file.
    pub unpacked: Vec<&'static str>,
    pub words: Words,
    /// `None` for an architecture whose registers are not known here.
    pub machine: Option<&'static Machine>,
    pub machine_text: String,
    pub segments: Vec<Segment>,
    pub process: Process,
    pub identity: Identity,
    /// What is missing from the file, or wrong in it.
    pub damage: Vec<String>,
    bytes: Bytes,
}

impl CoreDump {
    /// Opens a core, plain or compressed.
    ///
    /// # Errors
    /// `Io` when it cannot be read, `Unrecognised` when it is no ELF core,
    /// `Malformed` when its header is damaged.
    pub fn open(path: &str, limits: Limits) -> Result<CoreDump> {
        CoreDump::from_document(source::open(path, limits)?)
    }

    /// # Errors
    /// As [`CoreDump::open`].
    pub fn from_document(document: Document) -> Result<CoreDump> {
        let Document { origin, bytes, unpacked, cut } = document;
        let headers = process::elfcore::read(&origin, &bytes)?;
        let process = Process::read(&headers);
        let process::elfcore::Headers { words, machine, machine_text, segments, mut damage, .. } = headers;
        damage.extend(cut);
        damage.extend(process.damage.iter().cloned());
        if machine.is_none() {
            damage.push(format!("the registers of this architecture are not known here ({machine_text})"));
        }
        let identity = Identity::read(&Memory::new(words, &bytes, &segments), &process);
        Ok(CoreDump {
            origin,
            unpacked,
            words,
            machine,
            machine_text,
            segments,
            process,
            identity,
            damage,
            bytes,
        })
    }

    /// Bytes of the file, decompressed.
    pub fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    pub fn memory(&self) -> Memory<'_> {
        Memory::new(self.words, &self.bytes, &self.segments)
    }

    /// Is this its executable?
    pub fn compare(&self, binary: &Binary) -> Match {
        process::identity::compare(self, binary)
    }

    /// Who wrote it, as far as the core tells.
    pub fn identity_text(&self) -> String {
        self.identity.text()
    }

    /// What to take off an address of the process.
    pub fn bias(&self, binary: &Binary) -> Option<LoadBias> {
        process::identity::bias(&self.process, binary)
    }

    /// The Go runtime in its memory.
    ///
    /// # Errors
    /// Why none was found, in words.
    pub fn runtime<'a>(&'a self, binary: &'a Binary) -> Result<Runtime<'a>, String> {
        let machine = self.machine.ok_or("the registers of this architecture are not known here")?;
        let bias =
            self.bias(binary).ok_or("the notes do not tell where the executable was loaded (AT_ENTRY)")?;
        runtime::find(self.memory().with_binary(binary, bias), binary, bias, machine)
    }
}
