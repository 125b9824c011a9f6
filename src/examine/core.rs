//! A core dump and executables in, an answer out: the stacks are read from the
//! core in the runtime's own text form, and judged as a log would be.

use super::{Examiner, Outcome};
use crate::addr::{LoadBias, RuntimeAddr};
use crate::binary::Binary;
use crate::error::{Error, Warning};
use crate::host::Host;
use crate::postmortem::{
    CoreDump, Counters, Feature, Goroutine, Libraries, Library, Match, Panic, Runtime, Started, ThreadFacts,
    Traceback, Waits, signal_name,
};
use crate::symbolize::{Options, Symbolizer};
use crate::trace::{self, Crash, Feed, Growing, Unwrapping, supervisor};

/// What is known of a core.
pub struct CoreOutcome<'a> {
    pub core: &'a CoreDump,
    /// The crash with its judgement; none where nothing says that it crashed.
    pub outcome: Outcome<'a>,
    /// Every executable that was given, and how it goes with the core.
    pub compared: Vec<(&'a Binary, Match)>,
    pub chosen: Option<&'a Binary>,
    pub libraries: &'a Libraries,
    /// Arguments and environment, where the start of the stack is in the core.
    pub started: Option<Started>,
    /// What the runtime told, or why it did not.
    pub go: Result<GoFacts, String>,
    pub threads: Vec<ThreadFacts>,
    /// The thread that dumped: its program counter, the place and the instruction there.
    pub stopped: Option<Stopped>,
}

/// Where the thread that dumped was.
pub struct Stopped {
    pub pc: u64,
    pub place: String,
    pub instruction: Option<Vec<u8>>,
}

/// What the runtime's structures tell beside the stacks.
pub struct GoFacts {
    /// Minor version of Go.
    pub minor: u32,
    /// Goroutines that exist, and how many the list of the runtime claims, dead ones included.
    pub goroutines: usize,
    pub claimed: u64,
    /// Bytes of their stacks.
    pub stacks: u64,
    /// Frames of C from the signal that ended the process up to Go, innermost first.
    pub native: Vec<String>,
    /// The panics that were under way, with the types of their values.
    pub panics: Vec<(Panic, Option<String>)>,
    /// Those that waited longest, by number, with minutes.
    pub longest: Vec<(u64, u64)>,
    pub waits: Waits,
    /// What the runtime counted, or why it is not told.
    pub counters: Result<Counters, String>,
    /// The processor as the runtime saw it.
    pub features: Result<Vec<Feature>, String>,
    pub goarm: Option<u8>,
    /// How it is known where the runtime keeps its fields, where that is not by its version.
    pub layout: Option<String>,
    /// What is doubtful or could not be read.
    pub doubts: Vec<String>,
}

/// Picks the executable that goes with the core: one that is proved, else one
/// against which nothing speaks.
pub fn pick<'a>(core: &CoreDump, binaries: &'a [Binary]) -> (Option<&'a Binary>, Vec<(&'a Binary, Match)>) {
    let compared: Vec<(&Binary, Match)> =
        binaries.iter().map(|binary| (binary, core.compare(binary))).collect();
    let proved = compared.iter().find(|(_, fits)| matches!(fits, Match::Same(_)));
    let chosen = proved.or_else(|| compared.iter().find(|(_, fits)| !fits.refused()));
    (chosen.map(|(binary, _)| *binary), compared)
}

/// The refusal, where every executable is another one.
///
/// # Errors
/// `Unrecognised` with the identities of both.
pub fn require_match(core: &CoreDump, compared: &[(&Binary, Match)]) -> Result<(), Error> {
    if compared.is_empty() || compared.iter().any(|(_, fits)| !fits.refused()) {
        return Ok(());
    }
    let each: Vec<String> = compared
        .iter()
        .filter_map(|(binary, fits)| match fits {
            Match::Different(why) => Some(format!("{}: {why}", binary.origin)),
            _ => None,
        })
        .collect();
    let what =
        format!("no executable of this core ({}) was given: {}", core.identity_text(), each.join("; "));
    Err(Error::Unrecognised { origin: core.origin.clone(), what })
}

/// What to examine.
pub struct CoreInputs<'a> {
    pub core: &'a CoreDump,
    pub compared: Vec<(&'a Binary, Match)>,
    pub chosen: Option<&'a Binary>,
    pub runtime: Result<&'a Runtime<'a>, String>,
    pub host: &'a Host,
    pub resolver: Options,
    /// The shared libraries that were found.
    pub libraries: &'a Libraries,
    /// Which goroutines count.
    pub keep: &'a dyn Fn(&Goroutine) -> bool,
}

/// Those that waited longest, so many of them.
const LONGEST: usize = 10;

/// Examines everything.
pub fn examine_core<'a>(inputs: CoreInputs<'a>) -> CoreOutcome<'a> {
    let CoreInputs { core, compared, chosen, runtime, host, resolver, libraries, keep } = inputs;
    let resolver_of_c = resolver.clone();
    let examiner = Examiner::new(chosen.into_iter().collect(), Some(host), resolver);
    let mut crashes = Vec::new();
    let refused = libraries.remarks.iter().map(|what| Warning::new(&core.origin, what.clone()));
    let (mut warnings, mut threads) = (refused.collect::<Vec<_>>(), core.threads());
    let mut place = None;
    let go = runtime.map(|runtime| {
        let traceback = Traceback::new(core, runtime).with_labels();
        let (read, more) = read(core, &traceback, keep);
        crashes.extend(read);
        warnings.extend(more);
        threads = traceback.threads();
        place = core.pc().and_then(|pc| traceback.named(pc));
        let mut facts = facts(runtime, &traceback);
        if let Some(binary) = chosen {
            facts.native = native(core, binary, libraries, &traceback, resolver_of_c);
        }
        facts
    });
    if let Some(remark) = core_signal(core).filter(|_| crashes.is_empty()) {
        trace::ended(&mut crashes, remark);
    }
    for crash in &mut crashes {
        crash.span.origin = core.origin.clone();
        crash.span.lines = 0..=0;
        crash.source.core = true;
    }
    let examined = crashes.into_iter().map(|crash| examiner.crash(crash)).collect();
    let mut outcome = examiner.outcome(examined);
    outcome.warnings.extend(core.damage.iter().map(|what| Warning::new(&core.origin, what.clone())));
    outcome.warnings.extend(warnings);
    let stopped = core.pc().map(|pc| Stopped {
        pc,
        place: place.or_else(|| named(chosen, core, pc)).unwrap_or_else(|| core.mapped_at(pc)),
        instruction: core.instruction(chosen, pc),
    });
    CoreOutcome { core, outcome, compared, chosen, libraries, started: core.started(), go, threads, stopped }
}

/// What a core tells of the crash, in the form that logs have: the runtime's, else
/// the signal that ended the process.
pub fn crash_of(core: &CoreDump, runtime: Option<&Runtime<'_>>) -> Option<Crash> {
    let mut crashes = Vec::new();
    if let Some(runtime) = runtime {
        crashes.extend(read(core, &Traceback::new(core, runtime), &|_| true).0);
    }
    if let Some(remark) = core_signal(core).filter(|_| crashes.is_empty()) {
        trace::ended(&mut crashes, remark);
    }
    crashes.pop()
}

/// Frames of C with their names, as far as DWARF and symbols tell them.
fn native(
    core: &CoreDump,
    binary: &Binary,
    libraries: &Libraries,
    traceback: &Traceback<'_, '_>,
    resolver: Options,
) -> Vec<String> {
    let (pcs, broken) = traceback.native(libraries);
    let own = Symbolizer::new(binary, resolver.clone());
    let bias = core.bias(binary).unwrap_or(LoadBias(0));
    let mut others: Vec<(&Library, Symbolizer<'_>)> = Vec::new();
    let mut name = |(index, pc): (usize, &u64)| {
        let library = libraries.at(core, *pc);
        if let Some(library) = library
            && !others.iter().any(|(have, _)| std::ptr::eq(*have, library))
        {
            others.push((library, Symbolizer::new(&library.binary, resolver.clone())));
        }
        let theirs = others.iter().find(|(have, _)| library.is_some_and(|it| std::ptr::eq(*have, it)));
        let (symbolizer, bias, file) = match theirs {
            Some((library, symbolizer)) => (symbolizer, library.bias, Some(&library.module.path)),
            None => (&own, bias, None),
        };
        let at = RuntimeAddr(*pc).to_link(bias);
        let at = if index > 0 { at.call_site() } else { at };
        let names = symbolizer.resolve(at).map(|symbols| {
            let names: Vec<String> = symbols
                .locations
                .iter()
                .map(|location| match (&location.file, location.line) {
                    (Some(file), Some(line)) => format!("{} ({file}:{line})", location.function),
                    _ => location.function.clone(),
                })
                .collect();
            let names = names.join(" < ");
            match file {
                Some(file) => format!("{names}  {file}"),
                None => names,
            }
        });
        format!("{pc:#x}  {}", names.unwrap_or_else(|_| core.mapped_at(*pc)))
    };
    let mut out: Vec<String> = pcs.iter().enumerate().map(&mut name).collect();
    out.extend(broken.map(|why| format!("the rest is not told: {why}")));
    out
}

/// By the executable alone, where its runtime was never set up.
fn named(binary: Option<&Binary>, core: &CoreDump, pc: u64) -> Option<String> {
    let binary = binary?;
    let table = binary.pclntab().ok()?;
    let at = RuntimeAddr(pc).to_link(core.bias(binary)?);
    let function = table.find(at)?;
    let offset = at.0.wrapping_sub(function.entry.0);
    let (file, line) = table.line(&function, at)?;
    let file = String::from_utf8_lossy(file);
    Some(format!("{} ({file}:{line} +{offset:#x})", table.printed(function.name)))
}

/// The beginning as a log is read, for it holds what the process said; the goroutines
/// behind it as records.
fn read(
    core: &CoreDump,
    traceback: &Traceback<'_, '_>,
    keep: &dyn Fn(&Goroutine) -> bool,
) -> (Option<Crash>, Vec<Warning>) {
    let (text, first) = traceback.beginning(keep);
    let mut feed = Feed::new(core.origin.clone(), Unwrapping::Plain);
    let mut crashes = feed.push(text.as_bytes());
    crashes.extend(feed.finish().0);
    let mut warnings = Vec::new();
    if crashes.len() > 1 {
        let what = "the text of a panic looks like a traceback itself: what was read as its goroutine may be part of the \
                    text; --raw shows it";
        warnings.push(Warning::new(&core.origin, what));
    }
    if first.is_none() {
        return (crashes.into_iter().next(), warnings);
    }
    // A stack of which nothing could be read is no crash to the reader of logs.
    let mut growing = crashes.into_iter().next().map_or_else(Growing::default, Growing::new);
    let left = traceback.others(keep, usize::from(growing.has(first)), &mut growing);
    if left > 0 {
        let what =
            format!("{left} goroutines are not in the report, which would be too large; --raw has all");
        warnings.push(Warning::new(&core.origin, what));
    }
    let (crash, unread) = growing.finish();
    if unread > 0 {
        let what =
            format!("{unread} bytes of the headers of goroutines were not understood; --raw shows them");
        warnings.push(Warning::new(&core.origin, what));
    }
    (Some(crash), warnings)
}

/// The signal that ended the process, as if a shell had said it.
fn core_signal(core: &CoreDump) -> Option<trace::Remark> {
    let process = &core.process;
    let from_thread = || process.threads.first().map(|thread| u32::from(thread.signal));
    let number = process.signal.map(|signal| signal.number).or_else(from_thread)?;
    let mut remark = supervisor::signal(signal_name(number)?).ok()?;
    remark.speaker = "core";
    remark.text = match process.signal.and_then(|signal| signal.address) {
        Some(address) => format!("{} at address {address:#x}", signal_name(number)?),
        None => signal_name(number)?.to_owned(),
    };
    Some(remark)
}

fn facts(runtime: &Runtime<'_>, traceback: &Traceback<'_, '_>) -> GoFacts {
    let (mut alive, mut stacks, mut longest) = (0usize, 0u64, Vec::new());
    for goroutine in traceback.goroutines() {
        if goroutine.is_dead() {
            continue;
        }
        alive = alive.saturating_add(1);
        stacks = stacks.saturating_add(goroutine.stack.1.saturating_sub(goroutine.stack.0));
        longest.extend(traceback.minutes(&goroutine).map(|minutes| (goroutine.id, minutes)));
    }
    longest.sort_by_key(|(id, minutes)| (std::cmp::Reverse(*minutes), *id));
    longest.truncate(LONGEST);
    let waits = traceback.waits();
    let left_out = waits.left_out.iter().map(|what| format!("not looked at: {what}"));
    GoFacts {
        minor: runtime.minor,
        goroutines: alive,
        claimed: runtime.claimed,
        stacks,
        native: Vec::new(),
        panics: traceback.panics(),
        longest,
        doubts: runtime.doubts.iter().cloned().chain(left_out).collect(),
        waits,
        counters: runtime.counters(),
        features: runtime.features(),
        goarm: runtime.goarm(),
        layout: runtime.layout(),
    }
}
