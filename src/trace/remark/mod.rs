//! What others say when a program does not start or dies without Go text, and
//! errors that a program or its tools report without a crash.
//!
//! One row per wording, one table per family of speakers. Every wording was
//! seen in a real run; who prints it is the first column.

mod building;
mod cpu;
mod emulators;
mod files;
mod images;
mod launchers;
mod loaders;
mod lookups;
mod packages;
mod plugins;
mod signals;
pub mod supervisor;
mod system;
mod toolchain;
mod wasm;

use std::sync::{LazyLock, OnceLock};

use regex::bytes::{Captures, Regex, RegexSet};

use super::grammar::lossy;
use crate::addr::RuntimeAddr;

/// The families. Of two wordings that fit a line the first one counts.
const TABLES: &[Table] = &[
    launchers::TABLE,
    loaders::TABLE,
    cpu::TABLE,
    emulators::TABLE,
    signals::TABLE,
    files::TABLE,
    images::TABLE,
    images::WARNINGS,
    packages::TABLE,
    supervisor::TABLE,
    building::TABLE,
    lookups::TABLE,
    plugins::TABLE,
    system::DEATHS,
    system::ERRORS,
    toolchain::TABLE,
    wasm::TABLE,
];

/// What one family of speakers says.
struct Table {
    wordings: &'static [Wording],
    /// Fragments of which every wording holds one: what the carver searches for,
    /// by their first bytes. The rarer these are in logs, the faster.
    anchors: &'static [&'static str],
    /// Reported by a program that may go on, or by a tool of the build.
    error: bool,
}

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
    /// An error that is told; that the program ended by it is not said.
    pub error: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
    /// The runtime refused the CPU: it lacks what every build, or this one, needs.
    CpuRefused(Refusal),
    /// An image is for another platform than the one it was to run on; names as
    /// containers have them, `linux/arm64/v8`.
    OtherPlatform {
        image: Option<String>,
        host: Option<String>,
    },
    /// The file is a Git LFS pointer, which a shell read as a script.
    LfsPointer,
    /// The emulator itself failed.
    EmulatorFailed,
    /// The kernel's line about a fault.
    KernelFault {
        signal: &'static str,
        address: Option<RuntimeAddr>,
        ip: RuntimeAddr,
        map: Option<Mapping>,
    },
    /// A package built without cgo says that it needs it.
    NeedsCgo,
    /// A build asked for what needs cgo, which was off: `-race`, a build mode.
    BuildNeedsCgo {
        what: String,
    },
    /// The linker found no runtime/cgo for a program that is to be linked with it.
    NoRuntimeCgo,
    /// Every file of a package is left out of this build.
    NoFilesLeft {
        package: String,
    },
    /// A C compiler was given what is for another machine: runtime/cgo's assembly
    /// (of this file), or an option that only compilers of the target know.
    OtherMachinesCompiler {
        assembly: Option<String>,
        option: Option<String>,
    },
    /// The linker's warning of a static glibc that is to load NSS libraries.
    StaticNss,
    /// Go's resolver asked the name server that it falls back on.
    NoNameServer {
        localhost: bool,
    },
    /// DNS does not know `NAME.local`.
    LocalName {
        host: String,
    },
    /// getaddrinfo of the C library failed for a name that DNS need not know.
    Getaddrinfo {
        host: String,
    },
    /// user.Current, built without cgo, found no user; variables that are not set.
    UserNeedsCgo {
        unset: String,
    },
    /// The program was built without plugins.
    NoPlugins,
    /// Plugin and program disagree about a package.
    PluginVersion {
        package: String,
    },
    /// A static glibc compared the kernel with what it was built for.
    KernelTooOld,
    /// ENOSYS in an error of a Go program; the call is named as the error names it.
    NotImplemented {
        call: String,
    },
    /// An allocator in C was built for smaller pages than the kernel has.
    PageSize,
    /// The kernel killed a process for a system call that a filter forbids.
    SeccompKill {
        /// AUDIT_ARCH_*
        arch: u32,
        number: u64,
    },
    /// time.LoadLocation found no such zone.
    UnknownZone {
        name: String,
    },
    /// A certificate leads to no root that is known. `candidate` where there is one
    /// of the right name.
    UnknownAuthority {
        candidate: bool,
    },
    /// There are no root certificates at all.
    NoRoots,
    /// macOS has no such symbol.
    DyldSymbol {
        name: String,
    },
    /// macOS refuses the signature of the code.
    CodeSignature,
    /// OpenBSD's libc has no syscall(2) any more.
    SyscallSymbol,
    /// Android starts position-independent executables only.
    PieOnly,
    /// The memory of the race detector could not be mapped.
    RaceMemory {
        size: Option<u64>,
        errno: u32,
    },
    /// The race detector does not know this size of the address space.
    RaceAddresses,
    /// The host of a WebAssembly module lacks what the module imports.
    WasmImport {
        module: String,
        function: Option<String>,
    },
    /// wasm_exec_node.js of Go 1.19 or older in a newer Node.
    OldWasmGlue,
    /// The toolchain is not the one that the source or the environment asks for.
    Toolchain(Skew),
    UnknownExperiment {
        name: String,
    },
    UnknownGodebug {
        name: String,
    },
    /// A function without a body has no assembly either. The linker names both.
    NoBody {
        function: Option<String>,
        target: Option<String>,
    },
}

/// How a toolchain and what it is to build do not go together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Skew {
    Requires {
        who: String,
        needs: String,
        has: String,
    },
    /// A line of go.mod that this go command does not understand.
    Directive {
        text: String,
    },
    /// The go command of one version and a tool of another.
    Mixed {
        tool: String,
        has: String,
        needs: String,
    },
    /// No port of this name.
    Pair {
        pair: String,
    },
    NotInStd {
        package: String,
    },
}

/// What the runtime said that it did not find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// arm64: LSE atomics (runtime/asm_arm64.s, 1.25).
    Lse,
    /// 386: MMX (runtime/asm_386.s).
    Mmx,
    /// s390x: the vector facility (runtime/os_linux_s390x.go, 1.22).
    Vector,
    /// arm on the BSDs: one CPU (runtime/os_netbsd_arm.go).
    OneCpu,
}

/// `app[401000+1000]` of a kernel line: start and size of the mapping.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mapping {
    pub file: String,
    pub start: RuntimeAddr,
    pub size: u64,
}

struct Wording {
    speaker: &'static str,
    pattern: &'static str,
    read: fn(&Captures<'_>) -> Option<Complaint>,
}

fn group(captures: &Captures<'_>, name: &str) -> String {
    captures.name(name).map(|m| lossy(m.as_bytes())).unwrap_or_default()
}

fn hex(captures: &Captures<'_>, name: &str) -> Option<u64> {
    u64::from_str_radix(group(captures, name).trim_start_matches("0x"), 16).ok()
}

/// Bytes, not Unicode: the tables of letters would take longer to build than
/// a log to read.
fn bytes_only(pattern: &str) -> String {
    format!("(?-u){pattern}")
}

fn wordings() -> impl Iterator<Item = (&'static Table, &'static Wording)> {
    TABLES.iter().flat_map(|table| table.wordings.iter().map(move |wording| (table, wording)))
}

/// What the carver searches for, without repetitions.
pub(super) fn anchors() -> Vec<&'static str> {
    let mut all: Vec<&str> = Vec::new();
    for anchor in TABLES.iter().flat_map(|table| table.anchors) {
        if !all.contains(anchor) {
            all.push(anchor);
        }
    }
    all
}

static SET: LazyLock<Option<RegexSet>> =
    LazyLock::new(|| RegexSet::new(wordings().map(|(_, wording)| bytes_only(wording.pattern))).ok());

/// The pattern of each wording by itself, for what it captures: compiled when the first
/// line of it comes, for a log may hold thousands, or none.
static PATTERNS: LazyLock<Vec<OnceLock<Option<Regex>>>> =
    LazyLock::new(|| wordings().map(|_| OnceLock::new()).collect());

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
        "fish",
        "ksh",
        "mksh",
        "busybox",
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
    let (table, wording) = wordings().nth(first)?;
    let compile = || Regex::new(&bytes_only(wording.pattern)).ok();
    let captures = PATTERNS.get(first)?.get_or_init(compile).as_ref()?.captures(line)?;
    let complaint = (wording.read)(&captures)?;
    let program = captures.name("program").map(|m| lossy(m.as_bytes()));
    // A module of Node that musl's loader complains about.
    if program.as_deref().is_some_and(|p| is_of_another_language(p) || p.ends_with(".node")) {
        return None;
    }
    // A script that a shell cannot read is no executable of another machine.
    let script = program
        .as_ref()
        .is_some_and(|p| [".sh", ".bash", ".py", ".pl", ".rb", ".js"].iter().any(|s| p.ends_with(s)));
    if script && complaint == Complaint::ReadAsScript {
        return None;
    }
    Some(Remark {
        complaint,
        speaker: wording.speaker,
        program,
        text: lossy(line),
        line: number,
        error: table.error,
    })
}

impl Complaint {
    /// What comes right after it may be what it warned of.
    pub(super) fn is_warning(&self) -> bool {
        matches!(self, Complaint::OtherPlatform { .. })
    }
}

/// The error that a text tells, where it is one that programs report and go on.
pub fn error_in(text: &str) -> Option<Remark> {
    remark(text.as_bytes(), 0).filter(|remark| remark.error)
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
        assert!(wordings().all(|(_, wording)| Regex::new(&bytes_only(wording.pattern)).is_ok()));
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
            assert!(anchors().iter().any(|anchor| line.contains(anchor)), "{line}");
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
    fn refusals_of_the_cpu() {
        for (line, refusal) in [
            ("This program can only run on ARM64 processors with LSE support.", Refusal::Lse),
            ("This program can only be run on processors with MMX support.", Refusal::Mmx),
            (
                "runtime: This CPU has no floating point hardware, so this program cannot be run. ",
                Refusal::Vector,
            ),
            ("runtime: this system has multiple CPUs and must use", Refusal::OneCpu),
        ] {
            assert_eq!(complaint(line), Some(Complaint::CpuRefused(refusal)), "{line}");
            assert!(anchors().iter().any(|anchor| line.contains(anchor)), "{line}");
        }
    }

    #[test]
    fn images_for_another_platform() {
        let other = |image: Option<&str>, host: Option<&str>| {
            Some(Complaint::OtherPlatform { image: image.map(str::to_owned), host: host.map(str::to_owned) })
        };
        let (amd64, arm64) = ("linux/amd64", "linux/arm64/v8");
        for (line, image, host) in [
            (
                " web The requested image's platform (linux/amd64) does not match the detected host platform (linux/arm64/v8) and no specific platform was requested 0.0s ",
                Some(amd64),
                Some(arm64),
            ),
            (
                "Error response from daemon: no matching manifest for linux/arm64/v8 in the manifest list entries: no match for platform in manifest: not found",
                None,
                Some(arm64),
            ),
            (
                "Error response from daemon: image with reference shop/app:1 was found but does not match the specified platform: wanted linux/arm64/v8, actual: linux/amd64",
                Some(amd64),
                Some(arm64),
            ),
            (
                r#"Failed to pull image "shop/app:1": rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/shop/app:1": no match for platform in manifest: not found"#,
                None,
                None,
            ),
            (
                "ERROR: failed to solve: maven:3.9-eclipse-temurin-11-alpine: no match for platform in manifest: not found",
                None,
                None,
            ),
        ] {
            assert_eq!(complaint(line), other(image, host), "{line}");
            assert!(anchors().iter().any(|anchor| line.contains(anchor)), "{line}");
        }
        for line in [
            "You may get `The requested image's platform (linux/amd64) does not match the detected host platform` on a Mac.",
            "- `no matching manifest for linux/arm64/v8`: build it for arm64",
            "the pull fails with `no match for platform in manifest`, which names the symptom",
        ] {
            assert_eq!(complaint(line), None, "{line}");
        }
    }

    #[test]
    fn files_that_are_no_programs() {
        assert_eq!(complaint("./lfs: line 2: oid: command not found"), Some(Complaint::LfsPointer));
        assert_eq!(complaint("./lfs: 2: oid: not found"), Some(Complaint::LfsPointer));
        assert_eq!(complaint("./deploy.sh: line 14: oid: command not found"), None);
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
