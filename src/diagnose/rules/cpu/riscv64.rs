//! `goriscv64-level`.

use super::super::super::{Docs, Remedy, Rule, Verdict};
use super::{Family, ask};
use crate::target::Goarch;

pub(in super::super) const GORISCV64_LEVEL: Rule = Rule {
    id: "goriscv64-level",
    title: "GORISCV64 is above the RISC-V core",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "A riscv64 program uses extensions that the core does not have.",
        why: "GORISCV64=rva22u64 lets the compiler use Zba, Zbb and Zbs, rva23u64 also V and Zicond. rva20u64, the default, \
              needs RV64G; from Go 1.26 on its code holds compressed instructions, so that a core without C runs programs \
              of Go 1.25 and none of 1.26. Nothing checks the core: the program dies of SIGILL before it can print \
              anything.",
        evidence: "`Illegal instruction` (status 132) without Go text, GORISCV64 and the Go version of the executable, and \
                   the `isa` line of the host's cpuinfo. Certain when the line is of a kernel that lists these extensions \
                   (it has zicsr), likely else. The ELF flags say nothing: gc never sets EF_RISCV_RVC.",
        look_alikes: "Before GORISCV64 was recorded (Go 1.23) there was one level. C code may execute a trap.",
        fix: "GORISCV64=rva20u64; for a core without compressed instructions Go 1.25 or earlier.",
        since: "Go 1.23 for rva22u64, 1.25 for rva23u64, 1.26 for compressed instructions.",
    },
    check: |case| ask(case, &FAMILY, None),
};

const FAMILY: Family = Family {
    id: "goriscv64-level",
    archs: &[Goarch::Riscv64],
    variable: "GORISCV64",
    lowest: "rva20u64",
    advice: |_, lack| {
        if lack.names.iter().any(|name| name == "c") {
            return Some(Remedy::advice(
                "build with Go 1.25 or earlier: from 1.26 on all levels use compressed instructions",
            ));
        }
        let floor = lack.names.iter().any(|name| name.len() == 1 && name != "v");
        floor.then(|| Remedy::advice("Go needs RV64G: it has no level for smaller cores"))
    },
};
