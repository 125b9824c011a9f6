//! An earlier result, to see what is new, gone or growing.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::groups::Group;
use super::record::Record;
use super::summary::Summary;

/// Crashes of each program and signature.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    groups: BTreeMap<(String, String), Then>,
}

#[derive(Clone, Debug)]
pub struct Then {
    pub program: String,
    pub signature: String,
    pub count: u64,
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trend {
    New,
    /// There were so many before, and there are more.
    Growing(u64),
    /// There were as many or more.
    Known(u64),
}

impl Trend {
    pub fn name(self) -> &'static str {
        match self {
            Trend::New => "new",
            Trend::Growing(_) => "growing",
            Trend::Known(_) => "known",
        }
    }

    pub fn before(self) -> u64 {
        match self {
            Trend::New => 0,
            Trend::Growing(before) | Trend::Known(before) => before,
        }
    }
}

/// The part of the JSON result that is needed here.
#[derive(Deserialize)]
struct ResultJson {
    groups: Vec<GroupJson>,
}

#[derive(Deserialize)]
struct GroupJson {
    program: String,
    signature: String,
    count: u64,
    message: String,
}

impl Baseline {
    /// Reads a result of `scan` or `merge`: JSON, or JSON lines.
    ///
    /// # Errors
    /// Why it is none, in words.
    pub fn parse(text: &str) -> Result<Baseline, String> {
        if let Ok(result) = serde_json::from_str::<ResultJson>(text) {
            let groups = result.groups.into_iter().map(|group| {
                let GroupJson { program, signature, count, message } = group;
                ((program.clone(), signature.clone()), Then { program, signature, count, message })
            });
            return Ok(Baseline { groups: groups.collect() });
        }
        let mut summary = Summary::default();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let record =
                Record::parse(line).map_err(|why| format!("line {}: {why}", number.saturating_add(1)))?;
            summary.add(record);
        }
        let groups = summary.finish().groups.into_iter().map(|group| {
            let then = Then {
                program: group.program.clone(),
                signature: group.signature.clone(),
                count: group.count,
                message: group.example.message.clone(),
            };
            ((group.program, group.signature), then)
        });
        Ok(Baseline { groups: groups.collect() })
    }

    pub fn trend(&self, group: &Group) -> Trend {
        match self.groups.get(&(group.program.clone(), group.signature.clone())) {
            None => Trend::New,
            Some(then) if group.count > then.count => Trend::Growing(then.count),
            Some(then) => Trend::Known(then.count),
        }
    }

    /// What is not there any more.
    pub fn gone(&self, groups: &[Group]) -> Vec<&Then> {
        let here: std::collections::BTreeSet<(&str, &str)> =
            groups.iter().map(|group| (group.program.as_str(), group.signature.as_str())).collect();
        let gone = |then: &&Then| !here.contains(&(then.program.as_str(), then.signature.as_str()));
        self.groups.values().filter(gone).collect()
    }
}
