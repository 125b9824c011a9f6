//! macOS: older than the program needs, or not content with its signature.

use super::super::{Answer, Case, Confidence, Docs, Evidence, Finding, Remedy, Rule, Verdict, host_evidence};
use super::release;
use crate::binary::CodeSignature;
use crate::target::{Goarch, Goos};
use crate::trace::Complaint;

pub(super) const DARWIN_MIN_OS: Rule = Rule {
    id: "darwin-min-os",
    title: "macOS is older than the program was built for",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "The program was built for a newer macOS than the one that it runs on.",
        why: "Go's linker records the lowest macOS that this Go version supports (LC_BUILD_VERSION), and the standard \
              library calls functions of libSystem and Security that came with it: 10.13 for Go 1.21 and 1.22 on amd64, \
              11 for 1.23 and 1.24, 12 for 1.25 and 1.26, 13 for 1.27. An older dyld does not find them.",
        evidence: "LC_BUILD_VERSION above the macOS of the host is certain. `dyld: Symbol not found: _Sec…` is certain for \
                   the two functions that crypto/x509 is known for (_SecTrustEvaluateWithError, \
                   _SecTrustCopyCertificateChain), likely for another. From Go's source and public reports; no macOS was run.",
        look_alikes: "A symbol of a library that the program brings along is missing in another version of that library. \
                      `Bad CPU type in executable` is another architecture.",
        fix: "A newer macOS, or an older Go version; the floor cannot be lowered by MACOSX_DEPLOYMENT_TARGET alone where \
              the standard library calls what is not there.",
        since: "All Go versions; golang/go#52757 for Go 1.18.",
    },
    check: darwin_min_os,
};

/// Functions that crypto/x509 imports (crypto/x509/internal/macos, 1.18 and 1.25).
const KNOWN: [&str; 2] = ["_SecTrustEvaluateWithError", "_SecTrustCopyCertificateChain"];

fn darwin_min_os(case: &Case<'_>) -> Answer {
    let told = case.complaint(|c| matches!(c, Complaint::DyldSymbol { .. }));
    if case.crash.is_some() && told.is_none() {
        return Answer::Irrelevant;
    }
    let header = case.binary.and_then(|binary| binary.facts.needs.by_header.as_ref());
    let header = header.filter(|fact| fact.value.starts_with("macOS "));
    let host = case.host.and_then(release::of).filter(|fact| fact.value.starts_with("macOS "));
    let below = match (&host, header) {
        (Some(host), Some(header)) => release::below(&host.value, &header.value),
        _ => None,
    };
    let symbol = match &told {
        Some((Complaint::DyldSymbol { name }, _)) => Some(name.as_str()),
        _ => None,
    };
    let confidence = match (symbol, below) {
        (_, Some(true)) => Confidence::Certain,
        (Some(name), None) if KNOWN.contains(&name) => Confidence::Certain,
        (Some(_), None) => Confidence::Likely,
        (_, Some(false)) => return Answer::Clear,
        (None, None) if header.is_some() => {
            return Answer::NotAsked(
                "the host's macOS: --host (`uname -a`, or distribution = \"macOS 12.7\")",
            );
        }
        (None, None) => return Answer::Irrelevant,
    };
    let mut evidence: Vec<Evidence> = told.iter().map(|(_, log)| log.clone()).collect();
    if let (Some(binary), Some(header)) = (case.binary, header) {
        evidence.push(binary.evidence(format!("{} or later", header.value), &header.from));
    }
    evidence.extend(host.iter().map(|host| host_evidence(host.value.clone(), host)));
    Answer::Found(Finding {
        fault: "darwin-min-os",
        claim: match (symbol, header) {
            (_, Some(header)) => format!("built for {} or later, which this macOS is not", header.value),
            (Some(name), None) => {
                format!("this macOS does not have {name}: the program was built for a newer one")
            }
            (None, None) => "built for a newer macOS".to_owned(),
        },
        confidence,
        evidence,
        fix: vec![Remedy::advice(
            "a newer macOS, or an older Go version (1.24: macOS 11; 1.22: 10.15; 1.20: 10.13)",
        )],
        decide: (confidence != Confidence::Certain)
            .then(|| "`sw_vers` of the host against `panicmap inspect` of the executable".to_owned()),
        explains: true,
    })
}

pub(super) const DARWIN_CODE_SIGNATURE: Rule = Rule {
    id: "darwin-code-signature",
    title: "macOS refuses the signature of the executable",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "The kernel of macOS killed the program because its code has no signature, or one that does not fit.",
        why: "On arm64 macOS runs signed code only; Go's linker signs it ad hoc. Whatever changes the file afterwards (strip, \
              UPX, install_name_tool, a patch) breaks the hashes of its pages; so does writing a new build over a file that \
              runs, for the kernel remembers the old one. amd64 needs no signature.",
        evidence: "`Code Signature Invalid` or CODESIGNING in the crash report is certain; so is an arm64 executable without \
                   LC_CODE_SIGNATURE, or with a page whose hash differs, that macOS was to run. `Killed: 9` alone says \
                   nothing: it is not asked. Page hashes are read from real files; the kernel's texts come from reports.",
        look_alikes: "`Killed: 9` for want of memory (a JetsamEvent report then), or by a kill -9. Quarantine of a download \
                      shows a dialogue, and Gatekeeper refuses to open it.",
        fix: "codesign --force --sign - FILE; copy a build to a new file and rename it, do not write over the old one.",
        since: "Go 1.16, the first with darwin/arm64.",
    },
    check: darwin_code_signature,
};

fn darwin_code_signature(case: &Case<'_>) -> Answer {
    let told = case.complaint(|c| *c == Complaint::CodeSignature);
    let killed = case.silent_signal().filter(|(signal, _)| *signal == "SIGKILL").map(|(_, log)| log);
    if case.crash.is_some() && told.is_none() && killed.is_none() {
        return Answer::Irrelevant;
    }
    let binary = case.binary.filter(|b| {
        b.facts.goos.as_ref().is_some_and(|os| os.value == Goos::Darwin)
            && b.facts.goarch.as_ref().is_some_and(|arch| arch.value == Goarch::Arm64)
    });
    let signature = binary.and_then(|b| b.facts.signature.as_ref());
    // An archive of an old file system, or a machine of another kind, says nothing.
    let elsewhere = case.host.and_then(|h| h.goos.as_ref()).is_some_and(|os| os.value != Goos::Darwin);
    let wrong = signature.and_then(|fact| match fact.value {
        CodeSignature::Absent => Some("it has no code signature".to_owned()),
        CodeSignature::Broken { page } => {
            Some(format!("page {page} of the code does not have the hash that was signed"))
        }
        CodeSignature::Fits | CodeSignature::Unread => None,
    });
    let confidence = match (&told, &wrong) {
        (Some(_), _) => Confidence::Certain,
        (None, Some(_)) if !elsewhere => Confidence::Certain,
        (None, Some(_)) => return Answer::Irrelevant,
        (None, None) if killed.is_some() && binary.is_some() => {
            return Answer::NotAsked(
                "the crash report of macOS (Console): its Exception Type tells a refused signature",
            );
        }
        (None, None) => return if signature.is_some() { Answer::Clear } else { Answer::Irrelevant },
    };
    let mut evidence: Vec<Evidence> = told.iter().map(|(_, log)| log.clone()).chain(killed).collect();
    if let (Some(binary), Some(signature), Some(wrong)) = (binary, signature, &wrong) {
        evidence.push(binary.evidence(wrong.clone(), &signature.from));
    }
    Answer::Found(Finding {
        fault: "darwin-code-signature",
        claim: match wrong {
            Some(wrong) => format!("macOS on arm64 does not run this executable: {wrong}"),
            None => "macOS refused the code signature of the executable".to_owned(),
        },
        confidence,
        evidence,
        fix: vec![
            Remedy::noted(
                "codesign --force --sign - ./app",
                "signs it ad hoc, after the last change to the file",
            ),
            Remedy::advice(
                "copy a new build to another name and rename it; do not write over a file that runs",
            ),
        ],
        decide: None,
        explains: true,
    })
}
