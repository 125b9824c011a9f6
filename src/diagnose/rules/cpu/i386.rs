//! `go386-old-cpu`.

use super::super::super::{Answer, Case, Docs, Remedy, Rule, Verdict};
use super::{Family, ask};
use crate::target::Goarch;
use crate::trace::{Complaint, Refusal};

pub(in super::super) const GO386_OLD_CPU: Rule = Rule {
    id: "go386-old-cpu",
    title: "the x86 processor has no SSE2, or no MMX",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "A 32-bit x86 program runs on a processor that is older than GO386 allows.",
        why: "GO386=sse2, the default, needs SSE2 (Pentium 4, Opteron, Atom and later); GO386=softfloat needs MMX. The \
              runtime asks for MMX only (runtime/asm_386.s) and refuses a 486 or the first Pentium with one line and \
              status 1. A Pentium MMX, II or III passes that check and dies of SIGILL at the first SSE2 instruction, \
              without any text.",
        evidence: "`This program can only be run on processors with MMX support.` is certain alone. `Illegal instruction` \
                   (status 132) without Go text, GO386 of the executable, and sse2 and mmx among the flags of the host's \
                   cpuinfo: certain when they lack what GO386 needs.",
        look_alikes: "Under qemu-i386 Go programs fail in many ways whatever GO386 is (emulator-crash). On a 64-bit x86 \
                      kernel the processor always has SSE2.",
        fix: "GO386=softfloat where there is MMX; Go runs on no processor without it.",
        since: "Go 1.16, which took GO386=387 away.",
    },
    check: |case: &Case<'_>| -> Answer {
        let refusal =
            case.complaint(|c| *c == Complaint::CpuRefused(Refusal::Mmx)).map(|(_, log)| (log, "mmx"));
        ask(case, &FAMILY, refusal)
    },
};

const FAMILY: Family = Family {
    id: "go386-old-cpu",
    archs: &[Goarch::I386],
    variable: "GO386",
    lowest: "softfloat",
    advice: |_, lack| {
        let none = lack.names.iter().any(|name| name == "mmx");
        none.then(|| Remedy::advice("another processor: Go has no level for one without MMX"))
    },
};
