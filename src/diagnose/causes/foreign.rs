//! Where Go meets C, plugins and callbacks (runtime/cgocall.go, cgocheck.go,
//! runtime/cgo/handle.go, plugin.go, syscall_windows.go, 1.19 to 1.27).

use super::Verdict;
use super::table::{Row, either, fatal, panics};

const POINTER: &str = "A Go pointer was passed to or returned from C against the rules of cgo: C code may not keep or see \
                       pointers that the garbage collector can move or free. Use runtime.Pinner, C memory, or cgo.Handle.";

pub(super) const ROWS: &[Row] = &[
    panics("cgo argument has Go pointer to {}", POINTER),
    panics("cgo result has Go pointer{}", POINTER),
    panics("argument of cgo function has Go pointer to {}", POINTER),
    panics("{}result of Go function {} called from cgo {}", POINTER),
    fatal("unpinned Go pointer stored into non-Go memory", POINTER),
    fatal("Go pointer stored into non-Go memory", POINTER),
    panics(
        "runtime/cgo: misuse of an invalid Handle",
        "A cgo.Handle was used that was deleted before, or was never one: 0 or a number that C changed.",
    ),
    panics(
        "runtime/cgo: ran out of handle space",
        "All numbers for cgo.Handle are used up: they are never deleted.",
    ),
    panics(
        "runtime: function marked with #cgo nocallback called back into Go",
        "A C function that is declared `#cgo nocallback` called Go.",
    ),
    fatal(
        "runtime.Goexit called in a thread that was not created by the Go runtime",
        "runtime.Goexit (or t.FailNow) was called in a Go function that C called on a thread of its own.",
    ),
    fatal(
        "non-Go code set up signal handler without SA_ONSTACK flag",
        "A C library installed a signal handler without SA_ONSTACK; Go runs on small stacks and needs that flag.",
    ),
    fatal(
        "non-Go code disabled sigaltstack",
        "A C library switched off the alternate signal stack that Go needs.",
    ),
    fatal(
        "signal received during fork",
        "A signal arrived in the short time between fork and exec, where Go cannot handle it.",
    )
    .blames(Verdict::Unknown),
    fatal(
        "AllThreadsSyscall6 results differ between threads; runtime corrupted",
        "syscall.AllThreadsSyscall gave other results on some threads: a thread that C made, or one with other rights.",
    ),
    either(
        "doAllThreadsSyscall not supported with cgo enabled",
        "syscall.AllThreadsSyscall was called in a program that is built with cgo, which does not support it.",
    ),
    fatal(
        "plugin: new module data overlaps with previous moduledata",
        "A plugin was loaded whose memory overlaps the program: it was not built with the same Go as the program.",
    ),
    fatal(
        "abi mismatch",
        "A shared Go library or plugin was built with other versions of its packages than the program.",
    ),
    fatal(
        "runtime: plugin {}",
        "A plugin that does not belong to this runtime: {0}. Program and plugin have to be built by the same Go with the \
         same flags.",
    ),
    fatal(
        "too many callback functions",
        "More than 2000 callbacks by syscall.NewCallback: they are never freed. Make them once.",
    ),
    panics("compileCallback: {}", "syscall.NewCallback got a function that Windows cannot call: {0}."),
    panics("runtime: SyscallN has too many arguments", "syscall.SyscallN with more arguments than it takes."),
    panics("syscall: n > len(args)", "syscall.Syscall was told more arguments than it got."),
    panics(
        "RawSyscall{} not available on {}",
        "RawSyscall{0} does not exist on {1}: use the functions of golang.org/x/sys.",
    ),
    panics(
        "call SetCgoTraceback only once",
        "runtime.SetCgoTraceback was called twice: two packages bring a C symbolizer.",
    ),
];
