//! The difference of two dumps: what grew most first, for this is a search for
//! leaks.

use std::io::{self, Write};

use super::super::Style;
use super::Page;
use super::goroutines::conditions;
use crate::dump::{Change, ChangeKind, Diff, Side};
use crate::trace::{Crash, Frame};

/// Changed stacks that are shown unless everything is asked for.
const CHANGES_SHOWN: usize = 20;
/// Creators of one stack that are named.
const CREATORS_SHOWN: usize = 2;

/// `panicmap diff`.
///
/// # Errors
/// Those of the writer.
pub fn diff_text(diff: &Diff<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(style, out);
    page.diff_headline(diff)?;
    page.changes(diff)?;
    page.longest_wait(diff)
}

impl Page<'_> {
    fn diff_headline(&mut self, diff: &Diff<'_>) -> io::Result<()> {
        let (before, after) = (diff.before.count(), diff.after.count());
        let (label, painted) = match diff.growth() {
            1.. => ("GROWN", self.paint.bad("GROWN")),
            0 if diff.changes.is_empty() => ("SAME", self.paint.good("SAME")),
            0 => ("EVEN", self.paint.bold("EVEN")),
            _ => ("SHRUNK", self.paint.good("SHRUNK")),
        };
        let numbers = format!("{before} -> {after} goroutines ({:+})", diff.growth());
        let numbers = self.paint.bold(&numbers);
        self.line(&format!("{painted}  {numbers}"))?;
        let indent = " ".repeat(label.len().saturating_add(2));
        if let Some(worst) = diff.worst() {
            let text = format!("most in {}: {}", place(worst.crash(), worst.site()), counts(worst));
            self.paragraph(&indent, &text)?;
            if let Some(creator) = worst.creators.first() {
                let (function, file) = (creator.function, creator.file);
                self.paragraph(&indent, &format!("started by {function}, {file}:{}", creator.line))?;
            }
        }
        self.blank()?;
        self.labelled("before", &origin(&diff.before))?;
        self.labelled("after", &origin(&diff.after))?;
        if !self.style.filter.is_empty() {
            self.labelled("filter", &conditions(&self.style.filter))?;
        }
        for (which, side) in [("before", &diff.before), ("after", &diff.after)] {
            for loss in &side.crash.losses {
                self.labelled("note", &format!("the dump {which} is not complete: {loss}"))?;
            }
        }
        self.blank()
    }

    fn changes(&mut self, diff: &Diff<'_>) -> io::Result<()> {
        let (stacks, goroutines) = diff.same;
        let unchanged = match stacks {
            0 => String::new(),
            stacks => format!(", {stacks} unchanged (with {})", goroutines_in_words(goroutines)),
        };
        let heading = format!("STACKS  {} changed{unchanged}", diff.changes.len());
        let heading = self.paint.bold(&heading);
        self.line(&heading)?;
        let most = if self.style.all { usize::MAX } else { CHANGES_SHOWN };
        for change in diff.changes.iter().take(most) {
            self.change(change)?;
        }
        if diff.changes.len() > most {
            let left = diff.changes.len().saturating_sub(most);
            self.line(&format!("  ... {left} more stacks (--all shows them)"))?;
        }
        self.blank()
    }

    fn change(&mut self, change: &Change<'_>) -> io::Result<()> {
        let kind = change.kind();
        let growth =
            if kind == ChangeKind::State { "=".to_owned() } else { format!("{:+}", change.growth()) };
        let growth = format!("{growth:>6}");
        let growth = match kind {
            ChangeKind::New | ChangeKind::Grown => self.paint.bad(&growth),
            ChangeKind::Gone | ChangeKind::Shrunk => self.paint.good(&growth),
            ChangeKind::State | ChangeKind::Same => growth,
        };
        let name = match kind {
            ChangeKind::State => "other state",
            kind => kind.name(),
        };
        let waits = match change.longest {
            (None, None) => String::new(),
            (before, after) if before == after => format!("  longest wait {} min", after.unwrap_or(0)),
            (None, Some(after)) if change.before == 0 => format!("  longest wait {after} min"),
            (Some(before), None) if change.after == 0 => format!("  longest wait {before} min"),
            (before, after) => {
                format!("  longest wait {} -> {} min", before.unwrap_or(0), after.unwrap_or(0))
            }
        };
        let name = self.paint.bold(&format!("{name:<6}"));
        let numbers = super::printable(&format!("{}{waits}", counts(change))).into_owned();
        self.line(&format!("{growth}  {name}  {numbers}"))?;
        self.paragraph("        ", &place(change.crash(), change.site()))?;
        if self.style.all {
            self.every_frame(change.crash(), change.frames, None, |_| None)?;
        }
        for creator in change.creators.iter().take(CREATORS_SHOWN) {
            let of = change.before.max(change.after);
            let count =
                if creator.count == of { String::new() } else { format!("  ({} of {of})", creator.count) };
            let (function, file) = (creator.function, creator.file);
            self.paragraph("        ", &format!("started by {function}  {file}:{}{count}", creator.line))?;
        }
        if change.creators.len() > CREATORS_SHOWN {
            let left = change.creators.len().saturating_sub(CREATORS_SHOWN);
            self.line(&format!("        ... and from {left} other places"))?;
        }
        Ok(())
    }

    fn longest_wait(&mut self, diff: &Diff<'_>) -> io::Result<()> {
        let Some(longest) = &diff.longest_wait else { return Ok(()) };
        let (before, after) = longest.minutes;
        let text = format!("LONGEST WAIT  {before} -> {after} min in {}", place(longest.crash, longest.site));
        self.paragraph("", &text)
    }
}

/// `10 -> 130 [chan send]`; where states changed, each with its numbers.
fn counts(change: &Change<'_>) -> String {
    let (before, after) = (change.before, change.after);
    if change.states.is_empty() {
        return format!("{before} -> {after}");
    }
    if let [(state, ..)] = change.states.as_slice() {
        return format!("{before} -> {after} [{state}]");
    }
    let states = change.states.iter().map(|(state, was, is)| format!("{state} {was} -> {is}"));
    format!("{before} -> {after} [{}]", states.collect::<Vec<_>>().join(", "))
}

fn place(crash: &Crash, site: Option<&Frame>) -> String {
    let Some(frame) = site else { return "a goroutine without frames".to_owned() };
    match crash.file(frame) {
        "" => crash.function(frame).to_owned(),
        file => format!("{}  {file}:{}", crash.function(frame), frame.line),
    }
}

fn goroutines_in_words(count: usize) -> String {
    if count == 1 { "1 goroutine".to_owned() } else { format!("{count} goroutines") }
}

fn origin(side: &Side<'_>) -> String {
    let span = &side.crash.span;
    let path = match span.origin.to_string() {
        stdin if stdin == "-" => "standard input".to_owned(),
        path => path,
    };
    let which = match side.of {
        1 => String::new(),
        of => format!(", dump {} of {of}", side.number),
    };
    let of = match side.unfiltered {
        n if n == side.count() => goroutines_in_words(n),
        n => format!("{} of {}", side.count(), goroutines_in_words(n)),
    };
    let (first, last) = (span.lines.start(), span.lines.end());
    format!("{path}, lines {first}-{last}{which}: {of}, {}", side.crash.message())
}
