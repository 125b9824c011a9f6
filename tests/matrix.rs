//! `panicmap matrix`, `hosts` and `explain WORDS`: the ports against what the go
//! command says of them, the known machines on real executables.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

#[path = "support/executables.rs"]
mod executables;
#[path = "support/schema.rs"]
mod schema;

fn panicmap(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_panicmap"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn stdout(arguments: &[&str]) -> String {
    let output = panicmap(arguments);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn refusal(arguments: &[&str]) -> String {
    let output = panicmap(arguments);
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).unwrap()
}

/// JSON that obeys its part of the schema.
fn checked(part: &str, arguments: &[&str]) -> Value {
    let mut rules: Value = serde_json::from_str(&stdout(&["schema"])).unwrap();
    rules["anyOf"] = serde_json::json!([{"$ref": format!("#/$defs/{part}")}]);
    let value = serde_json::from_str(&stdout(arguments)).unwrap();
    assert_eq!(schema::violation(&rules, &value), None);
    value
}

fn ports() -> BTreeMap<String, Value> {
    let value = checked("matrix", &["matrix", "--json"]);
    let ports = value["matrix"]["ports"].as_array().unwrap().iter();
    let name =
        |port: &Value| format!("{}/{}", port["goos"].as_str().unwrap(), port["goarch"].as_str().unwrap());
    ports.map(|port| (name(port), port.clone())).collect()
}

/// `tests/ports/capture` asks the go command again.
#[test]
fn the_ports_are_those_of_the_go_command() {
    let ports = ports();
    let listed: Vec<Value> = serde_json::from_str(include_str!("ports/go1.27.3.json")).unwrap();
    assert_eq!(ports.len(), listed.len());
    for row in listed {
        let name = format!("{}/{}", row["GOOS"].as_str().unwrap(), row["GOARCH"].as_str().unwrap());
        let port = &ports[&name];
        assert_eq!(port["first_class"], row["FirstClass"], "{name}");
        assert_eq!(!port["cgo_on"].is_null(), row["CgoSupported"] == true, "{name}");
    }
    for line in include_str!("ports/go1.27.3.tsv").lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, pie, race, mode, level] = fields[..] else { panic!("{line}") };
        let port = &ports[name];
        assert_eq!(port["pie"] != "no", pie == "yes", "{name}");
        assert_eq!(port["race"], race == "yes", "{name}");
        assert_eq!(port["cgo_off"]["builds"], !mode.is_empty(), "{name}");
        if !mode.is_empty() {
            assert_eq!(port["pie"] == "default", mode == "pie", "{name}");
        }
        let default = port["levels"].as_array().unwrap().iter().find(|level| level["default"] == true);
        let value = default.map_or("", |level| level["value"].as_str().unwrap());
        match port["level_variable"].as_str() {
            Some(variable) => assert_eq!(format!("{variable}={value}"), level, "{name}"),
            None => assert_eq!(level, "", "{name}"),
        }
    }
}

#[test]
fn a_port_is_told_whole_and_fits_the_screen() {
    let arm = stdout(&["matrix", "linux/arm"]);
    for text in
        ["GOARM=7 (default): ARMv7-A with VFPv3", "Linux 3.2", "arm-linux-gnueabihf-gcc", "goarm-too-high"]
    {
        assert!(arm.contains(text), "{text}\n{arm}");
    }
    assert_eq!(stdout(&["matrix", "arm"]).lines().filter(|line| line.contains("/arm  ")).count(), 6);
    for port in ports().keys().map(String::as_str).chain(["linux"]) {
        let text = stdout(&["matrix", port]);
        assert!(text.lines().all(|line| line.len() <= 80), "{text}");
    }
    let table = stdout(&["matrix", "linux", "--format", "markdown"]);
    assert!(
        table.lines().filter(|line| line.starts_with("| linux/")).all(|line| line.matches('|').count() == 7)
    );
}

#[test]
fn a_port_that_does_not_exist_has_near_names() {
    assert!(refusal(&["matrix", "linux/armv7"]).contains("linux/arm"));
    assert!(refusal(&["matrix", "widnows"]).contains("windows"));
    assert!(refusal(&["matrix", "windows/arm"]).contains("gone in Go 1.24"));
}

/// Faults that are found, with their confidence, in a silent death.
fn faults(binary: &str, log: &str, host: &str) -> Vec<(String, String)> {
    let (binary, log) = (executables::path(binary), format!("corpus/cases/{log}/log"));
    let report: Value =
        serde_json::from_str(&stdout(&[&log, "-b", &binary, "--host", host, "--json"])).unwrap();
    let findings = report["crashes"][0]["findings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    findings.map(|finding| (text(&finding["fault"]), text(&finding["confidence"]))).collect()
}

#[test]
fn known_machines_decide() {
    let arm7 = "crash-go1.27.3-linux-arm7";
    let certain = |fault: &str| vec![(fault.to_owned(), "certain".to_owned())];
    for board in ["raspberry-pi-1", "Raspberry-Pi-Zero", "arm1176", "arm926"] {
        let found = faults(arm7, "goarm7-on-pi1", &format!("board:{board}"));
        assert_eq!(found, certain("goarm-too-high"), "{board}");
    }
    for board in ["raspberry-pi-2", "beaglebone", "cortex-a9"] {
        assert_eq!(faults(arm7, "goarm7-on-pi1", &format!("board:{board}")), [], "{board}");
    }
}

/// Without a log: executable and machine alone.
#[test]
fn goamd64_against_known_machines() {
    let said = |board: &str| {
        let binary = executables::path("crash-go1.21.13-linux-amd64v3");
        let output = panicmap(&["-b", &binary, "--host", &format!("board:{board}"), "--json"]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let findings = report["findings"].as_array().unwrap().iter();
        findings.map(|f| format!("{} {}", f["fault"], f["confidence"])).collect::<Vec<_>>()
    };
    for board in ["core2", "nehalem", "qemu64"] {
        assert_eq!(said(board), [r#""goamd64-too-high" "certain""#], "{board}");
    }
    for board in ["haswell", "zen4", "x86-64-v3"] {
        assert!(said(board).is_empty(), "{board}");
    }
}

#[test]
fn machines_are_listed_with_their_sources() {
    let value = checked("hosts", &["hosts", "--json"]);
    let hosts = value["hosts"].as_array().unwrap();
    let text = stdout(&["hosts"]);
    for host in hosts {
        assert!(text.contains(host["name"].as_str().unwrap()), "{host}");
    }
    assert!(text.lines().all(|line| line.len() <= 80));
    let log = "corpus/cases/goarm7-on-pi1/log";
    let error = String::from_utf8(panicmap(&[log, "--host", "board:rasberry-pi-1"]).stderr).unwrap();
    assert!(error.contains("near to it are raspberry-pi-"), "{error}");
}

#[test]
fn faults_are_found_by_words() {
    let list = stdout(&["explain", "GLIBC"]);
    assert!(list.starts_with("glibc-too-old ") && list.lines().count() > 1, "{list}");
    let several = stdout(&["explain", "illegal instruction"]);
    assert_eq!(stdout(&["explain", "illegal", "instruction"]), several);
    assert!(several.contains("goarm-too-high"));
    assert!(stdout(&["explain", "kvm64"]).contains("\nLook-alikes\n"));
    assert_eq!(stdout(&["explain", "--all"]), stdout(&["explain"]));
    assert!(refusal(&["explain", "goarm-to-high"]).contains("goarm-too-high"));
}

#[test]
fn explain_has_its_answers_as_json_too() {
    let faults = |arguments: &[&str]| checked("faults", arguments)["faults"].as_array().unwrap().clone();
    let listed = stdout(&["explain"]);
    let ids: Vec<Value> = faults(&["explain", "--json"]).iter().map(|fault| fault["id"].clone()).collect();
    assert_eq!(ids, listed.lines().map(|line| line.split(' ').next().unwrap()).collect::<Vec<_>>());
    let one = faults(&["explain", "goarm-too-high", "--json"]);
    assert_eq!((one.len(), &one[0]["verdict"]), (1, &Value::from("configuration-fault")));
    assert!(one[0]["fix"].as_str().unwrap().contains("GOARM=6"));
}
