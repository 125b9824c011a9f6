//! Archives that are damaged, cut, bombs, or play tricks with names, each with what
//! `panicmap scan` has to count in it: corpus/archives/odd/index.tsv, and with
//! PANICMAP_SAMPLES those of `containers/archives` there.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/archives")
}

/// The result and the exit status.
fn scan(path: &Path) -> (Value, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_panicmap"))
        .args(["scan", "--json"])
        .arg(path)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!errors.contains("internal error"), "{}: {errors}", path.display());
    (serde_json::from_slice(&output.stdout).unwrap(), output.status.code().unwrap())
}

fn rows(index: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(index).unwrap();
    text.lines().skip(1).map(|row| row.split('\t').map(str::to_owned).collect()).collect()
}

#[test]
fn each_is_counted_as_its_row_says() {
    let rows = rows(&corpus().join("odd/index.tsv"));
    for row in &rows {
        let (result, status) = scan(&corpus().join(&row[0]));
        let counted = &result["counted"];
        let keys =
            ["inputs", "read", "empty", "not_text", "failed", "crashes", "incomplete_crashes", "others"];
        let mut found: Vec<String> = keys.iter().map(|key| counted[*key].to_string()).collect();
        found.push(status.to_string());
        assert_eq!(found, row[2..11], "{}: {}\n{result}", row[0], row[1]);
        let reasons = result["not_read_in_full"].to_string();
        assert!(reasons.contains(&row[11]), "{}: {reasons}", row[0]);
    }
    let named: BTreeSet<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    for folder in ["odd", "logs"] {
        for file in std::fs::read_dir(corpus().join(folder)).unwrap() {
            let name = format!("{folder}/{}", file.unwrap().file_name().to_str().unwrap());
            assert!(named.contains(name.as_str()) || name == "odd/index.tsv", "{name} has no row");
        }
    }
}

/// All of them at once, by several threads, make the sum of the rows.
#[test]
fn all_together_are_their_sum() {
    let rows = rows(&corpus().join("odd/index.tsv"));
    let sum = |column: usize, folder: &str| -> u64 {
        rows.iter()
            .filter(|row| row[0].starts_with(folder))
            .map(|row| row[column].parse::<u64>().unwrap())
            .sum()
    };
    for folder in ["odd", "logs"] {
        let (result, status) = scan(&corpus().join(folder));
        let counted = &result["counted"];
        // The table is a document too.
        let table = u64::from(folder == "odd");
        for (column, key, more) in
            [(2, "inputs", table), (3, "read", table), (6, "failed", 0), (7, "crashes", 0)]
        {
            assert_eq!(counted[key].as_u64(), Some(sum(column, folder) + more), "{folder}: {key} {counted}");
        }
        assert_eq!(status, 4);
    }
}

/// What is counted otherwise than the index of the samples proposes, and why.
const OTHERWISE: &[(&str, &str)] = &[
    ("bad-utf8.log", "the word panic is damaged: the stack is told, and no crash claimed"),
    ("bomb-50MB-one-line.log.gz", "the end of the line is left out: what is lost has a status of its own"),
];

#[test]
fn those_of_others_too() {
    let Some(samples) = std::env::var_os("PANICMAP_SAMPLES").map(PathBuf::from) else {
        println!("PANICMAP_SAMPLES is not set: no more archives");
        return;
    };
    let folder = samples.join("containers/archives");
    let mut wrong = Vec::new();
    let rows = rows(&folder.join("index.tsv"));
    for row in &rows {
        // file, what, go_crashes, members_ok, members_bad, expected_report, exit
        let (file, crashes, exit) = (row[0].as_str(), row[2].as_str(), row[6].as_str());
        let (result, status) = scan(&folder.join(file));
        let counted = &result["counted"];
        let number = |key: &str| counted[key].as_u64().unwrap();
        let sum: u64 = ["read", "empty", "not_text", "failed"].into_iter().map(number).sum();
        assert_eq!(number("inputs"), sum, "{file}: {counted}");
        assert_eq!(number("failed") > 0, status == 4, "{file}: {counted}");
        let refused = exit.contains("or 3") && status == 4;
        let at_least: u64 = crashes.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap();
        let right = if crashes.contains("or more") || refused {
            true
        } else if crashes.contains("or 1") {
            number("crashes") <= 1
        } else {
            number("crashes") == at_least
        };
        let told = refused || (exit == "3") == (status == 4);
        if !(right && told) && OTHERWISE.iter().all(|(known, _)| *known != file) {
            wrong.push(format!("{file}: {crashes} crashes and {exit} wanted: {counted}, {status}"));
        }
    }
    println!("{} archives, {} counted otherwise for a reason", rows.len(), OTHERWISE.len());
    assert!(rows.len() >= 51 && wrong.is_empty(), "{wrong:#?}");
}
