//! The machine-readable report. Its shape is a contract: names stay, more keys
//! may come; `schema.json` beside this file describes it.
//!
//! Addresses and offsets are hex strings, since JSON numbers are exact to 53
//! bits only; an unknown is null or absent.

mod binary;
mod causes;
mod crash;
mod diff;
mod faults;
mod groups;
mod host;
mod hosts;
mod inspect;
mod matrix;
mod sides;
mod signature;

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};
use serde_json::value::RawValue;

pub use diff::diff_json;
pub use faults::faults_json;
pub use hosts::hosts_json;
pub use inspect::inspect_json;
pub use matrix::matrix_json;

use binary::BinaryJson;
use crash::CrashJson;

use super::Style;
use crate::diagnose::{Finding, NotAsked};
use crate::examine::{Address, Examined, Outcome};
use crate::host::Host;
use crate::symbolize::{Symbols, Unresolved};

pub(super) const VERSION: &str = "panicmap/1";
/// JSON Schema of everything that `--format json` prints.
pub const SCHEMA: &str = include_str!("schema.json");

pub(super) fn write(outcome: &Outcome<'_>, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    finish(&ReportJson::new(outcome, style), out)
}

impl<'a> ReportJson<'a> {
    pub(super) fn new(outcome: &'a Outcome<'_>, style: &'a Style) -> ReportJson<'a> {
        ReportJson {
            schema: VERSION,
            crashes: Crashes(&outcome.crashes, style),
            binaries: outcome.binaries.iter().map(|binary| BinaryJson::new(binary)).collect(),
            host: outcome.host.map(HostJson::new),
            findings: outcome.findings.iter().map(FindingJson::new).collect(),
            not_asked: outcome.not_asked.iter().map(NotAskedJson::new).collect(),
            warnings: outcome.warnings.iter().map(ToString::to_string).collect(),
            looked_at: LookedJson {
                documents: outcome.looked.documents,
                lines: outcome.looked.lines,
                bytes: outcome.looked.bytes,
            },
        }
    }
}

pub(super) fn finish(value: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    // The serializer writes token by token: a buffer of its own saves the
    // dynamic call for each.
    let mut buffered = io::BufWriter::with_capacity(1 << 16, out);
    serde_json::to_writer_pretty(&mut buffered, value)?;
    io::Write::write_all(&mut buffered, b"\n")?;
    io::Write::flush(&mut buffered)
}

/// The object of one crash, with the goroutines that a style asks for.
///
/// # Errors
/// None is known.
pub fn crash_json(examined: &Examined, style: &Style) -> serde_json::Result<Box<RawValue>> {
    serde_json::value::to_raw_value(&CrashJson::new(examined, style))
}

/// A list whose items are made while it is written: a dump of 100,000
/// goroutines is not held in memory twice.
struct Crashes<'a>(&'a [Examined], &'a Style);

impl Serialize for Crashes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.0.len()))?;
        for examined in self.0 {
            seq.serialize_element(&CrashJson::new(examined, self.1))?;
        }
        seq.end()
    }
}

#[derive(Serialize)]
pub(super) struct ReportJson<'a> {
    schema: &'static str,
    crashes: Crashes<'a>,
    binaries: Vec<BinaryJson<'a>>,
    host: Option<HostJson<'a>>,
    findings: Vec<FindingJson<'a>>,
    not_asked: Vec<NotAskedJson>,
    warnings: Vec<String>,
    looked_at: LookedJson,
}

#[derive(Serialize)]
struct LookedJson {
    documents: usize,
    lines: u64,
    bytes: u64,
}

#[derive(Serialize)]
pub(super) struct FindingJson<'a> {
    fault: &'static str,
    title: &'a str,
    confidence: &'static str,
    explains_the_crash: bool,
    evidence: Vec<EvidenceJson<'a>>,
    fix: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    would_decide: Option<&'a str>,
}

#[derive(Serialize)]
struct EvidenceJson<'a> {
    from: &'static str,
    fact: &'a str,
    #[serde(rename = "where")]
    place: &'a str,
}

impl<'a> FindingJson<'a> {
    pub(super) fn new(finding: &'a Finding) -> FindingJson<'a> {
        FindingJson {
            fault: finding.fault,
            title: &finding.claim,
            confidence: finding.confidence.name(),
            explains_the_crash: finding.explains,
            evidence: finding
                .evidence
                .iter()
                .map(|e| EvidenceJson { from: e.from.name(), fact: &e.fact, place: &e.place })
                .collect(),
            fix: finding.fix.iter().map(ToString::to_string).collect(),
            would_decide: finding.decide.as_deref(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct NotAskedJson {
    fault: &'static str,
    needs: &'static str,
}

impl NotAskedJson {
    pub(super) fn new(not_asked: &NotAsked) -> NotAskedJson {
        NotAskedJson { fault: not_asked.fault, needs: not_asked.needs }
    }
}

#[derive(Serialize)]
struct FitJson<'a> {
    fits: Option<bool>,
    frames: usize,
    matched: usize,
    creators: usize,
    creators_matched: usize,
    fault_address: Option<bool>,
    first_misfit: Option<String>,
    load_bias: Option<String>,
    not_checked: Option<&'a str>,
    strength: Option<&'static str>,
    own_places: usize,
    go_places: usize,
    other_path: Option<OtherPathJson<'a>>,
    chosen_because: Option<&'a str>,
}

#[derive(Serialize)]
struct OtherPathJson<'a> {
    log: &'a str,
    binary: &'a str,
}

#[derive(Serialize)]
struct AddressJson<'a> {
    label: &'a str,
    address: String,
    frames: Vec<LocationJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolver: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    debug_file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unresolved: Option<&'a str>,
}

impl<'a> AddressJson<'a> {
    fn new(address: &'a Address) -> AddressJson<'a> {
        AddressJson {
            label: &address.label,
            address: address.address.to_string(),
            frames: address.symbols.as_ref().map(locations).unwrap_or_default(),
            resolver: address.symbols.as_ref().ok().map(|symbols| symbols.by),
            debug_file: address.symbols.as_ref().ok().and_then(|symbols| symbols.debug_file.as_deref()),
            unresolved: address.symbols.as_ref().err().map(String::as_str),
        }
    }
}

#[derive(Serialize)]
struct LocationJson<'a> {
    function: &'a str,
    file: Option<&'a str>,
    line: Option<u32>,
    inlined: bool,
}

fn locations(symbols: &Symbols) -> Vec<LocationJson<'_>> {
    let locations = symbols.locations.iter();
    let locations = locations.map(|l| LocationJson {
        function: &l.function,
        file: l.file.as_deref(),
        line: l.line,
        inlined: l.inlined,
    });
    locations.collect()
}

/// Output of `panicmap resolve --format json`.
///
/// # Errors
/// Those of the writer.
pub fn symbols_json(
    resolved: &[(String, Result<Symbols, Unresolved>)],
    out: &mut dyn io::Write,
) -> io::Result<()> {
    #[derive(Serialize)]
    struct SymbolJson<'a> {
        address: &'a str,
        frames: Vec<LocationJson<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        resolver: Option<&'static str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        debug_file: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        unresolved: Option<String>,
    }
    #[derive(Serialize)]
    struct SymbolsJson<'a> {
        schema: &'static str,
        symbols: Vec<SymbolJson<'a>>,
    }
    let symbols = resolved.iter().map(|(address, outcome)| SymbolJson {
        address,
        frames: outcome.as_ref().map(locations).unwrap_or_default(),
        resolver: outcome.as_ref().ok().map(|symbols| symbols.by),
        debug_file: outcome.as_ref().ok().and_then(|symbols| symbols.debug_file.as_deref()),
        unresolved: outcome.as_ref().err().map(ToString::to_string),
    });
    finish(&SymbolsJson { schema: VERSION, symbols: symbols.collect() }, out)
}

#[derive(Serialize)]
pub(super) struct HostJson<'a> {
    source: &'a str,
    goos: Option<&'static str>,
    arch: Option<&'static str>,
    machine: Option<&'a str>,
    kernel: Option<&'a str>,
    cpu_model: Option<&'a str>,
    cpu_architecture: Option<&'a str>,
    cpu_features: Option<&'a [String]>,
    libc: Option<String>,
    page_size: Option<u64>,
    distribution: Option<&'a str>,
    files: &'a BTreeMap<String, bool>,
    libraries: &'a BTreeMap<String, bool>,
    #[serde(flatten)]
    more: host::MoreOfHost<'a>,
}

impl<'a> HostJson<'a> {
    pub(super) fn new(host: &'a Host) -> HostJson<'a> {
        let text = |fact: &'a Option<crate::binary::Fact<String>>| fact.as_ref().map(|f| f.value.as_str());
        HostJson {
            source: &host.source,
            goos: host.goos.as_ref().map(|f| f.value.name()),
            arch: host.arch.as_ref().map(|f| f.value.name()),
            machine: text(&host.machine),
            kernel: text(&host.kernel),
            cpu_model: text(&host.cpu_model),
            cpu_architecture: text(&host.cpu_architecture),
            cpu_features: host.cpu_features.as_ref().map(|f| f.value.as_slice()),
            libc: host.libc.as_ref().map(|f| f.value.to_string()),
            page_size: host.page_size.as_ref().map(|f| f.value),
            distribution: text(&host.distribution),
            files: &host.files,
            libraries: &host.libraries,
            more: host::MoreOfHost::new(host),
        }
    }
}
