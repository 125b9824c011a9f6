//! `panicmap check` on the executables of the corpus: what their cases died of is
//! found before they run, and the places where they ran are let through.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

#[path = "support/executables.rs"]
mod executables;
#[path = "support/schema.rs"]
mod schema;

fn panicmap(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_panicmap"))
        .args(arguments)
        .current_dir(executables::folder())
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// Exit status, and the report of each executable and place, which obeys the schema.
fn check(arguments: &[&str]) -> (i32, Vec<Value>) {
    let output = panicmap(&[&["check", "--json"], arguments].concat());
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut rules: Value = serde_json::from_slice(&panicmap(&["schema"]).stdout).unwrap();
    rules["anyOf"] = serde_json::json!([{"$ref": "#/$defs/check"}]);
    assert_eq!(schema::violation(&rules, &value), None);
    (output.status.code().unwrap(), value["check"]["checked"].as_array().unwrap().clone())
}

fn faults(checked: &Value) -> Vec<String> {
    let of = |finding: &Value| {
        format!("{} {}", finding["fault"].as_str().unwrap(), finding["confidence"].as_str().unwrap())
    };
    checked["findings"].as_array().unwrap().iter().map(of).collect()
}

const ARM7: &str = "crash-go1.27.3-linux-arm7";
const CGO: &str = "cgocrash-go1.27.3-linux-amd64";
const MUSL: &str = "greet-go1.21.13-linux-amd64+musl";
/// GOARM=6, with C code of an ARMv7 compiler.
const ARMHF: &str = "greet-go1.21.13-linux-arm6+armhf";
const AMD64_V3: &str = "crash-go1.21.13-linux-amd64v3";

/// Executable, place, exit status, findings: each row is a run that was made, or one
/// of the same build on a machine where it does run.
const RUNS: &[(&str, &str, i32, &[&str])] = &[
    (ARM7, "linux/arm/6", 1, &["goarm-too-high certain"]),
    (ARM7, "linux/arm/v7", 0, &[]),
    (AMD64_V3, "linux/amd64/v2", 1, &["goamd64-too-high certain"]),
    (AMD64_V3, "linux/amd64/v3", 0, &[]),
    (AMD64_V3, "linux/arm64", 1, &["wrong-goarch certain"]),
    ("hello-go1.21.13-windows-amd64", "linux/amd64", 1, &["wrong-goos certain"]),
    (CGO, "linux/amd64,debian:10", 1, &["glibc-too-old certain"]),
    (CGO, "linux/amd64,glibc=2.33", 1, &["glibc-too-old certain"]),
    (CGO, "linux/amd64,debian:bookworm", 0, &[]),
    ("crash-go1.21.13-linux-amd64", "linux/amd64,alpine", 0, &[]),
    ("crash-go1.21.13-linux-amd64", "linux/amd64,scratch", 0, &[]),
    ("crash-go1.21.13-linux-amd64+pie", "linux/amd64,scratch", 1, &["cgo-missing-interp likely"]),
    ("ported-go1.27.3-darwin-arm64", "darwin/arm64,version=12.7", 1, &["darwin-min-os certain"]),
    ("ported-go1.27.3-darwin-arm64", "darwin/arm64,version=13.1", 0, &[]),
    ("hello-go1.21.13-windows-amd64", "windows/amd64,version=6.1", 1, &["windows-too-old likely"]),
    ("hello-go1.21.13-windows-amd64", "windows/amd64,version=10.0.19045", 0, &[]),
    (CGO, "linux/amd64,alpine", 1, &["glibc-binary-on-musl likely"]),
    (MUSL, "linux/amd64,alpine", 0, &[]),
    (MUSL, "linux/amd64,debian:12", 1, &["musl-binary-on-glibc likely"]),
    (ARMHF, "linux/arm/6", 1, &["arm-cgo-float-abi certain"]),
    (ARMHF, "linux/arm/7", 0, &[]),
];

#[test]
fn what_fails_there_is_found_and_what_runs_is_let_through() {
    for (binary, place, status, expected) in RUNS {
        let (code, checked) = check(&[binary, "--on", place]);
        let found = (code, faults(&checked[0]));
        let expected = expected.iter().map(|fault| (*fault).to_owned()).collect();
        assert_eq!(found, (*status, expected), "{binary} {place}");
    }
}

#[test]
fn each_executable_at_each_place() {
    let (code, checked) = check(&[ARM7, AMD64_V3, "--on", "linux/arm/7", "--host", "board:raspberry-pi-1"]);
    let outlooks: Vec<&str> = checked.iter().map(|one| one["outlook"].as_str().unwrap()).collect();
    assert_eq!((code, outlooks), (1, vec!["fine", "fails", "fails", "fails"]));
    let need = |what: &str| {
        let needs = checked[1]["needs"].as_array().unwrap();
        needs.iter().find(|need| need["what"] == what).unwrap().clone()
    };
    assert_eq!(need("processor")["met"], false);
    assert_eq!(need("architecture")["met"], true);
    assert!(need("its version")["met"].is_null(), "nobody said which kernel the board runs");
}

#[test]
fn fail_on_says_how_sure_it_has_to_be() {
    let pie = "crash-go1.21.13-linux-amd64+pie";
    let on = ["check", pie, "--on", "linux/amd64,scratch", "--fail-on"];
    for (level, status) in [("certain", 0), ("likely", 1), ("possible", 1)] {
        assert_eq!(panicmap(&[&on[..], &[level]].concat()).status.code(), Some(status), "{level}");
    }
}

#[test]
fn expectations_are_held_against_what_the_executable_is() {
    let arm64 = "crash-go1.27.3-linux-arm64";
    let ok = "linux/arm64,CGO_ENABLED=0,static,stripped,go=1.27,libc=none,-trimpath=true,GOARM64=v8.0";
    assert_eq!(check(&[arm64, "--expect", ok]).0, 0);
    let (code, checked) =
        check(&[arm64, "--expect", "linux/amd64,CGO_ENABLED=1,go=1.2,-tags=netgo,dirty=false"]);
    let keys: Vec<(&str, &Value)> = checked[0]["mismatches"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| (m["key"].as_str().unwrap(), &m["found"]))
        .collect();
    let (arm, zero, go) = (Value::from("arm64"), Value::from("0"), Value::from("go1.27.3"));
    assert_eq!(code, 1);
    assert_eq!(keys[..3], [("GOARCH", &arm), ("CGO_ENABLED", &zero), ("go", &go)]);
    assert_eq!(keys[3..], [("-tags", &Value::Null), ("dirty", &Value::Null)]);
    // C code is in it, whatever was meant.
    assert_eq!(check(&[CGO, "--expect", "CGO_ENABLED=0"]).0, 1);
    // GOARM=8 is recorded, but 7 is what was built.
    let (_, checked) = check(&["hello-go1.24.11-linux-arm8", "--expect", "linux/arm/v8"]);
    assert_eq!(checked[0]["mismatches"][0]["found"], "7");
}

#[test]
fn annotations_are_one_line_each() {
    let output =
        panicmap(&["check", ARM7, "--on", "linux/arm/6", "--expect", "linux/arm64", "--format", "github"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(
        lines[0]
            .starts_with("::error title=not-as-expected::crash-go1.27.3-linux-arm7: GOARCH: expected arm64")
    );
    assert!(lines[1].starts_with("::error title=goarm-too-high::"));
    assert!(lines[1].contains("GOARM=6 go build"));
    let fine = panicmap(&["check", ARM7, "--on", "linux/arm/7", "--format", "github"]);
    assert!(String::from_utf8(fine.stdout).unwrap().starts_with("::notice title=panicmap check::"));
}

#[test]
fn sarif_names_the_rule_of_every_result() {
    let output = panicmap(&[
        "check",
        CGO,
        "--on",
        "linux/amd64,debian:10",
        "--expect",
        "CGO_ENABLED=0",
        "--format",
        "sarif",
    ]);
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let run = &value["runs"][0];
    let rules: Vec<&str> = run["tool"]["driver"]["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["id"].as_str().unwrap())
        .collect();
    let results = run["results"].as_array().unwrap();
    assert_eq!(value["version"], "2.1.0");
    assert_eq!(results.len(), 2);
    for result in results {
        assert!(rules.contains(&result["ruleId"].as_str().unwrap()));
        assert_eq!(result["level"], "error");
        assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], CGO);
    }
}

#[test]
fn what_is_misspelt_is_told_with_what_is_near() {
    for (arguments, said) in [
        (&["--on", "linux/armv7x"][..], "near to it are linux/arm"),
        (&["--on", "linux/arm/8"], "there are 5, 6, 7"),
        (&["--on", "windows/arm"], "gone in Go 1.24"),
        (&["--on", "linux/amd64,debain:12"], "debian:12"),
        (&["--on", "linux/amd64,glibc=new"], "expected a version"),
        (&["--on", "linux/amd64,libc=2.31"], "there are glibc, musl, kernel"),
        (&["--on", "linux/amd64,debian:12,glibc=2.31"], "a C library was given before"),
        (&["--expect", "CGO=0"], "CGO_ENABLED"),
        (&["--expect", "linux/arm46"], "arm64"),
        (&["--expect", "CGO_ENABLED=no"], "knows 0 and 1"),
        (&[], "--on"),
    ] {
        let output = panicmap(&[&["check", ARM7], arguments].concat());
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
        assert!(text.contains(said), "{arguments:?}: {text}");
    }
}

/// An OCI image layout: one image for each platform, which holds the file `/app`.
fn layout(folder: &Path, images: &[(&str, &str, &str, &str)]) {
    let blobs = folder.join("blobs/sha256");
    std::fs::create_dir_all(&blobs).unwrap();
    let store = |bytes: &[u8]| {
        let digest: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        std::fs::write(blobs.join(&digest), bytes).unwrap();
        (format!("sha256:{digest}"), bytes.len())
    };
    let blob = |kind: &str, bytes: &[u8]| {
        let (digest, size) = store(bytes);
        json!({"mediaType": format!("application/vnd.oci.image.{kind}"), "digest": digest, "size": size})
    };
    let mut manifests = Vec::new();
    for (os, arch, variant, binary) in images {
        let app = executables::executable(binary);
        let mut tar = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(app.len() as u64);
        header.set_mode(0o755);
        tar.append_data(&mut header, "app", app.as_slice()).unwrap();
        let layer = blob("layer.v1.tar", &tar.into_inner().unwrap());
        let config = json!({"os": os, "architecture": arch, "variant": variant, "config": {"Entrypoint": ["/app"]},
            "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]}});
        let config = blob("config.v1+json", config.to_string().as_bytes());
        let manifest = json!({"schemaVersion": 2, "config": config, "layers": [layer]});
        let mut entry = blob("manifest.v1+json", manifest.to_string().as_bytes());
        entry["platform"] = json!({"os": os, "architecture": arch, "variant": variant});
        manifests.push(entry);
    }
    let index = json!({"schemaVersion": 2, "manifests": manifests});
    std::fs::write(folder.join("index.json"), index.to_string()).unwrap();
    std::fs::write(folder.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
}

#[test]
fn every_platform_of_an_image_is_held_against_what_it_declares() {
    let folder = std::env::temp_dir().join(format!("panicmap-check-image-{}", std::process::id()));
    let amd64 = "crash-go1.21.13-linux-amd64";
    layout(
        &folder,
        &[
            ("linux", "amd64", "", amd64),
            // The build of the host, copied into the image for another CPU.
            ("linux", "arm64", "v8", amd64),
            ("linux", "arm", "v6", ARM7),
            ("linux", "arm", "v7", ARM7),
        ],
    );
    let path = folder.to_str().unwrap();
    let (code, checked) = check(&["--image", path]);
    let found: Vec<Vec<String>> = checked.iter().map(faults).collect();
    assert_eq!(code, 1);
    assert_eq!(
        found,
        [vec![], vec!["wrong-goarch certain".to_owned()], vec!["goarm-too-high certain".to_owned()], vec![]]
    );
    assert!(checked.iter().all(|one| one["path"].as_str().unwrap().ends_with("/app")), "{checked:?}");
    let one = check(&["--image", &format!("{path},platform=linux/arm/v7")]);
    assert_eq!((one.0, one.1.len()), (0, 1));
    // A program of scratch, to an image without a loader.
    let (_, checked) = check(&["crash-go1.21.13-linux-amd64+pie", "--image", path]);
    assert_eq!(faults(&checked[0]), ["cgo-missing-interp certain"]);
    let output = panicmap(&["check", "--image", &format!("{path},platform=linux/s390x")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no manifest for linux/s390x"));
    std::fs::remove_dir_all(folder).unwrap();
}
