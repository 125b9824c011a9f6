//! OpenMetrics text, which a textfile collector of Prometheus takes.

use std::io::{self, Write};

use super::super::Style;
use super::shown;
use crate::batch::Findings;

pub(super) fn write(findings: &Findings, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let groups =
        || shown(findings, style).0.into_iter().map(|(_, group)| group).filter(|group| group.is_crash);
    let labels = |group: &crate::batch::Group| {
        // The one that counts is the one that is surest and most frequent.
        let fault = group.faults.iter().max_by_key(|((id, _), count)| (**count, std::cmp::Reverse(id)));
        let pairs = [
            ("program", group.program.as_str()),
            ("signature", group.signature.as_str()),
            ("kind", group.example.kind.as_str()),
            ("function", group.example.site.as_ref().map_or("", |site| site.function.as_str())),
            ("fault", fault.map_or("", |((id, _), _)| id.as_str())),
        ];
        let pairs = pairs.map(|(name, value)| format!("{name}=\"{}\"", escaped(value)));
        pairs.join(",")
    };
    head(out, "panicmap_crashes", "counter", "Crashes by program and signature.")?;
    for group in groups() {
        writeln!(out, "panicmap_crashes_total{{{}}} {}", labels(group), group.count)?;
    }
    head(out, "panicmap_last_crash_timestamp_seconds", "gauge", "When the last one was logged.")?;
    for group in groups() {
        if let Some(last) = group.last() {
            let (seconds, rest) = (last.div_euclid(1000), last.rem_euclid(1000));
            let labels = labels(group);
            writeln!(out, "panicmap_last_crash_timestamp_seconds{{{labels}}} {seconds}.{rest:03}")?;
        }
    }
    if findings.left_out.crashes > 0 {
        head(out, "panicmap_crashes_in_no_group", "gauge", "Crashes of groups that there was no room for.")?;
        writeln!(out, "panicmap_crashes_in_no_group {}", findings.left_out.crashes)?;
    }
    let counts = findings.counts;
    head(out, "panicmap_inputs", "gauge", "Documents by what became of them.")?;
    let outcomes = [
        ("read", counts.read),
        ("empty", counts.empty),
        ("not-text", counts.not_text),
        ("failed", counts.failed),
    ];
    for (outcome, count) in outcomes {
        writeln!(out, "panicmap_inputs{{outcome=\"{outcome}\"}} {count}")?;
    }
    head(out, "panicmap_read_bytes", "gauge", "Bytes that were read, decompressed.")?;
    writeln!(out, "panicmap_read_bytes {}", counts.bytes)?;
    writeln!(out, "# EOF")
}

fn head(out: &mut dyn Write, name: &str, kind: &str, help: &str) -> io::Result<()> {
    writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

/// The value of a label (OpenMetrics 1.0, escaped-string); other control
/// characters would be taken as they are.
fn escaped(value: &str) -> String {
    let mut out = String::new();
    for c in value.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
