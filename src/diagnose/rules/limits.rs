//! Limits on threads and on memory.

use super::super::{
    Answer, Case, Confidence, Docs, Evidence, Finding, Remedy, Rule, Verdict, message_evidence,
};
use super::seccomp::{no_thread, quoted};
use crate::trace::{Complaint, Crash};

pub(super) const RLIMIT_NPROC: Rule = Rule {
    id: "rlimit-nproc",
    title: "a limit on processes and threads is reached",
    blames: Verdict::Resource,
    docs: Docs {
        what: "The system refused a new thread with EAGAIN: a limit on the number of threads is reached.",
        why: "Linux counts threads as processes. The limit may be that of the user (ulimit -u, RLIMIT_NPROC: all processes \
              of the user count, also those of other containers with the same uid), of the cgroup (pids.max: docker \
              --pids-limit, systemd TasksMax=, podPidsLimit of the kubelet), or of the machine (kernel.threads-max, \
              kernel.pid_max). The runtime's advice, `ulimit -u`, is only one of them.",
        evidence: "`failed to create new OS thread (have N already; errno=11)` is certain. With cgo, `pthread_create failed: \
                   Resource temporarily unavailable` is likely: glibc says the same where it finds no memory for the \
                   stack of the thread.",
        look_alikes: "errno=1 and `Operation not permitted` are a filter: seccomp-blocks-threads. `thread exhaustion` \
                      (10,000 threads) is the runtime's own limit: goroutines pile up in blocking calls.",
        fix: "Raise the limit that is reached, or find out why there are so many threads: goroutines in blocking system \
              calls or in C each hold one.",
        since: "All Go versions; the runtime's advice about ulimit -u is there for EAGAIN alone.",
    },
    check: rlimit_nproc,
};

/// `have 3 already` of the runtime's note.
fn threads(text: &str) -> Option<u64> {
    text.split_once("(have ")?.1.split_once(' ')?.0.parse().ok()
}

fn rlimit_nproc(case: &Case<'_>) -> Answer {
    let Some(crash) = case.crash else { return Answer::Irrelevant };
    let Some((text, forbidden, by_c)) = no_thread(crash) else {
        let exhausted = crash.chain.iter().any(|link| link.message == "thread exhaustion");
        return if exhausted { Answer::Clear } else { Answer::Irrelevant };
    };
    let again = text.contains("errno=11)") || text.ends_with("Resource temporarily unavailable");
    if forbidden || !again {
        return Answer::Clear;
    }
    // A limit that so few threads reach is shared with other processes.
    let few = threads(text).filter(|have| *have < 64);
    let claim = match few {
        Some(have) => format!(
            "a limit on threads is reached with {have} threads of this program: others of the same user or container use it up"
        ),
        None => "a limit on the number of threads and processes is reached (EAGAIN)".to_owned(),
    };
    let mut decide = "which limit: `grep processes /proc/PID/limits` (ulimit -u), or pids.max against pids.current of its \
                      cgroup (docker --pids-limit, TasksMax=, podPidsLimit)"
        .to_owned();
    if by_c {
        decide.push_str("; or no memory for a stack: ulimit -v");
    }
    Answer::Found(Finding {
        fault: "rlimit-nproc",
        claim,
        confidence: if by_c { Confidence::Likely } else { Confidence::Certain },
        evidence: vec![quoted(text, crash)],
        fix: vec![
            Remedy::noted(
                "cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids.current",
                "in the container: the cgroup's",
            ),
            Remedy::noted("ulimit -u; ps -eLf --no-headers | wc -l", "as the user: the user's"),
            Remedy::advice("raise the one that is reached"),
        ],
        decide: Some(decide),
        explains: true,
    })
}

pub(super) const OUT_OF_MEMORY: Rule = Rule {
    id: "out-of-memory",
    title: "memory, or the address space, is used up",
    blames: Verdict::Resource,
    docs: Docs {
        what: "The system refused the program more memory, or the kernel killed it for want of memory.",
        why: "The runtime reserves addresses first (some 600 MB on 64-bit systems) and makes them usable as the heap grows. \
              A limit of the address space (ulimit -v) or of data (ulimit -d), or strict overcommit, refuses that with \
              ENOMEM, and the runtime says so. The memory limit of a container does not: there the kernel kills the \
              process, which prints nothing. A 32-bit program has 2 to 4 GB of addresses at most.",
        evidence: "The kernel's or a supervisor's word on the kill (`oom-kill`, OOMKilled) is certain. `failed to reserve \
                   page summary memory`, and `cannot allocate N-byte block (U in use)`, are likely; the numbers tell the \
                   limits apart: U below 16 MB is a limit of the address space, U of 1.5 GB and more in a 32-bit \
                   executable is the end of its addresses.",
        look_alikes: "A single block of many GB is a length that the program computed wrong. `runtime: cannot allocate \
                      memory` may be a filtered mmap (seccomp): possible only. A bare SIGKILL tells nothing. \
                      `makeslice: len out of range` is a bug of the program.",
        fix: "Raise or drop the limit that is reached; GOMEMLIMIT below the container's limit; a 64-bit build.",
        since: "All Go versions; seen with 1.21 to 1.27 on linux/amd64. A 64-bit program fails at start below some 600 MB of \
                ulimit -v, a 32-bit one runs with 40 MB.",
    },
    check: out_of_memory,
};

/// A heap that has only begun: what the runtime needs itself was refused.
const BARELY: u64 = 16 << 20;
/// Of 2 GB (MIPS), 3 GB or 4 GB of addresses, stacks, code and gaps take some.
const END_OF_32_BITS: u64 = 3 << 29;
/// More than any single block of a sane program.
const HUGE: u64 = 64 << 30;

/// `runtime: out of memory: cannot allocate 4194304-byte block (0 in use)`
fn numbers(text: &str) -> Option<(u64, u64)> {
    let rest = text.split_once("cannot allocate ")?.1;
    let (block, rest) = rest.split_once("-byte block (")?;
    Some((block.parse().ok()?, rest.split_once(" in use)")?.0.parse().ok()?))
}

fn out_of_memory(case: &Case<'_>) -> Answer {
    let Some(crash) = case.crash else { return Answer::Irrelevant };
    if let Some((Complaint::OutOfMemory { limit }, log)) =
        case.complaint(|c| matches!(c, Complaint::OutOfMemory { .. }))
    {
        let claim = if *limit {
            "the kernel killed the process at the memory limit of its container or cgroup"
        } else {
            "the kernel killed the process for want of memory"
        };
        let fix = vec![
            Remedy::advice("raise the limit, or lower what the program needs"),
            Remedy::noted(
                "GOMEMLIMIT=...MiB ./app",
                "some tenth below the limit: the collector works harder before it",
            ),
        ];
        return found(claim.to_owned(), Confidence::Certain, vec![log], fix, None);
    }
    let fatal = crash.chain.iter().find(|link| link.fatal).map(|link| link.message.as_str()).unwrap_or("");
    let note = crash.notes.iter().find_map(|note| Some((note.as_str(), numbers(note)?)));
    let limits = || {
        vec![
            Remedy::noted(
                "ulimit -v; ulimit -d",
                "in the shell or unit that starts it (LimitAS=, LimitDATA=)",
            ),
            Remedy::noted(
                "cat /proc/sys/vm/overcommit_memory",
                "2: the machine gives no more than its commit limit",
            ),
        ]
    };
    let which = || {
        Some("which limit: `cat /proc/PID/limits` (address space, data) and vm.overcommit_memory".to_owned())
    };
    match fatal {
        "failed to reserve page summary memory" => found(
            "the address space is limited below what the runtime reserves at start (some 600 MB)".to_owned(),
            Confidence::Likely,
            vec![message_evidence(crash)],
            limits(),
            which(),
        ),
        text if text.starts_with("out of memory allocating") || text == "runtime: out of memory" => found(
            "a limit of the address space or of data refused the heap more memory".to_owned(),
            Confidence::Likely,
            vec![message_evidence(crash)],
            limits(),
            which(),
        ),
        "runtime: cannot allocate memory" => found(
            "mmap was refused: a limit of the address space, or a filter of system calls".to_owned(),
            Confidence::Possible,
            vec![message_evidence(crash)],
            limits(),
            Some("`strace -e trace=mmap`: ENOMEM is a limit, EPERM a filter (seccomp)".to_owned()),
        ),
        "out of memory" => match note {
            Some((text, (block, used))) => by_numbers(case, crash, text, block, used, limits()),
            None => Answer::NotAsked(
                "the line `runtime: out of memory: cannot allocate …` before the fatal error",
            ),
        },
        _ => Answer::Irrelevant,
    }
}

fn by_numbers(
    case: &Case<'_>,
    crash: &Crash,
    text: &str,
    block: u64,
    used: u64,
    limits: Vec<Remedy>,
) -> Answer {
    let mut evidence = vec![quoted(text, crash)];
    let narrow = case.binary.and_then(|b| b.facts.goarch.as_ref().map(|arch| (b, arch)));
    let narrow = narrow.filter(|(_, arch)| arch.value.pointer_size() == 4);
    let total = used.saturating_add(block);
    if let Some((binary, arch)) = narrow
        && total >= END_OF_32_BITS
    {
        evidence.push(binary.evidence(format!("GOARCH={}: addresses of 32 bits", arch.value), &arch.from));
        return found(
            format!("the addresses of a 32-bit program are used up, with {} in use", megabytes(used)),
            Confidence::Likely,
            evidence,
            vec![Remedy::advice("a 64-bit build, where the CPU is one; or less memory in use")],
            Some("whether `ulimit -v` is lower than the 2 to 4 GB that 32 bits can address".to_owned()),
        );
    }
    if block >= HUGE {
        return found(
            format!(
                "a single block of {} was asked for: a length that went wrong, or data of that size",
                megabytes(block)
            ),
            Confidence::Possible,
            evidence,
            vec![Remedy::advice("look at the size in the frame that allocates")],
            Some("whether the program means to allocate that much".to_owned()),
        );
    }
    let claim = if used < BARELY {
        "the address space is limited so tightly that the heap could not even begin".to_owned()
    } else {
        format!(
            "a limit of the address space, of data or of commit is reached with {} in use; it is not the memory limit of a \
             container, which kills silently",
            megabytes(used)
        )
    };
    let which =
        "which limit: `cat /proc/PID/limits` (address space, data) and vm.overcommit_memory".to_owned();
    found(claim, Confidence::Likely, evidence, limits, Some(which))
}

fn megabytes(bytes: u64) -> String {
    format!("{} MiB", bytes >> 20)
}

fn found(
    claim: String,
    confidence: Confidence,
    evidence: Vec<Evidence>,
    fix: Vec<Remedy>,
    decide: Option<String>,
) -> Answer {
    Answer::Found(Finding {
        fault: "out-of-memory",
        claim,
        confidence,
        evidence,
        fix,
        decide,
        explains: true,
    })
}
