//! What became of the inputs. It adds up: every one is read, empty, no text, or
//! failed.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::record::{DocumentRecord, Outcome};

/// Documents by what became of them, each once.
#[derive(Default)]
pub(super) struct Tally {
    documents: FxHashMap<u64, Known>,
    /// Instead of each document, where each comes once.
    counts: Option<Counts>,
    /// Bytes of the failures, of which the first ones are kept then.
    weight: usize,
    /// Those that were not read to their end, in the order of their names.
    pub(super) failures: BTreeMap<Failure, u64>,
}

/// A document that was not read to its end, or not at all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failure {
    pub name: String,
    pub document: u64,
    pub reason: String,
}

/// What counts of a document. Of two that differ (it was read again, and further)
/// the greater one is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Known {
    rank: u8,
    bytes: u64,
    lines: u64,
    crashes: u64,
    is_member: bool,
}

/// How many there are of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub inputs: u64,
    /// Of the inputs those that are members of archives.
    pub members: u64,
    pub read: u64,
    pub empty: u64,
    pub not_text: u64,
    pub failed: u64,
    pub bytes: u64,
    pub lines: u64,
}

/// Bytes of failures that are told of a scan; more are counted.
const FAILURES: usize = 8 << 20;

impl Tally {
    /// For documents that come once each, in bounded memory.
    pub(super) fn bounded() -> Tally {
        Tally { counts: Some(Counts::default()), ..Tally::default() }
    }

    pub(super) fn add(&mut self, id: u64, record: &DocumentRecord) {
        let rank = record.outcome.reach();
        let is_member = !record.from.members.is_empty();
        let (bytes, lines, crashes) = (record.bytes, record.lines, record.crashes);
        let new = Known { rank, bytes, lines, crashes, is_member };
        if let Some(counts) = &mut self.counts {
            counts.add(&new);
            if rank == 0 {
                self.insert_bounded(Failure::new(record), id);
            }
            return;
        }
        let known = self.documents.get(&id).copied();
        if known.is_some_and(|known| known >= new) && record.outcome != Outcome::Failed {
            return;
        }
        if known.is_none_or(|known| known < new) {
            self.documents.insert(id, new);
        }
        let best = self.documents.get(&id).map_or(0, |known| known.rank);
        if best == 0 {
            self.failures.insert(Failure::new(record), id);
        } else if known.is_some_and(|known| known.rank == 0) {
            self.failures.retain(|_, of| *of != id);
        }
    }

    fn insert_bounded(&mut self, failure: Failure, id: u64) {
        self.weight = self.weight.saturating_add(failure.weight());
        self.failures.insert(failure, id);
        while self.weight > FAILURES
            && let Some((last, _)) = self.failures.pop_last()
        {
            self.weight = self.weight.saturating_sub(last.weight());
        }
    }

    pub(super) fn counts(&self) -> Counts {
        let mut counts = self.counts.unwrap_or_default();
        self.documents.values().for_each(|known| counts.add(known));
        counts
    }
}

impl Counts {
    fn add(&mut self, known: &Known) {
        self.inputs = self.inputs.saturating_add(1);
        self.members = self.members.saturating_add(u64::from(known.is_member));
        let outcome = match known.rank {
            0 => &mut self.failed,
            1 => &mut self.not_text,
            2 => &mut self.empty,
            _ => &mut self.read,
        };
        *outcome = outcome.saturating_add(1);
        self.bytes = self.bytes.saturating_add(known.bytes);
        self.lines = self.lines.saturating_add(known.lines);
    }
}

impl Failure {
    fn new(record: &DocumentRecord) -> Failure {
        let reason = record.reason.clone().unwrap_or_default();
        Failure { name: record.from.name(), document: record.from.document, reason }
    }

    fn weight(&self) -> usize {
        self.name.len().saturating_add(self.reason.len()).saturating_add(const { size_of::<Failure>() * 2 })
    }
}
