//! What is said of a program that did not start, or died without Go text.

use super::{Explanation, Verdict};
use crate::trace::{Complaint, Crash};

pub(super) fn launch(crash: &Crash) -> Explanation {
    // For want of memory: that is why, whatever else was seen.
    let memory = crash.remarks.iter().find(|r| matches!(r.complaint, Complaint::OutOfMemory { .. }));
    let Some(remark) = memory.or(crash.remarks.first()) else {
        return Explanation::new(Verdict::Unknown, "");
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
    Explanation::new(verdict, text)
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
