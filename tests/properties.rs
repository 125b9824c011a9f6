//! What is read, printed and read again is the same record; and nothing that
//! only looks like a crash is one.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

use panicmap::source::{Limits, from_bytes};
use panicmap::trace::{self, Crash, CreatedBy, Dialect, Frame, Kind, Unwrapping};
use proptest::prelude::*;

fn crashes(text: Vec<u8>) -> Vec<Crash> {
    from_bytes("log", text, Limits::default())
        .map(|document| trace::read(&document, &Unwrapping::default()).crashes)
        .unwrap_or_default()
}

/// All that a record says but where it stood, notes and losses.
fn record(crash: &Crash) -> String {
    let frame = |f: &Frame| {
        let place = (crash.file(f), f.line, f.offset(), f.inlined);
        format!("{} ({}) {place:?} {:?}", crash.function(f), crash.arguments(f), crash.pointers(f))
    };
    let creator = |by: &CreatedBy| {
        format!(
            "by {} {:?} {}:{} {:?}",
            crash.name(by.function),
            by.goroutine,
            crash.name(by.file),
            by.line,
            by.offset
        )
    };
    // Of a garbled crash only the head is kept, which no longer tells who wrote it.
    let dialect = crash.dialect.filter(|d| *d != Dialect::Gc || !crash.goroutines.is_empty());
    let mut lines = vec![
        format!("{:?} {dialect:?} {:?}", crash.kind, crash.served),
        format!("{:?} {:?} {:?} {:?}", crash.chain, crash.signal, crash.registers, crash.exit),
    ];
    for g in &crash.goroutines {
        lines.push(format!("{:?} {:?} {:?} {:?} {:?} {}", g.block, g.id, g.gp, g.m, g.mp, crash.state(g)));
        lines.push(format!("{:?} {} {:?} {:?}", g.wait_minutes, g.locked_to_thread, g.attributes, g.labels));
        lines.push(format!("{} {:?} {:?} {}", g.count, g.pcs, g.elided, g.unavailable));
        lines.extend(crash.frames_of(g).iter().map(frame));
        lines.extend(g.created_by.as_ref().map(creator));
        for ancestor in &g.ancestors {
            lines.push(format!("from {:?} {}", ancestor.id, ancestor.elided));
            lines.extend(crash.frames_of_ancestor(ancestor).iter().map(frame));
            lines.extend(ancestor.created_by.as_ref().map(creator));
        }
    }
    lines.join("\n")
}

/// The first difference, if printing and reading again makes another record.
fn changed(crash: &Crash) -> Option<String> {
    // What others say has no canonical form of its own.
    if crash.kind == Kind::Launch {
        return None;
    }
    let text = trace::print(crash);
    let again = crashes(text.clone().into_bytes());
    let (want, have) = (record(crash), again.first().map(record).unwrap_or_default());
    if again.len() == 1 && want == have {
        return None;
    }
    let line = want.lines().zip(have.lines()).find(|(a, b)| a != b);
    Some(format!("{} records; {line:#?}\n{text}", again.len()))
}

fn logs(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let file = |path: &Path| if path.is_dir() { path.join("log") } else { path.to_owned() };
    let read = |path: &Path| Some((path.display().to_string(), std::fs::read(file(path)).ok()?));
    paths.iter().filter_map(|path| read(path)).collect()
}

fn corpus() -> Vec<(String, Vec<u8>)> {
    logs(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/cases"))
}

fn all_come_back(logs: Vec<(String, Vec<u8>)>) {
    let mut wrong = Vec::new();
    for (name, log) in logs {
        let found = crashes(log);
        wrong.extend(found.iter().filter_map(changed).map(|what| format!("{name}: {what}")));
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.iter().take(5).map(|w| w.chars().take(1500).collect()).collect::<Vec<String>>().join("\n\n")
    );
}

#[test]
fn every_log_of_the_corpus_comes_back() {
    all_come_back(corpus());
}

/// The record of a wrapped crash is one that the runtime could have written.
#[test]
fn every_wrapped_log_of_the_corpus_comes_back() {
    all_come_back(logs(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/wrapped")));
}

#[test]
#[ignore = "wants a directory of logs in PANICMAP_SAMPLES"]
fn every_sample_comes_back() {
    all_come_back(logs(Path::new(&std::env::var("PANICMAP_SAMPLES").unwrap())));
}

fn address() -> impl Strategy<Value = String> {
    any::<u64>().prop_map(|value| format!("{value:#x}"))
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "main.main",
        "main.(*G[...]).Boom",
        "main.日本",
        "main.extra.func1-range1",
        "example.com/a/gopkg%2ev3.(*Node).Decode.func1",
        "main.(*struct { X int }).M",
        "panic",
        "type:.eq.main.T",
        "runtime.goexit",
    ])
    .prop_map(str::to_owned)
}

fn file() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "/app/main.go",
        "C:/Program Files/app/main.go",
        "_cgo_gotypes.go",
        "/no such dir/my file.y",
        "<autogenerated>",
        "??",
    ])
    .prop_map(str::to_owned)
}

fn arguments() -> impl Strategy<Value = String> {
    let word =
        prop_oneof![address(), address().prop_map(|a| a + "?"), Just("_".to_owned()), Just("...".to_owned())];
    let list =
        |item: BoxedStrategy<String>| prop::collection::vec(item, 0..4).prop_map(|words| words.join(", "));
    word.boxed()
        .prop_recursive(3, 12, 4, move |inner| list(inner).prop_map(|l| format!("{{{l}}}")))
        .prop_flat_map(move |one| prop_oneof![Just(one), Just(String::new())])
}

fn position() -> impl Strategy<Value = String> {
    let pointers =
        (address(), address(), address()).prop_map(|(fp, sp, pc)| format!(" fp={fp} sp={sp} pc={pc}"));
    (file(), 0u32..100_000, prop::option::of(0u32..0xffff), prop::option::of(pointers)).prop_map(
        |(file, line, offset, pointers)| {
            let offset = offset.map(|o| format!(" +{o:#x}")).unwrap_or_default();
            format!("\t{file}:{line}{offset}{}\n", pointers.unwrap_or_default())
        },
    )
}

fn frame() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => (name(), arguments(), position()).prop_map(|(n, a, p)| format!("{n}({a})\n{p}")),
        1 => address().prop_map(|pc| format!("non-Go function at pc={pc}\n")),
        1 => address().prop_map(|pc| format!("ns::f(int)\n\t/c/x.cc:9 pc={pc}\n")),
    ]
}

fn goroutine() -> impl Strategy<Value = String> {
    let thread = prop_oneof![
        Just(String::new()),
        address().prop_map(|gp| format!(" gp={gp} m=nil")),
        (address(), 0u32..99, address()).prop_map(|(gp, m, mp)| format!(" gp={gp} m={m} mp={mp}")),
    ];
    let state = prop::sample::select(vec!["running", "select (no cases)", "chan receive (durable)", "???"]);
    let attributes = prop::sample::subsequence(
        vec![", 7 minutes", ", locked to thread", ", synctest bubble 3", ", novelty 1"],
        0..4,
    );
    let labels = prop::option::of(prop::collection::vec(("[ -~é\n]{0,9}", "[ -~世\t]{0,9}"), 1..3)).prop_map(
        |labels| {
            let quote = |text: &str| {
                format!(
                    "\"{}\"",
                    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t")
                )
            };
            let pairs = |l: &Vec<(String, String)>| {
                l.iter().map(|(k, v)| format!("{}: {}", quote(k), quote(v))).collect::<Vec<_>>().join(", ")
            };
            labels.as_ref().map(|l| format!(" {{{}}}", pairs(l))).unwrap_or_default()
        },
    );
    let creator = prop::option::of((name(), prop::option::of(any::<u64>()), file(), 1u32..999, 0u32..999))
        .prop_map(|creator| {
            let text = |(name, id, file, line, offset): (String, Option<u64>, String, u32, u32)| {
                let by = id.map(|id| format!(" in goroutine {id}")).unwrap_or_default();
                format!("created by {name}{by}\n\t{file}:{line} +{offset:#x}\n")
            };
            creator.map(text).unwrap_or_default()
        });
    let frames = (
        prop::collection::vec(frame(), 0..6),
        prop::option::of(1u32..999),
        prop::collection::vec(frame(), 1..4),
    );
    let ancestor = prop::option::of((any::<u32>(), name(), file())).prop_map(|a| {
        a.map(|(id, name, file)| {
            format!("[originating from goroutine {id}]:\n{name}(...)\n\t{file}:3 +0x1\n")
        })
        .unwrap_or_default()
    });
    (any::<u64>(), thread, state, attributes, labels, frames, creator, ancestor).prop_map(
        |(id, thread, state, attributes, labels, (above, gap, below), creator, ancestor)| {
            let gap = gap.map(|n| format!("...{n} frames elided...\n")).unwrap_or_default();
            let (attributes, above, below) = (attributes.concat(), above.concat(), below.concat());
            format!("goroutine {id}{thread} [{state}{attributes}]{labels}:\n{above}{gap}{below}{creator}{ancestor}")
        },
    )
}

fn head() -> impl Strategy<Value = String> {
    let text = "[a-zA-Z(\"é][ -~é]{0,20}(\n\t[a-z ]{0,9}[a-z])?";
    let signal = (address(), address())
        .prop_map(|(a, pc)| format!("[signal SIGSEGV: segmentation violation code=0x1 addr={a} pc={pc}]\n"));
    let fatal = (address(), prop::option::of(any::<i32>()), prop::option::of(address())).prop_map(
        |(pc, code, addr)| {
            let code = code.map(|c| format!(" sigcode={}", i64::from(c).cast_unsigned())).unwrap_or_default();
            let addr = addr.map(|a| format!(" addr={a}")).unwrap_or_default();
            format!("SIGABRT: abort\nPC={pc} m=3{code}{addr}\nsignal arrived during cgo execution\n")
        },
    );
    prop_oneof![
        (prop::collection::vec(text, 1..4), prop::option::of(signal)).prop_map(|(texts, signal)| {
            let links: Vec<String> = texts.iter().map(|text| format!("panic: {text}\n")).collect();
            links.join("\t") + &signal.unwrap_or_default()
        }),
        text.prop_map(|text| format!("fatal error: {text}\n")),
        fatal,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn made_up_crashes_come_back(head in head(), goroutines in prop::collection::vec(goroutine(), 1..4), registers in any::<bool>()) {
        let registers = if registers { "\nrax    0x1\nrflags 0x246\nexit status 2\n" } else { "" };
        let text = format!("{head}\n{}{registers}", goroutines.join("\n"));
        let found = crashes(text.clone().into_bytes());
        prop_assert_eq!(found.len(), 1, "{}", text);
        let ids: Vec<u64> = found[0].goroutines.iter().filter_map(|g| g.id).collect();
        prop_assert_eq!(ids.len(), goroutines.len(), "{}", text);
        if let Some(what) = changed(&found[0]) {
            prop_assert!(false, "{}\n--- from\n{}", what, text);
        }
    }

    /// Lines of real logs cut out, doubled, and put elsewhere: nothing panics,
    /// and what is read still comes back.
    #[test]
    fn shuffled_logs_are_read(which in 0usize..1000, moves in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0u8..3), 1..12)) {
        let logs = corpus();
        let log = String::from_utf8_lossy(&logs[which % logs.len()].1).into_owned();
        let mut lines: Vec<&str> = log.lines().collect();
        for (from, to, what) in moves {
            if lines.is_empty() { break; }
            let (from, to) = (from.index(lines.len()), to.index(lines.len()));
            match what {
                0 => { lines.remove(from); }
                1 => lines.insert(to, lines[from]),
                _ => lines.swap(from, to),
            }
        }
        for crash in crashes(lines.join("\n").into_bytes()) {
            let _ = (trace::print(&crash), crash.message(), trace::signature(&crash));
        }
    }
}

/// Text that talks of crashes, or has the shape of another language's.
#[test]
fn look_alikes_are_no_crashes() {
    for text in [
        // Go source and documentation
        "func main() {\n\tdefer func() {\n\t\tif r := recover(); r != nil {\n\t\t\tfmt.Println(\"panic: \", r)\n\t\t}\n\t}()\n\tpanic(\"x\")\n}\n",
        "// The output is\n//\n//\tpanic: boom\n//\n//\tgoroutine 1 [running]:\n//\tmain.main()\n//\t\t/app/main.go:5 +0x1d\n",
        "If a goroutine panics, the runtime prints panic: and then goroutine 1 [running]: with the stack.\nSee runtime.main and runtime.goexit.\n",
        "runtime.main calls main.main\nruntime.goexit is the last frame\n",
        "The offset +0x1d is relative to the entry of the function.\n",
        "main.main()\n\t/app/main.go:5 +0x1d\n",
        "main.main\n\t/app/main.go:5\nnext\n",
        // Output of Go's tools
        "# example.com/app\n./main.go:5:2: undefined: x\n\t./other.go:7:1: other declaration of x\n",
        "main.go:12:3: x escapes to heap:\n\t/app/main.go:12:3: flow: y = x\n",
        "    a_test.go:9:\n\t\tError Trace:\t/app/a_test.go:9\n\t            \t\t\t\t/app/b_test.go:10\n\t\tError:      \tnot equal\n",
        "ok  \texample.com/app\t0.3s\nFAIL\texample.com/b [build failed]\n",
        "app/main.go\n\t/app/main.go:5\napp/other.go\n\t/app/other.go:6\n",
        // Other languages
        "Exception in thread \"main\" java.lang.NullPointerException: x\n\tat com.example.App.run(App.java:12)\n\tat com.example.App.main(App.java:5)\n",
        "Traceback (most recent call last):\n  File \"/app/main.py\", line 5, in <module>\n    main()\nValueError: x\n",
        "thread 'main' panicked at src/main.rs:2:5:\nx\nstack backtrace:\n   0: rust_begin_unwind\n             at /rustc/1/library/std/src/panicking.rs:665:5\n   1: app::main\n             at ./src/main.rs:2:5\n",
        "TypeError: x is not a function\n    at run (/app/main.js:5:3)\n    at Object.<anonymous> (/app/main.js:9:1)\n",
        "/app/main.rb:2:in `run': x (RuntimeError)\n\tfrom /app/main.rb:5:in `main'\n\tfrom /app/main.rb:9:in `<main>'\n",
        "Unhandled exception. System.Exception: x\n   at App.Main() in /app/Main.cs:line 5\n",
        "** (RuntimeError) x\n    (app) lib/app.ex:5: App.run/0\n",
        "In file included from /usr/include/a.h:5,\n                 from /app/main.c:1:\n/app/main.c:7:3: error: x\n",
        "app(main+0x1d) [0x4011d6]\n/lib/libc.so.6(+0x29d90) [0x7f0000029d90]\n",
        "RIP: 0010:do_exit+0x1d/0x40\nCall Trace:\n do_exit+0x1d/0x40\n\t? schedule+0x10/0x20\n",
        // A sanitizer's report of a program in C
        "==1==ERROR: AddressSanitizer: heap-use-after-free on address 0x1 at pc 0x2 bp 0x3 sp 0x4\nREAD of size 4 at 0x1 thread T0\n    #0 0x1 in main /app/main.c:5\n\nSUMMARY: AddressSanitizer: heap-use-after-free /app/main.c:5 in main\n",
        // Ordinary logs
        "2026/11/23 10:00:00 INFO goroutine profile: total 5 written\nheap profile: 1: 16 [1: 16] @ heap/1048576\n",
        "SIGTERM: shutting down\nsys: clock moved\nPC=on\n",
        "level=error msg=\"x\" stack=main.go:5 +0x1\n\t/etc/app.conf:12\n\t/etc/app.conf:13\n",
        "copied\n\t/srv/a.go:1\n\t/srv/b.go:2\n",
    ] {
        let found = crashes(text.as_bytes().to_vec());
        assert!(found.is_empty(), "{:?} in\n{text}", found.iter().map(Crash::message).collect::<Vec<_>>());
    }
}

#[test]
fn every_form_comes_back() {
    for text in [
        "panic: x\n\ngoroutine 1 [running]:\nmain.deref\n\t/app/main.go:18\nmain.main..func1\n\t/app/main.go:23\ncreated by main.main\n\t/app/main.go:50 +0x959\n",
        "goroutine profile: total 3\n2 @ 0x11 0x21\n# labels: {\"a b\":\"\\\"c\\\"\"}\n#\t0x10\tmain.inner+0x4\t/app/main.go:3\n#\t0x10\tmain.f+0x4\t/app/main.go:5\n#\t0x20\tmain.main+0x9\t\t/app/main.go:9\n\n1 @ 0x31\n#\t0x30\tmain.g+0x4\t/app/main.go:7\n\n",
        "threadcreate profile: total 2\n2 @\n#\t0x0\n\n",
        "==================\nWARNING: DATA RACE\nWrite at 0x00c000098028 by main goroutine:\n  main.f()\n      /app/main.go:3 +0x44\n\nPrevious atomic read at 0x00c000098028 by goroutine 7:\n  [failed to restore the stack]\n\nGoroutine 7 (finished) created at:\n  main.main()\n      /app/main.go:9 +0x1\n==================\n",
        "Exception 0xc0000005 0x8 0x10 0x7ff6\nPC=0x7ff6\n\nmain.f(0x1, ...)\n\tC:/app/main.go:3 +0x4 fp=0x1 sp=0x2 pc=0x3\n\ngoroutine 2 [force gc (idle)]:\nruntime.gopark()\n\tC:/go/proc.go:5 +0x1d\n\nrax     0x1\n",
        "sys: trap: fault read addr=0x0 pc=0x1\nPC=0x1\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:5 +0x1d\n",
        "Signal 64\nPC=0x1 m=2 sigcode=0\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:5 +0x1d\n",
        "SIGILL: illegal instruction\nPC=0x1 m=0 sigcode=2\ninstruction bytes: 0xf 0xb 0x0\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:5 +0x1d\n",
        "panic: runtime error at 0x00001234: index out of range\n",
        "main.f\n\t/app/main.go:3\nmain.main\n\t/app/main.go:5\n",
        "main.f(...)\n\t/app/main.go:3\nmain.main()\n\t/app/main.go:5 +0x1d\ncreated by main.x in goroutine 3\n\t/app/main.go:9 +0x2\n",
        "http: panic serving [::1]:8080: two\nlines\ngoroutine 9 [running]:\nnet/http.(*conn).serve.func1()\n\t/go/net/http/server.go:1959 +0xbb\n",
        "==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x1 at pc 0x2 bp 0x3 sp 0x4\nREAD of size 4 at 0x1 thread T0\n    #0 0x1 in main.f /app/main.go:5\n    #1 0x2 in free (/lib/libc.so.6+0x12)\n    #2 0x3  (/lib/libc.so.6+0x13)\n\n0x1 is located 0 bytes inside of 16-byte region\nfreed by thread T0 here:\n    #0 0x1 in runtime.asmcgocall runtime/asm_amd64.s:918\n\nSUMMARY: AddressSanitizer: heap-use-after-free\n",
        "fatal error: x\n\nruntime stack:\nruntime.throw({0x1?, 0x2?})\n\t/go/panic.go:1 +0x4 fp=0x1 sp=0x2 pc=0x3\n\ngoroutine 1 [running]:\n\tgoroutine running on other thread; stack unavailable\n",
    ] {
        let found = crashes(text.as_bytes().to_vec());
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(changed(&found[0]), None, "{text}");
    }
}

/// The same record where a container runtime put its words before every line,
/// or a structured logger all lines into one string.
#[test]
fn other_forms_are_read_inside_a_wrapping_too() {
    for name in [
        "profile-goroutines",
        "gccgo-nil",
        "frames-without-parentheses",
        "frames-without-header",
        "asan-in-c",
        "labels-in-headers",
        "synctest-deadlock",
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/cases").join(name).join("log");
        let log = std::fs::read_to_string(path).unwrap();
        let cri: String =
            log.lines().map(|line| format!("2026-11-23T10:00:00.000Z stderr F {line}\n")).collect();
        let json = format!(
            "{{\"level\":\"info\"}}\n{}\n",
            serde_json::json!({ "level": "error", "stacktrace": log })
        );
        let plain: Vec<String> = crashes(log.into_bytes()).iter().map(record).collect();
        assert!(!plain.is_empty(), "{name}");
        let read = |text: String| crashes(text.into_bytes()).iter().map(record).collect::<Vec<_>>();
        assert_eq!(read(cri), plain, "{name}");
        assert_eq!(read(json), plain, "{name}");
    }
}
