//! Two dumps of one program: which stacks are new, gone, grown or shrunk. A
//! leak is what grows from one dump to the next.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;

use super::{Creator, Filter, count, creators, groups, site, tally};
use crate::trace::{Code, Crash, Frame, Goroutine};

/// One of the two dumps.
pub struct Side<'a> {
    pub crash: &'a Crash,
    /// Which record of its log it is, from 1, and of how many.
    pub number: usize,
    pub of: usize,
    /// Goroutines that the filter lets through, without the threads' own.
    goroutines: Vec<&'a Goroutine>,
    /// Goroutines before the filter.
    pub unfiltered: usize,
}

impl<'a> Side<'a> {
    pub fn new(crash: &'a Crash, number: usize, of: usize, filter: &Filter) -> Side<'a> {
        // Goroutine 0 is the scheduler of a thread, and there are many of it.
        let is_one = |goroutine: &Goroutine| !goroutine.is_system();
        let unfiltered: Vec<&Goroutine> =
            crash.goroutines.iter().filter(|goroutine| is_one(goroutine)).collect();
        let unfiltered = count(&unfiltered);
        let mut goroutines = filter.select(crash);
        goroutines.retain(|goroutine| is_one(goroutine));
        Side { crash, number, of, goroutines, unfiltered }
    }

    pub fn count(&self) -> usize {
        count(&self.goroutines)
    }
}

/// What a stack did from one dump to the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChangeKind {
    New,
    Grown,
    Gone,
    Shrunk,
    /// As many as before, in other states.
    State,
    Same,
}

impl ChangeKind {
    pub fn name(self) -> &'static str {
        match self {
            ChangeKind::New => "new",
            ChangeKind::Grown => "grown",
            ChangeKind::Gone => "gone",
            ChangeKind::Shrunk => "shrunk",
            ChangeKind::State => "state",
            ChangeKind::Same => "same",
        }
    }
}

/// One stack in both dumps. Stacks are the same where their functions are:
/// lines shift from build to build.
pub struct Change<'a> {
    /// As in the second dump, or as in the first where it is gone.
    crash: &'a Crash,
    pub frames: &'a [Frame],
    pub before: usize,
    pub after: usize,
    /// State, and how many were in it before and after; the most frequent of the
    /// second dump first.
    pub states: Vec<(&'a str, usize, usize)>,
    /// Longest wait in minutes, before and after.
    pub longest: (Option<u32>, Option<u32>),
    /// Who started them, as of the dump that has more of them.
    pub creators: Vec<Creator<'a>>,
}

impl<'a> Change<'a> {
    pub fn kind(&self) -> ChangeKind {
        match (self.before, self.after) {
            (0, _) => ChangeKind::New,
            (_, 0) => ChangeKind::Gone,
            (before, after) if after > before => ChangeKind::Grown,
            (before, after) if after < before => ChangeKind::Shrunk,
            _ if self.states.iter().any(|(_, before, after)| before != after) => ChangeKind::State,
            _ => ChangeKind::Same,
        }
    }

    /// More goroutines than before; negative where there are fewer.
    pub fn growth(&self) -> i64 {
        growth(self.before, self.after)
    }

    pub fn site(&self) -> Option<&'a Frame> {
        site(self.crash, self.frames)
    }

    /// Names of the frames are those of this record.
    pub fn crash(&self) -> &'a Crash {
        self.crash
    }
}

/// The difference of two dumps.
pub struct Diff<'a> {
    pub before: Side<'a>,
    pub after: Side<'a>,
    /// What differs, the largest growth or loss first.
    pub changes: Vec<Change<'a>>,
    /// Stacks and goroutines that are as they were.
    pub same: (usize, usize),
    /// The stack whose longest wait grew most: its frames, before and after.
    pub longest_wait: Option<LongestWait<'a>>,
}

/// Where the longest wait grew most.
pub struct LongestWait<'a> {
    pub crash: &'a Crash,
    pub site: Option<&'a Frame>,
    pub minutes: (u32, u32),
}

impl Diff<'_> {
    pub fn growth(&self) -> i64 {
        growth(self.before.count(), self.after.count())
    }

    /// The stack that grew most, where one did.
    pub fn worst(&self) -> Option<&Change<'_>> {
        self.changes.iter().find(|change| change.growth() > 0)
    }
}

fn growth(before: usize, after: usize) -> i64 {
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    number(after).saturating_sub(number(before))
}

/// The dump of a log: the one with the most goroutines, of equals the last; or
/// the one with this number, from 1.
pub fn pick(crashes: &[Crash], number: Option<usize>) -> Option<usize> {
    match number {
        Some(number) => number.checked_sub(1).filter(|at| *at < crashes.len()),
        None => {
            let with_stacks = crashes.iter().enumerate().filter(|(_, crash)| !crash.goroutines.is_empty());
            with_stacks.max_by_key(|(_, crash)| crash.goroutines.len()).map(|(at, _)| at)
        }
    }
}

/// Compares two dumps stack by stack.
pub fn diff<'a>(before: Side<'a>, after: Side<'a>) -> Diff<'a> {
    let mut index: FxHashMap<Vec<&'a str>, usize> = FxHashMap::default();
    let mut stacks: Vec<Stack<'a>> = Vec::new();
    // The second dump first: names and lines are those of the newer state.
    for (side, is_after) in [(&after, true), (&before, false)] {
        for group in groups(side.crash, side.goroutines.iter().copied()) {
            let functions = group.frames().iter().map(|frame| side.crash.function(frame)).collect();
            let at = *index.entry(functions).or_insert_with(|| {
                let (before, after) = (Vec::new(), Vec::new());
                stacks.push(Stack { crash: side.crash, frames: group.frames(), before, after });
                stacks.len().saturating_sub(1)
            });
            if let Some(stack) = stacks.get_mut(at) {
                let members = if is_after { &mut stack.after } else { &mut stack.before };
                members.extend(group.members);
            }
        }
    }
    let mut changes: Vec<Change<'a>> =
        stacks.into_iter().map(|stack| stack.change(before.crash, after.crash)).collect();
    let longest_wait = longest_wait(&changes);
    let is_same = |change: &Change<'_>| change.kind() == ChangeKind::Same;
    let same = changes.iter().filter(|change| is_same(change));
    let same = same.fold((0usize, 0usize), |(stacks, goroutines), change| {
        (stacks.saturating_add(1), goroutines.saturating_add(change.after))
    });
    changes.retain(|change| !is_same(change));
    changes.sort_by_key(|change| Reverse((change.growth().unsigned_abs(), change.growth())));
    Diff { before, after, changes, same, longest_wait }
}

/// Goroutines with the same functions on their stacks, in both dumps.
struct Stack<'a> {
    crash: &'a Crash,
    frames: &'a [Frame],
    before: Vec<&'a Goroutine>,
    after: Vec<&'a Goroutine>,
}

impl<'a> Stack<'a> {
    fn change(self, before: &'a Crash, after: &'a Crash) -> Change<'a> {
        let longest = |members: &[&Goroutine]| members.iter().filter_map(|g| g.wait_minutes).max();
        let (was, is) = (count(&self.before), count(&self.after));
        Change {
            crash: self.crash,
            frames: self.frames,
            before: was,
            after: is,
            states: states((before, &self.before), (after, &self.after)),
            longest: (longest(&self.before), longest(&self.after)),
            creators: if is >= was { creators(after, &self.after) } else { creators(before, &self.before) },
        }
    }
}

type Members<'a, 'b> = (&'a Crash, &'b [&'a Goroutine]);

fn states<'a>(before: Members<'a, '_>, after: Members<'a, '_>) -> Vec<(&'a str, usize, usize)> {
    // A profile tells no states.
    let count = |(crash, members): Members<'a, '_>| {
        let stated = members.iter().filter(|g| !crash.state(g).is_empty());
        tally(stated.map(|g| g.state), |state| crash.name(state))
    };
    let mut was: FxHashMap<&str, usize> = count(before).into_iter().collect();
    let mut states: Vec<(&str, usize, usize)> = Vec::new();
    for (state, is) in count(after) {
        states.push((state, was.remove(state).unwrap_or(0), is));
    }
    let left = count(before).into_iter().filter(|(state, _)| was.contains_key(state));
    states.extend(left.map(|(state, was)| (state, was, 0)));
    states
}

/// Only of stacks that both dumps have: how long others waited, one does not tell.
fn longest_wait<'a>(changes: &[Change<'a>]) -> Option<LongestWait<'a>> {
    let longer = changes.iter().filter(|change| change.before > 0).filter_map(|change| {
        let (before, after) = (change.longest.0.unwrap_or(0), change.longest.1?);
        Some((change, (before, after))).filter(|_| after > before)
    });
    // The runtime's own goroutines wait for good: they count where nothing else waits.
    let (change, minutes) = longer.min_by_key(|(change, (before, after))| {
        let in_program = change.site().is_some_and(|frame| change.crash.code(frame) == Code::User);
        Reverse((in_program, after.saturating_sub(*before)))
    })?;
    Some(LongestWait { crash: change.crash, site: change.site(), minutes })
}
