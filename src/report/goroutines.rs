//! Goroutines with the same stack fold into one group, in linear time: a hash
//! of the stack finds the group.

use rustc_hash::FxHashMap;

use crate::trace::{Crash, Goroutine, Sym};

pub(super) struct Group<'a> {
    pub(super) first: &'a Goroutine,
    pub(super) ids: Vec<u64>,
    /// Shortest and longest wait in minutes.
    pub(super) minutes: Option<(u32, u32)>,
}

/// Groups of the goroutines that a predicate takes, largest first.
pub(super) fn groups<'a>(crash: &'a Crash, take: impl Fn(&Goroutine) -> bool) -> Vec<Group<'a>> {
    type Key = (Sym, Vec<(Sym, u32)>);
    let mut index: FxHashMap<Key, usize> = FxHashMap::default();
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut key: Key;
    for goroutine in crash.goroutines.iter().filter(|g| take(g)) {
        key = (goroutine.state, crash.frames_of(goroutine).iter().map(|f| (f.function, f.line)).collect());
        let at = *index.entry(key).or_insert_with(|| {
            groups.push(Group { first: goroutine, ids: Vec::new(), minutes: None });
            groups.len().saturating_sub(1)
        });
        if let Some(group) = groups.get_mut(at) {
            group.ids.extend(goroutine.id);
            if let Some(wait) = goroutine.wait_minutes {
                let (low, high) = group.minutes.unwrap_or((wait, wait));
                group.minutes = Some((low.min(wait), high.max(wait)));
            }
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.ids.len()));
    groups
}
