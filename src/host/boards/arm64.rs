//! 64-bit ARM: what matters is whether `atomics` (LSE) is among the features.

use super::{Board, board};
use crate::target::{Goarch, Goos};

const V8_0: &str = "fp asimd evtstrm crc32 cpuid";
const V8_0_CRYPTO: &str = "fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid";
const V8_2: &str =
    "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp";
const GRAVITON3: &str = "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm jscvt fcma lrcpc dcpop sha3 sm3 sm4 asimddp sha512 sve asimdfhm dit uscat ilrcpc flagm ssbs paca pacg dcpodp svei8mm svebf16 i8mm bf16 dgh rng";
const KUNPENG: &str = "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm jscvt fcma dcpop asimddp asimdfhm";
const APPLE: &str = "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm jscvt fcma lrcpc dcpop sha3 asimddp sha512 asimdfhm dit uscat ilrcpc flagm sb paca pacg dcpodp flagm2 frint";
const A53: &str = "fp asimd aes pmull sha1 sha2 crc32 cpuid";
const A76: &str =
    "fp asimd aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp";

pub(super) const BOARDS: &[Board] = &[
    board(
        ("raspberry-pi-3", "Raspberry Pi 3, BCM2837, Cortex-A53, 64-bit system"),
        (Goos::Linux, Goarch::Arm64),
        ["aarch64", "", "8"],
        V8_0,
        "no LSE: AT_HWCAP of QEMU 7.2's cortex-a53; the crypto extension is not on this chip",
    ),
    board(
        ("raspberry-pi-zero-2", "Raspberry Pi Zero 2 W, RP3A0, Cortex-A53, 64-bit system"),
        (Goos::Linux, Goarch::Arm64),
        ["aarch64", "", "8"],
        V8_0,
        "no LSE: AT_HWCAP of QEMU 7.2's cortex-a53; the crypto extension is not on this chip",
    ),
    board(
        ("raspberry-pi-4", "Raspberry Pi 4, BCM2711, Cortex-A72, 64-bit system"),
        (Goos::Linux, Goarch::Arm64),
        ["aarch64", "", "8"],
        V8_0,
        "no LSE: AT_HWCAP of QEMU 7.2's cortex-a72; the crypto extension is not on this chip",
    ),
    board(
        ("raspberry-pi-5", "Raspberry Pi 5, BCM2712, Cortex-A76"),
        (Goos::Linux, Goarch::Arm64),
        ["aarch64", "", "8"],
        V8_2,
        "AT_HWCAP of QEMU 7.2's cortex-a76",
    ),
    board(
        ("rk3399", "Rockchip RK3399 (ROC-RK3399-PC), Cortex-A53 and A72"),
        (Goos::Linux, Goarch::Arm64),
        ["aarch64", "", "8"],
        V8_0_CRYPTO,
        "/proc/cpuinfo of one: lore.kernel.org/bpf/20220927154104.869029-1-james.clark@arm.com, replies",
    ),
    board(
        ("graviton2", "AWS Graviton2 (m6g), Neoverse N1"),
        (Goos::Linux, Goarch::Arm64),
        ["aarch64", "", "8"],
        V8_2,
        "AT_HWCAP of QEMU 7.2's neoverse-n1",
    ),
    board(
        ("graviton3", "AWS Graviton3 (m7g), Neoverse V1"),
        (Goos::Linux, Goarch::Arm64),
        ["aarch64", "", "8"],
        GRAVITON3,
        "/proc/cpuinfo of one: lore.kernel.org/bpf/20220927154104.869029-1-james.clark@arm.com, replies",
    ),
    Board {
        cpu_bits: &[64],
        ..board(
            ("kunpeng-920", "Huawei Kunpeng 920"),
            (Goos::Linux, Goarch::Arm64),
            ["aarch64", "Kunpeng-920", "8"],
            KUNPENG,
            "/proc/cpuinfo (Linux 4.15) and lscpu (openEuler 22.03) of such servers in public reports",
        )
    },
    board(
        ("ft-2000", "Phytium FT-2000"),
        (Goos::Linux, Goarch::Arm64),
        ["aarch64", "", "8"],
        V8_0,
        "/proc/cpuinfo (CPU part 0x662) of one in public notes",
    ),
    board(
        ("apple-vm", "Linux guest on Apple silicon (M1 and later)"),
        (Goos::Linux, Goarch::Arm64),
        ["aarch64", "", "8"],
        APPLE,
        "/proc/cpuinfo (CPU implementer 0x61) of such guests in public reports",
    ),
    board(
        ("cortex-a53", "Cortex-A53, QEMU's cortex-a53"),
        (Goos::Linux, Goarch::Arm64),
        ["aarch64", "Cortex-A53", "8"],
        A53,
        "AT_HWCAP read under QEMU 7.2",
    ),
    board(
        ("cortex-a57", "Cortex-A57, QEMU's cortex-a57"),
        (Goos::Linux, Goarch::Arm64),
        ["aarch64", "Cortex-A57", "8"],
        A53,
        "AT_HWCAP read under QEMU 7.2",
    ),
    board(
        ("cortex-a72", "Cortex-A72, QEMU's cortex-a72"),
        (Goos::Linux, Goarch::Arm64),
        ["aarch64", "Cortex-A72", "8"],
        A53,
        "AT_HWCAP read under QEMU 7.2",
    ),
    board(
        ("cortex-a76", "Cortex-A76, QEMU's cortex-a76"),
        (Goos::Linux, Goarch::Arm64),
        ["aarch64", "Cortex-A76", "8"],
        A76,
        "AT_HWCAP read under QEMU 7.2",
    ),
    board(
        ("neoverse-n1", "Neoverse N1, QEMU's neoverse-n1"),
        (Goos::Linux, Goarch::Arm64),
        ["aarch64", "Neoverse-N1", "8"],
        A76,
        "AT_HWCAP read under QEMU 7.2",
    ),
];
