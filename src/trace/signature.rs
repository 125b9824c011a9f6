//! `pm1`: the signature that groups crashes of one bug across builds, Go
//! versions and machines.
//!
//! What it leaves out is as important as what it takes: no program name, no
//! host, arguments, addresses, files, lines, goroutine ids or architecture.
//! Go renames closures from version to version and moves them to the package
//! they are inlined into, so closures keep only their innermost named part.

mod names;

use std::sync::LazyLock;

use regex::Regex;
use sha2::{Digest, Sha256};

use super::{Code, Complaint, Crash, Frame, Goroutine, Kind, Link, Value};
use names::{Family, canonical};

/// Two hashes of one crash: of what is equal for one bug, and of where exactly
/// it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// `pm1:` and 16 hex digits.
    pub id: String,
    /// The hashed text.
    pub text: String,
    /// `pm1v:` and 16 hex digits: the finer hash, over all frames of the
    /// program with full function names and line numbers. It tells apart what
    /// one `pm1` holds together, and changes with every shift of a line.
    pub variant: String,
    pub variant_text: String,
}

const UNITS: usize = 3;
const OVERFLOW: &str = "fatal:stack overflow";

/// The signature of a crash.
pub fn signature(crash: &Crash) -> Signature {
    let class = class(crash);
    let (steps, units) = walk(crash, &class);
    let (id, text) = hashed("pm1", &class, &units);
    let (variant, variant_text) = hashed("pm1v", &class, &places(&steps, class == OVERFLOW));
    Signature { id, text, variant, variant_text }
}

/// The name of the scheme, the class and the frames, one a line, and the first
/// eight bytes of their SHA-256.
fn hashed(scheme: &str, class: &str, frames: &[String]) -> (String, String) {
    let mut text = format!("{scheme}\n{class}\n");
    for frame in frames {
        text.push_str(frame);
        text.push('\n');
    }
    let hash = Sha256::digest(text.as_bytes());
    let id = hash.iter().take(8).fold(format!("{scheme}:"), |id, byte| format!("{id}{byte:02x}"));
    (id, text)
}

static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"0x[0-9a-f]+|-?[0-9]+").ok());

/// Texts of the runtime that are printed without `runtime error: `.
const PLAIN: &[&str] = &[
    "assignment to entry in nil map",
    "close of ",
    "send on closed ",
    "all goroutines",
    "invalid memory address",
    "index out of range",
    "slice bounds",
    "interface conversion",
    "integer divide",
];

/// What failed, without what varies from run to run.
fn class(crash: &Crash) -> String {
    if let Some(link) = crash.chain.first() {
        return class_of(link);
    }
    match (&crash.signal, crash.remarks.first()) {
        (Some(signal), _) => signal.name.clone(),
        (None, Some(remark)) if crash.kind == Kind::Launch => match &remark.complaint {
            Complaint::Exited { status } => format!("launch:exit status {status}"),
            complaint => format!("launch:{}", complaint_class(complaint)),
        },
        (None, Some(remark)) if crash.kind == Kind::Error => {
            format!("error:{}", complaint_class(&remark.complaint))
        }
        (None, _) if crash.kind == Kind::Sanitizer => {
            let message = crash.message();
            message.split(" on ").next().unwrap_or_default().to_owned()
        }
        _ => "stack".to_owned(),
    }
}

fn class_of(link: &Link) -> String {
    let message = link.message.lines().next().unwrap_or("");
    if message.starts_with("concurrent map") {
        return "fatal:concurrent map access".to_owned();
    }
    let numbers =
        |text: &str| NUMBER.as_ref().map_or(text.to_owned(), |n| n.replace_all(text, "N").into_owned());
    if link.fatal {
        return format!("fatal:{}", numbers(message));
    }
    if let Some(text) = message.strip_prefix("runtime error: ") {
        return format!("panic:{}", numbers(text));
    }
    if PLAIN.iter().any(|plain| message.starts_with(plain)) {
        return format!("panic:{}", numbers(message));
    }
    let name = match &link.value {
        Value::Typed { type_name, .. } | Value::Opaque { type_name } => Some(type_name.as_str()),
        Value::Text => printed_type(message),
    };
    if let Some(name) = name {
        return format!("panic:type {name}");
    }
    format!("panic:text {}", first_words(message))
}

/// The type of a value that something other than the runtime printed (`%v` of
/// a logger): `(*main.T) 0x…`, `main.T(…)`, `&main.T(…`, `&main.T{…`.
fn printed_type(message: &str) -> Option<&str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    if let Some((name, _)) = message.strip_prefix('(').and_then(|rest| rest.split_once(") ")) {
        let is_type = |c: char| is_word(c) || matches!(c, '.' | '/' | '[' | ']' | '*');
        return Some(name)
            .filter(|name| !name.trim_start_matches('*').is_empty() && name.chars().all(is_type));
    }
    let is_type = |name: &str, begins: fn(char) -> bool| {
        let is_path = |c: char| is_word(c) || matches!(c, '.' | '/');
        name.rsplit_once('.').is_some_and(|(package, name)| {
            !package.is_empty()
                && package.chars().all(is_path)
                && name.starts_with(begins)
                && name.chars().all(is_word)
        })
    };
    let literal = message.strip_prefix('&').and_then(|rest| rest.split_once('{'));
    if let Some((name, _)) = literal.filter(|(name, _)| is_type(name, char::is_alphabetic)) {
        return Some(name);
    }
    // A free text may begin with a call: `main.run(x) failed`.
    let (name, _) = message.strip_prefix('&').unwrap_or(message).split_once('(')?;
    is_type(name, |c| c.is_ascii_uppercase()).then_some(name)
}

/// The constant start of a free text: up to the first colon, at most three
/// words of letters.
fn first_words(message: &str) -> String {
    let is_word = |token: &str| {
        token.len() <= 20
            && token.starts_with(|c: char| c.is_ascii_alphabetic())
            && token.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '\'' | '_' | '-'))
    };
    let start = message.split(':').next().unwrap_or("");
    let tokens = start.split_whitespace().map(|t| t.trim_end_matches([',', '.', ';', '!']));
    let words: Vec<String> = tokens.take_while(|t| is_word(t)).take(3).map(str::to_ascii_lowercase).collect();
    words.join(" ")
}

fn complaint_class(complaint: &Complaint) -> &'static str {
    match complaint {
        Complaint::ExecFormat | Complaint::ReadAsScript | Complaint::WrongEmulator => "exec format",
        Complaint::NotFound { .. } | Complaint::InterpreterMissing { .. } => "not found",
        Complaint::PermissionDenied => "permission denied",
        Complaint::GlibcVersion { .. } => "glibc version",
        Complaint::Library { .. } => "library",
        Complaint::Symbol { .. } => "symbol",
        Complaint::Killed { signal } | Complaint::KernelFault { signal, .. } => signal,
        Complaint::Exited { .. } => "exit status",
        Complaint::OutOfMemory { .. } => "out of memory",
        Complaint::Amd64Level { .. } => "amd64 level",
        Complaint::ArmFloat { .. } => "arm float",
        Complaint::CpuRefused(_) => "cpu refused",
        Complaint::OtherPlatform { .. } => "image platform",
        Complaint::LfsPointer => "lfs pointer",
        Complaint::EmulatorFailed => "emulator failed",
        Complaint::NeedsCgo => "needs cgo",
        Complaint::BuildNeedsCgo { .. } | Complaint::NoRuntimeCgo => "build needs cgo",
        Complaint::NoFilesLeft { .. } => "no files left",
        Complaint::OtherMachinesCompiler { .. } => "compiler of another machine",
        Complaint::StaticNss => "static nss",
        Complaint::NoNameServer { .. } => "no name server",
        Complaint::LocalName { .. } => "local name",
        Complaint::Getaddrinfo { .. } => "getaddrinfo",
        Complaint::UserNeedsCgo { .. } => "user needs cgo",
        Complaint::NoPlugins => "no plugins",
        Complaint::PluginVersion { .. } => "plugin version",
        Complaint::KernelTooOld => "kernel too old",
        Complaint::NotImplemented { .. } => "not implemented",
        Complaint::PageSize => "page size",
        Complaint::SeccompKill { .. } => "seccomp",
        Complaint::UnknownZone { .. } => "time zone",
        Complaint::UnknownAuthority { .. } | Complaint::NoRoots => "certificate roots",
        Complaint::DyldSymbol { .. } => "dyld symbol",
        Complaint::CodeSignature => "code signature",
        Complaint::SyscallSymbol => "syscall symbol",
        Complaint::PieOnly => "pie only",
        Complaint::RaceMemory { .. } | Complaint::RaceAddresses => "race memory",
        Complaint::WasmImport { .. } | Complaint::OldWasmGlue => "wasm glue",
        Complaint::Toolchain(_) => "toolchain",
        Complaint::UnknownExperiment { .. } | Complaint::UnknownGodebug { .. } => "unknown setting",
        Complaint::NoBody { .. } => "no body",
    }
}

/// What became of a frame on the way to the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Hashed, under this name.
    Unit(String),
    /// Stands between the print and the oldest panic: deferred calls, re-panics.
    AbovePanic,
    Runtime,
    /// Of a run of standard library frames above an app frame, only the
    /// outermost counts: the call that the program made.
    InnerStd,
    /// Standard library below the last frame of the program.
    OuterStd,
    /// The same name as the unit before it.
    Repeated,
    /// In the cycle of a stack overflow, which may stop anywhere in it.
    Cycle,
    /// After the first three units.
    Beyond,
}

impl Fate {
    /// Why the frame is not in the hashed text.
    pub fn reason(&self) -> Option<&'static str> {
        Some(match self {
            Fate::Unit(_) => return None,
            Fate::AbovePanic => "above the oldest panic",
            Fate::Runtime => "runtime",
            Fate::InnerStd => "inside the standard library: only the call that enters it counts",
            Fate::OuterStd => "standard library below the last frame of the program",
            Fate::Repeated => "the same name as the one before it",
            Fate::Cycle => "in the cycle of the overflow, of which the hash takes the first three names",
            Fate::Beyond => "after the first three names",
        })
    }
}

/// One frame of the goroutine that the signature is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step<'a> {
    pub function: &'a str,
    pub line: u32,
    pub fate: Fate,
    family: Family,
}

/// What became of each frame of the goroutine, innermost first.
pub fn explain(crash: &Crash) -> Vec<Step<'_>> {
    walk(crash, &class(crash)).0
}

/// The frames and the units made of them.
fn walk<'a>(crash: &'a Crash, class: &str) -> (Vec<Step<'a>>, Vec<String>) {
    let frames = goroutine(crash).map(|goroutine| crash.frames_of(goroutine)).unwrap_or_default();
    let above = frames.iter().rposition(|frame| super::is_panic_frame(crash.function(frame)));
    let above = above.map_or(0, |at| at.saturating_add(1));
    let mut steps: Vec<Step<'a>> = Vec::with_capacity(frames.len());
    // Standard library frames since the last app frame.
    let mut run: Vec<(usize, String)> = Vec::new();
    let mut has_app = false;
    for (at, frame) in frames.iter().enumerate() {
        let function = crash.function(frame);
        let mut step = Step { function, line: frame.line, fate: Fate::AbovePanic, family: Family::Runtime };
        if at >= above {
            let (family, unit) = canonical(function);
            step.family = family;
            step.fate = match family {
                Family::Runtime => Fate::Runtime,
                Family::Std => {
                    run.push((at, unit));
                    Fate::OuterStd
                }
                Family::App => {
                    has_app = true;
                    enter(&mut steps, std::mem::take(&mut run));
                    Fate::Unit(unit)
                }
            };
        }
        steps.push(step);
    }
    if !has_app {
        enter(&mut steps, run);
    }
    let units = choose(&mut steps, class == OVERFLOW);
    (steps, units)
}

/// The goroutine that failed: the first that is no thread's own and not idle.
/// Where a signal arrived in C, the one that called C.
fn goroutine(crash: &Crash) -> Option<&Goroutine> {
    let in_c = |g: &&Goroutine| {
        let calls_c = |f: &Frame| crash.function(f) == "runtime.cgocall" || crash.code(f) == Code::Cgo;
        crash.state(g).starts_with("syscall") && crash.frames_of(g).iter().any(calls_c)
    };
    let called_c = crash.signal.as_ref().filter(|signal| signal.in_cgo);
    called_c.and_then(|_| crash.goroutines.iter().find(in_c)).or_else(|| crash.first_goroutine())
}

/// A run of standard library frames is one call of the program: its outermost.
fn enter(steps: &mut [Step<'_>], mut run: Vec<(usize, String)>) {
    let outermost = run.pop();
    for (at, _) in run {
        if let Some(step) = steps.get_mut(at) {
            step.fate = Fate::InnerStd;
        }
    }
    if let Some((at, unit)) = outermost
        && let Some(step) = steps.get_mut(at)
    {
        step.fate = Fate::Unit(unit);
    }
}

/// The units that are hashed; what is left out learns why.
fn choose(steps: &mut [Step<'_>], overflow: bool) -> Vec<String> {
    let units = steps.iter().filter_map(|step| match &step.fate {
        Fate::Unit(unit) => Some(unit.clone()),
        _ => None,
    });
    let units: Vec<String> = units.collect();
    let cycle = if overflow { cycle(&units) } else { None };
    let mut chosen = cycle.clone().unwrap_or_default();
    chosen.truncate(UNITS);
    let mut last: Option<String> = None;
    for step in steps {
        let Fate::Unit(unit) = &step.fate else { continue };
        if cycle.is_some() {
            step.fate = Fate::Cycle;
        } else if last.as_ref() == Some(unit) {
            step.fate = Fate::Repeated;
        } else if chosen.len() == UNITS {
            step.fate = Fate::Beyond;
        } else {
            chosen.push(unit.clone());
            last = Some(unit.clone());
        }
    }
    chosen
}

/// All frames of the program with full names and lines; of a stack overflow
/// the cycle. Where the program has none, the call into the standard library.
fn places(steps: &[Step<'_>], overflow: bool) -> Vec<String> {
    let place = |step: &Step<'_>| format!("{}:{}", step.function, step.line);
    let mut places: Vec<String> = steps.iter().filter(|s| s.family == Family::App).map(place).collect();
    if places.is_empty() {
        places.extend(steps.iter().rfind(|s| s.family == Family::Std).map(place));
    }
    // The innermost frame is where the stack ran out by chance, perhaps before
    // the line of the call.
    let cycle = |places: &[String]| if overflow { cycle(places) } else { None };
    if let Some(cycle) = cycle(&places).or_else(|| cycle(places.get(1..)?)) {
        return cycle;
    }
    places.dedup();
    places
}

/// The shortest period of up to 8 that repeats three times at the top, rotated
/// to its smallest form: a stack overflow stops anywhere in its cycle.
fn cycle(units: &[String]) -> Option<Vec<String>> {
    for period in 1..=8usize {
        let Some(head) = units.get(..period.saturating_mul(3)) else { break };
        let repeats = head.iter().zip(head.iter().skip(period)).all(|(a, b)| a == b);
        if repeats {
            let cycle = head.get(..period)?;
            return (0..period)
                .map(|by| [cycle.get(by..), cycle.get(..by)].map(Option::unwrap_or_default).concat())
                .min();
        }
    }
    None
}
#[cfg(test)]
mod tests;
