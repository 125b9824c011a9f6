//! A signal that ended a process, in the words of shells, emulators and kernels.

use regex::bytes::Captures;

use super::{Complaint, Mapping, Table, Wording, group, hex};
use crate::addr::RuntimeAddr;
use crate::trace::grammar::lossy;

/// The shell's words for a signal (bash and dash use strsignal(3)).
fn signal_of(words: &str) -> Option<&'static str> {
    Some(match words.to_ascii_lowercase().as_str() {
        "illegal instruction" => "SIGILL",
        "segmentation fault" | "segmentation violation" => "SIGSEGV",
        "bus error" => "SIGBUS",
        "aborted" | "abort" => "SIGABRT",
        "floating point exception" | "floating-point exception" => "SIGFPE",
        "bad system call" => "SIGSYS",
        "trace/breakpoint trap" | "trace trap" => "SIGTRAP",
        "killed" => "SIGKILL",
        _ => return None,
    })
}

fn killed(captures: &Captures<'_>) -> Option<Complaint> {
    Some(Complaint::Killed { signal: signal_of(&group(captures, "signal"))? })
}

fn kernel_fault(captures: &Captures<'_>) -> Option<Complaint> {
    let trap = group(captures, "trap");
    let signal = match trap.as_str() {
        "invalid opcode" => "SIGILL",
        "divide error" => "SIGFPE",
        "int3" => "SIGTRAP",
        _ => "SIGSEGV",
    };
    let map = captures.name("file").and_then(|file| {
        Some(Mapping {
            file: lossy(file.as_bytes()),
            start: RuntimeAddr(hex(captures, "start")?),
            size: hex(captures, "size")?,
        })
    });
    let address = hex(captures, "addr").map(RuntimeAddr);
    Some(Complaint::KernelFault { signal, address, ip: RuntimeAddr(hex(captures, "ip")?), map })
}

pub(super) const TABLE: Table = Table { wordings: WORDINGS, anchors: ANCHORS, error: false };

const WORDINGS: &[Wording] = &[
    Wording {
        speaker: "qemu-user",
        pattern: r"^qemu: uncaught target signal \d+ \((?P<signal>[A-Za-z /]+)\)",
        read: killed,
    },
    Wording {
        speaker: "shell",
        pattern: r"^(?:\S+: (?:line )?\d+: +\d+ )?(?P<signal>Illegal instruction|Segmentation fault|Bus error|Aborted|Bad system call|Floating point exception|Trace/breakpoint trap)(?: *\(core dumped\))?(?: {2,}(?P<program>.+?))?(?: *\(core dumped\))?$",
        read: killed,
    },
    Wording {
        speaker: "Go os/exec",
        pattern: r"^(?:.*: )?signal: (?P<signal>illegal instruction|segmentation fault|bus error|aborted|bad system call|killed|trace/breakpoint trap)(?: \(core dumped\))?$",
        read: killed,
    },
    Wording {
        // arch/x86/mm/fault.c, show_signal_msg
        speaker: "kernel",
        pattern: r"(?P<program>[^\s\[\]]+)\[\d+\]: (?P<trap>segfault) at (?P<addr>[0-9a-f]+) ip (?P<ip>[0-9a-f]+) sp [0-9a-f]+ error [0-9a-f]+(?: in (?P<file>[^\[]+)\[(?:[0-9a-f]+,)?(?P<start>[0-9a-f]+)\+(?P<size>[0-9a-f]+)\])?",
        read: kernel_fault,
    },
    Wording {
        // arch/x86/kernel/traps.c, show_signal
        speaker: "kernel",
        pattern: r"traps: (?P<program>[^\s\[\]]+)\[\d+\] (?:trap )?(?P<trap>invalid opcode|general protection(?: fault)?|divide error|int3) ip:(?P<ip>[0-9a-f]+) sp:[0-9a-f]+ error:[0-9a-f]+(?: in (?P<file>[^\[]+)\[(?:[0-9a-f]+,)?(?P<start>[0-9a-f]+)\+(?P<size>[0-9a-f]+)\])?",
        read: kernel_fault,
    },
];

const ANCHORS: &[&str] = &[
    "uncaught target signal",
    "llegal instruction",
    "egmentation fault",
    "us error",
    "borted",
    "ad system call",
    "loating point exception",
    "race/breakpoint trap",
    "signal: killed",
    "segfault at",
    "traps: ",
];
