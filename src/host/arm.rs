//! Which ARM core it is, as far as the GOARM of a program goes.
//!
//! Linux prints `CPU architecture: 7` for the ARM1176 of the Raspberry Pi 1
//! and Zero, which is an ARMv6: it looks at the memory model alone, and that
//! core has the one of ARMv7 (arch/arm/kernel/setup.c,
//! `__get_cpu_architecture`: "Revised CPUID format. Read the Memory Model
//! Feature Register 0 and check for VMSAv7 or PMSAv7"). `uname -m` and the
//! model name come from the processor's own table (arch/arm/mm/proc-v6.S) and
//! are right, so the lowest of all statements is taken.

use super::Host;
use crate::binary::Fact;
use crate::target::Goarch;

/// A core as GOARM sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArmCpu {
    /// 5, 6, 7 or 8 (4 for cores that Go never ran on).
    pub version: u8,
    /// Hardware floating point, which GOARM 6 and up uses.
    pub vfp: bool,
    /// VFPv3, which GOARM=7 uses.
    pub vfpv3: bool,
}

/// Features that imply VFPv3 (Linux arch/arm/include/uapi/asm/hwcap.h: NEON
/// and VFPv4 extend it; asimd is the NEON of arm64).
const VFPV3: [&str; 5] = ["vfpv3", "vfpv3d16", "vfpv4", "neon", "asimd"];

/// Features that only ARM kernels print. In a container that is emulated on
/// another machine, `uname` says ARM and /proc/cpuinfo is that of the real
/// one, which says nothing about ARM.
const ARM_ONLY: [&str; 8] = ["half", "thumb", "fastmult", "edsp", "vfp", "neon", "fp", "asimd"];

struct Claim {
    version: u8,
    says: String,
}

impl Claim {
    fn of(fact: Option<&Fact<String>>, read: fn(&str) -> Option<u8>) -> Option<Claim> {
        let fact = fact?;
        let version = read(&fact.value)?;
        Some(Claim { version, says: format!("{} says {}", fact.from, fact.value) })
    }
}

pub(super) fn level(host: &Host) -> Option<Fact<ArmCpu>> {
    if let Some(arch) = &host.arch
        && !matches!(arch.value, Goarch::Arm | Goarch::Arm64)
    {
        return None;
    }
    let features = host.cpu_features.as_ref().filter(|f| has_any(&f.value, &ARM_ONLY));
    let vfpv3 = features.map(|f| has_any(&f.value, &VFPV3));
    let mut claims: Vec<Claim> = Vec::new();
    claims.extend(Claim::of(host.machine.as_ref(), version_of_machine));
    claims.extend(Claim::of(host.cpu_model.as_ref(), version_of_model));
    let core_named = !claims.is_empty();
    claims.extend(Claim::of(host.cpu_architecture.as_ref(), version_of_architecture));
    if let Some(features) = features {
        // With nothing else to hold against it, an "ARMv7" without VFPv3 is
        // the ARM1176 of the module's comment; a real ARMv7 without it (a
        // kernel without CONFIG_VFP) cannot run GOARM=7 programs either.
        if !core_named && vfpv3 == Some(false) && claims.iter().any(|claim| claim.version >= 7) {
            claims.push(Claim { version: 6, says: format!("{} has no vfpv3", features.from) });
        } else if claims.is_empty() {
            claims.extend(version_of_features(&features.value).map(|(version, feature)| Claim {
                version,
                says: format!("{} has {feature}", features.from),
            }));
        }
    }
    let version = claims.iter().map(|claim| claim.version).min()?;
    let (vfp, vfpv3, fpu) = match features {
        Some(f) => {
            let v3 = vfpv3 == Some(true);
            let vfp = v3 || has_any(&f.value, &["vfp", "fp"]);
            (vfp, v3, format!("floating point by {}", f.from))
        }
        // ARM1176, the one ARMv6 still about, has VFPv2; every ARMv7-A that
        // distributions support has VFPv3.
        None => (version >= 6, version >= 7, "floating point as usual for that version".to_owned()),
    };
    let says = |lowest: bool| {
        let said = claims.iter().filter(|c| (c.version == version) == lowest);
        said.map(|claim| claim.says.as_str()).collect::<Vec<_>>().join(", ")
    };
    let mut from = format!("ARMv{version}: {}", says(true));
    if claims.iter().any(|claim| claim.version != version) {
        from = format!("{from}; against it {}; the lower version counts", says(false));
        if version == 6 && claims.iter().any(|claim| claim.version == 7) {
            from.push_str(" (Linux prints `CPU architecture: 7` for an ARM1176)");
        }
    }
    Some(Fact::new(ArmCpu { version, vfp, vfpv3 }, format!("{from}; {fpu}")))
}

fn has_any(features: &[String], names: &[&str]) -> bool {
    features.iter().any(|feature| names.contains(&feature.as_str()))
}

fn digit(text: &str) -> Option<u8> {
    let first = text.chars().next()?.to_digit(10)?;
    u8::try_from(first).ok().filter(|version| (4..=8).contains(version))
}

/// `armv5tejl`, `armv6l`, `armv7l`, `armv8l`, `aarch64`.
fn version_of_machine(machine: &str) -> Option<u8> {
    match machine {
        "aarch64" | "arm64" => Some(8),
        _ => digit(machine.strip_prefix("armv")?),
    }
}

/// `5TEJ`, `6TEJ`, `7`, `8`, and `AArch64` of arm64 kernels before 3.19.
fn version_of_architecture(architecture: &str) -> Option<u8> {
    if architecture.eq_ignore_ascii_case("aarch64") { Some(8) } else { digit(architecture) }
}

/// `ARMv6-compatible processor rev 7 (v6l)`, `ARM926EJ-S rev 5 (v5l)`: the
/// name of the processor table's entry and then ELF_PLATFORM (`c_show` of
/// arch/arm/kernel/setup.c). lscpu prints the core's name.
fn version_of_model(model: &str) -> Option<u8> {
    if model.contains("(aarch64)") {
        return Some(8);
    }
    let platform = model.rsplit_once("(v").and_then(|(_, rest)| digit(rest));
    platform.or_else(|| model.strip_prefix("ARMv").and_then(digit)).or_else(|| {
        [("ARM7TDMI", 4), ("ARM92", 5), ("ARM10", 5), ("ARM11", 6)]
            .iter()
            .find(|(core, _)| model.starts_with(core))
            .map(|(_, version)| *version)
    })
}

/// asimd is of ARMv8, VFPv3 came with ARMv7, and the thread register that
/// `tls` stands for with ARMv6K (arch/arm/include/asm/tls.h).
fn version_of_features(features: &[String]) -> Option<(u8, &'static str)> {
    [(8, "asimd"), (7, "neon"), (7, "vfpv4"), (7, "vfpv3"), (7, "vfpv3d16"), (6, "tls")]
        .into_iter()
        .find(|(_, feature)| features.iter().any(|f| f == feature))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(value: &str) -> Option<Fact<String>> {
        Some(Fact::new(value.to_owned(), "card"))
    }

    fn features(line: &str) -> Option<Fact<Vec<String>>> {
        Some(Fact::new(line.split(' ').map(str::to_owned).collect(), "Features"))
    }

    fn cpu(version: u8, vfp: bool, vfpv3: bool) -> Option<ArmCpu> {
        Some(ArmCpu { version, vfp, vfpv3 })
    }

    fn level_of(host: Host) -> Option<ArmCpu> {
        host.arm_level().map(|fact| fact.value)
    }

    const PI1: &str = "half thumb fastmult vfp edsp java tls";

    #[test]
    fn each_other_fact_wins_over_the_7_of_an_arm1176() {
        let seven = Host { cpu_architecture: fact("7"), ..Host::default() };
        assert_eq!(level_of(seven.clone()), cpu(7, true, true));
        let by_model = Host { cpu_model: fact("ARMv6-compatible processor rev 7 (v6l)"), ..seven.clone() };
        assert_eq!(level_of(by_model), cpu(6, true, false));
        let by_machine = Host { machine: fact("armv6l"), ..seven.clone() };
        assert_eq!(level_of(by_machine), cpu(6, true, false));
        let by_features = Host { cpu_features: features(PI1), ..seven };
        assert_eq!(level_of(by_features.clone()), cpu(6, true, false));
        let from = by_features.arm_level().unwrap().from;
        assert!(from.contains("against it card says 7; the lower version counts"), "{from}");
    }

    #[test]
    fn versions_without_a_quirk() {
        let arm926 = Host {
            machine: fact("armv5tejl"),
            cpu_architecture: fact("5TEJ"),
            cpu_features: features("swp half thumb fastmult edsp java"),
            ..Host::default()
        };
        assert_eq!(level_of(arm926), cpu(5, false, false));
        let tegra2 = Host {
            machine: fact("armv7l"),
            cpu_features: features("swp half thumb fastmult vfp edsp vfpv3 vfpv3d16"),
            ..Host::default()
        };
        assert_eq!(level_of(tegra2), cpu(7, true, true));
        let no_vfp =
            Host { machine: fact("armv7l"), cpu_features: features("half thumb edsp"), ..Host::default() };
        assert_eq!(level_of(no_vfp), cpu(7, false, false));
        let bare = Host { cpu_features: features(PI1), ..Host::default() };
        assert_eq!(level_of(bare), cpu(6, true, false));
    }

    #[test]
    fn not_arm_or_not_known() {
        assert_eq!(level_of(Host::default()), None);
        let x86 = Host {
            arch: Some(Fact::new(Goarch::Amd64, "card")),
            machine: fact("x86_64"),
            cpu_features: features("fpu vme sse2"),
            ..Host::default()
        };
        assert_eq!(level_of(x86), None);
        // armhf container on an x86 server: cpuinfo is the server's.
        let emulated = Host {
            arch: Some(Fact::new(Goarch::Arm, "uname")),
            machine: fact("armv7l"),
            cpu_features: features("fpu vme sse2"),
            cpu_model: fact("AMD EPYC"),
            ..Host::default()
        };
        assert_eq!(level_of(emulated), cpu(7, true, true));
    }
}
