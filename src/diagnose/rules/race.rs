//! The race detector cannot set itself up.

use super::super::{
    Answer, Case, Confidence, Docs, Evidence, Finding, Remedy, Rule, Verdict, message_evidence,
};
use crate::trace::Complaint;

pub(super) const RACE_RUNTIME: Rule = Rule {
    id: "race-runtime",
    title: "the race detector cannot set up its memory",
    blames: Verdict::Environment,
    docs: Docs {
        what: "A program built with -race did not find the addresses that the race detector needs.",
        why: "ThreadSanitizer keeps shadow memory at fixed addresses, and the Go heap must lie where the shadow is made for: \
              a limit of the address space (ulimit -v), or an address space of another size (arm64 kernels with 39 or 42 \
              bits of addresses), leaves no room there.",
        evidence: "`ThreadSanitizer failed to allocate` and `unsupported VMA range` are certain; `too many address space \
                   collisions for -race mode` is likely a limit, where nothing else is mapped at these addresses. The \
                   first and the last were run with ulimit -v (Go 1.21, linux/amd64); the other is in the detector's \
                   arm64 code.",
        look_alikes: "`FATAL: ThreadSanitizer: unexpected memory mapping` comes from C code built with -fsanitize=thread: \
                      Go's own detector does not have that text. `WARNING: DATA RACE` is a race that was found.",
        fix: "ulimit -v unlimited; on arm64 a kernel with 48 bits of addresses; or a build without -race, which is meant \
              for tests.",
        since: "All Go versions with -race; 1.21 and 1.27 on arm64 take 48 bits alone.",
    },
    check: race_runtime,
};

const COLLISIONS: &str = "too many address space collisions for -race mode";

fn race_runtime(case: &Case<'_>) -> Answer {
    let Some(crash) = case.crash else { return Answer::Irrelevant };
    let told = case.complaint(|c| matches!(c, Complaint::RaceMemory { .. } | Complaint::RaceAddresses));
    let collisions = crash.chain.iter().any(|link| link.fatal && link.message == COLLISIONS);
    let limit = Remedy::noted("ulimit -v unlimited", "in the shell or unit that starts it (LimitAS=)");
    let (claim, confidence, log, fix) = match told {
        Some((Complaint::RaceMemory { size, errno }, log)) => {
            let much = size.map(|size| format!(" {} MiB", size >> 20)).unwrap_or_default();
            // errno-base.h
            let why = if *errno == 12 { "the address space is limited (ENOMEM)" } else { "mmap was refused" };
            (
                format!("the race detector could not map{much} of its memory: {why}"),
                Confidence::Certain,
                log,
                limit,
            )
        }
        Some((_, log)) => (
            "the kernel's address space has a size that the race detector does not know".to_owned(),
            Confidence::Certain,
            log,
            Remedy::advice(
                "an arm64 kernel with 48 bits of addresses (CONFIG_ARM64_VA_BITS_48), or no -race",
            ),
        ),
        None if collisions => (
            "the heap does not fit where the race detector wants it: the address space is limited, or taken"
                .to_owned(),
            Confidence::Likely,
            message_evidence(crash),
            limit,
        ),
        None => return Answer::Irrelevant,
    };
    let race = case.binary.filter(|b| b.facts.setting("-race") == Some("true"));
    let mut evidence: Vec<Evidence> = vec![log];
    evidence.extend(race.map(|binary| binary.evidence("-race=true", "build info")));
    Answer::Found(Finding {
        fault: "race-runtime",
        claim,
        confidence,
        evidence,
        fix: vec![
            fix,
            Remedy::noted(format!("go build {}", case.main_package()), "without -race, for deployment"),
        ],
        decide: (confidence != Confidence::Certain)
            .then(|| "`ulimit -v` where it ran; other mappings below 0xe000000000".to_owned()),
        explains: true,
    })
}
