//! The answer about many logs, as a fold of records.

use rustc_hash::FxHashSet;

use super::baseline::{Baseline, Then};
use super::filter::{Filter, Verdict};
use super::groups::{Group, Groups, number, place_of};
use super::record::Record;
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
    undated: FxHashSet<u64>,
    left_out: FxHashSet<(String, String)>,
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
    pub baseline: Option<Baseline>,
    only: Vec<String>,
    /// Programs and signatures of crashes that were left out and are not gone: those
    /// without a time, and later ones.
    left_out: FxHashSet<(String, String)>,
}

impl Summary {
    pub fn new(filter: Filter) -> Summary {
        Summary { filter, ..Summary::default() }
    }

    pub fn add(&mut self, record: Record) {
        match record {
            Record::Crash(crash) => {
                let verdict = self.filter.verdict(&crash);
                if matches!(verdict, Verdict::Undated | Verdict::Later) {
                    self.left_out.insert((crash.program.clone(), crash.signature.clone()));
                }
                match verdict {
                    Verdict::Taken => self.groups.add(*crash),
                    Verdict::Earlier => self.earlier.add(*crash),
                    Verdict::Undated => drop(self.undated.insert(place_of(&crash))),
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
        let groups = self.groups.sorted();
        let first = groups.iter().filter_map(Group::first).min();
        let last = groups.iter().filter_map(Group::last).max();
        Findings {
            counts: self.tally.counts(),
            failures: self.tally.failures(),
            folder: self.folder.unwrap_or_default(),
            timeline: first.zip(last).map(|(first, last)| Timeline::of(first, last)),
            undated: self.undated.len() as u64,
            baseline: self.filter.since.map(|since| Baseline::before(since, &self.earlier.sorted())),
            only: self.filter.only,
            left_out: self.left_out,
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
        (sum(true), sum(false))
    }

    /// Crashes of which something is missing.
    pub fn incomplete(&self) -> u64 {
        let crashes = self.groups.iter().filter(|group| group.is_crash);
        crashes.map(|group| group.incomplete).fold(0, u64::saturating_add)
    }

    /// What an earlier result has and is not there any more; `None` without one.
    pub fn gone(&self) -> Option<Vec<&Then>> {
        let earlier = self.baseline.as_ref().and_then(Baseline::result)?;
        let here: FxHashSet<(&str, &str)> = self.groups.iter().map(Group::key).collect();
        // Of other faults than are asked for nothing is here.
        let is_wanted =
            |then: &Then| self.only.is_empty() || self.only.iter().any(|id| then.faults.contains(id));
        let is_gone = |then: &&Then| {
            let left_out = self.left_out.contains(&(then.program.clone(), then.signature.clone()));
            !here.contains(&(then.program.as_str(), then.signature.as_str())) && !left_out && is_wanted(then)
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
