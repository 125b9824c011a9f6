//! The pieces in which a log comes do not matter; `--pass` gives the log back;
//! and whatever is made of wrapped logs, nothing panics and time and memory stay
//! bounded.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

#[path = "support/record.rs"]
mod record;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use panicmap::source::Origin;
use panicmap::trace::{Crash, Feed, Unwrapping};
use proptest::prelude::*;

/// Logs of a folder of the corpus, by name.
fn logs(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(folder);
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let named = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let mut logs: Vec<_> =
        paths.filter_map(|path| Some((named(&path), std::fs::read(path.join("log")).ok()?))).collect();
    logs.sort();
    logs
}

fn all_logs() -> &'static [(String, Vec<u8>)] {
    static ALL: OnceLock<Vec<(String, Vec<u8>)>> = OnceLock::new();
    ALL.get_or_init(|| ["cases", "wrapped", "decoys"].iter().flat_map(|folder| logs(folder)).collect())
}

/// What a log gives that comes in pieces.
fn fed<'a>(mut feed: Feed, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<String> {
    let mut crashes: Vec<Crash> = Vec::new();
    for piece in pieces {
        let settled = feed.settled();
        let found = feed.push(piece);
        // What `--pass` has let through by then cannot be a crash any more.
        let early = found.iter().find(|crash| crash.span.bytes.start < settled);
        assert!(early.is_none(), "{:?} begins before {settled}", early.map(|c| &c.span.bytes));
        crashes.extend(found);
    }
    crashes.extend(feed.finish().0);
    crashes.iter().map(record::everything).collect()
}

fn feed() -> Feed {
    Feed::new(Origin::new("log"), Unwrapping::Auto)
}

/// The same in pieces of a size, as in one.
fn pieces_agree(name: &str, text: &[u8], size: usize) {
    let whole = fed(feed(), std::iter::once(text));
    let pieces = fed(feed(), text.chunks(size));
    assert_eq!(pieces, whole, "{name} in pieces of {size}");
}

#[test]
fn a_log_in_memory_is_read_as_one_that_comes() {
    for (name, text) in all_logs() {
        let read: Vec<String> =
            record::crashes(text, &Unwrapping::Auto).iter().map(record::everything).collect();
        assert_eq!(fed(feed(), std::iter::once(&text[..])), read, "{name}");
    }
}

#[test]
fn pieces_do_not_matter() {
    for (index, (name, text)) in all_logs().iter().enumerate() {
        pieces_agree(name, text, 100 + index % 97);
        pieces_agree(name, text, 4096);
    }
}

#[test]
fn single_bytes_do_not_matter() {
    for (name, text) in all_logs().iter().filter(|(_, text)| text.len() < 1200) {
        pieces_agree(name, text, 1);
    }
}

/// A live log may be recognised by its first line: pieces do not matter there
/// either.
#[test]
fn pieces_of_a_live_log_do_not_matter() {
    let live = || Feed::live(Origin::new("log"), Unwrapping::Auto);
    for (name, text) in logs("wrapped") {
        let whole = fed(live(), std::iter::once(&text[..]));
        assert_eq!(fed(live(), text.chunks(61)), whole, "{name}");
    }
}

/// Lines of a program that goes on, without anything that looks like a crash.
fn noise(lines: usize) -> Vec<u8> {
    (0..lines)
        .map(|n| format!("2026-11-23 04:16:32 INFO served order {n} in 3ms\n"))
        .collect::<String>()
        .into()
}

#[test]
fn a_crash_far_inside_a_log_is_the_same_crash() {
    for (name, text) in logs("cases").iter().filter(|(_, text)| text.len() < 4000) {
        let key = |crash: &Crash| (record::head(crash), record::stacks(crash), crash.remarks.len());
        let keys = |text: &[u8]| -> Vec<_> {
            let mut feed = feed();
            let mut crashes: Vec<Crash> = text.chunks(7919).flat_map(|piece| feed.push(piece)).collect();
            crashes.extend(feed.finish().0);
            crashes.iter().map(key).collect()
        };
        let blank = b"\n".to_vec();
        let inside = [noise(3000), blank.clone(), text.clone(), blank, noise(3000)].concat();
        assert_eq!(keys(&inside), keys(text), "{name}");
    }
}

/// Runs the program with a log on its standard input.
fn run(arguments: &[&str], log: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_panicmap"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let log = log.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&log));
    let output = child.wait_with_output().unwrap();
    // The program may have seen enough before the end.
    let _ = writer.join().unwrap();
    output
}

#[test]
fn a_log_without_crash_passes_as_it_is() {
    for (name, text) in logs("decoys") {
        if record::crashes(&text, &Unwrapping::Auto).is_empty() {
            assert!(run(&["--pass"], &text).stdout == text, "{name}");
        }
    }
    let odd: &[&[u8]] = &[b"", b"\n", b"no newline", b"\xff\xfe\0x\r\n\r\n\0", b"goroutine 1 [running]:"];
    for text in odd {
        assert!(run(&["--pass"], text).stdout == *text, "{text:?}");
    }
}

/// Takes the reports out of what `--pass --format json` wrote; gives the rest,
/// and for each report how much of the rest stood before it.
fn without_reports(mut output: &[u8]) -> (Vec<u8>, Vec<(usize, serde_json::Value)>) {
    const BEGIN: &[u8] = br#"{"binaries":[],"crashes":[{"#;
    let (mut rest, mut reports) = (Vec::new(), Vec::new());
    while let Some(at) = output.windows(BEGIN.len()).position(|window| window == BEGIN) {
        rest.extend_from_slice(&output[..at]);
        let line = output[at..].iter().position(|byte| *byte == b'\n').unwrap();
        reports.push((rest.len(), serde_json::from_slice(&output[at..at + line]).unwrap()));
        output = &output[at + line + 1..];
    }
    rest.extend_from_slice(output);
    (rest, reports)
}

#[test]
fn a_log_with_crashes_passes_with_each_report_behind_its_crash() {
    // One of every kind of wrapping is enough: each takes a process.
    let wrapped = logs("wrapped").into_iter().step_by(5);
    let mut early = Vec::new();
    for (name, text) in wrapped.chain(logs("cases").into_iter().step_by(6)) {
        let found = fed(Feed::live(Origin::new("-"), Unwrapping::Auto), std::iter::once(&text[..]));
        let (rest, reports) = without_reports(&run(&["--pass", "--format", "json"], &text).stdout);
        assert!(rest == text, "{name}: {} bytes of {}", rest.len(), text.len());
        assert_eq!(reports.len(), found.len(), "{name}");
        for (before, report) in reports {
            let source = &report["crashes"][0]["source"];
            let lines = text[..before].split_inclusive(|byte| *byte == b'\n').count() as u64;
            if lines < source["last_line"].as_u64().unwrap() {
                early.push(name.clone());
            }
        }
    }
    assert!(early.is_empty(), "{early:?}");
}

/// Changes that the way of a log may make.
#[derive(Clone, Debug)]
enum Change {
    Cut(prop::sample::Index, prop::sample::Index),
    Double(prop::sample::Index, prop::sample::Index),
    Flip(prop::sample::Index, u8),
    /// Lines of another log in between.
    Splice(prop::sample::Index, prop::sample::Index),
}

fn change() -> impl Strategy<Value = Change> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        (index(), index()).prop_map(|(a, b)| Change::Cut(a, b)),
        (index(), index()).prop_map(|(a, b)| Change::Double(a, b)),
        (index(), 0u8..8).prop_map(|(at, bit)| Change::Flip(at, bit)),
        (index(), index()).prop_map(|(at, other)| Change::Splice(at, other)),
    ]
}

fn apply(text: &mut Vec<u8>, change: &Change, logs: &[(String, Vec<u8>)]) {
    let range = |text: &[u8], a: &prop::sample::Index, b: &prop::sample::Index| {
        let (a, b) = (a.index(text.len()), b.index(text.len()));
        // Most of the log stays.
        let (a, b) = (a.min(b), a.max(b));
        a..b.min(a + 300)
    };
    match change {
        _ if text.is_empty() => {}
        Change::Cut(a, b) => drop(text.drain(range(text, a, b))),
        Change::Double(a, b) => {
            let range = range(text, a, b);
            let copy = text[range.clone()].to_vec();
            text.splice(range.end..range.end, copy);
        }
        Change::Flip(at, bit) => {
            let at = at.index(text.len());
            text[at] ^= 1 << bit;
        }
        Change::Splice(at, other) => {
            let other = &other.get(logs).1;
            let end = at.index(other.len() + 1);
            let start = other[..end].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let piece = other[start..(start + 2000).min(other.len())].to_vec();
            let at = at.index(text.len());
            text.splice(at..at, piece);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, max_shrink_iters: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_logs_are_read_alike_in_any_pieces(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec(change(), 1..6),
        sizes in prop::collection::vec(1usize..3000, 1..5),
    ) {
        let logs = all_logs();
        let mut text = which.get(logs).1.clone();
        changes.iter().for_each(|change| apply(&mut text, change, logs));
        let whole = fed(feed(), std::iter::once(&text[..]));
        let (mut rest, mut sizes) = (&text[..], sizes.iter().cycle());
        let pieces = std::iter::from_fn(|| {
            let (piece, after) = rest.split_at((*sizes.next()?).min(rest.len()));
            rest = after;
            (!piece.is_empty()).then_some(piece)
        });
        prop_assert_eq!(fed(feed(), pieces), whole);
    }

    #[test]
    fn logs_behind_each_other_are_read_alike_in_any_pieces(
        which in prop::collection::vec(any::<prop::sample::Index>(), 2..4),
        lines in 0usize..400,
        size in 1usize..9000,
    ) {
        let logs = all_logs();
        let mut text = noise(lines / 2);
        for which in which {
            text.extend(&which.get(logs).1);
            text.extend(noise(lines));
        }
        prop_assert_eq!(fed(feed(), text.chunks(size)), fed(feed(), std::iter::once(&text[..])));
    }
}

/// Reads a text as the program does, within a time; what is slower than linear
/// takes minutes with these sizes.
fn quick(name: &str, text: &[u8]) -> Vec<Crash> {
    let start = Instant::now();
    let mut feed = feed();
    let mut crashes: Vec<Crash> = text.chunks(256 << 10).flat_map(|piece| feed.push(piece)).collect();
    crashes.extend(feed.finish().0);
    let took = start.elapsed();
    if std::env::var_os("PANICMAP_TIMES").is_some() {
        eprintln!("{took:>10.2?}  {:>9} bytes  {name}", text.len());
    }
    assert!(took < Duration::from_secs(30), "{name}: {took:?}");
    crashes
}

const STACK: &str = "goroutine 7 [running]:\nmain.main()\n\t/app/main.go:5 +0x1d\n";

fn docker(line: &str) -> String {
    let line = serde_json::to_string(line).unwrap();
    format!("{{\"log\":{line},\"stream\":\"stderr\",\"time\":\"2026-11-23T04:16:32.171Z\"}}\n")
}

#[test]
fn many_headers_in_wrappings() {
    let header = "goroutine 1 [running]:\n";
    quick("headers in docker json", docker(header).repeat(20_000).as_bytes());
    let cri = format!("2026-11-23T04:16:32.171Z stderr F {header}");
    quick("headers in CRI", cri.repeat(20_000).as_bytes());
    let journal = format!("{{\"MESSAGE\":\"{}\",\"_PID\":\"7\"}}\n", header.trim_end());
    quick("headers in JSON", journal.repeat(20_000).as_bytes());
    quick("panics in docker json", docker("panic: x\n").repeat(15_000).as_bytes());
    quick(
        "stacks in docker json",
        STACK.lines().map(|l| docker(&format!("{l}\n"))).collect::<String>().repeat(10_000).as_bytes(),
    );
}

#[test]
fn many_processes_in_one_log() {
    let syslog = |n: usize| format!("Nov 23 04:16:32 host app[{n}]: goroutine 1 [running]:\n");
    quick("headers of 40,000 processes", (0..40_000).map(syslog).collect::<String>().as_bytes());
}

#[test]
fn endless_lines_in_wrappings() {
    quick("one long line of JSON", format!("{{\"log\":\"panic: {}\"}}\n", "x".repeat(3 << 20)).as_bytes());
    quick("one line that never ends", format!("{{\"log\":\"panic: {}", "x".repeat(3 << 20)).as_bytes());
    quick("one long line of escapes", format!("panic: {}", "\\n\\t".repeat(1 << 19)).as_bytes());
    quick("one line with many headers", "goroutine 1 [running]: ".repeat(100_000).as_bytes());
    let part = "2026-11-23T04:16:32.171Z stderr P panic: x\n";
    quick("parts without an end", part.repeat(15_000).as_bytes());
    let part = docker("goroutine 1 [running]: ");
    quick("docker's parts without an end", part.repeat(15_000).as_bytes());
    quick("NULs", &[b"panic: x\n".to_vec(), vec![0; 3 << 20], STACK.as_bytes().to_vec()].concat());
    quick("lines of NULs", b"\0\0\0panic: x\n".repeat(20_000).as_slice());
}

#[test]
fn deep_nesting() {
    let quotes = format!("{}\n", "> ".repeat(50)).repeat(4_000);
    quick("quotes of quotes", format!("{quotes}{}panic: x\n{quotes}", "> ".repeat(50)).as_bytes());
    quick("quotes", "> > > >\n".repeat(100_000).as_bytes());
    quick("deep arrays", format!("{{\"panic: \":{}", "[".repeat(1 << 19)).as_bytes());
    quick("deep objects", "{\"panic: \":".repeat(1 << 17).as_bytes());
    let mut nested = format!("panic: x\n\n{STACK}");
    for level in 0..16 {
        quick(&format!("docker in docker, {level} deep"), nested.as_bytes());
        nested = docker(&nested);
    }
    let mut escaped = format!("panic: x\n\n{STACK}");
    for level in 0..14 {
        quick(&format!("escaped {level} times"), escaped.as_bytes());
        escaped = format!("msg={escaped:?}\n");
    }
    // 20 levels of `\\\\n` would be a megabyte for each newline.
    quick("backslashes", format!("panic: {}n\n", "\\".repeat(1 << 19)).as_bytes());
}

#[test]
fn bombs() {
    let base64 = format!("stack=Z29yb3V0aW5lIDEgW3J1bm5pbmdd{}\n", "QUFB".repeat(3 << 20));
    quick("base64", base64.as_bytes());
    quick("many of base64", "stack=Z29yb3V0aW5lIDEgW3J1bm5pbmdd\n".repeat(50_000).as_bytes());
    quick(
        "decimal bytes",
        format!("[103 111 114 111 117 116 105 110 101 32 {}]\n", "65 ".repeat(1 << 19)).as_bytes(),
    );
    quick("colours", "\x1b[31mpanic: x\x1b[0m\n".repeat(50_000).as_bytes());
    quick("half an escape", format!("panic: x\x1b]{}\n", "8;".repeat(1 << 19)).as_bytes());
    quick("entities", format!("<pre>\n{}panic: x\n", "&amp;lt;\n".repeat(100_000)).as_bytes());
    quick("cells", format!("a,\"panic: x\n{}", "\"\",\"goroutine 1 [running]:\n".repeat(20_000)).as_bytes());
    quick(
        "journal export",
        format!("{}MESSAGE=panic: x\n\n", "__CURSOR=x\nMESSAGE=goroutine 1 [running]:\n\n".repeat(20_000))
            .as_bytes(),
    );
    quick(
        "suppressed",
        "Nov 23 04:16:32 host app[7]: Suppressed 9 messages from x\nNov 23 04:16:32 host app[7]: panic: x\n"
            .repeat(20_000)
            .as_bytes(),
    );
}

/// What is small must not become large: each of these is a few kilobytes.
#[cfg(target_os = "linux")]
fn takes_little_memory(name: &str, log: &str) {
    let path = std::env::temp_dir().join(format!("panicmap-small-{}-{name}", std::process::id()));
    std::fs::write(&path, log).unwrap();
    let limited = "ulimit -v 600000; exec \"$0\" \"$1\"";
    let output =
        Command::new("sh").args(["-c", limited, env!("CARGO_BIN_EXE_panicmap")]).arg(&path).output().unwrap();
    std::fs::remove_file(&path).unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(matches!(output.status.code(), Some(0 | 3)), "{name}: {:?} {text}", output.status);
}

#[test]
#[cfg(target_os = "linux")]
fn nested_logs_take_little_memory() {
    let mut nested = format!("panic: x\n\n{STACK}");
    (0..12).for_each(|_| nested = docker(&nested));
    takes_little_memory("nested", &nested);
}

#[test]
#[cfg(target_os = "linux")]
fn folded_logs_take_little_memory() {
    let folded = "Nov 23 04:16:32 host app[7]: panic: x\n\
                  Nov 23 04:16:32 host app[7]: message repeated 9999 times: [ panic: x]\n";
    takes_little_memory("folded", &folded.repeat(300));
}

/// A rotation cuts anywhere: files of one log that are named together are one.
#[test]
fn rotated_files_are_one_log() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rotated");
    std::fs::create_dir_all(&folder).unwrap();
    let text = format!("before\npanic: x\n\n{STACK}after\n");
    let cut = text.find("main.").unwrap() + 3;
    let (newest, older) = (folder.join("app.log"), folder.join("app.log.1"));
    std::fs::write(&older, &text[..cut]).unwrap();
    std::fs::write(&newest, &text[cut..]).unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_panicmap"))
        .args(["--format", "json"])
        .args([&newest, &older])
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let crashes = report["crashes"].as_array().unwrap();
    assert_eq!(crashes.len(), 1);
    assert_eq!(crashes[0]["message"], "x");
    assert_eq!(crashes[0]["source"]["path"], older.to_str().unwrap());
    assert_eq!(crashes[0]["source"]["line"], 2);
    assert!(crashes[0]["complete"].as_bool().unwrap(), "{}", crashes[0]["losses"]);
    assert!(
        crashes[0]["repairs"][0].as_str().unwrap().contains("app.log, to line"),
        "{}",
        crashes[0]["repairs"]
    );
}
