//! The report for a terminal: headline first, then the cause with its evidence
//! and fix, the folded stack, the facts, the doubts.

use std::io::{self, Write};

use colored::Colorize;
use unicode_width::UnicodeWidthStr;

use super::Style;
use super::escape::printable;
use super::goroutines::groups;
use crate::diagnose::{Confidence, Finding, NotAsked, Remedy, Verdict};
use crate::examine::{Examined, Outcome};
use crate::fit::Fit;
use crate::symbolize::Symbols;
use crate::trace::{Code, Crash, Frame, Goroutine, Kind};

/// Frames of one goroutine that are shown unless everything is asked for.
const FRAMES_SHOWN: usize = 24;
/// Groups of other goroutines that are shown unless everything is asked for.
const GROUPS_SHOWN: usize = 12;

pub(super) fn write(outcome: &Outcome<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { style, paint: Painter::new(style), out };
    for (index, examined) in outcome.crashes.iter().enumerate() {
        if index > 0 {
            page.rule()?;
        }
        page.crash(examined, outcome)?;
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

/// Colours, or none. Pad first and paint afterwards: escape codes have no width.
pub(super) struct Painter {
    colour: bool,
}

impl Painter {
    pub(super) fn new(style: &Style) -> Painter {
        Painter { colour: style.colour }
    }

    fn paint(&self, text: &str, with: impl Fn(&str) -> colored::ColoredString) -> String {
        if self.colour { with(text).to_string() } else { text.to_owned() }
    }

    pub(super) fn bold(&self, text: &str) -> String {
        self.paint(text, |t| t.bold())
    }

    pub(super) fn dim(&self, text: &str) -> String {
        self.paint(text, |t| t.dimmed())
    }

    fn bad(&self, text: &str) -> String {
        self.paint(text, |t| t.red().bold())
    }

    fn good(&self, text: &str) -> String {
        self.paint(text, |t| t.green().bold())
    }

    fn doubt(&self, text: &str) -> String {
        self.paint(text, |t| t.yellow().bold())
    }
}

/// Breaks text at blanks into lines of at most `width` columns; a word that is
/// longer stands alone, uncut, so that paths can be copied.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let length = line.width().saturating_add(1).saturating_add(word.width());
        if !line.is_empty() && length > width {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

struct Page<'a> {
    style: &'a Style,
    paint: Painter,
    out: &'a mut dyn Write,
}

impl Page<'_> {
    fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", text.trim_end())
    }

    fn blank(&mut self) -> io::Result<()> {
        self.line("")
    }

    fn rule(&mut self) -> io::Result<()> {
        let rule = self.paint.dim(&"-".repeat(self.style.width));
        self.blank()?;
        self.line(&rule)?;
        self.blank()
    }

    /// A heading, and the text to its right or below it, wrapped.
    fn entries(&mut self, heading: &str, items: &[String]) -> io::Result<()> {
        let head = self.paint.bold(heading);
        self.line(&head)?;
        items.iter().try_for_each(|item| self.paragraph("  ", item))
    }

    fn paragraph(&mut self, indent: &str, text: &str) -> io::Result<()> {
        let width = self.style.width.saturating_sub(indent.len());
        wrap(&printable(text), width).iter().try_for_each(|line| self.line(&format!("{indent}{line}")))
    }

    /// `  label     text`, wrapped under itself.
    fn labelled(&mut self, label: &str, text: &str) -> io::Result<()> {
        let width = self.style.width.saturating_sub(12);
        for (index, line) in wrap(&printable(text), width).iter().enumerate() {
            let label = format!("{:<10}", if index == 0 { label } else { "" });
            let label = self.paint.dim(&label);
            self.line(&format!("  {label}{line}"))?;
        }
        Ok(())
    }

    fn crash(&mut self, examined: &Examined, outcome: &Outcome<'_>) -> io::Result<()> {
        self.headline(examined, outcome)?;
        self.blank()?;
        self.causes(examined)?;
        self.stack(&examined.crash)?;
        self.others(&examined.crash)?;
        self.addresses(examined)?;
        self.facts(examined, outcome)?;
        self.notes(examined, outcome)
    }

    fn headline(&mut self, examined: &Examined, outcome: &Outcome<'_>) -> io::Result<()> {
        let crash = &examined.crash;
        let word = match crash.kind {
            Kind::Panic => "panic: ",
            Kind::FatalError => "fatal error: ",
            Kind::Signal | Kind::Race | Kind::Launch | Kind::GoroutineDump => "",
        };
        let label = match crash.kind {
            Kind::Launch => "NO START",
            Kind::GoroutineDump => "STACKS",
            Kind::Race => "RACE",
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
            self.paragraph(&format!("{indent}  "), line)?;
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
        let refuted = examined.fit.as_ref().is_some_and(Fit::refuted);
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

    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let heading = match (finding.explains, finding.confidence) {
            (false, _) if finding.fault == "log-not-from-binary" => "WRONG EXECUTABLE",
            (false, _) => "ALSO WRONG",
            (true, Confidence::Certain) => "CAUSE",
            (true, Confidence::Likely) => "LIKELY CAUSE",
            (true, Confidence::Possible) => "POSSIBLE CAUSE",
        };
        let tag = format!("[{}]", finding.confidence.name());
        let width = self.style.width.saturating_sub(heading.len()).saturating_sub(2);
        let heading = match finding.confidence {
            Confidence::Certain => self.paint.bad(heading),
            _ => self.paint.doubt(heading),
        };
        let text = format!("{}  {tag}", finding.claim);
        let lines = wrap(&printable(&text), width);
        for (index, line) in lines.iter().enumerate() {
            if index == 0 {
                self.line(&format!("{heading}  {line}"))?;
            } else {
                self.line(&format!("  {line}"))?;
            }
        }
        for (index, evidence) in finding.evidence.iter().enumerate() {
            let label = if index == 0 { "evidence" } else { "" };
            self.labelled(
                label,
                &format!("{:<7} {}   ({})", evidence.from.name(), evidence.fact, evidence.place),
            )?;
        }
        for (index, fix) in finding.fix.iter().enumerate() {
            let label = if index == 0 { "fix" } else { "" };
            match fix {
                Remedy::Advice(text) => self.labelled(label, text)?,
                // Commands are there to be copied: they are not wrapped.
                Remedy::Command { run, note } => {
                    let label = self.paint.dim(&format!("{label:<10}"));
                    self.line(&format!("  {label}{}", printable(run)))?;
                    if !note.is_empty() {
                        self.labelled("", &format!("# {note}"))?;
                    }
                }
            }
        }
        if let Some(decide) = &finding.decide {
            self.labelled("decides", decide)?;
        }
        self.labelled("more", &format!("panicmap explain {}", finding.fault))?;
        self.blank()
    }

    /// The most common verdict: nothing is wrong with build or deployment.
    fn no_fault(&mut self, examined: &Examined, certain: bool) -> io::Result<()> {
        let diagnosis = &examined.diagnosis;
        let crash = &examined.crash;
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
        if let Some(site) = crash.user_site() {
            let caller = crash.user_caller().map(|frame| {
                format!(", called from {} ({}:{})", crash.function(frame), crash.file(frame), frame.line)
            });
            self.labelled(
                "look at",
                &format!("{}:{}{}", crash.file(site), site.line, caller.unwrap_or_default()),
            )?;
        }
        if !diagnosis.clear.is_empty() {
            let count = match diagnosis.clear.len() {
                1 => "1 fault ruled out".to_owned(),
                n => format!("{n} faults ruled out"),
            };
            self.labelled("checked", &format!("{count}: {}", diagnosis.clear.join(", ")))?;
        }
        self.not_asked(&diagnosis.not_asked)?;
        self.blank()
    }

    /// What could not be asked, grouped by what it needs.
    fn not_asked(&mut self, not_asked: &[NotAsked]) -> io::Result<()> {
        let mut needs: Vec<&'static str> = not_asked.iter().map(|n| n.needs).collect();
        needs.dedup();
        for need in needs {
            let faults: Vec<&str> = not_asked.iter().filter(|n| n.needs == need).map(|n| n.fault).collect();
            self.labelled("not asked", &format!("{}; needs {need}", faults.join(", ")))?;
        }
        Ok(())
    }

    fn stack(&mut self, crash: &Crash) -> io::Result<()> {
        let shown = crash.crashing_goroutine().or_else(|| {
            let wanted = |g: &&Goroutine| crash.frames_of(g).iter().any(|f| crash.code(f) == Code::User);
            crash.goroutines.iter().find(wanted).or(crash.goroutines.first())
        });
        let Some(goroutine) = shown else { return Ok(()) };
        let frames = crash.frames_of(goroutine);
        let count = |code| frames.iter().filter(|f| crash.code(f) == code).count();
        let glue = count(Code::Cgo).saturating_add(count(Code::C));
        let mut counts =
            format!("user {}  std {}  runtime {}", count(Code::User), count(Code::Std), count(Code::Runtime));
        if glue > 0 {
            counts.push_str(&format!("  c {glue}"));
        }
        let title = format!("STACK  {}", describe(crash, goroutine));
        let gap = self.style.width.saturating_sub(title.width()).saturating_sub(counts.width()).max(2);
        let (title, counts) = (self.paint.bold(&printable(&title)), self.paint.dim(&counts));
        self.line(&format!("{title}{}{counts}", " ".repeat(gap)))?;
        self.frames(crash, frames, crash.user_site())?;
        if let Some(elided) = goroutine.elided {
            let count = elided.count.map_or("more".to_owned(), |count| count.to_string());
            self.line(&format!(
                "    ... {count} frames left out by the runtime after frame {}",
                elided.after
            ))?;
        }
        if let Some(created) = &goroutine.created_by {
            let by = created.goroutine.map(|id| format!(" (goroutine {id})")).unwrap_or_default();
            let text = format!(
                "started by {}{by}  {}:{}",
                crash.name(created.function),
                crash.name(created.file),
                created.line
            );
            self.paragraph("    ", &text)?;
        }
        self.blank()
    }

    fn frames(&mut self, crash: &Crash, frames: &[Frame], site: Option<&Frame>) -> io::Result<()> {
        let longest =
            frames.iter().map(|f| crash.function(f).width()).filter(|w| *w < 44).max().unwrap_or(20);
        let mut shown = 0usize;
        let mut index = 0usize;
        while let Some(frame) = frames.get(index) {
            let rest = frames.get(index..).unwrap_or_default();
            let hidden = |f: &Frame| matches!(crash.code(f), Code::Runtime | Code::Std);
            let run = rest.iter().take_while(|f| hidden(f) && crash.code(f) == crash.code(frame)).count();
            if run > 2 && !self.style.all {
                let text = format!("... {run} {} frames", crash.code(frame).name());
                let text = self.paint.dim(&text);
                self.line(&format!("    {text}"))?;
                index = index.saturating_add(run);
                continue;
            }
            let (period, repeats) = repetition(rest);
            if repeats > 2 && !self.style.all {
                let cycle = rest.get(..period).unwrap_or_default();
                for frame in cycle {
                    self.frame(crash, frame, longest, site)?;
                }
                let what = if period == 1 {
                    "this frame repeats".to_owned()
                } else {
                    format!("these {period} frames repeat")
                };
                let text = self.paint.dim(&format!("... {what} {} more times", repeats.saturating_sub(1)));
                self.line(&format!("    {text}"))?;
                shown = shown.saturating_add(period);
                index = index.saturating_add(period.saturating_mul(repeats));
                continue;
            }
            if shown >= FRAMES_SHOWN && !self.style.all {
                let left = frames.len().saturating_sub(index);
                let text = self.paint.dim(&format!("... {left} more frames (--all shows them)"));
                return self.line(&format!("    {text}"));
            }
            self.frame(crash, frame, longest, site)?;
            shown = shown.saturating_add(1);
            index = index.saturating_add(1);
        }
        Ok(())
    }

    fn frame(
        &mut self,
        crash: &Crash,
        frame: &Frame,
        longest: usize,
        site: Option<&Frame>,
    ) -> io::Result<()> {
        let mark = if site.is_some_and(|site| std::ptr::eq(site, frame)) { ">" } else { " " };
        let name = printable(crash.function(frame)).into_owned();
        let file = crash.file(frame);
        let mut place = if file.is_empty() { String::new() } else { format!("{file}:{}", frame.line) };
        if let Some(offset) = frame.offset() {
            place.push_str(&format!(" +{offset:#x}"));
        }
        if frame.inlined {
            place.push_str(" (inlined)");
        }
        let place = printable(&place).into_owned();
        let pad = " ".repeat(longest.saturating_sub(name.width()));
        let code = crash.code(frame);
        let painted = if code == Code::User { self.paint.bold(&name) } else { self.paint.dim(&name) };
        let total = name.width().saturating_add(pad.len()).saturating_add(place.width()).saturating_add(6);
        if total > self.style.width && name.width() > 44 {
            self.line(&format!("  {mark} {painted}"))?;
            self.line(&format!("        {place}"))
        } else {
            self.line(&format!("  {mark} {painted}{pad}  {place}"))
        }
    }

    /// The other goroutines, folded by stack.
    fn others(&mut self, crash: &Crash) -> io::Result<()> {
        let crashing = crash.crashing_goroutine().map(|g| g.id);
        let groups = groups(crash, |g| Some(g.id) != crashing && g.id.is_some());
        let total: usize = groups.iter().map(|group| group.ids.len()).sum();
        if total == 0 {
            return Ok(());
        }
        let which = if crashing.is_some() { "more" } else { "in all" };
        let stacks = if groups.len() == 1 {
            "1 stack".to_owned()
        } else {
            format!("{} different stacks", groups.len())
        };
        let heading = format!("GOROUTINES  {total} {which}, {stacks}");
        let heading = self.paint.bold(&heading);
        self.line(&heading)?;
        let most = if self.style.all { usize::MAX } else { GROUPS_SHOWN };
        for group in groups.iter().take(most) {
            let minutes = match group.minutes {
                None => String::new(),
                Some((low, high)) if low == high => format!(", {low} min"),
                Some((low, high)) => format!(", {low}-{high} min"),
            };
            let ids: Vec<String> = group.ids.iter().take(3).map(ToString::to_string).collect();
            let more = if group.ids.len() > 3 { ", ..." } else { "" };
            let text = format!(
                "{} x [{}{minutes}]  (goroutine {}{more})",
                group.ids.len(),
                crash.state(group.first),
                ids.join(", ")
            );
            self.paragraph("  ", &text)?;
            let frames = crash.frames_of(group.first);
            if self.style.all {
                self.frames(crash, frames, None)?;
            } else if let Some(frame) = frames
                .iter()
                .find(|f| crash.code(f) == Code::User)
                .or_else(|| frames.iter().find(|f| crash.code(f) != Code::Runtime))
                .or(frames.first())
            {
                self.paragraph(
                    "      ",
                    &format!("{}  {}:{}", crash.function(frame), crash.file(frame), frame.line),
                )?;
            }
        }
        if groups.len() > most {
            let left = groups.len().saturating_sub(most);
            self.line(&format!("  ... {left} more groups (--all shows them)"))?;
        }
        self.blank()
    }

    fn addresses(&mut self, examined: &Examined) -> io::Result<()> {
        if examined.addresses.is_empty() {
            return Ok(());
        }
        let heading = self.paint.bold("ADDRESSES");
        self.line(&heading)?;
        for address in &examined.addresses {
            let text = match &address.symbols {
                Ok(symbols) => names(symbols),
                Err(reason) => reason.clone(),
            };
            self.paragraph("  ", &format!("{}  {}  {text}", address.label, address.address))?;
        }
        self.blank()
    }

    fn facts(&mut self, examined: &Examined, outcome: &Outcome<'_>) -> io::Result<()> {
        let crash = &examined.crash;
        let binary = examined.binary.and_then(|index| outcome.binaries.get(index));
        let facts = binary.map(|binary| binary.facts());
        let mut rows: Vec<[String; 4]> = Vec::new();
        let dash = || "-".to_owned();
        let target = facts.map(|f| {
            let os = f.goos.as_ref().map_or("?", |fact| fact.value.name());
            let arch = f.goarch.as_ref().map_or("?", |fact| fact.value.name());
            format!("{os}/{arch}")
        });
        let host = outcome.host;
        let host_target = host.map(|h| {
            let os = h.goos.as_ref().map_or("?", |fact| fact.value.name());
            let arch = h.arch.as_ref().map_or("?", |fact| fact.value.name());
            format!("{os}/{arch}")
        });
        if target.is_some() || host_target.is_some() {
            rows.push([
                "GOOS/GOARCH".to_owned(),
                dash(),
                target.unwrap_or_else(dash),
                host_target.unwrap_or_else(dash),
            ]);
        }
        if let Some(facts) = facts {
            if let Some((variable, level)) = facts.level.variable.zip(facts.level.in_force.as_ref()) {
                let cpu = host.and_then(|h| h.arm_level()).map(|cpu| format!("ARMv{}", cpu.value.version));
                rows.push([variable.to_owned(), dash(), level.value.clone(), cpu.unwrap_or_else(dash)]);
            }
            let version = facts.go_version.as_ref().map_or("unknown".to_owned(), |f| f.value.clone());
            rows.push(["Go version".to_owned(), dash(), version, dash()]);
            let cgo =
                facts.cgo.linked.as_ref().map_or("unknown", |f| if f.value { "linked in" } else { "none" });
            rows.push(["C code".to_owned(), dash(), cgo.to_owned(), dash()]);
        }
        let libc = facts.and_then(|f| f.elf.as_ref()?.glibc_needed()).map(|v| format!("glibc >= {v}"));
        let host_libc = host.and_then(|h| h.libc.as_ref()).map(|f| f.value.to_string());
        if libc.is_some() || host_libc.is_some() {
            rows.push([
                "C library".to_owned(),
                dash(),
                libc.unwrap_or_else(|| "none".to_owned()),
                host_libc.unwrap_or_else(dash),
            ]);
        }
        if let Some(signal) = &crash.signal {
            let code = signal.code.map(|code| format!(" code {code}")).unwrap_or_default();
            rows.push(["signal".to_owned(), format!("{}{code}", signal.name), dash(), dash()]);
            if let Some(address) = signal.address {
                rows.push(["fault address".to_owned(), address.to_string(), dash(), dash()]);
            }
        }
        if rows.is_empty() {
            return Ok(());
        }
        let heading = self.paint.bold(&format!("{:<15} {:<22} {:<22} {}", "FACTS", "log", "binary", "host"));
        self.line(&heading)?;
        for [name, log, binary, host] in rows {
            let text = format!("  {name:<13} {log:<22} {binary:<22} {host}");
            self.line(&printable(&text))?;
        }
        self.blank()
    }

    fn notes(&mut self, examined: &Examined, outcome: &Outcome<'_>) -> io::Result<()> {
        let crash = &examined.crash;
        let mut notes: Vec<String> =
            crash.losses.iter().map(|loss| format!("not complete: {loss}")).collect();
        if let Some(index) = examined.binary
            && let Some(fit) = &examined.fit
            && let Some(binary) = outcome.binaries.get(index)
        {
            notes.push(fit_words(fit, &binary.origin.path, examined.is_launch()));
        }
        notes.extend(crash.notes.iter().take(6).map(|note| format!("log says: {note}")));
        notes.extend(
            crash
                .remarks
                .iter()
                .skip(usize::from(examined.is_launch()))
                .take(6)
                .map(|r| format!("{}: {}", r.speaker, r.text)),
        );
        if !notes.is_empty() {
            self.entries("NOTES", &notes)?;
        }
        let id = self.paint.dim(&format!("ID     {}", examined.signature.id));
        self.line(&id)
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

/// The shortest cycle of up to 8 functions at the start of a run of frames, and
/// how often it stands there in full.
fn repetition(frames: &[Frame]) -> (usize, usize) {
    for period in 1..=8usize {
        let same = |(a, b): &(&Frame, &Frame)| a.function == b.function;
        let run = frames.iter().zip(frames.iter().skip(period)).take_while(same).count();
        let repeats = run.saturating_add(period).checked_div(period).unwrap_or(0);
        if repeats > 2 {
            return (period, repeats);
        }
    }
    (1, 1)
}

fn describe(crash: &Crash, goroutine: &Goroutine) -> String {
    let Some(id) = goroutine.id else { return "runtime stack".to_owned() };
    let minutes = goroutine.wait_minutes.map(|n| format!(", {n} minutes")).unwrap_or_default();
    let locked = if goroutine.locked_to_thread { ", locked to thread" } else { "" };
    format!("goroutine {id} [{}{minutes}{locked}]", crash.state(goroutine))
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
        (first, last) if first == last => format!("{path}, line {first}"),
        (first, last) => format!("{path}, lines {first}-{last}"),
    };
    let refuted = examined.fit.as_ref().is_some_and(Fit::refuted);
    if let Some(facts) =
        examined.binary.filter(|_| !refuted).and_then(|index| outcome.binaries.get(index)).map(|b| b.facts())
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

fn names(symbols: &Symbols) -> String {
    let places = symbols.locations.iter().map(|location| {
        let file = location.file.as_deref().map(|file| match location.line {
            Some(line) => format!(" {file}:{line}"),
            None => format!(" {file}"),
        });
        format!("{}{}", location.function, file.unwrap_or_default())
    });
    format!("{}  [{}]", places.collect::<Vec<_>>().join(" < "), symbols.by)
}

fn fit_words(fit: &Fit, path: &str, launch: bool) -> String {
    match (&fit.not_checked, fit.refuted()) {
        (Some(_), _) if launch => format!("the log names no code, so it cannot be compared with {path}"),
        (Some(reason), _) => reason.clone(),
        (None, true) => {
            let first = fit.misfit.as_ref().map(|m| format!("; first misfit: {}: {}", m.frame, m.why));
            format!(
                "the log does not fit {path} ({} of {} frames){}",
                fit.matched,
                fit.checked,
                first.unwrap_or_default()
            )
        }
        (None, false) => format!("the log fits {path} ({} of {} frames)", fit.matched, fit.checked),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_not_cut() {
        assert_eq!(wrap("a bb ccc", 4), ["a bb", "ccc"]);
        assert_eq!(wrap("see /a/very/long/path now", 8), ["see", "/a/very/long/path", "now"]);
        assert_eq!(wrap("", 8), [""]);
    }
}
