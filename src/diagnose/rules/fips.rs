//! FIPS 140-3 mode that a program cannot enter.

use super::super::{
    Answer, Case, Confidence, Docs, Evidence, Finding, Remedy, Rule, Verdict, message_evidence,
};

pub(super) const FIPS: Rule = Rule {
    id: "fips",
    title: "FIPS 140-3 mode: a wrong setting, or a changed executable",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "The program panicked before main because GODEBUG=fips140 has a value that it does not know, or because its \
               code is not what the linker signed.",
        why: "crypto/internal/fips140 reads GODEBUG in an init function, and in FIPS mode compares a checksum of its code and \
              data with the one that the linker stored. What changes the executable after the link (a packer, a patch, \
              instrumentation) breaks it, and a link without it has none.",
        evidence: "`fips140: unknown GODEBUG setting`, `verification mismatch` and `no verification checksum found` are \
                   certain: each has one meaning. The first was run (Go 1.24 and 1.27); the others are read in the source.",
        look_alikes: "GODEBUG keys that are not known at all are silently passed over. Errors of algorithms in the mode \
                      `only` are the program's. BoringCrypto (GOEXPERIMENT=boringcrypto) is something else.",
        fix: "GODEBUG=fips140=off, on or only (`debug` since 1.24 too); for the checksum: the file as the linker left it.",
        since: "Go 1.24 and later.",
    },
    check: fips,
};

fn fips(case: &Case<'_>) -> Answer {
    let Some(crash) = case.crash else { return Answer::Irrelevant };
    let said = |text: &str| crash.chain.iter().any(|link| link.message.contains(text));
    let setting = crash.chain.iter().find_map(|link| {
        link.message.strip_prefix("fips140: unknown GODEBUG setting fips140=").map(str::to_owned)
    });
    let (claim, fix) = if let Some(value) = setting {
        (
            format!(
                "GODEBUG=fips140={} is no mode that this program knows",
                value.lines().next().unwrap_or("")
            ),
            Remedy::noted(
                "GODEBUG=fips140=on ./app",
                "or off, only; GODEBUG may also be set by systemd or the image",
            ),
        )
    } else if said("fips140: verification mismatch") {
        (
            "the executable was changed after it was linked: its FIPS checksum does not fit".to_owned(),
            Remedy::advice("deploy the file as the linker left it: no packer, patch or instrumentation"),
        )
    } else if said("fips140: no verification checksum found") {
        (
            "the executable has no FIPS checksum: it was not linked, or not left, as `go build` does"
                .to_owned(),
            Remedy::advice("link with `go build`, and leave the file as it is"),
        )
    } else {
        return Answer::Irrelevant;
    };
    let mut evidence = vec![message_evidence(crash)];
    if let Some(binary) = case.binary
        && let Some(version) = binary.facts.setting("GOFIPS140")
    {
        evidence.push(binary.evidence(format!("GOFIPS140={version}"), "build info"));
    }
    Answer::Found(finding(claim, evidence, fix))
}

fn finding(claim: String, evidence: Vec<Evidence>, fix: Remedy) -> Finding {
    Finding {
        fault: "fips",
        claim,
        confidence: Confidence::Certain,
        evidence,
        fix: vec![fix],
        decide: None,
        explains: true,
    }
}
