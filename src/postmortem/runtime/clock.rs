//! The monotonic clock at the end. It is not in a core; the runtime noted it
//! here and there a little before, so that waits are told as "at least".

use super::Runtime;
use super::offsets;

/// Goroutines that are asked for the latest moment that they know.
const MOST: usize = 1_000_000;
/// Threads that a process may have, unless it says otherwise (runtime/proc.go,
/// `schedinit`: `sched.maxmcount`).
const MAX_THREADS: u32 = 10_000;

impl Runtime<'_> {
    /// The latest moment that the runtime noted (`sysmontick` of the processors and
    /// `sched.lastpoll`, runtime/proc.go; `waitsince` of the goroutines).
    pub(in crate::postmortem) fn clock(&self) -> Option<u64> {
        let processors = self.threads.iter().flat_map(|m| {
            [&offsets::M_P, &offsets::M_NEXTP, &offsets::M_OLDP]
                .into_iter()
                .filter_map(|row| self.thread_word(*m, row))
                .filter(|p| *p != 0)
        });
        let ticks = processors.filter_map(|p| {
            let tick = self.field(p, &offsets::P_SYSMONTICK)?;
            let at = |row| self.field(tick, row).and_then(|at| self.memory.u64(at)).unwrap_or(0);
            Some(at(&offsets::TICK_SCHEDWHEN).max(at(&offsets::TICK_SYSCALLWHEN)))
        });
        let waits = self
            .goroutines
            .iter()
            .take(MOST)
            .filter_map(|g| self.field(*g, &offsets::G_WAITSINCE).and_then(|at| self.memory.u64(at)));
        // Signed in the runtime; a century is not believed.
        let moments = ticks.chain(waits).chain(self.last_poll());
        moments.filter(|moment| *moment < 1 << 62).max().filter(|latest| *latest > 0)
    }

    /// When the network was asked last, or a timer was waited for: the moment at which an
    /// idle process woke up. 0 while a thread does so.
    fn last_poll(&self) -> Option<u64> {
        let scheduler = match self.variable("runtime.sched") {
            Some(address) => address,
            None => {
                let ids = self
                    .goroutines
                    .iter()
                    .take(MOST)
                    .filter_map(|g| self.memory.u64(self.field(*g, &offsets::G_GOID)?));
                let newest = ids.max()?;
                self.places(self.pointer_size()).find(|at| self.is_scheduler(*at, newest))?
            }
        };
        self.memory.u64(self.field(scheduler, &offsets::SCHED_LASTPOLL)?)
    }

    /// `runtime.sched` by some of its numbers: threads that may be, that were, and that are
    /// the system's; the number of the newest goroutine.
    fn is_scheduler(&self, at: u64, newest: u64) -> bool {
        let number = |row| self.field(at, row).and_then(|at| self.memory.u64(at));
        let narrow = |row| self.field(at, row).and_then(|at| self.memory.u32(at));
        let threads = self.threads.len() as u64;
        narrow(&offsets::SCHED_MAXMCOUNT) == Some(MAX_THREADS)
            && narrow(&offsets::SCHED_NMSYS).is_some_and(|system| u64::from(system) <= threads)
            && number(&offsets::SCHED_MNEXT).is_some_and(|made| threads <= made && made < 1 << 32)
            && number(&offsets::SCHED_GOIDGEN).is_some_and(|given| newest <= given && given < 1 << 48)
    }
}
