//! The log was not written by the executable given.

use crate::fit::Strength;

use super::super::{
    Answer, Case, Confidence, Docs, Evidence, Finding, From, Remedy, Rule, Verdict, first_line,
};

pub(super) const LOG_NOT_FROM_BINARY: Rule = Rule {
    id: "log-not-from-binary",
    title: "the log is of another build",
    blames: Verdict::Unknown,
    docs: Docs {
        what: "The executable that was given is not the one that wrote the log.",
        why: "Every frame names a function, an offset from its entry, and the line there. Where the executable has another \
              line at that place, or no such function, it was built from other source, by another Go, or for another \
              machine. Nothing of the log is resolved with it then.",
        evidence: "The first frame that does not fit, and how many do.",
        look_alikes: "Builds that differ only in -s, -w, -trimpath, PIE or GOARM have the same code and cannot be told \
                      apart. Frames of C code and of plugins are not compared.",
        fix: "Give the executable that ran: compare its VCS revision or build ID (panicmap inspect) with the deployment.",
        since: "Executables of Go 1.2 and later.",
    },
    check: log_not_from_binary,
};

fn log_not_from_binary(case: &Case<'_>) -> Answer {
    let Some(crash) = case.crash.filter(|crash| !crash.frames.is_empty()) else { return Answer::Irrelevant };
    let Some(binary) = case.binary else {
        return Answer::NotAsked("the executable: -b");
    };
    let Some(fit) = binary.fit else { return Answer::Irrelevant };
    if !fit.refuted() {
        return match fit.strength() {
            None => Answer::NotAsked("frames that can be compared with the executable"),
            Some(Strength::Weak) => {
                Answer::NotAsked("a longer stack: one or two places may fit other builds too")
            }
            Some(Strength::Fair | Strength::Strong) => Answer::Clear,
        };
    }
    let others =
        fit.creators.0.saturating_sub(fit.creators.1).saturating_add(usize::from(fit.fault == Some(false)));
    let misfits = fit.checked.saturating_sub(fit.matched).saturating_add(others);
    // One line of a long log may be damaged; more cannot be chance.
    let confidence = if misfits == 1 && fit.checked >= 20 { Confidence::Likely } else { Confidence::Certain };
    let mut evidence = Vec::new();
    if let Some(misfit) = &fit.misfit {
        evidence.push(Evidence { from: From::Log, fact: misfit.frame.clone(), place: first_line(crash) });
        evidence.push(binary.evidence(misfit.why.clone(), "pclntab"));
    }
    let fact = format!("{} of {} frames fit", fit.matched, fit.checked);
    evidence.push(binary.evidence(fact, "pclntab"));
    Answer::Found(Finding {
        fault: "log-not-from-binary",
        claim: format!("{} did not write this log", binary.path),
        confidence,
        evidence,
        fix: vec![Remedy::noted(
            format!("panicmap inspect {}", binary.path),
            "compare its revision and build ID with what was deployed",
        )],
        decide: (confidence != Confidence::Certain)
            .then(|| "is that one line of the log damaged, or interleaved with other output?".to_owned()),
        explains: false,
    })
}
