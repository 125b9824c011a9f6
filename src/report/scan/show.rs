//! One group in full: what it is, where it was, and its example.

use std::io::{self, Write};

use serde::Deserialize;

use super::super::Style;
use super::super::escape::printable;
use super::super::text::wrap;
use super::{phrases, trend};
use crate::batch::{Findings, Group};

/// Names that are printed of places.
const PLACES: usize = 20;

/// What is shown of the crash object.
#[derive(Deserialize)]
struct CrashJson {
    #[serde(default)]
    explanation: Option<String>,
    #[serde(default)]
    findings: Vec<FindingJson>,
    #[serde(default)]
    goroutines: Vec<GoroutineJson>,
    #[serde(default)]
    losses: Vec<String>,
    #[serde(default)]
    notes: Vec<String>,
    #[serde(default)]
    remarks: Vec<RemarkJson>,
}

#[derive(Deserialize)]
struct FindingJson {
    fault: String,
    title: String,
    confidence: String,
    #[serde(default)]
    evidence: Vec<EvidenceJson>,
    #[serde(default)]
    fix: Vec<String>,
}

#[derive(Deserialize)]
struct EvidenceJson {
    from: String,
    fact: String,
    #[serde(rename = "where")]
    place: String,
}

#[derive(Deserialize)]
struct RemarkJson {
    speaker: String,
    text: String,
}

#[derive(Deserialize)]
struct GoroutineJson {
    id: Option<u64>,
    state: Option<String>,
    frames: Vec<FrameJson>,
    created_by: Option<CreatedJson>,
}

#[derive(Deserialize)]
struct FrameJson {
    function: String,
    file: Option<String>,
    line: Option<u32>,
    offset: Option<String>,
}

#[derive(Deserialize)]
struct CreatedJson {
    function: String,
    file: String,
    line: u32,
}

/// The group with a number, or whose signature begins so.
///
/// # Errors
/// Those of the writer.
pub fn show(
    findings: &Findings,
    wanted: &str,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<Result<(), String>> {
    let bare = wanted.trim_start_matches('#');
    let by_number = bare.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    let by_number = by_number.and_then(|at| findings.groups.get(at)).into_iter().collect::<Vec<_>>();
    let hex = wanted.strip_prefix("pm1:").unwrap_or(wanted).to_ascii_lowercase();
    // Nothing is the beginning of all.
    let signed = |group: &&Group| {
        let signature = group.signature.strip_prefix("pm1:");
        !hex.is_empty() && signature.is_some_and(|signature| signature.starts_with(&hex))
    };
    let found: Vec<&Group> =
        if by_number.is_empty() { findings.groups.iter().filter(signed).collect() } else { by_number };
    if found.is_empty() {
        let groups = phrases::counted(findings.groups.len() as u64, "group", "groups");
        return Ok(Err(format!("{wanted}: no such group; give a number or a signature of the {groups}")));
    }
    for (index, group) in found.into_iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        one(findings, group, style, out)?;
    }
    Ok(Ok(()))
}

fn one(findings: &Findings, group: &Group, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let label = if group.is_crash { "GROUP" } else { "NO CRASH" };
    let mut page = Page { width: style.width, out };
    page.entry(label, &format!("{}: {}", group.program, phrases::failed(group)))?;
    let times = phrases::counted(group.count, "time", "times");
    page.entry(
        "seen",
        &match (group.first(), group.last()) {
            (Some(first), Some(last)) if first != last => {
                format!("{times}, {} to {} UTC", phrases::when(first), phrases::when(last))
            }
            (Some(first), _) => format!("{times}, {} UTC", phrases::when(first)),
            _ => format!("{times}; the logs do not tell when"),
        },
    )?;
    for note in phrases::copies((group.copies, group.perhaps_copies)) {
        page.entry("copies", &note)?;
    }
    for (place, times) in group.places.iter().take(PLACES) {
        page.entry("where", &format!("{} {}, {}", place.kind, place.name, times.count))?;
    }
    if let Some(more) = group.places.len().checked_sub(PLACES).filter(|more| *more > 0) {
        page.entry("", &format!("and {more} more"))?;
    }
    for found in phrases::loops(group) {
        page.entry("loop", &found)?;
    }
    for (build, count) in phrases::builds(group).iter().zip(group.builds.values()) {
        page.entry("build", &format!("{build}, {count}"))?;
    }
    for (variant, count) in &group.variants {
        page.entry("variant", &format!("{variant}, {count}"))?;
    }
    if let Some(trend) = trend(findings, group) {
        let (label, text) = phrases::trend(findings, trend);
        page.entry(label, &text)?;
    }
    page.entry("signature", &group.signature)?;
    writeln!(page.out)?;
    example(group, style.width, page.out)
}

/// The crash that stands for its group.
pub(super) fn example(group: &Group, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let record = &group.example;
    let mut page = Page { width, out };
    let lines = if record.line == record.last_line {
        format!("line {}", record.line)
    } else {
        format!("lines {}-{}", record.line, record.last_line)
    };
    page.entry("EXAMPLE", &format!("{}, {lines}", record.from.name()))?;
    if let Some(time) = record.time.as_ref().or(record.stamp.as_ref()) {
        page.entry("time", time)?;
    }
    for (key, name) in &record.place {
        page.entry(key, name)?;
    }
    page.entry("message", &record.message)?;
    let crash: CrashJson = match serde_json::from_str(record.crash.get()) {
        Ok(crash) => crash,
        Err(error) => return page.entry("damaged", &format!("its crash object cannot be read: {error}")),
    };
    for remark in &crash.remarks {
        page.entry("said", &format!("{} ({})", remark.text, remark.speaker))?;
    }
    for finding in &crash.findings {
        page.entry("fault", &format!("{} [{}] {}", finding.title, finding.confidence, finding.fault))?;
        for evidence in &finding.evidence {
            page.entry("  evidence", &format!("{}: {} ({})", evidence.from, evidence.fact, evidence.place))?;
        }
        for fix in &finding.fix {
            page.entry("  fix", fix)?;
        }
    }
    if let Some(explanation) = &crash.explanation {
        page.entry("cause", explanation)?;
    }
    for note in crash.notes.iter().chain(&crash.losses) {
        page.entry("note", note)?;
    }
    for goroutine in &crash.goroutines {
        page.goroutine(goroutine)?;
    }
    Ok(())
}

struct Page<'a> {
    width: usize,
    out: &'a mut dyn Write,
}

impl Page<'_> {
    fn entry(&mut self, label: &str, text: &str) -> io::Result<()> {
        let lines = wrap(&printable(text), self.width.saturating_sub(12));
        for (index, line) in lines.iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            writeln!(self.out, "{:<11} {}", printable(label), line.trim_end())?;
        }
        Ok(())
    }

    fn goroutine(&mut self, goroutine: &GoroutineJson) -> io::Result<()> {
        let id = goroutine.id.map_or(String::new(), |id| format!("goroutine {id} "));
        let state = goroutine.state.as_deref().unwrap_or("no state");
        writeln!(self.out, "\n{id}[{}]", printable(state))?;
        for frame in &goroutine.frames {
            let offset = frame.offset.as_ref().map_or(String::new(), |offset| format!(" +{offset}"));
            let place = match (&frame.file, frame.line) {
                (Some(file), Some(line)) => format!("{file}:{line}"),
                (file, _) => file.clone().unwrap_or_default(),
            };
            let text = format!("{}  {place}{offset}", frame.function);
            writeln!(self.out, "  {}", printable(text.trim_end()))?;
        }
        if let Some(by) = &goroutine.created_by {
            let text = format!("started by {}  {}:{}", by.function, by.file, by.line);
            writeln!(self.out, "  {}", printable(&text))?;
        }
        Ok(())
    }
}
