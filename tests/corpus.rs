//! Every folder of `corpus/cases` is a test: the program is run as a user runs
//! it, its JSON is held against what people expect of the case, and text and
//! JSON against the goldens. `PANICMAP_BLESS=1 cargo test --test corpus`
//! writes the goldens anew; read the difference before it is committed.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

#[path = "support/executables.rs"]
mod executables;

fn main() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/cases");
    let mut names: Vec<PathBuf> =
        std::fs::read_dir(cases).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let trials = names.into_iter().map(|folder| {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        Trial::test(name, move || case(&folder).map_err(Failed::from))
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

fn case(folder: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(folder.join("case.toml")).map_err(|e| e.to_string())?;
    let case: toml::Value = toml::from_str(&text).map_err(|e| e.to_string())?;
    let place = place(folder).map_err(|e| e.to_string())?;
    let json = run(&place, &case, "json")?;
    expectations(&case["expect"], &json)?;
    golden(&folder.join("report.json"), &json.stdout)?;
    let text = run(&place, &case, "text")?;
    golden(&folder.join("report.txt"), &text.stdout)
}

/// The inputs of a case, in a folder of the same name that has the unpacked
/// executables at `../../binaries`.
fn place(folder: &Path) -> std::io::Result<PathBuf> {
    let root = executables::folder().with_file_name("cases");
    let place = root.join(folder.file_name().unwrap());
    let _ = std::fs::remove_dir_all(&place);
    std::fs::create_dir_all(&place)?;
    for file in std::fs::read_dir(folder)? {
        let file = file?;
        std::fs::copy(file.path(), place.join(file.file_name()))?;
    }
    Ok(place)
}

/// Runs in the place of the case, so that the paths in the output are short
/// and the same everywhere.
fn run(place: &Path, case: &toml::Value, format: &str) -> Result<Output, String> {
    let input = &case["input"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_panicmap"));
    command.current_dir(place).env("NO_COLOR", "1").args(["--format", format]);
    let args = input.get("args").and_then(toml::Value::as_array).cloned().unwrap_or_default();
    command.args(args.iter().filter_map(toml::Value::as_str));
    match input.get("log") {
        Some(log) => command.arg(log.as_str().ok_or("input.log")?),
        None if args.is_empty() => return Err("neither input.log nor input.args".to_owned()),
        None => command.stdin(std::process::Stdio::null()),
    };
    for binary in input["binaries"].as_array().ok_or("input.binaries")? {
        command.arg("-b").arg(format!("../../binaries/{}", binary.as_str().unwrap_or("")));
    }
    if let Some(host) = input.get("host") {
        command.arg("--host").arg(host.as_str().unwrap_or(""));
    }
    command.output().map_err(|e| e.to_string())
}

fn expectations(expect: &toml::Value, output: &Output) -> Result<(), String> {
    let report: Value = serde_json::from_slice(&output.stdout).map_err(|e| format!("no JSON: {e}"))?;
    let integer = |key: &str| expect.get(key).and_then(toml::Value::as_integer);
    let text = |key: &str| expect.get(key).and_then(toml::Value::as_str).unwrap_or("");
    let mut wrong = Vec::new();
    let mut check = |what: &str, have: String, want: String| {
        if have != want {
            wrong.push(format!("{what}: {have}, expected {want}"));
        }
    };
    check(
        "exit status",
        format!("{:?}", output.status.code()),
        format!("{:?}", integer("exit").map(|n| n as i32)),
    );
    let crashes = report["crashes"].as_array().ok_or("no crashes")?;
    check("crashes", crashes.len().to_string(), integer("crashes").unwrap_or(1).to_string());
    let Some(crash) = crashes.first() else {
        return if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) };
    };
    let string = |value: &Value| value.as_str().unwrap_or("").to_owned();
    check("kind", string(&crash["kind"]), text("kind").to_owned());
    check("verdict", string(&crash["verdict"]), text("verdict").to_owned());
    let faults = crash["findings"].as_array().cloned().unwrap_or_default();
    let faults: Vec<String> =
        faults.iter().map(|f| format!("{} {}", string(&f["fault"]), string(&f["confidence"]))).collect();
    let wanted = expect.get("faults").and_then(toml::Value::as_array).cloned().unwrap_or_default();
    let wanted: Vec<String> = wanted.iter().map(|f| f.as_str().unwrap_or("").to_owned()).collect();
    check("faults", format!("{faults:?}"), format!("{wanted:?}"));
    let site = &crash["crash_site"];
    check("crash site", string(&site["function"]), text("crash_site").to_owned());
    check(
        "crash line",
        site["line"].as_i64().unwrap_or(0).to_string(),
        integer("crash_line").unwrap_or(0).to_string(),
    );
    let message = string(&crash["message"]);
    let part = text("message_contains");
    check("message", if message.contains(part) { part } else { &message }.to_owned(), part.to_owned());
    if let Some(fits) = expect.get("fits").and_then(toml::Value::as_bool) {
        check("fits", crash["fit"]["fits"].to_string(), fits.to_string());
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn golden(path: &Path, have: &[u8]) -> Result<(), String> {
    if std::env::var_os("PANICMAP_BLESS").is_some() {
        return std::fs::write(path, have).map_err(|e| e.to_string());
    }
    let want = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    if want == have {
        return Ok(());
    }
    let (want, have) = (String::from_utf8_lossy(&want), String::from_utf8_lossy(have));
    let line = want.lines().zip(have.lines()).position(|(a, b)| a != b).unwrap_or(0);
    Err(format!(
        "{} differs at line {}:\n  golden  {}\n  now     {}",
        path.display(),
        line + 1,
        want.lines().nth(line).unwrap_or("(ends)"),
        have.lines().nth(line).unwrap_or("(ends)")
    ))
}
