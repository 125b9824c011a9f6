//! Errors that no program brings about by the rules: the runtime found its
//! own data wrong, or a system call failed that it cannot do without.

use super::table::{Head, Row, fatal, shown, told};
use super::{Explanation, Verdict};
use crate::trace::Crash;

/// What is usual and what would tell; no dump tells which it was.
macro_rules! corrupted {
    ($what:literal) => {
        concat!(
            $what,
            " Usual causes, in this order: memory overwritten by unsafe, cgo or a data race; a fault of the hardware or an \
             emulator; a bug of Go. What tells: `go build -race`, -asan, -gcflags=all=-d=checkptr, a run on another machine, \
             the last patch release of Go."
        )
    };
}

macro_rules! refused {
    ($what:literal) => {
        concat!(
            $what,
            " The line before it gives the error. Usual causes: the limit of open files (ulimit -n), a seccomp profile or \
             sandbox that forbids the call, an emulator or old kernel without it."
        )
    };
}

const DAMAGED: &str = corrupted!("The runtime found the heap or a stack damaged.");
const SYSTEM: &str = refused!("A system call failed that the runtime cannot do without.");

const STATE: &str = corrupted!(
    "The runtime stopped the program in a state that should not exist; a program does not get there by the rules of the language."
);
const TABLES: &str = "The tables of functions in the program are damaged: a packer, strip, objcopy or a linker script changed the \
                      file, or parts of two Go versions were linked together.";
const SELF_TEST: &str = "The runtime's test of the processor at start failed: an emulator, a wrong port, or a fault of the hardware.";

pub(super) const ROWS: &[Row] = &[
    told(Head::Fatal, "unexpected signal during runtime execution", |crash, _| in_the_runtime(crash)).blames(Verdict::Unknown),
    fatal("found bad pointer in Go heap{}", DAMAGED).blames(Verdict::Unknown),
    fatal("found pointer to free object", DAMAGED).blames(Verdict::Unknown),
    fatal("found bad interior pointer", DAMAGED).blames(Verdict::Unknown),
    fatal("invalid pointer found on stack", DAMAGED).blames(Verdict::Unknown),
    fatal("sweep increased allocation count", DAMAGED).blames(Verdict::Unknown),
    fatal("marking free object", DAMAGED).blames(Verdict::Unknown),
    fatal("marked free object{}", DAMAGED).blames(Verdict::Unknown),
    fatal("checkmark found unmarked object", DAMAGED).blames(Verdict::Unknown),
    fatal("greyobject: obj not pointer-aligned", DAMAGED).blames(Verdict::Unknown),
    fatal("found non-zeroed tail of allocation", DAMAGED).blames(Verdict::Unknown),
    fatal("unexpected return pc{}", DAMAGED).blames(Verdict::Unknown),
    fatal("unknown caller pc", DAMAGED).blames(Verdict::Unknown),
    fatal("unknown pc", DAMAGED).blames(Verdict::Unknown),
    fatal("unknown return pc", DAMAGED).blames(Verdict::Unknown),
    fatal("bad lfnode address", DAMAGED).blames(Verdict::Unknown),
    fatal("lfstack.push{}", DAMAGED).blames(Verdict::Unknown),
    fatal("bad map state", "A map changed while it was ranged over or grown: several goroutines used it without a lock, or its memory was overwritten. `go build -race` tells."),
    fatal(
        "checkptr: misaligned pointer conversion",
        "The check of unsafe pointers (-race, -d=checkptr) found a conversion to a type that needs a larger alignment.",
    ),
    fatal(
        "checkptr: converted pointer straddles multiple allocations",
        "The check of unsafe pointers (-race, -d=checkptr) found a pointer to a type that is larger than the memory behind it.",
    ),
    fatal(
        "checkptr: pointer arithmetic {}",
        "The check of unsafe pointers (-race, -d=checkptr) found arithmetic that leaves the object it began in ({0}).",
    ),
    fatal(
        "checkptr: unsafe.{} result straddles multiple allocations",
        "The check of unsafe pointers (-race, -d=checkptr) found an unsafe.{0} that is longer than the memory behind it.",
    ),
    fatal(
        "semaRoot {}",
        corrupted!("The runtime's list of those who wait for locks is damaged; a Mutex or WaitGroup was copied or moved while in use, or:"),
    )
    .blames(Verdict::Unknown),
    fatal(
        "runtime.SetFinalizer: {}",
        "Misuse of runtime.SetFinalizer: {0}.",
    ),
    fatal("panic while printing panic value: {}", "The Error or String method of a panic value panicked itself: \"{0}\"."),
    fatal("panic while printing panic value", "The Error or String method of a panic value panicked itself."),
    fatal(
        "panic holding locks",
        corrupted!("The runtime panicked in its own code, while it held a lock."),
    )
    .blames(Verdict::Unknown),
    fatal(
        "panic during malloc",
        corrupted!("The runtime panicked in the allocator."),
    )
    .blames(Verdict::Unknown),
    fatal(
        "panic on system stack",
        corrupted!("The runtime panicked in its own code, on the system stack."),
    )
    .blames(Verdict::Unknown),
    fatal(
        "internal error: exit hook invoked {}",
        "A function that runs at exit called {0} itself.",
    ),
    fatal(
        "detected possible issues with cleanups and/or finalizers",
        "GODEBUG=checkfinalizers=1 found objects that their own cleanup or finalizer keeps alive; the lines before name them.",
    ),
    fatal(
        "potentially overlapping in-use allocations detected",
        corrupted!("The runtime got the same memory twice, from the system or from its own lists."),
    )
    .blames(Verdict::Unknown),
    fatal(
        "arena_New: non-pointer type",
        "arena.New was used through reflection with a type that is no pointer.",
    ),
    fatal("invalid function symbol table", TABLES).blames(Verdict::Unknown),
    fatal("invalid runtime symbol table", TABLES).blames(Verdict::Unknown),
    fatal("bad symbol table", TABLES).blames(Verdict::Unknown),
    fatal("minpc or maxpc invalid", TABLES).blames(Verdict::Unknown),
    fatal(
        "recursive call during initialization - linker skew",
        "Packages of different builds were linked together: build all of it anew (go clean -cache, go build -a).",
    )
    .blames(Verdict::Unknown),
    fatal(
        "unreachable method called. linker bug?",
        "A method was called that the linker had left out as unused: unsafe or assembly that reaches past the type system, \
         or a bug of the linker.",
    )
    .blames(Verdict::Unknown),
    fatal(
        "_cgo_{} missing",
        "The C half of runtime/cgo (_cgo_{0}) was not linked in: parts of several builds or Go versions were linked together.",
    )
    .blames(Verdict::Unknown),
    fatal("cas{#}", SELF_TEST).blames(Verdict::Unknown),
    fatal("cas64 failed", SELF_TEST).blames(Verdict::Unknown),
    fatal("load64 failed", SELF_TEST).blames(Verdict::Unknown),
    fatal("store64 failed", SELF_TEST).blames(Verdict::Unknown),
    fatal("xadd64 failed", SELF_TEST).blames(Verdict::Unknown),
    fatal("xchg64 failed", SELF_TEST).blames(Verdict::Unknown),
    fatal("atomicor8", SELF_TEST).blames(Verdict::Unknown),
    fatal("atomicand8", SELF_TEST).blames(Verdict::Unknown),
    fatal("float32nan{}", SELF_TEST).blames(Verdict::Unknown),
    fatal("float64nan{}", SELF_TEST).blames(Verdict::Unknown),
    fatal("bad timediv", SELF_TEST).blames(Verdict::Unknown),
    fatal("runtime: {} failed", SYSTEM).blames(Verdict::Unknown),
    fatal("pipe failed", SYSTEM).blames(Verdict::Unknown),
    fatal("poll failed", SYSTEM).blames(Verdict::Unknown),
    fatal("sigaction failed", SYSTEM).blames(Verdict::Unknown),
    fatal("newosproc: rfork failed", SYSTEM).blames(Verdict::Unknown),
    fatal("remapping stack memory failed", SYSTEM).blames(Verdict::Unknown),
    fatal("VirtualQuery for stack base failed", SYSTEM).blames(Verdict::Unknown),
    fatal("CreateWaitableTimerEx when creating timer failed", SYSTEM).blames(Verdict::Unknown),
    fatal("NtCreateWaitCompletionPacket failed", SYSTEM).blames(Verdict::Unknown),
    fatal("duplicatehandle failed", SYSTEM).blames(Verdict::Unknown),
    fatal("runtime.{}: duplicatehandle failed", SYSTEM).blames(Verdict::Unknown),
    fatal("args_{} failed", SYSTEM).blames(Verdict::Unknown),
    fatal("environ_{} failed", SYSTEM).blames(Verdict::Unknown),
    fatal("clock_time_get failed", SYSTEM).blames(Verdict::Unknown),
    fatal("random_get failed", SYSTEM).blames(Verdict::Unknown),
    fatal("poll_oneoff failed", SYSTEM).blames(Verdict::Unknown),
    fatal("fd_write failed", SYSTEM).blames(Verdict::Unknown),
    fatal("sched_yield failed", SYSTEM).blames(Verdict::Unknown),
    fatal("netpollinit: failed to create pipe", SYSTEM).blames(Verdict::Unknown),
    fatal("clock_gettime{}", SYSTEM).blames(Verdict::Unknown),
    fatal("syscall {}", SYSTEM).blames(Verdict::Unknown),
    fatal("timer_settime", SYSTEM).blames(Verdict::Unknown),
    fatal("timer_delete", SYSTEM).blames(Verdict::Unknown),
    fatal("sem_{}", SYSTEM).blames(Verdict::Unknown),
    fatal("pthread_{}", SYSTEM).blames(Verdict::Unknown),
    fatal("cannot open standard fds", refused!("File descriptors 0, 1 or 2 were closed, and /dev/null could not be opened in their place."))
        .blames(Verdict::Environment),
    fatal("cannot secure fds", refused!("A setuid program was started with a closed file descriptor 0, 1 or 2, and /dev/null could not be opened."))
        .blames(Verdict::Environment),
    fatal("failed to get system page size", "The system did not tell its page size: no auxiliary vector and no /proc.")
        .blames(Verdict::Environment),
    fatal("bad system page size", "The system has pages of a size that this port of Go does not support; the line before names it.")
        .blames(Verdict::Environment),
    fatal("Unable to determine system directory", "Windows did not tell its system directory.")
        .blames(Verdict::Environment),
    fatal("{}.dll not found", "Windows did not load {0}.dll, which the runtime needs: an old or damaged Windows, or Wine.")
        .blames(Verdict::Environment),
    fatal("timeBegin/EndPeriod not found", "winmm.dll lacks the functions that set the timer: an old or damaged Windows, or Wine.")
        .blames(Verdict::Environment),
];

/// A signal inside of the runtime or of C code, where no panic can be raised
/// (runtime/signal_unix.go, `sigpanic` with `!canpanic()`).
fn in_the_runtime(crash: &Crash) -> Explanation {
    let what = crash.signal.as_ref().map_or("A signal".to_owned(), |signal| {
        let address = signal.address.map(|address| format!(" at address {address}")).unwrap_or_default();
        format!("{}{address}", shown(&signal.describe()))
    });
    Explanation::new(
        Verdict::Unknown,
        format!(
            "{what}: it struck code of the runtime itself, or C code. {}",
            corrupted!("What that code relied on was damaged, or C code failed.")
        ),
    )
}

/// A fatal error that has no row. The runtime prints a stack with each; other
/// programs (a C compiler) write `fatal error: ` too.
pub(super) fn unknown(crash: &Crash) -> Explanation {
    if crash.goroutines.is_empty() {
        let text = "No stack is in the log, and the text is none that a program brings about by itself: it is open who \
                    printed it.";
        return Explanation::new(Verdict::Unknown, text);
    }
    Explanation::new(Verdict::Unknown, STATE)
}
