//! The monotonic clock at the end. It is not in a core; the runtime noted it
//! here and there a little before, so that waits are told as "at least".

use super::offsets;
use super::runtime::Runtime;

/// Goroutines that are asked for the latest moment that they know.
const MOST: usize = 1_000_000;

impl Runtime<'_> {
    /// The latest moment that the runtime noted (`sysmontick` of the processors,
    /// runtime/proc.go; `waitsince` of the goroutines).
    pub(super) fn clock(&self) -> Option<u64> {
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
        ticks.chain(waits).filter(|moment| *moment < 1 << 62).max().filter(|latest| *latest > 0)
    }
}
