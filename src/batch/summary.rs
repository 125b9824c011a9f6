//! The answer about many logs, as a fold of records.

use std::hash::BuildHasher;

use rustc_hash::{FxBuildHasher, FxHashSet};

use super::baseline::{Baseline, Then};
use super::filter::{Filter, Verdict};
use super::groups::{Group, Groups, LeftOut, number, place_of};
use super::record::{CrashRecord, Record};
use super::tally::{Counts, Failure, Tally};
use super::timeline::Timeline;

/// Takes records, in any order.
#[derive(Default)]
pub struct Summary {
    filter: Filter,
    groups: Groups,
    /// Crashes before the time that is asked for, which say what is new since.
    earlier: Groups,
    tally: Tally,
    /// Folder that all inputs are in.
    folder: Option<String>,
    /// Crashes without a time, where time is asked for.
    undated: Undated,
    /// Groups of crashes whose time is not asked for, or not known.
    passed_over: FxHashSet<u64>,
}

/// Crashes without a time, each once.
enum Undated {
    /// They come once each.
    Count(u64),
    Places(FxHashSet<u64>),
}

impl Default for Undated {
    fn default() -> Undated {
        Undated::Places(FxHashSet::default())
    }
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
    only: Vec<String>,
    /// Groups of crashes that were passed over and are not gone: those without a time, and
    /// later ones.
    passed_over: FxHashSet<u64>,
}

impl Undated {
    fn add(&mut self, crash: &CrashRecord) {
        match self {
            Undated::Count(count) => *count = count.saturating_add(1),
            Undated::Places(places) => drop(places.insert(place_of(crash))),
        }
    }

    fn count(&self) -> u64 {
        match self {
            Undated::Count(count) => *count,
            Undated::Places(places) => places.len() as u64,
        }
    }
}

fn group_of(program: &str, signature: &str) -> u64 {
    FxBuildHasher.hash_one((program, signature))
}

impl Summary {
    /// Of records that may come again.
    pub fn new(filter: Filter) -> Summary {
        Summary { filter, ..Summary::default() }
    }

    /// Of a scan, whose records come once each: what is kept of them is bounded, and what
    /// there is no room for is counted.
    pub fn of_scan(filter: Filter) -> Summary {
        let (groups, earlier) = (Groups::bounded(), Groups::bounded());
        let (tally, undated) = (Tally::bounded(), Undated::Count(0));
        Summary { filter, groups, earlier, tally, undated, ..Summary::default() }
    }

    pub fn add(&mut self, record: Record) {
        match record {
            Record::Crash(crash) => {
                let verdict = self.filter.verdict(&crash);
                if matches!(verdict, Verdict::Undated | Verdict::Later) {
                    self.passed_over.insert(group_of(&crash.program, &crash.signature));
                }
                match verdict {
                    Verdict::Taken => self.groups.add(*crash),
                    Verdict::Earlier => self.earlier.add(*crash),
                    Verdict::Undated => self.undated.add(&crash),
                    Verdict::Later | Verdict::Other => {}
                }
            }
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
            failures: self.tally.failures(),
            folder: self.folder.unwrap_or_default(),
            timeline: first.zip(last).map(|(first, last)| Timeline::of(first, last)),
            undated: self.undated.count(),
            left_out,
            baseline: self.filter.since.map(|since| Baseline::before(since, &self.earlier.sorted())),
            only: self.filter.only,
            passed_over: self.passed_over,
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

    /// What an earlier result has and is not there any more; `None` without one.
    pub fn gone(&self) -> Option<Vec<&Then>> {
        let earlier = self.baseline.as_ref().and_then(Baseline::result)?;
        // It may be one of those that there was no room for.
        if self.left_out != LeftOut::default() {
            return None;
        }
        let here: FxHashSet<(&str, &str)> = self.groups.iter().map(Group::key).collect();
        // Of other faults than are asked for nothing is here.
        let is_wanted =
            |then: &Then| self.only.is_empty() || self.only.iter().any(|id| then.faults.contains(id));
        let is_gone = |then: &&Then| {
            let passed_over = self.passed_over.contains(&group_of(&then.program, &then.signature));
            !here.contains(&(then.program.as_str(), then.signature.as_str()))
                && !passed_over
                && is_wanted(then)
        };
        Some(earlier.filter(is_gone).collect())
    }

    /// Records of crashes that are counted already, and crashes that are counted and
    /// may be such.
    pub fn copies(&self) -> (u64, u64) {
        let sum = |of: fn(&Group) -> u64| self.groups.iter().map(of).fold(0, u64::saturating_add);
        (sum(|group| group.copies), sum(|group| group.perhaps_copies))
    }
}
