//! `gomips-float`.

use super::super::super::{Answer, Case, Docs, Rule, Verdict};
use super::{Family, ask};
use crate::target::Goarch;

pub(in super::super) const GOMIPS_FLOAT: Rule = Rule {
    id: "gomips-float",
    title: "GOMIPS=hardfloat without a floating-point unit",
    blames: Verdict::ConfigurationFault,
    docs: Docs {
        what: "A MIPS program uses floating-point instructions, and neither the core has an FPU nor the kernel emulates one.",
        why: "hardfloat is the default of GOMIPS and GOMIPS64. Most cores of routers (MIPS 24Kc, 24KEc, 4Kc) have no FPU. \
              Linux emulates one and the program is merely slow, unless the kernel was built with CONFIG_MIPS_FP_SUPPORT=n, \
              as OpenWrt's kernels are: then the first such instruction, in runtime.check, is a silent SIGILL.",
        evidence: "`Illegal instruction` (status 132) without Go text, GOMIPS of the executable, and `cpu model` of the \
                   host's cpuinfo, which names an FPU (`MIPS 24Kc V0.0  FPU V0.0`) where there is one. Never certain: the \
                   kernel's configuration decides.",
        look_alikes: "Wrong byte order (mips, mipsle) is refused as `exec format error`. A core of release 6 is refused by \
                      Linux, for Go builds for earlier releases only. C code may execute a trap.",
        fix: "GOMIPS=softfloat (GOMIPS64=softfloat): it runs on cores with an FPU as well.",
        since: "GOMIPS since Go 1.10, GOMIPS64 since 1.11.",
    },
    check: |case: &Case<'_>| -> Answer {
        let wide = |arch| matches!(arch, Goarch::Mips64 | Goarch::Mips64le);
        let arch = case.binary.and_then(|binary| binary.facts.goarch.as_ref());
        ask(case, if arch.is_some_and(|arch| wide(arch.value)) { &MIPS64 } else { &MIPS32 }, None)
    },
};

const MIPS32: Family = Family {
    id: "gomips-float",
    archs: &[Goarch::Mips, Goarch::Mipsle],
    variable: "GOMIPS",
    lowest: "softfloat",
    advice: |_, _| None,
};

const MIPS64: Family = Family { archs: &[Goarch::Mips64, Goarch::Mips64le], variable: "GOMIPS64", ..MIPS32 };
