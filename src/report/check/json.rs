//! `panicmap check` as JSON.

use std::io;

use serde::Serialize;

use super::super::Style;
use super::super::json::{FindingJson, HostJson, NotAskedJson, VERSION, finish};
use super::Checks;
use crate::check::Checked;
use crate::diagnose::Met;

#[derive(Serialize)]
struct CheckJson<'a> {
    schema: &'static str,
    check: BodyJson<'a>,
}

#[derive(Serialize)]
struct BodyJson<'a> {
    failed: bool,
    checked: Vec<CheckedJson<'a>>,
}

#[derive(Serialize)]
struct CheckedJson<'a> {
    path: &'a str,
    target: Option<String>,
    host: Option<HostJson<'a>>,
    outlook: &'static str,
    mismatches: Vec<MismatchJson<'a>>,
    findings: Vec<FindingJson<'a>>,
    needs: Vec<NeedJson<'a>>,
    clear: &'a [&'static str],
    not_asked: Vec<NotAskedJson>,
    cgo_effects: Vec<EffectJson<'a>>,
}

#[derive(Serialize)]
struct MismatchJson<'a> {
    key: &'a str,
    expected: &'a str,
    found: Option<&'a str>,
    #[serde(rename = "where")]
    place: &'a str,
}

#[derive(Serialize)]
struct NeedJson<'a> {
    what: &'static str,
    program: &'a str,
    there: Option<&'a str>,
    /// Null where the machine does not say.
    met: Option<bool>,
}

#[derive(Serialize)]
struct EffectJson<'a> {
    id: &'static str,
    package: &'a str,
    text: &'static str,
}

pub(super) fn write(checks: &Checks<'_>, _: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let checked = checks.checked.iter().map(one).collect();
    finish(&CheckJson { schema: VERSION, check: BodyJson { failed: checks.failed(), checked } }, out)
}

fn one<'a>(checked: &'a Checked<'_>) -> CheckedJson<'a> {
    let facts = checked.binary.facts();
    let diagnosis = &checked.diagnosis;
    CheckedJson {
        path: &checked.path,
        target: facts
            .goos
            .as_ref()
            .zip(facts.goarch.as_ref())
            .map(|(os, arch)| format!("{}/{}", os.value, arch.value)),
        host: checked.host.map(HostJson::new),
        outlook: checked.outlook().name(),
        mismatches: checked
            .mismatches
            .iter()
            .map(|mismatch| MismatchJson {
                key: &mismatch.key,
                expected: &mismatch.expected,
                found: mismatch.found.as_deref(),
                place: &mismatch.place,
            })
            .collect(),
        findings: diagnosis.findings.iter().map(FindingJson::new).collect(),
        needs: checked
            .needs()
            .map(|need| NeedJson {
                what: need.what,
                program: need.binary.as_deref().unwrap_or(""),
                there: need.host.as_deref(),
                met: match need.met {
                    Met::Yes => Some(true),
                    Met::No(_) => Some(false),
                    Met::Unknown => None,
                },
            })
            .collect(),
        clear: &diagnosis.clear,
        not_asked: diagnosis.not_asked.iter().map(NotAskedJson::new).collect(),
        cgo_effects: checked
            .effects
            .iter()
            .map(|effect| EffectJson { id: effect.id, package: &effect.package, text: effect.text })
            .collect(),
    }
}
