//! Crashes of one bug of one program, folded. The order in which records come, and
//! how often, makes no difference.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher;
use std::sync::Arc;

use rustc_hash::{FxBuildHasher, FxHashMap};

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
    bounds: Option<Bounds>,
    /// Bytes of the examples, and of the facts.
    examples: u64,
    facts_weight: u64,
    left_out: LeftOut,
}

/// How much is kept at most.
#[derive(Clone, Copy)]
struct Bounds {
    examples: u64,
    facts: u64,
    crashes: usize,
}

/// Of a scan, whose input may be anything.
const BOUNDS: Bounds = Bounds { examples: 32 << 20, facts: 8 << 20, crashes: 200_000 };
/// What a group, and what some facts take besides their texts.
const GROUP: u64 = 2048;
const FACTS: u64 = 512;

/// Crashes of groups that there was no room for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    pub crashes: u64,
    /// Of these, those of which something is missing.
    pub incomplete: u64,
    /// Records that are no crash.
    pub others: u64,
}

struct Found {
    is_crash: bool,
    only_counted: u64,
    incomplete: u64,
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
    /// Of these, those of which nothing else is told here: no place, no time, and whether
    /// they are copies.
    pub only_counted: u64,
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
    /// For records that come once each, in bounded memory.
    pub(super) fn bounded() -> Groups {
        Groups { bounds: Some(BOUNDS), ..Groups::default() }
    }

    pub(super) fn left_out(&self) -> LeftOut {
        self.left_out
    }

    /// Takes a crash, unless it was there before.
    pub(super) fn add(&mut self, crash: CrashRecord) {
        let document = document_of(&crash);
        let (place, reading) = (place_in(document, &crash), crash.reading());
        if self.crashes.get(&place).is_some_and(|known| known.reading >= reading) {
            return;
        }
        let facts = Facts::of(&crash);
        let (id, time) = (number(&crash.id), crash.unix_ms);
        // Crashes of the same bytes are no copies of each other.
        let event = crash.event.as_deref().map_or(0, |event| number(event).wrapping_add(crash.nth));
        let text = number(&crash.digest) as u32;
        let document = document as u32;
        let (is_crash, complete) = (crash.is_crash(), crash.complete);
        let Some(group) = self.group(crash) else {
            return self.left_out.add(is_crash, complete);
        };
        if !self.has_room(&facts) {
            if let Some(found) = self.found.get_mut(group as usize) {
                found.only_counted = found.only_counted.saturating_add(1);
                found.incomplete = found.incomplete.saturating_add(u64::from(!complete));
            }
            return;
        }
        let facts = self.number_of(facts);
        self.crashes.insert(place, Seen { id, reading, event, group, facts, time, text, document });
    }

    fn has_room(&self, facts: &Facts) -> bool {
        self.bounds.is_none_or(|bounds| {
            self.crashes.len() < bounds.crashes
                && (self.facts_weight < bounds.facts || self.facts.contains_key(facts))
        })
    }

    /// The number of the group of a crash, which may be the better example of it; nothing
    /// where there is no room for it.
    fn group(&mut self, crash: CrashRecord) -> Option<u32> {
        let key = (crash.program.clone(), crash.signature.clone());
        let length = (crash.length() as u64).saturating_add(GROUP);
        let fits = |bytes: u64| self.bounds.is_none_or(|bounds| bytes <= bounds.examples);
        if let Some(number) = self.numbers.get(&key).copied() {
            let found = self.found.get_mut(number as usize)?;
            found.is_crash |= crash.is_crash();
            let other = (found.example.length() as u64).saturating_add(GROUP);
            let examples = self.examples.saturating_sub(other).saturating_add(length);
            if better(&crash, &found.example) && (fits(examples) || length <= other) {
                *found.example = crash;
                self.examples = examples;
            }
            return Some(number);
        }
        let examples = self.examples.saturating_add(length);
        if !fits(examples) {
            return None;
        }
        self.examples = examples;
        let number = u32::try_from(self.found.len()).ok()?;
        self.numbers.insert(key, number);
        let is_crash = crash.is_crash();
        self.found.push(Found { is_crash, only_counted: 0, incomplete: 0, example: Box::new(crash) });
        Some(number)
    }

    fn number_of(&mut self, facts: Facts) -> u32 {
        if let Some(known) = self.facts.get(&facts) {
            return *known;
        }
        let number = u32::try_from(self.all_facts.len()).unwrap_or(u32::MAX);
        self.facts_weight = self.facts_weight.saturating_add(facts.weight());
        let facts = Arc::new(facts);
        self.all_facts.push(Arc::clone(&facts));
        self.facts.insert(facts, number);
        number
    }

    /// The most frequent first, crashes before what is none.
    pub(super) fn sorted(self) -> Vec<Group> {
        let mut groups: Vec<Group> = self.found.into_iter().map(Group::new).collect();
        let mut texts = Vec::with_capacity(self.crashes.len());
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
            texts.push(((seen.group, seen.text), seen.time.is_none().then_some(seen.document)));
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
        texts.sort_unstable();
        for same in texts.chunk_by(|(a, _), (b, _)| a == b) {
            let group = same.first().and_then(|((group, _), _)| groups.get_mut(*group as usize));
            if let Some(group) = group {
                group.perhaps_copies = group.perhaps_copies.saturating_add(perhaps_copies(same));
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

/// Of crashes with the same text, those that may be copies: all but one, and those of one
/// document are crashes of their own. Documents ascend; those with a time have none.
fn perhaps_copies(same: &[((u32, u32), Option<u32>)]) -> u64 {
    let dated = same.iter().take_while(|(_, document)| document.is_none()).count();
    let undated = same.get(dated..).unwrap_or_default();
    let of_one = undated.chunk_by(|(_, a), (_, b)| a == b).map(<[_]>::len).max().unwrap_or(0);
    let own = if dated > 0 { 0 } else { of_one };
    undated.len().saturating_sub(own) as u64
}

/// The place of a crash, which is the same however far it was read.
pub(super) fn place_of(crash: &CrashRecord) -> u64 {
    place_in(document_of(crash), crash)
}

fn document_of(crash: &CrashRecord) -> u64 {
    number(&crash.from.document_id())
}

fn place_in(document: u64, crash: &CrashRecord) -> u64 {
    FxBuildHasher.hash_one((document, crash.offset, crash.nth))
}

/// The number that an id spells.
pub(super) fn number(id: &str) -> u64 {
    u64::from_str_radix(id, 16).unwrap_or_else(|_| FxBuildHasher.hash_one(id))
}

impl LeftOut {
    fn add(&mut self, is_crash: bool, complete: bool) {
        let up = |count: &mut u64, by: bool| *count = count.saturating_add(u64::from(by));
        up(&mut self.crashes, is_crash);
        up(&mut self.incomplete, is_crash && !complete);
        up(&mut self.others, !is_crash);
    }
}

impl Facts {
    /// Bytes that they take, with what is made of them at the end.
    fn weight(&self) -> u64 {
        let texts = [self.place.name.len(), self.variant.len(), self.verdict.len()];
        (texts.iter().sum::<usize>() as u64).saturating_mul(2).saturating_add(FACTS)
    }

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
            count: found.only_counted,
            only_counted: found.only_counted,
            incomplete: found.incomplete,
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
        self.count.saturating_sub(self.only_counted).saturating_sub(self.times().count() as u64)
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
