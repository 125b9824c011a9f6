//! Rules between Go and C that a program breaks: `cgo-pointer-rules`,
//! `cgo-signal-onstack`.

use super::super::{
    Answer, Case, Confidence, Docs, Evidence, Finding, From, Remedy, Rule, Verdict, first_line,
    message_evidence,
};
use crate::trace::{Code, Crash};

pub(super) const CGO_POINTER_RULES: Rule = Rule {
    id: "cgo-pointer-rules",
    title: "a Go pointer where C may not see it",
    blames: Verdict::ProgramBug,
    docs: Docs {
        what: "Go code gave C memory that holds a Go pointer, or a Go function that C called returned one.",
        why: "The garbage collector knows nothing of what C keeps. A pointer to Go memory may be passed for the time of the \
              call, but what it points to may not hold further Go pointers unless they are pinned (runtime.Pinner, Go \
              1.21). The runtime checks arguments and results of cgo calls and panics.",
        evidence: "The runtime's own words: `cgo argument has Go pointer to [unpinned] Go pointer`, `argument of cgo \
                   function has Go pointer to unpinned Go pointer` (1.26), `cgo result …`, and with \
                   GOEXPERIMENT=cgocheck2 `unpinned Go pointer stored into non-Go memory`. Certain.",
        look_alikes: "`checkptr:` is Go's own use of unsafe. `found bad pointer in Go heap` is memory that was already \
                      damaged. GODEBUG=cgocheck=0 only hides the fault.",
        fix: "Copy the data to C memory (C.malloc, C.CString), pin what is pointed to (runtime.Pinner), or pass a \
              cgo.Handle.",
        since: "Go 1.6 and later; without `unpinned` up to 1.20. Run with 1.19, 1.21, 1.22, 1.25 and 1.27.",
    },
    check: cgo_pointer_rules,
};

/// Parts of the runtime's messages (runtime/cgocall.go and cgocheck.go, 1.19 to 1.27),
/// and what is wrong by them.
const POINTERS: [(&str, &str); 5] = [
    ("cgo argument has Go pointer to ", "C was given memory that holds a Go pointer"),
    ("argument of cgo function has Go pointer to unpinned Go ", "C was given memory that holds a Go pointer"),
    ("cgo result ", "a Go function returned a Go pointer to C"),
    (" called from cgo is unpinned Go ", "a Go function returned a Go pointer to C"),
    ("Go pointer stored into non-Go memory", "a Go pointer was stored in memory of C"),
];

fn broken(crash: &Crash) -> Option<&'static str> {
    crash.chain.iter().find_map(|link| {
        let message = link.message.strip_prefix("runtime error: ");
        let message = if link.fatal { &*link.message } else { message? };
        let about = message.contains("Go pointer") || message.contains("unpinned Go ");
        POINTERS.iter().find(|(part, _)| about && message.contains(part)).map(|(_, what)| *what)
    })
}

/// C code is in no executable of this case: it did not write the log.
fn is_pure(case: &Case<'_>) -> bool {
    case.binary.and_then(|b| b.facts.cgo.linked.as_ref()).is_some_and(|fact| !fact.value)
}

fn cgo_pointer_rules(case: &Case<'_>) -> Answer {
    let Some(crash) = case.crash.filter(|crash| !crash.chain.is_empty()) else { return Answer::Irrelevant };
    let Some(what) = broken(crash).filter(|_| !is_pure(case)) else { return Answer::Irrelevant };
    let mut evidence = vec![message_evidence(crash)];
    let frames = crash.crashing_goroutine().map(|g| crash.frames_of(g)).unwrap_or_default();
    if let Some(call) = frames.iter().find(|frame| crash.code(frame) == Code::Cgo) {
        let fact = format!("the goroutine was in {}", crash.function(call));
        evidence.push(Evidence { from: From::Log, fact, place: first_line(crash) });
    }
    let place = crash.user_site().map(|frame| format!(", in {}", crash.function(frame))).unwrap_or_default();
    Answer::Found(Finding {
        fault: CGO_POINTER_RULES.id,
        claim: format!("{what}{place}"),
        confidence: Confidence::Certain,
        evidence,
        fix: vec![
            Remedy::advice("copy the data to memory of C (C.malloc, C.CString) before the call"),
            Remedy::advice("or pin what is pointed to for as long as C uses it: runtime.Pinner (Go 1.21)"),
            Remedy::advice("or give C a number for the value: cgo.NewHandle"),
        ],
        decide: None,
        explains: true,
    })
}

pub(super) const CGO_SIGNAL_ONSTACK: Rule = Rule {
    id: "cgo-signal-onstack",
    title: "C code took SA_ONSTACK from a signal handler",
    blames: Verdict::ProgramBug,
    docs: Docs {
        what: "A signal arrived at Go's handler on the stack of a goroutine: C code had installed that handler again \
               without SA_ONSTACK.",
        why: "Stacks of goroutines are too small for a signal handler, so Go's runs on a stack of its own, which the flag \
              SA_ONSTACK asks for. Libraries that save and set handlers again without it (Java's virtual machine, \
              some SDKs, sanitizers) make the kernel use the goroutine's stack. The runtime sees that and stops.",
        evidence: "`fatal error: non-Go code set up signal handler without SA_ONSTACK flag`: certain. The line before it \
                   names the signal's number.",
        look_alikes: "`fatal: morestack on gsignal` and `fatal: bad g in signal handler` have other causes too, emulators \
                      among them. A handler of C's own without SA_ONSTACK is not noticed, until it overflows the stack.",
        fix: "Set sa_flags |= SA_ONSTACK wherever C code installs a handler; for Java -Xrs or libjsig.",
        since: "All Go versions with cgo; the line with the stacks since Go 1.21. Run with 1.19 to 1.27.",
    },
    check: cgo_signal_onstack,
};

fn cgo_signal_onstack(case: &Case<'_>) -> Answer {
    let Some(crash) = case.crash.filter(|crash| !crash.chain.is_empty()) else { return Answer::Irrelevant };
    let said = |text: &str| text == "non-Go code set up signal handler without SA_ONSTACK flag";
    if is_pure(case) || !crash.chain.iter().any(|link| link.fatal && said(&link.message)) {
        return Answer::Irrelevant;
    }
    let mut evidence = vec![message_evidence(crash)];
    let note = crash.notes.iter().find(|note| note.ends_with("received but handler not on signal stack"));
    evidence.extend(note.map(|note| Evidence {
        from: From::Log,
        fact: format!("\"{note}\""),
        place: first_line(crash),
    }));
    let number = note.and_then(|note| note.split(' ').nth(1)).map(|n| format!(" {n}")).unwrap_or_default();
    Answer::Found(Finding {
        fault: CGO_SIGNAL_ONSTACK.id,
        claim: format!("C code set up the handler of signal{number} without SA_ONSTACK"),
        confidence: Confidence::Certain,
        evidence,
        fix: vec![
            Remedy::advice("set SA_ONSTACK in sa_flags wherever C code calls sigaction"),
            Remedy::noted(
                "strace -f -e rt_sigaction ./app",
                "shows who sets a handler without SA_ONSTACK, after which library was loaded",
            ),
        ],
        decide: None,
        explains: true,
    })
}
