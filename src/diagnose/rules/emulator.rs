//! `emulator-crash`.

use super::super::{
    Answer, Case, Confidence, Docs, Evidence, Finding, From, Remedy, Rule, Verdict, first_line,
    host_evidence, message_evidence,
};
use crate::target::Goarch;
use crate::trace::{Code, Complaint, Crash, Kind};

pub(super) const EMULATOR_CRASH: Rule = Rule {
    id: "emulator-crash",
    title: "an emulator ran the program, and may be what failed",
    blames: Verdict::Environment,
    docs: Docs {
        what: "The program ran under qemu-user, Rosetta or the like, and ended in a way that is the emulator's.",
        why: "qemu-i386 loses the thread-local storage of a 386 program when a preemption signal meets a second thread: any \
              Go program since 1.14 then fails within the runtime, in another way each time, as if its memory were \
              corrupted. 25 of 25 runs of a program that prints one line failed so under qemu-i386 7.2, and none with \
              GODEBUG=asyncpreemptoff=1. Other emulators lack instructions or system calls, or stop by an assertion of \
              their own.",
        evidence: "`qemu: uncaught target signal` in the log, an assertion of qemu, a host whose cpuinfo is another family's \
                   than its `uname -m`, a thread stack at 0x40001000 to 0x40801000 in a 32-bit trace, where qemu-user puts \
                   it. For 386: a fault within the runtime with any of these is likely; one of its typical texts without \
                   (`runtime·lock: lock count`, `mallocgc called without a P`) is possible.",
        look_alikes: "A CPU level above the emulated core is a SIGILL with that line of qemu, too: the level decides. Memory \
                      that the program itself corrupts (unsafe, cgo, a data race) shows on real machines as well.",
        fix: "Run natively, or build for the architecture of the machine; GODEBUG=asyncpreemptoff=1 under qemu-i386.",
        since: "Go 1.14 for 386, when asynchronous preemption came.",
    },
    check: emulator_crash,
};

/// Texts of a runtime that found its own state wrong, as they were seen under qemu-i386 7.2.
const TYPICAL: [&str; 4] = [
    "runtime·lock: lock count",
    "runtime·unlock: lock count",
    "mallocgc called without a P or outside bootstrapping",
    "stackalloc not on scheduler stack",
];

fn emulator_crash(case: &Case<'_>) -> Answer {
    let Some(crash) = case.crash else { return Answer::Irrelevant };
    if let Some((_, log)) = case.complaint(|c| *c == Complaint::EmulatorFailed) {
        return Answer::Found(Finding {
            claim: "the emulator stopped by an assertion of its own".to_owned(),
            ..finding(case, Confidence::Certain, vec![log])
        });
    }
    let marks = marks(case, crash);
    match crash.kind {
        Kind::Launch => {
            let killed = case.silent_signal().filter(|_| !marks.is_empty());
            let Some((signal, log)) = killed else { return Answer::Irrelevant };
            let mut evidence = vec![log];
            evidence.extend(marks.into_iter().filter(|mark| mark.from != From::Log));
            Answer::Found(Finding {
                claim: format!("it died of {signal} under an emulator, which may be the reason"),
                ..finding(case, Confidence::Possible, evidence)
            })
        }
        Kind::Signal | Kind::FatalError if is_386(case, crash) && within_runtime(crash) => {
            let typical = TYPICAL.iter().any(|text| crash.message().contains(text));
            let confidence = match (marks.is_empty(), typical) {
                (false, _) => Confidence::Likely,
                (true, true) => Confidence::Possible,
                (true, false) => return Answer::Irrelevant,
            };
            let mut evidence = vec![message_evidence(crash)];
            evidence.extend(marks);
            Answer::Found(Finding {
                claim:
                    "qemu-i386 garbles the threads of Go programs: the fault is within the runtime of a 386 \
                        program"
                        .to_owned(),
                ..finding(case, confidence, evidence)
            })
        }
        _ => Answer::Irrelevant,
    }
}

fn finding(case: &Case<'_>, confidence: Confidence, evidence: Vec<Evidence>) -> Finding {
    let mut fix = vec![Remedy::advice("run it on a machine of its own architecture")];
    if case.binary.is_some_and(|b| b.facts.goarch.as_ref().is_some_and(|arch| arch.value == Goarch::I386))
        || case.crash.is_some_and(|crash| crash.kind != Kind::Launch)
    {
        fix.push(Remedy::noted("GODEBUG=asyncpreemptoff=1 ./app", "keeps qemu-i386 from failing so"));
    }
    Finding {
        fault: "emulator-crash",
        claim: String::new(),
        confidence,
        evidence,
        fix,
        decide: (confidence != Confidence::Certain)
            .then(|| "does it fail on a real machine, too, without qemu or Rosetta?".to_owned()),
        explains: true,
    }
}

/// What tells that an emulator ran the program.
fn marks(case: &Case<'_>, crash: &Crash) -> Vec<Evidence> {
    let mut marks = Vec::new();
    let said = crash.remarks.iter().find(|remark| remark.speaker == "qemu-user");
    marks.extend(said.map(|remark| Evidence {
        from: From::Log,
        fact: format!("\"{}\"", remark.text),
        place: format!("line {}, qemu-user", remark.line),
    }));
    marks.extend(
        case.host.and_then(|host| host.emulation()).map(|fact| host_evidence(fact.value.clone(), &fact)),
    );
    let pointers = crash.frames.iter().filter_map(|frame| crash.pointers(frame));
    let stack = pointers.map(|pointers| pointers.sp).find(|sp| QEMU_STACK.contains(sp));
    marks.extend(stack.map(|sp| Evidence {
        from: From::Log,
        fact: format!("sp={sp:#x} is where qemu-user puts the stack of a 32-bit program"),
        place: first_line(crash),
    }));
    marks
}

/// `[stack]` in /proc/self/maps of a 386 and of an arm program under qemu-user 7.2; a kernel
/// puts it below the top of the address space.
const QEMU_STACK: std::ops::Range<u64> = 0x4000_1000..0x4080_1000;

fn is_386(case: &Case<'_>, crash: &Crash) -> bool {
    let arch = case.binary.and_then(|binary| binary.facts.goarch.as_ref());
    match arch {
        Some(arch) => arch.value == Goarch::I386,
        None => crash.frames.iter().any(|frame| crash.file(frame).ends_with("_386.s")),
    }
}

/// No frame of the program's own at the top of the stack that failed.
fn within_runtime(crash: &Crash) -> bool {
    let failed = crash.goroutines.iter().find(|goroutine| goroutine.is_system());
    let Some(goroutine) = failed.or(crash.crashing_goroutine()) else { return true };
    crash.frames_of(goroutine).first().is_none_or(|frame| crash.code(frame) == Code::Runtime)
}
