//! The right program for another platform of the same name: `image-platform-mismatch`,
//! `compat32-missing`.

use super::super::{Answer, Case, Confidence, Docs, Evidence, Finding, Remedy, Rule, Verdict, host_evidence};
use super::target::refused;
use crate::binary::Format;
use crate::target::{Compatible, Goarch};
use crate::trace::Complaint;

pub(super) const IMAGE_PLATFORM_MISMATCH: Rule = Rule {
    id: "image-platform-mismatch",
    title: "the container image is for another platform",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "The platform of a container image, as its manifest states it, is not that of the machine.",
        why: "Each image states an operating system, an architecture and a variant. Docker pulls the entry of the machine's \
              own platform; where an image has none, the pull fails, and where it is there already, Docker warns and starts \
              it all the same: with a registered emulator it runs slowly, without one execve fails with ENOEXEC. An image \
              that was built on a Mac or a Graviton is for arm64 unless --platform says otherwise.",
        evidence: "`no matching manifest for linux/arm64/v8 in the manifest list entries`, containerd's `no match for \
                   platform in manifest`: certain, nothing was started. The warning `The requested image's platform (...) \
                   does not match the detected host platform (...)`: likely with an `exec format error` after it, possible \
                   alone. The wordings are those of moby, containerd and public reports; they were not run here.",
        look_alikes: "The label may lie: an image for arm64 can hold an amd64 executable (a COPY of what was built on the \
                      host, no GOARCH=$TARGETARCH), which is wrong-goarch, with no warning at all. An emulated image that \
                      runs has no fault.",
        fix: "docker buildx build --platform linux/amd64,linux/arm64, and in the Dockerfile ARG TARGETOS TARGETARCH with \
              GOOS=$TARGETOS GOARCH=$TARGETARCH go build.",
        since: "All Go versions; older Docker engines do not warn.",
    },
    check: image_platform,
};

/// GOARCH of `linux/arm64/v8`.
fn arch_of(platform: &str) -> Option<Goarch> {
    Goarch::parse(platform.split('/').nth(1)?)
}

fn image_platform(case: &Case<'_>) -> Answer {
    let said = case.complaint(|c| matches!(c, Complaint::OtherPlatform { .. }));
    let Some((Complaint::OtherPlatform { image, host }, log)) = said else { return Answer::Irrelevant };
    let warning = case.remark(|c| matches!(c, Complaint::OtherPlatform { .. })).is_some_and(|r| r.error);
    let mut evidence = vec![log];
    let after = case.complaint(refused).map(|(_, log)| log);
    let mut confidence = match (warning, &after) {
        (false, _) => Confidence::Certain,
        (true, Some(_)) => Confidence::Likely,
        (true, None) => Confidence::Possible,
    };
    evidence.extend(after);
    let wanted = host.as_deref().and_then(arch_of);
    if let Some((binary, arch)) = case.binary.and_then(|b| Some((b, b.facts.goarch.as_ref()?))) {
        // Only the label is wrong.
        if warning && wanted == Some(arch.value) {
            return Answer::Clear;
        }
        if warning && image.as_deref().and_then(arch_of).is_some_and(|label| label != arch.value) {
            confidence = Confidence::Possible;
        }
        evidence.push(binary.evidence(format!("it is an executable for {}", arch.value), &arch.from));
    }
    let claim = match (image, host) {
        (Some(image), Some(host)) => format!("the image is for {image}, the machine is {host}"),
        (_, Some(host)) => format!("the image has no variant for {host}"),
        _ => "the image has no variant for the platform of the machine".to_owned(),
    };
    let platform = host.as_deref().unwrap_or("linux/<arch of the host>");
    Answer::Found(Finding {
        fault: "image-platform-mismatch",
        claim,
        confidence,
        evidence,
        fix: vec![
            Remedy::noted(
                format!("docker buildx build --platform {platform} ."),
                "with GOOS=$TARGETOS GOARCH=$TARGETARCH for go build in the Dockerfile",
            ),
            Remedy::noted("docker manifest inspect IMAGE", "the platforms that it has"),
        ],
        decide: match confidence {
            Confidence::Certain => None,
            Confidence::Likely => Some("`uname -m` there, and `file` on the executable in the image".to_owned()),
            Confidence::Possible => Some(
                "what comes after the warning: `exec format error` where there is no emulator; a program that runs, \
                 slowly, where there is one"
                    .to_owned(),
            ),
        },
        explains: true,
    })
}

pub(super) const COMPAT32_MISSING: Rule = Rule {
    id: "compat32-missing",
    title: "a 32-bit program on a 64-bit kernel that runs none",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "A 32-bit executable was refused by a 64-bit kernel of the same family.",
        why: "386 on amd64 needs CONFIG_IA32_EMULATION (and no ia32_emulation=0), arm on arm64 needs CONFIG_COMPAT and a core \
              that still has AArch32: many server cores and Apple's have none. Without it execve fails with ENOEXEC as for \
              a foreign architecture.",
        evidence: "`exec format error` of the launcher, a 32-bit ELF file and a 64-bit host of its family: likely. `lscpu` of \
                   an arm64 host that lists 64-bit as its only op-mode is certain, without a log too. No such kernel was at \
                   hand to run it.",
        look_alikes: "A dynamic 32-bit program whose loader is missing is `not found`, not ENOEXEC. A script without `#!` and \
                      an empty or truncated file give the same text.",
        fix: "Build for the 64-bit architecture: GOARCH=amd64, GOARCH=arm64.",
        since: "All Go versions.",
    },
    check: compat32,
};

fn compat32(case: &Case<'_>) -> Answer {
    let mut refusal = case.complaint(refused);
    if refusal.is_none() && case.unnamed() {
        refusal = case.complaint(|c| matches!(c, Complaint::Exited { status: 126 | 203 }));
    }
    let other = refusal.is_none() && !case.silent();
    let elf = |b: &super::super::Subject<'_>| b.facts.format == Some(Format::Elf);
    let binary = case.binary.filter(elf).and_then(|b| Some((b, b.facts.goarch.as_ref()?)));
    let Some((binary, arch)) = binary.filter(|(_, arch)| arch.value.pointer_size() == 4) else {
        return Answer::Irrelevant;
    };
    let Some((host, machine)) = case.host.and_then(|host| Some((host, host.arch.as_ref()?))) else {
        return Answer::Irrelevant;
    };
    if arch.value.runs_on(machine.value) != Compatible::Maybe {
        return Answer::Irrelevant;
    }
    if other || binary.facts.truncated.is_some() {
        return if case.told_by_go() { Answer::Clear } else { Answer::Irrelevant };
    }
    // On x86 lscpu tells what the CPU can do, on arm64 what the kernel allows.
    let bits = host.cpu_bits.as_ref().filter(|_| machine.value == Goarch::Arm64);
    let none = bits.filter(|bits| !bits.value.contains(&32));
    let confidence = match (&refusal, bits, none) {
        (_, _, Some(_)) => Confidence::Certain,
        (_, Some(_), None) => return Answer::Clear,
        (None, ..) => return Answer::NotAsked("the host's `lscpu` (CPU op-mode(s)), with --host"),
        (Some(_), ..)
            if case.remark(refused).and_then(|remark| case.is_about_binary(remark)) == Some(false) =>
        {
            Confidence::Possible
        }
        (Some(_), ..) => Confidence::Likely,
    };
    let mut evidence: Vec<Evidence> = refusal.into_iter().map(|(_, log)| log).collect();
    evidence.push(binary.evidence(format!("it is an executable for {}", arch.value), &arch.from));
    evidence.push(host_evidence(format!("the host is {}", machine.value), machine));
    evidence.extend(none.map(|bits| host_evidence("its only op-mode is 64-bit", bits)));
    let option = match machine.value {
        Goarch::Amd64 => "CONFIG_IA32_EMULATION",
        Goarch::Arm64 => "CONFIG_COMPAT",
        _ => "CONFIG_MIPS32_O32",
    };
    Answer::Found(Finding {
        fault: "compat32-missing",
        claim: format!("built for {}, which this {} kernel or CPU does not run", arch.value, machine.value),
        confidence,
        evidence,
        fix: vec![Remedy::command(format!(
            "GOOS=linux GOARCH={} go build {}",
            machine.value,
            case.main_package()
        ))],
        decide: (confidence != Confidence::Certain).then(|| {
            format!(
                "does a hello world for GOARCH={} run on that host? `zgrep {option} /proc/config.gz /boot/config-*`",
                arch.value
            )
        }),
        explains: true,
    })
}
