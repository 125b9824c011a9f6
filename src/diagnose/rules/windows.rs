//! Windows is older than the Go version supports.

use super::super::{
    Answer, Case, Confidence, Docs, Evidence, Finding, From, Remedy, Rule, Verdict, first_line,
    host_evidence, message_evidence,
};
use super::release;
use crate::addr::RuntimeAddr;
use crate::target::Goos;
use crate::trace::Crash;

pub(super) const WINDOWS_TOO_OLD: Rule = Rule {
    id: "windows-too-old",
    title: "Windows is older than the Go version supports",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "The program was built by Go 1.21.5 or later and runs on Windows 7, 8 or their server versions.",
        why: "Go 1.21 dropped them. Since 1.21.5 the runtime takes random numbers from ProcessPrng of \
              bcryptprimitives.dll while it starts, which those systems do not have or do not export. Since Go 1.27 the \
              header asks for Windows 10 as well, and the loader refuses the file.",
        evidence: "`bcryptprimitives.dll not found` is certain. A call of address 0 through runtime.asmstdcall \
                   (`Exception 0xc0000005 0x8 0x0 0x0`, PC=0x0, no other frame) is likely with an executable of Go 1.21.5 or later, else possible. Executable and host \
                   alone: certain where the header asks for more than Windows is, likely for Windows 7 and Go 1.21.5 or \
                   later, possible for Windows 8. From Go's source, wine and public reports; no such Windows was run.",
        look_alikes: "wine 8 lacks the library too. The same call of address 0 was reported once of Go 1.8 on a new \
                      Windows (golang/go#21060). A nil function in the program's own code has Go frames.",
        fix: "Windows 10 or Server 2016; or Go 1.20 for Windows 7 and 8.",
        since: "Go 1.21.5, and backports in 1.20.12: golang/go#64622.",
    },
    check: windows_too_old,
};

const FIX: &str = "Go 1.20 is the last that supports Windows 7 and 8; or Windows 10, Server 2016 or later";

/// A call of address 0 by the runtime's own gate to Windows, with no Go code above.
fn null_call(crash: &Crash) -> bool {
    let zero = Some(RuntimeAddr(0));
    let signal = crash
        .signal
        .as_ref()
        .is_some_and(|signal| signal.name == "0xc0000005" && signal.address == zero && signal.pc == zero);
    signal && matches!(crash.frames.as_slice(), [only] if crash.function(only) == "runtime.asmstdcall")
}

fn windows_too_old(case: &Case<'_>) -> Answer {
    let stated = case.crash.filter(|crash| crash.message().contains("bcryptprimitives.dll not found"));
    let jumped = case.crash.filter(|crash| null_call(crash));
    let binary = case.binary.filter(|b| b.facts.goos.as_ref().is_some_and(|os| os.value == Goos::Windows));
    if case.crash.is_some() && stated.is_none() && jumped.is_none() {
        return Answer::Irrelevant;
    }
    if stated.is_none() && jumped.is_none() && binary.is_none() {
        return Answer::Irrelevant;
    }
    let host = case.host.and_then(release::of).filter(|fact| fact.value.starts_with("Windows "));
    let go = binary.and_then(|b| b.facts.go_version.as_ref());
    let new_go = go.and_then(|go| release::at_least(&go.value, [1, 21, 5]));
    let header = binary.and_then(|b| b.facts.needs.by_header.as_ref());
    let is_below =
        |floor: &str| host.as_ref().and_then(|host| release::below(&host.value, floor)) == Some(true);
    let below_header = header.is_some_and(|header| is_below(&header.value));
    let confidence = match (stated.is_some(), jumped.is_some()) {
        (true, _) => Confidence::Certain,
        (_, true) if new_go == Some(false) => return Answer::Clear,
        (_, true) if new_go == Some(true) => Confidence::Likely,
        (_, true) => Confidence::Possible,
        _ if host.is_none() => {
            return Answer::NotAsked("the host's Windows: --host (os = \"windows\", kernel = \"10.0\")");
        }
        _ if below_header => Confidence::Certain,
        _ if new_go == Some(true) && is_below("Windows 6.2") => Confidence::Likely,
        _ if new_go == Some(true) && is_below("Windows 10.0") => Confidence::Possible,
        _ => return Answer::Clear,
    };
    let mut evidence: Vec<Evidence> = stated.iter().map(|crash| message_evidence(crash)).collect();
    evidence.extend(jumped.filter(|_| stated.is_none()).map(|crash| Evidence {
        from: From::Log,
        fact: "a call of address 0x0 by runtime.asmstdcall (0xc0000005)".to_owned(),
        place: first_line(crash),
    }));
    if let (Some(binary), Some(go)) = (binary, go) {
        evidence.push(binary.evidence(go.value.clone(), &go.from));
    }
    if let (Some(binary), Some(header), true) = (binary, header, below_header) {
        evidence.push(binary.evidence(format!("{} or later", header.value), &header.from));
    }
    evidence.extend(host.iter().map(|host| host_evidence(host.value.clone(), host)));
    Answer::Found(Finding {
        fault: "windows-too-old",
        claim: "this Windows is older than the Go version supports (Windows 10, Server 2016)".to_owned(),
        confidence,
        evidence,
        fix: vec![Remedy::advice(FIX)],
        decide: (confidence != Confidence::Certain).then(|| {
            "the version of Windows (`ver`): 6.1 is Windows 7, 6.2 and 6.3 are Windows 8".to_owned()
        }),
        explains: true,
    })
}
