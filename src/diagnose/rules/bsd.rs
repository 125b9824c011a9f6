//! FreeBSD is too old, OpenBSD too new.

use super::super::{Answer, Case, Confidence, Docs, Evidence, Finding, Remedy, Rule, Verdict, host_evidence};
use super::release;
use super::seccomp::quoted;
use crate::target::Goos;
use crate::trace::Complaint;

pub(super) const FREEBSD_TOO_OLD: Rule = Rule {
    id: "freebsd-too-old",
    title: "FreeBSD is older than the program was built for",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "The program makes system calls that this FreeBSD does not have.",
        why: "The linker notes the FreeBSD that Go was made for (.note.tag, 12.3 since Go 1.21), and the syscall package \
              uses its calls: the kernel of an older one answers ENOSYS, or sends SIGSYS.",
        evidence: "`function not implemented` or `SIGSYS: bad system call` of a FreeBSD program: certain with a host below \
                   its note, possible without knowing the host. Executable and host alone: likely. From Go's source and \
                   public reports (golang/go#58914); no FreeBSD was run.",
        look_alikes: "A kernel without COMPAT_FREEBSD10 and 11 refuses what programs for old systems use. On Linux a FreeBSD \
                      executable dies of SIGSEGV without a word: wrong-goos.",
        fix: "A FreeBSD that the Go version supports (go.dev/wiki/MinimumRequirements), or an older Go version.",
        since: "12.3 for Go 1.21 and later by the note; 1.20 already failed on FreeBSD 11.",
    },
    check: freebsd_too_old,
};

fn runs_on(case: &Case<'_>, goos: Goos) -> bool {
    let is = |os: Option<&crate::binary::Fact<Goos>>| os.is_some_and(|os| os.value == goos);
    match case.binary {
        Some(binary) => is(binary.facts.goos.as_ref()),
        None => is(case.host.and_then(|host| host.goos.as_ref())),
    }
}

/// The kernel did not have a system call: an error, or SIGSYS with or without text.
fn no_such_call(case: &Case<'_>) -> Option<Evidence> {
    if let Some((_, log)) = case.error(|c| matches!(c, Complaint::NotImplemented { .. })) {
        return Some(log);
    }
    let crash = case.crash?;
    let signal = crash.signal.as_ref().filter(|signal| signal.name == "SIGSYS" && signal.code != Some(0));
    signal
        .map(|signal| quoted(&signal.describe(), crash))
        .or_else(|| case.silent_signal().filter(|(signal, _)| *signal == "SIGSYS").map(|(_, log)| log))
}

fn freebsd_too_old(case: &Case<'_>) -> Answer {
    if !runs_on(case, Goos::Freebsd) {
        return Answer::Irrelevant;
    }
    let missing = no_such_call(case);
    if case.crash.is_some() && missing.is_none() {
        return Answer::Irrelevant;
    }
    let note = case.binary.and_then(|binary| binary.facts.needs.by_header.as_ref());
    let host = case.host.and_then(release::of).filter(|fact| fact.value.starts_with("FreeBSD "));
    let below = match (&host, note) {
        (Some(host), Some(note)) => release::below(&host.value, &note.value),
        _ => None,
    };
    let confidence = match (&missing, below) {
        (Some(_), Some(true)) => Confidence::Certain,
        (None, Some(true)) => Confidence::Likely,
        (_, Some(false)) => return Answer::Clear,
        (Some(_), None) => Confidence::Possible,
        (None, None) if note.is_some() => return Answer::NotAsked("the host's FreeBSD: --host (`uname -a`)"),
        (None, None) => return Answer::Irrelevant,
    };
    let mut evidence: Vec<Evidence> = missing.into_iter().collect();
    if let (Some(binary), Some(note)) = (case.binary, note) {
        evidence.push(binary.evidence(format!("made for {}", note.value), &note.from));
    }
    evidence.extend(host.iter().map(|host| host_evidence(host.value.clone(), host)));
    let needs = note.map_or("the one that the program was built for", |note| note.value.as_str());
    Answer::Found(Finding {
        fault: "freebsd-too-old",
        claim: format!("this FreeBSD is older than {needs}"),
        confidence,
        evidence,
        fix: vec![Remedy::advice(
            "a newer FreeBSD, or an older Go version (go.dev/wiki/MinimumRequirements)",
        )],
        decide: match confidence {
            Confidence::Certain => None,
            _ => Some("`uname -r` of the host, and `truss`: which call is not there?".to_owned()),
        },
        explains: true,
    })
}

pub(super) const OPENBSD_TOO_NEW: Rule = Rule {
    id: "openbsd-too-new",
    title: "OpenBSD no longer has the system call that the program uses",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "The program calls libc's syscall(2), which OpenBSD 7.5 took out.",
        why: "OpenBSD keeps no old interfaces: each release runs what is built for it. Up to Go 1.22 a program that uses \
              syscall.Syscall (golang.org/x/sys does) imports `syscall` of libc; since 1.23 it does not.",
        evidence: "The loader's `undefined symbol 'syscall'` is certain. An executable that imports the symbol, and a host of \
                   7.5 or later: certain. SIGSYS of an OpenBSD program: likely an old interface, possible without the \
                   executable. The import was seen in builds of 1.19 to 1.27; the loader's text is from public reports.",
        look_alikes: "An undefined symbol of another name is another library. pledge(2) kills with SIGABRT.",
        fix: "Go 1.23 or later and a recent golang.org/x/sys; a build for that very release of OpenBSD.",
        since: "Go up to 1.22 on OpenBSD 7.5 and later.",
    },
    check: openbsd_too_new,
};

fn openbsd_too_new(case: &Case<'_>) -> Answer {
    let told = case.complaint(|c| *c == Complaint::SyscallSymbol).map(|(_, log)| log);
    if told.is_none() && !runs_on(case, Goos::Openbsd) {
        return Answer::Irrelevant;
    }
    let trapped = if told.is_none() { no_such_call(case) } else { None };
    if case.crash.is_some() && told.is_none() && trapped.is_none() {
        return Answer::Irrelevant;
    }
    let imports = case.binary.and_then(|b| b.facts.lookups).is_some_and(|lookups| lookups.raw_syscall);
    let host = case.host.and_then(release::of).filter(|fact| fact.value.starts_with("OpenBSD "));
    let gone = host.as_ref().and_then(|host| release::below(&host.value, "OpenBSD 7.5")).map(|below| !below);
    let confidence = match (&told, &trapped) {
        (Some(_), _) => Confidence::Certain,
        (_, Some(_)) if case.binary.is_some() => Confidence::Likely,
        (_, Some(_)) => Confidence::Possible,
        _ if !imports => return if case.binary.is_some() { Answer::Clear } else { Answer::Irrelevant },
        _ => match gone {
            Some(true) => Confidence::Certain,
            Some(false) => return Answer::Clear,
            None => return Answer::NotAsked("the host's OpenBSD: --host (`uname -a`)"),
        },
    };
    let by_symbol = told.is_some() || imports;
    let mut evidence: Vec<Evidence> = told.into_iter().chain(trapped).collect();
    if let (Some(binary), true) = (case.binary, imports) {
        evidence.push(binary.evidence("it imports syscall", "dynamic symbols"));
    }
    evidence.extend(host.iter().map(|host| host_evidence(host.value.clone(), host)));
    Answer::Found(Finding {
        fault: "openbsd-too-new",
        claim: if by_symbol {
            "the program needs syscall(2) of libc, which OpenBSD 7.5 took out".to_owned()
        } else {
            "this OpenBSD does not have a system call that the program makes".to_owned()
        },
        confidence,
        evidence,
        fix: vec![Remedy::advice("build with Go 1.23 or later and a recent golang.org/x/sys")],
        decide: (confidence != Confidence::Certain).then(|| {
            "the release (`uname -r`), and `kdump` after `ktrace`: which call is not there?".to_owned()
        }),
        explains: true,
    })
}
