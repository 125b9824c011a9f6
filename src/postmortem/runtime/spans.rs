//! The spans of the heap (runtime/mheap.go, `mspan`, `mheap_.allspans`), and the
//! processors (`allp`): variables of the runtime that lists lead to.

use super::Runtime;
use super::offsets;

/// What a walk over all spans adds up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::postmortem) struct Spans {
    /// Objects, and their bytes, that processors allocated in spans of their own and the
    /// statistics do not know yet.
    pub(in crate::postmortem) cached_objects: u64,
    pub(in crate::postmortem) cached_bytes: u64,
}

/// runtime/sizeclasses.go, `PageShift`.
const PAGE: u64 = 8192;
/// runtime/mheap.go, `mSpanState`.
const IN_USE: u8 = 1;
/// How many of the first spans have to look like some before a list is believed.
const SAMPLE: u64 = 32;
/// Most spans: 2 TB of the smallest.
const MOST: u64 = 1 << 28;
/// Most processors that the runtime has had (runtime/runtime2.go, `maxProcs`), and more.
const MOST_PROCESSORS: u64 = 1 << 16;
/// Places that begin like what is looked for; a damaged core may have any number.
const MOST_TRIED: usize = 1000;

impl Runtime<'_> {
    /// Adds up the spans; their pages have to be those that the heap has in use.
    pub(in crate::postmortem) fn spans(&self, heap_in_use: u64) -> Result<Spans, String> {
        let named = self.variable("runtime.mheap_");
        let heap = match named {
            Some(address) => Some(address).filter(|heap| self.is_heap(*heap, heap_in_use)),
            None => {
                let list = self.offsets.get(&offsets::MHEAP_ALLSPANS).unwrap_or(0);
                let places = self.places(self.pointer_size());
                // The list is looked for, whatever stands before it.
                let heaps = places.filter_map(|at| at.checked_sub(list));
                let fits = |heap: &u64| {
                    let pages = self.word(*heap, &offsets::MHEAP_PAGESINUSE);
                    pages.and_then(|pages| pages.checked_mul(PAGE)) == Some(heap_in_use)
                };
                heaps.filter(fits).take(MOST_TRIED).find(|heap| self.is_heap(*heap, heap_in_use))
            }
        };
        let heap = heap.ok_or_else(|| match named {
            Some(_) => "runtime.mheap_ contradicts runtime.gcController, or is not in the core".to_owned(),
            None => "runtime.mheap_ was not found: the executable has no symbol table, and nothing in its data looks \
                     like it"
                .to_owned(),
        })?;
        self.add_spans(heap).ok_or_else(|| "not all spans of the heap are in the core".to_owned())
    }

    fn list(&self, heap: u64) -> Option<(u64, u64)> {
        let list = self.field(heap, &offsets::MHEAP_ALLSPANS)?;
        let length = self.memory.word(list.checked_add(self.pointer_size())?)?;
        Some((self.memory.word(list)?, length))
    }

    fn is_heap(&self, heap: u64, in_use: u64) -> bool {
        let check = || {
            let (list, length) = self.list(heap)?;
            let pages = self.word(heap, &offsets::MHEAP_PAGESINUSE)?;
            if list == 0 || length == 0 || length > MOST || pages.checked_mul(PAGE)? != in_use {
                return None;
            }
            for index in 0..length.min(SAMPLE) {
                let span = self.memory.word(list.checked_add(index.checked_mul(self.pointer_size())?)?)?;
                let pages = self.word(span, &offsets::MSPAN_NPAGES)?;
                let start = self.word(span, &offsets::MSPAN_STARTADDR)?;
                if !start.is_multiple_of(PAGE) || pages > MOST {
                    return None;
                }
            }
            Some(())
        };
        check().is_some()
    }

    fn add_spans(&self, heap: u64) -> Option<Spans> {
        let (list, length) = self.list(heap)?;
        let u32_at = |base, row| self.memory.u32(self.field(base, row)?);
        let generation = u32_at(heap, &offsets::MHEAP_SWEEPGEN)?;
        let mut out = Spans::default();
        for index in 0..length {
            let span = self.memory.word(list.checked_add(index.checked_mul(self.pointer_size())?)?)?;
            let at = |row| self.field(span, row);
            if self.memory.u8(at(&offsets::MSPAN_STATE)?)? != IN_USE {
                continue;
            }
            // Cached, before or after the sweep began (runtime/mheap.go, `mspan.sweepgen`).
            let ahead = u32_at(span, &offsets::MSPAN_SWEEPGEN)?.wrapping_sub(generation);
            if !matches!(ahead, 1 | 3) {
                continue;
            }
            let count = |row| self.memory.number(at(row)?, 2);
            let fresh = count(&offsets::MSPAN_ALLOCCOUNT)?
                .saturating_sub(count(&offsets::MSPAN_ALLOCCOUNTBEFORECACHE)?);
            let size = self.word(span, &offsets::MSPAN_ELEMSIZE)?;
            out.cached_objects = out.cached_objects.saturating_add(fresh);
            out.cached_bytes = out.cached_bytes.saturating_add(fresh.saturating_mul(size));
        }
        Some(out)
    }

    /// GOMAXPROCS: the length of `runtime.allp` (runtime/proc.go, `procresize`).
    pub(in crate::postmortem) fn processors(&self) -> Result<u64, String> {
        if let Some(at) = self.variable("runtime.gomaxprocs") {
            let number = self.memory.u32(at).map(u64::from);
            let believed = number.filter(|number| (1..=MOST_PROCESSORS).contains(number));
            return believed.ok_or_else(|| "runtime.gomaxprocs is not in the core, or damaged".to_owned());
        }
        let size = self.pointer_size();
        let is_list = |list: u64, length: u64| {
            (0..length).all(|index| {
                let p = list.checked_add(index.saturating_mul(size)).and_then(|at| self.memory.word(at));
                p.is_some_and(|p| self.is_processor(p, index))
            })
        };
        let lists = self.places(size).filter_map(|at| {
            let (list, length) = (self.memory.word(at)?, self.memory.word(at.checked_add(size)?)?);
            let capacity = self.memory.word(at.checked_add(size.checked_mul(2)?)?)?;
            let fits = list != 0 && (1..=capacity).contains(&length) && capacity <= MOST_PROCESSORS;
            (fits && is_list(list, 1)).then_some((list, length))
        });
        let found = lists.take(MOST_TRIED).find(|(list, length)| is_list(*list, *length));
        let found = found.map(|(_, length)| length);
        found.ok_or_else(|| "no list of processors (runtime.allp) was found".to_owned())
    }

    /// A `p` that has a number, and the `m` that it belongs to has it too.
    fn is_processor(&self, p: u64, index: u64) -> bool {
        let field = |row| self.field(p, row).and_then(|at| self.memory.u32(at));
        if self.memory.u32(p).map(u64::from) != Some(index) || field(&offsets::P_STATUS).is_none_or(|s| s > 4)
        {
            return false;
        }
        let m = self.word(p, &offsets::P_M);
        // An idle one has none.
        m.is_some_and(|m| {
            m == 0 || self.thread_word(m, &offsets::M_P) == Some(p) || self.threads.contains(&m)
        }) && self.word(p, &offsets::P_MCACHE).is_some_and(|cache| cache != 0)
    }
}
