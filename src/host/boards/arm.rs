//! 32-bit ARM.

use super::{Board, board};
use crate::target::{Goarch, Goos};

pub(in crate::host) const ARM926: &str = "swp half thumb fastmult edsp java";
pub(in crate::host) const ARM1176: &str = "half thumb fastmult vfp edsp java tls";
pub(in crate::host) const CORTEX_A7: &str =
    "half thumb fastmult vfp edsp neon vfpv3 tls vfpv4 idiva idivt vfpd32 lpae evtstrm";
const CORTEX_A8: &str = "half thumb fastmult vfp edsp thumbee neon vfpv3 tls vfpd32";
const CORTEX_A9: &str = "half thumb fastmult vfp edsp thumbee neon vfpv3 tls vfpd32";

pub(super) const BOARDS: &[Board] = &[
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
        ("beaglebone", "BeagleBone and BeagleBone Black, AM335x, Cortex-A8"),
        (Goos::Linux, Goarch::Arm),
        ["armv7l", "ARMv7 Processor rev 2 (v7l)", "7"],
        CORTEX_A8,
        "its core: Cortex-A8, ARMv7-A with VFPv3 and NEON",
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
