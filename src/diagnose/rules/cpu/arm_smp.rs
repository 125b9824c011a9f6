//! `goarm-multicore-atomics`.

use super::super::super::{Answer, Case, Confidence, Docs, Evidence, Finding, Remedy, Rule, Verdict};
use crate::target::{Goarch, Goos};
use crate::trace::{Complaint, Refusal};

pub(in super::super) const GOARM_MULTICORE_ATOMICS: Rule = Rule {
    id: "goarm-multicore-atomics",
    title: "GOARM=5 or 6 on several cores of a BSD",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "A 32-bit ARM program for FreeBSD, NetBSD or OpenBSD with GOARM below 7 was started on more than one CPU.",
        why: "Code for GOARM=5 and 6 has no atomic instructions that are safe between cores. Linux gives it kernel helpers; \
              the BSDs do not, so the runtime counts the CPUs before main (runtime/os_freebsd_arm.go, os_netbsd_arm.go, \
              os_openbsd_arm.go, checkgoarm) and ends with two lines and status 1.",
        evidence: "`runtime: this system has multiple CPUs and must use` and `atomic synchronization instructions. Recompile \
                   using GOARM=7.`: certain alone. Read in the Go source, 1.21 to 1.27; no such machine was at hand to run \
                   it.",
        look_alikes: "A program for Linux never says so: it uses the kernel helpers at 0xffff0fc0. A GOARM=7 build on a core \
                      below ARMv7 dies of SIGILL instead (goarm-too-high).",
        fix: "GOARM=7, whose code has these instructions; it needs an ARMv7 core.",
        since: "All Go versions.",
    },
    check: multicore,
};

fn multicore(case: &Case<'_>) -> Answer {
    let said = case.complaint(|c| *c == Complaint::CpuRefused(Refusal::OneCpu));
    let binary = case.binary.filter(|binary| {
        let os = binary.facts.goos.as_ref().map(|os| os.value);
        let arm = binary.facts.goarch.as_ref().is_some_and(|arch| arch.value == Goarch::Arm);
        arm && matches!(os, Some(Goos::Freebsd | Goos::Netbsd | Goos::Openbsd))
    });
    let Some((_, log)) = said else {
        return if binary.is_some() && case.told_by_go() { Answer::Clear } else { Answer::Irrelevant };
    };
    let mut evidence: Vec<Evidence> = vec![log];
    let level = binary.and_then(|binary| Some((binary, binary.facts.level.in_force.as_ref()?)));
    evidence
        .extend(level.map(|(binary, level)| binary.evidence(format!("GOARM={}", level.value), &level.from)));
    let os = binary.and_then(|binary| binary.facts.goos.as_ref());
    let os = os.map(|os| format!("GOOS={} ", os.value)).unwrap_or_default();
    Answer::Found(Finding {
        fault: "goarm-multicore-atomics",
        claim: "built with GOARM below 7, which on this system runs on one CPU only".to_owned(),
        confidence: Confidence::Certain,
        evidence,
        fix: vec![Remedy::command(format!("{os}GOARCH=arm GOARM=7 go build {}", case.main_package()))],
        decide: None,
        explains: true,
    })
}
