//! Which goroutines are shown, and the others beside the one that crashed:
//! grouped by stack, or each in full.

use std::io;

use super::super::Goroutines;
use super::Page;
use super::stack::{arguments_of, describe, started_by};
use crate::dump::{Filter, Group, Of, count, groups};
use crate::trace::{Block, Code, Crash, Goroutine, Kind};

/// Groups of other goroutines that are shown unless everything is asked for.
const GROUPS_SHOWN: usize = 12;
/// Creators of one group that are named.
const CREATORS_SHOWN: usize = 3;

impl Page<'_> {
    /// The goroutine to look at, then the others.
    pub(super) fn goroutines(&mut self, crash: &Crash) -> io::Result<()> {
        let style = self.style;
        let selected = style.filter.select(crash);
        let crashing = crash.crashing_goroutine();
        let is_selected = |wanted: &Goroutine| selected.iter().any(|g| std::ptr::eq(*g, wanted));
        if !style.filter.is_empty() && !crash.goroutines.is_empty() {
            let left_out = crashing.filter(|goroutine| !is_selected(goroutine));
            self.filtered(crash, selected.len(), left_out)?;
        }
        let main = match (crashing, style.goroutines) {
            (Some(goroutine), _) => Some(goroutine).filter(|goroutine| is_selected(goroutine)),
            // A dump that was asked for: a goroutine with code of the program says most.
            (None, Goroutines::Folded) => {
                let in_program =
                    |g: &&&Goroutine| crash.frames_of(g).iter().any(|f| crash.code(f) == Code::User);
                selected.iter().find(in_program).or(selected.first()).copied()
            }
            (None, _) => None,
        };
        if let Some(goroutine) = main {
            self.stack(crash, goroutine)?;
        }
        if style.goroutines == Goroutines::Crashing {
            if crashing.is_none() && !crash.goroutines.is_empty() {
                self.paragraph(
                    "",
                    "STACK  no goroutine crashed: this is a dump (--goroutines grouped shows all of it)",
                )?;
                self.blank()?;
            }
            return Ok(());
        }
        let is_crashing = |g: &Goroutine| crashing.is_some_and(|crashing| std::ptr::eq(crashing, g));
        let others: Vec<&Goroutine> =
            selected.into_iter().filter(|g| g.block != Block::SystemStack && !is_crashing(g)).collect();
        // The one stack without a header was shown already.
        if others.is_empty() || matches!(others.as_slice(), [one] if one.block == Block::Bare) {
            return Ok(());
        }
        let what = if crash.kind == Kind::Sanitizer { "STACKS" } else { "GOROUTINES" };
        let which = if crashing.is_some() { "more" } else { "in all" };
        let heading = format!("{what}  {} {which}", count(&others));
        match style.goroutines {
            Goroutines::All => self.each(crash, &heading, &others),
            _ => self.groups(crash, &heading, &groups(crash, others.into_iter())),
        }
    }

    fn filtered(&mut self, crash: &Crash, shown: usize, left_out: Option<&Goroutine>) -> io::Result<()> {
        let mut text = format!(
            "FILTER  {shown} of {} goroutines are shown: {}",
            crash.goroutines.len(),
            conditions(&self.style.filter)
        );
        if let Some(goroutine) = left_out {
            text.push_str(&format!("; {}, which crashed, is not among them", describe(crash, goroutine)));
        }
        self.paragraph("", &text)?;
        self.blank()
    }

    fn each(&mut self, crash: &Crash, heading: &str, goroutines: &[&Goroutine]) -> io::Result<()> {
        let heading = self.paint.bold(heading);
        self.line(&heading)?;
        for goroutine in goroutines {
            let mut text = describe(crash, goroutine);
            if !goroutine.attributes.is_empty() {
                text.push_str(&format!("  {}", goroutine.attributes.join(", ")));
            }
            self.paragraph("  ", &text)?;
            if goroutine.unavailable {
                self.line("    running on another thread: its stack was not printed")?;
            }
            let frames = crash.frames_of(goroutine);
            self.every_frame(crash, frames, None, |at| arguments_of(crash, frames, at))?;
            if let Some(elided) = goroutine.elided {
                self.elided(elided.count.map(|count| (count, count)))?;
            }
            if let Some(text) = started_by(crash, goroutine) {
                self.paragraph("    ", &text)?;
            }
        }
        self.blank()
    }

    fn groups(&mut self, crash: &Crash, heading: &str, groups: &[Group<'_>]) -> io::Result<()> {
        let stacks = match groups.len() {
            1 => "1 stack".to_owned(),
            n => format!("{n} different stacks"),
        };
        let heading = self.paint.bold(&format!("{heading}, {stacks}"));
        self.line(&heading)?;
        let in_full = self.style.goroutines == Goroutines::Grouped;
        let most = if self.style.all || in_full { usize::MAX } else { GROUPS_SHOWN };
        for group in groups.iter().take(most) {
            self.group_header(group, in_full)?;
            if in_full {
                self.group_in_full(crash, group)?;
            } else if self.style.all {
                self.frames(crash, group.frames(), None)?;
            } else {
                self.group_site(crash, group)?;
            }
        }
        if groups.len() > most {
            let left = groups.len().saturating_sub(most);
            self.line(&format!("  ... {left} more groups (--all shows them)"))?;
        }
        self.blank()
    }

    /// `12 x [chan receive, 3-9 min]  (goroutine 18, 30, 42, ...)`
    fn group_header(&mut self, group: &Group<'_>, in_full: bool) -> io::Result<()> {
        let minutes = match group.minutes {
            None => String::new(),
            Some((low, high)) if low == high => format!(", {low} min"),
            Some((low, high)) => format!(", {low}-{high} min"),
        };
        let ids: Vec<String> = group.ids().take(3).map(|id| id.to_string()).collect();
        let more = if group.count() > 3 { ", ..." } else { "" };
        let mut text = format!("{} x", group.count());
        if !group.state().is_empty() {
            text.push_str(&format!(" [{}{minutes}]", group.state()));
        }
        // A profile names neither states nor goroutines.
        if !ids.is_empty() {
            text.push_str(&format!("  (goroutine {}{more})", ids.join(", ")));
        }
        if in_full {
            if group.locked > 0 {
                text.push_str(&format!("  {} locked to thread", group.locked));
            }
            for attribute in group.attributes() {
                text.push_str(&format!("  {attribute}"));
            }
        }
        self.paragraph("  ", &text)
    }

    /// Where the goroutines of a group are in the program, and in what they differ there.
    fn group_site(&mut self, crash: &Crash, group: &Group<'_>) -> io::Result<()> {
        let Some(site) = group.site() else { return Ok(()) };
        let place = format!("{}  {}:{}", crash.function(site), crash.file(site), site.line);
        self.paragraph("      ", &place)?;
        let at = group.frames().iter().position(|frame| std::ptr::eq(frame, site)).unwrap_or(0);
        let arguments = group.arguments(at);
        if arguments.differ() {
            self.paragraph("      ", &format!("({})", arguments.text()))?;
        }
        Ok(())
    }

    fn group_in_full(&mut self, crash: &Crash, group: &Group<'_>) -> io::Result<()> {
        self.every_frame(crash, group.frames(), None, |at| {
            let arguments = group.arguments(at);
            (!arguments.is_empty()).then(|| arguments.text())
        })?;
        self.elided(group.elided())?;
        let creators = group.creators();
        for creator in creators.iter().take(CREATORS_SHOWN) {
            let count = if creator.count == group.count() {
                String::new()
            } else {
                format!("  ({} of {})", creator.count, group.count())
            };
            let (function, file) = (creator.function, creator.file);
            self.paragraph("    ", &format!("started by {function}  {file}:{}{count}", creator.line))?;
        }
        if creators.len() > CREATORS_SHOWN {
            let left = creators.len().saturating_sub(CREATORS_SHOWN);
            self.line(&format!("    ... and from {left} other places"))?;
        }
        Ok(())
    }

    /// What the runtime left out of deep stacks; before Go 1.21 it does not count it.
    fn elided(&mut self, range: Option<(u64, u64)>) -> io::Result<()> {
        let text = match range {
            None => return Ok(()),
            Some((0, 0)) => "more".to_owned(),
            Some((low, high)) if low == high => low.to_string(),
            Some((low, high)) => format!("{low}-{high}"),
        };
        self.line(&format!("    ... {text} frames left out by the runtime"))
    }
}

/// The filter in words: `function /serve/, state not /select/`.
pub(super) fn conditions(filter: &Filter) -> String {
    let condition = |test: &crate::dump::Test| {
        let of = match test.of {
            Of::Function => "function",
            Of::File => "file",
            Of::State => "state",
        };
        let not = if test.wanted { "" } else { " not" };
        format!("{of}{not} /{}/", test.pattern)
    };
    filter.tests.iter().map(condition).collect::<Vec<_>>().join(", ")
}
