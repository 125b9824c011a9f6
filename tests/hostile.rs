//! Bad input is normal: whatever is cut, changed or made up, nothing panics,
//! and time and memory stay bounded.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

use panicmap::addr::LinkAddr;
use panicmap::binary::Binary;
use panicmap::dump;
use panicmap::fit::fit;
use panicmap::source::{Bytes, Limits, Origin, from_bytes};
use panicmap::symbolize::{Mode, Symbolizer};
use panicmap::trace::{self, Crash};
use proptest::prelude::*;

#[path = "support/executables.rs"]
mod executables;

fn corpus(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(path).to_str().unwrap().to_owned()
}

fn crashes(text: Vec<u8>) -> Vec<Crash> {
    // A mutation may turn the first bytes into a codec's magic number.
    from_bytes("log", text, Limits::default())
        .map(|document| trace::read(&document, &Default::default()).crashes)
        .unwrap_or_default()
}

fn logs() -> Vec<Vec<u8>> {
    let cases = std::fs::read_dir(corpus("cases")).unwrap();
    // A case about an exit status alone has no log.
    let mut logs: Vec<_> =
        cases.filter_map(|case| std::fs::read(case.unwrap().path().join("log")).ok()).collect();
    assert!(logs.len() > 100, "{}", logs.len());
    logs.sort();
    logs
}

/// Touches everything that a report would touch.
fn look(crash: &Crash) {
    for goroutine in &crash.goroutines {
        for frame in crash.frames_of(goroutine) {
            let _ = (crash.function(frame), crash.code(frame), trace::parse_args(crash.arguments(frame)));
        }
    }
    let _ = (crash.message(), crash.user_site(), crash.user_caller(), trace::signature(crash));
    let _ = trace::explain(crash);
    let groups = dump::groups(crash, crash.goroutines.iter());
    for group in &groups {
        let _ = (group.site(), group.creators(), group.attributes(), group.elided());
        (0..group.frames().len()).for_each(|frame| drop(group.arguments(frame).text()));
    }
    let all: Vec<_> = crash.goroutines.iter().collect();
    // Counts of a mutated profile may be as large as a number can be.
    let sum = groups.iter().map(dump::Group::count).fold(0, usize::saturating_add);
    assert_eq!(sum, dump::count(&all));
    let side = || dump::Side::new(crash, 1, 1, &dump::Filter::default());
    assert!(dump::diff(side(), side()).changes.is_empty());
}

#[test]
fn a_log_cut_anywhere_is_read() {
    for log in logs().iter().filter(|log| log.len() < 4000) {
        let step = if log.len() < 1000 { 1 } else { 3 };
        for end in (0..log.len()).step_by(step) {
            crashes(log[..end].to_vec()).iter().for_each(look);
        }
    }
}

/// Cutting the tail never invents a crash, and what is cut is not called whole:
/// of a log of one complete crash, a shorter text has at most that crash.
#[test]
fn a_cut_tail_is_told() {
    let log = std::fs::read(corpus("cases/nil-method-inlined/log")).unwrap();
    let whole = crashes(log.clone()).remove(0);
    assert!(whole.complete());
    for end in 0..log.len() {
        let found = crashes(log[..end].to_vec());
        assert!(found.len() <= 1, "{end}");
        let cut_inside_frame = log[..end].ends_with(b")\n");
        if cut_inside_frame {
            assert!(!found[0].complete(), "{}", String::from_utf8_lossy(&log[..end]));
        }
    }
}

#[test]
fn lines_end_in_cr_lf_too() {
    for log in logs() {
        let text = String::from_utf8_lossy(&log).into_owned();
        // Text that is not UTF-8 would change by the conversion itself.
        if text.as_bytes() != log || text.contains('\r') {
            continue;
        }
        let (unix, dos) = (crashes(log), crashes(text.replace('\n', "\r\n").into_bytes()));
        let key =
            |crash: &Crash| (crash.kind, crash.message(), crash.frames.len(), trace::signature(crash).id);
        assert_eq!(unix.iter().map(key).collect::<Vec<_>>(), dos.iter().map(key).collect::<Vec<_>>());
    }
}

#[test]
fn one_endless_line_is_bounded() {
    let text = [b"panic: ".to_vec(), vec![b'x'; 20 << 20]].concat();
    assert_eq!(crashes(text).len(), 1);
    let text = [b"goroutine 1 [".to_vec(), vec![b'['; 20 << 20]].concat();
    assert_eq!(crashes(text).len(), 0);
    // Lines that look like a beginning must not each search the rest of the text.
    for line in [
        "panic: x\nplain line\n",
        "INFO panic: x happened\n",
        "goroutine 1 [running]:\n",
        "goroutine 1 [running]:\n\n",
        "2026/11/23 04:49:21 http: panic serving 1.1.1.1:2: x\n",
        "SIGQUIT: quit\n",
        "runtime: note\n",
        "WARNING: DATA RACE\n",
        "==1==ERROR: AddressSanitizer: x\n    #0 0x1 in f /a.c:5\n",
        "goroutine profile: total 5\n",
        "sys: trap: fault read\n",
        "f.x()\n\t/a.c:5 +0x1\n",
        "f.x\n\t/a.c:5\n",
        "x +0x1\n\t/a.go:5\nruntime.main\nruntime.goexit\n",
        "main.f()\n\t/a.go:5 +0x1\n\n",
    ] {
        let start = std::time::Instant::now();
        assert_eq!(crashes(line.repeat(30_000).into_bytes()).len(), 0, "{line}");
        assert!(start.elapsed().as_secs() < 15, "{line}: {:?}", start.elapsed());
    }
}

/// A million of everything that a crash can hold a few of.
#[test]
fn one_endless_crash_is_bounded() {
    let start = std::time::Instant::now();
    let stack = "goroutine 7 [select]:\nmain.main()\n\t/app/main.go:5 +0x1d\n";
    for text in [
        format!("panic: x\n\n{stack}{}", "goroutine 7 [select]:\n".repeat(1_000_000)),
        format!("panic: x\n\n{stack}{}", "main.f(0x1)\n\t/app/main.go:5 +0x1d\n".repeat(200_000)),
        format!("panic: x\n\n{stack}main.f({})\n\t/a.go:5 +0x1\n", "{".repeat(8 << 20)),
        format!("panic: x\n\n{stack}main.f({})\n\t/a.go:5 +0x1\n", "0x1, ".repeat(1 << 20)),
        format!("panic: {}\n\n{stack}", "\0".repeat(8 << 20)),
        format!("panic: x\n{}\n{stack}", "\tpanic: x\n".repeat(20_000)),
        format!("panic: x\n\n{stack}{}", "rax    0x1\n".repeat(200_000)),
        format!("panic: x\n\n{stack}{}", "[originating from goroutine 1]:\n".repeat(200_000)),
        format!(
            "panic: x\n\ngoroutine 1 [a] {{{}}}:\nmain.main()\n\t/a.go:5 +0x1\n",
            "k: v, ".repeat(200_000)
        ),
        "main.f\n\t/app/main.go:5\n".repeat(2_000),
        "main.f()\n\t/app/main.go:5 +0x1\n".repeat(200_000),
        format!(
            "goroutine profile: total 200000\n{}",
            "1 @ 0x1\n#\t0x0\tmain.f+0x1\t/a.go:5\n\n".repeat(200_000)
        ),
    ] {
        let head: String = text.chars().take(60).collect();
        let found = crashes(text.into_bytes());
        assert_eq!(found.len(), 1, "{head:?}");
        found.iter().for_each(look);
    }
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

fn fixture() -> Vec<u8> {
    executables::executable("fixture-go1.24.11-linux-amd64")
}

fn look_into(bytes: Vec<u8>, crash: &Crash) {
    let Ok(binary) = Binary::from_bytes(Origin::new("mutant"), Bytes::Owned(bytes)) else { return };
    let _ = (binary.facts(), fit(crash, &binary));
    let addresses = (0x40_1000u64..0x46_0000).step_by(0x3331).map(LinkAddr);
    for mode in [Mode::Auto, Mode::Dwarf, Mode::Pclntab] {
        let symbolizer = Symbolizer::new(&binary, mode);
        for address in addresses.clone().take(20) {
            let _ = symbolizer.resolve(address);
        }
    }
}

#[test]
fn an_executable_cut_anywhere_is_refused_or_read() {
    let whole = fixture();
    let crash = crashes(std::fs::read(corpus("cases/nil-method-inlined/log")).unwrap()).remove(0);
    for step in 0..60 {
        look_into(whole[..whole.len() * step / 60].to_vec(), &crash);
    }
    for end in 0..200 {
        look_into(whole[..end].to_vec(), &crash);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_logs_are_read(which in 0usize..1000, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40)) {
        let logs = logs();
        let mut log = logs[which % logs.len()].clone();
        for (index, byte) in changes {
            let at = index.index(log.len().max(1));
            if let Some(slot) = log.get_mut(at) {
                *slot = byte;
            }
        }
        crashes(log).iter().for_each(look);
    }

    #[test]
    fn made_up_traces_are_read(text in "((panic: |fatal error: |goroutine [0-9]{1,3} \\[|\\]:|main\\.f\\(|\\)|0x[0-9a-f]{1,20}|\\{|\\}|, |\\.\\.\\.|\t|/a\\.go:[0-9]{1,12}|\n| \\+0x1|created by |\\[signal SIGSEGV|\\[recovered\\]|PC=0x1|SIGQUIT: quit\n|runtime stack:|==================\n|WARNING: DATA RACE\n|  m\\.f\\(\\)\n|é|\u{0})){0,60}") {
        crashes(text.into_bytes()).iter().for_each(look);
    }

    #[test]
    fn changed_executables_are_refused_or_read(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..60), early in any::<bool>()) {
        let mut bytes = fixture();
        // Half of the mutants are changed where the headers are.
        let range = if early { 8192 } else { bytes.len() };
        for (index, byte) in changes {
            bytes[index.index(range)] = byte;
        }
        let crash = crashes(std::fs::read(corpus("cases/nil-method-inlined/log")).unwrap()).remove(0);
        look_into(bytes, &crash);
    }
}
