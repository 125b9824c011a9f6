//! What others say when a program does not start or dies without Go text:
//! shells, container runtimes, loaders, kernels, emulators, and the runtime's
//! own checks of the CPU before `main`.
//!
//! One row per wording. Every wording was seen in a real run; who prints it is
//! the first column.

use std::sync::LazyLock;

use regex::bytes::{Captures, Regex, RegexSet};

use super::grammar::lossy;
use super::supervisor;
use crate::addr::RuntimeAddr;

/// One such line, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    pub complaint: Complaint,
    /// Who printed it.
    pub speaker: &'static str,
    /// The program it is about, as far as the line tells.
    pub program: Option<String>,
    pub text: String,
    /// Line in the document, from 1.
    pub line: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Complaint {
    /// execve said ENOEXEC: no instruction of the program ran.
    ExecFormat,
    /// execve said ENOEXEC and the caller fell back to `/bin/sh`, which read
    /// the executable as a script.
    ReadAsScript,
    /// An emulator was given an ELF of another machine.
    WrongEmulator,
    /// execve said ENOENT: the file, its interpreter or its `#!` is missing.
    /// `exists` when the wording implies that the file itself was found.
    NotFound {
        exists: bool,
    },
    /// The loader named in PT_INTERP is missing, and the speaker says which.
    InterpreterMissing {
        path: String,
    },
    PermissionDenied,
    /// A version of the C library is missing.
    GlibcVersion {
        library: String,
        version: String,
    },
    /// A shared library is missing or unusable.
    Library {
        name: String,
        why: String,
    },
    /// A symbol is missing at load time. `musl` tells which loader spoke.
    Symbol {
        name: String,
        musl: bool,
    },
    /// A signal ended the process.
    Killed {
        signal: &'static str,
    },
    /// The process ended with an exit status, of its own or of what should have
    /// started it; on Windows an NTSTATUS.
    Exited {
        status: u32,
    },
    /// SIGKILL by the kernel for want of memory; `limit` where the limit of its
    /// cgroup was reached, not the end of the machine's memory.
    OutOfMemory {
        limit: bool,
    },
    /// The runtime refused the CPU: not the GOAMD64 level that the binary needs.
    Amd64Level {
        level: String,
    },
    /// The runtime refused the CPU: no (or too old) floating-point hardware.
    ArmFloat {
        vfpv3: bool,
        goarm: Option<String>,
    },
    /// The kernel's line about a fault.
    KernelFault {
        signal: &'static str,
        address: Option<RuntimeAddr>,
        ip: RuntimeAddr,
        map: Option<Mapping>,
    },
    /// A package built without cgo says that it needs it.
    NeedsCgo,
}

/// `app[401000+1000]` of a kernel line: start and size of the mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    pub file: String,
    pub start: RuntimeAddr,
    pub size: u64,
}

pub(super) struct Wording {
    pub(super) speaker: &'static str,
    pub(super) pattern: &'static str,
    pub(super) read: fn(&Captures<'_>) -> Option<Complaint>,
}

pub(super) fn group(captures: &Captures<'_>, name: &str) -> String {
    captures.name(name).map(|m| lossy(m.as_bytes())).unwrap_or_default()
}

fn hex(captures: &Captures<'_>, name: &str) -> Option<u64> {
    u64::from_str_radix(group(captures, name).trim_start_matches("0x"), 16).ok()
}

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

const WORDINGS: &[Wording] = &[
    Wording {
        speaker: "bash",
        pattern: r"^(?:\S+: (?:line )?\d+: |\S*sh: )(?P<program>.+?): cannot execute binary file(?:: Exec format error)?$",
        read: |_| Some(Complaint::ExecFormat),
    },
    Wording {
        speaker: "dash",
        pattern: r"^\S+: (?:line )?\d+: (?P<program>.+?): Exec format error$",
        read: |_| Some(Complaint::ExecFormat),
    },
    Wording {
        speaker: "zsh",
        pattern: r"^zsh:(?:\d+:)? exec format error: (?P<program>.+)$",
        read: |_| Some(Complaint::ExecFormat),
    },
    Wording {
        speaker: "mksh",
        pattern: r"^(?:E: )?\S+: (?P<program>.+?): not executable: (?:32|64)-bit ELF file$",
        read: |_| Some(Complaint::ExecFormat),
    },
    Wording {
        speaker: "Go os/exec",
        pattern: r"fork/exec (?P<program>\S+): exec format error",
        read: |_| Some(Complaint::ExecFormat),
    },
    Wording {
        speaker: "container runtime",
        pattern: r#"\bexec (?:container process )?(?:\(missing dynamic library\?\) )?[`"\\]*(?P<program>/?[^\s`"\\]+?)[`"\\]*: (?i:exec format error)"#,
        read: |_| Some(Complaint::ExecFormat),
    },
    Wording {
        speaker: "container runtime",
        pattern: r#"exec user process caused:? "?(?i:exec format error)"#,
        read: |_| Some(Complaint::ExecFormat),
    },
    Wording {
        speaker: "Python",
        pattern: r"^OSError: \[Errno 8\] Exec format error: '(?P<program>.+)'$",
        read: |_| Some(Complaint::ExecFormat),
    },
    Wording {
        speaker: "systemd",
        pattern: r"Failed at step EXEC spawning (?P<program>\S+): Exec format error",
        read: |_| Some(Complaint::ExecFormat),
    },
    Wording {
        // The first bytes of an ELF file read as a script fail in its first lines.
        speaker: "/bin/sh",
        pattern: r#"^(?:\S+: )?(?P<program>\S+): (?:line )?[1-5]: (?i:syntax error): (?:"[()]" unexpected|unexpected "[()]"|[Uu]nterminated quoted string)"#,
        read: |_| Some(Complaint::ReadAsScript),
    },
    Wording {
        speaker: "qemu-user",
        pattern: r"^qemu-\S+: (?P<program>.+?): Invalid ELF image for this architecture$",
        read: |_| Some(Complaint::WrongEmulator),
    },
    Wording {
        speaker: "qemu-user",
        pattern: r"^qemu-\S+: Could not open '(?P<path>[^']+)': No such file or directory$",
        read: |c| Some(Complaint::InterpreterMissing { path: group(c, "path") }),
    },
    Wording {
        speaker: "Rosetta",
        pattern: r"^rosetta error: failed to open elf at (?P<path>\S+)",
        read: |c| Some(Complaint::InterpreterMissing { path: group(c, "path") }),
    },
    Wording {
        speaker: "bash",
        pattern: r"^\S+: (?:line )?\d+: (?P<program>.+?): cannot execute: required file not found$",
        read: |_| Some(Complaint::NotFound { exists: true }),
    },
    Wording {
        speaker: "crun",
        pattern: r"exec container process \(missing dynamic library\?\) `(?P<program>[^`]+)`: No such file or directory",
        read: |_| Some(Complaint::NotFound { exists: true }),
    },
    Wording {
        speaker: "runc",
        pattern: r"^exec (?P<program>/\S+): no such file or directory$",
        read: |_| Some(Complaint::NotFound { exists: true }),
    },
    Wording {
        speaker: "container runtime",
        pattern: r#"exec user process caused:? "?no such file or directory"#,
        read: |_| Some(Complaint::NotFound { exists: true }),
    },
    Wording {
        speaker: "dash or busybox",
        pattern: r"^(?:\S*sh: (?:\d+: )?|\S+: \d+: )(?P<program>\S*/\S+): not found$",
        read: |_| Some(Complaint::NotFound { exists: false }),
    },
    Wording {
        speaker: "zsh",
        pattern: r"^zsh:\d+: no such file or directory: (?P<program>\S+)$",
        read: |_| Some(Complaint::NotFound { exists: false }),
    },
    Wording {
        speaker: "shell",
        pattern: r"^(?:\S*sh: (?:line \d+: )?|\S+: line \d+: |env: |E: \S+: )(?:‘|')?(?P<program>\S*/[^\s']+?)(?:’|')?: No such file or directory$",
        read: |_| Some(Complaint::NotFound { exists: false }),
    },
    Wording {
        speaker: "Go os/exec",
        pattern: r"fork/exec (?P<program>\S+): no such file or directory",
        read: |_| Some(Complaint::NotFound { exists: false }),
    },
    Wording {
        speaker: "shell",
        pattern: r"^\S*sh: (?:line )?\d+: (?P<program>\S+): Permission denied$",
        read: |_| Some(Complaint::PermissionDenied),
    },
    Wording {
        speaker: "glibc loader",
        pattern: r"^(?P<program>[^\s:]+): (?P<library>\S+): version `(?P<version>[A-Z]+_[A-Za-z0-9_.]+)' not found \(required by .+\)$",
        read: |c| {
            Some(Complaint::GlibcVersion { library: group(c, "library"), version: group(c, "version") })
        },
    },
    Wording {
        speaker: "glibc loader",
        pattern: r"^(?P<program>[^\s:]+): error while loading shared libraries: (?P<name>[^:]+): (?P<why>.+)$",
        read: |c| Some(Complaint::Library { name: group(c, "name"), why: group(c, "why") }),
    },
    Wording {
        speaker: "musl loader",
        pattern: r"^Error loading shared library (?P<name>[^:]+): (?P<why>.+?)(?: \(needed by (?P<program>.+)\))?$",
        read: |c| Some(Complaint::Library { name: group(c, "name"), why: group(c, "why") }),
    },
    Wording {
        speaker: "musl loader",
        pattern: r"^Error relocating (?P<program>.+?): (?P<name>\S+): symbol not found$",
        read: |c| Some(Complaint::Symbol { name: group(c, "name"), musl: true }),
    },
    Wording {
        speaker: "glibc loader",
        pattern: r"^(?P<program>[^\s:]+): symbol lookup error: .+?: undefined symbol: (?P<name>[^\s,]+)",
        read: |c| Some(Complaint::Symbol { name: group(c, "name"), musl: false }),
    },
    Wording {
        speaker: "Go runtime",
        pattern: r"^This program can only be run on AMD64 processors with (?P<level>v[234]) microarchitecture support\.$",
        read: |c| Some(Complaint::Amd64Level { level: group(c, "level") }),
    },
    Wording {
        // runtime/os_linux_arm.go, checkgoarm; the second line changed in 1.22.
        speaker: "Go runtime",
        pattern: r"^runtime: this CPU has no (?P<vfpv3>VFPv3 )?floating point hardware, so it cannot run$",
        read: |c| Some(Complaint::ArmFloat { vfpv3: c.name("vfpv3").is_some(), goarm: None }),
    },
    Wording {
        speaker: "Go runtime",
        pattern: r"^this GOARM=(?P<goarm>[567]) binary\. Recompile using GOARM=",
        read: |c| Some(Complaint::ArmFloat { vfpv3: false, goarm: Some(group(c, "goarm")) }),
    },
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
    Wording {
        speaker: "go-sqlite3",
        pattern: r"Binary was compiled with 'CGO_ENABLED=0', go-sqlite3 requires cgo to work\.",
        read: |_| Some(Complaint::NeedsCgo),
    },
];

/// Fragments of which every wording holds one: what the carver searches for.
pub(super) const ANCHORS: &[&str] = &[
    "ormat error",
    "annot execute",
    "not executable:",
    "yntax error: ",
    "Invalid ELF image",
    "Could not open '",
    "rosetta error",
    "o such file or directory",
    "not found",
    "Permission denied",
    "loading shared librar",
    "Error relocating",
    "symbol lookup error",
    "microarchitecture support",
    "floating point hardware",
    "this GOARM=",
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
    "requires cgo to work",
];

/// Bytes, not Unicode: the tables of letters would take longer to build than
/// a log to read.
fn bytes_only(pattern: &str) -> String {
    format!("(?-u){pattern}")
}

fn wordings() -> impl Iterator<Item = &'static Wording> {
    WORDINGS.iter().chain(supervisor::WORDINGS)
}

static SET: LazyLock<Option<RegexSet>> =
    LazyLock::new(|| RegexSet::new(wordings().map(|wording| bytes_only(wording.pattern))).ok());

/// A line longer than this is not one of these; a log line may be megabytes.
const LONGEST: usize = 4096;

/// Interpreters and shells are not written in Go, whatever ails them.
fn is_of_another_language(program: &str) -> bool {
    const NAMES: &[&str] = &[
        "python",
        "java",
        "node",
        "perl",
        "ruby",
        "php",
        "bash",
        "sh",
        "dash",
        "zsh",
        "ImportError",
        "OSError",
    ];
    let name = program.rsplit('/').next().unwrap_or(program);
    // python3.11, node18
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    NAMES.contains(&name)
}

pub(super) fn remark(line: &[u8], number: u64) -> Option<Remark> {
    let line = line.trim_ascii_end();
    if line.len() > LONGEST {
        return None;
    }
    let first = SET.as_ref()?.matches(line).into_iter().next()?;
    let wording = wordings().nth(first)?;
    let regex = Regex::new(&bytes_only(wording.pattern)).ok()?;
    let captures = regex.captures(line)?;
    let complaint = (wording.read)(&captures)?;
    let program = captures.name("program").map(|m| lossy(m.as_bytes()));
    if program.as_deref().is_some_and(is_of_another_language) {
        return None;
    }
    // A script that a shell cannot read is no executable of another machine.
    let script = program
        .as_ref()
        .is_some_and(|p| [".sh", ".bash", ".py", ".pl", ".rb", ".js"].iter().any(|s| p.ends_with(s)));
    if script && complaint == Complaint::ReadAsScript {
        return None;
    }
    Some(Remark { complaint, speaker: wording.speaker, program, text: lossy(line), line: number })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(line: &str) -> Option<Complaint> {
        remark(line.as_bytes(), 1).map(|r| r.complaint)
    }

    #[test]
    fn patterns_compile_and_are_anchored_in_the_search() {
        assert!(SET.is_some());
        assert!(wordings().all(|wording| Regex::new(&bytes_only(wording.pattern)).is_ok()));
        for line in [
            "bash: line 1: ./app: cannot execute binary file: Exec format error",
            "/bin/dash: 1: /app/probe: Exec format error",
            "zsh:1: exec format error: /app/probe",
            "exec.Command: fork/exec /app/probe: exec format error",
            "exec container process `/app`: Exec format error",
            "exec /app: exec format error",
            r#"standard_init_linux.go:228: exec user process caused: exec format error"#,
        ] {
            assert_eq!(complaint(line), Some(Complaint::ExecFormat), "{line}");
            assert!(ANCHORS.iter().any(|anchor| line.contains(anchor)), "{line}");
        }
    }

    #[test]
    fn missing_interpreters() {
        for (line, exists) in [
            ("/bin/bash: line 1: /app/x: cannot execute: required file not found", true),
            ("exec /app-cgo: no such file or directory", true),
            ("exec container process (missing dynamic library?) `/app-cgo`: No such file or directory", true),
            ("/bin/sh: /app: not found", false),
            ("/bin/dash: 1: /app/x: not found", false),
            ("zsh:1: no such file or directory: /app/x", false),
            ("env: ‘bin/x’: No such file or directory", false),
        ] {
            assert_eq!(complaint(line), Some(Complaint::NotFound { exists }), "{line}");
        }
        let path = "/lib/ld-linux-aarch64.so.1".to_owned();
        assert_eq!(
            complaint("qemu-aarch64: Could not open '/lib/ld-linux-aarch64.so.1': No such file or directory"),
            Some(Complaint::InterpreterMissing { path })
        );
    }

    #[test]
    fn signals_and_kernel_lines() {
        for line in [
            "Illegal instruction",
            "Illegal instruction (core dumped)",
            "bash: line 1: 12345 Illegal instruction     (core dumped) ./app",
            "qemu: uncaught target signal 4 (Illegal instruction) - core dumped",
            "signal: illegal instruction (core dumped)",
        ] {
            assert_eq!(complaint(line), Some(Complaint::Killed { signal: "SIGILL" }), "{line}");
        }
        let Some(Complaint::KernelFault { signal, ip, map, .. }) = complaint(
            "[ 1.2] app[123]: segfault at 0 ip 0000000000401136 sp 00007ffd error 4 in app[401000+1000] likely on CPU 0",
        ) else {
            panic!("not understood")
        };
        assert_eq!((signal, ip), ("SIGSEGV", RuntimeAddr(0x401136)));
        assert_eq!(map.unwrap().start, RuntimeAddr(0x401000));
    }

    #[test]
    fn ordinary_lines_say_nothing() {
        for line in [
            "/usr/bin/python3.11: error while loading shared libraries: libpython3.so.1: cannot open shared object file: No such file or directory",
            "bash: error while loading shared libraries: libtinfo.so.6: cannot open shared object file: No such file or directory",
            "user 17 not found",
            "GET /x: 404 not found",
            "config.yaml: No such file or directory",
            "open /etc/app.conf: no such file or directory",
            "parser: syntax error: bad token",
            "request Aborted by peer",
            "the illegal instruction was removed",
            "Permission denied (publickey).",
            "bash: script.sh: line 7: syntax error: unexpected end of file",
            "deploy.sh: line 3: syntax error: unexpected \"(\"",
        ] {
            assert_eq!(complaint(line), None, "{line}");
        }
    }
}
