//! What code of a level needs of a processor, in the words in which Linux
//! describes processors: the features, and where it lists none the model, of
//! /proc/cpuinfo.

use super::Goarch;

/// What machine code was made for.
#[derive(Clone, Copy, Debug)]
pub struct Code<'a> {
    pub arch: Goarch,
    /// The value of the level variable: `v8.1`, `rva22u64`; empty where the
    /// architecture has none.
    pub level: &'a str,
    /// Go's minor version.
    pub minor: Option<u32>,
}

/// What is known of a processor.
#[derive(Clone, Copy, Debug, Default)]
pub struct Processor<'a> {
    pub features: Option<&'a [String]>,
    pub model: Option<&'a str>,
}

/// What a processor lacks for some code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lack {
    pub names: Vec<String>,
    /// Why it may run all the same.
    pub doubt: Option<Doubt>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Older kernels do not list these features.
    Unlisted,
    /// The level allows these instructions; most programs hold none of them.
    Seldom,
    /// Most kernels do in software what is missing.
    Emulated,
}

/// Names of which the list of a family has one, whatever the processor.
const FAMILIES: [(&[&str], &[Goarch]); 4] = [
    (&["pse", "tsc", "cx8", "mmx"], &[Goarch::I386, Goarch::Amd64]),
    (&["fp", "asimd"], &[Goarch::Arm64, Goarch::Arm]),
    (&["half", "thumb", "fastmult"], &[Goarch::Arm, Goarch::Arm64]),
    (&["esan3", "zarch"], &[Goarch::S390x]),
];

/// Whose processor has these features. A container that is emulated shows those
/// of the real machine.
pub fn family(features: &[String]) -> Option<&'static [Goarch]> {
    if features.iter().any(|feature| feature.starts_with("rv64")) {
        return Some(&[Goarch::Riscv64]);
    }
    let listed = |marks: &[&str]| features.iter().any(|feature| marks.contains(&feature.as_str()));
    FAMILIES.iter().find(|(marks, _)| listed(marks)).map(|(_, family)| *family)
}

/// Are they those of a processor that runs this code? A 64-bit ARM kernel shows
/// 32-bit programs the names of 32-bit kernels: nothing follows from these for
/// others.
fn describes(arch: Goarch, features: &[String]) -> bool {
    let own = family(features).is_some_and(|family| family.contains(&arch));
    own && (arch != Goarch::Arm64 || features.iter().any(|feature| feature == "asimd" || feature == "fp"))
}

/// What the code needs of the features that /proc/cpuinfo lists.
///
/// arm64: cmd/compile/internal/ssagen/intrinsics.go and the assembly of
/// internal/runtime/atomic ask for LSE and for nothing else, whatever the version
/// (1.23 to 1.27). 386: runtime/asm_386.s asks CPUID for MMX. s390x:
/// runtime/os_linux_s390x.go, `checkS390xCPU`, since 1.22. riscv64:
/// runtime/asm_riscv64.h; compressed instructions since 1.26.
fn needs(code: &Code<'_>) -> Vec<&'static str> {
    let minor = code.minor.unwrap_or(0);
    match code.arch {
        Goarch::Arm64 => {
            let (version, options) = code.level.split_once(',').unwrap_or((code.level, ""));
            let lse = !matches!(version, "v8.0" | "") || options.split(',').any(|option| option == "lse");
            if lse { vec!["atomics"] } else { Vec::new() }
        }
        Goarch::I386 if code.level == "softfloat" => vec!["mmx"],
        Goarch::I386 => vec!["mmx", "sse2"],
        Goarch::S390x if minor >= 22 => vec!["vx"],
        Goarch::Riscv64 => {
            let mut names = vec!["i", "m", "a", "f", "d"];
            if minor >= 26 {
                names.push("c");
            }
            if matches!(code.level, "rva22u64" | "rva23u64") {
                names.extend(["zba", "zbb", "zbs"]);
            }
            if code.level == "rva23u64" {
                names.extend(["v", "zicond"]);
            }
            names
        }
        _ => Vec::new(),
    }
}

/// Every processor that the port has runs this code.
pub fn runs_anywhere(code: &Code<'_>) -> bool {
    match code.arch {
        Goarch::Arm64 => needs(code).is_empty(),
        Goarch::Mips | Goarch::Mipsle | Goarch::Mips64 | Goarch::Mips64le => code.level == "softfloat",
        _ => false,
    }
}

/// `None` where nothing that is known of the processor tells.
pub fn lacking(code: &Code<'_>, processor: &Processor<'_>) -> Option<Lack> {
    match code.arch {
        Goarch::Ppc64 | Goarch::Ppc64le => generation(code, processor.model?),
        Goarch::Mips | Goarch::Mipsle | Goarch::Mips64 | Goarch::Mips64le => fpu(code, processor.model?),
        _ => {
            let features = processor.features.filter(|features| describes(code.arch, features))?;
            Some(unlisted(code, features))
        }
    }
}

fn unlisted(code: &Code<'_>, features: &[String]) -> Lack {
    let riscv = code.arch == Goarch::Riscv64;
    let has = |name: &str| match name.len() {
        1 if riscv => features.iter().any(|feature| single_letters(feature).contains(name)),
        _ => features.iter().any(|feature| feature == name),
    };
    let names: Vec<String> = needs(code).into_iter().filter(|name| !has(name)).map(str::to_owned).collect();
    // Kernels that list Zicsr, which every processor has, list the others as well;
    // before, `isa` was the single letters.
    let old = riscv && !features.iter().any(|feature| feature == "zicsr");
    let doubt = if names.is_empty() || names.iter().any(|name| name.len() == 1) {
        None
    } else if old {
        Some(Doubt::Unlisted)
    } else {
        // A program for rva22u64 ran to its end without Zbs, and died without Zba and
        // without Zbb (QEMU 7.2).
        names.iter().all(|name| name == "zbs" || name == "zicond").then_some(Doubt::Seldom)
    };
    Lack { names, doubt }
}

fn generation(code: &Code<'_>, model: &str) -> Option<Lack> {
    let wanted = power(&code.level.to_ascii_uppercase())?;
    let names = if power(model)? < wanted { vec![format!("a POWER{wanted}")] } else { Vec::new() };
    Some(Lack { names, doubt: None })
}

/// `MIPS 24Kc V7.4`, and `MIPS 24Kc V0.0  FPU V0.0` with one (Linux
/// arch/mips/kernel/proc.c, `show_cpuinfo`).
fn fpu(code: &Code<'_>, model: &str) -> Option<Lack> {
    let (_, version) = model.rsplit_once(" V")?;
    version.starts_with(|c: char| c.is_ascii_digit()).then_some(())?;
    if code.level == "softfloat" || model.contains(" FPU V") {
        return Some(Lack::default());
    }
    Some(Lack { names: vec!["an FPU".to_owned()], doubt: Some(Doubt::Emulated) })
}

/// The letters behind `rv64`; `g` stands for five of them.
fn single_letters(feature: &str) -> String {
    feature.strip_prefix("rv64").unwrap_or("").replace('g', "imafd")
}

/// Generation of a POWER processor by what /proc/cpuinfo calls it, such as
/// `POWER8 (architected), altivec supported` (Linux arch/powerpc/kernel/cpu_specs_book3s_64.h).
fn power(model: &str) -> Option<u32> {
    if model.starts_with("PPC970") {
        return Some(4);
    }
    let number = model.strip_prefix("POWER")?;
    let digits = number.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lack(arch: Goarch, level: &str, minor: u32, features: &str, model: Option<&str>) -> Option<Lack> {
        let list: Vec<String> = features.split_ascii_whitespace().map(str::to_owned).collect();
        let code = Code { arch, level, minor: Some(minor) };
        lacking(&code, &Processor { features: (!list.is_empty()).then_some(list.as_slice()), model })
    }

    fn names(arch: Goarch, level: &str, minor: u32, features: &str) -> Option<String> {
        lack(arch, level, minor, features, None).map(|lack| lack.names.join(" "))
    }

    #[test]
    fn large_system_extensions() {
        let a72 = "fp asimd evtstrm crc32 cpuid";
        for (level, want) in [
            ("v8.0", ""),
            ("v8.0,crypto", ""),
            ("v8.0,lse", "atomics"),
            ("v8.1", "atomics"),
            ("v9.2,crypto", "atomics"),
        ] {
            assert_eq!(names(Goarch::Arm64, level, 23, a72).as_deref(), Some(want), "{level}");
        }
        // The list is that of an x86 machine, which emulates.
        assert_eq!(names(Goarch::Arm64, "v8.1", 23, "fpu vme sse2"), None);
    }

    #[test]
    fn risc_v_letters_and_names() {
        let u54 = "rv64imafdc zicntr zicsr zifencei zihpm";
        assert_eq!(names(Goarch::Riscv64, "rva20u64", 27, u54).as_deref(), Some(""));
        assert_eq!(names(Goarch::Riscv64, "rva22u64", 23, u54).as_deref(), Some("zba zbb zbs"));
        assert_eq!(names(Goarch::Riscv64, "rva20u64", 25, "rv64imafd").as_deref(), Some(""));
        assert_eq!(names(Goarch::Riscv64, "rva20u64", 26, "rv64gv").as_deref(), Some("c"));
        let doubt = |level, features| lack(Goarch::Riscv64, level, 26, features, None).unwrap().doubt;
        assert_eq!(doubt("rva22u64", "rv64imafdc"), Some(Doubt::Unlisted));
        assert_eq!(doubt("rva22u64", u54), None);
        assert_eq!(doubt("rva20u64", "rv64imafd"), None);
        assert_eq!(doubt("rva22u64", "rv64imafdc zicsr zba zbb"), Some(Doubt::Seldom));
    }

    #[test]
    fn floating_point_units_of_mips() {
        let lack = |level, model| lack(Goarch::Mips, level, 21, "", Some(model));
        let names = |level, model| lack(level, model).map(|lack| lack.names.len());
        assert_eq!(lack("hardfloat", "MIPS 24Kc V7.4").unwrap().doubt, Some(Doubt::Emulated));
        assert_eq!(names("softfloat", "MIPS 24Kc V7.4"), Some(0));
        assert_eq!(names("hardfloat", "MIPS 24Kc V0.0  FPU V0.0"), Some(0));
        assert_eq!(names("hardfloat", "Lantiq xRX200"), None);
    }

    #[test]
    fn power_by_its_name() {
        let lack =
            |level, model| lack(Goarch::Ppc64le, level, 21, "", Some(model)).map(|lack| lack.names.join(" "));
        assert_eq!(lack("power9", "POWER8E (raw), altivec supported").as_deref(), Some("a POWER9"));
        assert_eq!(lack("power9", "POWER10 (architected), altivec supported").as_deref(), Some(""));
        assert_eq!(lack("power8", "PPC970MP, altivec supported").as_deref(), Some("a POWER8"));
        assert_eq!(lack("power9", "e6500, altivec supported"), None);
    }
}
