//! `panicmap resolve`: what may be asked for and in which forms, and GNU
//! addr2line as the oracle for the form of its own output.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

#[path = "support/executables.rs"]
mod executables;

const CRASH: &str = "crash-go1.27.3-linux-amd64";
const FIXTURE: &str = "fixture-go1.24.11-linux-amd64";

fn resolve(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_panicmap"))
        .arg("resolve")
        .args(arguments)
        .current_dir(executables::folder())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn text(arguments: &[&str], input: &str) -> String {
    let output = resolve(arguments, input);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn functions_are_places_too() {
    // 0x4826c1 is a call in main.nilMethod, as the traceback of the corpus prints it.
    let log = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/cases/nil-method-inlined/log"),
    )
    .unwrap();
    assert!(log.contains("+0x1"), "{log}");
    let by_address = text(&[CRASH, "0x4826c1"], "");
    let entry = text(&[CRASH, "main.(*order).price"], "");
    let entry = entry.split_whitespace().next().unwrap();
    let offset = 0x4826c1 - u64::from_str_radix(entry.trim_start_matches("0x"), 16).unwrap();
    assert_eq!(text(&[CRASH, &format!("main.(*order).price+{offset:#x}")], ""), by_address);
    assert_eq!(text(&[CRASH], &format!("main.(*order).price+{offset:#x}\n\n4826c1\n")), by_address.repeat(2));
    // Entry of main.main: its own name and a line of main.go.
    let main = text(&[CRASH, "main.main"], "");
    assert!(main.contains(" main.main example.com/crash/main.go:"), "{main}");
}

#[test]
fn every_function_of_a_name_is_told() {
    // Addresses by `readelf -s`: two instances of a generic function, under
    // the name that a traceback prints; one of them; a function of C.
    let fixture = "fixture-cgo-go1.27.3-linux-amd64";
    let addresses = |name: &str| -> Vec<String> {
        let said = text(&[fixture, name], "");
        said.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect()
    };
    assert_eq!(addresses("internal/strconv.shortFloat[...]"), ["0x40d460", "0x40d6e0"]);
    assert_eq!(addresses("internal/strconv.shortFloat[go.shape.float32]"), ["0x40d6e0"]);
    assert_eq!(addresses("mix"), ["0x4816a0"]);
}

#[test]
fn what_is_neither_is_counted() {
    let output = resolve(&[CRASH, "0x4826c1", "main.nosuch", "main.main+0xzz"], "");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("2 of the addresses were neither hex numbers nor functions"), "{said}");
}

#[test]
fn decimal_only_where_it_is_asked_for() {
    let hex = text(&[CRASH, "0x4826c1"], "");
    assert_eq!(text(&[CRASH, "--decimal", "4728513"], ""), hex);
    assert_eq!(text(&[CRASH, "--decimal", "0x4826c1"], ""), hex);
    assert_ne!(text(&[CRASH, "4728513"], ""), hex);
}

#[test]
fn inlined_calls_can_be_left_out() {
    let all = text(&[CRASH, "0x4826c1"], "");
    let one = text(&[CRASH, "--no-inlines", "0x4826c1"], "");
    assert_eq!(one.trim_end(), all.split(" < ").next().unwrap());
    let json: Value =
        serde_json::from_str(&text(&[CRASH, "--json", "--no-inlines", "0x4826c1"], "")).unwrap();
    assert_eq!(json["symbols"][0]["frames"].as_array().unwrap().len(), 1);
    assert_eq!(json["symbols"][0]["frames"][0]["function"], "main.(*order).amount");
}

/// Address and lines of each block that addr2line printed with -a.
fn blocks(said: &str) -> Vec<(String, Vec<String>)> {
    let mut out: Vec<(String, Vec<String>)> = Vec::new();
    for line in said.lines() {
        if line.starts_with("0x") {
            out.push((line.to_owned(), Vec::new()));
        } else {
            out.last_mut().unwrap().1.push(line.to_owned());
        }
    }
    out
}

/// GNU addr2line names the outer function for each call that is inlined in it:
/// there files, lines and the outermost name are compared, elsewhere the bytes.
#[test]
fn it_stands_in_for_addr2line() {
    let said = include_str!("../corpus/inspect/fixture-go1.24.11-linux-amd64.addr2line");
    let theirs = blocks(said);
    let input: String = theirs.iter().map(|(address, _)| format!("{address}\n")).collect();
    let ours = blocks(&text(&["--addr2line", "-e", FIXTURE, "-a", "-f", "-i"], &input));
    assert_eq!(ours.len(), theirs.len());
    let (mut equal, mut inlined, mut unknown) = (0, 0, 0);
    for ((address, ours), (_, theirs)) in ours.iter().zip(&theirs) {
        if theirs.iter().any(|line| line.contains("??") || line.ends_with(":?")) {
            unknown += 1;
            continue;
        }
        let places = |block: &[String]| block.iter().skip(1).step_by(2).cloned().collect::<Vec<_>>();
        let name = |block: &[String]| block[block.len() - 2].trim_end_matches(".abi0").to_owned();
        assert_eq!(places(ours), places(theirs), "{address}");
        assert_eq!(name(ours), name(theirs), "{address}");
        if theirs.len() == 2 && !theirs[0].ends_with(".abi0") {
            assert_eq!(ours, theirs, "{address}");
            equal += 1;
        } else {
            inlined += 1;
        }
    }
    assert!(equal > 200 && inlined > 50 && unknown < 40, "{equal} {inlined} {unknown}");
}

#[test]
fn the_forms_of_addr2line() {
    let run =
        |flags: &[&str]| text(&[&["--addr2line", "-e", CRASH], flags, &["0x4826c1", "0x10"]].concat(), "");
    assert_eq!(run(&[]), "./example.com/crash/memory.go:37\n??:0\n");
    assert_eq!(run(&["-s"]), "memory.go:37\n??:0\n");
    assert_eq!(run(&["-f"]), "main.(*order).amount\n./example.com/crash/memory.go:37\n??\n??:0\n");
    assert_eq!(
        run(&["-afips"]),
        "0x00000000004826c1: main.(*order).amount at memory.go:37\n \
         (inlined by) main.(*order).sum at memory.go:34\n \
         (inlined by) main.(*order).price at memory.go:30\n\
         0x0000000000000010: ?? ??:0\n"
    );
}
