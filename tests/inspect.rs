//! `panicmap inspect` as a user meets it: every executable of the corpus against
//! what `go version -m`, readelf and llvm-readobj say of it
//! (`corpus/recapture --inspect` asks them again), against its recipe, and
//! against itself with its build info wiped out.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

#[path = "support/executables.rs"]
mod executables;
#[path = "support/schema.rs"]
mod schema;

fn corpus(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(path)
}

fn binary(name: &str) -> String {
    format!("binaries/{name}")
}

/// Runs beside the unpacked executables, so that paths are short and the same everywhere.
fn inspect(arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_panicmap"))
        .arg("inspect")
        .args(arguments)
        .current_dir(executables::folder().parent().unwrap())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_ne!(output.status.code(), Some(101), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn text(arguments: &[&str]) -> String {
    let output = inspect(arguments);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn json(path: &str) -> Value {
    let all: Value = serde_json::from_str(&text(&["--json", path])).unwrap();
    all["binaries"][0].clone()
}

/// What other tools said of an executable.
struct Oracle {
    name: String,
    facts: Vec<(String, String)>,
    /// Output of `go version -m` without its first line.
    build_info: String,
}

impl Oracle {
    fn all(&self, key: &str) -> Vec<&str> {
        self.facts.iter().filter(|(have, _)| have == key).map(|(_, value)| value.as_str()).collect()
    }
}

fn oracles() -> Vec<Oracle> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(corpus("inspect")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let Some(name) = name.strip_suffix(".txt").filter(|name| !name.ends_with(".summary")) else {
            continue;
        };
        let said = std::fs::read_to_string(&path).unwrap();
        let (facts, build_info) = said.split_once("go version -m\n").unwrap();
        let fact = |line: &str| {
            let (key, value) = line.split_once(' ').unwrap();
            (key.to_owned(), value.to_owned())
        };
        out.push(Oracle {
            name: name.to_owned(),
            facts: facts.lines().map(fact).collect(),
            build_info: build_info.to_owned(),
        });
    }
    out.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(out.len() >= 34, "{} oracles", out.len());
    out
}

/// What gccgo leaves out is not stripped: nobody can give it back.
#[test]
fn an_executable_of_gccgo_is_named_so() {
    let said = String::from_utf8(inspect(&[&binary("stacks-gccgo-12-linux-amd64.zst")]).stdout).unwrap();
    assert!(said.contains("built by gccgo") && !said.contains("strip"), "{said}");
}

#[test]
fn build_info_is_that_of_go_version() {
    for oracle in oracles() {
        let path = binary(&oracle.name);
        let said = text(&["--all", &path]);
        let block = said.split_once("AS go version -m PRINTS IT\n").unwrap().1;
        let block = block.split("\n\n").next().unwrap();
        assert_eq!(block, oracle.build_info.trim_end_matches('\n'), "{}", oracle.name);
        let json = json(&path);
        let mut settings = 0;
        for line in oracle.build_info.lines().filter_map(|line| line.strip_prefix("\tbuild\t")) {
            let (key, value) = line.split_once('=').unwrap();
            // Go quotes as JSON does, where the text is plain.
            let value =
                if value.starts_with('"') { serde_json::from_str(value).unwrap() } else { value.into() };
            assert_eq!(json["settings"][key], Value::String(value), "{} {key}", oracle.name);
            settings += 1;
        }
        assert_eq!(json["settings"].as_object().unwrap().len(), settings, "{}", oracle.name);
        assert_eq!(json["go_version"], oracle.all("version")[0], "{}", oracle.name);
    }
}

#[test]
fn needs_and_symbols_are_those_of_readelf() {
    let mut dynamic = 0;
    for oracle in oracles() {
        let name = &oracle.name;
        let json = json(&binary(name));
        let strings = |key: &str| -> Vec<&str> {
            json[key].as_array().into_iter().flatten().map(|value| value.as_str().unwrap()).collect()
        };
        if let Some(minimum) = oracle.all("minimum").first() {
            assert_eq!(json["needs"]["system_by_header"], *minimum, "{name}");
            assert_eq!(json["stripped"], oracle.all("functions") == ["no"], "{name}");
            continue;
        }
        if json["format"] != "ELF" {
            continue;
        }
        assert_eq!(json["interpreter"].as_str(), oracle.all("interpreter").first().copied(), "{name}");
        assert_eq!(strings("needed"), oracle.all("needed"), "{name}");
        let sections = oracle.all("section");
        assert_eq!(json["stripped"], !sections.contains(&".symtab"), "{name}");
        assert_eq!(json["dwarf"], sections.contains(&".debug_info"), "{name}");
        let imports: BTreeSet<(String, Option<String>)> = json["imports"]
            .as_array()
            .unwrap()
            .iter()
            .map(|i| (i["name"].as_str().unwrap().to_owned(), i["version"].as_str().map(str::to_owned)))
            .collect();
        let theirs = oracle.all("import").into_iter().map(|line| match line.split_once(' ') {
            Some((name, version)) => (name.to_owned(), Some(version.to_owned())),
            None => (line.to_owned(), None),
        });
        let theirs: BTreeSet<(String, Option<String>)> = theirs.collect();
        assert_eq!(imports, theirs, "{name}");
        // The highest version of glibc, and all symbols that have it.
        let minor =
            |version: &str| version.strip_prefix("GLIBC_2.").and_then(|v| v.split('.').next()?.parse().ok());
        let highest: Option<u32> = theirs.iter().filter_map(|(_, version)| minor(version.as_deref()?)).max();
        assert_eq!(
            json["glibc_needed"].as_str().map(str::to_owned),
            highest.map(|v| format!("2.{v}")),
            "{name}"
        );
        let asking = |(_, version): &&(String, Option<String>)| version.as_deref().and_then(minor) == highest;
        let asking: BTreeSet<&str> = theirs
            .iter()
            .filter(asking)
            .filter(|_| highest.is_some())
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(strings("glibc_symbols").into_iter().collect::<BTreeSet<_>>(), asking, "{name}");
        dynamic += usize::from(highest.is_some());
    }
    assert!(dynamic >= 5, "only {dynamic} executables need glibc");
}

/// `PROGRAM-TOOLCHAIN-GOOS-GOARCH[LEVEL][+VARIANT]`
#[test]
fn targets_are_those_of_the_recipes() {
    const ARCHES: [&str; 10] =
        ["386", "amd64", "arm64", "arm", "mips", "ppc64le", "riscv64", "s390x", "mips64", "ppc64"];
    for oracle in oracles() {
        let name = oracle.name.replace("fixture-cgo", "fixturecgo");
        let parts: Vec<&str> = name.split('-').collect();
        let (target, _) = parts[3].split_once('+').unwrap_or((parts[3], ""));
        let arch = ARCHES.iter().find(|arch| target.starts_with(**arch)).unwrap();
        let json = json(&binary(&oracle.name));
        assert_eq!(
            (&json["go_version"], &json["goos"], &json["goarch"]),
            (&parts[1].into(), &parts[2].into(), &(*arch).into())
        );
        let level = target.strip_prefix(arch).unwrap();
        if level == "8" {
            // Accepted by mistake: the default is in force.
            assert_eq!((&json["level"]["GOARM"], &json["level_recorded"]), (&"7".into(), &"8".into()));
        } else if !level.is_empty() {
            let levels = json["level"].as_object().unwrap();
            assert_eq!(levels.values().next().unwrap(), level, "{name}");
        }
    }
}

#[test]
fn cgo_is_told_by_what_uses_it() {
    // Name, use, packages, C functions, C library.
    type Recipe =
        (&'static str, &'static str, &'static [&'static str], &'static [&'static str], &'static str);
    let expected: [Recipe; 7] = [
        (
            "port-go1.21.13-linux-amd64+cgo",
            "std",
            &["net"],
            &["freeaddrinfo", "gai_strerror", "getaddrinfo"],
            "glibc",
        ),
        ("whoami-go1.21.13-linux-amd64+osusergo", "unused", &[], &[], "none"),
        ("hello-go1.21.13-linux-amd64+race", "sanitizer", &[], &[], "glibc"),
        ("usezlib-go1.21.13-linux-amd64", "own", &["main"], &["zlibVersion"], "glibc"),
        (
            "cgocrash-go1.27.3-linux-amd64",
            "own",
            &["main"],
            &["give_up", "parse", "set_at", "trap_if"],
            "glibc",
        ),
        ("crash-go1.27.3-linux-amd64", "off", &[], &[], "none"),
        ("crash-go1.21.13-linux-amd64+pie", "off", &[], &[], "none"),
    ];
    for (name, usage, packages, functions, libc) in expected {
        let json = json(&binary(name));
        assert_eq!(json["cgo_use"], usage, "{name}");
        assert_eq!(json["cgo_packages"], serde_json::json!(packages), "{name}");
        let have: Vec<&str> =
            json["cgo_functions"].as_array().into_iter().flatten().map(|f| f.as_str().unwrap()).collect();
        assert_eq!(have, functions, "{name}");
        assert_eq!(json["libc"], libc, "{name}");
    }
}

#[test]
fn what_cgo_decides_follows_from_what_is_linked_in() {
    let effects = |name: &str| {
        let effects = json(&binary(name))["cgo_effects"].clone();
        let pairs = effects.as_array().unwrap().iter();
        pairs
            .map(|e| (e["id"].as_str().unwrap().to_owned(), e["text"].as_str().unwrap().to_owned()))
            .collect::<Vec<_>>()
    };
    let ids = |name: &str| effects(name).into_iter().map(|(id, _)| id).collect::<Vec<_>>();
    assert_eq!(ids("port-go1.21.13-linux-amd64+cgo"), ["dns", "time-zones", "threads"]);
    assert!(effects("port-go1.21.13-linux-amd64+cgo")[0].1.contains("then getaddrinfo of the C library"));
    // -tags osusergo: os/user is there, and asks no C library though cgo was on.
    let users = effects("whoami-go1.21.13-linux-amd64+osusergo");
    assert_eq!(users[0].0, "users");
    assert!(users[0].1.contains("/etc/passwd and /etc/group only"), "{users:?}");
    // Neither net nor os/user.
    assert!(!ids("hello-go1.21.13-linux-arm").iter().any(|id| id == "dns" || id == "users"));
}

/// Build info and the string that it is made of are wiped out of real files:
/// the level must then be seen in the code, and be the one that was recorded.
#[test]
fn levels_without_build_info() {
    for (name, variable, level, strength) in [
        ("crash-go1.19.8-linux-arm6", "GOARM", "6", Some("strong")),
        ("crash-go1.27.3-linux-arm7", "GOARM", "7", Some("strong")),
        ("crash-go1.21.13-linux-amd64v3", "GOAMD64", "v3", None),
        ("crash-go1.21.13-linux-amd64", "GOAMD64", "v1", Some("strong")),
        ("crash-go1.21.13-linux-386", "GO386", "sse2", None),
        ("hello-go1.21.13-linux-386+softfloat", "GO386", "softfloat", None),
        ("hello-go1.21.13-linux-mipssoftfloat", "GOMIPS", "softfloat", None),
        ("crash-go1.21.13-linux-ppc64le", "GOPPC64", "power8", Some("strong")),
        ("crash-go1.24.11-linux-riscv64", "GORISCV64", "rva20u64", Some("strong")),
    ] {
        let mut bytes = executables::executable(name);
        for mark in
            [&b"\xff Go buildinf:"[..], b"\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6"]
        {
            let places: Vec<usize> = memchr::memmem::find_iter(&bytes, mark).collect();
            assert!(!places.is_empty(), "{name}");
            places.into_iter().for_each(|at| bytes[at..at + mark.len()].fill(0));
        }
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("wiped-{name}"));
        std::fs::write(&path, bytes).unwrap();
        let json = json(path.to_str().unwrap());
        assert_eq!(json["settings"], serde_json::json!({}), "{name}");
        assert_eq!(json["producer"], "gc", "{name}");
        assert_eq!(json["level"][variable], level, "{name}");
        assert_eq!(json["strengths"]["level"].as_str(), strength, "{name}");
        assert_eq!(json["cgo_use"], "none", "{name}");
        assert_eq!(json["goos"], "linux", "{name}");
    }
}

#[test]
fn a_summary_fits_a_screen() {
    for oracle in oracles() {
        let said = text(&[&binary(&oracle.name)]);
        assert!((8..=24).contains(&said.lines().count()), "{said}");
        let wide = |line: &&str| line.chars().count() > 80;
        assert_eq!(said.lines().find(wide), None, "{}", oracle.name);
    }
}

/// `PANICMAP_BLESS=1 cargo test --test inspect` writes them anew.
#[test]
fn summaries_are_as_they_were_read() {
    for name in [
        "port-go1.21.13-linux-amd64+cgo",
        "whoami-go1.21.13-linux-amd64+osusergo",
        "cgocrash-go1.21.13-linux-amd64+glibc2.41",
        "hello-go1.24.11-linux-arm8",
        "ported-go1.27.3-darwin-arm64",
        "crash-go1.21.13-linux-amd64+pie",
    ] {
        let said = text(&[&binary(name)]);
        let golden = corpus(&format!("inspect/{name}.summary.txt"));
        if std::env::var_os("PANICMAP_BLESS").is_some() {
            std::fs::write(&golden, &said).unwrap();
        }
        assert_eq!(said, std::fs::read_to_string(&golden).unwrap(), "{name}");
    }
}

#[test]
fn several_are_compared() {
    let names =
        ["crash-go1.21.13-linux-amd64", "crash-go1.21.13-linux-amd64v3", "crash-go1.21.13-linux-amd64+pie"]
            .map(binary);
    let [plain, v3, pie] = names.each_ref().map(String::as_str);
    let said = text(&[plain, v3, pie]);
    let row = |said: &str, name: &str| said.lines().find(|line| line.contains(name)).map(str::to_owned);
    let cells =
        |line: Option<String>| line.unwrap().split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(cells(row(&said, "GOAMD64")), ["*", "GOAMD64", "v1", "v3", "v1"]);
    assert_eq!(row(&said, "Go version"), None);
    assert_eq!(
        cells(row(&text(&["--all", plain, v3, pie]), "Go version")),
        ["Go", "version", "go1.21.13", "go1.21.13", "go1.21.13"]
    );
    for line in said.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    // More than the width has room for: one after the other.
    let said = text(&[plain, v3, pie, plain]);
    assert_eq!(said.matches("  built      ").count(), 4);
    let differing = said.split_once("  differ in  ").unwrap().1;
    assert!(
        differing.contains("GOAMD64") && differing.contains("interpreter") && !differing.contains("GOARCH"),
        "{differing}"
    );
    // The same file twice.
    assert!(text(&[plain, plain]).contains("0 of "));
}

#[test]
fn json_obeys_the_schema() {
    let schema: Value = serde_json::from_str(panicmap::report::SCHEMA).unwrap();
    let mut part = schema["$defs"]["inspection"].clone();
    part["$defs"] = schema["$defs"].clone();
    for oracle in oracles() {
        let said: Value = serde_json::from_str(&text(&["--json", &binary(&oracle.name)])).unwrap();
        assert_eq!(schema::violation(&part, &said), None, "{}", oracle.name);
        // No key that the schema does not know.
        let known = schema["$defs"]["binary"]["properties"].as_object().unwrap();
        for key in said["binaries"][0].as_object().unwrap().keys() {
            assert!(known.contains_key(key), "{key}");
        }
    }
}

/// Cut and altered files end in words, never in a crash, and cannot steer the
/// terminal.
#[test]
fn damage_is_told() {
    let name = "port-go1.21.13-linux-amd64+cgo";
    let bytes = executables::executable(name);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("altered");
    let mut state = 0x9e37_79b9u32;
    for round in 0..40 {
        let mut altered = bytes.clone();
        for _ in 0..200 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // Half of the changes hit headers and the tables of the loader.
            let range = if state & 1 == 0 { 8192 } else { altered.len() };
            let at = state as usize / 2 % range;
            altered[at] ^= (state >> 24) as u8;
        }
        altered.truncate(if round % 4 == 0 { altered.len() / (round + 1) } else { altered.len() });
        std::fs::write(&path, altered).unwrap();
        for arguments in [&["--all"][..], &[], &["--json"]] {
            let output = inspect(&[arguments, &[path.to_str().unwrap()]].concat());
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!said.contains("internal error"), "{said}");
            assert!(!output.stdout.contains(&0x1b));
        }
    }
}

#[test]
fn the_readme_shows_a_real_summary() {
    let readme = include_str!("../README.md");
    let golden = include_str!("../corpus/inspect/port-go1.21.13-linux-amd64+cgo.summary.txt");
    let (_, facts) = golden.split_once('\n').unwrap();
    assert!(readme.contains(facts));
}
