//! The plain cause in words: what an experienced reader says after the first
//! look at a crash on a right build. One row of a table for each message; a
//! family of messages is a file.

mod deadlock;
mod errors;
mod foreign;
mod internal;
mod launch;
mod library;
mod maps;
mod memory;
mod owner;
mod place;
mod recursion;
mod signal;
mod sync;
mod table;

use super::Verdict;
use crate::binary::Facts;
use crate::trace::{Code, Crash, Kind, Link, Value};
use owner::Owners;
use table::{Message, Row, shown};

pub use deadlock::{Wait, Wanted};
pub use maps::{Partner, Why};
pub use owner::ThirdParty;
pub use place::Place;
pub use recursion::Cycle;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    pub verdict: Verdict,
    pub text: String,
    /// Of a deadlock: who waits for what.
    pub waits: Vec<Wait>,
    /// Of a stack overflow: the functions that call each other.
    pub cycle: Option<Cycle>,
    /// Of a map that was used by several goroutines: who the other may be.
    pub partners: Vec<Partner>,
    pub third_party: Option<ThirdParty>,
    /// The handler of the program that served a request of net/http.
    pub handler: Option<Place>,
}

impl Explanation {
    fn new(verdict: Verdict, text: impl Into<String>) -> Explanation {
        Explanation {
            verdict,
            text: text.into(),
            waits: Vec::new(),
            cycle: None,
            partners: Vec::new(),
            third_party: None,
            handler: None,
        }
    }

    fn bug(text: impl Into<String>) -> Explanation {
        Explanation::new(Verdict::ProgramBug, text)
    }
}

/// The first row that fits counts: within a family the most specific comes first.
const FAMILIES: &[&[Row]] =
    &[errors::ROWS, sync::ROWS, memory::ROWS, foreign::ROWS, internal::ROWS, library::ROWS];

/// The plain cause of a crash; what the executable says of its modules helps
/// to tell whose code it was.
pub fn explain(crash: &Crash, facts: Option<&Facts>) -> Explanation {
    let mut explanation = match crash.kind {
        Kind::Launch | Kind::Error => launch::launch(crash),
        Kind::Signal => signal::signal(crash),
        Kind::Race => Explanation::bug(
            "The race detector saw two goroutines use one variable at the same time, at least one of them to write, \
             without synchronisation.",
        ),
        Kind::Sanitizer => Explanation::bug(
            "A sanitizer (go build -asan or -msan) saw memory used after it was freed, out of its bounds, or before it \
             was set, or memory that nobody freed.",
        ),
        Kind::GoroutineDump if crash.source.core => Explanation::new(
            Verdict::Unknown,
            "The process had not crashed by itself: a debugger (gcore) wrote the core while it ran, or a signal from \
             outside ended it before the runtime could print.",
        ),
        Kind::GoroutineDump => Explanation::new(
            Verdict::Unknown,
            "Stacks that the program printed (debug.Stack, runtime.Stack, a profile) or whose head is missing: nothing \
             here says that it crashed.",
        ),
        Kind::Panic | Kind::FatalError => chain(crash, &Owners::new(crash, facts)),
    };
    if crash.printed_by_program() {
        explanation.text.push_str(
            " The program printed this stack itself in a deferred call: it had recovered the panic, and what it did then \
             is not in this record.",
        );
    }
    if crash.served.is_some() {
        explanation.text.push_str(" net/http recovered it: the request failed, the process went on.");
    }
    explanation
}

/// A chain is told from its beginning: the first panic is the cause, the later
/// ones are what deferred code made of it.
fn chain(crash: &Crash, owners: &Owners<'_>) -> Explanation {
    let Some(first) = crash.chain.first() else {
        return Explanation::new(Verdict::Unknown, "");
    };
    let mut explanation = of_link(crash, first);
    explanation.third_party = owners.third_party();
    explanation.handler = owners.handler();
    context(crash, first, &mut explanation);
    if first.repanicked {
        explanation.text.push_str(&match passed_on(crash) {
            Some(by) => format!(" {by} recovered it and raised the same value again."),
            None => " It was recovered, and the same value was raised again.".to_owned(),
        });
    }
    // Since Go 1.25 a panic with the same value as the one before it is not
    // printed again (runtime/panic.go, `printpanics`): the stack still tells.
    let lone = crash.chain.len() == 1 && !first.recovered && !first.fatal && crash.served.is_none();
    if lone && crash.nested() && !crash.printed_by_program() {
        let place =
            crash.last_site().map(|frame| format!(", {},", shown(crash.function(frame)))).unwrap_or_default();
        explanation.text.push_str(&if crash.signal.is_some() {
            format!(" A deferred call{place} then panicked with the same value.")
        } else {
            format!(
                " A deferred call{place} then panicked with the same value, or recovered and printed this."
            )
        });
    }
    if let [_, .., last] = crash.chain.as_slice() {
        let place = crash
            .last_site()
            .map(|frame| format!(" in {}", shown(crash.function(frame))))
            .unwrap_or_default();
        let text = shown(&last.message);
        explanation.text.push_str(&match (last.fatal, first.recovered) {
            (true, _) => {
                format!(" While its deferred calls ran, the runtime stopped the program: \"{text}\".")
            }
            (_, true) if last.message == first.message => match passed_on(crash) {
                Some(by) => format!(" {by} recovered it and raised the same value again."),
                None => format!(" It was recovered{place} and raised again."),
            },
            (_, true) => format!(" It was recovered, and a new panic raised{place}: \"{text}\"."),
            (_, false) => format!(" A deferred call then panicked as well{place}: \"{text}\"."),
        });
        // What the runtime could not survive weighs more than what came before.
        if last.fatal {
            explanation.verdict = of_link(crash, last).verdict;
        }
    }
    explanation
}

fn of_link(crash: &Crash, link: &Link) -> Explanation {
    let (runtime_error, text) = match link.message.strip_prefix("runtime error: ") {
        Some(text) => (true, text),
        // TinyGo: `runtime error at 0x…: `
        None => match link.message.strip_prefix("runtime error at 0x").and_then(|m| m.split_once(": ")) {
            Some((_, text)) => (true, text),
            None => (false, link.message.as_str()),
        },
    };
    let package = |frame| crash.package(frame);
    let packages = [crash.raised_by().map_or("", package), owner::called(crash).map_or("", package)];
    let message = Message { fatal: link.fatal, runtime_error, text, packages };
    let known = FAMILIES.iter().flat_map(|rows| rows.iter()).find_map(|row| row.explains(crash, &message));
    if let Some(explanation) = known {
        return explanation;
    }
    if link.fatal {
        return internal::unknown(crash);
    }
    if runtime_error {
        return Explanation::bug(format!("The runtime refused an operation: {}.", shown(text)));
    }
    of_value(crash, link)
}

/// A panic whose value says nothing that is known.
fn of_value(crash: &Crash, link: &Link) -> Explanation {
    let value = match &link.value {
        Value::Opaque { type_name } | Value::Typed { type_name, .. } => {
            format!("a value of type {}", shown(type_name))
        }
        Value::Text => "this text or error".to_owned(),
    };
    let Some(user) = crash.user_site() else {
        return Explanation::bug(format!("panic was called with {value}."));
    };
    let user = shown(crash.function(user));
    let by = owner::called(crash).or_else(|| crash.raised_by().filter(|by| crash.code(by) == Code::Std));
    Explanation::bug(match by.map(|by| crash.function(by)) {
        Some(log) if log.starts_with("log.") && log.contains(".Panic") || log.starts_with("log.Panic") => {
            format!("The program ended itself by {} in {user}.", shown(log))
        }
        Some(must) if must.rsplit('.').next().is_some_and(|name| name.starts_with("Must")) => {
            format!("{} got an error and panics on errors, called from {user}.", shown(must))
        }
        Some(by) => format!("{} panicked, called from {user}.", shown(by)),
        None => format!("panic was called with {value} in {user}."),
    })
}

/// Where it happened, beyond the place that the report names anyway: the
/// library that was called, the module of others, the handler, the goroutine.
fn context(crash: &Crash, link: &Link, explanation: &mut Explanation) {
    let text = &mut explanation.text;
    if let Some(other) = &explanation.third_party {
        let version = other.version.as_deref().map(|v| format!(" {v}")).unwrap_or_default();
        text.push_str(&format!(
            " It happened in third-party code, {} of {}{version}",
            other.place.function, other.module
        ));
        text.push_str(&match &other.caller {
            Some(caller) => format!(", called by {caller}."),
            None => "; no frame of the program's own is on that stack.".to_owned(),
        });
    } else if link.message.starts_with("runtime error: ")
        && let Some(by) = crash.raised_by().filter(|by| crash.code(by) == Code::Std)
        && let Some(user) = crash.user_site()
    {
        text.push_str(&format!(
            " It happened in {}, called from {}.",
            shown(crash.function(by)),
            shown(crash.function(user))
        ));
    }
    if let Some(handler) = &explanation.handler {
        text.push_str(&format!(" The request was served by {handler}."));
        return;
    }
    // Who waits in a deadlock is told with each of them; the limit of a test is the timer's own.
    if !explanation.waits.is_empty() || link.message.starts_with("test timed out after ") {
        return;
    }
    let Some(goroutine) = crash.crashing_goroutine() else { return };
    let Some(created) = &goroutine.created_by else { return };
    let who = goroutine.id.map_or("The goroutine".to_owned(), |id| format!("Goroutine {id}"));
    text.push_str(&match crash.name(created.function) {
        // A timer's function runs on a goroutine that the timer starts (time/sleep.go, `goFunc`).
        "time.goFunc" => {
            format!(" {who} was started by a timer (time.AfterFunc); who set it is not in the dump.")
        }
        function if ["testing.", "testing/", "runtime."].iter().any(|start| function.starts_with(start)) => {
            return;
        }
        _ => format!(" {who} was started by {}.", Place::creator(crash, created)),
    });
}

/// The part of the library that recovers panics in order to add to them, and
/// raises them again.
fn passed_on(crash: &Crash) -> Option<&'static str> {
    let frames = crash.frames_of(crash.crashing_goroutine()?);
    let first = frames.iter().find(|frame| crash.code(frame) != Code::Runtime)?;
    let function = crash.function(first);
    [
        ("testing.tRunner.func", "Package testing"),
        ("sync.(*WaitGroup).Go.func", "WaitGroup.Go"),
        ("sync.(*Once).", "sync.Once"),
        ("sync.OnceFunc", "sync.OnceFunc"),
        ("sync.OnceValue", "sync.OnceValue"),
    ]
    .iter()
    .find(|(start, _)| function.starts_with(start))
    .map(|(_, name)| *name)
}

fn note(crash: &Crash, start: &str) -> Option<String> {
    crash.notes.iter().find(|note| note.starts_with(start)).cloned()
}
