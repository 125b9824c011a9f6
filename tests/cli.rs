//! The command line as a user meets it: exit statuses, streams, bad input.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

#[path = "support/executables.rs"]
mod executables;
#[path = "support/schema.rs"]
mod schema;

fn corpus(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(path).to_str().unwrap().to_owned()
}

fn panicmap(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_panicmap")).args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn piped(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_panicmap"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A program that has seen enough closes its end.
    let _ = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", stderr(output)))
}

/// A file of this test run, under a name of its own.
fn temporary(name: &str, bytes: &[u8]) -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

const LOG: &str = "panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:5 +0x1d\n";

#[test]
fn every_golden_obeys_the_schema() {
    let rules: Value = serde_json::from_str(&stdout(&panicmap(&["schema"]))).unwrap();
    // The parts by name: of an `anyOf` at the top, one could hide another's fault.
    let part = |name: &str| {
        let mut part = rules.clone();
        part["anyOf"] = serde_json::json!([{ "$ref": format!("#/$defs/{name}") }]);
        part
    };
    let report = part("report");
    let mut checked = 0;
    for case in std::fs::read_dir(corpus("cases")).unwrap() {
        let golden = case.unwrap().path().join("report.json");
        let value: Value = serde_json::from_slice(&std::fs::read(&golden).unwrap()).unwrap();
        assert_eq!(schema::violation(&report, &value), None, "{}", golden.display());
        checked += 1;
    }
    assert!(checked >= 30);
    let binary = executables::path("fixture-cgo-go1.27.3-linux-amd64");
    let inspected = json(&panicmap(&["inspect", "--format", "json", &binary]));
    assert_eq!(schema::violation(&part("inspection"), &inspected), None);
    let resolved = json(&panicmap(&["resolve", "--format", "json", &binary, "0x401000", "0x1"]));
    assert_eq!(schema::violation(&part("symbols"), &resolved), None);
    let wrong = serde_json::json!({"schema": "panicmap/1", "crashes": 3});
    assert!(schema::violation(&report, &wrong).is_some());
}

/// README shows what the program prints today.
#[test]
fn the_readme_is_true() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let command = readme.lines().find_map(|line| line.strip_prefix("cargo run -q -- ")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_panicmap"))
        .current_dir(root)
        .args(command.split(' ').map(|word| word.trim_matches('\'')))
        .output()
        .unwrap();
    let printed = format!("```text\n{}```", stdout(&output));
    assert!(readme.contains(&printed), "README does not show:\n{printed}");
}

#[test]
fn standard_input_is_the_default() {
    let output = piped(&[], LOG.as_bytes());
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).starts_with("CRASH  panic: boom\n"), "{}", stdout(&output));
    assert_eq!(stderr(&output), "");
    let named = piped(&["-"], LOG.as_bytes());
    assert_eq!(named.stdout, output.stdout);
}

#[test]
fn a_log_without_a_crash_exits_with_3() {
    let output = piped(&[], b"listening on :80\nuser 7 not found\n");
    assert_eq!(output.status.code(), Some(3));
    assert!(
        stderr(&output).contains("no Go crash found: looked at 2 lines (34 bytes) of 1 input"),
        "{}",
        stderr(&output)
    );
    assert_eq!(stdout(&output), "");
    let empty = piped(&[], b"");
    assert_eq!(empty.status.code(), Some(3));
    assert!(stderr(&empty).contains("the input is empty"));
    let report = json(&piped(&["--format", "json"], b"nothing\n"));
    assert_eq!(report["crashes"], serde_json::json!([]));
}

#[test]
fn binary_junk_is_no_crash() {
    let junk: Vec<u8> = (0..100_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    assert_eq!(piped(&[], &junk).status.code(), Some(3));
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_is_analysed() {
    let log = temporary("rest.log", LOG.as_bytes());
    let folder = corpus("cases");
    let output = panicmap(&["/no/such.log", &folder, &log, "-b", "/no/such-app"]);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(said.contains("panicmap: /no/such.log: ") && said.contains("panicmap: /no/such-app: "), "{said}");
    assert!(said.contains(&folder) && said.contains("hint: "), "{said}");
    assert!(stdout(&output).contains("panic: boom"));
}

#[test]
fn what_is_no_go_executable_is_named() {
    let log = temporary("named.log", LOG.as_bytes());
    let text = temporary("notes.txt", b"just text\n");
    let script = temporary("start.sh", b"#!/bin/sh\nexec ./app\n");
    let said = |path: &str| {
        let output = panicmap(&[&log, "-b", path]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stdout(&output).contains("panic: boom"));
        stderr(&output)
    };
    assert!(said(&text).contains("not an executable"));
    assert!(said(&script).contains("a script, not an executable"));
    // The test's own program is an ELF file, and not of Go.
    let own = std::env::current_exe().unwrap();
    assert!(said(own.to_str().unwrap()).contains("not a Go executable: no build info, no pclntab"));
}

#[test]
fn a_truncated_executable_tells_where_it_ends() {
    let whole = executables::executable("hello-go1.21.13-linux-arm");
    for length in [10, 40, 60, 5000, whole.len() / 2, whole.len() * 9 / 10] {
        let path = temporary(&format!("cut-{length}"), &whole[..length]);
        let output = panicmap(&["inspect", &path]);
        let said = stderr(&output) + &stdout(&output);
        assert!(
            said.contains("ends inside") || said.contains("truncated") || said.contains("section table"),
            "{length}: {said}"
        );
    }
}

#[test]
fn compressed_logs_are_read_as_they_are() {
    use std::io::Read;
    let mut gzip = Vec::new();
    flate2::read::GzEncoder::new(LOG.as_bytes(), flate2::Compression::default())
        .read_to_end(&mut gzip)
        .unwrap();
    assert!(stdout(&piped(&[], &gzip)).contains("panic: boom"));
    // Cut: what is there is used, and the loss is told.
    let long = format!("{LOG}{}", "noise that fills the window of the codec\n".repeat(5000));
    let mut gzip = Vec::new();
    flate2::read::GzEncoder::new(long.as_bytes(), flate2::Compression::default())
        .read_to_end(&mut gzip)
        .unwrap();
    let output = piped(&[], &gzip[..gzip.len() - 20]);
    assert!(stdout(&output).contains("panic: boom"), "{}", stderr(&output));
    assert!(stdout(&output).contains("end early"), "{}", stdout(&output));
}

#[test]
fn a_closed_pipe_is_success() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_panicmap"))
        .args(["--format", "json", &corpus("cases/pie-workers/log")])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
}

#[test]
fn colours_only_where_they_are_asked_for() {
    let escape = "\u{1b}[";
    assert!(!stdout(&piped(&[], LOG.as_bytes())).contains(escape));
    assert!(stdout(&piped(&["--color", "always"], LOG.as_bytes())).contains(escape));
    assert!(!stdout(&piped(&["--color", "never"], LOG.as_bytes())).contains(escape));
}

#[test]
fn a_log_cannot_steer_the_terminal() {
    let log = "panic: \x1b]0;title\x07\x1b[31mred \u{202e}\n\ngoroutine 1 [running]:\nmain.\x1b[2J()\n\t/a\x1b[1m.go:5 +0x1\n";
    for arguments in [&[][..], &["--color", "always"], &["--all"]] {
        let text = stdout(&piped(arguments, log.as_bytes()));
        assert!(
            !text.contains("\x1b]") && !text.contains("\x1b[31m") && !text.contains("\x1b[2J"),
            "{text:?}"
        );
        assert!(!text.contains('\u{202e}') && !text.contains('\x07'));
    }
}

#[test]
fn addresses_resolve_from_arguments_and_input() {
    let binary = executables::path("crash-go1.27.3-linux-amd64");
    let by_argument = panicmap(&["resolve", &binary, "0x4826c1"]);
    let text = stdout(&by_argument);
    assert_eq!(
        text,
        "0x4826c1 main.(*order).amount example.com/crash/memory.go:37 < main.(*order).sum \
         example.com/crash/memory.go:34 < main.(*order).price example.com/crash/memory.go:30\n"
    );
    assert_eq!(stdout(&piped(&["resolve", &binary], b"4826c1\n\n0x4826c1\n")), text.repeat(2));
    let outside = stdout(&panicmap(&["resolve", &binary, "0x10"]));
    assert!(outside.contains("?? (no function of this executable covers it)"), "{outside}");
    let biased = panicmap(&["resolve", &binary, "--bias", "0x1000", "0x4836c1"]);
    assert_eq!(stdout(&biased).replace("0x4836c1", "0x4826c1"), text);
    let wrong = panicmap(&["resolve", &binary, "nonsense"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(stderr(&wrong).contains("1 of the addresses were neither hex numbers nor functions"));
}

/// A kernel line has an address and the file that is mapped there.
#[test]
fn kernel_lines_are_resolved_in_the_file_they_name() {
    let binary = executables::path("crash-go1.27.3-linux-amd64");
    let line = |file: &str| {
        format!(
            "[ 12.5] app[7]: segfault at 8 ip 00000000004826c1 sp 00007ffd1a2b3c40 error 4 in {file}[401000+84000]\n"
        )
    };
    let addresses = |file: &str| {
        let report = json(&piped(&["--format", "json", "-b", &binary], line(file).as_bytes()));
        assert_eq!(report["crashes"][0]["signal"]["name"], "SIGSEGV");
        report["crashes"][0]["addresses"][0].clone()
    };
    let own = addresses("crash");
    assert_eq!(own["frames"][0]["function"], "main.(*order).amount");
    assert_eq!(own["frames"][2]["line"], 30);
    let library = addresses("libc.so.6");
    assert_eq!(library["frames"], serde_json::json!([]));
    assert!(library["unresolved"].as_str().unwrap().contains("it lies in libc.so.6"));
}

#[test]
fn a_forced_resolver_is_the_only_one() {
    let stripped = executables::path("crash-go1.27.3-linux-amd64");
    let output = stdout(&panicmap(&["resolve", "--resolver", "dwarf", &stripped, "0x4826c1"]));
    assert!(output.contains("no DWARF"), "{output}");
}

#[test]
fn several_executables_and_the_right_one_is_taken() {
    let right = executables::path("crash-go1.25.5-linux-amd64");
    let wrong = executables::path("crash-go1.27.3-linux-amd64");
    let log = corpus("cases/nil-method-inlined/log");
    for (order, index) in [([&right, &wrong], 0), ([&wrong, &right], 1)] {
        let report = json(&panicmap(&["--format", "json", &log, "-b", order[0], "-b", order[1]]));
        assert_eq!(report["crashes"][0]["binary"], index);
        assert_eq!(report["crashes"][0]["findings"], serde_json::json!([]));
        assert_eq!(report["crashes"][0]["fit"]["fits"], true);
    }
}

#[test]
fn executable_and_host_can_be_judged_without_a_log() {
    let binary = executables::path("crash-go1.27.3-linux-arm7");
    let host = corpus("cases/goarm7-on-pi1/host.txt");
    let output = piped(&["--format", "json", "-b", &binary, "--host", &host], b"");
    assert_eq!(output.status.code(), Some(3));
    let report = json(&output);
    assert_eq!(report["findings"][0]["fault"], "goarm-too-high");
    assert_eq!(report["findings"][0]["confidence"], "certain");
}

/// The death of another program says nothing of the executable that is given.
#[test]
fn another_program_of_the_system_is_not_the_executable() {
    let arm7 = executables::path("crash-go1.27.3-linux-arm7");
    for (program, faults) in [("/usr/bin/ffmpeg -i x", 0), ("/app/renamed", 1), ("/usr/bin/crash -v", 1)] {
        let line = format!("bash: line 1: 24447 Illegal instruction     {program}\n");
        let output = piped(&["--json", "-b", &arm7, "--host", "board:raspberry-pi-1"], line.as_bytes());
        let report = json(&output);
        assert_eq!(report["crashes"][0]["findings"].as_array().unwrap().len(), faults, "{program}: {report}");
    }
}

#[test]
fn every_fault_is_explained() {
    let list = stdout(&panicmap(&["explain"]));
    assert_eq!(list.lines().count(), panicmap::diagnose::RULES.len());
    for id in list.lines().map(|line| line.split_whitespace().next().unwrap()) {
        let text = stdout(&panicmap(&["explain", id]));
        assert!(text.starts_with(id) && text.contains("\nLook-alikes\n") && text.contains("\nFix\n"));
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{id}");
    }
    let unknown = panicmap(&["explain", "no-such-fault"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("goarm-too-high"));
}

#[test]
fn packagers_get_their_files() {
    assert!(stdout(&panicmap(&["completions", "bash"])).contains("panicmap"));
    assert!(stdout(&panicmap(&["man"])).contains(".TH panicmap"));
}

#[test]
fn a_report_goes_to_a_file() {
    let path = temporary("report.json", b"");
    let output = piped(&["--format", "json", "-o", &path], LOG.as_bytes());
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0));
    let report: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(report["crashes"][0]["message"], "boom");
}

#[test]
fn how_a_process_ended_is_enough() {
    let report = json(&panicmap(&["--json", "--exit-code", "137"]));
    assert_eq!(report["crashes"][0]["signal"]["name"], "SIGKILL");
    assert_eq!(report["crashes"][0]["verdict"], "unknown");
    // With a log it is a fact of its last crash.
    let log = temporary("ended.log", LOG.as_bytes());
    let report = json(&panicmap(&["--json", "--exit-code", "2", &log]));
    assert_eq!(report["crashes"].as_array().unwrap().len(), 1);
    assert_eq!(report["crashes"][0]["kind"], "panic");
    assert_eq!(report["crashes"][0]["exit_status"], 2);
    let nothing = panicmap(&["--exit-code", "0"]);
    assert_eq!((nothing.status.code(), stdout(&nothing).as_str()), (Some(3), ""));
    assert!(stderr(&nothing).contains("ended without an error"));
    for (option, value) in
        [("--exit-code", "300"), ("--exit-code", "-5"), ("--signal", "SIGNOPE"), ("--signal", "0")]
    {
        let wrong = panicmap(&[option, value]);
        assert_eq!(wrong.status.code(), Some(2), "{option} {value}");
        assert!(stderr(&wrong).contains(&format!("{option}: {value} is no")), "{}", stderr(&wrong));
    }
}
