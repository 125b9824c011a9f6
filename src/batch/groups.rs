//! Crashes of one bug of one program, folded. The order in which records come, and
//! how often, makes no difference.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::loops::{self, Loop};
use super::record::{Build, CrashRecord, Reading};
use crate::source::log_path;

/// All groups, by program and signature. What a crash adds to its group is kept
/// small, since there may be a million of them, and summed up at the end: a copy that
/// comes later may know better where it ran.
#[derive(Default)]
pub(super) struct Groups {
    numbers: FxHashMap<(String, String), u32>,
    found: Vec<Found>,
    /// What many crashes have in common, each once.
    facts: FxHashMap<Arc<Facts>, u32>,
    all_facts: Vec<Arc<Facts>>,
    /// By document and place in it.
    crashes: FxHashMap<u64, Seen>,
}

struct Found {
    is_crash: bool,
    example: Box<CrashRecord>,
}

#[derive(PartialEq, Eq, Hash)]
struct Facts {
    place: Place,
    variant: String,
    verdict: String,
    build: Option<Build>,
    faults: BTreeSet<(String, String)>,
    incomplete: bool,
}

/// One crash; of several records of it the one that tells most.
struct Seen {
    id: u64,
    reading: Reading,
    /// Where this is the same, records of several documents tell of one crash; else 0.
    event: u64,
    group: u32,
    facts: u32,
    /// Milliseconds since 1970.
    time: Option<i64>,
    /// Of its text, and of the document that it stands in.
    text: u32,
    document: u32,
}

pub struct Group {
    pub program: String,
    pub signature: String,
    /// A process has ended by it.
    pub is_crash: bool,
    pub count: u64,
    /// Those of which something is missing.
    pub incomplete: u64,
    /// Records of the same crashes in other documents, which are not counted again.
    pub copies: u64,
    /// Crashes that are counted and may be copies: the text is the same to the byte as
    /// in another document, and no time, or only a coarse one that is the same, tells them
    /// apart.
    pub perhaps_copies: u64,
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
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
        let (place, reading) = (place_of(&crash), crash.reading());
        if self.crashes.get(&place).is_some_and(|known| known.reading >= reading) {
            return;
        }
        let facts = Facts::of(&crash);
        let facts = self.number_of(facts);
        let (id, time) = (number(&crash.id), crash.unix_ms);
        // Crashes of the same bytes are no copies of each other.
        let event = crash.event.as_deref().map_or(0, |event| number(event).wrapping_add(crash.nth));
        let text = number(&crash.digest) as u32;
        let document = number(&crash.from.document_id()) as u32;
        let group = self.group(crash);
        self.crashes.insert(place, Seen { id, reading, event, group, facts, time, text, document });
    }

    /// The number of the group of a crash, which may be the better example of it.
    fn group(&mut self, crash: CrashRecord) -> u32 {
        let key = (crash.program.clone(), crash.signature.clone());
        let next = u32::try_from(self.found.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(key).or_insert(next);
        match self.found.get_mut(number as usize) {
            Some(found) => {
                found.is_crash |= crash.is_crash();
                if better(&crash, &found.example) {
                    *found.example = crash;
                }
            }
            None => self.found.push(Found { is_crash: crash.is_crash(), example: Box::new(crash) }),
        }
        number
    }

    fn number_of(&mut self, facts: Facts) -> u32 {
        if let Some(known) = self.facts.get(&facts) {
            return *known;
        }
        let number = u32::try_from(self.all_facts.len()).unwrap_or(u32::MAX);
        let facts = Arc::new(facts);
        self.all_facts.push(Arc::clone(&facts));
        self.facts.insert(facts, number);
        number
    }

    /// The most frequent first, crashes before what is none.
    pub(super) fn sorted(self) -> Vec<Group> {
        let mut groups: Vec<Group> = self.found.into_iter().map(Group::new).collect();
        let mut texts: FxHashMap<(u32, u32), Texts> = FxHashMap::default();
        // Those whose time is not known well enough to prove anything.
        let mut coarse: Vec<(u32, u32, i64, u32)> = Vec::new();
        let ranked = |seen: &Seen| {
            let facts = self.all_facts.get(seen.facts as usize);
            (facts.map_or(u8::MAX, |facts| facts.place.rank()), seen.id)
        };
        let mut take = |seen: &Seen, records: u64| {
            let group = groups.get_mut(seen.group as usize);
            let Some((group, facts)) = group.zip(self.all_facts.get(seen.facts as usize)) else { return };
            group.add(seen, facts, records);
            texts.entry((seen.group, seen.text)).or_default().add(seen);
            if let Some(time) = seen.time.filter(|_| seen.event == 0) {
                coarse.push((seen.group, seen.text, time, seen.document));
            }
        };
        // The record that tells best where it was, and how many there are.
        let mut events: FxHashMap<u64, (&Seen, u64)> = FxHashMap::default();
        for seen in self.crashes.values() {
            if seen.event == 0 {
                take(seen, 1);
                continue;
            }
            let (best, records) = events.entry(seen.event).or_insert((seen, 0));
            *records = records.saturating_add(1);
            if ranked(seen) < ranked(best) {
                *best = seen;
            }
        }
        events.values().for_each(|(seen, records)| take(seen, *records));
        for ((group, _), texts) in texts {
            if let Some(group) = groups.get_mut(group as usize) {
                group.perhaps_copies = group.perhaps_copies.saturating_add(texts.perhaps_copies());
            }
        }
        coarse.sort_unstable();
        for same in coarse.chunk_by(|a, b| (a.0, a.1, a.2) == (b.0, b.1, b.2)) {
            let group = same.first().and_then(|(group, ..)| groups.get_mut(*group as usize));
            // Those of one document are crashes of their own.
            let own = same.chunk_by(|a, b| a.3 == b.3).map(<[_]>::len).max().unwrap_or(0);
            if let Some(group) = group {
                let others = same.len().saturating_sub(own) as u64;
                group.perhaps_copies = group.perhaps_copies.saturating_add(others);
            }
        }
        for times in groups.iter_mut().flat_map(|group| group.places.values_mut()) {
            times.times.sort_unstable();
        }
        // All of its crashes may be told better by copies of other groups.
        groups.retain(|group| group.count > 0);
        groups.sort_by_cached_key(Group::rank);
        groups
    }
}

/// Crashes with the same text.
#[derive(Default)]
struct Texts {
    dated: u64,
    /// Those without a time, by document.
    undated: FxHashMap<u32, u64>,
}

impl Texts {
    fn add(&mut self, seen: &Seen) {
        match seen.time {
            Some(_) => self.dated = self.dated.saturating_add(1),
            None => {
                let count = self.undated.entry(seen.document).or_default();
                *count = count.saturating_add(1);
            }
        }
    }

    /// Those of one document are crashes of their own.
    fn perhaps_copies(&self) -> u64 {
        let all: u64 = self.undated.values().sum();
        let own = if self.dated > 0 { 0 } else { self.undated.values().copied().max().unwrap_or(0) };
        all.saturating_sub(own)
    }
}

/// The place of a crash, which is the same however far it was read.
pub(super) fn place_of(crash: &CrashRecord) -> u64 {
    let mut hasher = rustc_hash::FxHasher::default();
    (number(&crash.from.document_id()), crash.offset, crash.nth).hash(&mut hasher);
    hasher.finish()
}

/// The number that an id spells.
pub(super) fn number(id: &str) -> u64 {
    u64::from_str_radix(id, 16).unwrap_or_else(|_| {
        let mut hasher = rustc_hash::FxHasher::default();
        id.hash(&mut hasher);
        hasher.finish()
    })
}

impl Facts {
    fn of(crash: &CrashRecord) -> Facts {
        let faults = crash.faults.iter().filter(|fault| fault.explains_the_crash);
        Facts {
            place: Place::of(crash),
            variant: crash.variant.clone(),
            verdict: crash.verdict.clone(),
            build: crash.build.clone(),
            faults: faults.map(|fault| (fault.id.clone(), fault.confidence.clone())).collect(),
            incomplete: !crash.complete,
        }
    }
}

impl Group {
    fn new(found: Found) -> Group {
        Group {
            program: found.example.program.clone(),
            signature: found.example.signature.clone(),
            is_crash: found.is_crash,
            count: 0,
            incomplete: 0,
            copies: 0,
            perhaps_copies: 0,
            places: BTreeMap::new(),
            variants: BTreeMap::new(),
            builds: BTreeMap::new(),
            verdicts: BTreeMap::new(),
            faults: BTreeMap::new(),
            example: found.example,
        }
    }

    fn add(&mut self, seen: &Seen, facts: &Facts, records: u64) {
        let up = |count: &mut u64| *count = count.saturating_add(1);
        up(&mut self.count);
        self.copies = self.copies.saturating_add(records.saturating_sub(1));
        self.incomplete = self.incomplete.saturating_add(u64::from(facts.incomplete));
        let place = self.places.entry(facts.place.clone()).or_default();
        up(&mut place.count);
        place.times.extend(seen.time);
        up(self.variants.entry(facts.variant.clone()).or_default());
        up(self.verdicts.entry(facts.verdict.clone()).or_default());
        if let Some(build) = &facts.build {
            up(self.builds.entry(build.clone()).or_default());
        }
        for fault in &facts.faults {
            up(self.faults.entry(fault.clone()).or_default());
        }
    }

    /// Program and signature.
    pub fn key(&self) -> (&str, &str) {
        (&self.program, &self.signature)
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
        self.places.iter().filter_map(|(place, times)| {
            let found = if place.kind == "pod" { loops::find_in_pod } else { loops::find };
            Some((place, found(&times.times)?))
        })
    }
}

/// A whole one is the better example, then the one that stands first; of two records of
/// it the one that tells more.
fn better(new: &CrashRecord, old: &CrashRecord) -> bool {
    let place = |crash: &CrashRecord| {
        (!crash.complete, crash.from.path.clone(), crash.from.document, crash.offset, crash.nth)
    };
    let (new_place, old_place) = (place(new), place(old));
    new_place < old_place || new_place == old_place && new.reading() > old.reading()
}

impl Place {
    /// The one that tells most comes first.
    fn rank(&self) -> u8 {
        match self.kind {
            "pod" => 0,
            "container" => 1,
            "host" => 2,
            "unit" => 3,
            _ => 4,
        }
    }

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
            ("log", log_path(&crash.from.name()).to_owned())
        };
        Place { kind, name }
    }
}
