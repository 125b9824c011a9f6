//! Times, sizes and counts in words, the same in all formats.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::batch::{Baseline, Counts, Findings, Group, Trend};

/// `2026-11-23 04:15:02`, in UTC.
pub(super) fn when(unix_ms: i64) -> String {
    match Timestamp::from_millisecond(unix_ms) {
        Ok(at) => at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        Err(_) => format!("{unix_ms} ms"),
    }
}

/// As [`when`], or `-`.
pub(super) fn when_known(unix_ms: Option<i64>) -> String {
    unix_ms.map_or_else(|| "-".to_owned(), when)
}

/// `2026-11-23T04:15:02.171Z`
pub(super) fn rfc3339(unix_ms: i64) -> Option<String> {
    Timestamp::from_millisecond(unix_ms).ok().map(|at| format!("{at:.3}"))
}

/// What became of the inputs; the sum adds up.
pub(super) fn inputs(counts: &Counts) -> String {
    format!(
        "{} = {} read + {} empty + {} not text + {} failed; {} of text",
        counted(counts.inputs, "input", "inputs"),
        thousands(counts.read),
        thousands(counts.empty),
        thousands(counts.not_text),
        thousands(counts.failed),
        bytes(counts.bytes)
    )
}

/// `2m18s`, `12 h`, `3 d`
pub(super) fn lasting(milliseconds: i64) -> String {
    let seconds = milliseconds / 1000;
    match seconds {
        ..60 => format!("{}.{}s", seconds, (milliseconds % 1000) / 100),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        3600..172_800 => format!("{}h{:02}m", seconds / 3600, (seconds / 60) % 60),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// `412 bytes`, `1.9 GB`
pub fn bytes(count: u64) -> String {
    const UNITS: [(u64, &str); 4] =
        [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    for (unit, name) in UNITS {
        if count >= unit {
            let tenths = count / (unit / 10);
            return format!("{}.{} {name}", tenths / 10, tenths % 10);
        }
    }
    counted(count, "byte", "bytes")
}

pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{} {many}", thousands(count)) }
}

/// `12,345`
pub(super) fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && digits.len().saturating_sub(index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `6 pods`, `pod web-0`, `2 hosts, 1 log`
pub(super) fn places(group: &Group) -> String {
    if let [place] = group.places.keys().collect::<Vec<_>>().as_slice() {
        return format!("{} {}", place.kind, place.name);
    }
    let kinds = ["pod", "container", "host", "unit", "log"].map(|kind| {
        let count = group.places.keys().filter(|place| place.kind == kind).count() as u64;
        (count > 0).then(|| counted(count, kind, &format!("{kind}s")))
    });
    kinds.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What has failed, and where; said to be no crash where it is none.
pub(super) fn what(group: &Group) -> String {
    let none = if group.is_crash { "" } else { "no crash: " };
    format!("{none}{}", failed(group))
}

/// Most characters of a message that stand in a summary: programs panic with whole
/// documents.
const MESSAGE: usize = 200;

/// A text without its end, where that is long.
pub(super) fn short(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MESSAGE) {
        Some((end, _)) => {
            let beginning = text.get(..end).unwrap_or_default();
            Cow::Owned(format!("{beginning}... ({} bytes)", text.len()))
        }
        None => Cow::Borrowed(text),
    }
}

/// What has failed, and where.
pub(super) fn failed(group: &Group) -> String {
    let example = &group.example;
    let word = match example.kind.as_str() {
        "panic" => "panic: ",
        "fatal-error" => "fatal error: ",
        _ => "",
    };
    let message = if example.message.is_empty() { &example.kind } else { &example.message };
    let message = short(message.lines().next().unwrap_or_default());
    match &example.site {
        Some(site) => format!("{word}{message} in {}", site.function),
        None => format!("{word}{message}"),
    }
}

/// Faults of build and deployment, with how sure they are: `goarm-too-high [certain]`.
pub(super) fn faults(group: &Group) -> Vec<String> {
    let with_count = |((id, confidence), count): (&(String, String), &u64)| {
        let of = if *count < group.count { format!(" in {count} of {}", group.count) } else { String::new() };
        format!("{id} [{confidence}]{of}")
    };
    group.faults.iter().map(with_count).collect()
}

/// `go1.27.3 linux/arm ./app`, or another one where the log does not tell them apart.
pub(super) fn builds(group: &Group) -> Vec<String> {
    let build = |build: &crate::batch::Build| {
        let parts = [build.go_version.as_deref(), build.target.as_deref(), build.revision.as_deref()];
        let parts = parts.into_iter().flatten().chain([build.path.as_str()]);
        let named = parts.collect::<Vec<_>>().join(" ");
        match build.alike {
            0 => named,
            alike => format!("{named}, or {} as well", counted(alike, "other that fits", "others that fit")),
        }
    };
    group.builds.keys().map(build).collect()
}

pub(super) fn loops(group: &Group) -> Vec<String> {
    let one = |(place, found): (&crate::batch::Place, crate::batch::Loop)| {
        let pace = match found.slowing {
            None => format!("every {}", lasting(found.every)),
            Some((first, last)) => {
                format!(
                    "after {}, then ever later, up to {}, as Kubernetes backs off,",
                    lasting(first),
                    lasting(last)
                )
            }
        };
        format!("{pace} in {} {}, {} crashes", place.kind, place.name, found.crashes)
    };
    group.loops().map(one).collect()
}

/// What is said of those that a timeline lacks.
pub(super) fn without_time(findings: &Findings) -> Option<String> {
    let undated = findings.groups.iter().map(Group::undated).fold(0, u64::saturating_add);
    (undated > 0).then(|| format!("{} without a time", counted(undated, "more", "more")))
}

/// What is said of crashes that are counted in a way of their own.
pub(super) fn notes(findings: &Findings) -> Vec<String> {
    let mut notes = copies(findings.copies());
    let left_out = findings.left_out;
    let records = left_out.crashes.saturating_add(left_out.others);
    if records > 0 {
        let records = counted(records, "crash is", "crashes are");
        notes.push(format!(
            "{records} of more groups than there is room for, and counted only; --format jsonl has all"
        ));
    }
    if findings.only_counted() > 0 {
        let crashes =
            counted(findings.only_counted(), "crash of these groups is", "crashes of these groups are");
        notes.push(format!(
            "{crashes} more than there is room for, and counted without place, time and copies; --format jsonl has all"
        ));
    }
    notes
}

/// What is said of failures that are not listed.
pub(super) fn more_failures(findings: &Findings) -> Option<String> {
    let more = findings.failures_not_listed();
    (more > 0).then(|| format!("and {} more; --format jsonl has all", thousands(more)))
}

/// What is said of crashes that stand in several documents.
pub(super) fn copies((copies, perhaps): (u64, u64)) -> Vec<String> {
    let known = (copies > 0).then(|| {
        let records = counted(copies, "record is a copy", "records are copies");
        format!("{records} of a crash in another document (the same text and microsecond), and not counted")
    });
    let open = (perhaps > 0).then(|| {
        let crashes = counted(perhaps, "crash may be a copy", "crashes may be copies");
        format!("{crashes}, and counted: another document has the same text, and no time tells them apart")
    });
    known.into_iter().chain(open).collect()
}

/// How it was before, behind a label.
pub(super) fn trend(findings: &Findings, trend: Trend) -> (&'static str, String) {
    let text = match trend {
        Trend::New => "new".to_owned(),
        Trend::Growing(before) => format!("growing, {before} before"),
        Trend::Known(before) | Trend::Earlier(before) => format!("known, {before} before"),
    };
    match findings.baseline.as_ref().and_then(Baseline::since) {
        Some(since) if trend == Trend::New => ("since", format!("new, none before {} UTC", when(since))),
        Some(since) => ("since", format!("{text} {} UTC", when(since))),
        None => ("baseline", text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_words() {
        assert_eq!(bytes(412), "412 bytes");
        assert_eq!(bytes(1_949_000_000), "1.9 GB");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(lasting(138_000), "2m18s");
        assert_eq!(short("boom"), "boom");
        assert_eq!(short(&"ä".repeat(300)), format!("{}... (600 bytes)", "ä".repeat(200)));
        assert_eq!(when(1_795_407_392_171), "2026-11-23 04:16:32");
    }
}
