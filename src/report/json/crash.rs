//! One crash as JSON.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

use super::super::{Goroutines, Style};
use super::causes::CausesJson;
use super::groups::GroupsJson;
use super::sides::SideJson;
use super::signature::HashedJson;
use super::{AddressJson, FindingJson, FitJson, NotAskedJson, OtherPathJson};
use crate::examine::Examined;
use crate::trace::{Ancestor, Block, Complaint, Crash, CreatedBy, Dialect, Frame, Goroutine, Link, Value};

#[derive(Serialize)]
pub(super) struct CrashJson<'a> {
    kind: &'static str,
    dialect: Option<&'static str>,
    message: String,
    panics: Vec<LinkJson<'a>>,
    signal: Option<SignalJson>,
    signature: &'a str,
    variant: &'a str,
    #[serde(flatten)]
    explanation_of_signature: Option<HashedJson<'a>>,
    source: SourceJson<'a>,
    complete: bool,
    losses: &'a [String],
    repairs: &'a [String],
    identical_to: Option<usize>,
    notes: &'a [String],
    asides: &'a [String],
    remarks: Vec<RemarkJson<'a>>,
    exit_status: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    goroutines_shown: Option<ShownJson>,
    goroutines: GoroutinesJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<GroupsJson<'a>>,
    registers: BTreeMap<&'a str, String>,
    crashing_goroutine: Option<u64>,
    crash_site: Option<SiteJson<'a>>,
    user_site: Option<SiteJson<'a>>,
    findings: Vec<FindingJson<'a>>,
    facts: Vec<SideJson<'a>>,
    checked: &'a [&'static str],
    not_asked: Vec<NotAskedJson>,
    verdict: &'static str,
    explanation: Option<&'a str>,
    #[serde(flatten)]
    causes: Option<CausesJson<'a>>,
    binary: Option<usize>,
    fit: Option<FitJson<'a>>,
    addresses: Vec<AddressJson<'a>>,
}

impl<'a> CrashJson<'a> {
    pub(super) fn new(examined: &'a Examined, style: &Style) -> CrashJson<'a> {
        let crash = &examined.crash;
        let (goroutines, narrowed) = selected(crash, style);
        let grouped = style.goroutines == Goroutines::Grouped;
        let diagnosis = &examined.diagnosis;
        let killed = crash.remarks.iter().find_map(|remark| match &remark.complaint {
            Complaint::Killed { signal } => Some((*signal, None, None)),
            Complaint::KernelFault { signal, address, ip, .. } => Some((*signal, *address, Some(*ip))),
            Complaint::OutOfMemory { .. } => Some(("SIGKILL", None, None)),
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
            dialect: crash.dialect.map(Dialect::name),
            message: crash.message(),
            panics: crash.chain.iter().map(LinkJson::new).collect(),
            signal,
            signature: &examined.signature.id,
            variant: &examined.signature.variant,
            explanation_of_signature: style.explain_signature.then(|| HashedJson::new(examined)),
            source: SourceJson {
                path: &crash.span.origin.path,
                line: *crash.span.lines.start(),
                last_line: *crash.span.lines.end(),
                member: crash.span.origin.members.last().map(AsRef::as_ref),
                envelopes: &crash.source.envelopes,
                identity: crash.source.identity.fields.iter().map(|(k, v)| (*k, v.as_str())).collect(),
                time: crash.source.stamp.as_ref().map(|s| StampJson { raw: &s.raw, utc: s.utc() }),
            },
            complete: crash.complete(),
            losses: &crash.losses,
            repairs: &crash.repairs,
            identical_to: crash.identical_to,
            notes: &crash.notes,
            asides: &crash.asides,
            remarks: crash
                .remarks
                .iter()
                .map(|r| RemarkJson { speaker: r.speaker, text: &r.text, line: r.line })
                .collect(),
            exit_status: crash.exit,
            goroutines_shown: narrowed
                .then_some(ShownJson { shown: goroutines.len(), of: crash.goroutines.len() }),
            groups: grouped.then(|| GroupsJson::new(crash, &goroutines)),
            goroutines: GoroutinesJson(crash, goroutines),
            registers: crash.registers.iter().map(|(n, v)| (n.as_str(), format!("{v:#x}"))).collect(),
            crashing_goroutine: crash.crashing_goroutine().and_then(|g| g.id),
            crash_site: crash.crash_site().map(|frame| SiteJson::new(crash, frame)),
            user_site: crash.user_site().map(|frame| SiteJson::new(crash, frame)),
            findings: diagnosis.findings.iter().map(FindingJson::new).collect(),
            facts: diagnosis.sides.iter().map(SideJson::new).collect(),
            checked: &diagnosis.clear,
            not_asked: diagnosis.not_asked.iter().map(NotAskedJson::new).collect(),
            verdict: diagnosis.verdict.name(),
            explanation: diagnosis.explanation.as_ref().map(|e| e.text.as_str()),
            causes: diagnosis.explanation.as_ref().map(CausesJson::new),
            binary: examined.binary(),
            fit: examined.fit().map(|fit| FitJson {
                fits: if fit.weight() == 0 && !fit.refuted() { None } else { Some(fit.fits()) },
                frames: fit.checked,
                matched: fit.matched,
                creators: fit.creators.0,
                creators_matched: fit.creators.1,
                fault_address: fit.fault,
                first_misfit: fit.misfit.as_ref().map(|m| format!("{}: {}", m.frame, m.why)),
                load_bias: fit.bias.map(|bias| bias.to_string()),
                not_checked: fit.not_checked.as_deref(),
                strength: fit.strength().map(|strength| strength.name()),
                own_places: fit.places.0,
                go_places: fit.places.1,
                other_path: fit.elsewhere.as_ref().map(|(log, binary)| OtherPathJson { log, binary }),
                chosen_because: examined.choice.as_ref().and_then(|choice| choice.why.as_deref()),
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
    fn new(link: &'a Link) -> LinkJson<'a> {
        let value_type = match &link.value {
            Value::Typed { type_name, .. } | Value::Opaque { type_name } => Some(type_name.as_str()),
            Value::Text => None,
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
    /// Formats that were taken off, outermost first.
    envelopes: &'a [&'static str],
    identity: BTreeMap<&'static str, &'a str>,
    time: Option<StampJson<'a>>,
}

#[derive(Serialize)]
struct StampJson<'a> {
    raw: &'a str,
    utc: Option<String>,
}

#[derive(Serialize)]
struct RemarkJson<'a> {
    speaker: &'static str,
    text: &'a str,
    line: u64,
}

#[derive(Serialize)]
pub(super) struct SiteJson<'a> {
    function: &'a str,
    file: &'a str,
    line: u32,
}

impl<'a> SiteJson<'a> {
    pub(super) fn new(crash: &'a Crash, frame: &Frame) -> SiteJson<'a> {
        SiteJson { function: crash.function(frame), file: crash.file(frame), line: frame.line }
    }
}

/// The goroutines that the report is to show, and whether it was asked for fewer than all.
fn selected<'a>(crash: &'a Crash, style: &Style) -> (Vec<&'a Goroutine>, bool) {
    let mut goroutines = style.filter.select(crash);
    let only_crashing = style.goroutines == Goroutines::Crashing;
    if only_crashing {
        let crashing = crash.crashing_goroutine();
        goroutines.retain(|goroutine| crashing.is_some_and(|c| std::ptr::eq(c, *goroutine)));
    }
    (goroutines, only_crashing || !style.filter.is_empty())
}

#[derive(Serialize)]
struct ShownJson {
    shown: usize,
    of: usize,
}

struct GoroutinesJson<'a>(&'a Crash, Vec<&'a Goroutine>);

impl Serialize for GoroutinesJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.1.len()))?;
        for goroutine in &self.1 {
            seq.serialize_element(&GoroutineJson::new(self.0, goroutine))?;
        }
        seq.end()
    }
}

#[derive(Serialize)]
struct GoroutineJson<'a> {
    id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<&'static str>,
    state: Option<&'a str>,
    wait_minutes: Option<u32>,
    locked_to_thread: bool,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    attributes: &'a [String],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pcs: Vec<String>,
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
        let ancestor = |ancestor: &'a Ancestor| AncestorJson {
            goroutine: ancestor.id,
            frames: frames(crash.frames_of_ancestor(ancestor)),
            frames_elided: ancestor.elided,
            created_by: ancestor.created_by.as_ref().map(|created| CreatedJson::new(crash, created)),
        };
        GoroutineJson {
            id: goroutine.id,
            block: Some(goroutine.block).filter(|block| *block != Block::Goroutine).map(Block::name),
            state: Some(crash.state(goroutine)).filter(|state| !state.is_empty()),
            wait_minutes: goroutine.wait_minutes,
            locked_to_thread: goroutine.locked_to_thread,
            attributes: &goroutine.attributes,
            labels: goroutine.labels.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect(),
            count: (goroutine.block == Block::Record).then_some(goroutine.count),
            pcs: goroutine.pcs.iter().map(ToString::to_string).collect(),
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
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    frames_elided: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by: Option<CreatedJson<'a>>,
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
