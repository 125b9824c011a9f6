//! `goarm64-level`.

use super::super::super::{Answer, Case, Docs, Rule, Verdict};
use super::{Family, ask};
use crate::target::Goarch;
use crate::trace::{Complaint, Refusal};

pub(in super::super) const GOARM64_LEVEL: Rule = Rule {
    id: "goarm64-level",
    title: "GOARM64 is above the ARM64 core",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "A 64-bit ARM program was built with GOARM64=v8.1 or above, or with `,lse`, for a core without LSE atomics.",
        why: "With LSE the compiler uses the atomic instructions of ARMv8.1 (LDADD, CAS, SWP) without asking the core. It \
              is all that a level changes, up to Go 1.27: v8.2, v9.0 and `,crypto` need nothing else. From Go 1.25 the \
              runtime has a text for such cores on Linux and FreeBSD, but runtime.check, which runs before it, holds a CAS \
              already: what is seen is a silent SIGILL.",
        evidence: "`Illegal instruction` (status 132) without Go text, GOARM64 of the executable, and `atomics` among the \
                   Features of the host's cpuinfo. Certain when the level needs what the Features lack; the runtime's \
                   refusal text is certain alone.",
        look_alikes: "GOARM64=v8.0, the default, looks for LSE at run time and runs everywhere. C code may execute a trap. \
                      Under qemu-user the core is the one of -cpu.",
        fix: "GOARM64=v8.0. Raspberry Pi 3 and 4 (Cortex-A53, A72) have no LSE; Raspberry Pi 5, Graviton2 and later have.",
        since: "Go 1.23, when GOARM64 was introduced.",
    },
    check: |case: &Case<'_>| -> Answer {
        let refusal = case
            .complaint(|c| *c == Complaint::CpuRefused(Refusal::Lse))
            .map(|(_, log)| (log, "LSE atomics"));
        ask(case, &FAMILY, refusal)
    },
};

const FAMILY: Family = Family {
    id: "goarm64-level",
    archs: &[Goarch::Arm64],
    variable: "GOARM64",
    lowest: "v8.0",
    advice: |_, _| None,
};
