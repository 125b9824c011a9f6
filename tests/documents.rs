//! Logs that are one JSON document, longer than what is held of it: real exports of
//! `corpus/wrapped`, padded with ordinary records, give the same crashes whether they are
//! in memory as a whole or pass through in pieces.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/archive.rs"]
mod archive;
#[path = "support/record.rs"]
mod record;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use archive::{folder, write};
use panicmap::source::Origin;
use panicmap::trace::{Crash, Feed, Hold, Looked, Unwrapping};
use proptest::prelude::*;
use serde_json::Value;
use serde_json::value::RawValue;

/// Names of exports, and whether the newest record stands first.
const EXPORTS: &[(&str, bool)] = &[
    ("aws-filter-log-events", false),
    ("aws-get-log-events", false),
    ("aws-query-messages", false),
    ("azure-containerlogv2", false),
    ("elasticsearch-hits", false),
    ("gcp-read-json", true),
    ("grafana-json", true),
    ("journal-json-pretty", false),
    ("json-array", false),
    ("kubectl-get-json", false),
];
/// The same without a newline.
const COMPACT: &[(&str, bool)] =
    &[("elasticsearch-hits-shuffled", false), ("loki-query-range", true), ("otlp-json", false)];

fn log(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/wrapped").join(name).join("log");
    std::fs::read_to_string(path).unwrap()
}

/// An export as its tool has written it, cut between its records.
struct Export {
    before: String,
    records: Vec<String>,
    between: String,
    behind: String,
}

/// The longest array in a value.
fn array<'a>(value: &'a RawValue) -> Vec<&'a RawValue> {
    let longest =
        |all: &mut dyn Iterator<Item = &&'a RawValue>| all.map(|inner| array(inner)).max_by_key(Vec::len);
    let text = value.get();
    if let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(text) {
        let inner = longest(&mut items.iter()).unwrap_or_default();
        return if inner.len() >= items.len() && inner.len() > 4 { inner } else { items };
    }
    let members = serde_json::from_str::<BTreeMap<String, &RawValue>>(text).unwrap_or_default();
    longest(&mut members.values()).unwrap_or_default()
}

impl Export {
    fn of(name: &str) -> Export {
        let text = log(name);
        let values: Vec<&RawValue> =
            serde_json::Deserializer::from_str(&text).into_iter().map(Result::unwrap).collect();
        let mut records = if values.len() > 1 { values.clone() } else { array(values[0]) };
        if records.len() < 4 {
            // One object: there is a list of such.
            let (before, behind) = (
                "{\n    \"apiVersion\": \"v1\",\n    \"items\": [\n".into(),
                "\n    ],\n    \"kind\": \"List\"\n}\n".into(),
            );
            let records = vec![values[0].get().replace('\n', "\n        ")];
            return Export { before, records, between: ",\n        ".into(), behind };
        }
        // The last string of `jq 'split("\n")'` is empty.
        records.retain(|record| record.get() != "\"\"" || values.len() > 1);
        let at = |part: &RawValue| part.get().as_ptr() as usize - text.as_ptr() as usize;
        let end = |part: &RawValue| at(part) + part.get().len();
        Export {
            before: text[..at(records[0])].to_owned(),
            between: text[end(records[0])..at(records[1])].to_owned(),
            behind: text[end(records[records.len() - 1])..].to_owned(),
            records: records.iter().map(|record| record.get().to_owned()).collect(),
        }
    }

    /// The crash again and again, behind so many bytes of ordinary records, and so many at
    /// the end.
    fn long(&self, copies: usize, padding: usize, end: usize, newest_first: bool) -> String {
        let mut out = self.before.clone();
        let last = 60 * (copies as u64 + 1);
        let mut add = |record: &str, seconds: u64, bytes: usize| {
            let record = shifted(record, if newest_first { last - seconds } else { seconds });
            let end = out.len() + bytes;
            loop {
                out += &record;
                out += &self.between;
                if out.len() >= end {
                    break;
                }
            }
        };
        add(&ordinary(&self.records[0]), 30, padding);
        for copy in 0..copies {
            let seconds = 60 * (copy as u64 + 1);
            for record in &self.records {
                add(&renumbered(record, copy), seconds, 0);
            }
            let behind = if copy + 1 < copies { padding } else { end };
            if behind > 0 {
                add(&ordinary(self.records.last().unwrap()), seconds + 30, behind);
            }
        }
        out.truncate(out.len() - self.between.len());
        out + &self.behind
    }
}

/// A record with another text: every string that is one of a crash is none.
fn ordinary(record: &str) -> String {
    fn calm(value: &mut Value) {
        match value {
            Value::String(text)
                if text.contains("main.")
                    || text.contains("panic")
                    || text.contains("goroutine")
                    || text.contains("signal") =>
            {
                *text = "served order 17 in 3 ms".to_owned();
            }
            Value::Array(items) => items.iter_mut().for_each(calm),
            Value::Object(members) => members.values_mut().for_each(calm),
            _ => {}
        }
    }
    let mut value: Value = serde_json::from_str(record).unwrap();
    calm(&mut value);
    let lines = record.contains('\n');
    if lines { serde_json::to_string_pretty(&value).unwrap() } else { value.to_string() }
}

/// The same crash of another goroutine: it is not told as the same one.
fn renumbered(record: &str, copy: usize) -> String {
    let mut out = String::new();
    let mut rest = record;
    while let Some(at) = rest.find("goroutine ") {
        let (before, behind) = rest.split_at(at + "goroutine ".len());
        let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
        out += before;
        match behind[..digits].parse::<usize>() {
            Ok(number) => out += &(number + 100 * copy).to_string(),
            Err(_) => out += &behind[..digits],
        }
        rest = &behind[digits..];
    }
    out + rest
}

/// Every time in a record, so many seconds later.
fn shifted(record: &str, seconds: u64) -> String {
    let mut out = String::new();
    let mut rest = record;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, behind) = rest.split_at(at);
        out += before;
        let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
        let clock = behind.as_bytes();
        let word = &behind[..digits];
        let is_clock = before.ends_with('T')
            && digits == 2
            && clock.get(2) == Some(&b':')
            && clock.get(5) == Some(&b':');
        if is_clock {
            let number = |at: usize| behind[at..at + 2].parse::<u64>().unwrap();
            let time = number(0) * 3600 + number(3) * 60 + number(6) + seconds;
            out += &format!("{:02}:{:02}:{:02}", time / 3600, time / 60 % 60, time % 60);
            rest = &behind[8..];
            continue;
        }
        // Of filebeat: where the line stood in its file.
        if before.trim_end().ends_with("\"offset\":") {
            out += &(word.parse::<u64>().unwrap() + 1000 * seconds).to_string();
            rest = &behind[digits..];
            continue;
        }
        match (word.starts_with("1795"), digits) {
            (true, 13 | 16 | 19) => {
                let unit = 10u64.pow(u32::try_from(digits - 10).unwrap());
                out += &(word.parse::<u64>().unwrap() + seconds * unit).to_string();
            }
            _ => out += word,
        }
        rest = &behind[digits..];
    }
    out + rest
}

fn read(text: impl AsRef<[u8]>, hold: Hold, piece: usize) -> (Vec<Crash>, Looked) {
    let mut feed = Feed::new(Origin::new("log"), Unwrapping::Auto).holding(hold);
    let mut crashes: Vec<Crash> = text.as_ref().chunks(piece).flat_map(|piece| feed.push(piece)).collect();
    let (rest, looked) = feed.finish();
    crashes.extend(rest);
    (crashes, looked)
}

fn holding(whole: usize) -> Hold {
    Hold { region: 12 << 20, whole }
}

/// All that is told of crashes but where they stand.
fn told(crashes: &[Crash]) -> Vec<String> {
    let identity = |crash: &Crash| format!("{:?} {:?}", crash.source.identity, crash.source.stamp);
    let all = |crash: &Crash| {
        [record::head(crash), record::stacks(crash), vec![identity(crash)]].concat().join("\n")
    };
    crashes.iter().map(all).collect()
}

/// All that is told of crashes, as they stand in the document: as a whole, one whose newest
/// record comes first has its crashes in the order of time.
fn in_order(mut crashes: Vec<Crash>) -> Vec<String> {
    crashes.sort_by_key(|crash| crash.span.bytes.start);
    crashes.iter().map(record::everything).collect()
}

#[test]
fn a_long_document_is_read_in_pieces_as_it_is_as_a_whole() {
    for (name, newest_first) in EXPORTS {
        let export = Export::of(name);
        let short = told(&read(log(name), Hold::default(), 4096).0).len();
        let text = export.long(2, 290_000, 290_000, *newest_first);
        // Less is one value that is read by itself.
        assert!(text.len() < 1 << 20, "{name}: {}", text.len());
        let whole = in_order(read(&text, Hold::default(), text.len()).0);
        assert_eq!(whole.len(), 2 * short, "{name}");
        for hold in [4 << 10, 16 << 10, 64 << 10] {
            let (pieces, looked) = read(&text, holding(hold), 10_007);
            assert_eq!((looked.damaged, looked.left_out_of_values), (0, 0), "{name}");
            assert_eq!(in_order(pieces), whole, "{name}, holding {hold}");
        }
    }
}

#[test]
fn a_long_document_without_newlines_is_read_as_its_lines_are() {
    for (name, newest_first) in COMPACT {
        let export = Export::of(name);
        let text = export.long(2, 290_000, 290_000, *newest_first);
        let mut whole = told(&read(&text, Hold::default(), text.len()).0);
        whole.sort();
        assert_eq!(whole.len(), 2, "{name}");
        for hold in [4 << 10, 16 << 10, 64 << 10] {
            let mut pieces = told(&read(&text, holding(hold), 10_007).0);
            pieces.sort();
            assert_eq!(pieces, whole, "{name}, holding {hold}");
        }
    }
}

/// The line that a crash begins with is that of its first record, and its last line that of
/// the end of its last.
#[test]
fn a_crash_stands_where_its_records_do() {
    let text = log("aws-get-log-events");
    let crash = &read(&text, Hold::default(), 4096).0[0];
    let (start, end) = (text.find("        {").unwrap() + 8, text.rfind("        }").unwrap() + 9);
    assert_eq!(crash.span.bytes, start as u64..end as u64);
    let line = |at: usize| text[..at].matches('\n').count() as u64 + 1;
    assert_eq!(crash.span.lines, line(start)..=line(end));
}

fn scan(path: &Path, arguments: &[&str]) -> (i32, Vec<Value>) {
    let output = Command::new(env!("CARGO_BIN_EXE_panicmap"))
        .args(["scan", "--format", "jsonl"])
        .args(arguments)
        .arg(path)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let records = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (output.status.code().unwrap(), records)
}

fn crashes(records: &[Value]) -> Vec<&Value> {
    records.iter().filter(|record| record["record"] == "crash").collect()
}

fn reason(records: &[Value]) -> &str {
    let document = records.iter().find(|record| record["record"] == "document").unwrap();
    document["reason"].as_str().unwrap_or_default()
}

/// Several times what `scan` holds at the least.
#[test]
fn scan_finds_what_stands_far_inside_a_document() {
    let folder = folder("documents-scan");
    for (name, newest_first) in
        [("aws-get-log-events", false), ("gcp-read-json", true), ("loki-query-range", true)]
    {
        // The last one stands at the end.
        let text = Export::of(name).long(3, 1_400_000, 0, newest_first);
        let path = write(&folder, name, text.as_bytes());
        let (status, records) = scan(Path::new(&path), &["--max-crash", "1M", "--max-line", "256K"]);
        assert_eq!((status, reason(&records)), (0, ""), "{name}");
        let found = crashes(&records);
        assert_eq!(found.len(), 3, "{name}");
        for crash in found {
            assert_eq!(crash["crash"]["complete"], true, "{name}: {crash}");
        }
    }
}

#[test]
fn what_is_readable_of_a_damaged_document_is_read() {
    let folder = folder("documents-damaged");
    let text = Export::of("aws-filter-log-events").long(3, 20_000, 20_000, false);
    let middle = text.find("served order").unwrap() + 9_000;
    let line = middle + text[middle..].find("\n").unwrap();
    let cut = text.rfind("panic: ").unwrap() - 200;
    let damaged: &[(&str, String, usize)] = &[
        ("garbage", [&text[..line], "\n#### not JSON: {[\"", &text[line..]].concat(), 3),
        ("hole", [&text[..middle], &text[middle + 300..]].concat(), 3),
        ("cut", text[..cut].to_owned(), 2),
        ("no-brackets", text[..text.rfind("]").unwrap()].to_owned(), 3),
    ];
    for (name, text, count) in damaged {
        let path = write(&folder, name, text.as_bytes());
        for hold in ["1M", "12M"] {
            let (status, records) = scan(Path::new(&path), &["--max-crash", hold]);
            assert_eq!(crashes(&records).len(), *count, "{name}");
            assert_eq!(status, 4, "{name}");
            assert!(reason(&records).contains("damaged"), "{name}: {}", reason(&records));
        }
        let pieces = read(text, holding(4 << 10), 1009).0;
        assert_eq!(pieces.len(), *count, "{name} in pieces");
    }
}

/// A string that is longer than what is held.
#[test]
fn a_value_that_is_too_long_is_cut_and_told() {
    let folder = folder("documents-cut");
    let stack: String =
        (0..30_000).map(|n| format!("main.f{n}(0x1)\\n\\t/app/main.go:{n} +0x1d\\n")).collect();
    let long = format!("panic: first\\n\\ngoroutine 1 [running]:\\n{stack}");
    let second = "panic: second\\n\\ngoroutine 1 [running]:\\nmain.main()\\n\\t/app/main.go:5 +0x1d\\n";
    let event = |text: &str| {
        format!("    {{\n      \"timestamp\": 1795443893123,\n      \"message\": \"{text}\"\n    }}")
    };
    let text = format!("{{\n  \"events\": [\n{},\n{}\n  ]\n}}\n", event(&long), event(second));
    let path = write(&folder, "log", text.as_bytes());
    let (status, records) = scan(Path::new(&path), &["--max-crash", "1M"]);
    let found = crashes(&records);
    assert_eq!((status, found.len()), (4, 2));
    assert_eq!(found[0]["crash"]["complete"], false);
    assert!(
        found[0]["crash"]["losses"].to_string().contains("longer than what is held"),
        "{}",
        found[0]["crash"]["losses"]
    );
    assert_eq!(
        (&found[1]["crash"]["complete"], &found[1]["crash"]["message"]),
        (&true.into(), &"second".into())
    );
    assert!(reason(&records).contains("were left out"), "{}", reason(&records));
}

/// Text behind a document is a log of its own.
#[test]
fn text_behind_a_document_is_read() {
    let plain =
        "panic: behind\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:5 +0x1d\nexit status 2\n";
    let text = format!("{}\n{plain}", log("aws-get-log-events"));
    let (found, looked) = read(&text, Hold::default(), 4096);
    assert_eq!(found.len(), 2);
    assert_eq!((found[1].message().as_str(), looked.damaged), ("behind", 0));
    assert!(found[1].complete() && found[1].source.envelopes.is_empty(), "{:?}", found[1].source);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Pieces do not matter, whatever is wrong with a document.
    #[test]
    fn damaged_documents_are_read_alike_in_any_pieces(
        which in 0..EXPORTS.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0u8..4, 1usize..400), 1..4),
        piece in 1usize..3000,
    ) {
        let (name, newest_first) = EXPORTS[which];
        let mut text = Export::of(name).long(2, 3000, 3000, newest_first).into_bytes();
        for (at, change, length) in changes {
            let at = at.index(text.len());
            let end = text.len().min(at + length);
            match change {
                0 => drop(text.drain(at..end)),
                1 => text[at] ^= 1 << (length % 8),
                2 => drop(text.splice(at..at, b"\n#### not JSON: {[\"\n".iter().copied())),
                _ => {
                    let copy = text[at..end].to_vec();
                    text.splice(at..at, copy);
                }
            }
        }
        let told = |piece: usize| {
            let (crashes, looked) = read(&text, holding(4 << 10), piece);
            (crashes.iter().map(record::everything).collect::<Vec<_>>(), looked)
        };
        prop_assert_eq!(told(piece), told(text.len()));
    }
}
