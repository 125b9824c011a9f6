//! The text of a fatal error, which the runtime prints and does not keep: in
//! the ring of what it printed last, or as the argument of `runtime.throw`.

use super::unwind::Frame;
use crate::postmortem::runtime::Runtime;

/// `runtime.printBacklog` (runtime/print.go).
const RING: usize = 512;
const MARK: &[u8] = b"fatal error: ";

/// What the ring tells of the end.
pub(in crate::postmortem) struct LastWords {
    /// Lines of the runtime before the message.
    pub(in crate::postmortem) notes: Vec<String>,
    /// Behind `fatal error: `.
    pub(in crate::postmortem) message: String,
}

impl<'a> Runtime<'a> {
    /// Looks for the ring by what stands in it. Where it is, nothing tells
    /// without symbols; a message that wraps around its end is not found.
    pub(in crate::postmortem) fn last_words(&self) -> Option<LastWords> {
        let finder = memchr::memmem::Finder::new(MARK);
        for (start, end) in &self.areas {
            for (_, bytes) in self.memory.within(*start, *end) {
                let Some(at) = finder.find_iter(bytes).last() else { continue };
                let text = bytes.get(at.saturating_add(MARK.len())..)?;
                let message = message(text.get(..text.len().min(RING))?)?;
                let before = bytes.get(at.saturating_sub(RING)..at)?;
                return Some(LastWords { notes: notes(before), message });
            }
        }
        None
    }

    /// The string that `throw` or `fatal` was called with.
    pub(in crate::postmortem) fn thrown(&self, frame: &Frame<'a>) -> Option<String> {
        let arguments = frame.site.arguments.as_ref()?;
        let mut words = arguments.words(self, frame.arguments);
        let (start, length) = (words.next()?, words.next()?);
        let text = self.memory.text(start, length).filter(|text| !text.is_empty())?;
        let text = String::from_utf8(text).ok()?;
        (!text.chars().any(|c| c.is_control() && c != '\n' && c != '\t'))
            .then(|| self.indented(text.as_bytes()))
    }
}

/// The line, and those that are indented as part of it.
fn message(text: &[u8]) -> Option<String> {
    let mut end = memchr::memchr(b'\n', text)?;
    while text.get(end.saturating_add(1)) == Some(&b'\t') {
        let rest = text.get(end.saturating_add(1)..)?;
        end = end.saturating_add(1).saturating_add(memchr::memchr(b'\n', rest)?);
    }
    let text = std::str::from_utf8(text.get(..end)?).ok()?;
    (!text.contains('\0')).then(|| text.to_owned())
}

/// Lines that begin with `runtime: ` right before the message.
fn notes(before: &[u8]) -> Vec<String> {
    // What was never written of the ring is zero.
    let before = memchr::memrchr(0, before)
        .map_or(before, |at| before.get(at.saturating_add(1)..).unwrap_or_default());
    let mut out = Vec::new();
    let mut lines: Vec<&[u8]> = before.split(|byte| *byte == b'\n').collect();
    // The message begins a line.
    if lines.pop().is_none_or(|rest| !rest.is_empty()) {
        return out;
    }
    while let Some(line) = lines.pop().and_then(|line| std::str::from_utf8(line).ok()) {
        if !line.starts_with("runtime: ") {
            break;
        }
        out.push(line.to_owned());
    }
    out.reverse();
    out
}
