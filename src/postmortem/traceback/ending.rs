//! How it ended: which thread dumped, on which stack, and with what words.

use super::fatal::LastWords;
use super::site::{Role, Sites};
use super::unwind::{Frame, Start, Unwinder};
use crate::postmortem::CoreDump;
use crate::postmortem::runtime::Runtime;
use crate::postmortem::runtime::goroutine::{GoThread, Goroutine, SignalFrame};

/// The end of the process.
pub(in crate::postmortem) struct Ending {
    pub(in crate::postmortem) thread: Option<GoThread>,
    /// What it died of, where the runtime itself ended it.
    pub(in crate::postmortem) cause: Option<Cause>,
    /// Where the system stack has to be walked from, if it was on that.
    pub(in crate::postmortem) system: Option<Start>,
    /// The goroutine that comes first.
    pub(in crate::postmortem) crashing: Option<Goroutine>,
    /// A signal came while that goroutine had called C code.
    pub(in crate::postmortem) in_c: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::postmortem) enum Cause {
    Panic,
    Fatal,
    /// With the registers at that moment.
    Signal(SignalFrame),
}

/// Frames in which the one that ended the process is looked for.
const NEAR: usize = 64;

impl<'a> Runtime<'a> {
    pub(in crate::postmortem) fn ending(&self, sites: &Sites<'a>, core: &CoreDump) -> Ending {
        let threads = &core.process.threads;
        let all: Vec<GoThread> = self.threads.iter().filter_map(|m| self.thread(*m)).collect();
        let first = threads.first().and_then(|os| all.iter().find(|thread| thread.tid == os.tid));
        let dying = all.iter().find(|thread| thread.throwing || thread.dying);
        let thread =
            first.filter(|thread| thread.throwing || thread.dying || dying.is_none()).or(dying).cloned();
        let mut out = Ending { thread: None, cause: None, system: None, crashing: None, in_c: false };
        let Some(thread) = thread else { return out };
        if thread.dying || thread.throwing {
            if let Some(start) = self.system_start(sites, &thread, core) {
                out.system = Some(start);
                out.cause = Some(Cause::Fatal);
            }
            out.crashing = self.goroutine(thread.current).filter(|_| thread.current != 0);
            if let Some(goroutine) = out.crashing.as_ref().filter(|_| out.system.is_none()) {
                out.cause = match self.role(sites, goroutine, core) {
                    Some(Role::Throw) => Some(Cause::Fatal),
                    Some(Role::Panic) => Some(Cause::Panic),
                    _ => None,
                };
            }
        }
        if thread.throwing && out.cause.is_none() {
            self.signalled(&thread, core, &mut out);
        }
        out.thread = Some(thread);
        out
    }

    /// The oldest signal frame in use is that of the signal itself; the newer
    /// ones are of the runtime's own end.
    fn signalled(&self, thread: &GoThread, core: &CoreDump, out: &mut Ending) {
        let os = core.process.threads.iter().find(|os| os.tid == thread.tid);
        let frames = self.signal_frames(thread, os);
        let Some(frame) = frames.last().filter(|frame| frame.signal.is_some()) else { return };
        out.cause = Some(Cause::Signal(*frame));
        let on_goroutine = out
            .crashing
            .as_ref()
            .is_some_and(|goroutine| (goroutine.stack.0..goroutine.stack.1).contains(&frame.sp));
        out.in_c = thread.in_c && out.crashing.is_some() && !on_goroutine;
        if !on_goroutine && !out.in_c {
            // The scheduler of the thread; what it ran comes with the others.
            out.crashing = self.goroutine(thread.g0);
        }
    }

    /// The thread's own stack, where `throw` is on it.
    fn system_start(&self, sites: &Sites<'a>, thread: &GoThread, core: &CoreDump) -> Option<Start> {
        let (low, high) = self.goroutine(thread.g0)?.stack;
        let starts = self.stopped_at(thread, &core.process.threads);
        let mut on_stack = starts.into_iter().filter(|start| (low..high).contains(&start.sp));
        on_stack.find(|start| {
            Unwinder::new(self, sites, *start).take(NEAR).any(|frame| frame.site.role == Role::Throw)
        })
    }

    /// What the newest frame that ends processes is.
    fn role(&self, sites: &Sites<'a>, goroutine: &Goroutine, core: &CoreDump) -> Option<Role> {
        let start = self.start(sites, goroutine, &core.process.threads)?;
        let mut roles = Unwinder::new(self, sites, start).take(NEAR).map(|frame| frame.site.role);
        roles.find(|role| matches!(role, Role::Throw | Role::Panic))
    }

    /// The words of a fatal error: those that were printed, else those that
    /// `throw` was called with.
    pub(in crate::postmortem) fn fatal_words(&self, frame: Option<&Frame<'a>>) -> LastWords {
        self.last_words().unwrap_or_else(|| {
            let message = frame.and_then(|frame| self.thrown(frame));
            let unknown = || "(its text is not in the core)".to_owned();
            LastWords { notes: Vec::new(), message: message.unwrap_or_else(unknown) }
        })
    }
}
