//! Every folder of `corpus/wrapped` is a test: the crashes that are read out of
//! the wrapped `log` must be those of `plain`, which is what the program wrote.
//! Every folder of `corpus/decoys` is one too: it must give no crash at all.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/record.rs"]
mod record;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};
use panicmap::trace::{Block, Crash, Unwrapping};
use serde::Deserialize;

/// What is known to be wrong: cases, what of them, and why. A row whose case has
/// come right is an error too, so that the list only ever tells the truth.
const KNOWN: &[(&[&str], &[&str], &str)] = &[
    // Stacks that are not read, or read wrong.
    (&["xxd"], &["crashes", "goroutines", "frames"], "hex dumps are not read"),
    (
        &["lambda-error-object"],
        &["crashes", "frames"],
        "an indented JSON object with a stackTrace is not read",
    ),
    (&["supervisord-debug-log"], &["crashes", "goroutines", "frames"], "supervisord's own log is not read"),
    (
        &["lib-zap-dev", "lib-zap-fatal", "lib-zap-panic"],
        &["crashes", "frames"],
        "zap's own stack is told as well, as one without a header",
    ),
    (
        &["damage-doubled-block"],
        &["crashes", "goroutines", "frames"],
        "told as identical, but as a crash of its own",
    ),
    (
        &["interleaved-journal-cat", "interleaved-three-procs-lines"],
        &["crashes"],
        "where no stack may be claimed, heads are still crashes of their own",
    ),
    (&["damage-nul-inside"], &["losses"], "the hole is not told"),
    // Messages and heads.
    (
        &["cri-containerd-bytes", "journal-bytes-json", "journal-bytes-short-a"],
        &["record"],
        "colours that the program printed are taken off too",
    ),
    (
        &["damage-rsyslog-tcp-oversize"],
        &["record", "identity", "envelopes"],
        "the rest of an oversize line has no header, and hides the format",
    ),
    (
        &["html-escaped-lines", "slack-smart-quotes"],
        &["record"],
        "in a message, characters of HTML and chats stay",
    ),
    (&["slack-smart"], &["record"], "`[…]` in a function's name stays"),
    (
        &["inetutils-syslogd"],
        &["record"],
        "`last message repeated` has no tag: it is taken for another source",
    ),
    (&["journal-bytes-export"], &["record"], "the head is lost where MESSAGE is binary"),
    (&["journal-podman-long9-short-iso"], &["record"], "parts of a long line have no mark in this form"),
    (&["powershell-redirect"], &["record"], "the error record of PowerShell stays in the message"),
    (&["sed-trimmed-noblank"], &["record"], "without blank lines and TABs the head is not found"),
    (&["tmux-60"], &["record"], "a signal line that was broken is not joined"),
    // Losses that are not told.
    (&["damage-truncated-marker"], &["losses"], "lines cut in the middle of a crash are not told"),
    (&["grep-lost-lines"], &["losses"], "a signal line without its panic is not told"),
    (
        &["journal-bytes-short", "journal-long-json-null"],
        &["losses"],
        "the head is lost, and that is not told",
    ),
    // Who and when.
    (
        &["ansible-default", "ansible-verbose"],
        &["identity", "envelopes"],
        "Ansible's host, and the JSON of the task",
    ),
    (
        &["ansible-yaml", "pm2-logs", "windows-event-xml"],
        &["identity"],
        "a name that stands once before the text, or in every prefix",
    ),
    (
        &["github-of-compose-ansi", "stern-timestamps"],
        &["identity", "envelopes"],
        "read by its common prefix, which says nothing of who",
    ),
    (
        &["datadog-csv", "kibana-csv-lines", "splunk-csv-merged"],
        &["identity"],
        "the other columns of CSV are not read",
    ),
    (&["datadog-csv", "splunk-csv-merged"], &["time"], "the other columns of CSV are not read"),
    (
        &["fluentd-out-file", "gcp-merged", "gcp-merged-pieces", "gcp-read-json", "gcp-sink"],
        &["identity"],
        "only told inside the name of the tag or log",
    ),
    (&["honcho"], &["identity"], "a name before a bar is a service"),
    (&["gh-run-view-unknown-step"], &["identity"], "UNKNOWN STEP is no step"),
    (&["journal-with-unit"], &["identity"], "a unit stands where the tag does"),
    (
        &[
            "kubectl-describe",
            "kubectl-describe-cut-head",
            "kubectl-get-json",
            "kubectl-get-yaml",
            "kubectl-get-yaml-cut-head",
        ],
        &["identity", "time"],
        "pod and container stand far above the text, the time beside it",
    ),
    (
        &["kubetail-pod-colour", "kubetail-pod-container"],
        &["identity"],
        "a name in brackets need not be a pod",
    ),
    (&["splunk-json"], &["identity"], "`source` is not read"),
    (&["buildkite"], &["time"], "the stamp is inside an escape sequence"),
    (
        &["go-http", "go-log-q", "go-log-std", "go-log-v"],
        &["time"],
        "the stamp of package log belongs to no wrapping",
    ),
    (&["go-slog-text", "lib-logrus-text"], &["time"], "`time=` of logfmt is not read"),
    (
        &["lib-logrus-panic", "lib-zerolog-panic"],
        &["time"],
        "the record of the logger stands before the crash",
    ),
    (&["journal-json-of-slog-json"], &["time"], "the stamp of the outer record is taken"),
    (&["windows-event-xml"], &["time"], "SystemTime is not read"),
];

fn known(name: &str) -> Vec<&'static str> {
    KNOWN.iter().filter(|(cases, ..)| cases.contains(&name)).flat_map(|(_, what, _)| *what).copied().collect()
}

fn main() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut trials = Vec::new();
    for folder in folders(&corpus.join("wrapped")).into_iter().filter(|f| f.join("expect.toml").exists()) {
        let name = format!("wrapped/{}", name_of(&folder));
        trials.push(Trial::test(name, move || case(&folder).map_err(Failed::from)));
    }
    for folder in folders(&corpus.join("decoys")) {
        let name = format!("decoys/{}", name_of(&folder));
        trials.push(Trial::test(name, move || decoy(&folder).map_err(Failed::from)));
    }
    trials.push(Trial::test("known_cases_exist", || {
        let there = |name: &str| {
            ["wrapped", "decoys"].iter().any(|kind| Path::new("corpus").join(kind).join(name).is_dir())
        };
        match KNOWN.iter().flat_map(|(cases, ..)| *cases).find(|name| !there(name)) {
            Some(name) => Err(format!("no case {name}").into()),
            None => Ok(()),
        }
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(parent)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

fn name_of(folder: &Path) -> String {
    folder.file_name().unwrap().to_string_lossy().into_owned()
}

/// `expect.toml`; `corpus/README.md` says what the keys mean.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "some keys are for people; naming them here finds those that are misspelt")]
struct Expect {
    tool: String,
    made: bool,
    recipe: String,
    wrapping: Vec<String>,
    envelopes: Vec<String>,
    crashes: usize,
    identity: BTreeMap<String, String>,
    #[serde(default)]
    beside: BTreeMap<String, String>,
    time: Option<String>,
    losses: Vec<String>,
    goroutines: usize,
    frames: usize,
    note: Option<String>,
}

/// Losses after which part of the crash is not in the log any more.
const CUTS: &[&str] = &["cut-head", "cut-tail", "cut-lines", "hole", "suppressed", "blob-lost"];
/// Losses after which the blanks in a message cannot be known.
const BLANKS: &[&str] = &["detabbed", "blank-lost", "wrapped"];
/// Losses after which the message is another.
const MESSAGE: &[&str] = &["bytes-replaced", "blob-lost"];

impl Expect {
    fn lost(&self, any: &[&str]) -> bool {
        self.losses.iter().any(|loss| any.contains(&loss.as_str()))
    }
}

/// What is wrong with a case: what of it, and how.
#[derive(Default)]
struct Wrong(Vec<(&'static str, String)>);

impl Wrong {
    fn check<T: PartialEq + std::fmt::Debug>(&mut self, what: &'static str, have: &T, want: &T) {
        if have != want {
            self.0.push((what, format!("{have:?}, expected {want:?}")));
        }
    }
}

fn case(folder: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(folder.join("expect.toml")).map_err(|e| e.to_string())?;
    let expect: Expect = toml::from_str(&text).map_err(|e| e.to_string())?;
    let found = record::crashes(&log(folder), &Unwrapping::Auto);
    let mut wrong = Wrong::default();
    wrong.check("crashes", &found.len(), &expect.crashes);
    let goroutines = found.iter().flat_map(|crash| &crash.goroutines);
    let headers = goroutines.clone().filter(|g| g.block == Block::Goroutine).count();
    wrong.check("goroutines", &headers, &expect.goroutines);
    // A frame whose position was cut off is told, but not counted.
    let placed = |crash: &Crash, g| crash.frames_of(g).iter().filter(|f| !crash.file(f).is_empty()).count();
    let frames = found.iter().flat_map(|crash| crash.goroutines.iter().map(|g| placed(crash, g)));
    wrong.check("frames", &frames.sum(), &expect.frames);
    if expect.crashes > 0 && found.len() == expect.crashes {
        let plain: Vec<Crash> =
            plains(folder).iter().flat_map(|text| record::crashes(text, &Unwrapping::Plain)).collect();
        records(&found, &plain, &expect, &mut wrong);
        sources(&found, &plain, &expect, &mut wrong);
    }
    judge(&name_of(folder), wrong)
}

/// Older rotations first, as `cat log.2 log.1 log` gives them.
fn log(folder: &Path) -> Vec<u8> {
    let mut text = Vec::new();
    for number in (1..10).rev() {
        text.extend(std::fs::read(folder.join(format!("log.{number}"))).unwrap_or_default());
    }
    text.extend(std::fs::read(folder.join("log")).unwrap());
    text
}

fn plains(folder: &Path) -> Vec<Vec<u8>> {
    let further = (2..10).map_while(|number| std::fs::read(folder.join(format!("plain.{number}"))).ok());
    std::iter::once(std::fs::read(folder.join("plain")).unwrap()).chain(further).collect()
}

fn records(found: &[Crash], plain: &[Crash], expect: &Expect, wrong: &mut Wrong) {
    let lines = |crash: &Crash| {
        let head = if expect.lost(MESSAGE) { Vec::new() } else { record::head(crash) };
        let blanks = |line: &String| {
            let line = line.replace("\\n", " ").replace("\\t", " ");
            line.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let head = if expect.lost(BLANKS) { head.iter().map(blanks).collect() } else { head };
        [head, record::stacks(crash)].concat()
    };
    // Services that stop together may end up in another order.
    let sorted = |crashes: &[Crash]| {
        let mut all: Vec<Vec<String>> = crashes.iter().map(lines).collect();
        all.sort();
        all
    };
    let (have, want) = (sorted(found), sorted(plain));
    let whole = |crashes: &[Crash]| crashes.iter().filter(|crash| crash.complete()).count();
    if !expect.lost(CUTS) {
        wrong.check("losses", &whole(found), &whole(plain));
    } else if have != want || expect.lost(MESSAGE) {
        // Something is gone: it is told, and what is left was there.
        wrong.check("losses", &(whole(found) < found.len()), &true);
        invented(found, plain, wrong);
        return;
    }
    wrong.check("record", &have.len(), &want.len());
    for (have, want) in have.iter().zip(&want) {
        let line = (0..have.len().max(want.len())).find(|i| have.get(*i) != want.get(*i));
        if let Some(line) = line {
            wrong.check("record", &have.get(line), &want.get(line));
            return;
        }
    }
}

/// Every goroutine and every frame of a damaged crash is one that was written.
fn invented(found: &[Crash], plain: &[Crash], wrong: &mut Wrong) {
    let parts = |crash: &Crash| {
        let mut parts = Vec::new();
        for g in &crash.goroutines {
            let header = format!("{:?} {}", g.id, crash.names.get(g.state));
            parts.extend((g.block == Block::Goroutine).then_some(header));
            for frame in crash.frames_of(g) {
                let call = format!("{}({})", crash.function(frame), crash.arguments(frame));
                let place = format!("{}:{} {:?}", crash.file(frame), frame.line, frame.offset());
                parts.extend((!crash.file(frame).is_empty()).then(|| format!("{call} {place}")));
                parts.push(call);
            }
        }
        parts
    };
    let written: Vec<String> = plain.iter().flat_map(parts).collect();
    let made_up = found.iter().flat_map(parts).find(|part| !written.contains(part));
    wrong.check("invented", &made_up, &None);
}

/// Who wrote the first crash, when, and what was around it.
fn sources(found: &[Crash], plain: &[Crash], expect: &Expect, wrong: &mut Wrong) {
    let first = plain.first().map(record::stacks).unwrap_or_default();
    let source = match found.iter().find(|crash| record::stacks(crash) == first).or(found.first()) {
        Some(crash) => &crash.source,
        None => return,
    };
    let fields = source.identity.fields.iter();
    let identity: BTreeMap<String, String> = fields.map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
    wrong.check("identity", &identity, &expect.identity);
    wrong.check("envelopes", &names(&source.envelopes), &expect.envelopes);
    let time = source.stamp.as_ref();
    let Some(wanted) = &expect.time else { return };
    match wanted.parse::<jiff::Timestamp>() {
        Ok(instant) => {
            let have = time.map(|stamp| stamp.unix_nanoseconds);
            if have.flatten() != Some(instant.as_nanosecond()) {
                wrong.0.push(("time", format!("{:?}, expected {wanted}", time)));
            }
        }
        // Without year or zone no instant may be claimed.
        Err(_) => {
            let have = time.map(|stamp| (stamp.raw.as_str(), stamp.unix_nanoseconds));
            wrong.check("time", &have, &Some((wanted.as_str(), None)));
        }
    }
}

fn names(envelopes: &[&str]) -> Vec<String> {
    envelopes.iter().map(|&name| name.to_owned()).collect()
}

fn decoy(folder: &Path) -> Result<(), String> {
    let found = record::crashes(&std::fs::read(folder.join("log")).unwrap(), &Unwrapping::Auto);
    let mut wrong = Wrong::default();
    let all: Vec<String> = found.iter().map(record::everything).collect();
    wrong.check("crashes", &all, &Vec::new());
    judge(&name_of(folder), wrong)
}

/// What is wrong must be what is known to be wrong, no more and no less.
fn judge(name: &str, wrong: Wrong) -> Result<(), String> {
    let known = known(name);
    let news = wrong.0.iter().filter(|(what, _)| !known.contains(what));
    let mut lines: Vec<String> = news.map(|(what, how)| format!("{what}: {how}")).collect();
    for what in &known {
        if !wrong.0.iter().any(|(have, _)| have == what) {
            lines.push(format!("{what} is right now: take it off the list KNOWN"));
        }
    }
    if lines.is_empty() { Ok(()) } else { Err(lines.join("\n")) }
}
