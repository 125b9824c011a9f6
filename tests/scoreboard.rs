//! How often the right fault is named, and how often a wrong one: over the cases of
//! the corpus, and over a folder of more captures where `PANICMAP_SAMPLES` names
//! one. `cargo test --test scoreboard -- --nocapture` prints the table.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

fn panicmap(folder: &Path, arguments: &[String]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_panicmap"))
        .arg("--json")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
}

/// Fault and confidence, in the order of the report, of the first crash or of what
/// executable and host say alone.
fn findings(report: &Value) -> Vec<(String, String)> {
    let crash = report["crashes"].get(0).map_or(&report["findings"], |crash| &crash["findings"]);
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let found = crash.as_array().into_iter().flatten();
    found.map(|finding| (text(&finding["fault"]), text(&finding["confidence"]))).collect()
}

#[derive(Default)]
struct Score {
    cases: usize,
    first: usize,
    later: usize,
    missed: usize,
    /// Another fault in front, certain or likely.
    wrong: Vec<String>,
    /// Look-alikes and ordinary crashes with a finding that is more than possible.
    alarms: Vec<String>,
    silent: usize,
    /// Findings by confidence: right and all.
    certain: (usize, usize),
    likely: (usize, usize),
    possible: (usize, usize),
}

impl Score {
    /// `truth`: the faults of which each is a right answer; none for a look-alike.
    fn take(&mut self, name: &str, truth: &[&str], found: &[(String, String)]) {
        let right = |fault: &str| truth.contains(&fault);
        for (fault, confidence) in found {
            let tally = match confidence.as_str() {
                "certain" => &mut self.certain,
                "likely" => &mut self.likely,
                _ => &mut self.possible,
            };
            tally.0 += usize::from(right(fault));
            tally.1 += 1;
        }
        let sure = found.iter().find(|(_, confidence)| confidence != "possible");
        if truth.is_empty() {
            self.silent += 1;
            self.alarms.extend(sure.map(|(fault, confidence)| format!("{name}: {fault} {confidence}")));
            return;
        }
        self.cases += 1;
        match found.iter().position(|(fault, _)| right(fault)) {
            Some(0) => self.first += 1,
            Some(_) => self.later += 1,
            None => self.missed += 1,
        }
        self.wrong.extend(
            sure.filter(|(fault, _)| !right(fault))
                .map(|(fault, c)| format!("{name}: {fault} {c}, not {truth:?}")),
        );
    }

    fn print(&self, title: &str) {
        println!("{title}");
        println!(
            "  faults: {} cases, named first {}, named later {}, not named {}",
            self.cases, self.first, self.later, self.missed
        );
        println!(
            "  look-alikes and ordinary crashes: {} cases, false alarms {}",
            self.silent,
            self.alarms.len()
        );
        for (name, (right, all)) in
            [("certain", self.certain), ("likely", self.likely), ("possible", self.possible)]
        {
            println!("  {name}: {right} right of {all}");
        }
        self.wrong.iter().for_each(|line| println!("  WRONG {line}"));
        self.alarms.iter().for_each(|line| println!("  ALARM {line}"));
    }
}

#[test]
fn corpus() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/cases");
    let mut score = Score::default();
    let mut hits: BTreeMap<String, usize> = BTreeMap::new();
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(cases).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    for folder in folders {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let case: toml::Value =
            toml::from_str(&std::fs::read_to_string(folder.join("case.toml")).unwrap()).unwrap();
        let list = case["expect"].get("faults").and_then(toml::Value::as_array).cloned().unwrap_or_default();
        let truth: Vec<&str> = list.iter().filter_map(|fault| fault.as_str()?.split(' ').next()).collect();
        truth.iter().for_each(|fault| *hits.entry((*fault).to_owned()).or_default() += 1);
        score.take(
            &name,
            &truth,
            &findings(&serde_json::from_slice(&std::fs::read(folder.join("report.json")).unwrap()).unwrap()),
        );
    }
    score.print("corpus/cases");
    let explained = String::from_utf8(
        Command::new(env!("CARGO_BIN_EXE_panicmap")).args(["explain", "--all"]).output().unwrap().stdout,
    )
    .unwrap();
    let without: Vec<&str> = explained
        .lines()
        .filter_map(|line| line.split(' ').next())
        .filter(|id| !hits.contains_key(*id))
        .collect();
    println!("  faults with a case: {} of {}", hits.len(), explained.lines().count());
    assert_eq!(without, Vec::<&str>::new(), "faults without a case that hits");
    assert_eq!((score.wrong.len(), score.alarms.len()), (0, 0));
    assert_eq!(score.certain.0, score.certain.1, "every certain finding must be right");
}

/// What a capture of a folder may be named as well: the same contradiction is seen
/// from two sides, or the folder has captures of more than one fault.
const SAME: &[(&str, &[&str])] = &[
    // The loader of the other calling convention is what is missing.
    ("arm-cgo-float-abi", &["cgo-missing-interp", "shared-lib-missing"]),
    // One capture is of the other byte order.
    ("gomips-float", &["wrong-goarch"]),
    // An android program lacks its loader on Linux.
    ("wrong-goos", &["cgo-missing-interp"]),
    ("matrix-run", &["cgo-missing-interp", "windows-too-old"]),
];

#[test]
fn more_captures() {
    let Some(samples) = std::env::var_os("PANICMAP_SAMPLES").map(PathBuf::from) else {
        println!("PANICMAP_SAMPLES is not set: no more captures");
        return;
    };
    let mut total = Score::default();
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(samples.join("faults")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    for folder in folders {
        let fault = folder.file_name().unwrap().to_string_lossy().into_owned();
        let Ok(index) = std::fs::read_to_string(folder.join("index.tsv")) else { continue };
        let mut score = Score::default();
        for row in index.lines().skip(1) {
            let cells: Vec<&str> = row.split('\t').collect();
            let (Some(file), Some(status)) = (cells.first(), cells.last()) else { continue };
            let mut arguments = vec![(*file).to_owned()];
            match status.split(' ').collect::<Vec<_>>().as_slice() {
                ["exit", code] => arguments.extend(["--exit-code".to_owned(), (*code).to_owned()]),
                ["signal", _, name] => arguments.extend(["--signal".to_owned(), (*name).to_owned()]),
                _ => {}
            }
            let harmless =
                file.starts_with("control") || status.starts_with("exit 0") || fault == "exec-lookalikes";
            let mut truth = vec![fault.as_str()];
            truth.extend(SAME.iter().filter(|(name, _)| *name == fault).flat_map(|(_, others)| *others));
            let truth = if harmless { &[][..] } else { &truth };
            let found = findings(&panicmap(&folder, &arguments));
            score.take(&format!("{fault}/{file}"), truth, &found);
            total.take(&format!("{fault}/{file}"), truth, &found);
        }
        println!(
            "{fault:<26} cases {:>3}  first {:>3}  later {:>2}  not named {:>3}  wrong {}  alarms {}",
            score.cases,
            score.first,
            score.later,
            score.missed,
            score.wrong.len(),
            score.alarms.len()
        );
    }
    let ordinary: Vec<String> = std::fs::read_dir(samples.join("crash"))
        .unwrap()
        .map(|entry| entry.unwrap().path().to_string_lossy().into_owned())
        .filter(|path| path.ends_with(".txt") || path.ends_with(".log"))
        .collect();
    for path in ordinary {
        let report = panicmap(&samples, std::slice::from_ref(&path));
        let blamed = report["crashes"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|crash| crash["verdict"] == "configuration-fault");
        let found =
            blamed.map(|crash| vec![(crash["findings"][0]["fault"].to_string(), "certain".to_owned())]);
        total.take(&path, &[], &found.unwrap_or_default());
    }
    total.print("all");
}
