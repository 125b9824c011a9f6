//! The values of GOARM, GOAMD64 and the like, and the processor that each needs
//! (internal/buildcfg/cfg.go, zbootstrap.go, 1.27; go.dev/wiki/MinimumRequirements).

use super::Goarch;
use super::ports::LATEST;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    pub value: &'static str,
    /// Taken when the variable is not set.
    pub default: bool,
    /// The lowest processor.
    pub needs: &'static str,
}

/// The values of an architecture, the default first, and what may be appended.
fn values(arch: Goarch) -> (&'static [&'static str], &'static str) {
    match arch {
        Goarch::I386 => (&["sse2", "softfloat"], ""),
        Goarch::Amd64 => (&["v1", "v2", "v3", "v4"], ""),
        Goarch::Arm => (&["7", "6", "5", "7,softfloat", "6,softfloat", "5,hardfloat"], ""),
        Goarch::Arm64 => (
            &[
                "v8.0", "v8.1", "v8.2", "v8.3", "v8.4", "v8.5", "v8.6", "v8.7", "v8.8", "v8.9", "v9.0",
                "v9.1", "v9.2", "v9.3", "v9.4", "v9.5",
            ],
            ",lse and ,crypto",
        ),
        Goarch::Mips | Goarch::Mipsle | Goarch::Mips64 | Goarch::Mips64le => {
            (&["hardfloat", "softfloat"], "")
        }
        Goarch::Ppc64 | Goarch::Ppc64le => (&["power8", "power9", "power10"], ""),
        Goarch::Riscv64 => (&["rva20u64", "rva22u64", "rva23u64"], ""),
        // satconv and signext of GOWASM are always on in the latest Go.
        Goarch::Loong64 | Goarch::S390x | Goarch::Wasm => (&[], ""),
    }
}

/// What may be appended to a value: `,lse and ,crypto`.
pub fn options(arch: Goarch) -> Option<&'static str> {
    Some(values(arch).1).filter(|text| !text.is_empty())
}

/// All values of the level variable of an architecture in the latest Go.
pub fn levels(arch: Goarch) -> Vec<Level> {
    let (values, _) = values(arch);
    let level = |(at, value): (usize, &&'static str)| {
        let soft = value.ends_with("softfloat") || *value == "5";
        let needs = processor(arch, value, soft, Some(LATEST)).unwrap_or("");
        Level { value, default: at == 0, needs }
    };
    values.iter().enumerate().map(level).collect()
}

/// The lowest processor for a value of the level variable; `soft`: floating
/// point in software.
pub fn processor(arch: Goarch, value: &str, soft: bool, minor: Option<u32>) -> Option<&'static str> {
    let base = value.split(',').next().unwrap_or("");
    Some(match (arch, base) {
        (Goarch::Amd64, "v1") => "any x86-64",
        (Goarch::Amd64, "v2") => "x86-64-v2: SSE4.2, POPCNT",
        (Goarch::Amd64, "v3") => "x86-64-v3: AVX2, BMI, FMA",
        (Goarch::Amd64, "v4") => "x86-64-v4: AVX-512",
        (Goarch::I386, "sse2") => "x86 with SSE2",
        (Goarch::I386, "softfloat") => "x86 with MMX",
        (Goarch::Arm, "5") if soft => "ARMv5TE",
        (Goarch::Arm, "5") => "ARMv5TE with VFP",
        (Goarch::Arm, "6") if soft => "ARMv6K",
        (Goarch::Arm, "6") => "ARMv6K with VFPv2",
        (Goarch::Arm, "7") if soft => "ARMv7-A",
        (Goarch::Arm, "7") => "ARMv7-A with VFPv3",
        (Goarch::Arm64, _) if value.contains("lse") => "ARMv8 with LSE atomics",
        (Goarch::Arm64, "v8.0") => "any ARMv8-A",
        (Goarch::Arm64, "") => return None,
        (Goarch::Arm64, _) => "ARMv8 with LSE atomics",
        (Goarch::Riscv64, "rva20u64") => "RV64GC",
        (Goarch::Riscv64, "rva22u64") => "RVA22: Zba, Zbb, Zbs",
        (Goarch::Riscv64, "rva23u64") => "RVA23: vectors, Zicond",
        (Goarch::Ppc64 | Goarch::Ppc64le, "power8") => "POWER8",
        (Goarch::Ppc64 | Goarch::Ppc64le, "power9") => "POWER9",
        (Goarch::Ppc64 | Goarch::Ppc64le, "power10") => "POWER10",
        (Goarch::Mips | Goarch::Mipsle, _) if soft => "MIPS32r1",
        (Goarch::Mips | Goarch::Mipsle, "hardfloat") => "MIPS32r1 with FPU",
        (Goarch::Mips64 | Goarch::Mips64le, _) if soft => "MIPS III",
        (Goarch::Mips64 | Goarch::Mips64le, "hardfloat") => "MIPS III with FPU",
        (Goarch::S390x, _) if minor.is_some_and(|minor| minor >= 19) => "z13",
        (Goarch::S390x, _) => "z196",
        (Goarch::Loong64, _) => "LoongArch64 with FPU",
        _ => return None,
    })
}
