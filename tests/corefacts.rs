//! What a core tells of the Go runtime itself, held against what the program and the
//! kernel said of the same things.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

#[path = "support/executables.rs"]
mod executables;

fn corpus(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(path)
}

/// Every core that has goroutines, with its executable.
fn cases() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(corpus("cores/cases.toml")).unwrap();
    let table: toml::Table = toml::from_str(&text).unwrap();
    let binary = |case: &toml::Value| case["binary"].as_str().unwrap().to_owned();
    table.iter().map(|(name, case)| (name.clone(), binary(case))).collect()
}

fn run(core: &str, binary: &str, more: &[&str]) -> String {
    let core = corpus(&format!("cores/{core}/core.zst"));
    let args = [&["core", core.to_str().unwrap(), "-b", binary], more].concat();
    let out = Command::new(env!("CARGO_BIN_EXE_panicmap")).args(args).output().unwrap();
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

fn json(core: &str, binary: &str) -> Value {
    serde_json::from_str(&run(core, &executables::path(binary), &["--json"])).unwrap()
}

fn printed(core: &str) -> BTreeMap<String, u64> {
    let text = std::fs::read_to_string(corpus(&format!("cores/{core}/stdout"))).unwrap();
    let pairs = text.lines().map(|line| line.split_once(' ').unwrap());
    pairs.map(|(name, value)| (name.to_owned(), value.parse().unwrap())).collect()
}

/// `runtime.ReadMemStats`, asked right before the panic. What the collector counts does not
/// change from there on; of heap and stacks the panic takes a little.
#[test]
fn counters_are_those_that_the_program_read() {
    let said = printed("counters");
    let core = json("counters", "counters-go1.23.9-linux-amd64");
    let memory = &core["core"]["go"]["memory"];
    let number = |name: &str| memory[name].as_u64().unwrap_or_else(|| panic!("{name}: {memory}"));
    for (theirs, ours) in [
        ("NumGC", "collections"),
        ("LastGC", "last_collection"),
        ("PauseTotalNs", "pauses_ns"),
        ("NextGC", "next_collection_at"),
        ("GOMAXPROCS", "gomaxprocs"),
    ] {
        assert_eq!(number(ours), said[theirs], "{theirs}");
    }
    for (theirs, ours, room) in [
        ("HeapInuse", number("heap_in_use"), 128 << 10),
        ("HeapIdle", number("heap_idle") + number("heap_released"), 256 << 10),
        ("HeapReleased", number("heap_released"), 256 << 10),
        ("StackInuse", number("stacks_in_use"), 256 << 10),
        ("HeapAlloc", number("object_bytes"), 16 << 10),
        ("HeapObjects", number("objects"), 100),
    ] {
        assert!(ours.abs_diff(said[theirs]) <= room, "{theirs}: {} printed, {ours} read", said[theirs]);
    }
    // As its source has them.
    assert_eq!((number("gogc"), number("gomemlimit")), (80, 300 << 20));
    assert_eq!(memory["marking"], false);
}

/// Go 1.19 to 1.27 on six architectures, all of them stripped.
#[test]
fn every_runtime_tells_its_memory() {
    for (name, binary) in cases() {
        let core = json(&name, &binary)["core"].clone();
        let memory = &core["go"]["memory"];
        if name == "sigill-armv6" {
            // It died before there was a heap.
            assert!(memory.is_null(), "{memory}");
            let why = core["not_read"][0].as_str().unwrap();
            assert!(why.starts_with("memory: runtime.gcController was not found"), "{why}");
            continue;
        }
        assert_eq!(core["not_read"].as_array().map(Vec::len), Some(0), "{name}: {}", core["not_read"]);
        // `make` sets GOMAXPROCS, and the environment is in the core.
        let text = run(&name, &executables::path(&binary), &["--env"]);
        let set = text.split("GOMAXPROCS=").nth(1).unwrap();
        let set: String = set.chars().take_while(char::is_ascii_digit).collect();
        assert_eq!(memory["gomaxprocs"].to_string(), set, "{name}");
        let number = |field: &str| memory[field].as_u64().unwrap();
        assert!(number("objects") * 8 <= number("object_bytes"), "{name}: {memory}");
        assert!(number("object_bytes") < number("heap_in_use"), "{name}: {memory}");
        // The stacks of all goroutines, and those that wait for the next.
        assert!(core["go"]["stack_bytes"].as_u64().unwrap() <= number("stacks_in_use"), "{name}: {memory}");
        assert_eq!(memory["last_collection"].is_null(), number("collections") == 0, "{name}: {memory}");
    }
}

/// What the kernel told the process by AT_HWCAP, and what the runtime made of it.
#[test]
fn features_are_those_of_the_kernel() {
    for (name, binary, shared) in [
        (
            "nil-arm64",
            "crash-go1.27.3-linux-arm64",
            vec!["aes", "pmull", "sha1", "sha2", "crc32", "atomics", "cpuid"],
        ),
        ("nil-arm", "crash-go1.27.3-linux-arm7", vec!["vfpv4", "idiva"]),
    ] {
        let core = json(name, binary);
        let features = core["core"]["go"]["cpu_features"].as_array().unwrap();
        let report = run(name, &executables::path(binary), &[]);
        let hwcap: Vec<&str> = report
            .split("AT_HWCAP")
            .nth(1)
            .unwrap()
            .split("for Go it")
            .next()
            .unwrap()
            .split_whitespace()
            .collect();
        for feature in shared {
            let row = features.iter().find(|row| row["name"] == feature).unwrap();
            assert_eq!(row["present"].as_bool().unwrap(), hwcap.contains(&feature), "{name}: {feature}");
            assert_eq!(row["set_by_godebug"], false);
        }
    }
}

/// `pprof.Labels` up to Go 1.23: a map, of one bucket and of several.
#[test]
fn labels_are_those_that_the_program_set() {
    let core = json("labels", "counters-go1.23.9-linux-amd64");
    let goroutines = core["crashes"][0]["goroutines"].as_array().unwrap();
    let labels: Vec<&Value> = goroutines.iter().map(|g| &g["labels"]).filter(|l| l.is_object()).collect();
    assert_eq!(labels.len(), 2, "{labels:?}");
    assert_eq!(*labels[0], serde_json::json!({ "request": "GET /orders", "tenant": "blue" }));
    let letters: serde_json::Map<String, Value> =
        ('a'..='z').map(|c| (c.to_string(), Value::from(format!("{c}{c}")))).collect();
    assert_eq!(*labels[1], Value::from(letters));
}

#[test]
fn waits_are_in_minutes() {
    let core = json("minutes", "counters-go1.23.9-linux-amd64");
    let waits = core["core"]["go"]["longest_waits"].as_array().unwrap();
    let printed = std::fs::read_to_string(corpus("cores/minutes/stderr")).unwrap();
    assert!(!waits.is_empty());
    for wait in waits {
        let header = format!("goroutine {} ", wait["goroutine"]);
        let header = printed.lines().find(|line| line.starts_with(&header)).unwrap();
        assert!(header.contains(&format!(", {} minutes]", wait["minutes_at_least"])), "{header}");
    }
    assert_eq!(waits.len(), printed.matches(" minutes]:").count());
}

/// `uname -r` of the machine that made them began with this; an emulator's vDSO has no note.
#[test]
fn the_kernel_is_told() {
    let core = json("nil-go1.27", "crash-go1.27.3-linux-amd64");
    assert_eq!(core["core"]["kernel"], "6.18.44");
    assert_eq!(core["host"]["kernel"], "6.18.44");
    assert!(json("nil-arm64", "crash-go1.27.3-linux-arm64")["core"]["kernel"].is_null());
}

#[test]
fn evidence_of_a_core_is_called_so() {
    let core = json("sigill-armv6", "crash-go1.27.3-linux-arm7");
    let evidence = core["crashes"][0]["findings"][0]["evidence"].as_array().unwrap();
    assert!(evidence.iter().any(|e| e["from"] == "core"), "{evidence:?}");
    assert!(evidence.iter().all(|e| e["from"] != "log"), "{evidence:?}");
}

/// The same executable that calls itself 1.28 or an experiment: read all the same, and said.
#[test]
fn a_layout_that_is_not_known_is_tried() {
    let name = "crash-go1.27.3-linux-amd64";
    let whole = std::fs::read(executables::path(name)).unwrap();
    let expected = run("nil-go1.27", &executables::path(name), &["--raw"]);
    let folder = std::env::temp_dir().join(format!("panicmap-layout-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("later");
    let mut bytes = whole;
    for at in memchr::memmem::find_iter(&bytes.clone(), b"go1.27.3") {
        bytes[at..at + 8].copy_from_slice(b"go1.28.0");
    }
    std::fs::write(&path, &bytes).unwrap();
    let path = path.to_str().unwrap();
    assert_eq!(run("nil-go1.27", path, &["--raw"]), expected);
    let report = run("nil-go1.27", path, &[]);
    let report = report.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(report.contains("the layout of Go 1.28 is not known here"), "{report}");
    assert!(report.contains("that of 1.27 was tried"), "{report}");
    std::fs::remove_dir_all(&folder).unwrap();
}
