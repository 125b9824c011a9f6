//! Debug information in files of its own: found as GDB finds it, believed only
//! when it belongs to the executable, and equal to what llvm-symbolizer says of
//! the file that was split (`corpus/recapture --fixtures`).

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

#[path = "support/executables.rs"]
mod executables;

use executables::executable;
#[path = "support/schema.rs"]
mod schema;

const GO: &str = "split-go1.21.13-linux-amd64";
const MACH: &str = "split-c-darwin-arm64";
const BUILD_ID: (&str, &str) = ("f5", "895a559c6d7b33c86dc2bbb6d6ff54e5ae2ca8");

/// A folder of this test alone with the stripped executable in it.
fn folder(name: &str) -> (PathBuf, String) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("debug").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    let app = put(&folder.join("app"), &executable(GO));
    (folder, app)
}

fn put(path: &Path, bytes: &[u8]) -> String {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

fn panicmap(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_panicmap")).args(arguments).stdin(Stdio::null()).output().unwrap()
}

/// What llvm-symbolizer says: address, then function and base name of the file
/// with the line, innermost first. Line 0 is no line.
fn oracle(name: &str) -> Vec<(String, Vec<(String, String)>)> {
    let table = String::from_utf8(executable(&format!("{name}.symbols"))).unwrap();
    let base = |place: &str| place.rsplit('/').next().unwrap().to_owned();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        let frames = cells[1..]
            .chunks(2)
            .map(|pair| (pair[0].trim_end_matches(".abi0").to_owned(), base(pair[1])))
            .collect();
        (cells[0].to_owned(), frames)
    };
    table.lines().map(row).collect()
}

/// The same from the program, by DWARF alone.
fn resolved(arguments: &[&str], addresses: &[String]) -> (Value, Vec<Vec<(String, String)>>) {
    let addresses = addresses.iter().map(String::as_str);
    let all: Vec<&str> = ["resolve", "--format", "json"]
        .into_iter()
        .chain(arguments.iter().copied())
        .chain(addresses)
        .collect();
    let output = panicmap(&all);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let frame = |frame: &Value| {
        let file = frame["file"].as_str().unwrap_or("??").rsplit('/').next().unwrap().to_owned();
        (
            frame["function"].as_str().unwrap().to_owned(),
            format!("{file}:{}", frame["line"].as_u64().unwrap_or(0)),
        )
    };
    let frames = report["symbols"].as_array().unwrap().iter();
    let frames =
        frames.map(|symbol| symbol["frames"].as_array().unwrap().iter().map(frame).collect()).collect();
    (report, frames)
}

/// An address in C code of the fixture.
fn mix() -> String {
    oracle(GO).into_iter().find(|(_, frames)| frames.last().is_some_and(|(name, _)| name == "mix")).unwrap().0
}

fn compare(name: &str, arguments: &[&str], debug_file: &str, at_least: usize) {
    let rows = oracle(name);
    let addresses: Vec<String> = rows.iter().map(|(address, _)| address.clone()).collect();
    let (report, ours) = resolved(arguments, &addresses);
    let rules: Value = serde_json::from_slice(&panicmap(&["schema"]).stdout).unwrap();
    let mut part = rules;
    part["anyOf"] = serde_json::json!([{ "$ref": "#/$defs/symbols" }]);
    assert_eq!(schema::violation(&part, &report), None);
    let mut compared = 0;
    for ((address, theirs), (ours, symbol)) in
        rows.iter().zip(ours.iter().zip(report["symbols"].as_array().unwrap()))
    {
        if theirs.iter().any(|(_, place)| place.starts_with("??")) {
            continue;
        }
        assert_eq!(ours, theirs, "{address}");
        assert_eq!((&symbol["resolver"], &symbol["debug_file"]), (&"DWARF".into(), &debug_file.into()));
        compared += 1;
    }
    assert!(compared >= at_least, "only {compared} compared");
}

/// Go and C names of a stripped executable are those of the whole one.
#[test]
fn names_from_a_debug_file_equal_llvm() {
    let (folder, app) = folder("equal");
    let debug = put(&folder.join("split.debug"), &executable(&format!("{GO}.debug")));
    compare(GO, &["--resolver", "dwarf", &app], &debug, 80);
}

#[test]
fn a_dsym_bundle_is_found_beside_or_in_a_folder() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("debug/mach");
    let _ = std::fs::remove_dir_all(&folder);
    let app = put(&folder.join("app"), &executable(MACH));
    let inside = "app.dSYM/Contents/Resources/DWARF/app";
    let dwarf = executable(&format!("{MACH}.debug"));
    let debug = put(&folder.join("else").join(inside), &dwarf);
    let other = folder.join("else");
    compare(MACH, &["--debug-dir", other.to_str().unwrap(), &app], &debug, 25);
    let debug = put(&folder.join(inside), &dwarf);
    compare(MACH, &[&app], &debug, 25);
    // The UUID, 16 bytes behind the head of its load command (mach-o/loader.h, LC_UUID).
    let mut changed = dwarf;
    let uuid = changed.windows(8).position(|head| head == [0x1b, 0, 0, 0, 24, 0, 0, 0]).unwrap() + 8;
    let own = changed[uuid..uuid + 16].to_vec();
    changed[uuid] ^= 0xff;
    put(&folder.join(inside), &changed);
    let said = String::from_utf8(panicmap(&["resolve", &app, "0x1000014cc"]).stderr).unwrap();
    assert!(said.contains("app.dSYM/Contents/Resources/DWARF/app not used: its UUID is "), "{said}");
    let hex: String = own.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(said.contains(&format!(", that of the executable {hex}")), "{said}");
}

/// Each place where GDB looks, and one more for whoever has a flat folder.
#[test]
fn every_place_is_searched() {
    let (folder, app) = folder("places");
    let debug = executable(&format!("{GO}.debug"));
    let dir = folder.join("symbols");
    let below = folder.canonicalize().unwrap();
    let below = below.strip_prefix("/").unwrap_or(&below).to_owned();
    let (first, rest) = BUILD_ID;
    for (place, given) in [
        (folder.join("split.debug"), false),
        (folder.join(".debug/split.debug"), false),
        (dir.join(".build-id").join(first).join(format!("{rest}.debug")), true),
        (dir.join(below).join("split.debug"), true),
        (dir.join("split.debug"), true),
    ] {
        let place_text = put(&place, &debug);
        std::fs::create_dir_all(&dir).unwrap();
        let mut arguments = vec!["resolve", app.as_str(), "--debug-dir", dir.to_str().unwrap()];
        if !given {
            arguments.truncate(2);
        }
        let address = mix();
        arguments.push(&address);
        let output = panicmap(&arguments);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains(" mix "), "{}: {text}", place.display());
        assert!(text.trim_end().ends_with(&format!("[DWARF of {place_text}]")), "{text}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
        std::fs::remove_file(place).unwrap();
    }
    let output = panicmap(&["resolve", &app, &mix()]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("the debug file split.debug is not at /usr/lib/debug/.build-id/f5/"), "{said}");
    assert!(String::from_utf8(output.stdout).unwrap().contains("C code of this executable"));
    let wrong = panicmap(&["resolve", &app, "--debug-dir", "/no/such/folder", "0x1"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8(wrong.stderr).unwrap().contains("--debug-dir /no/such/folder"));
}

/// What does not belong to the executable is refused, with both identities.
#[test]
fn a_debug_file_of_another_build_is_refused() {
    let (folder, app) = folder("refused");
    let place = folder.join("split.debug");
    let whole = executable(&format!("{GO}.debug"));
    let id: Vec<u8> = (0..20)
        .map(|at| {
            let text = format!("{}{}", BUILD_ID.0, BUILD_ID.1);
            u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).unwrap()
        })
        .collect();
    let mut other = whole.clone();
    let at = other.windows(20).position(|window| window == id).unwrap();
    other[at + 19] ^= 1;
    let longer = [whole.as_slice(), b"x"].concat();
    let mut bare = executable(GO);
    bare.push(0);
    for (bytes, why) in [
        (other, "not used: its build ID is f5895a559c6d7b33c86dc2bbb6d6ff54e5ae2ca9, that of the executable f5895a559c6d7b33c86dc2bbb6d6ff54e5ae2ca8".to_owned()),
        (longer, "not used: its CRC is ".to_owned()),
        (bare, "not used: it has neither DWARF nor a symbol table".to_owned()),
        (b"plain text".to_vec(), "debug file not used: ".to_owned()),
        (whole[..whole.len() / 2].to_vec(), "not used: ".to_owned()),
    ] {
        put(&place, &bytes);
        let output = panicmap(&["resolve", &app, &mix()]);
        let (text, said) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(text.contains("C code of this executable, of which no names are left"), "{text}");
        assert!(said.contains(&why), "{said}");
    }
}

/// The report of a crash in stripped C code names it, and says by which file.
#[test]
fn reports_say_where_names_came_from() {
    let (folder, app) = folder("report");
    let debug = put(&folder.join("split.debug"), &executable(&format!("{GO}.debug")));
    let log = put(
        &folder.join("log"),
        format!(
            "[ 12.5] app[7]: segfault at 8 ip {} sp 00007ffd1a2b3c40 error 4 in app[401000+84000]\n",
            mix().trim_start_matches("0x")
        )
        .as_bytes(),
    );
    let text = String::from_utf8(panicmap(&[&log, "-b", &app]).stdout).unwrap();
    let flat: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("ip (kernel)") && flat.contains(" mix "), "{text}");
    assert!(flat.contains(&format!("[DWARF of {debug}]")), "{text}");
    std::fs::remove_file(folder.join("split.debug")).unwrap();
    let report = panicmap(&["--format", "json", &log, "-b", &app]);
    let report: Value = serde_json::from_slice(&report.stdout).unwrap();
    assert!(
        report["warnings"][0].as_str().unwrap().contains("the debug file split.debug is not at"),
        "{report}"
    );
}
