//! What a core tells beside the crash: tables of labels and texts, the same for
//! every format that people read.

use super::{CoreStyle, counters};
use crate::examine::core::{CoreOutcome, GoFacts};
use crate::host::hwcap_names;
use crate::postmortem::{Awaited, Library, Match, ThreadFacts, Wait, at};

/// A heading and its rows.
pub(super) struct Section {
    pub(super) title: &'static str,
    pub(super) rows: Vec<(String, String)>,
}

/// Goroutines that are named one by one.
const NAMED: usize = 12;
const THREADS: usize = 64;
const WAITS: usize = 40;
const MAPPINGS: usize = 24;

/// Variables of the environment that hold no secrets and matter to a Go program.
const HARMLESS: [&str; 10] = [
    "GODEBUG",
    "GOGC",
    "GOMEMLIMIT",
    "GOMAXPROCS",
    "GOTRACEBACK",
    "GORACE",
    "GOCOVERDIR",
    "GOEXPERIMENT",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
];

/// All sections that have something to say.
pub(super) fn sections(outcome: &CoreOutcome<'_>, style: CoreStyle) -> Vec<Section> {
    let go = outcome.go.as_ref().ok();
    let made = [
        ("PANIC VALUES", go.map(panics).unwrap_or_default()),
        ("C FRAMES", go.map(native).unwrap_or_default()),
        ("WAITS", go.map(waits).unwrap_or_default()),
        ("MEMORY", go.map(counters::rows).unwrap_or_default()),
        ("THREADS", threads(outcome, style)),
        ("PROCESS", process(outcome, style)),
        ("MACHINE", machine(outcome)),
        ("CORE", core(outcome)),
        ("NOT READ", not_read(outcome)),
    ];
    let sections = made.into_iter().map(|(title, rows)| Section { title, rows });
    sections.filter(|section| !section.rows.is_empty()).collect()
}

pub(super) fn row(label: &str, text: impl Into<String>) -> (String, String) {
    (label.to_owned(), text.into())
}

/// Only where the text alone does not tell the type.
fn panics(go: &GoFacts) -> Vec<(String, String)> {
    let typed = go.panics.iter().filter_map(|(panic, original)| {
        let type_name = original.as_ref().or(panic.type_name.as_ref())?;
        let first = panic.text.lines().next().unwrap_or("").to_owned();
        Some((type_name.clone(), first))
    });
    typed.collect()
}

/// From the signal to the call out of Go.
fn native(go: &GoFacts) -> Vec<(String, String)> {
    go.native.iter().enumerate().map(|(index, frame)| (format!("#{index}"), frame.clone())).collect()
}

fn numbers(ids: &[u64]) -> String {
    let mut text: Vec<String> = ids.iter().take(NAMED).map(u64::to_string).collect();
    if ids.len() > NAMED {
        text.push(format!("and {} more", ids.len().saturating_sub(NAMED)));
    }
    text.join(", ")
}

pub(super) fn wait_text(wait: &Wait) -> String {
    let who = match wait.goroutines.len() {
        1 => format!("goroutine {} waits", numbers(&wait.goroutines)),
        _ => format!("goroutines {} wait", numbers(&wait.goroutines)),
    };
    let mut text = if wait.state.is_empty() { who } else { format!("{}; {who}", wait.state) };
    if wait.what == Awaited::Mutex {
        text.push_str(&match wait.holders.as_slice() {
            [] => "; no other stack has its address: the holder is not told".to_owned(),
            [one] => format!("; its address is on the stack of goroutine {one}, which may hold it"),
            holders => {
                format!("; its address is on the stacks of {}: one of them may hold it", numbers(holders))
            }
        });
    }
    text
}

fn waits(go: &GoFacts) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    for cycle in &go.waits.cycles {
        let mut steps: Vec<String> = cycle.iter().map(|id| format!("goroutine {id}")).collect();
        steps.extend(cycle.first().map(|id| format!("goroutine {id}")));
        let text = format!(
            "{}: each waits for a mutex that the next may hold (a sync.Mutex has no owner: this is by addresses on \
             stacks)",
            steps.join(" -> ")
        );
        rows.push(row("possible deadlock", text));
    }
    let several = go.waits.list.iter().take(WAITS);
    rows.extend(several.map(|wait| (format!("{} {:#x}", wait.what.name(), wait.address), wait_text(wait))));
    if go.waits.list.len() > WAITS {
        let more = go.waits.list.len().saturating_sub(WAITS);
        rows.push(row("", format!("and {more} more; --format json has all")));
    }
    if let Some((id, minutes)) = go.longest.first() {
        rows.push(row("longest", format!("goroutine {id}, at least {minutes} minutes")));
    }
    rows
}

fn thread(facts: &ThreadFacts) -> String {
    let mut who = Vec::new();
    who.extend(facts.m.map(|m| format!("m={m}")));
    who.extend(facts.goroutine.map(|id| format!("goroutine {id}")));
    if facts.in_c {
        who.push("in C".to_owned());
    }
    let who = if who.is_empty() { String::new() } else { format!("{}, ", who.join(", ")) };
    let ended = if facts.ended { "; it ended the process" } else { "" };
    format!("{who}at {}{ended}", facts.place)
}

fn threads(outcome: &CoreOutcome<'_>, style: CoreStyle) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    let most = if style.threads { usize::MAX } else { THREADS };
    for facts in outcome.threads.iter().take(most) {
        rows.push((facts.tid.to_string(), thread(facts)));
        if style.threads {
            let registers = facts.registers.iter().filter(|(name, _)| !name.is_empty());
            let registers: Vec<String> =
                registers.map(|(name, value)| format!("{name}={value:#x}")).collect();
            rows.push(row("", registers.join(" ")));
        }
    }
    if outcome.threads.len() > most {
        rows.push(row(
            "",
            format!("and {} more; --threads has all", outcome.threads.len().saturating_sub(most)),
        ));
    }
    rows
}

/// A word as a shell would need it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

fn process(outcome: &CoreOutcome<'_>, style: CoreStyle) -> Vec<(String, String)> {
    let process = &outcome.core.process;
    let mut rows = Vec::new();
    let arguments =
        outcome.started.as_ref().map(|started| &started.arguments).filter(|list| !list.is_empty());
    match (arguments, &process.command) {
        (Some(arguments), _) => {
            let words: Vec<String> = arguments.iter().map(|word| quoted(word)).collect();
            rows.push(row("command", words.join(" ")));
        }
        (None, Some(command)) if !command.is_empty() => {
            rows.push(row("command", format!("{command}   (the kernel's note, which is cut at 79 bytes)")));
        }
        _ => {}
    }
    if let Some(pid) = process.pid {
        let uid = process.uid.map(|uid| format!(", user {uid}")).unwrap_or_default();
        rows.push(row("pid", format!("{pid}{uid}")));
    }
    if let Some(signal) = process.signal {
        let mut text = format!("{}, code {}", signal.name(), signal.code);
        text.extend(signal.address.map(|address| format!(", address {address:#x}")));
        text.extend(signal.sender.map(|pid| format!(", sent by pid {pid}")));
        if signal.sender.is_some() && signal.sender.map(u64::from) == process.pid {
            text.push_str(" (by itself: the runtime ends with SIGABRT for GOTRACEBACK=crash)");
        }
        rows.push(row("signal", text));
    } else if let Some(thread) = process.threads.first().filter(|thread| thread.signal != 0) {
        let name = crate::postmortem::signal_name(thread.signal.into()).unwrap_or("unknown");
        rows.push(row("signal", format!("{name} (of the thread's status; no siginfo)")));
    }
    if let Some(stopped) = &outcome.stopped {
        let pc = format!("{:#x}", stopped.pc);
        let mut text = if stopped.place == pc { pc } else { format!("{pc}  {}", stopped.place) };
        if let Some(bytes) = &stopped.instruction {
            let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            text.push_str(&format!("  bytes {}", bytes.join(" ")));
        }
        rows.push(row("dumped at", text));
    }
    environment(outcome, style, &mut rows);
    rows
}

fn environment(outcome: &CoreOutcome<'_>, style: CoreStyle, rows: &mut Vec<(String, String)>) {
    let Some(started) = outcome.started.as_ref().filter(|started| !started.environment.is_empty()) else {
        return;
    };
    let mut hidden = Vec::new();
    for variable in &started.environment {
        let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
        if style.environment || HARMLESS.contains(&name) {
            rows.push(row("env", format!("{name}={value}")));
        } else {
            hidden.push(name);
        }
    }
    if !hidden.is_empty() {
        rows.push(row("env", format!("{} (values hidden; --env shows them)", hidden.join(" "))));
    }
}

fn machine(outcome: &CoreOutcome<'_>) -> Vec<(String, String)> {
    let core = outcome.core;
    let mut rows = Vec::new();
    let arch = core.machine.map_or(core.machine_text.clone(), |machine| machine.arch.to_string());
    let platform = core.platform().map(|platform| format!(", AT_PLATFORM {platform}")).unwrap_or_default();
    rows.push(row("architecture", format!("{arch}{platform}")));
    if let Some(hwcap) = core.process.aux(at::HWCAP) {
        let names = core.machine.and_then(|machine| hwcap_names(machine.arch, hwcap));
        let names = names.map(|names| format!("  {}", names.join(" "))).unwrap_or_default();
        let second =
            core.process.aux(at::HWCAP2).map(|bits| format!(", AT_HWCAP2 {bits:#x}")).unwrap_or_default();
        rows.push(row("AT_HWCAP", format!("{hwcap:#x}{names}{second}")));
    }
    rows.extend(outcome.go.as_ref().ok().map(counters::processor).unwrap_or_default());
    if let Some(kernel) = core.kernel() {
        rows.push(row("kernel", format!("{kernel} (from the vDSO note)")));
    }
    if let Some(size) = core.process.aux(at::PAGESZ) {
        rows.push(row("page size", size.to_string()));
    }
    let mut files: Vec<&str> = core.process.mappings.iter().map(|mapping| mapping.path.as_str()).collect();
    files.sort_unstable();
    files.dedup();
    for file in files.iter().take(MAPPINGS) {
        rows.push(row("mapped", *file));
    }
    if files.len() > MAPPINGS {
        rows.push(row("", format!("and {} more", files.len().saturating_sub(MAPPINGS))));
    }
    rows
}

fn fits_text(fits: &Match) -> String {
    match fits {
        Match::Same(why) => format!("the same: {why}"),
        Match::Different(why) => format!("another one: {why}"),
        Match::Unknown(why) => format!("not proved: {why}"),
    }
}

fn core(outcome: &CoreOutcome<'_>) -> Vec<(String, String)> {
    let core = outcome.core;
    let mut rows = Vec::new();
    let packed =
        if core.unpacked.is_empty() { String::new() } else { format!(", in {}", core.unpacked.join(" in ")) };
    let writer = core.process.writer.map(|writer| format!(", written by {writer}")).unwrap_or_default();
    rows.push(row("file", format!("{} ({} bytes{packed}{writer})", core.origin, core.size())));
    rows.push(row("executable", core.identity_text()));
    for (binary, fits) in &outcome.compared {
        let taken = outcome.chosen.is_some_and(|chosen| std::ptr::eq(chosen, *binary));
        let text = fits_text(fits);
        let bias = core.bias(binary).filter(|bias| taken && bias.0 != 0);
        let bias = bias.map(|bias| format!("; loaded at {bias}")).unwrap_or_default();
        rows.push(row(if taken { "taken" } else { "not taken" }, format!("{}: {text}{bias}", binary.origin)));
    }
    for Library { module, binary, bias, fits } in outcome.libraries.files() {
        let text = format!("{}: {}, {}; loaded at {bias}", module.path, binary.origin, fits_text(fits));
        rows.push(row("library", text));
    }
    if let Some(go) = outcome.go.as_ref().ok().filter(|go| go.goroutines > 0) {
        // Those that were found by their shape are in no list.
        let listed = match go.claimed {
            0 => String::new(),
            claimed => format!(", {claimed} in the runtime's list, dead ones included"),
        };
        let text = format!("{} alive{listed}; their stacks take {} KiB", go.goroutines, go.stacks >> 10);
        rows.push(row("goroutines", text));
        rows.extend(go.layout.as_ref().map(|layout| row("layout", layout.clone())));
    }
    rows
}

/// What is missing from the report, and why.
fn not_read(outcome: &CoreOutcome<'_>) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    match &outcome.go {
        Err(why) => rows.push(row("goroutines", why.clone())),
        Ok(go) => {
            rows.extend(go.doubts.iter().map(|doubt| row("runtime", doubt.clone())));
            rows.extend(counters::not_read(go).into_iter().map(|(what, why)| row(what, why)));
        }
    }
    if outcome.started.is_none() {
        rows.push(row(
            "environment",
            "the start of the stack, with arguments and environment, was not found",
        ));
    }
    rows
}
