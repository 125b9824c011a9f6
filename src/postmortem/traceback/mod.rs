//! The runtime's own text form: what the process would have printed with
//! GOTRACEBACK=system, so that everything that reads tracebacks can follow.
//!
//! It is not the same where the runtime's output depends on the moment: other
//! threads' stacks are shown though they were running, the frames of the
//! handler that wrote the core are left out, and no memory is printed where a
//! stack cannot be followed.

pub(in crate::postmortem) mod arguments;
pub(in crate::postmortem) mod awaited;
pub(in crate::postmortem) mod ending;
pub(in crate::postmortem) mod fatal;
mod hex;
pub(in crate::postmortem) mod records;
pub(in crate::postmortem) mod signals;
pub(in crate::postmortem) mod site;
pub(in crate::postmortem) mod stack;
pub(in crate::postmortem) mod threads;
pub(in crate::postmortem) mod unwind;
pub(in crate::postmortem) mod view;
pub(in crate::postmortem) mod waits;

use std::io::{self, Write};

use self::ending::{Cause, Ending};
use self::signals::described;
use self::site::{Role, Sites};
use self::stack::{Lines, Stack};
use self::unwind::Unwinder;
use crate::postmortem::CoreDump;
use crate::postmortem::runtime::Runtime;
use crate::postmortem::runtime::goroutine::Goroutine;
use crate::postmortem::runtime::panics::Panic;
use crate::postmortem::runtime::state::status;
use crate::trace::{encode_labels, encode_labels_quoted};

/// A core with the runtime that was found in it.
pub struct Traceback<'r, 'a> {
    pub(in crate::postmortem) core: &'r CoreDump,
    pub(in crate::postmortem) runtime: &'r Runtime<'a>,
    pub(in crate::postmortem) sites: Sites<'a>,
    pub(in crate::postmortem) ending: Ending,
    /// The monotonic clock when the process ended, or a little before.
    now: Option<u64>,
    /// Labels stand in the headers.
    labels: bool,
}

const MINUTE: u64 = 60_000_000_000;

impl<'r, 'a> Traceback<'r, 'a> {
    pub fn new(core: &'r CoreDump, runtime: &'r Runtime<'a>) -> Traceback<'r, 'a> {
        let sites = Sites::default();
        let ending = runtime.ending(&sites, core);
        let labels = runtime.prints_labels(core);
        Traceback { core, runtime, sites, ending, now: runtime.clock(), labels }
    }

    /// With the labels of all goroutines, whatever the process would have done.
    #[must_use]
    pub fn with_labels(self) -> Traceback<'r, 'a> {
        Traceback { labels: true, ..self }
    }

    /// Why the process ended, and every goroutine that `keep` takes; the one
    /// that crashed first.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(&self, keep: &dyn Fn(&Goroutine) -> bool, out: &mut dyn Write) -> io::Result<()> {
        let mut text = String::new();
        let mut apart = self.opening(&mut text);
        for goroutine in self.order(keep) {
            if apart {
                text.push('\n');
            }
            apart = true;
            self.goroutine(&goroutine, &mut text);
            out.write_all(text.as_bytes())?;
            text.clear();
        }
        self.registers(&mut text);
        out.write_all(text.as_bytes())
    }

    /// What is printed before the goroutines; whether a blank line has to follow.
    pub(in crate::postmortem) fn opening(&self, out: &mut String) -> bool {
        out.push_str(&self.head());
        // The head of a signal ends with a blank line.
        let apart = !out.is_empty() && !out.ends_with("\n\n");
        let Some(start) = self.ending.system else { return apart };
        out.push_str(if apart { "\nruntime stack:\n" } else { "runtime stack:\n" });
        self.stack(start, Some(Role::Throw), &mut Lines { runtime: self.runtime, out });
        true
    }

    /// The goroutines that are printed, in their order.
    pub(in crate::postmortem) fn order(
        &self,
        keep: &dyn Fn(&Goroutine) -> bool,
    ) -> impl Iterator<Item = Goroutine> {
        let crashing = self.ending.crashing.as_ref().map(|goroutine| goroutine.address);
        let others = self.runtime.goroutines.iter().copied().filter(move |g| Some(*g) != crashing);
        let all = crashing.into_iter().chain(others).filter_map(|g| self.runtime.goroutine(g));
        all.filter(|goroutine| !goroutine.is_dead() && keep(goroutine))
    }

    /// `panic: …` or `fatal error: …`, and the signal that led to it.
    fn head(&self) -> String {
        let mut out = String::new();
        let runtime = self.runtime;
        let crashing = self.ending.crashing.as_ref();
        match self.ending.cause {
            Some(Cause::Panic) => {
                let panics = crashing.map(|goroutine| runtime.panics(goroutine.panics)).unwrap_or_default();
                print_panics(&panics, &mut out);
            }
            Some(Cause::Fatal) => {
                let start = self
                    .ending
                    .system
                    .or_else(|| runtime.start(&self.sites, crashing?, &self.core.process.threads));
                let frame = start.and_then(|start| {
                    Unwinder::new(runtime, &self.sites, start).find(|frame| frame.site.role == Role::Throw)
                });
                let words = runtime.fatal_words(frame.as_ref());
                for note in words.notes {
                    out.push_str(&note);
                    out.push('\n');
                }
                out.push_str(&format!("fatal error: {}\n", words.message));
            }
            Some(Cause::Signal(_)) => {
                self.signal_head(&mut out);
                return out;
            }
            None => return out,
        }
        let on = match self.ending.system {
            Some(_) => self.ending.thread.as_ref().and_then(|thread| runtime.goroutine(thread.g0)),
            None => crashing.cloned(),
        };
        if let Some((number, code, address, pc)) = on.and_then(|goroutine| goroutine.signal) {
            let name = described(number).unwrap_or_else(|| format!("{number:#x}"));
            out.push_str(&format!("[signal {name} code={code:#x} addr={address:#x} pc={pc:#x}]\n"));
        }
        out
    }

    /// A header, the stack, who created it.
    pub(in crate::postmortem) fn goroutine(&self, goroutine: &Goroutine, out: &mut String) {
        self.header(goroutine, out);
        let broken = self.frames(goroutine, &mut Lines { runtime: self.runtime, out });
        self.footer(goroutine, broken, out);
    }

    /// The frames that are printed; why the stack ends early.
    pub(in crate::postmortem) fn frames(
        &self,
        goroutine: &Goroutine,
        out: &mut dyn Stack<'a>,
    ) -> Option<String> {
        let crashes =
            self.ending.crashing.as_ref().is_some_and(|crashing| crashing.address == goroutine.address);
        let skip = match self.ending.cause {
            Some(Cause::Panic) if crashes => Some(Role::Panic),
            Some(Cause::Fatal) if crashes && self.ending.system.is_none() => Some(Role::Throw),
            _ => None,
        };
        match self.runtime.start(&self.sites, goroutine, &self.core.process.threads) {
            Some(start) => self.stack(start, skip, out),
            None => Some("its saved registers are not in the core".to_owned()),
        }
    }

    /// What is printed behind the frames.
    pub(in crate::postmortem) fn footer(
        &self,
        goroutine: &Goroutine,
        broken: Option<String>,
        out: &mut String,
    ) {
        if let Some(why) = broken {
            out.push_str(&format!("runtime: g {}: {why}\n", goroutine.id));
        }
        self.created_by(goroutine, out);
        self.runtime.print_ancestors(goroutine, out);
    }

    /// runtime/traceback.go, `goroutineheader` at level 2.
    pub(in crate::postmortem) fn header(&self, goroutine: &Goroutine, out: &mut String) {
        let runtime = self.runtime;
        out.push_str(&format!("goroutine {}", goroutine.id));
        // Since 1.22.
        if runtime.minor >= 22 {
            out.push_str(&format!(" gp={:#x}", goroutine.address));
            match runtime.thread(goroutine.m).filter(|_| goroutine.m != 0) {
                Some(thread) => out.push_str(&format!(" m={} mp={:#x}", thread.id, thread.address)),
                None => out.push_str(" m=nil"),
            }
        }
        out.push_str(&format!(" [{}", goroutine.state(runtime.minor)));
        if goroutine.status == status::LEAKED {
            out.push_str(" (leaked)");
        }
        if goroutine.scan {
            out.push_str(" (scan)");
        }
        if goroutine.is_durable(runtime.minor) {
            out.push_str(" (durable)");
        }
        if let Some(minutes) = self.minutes(goroutine) {
            out.push_str(&format!(", {minutes} minutes"));
        }
        if goroutine.locked {
            out.push_str(", locked to thread");
        }
        if let Some(bubble) = runtime.bubble(goroutine) {
            out.push_str(&format!(", synctest {bubble}"));
        }
        let labels = if self.labels { runtime.labels(goroutine) } else { Vec::new() };
        let labels = Some(labels).filter(|labels| !labels.is_empty());
        match labels {
            // 1.26 has them in the brackets.
            Some(labels) if runtime.minor == 26 => {
                out.push_str(&format!(" labels:{}]", encode_labels_quoted(&labels)));
            }
            Some(labels) => out.push_str(&format!("] {}", encode_labels(&labels))),
            None => out.push(']'),
        }
        out.push_str(":\n");
    }

    /// For how long it has waited, at least.
    pub fn minutes(&self, goroutine: &Goroutine) -> Option<u64> {
        let counts =
            matches!(goroutine.status, status::WAITING | status::SYSCALL) && goroutine.wait_since != 0;
        let waited = self.now?.checked_sub(goroutine.wait_since).filter(|_| counts)?;
        waited.checked_div(MINUTE).filter(|minutes| *minutes > 0)
    }

    /// runtime/traceback.go, `printcreatedby`.
    fn created_by(&self, goroutine: &Goroutine, out: &mut String) {
        let runtime = self.runtime;
        let pc = goroutine.created_at;
        if goroutine.id == 1 || pc == 0 {
            return;
        }
        let Some((name, place)) = runtime.creator(pc) else { return };
        out.push_str(&format!("created by {name}"));
        if goroutine.parent != 0 {
            out.push_str(&format!(" in goroutine {}", goroutine.parent));
        }
        out.push_str(&format!("\n\t{place}\n"));
    }
}

/// runtime/panic.go, `printpanics`.
fn print_panics(panics: &[Panic], out: &mut String) {
    let mut before: Option<&Panic> = None;
    for panic in panics {
        if let Some(before) = before.replace(panic) {
            if before.repanicked {
                continue;
            }
            if !before.goexit {
                out.push('\t');
            }
        }
        if panic.goexit {
            continue;
        }
        let mark = match (panic.recovered, panic.repanicked) {
            (true, true) => " [recovered, repanicked]",
            (true, false) => " [recovered]",
            (false, _) => "",
        };
        out.push_str(&format!("panic: {}{mark}\n", panic.text));
    }
}

impl Runtime<'_> {
    /// The function that holds a `go` statement, and its place.
    pub(in crate::postmortem) fn creator(&self, pc: u64) -> Option<(String, String)> {
        let at = crate::addr::RuntimeAddr(pc).to_link(self.bias);
        let function = self.table.find(at)?;
        let offset = at.0.wrapping_sub(function.entry.0);
        let call = if offset > 0 { at.0.wrapping_sub(self.table.quantum()) } else { at.0 };
        // The line of the function itself, even where the statement was inlined.
        let (file, line) = self.table.line(&function, crate::addr::LinkAddr(call))?;
        let place = format!("{}:{line}", String::from_utf8_lossy(file));
        let place = if offset > 0 { format!("{place} +{offset:#x}") } else { place };
        Some((self.printed(function.name), place))
    }
}
