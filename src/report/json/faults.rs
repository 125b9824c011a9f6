//! The documentation of faults as JSON.

use std::io;

use serde::Serialize;

use super::{VERSION, finish};
use crate::diagnose::Rule;

/// Output of `panicmap explain --format json`.
///
/// # Errors
/// Those of the writer.
pub fn faults_json(rules: &[&Rule], out: &mut dyn io::Write) -> io::Result<()> {
    finish(
        &FaultsJson { schema: VERSION, faults: rules.iter().map(|rule| FaultJson::new(rule)).collect() },
        out,
    )
}

#[derive(Serialize)]
struct FaultsJson {
    schema: &'static str,
    faults: Vec<FaultJson>,
}

#[derive(Serialize)]
struct FaultJson {
    id: &'static str,
    title: &'static str,
    verdict: &'static str,
    what: &'static str,
    why: &'static str,
    evidence: &'static str,
    look_alikes: &'static str,
    fix: &'static str,
    since: &'static str,
}

impl FaultJson {
    fn new(rule: &Rule) -> FaultJson {
        let docs = &rule.docs;
        FaultJson {
            id: rule.id,
            title: rule.title,
            verdict: rule.blames.name(),
            what: docs.what,
            why: docs.why,
            evidence: docs.evidence,
            look_alikes: docs.look_alikes,
            fix: docs.fix,
            since: docs.since,
        }
    }
}
