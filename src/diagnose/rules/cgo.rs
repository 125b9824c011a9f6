//! C code: switched off where a package needs it, or crashing.

use super::super::{
    Answer, Case, Confidence, Docs, Evidence, Finding, Remedy, Rule, Verdict, first_line, message_evidence,
};
use crate::trace::{Code, Complaint, Kind};

pub(super) const CGO_PACKAGE_DISABLED: Rule = Rule {
    id: "cgo-package-disabled",
    title: "built without cgo, but a package needs it",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "The program was built with CGO_ENABLED=0 and uses a package that works only with cgo.",
        why: "Such packages compile to stubs, or lose the files that register a driver, and fail at first use. \
              Cross-compiling switches cgo off by default, and so does a missing C compiler since Go 1.20.",
        evidence: "The sentence of go-sqlite3's stub is certain alone. `sql: unknown driver \"sqlite3\"` is likely with \
                   CGO_ENABLED=0 and the module in build info.",
        look_alikes: "`unknown driver` with cgo on is a forgotten import. A pure Go driver (modernc.org/sqlite) has \
                      another name (\"sqlite\") and never says this.",
        fix: "CGO_ENABLED=1 with a C compiler for the target (CC=aarch64-linux-gnu-gcc when cross-compiling), or a pure \
              Go package (modernc.org/sqlite).",
        since: "All Go versions.",
    },
    check: cgo_package_disabled,
};

const UNKNOWN_DRIVER: &str = "sql: unknown driver \"sqlite3\"";
const SQLITE: &str = "github.com/mattn/go-sqlite3";

fn cgo_package_disabled(case: &Case<'_>) -> Answer {
    let Some(crash) = case.crash else { return Answer::Irrelevant };
    let says = |text: &str| crash.chain.iter().any(|link| link.message.contains(text));
    let stub = case.error(|c| matches!(c, Complaint::NeedsCgo));
    let enabled = case.binary.and_then(|b| b.facts.cgo_enabled.as_ref());
    let has_module = case
        .binary
        .and_then(|b| b.facts.build.as_ref())
        .is_some_and(|build| build.deps.iter().any(|dep| dep.path == SQLITE));
    let driver = says(UNKNOWN_DRIVER);
    if stub.is_none() && !driver {
        return if crash.kind == Kind::Panic { Answer::Clear } else { Answer::Irrelevant };
    }
    if driver && stub.is_none() && enabled.is_none() {
        return Answer::NotAsked("the executable: -b");
    }
    if driver && stub.is_none() && !(has_module && enabled.is_some_and(|fact| !fact.value)) {
        return Answer::Clear;
    }
    let stated = stub.is_some();
    let mut evidence = vec![stub.map_or_else(|| message_evidence(crash), |(_, evidence)| evidence)];
    if let (Some(binary), Some(fact)) = (case.binary, enabled) {
        evidence.push(binary.evidence(format!("CGO_ENABLED={}", u8::from(fact.value)), &fact.from));
    }
    let contradicted = enabled.is_some_and(|fact| fact.value);
    let confidence = if stated && !contradicted { Confidence::Certain } else { Confidence::Likely };
    Answer::Found(Finding {
        fault: "cgo-package-disabled",
        claim: format!("{SQLITE} needs cgo, and the program was built with CGO_ENABLED=0"),
        confidence,
        evidence,
        fix: vec![
            Remedy::noted(
                format!("CGO_ENABLED=1 go build {}", case.main_package()),
                "needs a C compiler for the target",
            ),
            Remedy::advice("or use modernc.org/sqlite, which is pure Go"),
        ],
        decide: contradicted
            .then(|| "the executable given says CGO_ENABLED=1: is it the one that wrote the log?".to_owned()),
        explains: true,
    })
}

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
            Remedy::noted("GOTRACEBACK=crash ./app", "leaves a core dump; then gdb ./app core, `bt`"),
            Remedy::noted(
                format!("go build -asan {}", case.main_package()),
                "finds the first bad access, not the last",
            ),
        ],
        decide: None,
        explains: true,
    })
}
