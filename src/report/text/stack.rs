//! The stack of one goroutine, folded or in full, and bare addresses.

use std::io;

use unicode_width::UnicodeWidthStr;

use super::super::Goroutines;
use super::super::escape::printable;
use super::Page;
use crate::examine::Examined;
use crate::symbolize::Symbols;
use crate::trace::{Block, Code, Crash, Frame, Goroutine};

/// Frames of one goroutine that are shown unless everything is asked for.
const FRAMES_SHOWN: usize = 24;

impl Page<'_> {
    /// The goroutine to look at.
    pub(super) fn stack(&mut self, crash: &Crash, goroutine: &Goroutine) -> io::Result<()> {
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
        match self.style.goroutines {
            Goroutines::All | Goroutines::Grouped => {
                self.every_frame(crash, frames, crash.user_site(), |at| arguments_of(crash, frames, at))?;
            }
            Goroutines::Folded | Goroutines::Crashing => self.frames(crash, frames, crash.user_site())?,
        }
        if let Some(elided) = goroutine.elided {
            let count = elided.count.map_or("more".to_owned(), |count| count.to_string());
            self.line(&format!(
                "    ... {count} frames left out by the runtime after frame {}",
                elided.after
            ))?;
        }
        if let Some(text) = started_by(crash, goroutine) {
            self.paragraph("    ", &text)?;
        }
        self.blank()
    }

    /// Frames, runs of runtime and library frames and repetitions folded.
    pub(super) fn frames(&mut self, crash: &Crash, frames: &[Frame], site: Option<&Frame>) -> io::Result<()> {
        let longest = longest_name(crash, frames);
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

    /// Every frame, with its arguments on a line below it.
    pub(super) fn every_frame(
        &mut self,
        crash: &Crash,
        frames: &[Frame],
        site: Option<&Frame>,
        arguments: impl Fn(usize) -> Option<String>,
    ) -> io::Result<()> {
        let longest = longest_name(crash, frames);
        for (at, frame) in frames.iter().enumerate() {
            self.frame(crash, frame, longest, site)?;
            if let Some(arguments) = arguments(at) {
                self.paragraph("        ", &format!("({arguments})"))?;
            }
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

    pub(super) fn addresses(&mut self, examined: &Examined) -> io::Result<()> {
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

/// Width of the column of functions; names that are much longer stand alone.
fn longest_name(crash: &Crash, frames: &[Frame]) -> usize {
    frames.iter().map(|f| crash.function(f).width()).filter(|w| *w < 44).max().unwrap_or(20)
}

/// Arguments of one goroutine's frame, where any were printed.
pub(super) fn arguments_of(crash: &Crash, frames: &[Frame], at: usize) -> Option<String> {
    let list = crash.arguments(frames.get(at)?);
    (!matches!(list, "" | "...")).then(|| list.to_owned())
}

/// `started by main.main (goroutine 1)  /app/main.go:12`
pub(super) fn started_by(crash: &Crash, goroutine: &Goroutine) -> Option<String> {
    let created = goroutine.created_by.as_ref()?;
    let by = created.goroutine.map(|id| format!(" (goroutine {id})")).unwrap_or_default();
    let (function, file) = (crash.name(created.function), crash.name(created.file));
    Some(format!("started by {function}{by}  {file}:{}", created.line))
}

pub(super) fn describe(crash: &Crash, goroutine: &Goroutine) -> String {
    let Some(id) = goroutine.id else { return nameless(crash, goroutine) };
    let minutes = goroutine.wait_minutes.map(|n| format!(", {n} minutes")).unwrap_or_default();
    let locked = if goroutine.locked_to_thread { ", locked to thread" } else { "" };
    let others: String = goroutine.attributes.iter().map(|attribute| format!(", {attribute}")).collect();
    let labels = Some(goroutine.labels_text()).filter(|labels| !labels.is_empty());
    let labels = labels.map(|labels| format!(" {labels}")).unwrap_or_default();
    format!("goroutine {id} [{}{minutes}{locked}{others}]{labels}", crash.state(goroutine))
}

fn nameless(crash: &Crash, goroutine: &Goroutine) -> String {
    match (goroutine.block, goroutine.count) {
        (Block::SystemStack, _) => "runtime stack".to_owned(),
        (Block::Record, 1) => "1 goroutine of the profile".to_owned(),
        (Block::Record, count) => format!("{count} goroutines of the profile"),
        (Block::Report, _) if !crash.state(goroutine).is_empty() => crash.state(goroutine).to_owned(),
        (Block::Report, _) => "of the report".to_owned(),
        (Block::Goroutine | Block::Bare, _) => "no goroutine header".to_owned(),
    }
}

fn names(symbols: &Symbols) -> String {
    let places = symbols.locations.iter().map(|location| {
        let file = location.file.as_deref().map(|file| match location.line {
            Some(line) => format!(" {file}:{line}"),
            None => format!(" {file}"),
        });
        format!("{}{}", location.function, file.unwrap_or_default())
    });
    format!("{}  [{}]", places.collect::<Vec<_>>().join(" < "), symbols.source())
}
