//! Machines by name: host cards that are ready, `--host board:raspberry-pi-1`.
//!
//! A row states what every such machine has; kernel, C library and files are
//! those of an installation and stay unknown. Features of x86-64 are those that
//! the levels ask for and those below them, not all of a model.

use super::Host;
use crate::binary::Fact;
use crate::error::{Error, Result};
use crate::near::near;
use crate::origin::Origin;
use crate::target::{Goarch, Goos};

/// What `--host` says in front of a name.
pub(super) const PREFIX: &str = "board:";

pub struct Board {
    pub name: &'static str,
    pub what: &'static str,
    pub os: Goos,
    pub arch: Goarch,
    /// As `uname -m` prints it.
    pub machine: &'static str,
    /// As /proc/cpuinfo has it; empty where it has none, or one that says nothing.
    pub cpu_model: &'static str,
    pub cpu_architecture: &'static str,
    /// Names of /proc/cpuinfo; empty where it lists none.
    pub cpu_features: &'static str,
    pub source: &'static str,
}

pub(super) const ARM926: &str = "swp half thumb fastmult edsp java";
pub(super) const ARM1176: &str = "half thumb fastmult vfp edsp java tls";
pub(super) const CORTEX_A7: &str =
    "half thumb fastmult vfp edsp neon vfpv3 tls vfpv4 idiva idivt vfpd32 lpae evtstrm";
const CORTEX_A8: &str = "half thumb fastmult vfp edsp thumbee neon vfpv3 tls vfpd32";
const CORTEX_A9: &str = "half thumb fastmult vfp edsp thumbee neon vfpv3 tls vfpd32";
pub(super) const X86_V1: &str =
    "fpu vme de pse tsc msr pae cx8 apic sep mtrr pge mca cmov pat clflush mmx fxsr sse sse2 syscall nx lm";
const X86_KVM64: &str = "fpu vme de pse tsc msr pae cx8 apic sep mtrr pge mca cmov pat clflush mmx fxsr sse sse2 syscall nx lm pni cx16";
const X86_QEMU64: &str = "fpu vme de pse tsc msr pae cx8 apic sep mtrr pge mca cmov pat clflush mmx fxsr sse sse2 syscall nx lm pni cx16 lahf_lm";
const X86_CORE2: &str = "fpu vme de pse tsc msr pae cx8 apic sep mtrr pge mca cmov pat clflush mmx fxsr sse sse2 syscall nx lm pni ssse3 cx16 lahf_lm";
const X86_PENRYN: &str = "fpu vme de pse tsc msr pae cx8 apic sep mtrr pge mca cmov pat clflush mmx fxsr sse sse2 syscall nx lm pni ssse3 cx16 lahf_lm sse4_1";
pub(super) const X86_V2: &str = "fpu vme de pse tsc msr pae cx8 apic sep mtrr pge mca cmov pat clflush mmx fxsr sse sse2 syscall nx lm pni ssse3 cx16 lahf_lm sse4_1 sse4_2 popcnt";
pub(super) const X86_V3: &str = "fpu vme de pse tsc msr pae cx8 apic sep mtrr pge mca cmov pat clflush mmx fxsr sse sse2 syscall nx lm pni ssse3 cx16 lahf_lm sse4_1 sse4_2 popcnt xsave avx f16c fma abm movbe bmi1 avx2 bmi2";
pub(super) const X86_V4: &str = "fpu vme de pse tsc msr pae cx8 apic sep mtrr pge mca cmov pat clflush mmx fxsr sse sse2 syscall nx lm pni ssse3 cx16 lahf_lm sse4_1 sse4_2 popcnt xsave avx f16c fma abm movbe bmi1 avx2 bmi2 avx512f avx512dq avx512cd avx512bw avx512vl";

const fn board(
    (name, what): (&'static str, &'static str),
    (os, arch): (Goos, Goarch),
    [machine, cpu_model, cpu_architecture]: [&'static str; 3],
    cpu_features: &'static str,
    source: &'static str,
) -> Board {
    Board { name, what, os, arch, machine, cpu_model, cpu_architecture, cpu_features, source }
}

pub const BOARDS: &[Board] = &[
    board(
        ("raspberry-pi-1", "Raspberry Pi 1, BCM2835, ARM1176"),
        (Goos::Linux, Goarch::Arm),
        ["armv6l", "ARMv6-compatible processor rev 7 (v6l)", "7"],
        ARM1176,
        "its core: ARM1176JZF-S, ARMv6 with VFPv2; /proc/cpuinfo of one in corpus/cases",
    ),
    board(
        ("raspberry-pi-zero", "Raspberry Pi Zero and Zero W, BCM2835, ARM1176"),
        (Goos::Linux, Goarch::Arm),
        ["armv6l", "ARMv6-compatible processor rev 7 (v6l)", "7"],
        ARM1176,
        "its core: ARM1176JZF-S, ARMv6 with VFPv2; /proc/cpuinfo of one in corpus/cases",
    ),
    board(
        ("raspberry-pi-2", "Raspberry Pi 2 (v1.1), BCM2836, Cortex-A7, 32-bit"),
        (Goos::Linux, Goarch::Arm),
        ["armv7l", "ARMv7 Processor rev 5 (v7l)", "7"],
        CORTEX_A7,
        "its core: Cortex-A7, ARMv7-A with VFPv4 and NEON",
    ),
    board(
        ("raspberry-pi-3", "Raspberry Pi 3, BCM2837, Cortex-A53, 64-bit system"),
        (Goos::Linux, Goarch::Arm64),
        ["aarch64", "", "8"],
        "",
        "its core is AArch64 (Arm); features are not listed here",
    ),
    board(
        ("raspberry-pi-zero-2", "Raspberry Pi Zero 2 W, RP3A0, Cortex-A53, 64-bit system"),
        (Goos::Linux, Goarch::Arm64),
        ["aarch64", "", "8"],
        "",
        "its core is AArch64 (Arm); features are not listed here",
    ),
    board(
        ("raspberry-pi-4", "Raspberry Pi 4, BCM2711, Cortex-A72, 64-bit system"),
        (Goos::Linux, Goarch::Arm64),
        ["aarch64", "", "8"],
        "",
        "its core is AArch64 (Arm); features are not listed here",
    ),
    board(
        ("raspberry-pi-5", "Raspberry Pi 5, BCM2712, Cortex-A76"),
        (Goos::Linux, Goarch::Arm64),
        ["aarch64", "", "8"],
        "",
        "its core is AArch64 (Arm); features are not listed here",
    ),
    board(
        ("beaglebone", "BeagleBone and BeagleBone Black, AM335x, Cortex-A8"),
        (Goos::Linux, Goarch::Arm),
        ["armv7l", "ARMv7 Processor rev 2 (v7l)", "7"],
        CORTEX_A8,
        "its core: Cortex-A8, ARMv7-A with VFPv3 and NEON",
    ),
    board(
        ("graviton2", "AWS Graviton2 (m6g), Neoverse N1"),
        (Goos::Linux, Goarch::Arm64),
        ["aarch64", "", "8"],
        "",
        "its core is AArch64 (Arm); features are not listed here",
    ),
    board(
        ("x86-64-v1", "a CPU of level v1 and nothing above"),
        (Goos::Linux, Goarch::Amd64),
        ["x86_64", "", ""],
        X86_V1,
        "x86-64 psABI, micro-architecture levels",
    ),
    board(
        ("x86-64-v2", "a CPU of level v2 and nothing above"),
        (Goos::Linux, Goarch::Amd64),
        ["x86_64", "", ""],
        X86_V2,
        "x86-64 psABI, micro-architecture levels",
    ),
    board(
        ("x86-64-v3", "a CPU of level v3 and nothing above"),
        (Goos::Linux, Goarch::Amd64),
        ["x86_64", "", ""],
        X86_V3,
        "x86-64 psABI, micro-architecture levels",
    ),
    board(
        ("x86-64-v4", "a CPU of level v4 and nothing above"),
        (Goos::Linux, Goarch::Amd64),
        ["x86_64", "", ""],
        X86_V4,
        "x86-64 psABI, micro-architecture levels",
    ),
    board(
        ("core2", "Intel Core 2 (Conroe), qemu's core2duo"),
        (Goos::Linux, Goarch::Amd64),
        ["x86_64", "", ""],
        X86_CORE2,
        "QEMU's core2duo, CPUID read under QEMU 7.2",
    ),
    board(
        ("penryn", "Intel Core 2 (Penryn)"),
        (Goos::Linux, Goarch::Amd64),
        ["x86_64", "", ""],
        X86_PENRYN,
        "QEMU's Penryn, CPUID read under QEMU 7.2",
    ),
    board(
        ("nehalem", "Intel Nehalem"),
        (Goos::Linux, Goarch::Amd64),
        ["x86_64", "", ""],
        X86_V2,
        "QEMU's Nehalem, CPUID read under QEMU 7.2",
    ),
    board(
        ("haswell", "Intel Haswell"),
        (Goos::Linux, Goarch::Amd64),
        ["x86_64", "", ""],
        X86_V3,
        "QEMU's Haswell, CPUID read under QEMU 7.2",
    ),
    board(
        ("skylake-avx512", "Intel Skylake with AVX-512 (Xeon)"),
        (Goos::Linux, Goarch::Amd64),
        ["x86_64", "", ""],
        X86_V4,
        "clang 16, macros of -march=skylake-avx512",
    ),
    board(
        ("zen1", "AMD Zen"),
        (Goos::Linux, Goarch::Amd64),
        ["x86_64", "", ""],
        X86_V3,
        "clang 16, macros of -march=znver1",
    ),
    board(
        ("zen2", "AMD Zen 2"),
        (Goos::Linux, Goarch::Amd64),
        ["x86_64", "", ""],
        X86_V3,
        "clang 16, macros of -march=znver2",
    ),
    board(
        ("zen3", "AMD Zen 3"),
        (Goos::Linux, Goarch::Amd64),
        ["x86_64", "", ""],
        X86_V3,
        "clang 16, macros of -march=znver3",
    ),
    board(
        ("zen4", "AMD Zen 4"),
        (Goos::Linux, Goarch::Amd64),
        ["x86_64", "", ""],
        X86_V4,
        "clang 16, macros of -march=znver4",
    ),
    board(
        ("qemu64", "QEMU's qemu64, the default of its virtual machines"),
        (Goos::Linux, Goarch::Amd64),
        ["x86_64", "", ""],
        X86_QEMU64,
        "CPUID read under QEMU 7.2",
    ),
    board(
        ("kvm64", "QEMU's kvm64"),
        (Goos::Linux, Goarch::Amd64),
        ["x86_64", "", ""],
        X86_KVM64,
        "CPUID read under QEMU 7.2",
    ),
    board(
        ("qemu-x86_64", "qemu-x86_64 (user mode) without -cpu"),
        (Goos::Linux, Goarch::Amd64),
        ["x86_64", "", ""],
        X86_V3,
        "CPUID read under QEMU 7.2",
    ),
    board(
        ("arm926", "QEMU's arm926"),
        (Goos::Linux, Goarch::Arm),
        ["armv5tejl", "ARM926EJ-S rev 5 (v5l)", "5TEJ"],
        ARM926,
        "ARMv5TEJ, no VFP",
    ),
    board(
        ("arm1176", "QEMU's arm1176"),
        (Goos::Linux, Goarch::Arm),
        ["armv6l", "ARMv6-compatible processor rev 7 (v6l)", "7"],
        ARM1176,
        "ARMv6 with VFPv2",
    ),
    board(
        ("cortex-a7", "Cortex-A7, QEMU's cortex-a7"),
        (Goos::Linux, Goarch::Arm),
        ["armv7l", "ARMv7 Processor rev 5 (v7l)", "7"],
        CORTEX_A7,
        "ARMv7-A with VFPv4 and NEON",
    ),
    board(
        ("cortex-a8", "Cortex-A8, QEMU's cortex-a8"),
        (Goos::Linux, Goarch::Arm),
        ["armv7l", "ARMv7 Processor rev 2 (v7l)", "7"],
        CORTEX_A8,
        "ARMv7-A with VFPv3 and NEON",
    ),
    board(
        ("cortex-a9", "Cortex-A9 with NEON, QEMU's cortex-a9"),
        (Goos::Linux, Goarch::Arm),
        ["armv7l", "ARMv7 Processor rev 0 (v7l)", "7"],
        CORTEX_A9,
        "ARMv7-A with VFPv3 and NEON",
    ),
];

/// The card of a machine; letters may be large or small.
pub(super) fn open(name: &str) -> Result<Host> {
    let Some(board) = BOARDS.iter().find(|board| board.name.eq_ignore_ascii_case(name)) else {
        let near = near(name, BOARDS.iter().map(|board| board.name));
        let meant = match near.as_slice() {
            [] => String::new(),
            names => format!("; near to it are {}", names.join(", ")),
        };
        return Err(Error::Unrecognised {
            origin: Origin::new(&format!("{PREFIX}{name}")),
            what: format!("no machine of this name{meant}; `panicmap hosts` lists all"),
        });
    };
    Ok(board.host())
}

impl Board {
    fn host(&self) -> Host {
        let from = format!("{PREFIX}{}", self.name);
        let said = |text: &str| (!text.is_empty()).then(|| Fact::new(text.to_owned(), from.clone()));
        Host {
            source: from.clone(),
            goos: Some(Fact::new(self.os, from.clone())),
            arch: Some(Fact::new(self.arch, from.clone())),
            machine: said(self.machine),
            cpu_model: said(self.cpu_model),
            cpu_architecture: said(self.cpu_architecture),
            cpu_features: (!self.cpu_features.is_empty())
                .then(|| Fact::new(self.cpu_features.split(' ').map(str::to_owned).collect(), from.clone())),
            ..Host::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::highest_amd64_level;

    #[test]
    fn names_are_unique_and_machines_fit_their_architecture() {
        let mut names: Vec<&str> = BOARDS.iter().map(|board| board.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), BOARDS.len());
        for board in BOARDS {
            assert_eq!(Goarch::from_machine(board.machine), Some(board.arch), "{}", board.name);
            assert!(board.source.len() > 8, "{}", board.name);
        }
    }

    /// QEMU 7.2 was asked with CPUID for those of its names; the others are clang 16 with
    /// `-march` of that name, and the psABI.
    #[test]
    fn levels_of_machines() {
        let amd64 = |name: &str| highest_amd64_level(&open(name).unwrap().cpu_features.unwrap().value);
        for (level, names) in [
            ("v1", &["x86-64-v1", "core2", "Penryn", "qemu64", "kvm64"][..]),
            ("v2", &["x86-64-v2", "Nehalem"]),
            ("v3", &["x86-64-v3", "haswell", "zen1", "zen2", "zen3"]),
            ("v4", &["x86-64-v4", "skylake-avx512", "zen4"]),
        ] {
            for name in names {
                assert_eq!(amd64(name), level, "{name}");
            }
        }
        let arm =
            |name: &str| open(name).unwrap().arm_level().map(|cpu| (cpu.value.version, cpu.value.vfpv3));
        assert_eq!(arm("arm926"), Some((5, false)));
        assert_eq!(arm("raspberry-pi-zero"), Some((6, false)));
        assert_eq!(arm("beaglebone"), Some((7, true)));
        assert_eq!(arm("raspberry-pi-zero-2"), Some((8, true)));
    }
}
