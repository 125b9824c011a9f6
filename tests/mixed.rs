//! Crashes buried in ordinary lines, in five forms, with lines around them that
//! only speak of panics: all are found, whole, and nothing else is.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fmt::Write;
use std::path::Path;

use panicmap::source::{Limits, from_bytes};
use panicmap::trace::{Crash, read};

const KINDS: &[&str] = &[
    "nil-method-inlined",
    "index-out-of-range",
    "nil-map-write",
    "deadlock-channel",
    "close-of-closed-channel",
    "concurrent-map-writes",
    "panic-in-defer",
    "multi-line-message",
    "custom-error",
    "unlock-of-unlocked",
    "sigquit-dump",
    "divide-by-zero",
];

type Form = (&'static str, fn(&str) -> String);

const FORMS: &[Form] = &[
    ("raw", |text| text.to_owned()),
    ("cri", |text| {
        text.lines().fold(String::new(), |out, line| out + "2026-03-01T10:00:00.171Z stderr F " + line + "\n")
    }),
    ("docker", |text| {
        text.lines().fold(String::new(), |out, line| {
            let log = serde_json::Value::from(format!("{line}\n"));
            out + &format!("{{\"log\":{log},\"stream\":\"stderr\",\"time\":\"2026-03-01T10:00:00.171Z\"}}\n")
        })
    }),
    ("escaped", |text| {
        let text = serde_json::Value::from(text);
        format!("{{\"level\":\"fatal\",\"ts\":\"2026-03-01T10:00:00Z\",\"stacktrace\":{text}}}\n")
    }),
    ("syslog", |text| {
        text.lines().fold(String::new(), |out, line| out + "Mar  1 10:00:00 node-3 app[4711]: " + line + "\n")
    }),
];

const DECOYS: &[&str] = &[
    "level=warn msg=\"recovered from panic: 97\" handler=ServeHTTP",
    "INFO don't panic: retry 3 of 5",
    "level=info msg=\"goroutine 12 [spawned] for job\"",
    "{\"level\":\"error\",\"msg\":\"child said: fatal error: unexpected status 3\"}",
    "DEBUG runtime goroutines=40 threads=12",
];

fn ordinary(out: &mut String, number: usize) {
    match number % 5 {
        0 => writeln!(out, "{{\"level\":\"info\",\"ts\":\"2026-03-01T10:00:00Z\",\"caller\":\"api/handler.go:{number}\",\"msg\":\"request done\"}}"),
        1 => writeln!(out, "time=2026-03-01T10:00:00Z level=info msg=\"processed batch\" items={number}"),
        2 => writeln!(out, "I0301 10:00:00.{number:06}       7 worker.go:{number}] Syncing worker-{number:x}"),
        3 => writeln!(out, "10.0.0.7 - - [01/Mar/2026:10:00:00 +0000] \"GET /v1/users{number} HTTP/1.1\" 200 512"),
        _ => writeln!(out, "Mar  1 10:00:00 node-{} api[1234]: connection closed after {number} bytes", number % 9),
    }
    .unwrap();
}

fn crashes(text: String) -> Vec<Crash> {
    read(&from_bytes("log", text.into_bytes(), Limits::default()).unwrap(), &Default::default()).crashes
}

/// `far` is how many ordinary lines stand between two crashes, `near` whether a
/// line that speaks of panics stands directly before and behind each.
fn bury(far: usize, near: bool) {
    let mut text = String::new();
    let mut wanted = Vec::new();
    let mut number = 0;
    for (index, kind) in KINDS.iter().enumerate() {
        let log = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/cases").join(kind).join("log");
        let log = std::fs::read_to_string(log).unwrap();
        let plain = crashes(log.clone());
        for (form, wrap) in FORMS {
            for _ in 0..far {
                ordinary(&mut text, number);
                number += 1;
            }
            let decoy = DECOYS[number.wrapping_add(index) % DECOYS.len()];
            if near {
                writeln!(text, "{decoy}").unwrap();
            }
            wanted.push((
                format!("{kind} as {form} behind {decoy:?}"),
                plain[0].message(),
                plain[0].frames.len(),
            ));
            text += &wrap(&log);
            if near {
                writeln!(text, "{}", DECOYS[number % DECOYS.len()]).unwrap();
            }
        }
    }
    let found = crashes(text);
    for (crash, (what, message, frames)) in found.iter().zip(&wanted) {
        assert_eq!(
            (&crash.message(), crash.frames.len(), crash.losses.as_slice()),
            (message, *frames, &[][..]),
            "{what}"
        );
    }
    assert_eq!(found.len(), wanted.len());
}

#[test]
fn crashes_far_apart() {
    bury(400, false);
}

#[test]
fn crashes_close_to_each_other_and_to_words_of_them() {
    bury(60, true);
}
