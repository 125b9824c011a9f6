//! DUMPS: goroutines with the same stack as one group, which goroutines are
//! looked at, and what differs between two dumps.

#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::arithmetic_side_effects))]

mod arguments;
mod diff;
mod filter;

use std::cmp::Reverse;
use std::hash::{Hash, Hasher};

use rustc_hash::FxHashMap;

use crate::trace::{Code, Crash, Frame, Goroutine, Sym};

pub use arguments::{Arguments, Slot};
pub use diff::{Change, ChangeKind, Diff, LongestWait, Side, diff, pick};
pub use filter::{Filter, Of, Test};

/// Goroutines with the same state and the same stack.
pub struct Group<'a> {
    crash: &'a Crash,
    /// In the order printed; the first stands for all where they are equal.
    first: &'a Goroutine,
    pub members: Vec<&'a Goroutine>,
    /// Shortest and longest wait in minutes of those that tell it.
    pub minutes: Option<(u32, u32)>,
    /// How many are locked to a thread.
    pub locked: usize,
}

/// Who started goroutines of a group, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Creator<'a> {
    pub function: &'a str,
    pub file: &'a str,
    pub line: u32,
    pub count: usize,
}

/// What makes two goroutines members of one group. Offsets are left out: they
/// follow from the line in all but a few cases, where one line has two calls.
struct Key<'a> {
    state: Sym,
    frames: &'a [Frame],
}

impl Key<'_> {
    fn parts(&self) -> impl Iterator<Item = (Sym, Sym, u32, bool)> {
        self.frames.iter().map(|frame| (frame.function, frame.file, frame.line, frame.inlined))
    }
}

impl PartialEq for Key<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.state == other.state && self.frames.len() == other.frames.len() && self.parts().eq(other.parts())
    }
}

impl Eq for Key<'_> {}

impl Hash for Key<'_> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.state.hash(hasher);
        // The other parts of a frame seldom differ where these are equal.
        for frame in self.frames {
            (frame.function, frame.line).hash(hasher);
        }
    }
}

/// Groups of these goroutines, largest first, in linear time: a hash of the
/// stack finds the group.
pub fn groups<'a>(crash: &'a Crash, goroutines: impl Iterator<Item = &'a Goroutine>) -> Vec<Group<'a>> {
    let mut index: FxHashMap<Key<'a>, usize> = FxHashMap::default();
    let mut groups: Vec<Group<'a>> = Vec::new();
    for goroutine in goroutines {
        let key = Key { state: goroutine.state, frames: crash.frames_of(goroutine) };
        let at = *index.entry(key).or_insert_with(|| {
            groups.push(Group { crash, first: goroutine, members: Vec::new(), minutes: None, locked: 0 });
            groups.len().saturating_sub(1)
        });
        if let Some(group) = groups.get_mut(at) {
            group.add(goroutine);
        }
    }
    groups.sort_by_key(|group| Reverse(group.count()));
    groups
}

impl<'a> Group<'a> {
    fn add(&mut self, goroutine: &'a Goroutine) {
        self.members.push(goroutine);
        self.locked = self.locked.saturating_add(usize::from(goroutine.locked_to_thread));
        if let Some(wait) = goroutine.wait_minutes {
            let (low, high) = self.minutes.unwrap_or((wait, wait));
            self.minutes = Some((low.min(wait), high.max(wait)));
        }
    }

    pub fn count(&self) -> usize {
        count(&self.members)
    }

    pub fn state(&self) -> &'a str {
        self.crash.state(self.first)
    }

    /// Equal in all members but for arguments and offsets.
    pub fn frames(&self) -> &'a [Frame] {
        self.crash.frames_of(self.first)
    }

    pub fn ids(&self) -> impl Iterator<Item = u64> {
        self.members.iter().filter_map(|goroutine| goroutine.id)
    }

    /// The frame to look at.
    pub fn site(&self) -> Option<&'a Frame> {
        site(self.crash, self.frames())
    }

    /// Creators, the one with most members first.
    pub fn creators(&self) -> Vec<Creator<'a>> {
        creators(self.crash, &self.members)
    }

    /// Labels and other attributes that every member has.
    pub fn attributes(&self) -> Vec<String> {
        let all = self.members.iter().flat_map(|goroutine| &goroutine.attributes);
        let counted = tally(all.map(String::as_str), |text| text);
        let members = self.members.len();
        let shared = counted.into_iter().filter(|(_, count)| *count == members);
        let labels = &self.first.labels;
        let labelled = !labels.is_empty() && self.members.iter().all(|goroutine| goroutine.labels == *labels);
        shared.map(|(text, _)| text.to_owned()).chain(labelled.then(|| self.first.labels_text())).collect()
    }

    /// Frames that the runtime left out: fewest and most. It prints 100 of a
    /// deep stack, so that goroutines of different depth may look the same.
    pub fn elided(&self) -> Option<(u64, u64)> {
        let counts =
            self.members.iter().filter_map(|goroutine| goroutine.elided.map(|e| e.count.unwrap_or(0)));
        counts.fold(None, |range: Option<(u64, u64)>, count| {
            let (low, high) = range.unwrap_or((count, count));
            Some((low.min(count), high.max(count)))
        })
    }

    /// The arguments of one frame over all members.
    pub fn arguments(&self, frame: usize) -> Arguments<'a> {
        let lists = self.members.iter().filter_map(|goroutine| self.crash.frames_of(goroutine).get(frame));
        Arguments::of(lists.map(|frame| self.crash.arguments(frame)))
    }
}

/// How many goroutines these are: a record of a profile stands for several.
pub fn count(goroutines: &[&Goroutine]) -> usize {
    let counts = goroutines.iter().map(|goroutine| usize::try_from(goroutine.count).unwrap_or(usize::MAX));
    counts.fold(0, usize::saturating_add)
}

/// The first frame of user code, or else the first outside the runtime.
fn site<'a>(crash: &Crash, frames: &'a [Frame]) -> Option<&'a Frame> {
    let is_user = |frame: &&Frame| crash.code(frame) == Code::User;
    let is_foreign = |frame: &&Frame| crash.code(frame) != Code::Runtime;
    frames.iter().find(is_user).or_else(|| frames.iter().find(is_foreign)).or(frames.first())
}

fn creators<'a>(crash: &'a Crash, members: &[&'a Goroutine]) -> Vec<Creator<'a>> {
    let created = members.iter().filter_map(|goroutine| goroutine.created_by.as_ref());
    let counted = tally(created.map(|by| (by.function, by.file, by.line)), |place| place);
    let creator = |((function, file, line), count)| Creator {
        function: crash.name(function),
        file: crash.name(file),
        line,
        count,
    };
    counted.into_iter().map(creator).collect()
}

/// Counts equal items, most frequent first; the order of the first sight decides
/// between equals.
fn tally<K: Hash + Eq + Copy, T>(items: impl Iterator<Item = K>, name: impl Fn(K) -> T) -> Vec<(T, usize)> {
    let mut index: FxHashMap<K, usize> = FxHashMap::default();
    let mut counts: Vec<(K, usize)> = Vec::new();
    for item in items {
        let at = *index.entry(item).or_insert_with(|| {
            counts.push((item, 0));
            counts.len().saturating_sub(1)
        });
        if let Some((_, count)) = counts.get_mut(at) {
            *count = count.saturating_add(1);
        }
    }
    counts.sort_by_key(|(_, count)| Reverse(*count));
    counts.into_iter().map(|(key, count)| (name(key), count)).collect()
}

#[cfg(test)]
mod tests;
