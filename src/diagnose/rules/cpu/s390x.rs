//! `s390x-facilities`.

use super::super::super::{
    Answer, Case, Confidence, Docs, Evidence, Finding, Remedy, Rule, Verdict, host_evidence,
};
use super::processor;
use crate::target::Goarch;
use crate::target::features::{Code, lacking};
use crate::trace::{Complaint, Refusal};

pub(in super::super) const S390X_FACILITIES: Rule = Rule {
    id: "s390x-facilities",
    title: "the s390x machine has no vector facility",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "A Go program for s390x runs on a machine, or in a guest, without the vector facility of z13.",
        why: "z13 is the lowest machine since Go 1.19. From Go 1.22 on the runtime asks AT_HWCAP for the vector facility \
              before main (runtime/os_linux_s390x.go, checkS390xCPU) and ends with one line and status 1. The line speaks \
              of floating point; vx is what it looks at. Up to Go 1.21 nothing is checked.",
        evidence: "`runtime: This CPU has no floating point hardware, so this program cannot be run.` is certain alone. \
                   Without it (exit code 1, or no log): a program of Go 1.22 or later, and no vx among the features of the \
                   host's cpuinfo.",
        look_alikes: "The text of 32-bit ARM begins the same way and goes on over two lines (goarm-too-high). qemu-s390x \
                      refuses models that it cannot emulate with a text and status 1 of its own: Go was not started.",
        fix: "A z13 or later; in a guest of z/VM or KVM a CPU model with vx, and no `novx` on the kernel's command line.",
        since: "Go 1.22 for the check, 1.19 for the requirement.",
    },
    check: facilities,
};

fn facilities(case: &Case<'_>) -> Answer {
    let refusal = case.complaint(|c| *c == Complaint::CpuRefused(Refusal::Vector)).map(|(_, log)| log);
    let exit = case.complaint(|c| matches!(c, Complaint::Exited { status: 1 })).filter(|_| case.unnamed());
    let log = refusal.clone().or(exit.map(|(_, log)| log));
    let binary = case
        .binary
        .filter(|binary| binary.facts.goarch.as_ref().is_some_and(|arch| arch.value == Goarch::S390x));
    if log.is_none() && !case.silent() {
        let ran = binary.is_some() && case.told_by_go();
        return if ran { Answer::Clear } else { Answer::Irrelevant };
    }
    let minor = binary.and_then(|binary| binary.facts.go_minor());
    let code = Code { arch: Goarch::S390x, level: "", minor };
    let lack = case.host.and_then(|host| lacking(&code, &processor(host)));
    let lacks = lack.as_ref().is_some_and(|lack| !lack.names.is_empty());
    if refusal.is_none() {
        match (binary, minor, lack) {
            (None, ..) => return Answer::Irrelevant,
            (Some(_), Some(..=21), _) => return Answer::Clear,
            (Some(_), _, Some(_)) if !lacks => return Answer::Clear,
            (Some(_), None, _) => return Answer::NotAsked("an executable that tells its Go version"),
            (Some(_), _, None) => return Answer::NotAsked(super::HOST),
            _ => {}
        }
    }
    let mut evidence: Vec<Evidence> = log.into_iter().collect();
    let version = binary.and_then(|binary| Some((binary, binary.facts.go_version.as_ref()?)));
    evidence.extend(version.map(|(binary, version)| binary.evidence(version.value.clone(), &version.from)));
    if let Some(features) = case.host.and_then(|host| host.cpu_features.as_ref()).filter(|_| lacks) {
        evidence.push(host_evidence("the CPU lacks vx", features));
    }
    Answer::Found(Finding {
        fault: "s390x-facilities",
        claim: "the machine has no vector facility (vx), which Go programs need since 1.22".to_owned(),
        confidence: Confidence::Certain,
        evidence,
        fix: vec![
            Remedy::noted("grep -m1 features /proc/cpuinfo", "vx must be among them"),
            Remedy::advice("a z13 or later; for a guest a CPU model with vx, and a kernel without `novx`"),
        ],
        decide: None,
        explains: true,
    })
}
