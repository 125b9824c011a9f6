//! C code that crashes.

use super::super::{Answer, Case, Confidence, Docs, Evidence, Finding, Remedy, Rule, Verdict, first_line};
use crate::trace::Code;

pub(super) const CGO_C_CRASH: Rule = Rule {
    id: "cgo-c-crash",
    title: "the fault is in C code",
    blames: Verdict::ProgramBug,
    docs: Docs {
        what: "A signal arrived while C code was running, called through cgo.",
        why: "The Go runtime can turn a fault of Go code into a panic, but not one of C code: it prints the signal, the \
              goroutine that made the call, and ends. The C frames are not in the trace unless \
              runtime.SetCgoTraceback is used; the pc tells the place.",
        evidence: "`signal arrived during cgo execution`, and the Go frame of the call (`_Cfunc_…`).",
        look_alikes: "A nil dereference of Go code says `panic: runtime error: invalid memory address` and `[signal …]`, \
                      in a cgo program too. A fault on a thread that C made prints nothing at all. sigcode=0 \
                      is a kill(2) that happened to arrive while C code ran.",
        fix: "Debug the C code: gdb or a core dump (GOTRACEBACK=crash), -asan builds (Go 1.18+).",
        since: "All Go versions with cgo; the C frames never were in the trace by default.",
    },
    check: cgo_c_crash,
};

fn cgo_c_crash(case: &Case<'_>) -> Answer {
    let Some(crash) = case.crash else { return Answer::Irrelevant };
    let Some(signal) = crash.signal.as_ref().filter(|signal| signal.in_cgo) else {
        return if crash.signal.is_some() { Answer::Clear } else { Answer::Irrelevant };
    };
    // si_code 0 is kill(2): C code was running, but it did not fail.
    if crash.asked_for() || signal.code == Some(0) {
        return Answer::Clear;
    }
    let pure = case.binary.and_then(|b| b.facts.cgo.linked.as_ref()).is_some_and(|fact| !fact.value);
    if pure {
        // No C code is in this executable: it did not write the log, and the
        // rule about that says so.
        return Answer::Clear;
    }
    let mut evidence = vec![Evidence {
        from: super::super::From::Log,
        fact: format!("\"{}\", \"signal arrived during cgo execution\"", signal.describe()),
        place: first_line(crash),
    }];
    let frames = crash.crashing_goroutine().map(|g| crash.frames_of(g)).unwrap_or_default();
    let call = frames.iter().find(|frame| crash.code(frame) == Code::Cgo).map(|frame| crash.function(frame));
    let c_function =
        call.and_then(|name| name.split_once("_Cfunc_").or(name.split_once("_C2func_"))).map(|(_, c)| c);
    if let Some(call) = call {
        let fact = format!("the goroutine was in {call}");
        evidence.push(Evidence { from: super::super::From::Log, fact, place: first_line(crash) });
    }
    if let Some(binary) = case.binary
        && let Some(linked) = &binary.facts.cgo.linked
    {
        evidence.push(binary.evidence("C code is linked in", &linked.from));
    }
    let what =
        c_function.map_or("C code".to_owned(), |name| format!("the C function {name} or what it calls"));
    let claim = match (signal.name.as_str(), signal.code) {
        // SI_TKILL from the process itself: abort(3) and assert(3).
        ("SIGABRT", Some(-6)) => {
            format!("{what} aborted: abort(), a failed assert(), or the C library's own check")
        }
        _ => format!("{} in {what}", signal.describe()),
    };
    Answer::Found(Finding {
        fault: "cgo-c-crash",
        claim,
        confidence: Confidence::Certain,
        evidence,
        fix: vec![
            if crash.source.core {
                Remedy::noted(
                    "gdb ./app core -ex bt",
                    "the whole C stack, with the libraries of that machine",
                )
            } else {
                Remedy::noted("GOTRACEBACK=crash ./app", "leaves a core dump; then gdb ./app core, `bt`")
            },
            Remedy::noted(
                format!("go build -asan {}", case.main_package()),
                "finds the first bad access, not the last",
            ),
        ],
        decide: None,
        explains: true,
    })
}
