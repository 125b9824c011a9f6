//! What those say who watch a process: the kernel's memory killer, systemd,
//! container runtimes, Kubernetes; and a bare exit code or signal.

use regex::bytes::Captures;

use super::{Complaint, Remark, Table, Wording, group};
use crate::trace::grammar::{Lines, lossy};

/// Numbers of Linux on all CPUs but MIPS and SPARC (signal(7)).
const SIGNALS: &[(u32, &str)] = &[
    (1, "SIGHUP"),
    (2, "SIGINT"),
    (3, "SIGQUIT"),
    (4, "SIGILL"),
    (5, "SIGTRAP"),
    (6, "SIGABRT"),
    (7, "SIGBUS"),
    (8, "SIGFPE"),
    (9, "SIGKILL"),
    (10, "SIGUSR1"),
    (11, "SIGSEGV"),
    (12, "SIGUSR2"),
    (13, "SIGPIPE"),
    (14, "SIGALRM"),
    (15, "SIGTERM"),
    (16, "SIGSTKFLT"),
    (24, "SIGXCPU"),
    (25, "SIGXFSZ"),
    (31, "SIGSYS"),
];

/// Values of NTSTATUS that are errors of the system: no program returns so much by
/// itself.
const NTSTATUS: std::ops::Range<u32> = 0xc000_0000..0xc100_0000;

fn by_number(number: u32) -> Option<&'static str> {
    SIGNALS.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
}

fn by_name(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_uppercase();
    let name = name.strip_prefix("SIG").unwrap_or(&name);
    SIGNALS.iter().map(|(_, known)| *known).find(|known| known.strip_prefix("SIG") == Some(name))
}

/// What an exit status says; 0 says nothing. Shells and container runtimes
/// report a death by signal N as 128+N.
fn of_status(status: u32) -> Option<Complaint> {
    let signal = status.checked_sub(128).and_then(by_number);
    match (status, signal) {
        (0, _) => None,
        (_, Some(signal)) => Some(Complaint::Killed { signal }),
        (status, None) => Some(Complaint::Exited { status }),
    }
}

/// The remark of an exit code that somebody typed; `None` for 0, which is no crash.
pub fn exit_code(text: &str) -> Result<Option<Remark>, String> {
    let lower = text.to_ascii_lowercase();
    let number = match lower.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16).ok(),
        None => lower.parse::<i64>().ok(),
    };
    // PowerShell prints an NTSTATUS as a negative number.
    let status = number.and_then(|number| {
        u32::try_from(number).ok().or_else(|| i32::try_from(number).ok().map(i32::cast_unsigned))
    });
    let status = status.filter(|status| *status < 256 || NTSTATUS.contains(status)).ok_or_else(|| {
        format!("{text} is no exit code: those are 0 to 255, on Windows also a status such as 0xc0000005")
    })?;
    Ok(of_status(status).map(|complaint| {
        let text = match &complaint {
            Complaint::Killed { signal } => format!("exit code {status} ({signal})"),
            _ if NTSTATUS.contains(&status) => format!("exit code {status:#x}"),
            _ => format!("exit code {status}"),
        };
        typed(complaint, text)
    }))
}

/// The remark of a signal that somebody typed, by name or number.
pub fn signal(text: &str) -> Result<Remark, String> {
    let signal = text.parse::<u32>().map_or_else(|_| by_name(text), by_number);
    let signal = signal.ok_or_else(|| {
        format!("{text} is no signal that ends a process: give a name such as SIGILL, or its number on Linux")
    })?;
    Ok(typed(Complaint::Killed { signal }, format!("ended by {signal}")))
}

fn typed(complaint: Complaint, text: String) -> Remark {
    Remark { complaint, speaker: "command line", program: None, text, line: 0, error: false }
}

/// `status` of a wording. Of services and containers of all sorts that are listed in
/// one line each, those that ended by a status of their own are no matter of Go.
fn exited(captures: &Captures<'_>) -> Option<Complaint> {
    let complaint = of_status(group(captures, "status").parse().ok()?)?;
    let own = matches!(complaint, Complaint::Exited { status } if !matches!(status, 126 | 127 | 203));
    (!own).then_some(complaint)
}

fn killed_by_name(captures: &Captures<'_>) -> Option<Complaint> {
    Some(Complaint::Killed { signal: by_name(&group(captures, "signal"))? })
}

pub(super) const TABLE: Table = Table { wordings: WORDINGS, anchors: ANCHORS, error: false };

const WORDINGS: &[Wording] = &[
    Wording {
        speaker: "systemd",
        pattern: r"(?P<program>\S+)\.service: Main process exited, code=(?:killed|dumped), status=\d+/(?P<signal>[A-Z0-9]+)",
        read: killed_by_name,
    },
    Wording {
        speaker: "systemd",
        pattern: r"(?P<program>\S+)\.service: Main process exited, code=exited, status=(?P<status>\d+)/",
        read: exited,
    },
    Wording {
        // Other results repeat the line above.
        speaker: "systemd",
        pattern: r"(?P<program>\S+)\.service: Failed with result 'oom-kill'",
        read: |_| Some(Complaint::OutOfMemory { limit: false }),
    },
    Wording {
        // systemctl status
        speaker: "systemd",
        pattern: r"^\s*(?:Main PID: \d+|Process: \d+ ExecStart=(?P<program>\S+).*) \(code=(?:killed|dumped), signal=(?P<signal>[A-Z0-9]+)\)",
        read: killed_by_name,
    },
    Wording {
        speaker: "systemd",
        pattern: r"^\s*(?:Main PID: \d+|Process: \d+ ExecStart=(?P<program>\S+).*) \(code=exited, status=(?P<status>\d+)(?:/[A-Za-z0-9_/]+)?\)",
        read: exited,
    },
    Wording {
        speaker: "systemd",
        pattern: r"Failed at step EXEC spawning (?P<program>\S+): No such file or directory",
        read: |_| Some(Complaint::NotFound { exists: false }),
    },
    Wording {
        speaker: "systemd",
        pattern: r"Failed at step EXEC spawning (?P<program>\S+): Permission denied",
        read: |_| Some(Complaint::PermissionDenied),
    },
    Wording {
        // mm/oom_kill.c, __oom_kill_process
        speaker: "kernel",
        pattern: r"(?P<limit>Memory cgroup o|O)ut of memory(?: \([^)]*\))?: Killed process \d+ \((?P<program>[^)]+)\)",
        read: |c| Some(Complaint::OutOfMemory { limit: group(c, "limit").starts_with('M') }),
    },
    Wording {
        // mm/oom_kill.c, dump_oom_summary
        speaker: "kernel",
        pattern: r"oom-kill:constraint=CONSTRAINT_(?P<limit>[A-Z_]+),.*\btask=(?P<program>[^,]+),pid=\d+",
        read: |c| Some(Complaint::OutOfMemory { limit: group(c, "limit") == "MEMCG" }),
    },
    Wording {
        // arch/arm/kernel/traps.c, arch/arm64/kernel/traps.c
        speaker: "kernel",
        pattern: r"(?P<program>[^\s\[\]]+)(?: \(\d+\)|\[\d+\]): (?:unhandled exception: .*)?undefined instruction\b",
        read: |_| Some(Complaint::Killed { signal: "SIGILL" }),
    },
    Wording {
        speaker: "docker",
        pattern: r"\bExited \((?P<status>\d+)\) (?:About |Less than )?(?:\d+|an?) \w+ ago\b",
        read: exited,
    },
    Wording {
        // docker inspect -f '{{json .State}}'
        speaker: "docker",
        pattern: r#""Status":"exited".*"OOMKilled":(?P<oom>true|false),.*"ExitCode":(?P<status>\d+)"#,
        read: |c| {
            if group(c, "oom") == "true" { Some(Complaint::OutOfMemory { limit: true }) } else { exited(c) }
        },
    },
];

/// Fragments of which every wording, and every block, holds one.
// Searched for by their first bytes: the rarer these are in logs, the faster.
const ANCHORS: &[&str] = &[
    "xited, code=",
    "(code=",
    "step EXEC",
    "emory: Kill",
    "oom-kill",
    "undefined instruction",
    "Exited (",
    "xitCode",
    "Exit Code:",
];

/// Lines between an exit code and what opens its block: a message of
/// Kubernetes, at most 4096 bytes, may stand between.
const BLOCK_LINES: usize = 256;
/// Lines of the state of a container of docker before and after its exit code.
const STATE_LINES: usize = 12;

/// The exit code of a container in what `kubectl describe pod`, `kubectl get pod
/// -o yaml` (or json) and `docker inspect` print: one line of a block, whose
/// other lines say whether the container has ended, and why.
pub(in crate::trace) fn block(text: &[u8], at: usize, number: u64) -> Option<Remark> {
    let line = lossy(Lines::new(text, at).next()?);
    let (key, value) = line.split_once(':')?;
    let status = value.trim().trim_end_matches(',').parse::<u32>().ok()?;
    let complaint = of_status(status)?;
    let (speaker, program, oom) = match key.trim().trim_matches('"') {
        "Exit Code" => described(text, at)?,
        // With 2 a message beside it holds the trace, which is read by itself.
        "exitCode" if status != 2 => terminated(text, at)?,
        "ExitCode" => inspected(text, at)?,
        _ => return None,
    };
    let words: Vec<&str> = line.trim().trim_end_matches(',').split_whitespace().collect();
    let mut said = words.join(" ").replace('"', "");
    if let Some(container) = &program {
        said = format!("{container}: {said}");
    }
    let complaint = if oom {
        said.push_str(", OOMKilled");
        Complaint::OutOfMemory { limit: true }
    } else {
        complaint
    };
    Some(Remark { complaint, speaker, program, text: said, line: number, error: false })
}

/// Who speaks, the container, and whether memory was the reason.
type Told = (&'static str, Option<String>, bool);

/// `Exit Code:` below `State:` or `Last State:`, in the part of a container.
fn described(text: &[u8], at: usize) -> Option<Told> {
    let mut above = above(text, at);
    let mut oom = false;
    let state = above.by_ref().take(BLOCK_LINES).find(|line| {
        oom |= line.trim_start().starts_with("Reason:") && line.trim_end().ends_with(" OOMKilled");
        let line = line.trim_start();
        line.starts_with("State:") || line.starts_with("Last State:")
    })?;
    if !state.trim_end().ends_with(" Terminated") {
        return None;
    }
    let depth = indent(&state);
    let name = above.take(BLOCK_LINES).find(|line| indent(line) < depth && !line.trim().is_empty());
    let name = name.and_then(|line| Some(line.trim().strip_suffix(':')?.to_owned()));
    Some(("kubectl", name.filter(|name| !name.contains(' ')), oom))
}

/// `exitCode` below `terminated`; the keys are sorted, so the reason follows.
fn terminated(text: &[u8], at: usize) -> Option<Told> {
    let mut lines = Lines::new(text, at);
    let depth = indent(&lossy(lines.next()?));
    let parent = above(text, at).take(STATE_LINES).find(|line| indent(line) < depth)?;
    if parent.trim().trim_matches(['"', ':', '{', ' ']) != "terminated" {
        return None;
    }
    let rest: Vec<String> =
        lines.take(BLOCK_LINES).map(lossy).take_while(|line| indent(line) >= depth).collect();
    let has = |key: &str| {
        rest.iter().find_map(|line| line.trim().trim_start_matches('"').strip_prefix(key).map(str::to_owned))
    };
    Some(("kubectl", None, has("reason").is_some_and(|reason| reason.contains("OOMKilled"))))
}

/// `"ExitCode"` in the state of a container that has ended (`docker inspect`).
fn inspected(text: &[u8], at: usize) -> Option<Told> {
    let before: Vec<String> = above(text, at).take(STATE_LINES).collect();
    let says = |what: &str| before.iter().any(|line| line.trim().trim_end_matches(',') == what);
    (says("\"Running\": false") || says("\"Status\": \"exited\""))
        .then(|| ("docker", None, says("\"OOMKilled\": true")))
}

fn indent(line: &str) -> usize {
    line.len().saturating_sub(line.trim_start().len())
}

/// The lines above the one that starts at `at`, the nearest first.
fn above(text: &[u8], at: usize) -> impl Iterator<Item = String> {
    let before = text.get(..at.saturating_sub(1)).unwrap_or_default();
    before.rsplit(|byte| *byte == b'\n').map(lossy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: &str) -> Option<Complaint> {
        assert!(super::super::anchors().iter().any(|anchor| line.contains(anchor)), "{line}");
        super::super::remark(line.as_bytes(), 1).map(|remark| remark.complaint)
    }

    #[test]
    fn typed_codes_and_signals() {
        let code = |text: &str| exit_code(text).unwrap().map(|remark| remark.complaint);
        for (text, signal) in [("132", "SIGILL"), ("134", "SIGABRT"), ("137", "SIGKILL"), ("159", "SIGSYS")] {
            assert_eq!(code(text), Some(Complaint::Killed { signal }));
        }
        assert_eq!(code("0"), None);
        assert_eq!(code("255"), Some(Complaint::Exited { status: 255 }));
        let access = Some(Complaint::Exited { status: 0xc000_0005 });
        assert_eq!(
            [code("0xC0000005"), code("3221225477"), code("-1073741819")],
            [access.clone(), access.clone(), access]
        );
        for text in ["300", "-5", "-1", "256", "", "0x", "ill", "99999999999999999999", "0xc00000050"] {
            assert!(exit_code(text).is_err(), "{text}");
        }
        for text in ["SIGILL", "ill", "4"] {
            assert_eq!(signal(text).unwrap().complaint, Complaint::Killed { signal: "SIGILL" });
        }
        assert!(["0", "SIGFOO", "64", ""].iter().all(|text| signal(text).is_err()));
    }

    #[test]
    fn blocks_of_containers() {
        let json = |state: &str, code: &str, reason: &str| {
            format!(
                "\"{state}\": {{\n    \"containerID\": \"x\",\n    \"exitCode\": {code},\n    \"reason\": \"{reason}\"\n}}\n"
            )
        };
        let read = |text: &str| {
            let at = text.find("    \"exitCode").unwrap();
            block(text.as_bytes(), at, 3).map(|remark| remark.complaint)
        };
        let ill = Some(Complaint::Killed { signal: "SIGILL" });
        assert_eq!(read(&json("terminated", "132", "Error")), ill);
        let memory = Some(Complaint::OutOfMemory { limit: true });
        assert_eq!(read(&json("terminated", "137", "OOMKilled")), memory);
        for (state, code) in [("terminated", "0"), ("waiting", "132"), ("task", "1"), ("terminated", "-1")] {
            assert_eq!(read(&json(state, code, "Error")), None, "{state} {code}");
        }
        assert_eq!(block(b"    exitCode: 132", 0, 1), None);
    }

    #[test]
    fn lines_of_supervisors() {
        let ill = Some(Complaint::Killed { signal: "SIGILL" });
        for line in [
            "app.service: Main process exited, code=killed, status=4/ILL",
            "   Main PID: 812 (code=killed, signal=ILL)",
            "3f1c app:1 \"/app\" 2 hours ago Exited (132) 3 minutes ago app",
            "[ 12.5] app (311): undefined instruction: pc=b6f2c1d0",
        ] {
            assert_eq!(said(line), ill, "{line}");
        }
        let exec = "app.service: Main process exited, code=exited, status=203/EXEC";
        assert_eq!(said(exec), Some(Complaint::Exited { status: 203 }));
        let killed = "Out of memory: Killed process 17 (app) total-vm:1kB";
        assert_eq!(said(killed), Some(Complaint::OutOfMemory { limit: false }));
        for line in [
            "   Main PID: 812 (code=exited, status=0/SUCCESS)",
            "app.service: Main process exited, code=exited, status=2/INVALIDARGUMENT",
            "3f1c app:1 \"/app\" 2 hours ago Exited (0) 3 minutes ago app",
            "worker: Exited (132) jobs so far",
            "out of memory: Killed by the operator",
        ] {
            assert_eq!(said(line), None, "{line}");
        }
    }
}
