//! Threads as the system knows them, with what each was doing for the runtime.

use super::Traceback;
use super::site::Role;
use super::unwind::Unwinder;
use crate::postmortem::CoreDump;
use crate::postmortem::runtime::goroutine::GoThread;
use crate::postmortem::runtime::panics::Panic;

const SIGSTOP: u32 = 19;

/// One thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadFacts {
    pub tid: u64,
    /// Where it was stopped: function and line, or file and offset.
    pub place: String,
    /// Number of its `m`.
    pub m: Option<u64>,
    /// The goroutine that it ran.
    pub goroutine: Option<u64>,
    pub in_c: bool,
    /// It ended the process.
    pub ended: bool,
    /// Name and value, in the order of the note.
    pub registers: Vec<(&'static str, u64)>,
}

impl CoreDump {
    /// The threads without their part in the runtime.
    pub fn threads(&self) -> Vec<ThreadFacts> {
        let Some(machine) = self.machine else { return Vec::new() };
        // A debugger stops with SIGSTOP, or notes no signal at all.
        let number = self.process.signal.map(|signal| signal.number);
        let number = number.or_else(|| Some(self.process.threads.first()?.signal.into())).unwrap_or(0);
        let died = number != 0 && number != SIGSTOP;
        let fact = |(index, thread): (usize, &crate::postmortem::Thread)| {
            let pc = thread.registers.get(machine.pc).copied().unwrap_or(0);
            let registers = machine.registers.iter().copied().zip(thread.registers.iter().copied());
            ThreadFacts {
                tid: thread.tid,
                place: self.mapped_at(pc),
                m: None,
                goroutine: None,
                in_c: false,
                ended: index == 0 && died,
                registers: registers.collect(),
            }
        };
        self.process.threads.iter().enumerate().map(fact).collect()
    }

    /// The program counter of the thread that dumped.
    pub fn pc(&self) -> Option<u64> {
        self.process.threads.first()?.registers.get(self.machine?.pc).copied()
    }

    /// The mapping of a file that an address is in.
    pub(in crate::postmortem) fn mapping_at(&self, address: u64) -> Option<&crate::postmortem::Mapping> {
        self.process.mappings.iter().find(|mapping| mapping.start <= address && address < mapping.end)
    }

    /// `/lib/libc.so.6+0x8b2a1`, or the bare address.
    pub fn mapped_at(&self, address: u64) -> String {
        match self.mapping_at(address) {
            Some(mapping) => {
                let offset = address.wrapping_sub(mapping.start).wrapping_add(mapping.offset);
                format!("{}+{offset:#x}", mapping.path)
            }
            None => format!("{address:#x}"),
        }
    }
}

impl Traceback<'_, '_> {
    /// The threads of the core, and what the runtime knows of each.
    pub fn threads(&self) -> Vec<ThreadFacts> {
        let (core, runtime) = (self.core, self.runtime);
        let known: Vec<GoThread> = runtime.threads.iter().filter_map(|m| runtime.thread(*m)).collect();
        let mut out = core.threads();
        for (facts, os) in out.iter_mut().zip(&core.process.threads) {
            let pc = os.registers.get(runtime.machine.pc).copied().unwrap_or(0);
            if let Some(place) = self.named(pc) {
                facts.place = place;
            }
            if let Some(thread) = known.iter().find(|thread| thread.tid == os.tid) {
                facts.m = Some(thread.id);
                facts.in_c = thread.in_c;
                let current = (thread.current != 0).then(|| runtime.goroutine(thread.current)).flatten();
                facts.goroutine = current.map(|goroutine| goroutine.id);
                if let Some(ending) =
                    self.ending.thread.as_ref().filter(|ending| ending.dying || ending.throwing)
                {
                    facts.ended = ending.address == thread.address;
                }
            }
        }
        out
    }

    /// `main.f (file.go:12 +0x8)` for an instruction of Go.
    pub fn named(&self, pc: u64) -> Option<String> {
        let site = self.sites.at(self.runtime, pc, true)?;
        Some(format!("{} ({})", site.place.function, site.place.position))
    }

    /// The panics of the goroutine that ended the process, the first one first,
    /// each with the type of its value. The runtime replaces an error by its
    /// text before it prints; the type is still in the arguments of `gopanic`.
    pub fn panics(&self) -> Vec<(Panic, Option<String>)> {
        let runtime = self.runtime;
        let Some(goroutine) = &self.ending.crashing else { return Vec::new() };
        let panics = runtime.panics(goroutine.panics);
        let mut types = Vec::new();
        if let Some(start) = runtime.start(&self.sites, goroutine, &self.core.process.threads) {
            for frame in Unwinder::new(runtime, &self.sites, start).take(100_000) {
                if frame.site.role == Role::Panic {
                    let arguments = frame.site.arguments.as_ref();
                    let first = arguments.and_then(|list| list.words(runtime, frame.arguments).next());
                    types.push(first.and_then(|first| runtime.type_name(first)));
                }
            }
        }
        // One frame for each panic, the newest innermost; where that does not
        // hold, nothing is said.
        let live = panics.iter().filter(|panic| !panic.goexit).count();
        let mut types = if types.len() == live { types } else { Vec::new() };
        let each = panics.into_iter().map(|panic| {
            let own = if panic.goexit { None } else { types.pop().flatten() };
            (panic, own)
        });
        each.collect()
    }
}
