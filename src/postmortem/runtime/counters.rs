//! What the runtime counted of its memory and collections (runtime/mstats.go,
//! runtime/mgcpacer.go, runtime/mheap.go, 1.19 to 1.27; what `runtime.ReadMemStats`
//! tells), read where the runtime keeps it.
//!
//! The variables are found by the symbol table, else by what has to hold between them: a
//! stripped executable names none. Numbers that contradict each other are not told.

use super::Runtime;
use super::offsets;
use super::spans::Spans;

/// Everything that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counters {
    /// Bytes of spans that hold objects.
    pub heap_in_use: u64,
    /// Bytes that hold none, and are still the process's.
    pub heap_free: u64,
    /// Bytes that were given back to the system.
    pub heap_released: u64,
    /// Objects that were allocated and not freed yet, dead ones that were not swept among
    /// them; else why they are not told.
    pub objects: Result<Objects, String>,
    pub collections: Result<Collections, String>,
    /// The heap size at which the next collection begins, or the one under way should end;
    /// none where nothing makes it begin.
    pub goal: Option<u64>,
    /// GOGC in force; none is `off`.
    pub percent: Option<u32>,
    /// GOMEMLIMIT in force.
    pub limit: Option<u64>,
    /// GOMAXPROCS in force.
    pub processors: Result<u64, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Objects {
    pub count: u64,
    pub bytes: u64,
}

/// What the statistics beside the collector's tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Collections {
    /// Bytes of stacks, those of the system's threads left out.
    pub stacks: u64,
    /// Collections that were completed.
    pub completed: u32,
    /// When the last one was, in nanoseconds of 1970; none before the first.
    pub last: Option<u64>,
    /// Nanoseconds before the end, at least.
    pub last_before_end: Option<u64>,
    pub pauses: u64,
    /// Marking was under way.
    pub marking: bool,
}

/// runtime/mgcpacer.go, `defaultHeapMinimum`; a quarter with HeapMinimum512KiB set is 512 KiB.
const HEAP_MINIMUM: [u64; 2] = [4 << 20, 512 << 10];
/// GOMEMLIMIT=off (runtime/mgcpacer.go, `readGOMEMLIMIT`).
const NO_LIMIT: u64 = i64::MAX as u64;
/// Classes of sizes (internal/runtime/gc/sizeclasses.go, 1.27; 68 since 1.16).
const CLASSES: u64 = 68;
/// Buffers of `runtime.consistentHeapStats`, one behind the other, before `gen`.
const BUFFERS: u64 = 3;
/// No address space has more.
const MOST: u64 = 1 << 48;

/// `runtime.gcController` (runtime/mgcpacer.go).
struct Controller<'r, 'a> {
    runtime: &'r Runtime<'a>,
    address: u64,
}

impl Controller<'_, '_> {
    fn at(&self, row: &offsets::Row) -> Option<u64> {
        self.runtime.memory.u64(self.runtime.field(self.address, row)?)
    }

    fn percent(&self) -> Option<i32> {
        let at = self.runtime.field(self.address, &offsets::GC_PERCENT)?;
        self.runtime.memory.u32(at).map(u32::cast_signed)
    }

    /// Do its numbers agree? They do from `gcinit` on, which comes before the first
    /// goroutine.
    fn plausible(&self) -> Option<bool> {
        let percent = self.percent()?;
        // `setGCPercent` sets the one by the other, -1 included. A minimum of 0, which GOGC=0
        // makes, is what most of the data looks like.
        let minimum = self.at(&offsets::GC_HEAPMINIMUM)?;
        let share = i64::from(percent).cast_unsigned();
        let scaled = |default: u64| default.wrapping_mul(share).checked_div(100);
        if percent < -1
            || minimum == 0
            || !HEAP_MINIMUM.into_iter().any(|default| scaled(default) == Some(minimum))
        {
            return Some(false);
        }
        let (in_use, free, released) = self.heap()?;
        let (allocated, freed) = (self.at(&offsets::GC_TOTALALLOC)?, self.at(&offsets::GC_TOTALFREE)?);
        let ready = self.at(&offsets::GC_MAPPEDREADY)?;
        let pages = [in_use, free, released].iter().all(|bytes| bytes.is_multiple_of(4096) && *bytes < MOST);
        let limit = self.at(&offsets::GC_MEMORYLIMIT)?;
        Some(
            pages
                && in_use > 0
                && limit <= NO_LIMIT
                && freed <= allocated
                && allocated.wrapping_sub(freed) <= in_use
                && in_use.saturating_add(free) <= ready
                && ready < MOST,
        )
    }

    fn heap(&self) -> Option<(u64, u64, u64)> {
        Some((
            self.at(&offsets::GC_HEAPINUSE)?,
            self.at(&offsets::GC_HEAPFREE)?,
            self.at(&offsets::GC_HEAPRELEASED)?,
        ))
    }

    /// runtime/mgcpacer.go, `heapGoalInternal`; without a bound it is the largest number.
    fn goal(&self) -> Option<u64> {
        let by_percent = self.at(&offsets::GC_PERCENTHEAPGOAL)?;
        let by_limit = self.goal_of_limit()?;
        if by_limit < by_percent {
            return Some(by_limit);
        }
        let goal = by_percent.max(self.at(&offsets::GC_SWEEPDISTMINTRIGGER)?);
        let triggered = self.at(&offsets::GC_TRIGGERED)?;
        let runway = if triggered == u64::MAX { 0 } else { triggered.saturating_add(64 << 10) };
        Some(goal.max(runway))
    }

    /// runtime/mgcpacer.go, `memoryLimitHeapGoal`.
    fn goal_of_limit(&self) -> Option<u64> {
        let live = self.at(&offsets::GC_TOTALALLOC)?.wrapping_sub(self.at(&offsets::GC_TOTALFREE)?);
        let ready = self.at(&offsets::GC_MAPPEDREADY)?;
        let limit = self.at(&offsets::GC_MEMORYLIMIT)?;
        let marked = self.at(&offsets::GC_HEAPMARKED)?;
        let other = ready.saturating_sub(self.at(&offsets::GC_HEAPFREE)?).saturating_sub(live);
        let reserved = other.saturating_add(ready.saturating_sub(limit));
        let Some(goal) = limit.checked_sub(reserved).filter(|goal| *goal > 0) else { return Some(marked) };
        // Three per cent, since 1.21 at the latest.
        let least = 1 << 20;
        let share = if self.runtime.offsets.minor < 21 { 0 } else { (goal / 100).saturating_mul(3) };
        let headroom = share.max(least);
        Some(goal.saturating_sub(headroom).max(headroom).max(marked))
    }
}

/// `runtime.memstats` (runtime/mstats.go), which begins with the consistent statistics.
struct Statistics<'r, 'a> {
    runtime: &'r Runtime<'a>,
    address: u64,
}

impl Statistics<'_, '_> {
    /// The sum of one number over all buffers, which are deltas.
    fn sum(&self, offset: u64) -> Option<u64> {
        let one = self.runtime.offsets.get(&offsets::MSTATS_GEN)?.checked_div(BUFFERS)?;
        let start = self.address.checked_add(offset)?;
        (0..BUFFERS).try_fold(0u64, |sum, buffer| {
            let at = start.checked_add(buffer.checked_mul(one)?)?;
            Some(sum.wrapping_add(self.runtime.memory.u64(at)?))
        })
    }

    fn count(&self, row: &offsets::Row) -> Option<u64> {
        self.sum(self.runtime.offsets.get(row)?)
    }

    /// Of small objects: one number a class.
    fn classes(&self, row: &offsets::Row) -> Option<u64> {
        let first = self.runtime.offsets.get(row)?;
        (0..CLASSES).try_fold(0u64, |sum, class| {
            Some(sum.wrapping_add(self.sum(first.checked_add(class.checked_mul(8)?)?)?))
        })
    }

    /// Objects of spans that no processor has for itself.
    fn objects(&self) -> Option<u64> {
        let made = self
            .count(&offsets::HEAPSTATS_LARGEALLOCCOUNT)?
            .wrapping_add(self.classes(&offsets::HEAPSTATS_SMALLALLOCCOUNT)?);
        let gone = self
            .count(&offsets::HEAPSTATS_LARGEFREECOUNT)?
            .wrapping_add(self.classes(&offsets::HEAPSTATS_SMALLFREECOUNT)?);
        Some(made.wrapping_sub(gone))
    }

    fn number(&self, row: &offsets::Row) -> Option<u64> {
        self.runtime.memory.u64(self.runtime.field(self.address, row)?)
    }

    /// What `readmemstats_m` takes for granted while the world is stopped.
    fn agrees(&self, controller: &Controller<'_, '_>) -> bool {
        let (Some((in_use, free, released)), Some(ready)) =
            (controller.heap(), controller.at(&offsets::GC_MAPPEDREADY))
        else {
            return false;
        };
        self.count(&offsets::HEAPSTATS_INHEAP) == Some(in_use)
            && self.count(&offsets::HEAPSTATS_RELEASED) == Some(released)
            && self.plausible()
            && self.other().and_then(|other| other.checked_add(in_use)?.checked_add(free)) == Some(ready)
    }

    /// Bytes that are neither heap nor given back: stacks, and what the runtime has for
    /// itself, six numbers in a row from `stacks_sys` on.
    fn other(&self) -> Option<u64> {
        let first = self.runtime.field(self.address, &offsets::MSTATS_STACKSSYS)?;
        let own = (0..6u64).try_fold(0u64, |sum, index| {
            sum.checked_add(self.runtime.memory.u64(first.checked_add(index.checked_mul(8)?)?)?)
        })?;
        let bits = match self.runtime.offsets.get(&offsets::HEAPSTATS_INPTRSCALARBITS) {
            Some(offset) => self.sum(offset)?,
            None => 0,
        };
        let used = self
            .count(&offsets::HEAPSTATS_INSTACKS)?
            .checked_add(self.count(&offsets::HEAPSTATS_INWORKBUFS)?)?;
        own.checked_add(used)?.checked_add(bits)
    }

    fn plausible(&self) -> bool {
        let check = || {
            let generation =
                self.runtime.memory.u32(self.runtime.field(self.address, &offsets::MSTATS_GEN)?)?;
            let stacks = self.count(&offsets::HEAPSTATS_INSTACKS)?;
            (u64::from(generation) < BUFFERS && 0 < stacks && stacks < MOST).then_some(())
        };
        check().is_some()
    }
}

impl<'a> Runtime<'a> {
    /// What the runtime counted.
    ///
    /// # Errors
    /// Why it is not told, in words.
    pub fn counters(&self) -> Result<Counters, String> {
        let controller = self.controller()?;
        let heap = controller.heap().ok_or("runtime.gcController is not in the core in full")?;
        let spans = self.spans(heap.0);
        let statistics = self.statistics(&controller);
        let objects = match (&spans, &statistics) {
            (Ok(spans), Ok(statistics)) => objects(&controller, spans, statistics)
                .ok_or_else(|| "their counts contradict each other".to_owned()),
            (Err(why), _) | (_, Err(why)) => Err(why.clone()),
        };
        let percent = controller.percent().and_then(|percent| u32::try_from(percent).ok());
        let limit = controller.at(&offsets::GC_MEMORYLIMIT).filter(|limit| *limit < NO_LIMIT);
        let unbounded = percent.is_none() && limit.is_none();
        Ok(Counters {
            heap_in_use: heap.0,
            heap_free: heap.1,
            heap_released: heap.2,
            objects,
            collections: statistics.and_then(|statistics| self.collections(&controller, &statistics)),
            goal: controller.goal().filter(|goal| !unbounded && *goal < MOST),
            percent,
            limit,
            processors: self.processors(),
        })
    }

    fn collections(
        &self,
        controller: &Controller<'_, '_>,
        statistics: &Statistics<'_, '_>,
    ) -> Result<Collections, String> {
        let read = || {
            let moment = statistics.number(&offsets::MSTATS_LASTGCNANOTIME)?;
            let completed = self.memory.u32(self.field(statistics.address, &offsets::MSTATS_NUMGC)?)?;
            let last = statistics.number(&offsets::MSTATS_LASTGCUNIX)?;
            let began = controller.at(&offsets::GC_MARKSTARTTIME)?;
            let clock = self.clock().filter(|clock| moment > 0 && *clock >= moment);
            let found = Collections {
                stacks: statistics.count(&offsets::HEAPSTATS_INSTACKS)?,
                completed,
                last: (last > 0).then_some(last),
                last_before_end: clock.map(|clock| clock.wrapping_sub(moment)),
                pauses: statistics.number(&offsets::MSTATS_PAUSETOTALNS)?,
                // `gcStart` notes the one, `gcMarkTermination` the other.
                marking: began > moment,
            };
            // Both are set at the end of the first.
            ((completed == 0) == (last == 0)).then_some(found)
        };
        read().ok_or_else(|| "runtime.memstats contradicts itself, or is not in the core in full".to_owned())
    }

    fn controller(&self) -> Result<Controller<'_, 'a>, String> {
        let at = |address| Controller { runtime: self, address };
        if let Some(address) = self.variable("runtime.gcController") {
            return match at(address).plausible() {
                Some(true) => Ok(at(address)),
                Some(false) => Err("the numbers of runtime.gcController contradict each other".to_owned()),
                None => Err("runtime.gcController is not in the core".to_owned()),
            };
        }
        let fits = |address: &u64| at(*address).plausible() == Some(true);
        let found = self.places(8).find(fits).map(at);
        found.ok_or_else(|| {
            "runtime.gcController was not found: the executable has no symbol table, and nothing in its data looks \
             like it"
                .to_owned()
        })
    }

    fn statistics(&self, controller: &Controller<'_, '_>) -> Result<Statistics<'_, 'a>, String> {
        let at = |address| Statistics { runtime: self, address };
        if let Some(address) = self.variable("runtime.memstats") {
            // Other threads may have been between the one number and the other.
            return if at(address).plausible() {
                Ok(at(address))
            } else {
                Err("runtime.memstats is not in the core, or damaged".to_owned())
            };
        }
        self.places(self.pointer_size()).map(at).find(|found| found.agrees(controller)).ok_or_else(|| {
            "runtime.memstats was not found: the executable has no symbol table, and nothing in its data agrees with \
             runtime.gcController"
                .to_owned()
        })
    }
}

/// `readmemstats_m`, which flushes what processors have for themselves first.
fn objects(
    controller: &Controller<'_, '_>,
    spans: &Spans,
    statistics: &Statistics<'_, '_>,
) -> Option<Objects> {
    let allocated =
        controller.at(&offsets::GC_TOTALALLOC)?.checked_sub(controller.at(&offsets::GC_TOTALFREE)?)?;
    let count = statistics.objects()?.checked_add(spans.cached_objects)?;
    let bytes = allocated.checked_add(spans.cached_bytes)?;
    let in_use = controller.at(&offsets::GC_HEAPINUSE)?;
    (bytes <= in_use && count <= bytes).then_some(Objects { count, bytes })
}
