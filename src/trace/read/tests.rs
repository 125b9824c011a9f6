use super::super::feed::read;
use super::*;
use crate::addr::RuntimeAddr;
use crate::source::{Limits, from_bytes};

fn crashes(text: &str) -> Vec<Crash> {
    read(&from_bytes("log", text.as_bytes().to_vec(), Limits::default()).unwrap(), &Unwrapping::default())
        .crashes
}

const STACK: &str = "goroutine 1 [running]:\nmain.main()\n\t/app/main.go:5 +0x1d\n";

#[test]
fn text_around_a_crash_is_not_the_crash() {
    let log = format!("starting\nlistening on :80\npanic: boom\n\n{STACK}exit status 2\nstarting\n");
    let found = crashes(&log);
    assert_eq!(found.len(), 1);
    let crash = &found[0];
    assert_eq!(crash.message(), "boom");
    assert_eq!(crash.span.lines, 3..=8);
    assert_eq!(&log[crash.span.bytes.start as usize..crash.span.bytes.end as usize][..11], "panic: boom");
    assert_eq!(crash.exit, Some(2));
    assert!(crash.complete(), "{:?}", crash.losses);
}

#[test]
fn two_crashes_are_two_records() {
    let found = crashes(&format!("panic: a\n\n{STACK}up again\npanic: b\n\n{STACK}"));
    assert_eq!(found.iter().map(Crash::message).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(found[1].span.lines, 7..=11);
}

/// `/debug/pprof/goroutine?debug=2`, appended to one file every minute.
#[test]
fn a_goroutine_that_comes_again_begins_the_next_dump() {
    let second = STACK.replace("goroutine 1", "goroutine 2");
    let found = crashes(&format!("{STACK}\n{second}\n{STACK}\n{second}{second}"));
    assert_eq!(found.iter().map(|crash| crash.goroutines.len()).collect::<Vec<_>>(), [2, 2, 1]);
    assert_eq!(found[1].span.lines, 9..=15);
    // Each thread has a goroutine 0.
    let thread = STACK.replace("goroutine 1", "goroutine 0");
    assert_eq!(crashes(&format!("{thread}\n{thread}\n{STACK}")).len(), 1);
}

#[test]
fn a_log_line_that_says_panic_is_no_crash() {
    for log in [
        "panic: at the disco\nnext line\n",
        "INFO panic: recovered from nothing\nnext\n",
        "fatal error: could not read\nretrying\n",
        "goroutine 1 [running]: was seen in the report\n",
        "the goroutine 7 went away\nSIGTERM: shutting down\n",
        "panic: lone\nmore text\nand more\nINFO x\ngoroutine 7 [running]:\n",
    ] {
        assert_eq!(crashes(log).len(), 0, "{log}");
    }
}

#[test]
fn notes_before_a_head_belong_to_it() {
    let log = format!(
        "x\nruntime: goroutine stack exceeds 1000000000-byte limit\nruntime: sp=0xc0 stack=[0xc0, 0xe0]\nfatal error: stack overflow\n\nruntime stack:\nruntime.throw({{0x1?, 0x2?}})\n\t/go/panic.go:1 +0x4 fp=0x1 sp=0x2 pc=0x3\n\n{STACK}"
    );
    let found = crashes(&log);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].notes.len(), 2);
    assert_eq!(found[0].span.lines, 2..=12);
    assert_eq!(found[0].goroutines.len(), 2);
    assert_eq!(found[0].kind, Kind::FatalError);
    assert_eq!(found[0].pointers(&found[0].frames[0]).unwrap().pc, Some(RuntimeAddr(3)));
}

#[test]
fn a_cut_crash_says_what_is_missing() {
    let whole = format!("panic: boom\n\n{STACK}");
    for (text, frames, loss) in [
        ("panic: boom\n", 0, "no goroutine follows"),
        ("panic: boom\n\ngoroutine 1 [running]:\n", 0, "before the frames of goroutine 1"),
        ("panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n", 1, "inside a frame"),
        (
            "goroutine 1 [running]:\npanic({0x1?, 0x2?})\n\t/go/src/runtime/panic.go:1 +0x4\n",
            1,
            "head is missing",
        ),
        (&whole, 1, ""),
    ] {
        let found = crashes(text);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].frames.len(), frames, "{text}");
        assert_eq!(found[0].complete(), loss.is_empty(), "{text}: {:?}", found[0].losses);
        assert!(loss.is_empty() || found[0].losses[0].contains(loss), "{:?}", found[0].losses);
    }
}

#[test]
fn a_fatal_signal_with_registers() {
    let log = "SIGQUIT: quit\nPC=0x45 m=0 sigcode=0\n\ngoroutine 0 [idle]:\nruntime.futex()\n\t/go/src/runtime/sys_linux_amd64.s:1 +0x2\n\ngoroutine 1 [chan receive, 3 minutes]:\nmain.main()\n\t/app/main.go:5 +0x1d\n\nrax    0x1\nrip    0x45\nexit status 2\n";
    let crash = &crashes(log)[0];
    assert_eq!((crash.kind, crash.registers.len(), crash.goroutines.len()), (Kind::Signal, 2, 2));
    assert!(crash.asked_for() && crash.crashing_goroutine().is_none());
    assert_eq!(crash.goroutines[1].wait_minutes, Some(3));
    assert_eq!(crash.message(), "SIGQUIT: quit");
}

#[test]
fn complaints_join_what_they_belong_to() {
    let log = format!(
        "panic: boom\n\n{STACK}Aborted (core dumped)\n\n\n\n\n\n./app: /lib/libc.so.6: version `GLIBC_2.38' not found (required by ./app)\n./app: /lib/libc.so.6: version `GLIBC_2.39' not found (required by ./app)\n"
    );
    let found = crashes(&log);
    assert_eq!(
        found.iter().map(|c| (c.kind, c.remarks.len())).collect::<Vec<_>>(),
        [(Kind::Panic, 1), (Kind::Launch, 2)]
    );
    let again = "exec /app: exec format error\nexec /app: exec format error\n";
    assert_eq!(crashes(again).len(), 2);
}

#[test]
fn other_attributes_and_ancestors() {
    let log = "panic: x\n\ngoroutine 7 [running]:\nmain.f(...)\n\t/app/main.go:3\nmain.g()\n\t/app/main.go:9 +0x2\ncreated by main.main in goroutine 1\n\t/app/main.go:5 +0x1d\n[originating from goroutine 1]:\nmain.main(...)\n\t/app/main.go:5 +0x1d\n\ngoroutine 9 [running, locked to thread]:\n\tgoroutine running on other thread; stack unavailable\ncreated by main.main in goroutine 1\n\t/app/main.go:6 +0x2d\n";
    let crash = &crashes(log)[0];
    assert_eq!(crash.goroutines.len(), 2);
    let (a, b) = (&crash.goroutines[0], &crash.goroutines[1]);
    assert_eq!((crash.frames_of(a).len(), a.ancestors.len()), (2, 1));
    assert_eq!(crash.frames_of_ancestor(&a.ancestors[0]).len(), 1);
    assert!(crash.frames_of(a)[0].inlined);
    assert_eq!(
        a.created_by.as_ref().map(|c| (crash.name(c.function), c.goroutine)),
        Some(("main.main", Some(1)))
    );
    assert!(b.unavailable && b.locked_to_thread && b.created_by.is_some());
}

#[test]
fn other_output_inside_a_trace_is_left_out() {
    let whole = "panic: boom\n\ngoroutine 1 [running]:\nmain.f(0x1)\n\t/app/main.go:9 +0x1d\nmain.main()\n\t/app/main.go:5 +0x1d\n";
    let lines: Vec<&str> = whole.lines().collect();
    for after in 2..lines.len() {
        let mut mixed = lines.clone();
        mixed.insert(after, "INFO served in 3 ms");
        let found = crashes(&(mixed.join("\n") + "\n"));
        assert_eq!(found.len(), 1, "{mixed:?}");
        assert_eq!((found[0].message().as_str(), found[0].frames.len()), ("boom", 2), "{mixed:?}");
    }
    // Output after a goroutine has ended is no part of it.
    let after = crashes(&format!("{whole}\nINFO\nmain.g()\n\t/app/main.go:7 +0x1\n"));
    assert_eq!(after[0].frames.len(), 2);
}

#[test]
fn a_header_inside_a_value_is_not_the_body() {
    let text = "panic: got:\ngoroutine 7 [running]:\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:5 +0x1d\n";
    let found = crashes(text);
    assert_eq!(found[0].message(), "got:\ngoroutine 7 [running]:");
    assert_eq!(found[0].goroutines.len(), 1);
}

#[test]
fn a_line_that_announces_a_panic_is_no_second_record() {
    let text = "Binary was compiled with 'CGO_ENABLED=0', go-sqlite3 requires cgo to work. This is a stub";
    let found = crashes(&format!("Ping: {text}\npanic: {text}\n\n{STACK}"));
    assert_eq!(found.iter().map(|c| c.kind).collect::<Vec<_>>(), [Kind::Panic]);
    assert_eq!(crashes(&format!("Ping: {text}\nretrying\n")).len(), 1);
}
