//! The pipeline: documents, executables and a host in, a report out.

pub mod agree;
pub mod core;

use rustc_hash::FxHashSet;

use crate::addr::RuntimeAddr;
use crate::binary::Binary;
use crate::diagnose::{Case, Diagnosis, Finding, NotAsked, Subject, diagnose};
use crate::error::Warning;
use crate::fit::{Choice, Fit, choose, fitting};
use crate::host::Host;
use crate::source::{self, Log};
use crate::symbolize::{Options, Symbolizer, Symbols};
use crate::trace::{self, Complaint, Crash, Feed, Joined, Kind, Remark, Signature, Unwrapping, signature};

/// What to examine.
#[derive(Default)]
pub struct Inputs<'a> {
    pub logs: Vec<Log>,
    pub binaries: Vec<&'a Binary>,
    pub host: Option<&'a Host>,
    pub resolver: Options,
    pub unwrapping: Unwrapping,
    /// How the process ended, where the user knows it.
    pub ended: Option<Remark>,
    /// The crash of a core dump that should be of the same process, and its name.
    pub beside: Option<(String, Crash)>,
}

/// One crash with everything that was found out about it.
pub struct Examined {
    pub crash: Crash,
    pub signature: Signature,
    pub diagnosis: Diagnosis,
    /// The executable that it was judged with.
    pub choice: Option<Choice>,
    pub addresses: Vec<Address>,
}

/// A bare address of the log, resolved.
pub struct Address {
    /// What the log calls it: `pc of the signal`, `rip`, `ip (kernel)`.
    pub label: String,
    pub address: RuntimeAddr,
    /// The names, or why there are none.
    pub symbols: Result<Symbols, String>,
}

/// How much was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    pub documents: usize,
    pub lines: u64,
    pub bytes: u64,
    /// Lines with a fragment of a trace behind other text.
    pub suspects: u64,
    /// Errors that were told before.
    pub repeated_errors: u64,
}

impl Looked {
    fn add(&mut self, log: &trace::Looked) {
        self.lines = self.lines.saturating_add(log.lines);
        self.bytes = self.bytes.saturating_add(log.bytes);
        self.suspects = self.suspects.saturating_add(log.suspects);
        self.repeated_errors = self.repeated_errors.saturating_add(log.repeated_errors);
    }
}

/// The answer.
pub struct Outcome<'a> {
    pub crashes: Vec<Examined>,
    pub binaries: Vec<&'a Binary>,
    pub host: Option<&'a Host>,
    pub warnings: Vec<Warning>,
    /// Findings about executable and host where there is no crash.
    pub findings: Vec<Finding>,
    pub not_asked: Vec<NotAsked>,
    pub looked: Looked,
}

/// Examines everything.
pub fn examine(inputs: Inputs<'_>) -> Outcome<'_> {
    let Inputs { logs, binaries, host, resolver, unwrapping, ended, beside } = inputs;
    let examiner = Examiner::new(binaries, host, resolver);
    let mut out = examiner.outcome(Vec::new());
    let mut crashes = Vec::new();
    let paths: Vec<String> = logs.iter().map(|log| log.origin.path.to_string()).collect();
    let mut logs: Vec<Option<Log>> = logs.into_iter().map(Some).collect();
    for chain in source::chains(&paths.iter().map(String::as_str).collect::<Vec<_>>()) {
        let chain: Vec<Log> = chain.into_iter().filter_map(|index| logs.get_mut(index)?.take()).collect();
        let (found, looked) = read(chain, &unwrapping, &mut out.warnings);
        out.looked.documents = out.looked.documents.saturating_add(looked.0);
        out.looked.add(&looked.1);
        crashes.extend(found);
    }
    if let Some(remark) = ended {
        trace::ended(&mut crashes, remark);
    }
    if let Some((name, core)) = &beside {
        agree::note(&mut crashes, name, core);
    }
    out.crashes.extend(crashes.into_iter().map(|crash| examiner.crash(crash)));
    out.warnings.extend(examiner.remarks());
    if out.crashes.is_empty() {
        for binary in &out.binaries {
            let path = binary.origin.to_string();
            let subject = Subject { path: &path, facts: binary.facts(), fit: None };
            let diagnosis = diagnose(&Case { crash: None, binary: Some(subject), host });
            out.findings.extend(diagnosis.findings);
            out.not_asked.extend(diagnosis.not_asked);
        }
    }
    out
}

/// Reads the files of one log as one text; crashes are placed in the file where
/// they begin.
fn read(
    chain: Vec<Log>,
    unwrapping: &Unwrapping,
    warnings: &mut Vec<Warning>,
) -> (Vec<Crash>, (usize, trace::Looked)) {
    let Some(first) = chain.first().map(|log| log.origin.clone()) else {
        return (Vec::new(), (0, trace::Looked::default()));
    };
    let mut feed = Feed::new(first, unwrapping.clone());
    let mut joined = Joined::default();
    let mut found = Vec::new();
    let mut buffer = Vec::new();
    let files = chain.len();
    let mut last = None;
    for mut log in chain {
        let so_far = feed.so_far();
        joined.begin(log.origin.clone(), so_far.bytes, so_far.lines);
        last = Some(log.origin.clone());
        loop {
            let piece = log.next(&mut buffer);
            if piece.is_empty() {
                break;
            }
            found.extend(feed.push(piece));
        }
        warnings.extend(log.cut.take().map(|cut| Warning::new(&log.origin, cut)));
    }
    let (rest, looked) = feed.finish();
    found.extend(rest);
    let damage = last.zip(looked.damage(trace::Looked::default()));
    warnings.extend(damage.map(|(origin, damage)| Warning::new(&origin, damage)));
    if files > 1 {
        for crash in &mut found {
            joined.place(crash);
        }
    }
    (found, (files, looked))
}

/// Judges crashes one by one, with the same executables and host.
pub struct Examiner<'a> {
    binaries: Vec<&'a Binary>,
    symbolizers: Vec<Symbolizer<'a>>,
    host: Option<&'a Host>,
    choose: fn(&Crash, &[&Binary]) -> Option<Choice>,
}

impl<'a> Examiner<'a> {
    pub fn new(binaries: Vec<&'a Binary>, host: Option<&'a Host>, resolver: Options) -> Examiner<'a> {
        let symbolizers = binaries.iter().map(|binary| Symbolizer::new(binary, resolver.clone())).collect();
        Examiner { binaries, symbolizers, host, choose }
    }

    /// Crashes of many programs: only an executable that fits counts.
    pub fn by_evidence(binaries: Vec<&'a Binary>, host: Option<&'a Host>, resolver: Options) -> Examiner<'a> {
        Examiner { choose: fitting, ..Examiner::new(binaries, host, resolver) }
    }

    pub fn crash(&self, crash: Crash) -> Examined {
        let choice = (self.choose)(&crash, &self.binaries);
        one(crash, choice, &self.binaries, &self.symbolizers, self.host)
    }

    /// What is to be said of the debug files that were looked for.
    fn remarks(&self) -> impl Iterator<Item = Warning> {
        let all = self.binaries.iter().zip(&self.symbolizers);
        all.flat_map(|(binary, symbolizer)| {
            symbolizer.remarks().into_iter().map(|remark| Warning::new(&binary.origin, remark))
        })
    }

    /// An answer about these crashes alone.
    pub fn outcome(&self, crashes: Vec<Examined>) -> Outcome<'a> {
        let damage = |binary: &&'a Binary| {
            let warning = |damage: &String| Warning::new(&binary.origin, damage.clone());
            binary.image.damage.iter().map(warning).collect::<Vec<_>>()
        };
        Outcome {
            crashes,
            warnings: self.binaries.iter().flat_map(damage).chain(self.remarks()).collect(),
            binaries: self.binaries.clone(),
            host: self.host,
            findings: Vec::new(),
            not_asked: Vec::new(),
            looked: Looked::default(),
        }
    }
}

fn one(
    crash: Crash,
    choice: Option<Choice>,
    binaries: &[&Binary],
    symbolizers: &[Symbolizer<'_>],
    host: Option<&Host>,
) -> Examined {
    let chosen = choice.and_then(|choice| {
        let (binary, symbolizer) = (*binaries.get(choice.index)?, symbolizers.get(choice.index)?);
        Some((choice, binary, symbolizer))
    });
    let path = chosen.as_ref().map(|(_, binary, _)| binary.origin.to_string()).unwrap_or_default();
    let subject = chosen.as_ref().map(|(choice, binary, _)| Subject {
        path: &path,
        facts: binary.facts(),
        fit: Some(&choice.fit),
    });
    let diagnosis = diagnose(&Case { crash: Some(&crash), binary: subject, host });
    let addresses = chosen
        .as_ref()
        .map(|(choice, binary, symbolizer)| addresses(&crash, binary, symbolizer, &choice.fit))
        .unwrap_or_default();
    let signature = signature(&crash);
    Examined { crash, signature, diagnosis, choice: chosen.map(|(choice, ..)| choice), addresses }
}

/// Program counters by register name: of the fault itself, and return
/// addresses (runtime/defs_linux_*.go and signal_*.go, `dumpregs`).
const PC_REGISTERS: [(&str, bool); 5] =
    [("rip", false), ("eip", false), ("pc", false), ("lr", true), ("link", true)];

/// Gives names to every bare address, if the executable is the right one.
fn addresses(crash: &Crash, binary: &Binary, symbolizer: &Symbolizer<'_>, fit: &Fit) -> Vec<Address> {
    let base = |path: &'_ str| path.rsplit(['/', '!']).next().unwrap_or("").to_owned();
    let file = base(&binary.origin.to_string());
    let package = binary.facts().build.as_ref().and_then(|build| build.path.as_deref()).map(base);
    let plain = file.trim_end_matches(".zst").trim_end_matches(".gz");
    let names = [plain, package.as_deref().unwrap_or("")];
    let mut others: Vec<Address> = Vec::new();
    let mut wanted: Vec<(String, RuntimeAddr, bool)> = Vec::new();
    if let Some(pc) = crash.signal.as_ref().and_then(|signal| signal.pc) {
        wanted.push(("pc of the signal".to_owned(), pc, false));
    }
    for (name, value) in &crash.registers {
        if let Some((_, is_return)) = PC_REGISTERS.iter().find(|(register, _)| register == name) {
            wanted.push((name.clone(), RuntimeAddr(*value), *is_return));
        }
    }
    for note in &crash.notes {
        for (mark, label) in [("called from 0x", "called from"), ("unknown pc 0x", "unknown pc")] {
            if let Some(value) = note.split_once(mark).and_then(|(_, rest)| leading_hex(rest)) {
                wanted.push((label.to_owned(), RuntimeAddr(value), true));
            }
        }
    }
    for remark in &crash.remarks {
        if let Complaint::KernelFault { ip, map, .. } = &remark.complaint {
            // The line names the file that is mapped there: a library, or
            // another program altogether, is not this executable.
            let elsewhere = map.as_ref().filter(|map| !names.contains(&map.file.as_str()));
            match elsewhere {
                None => wanted.push(("ip (kernel)".to_owned(), *ip, false)),
                Some(map) => others.push(Address {
                    label: "ip (kernel)".to_owned(),
                    address: *ip,
                    symbols: Err(format!(
                        "not resolved: it lies in {}, which is not this executable by its name",
                        map.file
                    )),
                }),
            }
        }
    }
    for goroutine in &crash.goroutines {
        for frame in crash.frames_of(goroutine).iter().filter(|frame| frame.line == 0) {
            if let Some(pc) = crash.pointers(frame).and_then(|p| p.pc) {
                wanted.push((crash.function(frame).to_owned(), pc, true));
            }
        }
    }
    let mut seen = FxHashSet::default();
    wanted.retain(|(_, address, is_return)| address.0 != 0 && seen.insert((*address, *is_return)));
    let named = wanted.into_iter().take(64).map(|(label, address, is_return)| Address {
        symbols: name(address, is_return, symbolizer, fit),
        label,
        address,
    });
    named.chain(others).collect()
}

fn name(
    address: RuntimeAddr,
    is_return: bool,
    symbolizer: &Symbolizer<'_>,
    fit: &Fit,
) -> Result<Symbols, String> {
    if fit.refuted() {
        return Err("not resolved: the log is not from this executable".to_owned());
    }
    let Some(bias) = fit.bias else {
        return Err(
            "not resolved: the log does not tell where the executable was loaded (GOTRACEBACK=system does)"
                .to_owned(),
        );
    };
    let at = address.to_link(bias);
    symbolizer.resolve(if is_return { at.call_site() } else { at }).map_err(|reason| reason.to_string())
}

fn leading_hex(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(text.len());
    u64::from_str_radix(text.get(..end)?, 16).ok()
}

impl Outcome<'_> {
    /// No crash was recognised.
    pub fn empty(&self) -> bool {
        self.crashes.is_empty()
    }
}

impl Examined {
    /// How the log fits the executable that it was judged with.
    pub fn fit(&self) -> Option<&Fit> {
        self.choice.as_ref().map(|choice| &choice.fit)
    }

    /// Index of that executable.
    pub fn binary(&self) -> Option<usize> {
        self.choice.as_ref().map(|choice| choice.index)
    }

    /// Without Go text, and nothing says that it did not start.
    pub fn ran(&self) -> bool {
        // Who leaves a core did start.
        self.crash.source.core
            || self.crash.remarks.iter().any(|remark| match &remark.complaint {
                Complaint::OutOfMemory { .. } => true,
                Complaint::Exited { status } => {
                    !matches!(status, 126..=128 | 203 | 0xc000_007b | 0xc000_0135)
                }
                Complaint::Killed { signal } => !matches!(
                    *signal,
                    "SIGILL" | "SIGSEGV" | "SIGBUS" | "SIGFPE" | "SIGSYS" | "SIGTRAP" | "SIGABRT"
                ),
                _ => false,
            })
    }

    /// There is no Go trace: the program did not start, died without a word, or only told
    /// an error.
    pub fn is_launch(&self) -> bool {
        matches!(self.crash.kind, Kind::Launch | Kind::Error)
    }
}
