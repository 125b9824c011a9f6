//! The folded stack, the other goroutines, and bare addresses.

use std::io;

use unicode_width::UnicodeWidthStr;

use super::super::escape::printable;
use super::super::goroutines::groups;
use super::Page;
use crate::examine::Examined;
use crate::symbolize::Symbols;
use crate::trace::{Code, Crash, Frame, Goroutine};

/// Frames of one goroutine that are shown unless everything is asked for.
const FRAMES_SHOWN: usize = 24;
/// Groups of other goroutines that are shown unless everything is asked for.
const GROUPS_SHOWN: usize = 12;

impl Page<'_> {
    pub(super) fn stack(&mut self, crash: &Crash) -> io::Result<()> {
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
    pub(super) fn others(&mut self, crash: &Crash) -> io::Result<()> {
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

fn describe(crash: &Crash, goroutine: &Goroutine) -> String {
    let Some(id) = goroutine.id else { return "runtime stack".to_owned() };
    let minutes = goroutine.wait_minutes.map(|n| format!(", {n} minutes")).unwrap_or_default();
    let locked = if goroutine.locked_to_thread { ", locked to thread" } else { "" };
    format!("goroutine {id} [{}{minutes}{locked}]", crash.state(goroutine))
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
