//! The CPU is below the level that the program was built for.

use super::super::{
    Answer, Case, Confidence, Docs, Evidence, Finding, Remedy, Rule, Subject, Verdict, host_evidence,
};
use crate::binary::Fact;
use crate::host::ArmCpu;
use crate::target::{Goarch, highest_amd64_level, missing_amd64_features};
use crate::trace::Complaint;

pub(super) const GOARM_TOO_HIGH: Rule = Rule {
    id: "goarm-too-high",
    title: "GOARM is above the ARM core",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "A 32-bit ARM program was built for a newer core than the one it runs on.",
        why: "GOARM=6 needs ARMv6K with VFPv2, GOARM=7 needs ARMv7-A with VFPv3. The runtime does check the CPU, but only \
              after code that holds the new instructions already: on Linux the usual signature is a silent SIGILL, with \
              no Go text at all. The default when cross-compiling is 5 up to Go 1.20 and 7 from 1.21, so upgrading the \
              toolchain alone breaks Raspberry Pi 1 and Zero.",
        evidence: "`Illegal instruction` (status 132) without Go text, GOARM of the executable (build info, or its \
                   machine code), and the core of the host (cpuinfo Features, model, `uname -m`). Certain when GOARM \
                   needs what the core lacks; the runtime's own refusal text is certain alone.",
        look_alikes: "A cgo program against an ARMv7 C library dies of SIGILL on ARMv6 whatever GOARM is. C code may \
                      execute a trap. `CPU architecture: 7` on a Raspberry Pi 1 or Zero is a known quirk: its core is \
                      ARMv6.",
        fix: "GOARM=6 for Raspberry Pi 1 and Zero, GOARM=5 without a floating-point unit; since Go 1.22 also \
              GOARM=6,softfloat and 7,softfloat, which lower the float needs but not the instruction set.",
        since: "All Go versions; the wording of the refusal changed in 1.22.",
    },
    check: goarm_too_high,
};

/// What a GOARM value asks of the core: version, VFP, VFPv3.
fn arm_needs(goarm: &str) -> (u8, bool, bool) {
    let (level, mode) = goarm.split_once(',').unwrap_or((goarm, ""));
    match (level, mode) {
        ("7", "softfloat") => (7, false, false),
        ("7", _) => (7, true, true),
        ("6", "softfloat") => (6, false, false),
        ("6", _) => (6, true, false),
        (_, "hardfloat") => (5, true, false),
        _ => (5, false, false),
    }
}

/// What the core lacks for a GOARM value, in words.
fn arm_lacks(goarm: &str, cpu: &ArmCpu) -> Option<String> {
    let (version, vfp, vfpv3) = arm_needs(goarm);
    if cpu.version < version {
        Some(format!("an ARMv{version} core (this one is ARMv{})", cpu.version))
    } else if vfpv3 && !cpu.vfpv3 {
        Some("VFPv3 floating point".to_owned())
    } else if vfp && !cpu.vfp {
        Some("floating-point hardware (VFP)".to_owned())
    } else {
        None
    }
}

/// The highest GOARM that a core runs.
fn best_goarm(cpu: &ArmCpu) -> &'static str {
    ["7", "7,softfloat", "6", "6,softfloat", "5"]
        .into_iter()
        .find(|value| arm_lacks(value, cpu).is_none())
        .unwrap_or("5")
}

fn goarm_too_high(case: &Case<'_>) -> Answer {
    if let Some((Complaint::ArmFloat { vfpv3, .. }, log)) =
        case.complaint(|c| matches!(c, Complaint::ArmFloat { .. }))
    {
        return Answer::Found(arm_refusal(case, *vfpv3, log));
    }
    let arm = |subject: &Subject<'_>| subject.facts.goarch.as_ref().is_some_and(|a| a.value == Goarch::Arm);
    let sigill = case.silent_signal().filter(|(signal, _)| *signal == "SIGILL").map(|(_, log)| log);
    if sigill.is_none() && !case.silent() {
        return if case.launch().is_none() && case.binary.as_ref().is_some_and(arm) {
            Answer::Clear
        } else {
            Answer::Irrelevant
        };
    }
    let Some(binary) = case.binary else {
        return if sigill.is_some() { Answer::NotAsked("the executable: -b") } else { Answer::Irrelevant };
    };
    if !arm(&binary) {
        return Answer::Irrelevant;
    }
    let Some(level) = &binary.facts.level.in_force else {
        return Answer::NotAsked("an executable that tells its GOARM");
    };
    let mut evidence: Vec<Evidence> = sigill.iter().cloned().collect();
    evidence.push(binary.evidence(format!("GOARM={}", level.value), &level.from));
    match case.host.and_then(|host| host.arm_level()) {
        Some(cpu) => match arm_lacks(&level.value, &cpu.value) {
            None => Answer::Clear,
            Some(lacks) => {
                let core = format!("the core is ARMv{}, {}", cpu.value.version, float_words(&cpu.value));
                evidence.push(host_evidence(core, &cpu));
                let best = best_goarm(&cpu.value);
                // Without a list of features the float unit is assumed, not read.
                let read = case.host.is_some_and(|host| host.cpu_features.is_some());
                let certain = read || cpu.value.version < arm_needs(&level.value).0;
                Answer::Found(Finding {
                    fault: "goarm-too-high",
                    claim: format!("built with GOARM={}, which needs {lacks}", level.value),
                    confidence: if certain { Confidence::Certain } else { Confidence::Likely },
                    evidence,
                    fix: vec![Remedy::command(format!(
                        "GOOS=linux GOARCH=arm GOARM={best} go build {}",
                        case.main_package()
                    ))],
                    decide: (!certain).then(|| "the Features line of the host's /proc/cpuinfo".to_owned()),
                    explains: true,
                })
            }
        },
        None if sigill.is_some() && level.value != "5" => Answer::Found(Finding {
            fault: "goarm-too-high",
            claim: format!("GOARM={} may be above the core that it ran on", level.value),
            confidence: Confidence::Possible,
            evidence,
            fix: vec![Remedy::noted(
                format!("GOOS=linux GOARCH=arm GOARM=6 go build {}", case.main_package()),
                "or GOARM=5, for a core without VFP",
            )],
            decide: Some(
                "the core: `cat /proc/cpuinfo; uname -a` of the host in a file, given with --host".to_owned(),
            ),
            explains: true,
        }),
        None if sigill.is_some() => Answer::Clear,
        None => Answer::NotAsked("the host's CPU: --host"),
    }
}

fn float_words(cpu: &ArmCpu) -> &'static str {
    match (cpu.vfp, cpu.vfpv3) {
        (_, true) => "with VFPv3",
        (true, false) => "VFPv2 only",
        (false, false) => "without VFP",
    }
}

/// The runtime's own words: it looked at AT_HWCAP and refused.
fn arm_refusal(case: &Case<'_>, vfpv3: bool, log: Evidence) -> Finding {
    // Up to Go 1.21 the second line names the value.
    let stated = match case.complaint(|c| matches!(c, Complaint::ArmFloat { goarm: Some(_), .. })) {
        Some((Complaint::ArmFloat { goarm, .. }, _)) => goarm.clone(),
        _ => None,
    };
    let level = case.binary.and_then(|b| b.facts.level.in_force.clone());
    let value = level.as_ref().map(|fact| fact.value.clone()).or(stated);
    let lacks = if vfpv3 { "VFPv3 floating point" } else { "floating-point hardware" };
    let mut evidence = vec![log];
    if let (Some(binary), Some(level)) = (case.binary, &level) {
        evidence.push(binary.evidence(format!("GOARM={}", level.value), &level.from));
    }
    let fix = if vfpv3 { "GOARM=6" } else { "GOARM=5" };
    Finding {
        fault: "goarm-too-high",
        claim: match value {
            Some(value) => format!("built with GOARM={value}; the runtime found no {lacks}"),
            None => format!("the runtime found no {lacks}, which this build needs"),
        },
        confidence: Confidence::Certain,
        evidence,
        fix: vec![Remedy::command(format!("GOOS=linux GOARCH=arm {fix} go build {}", case.main_package()))],
        decide: None,
        explains: true,
    }
}

pub(super) const GOARM_INVALID_ACCEPTED: Rule = Rule {
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
    let explains = case.silent_signal().is_some_and(|(signal, _)| signal == "SIGILL");
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

pub(super) const GOAMD64_TOO_HIGH: Rule = Rule {
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
    let wordless =
        case.silent_signal().filter(|(signal, _)| *signal == "SIGILL").map(|(_, log)| log).or_else(|| {
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
