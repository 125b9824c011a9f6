//! `goarm-invalid-accepted`.

use super::super::super::{Answer, Case, Confidence, Docs, Finding, Remedy, Rule, Verdict};
use super::sigill;
use crate::target::Goarch;

pub(in super::super) const GOARM_INVALID_ACCEPTED: Rule = Rule {
    id: "goarm-invalid-accepted",
    title: "GOARM has a value that does not exist",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "GOARM was set to something other than 5, 6 or 7 (8, v7, armhf), and the build went through.",
        why: "From Go 1.23 on the error about GOARM is overwritten when GOARM64 is parsed next \
              (internal/buildcfg/cfg.go). The compiler uses the default, 7 when cross-compiling, while build info records \
              what was typed.",
        evidence: "GOARM in build info, which is none of 5, 6, 7 with an optional ,softfloat or ,hardfloat.",
        look_alikes: "A valid value is never reported, and a crash with a Go trace has another cause: the program ran.",
        fix: "Set GOARM to 5, 6 or 7. ARMv8 in 32-bit mode runs GOARM=7; for 64-bit set GOARCH=arm64.",
        since: "Go 1.23 to 1.27; before, the build failed with `invalid GOARM`.",
    },
    check: goarm_invalid,
};

fn goarm_invalid(case: &Case<'_>) -> Answer {
    let Some(binary) = case.binary else { return Answer::Irrelevant };
    if binary.facts.goarch.as_ref().is_none_or(|arch| arch.value != Goarch::Arm) {
        return Answer::Irrelevant;
    }
    let Some(recorded) = &binary.facts.level.recorded else { return Answer::Clear };
    let in_force = binary.facts.level.in_force.as_ref();
    let value = in_force.map_or("7", |fact| fact.value.as_str());
    let mut evidence = vec![binary.evidence(format!("GOARM={recorded}"), "build info")];
    if let Some(fact) = in_force {
        evidence.push(binary.evidence(format!("the code is that of GOARM={}", fact.value), &fact.from));
    }
    let explains = sigill(case).is_some();
    Answer::Found(Finding {
        fault: "goarm-invalid-accepted",
        claim: format!("GOARM={recorded} does not exist; Go built for GOARM={value} without a word"),
        confidence: Confidence::Certain,
        evidence,
        fix: vec![Remedy::noted(
            format!("GOOS=linux GOARCH=arm GOARM=6 go build {}", case.main_package()),
            "5, 6 or 7, by the core of the host",
        )],
        decide: None,
        explains,
    })
}
