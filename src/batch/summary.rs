//! The answer about many logs, as a fold of records.

use super::baseline::Baseline;
use super::filter::{Filter, Verdict};
use super::groups::{Group, Groups, LeftOut, number};
use super::record::Record;
use super::tally::{Counts, Failure, Tally};
use super::timeline::Timeline;

/// Takes records, in any order.
#[derive(Default)]
pub struct Summary {
    filter: Filter,
    groups: Groups,
    tally: Tally,
    /// Folder that all inputs are in.
    folder: Option<String>,
    undated: u64,
}

/// What they say together.
pub struct Findings {
    pub groups: Vec<Group>,
    pub counts: Counts,
    pub failures: Vec<Failure>,
    pub folder: String,
    pub timeline: Option<Timeline>,
    /// Crashes that were left out, since their time is not known.
    pub undated: u64,
    /// Crashes that are in none of the groups, since there was no room for more.
    pub left_out: LeftOut,
    pub baseline: Option<Baseline>,
}

impl Summary {
    /// Of records that may come again.
    pub fn new(filter: Filter) -> Summary {
        Summary { filter, ..Summary::default() }
    }

    /// Of a scan, whose records come once each: what is kept of them is bounded, and what
    /// there is no room for is counted.
    pub fn of_scan(filter: Filter) -> Summary {
        Summary { filter, groups: Groups::bounded(), tally: Tally::bounded(), ..Summary::default() }
    }

    pub fn add(&mut self, record: Record) {
        match record {
            Record::Crash(crash) => match self.filter.verdict(&crash) {
                Verdict::Taken => self.groups.add(*crash),
                Verdict::Undated => self.undated = self.undated.saturating_add(1),
                Verdict::Other => {}
            },
            Record::Document(document) => {
                self.widen(&document.from.path);
                self.tally.add(number(&document.id), &document);
            }
        }
    }

    fn widen(&mut self, path: &str) {
        match &mut self.folder {
            None => self.folder = Some(path.to_owned()),
            Some(folder) => {
                // A file that is the only one stays whole; folders end with a slash.
                let same = |(a, b): &(char, char)| a == b;
                let common: usize =
                    folder.chars().zip(path.chars()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
                if common < folder.len() || common < path.len() {
                    let shared = folder.get(..common).unwrap_or_default();
                    let end = shared.rfind('/').map_or(0, |at| at.saturating_add(1));
                    folder.truncate(end);
                }
            }
        }
    }

    pub fn finish(self) -> Findings {
        let left_out = self.groups.left_out();
        let groups = self.groups.sorted();
        let first = groups.iter().filter_map(Group::first).min();
        let last = groups.iter().filter_map(Group::last).max();
        Findings {
            counts: self.tally.counts(),
            failures: self.tally.failures.into_keys().collect(),
            folder: self.folder.unwrap_or_default(),
            timeline: first.zip(last).map(|(first, last)| Timeline::of(first, last)),
            undated: self.undated,
            left_out,
            baseline: None,
            groups,
        }
    }
}

impl Findings {
    /// Crashes, and what is none but looks like it: dumps that were asked for, errors.
    pub fn totals(&self) -> (u64, u64) {
        let sum = |crashes: bool| {
            let counts =
                self.groups.iter().filter(|group| group.is_crash == crashes).map(|group| group.count);
            counts.fold(0u64, u64::saturating_add)
        };
        (sum(true).saturating_add(self.left_out.crashes), sum(false).saturating_add(self.left_out.others))
    }

    /// Crashes of which something is missing.
    pub fn incomplete(&self) -> u64 {
        let crashes = self.groups.iter().filter(|group| group.is_crash);
        crashes.map(|group| group.incomplete).fold(self.left_out.incomplete, u64::saturating_add)
    }

    /// Crashes that are counted, and of which no place and time is told.
    pub fn only_counted(&self) -> u64 {
        self.groups.iter().map(|group| group.only_counted).fold(0, u64::saturating_add)
    }

    /// Documents that have failed, and are not listed.
    pub fn failures_not_listed(&self) -> u64 {
        self.counts.failed.saturating_sub(self.failures.len() as u64)
    }

    /// Records of crashes that are counted already, and crashes that are counted and
    /// may be such.
    pub fn copies(&self) -> (u64, u64) {
        let sum = |of: fn(&Group) -> u64| self.groups.iter().map(of).fold(0, u64::saturating_add);
        (sum(|group| group.copies), sum(|group| group.perhaps_copies))
    }
}
