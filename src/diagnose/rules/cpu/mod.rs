//! The CPU is below the level that the program was built for: one file for each
//! architecture, and what they share.

mod amd64;
mod arm;
mod arm64;
mod arm_invalid;
mod arm_smp;
mod i386;
mod mips;
mod ppc64;
mod riscv64;
mod s390x;

pub(super) use amd64::GOAMD64_TOO_HIGH;
pub(super) use arm::{GOARM_FLOAT_MODE, GOARM_TOO_HIGH};
pub(super) use arm_invalid::GOARM_INVALID_ACCEPTED;
pub(super) use arm_smp::GOARM_MULTICORE_ATOMICS;
pub(super) use arm64::GOARM64_LEVEL;
pub(super) use i386::GO386_OLD_CPU;
pub(super) use mips::GOMIPS_FLOAT;
pub(super) use ppc64::GOPPC64_LEVEL;
pub(super) use riscv64::GORISCV64_LEVEL;
pub(super) use s390x::S390X_FACILITIES;

use super::super::{Answer, Case, Confidence, Evidence, Finding, Remedy, host_evidence};
use crate::binary::{Fact, Strength};
use crate::host::Host;
use crate::target::Goarch;
use crate::target::features::{Code, Doubt, Lack, Processor, lacking, runs_anywhere};
use crate::target::levels::levels;

const HOST: &str = "the host's CPU: --host";
const CPUINFO: &str = "the CPU: `cat /proc/cpuinfo; uname -a` of the host in a file, given with --host";

/// The line that tells of a death by SIGILL without any Go text.
fn sigill(case: &Case<'_>) -> Option<Evidence> {
    case.silent_signal().filter(|(signal, _)| *signal == "SIGILL").map(|(_, log)| log)
}

/// A fault of one level variable.
struct Family {
    id: &'static str,
    archs: &'static [Goarch],
    variable: &'static str,
    /// The value that every processor of the port runs: it is not suspected
    /// where the host is unknown.
    lowest: &'static str,
    /// Besides another level: what else helps.
    advice: fn(&Code<'_>, &Lack) -> Option<Remedy>,
}

/// Level of the executable against features of the host. `refusal`: the runtime's
/// own words, and the feature that it did not find.
fn ask(case: &Case<'_>, family: &Family, refusal: Option<(Evidence, &str)>) -> Answer {
    let of_family = |arch: &Fact<Goarch>| family.archs.contains(&arch.value);
    let missed = refusal.as_ref().map(|(_, missed)| *missed);
    let log = refusal.map(|(log, _)| log).or_else(|| sigill(case));
    let binary = case.binary.filter(|binary| binary.facts.goarch.as_ref().is_some_and(of_family));
    if log.is_none() && !case.silent() {
        // It ran.
        let ran = binary.is_some() && case.told_by_go();
        return if ran { Answer::Clear } else { Answer::Irrelevant };
    }
    let level = binary.and_then(|binary| binary.facts.level.in_force.clone().map(|level| (binary, level)));
    let Some((binary, level)) = level else {
        return match (missed, &log) {
            (Some(missed), Some(log)) => Answer::Found(family.refused(case, None, missed, vec![log.clone()])),
            _ if binary.is_some() => Answer::NotAsked("an executable that tells its level"),
            _ if log.is_none() || case.binary.is_some() => Answer::Irrelevant,
            // A host of another family cannot have this fault.
            _ if case.host.and_then(|host| host.arch.as_ref()).is_some_and(of_family) => {
                Answer::NotAsked("the executable: -b")
            }
            _ => Answer::Irrelevant,
        };
    };
    let Some(arch) = binary.facts.goarch.as_ref().map(|arch| arch.value) else { return Answer::Irrelevant };
    let code = Code { arch, level: &level.value, minor: binary.facts.go_minor() };
    if missed.is_none() && runs_anywhere(&code) {
        return Answer::Clear;
    }
    let mut evidence: Vec<Evidence> = log.iter().cloned().collect();
    evidence.push(binary.evidence(format!("{}={}", family.variable, level.value), &level.from));
    let judged = case.host.and_then(|host| Some((host, lacking(&code, &processor(host))?)));
    let Some((host, lack)) = judged.filter(|(_, lack)| missed.is_none() || !lack.names.is_empty()) else {
        return match missed {
            Some(missed) => Answer::Found(family.refused(case, Some(&code), missed, evidence)),
            None if log.is_none() || level.value == family.lowest => Answer::NotAsked(HOST),
            None => Answer::Found(family.unseen(case, &level.value, evidence)),
        };
    };
    if lack.names.is_empty() {
        return Answer::Clear;
    }
    evidence.extend(described(host, arch, &lack));
    let confidence = match lack.doubt {
        _ if missed.is_some() => Confidence::Certain,
        Some(_) if log.is_none() => Confidence::Possible,
        Some(_) => Confidence::Likely,
        None if level.strength < Strength::Certain => Confidence::Likely,
        None => Confidence::Certain,
    };
    Answer::Found(Finding {
        fault: family.id,
        claim: format!(
            "built with {}={}, which needs {}: more than this CPU has",
            family.variable,
            level.value,
            listed(&lack.names).replace("atomics", "LSE atomics")
        ),
        confidence,
        evidence,
        fix: family.fix(case, Some((&code, &processor(host), &lack))),
        decide: (confidence != Confidence::Certain).then(|| decide(&lack)),
        explains: true,
    })
}

impl Family {
    /// The runtime's own words.
    fn refused(
        &self,
        case: &Case<'_>,
        code: Option<&Code<'_>>,
        missed: &str,
        evidence: Vec<Evidence>,
    ) -> Finding {
        let built = code.map(|code| format!("built with {}={}: ", self.variable, code.level));
        let lowest = self.archs.first().map(|arch| Code { arch: *arch, level: self.lowest, minor: None });
        let lack = Lack { names: vec![missed.to_owned()], doubt: None };
        // Where the lowest level lacks it, too, another level is no help.
        let advice = code.or(lowest.as_ref()).and_then(|code| (self.advice)(code, &lack));
        Finding {
            fault: self.id,
            claim: format!("{}the runtime found no {missed} in the CPU", built.unwrap_or_default()),
            confidence: Confidence::Certain,
            evidence,
            fix: advice.map_or_else(|| self.fix(case, None), |advice| vec![advice]),
            decide: None,
            explains: true,
        }
    }

    /// SIGILL, and a level above the lowest, on a CPU that nobody described.
    fn unseen(&self, case: &Case<'_>, level: &str, evidence: Vec<Evidence>) -> Finding {
        Finding {
            fault: self.id,
            claim: format!("{}={level} may be above the CPU that it ran on", self.variable),
            confidence: Confidence::Possible,
            evidence,
            fix: self.fix(case, None),
            decide: Some(CPUINFO.to_owned()),
            explains: true,
        }
    }

    /// The highest level that the processor has, or the lowest where it is unknown.
    fn fix(&self, case: &Case<'_>, known: Option<(&Code<'_>, &Processor<'_>, &Lack)>) -> Vec<Remedy> {
        let own = case.binary.and_then(|binary| binary.facts.goarch.as_ref()).map(|arch| arch.value);
        let arch = own.filter(|arch| self.archs.contains(arch)).or(self.archs.first().copied());
        let best = match known {
            None => Some(self.lowest),
            Some((code, processor, _)) => {
                levels(code.arch).into_iter().rev().map(|level| level.value).find(|value| {
                    let other = Code { level: value, ..*code };
                    lacking(&other, processor).is_some_and(|lack| lack.names.is_empty())
                })
            }
        };
        let command = arch.zip(best).map(|(arch, best)| {
            Remedy::command(format!(
                "GOOS=linux GOARCH={arch} {}={best} go build {}",
                self.variable,
                case.main_package()
            ))
        });
        command.into_iter().chain(known.and_then(|(code, _, lack)| (self.advice)(code, lack))).collect()
    }
}

fn decide(lack: &Lack) -> String {
    match lack.doubt {
        Some(Doubt::Unlisted) => {
            "the `isa` line of a newer kernel, which lists all extensions, or the data sheet of the processor"
        }
        Some(Doubt::Seldom) => {
            "whether the program holds such an instruction: `go tool objdump ./app` of the Go that built it"
        }
        Some(Doubt::Emulated) => {
            "CONFIG_MIPS_FP_SUPPORT of the kernel (`zcat /proc/config.gz`): with it an FPU is emulated, slowly"
        }
        None => "GOARCH's level in build info, which this executable does not have: `go version -m`",
    }
    .to_owned()
}

fn listed(names: &[String]) -> String {
    names.join(" ")
}

fn processor(host: &Host) -> Processor<'_> {
    Processor {
        features: host.cpu_features.as_ref().map(|fact| fact.value.as_slice()),
        model: host.cpu_model.as_ref().map(|fact| fact.value.as_str()),
    }
}

/// The fact about the host by which it was judged.
fn described(host: &Host, arch: Goarch, lack: &Lack) -> Option<Evidence> {
    let by_model = matches!(
        arch,
        Goarch::Ppc64 | Goarch::Ppc64le | Goarch::Mips | Goarch::Mipsle | Goarch::Mips64 | Goarch::Mips64le
    );
    if by_model {
        let model = host.cpu_model.as_ref()?;
        return Some(host_evidence(format!("the CPU is {}", model.value), model));
    }
    let features = host.cpu_features.as_ref()?;
    Some(host_evidence(format!("the CPU lacks {}", listed(&lack.names)), features))
}
