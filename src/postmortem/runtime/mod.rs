//! Finding the Go runtime in memory, with or without symbols: its module data
//! by the address of the pclntab that they begin with, the list of goroutines
//! by its shape, the list of threads by its links.

pub(in crate::postmortem) mod ancestors;
pub(in crate::postmortem) mod clock;
pub(in crate::postmortem) mod counters;
pub(in crate::postmortem) mod features;
pub(in crate::postmortem) mod goroutine;
pub(in crate::postmortem) mod labels;
pub(in crate::postmortem) mod offsets;
pub(in crate::postmortem) mod panics;
pub(in crate::postmortem) mod shape;
pub(in crate::postmortem) mod spans;
pub(in crate::postmortem) mod state;

use std::cell::{Cell, OnceCell};

use rustc_hash::{FxHashMap, FxHashSet};

use self::offsets::Offsets;
use self::state::status;
use crate::addr::{LinkAddr, LoadBias};
use crate::binary::{Binary, Pclntab, structs};
use crate::postmortem::process::machine::Machine;
use crate::postmortem::process::memory::Memory;

/// Most frames of all stacks together. A stack of 1 GB, the runtime's own limit,
/// has some 20 million.
const MAX_FRAMES: u64 = 100_000_000;

/// Most goroutines that are believed: each takes 400 bytes and a stack of 2 KB.
const MAX_GOROUTINES: u64 = 50_000_000;
/// Most threads that are followed; the runtime gives up at 10,000.
const MAX_THREADS: usize = 100_000;
/// Links that are followed in all.
const MAX_STEPS: usize = 10_000_000;
/// How many of the goroutines have to look like some before a list is believed.
const SAMPLE: u64 = 64;
/// Most bytes of variables of one sort.
const MAX_AREA: u64 = 1 << 30;
/// Most places that are tried as the list of goroutines; real programs have some 30.
const MAX_CANDIDATES: usize = 200_000;
/// Most bytes of each sort of data in which a variable is looked for by its contents.
const MAX_SEARCHED: u64 = 64 << 20;
/// Variables of the runtime that are asked for by name.
const VARIABLES: [&str; 7] = [
    "internal/cpu.options",
    "runtime.gcController",
    "runtime.goarm",
    "runtime.gomaxprocs",
    "runtime.memstats",
    "runtime.mheap_",
    "runtime.sched",
];

/// What was found.
pub struct Runtime<'a> {
    pub(in crate::postmortem) memory: Memory<'a>,
    pub(in crate::postmortem) table: Pclntab<'a>,
    pub(in crate::postmortem) machine: &'static Machine,
    pub(in crate::postmortem) binary: &'a Binary,
    pub(in crate::postmortem) bias: LoadBias,
    pub(in crate::postmortem) offsets: Offsets,
    /// 27 for go1.27.3.
    pub minor: u32,
    /// Addresses of the `g`s that could be read as some.
    pub goroutines: Vec<u64>,
    /// How many `runtime.allgs` claims.
    pub claimed: u64,
    /// Addresses of the `m`s.
    pub(in crate::postmortem) threads: Vec<u64>,
    pub(in crate::postmortem) areas: Vec<(u64, u64)>,
    pub(in crate::postmortem) types: (u64, u64),
    /// Frames that may still be walked, in all.
    pub(in crate::postmortem) frames_left: Cell<u64>,
    /// Variables that the symbol table names.
    variables: OnceCell<FxHashMap<&'static str, LinkAddr>>,
    /// What could not be found or is doubtful.
    pub doubts: Vec<String>,
}

/// Words of `runtime.moduledata` that never moved (runtime/symtab.go, 1.16 to 1.27):
/// the bounds of noptrdata, data, bss and noptrbss.
const AREAS: [u64; 4] = [24, 26, 28, 30];
const TEXT: u64 = 22;
const FUNCTIONS: u64 = 17;

/// Why there are no goroutines to list.
pub(in crate::postmortem) fn find<'a>(
    memory: Memory<'a>,
    binary: &'a Binary,
    bias: LoadBias,
    machine: &'static Machine,
) -> Result<Runtime<'a>, String> {
    let table = binary.pclntab().map_err(|reason| format!("the executable tells nothing of Go: {reason}"))?;
    let minor = binary.go_minor().ok_or("the executable does not tell its version of Go")?;
    if minor < 18 {
        return Err(format!("it was built by Go 1.{minor}; stacks are read of Go 1.18 and later"));
    }
    let size = memory.words.pointer_size;
    let offsets = Offsets::of(binary, minor, size, machine.mask_shift);
    let module = module(&memory, binary, bias, &table).ok_or_else(|| {
        "the runtime's module data were not found in memory: the data segment of the executable is not in the core, or \
         the executable is not that of the core"
            .to_owned()
    })?;
    let word = |index: u64| memory.word(module.wrapping_add(index.wrapping_mul(size.into())));
    // bss first, where allgs is.
    let bounds = |index: &u64| Some((word(*index)?, word(index.wrapping_add(1))?));
    let areas: Vec<(u64, u64)> = AREAS
        .iter()
        .rev()
        .filter_map(bounds)
        .filter(|(start, end)| start < end && end.wrapping_sub(*start) <= MAX_AREA)
        .collect();
    let at = |row| offsets.get(row).and_then(|offset| memory.word(module.wrapping_add(offset)));
    let types = (at(&offsets::MODULEDATA_TYPES).unwrap_or(0), at(&offsets::MODULEDATA_ETYPES).unwrap_or(0));
    let mut runtime = Runtime {
        memory,
        table,
        machine,
        binary,
        bias,
        offsets,
        minor,
        goroutines: Vec::new(),
        claimed: 0,
        threads: Vec::new(),
        areas,
        types,
        frames_left: Cell::new(MAX_FRAMES),
        variables: OnceCell::new(),
        doubts: Vec::new(),
    };
    runtime.doubts.extend(runtime.offsets.doubt(minor));
    runtime.find_goroutines();
    runtime.find_threads();
    Ok(runtime)
}

/// `runtime.firstmoduledata`: a word that is the address of the pclntab, where
/// the words behind it fit too.
fn module(memory: &Memory<'_>, binary: &Binary, bias: LoadBias, table: &Pclntab<'_>) -> Option<u64> {
    let layout = table.layout();
    let wanted = layout.address.0.wrapping_add(bias.0);
    let pattern = memory.words.encode(wanted);
    let size = u64::from(memory.words.pointer_size);
    let word = |at: u64, index: u64| memory.word(at.wrapping_add(index.wrapping_mul(size)));
    for segment in &binary.image.segments {
        let start = segment.address.wrapping_add(bias.0);
        // What lies in `.bss` is no module data, so the file's length will do.
        let Some(end) = start.checked_add(segment.length as u64) else { continue };
        for (address, bytes) in memory.within(start, end) {
            let places =
                memchr::memmem::find_iter(bytes, &pattern).map(|at| address.saturating_add(at as u64));
            let fits = |at: &u64| {
                at.is_multiple_of(size)
                    && word(*at, FUNCTIONS) == Some((layout.functions as u64).wrapping_add(1))
                    && word(*at, TEXT) == Some(layout.text.0.wrapping_add(bias.0))
            };
            if let Some(found) = places.into_iter().find(fits) {
                return Some(found);
            }
        }
    }
    None
}

/// What a word taken for a pointer to a `g` is.
pub(in crate::postmortem) enum Look {
    Goroutine { id: u64 },
    Unreadable,
    Other,
}

impl<'a> Runtime<'a> {
    pub(in crate::postmortem) fn pointer_size(&self) -> u64 {
        self.memory.words.pointer_size.into()
    }

    pub(in crate::postmortem) fn field(&self, base: u64, row: &offsets::Row) -> Option<u64> {
        base.checked_add(self.offsets.get(row)?)
    }

    /// A pointer-sized field.
    pub(in crate::postmortem) fn word(&self, base: u64, row: &offsets::Row) -> Option<u64> {
        self.memory.word(self.field(base, row)?)
    }

    /// The address of a variable, where the executable has a symbol for it.
    pub(in crate::postmortem) fn variable(&self, name: &str) -> Option<u64> {
        let known = self.variables.get_or_init(|| structs::variables(self.binary, &VARIABLES));
        known.get(name).map(|at| at.0.wrapping_add(self.bias.0))
    }

    /// The places of the module's data where a variable of this alignment may begin.
    pub(in crate::postmortem) fn places(&self, align: u64) -> impl Iterator<Item = u64> + '_ {
        self.areas.iter().flat_map(move |(start, end)| {
            let first = start.checked_next_multiple_of(align).unwrap_or(*end);
            let count = end.saturating_sub(first).min(MAX_SEARCHED).checked_div(align).unwrap_or(0);
            (0..count).map(move |index| first.saturating_add(index.saturating_mul(align)))
        })
    }

    /// How it is known where the runtime keeps its fields, where that is not by its version.
    pub fn layout(&self) -> Option<String> {
        self.offsets.source()
    }

    pub(in crate::postmortem) fn look(&self, g: u64) -> Look {
        let size = self.pointer_size();
        if g == 0 || !g.is_multiple_of(size) {
            return Look::Other;
        }
        let memory = &self.memory;
        let read = || {
            let (low, high) = (memory.word(g)?, memory.word(g.checked_add(size)?)?);
            let state = memory.u32(self.field(g, &offsets::G_ATOMICSTATUS)?)?;
            let id = memory.u64(self.field(g, &offsets::G_GOID)?)?;
            // Far behind: the whole structure is readable.
            self.word(g, &offsets::G_LABELS)?;
            Some((low, high, state & !status::SCAN, id))
        };
        let Some((low, high, state, id)) = read() else { return Look::Unreadable };
        let stackless = matches!(state, status::IDLE | status::DEAD | status::DEAD_EXTRA);
        let stack = low < high && high.wrapping_sub(low) <= 1 << 31;
        let plausible = state <= status::DEAD_EXTRA && id < 1 << 48 && (stack || stackless && low == high);
        if plausible { Look::Goroutine { id } } else { Look::Other }
    }

    /// Scans the data of the module for a slice whose elements are goroutines.
    fn find_goroutines(&mut self) {
        let size = self.pointer_size();
        let found = self.best_list(false).or_else(|| {
            let damaged = self.best_list(true);
            if damaged.is_some() {
                self.doubts
                    .push("the list of goroutines is damaged: not all of its elements are some".to_owned());
            }
            damaged
        });
        let Some((list, length)) = found else {
            self.goroutines = self.goroutines_by_shape();
            if !self.goroutines.is_empty() {
                self.doubts.push(format!(
                    "the list of goroutines (runtime.allgs) is not in the core: {} were found by their shape, and \
                     others may exist",
                    self.goroutines.len()
                ));
                return;
            }
            self.doubts.push(
                "no list of goroutines (runtime.allgs) was found: the process died before the scheduler was set up, or \
                 that memory is not in the core"
                    .to_owned(),
            );
            return;
        };
        self.claimed = length;
        let (mut lost, mut seen) = (0u64, FxHashSet::default());
        for index in 0..length {
            let Some(g) = list.checked_add(index.wrapping_mul(size)).and_then(|at| self.memory.word(at))
            else {
                lost = length.saturating_sub(index);
                break;
            };
            match self.look(g) {
                Look::Goroutine { .. } if seen.insert(g) => self.goroutines.push(g),
                _ => lost = lost.saturating_add(1),
            }
        }
        if lost > 0 {
            self.doubts.push(format!(
                "{lost} of {length} goroutines cannot be read: their memory is not in the core, or damaged"
            ));
        }
    }

    /// Pointer and length of the slice that looks most like `runtime.allgs`, in the
    /// first sort of data that has any.
    fn best_list(&self, damaged: bool) -> Option<(u64, u64)> {
        let mut tried = 0usize;
        for (start, end) in &self.areas {
            let (mut from, mut best) = (*start, None);
            while let Some(((list, length), next)) = self.next_slice(from, *end) {
                from = next;
                tried = tried.saturating_add(1);
                if tried > MAX_CANDIDATES {
                    return best.map(|(_, list, length)| (list, length));
                }
                let score = self.score(list, length, damaged);
                if score > best.map_or(0, |(have, ..)| have) {
                    best = Some((score, list, length));
                }
            }
            if let Some((_, list, length)) = best {
                return Some((list, length));
            }
        }
        None
    }

    /// The next place that holds pointer, length and capacity.
    fn next_slice(&self, start: u64, end: u64) -> Option<((u64, u64), u64)> {
        let size = self.pointer_size();
        let wide = usize::try_from(size).ok()?;
        for (address, bytes) in self.memory.within(start, end) {
            let skip = address.wrapping_neg() & size.wrapping_sub(1);
            let aligned = bytes.get(usize::try_from(skip).ok()?..).unwrap_or_default();
            let words = self.memory.words;
            for (index, window) in aligned.windows(wide.saturating_mul(3)).step_by(wide).enumerate() {
                let (pointer, length) = (words.word(window, 0)?, words.word(window, wide)?);
                let capacity = words.word(window, wide.saturating_mul(2))?;
                let fits = pointer != 0
                    && pointer.is_multiple_of(size)
                    && 1 <= length
                    && length <= capacity
                    && capacity <= MAX_GOROUTINES;
                if fits && self.memory.word(pointer).is_some() {
                    let at = address.saturating_add(skip).saturating_add((index as u64).saturating_mul(size));
                    return Some(((pointer, length), at.saturating_add(size)));
                }
            }
        }
        None
    }

    /// How many of the first elements are goroutines; 0 where one is not, where
    /// two have the same number, or where goroutine 1 is not among those that
    /// should have been read. Of a damaged list those before the first that is
    /// none count.
    fn score(&self, list: u64, length: u64, damaged: bool) -> u64 {
        let (mut ids, mut unreadable) = (FxHashSet::default(), 0u64);
        for index in 0..length.min(SAMPLE) {
            let at = list.checked_add(index.wrapping_mul(self.pointer_size()));
            match at.and_then(|at| self.memory.word(at)).map_or(Look::Unreadable, |g| self.look(g)) {
                Look::Goroutine { id } if id == 0 || ids.insert(id) => {}
                Look::Unreadable => unreadable = unreadable.saturating_add(1),
                _ if damaged => break,
                _ => return 0,
            }
        }
        let first = ids.contains(&1) || unreadable > 0 && !damaged;
        if first { ids.len() as u64 } else { 0 }
    }

    /// `runtime.allm`: the longest chain of `alllink` whose elements know their
    /// own system goroutine.
    fn find_threads(&mut self) {
        let mut heads = FxHashSet::default();
        let mut best = Vec::new();
        let mut steps = 0usize;
        for (start, end) in self.areas.clone() {
            for (_, bytes) in self.memory.within(start, end) {
                let size = usize::from(self.memory.words.pointer_size);
                for word in bytes.chunks_exact(size) {
                    let Some(word) = self.memory.words.word(word, 0) else { continue };
                    // One that stands in an earlier chain begins a shorter one.
                    if word == 0 || heads.contains(&word) || steps > MAX_STEPS || !self.is_thread(word) {
                        continue;
                    }
                    let chain = self.chain(word);
                    steps = steps.saturating_add(chain.len());
                    heads.extend(chain.iter().copied());
                    if chain.len() > best.len() {
                        best = chain;
                    }
                }
            }
        }
        if best.is_empty() {
            self.doubts.push("no list of threads (runtime.allm) was found".to_owned());
        }
        self.threads = best;
    }

    fn is_thread(&self, m: u64) -> bool {
        let size = self.pointer_size();
        m.is_multiple_of(size)
            && self.memory.word(m).is_some_and(|g0| {
                g0 != 0 && g0.is_multiple_of(size) && self.word(g0, &offsets::G_M) == Some(m)
            })
    }

    fn chain(&self, head: u64) -> Vec<u64> {
        let (mut out, mut seen, mut at) = (Vec::new(), FxHashSet::default(), head);
        while out.len() < MAX_THREADS && at != 0 && self.is_thread(at) && seen.insert(at) {
            out.push(at);
            at = self.thread_word(at, &offsets::M_ALLLINK).unwrap_or(0);
        }
        out
    }
}
