//! Lines that are easily read wrongly, one by one.

use super::{Block, Crash, Dialect, Frame, Unwrapping, Value, read};
use crate::source::{Limits, from_bytes};

fn crashes(text: &str) -> Vec<Crash> {
    read(&from_bytes("log", text.as_bytes().to_vec(), Limits::default()).unwrap(), &Unwrapping::default())
        .crashes
}

/// All of a record that these cases are about, in few words.
fn summary(crash: &Crash) -> String {
    let mut words = vec![crash.kind.name().to_owned()];
    for link in &crash.chain {
        let value = match &link.value {
            Value::Text => String::new(),
            Value::Typed { type_name, value } => format!(" as {type_name} {value:?}"),
            Value::Opaque { type_name } => format!(" as opaque {type_name}"),
        };
        let marks =
            [(link.fatal, " fatal"), (link.recovered, " recovered"), (link.repanicked, " repanicked")];
        let marks: String = marks.iter().filter(|(set, _)| *set).map(|(_, word)| *word).collect();
        words.push(format!("{:?}{value}{marks}", link.message));
    }
    if let Some(s) = &crash.signal {
        let hex = |a: Option<crate::addr::RuntimeAddr>| a.map_or("-".to_owned(), |a| a.to_string());
        let cgo = if s.in_cgo { " in C" } else { "" };
        words.push(format!("{} code {:?} at {} pc {}{cgo}", s.name, s.code, hex(s.address), hex(s.pc)));
    }
    let frame = |f: &Frame| {
        let offset = f.offset().map_or(String::new(), |o| format!("+{o:x}"));
        let inlined = if f.inlined { " inlined" } else { "" };
        format!("{}({}) {}:{}{offset}{inlined}", crash.function(f), crash.arguments(f), crash.file(f), f.line)
    };
    for g in &crash.goroutines {
        let id = match g.block {
            Block::Goroutine => format!("g{}", g.id.unwrap()),
            other => format!("{other:?}"),
        };
        let mut text = format!("{id} [{}]", crash.state(g));
        let m = g.m.map(|m| m.map_or(" m=nil".to_owned(), |m| format!(" m={m}")));
        text.push_str(&m.unwrap_or_default());
        text.push_str(&g.wait_minutes.map(|n| format!(" {n}min")).unwrap_or_default());
        text.push_str(if g.locked_to_thread { " locked" } else { "" });
        text.push_str(if g.unavailable { " unavailable" } else { "" });
        g.attributes.iter().for_each(|a| text.push_str(&format!(" ({a})")));
        g.labels.iter().for_each(|(k, v)| text.push_str(&format!(" {k:?}={v:?}")));
        let frames: Vec<String> = crash.frames_of(g).iter().map(frame).collect();
        text.push_str(&format!(": {}", frames.join("; ")));
        if let Some(elided) = g.elided {
            text.push_str(&format!(" elided {:?} after {}", elided.count, elided.after));
        }
        if let Some(by) = &g.created_by {
            text.push_str(&format!(" by {} of {:?}", crash.name(by.function), by.goroutine));
        }
        words.push(text);
    }
    if !crash.registers.is_empty() {
        words.push(format!("{} registers", crash.registers.len()));
    }
    words.extend(crash.notes.iter().map(|note| format!("note {note}")));
    words.extend(crash.asides.iter().map(|aside| format!("aside {aside}")));
    words.extend(crash.losses.iter().map(|loss| format!("LOSS {loss}")));
    words.join("\n")
}

/// `$S` of a text.
const STACK: &str = "goroutine 1 [running]:\nmain.main()\n\t/app/main.go:5 +0x1d\n";
/// `$M` of a summary: what is read of `$S`.
const MAIN: &str = "g1 [running]: main.main() /app/main.go:5+1d";

#[rustfmt::skip]
const CASES: &[(u32, &str, &str)] = &[
    (1, "panic: line one\nline two\n\ngoroutine 7 [running]:\nmain.fake()\n\t/x/y.go:1 +0x1\n\n$S", "panic\n\"line one\\nline two\\n\\ngoroutine 7 [running]:\\nmain.fake()\\n\\t/x/y.go:1 +0x1\"\n$M\naside the message seems to hold stacks; the last running goroutine was taken for the one that panicked"),
    (2, "panic: line one\n\tline two\n\t\n\tgoroutine 7 [running]:\n\tmain.fake()\n\t\t/x/y.go:1 +0x1\n\n$S", "panic\n\"line one\\nline two\\n\\ngoroutine 7 [running]:\\nmain.fake()\\n\\t/x/y.go:1 +0x1\"\n$M"),
    (3, "panic: ends with newline\n\t\n\n$S", "panic\n\"ends with newline\\n\"\n$M"),
    (4, "panic: \n\n$S", "panic\n\"\"\n$M"),
    (5, "panic: tricky [recovered]\n\n$S", "panic\n\"tricky [recovered]\"\n$M"),
    (6, "panic: first [recovered]\n\tpanic: first\n\n$S", "panic\n\"first\" recovered\n\"first\"\n$M"),
    (7, "panic: first [recovered, repanicked]\n\n$S", "panic\n\"first\" recovered repanicked\n$M"),
    (8, "panic: first\n\tfatal error: sync: unlock of unlocked mutex\n\n$S", "fatal-error\n\"first\"\n\"sync: unlock of unlocked mutex\" fatal\n$M"),
    (9, "panic: first\n\tpanic: second\n\tpanic: third\n\tline\n\n$S", "panic\n\"first\"\n\"second\"\n\"third\\nline\"\n$M"),
    (10, "panic: main.T(\"a\n\tb\")\n\n$S", "panic\n\"main.T(\\\"a\\nb\\\")\" as main.T \"a\\nb\"\n$M"),
    (11, "panic: main.C64(1+0i)\n\n$S", "panic\n\"main.C64(1+0i)\" as main.C64 \"1+0i\"\n$M"),
    (12, "panic: (struct { X int \"json:\\\"x\\\"\" }) 0x727998\n\n$S", "panic\n\"(struct { X int \\\"json:\\\\\\\"x\\\\\\\"\\\" }) 0x727998\" as opaque struct { X int \"json:\\\"x\\\"\" }\n$M"),
    (13, "panic: (main.T) (0x4c64a0,0xc82000e310)\n\n$S", "panic\n\"(main.T) (0x4c64a0,0xc82000e310)\" as opaque main.T\n$M"),
    (14, "no newlinepanic: after println\n\n$S", "panic\n\"after println\"\n$M"),
    (15, "unexpected fault address 0x0\nfatal error: fault\n[signal SIGSEGV: segmentation violation code=0x80 addr=0x0 pc=0x4924a0]\n\n$S", "fatal-error\n\"fault\" fatal\nSIGSEGV code Some(128) at 0x0 pc 0x4924a0\n$M\nnote unexpected fault address 0x0"),
    (16, "panic: x\n[signal 0xb code=0x0 addr=0x0 pc=0x0]\n\n$S", "panic\n\"x\"\n0xb code Some(0) at 0x0 pc 0x0\n$M"),
    (17, "panic: x\n[signal 0xc0000005 code=0x1 addr=0x10 pc=0x1400924a0]\n\n$S", "panic\n\"x\"\n0xc0000005 code Some(1) at 0x10 pc 0x1400924a0\n$M"),
    (18, "SIGABRT: abort\nPC=0x7f59 m=0 sigcode=18446744073709551610\n\n$S", "signal\nSIGABRT code Some(-6) at - pc 0x7f59\n$M"),
    (19, "SIGSEGV: segmentation violation\nPC=0x45 m=0 sigcode=0 addr=0x5fbe\n\n$S", "signal\nSIGSEGV code Some(0) at - pc 0x45\n$M"),
    (20, "SIGQUIT: quit\nPC=0x45 m=0 sigcode=0\n\ngoroutine 0 [idle]:\nruntime.futex()\n\t/go/src/runtime/sys.s:1 +0x2\n", "signal\nSIGQUIT code Some(0) at - pc 0x45\ng0 [idle]: runtime.futex() /go/src/runtime/sys.s:1+2"),
    (21, "panic: x\n\ngoroutine 8 gp=0xc000007c00 m=nil [sleep, 5 minutes, locked to thread]:\nmain.f()\n\t/app/main.go:5 +0x1d\n", "panic\n\"x\"\ng8 [sleep] m=nil 5min locked: main.f() /app/main.go:5+1d"),
    (22, "panic: x\n\ngoroutine 22 [chan receive (durable), synctest bubble 1]:\nmain.f()\n\t/app/main.go:5 +0x1d\n", "panic\n\"x\"\ng22 [chan receive (durable)] (synctest bubble 1): main.f() /app/main.go:5+1d"),
    (23, "panic: x\n\ngoroutine 7 [select (no cases)] {handler: /api/v1, \"user id\": \"a \\\"b\\\"\\n\\u4e16\"}:\nmain.f()\n\t/app/main.go:5 +0x1d\n", "panic\n\"x\"\ng7 [select (no cases)] \"handler\"=\"/api/v1\" \"user id\"=\"a \\\"b\\\"\\n世\": main.f() /app/main.go:5+1d"),
    (24, "panic: x\n\ngoroutine 19 [chan receive labels:{\"k\": \"a]: b\"}]:\nmain.f()\n\t/app/main.go:5 +0x1d\n", "panic\n\"x\"\ng19 [chan receive] \"k\"=\"a]: b\": main.f() /app/main.go:5+1d"),
    (25, "panic: x\n\ngoroutine 1 [running]:\nmain.deref(0x53f6c0?, 0x20f56d508000?)\n\t/app/main.go:18\nmain.main()\n\t/app/main.go:5 +0x1d\n", "panic\n\"x\"\ng1 [running]: main.deref(0x53f6c0?, 0x20f56d508000?) /app/main.go:18; main.main() /app/main.go:5+1d"),
    (26, "panic: x\n\ngoroutine 1 gp=0x1 m=0 mp=0x2 [running]:\nruntime.runFinalizers()\n\t/go/mfinal.go:193 fp=0x1 sp=0x2 pc=0x3\n", "panic\n\"x\"\ng1 [running] m=0: runtime.runFinalizers() /go/mfinal.go:193"),
    (27, "panic: x\n\ngoroutine 1 [running]:\nmain.extra.func1-range1(0x2c492110cd70?)\n\t/app/main.go:18 +0x3\n", "panic\n\"x\"\ng1 [running]: main.extra.func1-range1(0x2c492110cd70?) /app/main.go:18+3"),
    (28, "panic: x\n\ngoroutine 1 [running]:\nexample.com/crash/gopkg%2ev3.(*Node).Decode.func1(...)\n\t/app/yaml.go:18\nmain.main()\n\t/app/main.go:5 +0x1d\n", "panic\n\"x\"\ng1 [running]: example.com/crash/gopkg%2ev3.(*Node).Decode.func1(...) /app/yaml.go:18 inlined; main.main() /app/main.go:5+1d"),
    (29, "panic: x\n\ngoroutine 1 [running]:\nmain.(*G[...]).Boom(...)\n\t/app/g.go:18\nmain.main()\n\t/app/main.go:5 +0x1d\n", "panic\n\"x\"\ng1 [running]: main.(*G[...]).Boom(...) /app/g.go:18 inlined; main.main() /app/main.go:5+1d"),
    (30, "panic: x\n\ngoroutine 1 [running]:\nmain.日本(0xa?)\n\t/app/main.go:18 +0x3\n", "panic\n\"x\"\ng1 [running]: main.日本(0xa?) /app/main.go:18+3"),
    (31, "panic: x\n\ngoroutine 1 [running]:\nmain.f()\n\t/no such dir/my file.y:77\nmain.main()\n\t/app/main.go:5 +0x1d\n", "panic\n\"x\"\ng1 [running]: main.f() /no such dir/my file.y:77; main.main() /app/main.go:5+1d"),
    (32, "panic: x\n\ngoroutine 1 [running]:\nmain.f()\n\tC:/Program Files/app/main.go:12 +0x1d\n", "panic\n\"x\"\ng1 [running]: main.f() C:/Program Files/app/main.go:12+1d"),
    (34, "fatal error: stack overflow\n\ngoroutine 1 [running]:\nmain.f()\n\t/app/main.go:9 +0x1d\n...153 frames elided...\nmain.main()\n\t/app/main.go:5 +0x1d\n", "fatal-error\n\"stack overflow\" fatal\ng1 [running]: main.f() /app/main.go:9+1d; main.main() /app/main.go:5+1d elided Some(153) after 1"),
    (35, "panic: x\n\ngoroutine 9 [running]:\nmain.f()\n\t/app/main.go:9 +0x1d\ncreated by time.goFunc\n\t/go/time/sleep.go:215 +0x2d\n", "panic\n\"x\"\ng9 [running]: main.f() /app/main.go:9+1d by time.goFunc of None"),
    (36, "panic: x\n\ngoroutine 9 [running]:\nmain.f()\n\t/app/main.go:9 +0x1d\ncreated by testing.(*T).Run in goroutine 1\n\t/go/testing/testing.go:1742 +0x390\n", "panic\n\"x\"\ng9 [running]: main.f() /app/main.go:9+1d by testing.(*T).Run of Some(1)"),
    (37, "panic: x\n\ngoroutine 9 [running]:\n\tgoroutine running on other thread; stack unavailable\ncreated by main.main in goroutine 1\n\t/app/main.go:9 +0x1d\n", "panic\n\"x\"\ng9 [running] unavailable:  by main.main of Some(1)"),
    (38, "panic: x\n\n$S\ngoroutine 7 ", "panic\n\"x\"\n$M\nLOSS the text ends inside a goroutine header"),
    (39, "SIGQUIT: quit\nPC=0x45 m=0 sigcode=0\n\n$Srax    0x0\nrip    0x45\n", "signal\nSIGQUIT code Some(0) at - pc 0x45\n$M\n2 registers"),
    (40, "SIGQUIT: quit\nPC=0x45 m=0 sigcode=0\n\n$S\nrax    0x1\n\n-----\n\nSIGQUIT: quit\nPC=0x46 m=1 sigcode=18446744073709551610\n\ngoroutine 3 [syscall]:\nmain.f()\n\t/app/main.go:9 +0x1d\nrax    0x2\n", "signal\nSIGQUIT code Some(0) at - pc 0x45\n$M\ng3 [syscall]: main.f() /app/main.go:9+1d\n1 registers\naside registers left out of further threads (GOTRACEBACK=crash): 1"),
    (41, "2026/11/23 04:49:21 http: panic serving 127.0.0.1:41052: multi\nline\ngoroutine 22 [running]:\nnet/http.(*conn).serve.func1()\n\t/go/net/http/server.go:1959 +0xbb\n", "panic\n\"multi\\nline\"\ng22 [running]: net/http.(*conn).serve.func1() /go/net/http/server.go:1959+bb"),
    (42, "main.f\n\t/path/main.go:12\nmain.main\n\t/path/main.go:5\nruntime.main\n\t/usr/local/go/src/runtime/proc.go:283\n", "goroutine-dump\nBare []: main.f() /path/main.go:12; main.main() /path/main.go:5; runtime.main() /usr/local/go/src/runtime/proc.go:283\nLOSS the stack has no goroutine header: which goroutine it is, and in what state, is not in the log"),
    (43, "fatal error: no goroutines (main called runtime.Goexit) - deadlock!\n", "fatal-error\n\"no goroutines (main called runtime.Goexit) - deadlock!\" fatal"),
    (44, "SIGSEGV: segmentation violation\nPC=0x7f59 m=0 sigcode=1 addr=0x0\nsignal arrived during cgo execution\n\ngoroutine 1 gp=0x1 m=0 mp=0x2 [syscall]:\nruntime.cgocall(0x1, 0x2)\n\t/go/runtime/cgocall.go:157 +0x4b fp=0x1 sp=0x2 pc=0x3\nmain._Cfunc_outer(0x10)\n\t_cgo_gotypes.go:97 +0x3f fp=0x1 sp=0x2 pc=0x4\nmain.main()\n\t/app/main.go:5 +0x1d fp=0x1 sp=0x2 pc=0x5\n", "signal\nSIGSEGV code Some(1) at 0x0 pc 0x7f59 in C\ng1 [syscall] m=0: runtime.cgocall(0x1, 0x2) /go/runtime/cgocall.go:157+4b; main._Cfunc_outer(0x10) _cgo_gotypes.go:97+3f; main.main() /app/main.go:5+1d"),
    (45, "panic: first\npanic during panic\n\nruntime stack:\nruntime.startpanic_m()\n\t/go/runtime/panic1.go:67 +0x141\n", "panic\n\"first\"\nSystemStack []: runtime.startpanic_m() /go/runtime/panic1.go:67+141\nnote panic during panic"),
    (46, "SIGABRT: abort\nPC=0x7f59 m=0 sigcode=18446744073709551610\n\ngoroutine 0 gp=0x57b840 m=0 mp=0x57c600 [idle]:\nruntime: g 0 gp=0x57b840: unknown pc 0x7f59e3f9aeec\nstack: frame={sp:0x7ffd8b1b0e50, fp:0x0} stack=[0x7ffd8a9b2440,0x7ffd8b1b1450)\n0x00007ffd8b1b0d50:  0x0000000000000000  0x00007f59e3f3a2b0 \n0x00007ffd8b1b0d60: >0x0000000000000000 <0x00007f59e3f3a2b0 \n\n$S", "signal\nSIGABRT code Some(-6) at - pc 0x7f59\ng0 [idle] m=0: \n$M\nnote runtime: g 0 gp=0x57b840: unknown pc 0x7f59e3f9aeec"),
    (47, "SIGQUIT: quit\nPC=0x45 m=0 sigcode=0\n\ngoroutine 0 gp=0x57b840 m=0 mp=0x57c600 [idle]:\nruntime.futex()\n\t/go/src/runtime/sys.s:1 +0x2 fp=0x1 sp=0x2 pc=0x3\n\ngoroutine 1 gp=0x1 m=nil [select (no cases)]:\nmain.main()\n\t/app/main.go:5 +0x1d fp=0x1 sp=0x2 pc=0x3\n\nrax    0x1\n", "signal\nSIGQUIT code Some(0) at - pc 0x45\ng0 [idle] m=0: runtime.futex() /go/src/runtime/sys.s:1+2\ng1 [select (no cases)] m=nil: main.main() /app/main.go:5+1d\n1 registers"),
    (48, "Exception 0xc0000005 0x0 0x10 0x7ff612\nPC=0x7ff612\nsignal arrived during external code execution\n\nruntime.cgocall(0x1, 0x2)\n\tC:/go/src/runtime/cgocall.go:157 +0x4b fp=0x1 sp=0x2 pc=0x3\nmain.main()\n\tC:/app/main.go:5 +0x1d fp=0x1 sp=0x2 pc=0x5\n\ngoroutine 2 gp=0x1 m=nil [force gc (idle)]:\nruntime.gopark()\n\tC:/go/proc.go:5 +0x1d fp=0x1 sp=0x2 pc=0x5\n\nrax     0x1\nrip     0x7ff612\n", "signal\n0xc0000005 code None at 0x10 pc 0x7ff612 in C\nBare []: runtime.cgocall(0x1, 0x2) C:/go/src/runtime/cgocall.go:157+4b; main.main() C:/app/main.go:5+1d\ng2 [force gc (idle)] m=nil: runtime.gopark() C:/go/proc.go:5+1d\n2 registers"),
];

#[test]
fn each_case_is_read_as_it_should_be() {
    for (number, text, want) in CASES {
        let found = crashes(&text.replace("$S", STACK));
        assert_eq!(found.len(), 1, "case {number}");
        assert_eq!(summary(&found[0]), want.replace("$M", MAIN), "case {number}");
    }
}

/// Case 33: 99 frames and neither a mark nor a creator.
#[test]
fn a_stack_that_stops_after_100_frames_is_told() {
    let frames = |count: usize| "main.walk()\n\t/app/main.go:7 +0x4\n".repeat(count);
    for (count, after, told) in [
        (99, "", true),
        (97, "", true),
        (98, "main.main()\n\t/app/main.go:5 +0x1d\n", false),
        (99, "created by main.main\n\t/app/main.go:5 +0x1d\n", false),
        (40, "", false),
        (100, "...additional frames elided...\n", false),
    ] {
        let text = format!("panic: x\n\ngoroutine 1 [running]:\n{}{after}", frames(count));
        let found = crashes(&text);
        assert_eq!(found[0].complete(), !told, "{count} {after}: {:?}", found[0].losses);
    }
}

#[test]
fn a_full_buffer_is_told() {
    let text = format!(
        "panic: x\n\n{STACK}\ngoroutine 7 [select]:\nmain.f(0x1)\n\t/app/main.go:9 +0x2\ncreated by main.main\n\t/app/main.go:3 +0x44"
    );
    let from = text.find("goroutine 7 ").unwrap() + 3;
    for end in from..text.len() - 2 {
        let cut = &text[..end];
        let found = crashes(cut);
        assert_eq!(found.len(), 1, "{cut}");
        // Between two frames, and inside an offset, nothing shows that more was to come.
        let whole_line = cut.ends_with('\n') && cut.lines().last().unwrap().starts_with('\t');
        let offset = cut.rsplit(" +0x").next().unwrap();
        let in_offset = !offset.is_empty() && offset.len() < 3;
        assert!(whole_line || in_offset || !found[0].complete(), "{cut}");
    }
}

#[test]
fn tinygo_is_named() {
    for (text, named) in [
        ("panic: runtime error at 0x00001234: index out of range\n", true),
        ("panic: runtime error at 0x0000000000401a2b: caught signal SIGSEGV\n", true),
        ("panic: runtime error: nil pointer dereference\nAborted\n", true),
        ("panic: runtime error: index out of range\n", false),
        ("panic: boom\n", false),
    ] {
        let found = crashes(text);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].dialect == Some(Dialect::TinyGo), named, "{text}");
        assert_eq!(found[0].complete(), named, "{text}");
    }
}

#[test]
fn a_fatal_note_of_plan_9() {
    let text = format!(
        "sys: trap: fault read addr=0x0 pc=0x20a3c1\nPC=0x20a3c1\n\n{STACK}\nax     0x0\nip     0x20a3c1\n"
    );
    let found = crashes(&text);
    assert_eq!(found[0].message(), "sys: trap: fault read addr=0x0 pc=0x20a3c1");
    assert_eq!((found[0].goroutines.len(), found[0].registers.len()), (1, 2));
}

/// A served panic whose value has two lines, right after another.
#[test]
fn served_panics_in_a_row() {
    let stack = "goroutine 22 [running]:\nnet/http.(*conn).serve.func1()\n\t/go/net/http/server.go:1959 +0xbb\ncreated by net/http.(*Server).Serve in goroutine 8\n\t/go/net/http/server.go:3604 +0x4fd\n";
    let head = "2026/11/23 04:49:21 http: panic serving 127.0.0.1:41052: ";
    let found = crashes(&format!(
        "{head}one\n{stack}{head}multi\nline\n{stack}http2: panic serving [::1]:5: x\n{stack}"
    ));
    assert_eq!(found.iter().map(Crash::message).collect::<Vec<_>>(), ["one", "multi\nline", "x"]);
    let long = "main.f()\n\t/app/main.go:5 +0x1\n".repeat(3000);
    let cut = crashes(&format!("{head}one\ngoroutine 1 [running]:\n{long}INFO next\n"));
    assert!(cut[0].losses[0].contains("64 KiB"), "{:?}", cut[0].losses);
}

/// The runtime's second failure, while it prints the first.
#[test]
fn a_panic_at_a_bad_moment() {
    let text =
        format!("panic: first\npreempt off reason: X\nfatal error: panic during preemptoff\n\n{STACK}");
    let found = crashes(&text);
    assert_eq!(found.len(), 1);
    let chain: Vec<_> = found[0].chain.iter().map(|link| (link.message.as_str(), link.fatal)).collect();
    assert_eq!(chain, [("first", false), ("panic during preemptoff", true)]);

    // Go 1.27 on a Core Duo that lacks an instruction.
    let text = "fatal error: runtime·lock: lock count\nfatal error: runtime·unlock: lock count\npanic during panic\n\nruntime stack:\nruntime.throw({0x80e90db, 0x1b})\n\t/go/src/runtime/panic.go:1243 +0x35 fp=0x4080058c sp=0x40800578 pc=0x80c6fd5\n";
    let found = crashes(text);
    assert_eq!((found.len(), found[0].chain.len()), (1, 2));
    assert_eq!(found[0].notes, ["panic during panic"]);
}

#[test]
fn what_the_host_says_after_it() {
    for line in ["exit status 2", "exit code: 2"] {
        let found = crashes(&format!("panic: x\n\n{STACK}{line}\nnext\n"));
        assert_eq!((found.len(), found[0].exit), (1, Some(2)), "{line}");
    }
    let broken = crashes("panic: x\npanic during panic\nstack trace unavailable\nINFO restarted\n");
    assert_eq!(broken.len(), 1);
    assert_eq!(broken[0].notes, ["panic during panic", "stack trace unavailable"]);
    assert!(!broken[0].complete());
}
