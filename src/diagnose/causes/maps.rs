//! Maps used by several goroutines at once: the runtime names one of them and
//! notices the other only by a flag (internal/runtime/maps/map.go, runtime/map.go).

use super::Explanation;
use super::deadlock::first_word;
use super::place::Place;
use crate::addr::RuntimeAddr;
use crate::trace::{Arg, Code, Crash, Frame, Goroutine, parse_args};

/// A goroutine that may have been the other user of the map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    pub goroutine: Option<u64>,
    pub state: String,
    pub place: Place,
    pub why: Why,
}

/// What speaks for it, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It stands in a function of maps, with the address of the same map.
    SameMap(RuntimeAddr),
    /// It stands in a function of maps.
    InMap,
    /// It runs or can run, and has the same first argument as the function that crashed.
    SameArgument(RuntimeAddr),
    /// It runs or can run in the very function that crashed.
    SameFunction,
}

impl Why {
    pub fn name(self) -> &'static str {
        match self {
            Why::SameMap(_) => "same-map",
            Why::InMap => "in-map",
            Why::SameArgument(_) => "same-argument",
            Why::SameFunction => "same-function",
        }
    }

    pub fn address(self) -> Option<RuntimeAddr> {
        match self {
            Why::SameMap(address) | Why::SameArgument(address) => Some(address),
            Why::InMap | Why::SameFunction => None,
        }
    }

    fn words(self) -> String {
        match self {
            Why::SameMap(address) => format!("it stands in a function of maps, with the same map {address}"),
            Why::InMap => "it stands in a function of maps; whose map is not told".to_owned(),
            Why::SameArgument(address) => format!("it was not waiting, and has the same argument {address}"),
            Why::SameFunction => "it was not waiting, in the same function".to_owned(),
        }
    }
}

pub(super) fn concurrent(crash: &Crash, what: &str) -> Explanation {
    let partners = partners(crash);
    let mut text = format!("{what}, without a lock.");
    if let Some(site) = crash.user_site() {
        text.push_str(&format!(" It was noticed in {}.", Place::of(crash, site)));
    }
    match partners.first() {
        Some(partner) => {
            let who =
                partner.goroutine.map_or("another goroutine".to_owned(), |id| format!("goroutine {id}"));
            text.push_str(&format!(
                " Possible partner: {who} in {}: {}.",
                partner.place,
                partner.why.words()
            ));
            if partners.len() > 1 {
                let more: Vec<String> = partners
                    .iter()
                    .skip(1)
                    .take(3)
                    .map(|p| {
                        p.goroutine.map_or(p.place.to_string(), |id| {
                            format!("goroutine {id} in {}", p.place.function)
                        })
                    })
                    .collect();
                text.push_str(&format!(" Just as possible: {}.", more.join(", ")));
            }
        }
        None if others(crash).next().is_none() => {
            text.push_str(" The other goroutine is not in the log; GOTRACEBACK=all prints it.");
        }
        None if unseen(crash).next().is_some() => {}
        None => text.push_str(
            " No stack of the others stands in a use of the map: the other goroutine had already left it.",
        ),
    }
    for goroutine in unseen(crash).take(3) {
        let who = goroutine.id.map_or("Another goroutine".to_owned(), |id| format!("Goroutine {id}"));
        let by = goroutine.created_by.as_ref().map(|by| Place::creator(crash, by));
        let by = by.map(|place| format!(", started by {place},")).unwrap_or_default();
        text.push_str(&format!(
            " {who}{by} was running and its stack is not in the dump: it can be the partner."
        ));
    }
    text.push_str(" `go build -race` names both places.");
    Explanation { partners, ..Explanation::bug(text) }
}

fn others(crash: &Crash) -> impl Iterator<Item = &Goroutine> {
    let crashed = crash.crashing_goroutine().map(|g| g as *const Goroutine);
    crash.goroutines.iter().filter(move |g| !g.is_system() && Some(*g as *const Goroutine) != crashed)
}

/// Those that ran on another thread (runtime/traceback.go, `tracebackothers`).
fn unseen(crash: &Crash) -> impl Iterator<Item = &Goroutine> {
    others(crash).filter(|goroutine| goroutine.unavailable)
}

/// The best kind of candidates that there is.
fn partners(crash: &Crash) -> Vec<Partner> {
    const MOST: usize = 8;
    let frames = crash.crashing_goroutine().map(|g| crash.frames_of(g)).unwrap_or_default();
    let map = map_of(crash, frames);
    let site = crash.user_site();
    let argument = site
        .and_then(|site| first_word(crash, site))
        .filter(|(address, doubtful)| !doubtful && address.0 > 4096);
    let mut out: Vec<Partner> = Vec::new();
    for goroutine in others(crash) {
        let frames = crash.frames_of(goroutine);
        let Some(place) = frames.iter().find(|frame| crash.code(frame) == Code::User) else { continue };
        let state = crash.state(goroutine);
        let runs = matches!(state, "running" | "runnable" | "preempted");
        let why = if in_map(crash, frames) {
            match map_of(crash, frames) {
                Some(address) if Some(address) == map => Why::SameMap(address),
                // Another map, then.
                Some(_) if map.is_some() => continue,
                _ => Why::InMap,
            }
        } else if !runs {
            continue;
        } else if let Some((address, false)) = first_word(crash, place).filter(|word| Some(*word) == argument)
        {
            Why::SameArgument(address)
        } else if site.is_some_and(|site| site.function == place.function) {
            Why::SameFunction
        } else {
            continue;
        };
        out.push(Partner {
            goroutine: goroutine.id,
            state: super::table::shown(state),
            place: Place::of(crash, place),
            why,
        });
    }
    out.sort_by_key(|partner| partner.why);
    let best = out.first().map(|partner| partner.why.name());
    out.retain(|partner| Some(partner.why.name()) == best);
    out.truncate(MOST);
    out
}

fn is_map_function(function: &str) -> bool {
    function.starts_with("runtime.map") || function.starts_with("internal/runtime/maps.")
}

fn in_map(crash: &Crash, frames: &[Frame]) -> bool {
    frames
        .iter()
        .take_while(|frame| crash.code(frame) == Code::Runtime)
        .any(|frame| is_map_function(crash.function(frame)))
}

/// The map among the arguments: `mapassign(type, map, key)` and its kin have it
/// second, methods of `Map` first. `?` would mean that it may be stale.
fn map_of(crash: &Crash, frames: &[Frame]) -> Option<RuntimeAddr> {
    frames.iter().take_while(|frame| crash.code(frame) == Code::Runtime).find_map(|frame| {
        let function = crash.function(frame);
        let at = if function.starts_with("internal/runtime/maps.(*Map).") {
            0
        } else if ["runtime.mapassign", "runtime.mapaccess", "runtime.mapdelete"]
            .iter()
            .any(|f| function.starts_with(f))
        {
            1
        } else {
            return None;
        };
        match parse_args(crash.arguments(frame))?.get(at)? {
            Arg::Word { value, doubtful: false } if *value > 4096 => Some(RuntimeAddr(*value)),
            _ => None,
        }
    })
}
