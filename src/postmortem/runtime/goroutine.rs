//! Goroutines and the runtime's threads, as their structures tell.

use super::Runtime;
use super::offsets;
use super::state::{self, status};
use crate::postmortem::process::memory::Memory;
use crate::postmortem::process::{SignalInfo, Thread};

/// A `g` (runtime/runtime2.go).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goroutine {
    pub address: u64,
    pub id: u64,
    pub(in crate::postmortem) status: u32,
    pub(in crate::postmortem) scan: bool,
    pub(in crate::postmortem) reason: u8,
    /// When it began to wait, by the monotonic clock; set by the garbage collector.
    pub wait_since: u64,
    /// The `m` that runs it.
    pub m: u64,
    pub locked: bool,
    pub stack: (u64, u64),
    pub parent: u64,
    /// The address behind its `go` statement.
    pub created_at: u64,
    pub start: u64,
    pub(in crate::postmortem) ancestors: u64,
    pub(in crate::postmortem) labels: u64,
    /// The `synctestBubble`, of 1.24 the `synctestGroup`.
    pub(in crate::postmortem) bubble: u64,
    pub(in crate::postmortem) panics: u64,
    /// The list of what it waits for (`sudog`).
    pub(in crate::postmortem) waiting: u64,
    /// The signal that became a panic: number, code, address, pc.
    pub signal: Option<(u32, u64, u64, u64)>,
}

/// An `m`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoThread {
    pub address: u64,
    pub id: u64,
    /// The thread's number for the system.
    pub tid: u64,
    /// The goroutine that it runs, and its own two stacks.
    pub current: u64,
    pub g0: u64,
    pub gsignal: u64,
    pub dying: bool,
    pub throwing: bool,
    pub in_c: bool,
}

/// Registers at the moment of a signal, from the frame that the kernel pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignalFrame {
    /// Address of the `ucontext`.
    pub address: u64,
    pub pc: u64,
    pub sp: u64,
    pub lr: u64,
    pub signal: Option<SignalInfo>,
}

/// Signal frames that one stack is searched for.
const MAX_FRAMES: usize = 64;

impl Goroutine {
    /// As a traceback prints it in brackets, without what follows the state.
    pub fn state(&self, minor: u32) -> &'static str {
        if matches!(self.status, status::WAITING | status::LEAKED) && self.reason != 0 {
            state::wait_reason(minor, self.reason)
        } else {
            state::status_name(self.status)
        }
    }

    pub fn is_dead(&self) -> bool {
        matches!(self.status, status::DEAD | status::DEAD_EXTRA)
    }

    /// Does a header add that it blocks within its bubble alone? 1.25 looks at what it
    /// waited for last even where it runs (runtime/traceback.go, `goroutineheader`).
    pub(in crate::postmortem) fn is_durable(&self, minor: u32) -> bool {
        let counts = minor == 25 || minor > 25 && self.status == status::WAITING;
        counts
            && self.bubble != 0
            && state::is_idle_in_bubble(minor, self.reason)
            && !self.state(minor).ends_with("(durable)")
    }

    pub fn is_running(&self) -> bool {
        self.status == status::RUNNING
    }

    pub fn is_waiting(&self) -> bool {
        matches!(self.status, status::WAITING | status::LEAKED)
    }
}

impl<'a> Runtime<'a> {
    /// Reads a `g`; its system goroutines too, which are in no list.
    pub fn goroutine(&self, address: u64) -> Option<Goroutine> {
        let memory: &Memory<'a> = &self.memory;
        let word = |row| self.word(address, row);
        let raw = memory.u32(self.field(address, &offsets::G_ATOMICSTATUS)?)?;
        let size = self.pointer_size();
        let number = memory.u32(self.field(address, &offsets::G_SIG)?)?;
        let signal = (number != 0).then(|| {
            let at = |row| word(row).unwrap_or(0);
            (number, at(&offsets::G_SIGCODE0), at(&offsets::G_SIGCODE1), at(&offsets::G_SIGPC))
        });
        Some(Goroutine {
            address,
            id: memory.u64(self.field(address, &offsets::G_GOID)?)?,
            status: raw & !status::SCAN,
            scan: raw & status::SCAN != 0,
            reason: memory.u8(self.field(address, &offsets::G_WAITREASON)?)?,
            wait_since: memory.u64(self.field(address, &offsets::G_WAITSINCE)?)?,
            m: word(&offsets::G_M)?,
            locked: word(&offsets::G_LOCKEDM)? != 0,
            stack: (memory.word(address)?, memory.word(address.checked_add(size)?)?),
            parent: self.field(address, &offsets::G_PARENTGOID).and_then(|at| memory.u64(at)).unwrap_or(0),
            created_at: word(&offsets::G_GOPC)?,
            start: word(&offsets::G_STARTPC)?,
            ancestors: word(&offsets::G_ANCESTORS).unwrap_or(0),
            labels: word(&offsets::G_LABELS).unwrap_or(0),
            bubble: word(&offsets::G_BUBBLE).or_else(|| word(&offsets::G_SYNCGROUP)).unwrap_or(0),
            panics: word(&offsets::G_PANIC).unwrap_or(0),
            waiting: word(&offsets::G_WAITING).unwrap_or(0),
            signal,
        })
    }

    pub fn thread(&self, address: u64) -> Option<GoThread> {
        let word = |row| self.thread_word(address, row);
        let flag = |row| {
            let at = address.checked_add(self.offsets.of_thread(row)?)?;
            self.memory.u32(at)
        };
        Some(GoThread {
            address,
            id: self.memory.u64(address.checked_add(self.offsets.of_thread(&offsets::M_ID)?)?)?,
            tid: self.memory.u64(self.field(address, &offsets::M_PROCID)?)?,
            current: word(&offsets::M_CURG)?,
            g0: self.memory.word(address)?,
            gsignal: self.word(address, &offsets::M_GSIGNAL)?,
            dying: flag(&offsets::M_DYING)? != 0,
            throwing: flag(&offsets::M_THROWING)? != 0,
            in_c: self
                .memory
                .u8(address.checked_add(self.offsets.of_thread(&offsets::M_INCGO)?)?)
                .unwrap_or(0)
                != 0,
        })
    }

    /// The bubble of `testing/synctest` that it runs in, as a header names it.
    pub(in crate::postmortem) fn bubble(&self, goroutine: &Goroutine) -> Option<String> {
        let bubble = Some(goroutine.bubble).filter(|bubble| *bubble != 0)?;
        if let Some(at) = self.field(bubble, &offsets::BUBBLE_ID) {
            return Some(format!("bubble {}", self.memory.u64(at)?));
        }
        let root = self.word(bubble, &offsets::SYNCGROUP_ROOT)?;
        Some(format!("group {}", self.memory.u64(self.field(root, &offsets::G_GOID)?)?))
    }

    /// A field of an `m` behind its signal mask.
    pub(in crate::postmortem) fn thread_word(&self, m: u64, row: &offsets::Row) -> Option<u64> {
        self.memory.word(m.checked_add(self.offsets.of_thread(row)?)?)
    }

    /// The signal frames on a thread's signal stack that are in use, newest
    /// first. A frame is known by its `uc_stack`, which describes that stack;
    /// those below the stack pointer are of handlers that have returned.
    pub fn signal_frames(&self, thread: &GoThread, os: Option<&Thread>) -> Vec<SignalFrame> {
        let (Some(gsignal), Some(os)) = (self.goroutine(thread.gsignal), os) else { return Vec::new() };
        let (low, high) = gsignal.stack;
        let Some(&sp) = os.registers.get(self.machine.sp) else { return Vec::new() };
        if sp < low || sp >= high {
            return Vec::new();
        }
        let context = &self.machine.context;
        let size = self.pointer_size();
        let pattern = self.memory.words.encode(low);
        let mut out = Vec::new();
        for (start, bytes) in self.memory.within(sp, high) {
            for at in memchr::memmem::find_iter(bytes, &pattern) {
                let place = start.saturating_add(at as u64);
                let Some(address) = place.checked_sub(context.stack.0) else { continue };
                let word = |offset: u64| self.memory.word(address.checked_add(offset)?);
                if !place.is_multiple_of(size) || word(context.stack.1) != Some(high.wrapping_sub(low)) {
                    continue;
                }
                let (Some(pc), Some(sp)) = (word(context.pc), word(context.sp)) else { continue };
                let places = || context.siginfo.iter().filter_map(|at| address.checked_add_signed(*at));
                let pointed = |info: &u64| self.memory.word(info.wrapping_sub(16)) == Some(*info);
                let info = places().find(pointed).or_else(|| places().next_back()).and_then(|info| {
                    let field = |at: usize| self.memory.u32(info.checked_add(at as u64)?);
                    SignalInfo::read(&field, self.memory.words, Some(self.machine))
                });
                let info = info.filter(|info| (1..=64).contains(&info.number));
                let lr = context.lr.and_then(word).unwrap_or(0);
                out.push(SignalFrame { address, pc, sp, lr, signal: info });
                if out.len() >= MAX_FRAMES {
                    return out;
                }
            }
        }
        out
    }
}
