//! The ARM core is below GOARM: `goarm-too-high`, and `goarm-float-mode` where the
//! cause is what follows the comma.

use super::super::super::{
    Answer, Case, Confidence, Docs, Evidence, Finding, Remedy, Rule, Subject, Verdict, host_evidence,
};
use super::sigill;
use crate::host::ArmCpu;
use crate::target::Goarch;
use crate::trace::Complaint;

pub(in super::super) const GOARM_TOO_HIGH: Rule = Rule {
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
    let sigill = sigill(case);
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
            Some(_) if by_suffix(&level.value, &cpu.value) => Answer::Irrelevant,
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

pub(in super::super) const GOARM_FLOAT_MODE: Rule = Rule {
    id: "goarm-float-mode",
    title: "a suffix of GOARM that does not help",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "GOARM has a suffix, and the core still lacks what the build needs.",
        why: "`,softfloat` takes floating-point instructions away and nothing else: 6,softfloat still needs ARMv6K and \
              7,softfloat ARMv7-A. `,hardfloat` asks for VFP even with GOARM=5, whose default is software. Below the level \
              the program dies of SIGILL before the runtime can print anything.",
        evidence: "GOARM with a suffix in build info, and a core below its version (softfloat) or without the floating-point \
                   unit (hardfloat): certain.",
        look_alikes: "GOARM without a suffix above the core is goarm-too-high. 6,softfloat on an ARMv6 and 7,softfloat on an \
                      ARMv7 without VFP run. A soft-float program beside hard-float C code is slow, not broken.",
        fix: "The level of the core itself: GOARM=5 for ARMv5, with GOARM=6,softfloat for an ARMv6 without VFP.",
        since: "Go 1.22; before, a suffix was refused by `invalid GOARM`.",
    },
    check: goarm_float_mode,
};

/// Is it what follows the comma that the core lacks, or what was hoped that it
/// would spare?
fn by_suffix(goarm: &str, cpu: &ArmCpu) -> bool {
    let (version, ..) = arm_needs(goarm);
    match goarm.split_once(',') {
        Some((_, "softfloat")) => cpu.version < version,
        Some((_, "hardfloat")) => cpu.version >= version && arm_lacks(goarm, cpu).is_some(),
        _ => false,
    }
}

fn goarm_float_mode(case: &Case<'_>) -> Answer {
    let sigill = sigill(case);
    if sigill.is_none() && !case.silent() {
        return Answer::Irrelevant;
    }
    let level = case.binary.and_then(|binary| {
        let arm = binary.facts.goarch.as_ref().is_some_and(|arch| arch.value == Goarch::Arm);
        Some((binary, binary.facts.level.in_force.as_ref()?)).filter(|_| arm)
    });
    let Some((binary, level)) = level.filter(|(_, level)| level.value.contains(',')) else {
        return Answer::Irrelevant;
    };
    let Some(cpu) = case.host.and_then(|host| host.arm_level()) else {
        return Answer::NotAsked(super::HOST);
    };
    if !by_suffix(&level.value, &cpu.value) {
        return Answer::Clear;
    }
    let Some(lacks) = arm_lacks(&level.value, &cpu.value) else { return Answer::Clear };
    let mut evidence: Vec<Evidence> = sigill.into_iter().collect();
    evidence.push(binary.evidence(format!("GOARM={}", level.value), &level.from));
    let core = format!("the core is ARMv{}, {}", cpu.value.version, float_words(&cpu.value));
    evidence.push(host_evidence(core, &cpu));
    let soft = level.value.ends_with("softfloat");
    let why = if soft { "software floating point does not spare" } else { "`,hardfloat` asks for" };
    // Without a list of features the float unit is assumed, not read.
    let certain = soft || case.host.is_some_and(|host| host.cpu_features.is_some());
    Answer::Found(Finding {
        fault: "goarm-float-mode",
        claim: format!("built with GOARM={}: {why} {lacks}", level.value),
        confidence: if certain { Confidence::Certain } else { Confidence::Likely },
        evidence,
        fix: vec![Remedy::command(format!(
            "GOOS=linux GOARCH=arm GOARM={} go build {}",
            best_goarm(&cpu.value),
            case.main_package()
        ))],
        decide: (!certain).then(|| "the Features line of the host's /proc/cpuinfo".to_owned()),
        explains: true,
    })
}
