//! Cores of real processes: what is read out of each is what the process itself
//! printed as it died.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use panicmap::source::{Limits, open};
use serde::Deserialize;
use serde_json::Value;

#[path = "support/executables.rs"]
mod executables;

#[path = "support/schema.rs"]
mod schema;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    binary: String,
    sysroot: Option<String>,
    #[serde(default)]
    own: String,
    until: Option<String>,
    #[serde(default)]
    faults: Vec<(String, String)>,
    says: Vec<String>,
}

fn corpus(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(path)
}

fn cases() -> BTreeMap<String, Case> {
    toml::from_str(&std::fs::read_to_string(corpus("cores/cases.toml")).unwrap()).unwrap()
}

fn panicmap(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_panicmap")).args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn core(name: &str) -> String {
    corpus(&format!("cores/{name}/core.zst")).to_str().unwrap().to_owned()
}

/// Runs `panicmap core` on a case with its executable.
fn run(name: &str, case: &Case, more: &[&str]) -> Output {
    let (core, binary) = (core(name), executables::path(&case.binary));
    panicmap(&[&["core", core.as_str(), "-b", binary.as_str()], more].concat())
}

fn stderr_of(name: &str) -> String {
    let plain = corpus(&format!("cores/{name}/stderr"));
    let path = if plain.exists() { plain } else { plain.with_extension("zst") };
    text(&open(path.to_str().unwrap(), Limits::default()).unwrap().bytes)
}

/// Blanks and line ends are layout.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_core_is_a_case() {
    let folders = std::fs::read_dir(corpus("cores")).unwrap().map(Result::unwrap);
    let folders = folders.filter(|entry| entry.file_type().unwrap().is_dir());
    let mut folders: Vec<String> = folders.map(|f| f.file_name().to_string_lossy().into_owned()).collect();
    folders.sort();
    assert_eq!(folders, cases().into_keys().collect::<Vec<_>>());
}

/// Byte for byte: headers, functions, arguments, places, frame pointers.
#[test]
fn stacks_are_what_the_process_printed() {
    for (name, case) in cases() {
        let printed = stderr_of(&name);
        let printed = printed.strip_prefix(&case.own).unwrap();
        let printed = match &case.until {
            Some(until) => &printed[..printed.find(until).unwrap()],
            None => printed,
        };
        let out = run(&name, &case, &["--raw"]);
        assert_eq!(text(&out.stderr), "", "{name}");
        let raw = text(&out.stdout);
        let differs = raw.lines().zip(printed.lines()).find(|(ours, theirs)| ours != theirs);
        assert_eq!(differs, None, "{name}");
        assert_eq!(raw, printed, "{name}");
    }
}

#[test]
fn reports_say_what_was_to_be_found() {
    let rules: Value = serde_json::from_slice(&panicmap(&["schema"]).stdout).unwrap();
    for (name, case) in cases() {
        let out = run(&name, &case, &[]);
        assert_eq!(out.status.code(), Some(0), "{name}: {}", text(&out.stderr));
        let report = words(&text(&out.stdout));
        for say in &case.says {
            assert!(report.contains(&words(say)), "{name}: {say:?} is not in\n{}", text(&out.stdout));
        }
        let out = run(&name, &case, &["--json"]);
        let json: Value = serde_json::from_slice(&out.stdout).unwrap();
        assert_eq!(schema::violation(&rules, &json), None, "{name}");
        let found: Vec<(String, String)> = json["crashes"][0]["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| (f["fault"].as_str().unwrap().to_owned(), f["confidence"].as_str().unwrap().to_owned()))
            .collect();
        assert_eq!(found, case.faults, "{name}");
    }
}

#[test]
fn secrets_of_the_environment_stay_hidden() {
    let cases = cases();
    let case = &cases["nil-go1.27"];
    for format in ["text", "markdown", "html", "json"] {
        let shown = |more: &[&str]| {
            let out = run("nil-go1.27", case, &[&["--format", format], more].concat());
            text(&out.stdout)
        };
        assert!(shown(&[]).contains("SECRET"), "{format}");
        assert!(!shown(&[]).contains("hunter2"), "{format}");
        assert!(shown(&["--env"]).contains("hunter2"), "{format}");
    }
}

#[test]
fn documents_are_whole() {
    let cases = cases();
    let html = text(&run("two-locks", &cases["two-locks"], &["--format", "html"]).stdout);
    assert!(html.starts_with("<!DOCTYPE html>") && html.trim_end().ends_with("</html>"));
    assert!(!html.contains("<script") && !html.contains("http://") && !html.contains("https://"));
    for tag in ["main", "table", "details", "pre", "h2"] {
        let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
        assert_eq!(html.matches(&open).count(), html.matches(&close).count(), "{tag}");
    }
    let markdown = text(&run("two-locks", &cases["two-locks"], &["--format", "markdown"]).stdout);
    assert!(markdown.starts_with("# Post-mortem: fatal error: all goroutines are asleep - deadlock\\!"));
    assert!(markdown.matches("```").count().is_multiple_of(2));
    for document in [html, markdown] {
        for part in ["sync.Mutex", "possible deadlock", "transfer", "0xc000"] {
            assert!(document.contains(part), "{part}");
        }
    }
}

/// The last paragraph of a report in plain text that begins with a word.
fn section(report: &str, title: &str) -> Vec<String> {
    let lines = report.lines().skip_while(|line| *line != title).skip(1);
    lines.take_while(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// A process of Linux on riscv64 that died in a shared library. What is to be found is
/// gdb's backtrace of it, from the registers of the signal on:
///
///     #0  0x00007fff9e220492 in ?? () from libledger.so
///     #1  0x00007fff9e2204b0 in ledger_enter () from libledger.so
///     #2  0x000000000006f994 in ?? ()
///     #3  0x000000000006f956 in ?? ()
///     #4  0x000000000006d0a6 in ?? ()     (runtime.asmcgocall)
#[test]
fn c_frames_lead_through_shared_libraries() {
    let cases = cases();
    let case = &cases["kernel-riscv64"];
    let frames = |more: &[&str]| section(&text(&run("kernel-riscv64", case, more).stdout), "C FRAMES");
    let root = corpus(case.sysroot.as_ref().unwrap());
    let whole = frames(&["--sysroot", root.to_str().unwrap()]);
    let expected = [
        "  #0        0x7fff9e220492  /build/libledger.so+0x492",
        "  #1        0x7fff9e2204b0  ledger_enter  /build/libledger.so",
        "  #2        0x6f994  /build/borrow+0x5f994",
        "  #3        0x6f956  /build/borrow+0x5f956",
    ];
    assert_eq!(whole, expected);
    let library = root.join("libledger.so");
    assert_eq!(frames(&["-b", library.to_str().unwrap()]), expected);

    let rules: Value = serde_json::from_slice(&panicmap(&["schema"]).stdout).unwrap();
    let out = run("kernel-riscv64", case, &["--json", "--sysroot", root.to_str().unwrap()]);
    let json: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(schema::violation(&rules, &json), None);
    let read = &json["core"]["libraries"];
    assert_eq!(
        (&read[0]["path"], &read[0]["result"]),
        (&"/build/libledger.so".into(), &"same".into()),
        "{read}"
    );

    // Its build ID by `readelf -n`.
    let without = words(&frames(&[]).join(" "));
    assert!(
        without.contains(
            "needed is /build/libledger.so (build ID 77c6ed74c5ccd08c8fe6d8543c8fca6030ce57f0): give it with \
             --sysroot DIR or -b FILE"
        ),
        "{without}"
    );
}

/// The same library with another build ID, and code that is elsewhere.
#[test]
fn another_library_is_not_believed() {
    let cases = cases();
    let case = &cases["kernel-riscv64"];
    let mut bytes = std::fs::read(corpus("cores/kernel-riscv64/libledger.so")).unwrap();
    let id = [0x77, 0xc6, 0xed, 0x74, 0xc5, 0xcc, 0xd0, 0x8c];
    let at = memchr::memmem::find(&bytes, &id).unwrap();
    bytes[at] = 0x78;
    let folder = std::env::temp_dir().join(format!("panicmap-sysroot-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("build")).unwrap();
    std::fs::write(folder.join("build/libledger.so"), bytes).unwrap();
    let out = run("kernel-riscv64", case, &["--sysroot", folder.to_str().unwrap()]);
    std::fs::remove_dir_all(&folder).unwrap();
    let said = words(&text(&out.stdout));
    assert!(said.contains("not the /build/libledger.so of the core: GNU build ID: 77c6ed74"), "{said}");
    assert!(said.contains("77c6ed74c5ccd08c8fe6d8543c8fca6030ce57f0): it was not found"), "{said}");
    assert!(!said.contains("ledger_enter"), "{said}");
}

/// As systemd-coredump packed cores up to version 246.
#[test]
fn cores_in_lz4_are_read() {
    let cases = cases();
    let case = &cases["nil-go1.21"];
    let core = open(&core("nil-go1.21"), Limits::default()).unwrap();
    let path = std::env::temp_dir().join(format!("core.crash.0.{}.lz4", std::process::id()));
    let frame = lz4_flex::frame::FrameInfo::new().block_size(lz4_flex::frame::BlockSize::Max256KB);
    let mut packed = lz4_flex::frame::FrameEncoder::with_frame_info(frame, Vec::new());
    std::io::copy(&mut &*core.bytes, &mut packed).unwrap();
    std::fs::write(&path, packed.finish().unwrap()).unwrap();
    let (path_text, binary) = (path.to_str().unwrap(), executables::path(&case.binary));
    let raw = panicmap(&["core", path_text, "-b", &binary, "--raw"]);
    let report = panicmap(&["core", path_text, "-b", &binary]);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(text(&raw.stdout), stderr_of("nil-go1.21"));
    assert!(words(&text(&report.stdout)).contains("bytes, in lz4)"));
}

/// The log of the very process, and that of another run of the same program.
#[test]
fn log_and_core_confirm_or_contradict_each_other() {
    let together = |log: &str| {
        let core = core("nil-go1.27");
        let binary = executables::path("crash-go1.27.3-linux-amd64");
        let log = corpus(log);
        let out = panicmap(&[log.to_str().unwrap(), "--core", &core, "-b", &binary]);
        words(&text(&out.stdout))
    };
    let said = together("cores/nil-go1.27/stderr");
    assert!(said.contains("confirms the log") && said.contains("the same argument values"), "{said}");
    let said = together("cores/repanic-go1.27/stderr");
    assert!(said.contains("contradicts the log: the message is"), "{said}");
}

#[test]
fn another_executable_is_refused() {
    let (core, wrong) = (core("nil-go1.27"), executables::path("crash-go1.25.5-linux-amd64"));
    let out = panicmap(&["core", &core, "-b", &wrong]);
    assert_eq!(out.status.code(), Some(2));
    let said = text(&out.stderr);
    assert!(
        said.contains("Go build ID: ") && said.contains(" in the core, ") && said.contains("./crash"),
        "{said}"
    );
    // Another architecture, and one without build ID in the core: by its memory.
    let said =
        text(&panicmap(&["core", &core, "-b", &executables::path("crash-go1.27.3-linux-arm64")]).stderr);
    assert!(said.contains("the core is of amd64"), "{said}");
    let arm = self::core("nil-arm6");
    let said = text(&panicmap(&["core", &arm, "-b", &executables::path("crash-go1.27.3-linux-arm7")]).stderr);
    assert!(said.contains("differs from the executable at") || said.contains("entry point"), "{said}");
}

#[test]
fn the_right_one_is_found_among_several() {
    let core = core("nil-go1.27");
    let (wrong, right) =
        (executables::path("crash-go1.25.5-linux-amd64"), executables::path("crash-go1.27.3-linux-amd64"));
    let out = panicmap(&["core", &core, "-b", &wrong, "-b", &right]);
    let said = words(&text(&out.stdout));
    assert!(said.contains("not taken") && said.contains("another one: Go build ID"), "{said}");
    assert!(said.contains("main.(*order).price"), "{said}");
}

#[test]
fn without_the_executable_the_process_is_told() {
    let out = panicmap(&["core", &core("nil-go1.27")]);
    assert_eq!(out.status.code(), Some(0));
    let said = words(&text(&out.stdout));
    for part in [
        "DIED SIGABRT",
        "SIGABRT, code -6",
        "./crash nil8",
        "page size",
        "goroutines need the executable: -b",
        "it ended the process",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    let out = panicmap(&["core", &core("nil-go1.27"), "--raw"]);
    assert_eq!(out.status.code(), Some(2));
}

#[test]
fn one_goroutine_and_a_pattern() {
    let cases = cases();
    let raw = text(&run("crowd", &cases["crowd"], &["--raw", "--goroutine", "5"]).stdout);
    assert_eq!(raw.matches("\ngoroutine ").count(), 1, "{raw}");
    assert!(raw.contains("\ngoroutine 5 gp="), "{raw}");
    let said = words(&text(&run("crowd", &cases["crowd"], &["--grep", r"^main\.crowd\.func2"]).stdout));
    assert!(said.contains("250 x [sync.Mutex.Lock]") && !said.contains("250 x [select]"), "{said}");
}

#[test]
fn what_is_no_core_is_named() {
    let said = |bytes: &[u8]| {
        let path = std::env::temp_dir().join(format!("panicmap-core-{}-{}", std::process::id(), bytes.len()));
        std::fs::write(&path, bytes).unwrap();
        let out = panicmap(&["core", path.to_str().unwrap()]);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(out.status.code(), Some(2));
        text(&out.stderr)
    };
    assert!(said(b"MDMP\x93\xa7").contains("a Windows minidump"));
    assert!(said(b"\xcf\xfa\xed\xfe\x07\0\0").contains("a Mach-O file"));
    assert!(said(b"nothing").contains("not a core"));
    let binary = open(&executables::path("crash-go1.21.13-linux-386"), Limits::default()).unwrap();
    assert!(said(&binary.bytes).contains("not a core but an ELF executable"));
}
