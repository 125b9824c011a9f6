//! A filter of system calls forbids what the runtime needs.

use super::super::{
    Answer, Case, Confidence, Docs, Evidence, Finding, From, Remedy, Rule, Verdict, first_line,
    message_evidence,
};
use crate::addr::RuntimeAddr;
use crate::binary::version_key;
use crate::target::{Goarch, Goos};
use crate::trace::{Complaint, Crash, Kind};

pub(super) const SECCOMP_BLOCKS_THREADS: Rule = Rule {
    id: "seccomp-blocks-threads",
    title: "a seccomp filter forbids new threads",
    blames: Verdict::Environment,
    docs: Docs {
        what: "The program could not create a thread, with EPERM: a filter of system calls forbids clone or clone3.",
        why: "Every Go program has several threads. glibc 2.34 and later create them by clone3, and go back to clone only \
              where that answers ENOSYS; the profiles of Docker before 20.10.10 and of libseccomp before 2.5 answer EPERM \
              for calls that they do not know. The pure Go runtime uses clone alone and runs under such a profile.",
        evidence: "`pthread_create failed: Operation not permitted` (cgo) or `failed to create new OS thread (…; errno=1)` \
                   (pure Go): likely. A kernel itself has no reason to answer EPERM there; the filter is not seen.",
        look_alikes: "errno=11 and `Resource temporarily unavailable` are a limit on threads, not a filter. A sandbox \
                      such as gVisor, or a security module, may give EPERM as well.",
        fix: "Upgrade the container runtime and libseccomp of the host; `docker run --security-opt seccomp=unconfined` \
              once, to confirm; or CGO_ENABLED=0.",
        since: "clone3: cgo programs against glibc 2.34 or later, with any Go version.",
    },
    check: seccomp_blocks_threads,
};

/// What the runtime or runtime/cgo says of a thread that could not be made:
/// the text, whether it was EPERM, and whether C made the thread.
pub(super) fn no_thread(crash: &Crash) -> Option<(&str, bool, bool)> {
    let note = |start: &str| crash.notes.iter().find(|note| note.starts_with(start)).map(String::as_str);
    if let Some(text) = note("runtime/cgo: pthread_create failed: ") {
        return Some((text, text.ends_with("Operation not permitted"), true));
    }
    let text = note("runtime: failed to create new OS thread (")?;
    Some((text, text.contains("errno=1)"), false))
}

pub(super) fn quoted(text: &str, crash: &Crash) -> Evidence {
    Evidence { from: From::Log, fact: format!("\"{text}\""), place: first_line(crash) }
}

fn seccomp_blocks_threads(case: &Case<'_>) -> Answer {
    let Some((crash, (text, forbidden, by_c))) =
        case.crash.and_then(|crash| Some((crash, no_thread(crash)?)))
    else {
        return Answer::Irrelevant;
    };
    if !forbidden {
        return Answer::Clear;
    }
    let mut evidence = vec![quoted(text, crash)];
    let call = if by_c { "clone3 (or clone)" } else { "clone" };
    if let (Some(binary), true) = (case.binary, by_c)
        && let Some(floor) = &binary.facts.glibc
    {
        let new = version_key(&floor.version) >= vec![2, 34];
        if new {
            evidence.push(
                binary.evidence(
                    format!("glibc {} or later, which uses clone3", floor.version),
                    "symbol versions",
                ),
            );
        }
    }
    let mut fix = vec![
        Remedy::noted("docker run --security-opt seccomp=unconfined ...", "once, to confirm: then it runs"),
        Remedy::advice(
            "upgrade the container runtime and libseccomp of the host, or allow the call in its own profile",
        ),
    ];
    if by_c {
        fix.push(Remedy::noted(
            format!("CGO_ENABLED=0 go build {}", case.main_package()),
            "where no package needs cgo: pure Go does not use clone3",
        ));
    }
    Answer::Found(Finding {
        fault: "seccomp-blocks-threads",
        claim: format!("a filter of system calls forbids {call}: no thread can be created (EPERM)"),
        confidence: Confidence::Likely,
        evidence,
        fix,
        decide: Some(
            "the seccomp profile of the container or unit (docker info, SystemCallFilter=), or a run without it"
                .to_owned(),
        ),
        explains: true,
    })
}

pub(super) const SECCOMP_BLOCKED_SYSCALL: Rule = Rule {
    id: "seccomp-blocked-syscall",
    title: "a system call that the program needs is forbidden",
    blames: Verdict::Environment,
    docs: Docs {
        what: "A filter (seccomp of a container runtime, systemd's SystemCallFilter, Android, Chrome OS) forbids a system \
               call that the runtime cannot do without, or kills the process for it.",
        why: "A filter that kills sends SIGSYS. One that answers EPERM makes the runtime fail where it cannot go on: \
              `sigaction failed` (rt_sigaction), a write to the address 0x1006 after `futexwakeup … returned -1` (futex), \
              a write to 0xf1 on amd64 (sigaltstack, rt_sigprocmask, munmap). Before the signal handlers stand, \
              that is a silent SIGSEGV.",
        evidence: "The audit line of the kernel (type=1326, sig=31) is certain, and names the call. `SIGSYS: bad system \
                   call` of a Linux program, `sigaction failed`, a fault inside runtime.futexwakeup, and a kernel line \
                   `segfault at f1`: likely. A bare SIGSYS: likely with a Linux executable, else possible.",
        look_alikes: "SIGSYS of a BSD is a system call that its kernel does not have. sigcode=0 is a kill -SYS. \
                      `runtime: cannot allocate memory` may be a filtered mmap, or a limit of the address space: see \
                      out-of-memory. open, epoll_create1, getrandom and sched_getaffinity that answer EPERM do not stop \
                      the runtime.",
        fix: "Allow the call; `ausyscall ARCH NUMBER` or the table of the architecture gives its name. Android before \
              Go 1.21: faccessat2, so build with a newer Go.",
        since: "All Go versions; seen with 1.21 and 1.27 on linux/amd64. The audit line is by the kernel's source.",
    },
    check: seccomp_blocked_syscall,
};

fn seccomp_blocked_syscall(case: &Case<'_>) -> Answer {
    let Some(crash) = case.crash else { return Answer::Irrelevant };
    let bsd = [case.binary.and_then(|b| b.facts.goos.as_ref()), case.host.and_then(|h| h.goos.as_ref())];
    let not_linux = bsd.iter().flatten().any(|os| !matches!(os.value, Goos::Linux | Goos::Android));
    if not_linux {
        return Answer::Irrelevant;
    }
    if let Some((Complaint::SeccompKill { arch, number }, log)) =
        case.complaint(|c| matches!(c, Complaint::SeccompKill { .. }))
    {
        let call = named(*arch, *number).map_or(String::new(), |name| format!(" ({name})"));
        let claim = format!(
            "a seccomp filter killed the process for system call {number}{call} of {}",
            machine(*arch)
        );
        return Answer::Found(finding(claim, Confidence::Certain, vec![log], None));
    }
    if let Some((name, evidence, decide)) = refused(case, crash) {
        let claim = format!("the system call {name} was refused, and the runtime cannot do without it");
        return Answer::Found(finding(claim, Confidence::Likely, evidence, Some(decide)));
    }
    let sigsys = |name: &str| name == "SIGSYS";
    if let Some(signal) = crash.signal.as_ref().filter(|signal| sigsys(&signal.name)) {
        if signal.code == Some(0) {
            return Answer::Clear;
        }
        let call = crash
            .crashing_goroutine()
            .map(|g| crash.frames_of(g))
            .unwrap_or_default()
            .iter()
            .map(|frame| crash.function(frame))
            .find(|name| {
                name.strip_prefix("syscall.")
                    .is_some_and(|rest| !rest.to_ascii_lowercase().contains("syscall"))
            });
        let claim = match call {
            Some(call) => format!("a filter of system calls killed the process in {call}"),
            None => "a filter of system calls killed the process (SIGSYS)".to_owned(),
        };
        let mut evidence = vec![quoted(&signal.describe(), crash)];
        evidence.extend(call.map(|call| quoted(call, crash)));
        let on_linux = case.binary.is_some() || case.host.is_some();
        let confidence = if on_linux { Confidence::Likely } else { Confidence::Possible };
        let decide = "dmesg or the audit log of the host: type=1326 names the call".to_owned();
        return Answer::Found(finding(claim, confidence, evidence, Some(decide)));
    }
    match case.silent_signal() {
        Some(("SIGSYS", log)) => {
            let known = case.binary.is_some() || case.host.is_some();
            let confidence = if known { Confidence::Likely } else { Confidence::Possible };
            let decide = "dmesg or the audit log of the host: type=1326 names the call".to_owned();
            let claim = "a filter of system calls killed the process (SIGSYS)".to_owned();
            Answer::Found(finding(claim, confidence, vec![log], Some(decide)))
        }
        _ => Answer::Irrelevant,
    }
}

/// A call that answered an error where the runtime stops itself.
fn refused(case: &Case<'_>, crash: &Crash) -> Option<(&'static str, Vec<Evidence>, String)> {
    let strace = "`strace -f -e trace=%signal,futex,mmap,munmap,sigaltstack` of the program: which call answers EPERM?";
    // runtime/os_linux.go, sysSigaction.
    if crash.chain.iter().any(|link| link.fatal && link.message == "sigaction failed") {
        return Some(("rt_sigaction", vec![message_evidence(crash)], strace.to_owned()));
    }
    // runtime/os_linux.go, futexwakeup: it writes to 0x1006 on purpose.
    // The stack of the thread that it happened on comes first.
    let top = crash.frames.first();
    if crash.kind == Kind::Signal && top.is_some_and(|frame| crash.function(frame) == "runtime.futexwakeup") {
        let fact =
            "the fault is in runtime.futexwakeup, which stops the program where the kernel answers an error";
        let evidence = Evidence { from: From::Log, fact: fact.to_owned(), place: first_line(crash) };
        return Some(("futex", vec![evidence], strace.to_owned()));
    }
    // runtime/sys_linux_amd64.s: rtsigprocmask, sysMunmap, sigaltstack, settls.
    let amd64 = case
        .binary
        .is_some_and(|b| b.facts.is_go && b.facts.goarch.as_ref().is_some_and(|a| a.value == Goarch::Amd64));
    let at_f1 = |c: &Complaint| matches!(c, Complaint::KernelFault { address: Some(RuntimeAddr(0xf1)), .. });
    let (_, log) = case.complaint(at_f1).filter(|_| amd64)?;
    Some(("sigaltstack, rt_sigprocmask, munmap or arch_prctl", vec![log], strace.to_owned()))
}

fn finding(
    claim: String,
    confidence: Confidence,
    evidence: Vec<Evidence>,
    decide: Option<String>,
) -> Finding {
    Finding {
        fault: "seccomp-blocked-syscall",
        claim,
        confidence,
        evidence,
        fix: vec![
            Remedy::advice(
                "allow the call in the profile of the container runtime, the unit, or the sandbox",
            ),
            Remedy::noted(
                "docker run --security-opt seccomp=unconfined ...",
                "once, to confirm: then it runs",
            ),
        ],
        decide,
        explains: true,
    }
}

/// AUDIT_ARCH_* of linux/audit.h.
fn machine(arch: u32) -> String {
    match arch {
        0xc000_003e => "amd64".to_owned(),
        0x4000_0003 => "386".to_owned(),
        0xc000_00b7 => "arm64".to_owned(),
        0x4000_0028 => "arm".to_owned(),
        0xc000_00f3 => "riscv64".to_owned(),
        0xc000_0015 => "ppc64le".to_owned(),
        0x8000_0016 => "s390x".to_owned(),
        other => format!("architecture {other:#x}"),
    }
}

/// Names of calls that old filters do not know or strict ones forbid; their numbers
/// are the same on all these architectures from 424 on (asm-generic/unistd.h).
fn named(arch: u32, number: u64) -> Option<&'static str> {
    Some(match (arch, number) {
        (_, 435) => "clone3",
        (_, 436) => "close_range",
        (_, 437) => "openat2",
        (_, 439) => "faccessat2",
        (_, 441) => "epoll_pwait2",
        (_, 425) => "io_uring_setup",
        (_, 434) => "pidfd_open",
        (_, 452) => "fchmodat2",
        (0xc000_003e, 9) => "mmap",
        (0xc000_003e, 13) => "rt_sigaction",
        (0xc000_003e, 56) => "clone",
        (0xc000_003e, 131) => "sigaltstack",
        (0xc000_003e, 202) => "futex",
        (0xc000_003e, 318) => "getrandom",
        (0xc000_003e, 326) => "copy_file_range",
        (0xc000_003e, 332) => "statx",
        (0xc000_00b7, 220) => "clone",
        (0xc000_00b7, 278) => "getrandom",
        (0xc000_00b7, 291) => "statx",
        _ => return None,
    })
}
