//! What became of the inputs. It adds up: every one is read, empty, no text, or
//! failed.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::record::{DocumentRecord, Outcome};

/// Documents by what became of them, each once.
#[derive(Default)]
pub(super) struct Tally {
    documents: FxHashMap<u64, Known>,
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

impl Tally {
    pub(super) fn add(&mut self, id: u64, record: &DocumentRecord) {
        let rank = record.outcome.reach();
        let is_member = !record.from.members.is_empty();
        let (bytes, lines, crashes) = (record.bytes, record.lines, record.crashes);
        let new = Known { rank, bytes, lines, crashes, is_member };
        let known = self.documents.get(&id).copied();
        if known.is_some_and(|known| known >= new) && record.outcome != Outcome::Failed {
            return;
        }
        if known.is_none_or(|known| known < new) {
            self.documents.insert(id, new);
        }
        let best = self.documents.get(&id).map_or(0, |known| known.rank);
        if best > 0 {
            self.failures.retain(|_, of| *of != id);
        } else {
            let reason = record.reason.clone().unwrap_or_default();
            let name = record.from.name();
            self.failures.insert(Failure { name, document: record.from.document, reason }, id);
        }
    }

    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for known in self.documents.values() {
            counts.inputs = counts.inputs.saturating_add(1);
            counts.members = counts.members.saturating_add(u64::from(known.is_member));
            let outcome = match known.rank {
                0 => &mut counts.failed,
                1 => &mut counts.not_text,
                2 => &mut counts.empty,
                _ => &mut counts.read,
            };
            *outcome = outcome.saturating_add(1);
            counts.bytes = counts.bytes.saturating_add(known.bytes);
            counts.lines = counts.lines.saturating_add(known.lines);
        }
        counts
    }
}
