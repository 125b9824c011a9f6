//! `panicmap scan`, `merge` and `show`, on folders and archives that are made here of
//! real crashes: the counts add up, the order of work makes no difference, and
//! whatever is wrong with an input is told.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/archive.rs"]
mod archive;
#[path = "support/executables.rs"]
mod executables;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use archive::{Many, folder, gzip, header, log, tar_of, write, zip_of, zstd};
use serde_json::Value;

fn panicmap(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_panicmap")).args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Standard output of a run that ended with a status.
fn ran(arguments: &[&str], status: i32) -> String {
    let output = panicmap(arguments);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {errors}");
    assert!(!errors.contains("internal error"), "{errors}");
    text(&output)
}

fn records(jsonl: &str) -> Vec<Value> {
    jsonl.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn of<'r>(records: &'r [Value], kind: &str) -> Vec<&'r Value> {
    records.iter().filter(|record| record["record"] == kind).collect()
}

fn json(arguments: &[&str], status: i32) -> Value {
    serde_json::from_str(&ran(arguments, status)).unwrap()
}

/// Every input is in one of the counts.
fn adds_up(result: &Value) {
    let counted = &result["counted"];
    let sum: u64 =
        ["read", "empty", "not_text", "failed"].iter().map(|key| counted[key].as_u64().unwrap()).sum();
    assert_eq!(counted["inputs"].as_u64().unwrap(), sum, "{counted}");
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

const FORMATS: [&str; 7] = ["text", "jsonl", "json", "csv", "markdown", "html", "openmetrics"];

#[test]
fn one_job_or_eight_or_merged_parts_are_the_same_to_the_byte() {
    let many = Many::new("scan-same", 120);
    let root = path(&many.folder);
    let lines = ran(&["scan", root, "--jobs", "1", "--format", "jsonl"], 4);
    let found = records(&lines);
    assert_eq!(of(&found, "crash").len(), many.crashes);
    assert_eq!(of(&found, "document").len(), many.documents);

    // Parts with repeats, from the end to the beginning.
    let parts = folder("scan-same-parts");
    let mut all: Vec<&str> = lines.lines().collect();
    all.reverse();
    let mut files = Vec::new();
    for (index, part) in all.chunks(37).enumerate() {
        let again = all[..index.min(5)].join("\n");
        files.push(write(
            &parts,
            &format!("{index}.jsonl"),
            format!("{}\n{again}\n", part.join("\n")).as_bytes(),
        ));
    }
    files.reverse();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    for format in FORMATS {
        let one = ran(&["scan", root, "--jobs", "1", "--format", format], 4);
        let eight = ran(&["scan", root, "--jobs", "8", "--format", format], 4);
        let merged = ran(&[&["merge", "--format", format], &files[..]].concat(), 4);
        assert!(one == eight, "{format}: one job and eight differ");
        assert!(one == merged, "{format}: merged parts differ\n{one}\n{merged}");
    }
}

#[test]
fn what_merge_has_joined_can_be_joined_again() {
    let many = Many::new("scan-again", 20);
    let parts = folder("scan-again-parts");
    let lines = ran(&["scan", path(&many.folder), "--format", "jsonl"], 4);
    let all = write(&parts, "all.jsonl", lines.as_bytes());
    let merged = ran(&["merge", &all, &all, "--format", "jsonl"], 4);
    assert_eq!(merged, lines);
    let broken = write(&parts, "broken.jsonl", format!("{lines}{}\nnothing\n", &lines[..100]).as_bytes());
    let output = panicmap(&["merge", &broken]);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert!(errors.contains("no record of panicmap scan"), "{errors}");
}

/// A filter of system calls is no fault of the configuration of build or deployment.
#[test]
fn only_what_the_configuration_is_to_blame_for_is_called_so() {
    let folder = folder("scan-blame");
    write(&folder, "filtered.log", &log("seccomp-clone3-cgo"));
    write(&folder, "goamd64.log", &log("goamd64v3-text-only"));
    let text = ran(&["scan", path(&folder)], 0);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    assert!(lines.contains(&"cause          seccomp-blocks-threads [likely]"), "{text}");
    assert!(lines.contains(&"CONFIGURATION  goamd64-too-high [certain]"), "{text}");
}

#[test]
fn parts_of_a_big_file_are_as_the_whole() {
    let folder = folder("scan-parts");
    let mut big = Vec::new();
    let crashes: Vec<Vec<u8>> =
        ["nil-first-field", "two-crashes", "deep-recursion-go119", "workers-all-goroutines", "goarm7-on-pi1"]
            .iter()
            .map(|name| log(name))
            .collect();
    // Some close together, some with a quiet stretch between, one on a part's border.
    for round in 0..24usize {
        for line in 0..(round % 7 + 1) * 1500 {
            writeln!(
                big,
                "2026-11-23T04:{:02}:00Z GET /cart/{line} 200 {round} of nothing in particular",
                round
            )
            .unwrap();
        }
        big.extend(&crashes[round % crashes.len()]);
    }
    assert!(big.len() > 8 << 20, "{}", big.len());
    let file = write(&folder, "big.log", &big);
    let whole = ran(&["scan", &file, "--format", "jsonl", "--part-size", "1G"], 0);
    assert!(of(&records(&whole), "crash").len() > 24);
    for (size, jobs) in [("1M", "1"), ("1M", "4"), ("3M", "2")] {
        let parts = ran(&["scan", &file, "--format", "jsonl", "--part-size", size, "--jobs", jobs], 0);
        assert!(parts == whole, "in parts of {size}:\n{parts}\n{whole}");
    }
    // As a single log is read.
    let single: Value =
        serde_json::from_str(&ran(&[&file, "--json", "--goroutines", "crashing"], 0)).unwrap();
    let found = records(&whole);
    let objects: Vec<&Value> = of(&found, "crash").into_iter().map(|record| &record["crash"]).collect();
    assert_eq!(objects, single["crashes"].as_array().unwrap().iter().collect::<Vec<_>>());
}

#[test]
fn what_cannot_be_read_is_told_and_counted() {
    let folder = folder("scan-failures");
    let crash = log("nil-first-field");
    let packed = gzip(&crash.repeat(200));
    write(&folder, "cut.gz", &packed[..packed.len() / 2]);
    write(&folder, "empty.log", b"");
    write(&folder, "image.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    write(
        &folder,
        "noise.bin",
        &(0..4000u32).flat_map(|n| (n.wrapping_mul(2_654_435_761)).to_be_bytes()).collect::<Vec<_>>(),
    );
    write(&folder, "system.journal", b"LPKSHHRH\0\0\0\0");
    write(&folder, "a.7z", b"7z\xbc\xaf\x27\x1c\0\x04");
    write(&folder, "good.log", &crash);
    let mut checksum = gzip(&crash);
    let at = checksum.len() - 6;
    checksum[at] ^= 1;
    write(&folder, "checksum.gz", &checksum);
    write(&folder, "self-extracting", &[b"#!/bin/sh\n".repeat(50), zip_of(&[("a.log", &crash)])].concat());
    let tar = tar_of(&[("pods/web/0.log", &crash), ("pods/web/empty.log", b"")]);
    write(&folder, "cut.tar", &tar[..700]);
    write(&folder, "deep.tar.gz", &gzip(&tar_of(&[("in.tar.zst", &zstd(&tar))])));
    let result = json(&["scan", path(&folder), "--json"], 4);
    adds_up(&result);
    let reasons: Vec<(String, String)> = result["not_read_in_full"]
        .as_array()
        .unwrap()
        .iter()
        .map(|failure| {
            let name = failure["path"].as_str().unwrap().rsplit("scan-failures/").next().unwrap();
            (name.to_owned(), failure["reason"].as_str().unwrap().to_owned())
        })
        .collect();
    let names: BTreeSet<&str> = reasons.iter().map(|(name, _)| name.as_str()).collect();
    assert!(
        text(&panicmap(&["scan", path(&folder), "--format", "jsonl"])).contains("\"members\":[\"a.log\"]")
    );
    let expected = ["a.7z", "checksum.gz", "cut.gz", "cut.tar!pods/web/0.log", "system.journal"];
    assert!(expected.iter().all(|name| names.contains(name)), "{reasons:?}");
    let reason = |name: &str| &reasons.iter().find(|(known, _)| known == name).unwrap().1;
    assert!(reason("cut.gz").contains("gzip data end early"), "{reasons:?}");
    assert!(reason("system.journal").contains("journalctl --file"), "{reasons:?}");
    assert!(reason("cut.tar!pods/web/0.log").contains("ends inside of it"), "{reasons:?}");
    let counted = &result["counted"];
    assert_eq!((counted["empty"].as_u64(), counted["not_text"].as_u64()), (Some(2), Some(2)), "{counted}");
    // What came before the cut counts.
    assert!(counted["crashes"].as_u64().unwrap() > 20, "{counted}");

    let strict = panicmap(&["scan", path(&folder), "--strict"]);
    assert_eq!((strict.status.code(), strict.stdout.len()), (Some(4), 0));
    assert!(String::from_utf8_lossy(&strict.stderr).contains("a.7z"));
    ran(&["scan", path(&folder.join("missing"))], 4);
}

#[test]
fn limits_are_flags_and_told() {
    let folder = folder("scan-limits");
    let crash = log("nil-first-field");
    let mut bomb = vec![b' '; 80 << 20];
    bomb.extend(&crash);
    write(&folder, "bomb.gz", &gzip(&bomb));
    let mut line = vec![b'x'; 3 << 20];
    line.push(b'\n');
    line.extend(&crash);
    write(&folder, "line.log", &line);
    write(&folder, "deep.gz", &gzip(&gzip(&gzip(&crash))));
    let reason = |options: &[&str], name: &str| -> Option<String> {
        let file = path(&folder.join(name)).to_owned();
        let status = i32::from(!options.is_empty()) * 4;
        let result = json(&[&["scan", &file, "--json"], options].concat(), status);
        adds_up(&result);
        result["not_read_in_full"][0]["reason"].as_str().map(str::to_owned)
    };
    assert!(reason(&["--max-ratio", "100"], "bomb.gz").unwrap().contains("more than 100 times its size"));
    assert!(reason(&["--max-bytes", "1M"], "bomb.gz").unwrap().contains("longer than 1048576 bytes"));
    assert!(reason(&["--max-line", "1M"], "line.log").unwrap().contains("1 line is longer"));
    assert!(reason(&["--max-depth", "2"], "deep.gz").unwrap().contains("more than 2 layers"));
    assert_eq!(reason(&[], "line.log"), None);
    assert_eq!(reason(&[], "deep.gz"), None);
    // The crash behind the long line stands where it stood.
    let file = path(&folder.join("line.log")).to_owned();
    let whole = records(&ran(&["scan", &file, "--format", "jsonl"], 0));
    let cut = records(&ran(&["scan", &file, "--format", "jsonl", "--max-line", "1M"], 4));
    assert_eq!(of(&whole, "crash"), of(&cut, "crash"));
}

#[test]
fn rotated_files_are_one_log() {
    let crash = log("workers-all-goroutines");
    let mut all = b"start of the service\n".repeat(200);
    all.extend(&crash);
    all.extend(b"started again\n".repeat(50));
    let cut = 200 * 21 + crash.len() / 2;
    let single = folder("scan-rotated-whole");
    let file = write(&single, "app.log", &all);
    let whole = records(&ran(&["scan", &file, "--format", "jsonl"], 0));
    let signature = &of(&whole, "crash")[0]["signature"];
    for (index, (old, new)) in [
        ("app.log.1", "app.log"),
        ("app.log.2.gz", "app.log.1"),
        ("app.log-20261123.gz", "app.log"),
        ("app.2026-11-23.log", "app.2026-11-24.log"),
        ("0.log.20261123-061500.gz", "0.log"),
    ]
    .into_iter()
    .enumerate()
    {
        let folder = folder(&format!("scan-rotated-{index}"));
        let packed =
            |name: &str, bytes: &[u8]| if name.ends_with(".gz") { gzip(bytes) } else { bytes.to_vec() };
        write(&folder, old, &packed(old, &all[..cut]));
        write(&folder, new, &packed(new, &all[cut..]));
        let found = records(&ran(&["scan", path(&folder), "--format", "jsonl"], 0));
        let crashes = of(&found, "crash");
        assert_eq!(crashes.len(), 1, "{old}");
        assert_eq!(&crashes[0]["signature"], signature, "{old}");
        assert_eq!(crashes[0]["complete"], true, "{old}");
        assert!(crashes[0]["path"].as_str().unwrap().ends_with(old), "{old}");
        let bytes: u64 = of(&found, "document").iter().map(|d| d["bytes"].as_u64().unwrap()).sum();
        assert_eq!(bytes, all.len() as u64);
    }
}

#[test]
fn folders_are_walked_whole_and_once() {
    let folder = folder("scan-walk");
    let crash = log("nil-first-field");
    write(&folder, ".hidden/app.log", &crash);
    write(&folder, ".gitignore", b"*\n");
    write(&folder, "logs/a.log", &crash);
    write(&folder, "logs/b.txt", &crash);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&folder, folder.join("logs/up")).unwrap();
        std::os::unix::fs::symlink("a.log", folder.join("logs/0-link.log")).unwrap();
        std::os::unix::fs::symlink("nowhere", folder.join("logs/broken")).unwrap();
        std::os::unix::fs::symlink("itself", folder.join("logs/itself")).unwrap();
    }
    let found = |options: &[&str]| {
        let all = records(&ran(&[&["scan", path(&folder), "--format", "jsonl"], options].concat(), 0));
        let short = |record: &&Value| {
            record["path"].as_str().unwrap().rsplit("scan-walk/").next().unwrap().to_owned()
        };
        of(&all, "document").iter().map(short).collect::<Vec<_>>()
    };
    assert_eq!(found(&[]), [".gitignore", ".hidden/app.log", "logs/a.log", "logs/b.txt"]);
    assert_eq!(found(&["--include", "*.log"]), [".hidden/app.log", "logs/a.log"]);
    assert_eq!(found(&["--exclude", "logs/**"]), [".gitignore", ".hidden/app.log"]);
}

/// A file counts once, under whichever names it is asked for; and files with names that
/// look alike count each.
#[cfg(unix)]
#[test]
fn files_are_told_apart_by_what_they_are() {
    use std::os::unix::ffi::OsStrExt;
    let folder = folder("scan-names");
    let crash = log("nil-first-field");
    write(&folder, "logs/0.log", &crash);
    write(&folder, "logs/a\\xff", &log("nil-map-write"));
    write(&folder, "logs/with\nnewline", &crash);
    std::fs::write(folder.join("logs").join(std::ffi::OsStr::from_bytes(b"a\xff")), &crash).unwrap();
    std::os::unix::fs::symlink("logs/0.log", folder.join("link.log")).unwrap();
    let logs = folder.join("logs");
    let documents = |arguments: &[&str]| {
        let all = records(&ran(&[&["scan", "--format", "jsonl"], arguments].concat(), 0));
        let paths =
            of(&all, "document").into_iter().map(|record| record["path"].as_str().unwrap().to_owned());
        paths.collect::<BTreeSet<_>>()
    };
    let whole = documents(&[path(&logs)]);
    assert_eq!(whole.len(), 4, "{whole:?}");
    let (link, file) = (folder.join("link.log"), logs.join("0.log"));
    assert_eq!(documents(&[path(&link), path(&logs), path(&file)]), whole);
    // `find -print0`
    let paths = std::fs::read_dir(&logs).unwrap().map(|entry| entry.unwrap().path());
    let list: Vec<u8> = paths.flat_map(|path| [path.as_os_str().as_bytes(), b"\0"].concat()).collect();
    let list = write(&folder, "list", &list);
    assert_eq!(documents(&["--paths-from", &list]), whole);
    // Standard input is the list, or a log.
    ran(&["scan", "--paths-from", "-", "-"], 2);
    ran(&["scan", "--label", "name", path(&logs)], 2);
}

#[test]
fn standard_input_and_lists_of_paths() {
    let folder = folder("scan-stdin");
    let crash = log("nil-first-field");
    let file = write(&folder, "a.log", &crash);
    let fed = |arguments: &[&str], input: &[u8]| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_panicmap"))
            .args(arguments)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        records(&text(&output))
    };
    let labelled = fed(&["scan", "--label", "s3://logs/a", "-", "--format", "jsonl"], &gzip(&crash));
    assert_eq!(of(&labelled, "crash")[0]["path"], "s3://logs/a");
    let listed = fed(&["scan", "--paths-from", "-", "--format", "jsonl"], format!("{file}\n\n").as_bytes());
    assert_eq!(of(&listed, "crash")[0]["path"], file.as_str());
    assert_eq!(listed.len(), 2);
}

#[test]
fn hostile_names_reach_no_terminal_and_no_page() {
    let folder = folder("scan-hostile");
    let crash = log("nil-first-field");
    let mut builder = tar::Builder::new(Vec::new());
    for name in ["../../etc/passwd\x1b[2J", "<script>alert(1)</script>", "a|b`c*\u{202e}d", "=cmd()"] {
        builder.append(&header(name, crash.len() as u64, tar::EntryType::Regular, ""), &crash[..]).unwrap();
        builder
            .append(
                &header(&format!("{name}.7z"), 6, tar::EntryType::Regular, ""),
                &b"7z\xbc\xaf\x27\x1c"[..],
            )
            .unwrap();
    }
    write(&folder, "tricks.tar", &builder.into_inner().unwrap());
    let before = std::fs::read_dir(&folder).unwrap().count();
    for format in FORMATS {
        let out = ran(&["scan", path(&folder), "--format", format], 4);
        assert!(
            !out.contains('\x1b') && !out.contains('\u{202e}') || format == "jsonl" || format == "json",
            "{format}"
        );
        assert!(!out.contains("\x1b"), "{format}");
        assert!(format != "html" || !out.contains("<script>alert"), "{out}");
        assert!(
            format != "csv" || !out.lines().any(|line| line.split(',').any(|cell| cell.starts_with("=cmd")))
        );
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), before);
}

#[test]
fn pages_need_nothing_else() {
    let many = Many::new("scan-page", 30);
    let page = ran(&["scan", path(&many.folder), "--format", "html"], 4);
    assert!(page.contains("<svg") && page.contains("data-sort") && page.contains("Content-Security-Policy"));
    for outside in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    let metrics = ran(&["scan", path(&many.folder), "--format", "openmetrics"], 4);
    assert!(metrics.ends_with("# EOF\n") && metrics.contains("panicmap_crashes_total{program=\""));
    let total: u64 = metrics
        .lines()
        .filter(|line| line.starts_with("panicmap_crashes_total{"))
        .map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
        .sum();
    assert_eq!(total as usize, many.crashes);
    let csv = ran(&["scan", path(&many.folder), "--format", "csv"], 4);
    let columns = csv.lines().next().unwrap().split(',').count();
    assert_eq!(columns, 21);
}

/// CRI lines of a pod that crashes at even distances.
fn pod_log(crash: &[u8], starts: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    for start in starts {
        for line in crash.split(|b| *b == b'\n') {
            writeln!(out, "{start} stderr F {}", String::from_utf8_lossy(line)).unwrap();
        }
    }
    out
}

#[test]
fn groups_say_since_when_where_and_how_often() {
    let folder = folder("scan-groups");
    let uid = "12345678-1234-1234-1234-123456789abc";
    let crash = log("nil-first-field");
    let looping = [
        "2026-11-23T04:15:02.1Z",
        "2026-11-23T04:17:20.5Z",
        "2026-11-23T04:19:38.2Z",
        "2026-11-23T04:21:55Z",
    ];
    write(&folder, &format!("shop_web-0_{uid}/api/0.log"), &pod_log(&crash, &looping));
    write(&folder, &format!("shop_web-1_{uid}/api/0.log"), &pod_log(&crash, &["2026-11-23T05:00:00Z"]));
    write(
        &folder,
        &format!("shop_web-2_{uid}/api/0.log"),
        &pod_log(&log("goarm7-on-pi1"), &["2026-11-22T05:00:00Z"]),
    );
    let result = json(&["scan", path(&folder), "--json"], 0);
    let group = &result["groups"][0];
    assert_eq!(group["count"], 5, "{result}");
    assert_eq!(group["first_seen"], "2026-11-23T04:15:02.100Z");
    assert_eq!(group["last_seen"], "2026-11-23T05:00:00.000Z");
    assert_eq!(group["places"].as_array().unwrap().len(), 2);
    assert_eq!(group["restart_loops"][0]["place"], "shop/web-0/api");
    assert_eq!(group["restart_loops"][0]["crashes"], 4);
    let counts: u64 =
        result["timeline"]["counts"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(counts, 6);
    let page = ran(&["scan", path(&folder)], 0);
    assert!(page.contains("every 2m17s in pod shop/web-0/api, 4 crashes"), "{page}");
    assert!(page.contains("COUNTED  3 inputs = 3 read + 0 empty + 0 not text + 0 failed"), "{page}");

    let counted = |options: &[&str]| {
        let result = json(&[&["scan", path(&folder), "--json"], options].concat(), 0);
        result["groups"].as_array().unwrap().iter().map(|g| g["count"].as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!(counted(&["--since", "2026-11-23T04:20"]), 2);
    assert_eq!(counted(&["--until", "2026-11-23"]), 1);
    assert_eq!(counted(&["--top", "1"]), 5);
    let only = ran(&["scan", path(&folder), "--only", "no-such-fault"], 2);
    assert_eq!(only, "");
}

#[test]
fn executables_are_matched_by_evidence() {
    let folder = folder("scan-binaries");
    let cases = ["goarm7-on-pi1", "nil-first-field"];
    for case in cases {
        write(&folder, &format!("{case}.log"), &log(case));
    }
    let binary = executables::path("crash-go1.27.3-linux-arm7");
    let other = executables::path("crash-go1.27.3-linux-amd64");
    let bare = records(&ran(&["scan", path(&folder), "--format", "jsonl"], 0));
    let with = records(&ran(&["scan", path(&folder), "--format", "jsonl", "-b", &binary, "-b", &other], 0));
    assert!(of(&bare, "crash").iter().all(|crash| crash["build"].is_null()));
    let fits: Vec<bool> = of(&with, "crash").iter().map(|crash| !crash["build"].is_null()).collect();
    assert!(fits.iter().any(|fits| *fits), "{with:?}");
    for crash in of(&with, "crash").iter().filter(|crash| !crash["build"].is_null()) {
        assert_eq!(crash["program"], "example.com/crash", "{crash}");
        assert_ne!(crash["crash"]["fit"]["fits"], false, "{crash}");
    }
}

/// Of several builds of one program the one at whose address the fault was; where
/// nothing in the log tells them apart that is said.
#[test]
fn of_several_builds_the_right_one_is_taken_or_none_is_claimed() {
    let folder = folder("scan-builds");
    let names =
        ["crash-go1.21.13-linux-amd64+pie", "crash-go1.21.13-linux-amd64", "crash-go1.27.3-linux-amd64"];
    let binaries = names.map(executables::path);
    let built = |case: &str| {
        let log = write(&folder, &format!("{case}.log"), &log(case));
        let options = binaries.iter().flat_map(|binary| ["-b", binary]).collect::<Vec<_>>();
        let result = json(&[&["scan", &log, "--json"], &options[..]].concat(), 0);
        let build = result["groups"][0]["builds"][0].clone();
        let name = build["path"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        (name, build["alike"].as_u64(), ran(&[&["scan", &log], &options[..]].concat(), 0))
    };
    let (name, alike, _) = built("nil-first-field");
    assert_eq!((name.as_str(), alike), ("crash-go1.27.3-linux-amd64", None));
    let (_, alike, text) = built("deadlock-channel");
    assert_eq!(alike, Some(2), "{text}");
    assert!(
        text.split_whitespace().collect::<Vec<_>>().join(" ").contains("or 2 others that fit as well"),
        "{text}"
    );
}

/// A folder of executables with a damaged one among them.
#[test]
fn one_damaged_executable_does_not_keep_a_folder_from_being_read() {
    let folder = folder("scan-damaged-binary");
    let binary = std::fs::read(executables::path("crash-go1.27.3-linux-amd64")).unwrap();
    write(&folder, "dist/app", &binary);
    write(&folder, "dist/cut", &binary[..20_000]);
    let log = write(&folder, "app.log", &log("nil-first-field"));
    let dist = folder.join("dist");
    let output = panicmap(&["scan", &log, "-b", path(&dist), "--json"]);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(4), "{errors}");
    assert!(errors.contains("dist/cut"), "{errors}");
    let result: Value = serde_json::from_str(&text(&output)).unwrap();
    assert!(result["groups"][0]["builds"][0]["path"].as_str().unwrap().ends_with("dist/app"), "{result}");
    // A path that is wrong altogether is wrong usage.
    ran(&["scan", &log, "-b", path(&dist.join("none"))], 2);
}

#[test]
fn a_baseline_says_what_is_new_gone_and_growing() {
    let (old, new) = (folder("scan-baseline-old"), folder("scan-baseline-new"));
    let [nil, map, lock] = ["nil-first-field", "nil-map-write", "deadlock-mutex"].map(log);
    write(&old, "app.log", &[&nil[..], &map].concat());
    write(&new, "app.log", &[&nil[..], b"again\n", &nil, &lock].concat());
    for format in ["json", "jsonl"] {
        let before = write(&old, &format!("result.{format}"), b"");
        ran(&["scan", path(&old.join("app.log")), "--format", format, "-o", &before], 0);
        let result = json(&["scan", path(&new), "--json", "--baseline", &before], 0);
        let trends: Vec<&str> =
            result["groups"].as_array().unwrap().iter().map(|g| g["trend"].as_str().unwrap()).collect();
        assert_eq!(trends, ["growing", "new"], "{format}");
        assert_eq!(result["gone"].as_array().unwrap().len(), 1);
        assert!(result["gone"][0]["message"].as_str().unwrap().contains("nil map"), "{result}");
    }
}

/// What is not asked for is not gone.
#[test]
fn only_what_would_be_seen_can_be_gone() {
    let folder = folder("scan-gone");
    let [nil, map] = ["nil-first-field", "nil-map-write"].map(log);
    write(&folder, "app.log", &[&nil[..], &log("goarm7-on-pi1")].concat());
    write(&folder, "pod.log", &pod_log(&map, &["2026-11-23T04:15:02.1Z"]));
    let root = path(&folder).to_owned();
    let before = ran(&["scan", &root, "--format", "jsonl"], 0);
    let before = write(&self::folder("scan-gone-before"), "before.jsonl", before.as_bytes());
    let gone = |options: &[&str]| {
        let result = json(&[&["scan", &root, "--json", "--baseline", &before], options].concat(), 0);
        result["gone"].as_array().unwrap().len()
    };
    assert_eq!(gone(&[]), 0);
    assert_eq!(gone(&["--only", "goarm-too-high"]), 0);
    // Two have no time, and may be of yesterday; the other one was before.
    assert_eq!(gone(&["--since", "2026-11-24"]), 1);
    assert_eq!(gone(&["--until", "2026-11-22"]), 0);
    std::fs::remove_file(folder.join("pod.log")).unwrap();
    assert_eq!(gone(&[]), 1);
}

/// Without an earlier result the same logs say what was there before.
#[test]
fn since_says_what_is_new_since() {
    let folder = folder("scan-since");
    let [nil, map] = ["nil-first-field", "nil-map-write"].map(log);
    let (old, new) = ("2026-11-23T04:15:02.1Z", "2026-11-24T04:15:02.1Z");
    write(
        &folder,
        "a.log",
        &[pod_log(&nil, &["2026-11-22T04:15:02.1Z", old, new]), pod_log(&map, &[new])].concat(),
    );
    let since = ["scan", path(&folder), "--since", "2026-11-24"];
    let result = json(&[&since[..], &["--json"]].concat(), 0);
    let trends: Vec<(&str, u64)> = result["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| (group["trend"].as_str().unwrap(), group["before"].as_u64().unwrap()))
        .collect();
    assert_eq!(trends, [("known", 2), ("new", 0)], "{result}");
    assert!(result["gone"].is_null());
    let text = ran(&since, 0);
    assert!(text.contains("since          new, none before 2026-11-24 00:00:00 UTC"), "{text}");
    assert!(text.contains("since          known, 2 before 2026-11-24 00:00:00 UTC"), "{text}");
    // Rules of zones are not at hand.
    ran(&["scan", path(&folder), "--since", "2026-11-24T04:00[Europe/Berlin]"], 2);
    ran(&["scan", path(&folder), "--since", "2026-11-24T04:00+01:00[Europe/Berlin]"], 0);
}

#[test]
fn a_group_is_shown_with_its_example() {
    let folder = folder("scan-show");
    write(&folder, "app.log", &log("nil-first-field"));
    let result = write(&folder, "out.jsonl", b"");
    ran(&["scan", path(&folder.join("app.log")), "--format", "jsonl", "-o", &result], 0);
    let signature =
        records(&std::fs::read_to_string(&result).unwrap())[0]["signature"].as_str().unwrap().to_owned();
    for group in ["1", "#1", &signature] {
        let page = ran(&["show", group, &result], 0);
        assert!(page.contains("invalid memory address") && page.contains("goroutine 1 [running]"), "{page}");
        assert!(page.contains(&signature), "{page}");
    }
    for none in ["2", "0x", "", "pm1:"] {
        ran(&["show", none, &result], 2);
    }
}

#[cfg(unix)]
#[test]
fn kill_leaves_no_half_result() {
    let folder = folder("scan-kill");
    let out = write(&folder, "result.html", b"the old one");
    let slow = folder.join("fifo");
    assert!(Command::new("mkfifo").arg(&slow).status().unwrap().success());
    let mut child = Command::new(env!("CARGO_BIN_EXE_panicmap"))
        .args(["scan", path(&slow), "--format", "html", "-o", &out])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // It has begun once it has opened the pipe, and its result.
    let mut pipe = std::fs::OpenOptions::new().write(true).open(&slow).unwrap();
    pipe.write_all(&log("nil-first-field")).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(std::fs::read(&out).unwrap(), b"the old one");
}

#[cfg(unix)]
#[test]
fn an_interrupt_prints_what_was_found() {
    let folder = folder("scan-interrupt");
    write(&folder, "a.log", &log("nil-first-field"));
    let slow: PathBuf = folder.join("z-fifo");
    assert!(Command::new("mkfifo").arg(&slow).status().unwrap().success());
    let child = Command::new(env!("CARGO_BIN_EXE_panicmap"))
        .args(["scan", path(&folder.join("a.log")), path(&slow), "--jobs", "1", "--json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = std::fs::OpenOptions::new().write(true).open(&slow).unwrap();
    pipe.write_all(&[b'x'; 1000]).unwrap();
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    // The reader looks up at the next piece.
    let started = Instant::now();
    let filler = [b"nothing\n".repeat(8192), Vec::new()].concat();
    while started.elapsed() < Duration::from_secs(20) && pipe.write_all(&filler).is_ok() {}
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    adds_up(&result);
    assert_eq!(result["counted"]["crashes"], 1);
    assert!(result["not_read_in_full"][0]["reason"].as_str().unwrap().contains("stopped"), "{result}");
}

#[test]
fn cuts_and_flips_of_good_archives_end_in_a_count() {
    let crash = log("nil-first-field");
    let tar = tar_of(&[("a.log", &crash), ("b.log.gz", &gzip(&crash)), ("c/d.log", &crash)]);
    let archives =
        [gzip(&tar), zstd(&tar), tar.clone(), zip_of(&[("a.log", &crash), ("b.tar", &tar)]), gzip(&crash)];
    let folder = folder("scan-flips");
    let mut seed = 7u64;
    let mut random = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize
    };
    for (index, archive) in archives.iter().enumerate() {
        for round in 0..30 {
            let mut bytes = archive.clone();
            let at = random() % bytes.len();
            if round % 3 == 0 {
                bytes.truncate(at);
            } else {
                bytes[at] ^= 1 << (random() % 8);
            }
            write(&folder, &format!("{index}-{round}"), &bytes);
        }
    }
    let files = std::fs::read_dir(&folder).unwrap().count();
    let output = panicmap(&["scan", path(&folder), "--json"]);
    assert!(matches!(output.status.code(), Some(0 | 4)), "{output:?}");
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    adds_up(&result);
    assert!(result["counted"]["inputs"].as_u64().unwrap() >= files as u64);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), files);
}
