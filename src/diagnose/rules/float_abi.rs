//! 32-bit ARM with C code: another way to pass numbers, or a newer core than Go's part
//! needs.

use super::super::{
    Answer, Case, Confidence, Docs, Evidence, Finding, From, Remedy, Rule, Subject, Verdict, host_evidence,
};
use super::start::refused_to_start;
use crate::target::Goarch;

pub(super) const ARM_CGO_FLOAT_ABI: Rule = Rule {
    id: "arm-cgo-float-abi",
    title: "the C part is for another ARM system than the host",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "The C part of a 32-bit ARM program was made for the other kind of system (armhf instead of armel, or the \
               other way round), or for a newer core than GOARM says.",
        why: "armhf passes floating-point numbers in VFP registers and armel does not, so each has its own C library and \
              loader: /lib/ld-linux-armhf.so.3 and /lib/ld-linux.so.3. What GOARM is set to does not reach the C compiler: \
              Debian's and Ubuntu's arm-linux-gnueabihf-gcc make code for ARMv7, as their C library is, so that a GOARM=6 \
              program with C code dies of SIGILL on a Raspberry Pi 1 or Zero.",
        evidence: "PT_INTERP against the loaders that the host has; Tag_CPU_arch of .ARM.attributes against GOARM and the \
                   core. Certain when host and executable contradict each other, possible when the core is not known.",
        look_alikes: "GOARM itself above the core is goarm-too-high. A program without C code asks for no loader and runs \
                      on both kinds of system. Raspbian's compiler makes ARMv6 code under the same name.",
        fix: "GOARM=5 with CC=arm-linux-gnueabi-gcc (armel), GOARM=7 with CC=arm-linux-gnueabihf-gcc (armhf); for a \
              Raspberry Pi 1 or Zero a compiler and C library for ARMv6 (Raspbian's), or CGO_ENABLED=0.",
        since: "All Go versions with cgo. Run with the compilers of Debian 12 under qemu-arm.",
    },
    check: arm_cgo_float_abi,
};

const ARMHF: &str = "/lib/ld-linux-armhf.so.3";
const ARMEL: &str = "/lib/ld-linux.so.3";

/// The loader of the other kind, where it is known that the host has that one alone.
pub(super) fn crossed(case: &Case<'_>, binary: &Subject<'_>) -> Option<&'static str> {
    let own = binary.facts.interpreter()?;
    let other = match own {
        ARMHF => ARMEL,
        ARMEL => ARMHF,
        _ => return None,
    };
    let host = case.host?;
    (host.file(own) == Some(false) && host.file(other) == Some(true)).then_some(other)
}

fn kind(loader: &str) -> &'static str {
    if loader == ARMHF { "armhf (hard-float calls)" } else { "armel (soft-float calls)" }
}

fn arm_cgo_float_abi(case: &Case<'_>) -> Answer {
    let Some(binary) =
        case.binary.filter(|b| b.facts.goarch.as_ref().is_some_and(|arch| arch.value == Goarch::Arm))
    else {
        return Answer::Irrelevant;
    };
    if let (Some(log), Some(other)) = (refused_to_start(case), crossed(case, &binary)) {
        return Answer::Found(other_kind(case, &binary, other, log));
    }
    newer_core(case, &binary)
}

fn other_kind(case: &Case<'_>, binary: &Subject<'_>, other: &str, log: Option<Evidence>) -> Finding {
    let own = binary.facts.interpreter().unwrap_or_default();
    let mut evidence: Vec<Evidence> = log.into_iter().collect();
    evidence.push(binary.evidence(format!("it asks for the loader {own}"), "PT_INTERP"));
    evidence.push(Evidence {
        from: From::Host,
        fact: format!("{other} exists, {own} does not"),
        place: case.host.map_or("", |host| host.source.as_str()).to_owned(),
    });
    let (compiler, goarm) =
        if other == ARMEL { ("arm-linux-gnueabi-gcc", "5") } else { ("arm-linux-gnueabihf-gcc", "7") };
    Finding {
        fault: ARM_CGO_FLOAT_ABI.id,
        claim: format!("built for {}, but the host is {}", kind(own), kind(other)),
        confidence: Confidence::Certain,
        evidence,
        fix: vec![
            Remedy::command(format!(
                "GOOS=linux GOARCH=arm GOARM={goarm} CGO_ENABLED=1 CC={compiler} go build {}",
                case.main_package()
            )),
            Remedy::advice("or CGO_ENABLED=0, where the program needs no C code: it runs on both"),
        ],
        decide: None,
        explains: true,
    }
}

/// The number of an architecture in .ARM.attributes: 7 of `v7`, 5 of `v5TE`.
fn number(architecture: &str) -> Option<u8> {
    architecture.strip_prefix('v')?.chars().next()?.to_digit(10).and_then(|digit| u8::try_from(digit).ok())
}

fn newer_core(case: &Case<'_>, binary: &Subject<'_>) -> Answer {
    let level = &binary.facts.level;
    let (Some(c), Some(go)) = (&level.c.architecture, &level.in_force) else { return Answer::Irrelevant };
    let goarm = go.value.split(',').next().and_then(|value| value.parse::<u8>().ok());
    let (Some(needs), Some(goarm)) = (number(&c.value), goarm) else { return Answer::Irrelevant };
    if needs <= goarm {
        return Answer::Irrelevant;
    }
    let sigill = case.silent_signal().filter(|(signal, _)| *signal == "SIGILL").map(|(_, log)| log);
    if sigill.is_none() && !case.silent() {
        return Answer::Irrelevant;
    }
    let core = case.host.and_then(|host| host.arm_level());
    let confidence = match &core {
        Some(core) if core.value.version < needs => Confidence::Certain,
        Some(_) => return Answer::Clear,
        None if sigill.is_some() => Confidence::Possible,
        None => return Answer::NotAsked("the host's CPU: --host"),
    };
    let mut evidence: Vec<Evidence> = sigill.into_iter().collect();
    evidence.push(binary.evidence(format!("its C part is for ARM{}", c.value), &c.from));
    evidence.push(binary.evidence(format!("GOARM={}", go.value), &go.from));
    evidence.extend(
        core.as_ref().map(|core| host_evidence(format!("the core is ARMv{}", core.value.version), core)),
    );
    let claim = match &core {
        Some(core) => format!(
            "GOARM={}, but its C part needs an ARM{} core (this one is ARMv{})",
            go.value, c.value, core.value.version
        ),
        None => format!("GOARM={}, but its C part needs an ARM{} core", go.value, c.value),
    };
    Answer::Found(Finding {
        fault: ARM_CGO_FLOAT_ABI.id,
        claim,
        confidence,
        evidence,
        fix: vec![
            Remedy::noted(
                format!(
                    "GOOS=linux GOARCH=arm GOARM={} CGO_ENABLED=0 go build {}",
                    go.value,
                    case.main_package()
                ),
                "where the program needs no C code",
            ),
            Remedy::advice(
                "or a C compiler and C library for the older core: Raspbian's for ARMv6, arm-linux-gnueabi-gcc with \
                 GOARM=5 for an armel system",
            ),
        ],
        decide: (confidence != Confidence::Certain).then(|| {
            "the core: `cat /proc/cpuinfo; uname -a` of the host in a file, given with --host".to_owned()
        }),
        explains: true,
    })
}
