//! Two sources that say different things of one fact. The first is kept, and
//! the other beside it.

use std::fmt;

use super::Host;
use crate::binary::Fact;

/// Most disagreements that are kept.
const MOST: usize = 100;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The key of a host card: `machine`, `libc`.
    pub what: &'static str,
    /// The one that is in the host.
    pub kept: Fact<String>,
    pub other: Fact<String>,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Conflict { what, kept, other } = self;
        let (first, second) = (&kept.value, &other.value);
        write!(f, "two sources disagree about {what}: {first} ({}), {second} ({})", kept.from, other.from)
    }
}

impl Host {
    /// Keeps a fact if it is the first; if it is another than the one that is
    /// kept, both are a [`Conflict`].
    pub(super) fn settle<T: fmt::Display>(
        &mut self,
        what: &'static str,
        slot: fn(&mut Host) -> &mut Option<Fact<T>>,
        fact: Fact<T>,
        agree: fn(&T, &T) -> bool,
    ) {
        let known = slot(self);
        let Some(kept) = known else {
            *known = Some(fact);
            return;
        };
        if agree(&kept.value, &fact.value) {
            return;
        }
        let as_text = |fact: &Fact<T>| Fact::new(fact.value.to_string(), fact.from.clone());
        let conflict = Conflict { what, kept: as_text(kept), other: as_text(&fact) };
        let new =
            !self.conflicts.iter().any(|old| old.what == what && old.other.value == conflict.other.value);
        if new && self.conflicts.len() < MOST {
            self.conflicts.push(conflict);
        }
    }
}
