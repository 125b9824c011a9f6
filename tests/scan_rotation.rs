//! Logs that were rotated: whatever the pieces are called and wherever a crash was cut,
//! it is one, and nothing is put together that was not one.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/archive.rs"]
mod archive;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use archive::{folder, gzip, log, tar_of, write, zstd};
use serde_json::Value;

fn panicmap(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_panicmap")).args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The crashes below a folder.
fn crashes(folder: &Path) -> Vec<Value> {
    let output = panicmap(&["scan", path(folder), "--format", "jsonl", "--exit-zero"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    let records = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    records.filter(|record| record["record"] == "crash").collect()
}

/// What stays the same wherever the crash stands.
fn told(crash: &Value) -> Vec<&Value> {
    ["kind", "message", "signature", "variant", "digest", "complete"].iter().map(|key| &crash[key]).collect()
}

fn service() -> (Vec<u8>, usize, usize) {
    let crash = log("nil-first-field");
    let before = b"start of the service\n".repeat(5);
    let (start, end) = (before.len(), before.len() + crash.len());
    ([before, crash, b"started again\n".repeat(5)].concat(), start, end)
}

#[test]
fn pieces_have_many_names() {
    let (all, start, end) = service();
    let whole = folder("rotation-whole");
    write(&whole, "app.log", &all);
    let whole = crashes(&whole);
    assert_eq!(whole.len(), 1);
    let cut = (start + end) / 2;
    let names = [
        // logrotate: numbers, dates, hours, seconds since 1970; and what others make of it
        ("app.log.10.gz", "app.log.9.gz"),
        ("app.log-20261123", "app.log"),
        ("app.log-2026112304.gz", "app.log-2026112305"),
        ("app.log-1795407392", "app.log"),
        ("app.log.2026-11-23.zst", "app.log"),
        ("app.log.old", "app.log"),
        // lumberjack, file-rotatelogs
        ("app-2026-11-23T04-16-32.171.log.gz", "app.log"),
        ("app-2026-11-23T04-16-32.171.log", "app-2026-11-23T05-00-01.004.log"),
        ("access_log.202611230416", "access_log.202611230417"),
        // log4j and logback: a counter behind the date
        ("app-2026-11-23-9.log.gz", "app-2026-11-23-10.log.gz"),
        ("app.2026-11-23.9.log", "app.2026-11-23.10.log"),
        // kubelet, pm2, winston, svlogd and s6-log
        ("0.log.20261123-041632.gz", "0.log"),
        ("out__2026-11-23_04-16-32.log", "out.log"),
        ("2026-11-23.log", "2026-11-24.log"),
        ("@400000005f0e0b1a1c2d3e4f.s", "@400000005f0e0c1a1c2d3e4f.u"),
        ("@400000005f0e0b1a1c2d3e4f.s", "current"),
    ];
    for (index, (old, new)) in names.into_iter().enumerate() {
        let folder = folder(&format!("rotation-names-{index}"));
        let packed = |name: &str, bytes: &[u8]| match name.rsplit('.').next() {
            Some("gz") => gzip(bytes),
            Some("zst") => zstd(bytes),
            _ => bytes.to_vec(),
        };
        write(&folder, old, &packed(old, &all[..cut]));
        write(&folder, new, &packed(new, &all[cut..]));
        let found = crashes(&folder);
        assert_eq!(found.len(), 1, "{old} {new}: {found:?}");
        assert_eq!(told(&found[0]), told(&whole[0]), "{old} {new}");
        assert!(found[0]["path"].as_str().unwrap().ends_with(old), "{old} {new}");
    }
}

/// Each archive is a log of its own; all of them say the same.
#[test]
fn a_crash_is_one_whichever_byte_a_piece_ends_at() {
    let (all, start, end) = service();
    let whole = folder("rotation-cuts-whole");
    write(&whole, "app.log", &all);
    let whole = crashes(&whole);
    let folder = folder("rotation-cuts");
    let mut archives = 0;
    for cut in start..end {
        let (old, new) = all.split_at(cut);
        write(&folder, &format!("{cut}.tar"), &tar_of(&[("app.log", new), ("app.log.1", old)]));
        archives += 1;
    }
    // The middle piece is smaller than the crash.
    for (cut, more) in (start..end - 60).step_by(3).zip([1, 9, 20, 60].into_iter().cycle()) {
        let pieces = [&all[..cut], &all[cut..cut + more], &all[cut + more..]];
        let [old, middle, new] = pieces;
        let names = [("app.log.1", middle), ("app.log", new), ("app.log.2", old)];
        write(&folder, &format!("{cut}-{more}.tar"), &tar_of(&names));
        let plain = format!("{cut}-{more}");
        for (name, piece) in names {
            write(&folder, &format!("{plain}/{name}"), piece);
        }
        archives += 2;
    }
    let found = crashes(&folder);
    for crash in &found {
        assert_eq!(told(crash), told(&whole[0]), "{} {}", crash["path"], crash["members"]);
    }
    assert_eq!(found.len(), archives);
}

/// The part of a record behind a crash, which goes on in the next piece, is no damage of
/// the crash; and an empty piece is no end.
#[test]
fn what_is_cut_behind_a_crash_takes_nothing_from_it() {
    let (all, start, end) = service();
    let (mut lines, mut last) = (Vec::new(), 0);
    for (index, line) in all.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let text = String::from_utf8_lossy(line);
        let time = format!("2026-11-23T04:16:32.{index:09}Z");
        lines
            .extend(serde_json::json!({ "log": text, "stream": "stderr", "time": time }).to_string().bytes());
        lines.push(b'\n');
        let read: usize = all.split_inclusive(|byte| *byte == b'\n').take(index + 1).map(<[u8]>::len).sum();
        if read <= end {
            last = lines.len();
        }
    }
    assert!(start < end && last < lines.len());
    let folder = folder("rotation-behind");
    for cut in (last - 30)..(last + 60) {
        let (old, new) = lines.split_at(cut);
        let name = "c-json.log";
        let pieces = [(name, new), ("c-json.log.1", &b""[..]), ("c-json.log.2", old)];
        write(&folder, &format!("{cut}.tar"), &tar_of(&pieces));
    }
    let found = crashes(&folder);
    assert_eq!(found.len(), 90);
    for crash in &found {
        assert_eq!(crash["complete"], true, "{} {}", crash["path"], crash["crash"]["losses"]);
        assert_eq!(told(crash), told(&found[0]), "{}", crash["path"]);
    }
}

/// A message of one crash and the frames of another make none.
#[test]
fn nothing_goes_over_what_is_missing_or_was_not_read() {
    let (all, start, _) = service();
    let text = String::from_utf8(all.clone()).unwrap();
    let other = text.replace("main.nilField", "other.thing").replace("main.main", "other.start");
    // The header of the goroutine is the last that is there of the one, and the first of
    // the other.
    let cut = text.find("goroutine 1 [running]:").unwrap();
    assert!(cut > start);
    let (old, new) = (&all[..cut], &other.as_bytes()[cut..]);
    let noise: Vec<u8> = (0..9000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
    let damaged = [gzip(old), gzip(&noise)[..20_000].to_vec()].concat();
    type Files<'f> = Vec<(&'f str, &'f [u8])>;
    let cases: [(&str, Files<'_>); 3] = [
        ("missing", vec![("app.log.3", old), ("app.log.1", new)]),
        ("damaged", vec![("app.log.2.gz", &damaged), ("app.log.1", new)]),
        ("unread", vec![("app.log.3", old), ("app.log.2.gz", b"\x1f\x8b\x08\0damaged"), ("app.log.1", new)]),
    ];
    for (name, files) in cases {
        let folder = folder(&format!("rotation-apart-{name}"));
        for (name, bytes) in &files {
            write(&folder, name, bytes);
        }
        write(&folder, "all.tar", &tar_of(&files));
        for crash in crashes(&folder) {
            let frames = crash["crash"]["goroutines"].to_string();
            let is_both =
                crash["message"].as_str().unwrap().contains("nil pointer") && frames.contains("other.");
            assert!(!is_both, "{name}: {crash}");
        }
    }
}

/// What copytruncate leaves of a program that goes on to write where it was.
#[test]
fn a_hole_of_any_length_hides_nothing() {
    let (all, start, end) = service();
    let folder = folder("rotation-holes");
    let whole = write(&folder, "whole/app.log", &all);
    let whole = crashes(Path::new(&whole));
    for (index, length) in [100, 5000, 300_000, 20_000_000].into_iter().enumerate() {
        let hole = vec![0; length];
        write(&folder, &format!("{index}/app.log"), &[&all[..start], &hole, &all[start..]].concat());
        let cut = (start + end) / 2;
        write(&folder, &format!("{index}-cut/app.log.1"), &all[..cut]);
        write(&folder, &format!("{index}-cut/app.log"), &[&hole, &all[cut..]].concat());
    }
    let output = panicmap(&["scan", path(&folder), "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    let found = crashes(&folder);
    assert_eq!(found.len(), 9, "{found:?}");
    for crash in &found {
        // The digest is of all bytes, those of the hole too.
        for key in ["message", "signature", "variant", "complete"] {
            assert_eq!(crash[key], whole[0][key], "{}", crash["path"]);
        }
    }
}
