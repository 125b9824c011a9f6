//! A post-mortem as a document: the parts in order, without their markup.

use super::super::Style;
use super::CoreStyle;
use super::sections::sections;
use crate::diagnose::{Confidence, Finding, Remedy, Verdict};
use crate::dump::groups;
use crate::examine::Examined;
use crate::examine::core::CoreOutcome;
use crate::trace::{Crash, Frame, Goroutine, Kind};

/// One part. Texts are as they were read: whoever renders them escapes them.
pub(super) enum Part {
    Heading(String),
    Paragraph(String),
    Table(Vec<(String, String)>),
    Code(String),
    /// Something long that can be folded away.
    Folded {
        summary: String,
        code: String,
    },
}

pub(super) struct Document {
    pub(super) title: String,
    pub(super) parts: Vec<Part>,
}

/// Groups that are written out.
const GROUPS: usize = 200;
/// Frames of one stack.
const FRAMES: usize = 200;

pub(super) fn document(outcome: &CoreOutcome<'_>, style: &Style, more: CoreStyle) -> Document {
    let examined = outcome.outcome.crashes.first();
    let title = examined.map_or_else(|| "the end of the process is not told".to_owned(), title);
    let mut parts = Vec::new();
    if let Some(examined) = examined {
        verdict(examined, &mut parts);
        stacks(examined, style, &mut parts);
    }
    for section in sections(outcome, more) {
        let name = section.title;
        let (first, rest) = name.split_at_checked(1).unwrap_or((name, ""));
        parts.push(Part::Heading(format!("{first}{}", rest.to_ascii_lowercase())));
        parts.push(Part::Table(section.rows));
    }
    if !outcome.outcome.warnings.is_empty() {
        parts.push(Part::Heading("Warnings".to_owned()));
        outcome.outcome.warnings.iter().for_each(|warning| parts.push(Part::Paragraph(warning.to_string())));
    }
    Document { title, parts }
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
        let text = format!("Look at {}, {}:{}.", crash.function(site), crash.file(site), site.line);
        parts.push(Part::Paragraph(text));
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

fn stacks(examined: &Examined, style: &Style, parts: &mut Vec<Part>) {
    let crash = &examined.crash;
    let selected = style.filter.select(crash);
    let crashing = crash.crashing_goroutine();
    for system in crash.goroutines.iter().filter(|goroutine| goroutine.is_system()) {
        parts.push(Part::Folded {
            summary: "system stack of the thread that ended the process".to_owned(),
            code: stack(crash, crash.frames_of(system)),
        });
    }
    if let Some(goroutine) = crashing.filter(|wanted| selected.iter().any(|g| std::ptr::eq(*g, *wanted))) {
        parts.push(Part::Heading(format!("The goroutine that crashed: {}", name(crash, goroutine))));
        parts.push(Part::Code(stack(crash, crash.frames_of(goroutine))));
        parts.extend(created(crash, goroutine).map(Part::Paragraph));
    }
    let others = selected.into_iter().filter(|goroutine| {
        !goroutine.is_system() && !crashing.is_some_and(|crashing| std::ptr::eq(crashing, *goroutine))
    });
    let groups = groups(crash, others);
    if groups.is_empty() {
        return;
    }
    let all: usize = groups.iter().map(crate::dump::Group::count).sum();
    let who = if crashing.is_some() { "the others were" } else { "every goroutine was" };
    let heading = format!("What {who} doing: {all} goroutines, {} stacks", groups.len());
    parts.push(Part::Heading(heading));
    for group in groups.iter().take(GROUPS) {
        let ids: Vec<String> = group.ids().take(10).map(|id| id.to_string()).collect();
        let more = if group.count() > ids.len() { ", ..." } else { "" };
        let waited = match group.minutes {
            Some((low, high)) if low == high => format!(", {low} minutes"),
            Some((low, high)) => format!(", {low} to {high} minutes"),
            None => String::new(),
        };
        let site = group.site().map(|frame| format!("  {}", crash.function(frame))).unwrap_or_default();
        let mut code = stack(crash, group.frames());
        for creator in group.creators() {
            code.push_str(&format!("created by {}\n\t{}:{}\n", creator.function, creator.file, creator.line));
        }
        parts.push(Part::Folded {
            summary: format!(
                "{} [{}{waited}]{site}  (goroutine {}{more})",
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
