//! POWER, RISC-V, MIPS and IBM Z.

use super::{Board, board};
use crate::target::{Goarch, Goos};

pub(super) const BOARDS: &[Board] = &[
    board(
        ("power8", "IBM POWER8, little-endian"),
        (Goos::Linux, Goarch::Ppc64le),
        ["ppc64le", "POWER8 (architected), altivec supported", ""],
        "",
        "name as /proc/cpuinfo and lscpu of public reports have it; instructions by QEMU 7.2's power8",
    ),
    board(
        ("power9", "IBM POWER9, little-endian"),
        (Goos::Linux, Goarch::Ppc64le),
        ["ppc64le", "POWER9 (architected), altivec supported", ""],
        "",
        "name as /proc/cpuinfo and lscpu of public reports have it; instructions by QEMU 7.2's power9",
    ),
    board(
        ("power10", "IBM POWER10, little-endian"),
        (Goos::Linux, Goarch::Ppc64le),
        ["ppc64le", "POWER10 (architected), altivec supported", ""],
        "",
        "name as /proc/cpuinfo and lscpu of public reports have it; instructions by QEMU 7.2's power10",
    ),
    board(
        ("sifive-u54", "SiFive U54, QEMU's sifive-u54"),
        (Goos::Linux, Goarch::Riscv64),
        ["riscv64", "", ""],
        "rv64imafdc zicntr zicsr zifencei zihpm",
        "letters by AT_HWCAP under QEMU 7.2, where code with Zba dies",
    ),
    Board {
        emulator: "qemu-riscv64",
        ..board(
            ("qemu-riscv64", "qemu-riscv64 7.2 (user mode) without -cpu"),
            (Goos::Linux, Goarch::Riscv64),
            ["riscv64", "", ""],
            "rv64imafdc zicsr zifencei zba zbb zbs",
            "letters by AT_HWCAP; a program for rva22u64 runs there",
        )
    },
    board(
        ("visionfive-2", "StarFive VisionFive 2, JH7110, SiFive U74"),
        (Goos::Linux, Goarch::Riscv64),
        ["riscv64", "", ""],
        "rv64imafdc zicntr zicsr zifencei zihpm zba zbb",
        "/proc/cpuinfo (uarch sifive,u74-mc) of one in public test reports",
    ),
    board(
        ("c906", "T-Head C906"),
        (Goos::Linux, Goarch::Riscv64),
        ["riscv64", "", ""],
        "rv64imafdc zicntr zicsr zifencei zihpm",
        "/proc/cpuinfo (uarch thead,c906, Ubuntu 24.10) of one in public test reports",
    ),
    board(
        ("ar9330", "Atheros AR9330 router (GL-USB150), MIPS 24Kc without FPU"),
        (Goos::Linux, Goarch::Mips),
        ["mips", "MIPS 24Kc V7.4", ""],
        "",
        "/proc/cpuinfo of one under OpenWrt 18.06.1 in public notes",
    ),
    board(
        ("mt7620", "MediaTek MT7620 router, MIPS 24KEc without FPU"),
        (Goos::Linux, Goarch::Mipsle),
        ["mips", "MIPS 24KEc V5.0", ""],
        "",
        "/proc/cpuinfo of one in public notes",
    ),
    board(
        ("goldfish-mips", "Android emulator for MIPS, 24Kf with FPU"),
        (Goos::Linux, Goarch::Mipsle),
        ["mips", "MIPS 24Kc V0.0  FPU V0.0", ""],
        "",
        "/proc/cpuinfo in the tests of google/cpu_features",
    ),
    board(
        ("z10", "IBM System z10"),
        (Goos::Linux, Goarch::S390x),
        ["s390x", "", ""],
        "esan3 zarch stfle msa ldisp eimm dfp etf3eh highgprs",
        "/proc/cpuinfo of one (machine 2097): github.com/prometheus/procfs/issues/256",
    ),
    board(
        ("z13", "IBM z13"),
        (Goos::Linux, Goarch::S390x),
        ["s390x", "", ""],
        "esan3 zarch stfle msa ldisp eimm dfp edat etf3eh highgprs te vx sie",
        "/proc/cpuinfo of one: bugs.launchpad.net/checkbox-support/+bug/1709892",
    ),
];
