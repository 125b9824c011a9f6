//! Crashes of one bug of one program, folded. The order in which records come, and
//! how often, makes no difference.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

use super::loops::{self, Loop};
use super::record::{Build, CrashRecord};
use crate::source::log_name;

/// All groups, by program and signature.
#[derive(Default)]
pub(super) struct Groups {
    groups: FxHashMap<(String, String), Group>,
    seen: FxHashSet<u64>,
}

pub struct Group {
    pub program: String,
    pub signature: String,
    /// A process has ended by it.
    pub is_crash: bool,
    pub count: u64,
    /// Those of which something is missing.
    pub incomplete: u64,
    pub places: BTreeMap<Place, Times>,
    pub variants: BTreeMap<String, u64>,
    pub builds: BTreeMap<Build, u64>,
    pub verdicts: BTreeMap<String, u64>,
    /// Faults of build and deployment that explain it, with how sure that is.
    pub faults: BTreeMap<(String, String), u64>,
    /// The first one that is whole, by place in the inputs.
    pub example: Box<CrashRecord>,
}

/// Where a program ran, as far as it stays the same from start to start.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// `pod`, `container`, `host`, `unit` or `log`.
    pub kind: &'static str,
    pub name: String,
}

#[derive(Default)]
pub struct Times {
    pub count: u64,
    /// Of those that have one, in milliseconds since 1970.
    times: Vec<i64>,
}

impl Groups {
    /// Takes a crash, unless it was there before.
    pub(super) fn add(&mut self, crash: CrashRecord) {
        if !self.seen.insert(number(&crash.id)) {
            return;
        }
        let key = (crash.program.clone(), crash.signature.clone());
        match self.groups.get_mut(&key) {
            Some(group) => group.add(crash),
            None => {
                self.groups.insert(key, Group::new(crash));
            }
        }
    }

    /// The most frequent first, crashes before what is none.
    pub(super) fn sorted(self) -> Vec<Group> {
        let mut groups: Vec<Group> = self.groups.into_values().collect();
        for times in groups.iter_mut().flat_map(|group| group.places.values_mut()) {
            times.times.sort_unstable();
        }
        groups.sort_by_cached_key(Group::rank);
        groups
    }
}

/// The number that an id spells.
pub(super) fn number(id: &str) -> u64 {
    u64::from_str_radix(id, 16).unwrap_or_else(|_| {
        use std::hash::{Hash, Hasher};
        let mut hasher = rustc_hash::FxHasher::default();
        id.hash(&mut hasher);
        hasher.finish()
    })
}

impl Group {
    fn new(crash: CrashRecord) -> Group {
        let mut group = Group {
            program: crash.program.clone(),
            signature: crash.signature.clone(),
            is_crash: crash.is_crash(),
            count: 0,
            incomplete: 0,
            places: BTreeMap::new(),
            variants: BTreeMap::new(),
            builds: BTreeMap::new(),
            verdicts: BTreeMap::new(),
            faults: BTreeMap::new(),
            example: Box::new(crash.clone()),
        };
        group.add(crash);
        group
    }

    fn add(&mut self, crash: CrashRecord) {
        let up = |count: &mut u64| *count = count.saturating_add(1);
        up(&mut self.count);
        self.is_crash |= crash.is_crash();
        if !crash.complete {
            up(&mut self.incomplete);
        }
        let place = self.places.entry(Place::of(&crash)).or_default();
        up(&mut place.count);
        place.times.extend(crash.unix_ms);
        up(self.variants.entry(crash.variant.clone()).or_default());
        up(self.verdicts.entry(crash.verdict.clone()).or_default());
        if let Some(build) = &crash.build {
            up(self.builds.entry(build.clone()).or_default());
        }
        let faults: BTreeSet<_> = crash
            .faults
            .iter()
            .filter(|fault| fault.explains_the_crash)
            .map(|fault| (fault.id.clone(), fault.confidence.clone()))
            .collect();
        for fault in faults {
            up(self.faults.entry(fault).or_default());
        }
        if better(&crash, &self.example) {
            *self.example = crash;
        }
    }

    fn rank(&self) -> impl Ord + use<> {
        let count = std::cmp::Reverse(self.count);
        (!self.is_crash, count, self.first(), self.program.clone(), self.signature.clone())
    }

    pub fn times(&self) -> impl Iterator<Item = i64> {
        self.places.values().flat_map(|place| place.times.iter().copied())
    }

    pub fn first(&self) -> Option<i64> {
        self.times().min()
    }

    pub fn last(&self) -> Option<i64> {
        self.times().max()
    }

    /// Crashes without a time.
    pub fn undated(&self) -> u64 {
        self.count.saturating_sub(self.times().count() as u64)
    }

    /// Where it comes again and again.
    pub fn loops(&self) -> impl Iterator<Item = (&Place, Loop)> {
        self.places.iter().filter_map(|(place, times)| Some((place, loops::find(&times.times)?)))
    }
}

/// A whole one is the better example, then the one that stands first.
fn better(new: &CrashRecord, old: &CrashRecord) -> bool {
    let key = |crash: &CrashRecord| {
        (!crash.complete, crash.from.path.clone(), crash.from.document, crash.offset, crash.id.clone())
    };
    key(new) < key(old)
}

impl Place {
    fn of(crash: &CrashRecord) -> Place {
        let fact = |key: &str| crash.place.get(key).map(String::as_str);
        let join = |names: &[Option<&str>]| names.iter().copied().flatten().collect::<Vec<_>>().join("/");
        let (kind, name) = if let Some(pod) = fact("pod") {
            ("pod", join(&[fact("namespace"), Some(pod), fact("container")]))
        } else if let Some(container) = fact("container") {
            ("container", join(&[fact("host"), Some(container)]))
        } else if let Some(host) = fact("host") {
            ("host", join(&[Some(host), fact("unit").or(fact("tag"))]))
        } else if let Some(unit) = fact("unit").or(fact("service")) {
            ("unit", unit.to_owned())
        } else {
            ("log", log_of(crash))
        };
        Place { kind, name }
    }
}

/// The log, whichever of its rotated files it is in.
fn log_of(crash: &CrashRecord) -> String {
    let name = crash.from.name();
    let folder = name.rsplit_once(['/', '!']).map_or(0, |(folder, _)| folder.len().saturating_add(1));
    format!("{}{}", name.get(..folder).unwrap_or_default(), log_name(&name))
}
