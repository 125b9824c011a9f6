//! `goamd64-too-high`.

use super::super::super::{
    Answer, Case, Confidence, Docs, Evidence, Finding, Remedy, Rule, Verdict, host_evidence,
};
use super::sigill;
use crate::binary::Fact;
use crate::target::{Goarch, highest_amd64_level, missing_amd64_features};
use crate::trace::Complaint;

pub(in super::super) const GOAMD64_TOO_HIGH: Rule = Rule {
    id: "goamd64-too-high",
    title: "GOAMD64 is above the x86-64 CPU",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "The program was built with GOAMD64=v2, v3 or v4, and the CPU lacks features of that level.",
        why: "The runtime checks cpuid before anything else (runtime/asm_amd64.s) and refuses with one line and exit \
              status 1. Virtual machines often hide features that the hardware has (kvm64, qemu64), and a live migration \
              can take them away.",
        evidence: "The sentence `This program can only be run on AMD64 processors with vN microarchitecture support.` is \
                   certain alone. Without that line (exit code 1, SIGILL, or no log): GOAMD64 of the executable against \
                   the flags of the host's cpuinfo.",
        look_alikes: "SIGILL later on, with a trace, is code that chose instructions by itself. `CPU does not support \
                      x86-64-v2` of glibc is about the image, not about Go.",
        fix: "GOAMD64=v1 go build, or give the virtual machine the CPU model `host`.",
        since: "Go 1.18, when GOAMD64 was introduced.",
    },
    check: goamd64_too_high,
};

fn goamd64_too_high(case: &Case<'_>) -> Answer {
    let refusal = case.complaint(|c| matches!(c, Complaint::Amd64Level { .. }));
    // The refusal ends with status 1; an instruction that comes before it, with SIGILL.
    let wordless = sigill(case).or_else(|| {
        let exit = case.complaint(|c| matches!(c, Complaint::Exited { status: 1 }));
        exit.filter(|_| case.unnamed()).map(|(_, log)| log)
    });
    if refusal.is_none() && wordless.is_none() && !case.silent() {
        return Answer::Irrelevant;
    }
    let level = case.binary.and_then(|b| {
        let amd64 = b.facts.goarch.as_ref().is_some_and(|arch| arch.value == Goarch::Amd64);
        b.facts.level.in_force.clone().filter(|_| amd64)
    });
    let stated = match &refusal {
        Some((Complaint::Amd64Level { level }, _)) => Some(level.clone()),
        _ => None,
    };
    let features = case.host.and_then(|host| host.cpu_features.as_ref());
    let Some(needed) = stated.clone().or(level.as_ref().map(|fact| fact.value.clone())) else {
        return Answer::Irrelevant;
    };
    let missing = features.map(|f| missing_amd64_features(&needed, &f.value)).unwrap_or_default();
    if refusal.is_none() && missing.is_empty() {
        let killed = case.silent_signal().is_some();
        return match features {
            None if needed != "v1" && killed => Answer::Found(unseen_amd64(case, &needed, level, wordless)),
            None if needed != "v1" => Answer::NotAsked("the host's CPU: --host"),
            _ => Answer::Clear,
        };
    }
    let mut evidence: Vec<Evidence> = refusal.into_iter().map(|(_, log)| log).chain(wordless).collect();
    if let (Some(binary), Some(level)) = (case.binary, &level) {
        evidence.push(binary.evidence(format!("GOAMD64={}", level.value), &level.from));
    }
    let mut best = "v1";
    if let Some(features) = features.filter(|_| !missing.is_empty()) {
        evidence.push(host_evidence(format!("the CPU lacks {}", missing.join(" ")), features));
        best = highest_amd64_level(&features.value);
    }
    Answer::Found(Finding {
        fault: "goamd64-too-high",
        claim: format!("built with GOAMD64={needed}, which this CPU does not have"),
        confidence: Confidence::Certain,
        evidence,
        fix: vec![
            Remedy::command(format!("GOAMD64={best} go build {}", case.main_package())),
            Remedy::advice("or give the virtual machine a CPU model with these features (`host`)"),
        ],
        decide: None,
        explains: true,
    })
}

/// SIGILL, and a level above the lowest, on a CPU that nobody described.
fn unseen_amd64(
    case: &Case<'_>,
    needed: &str,
    level: Option<Fact<String>>,
    log: Option<Evidence>,
) -> Finding {
    let mut evidence: Vec<Evidence> = log.into_iter().collect();
    if let (Some(binary), Some(level)) = (case.binary, &level) {
        evidence.push(binary.evidence(format!("GOAMD64={needed}"), &level.from));
    }
    Finding {
        fault: "goamd64-too-high",
        claim: format!("GOAMD64={needed} may be above the CPU that it ran on"),
        confidence: Confidence::Possible,
        evidence,
        fix: vec![Remedy::command(format!("GOAMD64=v1 go build {}", case.main_package()))],
        decide: Some(
            "the CPU: `cat /proc/cpuinfo; uname -a` of the host in a file, given with --host; the runtime's one line on \
             standard error, if it can be found"
                .to_owned(),
        ),
        explains: true,
    }
}
