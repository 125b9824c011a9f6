//! 64-bit atomics on 32-bit machines.

use super::super::{
    Answer, Case, Confidence, Docs, Evidence, Finding, From, Remedy, Rule, Verdict, first_line,
    message_evidence,
};
use crate::trace::{Arg, Code, Crash, parse_args};

pub(super) const ATOMIC_64_UNALIGNED: Rule = Rule {
    id: "atomic-64-unaligned",
    title: "64-bit atomic operation on a misaligned field",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "A function of sync/atomic was given a 64-bit field whose address is not a multiple of 8, on a 32-bit port.",
        why: "On 386, arm and mips a 64-bit field is aligned to 4 bytes only, and the processor's 64-bit atomic \
              instructions need 8. The same program runs on every 64-bit port: it is the choice of a 32-bit target that \
              makes it fail. GOARM has no influence.",
        evidence: "The runtime's own text, and the address argument, which ends in 4 or c.",
        look_alikes: "On a 64-bit port the text cannot occur. A misaligned address made with unsafe on arm64 gives SIGBUS \
                      and `fatal error: fault` instead.",
        fix: "Use the types atomic.Int64 and atomic.Uint64 (Go 1.19), which align themselves, or move the field to the \
              start of its struct. staticcheck SA1027 finds such fields; or build for a 64-bit port.",
        since: "Go 1.16 by this text; before that a nil dereference.",
    },
    check: unaligned,
};

fn unaligned(case: &Case<'_>) -> Answer {
    let Some(crash) = case.crash.filter(|crash| !crash.chain.is_empty()) else { return Answer::Irrelevant };
    if !crash.chain.iter().any(|link| link.message == "unaligned 64-bit atomic operation") {
        return Answer::Clear;
    }
    let mut evidence = vec![message_evidence(crash)];
    if let Some((function, address)) = operation(crash) {
        evidence.push(Evidence {
            from: From::Log,
            fact: format!("{function} on address {address:#x}, which is no multiple of 8"),
            place: first_line(crash),
        });
    }
    let arch = case.binary.and_then(|b| b.facts.goarch.as_ref());
    if arch.is_some_and(|arch| arch.value.pointer_size() == 8) {
        // A 64-bit executable cannot have said this: log-not-from-binary.
        return Answer::Clear;
    }
    if let (Some(binary), Some(arch)) = (case.binary, arch) {
        evidence.push(binary.evidence(format!("built for {}, a 32-bit port", arch.value), &arch.from));
    }
    let place = crash.user_site().map(|f| format!(" in {}", crash.function(f))).unwrap_or_default();
    Answer::Found(Finding {
        fault: "atomic-64-unaligned",
        claim: format!("a 64-bit atomic operation{place} on a field that a 32-bit build aligns to 4 bytes"),
        confidence: Confidence::Certain,
        evidence,
        fix: vec![
            Remedy::advice(
                "declare the field as atomic.Int64 or atomic.Uint64 (Go 1.19+), which align themselves",
            ),
            Remedy::advice("or move it to the start of its struct"),
            Remedy::noted("staticcheck -checks SA1027 ./...", "finds other such fields"),
        ],
        decide: None,
        explains: true,
    })
}

/// The operation below `panicUnaligned` and the address it was given.
fn operation(crash: &Crash) -> Option<(String, u64)> {
    let frames = crash.frames_of(crash.crashing_goroutine()?);
    frames.iter().take_while(|frame| crash.code(frame) != Code::User).find_map(|frame| {
        let first = parse_args(crash.arguments(frame))?.into_iter().next()?;
        match first {
            Arg::Word { value, .. } if value % 8 != 0 && value > 0xfff => {
                Some((crash.function(frame).to_owned(), value))
            }
            _ => None,
        }
    })
}
