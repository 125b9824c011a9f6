//! The machine-readable report. Its shape is a contract: names stay, more keys
//! may come; `schema.json` beside this file describes it.
//!
//! Addresses and offsets are hex strings, since JSON numbers are exact to 53
//! bits only; an unknown is null or absent.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

use super::Style;
use super::binary::BinaryJson;
use crate::diagnose::{Finding, NotAsked};
use crate::examine::{Address, Examined, Outcome};
use crate::host::Host;
use crate::symbolize::{Symbols, Unresolved};
use crate::trace::{Crash, CreatedBy, Frame, Goroutine};

pub(super) const VERSION: &str = "panicmap/1";
/// JSON Schema of everything that `--format json` prints.
pub const SCHEMA: &str = include_str!("schema.json");

pub(super) fn write(outcome: &Outcome<'_>, _: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let report = ReportJson {
        schema: VERSION,
        crashes: Each(&outcome.crashes, CrashJson::new),
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
    };
    finish(&report, out)
}

pub(super) fn finish(value: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    out.write_all(b"\n")
}

/// A list whose items are made while it is written: a dump of 100,000
/// goroutines is not held in memory twice.
struct Each<'a, T, J>(&'a [T], fn(&'a T) -> J);

impl<T, J: Serialize> Serialize for Each<'_, T, J> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.0.len()))?;
        for item in self.0 {
            seq.serialize_element(&self.1(item))?;
        }
        seq.end()
    }
}

#[derive(Serialize)]
struct ReportJson<'a> {
    schema: &'static str,
    crashes: Each<'a, Examined, CrashJson<'a>>,
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
struct CrashJson<'a> {
    kind: &'static str,
    message: String,
    panics: Vec<LinkJson<'a>>,
    signal: Option<SignalJson>,
    signature: &'a str,
    source: SourceJson<'a>,
    complete: bool,
    losses: &'a [String],
    notes: &'a [String],
    remarks: Vec<RemarkJson<'a>>,
    exit_status: Option<u64>,
    goroutines: GoroutinesJson<'a>,
    registers: BTreeMap<&'a str, String>,
    crashing_goroutine: Option<u64>,
    crash_site: Option<SiteJson<'a>>,
    user_site: Option<SiteJson<'a>>,
    findings: Vec<FindingJson<'a>>,
    checked: &'a [&'static str],
    not_asked: Vec<NotAskedJson>,
    verdict: &'static str,
    explanation: Option<&'a str>,
    binary: Option<usize>,
    fit: Option<FitJson<'a>>,
    addresses: Vec<AddressJson<'a>>,
}

impl<'a> CrashJson<'a> {
    fn new(examined: &'a Examined) -> CrashJson<'a> {
        let crash = &examined.crash;
        let diagnosis = &examined.diagnosis;
        let killed = crash.remarks.iter().find_map(|remark| match &remark.complaint {
            crate::trace::Complaint::Killed { signal } => Some((*signal, None, None)),
            crate::trace::Complaint::KernelFault { signal, address, ip, .. } => {
                Some((*signal, *address, Some(*ip)))
            }
            _ => None,
        });
        let signal = crash.signal.as_ref().map(|signal| SignalJson {
            name: signal.name.clone(),
            code: signal.code,
            address: signal.address.map(|a| a.to_string()),
            pc: signal.pc.map(|a| a.to_string()),
            in_cgo: signal.in_cgo,
        });
        let signal = signal.or(killed.map(|(name, address, pc)| SignalJson {
            name: name.to_owned(),
            code: None,
            address: address.map(|a| a.to_string()),
            pc: pc.map(|a| a.to_string()),
            in_cgo: false,
        }));
        CrashJson {
            kind: crash.kind.name(),
            message: crash.message(),
            panics: crash.chain.iter().map(LinkJson::new).collect(),
            signal,
            signature: &examined.signature.id,
            source: SourceJson {
                path: &crash.span.origin.path,
                line: *crash.span.lines.start(),
                last_line: *crash.span.lines.end(),
                member: crash.span.origin.members.last().map(AsRef::as_ref),
            },
            complete: crash.complete(),
            losses: &crash.losses,
            notes: &crash.notes,
            remarks: crash
                .remarks
                .iter()
                .map(|r| RemarkJson { speaker: r.speaker, text: &r.text, line: r.line })
                .collect(),
            exit_status: crash.exit,
            goroutines: GoroutinesJson(crash),
            registers: crash.registers.iter().map(|(n, v)| (n.as_str(), format!("{v:#x}"))).collect(),
            crashing_goroutine: crash.crashing_goroutine().and_then(|g| g.id),
            crash_site: crash.crash_site().map(|frame| SiteJson::new(crash, frame)),
            user_site: crash.user_site().map(|frame| SiteJson::new(crash, frame)),
            findings: diagnosis.findings.iter().map(FindingJson::new).collect(),
            checked: &diagnosis.clear,
            not_asked: diagnosis.not_asked.iter().map(NotAskedJson::new).collect(),
            verdict: diagnosis.verdict.name(),
            explanation: diagnosis.explanation.as_ref().map(|e| e.text.as_str()),
            binary: examined.binary,
            fit: examined.fit.as_ref().map(|fit| FitJson {
                fits: if fit.checked == 0 { None } else { Some(fit.fits()) },
                frames: fit.checked,
                matched: fit.matched,
                first_misfit: fit.misfit.as_ref().map(|m| format!("{}: {}", m.frame, m.why)),
                load_bias: fit.bias.map(|bias| bias.to_string()),
                not_checked: fit.not_checked.as_deref(),
            }),
            addresses: examined.addresses.iter().map(AddressJson::new).collect(),
        }
    }
}

#[derive(Serialize)]
struct LinkJson<'a> {
    message: &'a str,
    fatal: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_type: Option<&'a str>,
    recovered: bool,
    repanicked: bool,
}

impl<'a> LinkJson<'a> {
    fn new(link: &'a crate::trace::Link) -> LinkJson<'a> {
        let value_type = match &link.value {
            crate::trace::Value::Typed { type_name, .. } | crate::trace::Value::Opaque { type_name } => {
                Some(type_name.as_str())
            }
            crate::trace::Value::Text => None,
        };
        LinkJson {
            message: &link.message,
            fatal: link.fatal,
            value_type,
            recovered: link.recovered,
            repanicked: link.repanicked,
        }
    }
}

#[derive(Serialize)]
struct SignalJson {
    name: String,
    code: Option<i64>,
    address: Option<String>,
    pc: Option<String>,
    in_cgo: bool,
}

#[derive(Serialize)]
struct SourceJson<'a> {
    path: &'a str,
    line: u64,
    last_line: u64,
    member: Option<&'a str>,
}

#[derive(Serialize)]
struct RemarkJson<'a> {
    speaker: &'static str,
    text: &'a str,
    line: u64,
}

#[derive(Serialize)]
struct SiteJson<'a> {
    function: &'a str,
    file: &'a str,
    line: u32,
}

impl<'a> SiteJson<'a> {
    fn new(crash: &'a Crash, frame: &Frame) -> SiteJson<'a> {
        SiteJson { function: crash.function(frame), file: crash.file(frame), line: frame.line }
    }
}

struct GoroutinesJson<'a>(&'a Crash);

impl Serialize for GoroutinesJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let crash = self.0;
        let mut seq = serializer.serialize_seq(Some(crash.goroutines.len()))?;
        for goroutine in &crash.goroutines {
            seq.serialize_element(&GoroutineJson::new(crash, goroutine))?;
        }
        seq.end()
    }
}

#[derive(Serialize)]
struct GoroutineJson<'a> {
    id: Option<u64>,
    state: Option<&'a str>,
    wait_minutes: Option<u32>,
    locked_to_thread: bool,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    attributes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    gp: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    m: Option<u64>,
    frames: Vec<FrameJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frames_elided: Option<ElidedJson>,
    created_by: Option<CreatedJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ancestors: Vec<AncestorJson<'a>>,
}

impl<'a> GoroutineJson<'a> {
    fn new(crash: &'a Crash, goroutine: &'a Goroutine) -> GoroutineJson<'a> {
        let frames = |frames: &'a [Frame]| frames.iter().map(|frame| FrameJson::new(crash, frame)).collect();
        let ancestor = |ancestor: &'a crate::trace::Ancestor| AncestorJson {
            goroutine: ancestor.id,
            frames: frames(crash.frames_of_ancestor(ancestor)),
        };
        GoroutineJson {
            id: goroutine.id,
            state: goroutine.id.map(|_| crash.state(goroutine)),
            wait_minutes: goroutine.wait_minutes,
            locked_to_thread: goroutine.locked_to_thread,
            attributes: &goroutine.attributes,
            gp: goroutine.gp.map(|gp| gp.to_string()),
            m: goroutine.m.flatten(),
            frames: frames(crash.frames_of(goroutine)),
            frames_elided: goroutine.elided.map(|e| ElidedJson { after: e.after, count: e.count }),
            created_by: goroutine.created_by.as_ref().map(|created| CreatedJson::new(crash, created)),
            ancestors: goroutine.ancestors.iter().map(ancestor).collect(),
        }
    }
}

#[derive(Serialize)]
struct ElidedJson {
    after: u32,
    count: Option<u64>,
}

#[derive(Serialize)]
struct AncestorJson<'a> {
    goroutine: Option<u64>,
    frames: Vec<FrameJson<'a>>,
}

#[derive(Serialize)]
struct FrameJson<'a> {
    function: &'a str,
    args: &'a str,
    file: Option<&'a str>,
    line: Option<u32>,
    offset: Option<String>,
    pc: Option<String>,
    inlined: bool,
    kind: &'static str,
}

impl<'a> FrameJson<'a> {
    fn new(crash: &'a Crash, frame: &Frame) -> FrameJson<'a> {
        let file = Some(crash.file(frame)).filter(|file| !file.is_empty());
        FrameJson {
            function: crash.function(frame),
            args: crash.arguments(frame),
            file,
            line: file.map(|_| frame.line),
            offset: frame.offset().map(|offset| format!("{offset:#x}")),
            pc: crash.pointers(frame).and_then(|p| p.pc).map(|pc| pc.to_string()),
            inlined: frame.inlined,
            kind: crash.code(frame).name(),
        }
    }
}

#[derive(Serialize)]
struct CreatedJson<'a> {
    function: &'a str,
    goroutine: Option<u64>,
    file: &'a str,
    line: u32,
}

impl<'a> CreatedJson<'a> {
    fn new(crash: &'a Crash, created: &CreatedBy) -> CreatedJson<'a> {
        CreatedJson {
            function: crash.name(created.function),
            goroutine: created.goroutine,
            file: crash.name(created.file),
            line: created.line,
        }
    }
}

#[derive(Serialize)]
struct FindingJson<'a> {
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
    fn new(finding: &'a Finding) -> FindingJson<'a> {
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
struct NotAskedJson {
    fault: &'static str,
    needs: &'static str,
}

impl NotAskedJson {
    fn new(not_asked: &NotAsked) -> NotAskedJson {
        NotAskedJson { fault: not_asked.fault, needs: not_asked.needs }
    }
}

#[derive(Serialize)]
struct FitJson<'a> {
    fits: Option<bool>,
    frames: usize,
    matched: usize,
    first_misfit: Option<String>,
    load_bias: Option<String>,
    not_checked: Option<&'a str>,
}

#[derive(Serialize)]
struct AddressJson<'a> {
    label: &'a str,
    address: String,
    frames: Vec<LocationJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolver: Option<&'static str>,
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
        unresolved: outcome.as_ref().err().map(ToString::to_string),
    });
    finish(&SymbolsJson { schema: VERSION, symbols: symbols.collect() }, out)
}

#[derive(Serialize)]
struct HostJson<'a> {
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
}

impl<'a> HostJson<'a> {
    fn new(host: &'a Host) -> HostJson<'a> {
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
        }
    }
}
