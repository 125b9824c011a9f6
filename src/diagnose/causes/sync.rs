//! Channels, locks, wait groups, goroutines, bubbles (runtime/chan.go, sync,
//! internal/sync, sync/atomic, runtime/synctest.go, 1.19 to 1.27).

use super::deadlock::deadlock;
use super::maps::concurrent;
use super::table::{Head, Row, either, fatal, library, panics, told};
use super::{Explanation, Verdict};

pub(super) const ROWS: &[Row] = &[
    told(Head::Panic, "close of closed channel", |_, _| {
        closed("A channel was closed twice. Who closed it first")
    }),
    panics("close of nil channel", "A nil channel was closed: it was declared but never made."),
    told(Head::Panic, "send on closed channel", |_, _| {
        closed(
            "A value was sent on a channel that is closed, or was closed while the send waited. Who closed it",
        )
    }),
    told(Head::Fatal, "all goroutines are asleep - deadlock!", |crash, _| deadlock(crash)),
    either("deadlocked: no event source", "Deadlock: every goroutine waits, and nothing can wake one."),
    either(
        "no goroutines (main called runtime.Goexit) - deadlock!",
        "The main goroutine ended by runtime.Goexit (t.FailNow and t.Fatal call it too) and no other goroutine was left.",
    ),
    told(Head::Fatal, "concurrent map writes", |crash, _| {
        concurrent(crash, "Two goroutines wrote to one map at the same time")
    }),
    told(Head::Fatal, "concurrent map read and map write", |crash, _| {
        concurrent(crash, "One goroutine read a map while another wrote to it")
    }),
    told(Head::Fatal, "concurrent map iteration and map write", |crash, _| {
        concurrent(crash, "One goroutine ranged over a map while another wrote to it")
    }),
    told(Head::Fatal, "concurrent map clone and map write", |crash, _| {
        concurrent(crash, "One goroutine cloned a map (maps.Clone) while another wrote to it")
    }),
    told(Head::Fatal, "small map with no empty slot (concurrent map writes?)", |crash, _| {
        concurrent(crash, "A map was found in a state that only writes at the same time leave")
    }),
    either("go of nil func value", "A goroutine was started with a nil function."),
    either(
        "sync: unlock of unlocked mutex",
        "A Mutex was unlocked that was not locked, or was a copy of the locked one.",
    ),
    either(
        "sync: Unlock of unlocked RWMutex",
        "An RWMutex was unlocked (Unlock) that was not locked for writing.",
    ),
    either(
        "sync: RUnlock of unlocked RWMutex",
        "An RWMutex was unlocked (RUnlock) more often than it was locked for reading.",
    ),
    either(
        "sync: inconsistent mutex state",
        "A Mutex is in a state that its code never leaves: it was copied while in use, or its memory overwritten.",
    ),
    either(
        "sync: negative WaitGroup counter",
        "WaitGroup.Done was called more often than Add counted, or Add with too large a negative number.",
    ),
    either(
        "sync: WaitGroup misuse: Add called concurrently with Wait",
        "WaitGroup.Add was called with the counter at zero while another goroutine was in Wait. Add must come before \
         the goroutine is started and before Wait.",
    ),
    either(
        "sync: WaitGroup is reused before previous Wait has returned",
        "WaitGroup.Add began a new round while a goroutine was still returning from Wait of the last one. Add before \
         every Wait has returned, or use a new WaitGroup for each round.",
    ),
    either(
        "sync: WaitGroup.Add called from inside and outside synctest bubble",
        "One WaitGroup was used inside and outside of a testing/synctest bubble.",
    ),
    either(
        "sync: WaitGroup.Add called from multiple synctest bubbles",
        "One WaitGroup was used in several testing/synctest bubbles.",
    ),
    panics("sync.Cond is copied", "A sync.Cond was copied after its first use."),
    library("sync", "nil Pool", "Put or Get on a nil *sync.Pool."),
    panics("sync/atomic: store of nil value into Value", "atomic.Value.Store(nil): a Value cannot hold nil."),
    panics(
        "sync/atomic: store of inconsistently typed value into Value",
        "A value of another type than the first was stored in an atomic.Value.",
    ),
    panics("sync/atomic: {} of nil value into Value", "atomic.Value: {0} with nil, which it cannot hold."),
    panics("sync/atomic: {} inconsistently typed {}", "atomic.Value: {0} values of different types."),
    library(
        "internal/sync",
        "called CompareAnd{} when value is not of comparable type",
        "sync.Map.CompareAnd{0} with an old value that cannot be compared.",
    ),
    panics(
        "internal/sync.HashTrieMap: ran out of hash bits{}",
        "A sync.Map found its tree corrupted: unsafe, cgo, or a data race.",
    ),
    panics(
        "unaligned 64-bit atomic operation",
        "A 64-bit atomic operation on an address that is no multiple of 8, on a 32-bit port.",
    ),
    fatal("coroswitch on exited coro", "next or stop of iter.Pull was used after its goroutine had ended."),
    fatal("coroswitch of a goroutine to itself", "The function given to iter.Pull called its own next."),
    fatal(
        "coro: OS thread locking must match locking at coroutine creation",
        "next or stop of iter.Pull was called with another state of runtime.LockOSThread than iter.Pull was.",
    ),
    panics(
        "iter.{}: next called again before yield",
        "next of iter.{0} was called from inside the iterator, or by two goroutines at a time.",
    ),
    panics(
        "iter.{}: yield called again before next",
        "The iterator given to iter.{0} let go of its yield, and it was called while nobody waited in next.",
    ),
    fatal(
        "timer data corruption",
        "Timers were found corrupted: a time.Timer was used by several goroutines without a lock, or copied.",
    ),
    panics("racy use of timers", "Several goroutines used one time.Timer or Ticker at the same time."),
    fatal(
        "racy sudog adjustment due to parking on channel",
        "The runtime found a goroutine that waits on a channel moved at the wrong time: unsafe, cgo, or a bug of Go.",
    ).blames(Verdict::Unknown),
    either(
        "deadlock: main bubble goroutine has exited but blocked goroutines remain",
        "The function of a synctest bubble returned while goroutines of the bubble still wait. They must end first.",
    ),
    either(
        "deadlock: all goroutines in bubble are blocked",
        "Deadlock in a testing/synctest bubble: each of its goroutines waits for something that only the bubble can bring.",
    ),
    either(
        "{} synctest channel from outside bubble",
        "A channel that was made in a testing/synctest bubble was used by a goroutine outside of it ({0}).",
    ),
    either(
        "{} synctest timer from outside bubble",
        "A timer that was made in a testing/synctest bubble was used by a goroutine outside of it ({0}).",
    ),
    either(
        "synctest timer accessed from outside bubble",
        "A timer that was made in a testing/synctest bubble was used by a goroutine outside of it.",
    ),
    either(
        "timer moved between synctest bubbles",
        "A timer of one testing/synctest bubble was used in another.",
    ),
    either(
        "semaphore wake of synctest goroutine from outside bubble",
        "A lock or WaitGroup that a goroutine of a synctest bubble waits for was released from outside of the bubble.",
    ),
    either(
        "synctest.Run called from within a synctest bubble",
        "synctest.Test (or Run) was called inside a bubble: they do not nest.",
    ),
    either(
        "goroutine is already bubbled",
        "synctest.Test (or Run) was called inside a bubble: they do not nest.",
    ),
    either("goroutine is not in a bubble", "synctest.Wait was called outside of a bubble."),
    library(
        "testing/synctest", "wait already in progress",
        "Two goroutines of one synctest bubble called synctest.Wait at the same time.",
    ),
    either(
        "synctest.Run not supported with asynctimerchan!=0",
        "testing/synctest needs GODEBUG=asynctimerchan=0, the default of go.mod files from 1.23 on.",
    ),
];

/// Who closed a channel leaves no trace in a stack: the call has returned.
fn closed(what: &str) -> Explanation {
    Explanation::bug(format!("{what} is not in the dump: that call has returned."))
}
