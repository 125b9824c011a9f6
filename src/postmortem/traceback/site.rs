//! A place in the code as a traceback prints it, worked out once for every pc
//! that occurs.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::arguments::Arguments;
use super::awaited::Awaited;
use crate::addr::RuntimeAddr;
use crate::postmortem::runtime::Runtime;

/// What is known of one pc.
pub(in crate::postmortem) struct Site<'a> {
    /// The symbol's name.
    pub(in crate::postmortem) name: &'a [u8],
    /// Bytes from the stack pointer to the end of the frame.
    pub(in crate::postmortem) delta: Option<i32>,
    pub(in crate::postmortem) top_frame: bool,
    pub(in crate::postmortem) writes_sp: bool,
    pub(in crate::postmortem) role: Role,
    /// The inlined calls at this place, innermost first.
    pub(in crate::postmortem) inlined: Vec<Place>,
    /// Of the function itself; `+0x…` stands behind the line where it is not the entry.
    pub(in crate::postmortem) place: Place,
    pub(in crate::postmortem) arguments: Option<Arguments<'a>>,
    /// What its method, or one that was inlined here, waits for: a `sync.RWMutex` before
    /// the `sync.Mutex` that is in it.
    pub(in crate::postmortem) lock: Option<Awaited>,
}

/// A name as printed, and `file:line`.
pub(in crate::postmortem) struct Place {
    pub(in crate::postmortem) function: String,
    pub(in crate::postmortem) position: String,
}

/// Functions that an unwinder has to know (runtime/traceback.go, 1.27).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::postmortem) enum Role {
    Other,
    /// Called by a signal handler in the name of the code that it stopped.
    Injected,
    CgoCallback,
    /// `runtime.gopanic`
    Panic,
    /// `runtime.throw`, `runtime.fatal`
    Throw,
    /// `runtime.semacquire1`
    Semacquire,
}

impl Role {
    fn of(name: &[u8]) -> Role {
        match name {
            b"runtime.sigpanic" | b"runtime.asyncPreempt" | b"runtime.debugCallV2" => Role::Injected,
            b"runtime.cgocallback" => Role::CgoCallback,
            b"runtime.gopanic" => Role::Panic,
            b"runtime.throw" | b"runtime.fatal" => Role::Throw,
            b"runtime.semacquire1" => Role::Semacquire,
            _ => Role::Other,
        }
    }
}

/// Sites that are kept.
const MAX_SITES: usize = 200_000;

/// By pc, and whether it is that of an instruction that was stopped.
type Known<'a> = FxHashMap<(u64, bool), Option<Rc<Site<'a>>>>;

/// What is known of every pc that occurred.
#[derive(Default)]
pub(in crate::postmortem) struct Sites<'a> {
    known: RefCell<Known<'a>>,
}

impl<'a> Sites<'a> {
    /// `None` where the pc is not in Go code.
    pub(in crate::postmortem) fn at(
        &self,
        runtime: &Runtime<'a>,
        pc: u64,
        stopped: bool,
    ) -> Option<Rc<Site<'a>>> {
        if let Some(known) = self.known.borrow().get(&(pc, stopped)) {
            return known.clone();
        }
        let site = read(runtime, pc, stopped).map(Rc::new);
        let mut known = self.known.borrow_mut();
        // A program has some thousand; a damaged core may have any number.
        if known.len() >= MAX_SITES {
            known.clear();
        }
        known.insert((pc, stopped), site.clone());
        site
    }
}

fn read<'a>(runtime: &Runtime<'a>, pc: u64, stopped: bool) -> Option<Site<'a>> {
    let table = &runtime.table;
    let at = RuntimeAddr(pc).to_link(runtime.bias);
    let function = table.find(at)?;
    let offset = at.0.wrapping_sub(function.entry.0);
    // runtime/traceback.go, `symPC`.
    let called = if !stopped && offset > 0 { at.call_site() } else { at };
    let flags = table.flags(&function);
    let places = table.places_in(&function, called);
    let mut inlined: Vec<Place> = places
        .iter()
        .map(|place| {
            let file = String::from_utf8_lossy(place.file);
            let position = format!("{file}:{}", place.line);
            Place { function: runtime.printed(place.function), position }
        })
        .collect();
    let unknown = || Place { function: runtime.printed(function.name), position: "?:0".to_owned() };
    let mut place = inlined.pop().unwrap_or_else(unknown);
    if offset > 0 {
        place.position.push_str(&format!(" +{offset:#x}"));
    }
    let locks = inlined.iter().chain([&place]).filter_map(|place| Awaited::of_method(&place.function));
    let lock = locks.min_by_key(|lock| *lock != Awaited::RwMutex);
    Some(Site {
        name: function.name,
        delta: table.stack_delta(&function, at),
        top_frame: flags.top_frame(),
        writes_sp: flags.writes_sp(),
        role: Role::of(function.name),
        inlined,
        place,
        arguments: Arguments::of(runtime, &function, called),
        lock,
    })
}

impl Runtime<'_> {
    /// A name as this version's traceback prints it (runtime/traceback.go, `printFuncName`).
    pub(in crate::postmortem) fn printed(&self, name: &[u8]) -> String {
        if name == b"runtime.gopanic" { "panic".to_owned() } else { self.table.printed(name) }
    }
}
