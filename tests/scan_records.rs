//! What `panicmap scan` counts once, and in which form it says so: copies of one crash,
//! crashes that rotation or a limit has cut, and the schema of the records.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/archive.rs"]
mod archive;
#[path = "support/executables.rs"]
mod executables;
#[path = "support/schema.rs"]
mod schema;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use archive::{Many, folder, gzip, log, tar_of, write, zip_of};
use serde_json::Value;

fn panicmap(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_panicmap")).args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn ran(arguments: &[&str], status: i32) -> String {
    let output = panicmap(arguments);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {errors}");
    assert!(!errors.contains("internal error"), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(arguments: &[&str], status: i32) -> Value {
    serde_json::from_str(&ran(arguments, status)).unwrap()
}

fn records(jsonl: &str, kind: &str) -> Vec<Value> {
    let all = jsonl.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    all.filter(|record| record["record"] == kind).collect()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Lines as the kubelet's runtime writes them.
fn cri(text: &[u8], stamp: &str) -> Vec<u8> {
    let lines = text.split_inclusive(|b| *b == b'\n');
    lines.flat_map(|line| [format!("{stamp} stderr F ").as_bytes(), line].concat()).collect()
}

/// As `kubectl logs --timestamps` prints the same lines.
fn kubectl(text: &[u8], stamp: &str) -> Vec<u8> {
    let lines = text.split_inclusive(|b| *b == b'\n');
    lines.flat_map(|line| [format!("{stamp} ").as_bytes(), line].concat()).collect()
}

#[test]
fn every_record_and_result_obeys_the_schema() {
    let rules: Value = serde_json::from_str(&ran(&["schema"], 0)).unwrap();
    let part = |name: &str| {
        let mut part = rules.clone();
        part["anyOf"] = serde_json::json!([{ "$ref": format!("#/$defs/{name}") }]);
        part
    };
    let many = Many::new("records-schema", 24);
    write(&many.folder, "image.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    write(&many.folder, "goarm7.log", &log("goarm7-on-pi1"));
    write(&many.folder, "dump.log", &log("sigquit-dump"));
    let stamps = ["2026-11-23T04:15:02.171922345Z", "2026-11-23T04:17:20.5Z", "2026-11-23T04:19:38.2Z"];
    let loops: Vec<u8> = stamps.iter().flat_map(|stamp| cri(&log("nil-first-field"), stamp)).collect();
    write(&many.folder, "shop_web-0_12345678-1234-1234-1234-123456789abc/api/0.log", &loops);
    let root = path(&many.folder);
    let lines = ran(&["scan", root, "--format", "jsonl", "--all"], 4);
    let (crash, document) = (part("crash_record"), part("document_record"));
    let (crashes, documents) = (records(&lines, "crash"), records(&lines, "document"));
    assert_eq!(crashes.len() + documents.len(), lines.lines().count());
    for record in &crashes {
        assert_eq!(schema::violation(&crash, record), None, "{record}");
    }
    for record in &documents {
        assert_eq!(schema::violation(&document, record), None, "{record}");
    }
    for outcome in ["read", "empty", "not-text", "failed"] {
        assert!(documents.iter().any(|record| record["outcome"] == outcome), "{outcome}");
    }
    assert!(crashes.iter().any(|record| record["event"].is_string()));
    let before = write(&folder("records-schema-before"), "before.jsonl", lines.as_bytes());
    let merged = json(&["merge", &before, "--json"], 4);
    let compared = json(&["scan", root, "--json", "--baseline", &before, "--top", "3"], 4);
    for result in [&merged, &compared] {
        assert_eq!(schema::violation(&part("scan"), result), None);
    }
    assert!(!merged["groups"][0]["places"].as_array().unwrap().is_empty());
    assert!(
        merged["groups"].as_array().unwrap().iter().any(|group| group["restart_loops"][0]["crashes"] == 3)
    );
    assert_eq!(compared["groups"][0]["trend"], "known");
    // And what breaks it is found.
    let mut wrong = crashes[0].clone();
    wrong["offset"] = Value::from("1");
    assert!(schema::violation(&crash, &wrong).is_some());
}

/// The node's file, what `kubectl logs --timestamps` printed, and a compressed copy.
#[test]
fn copies_of_one_crash_count_once() {
    let folder = folder("records-copies");
    let crash = log("nil-first-field");
    let (one, other) = ("2026-11-23T04:16:32.171922345Z", "2026-11-23T04:18:01.000004711Z");
    let node = "var/log/pods/shop_web-0_12345678-1234-1234-1234-123456789abc/api/0.log";
    write(&folder, node, &[cri(&crash, one), cri(&crash, other)].concat());
    write(&folder, "web-0.txt", &kubectl(&crash, one));
    write(&folder, "bundle.tgz", &gzip(&tar_of(&[("logs/web-0.log", &cri(&crash, one))])));
    let result = json(&["scan", path(&folder), "--json"], 0);
    let groups = result["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 1, "{result}");
    assert_eq!((&groups[0]["count"], &groups[0]["copies"]), (&Value::from(2), &Value::from(2)), "{result}");
    // The copy that tells where it was is the one that counts.
    assert_eq!(groups[0]["places"][0]["name"], "shop/web-0/api");
    assert_eq!(result["counted"]["crashes"], 2);
    let text = ran(&["scan", path(&folder)], 0);
    assert!(text.contains("2 records are copies of a crash in another document"), "{text}");
    // Records say all of it, in any order.
    let lines = ran(&["scan", path(&folder), "--format", "jsonl"], 0);
    assert_eq!(records(&lines, "crash").len(), 4);
    let turned: Vec<&str> = lines.lines().rev().collect();
    let turned = write(&folder, "turned.jsonl", turned.join("\n").as_bytes());
    let merged: Value = json(&["merge", &turned, "--json"], 0);
    assert_eq!(merged["groups"], result["groups"]);
}

/// Programs without address randomisation die in the same way to the byte, in two pods
/// as well: without the moment that is no proof.
#[test]
fn equal_texts_alone_are_no_copies() {
    let folder = folder("records-equal");
    let crash = log("nil-first-field");
    write(&folder, "a/app.log", &crash);
    write(&folder, "b/app.log", &crash);
    write(&folder, "c/app.log", &cri(&crash, "2026-11-23T04:16:32Z"));
    write(&folder, "d/app.log", &cri(&crash, "2026-11-23T04:16:32Z"));
    write(&folder, "later/app.log", &cri(&crash, "2026-11-23T04:16:33Z"));
    // Restarts of one program in one log are crashes of their own.
    write(&folder, "e/app.log", &crash.repeat(3));
    let result = json(&["scan", path(&folder), "--json"], 0);
    assert_eq!(result["counted"]["crashes"], 8, "{result}");
    assert_eq!(result["counted"]["copies"], 0);
    // Two of the same second may be one.
    assert_eq!(result["counted"]["maybe_copies"], 6);
    let text = ran(&["scan", path(&folder)], 0);
    assert!(text.contains("6 crashes may be copies, and counted"), "{text}");
}

/// The newer piece comes first in most archives.
#[test]
fn rotated_files_of_an_archive_are_one_log() {
    let crash = log("workers-all-goroutines");
    let mut all = b"start of the service\n".repeat(200);
    all.extend(&crash);
    all.extend(b"started again\n".repeat(50));
    let single = folder("records-rotated-whole");
    let file = write(&single, "app.log", &all);
    let whole = records(&ran(&["scan", &file, "--format", "jsonl"], 0), "crash");
    let head = 200 * 21;
    for (index, cut) in [head + 3, head + crash.len() / 3, head + crash.len() / 2, head + crash.len() - 40]
        .into_iter()
        .enumerate()
    {
        let (old, new) = all.split_at(cut);
        let packed = gzip(old);
        // A crash over three files.
        let (middle, last) = new.split_at(new.len() / 4);
        let folder = folder(&format!("records-rotated-{index}"));
        write(
            &folder,
            "a.tar",
            &tar_of(&[("var/app.log", new), ("var/app.log.1", old), ("var/db.log", b"quiet\n")]),
        );
        write(&folder, "b.tgz", &gzip(&tar_of(&[("app.log", new), ("app.log.1.gz", &packed)])));
        write(&folder, "c.zip", &zip_of(&[("0.log", new), ("0.log.20261123-061500.gz", &packed)]));
        write(
            &folder,
            "d.tar",
            &tar_of(&[("in.tgz", &gzip(&tar_of(&[("app.log", new), ("app.log.1", old)])))]),
        );
        write(&folder, "e.tar", &tar_of(&[("app.log", last), ("app.log.1", middle), ("app.log.2", old)]));
        for name in ["a.tar", "b.tgz", "c.zip", "d.tar", "e.tar"] {
            let lines = ran(&["scan", path(&folder.join(name)), "--format", "jsonl"], 0);
            let crashes = records(&lines, "crash");
            let told: Vec<_> = crashes
                .iter()
                .map(|crash| (&crash["signature"], &crash["complete"], &crash["line"]))
                .collect();
            let wanted = (&whole[0]["signature"], &Value::from(true), &whole[0]["line"]);
            assert_eq!(told, [wanted], "{name}, cut at {cut}");
            assert_eq!(crashes[0]["offset"], whole[0]["offset"], "{name}, cut at {cut}");
            let counted: u64 = records(&lines, "document")
                .iter()
                .map(|document| document["crashes"].as_u64().unwrap())
                .sum();
            assert_eq!(counted, 1, "{name}");
            let merged =
                ran(&["merge", &write(&folder, "out.jsonl", lines.as_bytes()), "--format", "jsonl"], 0);
            assert_eq!(merged, lines);
        }
    }
    // What is of two logs stays apart.
    let (old, new) = all.split_at(head + crash.len() / 2);
    let folder = folder("records-rotated-other");
    let tar = write(&folder, "x.tar", &tar_of(&[("web.log", new), ("app.log.1", old)]));
    assert_eq!(records(&ran(&["scan", &tar, "--format", "jsonl"], 0), "crash").len(), 2);
}

/// A dump that is longer than what is held is one record, which says what is missing.
#[test]
fn a_crash_beyond_the_limit_is_cut_and_told() {
    let folder = folder("records-long");
    let goroutine = |id: usize| {
        format!(
            "goroutine {id} [chan receive, 3 minutes]:\nmain.wait(0xc000012345, {id})\n\t/app/main.go:12 +0x1d\ncreated by main.main in goroutine 1\n\t/app/main.go:30 +0x2b\n\n"
        )
    };
    let mut text = b"panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:5 +0x1d\n\n".to_vec();
    (2..20_000).for_each(|id| text.extend(goroutine(id).bytes()));
    let end = text.len();
    text.extend(b"quiet\n".repeat(2000));
    text.extend(log("nil-first-field"));
    let file = write(&folder, "app.log", &text);
    let whole = records(&ran(&["scan", &file, "--format", "jsonl"], 0), "crash");
    assert_eq!((whole.len(), &whole[0]["complete"]), (2, &Value::from(true)));
    let lines = ran(&["scan", &file, "--format", "jsonl", "--max-crash", "1M"], 4);
    let cut = records(&lines, "crash");
    assert_eq!(cut.len(), 2, "{lines}");
    assert_eq!((&cut[0]["signature"], &cut[0]["complete"]), (&whole[0]["signature"], &Value::from(false)));
    assert!(cut[0]["end"].as_u64().unwrap().abs_diff(end as u64) < 300, "{} {end}", cut[0]["end"]);
    let losses = cut[0]["crash"]["losses"].to_string();
    assert!(losses.contains("cut after 1 MB") && losses.contains("more goroutines"), "{losses}");
    assert_eq!(cut[1]["signature"], whole[1]["signature"]);
    let documents = records(&lines, "document");
    assert!(documents[0]["reason"].as_str().unwrap().contains("longer than 1048576 bytes"), "{documents:?}");
    // Many crashes that are long together are each whole.
    let many = log("workers-all-goroutines").repeat(1400);
    assert!(many.len() > 2 << 20, "{}", many.len());
    let file = write(&folder, "many.log", &many);
    let lines = ran(&["scan", &file, "--format", "jsonl", "--max-crash", "1M"], 0);
    let crashes = records(&lines, "crash");
    assert_eq!(crashes.len(), 1400);
    assert!(crashes.iter().all(|crash| crash["complete"] == true));
}

/// Kubernetes waits longer each time.
#[test]
fn a_loop_that_slows_down_is_one_too() {
    let folder = folder("records-backoff");
    let crash = log("nil-first-field");
    let starts = ["04:00:00.1", "04:00:13.4", "04:00:38", "04:01:25.7", "04:02:52", "04:05:37.3", "04:10:41"];
    let text: Vec<u8> = starts.iter().flat_map(|at| cri(&crash, &format!("2026-11-23T{at}Z"))).collect();
    write(&folder, "shop_web-0_12345678-1234-1234-1234-123456789abc/api/0.log", &text);
    let result = json(&["scan", path(&folder), "--json"], 0);
    let found = &result["groups"][0]["restart_loops"][0];
    assert_eq!((&found["crashes"], &found["slowing"]), (&Value::from(7), &Value::from(true)), "{result}");
    let text = ran(&["scan", path(&folder)], 0);
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("up to 5m03s, as Kubernetes backs off, in pod shop/web-0/api"), "{text}");
}

/// All of them stand at the same place of a document that is read as a whole, and say the
/// same.
#[test]
fn crashes_of_the_same_bytes_count_each() {
    let folder = folder("records-same-bytes");
    let text = String::from_utf8(log("nil-first-field")).unwrap();
    let event = |minute: i64| serde_json::json!({ "timestamp": 1_795_407_392_171i64 + minute * 60_000, "message": text });
    let events = serde_json::json!({ "events": [event(1), event(3), event(5)] });
    let array = serde_json::to_string_pretty(&events).unwrap();
    write(&folder, "array.json", array.as_bytes());
    write(&folder, "line.json", format!("{}\n", serde_json::json!({ "msg": text.repeat(2) })).as_bytes());
    let lines = ran(&["scan", path(&folder), "--format", "jsonl"], 0);
    let found = records(&lines, "crash");
    let ids: std::collections::BTreeSet<&str> =
        found.iter().map(|crash| crash["id"].as_str().unwrap()).collect();
    assert_eq!((found.len(), ids.len()), (5, 5));
    let result = json(&["scan", path(&folder), "--json"], 0);
    assert_eq!(result["counted"]["crashes"], 5, "{result}");
    assert_eq!(result["groups"][0]["restart_loops"][0]["crashes"], 3, "{result}");
    let all = write(&folder, "all.jsonl", lines.as_bytes());
    assert_eq!(ran(&["merge", &all, &all, "--format", "jsonl"], 0), lines);
}

/// A log that was read while it was written to, and again; with the executable, and
/// without. The one that tells most counts, whichever comes first.
#[test]
fn what_was_read_twice_counts_once_in_any_order() {
    let folder = folder("records-readings");
    let crash = cri(&log("nil-first-field"), "2026-11-23T04:16:32.5Z");
    let arm = log("goarm7-on-pi1");
    let binary = executables::path("crash-go1.27.3-linux-arm7");
    let mut parts = Vec::new();
    for (index, (length, options)) in
        [(300, &[][..]), (440, &[]), (crash.len(), &[]), (crash.len(), &["-b", &binary])]
            .into_iter()
            .enumerate()
    {
        let log = write(&folder, "app.log", &crash[..length]);
        let start = write(&folder, "start.log", &arm);
        let part = write(&folder, &format!("{index}.jsonl"), b"");
        ran(&[&["scan", &log, &start, "--format", "jsonl", "-o", &part], options].concat(), 0);
        parts.push(part);
    }
    let last = std::fs::read_to_string(&parts[3]).unwrap();
    let [a, b, c, d] = [0, 1, 2, 3].map(|index| parts[index].as_str());
    for order in [[a, b, c, d], [d, c, b, a], [c, a, d, b]] {
        assert_eq!(ran(&[&["merge", "--format", "jsonl"], &order[..]].concat(), 0), last);
        let result = json(&[&["merge", "--json"], &order[..]].concat(), 0);
        assert_eq!(result["counted"]["crashes"], 2, "{result}");
        assert_eq!(result, json(&["merge", "--json", d], 0));
    }
}

#[test]
fn results_that_are_no_records_are_refused_and_damage_is_told() {
    let folder = folder("records-refused");
    write(&folder, "logs/app.log", &log("nil-first-field"));
    let logs = folder.join("logs");
    let summary = write(&folder, "summary.json", ran(&["scan", path(&logs), "--json"], 0).as_bytes());
    for arguments in [&["merge", &summary][..], &["show", "1", &summary]] {
        let output = panicmap(arguments);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), errors.lines().count()), (Some(2), 1), "{errors}");
        assert!(errors.contains("--format jsonl"), "{errors}");
    }
    let damaged = write(&folder, "damaged.jsonl", &b"nothing\n".repeat(500));
    let output = panicmap(&["merge", &damaged]);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), errors.lines().count()), (Some(4), 11), "{errors}");
    assert!(errors.contains("490 more lines"), "{errors}");
}

/// One input that failed has one line, however often it was read; and a crash without a
/// time is left out once.
#[test]
fn repeats_change_no_count() {
    let folder = folder("records-repeats");
    let packed = gzip(&log("nil-first-field").repeat(50));
    let log = write(&folder, "app.log.gz", &packed[..packed.len() - 9]);
    let [one, two] = ["one.jsonl", "two.jsonl"].map(|name| write(&folder, name, b""));
    ran(&["scan", &log, "--format", "jsonl", "-o", &one], 4);
    write(&folder, "app.log.gz", &packed[..packed.len() - 30]);
    ran(&["scan", &log, "--format", "jsonl", "-o", &two], 4);
    for files in [[&one, &two, &one], [&two, &one, &two]] {
        let result = json(&["merge", files[0], files[1], files[2], "--json", "--since", "2020-01-01"], 4);
        assert_eq!(result["counted"]["failed"], 1);
        assert_eq!(result["not_read_in_full"].as_array().unwrap().len(), 1, "{result}");
        assert_eq!(result["counted"]["left_out_without_a_time"], 50, "{result}");
    }
}

/// What is not in the output is said beside it.
#[test]
fn formats_without_a_place_for_it_tell_what_was_not_read() {
    let folder = folder("records-beside");
    write(&folder, "app.log", &log("nil-first-field"));
    write(&folder, "bad.gz", b"\x1f\x8b\x08\0bad");
    for format in ["csv", "openmetrics", "jsonl"] {
        let output =
            panicmap(&["scan", path(&folder), "--format", format, "--since", "2020-01-01", "--exit-zero"]);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(errors.contains("2 inputs = 1 read + 0 empty + 0 not text + 1 failed"), "{format}: {errors}");
        assert!(errors.contains("1 crash was left out"), "{format}: {errors}");
        let failure = format == "jsonl" || errors.contains("bad.gz: looks like gzip");
        assert!(failure, "{format}: {errors}");
    }
}
