//! For machines: the report of a log, and beside it what the core tells.

use std::io::{self, Write};

use serde::Serialize;

use super::super::Style;
use super::super::json::{ReportJson, finish};
use super::CoreStyle;
use super::counters::{self, FeatureJson, MemoryJson};
use crate::examine::core::{CoreOutcome, GoFacts};
use crate::postmortem::{Library, Match, ThreadFacts, Wait};

#[derive(Serialize)]
struct CoreReportJson<'a> {
    #[serde(flatten)]
    report: ReportJson<'a>,
    core: CoreJson<'a>,
}

#[derive(Serialize)]
struct CoreJson<'a> {
    file: String,
    bytes: u64,
    unpacked: &'a [&'static str],
    architecture: Option<&'static str>,
    written_by: Option<&'static str>,
    executable: IdentityJson<'a>,
    compared: Vec<ComparedJson>,
    libraries: Vec<LibraryJson<'a>>,
    process: ProcessJson<'a>,
    signal: Option<SignalJson>,
    stopped_at: Option<StoppedJson<'a>>,
    threads: Vec<ThreadJson<'a>>,
    mapped: Vec<MappingJson<'a>>,
    auxv: Vec<(u64, String)>,
    /// By the note of the vDSO.
    kernel: Option<String>,
    go: Option<GoJson<'a>>,
    not_read: Vec<String>,
}

#[derive(Serialize)]
struct IdentityJson<'a> {
    path: Option<&'a str>,
    go_build_id: Option<&'a str>,
    gnu_build_id: Option<&'a str>,
}

#[derive(Serialize)]
struct ComparedJson {
    path: String,
    /// `same`, `different` or `unknown`.
    result: &'static str,
    why: String,
    taken: bool,
    load_bias: Option<String>,
}

#[derive(Serialize)]
struct LibraryJson<'a> {
    /// As the process had it.
    path: &'a str,
    file: String,
    /// `same` or `unknown`.
    result: &'static str,
    why: &'a str,
    load_bias: String,
}

#[derive(Serialize)]
struct ProcessJson<'a> {
    name: Option<&'a str>,
    pid: Option<u64>,
    uid: Option<u64>,
    arguments: Option<&'a [String]>,
    command_note: Option<&'a str>,
    /// Names alone, without `--env`.
    environment: Option<Vec<&'a str>>,
}

#[derive(Serialize)]
struct SignalJson {
    name: String,
    number: u32,
    code: i32,
    address: Option<String>,
    sender: Option<u32>,
}

#[derive(Serialize)]
struct StoppedJson<'a> {
    pc: String,
    place: &'a str,
    instruction: Option<String>,
}

#[derive(Serialize)]
struct ThreadJson<'a> {
    tid: u64,
    m: Option<u64>,
    goroutine: Option<u64>,
    in_c: bool,
    ended_the_process: bool,
    place: &'a str,
    registers: Vec<(&'static str, String)>,
}

#[derive(Serialize)]
struct MappingJson<'a> {
    start: String,
    end: String,
    offset: String,
    path: &'a str,
}

#[derive(Serialize)]
struct GoJson<'a> {
    minor: u32,
    goroutines: usize,
    goroutines_claimed: u64,
    stack_bytes: u64,
    c_frames: &'a [String],
    panics: Vec<PanicJson<'a>>,
    waits: Vec<WaitJson<'a>>,
    possible_deadlocks: &'a [Vec<u64>],
    longest_waits: Vec<LongestJson>,
    memory: Option<MemoryJson>,
    cpu_features: Option<Vec<FeatureJson<'a>>>,
    goarm: Option<u8>,
    layout: Option<&'a str>,
    doubts: &'a [String],
}

#[derive(Serialize)]
struct PanicJson<'a> {
    text: &'a str,
    /// Of the value that panic was called with, where it is still told.
    #[serde(rename = "type")]
    type_name: Option<&'a str>,
    recovered: bool,
    repanicked: bool,
    goexit: bool,
}

#[derive(Serialize)]
struct WaitJson<'a> {
    what: &'static str,
    address: String,
    state: &'a str,
    goroutines: &'a [u64],
    may_be_held_by: &'a [u64],
}

#[derive(Serialize)]
struct LongestJson {
    goroutine: u64,
    minutes_at_least: u64,
}

pub(super) fn write(
    outcome: &CoreOutcome<'_>,
    style: &Style,
    more: CoreStyle,
    out: &mut dyn Write,
) -> io::Result<()> {
    finish(
        &CoreReportJson {
            report: ReportJson::new(&outcome.outcome, style),
            core: CoreJson::new(outcome, more),
        },
        out,
    )
}

fn hex(value: u64) -> String {
    format!("{value:#x}")
}

impl<'a> CoreJson<'a> {
    fn new(outcome: &'a CoreOutcome<'_>, more: CoreStyle) -> CoreJson<'a> {
        let core = outcome.core;
        let process = &core.process;
        let environment = outcome.started.as_ref().map(|started| {
            let shown = |variable: &'a String| match variable.split_once('=') {
                Some((name, _)) if !more.environment => name,
                _ => variable.as_str(),
            };
            started.environment.iter().map(shown).collect()
        });
        let not_read = match &outcome.go {
            Err(why) => vec![why.clone()],
            Ok(go) => {
                let each = counters::not_read(go).into_iter();
                each.map(|(what, why)| format!("{what}: {why}")).collect()
            }
        };
        CoreJson {
            file: core.origin.to_string(),
            bytes: core.size(),
            unpacked: &core.unpacked,
            architecture: core.machine.map(|machine| machine.arch.name()),
            written_by: process.writer,
            executable: IdentityJson {
                path: core.identity.path.as_deref(),
                go_build_id: core.identity.go_build_id.as_deref(),
                gnu_build_id: core.identity.gnu_build_id.as_deref(),
            },
            compared: outcome.compared.iter().map(|(binary, fits)| compared(outcome, binary, fits)).collect(),
            libraries: outcome.libraries.files().map(LibraryJson::new).collect(),
            process: ProcessJson {
                name: process.name.as_deref(),
                pid: process.pid,
                uid: process.uid,
                arguments: outcome.started.as_ref().map(|started| started.arguments.as_slice()),
                command_note: process.command.as_deref(),
                environment,
            },
            signal: process.signal.map(|signal| SignalJson {
                name: signal.name(),
                number: signal.number,
                code: signal.code,
                address: signal.address.map(hex),
                sender: signal.sender,
            }),
            stopped_at: outcome.stopped.as_ref().map(|stopped| StoppedJson {
                pc: hex(stopped.pc),
                place: &stopped.place,
                instruction: stopped.instruction.as_ref().map(|bytes| {
                    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
                }),
            }),
            threads: outcome.threads.iter().map(ThreadJson::new).collect(),
            mapped: process
                .mappings
                .iter()
                .map(|mapping| MappingJson {
                    start: hex(mapping.start),
                    end: hex(mapping.end),
                    offset: hex(mapping.offset),
                    path: &mapping.path,
                })
                .collect(),
            auxv: process.auxv.iter().map(|(key, value)| (*key, hex(*value))).collect(),
            kernel: core.kernel(),
            go: outcome.go.as_ref().ok().map(GoJson::new),
            not_read,
        }
    }
}

fn fits(fits: &Match) -> (&'static str, &str) {
    match fits {
        Match::Same(why) => ("same", why),
        Match::Different(why) => ("different", why),
        Match::Unknown(why) => ("unknown", why),
    }
}

impl<'a> LibraryJson<'a> {
    fn new(library: &'a Library) -> LibraryJson<'a> {
        let (result, why) = fits(&library.fits);
        LibraryJson {
            path: &library.module.path,
            file: library.binary.origin.to_string(),
            result,
            why,
            load_bias: library.bias.to_string(),
        }
    }
}

fn compared(outcome: &CoreOutcome<'_>, binary: &crate::binary::Binary, found: &Match) -> ComparedJson {
    let (result, why) = fits(found);
    let taken = outcome.chosen.is_some_and(|chosen| std::ptr::eq(chosen, binary));
    let load_bias = outcome.core.bias(binary).filter(|_| taken).map(|bias| bias.to_string());
    ComparedJson { path: binary.origin.to_string(), result, why: why.to_owned(), taken, load_bias }
}

impl<'a> ThreadJson<'a> {
    fn new(facts: &'a ThreadFacts) -> ThreadJson<'a> {
        ThreadJson {
            tid: facts.tid,
            m: facts.m,
            goroutine: facts.goroutine,
            in_c: facts.in_c,
            ended_the_process: facts.ended,
            place: &facts.place,
            registers: facts.registers.iter().map(|(name, value)| (*name, hex(*value))).collect(),
        }
    }
}

impl<'a> GoJson<'a> {
    fn new(go: &'a GoFacts) -> GoJson<'a> {
        GoJson {
            minor: go.minor,
            goroutines: go.goroutines,
            goroutines_claimed: go.claimed,
            stack_bytes: go.stacks,
            c_frames: &go.native,
            panics: go
                .panics
                .iter()
                .map(|(panic, original)| PanicJson {
                    text: &panic.text,
                    type_name: original.as_deref().or(panic.type_name.as_deref()),
                    recovered: panic.recovered,
                    repanicked: panic.repanicked,
                    goexit: panic.goexit,
                })
                .collect(),
            waits: go.waits.list.iter().map(WaitJson::new).collect(),
            possible_deadlocks: &go.waits.cycles,
            longest_waits: go
                .longest
                .iter()
                .map(|(goroutine, minutes)| LongestJson { goroutine: *goroutine, minutes_at_least: *minutes })
                .collect(),
            memory: go.counters.as_ref().ok().map(MemoryJson::new),
            cpu_features: go.features.as_ref().ok().map(|all| all.iter().map(FeatureJson::new).collect()),
            goarm: go.goarm,
            layout: go.layout.as_deref(),
            doubts: &go.doubts,
        }
    }
}

impl<'a> WaitJson<'a> {
    fn new(wait: &'a Wait) -> WaitJson<'a> {
        WaitJson {
            what: wait.what.name(),
            address: hex(wait.address),
            state: &wait.state,
            goroutines: &wait.goroutines,
            may_be_held_by: &wait.holders,
        }
    }
}
