//! A post-mortem as a document: the parts in order, without their markup.

use super::super::Style;
use super::super::text::{disagreements, look_at};
use super::CoreStyle;
use super::sections::{Section, sections};
use crate::diagnose::{Confidence, Finding, Met, Remedy, Side, Verdict};
use crate::dump::groups;
use crate::examine::Examined;
use crate::examine::core::CoreOutcome;
use crate::trace::{Crash, Frame, Goroutine, Kind};

/// One part. Texts are as they were read: whoever renders them escapes them.
pub(super) enum Part {
    Heading(String),
    Paragraph(String),
    Table(Vec<(String, String)>),
    /// Columns with a head.
    Grid(Vec<Vec<String>>),
    List(Vec<String>),
    Code(String),
    /// Something long that can be folded away.
    Folded {
        summary: String,
        code: String,
    },
}

pub(super) struct Document {
    pub(super) title: String,
    /// What it is the post-mortem of.
    pub(super) of: String,
    pub(super) parts: Vec<Part>,
}

/// Groups that are written out.
const GROUPS: usize = 200;
/// Lines of the runtime.
const NOTES: usize = 6;
/// Frames of one stack.
const FRAMES: usize = 200;

pub(super) fn document(outcome: &CoreOutcome<'_>, style: &Style, more: CoreStyle) -> Document {
    let examined = outcome.outcome.crashes.first();
    let title = examined.map_or_else(|| "the end of the process is not told".to_owned(), title);
    let mut parts = Vec::new();
    let (near, far): (Vec<Section>, Vec<Section>) =
        sections(outcome, more).into_iter().partition(|section| NEAR.contains(&section.title));
    if let Some(examined) = examined {
        verdict(examined, &mut parts);
        crashed(examined, style, &mut parts);
    }
    near.into_iter().for_each(|part| section(part, &mut parts));
    if let Some(examined) = examined {
        others(examined, style, &mut parts);
        facts(examined, &mut parts);
    }
    far.into_iter().for_each(|part| section(part, &mut parts));
    if let Some(examined) = examined {
        notes(examined, outcome, &mut parts);
    }
    if !outcome.outcome.warnings.is_empty() {
        parts.push(Part::Heading("Warnings".to_owned()));
        parts.push(Part::List(outcome.outcome.warnings.iter().map(ToString::to_string).collect()));
    }
    Document { title, of: of(outcome), parts }
}

/// Sections that are of the crash itself: they stand before what else was going on.
const NEAR: [&str; 3] = ["PANIC VALUES", "C FRAMES", "WAITS"];

fn section(section: Section, parts: &mut Vec<Part>) {
    let name = section.title;
    // Letters that are a word of their own stay large: `C frames`.
    let (first, rest) = name.split_at_checked(1).unwrap_or((name, ""));
    parts.push(Part::Heading(format!("{first}{}", rest.to_ascii_lowercase())));
    parts.push(Part::Table(section.rows));
}

/// `./app, linux/amd64, go1.27.3; core.4711`
fn of(outcome: &CoreOutcome<'_>) -> String {
    let mut words = Vec::new();
    words.extend(outcome.core.identity.path.clone().or_else(|| outcome.core.process.name.clone()));
    if let Some(facts) = outcome.chosen.map(|binary| binary.facts()) {
        let port = facts.goos.as_ref().zip(facts.goarch.as_ref());
        words.extend(port.map(|(os, arch)| format!("{}/{}", os.value, arch.value)));
        words.extend(facts.go_version.as_ref().map(|version| version.value.to_string()));
    }
    let core = outcome.core.origin.to_string();
    if words.is_empty() { core } else { format!("{}; {core}", words.join(", ")) }
}

/// What core, executable and machine say, side by side.
fn facts(examined: &Examined, parts: &mut Vec<Part>) {
    let told = |side: &&Side| side.alone || side.log.is_some() || side.host.is_some();
    let text = |text: &Option<String>| text.as_deref().unwrap_or("-").to_owned();
    let row = |side: &Side| {
        let what = match side.met {
            Met::No(_) => format!("{} (!)", side.what),
            Met::Yes | Met::Unknown => side.what.to_owned(),
        };
        vec![what, text(&side.log), text(&side.binary), text(&side.host)]
    };
    let mut rows: Vec<Vec<String>> = examined.diagnosis.sides.iter().filter(told).map(row).collect();
    if !rows.is_empty() {
        rows.insert(0, ["", "core", "binary", "host"].map(str::to_owned).to_vec());
        parts.push(Part::Heading("Facts".to_owned()));
        parts.push(Part::Grid(rows));
    }
}

/// What was doubtful in reading it, what the runtime said beside the crash, and the
/// number by which other crashes of the same bug are found.
fn notes(examined: &Examined, outcome: &CoreOutcome<'_>, parts: &mut Vec<Part>) {
    let crash = &examined.crash;
    let mut notes: Vec<String> = crash.losses.iter().map(|loss| format!("not complete: {loss}")).collect();
    notes.extend(disagreements(outcome.outcome.host, outcome.chosen.map(|binary| binary.facts())));
    notes.extend(crash.asides.iter().cloned());
    notes.extend(crash.notes.iter().take(NOTES).cloned());
    if crash.notes.len() > NOTES {
        let more = crash.notes.len().saturating_sub(NOTES);
        notes.push(format!("and {more} more lines of the runtime; --format json has all"));
    }
    notes.push(format!("ID {}", examined.signature.id));
    parts.push(Part::Heading("Notes".to_owned()));
    parts.push(Part::List(notes));
}

fn title(examined: &Examined) -> String {
    let crash = &examined.crash;
    let word = match crash.kind {
        Kind::Panic => "panic: ",
        Kind::FatalError => "fatal error: ",
        Kind::GoroutineDump => "the process did not crash by itself",
        _ => "",
    };
    let message = crash.message();
    format!("{word}{}", message.lines().next().unwrap_or(""))
}

fn verdict(examined: &Examined, parts: &mut Vec<Part>) {
    let (crash, diagnosis) = (&examined.crash, &examined.diagnosis);
    parts.push(Part::Heading("Verdict".to_owned()));
    let message = crash.message();
    if message.lines().count() > 1 {
        parts.push(Part::Code(message));
    }
    let blamed = diagnosis.findings.iter().any(|f| f.explains && f.confidence != Confidence::Possible);
    if !blamed {
        let text = match diagnosis.verdict {
            Verdict::ProgramBug => "No configuration fault was found: it is a bug in the program.",
            Verdict::Resource => "No configuration fault was found: a limit was reached.",
            Verdict::Environment => "No configuration fault was found: it came from outside.",
            _ => "No configuration fault was found, and the cause stays open.",
        };
        parts.push(Part::Paragraph(text.to_owned()));
    }
    diagnosis.findings.iter().for_each(|finding| self::finding(finding, parts));
    if let Some(explanation) = &diagnosis.explanation {
        parts.push(Part::Paragraph(explanation.text.clone()));
    }
    if let Some(site) = crash.user_site().or_else(|| crash.crash_site()) {
        let place = || format!("{}:{}", crash.file(site), site.line);
        let place = look_at(examined).unwrap_or_else(place);
        parts.push(Part::Paragraph(format!("In {}. Look at {place}.", crash.function(site))));
    }
    let checked = &diagnosis.clear;
    if !checked.is_empty() {
        parts.push(Part::Paragraph(format!("Faults that were ruled out: {}.", checked.join(", "))));
    }
}

fn finding(finding: &Finding, parts: &mut Vec<Part>) {
    let mut rows = vec![(
        if finding.explains { "cause" } else { "also wrong" }.to_owned(),
        format!("{} [{}]", finding.claim, finding.confidence.name()),
    )];
    rows.extend(
        finding.evidence.iter().map(|e| (e.from.name().to_owned(), format!("{} ({})", e.fact, e.place))),
    );
    rows.extend(finding.fix.iter().map(|fix| {
        let label = if matches!(fix, Remedy::Command { .. }) { "fix (shell)" } else { "fix" };
        (label.to_owned(), fix.to_string())
    }));
    rows.extend(finding.decide.iter().map(|decide| ("would decide".to_owned(), decide.clone())));
    rows.push(("more".to_owned(), format!("panicmap explain {}", finding.fault)));
    parts.push(Part::Table(rows));
}

/// The stacks of what ended the process.
fn crashed(examined: &Examined, style: &Style, parts: &mut Vec<Part>) {
    let crash = &examined.crash;
    for system in crash.goroutines.iter().filter(|goroutine| goroutine.is_system()) {
        parts.push(Part::Folded {
            summary: "system stack of the thread that ended the process".to_owned(),
            code: stack(crash, crash.frames_of(system)),
        });
    }
    let selected = |wanted: &&Goroutine| style.filter.select(crash).iter().any(|g| std::ptr::eq(*g, *wanted));
    if let Some(goroutine) = crash.crashing_goroutine().filter(selected) {
        parts.push(Part::Heading(format!("The goroutine that crashed: {}", name(crash, goroutine))));
        parts.push(Part::Code(stack(crash, crash.frames_of(goroutine))));
        parts.extend(created(crash, goroutine).map(Part::Paragraph));
    }
}

fn others(examined: &Examined, style: &Style, parts: &mut Vec<Part>) {
    let crash = &examined.crash;
    let crashing = crash.crashing_goroutine();
    let others = style.filter.select(crash).into_iter().filter(|goroutine| {
        !goroutine.is_system() && !crashing.is_some_and(|crashing| std::ptr::eq(crashing, *goroutine))
    });
    let groups = groups(crash, others);
    if groups.is_empty() {
        return;
    }
    let all: usize = groups.iter().map(crate::dump::Group::count).sum();
    let who = if crashing.is_some() { "the others were" } else { "every goroutine was" };
    let stacks = match groups.len() {
        1 => "one stack".to_owned(),
        n => format!("{n} different stacks"),
    };
    let heading = match all {
        1 => format!("What {who} doing: 1 goroutine"),
        _ => format!("What {who} doing: {all} goroutines, {stacks}"),
    };
    parts.push(Part::Heading(heading));
    for group in groups.iter().take(GROUPS) {
        let ids: Vec<String> = group.ids().take(10).map(|id| id.to_string()).collect();
        let more = if group.count() > ids.len() { ", ..." } else { "" };
        let waited = match group.minutes {
            Some((low, high)) if low == high => format!(", {low} minutes"),
            Some((low, high)) => format!(", {low} to {high} minutes"),
            None => String::new(),
        };
        let site = group
            .site()
            .map(|frame| format!("  {}  {}:{}", crash.function(frame), crash.file(frame), frame.line));
        let site = site.unwrap_or_default();
        let mut code = String::new();
        if let (Some(first), true) = (ids.first(), group.count() > 1) {
            code.push_str(&format!("(with the arguments of goroutine {first})\n"));
        }
        code.push_str(&stack(crash, group.frames()));
        for creator in group.creators() {
            code.push_str(&format!("created by {}\n\t{}:{}\n", creator.function, creator.file, creator.line));
        }
        parts.push(Part::Folded {
            summary: format!(
                "{} x [{}{waited}]{site}  (goroutine {}{more})",
                group.count(),
                group.state(),
                ids.join(", ")
            ),
            code,
        });
    }
    if groups.len() > GROUPS {
        let rest = groups.len().saturating_sub(GROUPS);
        parts.push(Part::Paragraph(format!("{rest} more stacks are left out; --raw has all.")));
    }
}

fn name(crash: &Crash, goroutine: &Goroutine) -> String {
    format!("{} [{}]", goroutine.id.unwrap_or(0), crash.state(goroutine))
}

fn created(crash: &Crash, goroutine: &Goroutine) -> Option<String> {
    let created = goroutine.created_by.as_ref()?;
    let by = created.goroutine.map(|id| format!(" in goroutine {id}")).unwrap_or_default();
    Some(format!(
        "Created by {}{by}, {}:{}.",
        crash.name(created.function),
        crash.name(created.file),
        created.line
    ))
}

fn stack(crash: &Crash, frames: &[Frame]) -> String {
    let mut out = String::new();
    for frame in frames.iter().take(FRAMES) {
        let offset = frame.offset().map(|offset| format!(" +{offset:#x}")).unwrap_or_default();
        out.push_str(&format!(
            "{}({})\n\t{}:{}{offset}\n",
            crash.function(frame),
            crash.arguments(frame),
            crash.file(frame),
            frame.line
        ));
    }
    if frames.len() > FRAMES {
        out.push_str(&format!("... {} more frames\n", frames.len().saturating_sub(FRAMES)));
    }
    out
}
