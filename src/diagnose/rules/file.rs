//! `damaged-binary`.

use super::super::{Answer, Case, Confidence, Docs, Evidence, Finding, Remedy, Rule, Verdict};
use crate::trace::Complaint;

pub(super) const DAMAGED_BINARY: Rule = Rule {
    id: "damaged-binary",
    title: "the executable is damaged or not there in full",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "The file that was started is cut off, or is something else in place of the executable.",
        why: "A copy that broke off, a full disk, an upload in text mode, a COPY of a file that Git LFS had not fetched. The \
              kernel maps what the headers ask for and does not compare it with the size of the file: code or data behind \
              the end is missing, and the program dies of SIGSEGV or SIGBUS without a word. A file cut inside its header is \
              refused with ENOEXEC; bash runs an empty file with status 0 and prints nothing.",
        evidence: "A PT_LOAD segment that ends beyond the end of the file is certain. So is a shell that reads a Git LFS \
                   pointer as a script: `line 2: oid: command not found`.",
        look_alikes: "A stripped file is whole: its segments are there. One that UPX packed is whole, too, and says so when \
                      it is given with -b. A program for another Unix dies of SIGSEGV in the same way (wrong-goos).",
        fix: "Copy it again and compare `sha256sum` on both sides; git lfs pull; free space on the disk.",
        since: "All Go versions.",
    },
    check: damaged,
};

/// How a file ends that is not there in full.
fn looks_cut(complaint: &Complaint) -> bool {
    matches!(
        complaint,
        Complaint::ExecFormat
            | Complaint::ReadAsScript
            | Complaint::Killed { signal: "SIGSEGV" | "SIGBUS" }
            | Complaint::KernelFault { .. }
    )
}

fn damaged(case: &Case<'_>) -> Answer {
    if let Some((_, log)) = case.complaint(|c| *c == Complaint::LfsPointer) {
        return Answer::Found(Finding {
            fault: "damaged-binary",
            claim: "the file is a Git LFS pointer, not the executable".to_owned(),
            confidence: Confidence::Certain,
            evidence: vec![log],
            fix: vec![
                Remedy::noted(
                    "git lfs pull",
                    "where the file is checked out, before it is copied or built in",
                ),
                Remedy::noted("head -c 60 ./app", "a pointer begins with: version https://git-lfs"),
            ],
            decide: None,
            explains: true,
        });
    }
    let Some((binary, cut)) = case.binary.and_then(|b| Some((b, b.facts.truncated?))) else {
        let asked = case.binary.is_some() && case.launch().is_some();
        let suspected = asked && case.complaint(looks_cut).is_some();
        return if suspected { Answer::Clear } else { Answer::Irrelevant };
    };
    // What ran far enough to print a trace was not this file as it is now.
    let log = case.complaint(|c| looks_cut(c) || matches!(c, Complaint::Exited { .. }));
    let log = log.filter(|_| case.launch().is_some());
    let explains = case.silent() || log.is_some();
    let mut evidence: Vec<Evidence> = log.into_iter().map(|(_, log)| log).collect();
    evidence.push(binary.evidence(
        format!("a segment ends at byte {}, the file at byte {}", cut.wanted, cut.present),
        "ELF program headers",
    ));
    Answer::Found(Finding {
        fault: "damaged-binary",
        claim: format!(
            "the executable is cut off: at least {} bytes are missing at its end",
            cut.wanted.saturating_sub(cut.present)
        ),
        confidence: Confidence::Certain,
        evidence,
        fix: vec![Remedy::noted(
            format!("sha256sum {}", binary.path),
            "here, and where it was built: copy it again when they differ",
        )],
        decide: None,
        explains,
    })
}
