//! A log that is one JSON document: the units around those where a crash may start are
//! read, as lines are in other logs.

use std::ops::Range;

use super::super::carve;
use crate::envelope::{self, Document, Unit};

/// Units, and bytes, before an anchor that may tell more.
const BEFORE: usize = 48;
const BEFORE_BYTES: usize = 32 << 10;
/// A region ends after so many units, and bytes, without a mark: other sources may write
/// that much between two lines of a crash.
const GAP: usize = 256;
const GAP_BYTES: usize = 256 << 10;

/// Where the reader stands among the units of a document.
pub(super) struct Units {
    pub(super) document: Document,
    /// Units before were searched for anchors.
    searched: usize,
    /// Units before are used up.
    floor: usize,
    open: Option<Open>,
}

/// A region that has begun.
struct Open {
    first: usize,
    /// Units up to this one are known to belong to it.
    marked: usize,
    seen: usize,
}

/// A region that has ended.
pub(super) struct Region {
    pub(super) units: Range<usize>,
    pub(super) bytes: Range<usize>,
    /// By its length.
    pub(super) cut: bool,
}

impl Units {
    pub(super) fn new(whole: usize) -> Units {
        Units { document: Document::new(LONGEST.min(whole), whole), searched: 0, floor: 0, open: None }
    }

    fn unit(&self, at: usize) -> Option<&Unit> {
        self.document.units().get(at)
    }

    fn start(&self, at: usize) -> usize {
        self.unit(at).map_or(self.document.settled(), |unit| unit.range.start)
    }

    /// The next region, once it has ended, or nothing more of the text can come.
    pub(super) fn step(&mut self, text: &[u8], complete: bool, most: usize) -> Option<Region> {
        let units = self.document.units().len();
        if self.open.is_none() {
            let anchor = self.anchor(text)?;
            let near = |at: usize| self.start(anchor).saturating_sub(self.start(at)) <= BEFORE_BYTES;
            let before = (self.floor.max(anchor.saturating_sub(BEFORE))..anchor).rev();
            let first = before.take_while(|at| near(*at)).last().unwrap_or(anchor);
            self.open = Some(Open { first, marked: anchor, seen: anchor.saturating_add(1) });
        }
        let Open { first, mut marked, mut seen } = *self.open.as_ref()?;
        let start = self.start(first);
        let mut ended = None;
        while let Some(unit) = self.unit(seen).filter(|_| ended.is_none()) {
            if text.get(unit.range.clone()).is_some_and(envelope::has_mark) {
                marked = seen;
            }
            let end = unit.range.end;
            let gap = end.saturating_sub(self.unit(marked).map_or(end, |unit| unit.range.end));
            let over = seen.saturating_sub(marked) > GAP && gap > GAP_BYTES;
            let full = end.saturating_sub(start) > most;
            seen = seen.saturating_add(1);
            ended = (over || full).then_some(!over);
        }
        let ended = ended.or_else(|| complete.then_some(false));
        let Some(cut) = ended else {
            self.open = Some(Open { first, marked, seen });
            return None;
        };
        self.open = None;
        (self.searched, self.floor) = (seen, seen);
        let end = self.unit(seen.min(units).saturating_sub(1)).map_or(start, |unit| unit.range.end);
        Some(Region { units: first..seen, bytes: start..end, cut })
    }

    /// The next unit in which a crash may start.
    fn anchor(&mut self, text: &[u8]) -> Option<usize> {
        let all = self.start(self.searched)..self.document.units().back().map_or(0, |unit| unit.range.end);
        let found = text.get(all.clone()).and_then(|text| carve::next(text, 0, 0));
        let from = found.map(|found| all.start.saturating_add(found.line));
        let units = self.document.units();
        let first = from.map_or(units.len(), |from| units.partition_point(|unit| unit.range.end <= from));
        let holds =
            |unit: &Unit| text.get(unit.range.clone()).is_some_and(|text| carve::next(text, 0, 0).is_some());
        let mut rest = units.iter().enumerate().skip(first.max(self.searched));
        let anchor = rest.find(|(_, unit)| holds(unit)).map(|(at, _)| at);
        self.searched = anchor.unwrap_or(units.len());
        anchor
    }

    /// Units are read again, from the one that holds a place on; gives where it begins.
    pub(super) fn again(&mut self, at: usize, region: &Region) -> Option<usize> {
        let unit = self.document.units().partition_point(|unit| unit.range.end <= at);
        if !region.units.contains(&unit) || unit == region.units.start {
            return None;
        }
        (self.searched, self.floor) = (unit, unit);
        Some(self.start(unit))
    }

    /// Drops units that are not needed any more; gives where those begin that are.
    pub(super) fn forget(&mut self) -> usize {
        let before = self.searched.saturating_sub(BEFORE).max(self.floor);
        let needed = self.open.as_ref().map_or(before, |open| open.first);
        self.document.forget(needed);
        let back = |at: &mut usize| *at = at.saturating_sub(needed);
        back(&mut self.searched);
        back(&mut self.floor);
        if let Some(Open { first, marked, seen }) = &mut self.open {
            [first, marked, seen].into_iter().for_each(back);
        }
        self.start(0)
    }

    /// Nothing before can become part of a crash any more.
    pub(super) fn settled(&self) -> usize {
        self.open.as_ref().map_or(self.start(self.searched), |open| self.start(open.first))
    }

    /// End of the last unit that looks like part of a crash, while there is one.
    pub(super) fn last_mark(&self) -> Option<usize> {
        self.unit(self.open.as_ref()?.marked).map(|unit| unit.range.end)
    }
}

/// A value that is longer is opened, where more could be held: parsed, it takes many times
/// its length.
const LONGEST: usize = 1 << 20;
