//! The summary of a scan as JSON.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use super::super::Style;
use super::super::json::{VERSION, finish};
use super::{phrases, shown, trend};
use crate::batch::{Build, CrashRecord, Findings, Group};

#[derive(Serialize)]
struct ScanJson<'a> {
    schema: &'static str,
    folder: &'a str,
    counted: CountedJson,
    first_seen: Option<String>,
    last_seen: Option<String>,
    timeline: Option<TimelineJson>,
    groups: Vec<GroupJson<'a>>,
    groups_not_shown: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    gone: Option<Vec<GoneJson<'a>>>,
    not_read_in_full: Vec<FailureJson<'a>>,
    failures_not_listed: u64,
}

#[derive(Serialize)]
struct CountedJson {
    inputs: u64,
    in_archives: u64,
    read: u64,
    empty: u64,
    not_text: u64,
    failed: u64,
    bytes: u64,
    lines: u64,
    crashes: u64,
    incomplete_crashes: u64,
    /// Dumps that were asked for, stacks of loggers, errors.
    others: u64,
    left_out_without_a_time: u64,
    /// Records of crashes that are counted already, and crashes that may be such.
    copies: u64,
    maybe_copies: u64,
    /// Of the crashes and others, those of groups that there was no room for, and those of
    /// which no place and time is told.
    in_no_group: u64,
    only_counted: u64,
}

#[derive(Serialize)]
struct TimelineJson {
    start: Option<String>,
    bucket_seconds: i64,
    counts: Vec<u64>,
}

#[derive(Serialize)]
struct GroupJson<'a> {
    number: usize,
    program: &'a str,
    signature: &'a str,
    is_crash: bool,
    count: u64,
    only_counted: u64,
    incomplete: u64,
    copies: u64,
    maybe_copies: u64,
    message: &'a str,
    first_seen: Option<String>,
    last_seen: Option<String>,
    without_a_time: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    trend: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<u64>,
    faults: Vec<FaultJson<'a>>,
    verdicts: &'a BTreeMap<String, u64>,
    places: Vec<PlaceJson<'a>>,
    restart_loops: Vec<LoopJson<'a>>,
    variants: &'a BTreeMap<String, u64>,
    builds: Vec<BuildJson<'a>>,
    timeline: Vec<u64>,
    example: &'a CrashRecord,
}

#[derive(Serialize)]
struct FaultJson<'a> {
    fault: &'a str,
    confidence: &'a str,
    count: u64,
}

#[derive(Serialize)]
struct PlaceJson<'a> {
    kind: &'static str,
    name: &'a str,
    count: u64,
}

#[derive(Serialize)]
struct LoopJson<'a> {
    kind: &'static str,
    place: &'a str,
    /// On average.
    every_seconds: f64,
    /// Kubernetes waits longer each time.
    slowing: bool,
    crashes: usize,
}

#[derive(Serialize)]
struct BuildJson<'a> {
    #[serde(flatten)]
    build: &'a Build,
    count: u64,
}

#[derive(Serialize)]
struct GoneJson<'a> {
    program: &'a str,
    signature: &'a str,
    before: u64,
    message: &'a str,
}

#[derive(Serialize)]
struct FailureJson<'a> {
    path: &'a str,
    document: u64,
    reason: &'a str,
}

pub(super) fn write(findings: &Findings, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let (groups, rest) = shown(findings, style);
    let counts = findings.counts;
    let (crashes, others) = findings.totals();
    let (copies, maybe_copies) = findings.copies();
    let first = findings.groups.iter().filter_map(Group::first).min();
    let last = findings.groups.iter().filter_map(Group::last).max();
    let failures = findings.failures.iter().map(|failure| FailureJson {
        path: &failure.name,
        document: failure.document,
        reason: &failure.reason,
    });
    let gone = findings.gone().map(|gone| {
        let gone = gone.into_iter().map(|then| GoneJson {
            program: &then.program,
            signature: &then.signature,
            before: then.count,
            message: &then.message,
        });
        gone.collect()
    });
    let report = ScanJson {
        schema: VERSION,
        folder: &findings.folder,
        counted: CountedJson {
            inputs: counts.inputs,
            in_archives: counts.members,
            read: counts.read,
            empty: counts.empty,
            not_text: counts.not_text,
            failed: counts.failed,
            bytes: counts.bytes,
            lines: counts.lines,
            crashes,
            incomplete_crashes: findings.incomplete(),
            others,
            left_out_without_a_time: findings.undated,
            copies,
            maybe_copies,
            in_no_group: findings.left_out.crashes.saturating_add(findings.left_out.others),
            only_counted: findings.only_counted(),
        },
        first_seen: first.and_then(phrases::rfc3339),
        last_seen: last.and_then(phrases::rfc3339),
        timeline: findings.timeline.map(|line| TimelineJson {
            start: phrases::rfc3339(line.start),
            bucket_seconds: line.width / 1000,
            counts: line.counts(findings.groups.iter().flat_map(Group::times)),
        }),
        groups: groups.into_iter().map(|(number, group)| GroupJson::new(findings, number, group)).collect(),
        groups_not_shown: rest,
        gone,
        not_read_in_full: failures.collect(),
        failures_not_listed: findings.failures_not_listed(),
    };
    finish(&report, out)
}

impl<'a> GroupJson<'a> {
    fn new(findings: &'a Findings, number: usize, group: &'a Group) -> GroupJson<'a> {
        let trend = trend(findings, group);
        let faults = group.faults.iter();
        let faults =
            faults.map(|((fault, confidence), count)| FaultJson { fault, confidence, count: *count });
        let places = group.places.iter().map(|(place, times)| PlaceJson {
            kind: place.kind,
            name: &place.name,
            count: times.count,
        });
        let loops = group.loops().map(|(place, found)| LoopJson {
            kind: place.kind,
            place: &place.name,
            every_seconds: found.every as f64 / 1000.0,
            slowing: found.slowing.is_some(),
            crashes: found.crashes,
        });
        GroupJson {
            number,
            program: &group.program,
            signature: &group.signature,
            is_crash: group.is_crash,
            count: group.count,
            only_counted: group.only_counted,
            incomplete: group.incomplete,
            copies: group.copies,
            maybe_copies: group.perhaps_copies,
            message: &group.example.message,
            first_seen: group.first().and_then(phrases::rfc3339),
            last_seen: group.last().and_then(phrases::rfc3339),
            without_a_time: group.undated(),
            trend: trend.map(|trend| trend.name()),
            before: trend.map(|trend| trend.before()),
            faults: faults.collect(),
            verdicts: &group.verdicts,
            places: places.collect(),
            restart_loops: loops.collect(),
            variants: &group.variants,
            builds: group.builds.iter().map(|(build, count)| BuildJson { build, count: *count }).collect(),
            timeline: findings.timeline.map(|line| line.counts(group.times())).unwrap_or_default(),
            example: &group.example,
        }
    }
}
