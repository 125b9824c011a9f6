//! Who waits for what when every goroutine waits, as far as a dump tells. Go
//! records no owner of a lock: who holds it can only be guessed, and is not.

use super::Explanation;
use super::place::Place;
use crate::addr::RuntimeAddr;
use crate::trace::{Arg, Code, Crash, Frame, Goroutine, parse_args};

/// What a goroutine waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wanted {
    Mutex,
    RwMutexRead,
    RwMutexWrite,
    WaitGroup,
    Cond,
    Receive,
    Send,
    NilChannel,
    Select,
    NoCases,
    Other,
}

impl Wanted {
    pub fn name(self) -> &'static str {
        match self {
            Wanted::Mutex => "mutex",
            Wanted::RwMutexRead => "rwmutex-read",
            Wanted::RwMutexWrite => "rwmutex-write",
            Wanted::WaitGroup => "waitgroup",
            Wanted::Cond => "cond",
            Wanted::Receive => "channel-receive",
            Wanted::Send => "channel-send",
            Wanted::NilChannel => "nil-channel",
            Wanted::Select => "select",
            Wanted::NoCases => "select-without-cases",
            Wanted::Other => "other",
        }
    }

    /// What follows on `waits`.
    fn words(self) -> &'static str {
        match self {
            Wanted::Mutex => "for the Mutex",
            Wanted::RwMutexRead => "for a read lock of the RWMutex",
            Wanted::RwMutexWrite => "for the write lock of the RWMutex",
            Wanted::WaitGroup => "for the WaitGroup",
            Wanted::Cond => "for Signal or Broadcast of a Cond",
            Wanted::Receive => "to receive from a channel",
            Wanted::Send => "to send on a channel",
            Wanted::NilChannel => "forever on a nil channel",
            Wanted::Select => "for any case of a select",
            Wanted::NoCases => "forever in a select without cases,",
            Wanted::Other => "for something",
        }
    }

    fn is_lock(self) -> bool {
        matches!(self, Wanted::Mutex | Wanted::RwMutexRead | Wanted::RwMutexWrite)
    }
}

/// Goroutines that wait for one thing at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    pub wanted: Wanted,
    pub state: String,
    /// What tells two of the kind apart: of a Cond the address of its list of
    /// waiters, of all others their own.
    pub address: Option<RuntimeAddr>,
    /// The dump has an address, but marks it as possibly stale (`?`): it is not taken.
    pub doubtful: bool,
    /// Ids of the first of them.
    pub goroutines: Vec<u64>,
    pub count: usize,
    /// The first frame that is no library's.
    pub place: Option<Place>,
}

/// A dump can hold 100,000 goroutines; so much is kept of it.
const GROUPS: usize = 32;
const IDS: usize = 16;

/// Goroutines by what they wait for, in the order of the dump, and how many
/// they are in all.
fn waits(crash: &Crash) -> (Vec<Wait>, usize) {
    let (mut out, mut total) = (Vec::<Wait>::new(), 0usize);
    for goroutine in crash.goroutines.iter().filter(|g| g.id.is_some_and(|id| id != 0)) {
        let Some(mut wait) = wait_of(crash, goroutine) else { continue };
        total = total.saturating_add(1);
        let same = |known: &&mut Wait| {
            (known.wanted, &known.state, known.address, &known.place)
                == (wait.wanted, &wait.state, wait.address, &wait.place)
        };
        if let Some(known) = out.iter_mut().find(same) {
            known.count = known.count.saturating_add(1);
            if known.goroutines.len() < IDS {
                known.goroutines.append(&mut wait.goroutines);
            }
        } else if out.len() < GROUPS {
            out.push(wait);
        }
    }
    (out, total)
}

/// `None` for the runtime's own goroutines, which show in detailed dumps.
fn wait_of(crash: &Crash, goroutine: &Goroutine) -> Option<Wait> {
    let frames = crash.frames_of(goroutine);
    if !frames.is_empty() && frames.iter().all(|frame| crash.code(frame) == Code::Runtime) {
        return None;
    }
    let place = frames.iter().find(|frame| crash.code(frame) == Code::User);
    // What lies above the program's own code is the wait.
    let own = frames.iter().position(|frame| crash.code(frame) == Code::User).unwrap_or(frames.len());
    let above = frames.get(..own).unwrap_or_default();
    let state = crash.state(goroutine);
    let wanted = wanted(crash, above, state);
    let (address, doubtful) = match address(crash, above, wanted) {
        Some((_, true)) => (None, true),
        Some((address, false)) => (Some(address), false),
        None => (None, false),
    };
    Some(Wait {
        wanted,
        state: super::table::shown(state),
        address,
        doubtful,
        goroutines: goroutine.id.into_iter().collect(),
        count: 1,
        place: place.map(|frame| Place::of(crash, frame)),
    })
}

/// By the call into package sync next to the program's own code, which is the
/// same in all versions; the states are not (`semacquire` up to Go 1.19 stands
/// for all of them).
fn wanted(crash: &Crash, above: &[Frame], state: &str) -> Wanted {
    let by_call = above.iter().rev().find_map(|frame| {
        Some(match crash.function(frame) {
            "sync.(*Mutex).Lock" | "internal/sync.(*Mutex).Lock" => Wanted::Mutex,
            "sync.(*RWMutex).RLock" => Wanted::RwMutexRead,
            "sync.(*RWMutex).Lock" => Wanted::RwMutexWrite,
            "sync.(*WaitGroup).Wait" => Wanted::WaitGroup,
            "sync.(*Cond).Wait" => Wanted::Cond,
            _ => return None,
        })
    });
    by_call.unwrap_or_else(|| match state {
        "sync.Mutex.Lock" => Wanted::Mutex,
        "sync.RWMutex.RLock" => Wanted::RwMutexRead,
        "sync.RWMutex.Lock" => Wanted::RwMutexWrite,
        "sync.WaitGroup.Wait" => Wanted::WaitGroup,
        "sync.Cond.Wait" => Wanted::Cond,
        "chan receive (nil chan)" | "chan send (nil chan)" => Wanted::NilChannel,
        "select (no cases)" => Wanted::NoCases,
        _ if state.starts_with("chan receive") => Wanted::Receive,
        _ if state.starts_with("chan send") => Wanted::Send,
        _ if state.starts_with("select") => Wanted::Select,
        _ => Wanted::Other,
    })
}

/// The object's address where a frame has it as its first argument. The lock
/// of writers is the first field of an RWMutex (sync/rwmutex.go, 1.19 to 1.27),
/// so that its address is that of the RWMutex.
fn address(crash: &Crash, above: &[Frame], wanted: Wanted) -> Option<(RuntimeAddr, bool)> {
    let carries = |function: &str| match wanted {
        Wanted::Mutex | Wanted::RwMutexWrite => {
            function.ends_with("sync.(*Mutex).lockSlow")
                || function == "sync.(*RWMutex).Lock"
                || function == "sync.(*Mutex).Lock"
        }
        Wanted::RwMutexRead => function == "sync.(*RWMutex).RLock",
        Wanted::WaitGroup => function == "sync.(*WaitGroup).Wait",
        Wanted::Cond => function == "sync.runtime_notifyListWait",
        Wanted::Receive | Wanted::Send => {
            matches!(
                function,
                "runtime.chanrecv"
                    | "runtime.chanrecv1"
                    | "runtime.chanrecv2"
                    | "runtime.chansend"
                    | "runtime.chansend1"
            )
        }
        _ => false,
    };
    let words = above
        .iter()
        .filter(|frame| carries(crash.function(frame)))
        .filter_map(|frame| first_word(crash, frame));
    // A word without `?` counts for more than one with it; nil is no lock.
    words.filter(|(address, _)| address.0 != 0).min_by_key(|(_, doubtful)| *doubtful)
}

pub(super) fn first_word(crash: &Crash, frame: &Frame) -> Option<(RuntimeAddr, bool)> {
    match parse_args(crash.arguments(frame))?.first()? {
        Arg::Word { value, doubtful } => Some((RuntimeAddr(*value), *doubtful)),
        _ => None,
    }
}

pub(super) fn deadlock(crash: &Crash) -> Explanation {
    let (waits, total) = waits(crash);
    let whole = crash.complete();
    let mut text = match total {
        _ if !whole => {
            "Deadlock: every goroutine waits, and nothing can wake one; the log does not hold them all."
                .to_owned()
        }
        0 => "Deadlock: every goroutine waits, and nothing can wake one.".to_owned(),
        1 => "Deadlock: the only goroutine waits, and nothing can wake it.".to_owned(),
        n => format!("Deadlock: all {n} goroutines wait, and nothing can wake one."),
    };
    const TOLD: usize = 4;
    for wait in waits.iter().take(TOLD) {
        text.push_str(&format!(" {}.", sentence(wait)));
    }
    if waits.len() > TOLD {
        text.push_str(&format!(" And {} more places.", waits.len().saturating_sub(TOLD)));
    }
    if whole {
        text.push_str(&conclusion(&waits, total));
    }
    Explanation { waits, ..Explanation::bug(text) }
}

/// `Goroutines 4, 5, 6, ... (5) wait for the Mutex 0xc000012345 in main.f (f.go:3)`
fn sentence(wait: &Wait) -> String {
    const SHOWN: usize = 4;
    let ids: Vec<String> = wait.goroutines.iter().take(SHOWN).map(u64::to_string).collect();
    let who = match wait.count {
        0 | 1 => format!("Goroutine {} waits", ids.join("")),
        n if n > SHOWN => format!("{n} goroutines ({}, ...) wait", ids.join(", ")),
        _ => format!("Goroutines {} wait", ids.join(", ")),
    };
    let mut text = format!("{who} {}", wait.wanted.words());
    if let Some(address) = wait.address.filter(|_| wait.wanted != Wanted::Cond) {
        text.push_str(&format!(" {address}"));
    }
    if wait.wanted == Wanted::Other {
        text = format!("{who} in state [{}]", wait.state);
    }
    if let Some(place) = &wait.place {
        text.push_str(&format!(" in {place}"));
    }
    text
}

fn conclusion(waits: &[Wait], total: usize) -> String {
    let mut text = String::new();
    let locks: Vec<&Wait> = waits.iter().filter(|wait| wait.wanted.is_lock()).collect();
    let known: Vec<&&Wait> = locks.iter().filter(|wait| wait.address.is_some()).collect();
    match (locks.as_slice(), known.as_slice()) {
        ([], _) => {}
        ([_], _) if total == 1 => text.push_str(
            " It holds the lock itself (locked twice, or a read lock that wants to become a write lock), or whoever held \
             it ended without unlocking it.",
        ),
        ([a, b], [_, _]) if a.address != b.address && a.count == 1 && b.count == 1 => text.push_str(
            " Two locks with one waiter each: likely each of the two goroutines holds what the other wants (locked in \
             opposite order). The dump names no owners.",
        ),
        _ => text.push_str(
            " The dump does not name who holds a lock: one of those who wait, or one that ended without unlocking it.",
        ),
    }
    if locks.len() > 1 && locks.iter().any(|wait| wait.doubtful) {
        text.push_str(
            " Some addresses are marked `?` (perhaps stale), so that it is open which locks are the same.",
        );
    }
    let all = |wanted: &[Wanted]| waits.iter().all(|wait| wanted.contains(&wait.wanted));
    let some = |wanted: Wanted| waits.iter().any(|wait| wait.wanted == wanted);
    if some(Wanted::WaitGroup) && all(&[Wanted::WaitGroup]) {
        text.push_str(" No goroutine is left that could call Done.");
    } else if !waits.is_empty() && all(&[Wanted::Receive]) {
        text.push_str(" Nobody is left to send or close.");
    } else if !waits.is_empty() && all(&[Wanted::Send]) {
        text.push_str(" Nobody is left to receive.");
    }
    text
}
