//! What the fuzzers of `fuzz/` have found, and their seeds, without a fuzzer.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "there it is a crate")]
mod targets;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[path = "support/executables.rs"]
mod executables;

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn replay(target: &str, input: &[u8]) {
    match target {
        "log" => targets::log(input),
        "envelope" => targets::envelope(input),
        "trace" => targets::trace(input),
        "binary" => targets::binary(input),
        "core" => targets::core(input),
        other => panic!("{other} is no target"),
    }
}

/// The name of a file begins with its target.
#[test]
fn what_was_found_stays_right() {
    let found = files("fuzz/regressions");
    for path in &found {
        let name = path.file_name().unwrap().to_str().unwrap();
        let start = Instant::now();
        replay(name.split('-').next().unwrap(), &std::fs::read(path).unwrap());
        // Some of them took minutes, and gigabytes.
        assert!(start.elapsed() < Duration::from_secs(10), "{name}: {:?}", start.elapsed());
    }
}

#[test]
fn seeds_are_right() {
    for folder in ["corpus/cases", "corpus/wrapped", "corpus/decoys"] {
        for log in files(folder).into_iter().filter_map(|folder| std::fs::read(folder.join("log")).ok()) {
            // The first byte chooses the pieces, or no format by force.
            let input = [&b"\xff"[..], &log].concat();
            targets::log(&input);
            targets::envelope(&input);
            targets::trace(&log);
        }
    }
}

#[test]
fn beginnings_of_executables_are_refused_or_read() {
    let names = executables::names().into_iter().filter(|name| name.starts_with("fixture-"));
    for name in names.filter(|name| !name.ends_with(".symbols") && !name.ends_with(".gotool")) {
        let bytes = executables::executable(&name);
        targets::binary(&bytes[..bytes.len().min(1 << 16)]);
    }
}
