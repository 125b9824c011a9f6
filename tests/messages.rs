//! Messages that end a Go program, and what is said of them. `corpus/messages`
//! has real ones (`logs.zst`, with `expected.tsv`), and the texts of the Go
//! sources that cannot all be brought about (`runtime.tsv`).
//! `PANICMAP_BLESS=1 cargo test --test messages` writes `expected.tsv` anew;
//! read the difference before it is committed.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use panicmap::source::{self, Limits};
use serde_json::Value;

fn corpus(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus/messages").join(name)
}

fn panicmap(args: &[&str], log: &[u8]) -> Vec<u8> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_panicmap"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let log = log.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&log));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join().unwrap();
    output.stdout
}

fn crashes(log: &str) -> Vec<Value> {
    let report: Value = serde_json::from_slice(&panicmap(&["--json"], log.as_bytes())).unwrap();
    report["crashes"].as_array().unwrap().clone()
}

/// Name and log of each capture.
fn captures() -> Vec<(String, String)> {
    let logs = source::open(corpus("logs.zst").to_str().unwrap(), Limits::default()).unwrap();
    let text = String::from_utf8(logs.bytes.to_vec()).unwrap();
    let parts = text.split("==> ").skip(1);
    parts
        .map(|part| {
            let (name, log) = part.split_once('\n').unwrap();
            (name.to_owned(), log.to_owned())
        })
        .collect()
}

fn capture(name: &str) -> Value {
    let log = captures().into_iter().find(|(n, _)| n == name).unwrap_or_else(|| panic!("no {name}")).1;
    crashes(&log).into_iter().next().unwrap()
}

#[test]
fn every_message_has_its_sentence() {
    let path = corpus("expected.tsv");
    let mut have = String::new();
    for (name, log) in captures() {
        let crashes = crashes(&log);
        let crash = crashes.first().unwrap_or_else(|| panic!("{name}: no crash"));
        let message = crash["message"].as_str().unwrap().lines().next().unwrap_or("");
        let row =
            [&name, message, crash["verdict"].as_str().unwrap(), crash["explanation"].as_str().unwrap()];
        have.push_str(&row.join("\t"));
        have.push('\n');
    }
    if std::env::var_os("PANICMAP_BLESS").is_some() {
        std::fs::write(path, have).unwrap();
        return;
    }
    let want = std::fs::read_to_string(path).unwrap();
    for (want, have) in want.lines().zip(have.lines()) {
        assert_eq!(want, have);
    }
    assert_eq!(want.lines().count(), have.lines().count());
}

/// `said` texts have a sentence of their own; the others share one, which says
/// what it usually is: a rule of `state` that took a text of `said` would hide
/// a plain bug, and the other way round would blame the program.
#[test]
fn every_text_of_the_runtime_has_its_class() {
    let table = std::fs::read_to_string(corpus("runtime.tsv")).unwrap();
    let rows: Vec<Vec<&str>> =
        table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect()).collect();
    assert!(rows.len() > 900, "{} rows", rows.len());
    let mut log = String::new();
    for row in &rows {
        let head = match row[1] {
            "fatal" => "fatal error: ",
            "panic" => "panic: ",
            _ => "panic: runtime error: ",
        };
        log.push_str(&format!(
            "{head}{}\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:5 +0x1d\nexit status 2\n",
            row[3]
        ));
    }
    let crashes = crashes(&log);
    assert_eq!(crashes.len(), rows.len());
    let mut wrong = Vec::new();
    for (row, crash) in rows.iter().zip(&crashes) {
        assert!(crash["message"].as_str().unwrap().ends_with(row[3]), "{row:?} read as {}", crash["message"]);
        let text = crash["explanation"].as_str().unwrap();
        let class = if text.contains("in a state that should not exist") {
            "state"
        } else if text.contains("Usual causes, in this order: memory overwritten") {
            "damaged"
        } else if text.contains("The line before it gives the error.") {
            "refused"
        } else if text.contains("panic was called with") || text.contains("The runtime refused an operation")
        {
            "plain"
        } else {
            "said"
        };
        if class != row[0] {
            wrong.push(format!("{} is {class}, not {}: {text}", row[3], row[0]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn who_waits_for_what() {
    let crash = capture("deadlock-opposite go1.27.3");
    let locks: Vec<&Value> =
        crash["waits"].as_array().unwrap().iter().filter(|wait| wait["wants"] == "mutex").collect();
    assert_eq!(locks.len(), 2);
    assert!(locks.iter().all(|wait| wait["count"] == 1 && wait["doubtful"] == false));
    assert_ne!(locks[0]["address"], locks[1]["address"]);
    assert!(crash["explanation"].as_str().unwrap().contains("locked in opposite order"));

    // One lock, many waiters: nothing says who holds it.
    let crash = capture("deadlock-queue go1.27.3");
    let lock = crash["waits"].as_array().unwrap().iter().find(|wait| wait["wants"] == "mutex").unwrap();
    assert_eq!(
        (lock["count"].as_u64(), lock["at"]["function"].as_str()),
        (Some(5), Some("main.(*bank).report"))
    );
    assert!(!crash["explanation"].as_str().unwrap().contains("opposite"));
}

#[test]
fn cycles_partners_and_modules() {
    let crash = capture("overflow-mutual go1.27.3");
    let calls = crash["cycle"]["calls"].as_array().unwrap();
    let functions: Vec<&str> = calls.iter().map(|call| call["function"].as_str().unwrap()).collect();
    assert_eq!(functions, ["main.ping", "main.pong", "main.pang"]);
    assert!(crash["cycle"]["elided"].as_u64().unwrap() > 1000);

    let crash = capture("map-read-write go1.27.3");
    let partner = &crash["partners"][0];
    assert_eq!(
        (partner["at"]["function"].as_str(), partner["because"].as_str()),
        (Some("main.(*bank).set"), Some("same-argument"))
    );

    let crash = capture("third-party go1.27.3");
    assert_eq!(crash["third_party"]["module"], "github.com/example/depot");
    assert_eq!(crash["third_party"]["at"]["function"], "github.com/example/depot.pick");
    assert_eq!(crash["third_party"]["caller"]["function"], "main.takeFrom");
    // The user's callback, called by that module, is the user's.
    assert!(capture("third-party-callback go1.27.3").get("third_party").is_none());
    assert_eq!(capture("http-mux go1.27.3")["handler"]["function"], "main.orders");
}

/// A program may use the words of the runtime or of a library without being it.
#[test]
fn words_alone_are_no_proof() {
    for message in [
        "panic: stack overflow",
        "panic: out of memory: quota of the tenant",
        "panic: concurrent map writes",
        "panic: feature not available on this plan",
        "panic: wait already in progress",
        "panic: arena not found",
        "panic: template: page:1:3: executing \"page\" at <.x>: nil data",
        "panic: ParseAddr(\"1.2.3\"): IPv4 address too short",
        "panic: division by zero",
        "panic: nil key",
        "panic: index out of range [5] with length 3",
    ] {
        let log = format!(
            "{message}\n\ngoroutine 1 [running]:\nmain.run()\n\t/app/main.go:5 +0x1d\nexit status 2\n"
        );
        let crash = crashes(&log).into_iter().next().unwrap();
        assert_eq!(
            crash["explanation"], "panic was called with this text or error in main.run.",
            "{message}"
        );
    }
    let compiler = crashes("fatal error: zlib.h: No such file or directory\n").into_iter().next();
    let text = compiler.map(|crash| crash["explanation"].as_str().unwrap().to_owned()).unwrap_or_default();
    assert!(!text.contains("The runtime stopped"), "{text}");
}

/// Whatever stands in a message: the sentence stays a sentence and reaches no
/// terminal raw.
#[test]
fn hostile_messages_stay_bounded() {
    let digits = "9".repeat(50_000);
    let noise = "\u{1b}[31m\u{202e}".repeat(2_000);
    for message in [
        format!("panic: runtime error: index out of range [{digits}] with length {digits}"),
        format!("panic: interface conversion: {noise} is {noise}, not {noise}"),
        format!("panic: reflect: call of {noise} on {noise} Value"),
        format!("fatal error: {noise}"),
        format!("panic: {noise}({noise})"),
    ] {
        let frame = format!("main.{}", "f".repeat(20_000));
        let log = format!(
            "{message}\n\ngoroutine 1 [running]:\n{frame}(0x1)\n\t/{noise}/main.go:5 +0x1d\ncreated by {frame} in goroutine 7\n\t/a.go:1\n"
        );
        let crash = crashes(&log).into_iter().next().unwrap();
        let text = crash["explanation"].as_str().unwrap();
        assert!(text.chars().count() < 2_500, "{} characters", text.chars().count());
        let report = String::from_utf8(panicmap(&["--color", "never"], log.as_bytes())).unwrap();
        assert!(!report.contains(['\u{1b}', '\u{202e}']));
    }
}
