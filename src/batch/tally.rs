//! What became of the inputs. It adds up: every one is read, empty, no text, or
//! failed.

use std::cmp::Ordering;

use rustc_hash::FxHashMap;

use super::record::{DocumentRecord, Outcome};

/// Documents by what became of them, each once.
#[derive(Default)]
pub(super) struct Tally {
    documents: FxHashMap<u64, Known>,
    failures: FxHashMap<u64, Failure>,
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

impl Tally {
    pub(super) fn add(&mut self, id: u64, record: &DocumentRecord) {
        let known = self.documents.get(&id).map(|known| known.reading);
        match known.map(|known| record.reading().cmp(&known)) {
            Some(Ordering::Less) => return,
            Some(Ordering::Equal) => {}
            None | Some(Ordering::Greater) => {
                let is_member = !record.from.members.is_empty();
                self.documents.insert(id, Known { reading: record.reading(), is_member });
                self.failures.remove(&id);
            }
        }
        if record.outcome == Outcome::Failed {
            let reason = record.reason.clone().unwrap_or_default();
            let failure = Failure { name: record.from.name(), document: record.from.document, reason };
            // Of two that were read as far the first one counts, whichever came first.
            if self.failures.get(&id).is_none_or(|known| failure < *known) {
                self.failures.insert(id, failure);
            }
        }
    }

    /// Those that were not read to their end, in the order of their names.
    pub(super) fn failures(&self) -> Vec<Failure> {
        let mut failures: Vec<Failure> = self.failures.values().cloned().collect();
        failures.sort_unstable();
        failures
    }

    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for Known { reading: (rank, bytes, lines, _), is_member } in self.documents.values() {
            counts.inputs = counts.inputs.saturating_add(1);
            counts.members = counts.members.saturating_add(u64::from(*is_member));
            let outcome = match rank {
                0 => &mut counts.failed,
                1 => &mut counts.not_text,
                2 => &mut counts.empty,
                _ => &mut counts.read,
            };
            *outcome = outcome.saturating_add(1);
            counts.bytes = counts.bytes.saturating_add(*bytes);
            counts.lines = counts.lines.saturating_add(*lines);
        }
        counts
    }
}
