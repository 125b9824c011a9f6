//! The rows of the table of messages, and how a message is held against them.

use super::{Explanation, Verdict};
use crate::trace::Crash;

/// What has to stand before the message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Head {
    /// `panic: runtime error: `
    Error,
    /// `panic: `, with or without `runtime error: `: the versions differ.
    Panic,
    /// `fatal error: `
    Fatal,
    /// Versions differ in which of them it is.
    Any,
}

pub(super) enum Say {
    /// `{0}` stands for what the first hole of the pattern took.
    Text(&'static str),
    Tell(fn(&Crash, &[&str]) -> Explanation),
}

/// One message, or a family of them that means one thing.
pub(super) struct Row {
    pub(super) head: Head,
    /// Package whose function raised or was called; messages that name
    /// themselves have none.
    package: &'static str,
    /// The message. `{}` takes any text, `{#}` a number; at the end `{}` may be empty.
    pub(super) pattern: &'static str,
    verdict: Verdict,
    say: Say,
}

impl Row {
    const fn new(head: Head, pattern: &'static str, say: Say) -> Row {
        Row { head, package: "", pattern, verdict: Verdict::ProgramBug, say }
    }

    pub(super) const fn blames(self, verdict: Verdict) -> Row {
        Row { head: self.head, package: self.package, pattern: self.pattern, verdict, say: self.say }
    }
}

pub(super) const fn error(pattern: &'static str, text: &'static str) -> Row {
    Row::new(Head::Error, pattern, Say::Text(text))
}

pub(super) const fn panics(pattern: &'static str, text: &'static str) -> Row {
    Row::new(Head::Panic, pattern, Say::Text(text))
}

pub(super) const fn fatal(pattern: &'static str, text: &'static str) -> Row {
    Row::new(Head::Fatal, pattern, Say::Text(text))
}

pub(super) const fn either(pattern: &'static str, text: &'static str) -> Row {
    Row::new(Head::Any, pattern, Say::Text(text))
}

pub(super) const fn told(head: Head, pattern: &'static str, tell: fn(&Crash, &[&str]) -> Explanation) -> Row {
    Row::new(head, pattern, Say::Tell(tell))
}

pub(super) const fn library(package: &'static str, pattern: &'static str, text: &'static str) -> Row {
    Row { head: Head::Panic, package, pattern, verdict: Verdict::ProgramBug, say: Say::Text(text) }
}

/// A message as the runtime printed it.
pub(super) struct Message<'a> {
    pub(super) fatal: bool,
    pub(super) runtime_error: bool,
    pub(super) text: &'a str,
    /// Packages of the function that raised it and of the one that was called.
    pub(super) packages: [&'a str; 2],
}

impl Row {
    pub(super) fn explains(&self, crash: &Crash, message: &Message<'_>) -> Option<Explanation> {
        let head = match self.head {
            Head::Error => message.runtime_error,
            Head::Panic => !message.fatal,
            Head::Fatal => message.fatal,
            Head::Any => true,
        };
        if !head || !(self.package.is_empty() || message.packages.contains(&self.package)) {
            return None;
        }
        let holes = holes(self.pattern, message.text)?;
        Some(match self.say {
            Say::Text(text) => Explanation::new(self.verdict, fill(text, &holes)),
            Say::Tell(tell) => {
                let holes: Vec<String> = holes.iter().map(|hole| shown(hole)).collect();
                let holes: Vec<&str> = holes.iter().map(String::as_str).collect();
                Explanation { verdict: self.verdict, ..tell(crash, &holes) }
            }
        })
    }
}

/// What the holes of a pattern take from a text; `None` where it is another.
fn holes<'t>(pattern: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let mut pieces = pattern.split('{');
    let mut rest = text.strip_prefix(pieces.next()?)?;
    let mut out = Vec::new();
    for piece in pieces {
        let (hole, literal) = piece.split_once('}')?;
        let end = if hole == "#" {
            let sign = usize::from(rest.starts_with('-'));
            let digits = rest.bytes().skip(sign).take_while(u8::is_ascii_digit).count();
            (digits > 0).then(|| digits.saturating_add(sign))?
        } else if literal.is_empty() {
            rest.len()
        } else {
            rest.find(literal)?
        };
        let (taken, after) = rest.split_at_checked(end)?;
        out.push(taken);
        rest = after.strip_prefix(literal)?;
    }
    rest.is_empty().then_some(out)
}

fn fill(text: &str, holes: &[&str]) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (index, after) = after.split_once('}').unwrap_or(("", after));
        let hole = index.parse().ok().and_then(|index: usize| holes.get(index));
        out.push_str(&shown(hole.copied().unwrap_or("")));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The first line of a piece of a message, as much of it as a sentence bears.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 160;
    let line = text.lines().next().unwrap_or("").trim_end();
    match line.char_indices().nth(MOST) {
        None => line.to_owned(),
        Some((at, _)) => format!("{}...", line.get(..at).unwrap_or("")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_have_holes() {
        let index = "index out of range [{#}] with length {#}";
        assert_eq!(holes(index, "index out of range [-5] with length 3"), Some(vec!["-5", "3"]));
        for other in ["index out of range [x] with length 3", "index out of range [5] with length 3 "] {
            assert_eq!(holes(index, other), None, "{other}");
        }
        assert_eq!(holes("a {} b{}", "a  b"), Some(vec!["", ""]));
        assert_eq!(holes("plain", "plainly"), None);
    }

    #[test]
    fn sentences_stay_short() {
        let long = "x".repeat(100_000);
        let text = fill("Type {0}, {9}.", &[&long]);
        assert!(text.len() < 200 && text.ends_with("x..., ."), "{text}");
        assert_eq!(shown("first\nsecond"), "first");
    }
}
