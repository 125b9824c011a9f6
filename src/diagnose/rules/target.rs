//! Built for another machine: `wrong-goarch`, `wrong-goos`.

use super::super::{
    Answer, Case, Confidence, Docs, Evidence, Finding, Remedy, Rule, Subject, Verdict, host_evidence,
};
use crate::binary::Format;
use crate::target::{Compatible, Goarch, Goos};
use crate::trace::Complaint;

pub(super) fn refused(complaint: &Complaint) -> bool {
    matches!(complaint, Complaint::ExecFormat | Complaint::ReadAsScript | Complaint::WrongEmulator)
}

pub(super) const WRONG_GOARCH: Rule = Rule {
    id: "wrong-goarch",
    title: "built for another CPU family",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "The executable's machine code is for another CPU family than the host's.",
        why: "execve looks at e_machine of the ELF header. Where it is neither the kernel's own nor one with a \
              registered interpreter (binfmt_misc), execve fails with ENOEXEC and no instruction of the program runs: \
              this is never a Go panic. Usual causes: an image built on amd64 and run on Graviton or a Raspberry Pi, \
              arm64 code on a 32-bit kernel, mips instead of mipsle.",
        evidence: "`exec format error` in the words of the launcher (bash, dash, zsh, runc, Go os/exec, systemd), or \
                   `Syntax error` of a shell that was fed the ELF; with it e_machine of the executable and `uname -m` of \
                   the host. Certain when the two contradict each other, likely when the host is unknown, possible from \
                   the log alone.",
        look_alikes: "A script without `#!`, an empty or truncated file, a Git LFS pointer give the same text. 386 on \
                      amd64 and arm on arm64 do run where kernel and CPU support it. With binfmt and qemu registered a \
                      foreign executable runs, slowly.",
        fix: "GOOS=linux GOARCH=<host's> go build; docker buildx build --platform linux/amd64,linux/arm64; check with \
              `go version -m app | grep GOARCH`.",
        since: "All Go versions.",
    },
    check: wrong_goarch,
};

fn wrong_goarch(case: &Case<'_>) -> Answer {
    // An emulator names no other cause: it knows its own architecture.
    if let Some((_, log)) = case.complaint(|c| *c == Complaint::WrongEmulator) {
        return Answer::Found(wrong_emulator(case, log));
    }
    let mut refusal = case.complaint(refused);
    // 126: a shell could not execute the file; 203: systemd could not; 255: qemu-user.
    // That alone may be a missing file or right as well.
    if refusal.is_none() && case.unnamed() && case.binary.is_some() && case.host.is_some() {
        refusal = case.complaint(|c| matches!(c, Complaint::Exited { status: 126 | 203 | 255 }));
    }
    if refusal.is_none() && !case.silent() {
        return if case.launch().is_some() { Answer::Irrelevant } else { Answer::Clear };
    }
    let log = refusal.map(|(_, evidence)| evidence);
    let Some(binary) = case.binary else {
        return match log {
            Some(log) => Answer::Found(by_log_alone(log)),
            None => Answer::Irrelevant,
        };
    };
    let Some(arch) = binary.facts.goarch.as_ref().filter(|_| binary.facts.format == Some(Format::Elf)) else {
        return Answer::Clear;
    };
    if !runs_on_linux(binary) {
        return Answer::Clear;
    }
    let Some(host) = case.host.and_then(|host| host.arch.as_ref()) else {
        let Some(log) = log else { return Answer::NotAsked("the host: --host") };
        if !binary.facts.damage.is_empty() {
            return Answer::NotAsked(
                "the host's CPU: --host local on that machine, or its `uname -m` in a file",
            );
        }
        let other = case.remark(refused).and_then(|remark| case.is_about_binary(remark)) == Some(false);
        let mut evidence =
            vec![log, binary.evidence(format!("it is an executable for {}", arch.value), &arch.from)];
        let confidence = if other { Confidence::Possible } else { Confidence::Likely };
        // What an image is for says nothing of the machine, but much of who built it.
        let declared = case.host.and_then(|host| host.declared.as_ref());
        let label = declared.and_then(|label| Some((label, label.value.goarch()?)));
        let label = label.filter(|(_, label)| *label != arch.value);
        evidence.extend(
            label.map(|(fact, _)| {
                host_evidence(format!("the image says that it is for {}", fact.value), fact)
            }),
        );
        let wanted = label.map(|(_, arch)| arch);
        return Answer::Found(finding(case, arch.value, wanted, confidence, evidence));
    };
    let confidence = match arch.value.runs_on(host.value) {
        Compatible::No => Confidence::Certain,
        // compat32-missing
        Compatible::Maybe | Compatible::Yes => return Answer::Clear,
    };
    let mut evidence: Vec<Evidence> = log.into_iter().collect();
    evidence.push(binary.evidence(format!("it is an executable for {}", arch.value), &arch.from));
    evidence.push(host_evidence(format!("the host is {}", host.value), host));
    Answer::Found(finding(case, arch.value, Some(host.value), confidence, evidence))
}

fn finding(
    case: &Case<'_>,
    arch: Goarch,
    host: Option<Goarch>,
    confidence: Confidence,
    evidence: Vec<Evidence>,
) -> Finding {
    let (claim, wanted) = match host {
        Some(host) if confidence == Confidence::Possible => {
            (format!("built for {arch}, which this {host} kernel or CPU may not support"), host.name())
        }
        Some(host) if confidence == Confidence::Likely => (
            format!("built for {arch}, in an image for {host}, and refused where it was started"),
            host.name(),
        ),
        Some(host) => (format!("built for {arch}, but the host is {host}"), host.name()),
        None => {
            (format!("built for {arch}, and the machine it was started on refused it"), "<arch of the host>")
        }
    };
    let decide = match confidence {
        Confidence::Certain => None,
        Confidence::Likely => Some("`uname -m` on the host: give it with --host".to_owned()),
        Confidence::Possible if host.is_none() => Some(
            "is the file that was refused the executable given with -b? And `uname -m` on the host"
                .to_owned(),
        ),
        Confidence::Possible => Some(format!("does a hello world for GOARCH={arch} run on that host?")),
    };
    Finding {
        fault: "wrong-goarch",
        claim,
        confidence,
        evidence,
        fix: vec![
            Remedy::command(format!("GOOS=linux GOARCH={wanted} go build {}", case.main_package())),
            Remedy::noted(format!("docker buildx build --platform linux/{wanted} ."), "for an image"),
        ],
        decide,
        explains: true,
    }
}

fn wrong_emulator(case: &Case<'_>, log: Evidence) -> Finding {
    let arch = case.binary.and_then(|binary| Some((binary, binary.facts.goarch.as_ref()?)));
    let mut evidence = vec![log];
    evidence.extend(
        arch.map(|(b, arch)| b.evidence(format!("it is an executable for {}", arch.value), &arch.from)),
    );
    Finding {
        fault: "wrong-goarch",
        claim: "the executable is for another architecture than the emulator that was given it".to_owned(),
        confidence: Confidence::Certain,
        evidence,
        fix: vec![
            Remedy::noted("file ./app", "its architecture: start the qemu of that name"),
            Remedy::command(format!(
                "GOOS=linux GOARCH=<arch of the emulator> go build {}",
                case.main_package()
            )),
        ],
        decide: None,
        explains: true,
    }
}

fn by_log_alone(log: Evidence) -> Finding {
    Finding {
        fault: "wrong-goarch",
        claim: "the kernel did not recognise the file as a program for this machine".to_owned(),
        confidence: Confidence::Possible,
        evidence: vec![log],
        fix: vec![Remedy::noted("file ./app; uname -m", "what the file is, and what the machine is")],
        decide: Some(
            "the executable (-b): another CPU (wrong-goarch), another system (wrong-goos), a script without #!, \
             or a damaged file give this same text"
                .to_owned(),
        ),
        explains: true,
    }
}

fn runs_on_linux(binary: Subject<'_>) -> bool {
    binary.facts.goos.as_ref().is_none_or(|os| matches!(os.value, Goos::Linux | Goos::Android))
}

pub(super) const WRONG_GOOS: Rule = Rule {
    id: "wrong-goos",
    title: "built for another operating system",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "The executable is for another operating system than the host's.",
        why: "A PE, Mach-O, XCOFF or WebAssembly file is refused by Linux with ENOEXEC. An ELF file of another Unix with \
              the same CPU is not: Linux ignores EI_OSABI, starts it, and its first system call goes wrong: FreeBSD, \
              NetBSD and DragonFly programs die of SIGSEGV without a word.",
        evidence: "GOOS in build info, EI_OSABI, vendor notes, runtime file names in the pclntab, or the container \
                   itself; against the host's system. Certain when they contradict each other.",
        look_alikes: "A truncated file dies of SIGSEGV in the same way; a CPU level that is too high gives SIGILL, not \
                      SIGSEGV. OpenBSD, Solaris and Android programs carry an interpreter that Linux does not have, and \
                      say `not found`.",
        fix: "GOOS=linux go build; look for a GOOS that a CI step left exported.",
        since: "All Go versions.",
    },
    check: wrong_goos,
};

fn wrong_goos(case: &Case<'_>) -> Answer {
    let log = match (case.launch(), case.silent()) {
        (Some(_), _) => case
            .complaint(|c| {
                refused(c)
                    || matches!(
                        c,
                        Complaint::NotFound { .. }
                            | Complaint::Killed { signal: "SIGSEGV" | "SIGSYS" | "SIGILL" }
                            | Complaint::KernelFault { .. }
                            | Complaint::InterpreterMissing { .. }
                    )
            })
            .map(|(_, evidence)| evidence),
        (None, true) => None,
        (None, false) => return if case.binary.is_some() { Answer::Clear } else { Answer::Irrelevant },
    };
    if log.is_none() && !case.silent() {
        return Answer::Irrelevant;
    }
    let Some(binary) = case.binary else { return Answer::Irrelevant };
    let Some(os) = &binary.facts.goos else { return Answer::Irrelevant };
    let host = case.host.and_then(|host| host.goos.as_ref());
    let evidence_of = |os_name: Goos| binary.evidence(format!("it is a program for {os_name}"), &os.from);
    let mut evidence: Vec<Evidence> = log.iter().cloned().collect();
    evidence.push(evidence_of(os.value));
    let (confidence, host_name) = match host {
        Some(host) if host.value == os.value => return Answer::Clear,
        Some(host) => {
            evidence.push(host_evidence(format!("the host runs {}", host.value), host));
            (Confidence::Certain, host.value)
        }
        // The launchers whose words are known here are those of Linux.
        None if log.is_some() && os.value != Goos::Linux => (Confidence::Likely, Goos::Linux),
        None => return Answer::Clear,
    };
    let arch = binary.facts.goarch.as_ref().map_or("amd64", |arch| arch.value.name());
    Answer::Found(Finding {
        fault: "wrong-goos",
        claim: format!("built for {}, but started on {host_name}", os.value),
        confidence,
        evidence,
        fix: vec![Remedy::command(format!(
            "GOOS={host_name} GOARCH={arch} go build {}",
            case.main_package()
        ))],
        decide: (confidence != Confidence::Certain).then(|| "the host's system: --host".to_owned()),
        explains: true,
    })
}
