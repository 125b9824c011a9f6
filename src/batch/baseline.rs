//! What was there before, to see what is new, gone or growing: an earlier result, or
//! the crashes before the time that is asked for.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::groups::Group;

/// Crashes of each program and signature.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    groups: BTreeMap<(String, String), Then>,
    /// Of the same logs, those before this time, in milliseconds since 1970.
    since: Option<i64>,
}

#[derive(Clone, Debug)]
pub struct Then {
    pub program: String,
    pub signature: String,
    pub count: u64,
    pub message: String,
    /// Ids of the faults that were found.
    pub faults: BTreeSet<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trend {
    New,
    /// There were so many before, and there are more.
    Growing(u64),
    /// There were as many or more.
    Known(u64),
    /// There were so many before the time that is asked for.
    Earlier(u64),
}

impl Trend {
    pub fn name(self) -> &'static str {
        match self {
            Trend::New => "new",
            Trend::Growing(_) => "growing",
            Trend::Known(_) | Trend::Earlier(_) => "known",
        }
    }

    pub fn before(self) -> u64 {
        match self {
            Trend::New => 0,
            Trend::Growing(before) | Trend::Known(before) | Trend::Earlier(before) => before,
        }
    }
}

/// The part of the JSON result that is needed here.
#[derive(Deserialize)]
struct ResultJson {
    groups: Vec<GroupJson>,
    groups_not_shown: u64,
}

#[derive(Deserialize)]
struct GroupJson {
    program: String,
    signature: String,
    count: u64,
    message: String,
    faults: Vec<FaultJson>,
    example: ExampleJson,
}

#[derive(Deserialize)]
struct FaultJson {
    fault: String,
}

#[derive(Deserialize)]
struct ExampleJson {
    faults: Vec<FindingJson>,
}

#[derive(Deserialize)]
struct FindingJson {
    id: String,
}

impl Baseline {
    /// Reads a result of `scan` or `merge` in JSON.
    ///
    /// # Errors
    /// Why it is none, in words.
    pub fn parse(text: &str) -> Result<Baseline, String> {
        let result: ResultJson = serde_json::from_str(text)
            .map_err(|error| format!("no result of panicmap scan, in JSON or JSON lines: {error}"))?;
        if result.groups_not_shown > 0 {
            return Err(format!("{} groups are missing in it, by --top", result.groups_not_shown));
        }
        let groups = result.groups.into_iter().map(|group| {
            let GroupJson { program, signature, count, message, faults, example } = group;
            let faults = faults.into_iter().map(|fault| fault.fault);
            let faults = faults.chain(example.faults.into_iter().map(|finding| finding.id)).collect();
            Then { program, signature, count, message, faults }
        });
        Ok(Baseline::new(groups, None))
    }

    /// What records say.
    pub fn of(groups: &[Group]) -> Baseline {
        Baseline::new(groups.iter().map(Then::of), None)
    }

    /// What the same logs say of the time before.
    pub(super) fn before(since: i64, groups: &[Group]) -> Baseline {
        Baseline::new(groups.iter().map(Then::of), Some(since))
    }

    fn new(groups: impl Iterator<Item = Then>, since: Option<i64>) -> Baseline {
        let keyed = groups.map(|then| ((then.program.clone(), then.signature.clone()), then));
        Baseline { groups: keyed.collect(), since }
    }

    pub fn trend(&self, group: &Group) -> Trend {
        let (program, signature) = group.key();
        match self.groups.get(&(program.to_owned(), signature.to_owned())) {
            None => Trend::New,
            // As long a time before nobody has asked for.
            Some(then) if self.since.is_some() => Trend::Earlier(then.count),
            Some(then) if group.count > then.count => Trend::Growing(then.count),
            Some(then) => Trend::Known(then.count),
        }
    }

    /// The time that it is before, where it is of the same logs.
    pub fn since(&self) -> Option<i64> {
        self.since
    }

    /// What an earlier result says.
    pub(super) fn result(&self) -> Option<impl Iterator<Item = &Then>> {
        self.since.is_none().then(|| self.groups.values())
    }
}

impl Then {
    fn of(group: &Group) -> Then {
        let faults = group.faults.keys().map(|(id, _)| id.clone());
        let faults = faults.chain(group.example.faults.iter().map(|fault| fault.id.clone())).collect();
        Then {
            program: group.program.clone(),
            signature: group.signature.clone(),
            count: group.count,
            message: group.example.message.clone(),
            faults,
        }
    }
}
