//! The kernel is older, or has larger pages, than the program was made for.

use super::super::{
    Answer, Case, Confidence, Docs, Evidence, Finding, From, Remedy, Rule, Verdict, first_line, host_evidence,
};
use super::release;
use crate::target::Goos;
use crate::trace::{Complaint, Crash};

pub(super) const KERNEL_TOO_OLD: Rule = Rule {
    id: "kernel-too-old",
    title: "the Linux kernel is older than the program needs",
    blames: Verdict::Environment,
    docs: Docs {
        what: "The program needs system calls that came with a newer Linux kernel than the host runs.",
        why: "Go's own runtime does not look at the version of the kernel: it makes the calls, and what is missing answers \
              ENOSYS. A static glibc up to 2.35 does look, before main, at the version in its .note.ABI-tag. Go 1.24 and \
              later need Linux 3.2, 1.19 to 1.23 need 2.6.32; a port may need more (loong64 5.19).",
        evidence: "`FATAL: kernel too old` has one meaning; certain unless the executable has no such note. ENOSYS \
                   (`function not implemented`, `epollcreate failed with 38`) together with a kernel below the floor: \
                   likely. Executable and host alone: likely where the note asks for more than the kernel is, possible \
                   where only Go's own floor does. The texts come from source and reports: no such kernel was run.",
        look_alikes: "A seccomp filter or gVisor that answers ENOSYS on a new kernel; FUSE file systems, which answer it \
                      for what they do not implement; MIPS, where other numbers stand for ENOSYS. Under Docker before \
                      20.10.10 new calls answer EPERM.",
        fix: "A newer kernel; or an older Go (1.23 for kernels 2.6.32 to 3.1). For a static glibc: an older glibc, or \
              CGO_ENABLED=0.",
        since: "Floors: 3.2 since Go 1.24, 2.6.32 since 1.19, 2.6.23 before, by Go's release notes and wiki. glibc 2.36 no \
                longer looks.",
    },
    check: kernel_too_old,
};

fn kernel_too_old(case: &Case<'_>) -> Answer {
    let floors = case.binary.map(|binary| &binary.facts.needs);
    let linux = |text: &str| text.starts_with("Linux ");
    let note = floors.and_then(|needs| needs.by_header.as_ref()).filter(|fact| linux(&fact.value));
    let go = floors.and_then(|needs| needs.by_go.as_ref()).filter(|fact| linux(&fact.value));
    let host = case.host.and_then(release::of).filter(|fact| linux(&fact.value));
    let is_below = |floor: &str| host.as_ref().and_then(|host| release::below(&host.value, floor));
    let below_note = note.is_some_and(|note| is_below(&note.value) == Some(true));
    let below_go = go.is_some_and(|go| is_below(&go.value) == Some(true));
    let stated = case.complaint(|c| *c == Complaint::KernelTooOld);
    let missing = case.crash.and_then(|crash| missing_call(case, crash));
    if case.crash.is_some() && stated.is_none() && missing.is_none() {
        return Answer::Irrelevant;
    }
    let confidence = match (&stated, &missing) {
        // A static glibc spoke; this executable has none, or the kernel is new enough for it.
        (Some(_), _) if case.binary.is_some() && note.is_none() => Confidence::Possible,
        (Some(_), _) if note.is_some() && host.is_some() && !below_note => Confidence::Possible,
        (Some(_), _) => Confidence::Certain,
        (None, Some(_)) if below_note || below_go => Confidence::Likely,
        (None, Some(_)) if host.is_none() => return Answer::NotAsked("the host's kernel: --host"),
        (None, Some(_)) => return Answer::Clear,
        (None, None) if below_note => Confidence::Likely,
        (None, None) if below_go => Confidence::Possible,
        (None, None) if host.is_none() && (note.is_some() || go.is_some()) => {
            return Answer::NotAsked("the host's kernel: --host");
        }
        (None, None) if host.is_some() && go.is_some() => return Answer::Clear,
        (None, None) => return Answer::Irrelevant,
    };
    let explains = stated.is_some() || missing.is_some() || below_note;
    let mut evidence: Vec<Evidence> = stated.iter().map(|(_, log)| log.clone()).chain(missing).collect();
    let floor = if below_go && !below_note { go } else { note.or(go) };
    if let (Some(binary), Some(floor)) = (case.binary, floor) {
        evidence.push(binary.evidence(format!("{} or later", floor.value), &floor.from));
    }
    evidence.extend(host.iter().map(|host| host_evidence(host.value.clone(), host)));
    let decide = match confidence {
        Confidence::Certain => None,
        Confidence::Possible if stated.is_some() => Some(
            "whether this executable printed it: it comes from a static glibc up to 2.35 that asks for a newer kernel"
                .to_owned(),
        ),
        _ => Some("`strace -f`: which call answers ENOSYS?".to_owned()),
    };
    Answer::Found(Finding {
        fault: "kernel-too-old",
        claim: match floor {
            Some(floor) => format!("the kernel is older than {}, which the program needs", floor.value),
            None => "the kernel is older than the C library in the program needs".to_owned(),
        },
        confidence,
        evidence,
        fix: vec![Remedy::advice(if below_go {
            "a newer kernel, or a Go version that still supports this one (go.dev/wiki/MinimumRequirements)"
        } else {
            "a newer kernel; or CGO_ENABLED=0, which leaves the C library out"
        })],
        decide,
        explains,
    })
}

/// ENOSYS in the words of the runtime, or of an error.
fn missing_call(case: &Case<'_>, crash: &Crash) -> Option<Evidence> {
    let said = crash.notes.iter().map(String::as_str);
    let said = said.chain(crash.chain.iter().map(|link| link.message.as_str()));
    // runtime/netpoll_epoll.go and runtime/os_linux.go; 38 is ENOSYS but on MIPS.
    let of_runtime = said
        .filter(|text| text.contains("epoll") && text.contains("failed with 38"))
        .map(|text| Evidence { from: From::Log, fact: format!("\"{text}\""), place: first_line(crash) })
        .next();
    of_runtime.or_else(|| {
        let on_linux = case.binary.is_none_or(|binary| {
            binary.facts.goos.as_ref().is_none_or(|os| matches!(os.value, Goos::Linux | Goos::Android))
        });
        let error = case.error(|c| matches!(c, Complaint::NotImplemented { .. }));
        error.filter(|_| on_linux).map(|(_, evidence)| evidence)
    })
}

pub(super) const PAGE_SIZE: Rule = Rule {
    id: "page-size",
    title: "C code was built for smaller memory pages than the kernel has",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "A C library or allocator was built for pages of 4 KiB, and the kernel has larger ones.",
        why: "Kernels for arm64, ppc64le and others come with pages of 4, 16 or 64 KiB. Go asks the kernel for the size and \
              lays its segments out for 64 KiB on arm64: pure Go programs run on all of them. C libraries linked with \
              `-z max-page-size=4096`, and jemalloc, fix the size when they are built.",
        evidence: "`<jemalloc>: Unsupported system page size` is certain alone. glibc's `ELF load command … not properly \
                   aligned` (or `not page-aligned`) is certain with a host whose pages are larger than 4 KiB, likely \
                   without knowing. The texts come from source and public reports.",
        look_alikes: "The same line of glibc on a kernel with pages of 4 KiB is a damaged library. A pure Go executable \
                      cannot have this fault, unless a packer such as UPX rewrote it.",
        fix: "Rebuild the library (jemalloc: --with-lg-page=16), install the one of the host's distribution, or use a \
              kernel with pages of 4 KiB (Raspberry Pi 5: kernel=kernel8.img in config.txt).",
        since: "All Go versions with cgo.",
    },
    check: page_size,
};

fn page_size(case: &Case<'_>) -> Answer {
    let misaligned = |c: &Complaint| matches!(c, Complaint::Library { why, .. } if why.contains("ELF load command") && why.contains("aligned"));
    let Some((complaint, log)) = case.complaint(|c| *c == Complaint::PageSize || misaligned(c)) else {
        return Answer::Irrelevant;
    };
    let size = case.host.and_then(|host| host.page_size.as_ref());
    let larger = size.map(|size| size.value > 4096);
    let (what, confidence) = match complaint {
        Complaint::Library { name, .. } => {
            if larger == Some(false) {
                return Answer::Clear;
            }
            let confidence = if larger.is_some() { Confidence::Certain } else { Confidence::Likely };
            (format!("the library {name}"), confidence)
        }
        _ => ("the allocator jemalloc in it".to_owned(), Confidence::Certain),
    };
    let mut evidence = vec![log];
    if let Some(size) = size {
        evidence.push(host_evidence(format!("pages of {} bytes", size.value), size));
    }
    Answer::Found(Finding {
        fault: "page-size",
        claim: format!("{what} was built for smaller memory pages than the kernel has"),
        confidence,
        evidence,
        fix: vec![
            Remedy::noted("getconf PAGESIZE", "on the host: 4096, 16384 or 65536"),
            Remedy::advice(
                "rebuild it for larger pages (-z max-page-size=65536), or take the host distribution's",
            ),
        ],
        decide: (confidence != Confidence::Certain)
            .then(|| "the host's page size: `getconf PAGESIZE`".to_owned()),
        explains: true,
    })
}
