//! Which frames of a stack a traceback shows, and how one reads.

use std::collections::VecDeque;

use super::Traceback;
use super::hex::hex;
use super::site::{Place, Role};
use super::unwind::{Frame, Start, Unwinder};
use crate::postmortem::runtime::Runtime;

/// Frames that are printed from each end of a stack (runtime/traceback.go).
const INNER: usize = 50;
const OUTER: usize = 50;
/// Up to Go 1.20 so many physical frames from the inner end alone.
const OLD: usize = 100;

/// What frames become: lines, or records.
pub(in crate::postmortem) trait Stack<'a> {
    /// A call that was inlined, by its number at the place of the frame.
    fn inlined(&mut self, frame: &Frame<'a>, index: usize);
    /// The function itself.
    fn physical(&mut self, frame: &Frame<'a>);
    /// Frames are left out here; versions that do not count them do not say how many.
    fn elided(&mut self, count: Option<usize>);
}

impl<'a> Traceback<'_, 'a> {
    /// Shows frames from the first with a role on; says why the stack ended early.
    pub(in crate::postmortem) fn stack(
        &self,
        start: Start,
        skip: Option<Role>,
        out: &mut dyn Stack<'a>,
    ) -> Option<String> {
        let runtime = self.runtime;
        let mut frames = Unwinder::new(runtime, &self.sites, start);
        let mut pending = None;
        if let Some(role) = skip {
            pending = frames.find(|frame| frame.site.role == role);
            if pending.is_none() {
                frames = Unwinder::new(runtime, &self.sites, start);
            }
        }
        // Logical frames: inlined calls count.
        let (mut printed, mut physical, mut beyond) = (0usize, 0usize, 0usize);
        let mut tail: VecDeque<(Frame<'a>, usize)> = VecDeque::new();
        while let Some(frame) = pending.take().or_else(|| frames.next()) {
            if runtime.minor <= 20 {
                if physical >= OLD {
                    out.elided(None);
                    return None;
                }
                physical = physical.saturating_add(1);
                show(&frame, 0, usize::MAX, out);
                continue;
            }
            let inside = frame.site.inlined.len().saturating_add(1);
            let now = inside.min(INNER.saturating_sub(printed));
            show(&frame, 0, now, out);
            printed = printed.saturating_add(now);
            if now < inside {
                beyond = beyond.saturating_add(inside.saturating_sub(now));
                tail.push_back((frame, now));
                if tail.len() > OUTER {
                    tail.pop_front();
                }
            }
        }
        let elided = beyond.saturating_sub(OUTER);
        if elided > 0 {
            out.elided(Some(elided));
        }
        let mut held: usize = tail
            .iter()
            .map(|(frame, done)| frame.site.inlined.len().saturating_add(1).saturating_sub(*done))
            .sum();
        for (frame, done) in &tail {
            let inside = frame.site.inlined.len().saturating_add(1).saturating_sub(*done);
            let skip = held.saturating_sub(OUTER).min(inside);
            show(frame, done.saturating_add(skip), usize::MAX, out);
            held = held.saturating_sub(inside);
        }
        frames.broken
    }
}

/// The logical frames `from..to` of a physical one.
fn show<'a>(frame: &Frame<'a>, from: usize, to: usize, out: &mut dyn Stack<'a>) {
    let inlined = frame.site.inlined.len();
    (from..to.min(inlined)).for_each(|index| out.inlined(frame, index));
    if to > inlined && from <= inlined {
        out.physical(frame);
    }
}

/// Frames in the runtime's own words.
pub(in crate::postmortem) struct Lines<'o, 'r, 'a> {
    pub(in crate::postmortem) runtime: &'r Runtime<'a>,
    pub(in crate::postmortem) out: &'o mut String,
}

impl<'a> Stack<'a> for Lines<'_, '_, 'a> {
    fn inlined(&mut self, frame: &Frame<'a>, index: usize) {
        if let Some(Place { function, position }) = frame.site.inlined.get(index) {
            [function, "(...)\n\t", position, "\n"].into_iter().for_each(|part| self.out.push_str(part));
        }
    }

    fn physical(&mut self, frame: &Frame<'a>) {
        let Place { function, position } = &frame.site.place;
        let out = &mut *self.out;
        out.push_str(function);
        out.push('(');
        if let Some(arguments) = &frame.site.arguments {
            arguments.print(self.runtime, frame.arguments, out);
        }
        out.push_str(")\n\t");
        out.push_str(position);
        for (name, value) in [(" fp=", frame.fp), (" sp=", frame.sp), (" pc=", frame.pc)] {
            out.push_str(name);
            hex(value, out);
        }
        out.push('\n');
    }

    fn elided(&mut self, count: Option<usize>) {
        match count {
            Some(count) => self.out.push_str(&format!("...{count} frames elided...\n")),
            None => self.out.push_str("...additional frames elided...\n"),
        }
    }
}
