//! A look at the grammar from outside: which lines of real logs look like
//! lines of a crash and are in none, or are in one and did not reach the
//! record? `PANICMAP_SAMPLES=DIR cargo test --test unexplained -- --ignored --nocapture`

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use panicmap::source::{Limits, from_bytes};
use panicmap::trace::{self, Unwrapping};
use regex::Regex;

/// What a line of a crash looks like, loosely.
const LOOKS: &str = r"^(goroutine \d|runtime stack:|\t?panic: |\t?fatal error: |\[signal |SIG[A-Z0-9]+: |PC=0x|Exception 0x|created by |\[originating|\.\.\..*elided|runtime: |runtime/cgo: |unexpected fault|WARNING: DATA RACE|==\d+==ERROR|panic during|stack trace unavailable|non-Go function|\S*(goroutine|goroutineleak|threadcreate) profile: |\d+ @ 0x|#\t0x)|\+0x[0-9a-f]+( fp=|$)|^\t(/|[A-Z]:)\S+:\d+";

/// Lines that are read and not kept: dumps of stack memory and objects,
/// decoration, the head and registers that every further thread repeats.
const NOT_KEPT: &str = r"^\s*$|^(0x)?[0-9a-f]{8,16}: |^ +(7 6 5 4|\^ )|^stack: frame=|^object=0x|^ \*\(object|^-----$|^=+$|^SIG|^PC=|^Shadow|^  \S.*: +\S|^  0x|^=>|^exit (status|code)|^==\d+==|^[a-z][a-z0-9]{0,6} +0x[0-9a-f]+$|^found in|^signal arrived|^Goroutine \d+ \(|^  \[failed";

fn keep(line: &str) -> String {
    // Padding of addresses and registers, ids of a race, and fields of the
    // signal's head are not kept as they were.
    let line = Regex::new(r"0x0+([0-9a-f])").unwrap().replace_all(line, "0x$1");
    line.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[test]
#[ignore = "wants a directory of logs in PANICMAP_SAMPLES"]
fn lines_that_are_not_explained() {
    let folder = std::env::var("PANICMAP_SAMPLES").expect("PANICMAP_SAMPLES names a directory");
    let (looks, not_kept) = (Regex::new(LOOKS).unwrap(), Regex::new(NOT_KEPT).unwrap());
    let mut left: BTreeMap<(&str, String), Vec<String>> = BTreeMap::new();
    let (mut files, mut total, mut without) = (0u64, 0u64, Vec::new());
    let mut entries: Vec<_> =
        std::fs::read_dir(Path::new(&folder)).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries.iter().filter(|path| path.is_file()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Ok(document) = from_bytes(&name, std::fs::read(path).unwrap(), Limits::default()) else {
            continue;
        };
        let text = String::from_utf8_lossy(&document.bytes).into_owned();
        let reading = trace::read(&document, &Unwrapping::default());
        files += 1;
        if reading.crashes.is_empty() {
            without.push(name.clone());
        }
        let lines: Vec<&str> = text.split('\n').map(|line| line.trim_end_matches('\r')).collect();
        let mut inside = vec![false; lines.len() + 2];
        for crash in &reading.crashes {
            let printed: HashSet<String> = trace::print(crash).lines().map(keep).collect();
            let known = |line: &str| {
                let kept = keep(line);
                let link = |link: &trace::Link| {
                    link.message.contains(line.trim()) || kept.contains(&keep(&link.message))
                };
                printed.contains(&kept)
                    || kept
                        .split(' ')
                        .collect::<Vec<_>>()
                        .chunks(2)
                        .all(|register| printed.contains(&register.join(" ")))
                    || crash.chain.iter().any(link)
                    || crash.notes.iter().any(|note| note == line)
                    || crash.served.as_ref().is_some_and(|address| line.contains(address))
                    || crash.remarks.iter().any(|remark| remark.text == line)
                    || crash
                        .goroutines
                        .iter()
                        .any(|g| crash.state(g).len() > 3 && kept.contains(&keep(crash.state(g))))
            };
            for number in crash.span.lines.clone() {
                let number = usize::try_from(number).unwrap() - 1;
                inside[number] = true;
                let line = lines[number];
                if !not_kept.is_match(line) && !known(line) {
                    left.entry(("dropped", line.chars().take(110).collect())).or_default().push(name.clone());
                }
            }
        }
        for (number, line) in lines.iter().enumerate() {
            total += 1;
            if !inside[number] && looks.is_match(line) {
                left.entry(("outside", line.chars().take(110).collect())).or_default().push(name.clone());
            }
        }
    }
    for ((what, line), names) in &left {
        println!("{what} {:4} {line:?}  {}", names.len(), names[0]);
    }
    println!("{files} files, {total} lines, {} kinds of line left", left.len());
    println!("{} files without a crash: {}", without.len(), without.join(" "));
}
