//! What became of the inputs. It adds up: every one is read, empty, no text, or
//! failed.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::record::{DocumentRecord, Outcome};

/// Documents by what became of them, each once.
#[derive(Default)]
pub(super) struct Tally {
    documents: FxHashMap<u64, Known>,
    failures: FxHashMap<u64, Failure>,
    /// Instead of each document, where each comes once.
    bounded: Option<Bounded>,
}

#[derive(Default)]
struct Bounded {
    counts: Counts,
    /// The first ones, in the order of their names, and their bytes.
    failures: BTreeSet<Failure>,
    weight: usize,
}

/// A document that was not read to its end, or not at all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failure {
    pub name: String,
    pub document: u64,
    pub reason: String,
}

/// What counts of a document. Of two records that differ (it was read again, and
/// further) the greater one is taken.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// Outcome, bytes, lines, crashes.
    reading: (u8, u64, u64, u64),
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
        Tally { bounded: Some(Bounded::default()), ..Tally::default() }
    }

    pub(super) fn add(&mut self, id: u64, record: &DocumentRecord) {
        let is_member = !record.from.members.is_empty();
        let new = Known { reading: record.reading(), is_member };
        if let Some(bounded) = &mut self.bounded {
            bounded.counts.add(&new);
            if record.outcome == Outcome::Failed {
                bounded.insert(Failure::new(record));
            }
            return;
        }
        let known = self.documents.get(&id).map(|known| known.reading);
        match known.map(|known| record.reading().cmp(&known)) {
            Some(Ordering::Less) => return,
            Some(Ordering::Equal) => {}
            None | Some(Ordering::Greater) => {
                self.documents.insert(id, new);
                self.failures.remove(&id);
            }
        }
        if record.outcome == Outcome::Failed {
            let failure = Failure::new(record);
            // Of two that were read as far the first one counts, whichever came first.
            if self.failures.get(&id).is_none_or(|known| failure < *known) {
                self.failures.insert(id, failure);
            }
        }
    }

    /// Those that were not read to their end, in the order of their names.
    pub(super) fn failures(self) -> Vec<Failure> {
        if let Some(bounded) = self.bounded {
            return bounded.failures.into_iter().collect();
        }
        let mut failures: Vec<Failure> = self.failures.into_values().collect();
        failures.sort_unstable();
        failures
    }

    pub(super) fn counts(&self) -> Counts {
        let mut counts = self.bounded.as_ref().map_or(Counts::default(), |bounded| bounded.counts);
        self.documents.values().for_each(|known| counts.add(known));
        counts
    }
}

impl Bounded {
    fn insert(&mut self, failure: Failure) {
        self.weight = self.weight.saturating_add(failure.weight());
        self.failures.insert(failure);
        while self.weight > FAILURES
            && let Some(last) = self.failures.pop_last()
        {
            self.weight = self.weight.saturating_sub(last.weight());
        }
    }
}

impl Counts {
    fn add(&mut self, known: &Known) {
        let (rank, bytes, lines, _) = known.reading;
        self.inputs = self.inputs.saturating_add(1);
        self.members = self.members.saturating_add(u64::from(known.is_member));
        let outcome = match rank {
            0 => &mut self.failed,
            1 => &mut self.not_text,
            2 => &mut self.empty,
            _ => &mut self.read,
        };
        *outcome = outcome.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes);
        self.lines = self.lines.saturating_add(lines);
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
