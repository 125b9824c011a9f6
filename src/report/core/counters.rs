//! What the runtime counted, in words and for machines.

use jiff::Timestamp;
use serde::Serialize;

use super::sections::row;
use crate::examine::core::GoFacts;
use crate::postmortem::{Collections, Counters, Feature};

/// `17.2 MiB`, `448 KiB`.
fn size(bytes: u64) -> String {
    const MIB: u64 = 1 << 20;
    if bytes < MIB {
        return format!("{} KiB", bytes >> 10);
    }
    let tenths = (bytes % MIB).saturating_mul(10) / MIB;
    format!("{}.{tenths} MiB", bytes / MIB)
}

/// Microseconds below a millisecond, milliseconds below a second, seconds below a minute,
/// else minutes.
fn duration(nanoseconds: u64) -> String {
    match nanoseconds / 1_000_000 {
        0 => format!("{} µs", nanoseconds / 1000),
        ms @ 1..1000 => format!("{ms} ms"),
        ms @ 1000..60_000 => format!("{} s", ms / 1000),
        ms => format!("{} min", ms / 60_000),
    }
}

/// A time of the clock, to the millisecond.
fn moment(unix: u64) -> String {
    let at = i64::try_from(unix / 1_000_000).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    at.map_or_else(|| "a time that no calendar has".to_owned(), |at| format!("{at:.3}"))
}

pub(super) fn rows(go: &GoFacts) -> Vec<(String, String)> {
    let Ok(counters) = &go.counters else { return Vec::new() };
    let mut rows = vec![row(
        "heap",
        format!(
            "{} in use, {} idle, {} given back to the system",
            size(counters.heap_in_use),
            size(counters.heap_free),
            size(counters.heap_released)
        ),
    )];
    if let Ok(objects) = &counters.objects {
        let text =
            format!("{}, {}; dead ones that were not swept yet count", objects.count, size(objects.bytes));
        rows.push(row("objects", text));
    }
    if let Ok(collections) = &counters.collections {
        rows.push(row("stacks", size(collections.stacks)));
        rows.push(row("collections", collected(collections)));
    }
    rows.push(row("next at", next(counters)));
    rows.push(row("settings", settings(counters)));
    rows
}

fn collected(collections: &Collections) -> String {
    let mut text = match collections.last {
        Some(last) => format!("{} completed, the last at {}", collections.completed, moment(last)),
        None => "none completed".to_owned(),
    };
    if let Some(before) = collections.last_before_end {
        text.push_str(&format!(", at least {} before the end", duration(before)));
    }
    if collections.pauses > 0 {
        text.push_str(&format!("; pauses of {} in all", duration(collections.pauses)));
    }
    if collections.marking {
        text.push_str("; another one was marking");
    }
    text
}

fn next(counters: &Counters) -> String {
    match counters.goal {
        Some(goal) => format!("{} of heap", size(goal)),
        None => "never by itself: GOGC=off, and no GOMEMLIMIT".to_owned(),
    }
}

fn settings(counters: &Counters) -> String {
    let percent = counters.percent.map_or_else(|| "off".to_owned(), |percent| percent.to_string());
    let limit = counters.limit.map_or_else(|| "off".to_owned(), size);
    let mut text = format!("GOGC {percent}, GOMEMLIMIT {limit}");
    if let Ok(processors) = counters.processors {
        text.push_str(&format!(", GOMAXPROCS {processors}"));
    }
    text
}

/// What of it was not read, and why.
pub(super) fn not_read(go: &GoFacts) -> Vec<(&'static str, &str)> {
    let mut rows = Vec::new();
    match &go.counters {
        Err(why) => rows.push(("memory", why.as_str())),
        Ok(counters) => {
            rows.extend(counters.objects.as_ref().err().map(|why| ("objects", why.as_str())));
            rows.extend(counters.collections.as_ref().err().map(|why| ("collections", why.as_str())));
            rows.extend(counters.processors.as_ref().err().map(|why| ("GOMAXPROCS", why.as_str())));
        }
    }
    rows.extend(go.features.as_ref().err().map(|why| ("CPU features", why.as_str())));
    rows
}

/// The processor as the runtime saw it.
pub(super) fn processor(go: &GoFacts) -> Vec<(String, String)> {
    let mut rows: Vec<(String, String)> =
        go.goarm.map(|level| row("runtime.goarm", level.to_string())).into_iter().collect();
    let Ok(features) = &go.features else { return rows };
    let names = |wanted: &dyn Fn(&&Feature) -> bool| {
        let names: Vec<&str> = features.iter().filter(wanted).map(|feature| feature.name.as_str()).collect();
        names.join(" ")
    };
    let parts = [
        ("has", names(&|feature| feature.present)),
        ("lacks", names(&|feature| !feature.present)),
        ("set by GODEBUG:", names(&|feature| feature.specified)),
    ];
    let parts = parts.iter().filter(|(_, names)| !names.is_empty());
    let parts: Vec<String> = parts.map(|(what, names)| format!("{what} {names}")).collect();
    rows.push(row("for Go it", parts.join("; ")));
    rows
}

#[derive(Serialize)]
pub(super) struct MemoryJson {
    heap_in_use: u64,
    heap_idle: u64,
    heap_released: u64,
    objects: Option<u64>,
    object_bytes: Option<u64>,
    stacks_in_use: Option<u64>,
    collections: Option<u32>,
    /// Nanoseconds of 1970.
    last_collection: Option<u64>,
    last_collection_before_end_at_least_ns: Option<u64>,
    pauses_ns: Option<u64>,
    marking: Option<bool>,
    next_collection_at: Option<u64>,
    gogc: Option<u32>,
    gomemlimit: Option<u64>,
    gomaxprocs: Option<u64>,
}

impl MemoryJson {
    pub(super) fn new(counters: &Counters) -> MemoryJson {
        let objects = counters.objects.as_ref().ok();
        let collections = counters.collections.as_ref().ok();
        MemoryJson {
            heap_in_use: counters.heap_in_use,
            heap_idle: counters.heap_free,
            heap_released: counters.heap_released,
            objects: objects.map(|objects| objects.count),
            object_bytes: objects.map(|objects| objects.bytes),
            stacks_in_use: collections.map(|collections| collections.stacks),
            collections: collections.map(|collections| collections.completed),
            last_collection: collections.and_then(|collections| collections.last),
            last_collection_before_end_at_least_ns: collections
                .and_then(|collections| collections.last_before_end),
            pauses_ns: collections.map(|collections| collections.pauses),
            marking: collections.map(|collections| collections.marking),
            next_collection_at: counters.goal,
            gogc: counters.percent,
            gomemlimit: counters.limit,
            gomaxprocs: counters.processors.as_ref().ok().copied(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct FeatureJson<'a> {
    name: &'a str,
    present: bool,
    set_by_godebug: bool,
}

impl FeatureJson<'_> {
    pub(super) fn new(feature: &Feature) -> FeatureJson<'_> {
        FeatureJson { name: &feature.name, present: feature.present, set_by_godebug: feature.specified }
    }
}
