//! x86, 64 and 32 bits. Features of x86-64 are those that the levels ask for and
//! those below them, not all of a model.

use super::{Board, board};
use crate::target::{Goarch, Goos};

pub(in crate::host) const X86_V1: &str =
    "fpu vme de pse tsc msr pae cx8 apic sep mtrr pge mca cmov pat clflush mmx fxsr sse sse2 syscall nx lm";
const X86_KVM64: &str = "fpu vme de pse tsc msr pae cx8 apic sep mtrr pge mca cmov pat clflush mmx fxsr sse sse2 syscall nx lm pni cx16";
const X86_QEMU64: &str = "fpu vme de pse tsc msr pae cx8 apic sep mtrr pge mca cmov pat clflush mmx fxsr sse sse2 syscall nx lm pni cx16 lahf_lm";
const X86_CORE2: &str = "fpu vme de pse tsc msr pae cx8 apic sep mtrr pge mca cmov pat clflush mmx fxsr sse sse2 syscall nx lm pni ssse3 cx16 lahf_lm";
const X86_PENRYN: &str = "fpu vme de pse tsc msr pae cx8 apic sep mtrr pge mca cmov pat clflush mmx fxsr sse sse2 syscall nx lm pni ssse3 cx16 lahf_lm sse4_1";
pub(in crate::host) const X86_V2: &str = "fpu vme de pse tsc msr pae cx8 apic sep mtrr pge mca cmov pat clflush mmx fxsr sse sse2 syscall nx lm pni ssse3 cx16 lahf_lm sse4_1 sse4_2 popcnt";
pub(in crate::host) const X86_V3: &str = "fpu vme de pse tsc msr pae cx8 apic sep mtrr pge mca cmov pat clflush mmx fxsr sse sse2 syscall nx lm pni ssse3 cx16 lahf_lm sse4_1 sse4_2 popcnt xsave avx f16c fma abm movbe bmi1 avx2 bmi2";
pub(in crate::host) const X86_V4: &str = "fpu vme de pse tsc msr pae cx8 apic sep mtrr pge mca cmov pat clflush mmx fxsr sse sse2 syscall nx lm pni ssse3 cx16 lahf_lm sse4_1 sse4_2 popcnt xsave avx f16c fma abm movbe bmi1 avx2 bmi2 avx512f avx512dq avx512cd avx512bw avx512vl";
const I486: &str = "fpu pse";
const PENTIUM: &str = "fpu de pse tsc msr mce cx8 apic mmx";
const PENTIUM2: &str = "fpu de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 mmx fxsr";
const PENTIUM3: &str = "fpu de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 mmx fxsr sse";
const ATOM_N270: &str =
    "fpu de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat clflush acpi mmx fxsr sse sse2 ss";
const QEMU_I386: &str =
    "fpu de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush acpi mmx fxsr sse sse2 ss";

pub(super) const BOARDS: &[Board] = &[
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
    Board {
        emulator: "qemu-x86_64",
        ..board(
            ("qemu-x86_64", "qemu-x86_64 (user mode) without -cpu"),
            (Goos::Linux, Goarch::Amd64),
            ["x86_64", "", ""],
            X86_V3,
            "CPUID read under QEMU 7.2",
        )
    },
    board(
        ("i486", "Intel 486, QEMU's 486"),
        (Goos::Linux, Goarch::I386),
        ["i486", "", ""],
        I486,
        "CPUID read under QEMU 7.2",
    ),
    board(
        ("pentium", "Intel Pentium with MMX, QEMU's pentium"),
        (Goos::Linux, Goarch::I386),
        ["i586", "", ""],
        PENTIUM,
        "CPUID read under QEMU 7.2",
    ),
    board(
        ("pentium2", "Intel Pentium II, QEMU's pentium2"),
        (Goos::Linux, Goarch::I386),
        ["i686", "", ""],
        PENTIUM2,
        "CPUID read under QEMU 7.2",
    ),
    board(
        ("pentium3", "Intel Pentium III, QEMU's pentium3"),
        (Goos::Linux, Goarch::I386),
        ["i686", "", ""],
        PENTIUM3,
        "CPUID read under QEMU 7.2",
    ),
    board(
        ("atom-n270", "Intel Atom N270, QEMU's n270"),
        (Goos::Linux, Goarch::I386),
        ["i686", "", ""],
        ATOM_N270,
        "CPUID read under QEMU 7.2",
    ),
    Board {
        emulator: "qemu-i386",
        ..board(
            ("qemu-i386", "qemu-i386 (user mode) without -cpu"),
            (Goos::Linux, Goarch::I386),
            ["i686", "", ""],
            QEMU_I386,
            "CPUID read under QEMU 7.2",
        )
    },
];
