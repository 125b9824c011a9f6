//! Walking a stack, as runtime/traceback.go does (`unwinder`, 1.27; the steps
//! are those of `gentraceback`, 1.18 to 1.20).

use std::rc::Rc;

use super::site::{Role, Site, Sites};
use crate::postmortem::process::Thread;
use crate::postmortem::runtime::Runtime;
use crate::postmortem::runtime::goroutine::{GoThread, Goroutine};
use crate::postmortem::runtime::offsets;
use crate::postmortem::runtime::state::status;

/// Where a walk begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::postmortem) struct Start {
    pub(in crate::postmortem) pc: u64,
    pub(in crate::postmortem) sp: u64,
    pub(in crate::postmortem) lr: u64,
    /// The pc is that of an instruction that was stopped, no return address.
    pub(in crate::postmortem) stopped: bool,
    /// They were saved on the way into a system call.
    pub(in crate::postmortem) syscall: bool,
}

/// One physical frame.
#[derive(Clone)]
pub(in crate::postmortem) struct Frame<'a> {
    pub(in crate::postmortem) site: Rc<Site<'a>>,
    pub(in crate::postmortem) pc: u64,
    pub(in crate::postmortem) sp: u64,
    pub(in crate::postmortem) fp: u64,
    /// Where its arguments begin.
    pub(in crate::postmortem) arguments: u64,
}

/// Frames in a row that take nothing of the stack.
const MAX_STILL: u32 = 64;

pub(in crate::postmortem) struct Unwinder<'r, 'a> {
    runtime: &'r Runtime<'a>,
    sites: &'r Sites<'a>,
    at: Option<(Start, Rc<Site<'a>>)>,
    innermost: bool,
    still: u32,
    /// Why the walk ended before the outermost frame.
    pub(in crate::postmortem) broken: Option<String>,
}

impl<'r, 'a> Unwinder<'r, 'a> {
    pub(in crate::postmortem) fn new(
        runtime: &'r Runtime<'a>,
        sites: &'r Sites<'a>,
        start: Start,
    ) -> Unwinder<'r, 'a> {
        let mut start = start;
        let mut broken = None;
        // Most likely a call of a nil function: begin with the caller.
        if start.pc == 0 {
            start.pc = runtime.memory.word(start.sp).unwrap_or(0);
            start.lr = 0;
            start.stopped = false;
            if runtime.machine.lr.is_none() {
                start.sp = start.sp.wrapping_add(runtime.pointer_size());
            }
        }
        let site = sites.at(runtime, start.pc, start.stopped);
        if site.is_none() {
            broken = Some(format!("unknown pc {:#x}", start.pc));
        }
        Unwinder { runtime, sites, at: site.map(|site| (start, site)), innermost: true, still: 0, broken }
    }

    fn stop<T>(&mut self, why: String) -> Option<T> {
        self.broken = Some(why);
        None
    }
}

impl<'a> Iterator for Unwinder<'_, 'a> {
    type Item = Frame<'a>;

    fn next(&mut self) -> Option<Frame<'a>> {
        let (start, site) = self.at.take()?;
        let Start { pc, sp, lr, syscall, .. } = start;
        let runtime = self.runtime;
        let (memory, size) = (&runtime.memory, runtime.pointer_size());
        let linked = runtime.machine.lr.is_some();
        let innermost = std::mem::replace(&mut self.innermost, false);
        // A function without a table is an external one: the runtime stops there.
        let delta = site.delta?;
        let mut fp = sp.wrapping_add_signed(delta.into());
        if !linked {
            fp = fp.wrapping_add(size);
        }
        let frame =
            Frame { pc, sp, fp, arguments: fp.wrapping_add(runtime.machine.min_frame), site: site.clone() };
        let writes_sp = site.writes_sp && site.role != Role::CgoCallback && !(innermost && syscall);
        if site.top_frame || writes_sp {
            return Some(frame);
        }
        let left = runtime.frames_left.get();
        runtime.frames_left.set(left.saturating_sub(1));
        self.still = if fp > sp { 0 } else { self.still.saturating_add(1) };
        let back = if linked {
            if innermost && sp < fp || lr == 0 { memory.word(sp) } else { Some(lr) }
        } else {
            memory.word(fp.wrapping_sub(size))
        };
        let name = || runtime.printed(site.name);
        let back = match back {
            None => {
                self.broken = Some(format!("the stack of {} is not readable at {sp:#x}", name()));
                return Some(frame);
            }
            Some(0) => return Some(frame),
            Some(back) => back,
        };
        if left == 0 {
            self.broken = Some("more frames than any core has: the stacks are damaged".to_owned());
            return Some(frame);
        }
        if fp < sp || (back == pc && fp == sp) || self.still > MAX_STILL {
            self.broken = Some(format!("traceback stuck. pc={pc:#x} sp={sp:#x}"));
            return Some(frame);
        }
        let injected = site.role == Role::Injected;
        let mut next = Start { pc: back, sp: fp, lr: 0, stopped: injected, syscall: false };
        // A signal handler saves the link register on the stack before it fakes a call.
        if linked && injected {
            let saved = memory.word(fp).unwrap_or(0);
            let (frame, align) = (runtime.machine.min_frame, runtime.machine.stack_align);
            let bump = frame.saturating_add(align.saturating_sub(1)) & !align.saturating_sub(1);
            next.sp = next.sp.wrapping_add(bump);
            match self.sites.at(runtime, back, true) {
                None => next.pc = saved,
                Some(site) if site.delta == Some(0) => next.lr = saved,
                Some(_) => {}
            }
        }
        match self.sites.at(runtime, next.pc, next.stopped) {
            Some(site) => self.at = Some((next, site)),
            None => {
                self.stop::<()>(format!("unexpected return pc for {} called from {back:#x}", name()));
            }
        }
        Some(frame)
    }
}

impl<'a> Runtime<'a> {
    /// Where the stack of a goroutine begins, by what it does.
    pub(in crate::postmortem) fn start(
        &self,
        sites: &Sites<'a>,
        goroutine: &Goroutine,
        threads: &[Thread],
    ) -> Option<Start> {
        let g = goroutine.address;
        let thread = (goroutine.m != 0).then(|| self.thread(goroutine.m)).flatten();
        // The scheduler of a thread has the state `idle`, whatever it does.
        let runs =
            goroutine.status == status::RUNNING || thread.as_ref().is_some_and(|thread| thread.g0 == g);
        if runs
            && let Some(thread) = &thread
            && let Some(start) = self.running(sites, goroutine, thread, threads)
        {
            return Some(start);
        }
        let word = |row| self.word(g, row);
        let syscall_sp = word(&offsets::G_SYSCALLSP)?;
        if syscall_sp != 0 {
            let pc = word(&offsets::G_SYSCALLPC)?;
            return Some(Start { pc, sp: syscall_sp, lr: 0, stopped: false, syscall: true });
        }
        let saved = self.field(g, &offsets::G_SCHED)?;
        let linked = self.machine.lr.is_some();
        let at = |row| self.word(saved, row);
        Some(Start {
            pc: at(&offsets::GOBUF_PC)?,
            sp: at(&offsets::GOBUF_SP)?,
            lr: if linked { at(&offsets::GOBUF_LR)? } else { 0 },
            stopped: false,
            syscall: false,
        })
    }

    /// The thread's registers, or those of a signal frame, where they are of
    /// Go code on this very stack.
    fn running(
        &self,
        sites: &Sites<'a>,
        goroutine: &Goroutine,
        thread: &GoThread,
        threads: &[Thread],
    ) -> Option<Start> {
        let word = |row| self.thread_word(thread.address, row).unwrap_or(0);
        let (vdso_sp, vdso_pc) = (word(&offsets::M_VDSOSP), word(&offsets::M_VDSOPC));
        let (low, high) = goroutine.stack;
        if vdso_sp != 0 && (low..high).contains(&vdso_sp) {
            return Some(Start { pc: vdso_pc, sp: vdso_sp, lr: 0, stopped: false, syscall: false });
        }
        self.stopped_at(thread, threads).into_iter().find(|start| {
            (low..high).contains(&start.sp) && (start.pc == 0 || sites.at(self, start.pc, true).is_some())
        })
    }

    /// Where a thread was stopped: its registers, then its signal frames, newest first.
    pub(in crate::postmortem) fn stopped_at(&self, thread: &GoThread, threads: &[Thread]) -> Vec<Start> {
        let os = threads.iter().find(|os| os.tid == thread.tid);
        let at = |pc, sp, lr| Start { pc, sp, lr, stopped: true, syscall: false };
        let register = |os: &Thread, index: usize| os.registers.get(index).copied().unwrap_or(0);
        let machine = self.machine;
        let own = os.map(|os| {
            at(
                register(os, machine.pc),
                register(os, machine.sp),
                machine.lr.map_or(0, |lr| register(os, lr)),
            )
        });
        let frames = self.signal_frames(thread, os);
        own.into_iter().chain(frames.iter().map(|frame| at(frame.pc, frame.sp, frame.lr))).collect()
    }
}
