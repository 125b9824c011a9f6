//! Addresses and memory: nil, wild addresses, memory and threads that the
//! system refused (runtime/signal_unix.go, panic.go, mem_linux.go, proc.go).

use super::table::{Head, Row, either, error, fatal, told};
use super::{Explanation, Verdict, note};
use crate::addr::RuntimeAddr;
use crate::trace::{Arg, Crash, parse_args};

pub(super) const ROWS: &[Row] = &[
    told(Head::Fatal, "fault", |crash, _| wild_address(crash)),
    told(Head::Fatal, "stack overflow", |crash, _| super::recursion::stack_overflow(crash)),
    error("caught signal {}", "The program got the signal {0} and has no handler for it."),
    told(Head::Fatal, "runtime: out of memory{}", |crash, _| out_of_memory(crash)).blames(Verdict::Resource),
    told(Head::Fatal, "out of memory{}", |crash, _| out_of_memory(crash)).blames(Verdict::Resource),
    told(Head::Error, "out of memory", |crash, _| out_of_memory(crash)).blames(Verdict::Resource),
    told(Head::Fatal, "runtime: cannot allocate memory", |crash, _| out_of_memory(crash)).blames(Verdict::Resource),
    told(Head::Fatal, "pageAlloc: out of memory", |crash, _| out_of_memory(crash)).blames(Verdict::Resource),
    told(Head::Fatal, "heapdump: out of memory", |crash, _| out_of_memory(crash)).blames(Verdict::Resource),
    told(Head::Fatal, "trace: out of memory", |crash, _| out_of_memory(crash)).blames(Verdict::Resource),
    told(Head::Fatal, "traceRegion: out of memory", |crash, _| out_of_memory(crash)).blames(Verdict::Resource),
    told(Head::Fatal, "cannot allocate memory", |crash, _| out_of_memory(crash)).blames(Verdict::Resource),
    told(Head::Fatal, "failed to reserve page summary memory", |_, _| address_space()).blames(Verdict::Resource),
    told(Head::Fatal, "memory reservation exceeds address space limit", |_, _| address_space())
        .blames(Verdict::Resource),
    fatal(
        "failed to allocate aligned heap memory; too many retries",
        "The system gave the heap no memory at an aligned address: the address space is all but used up or limited.",
    )
    .blames(Verdict::Resource),
    fatal(
        "runtime: cannot map pages in arena address space",
        "The system refused to map memory for the heap: memory or the number of mappings (vm.max_map_count) is used up.",
    )
    .blames(Verdict::Resource),
    fatal(
        "runtime: failed to commit pages",
        "Windows refused to commit memory for the heap: physical memory and page file are used up, or the job has a limit.",
    )
    .blames(Verdict::Resource),
    told(Head::Fatal, "newosproc", |crash, _| no_thread(crash)).blames(Verdict::Resource),
    told(Head::Fatal, "runtime.newosproc", |crash, _| no_thread(crash)).blames(Verdict::Resource),
    told(Head::Fatal, "runtime: failed to create new OS thread{}", |crash, _| no_thread(crash)).blames(Verdict::Resource),
    told(Head::Fatal, "thread exhaustion", |crash, _| thread_limit(crash)),
    fatal(
        "runtime: thread ID overflow",
        "More threads were started than their numbers can tell: goroutines end while locked to their thread, again and again.",
    ),
    either("bytes.Buffer: too large", "A bytes.Buffer was to grow beyond the largest slice, or memory ran out."),
    fatal("string concatenation too long", "A concatenation of strings whose length does not fit an int."),
    fatal(
        "runtime: text offset{}",
        "A method or function was looked up at an address outside of the program: a corrupted type or interface.",
    ),
    fatal(
        "too many writes on closed pipe",
        "The program wrote to a closed pipe or socket again and again, with SIGPIPE ignored or handled.",
    ),
    fatal(
        "too many address space collisions for -race mode",
        "The race detector found no memory where it needs it: another mapping (a C library, address space limits) is there.",
    )
    .blames(Verdict::Resource),
    fatal(
        "malformed GOMEMLIMIT; see `go doc runtime/debug.SetMemoryLimit`",
        "The environment variable GOMEMLIMIT has a value that is no size. Give bytes, or a number with B, KiB, MiB, GiB or \
         TiB (no decimals, no blanks, not `MB` or `Mi`).",
    )
    .blames(Verdict::Environment),
    fatal(
        "removed GODEBUG \"{}\" set to old value \"{}\" in environment (https://go.dev/doc/godebug#go-1{}",
        "GODEBUG in the environment has {0}={1}, a setting that this version of Go no longer has. Take it out.",
    )
    .blames(Verdict::Environment),
    fatal(
        "cgocheck > 1 mode is no longer supported at runtime. Use GOEXPERIMENT=cgocheck2 at build time instead.",
        "GODEBUG=cgocheck=2 is set; since Go 1.21 that check is chosen when building, by GOEXPERIMENT=cgocheck2.",
    )
    .blames(Verdict::Environment),
];

/// Addresses below the first page are nil plus an offset (runtime/signal_unix.go,
/// `sigpanic`: less than 4096).
pub(super) fn nil_dereference(crash: &Crash) -> Explanation {
    // With several faults the signal line is that of the latest.
    let Some(signal) = crash.signal.as_ref().filter(|_| !crash.nested()) else {
        return Explanation::bug("Use of a nil pointer.");
    };
    // js and wasip1 print one constant line for every fault (runtime/os_wasm.go, `sigpanic`).
    if signal.name == "0xb" && signal.code == Some(0) && signal.pc == Some(RuntimeAddr(0)) {
        return Explanation::bug(
            "Use of a nil pointer (WebAssembly reports neither address nor instruction).",
        );
    }
    if signal.pc == Some(RuntimeAddr(0)) && crash.registers.is_empty() && signal.address == signal.pc {
        return Explanation::bug("Call of a nil function value.");
    }
    let receiver = nil_receiver(crash).unwrap_or_default();
    Explanation::bug(match signal.address {
        Some(RuntimeAddr(0)) if !receiver.is_empty() => format!(
            "Use of a nil pointer (address 0x0): the field or element at its start, or an access that the compiler \
             checks first.{receiver}"
        ),
        Some(RuntimeAddr(0)) => {
            "Use of a nil pointer (address 0x0): the field or element at its start, a nil function or interface that was \
             called, or an access that the compiler checks first."
                .to_owned()
        }
        // The methods of an interface's table begin there on 64-bit ports (internal/abi, ITab).
        Some(address) if address.0 == 0x18 && receiver.is_empty() => {
            "Use of a nil pointer: the field or element at offset 0x18 (24 bytes) behind it, or the first method of a nil \
             interface."
                .to_owned()
        }
        Some(address) if address.0 < 4096 => format!(
            "Use of a nil pointer: the field or element at offset {address} ({} bytes) behind it.{receiver}",
            address.0
        ),
        // Only debug.SetPanicOnFault makes a panic of it (runtime/signal_unix.go, `sigpanic`).
        Some(address) if signal.name.starts_with("SIG") => format!(
            "Use of the address {address}, which is far from nil: unsafe, cgo, or memory that was unmapped. It is a panic \
             and no fatal error because of debug.SetPanicOnFault."
        ),
        _ => "Use of a nil pointer.".to_owned(),
    })
}

/// A method with a pointer receiver shows it as its first argument. Marked
/// with `?` it says nothing.
fn nil_receiver(crash: &Crash) -> Option<String> {
    let frame = crash.raised_by()?;
    let (_, method) = crash.function(frame).rsplit_once(".(*")?;
    let (type_name, method) = method.split_once(").")?;
    let args = parse_args(crash.arguments(frame))?;
    let nil = matches!(args.first(), Some(Arg::Word { value: 0, doubtful: false }));
    nil.then(|| format!(" Method {method} was called on a nil *{type_name}."))
}

fn wild_address(crash: &Crash) -> Explanation {
    let Some(signal) = &crash.signal else {
        return Explanation::bug("Use of an address that is not mapped.");
    };
    let address = signal.address.unwrap_or(RuntimeAddr(0));
    // SI_KERNEL with address 0: a non-canonical address on amd64, whose value the kernel does not tell.
    if signal.code == Some(0x80) && address.0 == 0 {
        return Explanation::bug(
            "Use of a non-canonical address (its value is not reported): a pointer was overwritten or made up.",
        );
    }
    Explanation::bug(match signal.name.as_str() {
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
    })
}

fn out_of_memory(crash: &Crash) -> Explanation {
    let message = crash.message();
    if message.contains("arena metadata") {
        return address_space();
    }
    let detail =
        note(crash, "runtime: out of memory").map(|n| format!(" ({})", n.trim_start_matches("runtime: ")));
    Explanation::bug(format!(
        "The operating system refused the heap more memory{}: a limit of the process or container (ulimit -v, \
         RLIMIT_AS), or all memory in use.",
        detail
            .as_deref()
            .map(super::table::shown)
            .map(|text| format!(" {}", text.trim()))
            .unwrap_or_default()
    ))
}

fn address_space() -> Explanation {
    Explanation::bug(
        "The address space is limited too tightly for the Go heap (ulimit -v, RLIMIT_DATA): the runtime reserves about \
         600 MB of addresses at start.",
    )
}

/// errno of the note: on Linux 11 is EAGAIN and 1 EPERM (errno-base.h); other systems have other numbers.
fn no_thread(crash: &Crash) -> Explanation {
    let text = note(crash, "runtime: failed to create new OS thread").unwrap_or_default();
    if text.contains("errno=1)") {
        return Explanation::bug(
            "The operating system forbade a new thread (EPERM): a seccomp profile that blocks clone.",
        );
    }
    let number = |key: &str| {
        let (_, rest) = text.split_once(key)?;
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        rest.get(..digits).filter(|digits| !digits.is_empty()).map(super::table::shown)
    };
    let errno = number("errno=").map(|n| if n == "11" { "EAGAIN".to_owned() } else { format!("errno {n}") });
    let had = number("have ").map(|n| format!("it had {n}"));
    let known = [errno, had].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let known = if known.is_empty() { String::new() } else { format!(" ({known})") };
    Explanation::bug(format!(
        "The operating system refused a new thread{known}: the limit of processes (ulimit -u) or of the container \
         (pids.max)."
    ))
}

/// runtime/proc.go, `checkmcount`; debug.SetMaxThreads sets another limit.
fn thread_limit(crash: &Crash) -> Explanation {
    let limit = crash
        .notes
        .iter()
        .find_map(|note| note.strip_prefix("runtime: program exceeds ")?.strip_suffix("-thread limit"));
    Explanation::bug(format!(
        "More threads than the limit of {}: goroutines pile up in blocking system calls or cgo calls, or locked to \
         their threads. The stacks show in which.",
        limit.map_or("debug.SetMaxThreads (10000 by default)".to_owned(), super::table::shown)
    ))
}
