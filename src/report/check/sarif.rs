//! SARIF 2.1.0, for code scanning and editors.
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::io;

use serde_json::{Value, json};

use super::super::Style;
use super::super::json::finish;
use super::{Checks, UNEXPECTED, difference, paragraph, rank};
use crate::check::Checked;
use crate::diagnose::{RULES, Rule};

pub(super) fn write(checks: &Checks<'_>, _: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut results = Vec::new();
    for checked in &checks.checked {
        for mismatch in &checked.mismatches {
            results.push(result(checked, UNEXPECTED, "error", &difference(mismatch)));
        }
        for finding in &checked.diagnosis.findings {
            let text = paragraph(checked, finding);
            results.push(result(checked, finding.fault, rank(finding.confidence), &text));
        }
    }
    let mut rules: Vec<Value> = RULES.iter().map(|rule| described(rule)).collect();
    rules.push(json!({
        "id": UNEXPECTED,
        "shortDescription": { "text": "the build is not what --expect says" },
    }));
    let sarif = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "panicmap",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "results": results,
        }],
    });
    finish(&sarif, out)
}

fn described(rule: &Rule) -> Value {
    let docs = &rule.docs;
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": docs.what },
        "help": { "text": format!("{}\n\nLook-alikes: {}\n\nFix: {}", docs.why, docs.look_alikes, docs.fix) },
    })
}

fn result(checked: &Checked<'_>, rule: &str, level: &str, text: &str) -> Value {
    let place = checked.host.map_or("", |host| host.source.as_str());
    json!({
        "ruleId": rule,
        "level": level,
        "message": { "text": format!("{}: {text}", checked.path) },
        "locations": [{ "physicalLocation": { "artifactLocation": { "uri": uri(&checked.path) } } }],
        // The same finding in the next run is the same alert.
        "partialFingerprints": { "panicmap/v1": format!("{rule}:{}:{place}", checked.path) },
    })
}

/// A path as a relative reference (RFC 3986): all but unreserved characters and
/// the separators of paths are percent-encoded.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b'!' => {
                out.push(char::from(byte));
            }
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
