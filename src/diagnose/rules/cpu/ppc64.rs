//! `goppc64-level`.

use super::super::super::{Docs, Remedy, Rule, Verdict};
use super::{Family, ask};
use crate::target::Goarch;

pub(in super::super) const GOPPC64_LEVEL: Rule = Rule {
    id: "goppc64-level",
    title: "GOPPC64 is above the POWER processor",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "A ppc64 or ppc64le program was built for a newer POWER processor than the one it runs on.",
        why: "GOPPC64=power9 and power10 let the compiler use instructions of Power ISA 3.0 and 3.1, and even the default, \
              power8, uses some that a POWER7 or PowerPC 970 lacks. No version of the runtime checks the processor: it \
              dies of SIGILL before it can print anything.",
        evidence: "`Illegal instruction` (status 132) without Go text, GOPPC64 of the executable, and the `cpu` line of the \
                   host's cpuinfo (`POWER8 (architected), altivec supported`). Certain when the level is above it.",
        look_alikes: "A partition in compatibility mode names the older processor, and has its instructions only. C code \
                      may execute a trap.",
        fix: "GOPPC64=power8, or the level of the oldest processor that is in use; Go runs on none below POWER8.",
        since: "All versions that have GOPPC64; power10 since Go 1.20.",
    },
    check: |case| ask(case, &FAMILY, None),
};

const FAMILY: Family = Family {
    id: "goppc64-level",
    archs: &[Goarch::Ppc64le, Goarch::Ppc64],
    variable: "GOPPC64",
    lowest: "power8",
    advice: |code, _| {
        (code.level == "power8")
            .then(|| Remedy::advice("Go needs a POWER8: it has no level for older processors"))
    },
};
