//! CORES: what the memory of a process tells that crashed.
//!
//! The stacks are walked by the pclntab of the executable, as the runtime
//! itself does it when it prints a traceback; neither DWARF nor symbols are
//! needed. What is not in the core is unreadable, never zero, and said so.

#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::arithmetic_side_effects))]

mod ancestors;
mod arguments;
mod clock;
mod counters;
mod elfcore;
mod ending;
mod environment;
mod exidx;
mod fatal;
mod features;
mod goroutine;
mod identity;
mod labels;
mod machine;
mod memory;
mod modules;
mod native;
mod offsets;
mod panics;
mod process;
mod records;
mod registers;
mod runtime;
mod shape;
mod signals;
mod site;
mod spans;
mod stack;
mod state;
mod text;
mod threads;
mod unwind;
mod vdso;
mod view;
mod waits;

use crate::addr::LoadBias;
use crate::binary::Binary;
use crate::binary::image::Words;
use crate::error::Result;
use crate::source::{self, Bytes, Document, Limits, Origin};

pub use counters::{Collections, Counters, Objects};
pub use elfcore::Segment;
pub use environment::Started;
pub use features::Feature;
pub use goroutine::{GoThread, Goroutine, SignalFrame};
pub use identity::{Identity, Match};
pub use machine::Machine;
pub use memory::Memory;
pub use modules::{Libraries, Library, Module};
pub use panics::Panic;
pub use process::{Mapping, Process, SignalInfo, Thread, at, signal_name};
pub use runtime::Runtime;
pub use text::Traceback;
pub use threads::ThreadFacts;
pub use waits::{Awaited, Wait, Waits};

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
        let headers = elfcore::read(&origin, &bytes)?;
        let process = Process::read(&headers);
        let elfcore::Headers { words, machine, machine_text, segments, mut damage, .. } = headers;
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
        identity::compare(self, binary)
    }

    /// Who wrote it, as far as the core tells.
    pub fn identity_text(&self) -> String {
        self.identity.text()
    }

    /// What to take off an address of the process.
    pub fn bias(&self, binary: &Binary) -> Option<LoadBias> {
        identity::bias(&self.process, binary)
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
