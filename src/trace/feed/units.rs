//! A log that is one JSON document: the units around those where a crash may start are
//! read, as lines are in other logs.

use std::ops::Range;

use super::super::read::{self, newlines};
use super::super::{Crash, carve};
use super::Feed;
use super::cut::Ending;
use crate::envelope::{self, Document, Unit};

/// Units, and bytes, before an anchor that may tell more.
const BEFORE: usize = 48;
const BEFORE_BYTES: usize = 32 << 10;
/// A region ends after so many units, and bytes, without a mark: other sources may write
/// that much between two lines of a crash.
const GAP: usize = 256;
const GAP_BYTES: usize = 256 << 10;

/// What a record takes beside its text.
const RECORD: usize = 64;

/// Where the reader stands among the units of a document.
pub(super) struct Units {
    pub(super) document: Document,
    /// Units before were searched for anchors.
    searched: usize,
    /// Units before are used up.
    floor: usize,
    open: Option<Open>,
    /// Places that are damaged: they matter where anything is.
    damaged: u64,
    some: bool,
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
        Units {
            document: Document::new(LONGEST.min(whole), whole),
            searched: 0,
            floor: 0,
            open: None,
            damaged: 0,
            some: false,
        }
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
            self.some = true;
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
            seen = seen.saturating_add(1);
            let records = seen.saturating_sub(first).saturating_mul(RECORD);
            let full = end.saturating_sub(start).saturating_add(records) > most;
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

    /// Places that are damaged, in a document that has some text of a crash, and that it
    /// ends in the middle; and bytes of values that are too long. Each is told once.
    pub(super) fn lost(&mut self) -> (u64, u64) {
        let (damaged, left_out, cut) = self.document.told();
        self.damaged = self.damaged.saturating_add(damaged);
        let damaged = if self.some { std::mem::take(&mut self.damaged) } else { 0 };
        (damaged.saturating_add(u64::from(cut)), left_out)
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

impl Feed {
    /// Reads what can be read of a JSON document; says how much of its front is not needed
    /// any more.
    pub(super) fn document(&mut self, text: &[u8], mut units: Units, complete: bool) -> (usize, Vec<Crash>) {
        let mut out = Vec::new();
        let (mut counted, mut before) = (0usize, 0u64);
        while let Some(region) = units.step(text, complete, self.hold.region) {
            let (start, end) = (region.bytes.start, region.bytes.end);
            let inside = text.get(start..end).unwrap_or_default();
            let those = units.document.units().range(region.units.clone());
            let (mut crashes, suspects, damaged) = read::units(inside, start, those);
            let mut ending = if region.cut { Ending::Cut(end) } else { Ending::Own };
            let last = crashes
                .last()
                .filter(|_| region.cut)
                .and_then(|crash| usize::try_from(crash.span.bytes.start).ok());
            if let Some(at) = last.and_then(|last| units.again(start.saturating_add(last), &region)) {
                // The last one may go on: it is read again, with what comes.
                crashes.retain(|crash| crash.span.bytes.start < at.saturating_sub(start) as u64);
                ending = Ending::Before(at);
            }
            self.looked.suspects = self.looked.suspects.saturating_add(suspects);
            self.looked.damaged = self.looked.damaged.saturating_add(damaged);
            before = before.saturating_add(newlines(text.get(counted..start).unwrap_or_default()));
            counted = start;
            let placed = self.place(crashes, start as u64, before, None);
            out.extend(self.hold_back(placed, start, ending));
        }
        let (damaged, left_out) = units.lost();
        self.looked.damaged = self.looked.damaged.saturating_add(damaged);
        self.looked.left_out_of_values = self.looked.left_out_of_values.saturating_add(left_out);
        let used = units.forget();
        self.units = Some(units);
        (used, out)
    }
}
