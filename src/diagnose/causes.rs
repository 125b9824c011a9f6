//! The plain cause in words: what an experienced reader says after the first
//! look at a crash on a right build.

use std::sync::OnceLock;

use regex::Regex;

use super::Verdict;
use crate::addr::RuntimeAddr;
use crate::trace::{Code, Complaint, Crash, Kind, Link, Signal, Value};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    pub verdict: Verdict,
    pub text: String,
}

struct Cause {
    /// Of the message, `runtime error: ` taken off.
    pattern: &'static str,
    verdict: Verdict,
    say: fn(&Crash, &regex::Captures<'_>) -> String,
}

const fn bug(pattern: &'static str, say: fn(&Crash, &regex::Captures<'_>) -> String) -> Cause {
    Cause { pattern, verdict: Verdict::ProgramBug, say }
}

fn group<'c>(captures: &'c regex::Captures<'_>, index: usize) -> &'c str {
    captures.get(index).map_or("", |m| m.as_str())
}

/// Messages of the runtime (runtime/error.go, panic.go, map.go, chan.go,
/// 1.19 to 1.27), most specific first.
const CAUSES: &[Cause] = &[
    bug(r"^invalid memory address or nil pointer dereference", |crash, _| nil_dereference(crash)),
    bug(r"^index out of range \[(-?[0-9]+)\] with length ([0-9]+)", |_, c| {
        let (index, length) = (group(c, 1), group(c, 2));
        if length == "0" {
            format!("Index {index} of an empty slice, array or string.")
        } else {
            format!(
                "Index {index} of something with {length} elements; the last index is {}.",
                last_index(length)
            )
        }
    }),
    bug(r"^index out of range \[(-[0-9]+)\]", |_, c| format!("Negative index {}.", group(c, 1))),
    bug(r"^slice bounds out of range \[:([0-9]+)\] with (capacity|length) ([0-9]+)", |_, c| {
        format!("A slice expression ends at {}, beyond the {} of {}.", group(c, 1), group(c, 2), group(c, 3))
    }),
    bug(r"^slice bounds out of range \[([0-9]+):([0-9]+)\]", |_, c| {
        format!("A slice expression starts at {} and ends before it, at {}.", group(c, 1), group(c, 2))
    }),
    bug(r"^slice bounds out of range", |_, _| {
        "A slice expression with bounds outside of its operand.".to_owned()
    }),
    bug(r"^(?:index|slice).* out of range", |_, _| {
        "An index outside of its slice, array or string.".to_owned()
    }),
    bug(
        r"^cannot convert slice with length ([0-9]+) to (?:array or )?pointer to array with length ([0-9]+)",
        |_, c| format!("A slice of {} elements converted to an array of {}.", group(c, 1), group(c, 2)),
    ),
    bug(r"^integer divide by zero", |_, _| "Integer division by zero.".to_owned()),
    bug(r"^assignment to entry in nil map", |_, _| {
        "Write to a nil map: it was declared but never made (make(map[K]V) or a literal).".to_owned()
    }),
    bug(r"^close of closed channel", |_, _| "A channel was closed twice.".to_owned()),
    bug(r"^close of nil channel", |_, _| "A nil channel was closed.".to_owned()),
    bug(r"^send on closed channel", |_, _| {
        "A value was sent on a channel that another goroutine had closed.".to_owned()
    }),
    bug(r"^interface conversion: (.+) is nil, not (.+)", |_, c| {
        format!("Type assertion to {} on a nil {}.", group(c, 2), group(c, 1))
    }),
    bug(r"^interface conversion: .+: missing method ([^ ]+)", |_, c| {
        format!("Type assertion to an interface whose method {} the value does not have.", group(c, 1))
    }),
    bug(r"^interface conversion: (?:.+) is ([^ ]+), not ([^ ]+)", |_, c| {
        format!("Type assertion to {}, but the value is a {}.", group(c, 2), group(c, 1))
    }),
    bug(r"^(?:makeslice|makechan|growslice|unsafe\.[A-Za-z]+): .*(?:out of range|negative)", |_, _| {
        "A length or capacity that is negative or larger than memory.".to_owned()
    }),
    bug(r"^hash of unhashable type (.+)", |_, c| {
        format!("A value of type {} used as a map key: it cannot be compared.", group(c, 1))
    }),
    bug(r"^comparing uncomparable type (.+)", |_, c| {
        format!("Two values of type {} were compared.", group(c, 1))
    }),
    bug(r"^value method ([^ ]+) called using nil ([^ ]+) pointer", |_, c| {
        format!("Method {} of a value called through a nil {}.", group(c, 1), group(c, 2))
    }),
    bug(r"^panic called with nil argument", |_, _| "panic(nil) was called.".to_owned()),
    bug(r"^unaligned 64-bit atomic operation", |_, _| {
        "A 64-bit atomic operation on an address that is no multiple of 8, on a 32-bit port.".to_owned()
    }),
    bug(r"^all goroutines are asleep - deadlock!", |crash, _| deadlock(crash)),
    bug(r"^no goroutines \(main called runtime\.Goexit\)", |_, _| {
        "The main goroutine ended by runtime.Goexit and no other goroutine was left.".to_owned()
    }),
    bug(r"^concurrent map (?:writes|read|iteration|clone)", |_, _| {
        "Two goroutines used a map at the same time, at least one of them to write, without a lock. \
         `go build -race` names both places."
            .to_owned()
    }),
    bug(r"^stack overflow", |crash, _| stack_overflow(crash)),
    bug(
        r"^sync: (?:unlock of unlocked mutex|Unlock of unlocked RWMutex|RUnlock of unlocked RWMutex)",
        |_, _| "A mutex was unlocked that was not locked.".to_owned(),
    ),
    bug(r"^sync: negative WaitGroup counter", |_, _| {
        "WaitGroup.Done was called more often than Add counted.".to_owned()
    }),
    bug(r"^sync: ", |_, c| format!("Misuse of package sync: {}.", group(c, 0))),
    bug(r"^test timed out after (\S+)", |_, c| {
        format!(
            "A test ran longer than its limit of {}; the stacks show where each goroutine was.",
            group(c, 1)
        )
    }),
    Cause {
        pattern: r"^(?:runtime: )?(?:out of memory|cannot allocate memory)|^out of memory allocating|^failed to reserve page summary memory",
        verdict: Verdict::Resource,
        say: |crash, _| out_of_memory(crash),
    },
    Cause {
        pattern: r"^(?:runtime\.)?newosproc",
        verdict: Verdict::Resource,
        say: |crash, _| no_thread(crash),
    },
    Cause {
        pattern: r"^thread exhaustion",
        verdict: Verdict::ProgramBug,
        say: |_, _| {
            "More than 10,000 threads: goroutines pile up in blocking system calls or cgo calls.".to_owned()
        },
    },
    Cause {
        pattern: r"^(?:found bad pointer in Go heap|checkptr: |unexpected signal during runtime execution|sweep increased|marked free object|bad lfnode|lfstack\.push|unexpected return pc|unknown caller pc)",
        verdict: Verdict::ProgramBug,
        say: |_, _| {
            "The runtime found its memory corrupted. Where unsafe, cgo or a data race is in play, that is the usual \
             cause; `go build -race` and -asan look for them. Where none is, suspect the hardware."
                .to_owned()
        },
    },
    bug(r"^fault$", |crash, _| wild_address(crash)),
    bug(r"^panic while printing panic value", |_, _| {
        "The Error or String method of a panic value panicked itself.".to_owned()
    }),
    bug(r"^go of nil func value", |_, _| "A goroutine was started with a nil function.".to_owned()),
    bug(r"^runtime\.(?:SetFinalizer|AddCleanup): ", |_, c| {
        format!("Misuse of the runtime API: {}.", group(c, 0).trim_end_matches(": "))
    }),
    bug(r"synctest|in bubble|bubble goroutine", |_, _| "Misuse of a testing/synctest bubble.".to_owned()),
    bug(
        r"(?:cgo argument|cgo result|argument of cgo function|result of Go function) .*Go pointer",
        |_, _| {
            "A Go pointer was passed to or returned from C against the rules of cgo: C code may not keep or see pointers \
         that the garbage collector can move or free. Use runtime.Pinner, C memory, or cgo.Handle."
            .to_owned()
        },
    ),
];

static PATTERNS: [OnceLock<Option<Regex>>; CAUSES.len()] = [const { OnceLock::new() }; CAUSES.len()];

/// The plain cause of a crash.
pub fn explain(crash: &Crash) -> Explanation {
    let mut explanation = match crash.kind {
        Kind::Launch | Kind::Error => launch(crash),
        Kind::Signal => signal(crash),
        Kind::Race => Explanation {
            verdict: Verdict::ProgramBug,
            text: "The race detector saw two goroutines use one variable at the same time, at least one of them to \
                   write, without synchronisation."
                .to_owned(),
        },
        Kind::Sanitizer => Explanation {
            verdict: Verdict::ProgramBug,
            text: "A sanitizer (go build -asan or -msan) saw memory used after it was freed, out of its bounds, or before it was set, or memory that nobody freed.".to_owned(),
        },
        Kind::GoroutineDump => Explanation {
            verdict: Verdict::Unknown,
            text: "Stacks that the program printed (debug.Stack, runtime.Stack, a profile) or whose head is missing: \
                   nothing here says that it crashed."
                .to_owned(),
        },
        Kind::Panic | Kind::FatalError => chain(crash),
    };
    if crash.printed_by_program() {
        explanation.text.push_str(
            " The program printed this stack itself in a deferred call: it had recovered the panic, and what it did then \
             is not in this record.",
        );
    }
    if crash.served.is_some() {
        explanation.text.push_str(" net/http recovered it: the request failed, the process went on.");
    }
    explanation
}

/// A chain is told from its beginning: the first panic is the cause, the later
/// ones are what deferred code made of it.
fn chain(crash: &Crash) -> Explanation {
    let Some(first) = crash.chain.first() else {
        return Explanation { verdict: Verdict::Unknown, text: String::new() };
    };
    let mut explanation = of_link(crash, first);
    if first.repanicked {
        explanation.text.push_str(" It was recovered, and the same value was raised again.");
    }
    // Since Go 1.25 a panic with the same value as the one before it is not
    // printed again (runtime/panic.go, `printpanics`): the stack still tells.
    let lone = crash.chain.len() == 1 && !first.recovered && crash.served.is_none();
    if lone && crash.nested() && !crash.printed_by_program() {
        let place =
            crash.last_site().map(|frame| format!(", {},", crash.function(frame))).unwrap_or_default();
        explanation.text.push_str(&if crash.signal.is_some() {
            format!(" A deferred call{place} then panicked with the same value.")
        } else {
            format!(
                " A deferred call{place} then panicked with the same value, or recovered and printed this."
            )
        });
    }
    if let [_, .., last] = crash.chain.as_slice() {
        let place =
            crash.last_site().map(|frame| format!(" in {}", crash.function(frame))).unwrap_or_default();
        let text = first_line(&last.message);
        explanation.text.push_str(&match (last.fatal, first.recovered) {
            (true, _) => {
                format!(" While its deferred calls ran, the runtime stopped the program: \"{text}\".")
            }
            (_, true) if last.message == first.message => {
                format!(" It was recovered{place} and raised again.")
            }
            (_, true) => format!(" It was recovered, and a new panic raised{place}: \"{text}\"."),
            (_, false) => format!(" A deferred call then panicked as well{place}: \"{text}\"."),
        });
        // What the runtime could not survive weighs more than what came before.
        if last.fatal {
            explanation.verdict = of_link(crash, last).verdict;
        }
    }
    explanation
}

fn of_link(crash: &Crash, link: &Link) -> Explanation {
    let message = link.message.strip_prefix("runtime error: ").unwrap_or(&link.message);
    for (cause, pattern) in CAUSES.iter().zip(PATTERNS.iter()) {
        let pattern = pattern.get_or_init(|| Regex::new(cause.pattern).ok());
        if let Some(captures) = pattern.as_ref().and_then(|pattern| pattern.captures(message)) {
            return Explanation { verdict: cause.verdict, text: (cause.say)(crash, &captures) };
        }
    }
    if link.fatal {
        let text = "The runtime stopped the program on an error that cannot be recovered.".to_owned();
        return Explanation { verdict: Verdict::Unknown, text };
    }
    let value = match &link.value {
        Value::Opaque { type_name } | Value::Typed { type_name, .. } => {
            format!("a value of type {type_name}")
        }
        Value::Text => "this text or error".to_owned(),
    };
    let text = match (crash.raised_by(), crash.user_site()) {
        (Some(by), Some(user)) if crash.code(by) == Code::Std => {
            format!("{} panicked, called from {}.", crash.function(by), crash.function(user))
        }
        (_, Some(user)) => {
            format!("The program itself called panic with {value} in {}.", crash.function(user))
        }
        (..) => format!("panic was called with {value}."),
    };
    Explanation { verdict: Verdict::ProgramBug, text }
}

fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or("")
}

fn last_index(length: &str) -> u64 {
    length.parse::<u64>().unwrap_or(0).saturating_sub(1)
}

/// Addresses below the first page are nil plus an offset (runtime/signal_unix.go,
/// `sigpanic`: less than 4096).
fn nil_dereference(crash: &Crash) -> String {
    // With several faults the signal line is that of the latest.
    let Some(signal) = crash.signal.as_ref().filter(|_| !crash.nested()) else {
        return "Use of a nil pointer.".to_owned();
    };
    // js and wasip1 print one constant line for every fault (runtime/os_wasm.go, `sigpanic`).
    if signal.name == "0xb" && signal.code == Some(0) && signal.pc == Some(RuntimeAddr(0)) {
        return "Use of a nil pointer (WebAssembly reports neither address nor instruction).".to_owned();
    }
    if signal.pc == Some(RuntimeAddr(0)) && crash.registers.is_empty() && signal.address == signal.pc {
        return "Call of a nil function value.".to_owned();
    }
    match signal.address {
        Some(RuntimeAddr(0)) => {
            "Use of a nil pointer (address 0x0): the field or element at its start, a nil function or interface that was \
             called, or an access that the compiler checks first."
                .to_owned()
        }
        Some(address) if address.0 < 4096 => format!(
            "Use of a nil pointer: the field or element at offset {address} ({} bytes) behind it.",
            address.0
        ),
        _ => "Use of a nil pointer.".to_owned(),
    }
}

fn wild_address(crash: &Crash) -> String {
    let Some(signal) = &crash.signal else { return "Use of an address that is not mapped.".to_owned() };
    let address = signal.address.unwrap_or(RuntimeAddr(0));
    // SI_KERNEL with address 0: a non-canonical address on amd64, whose value the kernel does not tell.
    if signal.code == Some(0x80) && address.0 == 0 {
        return "Use of a non-canonical address (its value is not reported): a pointer was overwritten or made up."
            .to_owned();
    }
    match signal.name.as_str() {
        "SIGBUS" if signal.code == Some(2) => {
            format!("Access to {address} in a mapped file, beyond the end that the file has now.")
        }
        _ if signal.pc == signal.address => {
            format!("Call through a function pointer with the wild value {address}.")
        }
        "SIGBUS" => format!("Misaligned or impossible access at {address}."),
        _ => format!(
            "Use of the address {address}, which is not mapped: unsafe, cgo, or memory that was unmapped."
        ),
    }
}

fn deadlock(crash: &Crash) -> String {
    let waits = crash.goroutines.iter().filter(|g| g.id.is_some_and(|id| id != 0));
    let mut states: Vec<(String, usize)> = Vec::new();
    for goroutine in waits {
        let state = crash.state(goroutine).to_owned();
        match states.iter_mut().find(|(known, _)| *known == state) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => states.push((state, 1)),
        }
    }
    let list: Vec<String> = states.iter().take(4).map(|(state, n)| format!("{n} in [{state}]")).collect();
    format!("Deadlock: every goroutine waits for another ({}).", list.join(", "))
}

fn stack_overflow(crash: &Crash) -> String {
    let names: Vec<&str> = crash
        .crashing_goroutine()
        .map(|g| crash.frames_of(g))
        .unwrap_or_default()
        .iter()
        .filter(|frame| crash.code(frame) != Code::Runtime)
        .map(|frame| crash.function(frame))
        .collect();
    for period in 1..=8usize {
        let Some(head) = names.get(..period.saturating_mul(3)) else { break };
        if head.iter().zip(head.iter().skip(period)).all(|(a, b)| a == b) {
            let cycle = head.get(..period).unwrap_or_default();
            let (Some(first), true) = (cycle.first(), cycle.len() > 1) else {
                return format!("Stack overflow: {} calls itself without end.", cycle.join(""));
            };
            let calls: Vec<&str> = cycle.iter().rev().copied().collect();
            let start = calls.iter().position(|name| name == first).unwrap_or(0);
            let cycle = calls.iter().cycle().skip(start).take(calls.len()).copied().collect::<Vec<_>>();
            return format!("Stack overflow: endless recursion through {} -> {first}.", cycle.join(" -> "));
        }
    }
    "Stack overflow: recursion without end, or a frame that is too large.".to_owned()
}

fn note(crash: &Crash, start: &str) -> Option<String> {
    crash.notes.iter().find(|note| note.starts_with(start)).cloned()
}

fn out_of_memory(crash: &Crash) -> String {
    let detail =
        note(crash, "runtime: out of memory").map(|n| format!(" ({})", n.trim_start_matches("runtime: ")));
    let message = crash.message();
    if message.contains("reserve page summary") || message.contains("arena metadata") {
        return "The address space is limited too tightly for the Go heap (ulimit -v, RLIMIT_DATA): the runtime \
                reserves about 600 MB of addresses at start."
            .to_owned();
    }
    format!(
        "The operating system refused the heap more memory{}: a limit of the process or container (ulimit -v, \
         RLIMIT_AS), or all memory in use.",
        detail.unwrap_or_default()
    )
}

/// errno of the note: 11 is EAGAIN, 1 EPERM (errno-base.h).
fn no_thread(crash: &Crash) -> String {
    let text = note(crash, "runtime: failed to create new OS thread").unwrap_or_default();
    if text.contains("errno=1)") {
        return "The operating system forbade a new thread (EPERM): a seccomp profile that blocks clone."
            .to_owned();
    }
    format!(
        "The operating system refused a new thread (EAGAIN{}): the limit of processes (ulimit -u) or of the container \
         (pids.max).",
        text.split_once("have ")
            .and_then(|(_, n)| n.split_once(' '))
            .map(|(n, _)| format!(", it had {n}"))
            .unwrap_or_default()
    )
}

fn signal(crash: &Crash) -> Explanation {
    let blank = Signal::default();
    let signal = crash.signal.as_ref().unwrap_or(&blank);
    if crash.asked_for() {
        return Explanation {
            verdict: Verdict::Environment,
            text: "Somebody sent SIGQUIT: a Go program then prints all its stacks and ends. This is no crash of the \
                   program itself; look for a kill -QUIT, a time-out of a supervisor, or Ctrl-\\."
                .to_owned(),
        };
    }
    let where_ = if signal.in_cgo { " in C code that was called through cgo" } else { "" };
    let cgo_thread = note(crash, "runtime/cgo: ");
    match (signal.name.as_str(), signal.code, cgo_thread) {
        (_, _, Some(text)) if text.contains("pthread_create failed") => Explanation {
            verdict: Verdict::Resource,
            text: format!(
                "The C library could not create a thread ({}).",
                text.trim_start_matches("runtime/cgo: ")
            ),
        },
        ("SIGABRT", Some(-6), _) => Explanation {
            verdict: Verdict::ProgramBug,
            text: format!(
                "The process aborted itself{where_}: abort(), a failed assert(), or a check of the C library."
            ),
        },
        (name, Some(0), _) => Explanation {
            verdict: Verdict::Environment,
            text: format!("{name} was sent by kill(2), from another process or by the program itself."),
        },
        ("SIGSEGV" | "SIGBUS" | "SIGILL" | "SIGFPE", ..) => {
            Explanation { verdict: Verdict::ProgramBug, text: format!("{}{where_}.", signal.describe()) }
        }
        _ => Explanation { verdict: Verdict::Unknown, text: format!("{}{where_}.", signal.describe()) },
    }
}

fn launch(crash: &Crash) -> Explanation {
    // For want of memory: that is why, whatever else was seen.
    let memory = crash.remarks.iter().find(|r| matches!(r.complaint, Complaint::OutOfMemory { .. }));
    let Some(remark) = memory.or(crash.remarks.first()) else {
        return Explanation { verdict: Verdict::Unknown, text: String::new() };
    };
    let (verdict, text) = match &remark.complaint {
        Complaint::ExecFormat | Complaint::ReadAsScript | Complaint::WrongEmulator => {
            (
                Verdict::Unknown,
                "The kernel refused to start the file; no instruction of it ran. Besides another CPU or system, a script \
                 without #!, an empty or truncated file and a Git LFS pointer are refused so."
                    .to_owned(),
            )
        }
        Complaint::NotFound { exists: true } => {
            (Verdict::Unknown, "The file is there, but something that it needs to start is not.".to_owned())
        }
        Complaint::NotFound { exists: false } => (
            Verdict::Unknown,
            "Nothing was started: the file, its interpreter, or the one of its #! line does not exist."
                .to_owned(),
        ),
        Complaint::InterpreterMissing { path } => {
            (Verdict::Unknown, format!("The loader {path} is missing; no instruction of the program ran."))
        }
        Complaint::PermissionDenied => (
            Verdict::Environment,
            "The file may not be executed: its mode (chmod +x), a noexec mount, or a security module."
                .to_owned(),
        ),
        Complaint::GlibcVersion { .. } | Complaint::Library { .. } | Complaint::Symbol { .. } => {
            (Verdict::Unknown, "The loader ended the program before its first instruction.".to_owned())
        }
        Complaint::Amd64Level { .. } | Complaint::ArmFloat { .. } | Complaint::CpuRefused(_) => {
            (Verdict::Unknown, "The Go runtime refused the CPU before main.".to_owned())
        }
        Complaint::OtherPlatform { .. } => {
            (Verdict::Unknown, "By its label, or by what its registry has, the image is not for the platform of the machine.".to_owned())
        }
        Complaint::LfsPointer => {
            (Verdict::Unknown, "A shell read the file as a script: it is no program.".to_owned())
        }
        Complaint::EmulatorFailed => {
            (Verdict::Environment, "The emulator ended by a fault of its own.".to_owned())
        }
        Complaint::NeedsCgo => {
            (Verdict::Unknown, "A package that was built without cgo says that it needs it.".to_owned())
        }
        Complaint::Exited { status } => of_status(*status),
        Complaint::OutOfMemory { limit } => (Verdict::Resource, out_of_room(*limit)),
        Complaint::Killed { signal: "SIGKILL" } => (
            Verdict::Unknown,
            "The process was killed from outside; no program can catch or report SIGKILL. Usual senders: the kernel \
             when memory runs out, a container runtime after a stop time-out, or somebody's kill -9. `kubectl describe \
             pod` (Reason: OOMKilled), `docker inspect` (OOMKilled) or dmesg (`Killed process`) of that machine tell \
             which; give any of them as the log."
                .to_owned(),
        ),
        Complaint::Killed { signal: signal @ ("SIGTERM" | "SIGINT" | "SIGHUP" | "SIGQUIT" | "SIGPIPE" | "SIGUSR1" | "SIGUSR2" | "SIGALRM") } => (
            Verdict::Environment,
            format!(
                "The process was ended by {signal}, which others send: a stop of the service or container, a restart, a \
                 terminal. It is no fault of build or program."
            ),
        ),
        Complaint::Killed { signal: "SIGABRT" } => (
            Verdict::Unknown,
            "The process ended by SIGABRT without Go text here: abort() in C code, a GOTRACEBACK=crash whose trace went \
             elsewhere, or a kill -ABRT."
                .to_owned(),
        ),
        Complaint::Killed { signal: "SIGSYS" } => (
            Verdict::Unknown,
            "The process died of SIGSYS and there is no Go text: a seccomp filter (of a container runtime, systemd's \
             SystemCallFilter, Android) kills it on a system call. `dmesg` names the call where audit is on \
             (type=1326 ... syscall=N)."
                .to_owned(),
        ),
        Complaint::Killed { signal } | Complaint::KernelFault { signal, .. } => (
            Verdict::Unknown,
            format!(
                "The process died of {signal} and there is no Go text: it ended before the runtime had installed its \
                 signal handlers, or on a thread that C made."
            ),
        ),
        _ if remark.error => (
            Verdict::Unknown,
            "A program, or a tool that built it, reported this error; that it ended by it is not said.".to_owned(),
        ),
        _ => (Verdict::Unknown, "The system, or code that starts before Go's, ended the program.".to_owned()),
    };
    Explanation { verdict, text }
}

fn out_of_room(limit: bool) -> String {
    let what = if limit {
        "The memory limit of the container (or cgroup) was reached and the kernel killed the process: raise the limit, \
         or lower what it needs."
    } else {
        "The kernel killed the process for want of memory."
    };
    format!(
        "{what} It is no fault of the build; Go is not asked and prints nothing. GOMEMLIMIT somewhat below the limit makes \
         the garbage collector work harder before it is reached."
    )
}

/// What an exit status alone tells of a Go program.
fn of_status(status: u32) -> (Verdict, String) {
    let text = match status {
        1 => {
            "Exit status 1: os.Exit(1) or log.Fatal of the program, the runtime's refusal of a CPU, or a loader that \
             lacks a version. Each of them prints a line first, on standard error: it is missing here."
        }
        2 => {
            "Exit status 2 is that of a Go panic or fatal error, whose text is not here: find the standard error of the \
             program. A shell that read the executable as a script ends so, too."
        }
        126 => {
            "Exit status 126 is the shell's: the file is there and could not be executed. Another CPU or system, a \
             script without #!, or its mode (chmod +x)."
        }
        127 => {
            "Exit status 127: the shell found no such file, or the loader that the executable names is missing, or a \
             shared library or symbol is."
        }
        128 => {
            "Exit status 128 is the container runtime's: the container was not started. Its message, in `kubectl describe \
             pod`, says why."
        }
        203 => {
            "systemd could not execute the file (203/EXEC); the reason is in the line before, `Failed at step EXEC`."
        }
        255 => {
            "Exit status 255: os.Exit(-1) of the program, ssh that lost its connection, or qemu-user that was given an \
             executable of another machine or found no loader."
        }
        0xc000_0005 => {
            "Windows ended the process for an access violation (0xc0000005), and there is no Go text."
        }
        0xc000_001d => {
            "Windows ended the process for an illegal instruction (0xc000001d): the CPU lacks one that the program uses."
        }
        0xc000_0135 => "Windows did not start the program: a DLL that it needs was not found (0xc0000135).",
        0xc000_007b => {
            "Windows did not start the program: it, or a DLL, is for another machine (0xc000007b)."
        }
        _ => {
            "The exit status is the program's own: Go gives it no meaning. What the program printed before it is missing \
             here."
        }
    };
    (Verdict::Unknown, text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_patterns() {
        for cause in CAUSES {
            assert!(Regex::new(cause.pattern).is_ok(), "{}", cause.pattern);
        }
    }
}
