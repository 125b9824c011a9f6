//! Who waits for what, as far as memory tells.
//!
//! A channel knows those that wait for it. A mutex knows how many wait and not
//! who holds it; what is said of holders is a guess by addresses on stacks, and
//! is called one.

use std::collections::{BTreeMap, VecDeque};

use rustc_hash::{FxHashMap, FxHashSet};

use super::Traceback;
use super::awaited::Awaited;
use super::site::Role;
use super::unwind::Unwinder;
use crate::postmortem::runtime::goroutine::Goroutine;
use crate::postmortem::runtime::offsets;

/// One thing with all that wait for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    pub what: Awaited,
    /// Of the mutex or channel; of the semaphore where its place in it is not known.
    pub address: u64,
    /// Numbers of the goroutines.
    pub goroutines: Vec<u64>,
    /// What its memory says: `locked, 1 waiter`, `empty, open`.
    pub state: String,
    /// Goroutines on whose stacks the address of the mutex stands and that do
    /// not wait for it: one of them may hold it.
    pub holders: Vec<u64>,
}

/// Everything that is waited for, and cycles that the guessed holders make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    pub list: Vec<Wait>,
    pub cycles: Vec<Vec<u64>>,
    /// What was not looked at, for it was too much.
    pub left_out: Vec<String>,
}

/// Waits of all goroutines together; one that selects waits for several channels.
const MAX_WAITS: usize = 5_000_000;
/// Frames from the innermost in which the call is looked for.
const NEAR: usize = 12;
/// Bytes of stacks that are searched for addresses of mutexes.
const MAX_SCANNED: u64 = 256 << 20;
/// Elements of a list that are followed for one goroutine.
const MAX_CASES: usize = 1024;
const MAX_CYCLES: usize = 16;
/// Guessed holders of a mutex that are kept, and mutexes from which cycles are looked for.
const MAX_HOLDERS: usize = 1000;
const MAX_STARTS: usize = 1000;
/// Steps from a mutex to the next in all, on the way to cycles.
const MAX_STEPS: usize = 10_000_000;

impl Traceback<'_, '_> {
    pub fn waits(&self) -> Waits {
        let mut found: BTreeMap<(Awaited, u64), Vec<u64>> = BTreeMap::new();
        let (mut waits, mut skipped, mut left_out) = (0usize, 0usize, Vec::new());
        for goroutine in self.goroutines().filter(Goroutine::is_waiting) {
            if waits > MAX_WAITS {
                skipped = skipped.saturating_add(1);
                continue;
            }
            for key in self.awaited(&goroutine) {
                waits = waits.saturating_add(1);
                let list = found.entry(key).or_default();
                if list.last() != Some(&goroutine.id) {
                    list.push(goroutine.id);
                }
            }
        }
        if skipped > 0 {
            left_out.push(format!("what {skipped} goroutines wait for: the others have {waits} waits"));
        }
        let mut list: Vec<Wait> = found
            .into_iter()
            .map(|((what, address), goroutines)| {
                let state = self.state_of(what, address);
                Wait { what, address, goroutines, state, holders: Vec::new() }
            })
            .collect();
        if !self.guess_holders(&mut list) {
            let most = MAX_SCANNED >> 20;
            left_out.push(format!("who may hold mutexes: only the first {most} MiB of stacks were searched"));
        }
        let cycles = cycles(&list);
        Waits { list, cycles, left_out }
    }

    fn awaited(&self, goroutine: &Goroutine) -> Vec<(Awaited, u64)> {
        let reason = goroutine.state(self.runtime.minor);
        if reason.starts_with("chan ") || reason.starts_with("select") {
            return self.channels(goroutine);
        }
        let what = match reason {
            "sync.Mutex.Lock" => Awaited::Mutex,
            "sync.RWMutex.RLock" | "sync.RWMutex.Lock" => Awaited::RwMutex,
            "semacquire" | "sync.WaitGroup.Wait" | "sync.WaitGroup.Wait (durable)" => Awaited::Semaphore,
            _ => return Vec::new(),
        };
        self.semaphore(goroutine, what).into_iter().collect()
    }

    fn channels(&self, goroutine: &Goroutine) -> Vec<(Awaited, u64)> {
        let mut out = Vec::new();
        let mut at = goroutine.waiting;
        while at != 0 && out.len() < MAX_CASES {
            let channel = self.runtime.word(at, &offsets::SUDOG_C).unwrap_or(0);
            if channel != 0 {
                out.push((Awaited::Channel, channel));
            }
            at = self.runtime.word(at, &offsets::SUDOG_WAITLINK).unwrap_or(0);
        }
        out
    }

    /// The semaphore is the first argument of `runtime.semacquire1`; the frames
    /// above tell whose it is.
    fn semaphore(&self, goroutine: &Goroutine, what: Awaited) -> Option<(Awaited, u64)> {
        let runtime = self.runtime;
        let start = runtime.start(&self.sites, goroutine, &self.core.process.threads)?;
        let (mut address, mut what) = (None, what);
        for frame in Unwinder::new(runtime, &self.sites, start).take(NEAR) {
            let site = &frame.site;
            if site.role == Role::Semacquire {
                address = site.arguments.as_ref()?.words(runtime, frame.arguments).next();
            } else if let Some(lock) = site.lock.filter(|_| address.is_some()) {
                what = lock;
                break;
            }
        }
        let address = address?;
        // runtime.memory must hold it, or the argument was stale.
        runtime.memory.u32(address)?;
        // sync/mutex.go, internal/sync/mutex.go: state, sema.
        let address = if what == Awaited::Mutex { address.checked_sub(4)? } else { address };
        Some((what, address))
    }

    fn state_of(&self, what: Awaited, address: u64) -> String {
        let runtime = self.runtime;
        let memory = &runtime.memory;
        match what {
            Awaited::Channel => {
                let size = runtime.pointer_size();
                let (Some(count), Some(capacity)) =
                    (memory.word(address), address.checked_add(size).and_then(|at| memory.word(at)))
                else {
                    return "not readable".to_owned();
                };
                let closed = runtime.field(address, &offsets::HCHAN_CLOSED).and_then(|at| memory.u32(at));
                let open = if closed == Some(0) { "open" } else { "closed" };
                if capacity == 0 {
                    format!("unbuffered, {open}")
                } else {
                    format!("{count} of {capacity} full, {open}")
                }
            }
            Awaited::Mutex => match memory.u32(address) {
                Some(state) => {
                    let locked = if state & 1 != 0 { "locked" } else { "not locked" };
                    let starving = if state & 4 != 0 { ", starving" } else { "" };
                    format!("{locked}{starving}, {} waiting by its own count", state >> 3)
                }
                None => "not readable".to_owned(),
            },
            _ => String::new(),
        }
    }

    /// Searches the used part of every stack for the addresses of mutexes; false where
    /// there is too much to search.
    fn guess_holders(&self, list: &mut [Wait]) -> bool {
        let runtime = self.runtime;
        let mutexes: FxHashMap<u64, usize> = list
            .iter()
            .enumerate()
            .filter(|(_, wait)| wait.what == Awaited::Mutex)
            .map(|(index, wait)| (wait.address, index))
            .collect();
        // Most words of a stack are no such address: they lie elsewhere.
        let (Some(lowest), Some(highest)) = (mutexes.keys().min(), mutexes.keys().max()) else { return true };
        let range = *lowest..=*highest;
        let waits_for: FxHashMap<u64, usize> = list
            .iter()
            .enumerate()
            .filter(|(_, wait)| wait.what == Awaited::Mutex)
            .flat_map(|(index, wait)| wait.goroutines.iter().map(move |id| (*id, index)))
            .collect();
        let size = usize::from(runtime.memory.words.pointer_size);
        let mut scanned = 0u64;
        for goroutine in self.goroutines() {
            let Some(start) = runtime.start(&self.sites, &goroutine, &self.core.process.threads) else {
                continue;
            };
            if goroutine.is_dead() || start.sp < goroutine.stack.0 || start.sp >= goroutine.stack.1 {
                continue;
            }
            let mut held: FxHashSet<usize> = FxHashSet::default();
            for (address, bytes) in runtime.memory.within(start.sp, goroutine.stack.1) {
                scanned = scanned.saturating_add(bytes.len() as u64);
                let skip = usize::try_from(address.wrapping_neg()).unwrap_or(0) & size.saturating_sub(1);
                let words = bytes.get(skip..).unwrap_or_default().chunks_exact(size);
                let words = words.filter_map(|word| runtime.memory.words.word(word, 0));
                let words = words.filter(|word| range.contains(word));
                held.extend(words.filter_map(|word| mutexes.get(&word).copied()));
            }
            let own = waits_for.get(&goroutine.id);
            for index in held.into_iter().filter(|index| own != Some(index)) {
                if let Some(wait) = list.get_mut(index).filter(|wait| wait.holders.len() < MAX_HOLDERS) {
                    wait.holders.push(goroutine.id);
                }
            }
            if scanned > MAX_SCANNED {
                return false;
            }
        }
        true
    }
}

/// Cycles of goroutines each of which waits for a mutex that the next may hold.
/// The nodes are mutexes: one leads to another where a guessed holder of the
/// first waits for the second.
fn cycles(list: &[Wait]) -> Vec<Vec<u64>> {
    let mutexes = || list.iter().enumerate().filter(|(_, wait)| wait.what == Awaited::Mutex);
    let awaited: FxHashMap<u64, usize> =
        mutexes().flat_map(|(index, wait)| wait.goroutines.iter().map(move |id| (*id, index))).collect();
    let edges: FxHashMap<usize, Vec<(usize, u64)>> = mutexes()
        .map(|(index, wait)| {
            let waiting = wait.holders.iter().filter_map(|id| Some((*awaited.get(id)?, *id)));
            (index, waiting.take(MAX_HOLDERS).collect())
        })
        .collect();
    let mut out: Vec<Vec<u64>> = Vec::new();
    let mut steps = 0usize;
    for (start, _) in mutexes().take(MAX_STARTS) {
        if steps > MAX_STEPS {
            break;
        }
        // Breadth first: the shortest way back to where it began.
        let mut before: FxHashMap<usize, (usize, u64)> = FxHashMap::default();
        let mut queue = VecDeque::from([start]);
        while let Some(at) = queue.pop_front() {
            for (next, by) in edges.get(&at).into_iter().flatten() {
                steps = steps.saturating_add(1);
                if !before.contains_key(next) {
                    before.insert(*next, (at, *by));
                    queue.push_back(*next);
                }
            }
            if before.contains_key(&start) {
                break;
            }
        }
        let (mut cycle, mut at) = (Vec::new(), start);
        while let Some((from, by)) = before.get(&at).filter(|_| before.contains_key(&start)) {
            cycle.push(*by);
            at = *from;
            if at == start || cycle.len() > list.len() {
                break;
            }
        }
        let known = |have: &Vec<u64>| have.len() == cycle.len() && have.iter().all(|id| cycle.contains(id));
        if !cycle.is_empty() && !out.iter().any(known) && out.len() < MAX_CYCLES {
            out.push(cycle);
        }
    }
    out
}
