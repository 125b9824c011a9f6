//! The report for a terminal: headline first, then the cause with its evidence
//! and fix, the folded stack, the facts, the doubts.

mod columns;
mod diff;
mod facts;
mod finding;
mod goroutines;
mod inspect;
mod page;
mod paint;
mod signature;
mod stack;

use std::io::{self, Write};

use super::Style;
use super::escape::printable;
use crate::diagnose::{Confidence, Finding, Verdict};
use crate::examine::{Examined, Outcome};
use crate::fit::Fit;
use crate::trace::Kind;

pub use diff::diff_text;
pub use inspect::inspect_text;

pub(super) use columns::Mark;
pub(super) use facts::disagreements;
pub(super) use page::Page;
pub(super) use paint::{Painter, wrap};

/// So many faults that were ruled out are named.
const NAMED: usize = 4;

pub(super) fn write(outcome: &Outcome<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(style, out);
    // Loggers print stacks of errors too: next to a crash they are only named.
    let bare = |examined: &&Examined| examined.crash.is_bare() && !style.all;
    let (stacks, crashes): (Vec<&Examined>, Vec<&Examined>) = outcome.crashes.iter().partition(bare);
    let (shown, named) = if crashes.is_empty() { (stacks, Vec::new()) } else { (crashes, stacks) };
    for (index, examined) in shown.into_iter().enumerate() {
        if index > 0 {
            page.rule()?;
        }
        page.crash(examined, outcome)?;
    }
    if !named.is_empty() {
        page.blank()?;
        page.entries("STACKS WITHOUT A HEADER", &[bare_stacks(&named)])?;
    }
    if outcome.crashes.is_empty() {
        page.no_crash(outcome)?;
    }
    if !outcome.warnings.is_empty() {
        page.blank()?;
        page.entries("WARNINGS", &outcome.warnings.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    }
    Ok(())
}

/// Where stacks stand that are not shown.
fn bare_stacks(stacks: &[&Examined]) -> String {
    const MOST: usize = 8;
    let lines = stacks.iter().take(MOST).map(|s| s.crash.span.lines.start().to_string());
    let mut lines = lines.collect::<Vec<_>>().join(", ");
    if stacks.len() > MOST {
        lines.push_str(", ...");
    }
    let (count, at) = match stacks.len() {
        1 => ("1 more stack that".to_owned(), "line"),
        n => (format!("{n} more stacks that"), "lines"),
    };
    format!("{count} a program or its logger printed, at {at} {lines}; --all shows them")
}

impl Page<'_> {
    fn crash(&mut self, examined: &Examined, outcome: &Outcome<'_>) -> io::Result<()> {
        self.headline(examined, outcome)?;
        self.blank()?;
        self.causes(examined)?;
        self.goroutines(&examined.crash)?;
        self.addresses(examined)?;
        self.facts(examined)?;
        self.notes(examined, outcome)?;
        self.signature(examined)
    }

    fn headline(&mut self, examined: &Examined, outcome: &Outcome<'_>) -> io::Result<()> {
        let crash = &examined.crash;
        let word = match crash.kind {
            Kind::Panic => "panic: ",
            Kind::FatalError => "fatal error: ",
            Kind::Signal
            | Kind::Race
            | Kind::Sanitizer
            | Kind::Launch
            | Kind::GoroutineDump
            | Kind::Error => "",
        };
        let label = match crash.kind {
            Kind::Launch if examined.ran() => "DIED",
            Kind::Launch => "NO START",
            Kind::Error => "ERROR",
            Kind::GoroutineDump => "STACKS",
            Kind::Race => "RACE",
            Kind::Sanitizer => "SANITIZER",
            Kind::Panic if crash.served.is_some() || crash.printed_by_program() => "RECOVERED",
            _ => "CRASH",
        };
        let message = crash.message();
        let mut lines = message.lines();
        let first = format!("{word}{}", lines.next().unwrap_or(""));
        let indent = " ".repeat(label.len().saturating_add(2));
        let width = self.style.width.saturating_sub(indent.len());
        let painted = self.paint.bad(label);
        for (index, line) in wrap(&printable(&first), width).iter().enumerate() {
            let start = if index == 0 { format!("{painted}  ") } else { indent.clone() };
            let line = self.paint.bold(line);
            self.line(&format!("{start}{line}"))?;
        }
        let more: Vec<&str> = lines.collect();
        for line in more.iter().take(4) {
            self.paragraph(&format!("{indent}  "), &line.replace('\t', "  "))?;
        }
        if more.len() > 4 {
            self.line(&format!("{indent}  ... {} more lines of the message", more.len().saturating_sub(4)))?;
        }
        if let Some(site) = crash.user_site().or_else(|| crash.crash_site()) {
            self.paragraph(
                &indent,
                &format!("in {}, {}:{}", crash.function(site), crash.file(site), site.line),
            )?;
        }
        self.paragraph(&indent, &origin(examined, outcome))
    }

    fn causes(&mut self, examined: &Examined) -> io::Result<()> {
        let diagnosis = &examined.diagnosis;
        let (causes, others): (Vec<&Finding>, Vec<&Finding>) =
            diagnosis.findings.iter().partition(|f| f.explains);
        // That the executable is another one comes before all that is said with it.
        let refuted = examined.fit().is_some_and(Fit::refuted);
        if refuted {
            others.iter().try_for_each(|finding| self.finding(finding))?;
        }
        for finding in &causes {
            self.finding(finding)?;
        }
        let blamed = causes.iter().any(|f| f.confidence != Confidence::Possible);
        if !blamed {
            self.no_fault(examined, causes.is_empty())?;
        } else if let Some(explanation) = &diagnosis.explanation {
            self.paragraph("  ", &explanation.text)?;
            self.blank()?;
        }
        if !refuted {
            others.iter().try_for_each(|finding| self.finding(finding))?;
        }
        Ok(())
    }

    /// The most common verdict: nothing is wrong with build or deployment.
    fn no_fault(&mut self, examined: &Examined, certain: bool) -> io::Result<()> {
        let diagnosis = &examined.diagnosis;
        let heading = match diagnosis.verdict {
            Verdict::ProgramBug if certain => "NO CONFIGURATION FAULT FOUND: a bug in the program",
            Verdict::Resource if certain => "NO CONFIGURATION FAULT FOUND: a limit was reached",
            Verdict::Environment if certain => "NO CONFIGURATION FAULT FOUND: it came from outside",
            _ if certain => "NO CONFIGURATION FAULT FOUND, and the cause stays open",
            _ => "NOT DECIDED",
        };
        let heading = if certain { self.paint.good(heading) } else { self.paint.doubt(heading) };
        self.line(&heading)?;
        if let Some(explanation) = &diagnosis.explanation {
            self.paragraph("  ", &explanation.text)?;
        }
        if let Some(text) = look_at(examined) {
            self.labelled("look at", &text)?;
        }
        if !diagnosis.clear.is_empty() {
            let count = match diagnosis.clear.len() {
                1 => "1 fault ruled out".to_owned(),
                n => format!("{n} faults ruled out"),
            };
            let named = self.style.all || diagnosis.clear.len() <= NAMED;
            let names = if named {
                format!(": {}", diagnosis.clear.join(", "))
            } else {
                "; --all names them".to_owned()
            };
            self.labelled("checked", &format!("{count}{names}"))?;
        }
        self.not_asked(&diagnosis.not_asked)?;
        self.blank()
    }

    fn no_crash(&mut self, outcome: &Outcome<'_>) -> io::Result<()> {
        if outcome.findings.is_empty() {
            return Ok(());
        }
        let heading = self.paint.bold("WITHOUT A CRASH IN THE LOG, executable and host alone say:");
        self.line(&heading)?;
        self.blank()?;
        outcome.findings.iter().try_for_each(|finding| self.finding(finding))?;
        self.not_asked(&outcome.not_asked)
    }
}

/// The program's own code first: what it calls is seldom what has to be changed.
pub(super) fn look_at(examined: &Examined) -> Option<String> {
    let crash = &examined.crash;
    let other = examined.diagnosis.explanation.as_ref().and_then(|e| e.third_party.as_ref());
    if let Some((other, caller)) = other.and_then(|other| Some((other, other.caller.as_ref()?))) {
        return Some(format!("{}:{}, which called {}", caller.file, caller.line, other.place));
    }
    let site = crash.user_site()?;
    let caller = crash.user_caller().map(|frame| {
        format!(", called from {} ({}:{})", crash.function(frame), crash.file(frame), frame.line)
    });
    Some(format!("{}:{}{}", crash.file(site), site.line, caller.unwrap_or_default()))
}

/// Where the crash was read, and what it ended with.
fn origin(examined: &Examined, outcome: &Outcome<'_>) -> String {
    let crash = &examined.crash;
    let path = match crash.span.origin.to_string() {
        stdin if stdin == "-" => "standard input".to_owned(),
        path => path,
    };
    let lines = &crash.span.lines;
    let mut text = match (lines.start(), lines.end()) {
        (_, 0) => path,
        (first, last) if first == last => format!("{path}, line {first}"),
        (first, last) => format!("{path}, lines {first}-{last}"),
    };
    let source = &crash.source;
    if let Some(stamp) = &source.stamp {
        text.push_str(&format!("   {}", stamp.utc().unwrap_or_else(|| stamp.raw.clone())));
    }
    let who: Vec<String> = source.identity.fields.iter().map(|(key, name)| format!("{key} {name}")).collect();
    if !who.is_empty() {
        text.push_str(&format!("   {}", who.join(", ")));
    }
    let refuted = examined.fit().is_some_and(Fit::refuted);
    if let Some(facts) = examined
        .binary()
        .filter(|_| !refuted)
        .and_then(|index| outcome.binaries.get(index))
        .map(|b| b.facts())
    {
        let target = facts.goos.as_ref().zip(facts.goarch.as_ref());
        if let Some((os, arch)) = target {
            text.push_str(&format!("   {}/{}", os.value, arch.value));
        }
        if let Some(version) = &facts.go_version {
            text.push_str(&format!(" {}", version.value));
        }
    }
    if let Some(address) = &crash.served {
        text.push_str(&format!("   while serving {address}"));
    }
    if let Some(exit) = crash.exit {
        text.push_str(&format!("   exit status {exit}"));
    }
    text
}
