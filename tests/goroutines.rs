//! Dumps as a user meets them: which goroutines are shown, what a group tells,
//! what two dumps differ in, what a signature is made of.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

#[path = "support/schema.rs"]
mod schema;

fn case(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/cases").join(name);
    folder.join("log").to_str().unwrap().to_owned()
}

fn panicmap(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_panicmap")).args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn text(arguments: &[&str]) -> String {
    let output = panicmap(arguments);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""), "{arguments:?}");
    stdout(&output)
}

/// JSON that obeys the named part of the schema.
fn checked(part: &str, arguments: &[&str]) -> Value {
    let mut rules: Value = serde_json::from_str(&text(&["schema"])).unwrap();
    rules["anyOf"] = json!([{ "$ref": format!("#/$defs/{part}") }]);
    let value = serde_json::from_str(&text(&[arguments, &["--format", "json"]].concat())).unwrap();
    assert_eq!(schema::violation(&rules, &value), None, "{arguments:?}");
    value
}

fn temporary(name: &str, bytes: &[u8]) -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_group_tells_what_differs() {
    let log = case("leak-after");
    let grouped = text(&[&log, "--goroutines", "grouped"]);
    assert!(grouped.contains("  80 x [chan send, 1 min]  (goroutine "), "{grouped}");
    assert!(grouped.contains("80 values: "), "{grouped}");
    assert!(grouped.contains("started by main.(*proxy).ask  example.com/leak/main.go:"), "{grouped}");
    let report = checked("report", &[&log, "--goroutines", "grouped"]);
    let crash = &report["crashes"][0];
    let group = &crash["groups"][0];
    assert_eq!((&group["count"], &group["state"]), (&json!(80), &json!("chan send")));
    assert_eq!(group["ids"].as_array().unwrap().len(), 80);
    assert_eq!(group["wait_minutes"], json!({"min": 1, "max": 1}));
    assert_eq!(group["site"]["function"], "main.(*proxy).query");
    let frames = group["frames"].as_array().unwrap();
    let query = frames.iter().find(|frame| frame["function"] == "main.(*proxy).query").unwrap();
    assert!(query["differing_args"].as_array().unwrap().iter().any(|slot| slot["examples"][2].is_string()));
    // Every goroutine is in one group.
    let counts = crash["groups"].as_array().unwrap().iter().map(|group| group["count"].as_u64().unwrap());
    let with_id = crash["goroutines"].as_array().unwrap().iter().filter(|g| g["id"].is_u64()).count();
    assert_eq!(counts.sum::<u64>(), with_id as u64);
}

#[test]
fn how_much_is_shown() {
    let log = case("workers-all-goroutines");
    let folded = text(&[&log]);
    let crashing = text(&[&log, "--goroutines", "crashing"]);
    assert!(folded.contains("\nSTACK  goroutine ") && folded.contains("\nGOROUTINES  "));
    assert!(crashing.contains("\nSTACK  goroutine ") && !crashing.contains("\nGOROUTINES  "));
    let all = text(&[&log, "--goroutines", "all"]);
    let listed = checked("report", &[&log])["crashes"][0]["goroutines"].as_array().unwrap().clone();
    assert_eq!(all.matches("\n  goroutine ").count() + 1, listed.len(), "{all}");
    let report = checked("report", &[&log, "--goroutines", "crashing"]);
    let crash = &report["crashes"][0];
    assert_eq!(crash["goroutines"].as_array().unwrap().len(), 1);
    assert_eq!(crash["goroutines"][0]["id"], crash["crashing_goroutine"]);
    assert_eq!(crash["goroutines_shown"], json!({"shown": 1, "of": listed.len()}));
    let dump = text(&[&case("leak-before"), "--goroutines", "crashing"]);
    assert!(
        dump.contains("STACK  no goroutine crashed: this is a dump") && !dump.contains("main.go"),
        "{dump}"
    );
}

#[test]
fn filters_select_and_say_how_many() {
    let log = case("leak-after");
    let all = checked("report", &[&log])["crashes"][0]["goroutines"].as_array().unwrap().len();
    let arguments = [&log, "--function", r"^main\.\(\*proxy\)", "--not-state", "send"];
    let shown = text(&arguments);
    assert!(
        shown.contains(&format!(
            "FILTER  4 of {all} goroutines are shown: function /^main\\.\\(\\*proxy\\)/,"
        )),
        "{shown}"
    );
    assert!(shown.contains("4 x [chan receive, 1 min]") && !shown.contains("chan send"), "{shown}");
    let report = checked("report", &arguments);
    assert_eq!(report["crashes"][0]["goroutines_shown"], json!({"shown": 4, "of": all}));
    assert_eq!(report["crashes"][0]["goroutines"].as_array().unwrap().len(), 4);
    let by_file = text(&[&log, "--file", "leak/main.go$", "--state", "^sleep$"]);
    assert!(by_file.contains("FILTER  0 of "), "{by_file}");
    // The goroutine that crashed can be filtered away, and that is said.
    let workers = text(&[&case("workers-all-goroutines"), "--not-state", "^running$"]);
    assert!(
        workers.contains("which crashed, is not among them") && !workers.contains("\nSTACK"),
        "{workers}"
    );
}

#[test]
fn a_wrong_expression_is_wrong_usage() {
    for option in ["--function", "--file", "--state", "--not-function", "--not-file", "--not-state"] {
        let output = panicmap(&[&case("leak-after"), option, "main.(ask"]);
        assert_eq!(output.status.code(), Some(2));
        let said = stderr(&output);
        assert!(said.contains(option) && said.contains("    main.(ask\n         ^\n"), "{said}");
        assert!(said.contains("unclosed group"), "{said}");
    }
}

#[test]
fn a_leak_stands_first() {
    let (before, after) = (case("leak-before"), case("leak-after"));
    let said = text(&["diff", &before, &after]);
    let headline: Vec<&str> = said.lines().take(3).collect();
    assert!(headline[0].starts_with("GROWN  ") && headline[0].contains(" goroutines (+"), "{said}");
    assert!(headline[1].contains("most in main.(*proxy).query  example.com/leak/main.go:"), "{said}");
    assert!(said.contains("4 -> 80 [chan send]  longest wait 0 -> 1 min"), "{said}");
    assert!(said.contains("started by main.(*proxy).ask, example.com/leak/main.go:"), "{said}");
    assert!(said.contains("LONGEST WAIT  0 -> 1 min in main.(*proxy).query  "), "{said}");
    let diff = &checked("diff", &["diff", &before, &after])["diff"];
    let row = |function: &str| {
        let changes = diff["changes"].as_array().unwrap();
        let found = changes.iter().find(|change| change["site"]["function"] == function);
        found.map(|change| (change["change"].clone(), change["before"].clone(), change["after"].clone()))
    };
    assert_eq!(row("main.(*proxy).query"), Some((json!("grown"), json!(4), json!(80))));
    assert_eq!(row("main.preload"), Some((json!("gone"), json!(1), json!(0))));
    assert_eq!(row("main.report"), Some((json!("new"), json!(0), json!(1))));
    assert_eq!(diff["growth"], 76);
    assert_eq!(diff["changes"][0]["created_by"][0]["count"], 80);
    // The other way round.
    let back = text(&["diff", &after, &before]);
    assert!(back.starts_with("SHRUNK  ") && back.contains("   -76  shrunk  80 -> 4 [chan send]"), "{back}");
}

/// README shows what the program prints today.
#[test]
fn the_readme_is_true_of_two_dumps() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let command = readme.lines().find_map(|line| line.strip_prefix("$ panicmap diff ")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_panicmap"))
        .current_dir(root.join("corpus/cases"))
        .arg("diff")
        .args(command.split(' '))
        .output()
        .unwrap();
    let printed = format!("$ panicmap diff {command}\n{}```", stdout(&output));
    assert!(readme.contains(&printed), "README does not show:\n{printed}");
}

#[test]
fn equal_dumps_and_exit_codes() {
    let (before, after) = (case("leak-before"), case("leak-after"));
    let same = panicmap(&["diff", &before, &before, "--exit-code"]);
    assert_eq!(same.status.code(), Some(0));
    assert!(stdout(&same).starts_with("SAME  ") && stdout(&same).contains("STACKS  0 changed, "));
    assert_eq!(panicmap(&["diff", &before, &after, "--exit-code"]).status.code(), Some(1));
    let worker = panicmap(&["diff", &before, &after, "--exit-code", "--function", r"^main\.main$"]);
    assert_eq!((worker.status.code(), stderr(&worker)), (Some(0), String::new()), "{}", stdout(&worker));
    let quiet = temporary("quiet.log", b"listening on :80\n");
    let none = panicmap(&["diff", &before, &quiet]);
    assert_eq!((none.status.code(), none.stdout.len()), (Some(3), 0));
    assert!(stderr(&none).contains("quiet.log: no goroutines found"));
    let missing = panicmap(&["diff", &before, "/no/such.log"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(stderr(&missing).contains("/no/such.log") && stderr(&missing).contains("hint: "));
}

#[test]
fn one_log_may_hold_both_dumps() {
    let mut bytes = std::fs::read(case("leak-before")).unwrap();
    bytes.extend(b"\nrestarted\n\n");
    bytes.extend(std::fs::read(case("leak-after")).unwrap());
    let log = temporary("both.log", &bytes);
    let (first, second) = (format!("{log}#1"), format!("{log}#2"));
    let diff = &checked("diff", &["diff", &first, &second])["diff"];
    assert_eq!(
        (&diff["growth"], &diff["before"]["number"], &diff["after"]["of"]),
        (&json!(76), &json!(1), &json!(2))
    );
    // Where the lines break depends on how long the paths are.
    let said = text(&["diff", &first, &second]).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(", dump 2 of 2: "), "{said}");
    // Without a number the larger one is taken.
    assert_eq!(checked("diff", &["diff", &log, &second])["diff"]["growth"], 0);
    let third = panicmap(&["diff", &first, &format!("{log}#3")]);
    assert_eq!(third.status.code(), Some(2));
    assert!(stderr(&third).contains("#3: the log has 2 crashes and dumps"), "{}", stderr(&third));
    // A file that is called so is that file.
    let odd = temporary("odd.log#2", &std::fs::read(case("leak-after")).unwrap());
    assert_eq!(checked("diff", &["diff", &first, &odd])["diff"]["growth"], 76);
}

#[test]
fn a_signature_is_explained() {
    let log = case("generic-method");
    let said = text(&[&log, "--explain-signature"]);
    let report = checked("report", &[&log, "--explain-signature"]);
    let crash = &report["crashes"][0];
    let hashed = crash["signature_text"].as_str().unwrap();
    assert!(hashed.starts_with("pm1\npanic:index out of range [N]\n"), "{hashed}");
    for line in hashed.lines() {
        assert!(said.contains(&format!("\n    {line}\n")), "{said}");
    }
    assert!(said.contains("  hashed    main.(*ring[...]).last  as  main.(*ring).last\n"), "{said}");
    assert!(said.contains("  dropped   main.main  (after the first three names)\n"), "{said}");
    assert_eq!(crash["signature_frames"][0]["hashed_as"], "main.(*ring).last");
    let plain = &checked("report", &[&log])["crashes"][0];
    assert_eq!(plain["variant"], crash["variant"]);
    assert!(plain.get("signature_text").is_none());
}

#[test]
fn a_dump_cannot_steer_the_terminal() {
    let frame = "main.\x1b[2Jf(0x1)\n\t/a\x1b]0;x\x07.go:5 +0x1\ncreated by main.\u{202e}g in goroutine 1\n\t/b.go:1 +0x1\n\n";
    let before = temporary("steer-before", format!("goroutine 7 [se\x1b(0lect]:\n{frame}").as_bytes());
    let after = format!("goroutine 7 [se\x1b(0lect]:\n{frame}goroutine 8 [se\x1b(0lect]:\n{frame}");
    let after = temporary("steer-after", after.as_bytes());
    for arguments in [
        &["diff", &before, &after][..],
        &["diff", "--all", &before, &after],
        &[&after, "--goroutines", "grouped", "--explain-signature"],
        &[&after, "--goroutines", "all", "--state", "l"],
    ] {
        let text = text(arguments);
        // Sequences of terminals come off with the wrapping; what is left is escaped.
        assert!(text.contains("\\u{202e}"), "{text:?}");
        assert!(!text.contains(['\x1b', '\x07', '\u{202e}']), "{text:?}");
    }
}

/// Grouping is linear: twenty times the goroutines take no hundred times as long.
#[test]
fn large_dumps_take_their_time_and_no_more() {
    let dump = |count: u64| -> Vec<u8> {
        let one = |id: u64| {
            format!(
                "goroutine {id} [chan receive, {} minutes]:\nmain.serve({:#x}, {{{id:#x}, 0x2}})\n\t/a.go:{} +0x1d\n\
                 created by main.main in goroutine 1\n\t/a.go:{} +0x2f\n\n",
                id % 50,
                0xc0_0000_0000u64 + id * 64,
                id % 3000,
                id
            )
        };
        (1..=count).map(one).collect::<String>().into_bytes()
    };
    let (small, large) = (temporary("small.dump", &dump(2_000)), temporary("large.dump", &dump(40_000)));
    let time = |arguments: &[&str]| {
        let start = std::time::Instant::now();
        text(arguments);
        start.elapsed().as_secs_f64()
    };
    for option in [&["--goroutines", "grouped"][..], &["--format", "json", "--goroutines", "grouped"]] {
        let base = time(&[&[small.as_str()], option].concat()).max(0.05);
        let more = time(&[&[large.as_str()], option].concat());
        assert!(more < base * 100.0, "{option:?}: {base} s, then {more} s");
    }
    let base = time(&["diff", &small, &small]).max(0.05);
    let more = time(&["diff", &large, &large]);
    assert!(more < base * 100.0, "diff: {base} s, then {more} s");
}
