//! What a Go program is built for: operating system, architecture and the
//! micro-architecture level, under the names that Go itself uses.

pub mod features;
pub mod floors;
pub mod levels;
pub mod ports;
pub mod seen;

use std::fmt;

macro_rules! names {
    ($(#[$doc:meta])* $type:ident { $($variant:ident = $name:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[non_exhaustive]
        pub enum $type { $($variant),+ }

        impl $type {
            pub const ALL: &'static [$type] = &[$($type::$variant),+];

            /// The name as Go spells it.
            pub fn name(self) -> &'static str {
                match self { $($type::$variant => $name),+ }
            }

            /// Reads Go's spelling; anything else is `None`.
            pub fn parse(name: &str) -> Option<Self> {
                match name { $($name => Some($type::$variant),)+ _ => None }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

names! {
    /// GOOS (internal/syslist/syslist.go, 1.27).
    Goos {
        Aix = "aix", Android = "android", Darwin = "darwin", Dragonfly = "dragonfly",
        Freebsd = "freebsd", Illumos = "illumos", Ios = "ios", Js = "js", Linux = "linux",
        Netbsd = "netbsd", Openbsd = "openbsd", Plan9 = "plan9", Solaris = "solaris",
        Wasip1 = "wasip1", Windows = "windows",
    }
}

names! {
    /// GOARCH (internal/syslist/syslist.go, 1.27).
    Goarch {
        I386 = "386", Amd64 = "amd64", Arm = "arm", Arm64 = "arm64", Loong64 = "loong64",
        Mips = "mips", Mipsle = "mipsle", Mips64 = "mips64", Mips64le = "mips64le",
        Ppc64 = "ppc64", Ppc64le = "ppc64le", Riscv64 = "riscv64", S390x = "s390x", Wasm = "wasm",
    }
}

impl Goarch {
    /// Size of a pointer in bytes. (A wasm program of Go has 8-byte pointers.)
    pub fn pointer_size(self) -> u8 {
        match self {
            Goarch::I386 | Goarch::Arm | Goarch::Mips | Goarch::Mipsle => 4,
            _ => 8,
        }
    }

    pub fn big_endian(self) -> bool {
        matches!(self, Goarch::Mips | Goarch::Mips64 | Goarch::Ppc64 | Goarch::S390x)
    }

    /// The variable that sets the level of this architecture and the values
    /// it takes when nobody sets it (internal/buildcfg/cfg.go). GOARM has two
    /// defaults: 5 up to Go 1.20, 7 from 1.21 when cross-compiling.
    pub fn level_variable(self) -> Option<&'static str> {
        Some(match self {
            Goarch::I386 => "GO386",
            Goarch::Amd64 => "GOAMD64",
            Goarch::Arm => "GOARM",
            Goarch::Arm64 => "GOARM64",
            Goarch::Mips | Goarch::Mipsle => "GOMIPS",
            Goarch::Mips64 | Goarch::Mips64le => "GOMIPS64",
            Goarch::Ppc64 | Goarch::Ppc64le => "GOPPC64",
            Goarch::Riscv64 => "GORISCV64",
            Goarch::Wasm => "GOWASM",
            Goarch::Loong64 | Goarch::S390x => return None,
        })
    }

    /// GOARCH of an ELF file, by e_machine (elf.h), class and byte order
    /// (debug/elf; cmd/link/internal/ld/elf.go).
    pub fn of_elf(machine: u16, wide: bool, big: bool) -> Option<Goarch> {
        Some(match (machine, wide, big) {
            (3, ..) => Goarch::I386,
            (62, ..) => Goarch::Amd64,
            (40, _, false) => Goarch::Arm,
            (183, _, false) => Goarch::Arm64,
            (8, false, true) => Goarch::Mips,
            (8, false, false) => Goarch::Mipsle,
            (8, true, true) => Goarch::Mips64,
            (8, true, false) => Goarch::Mips64le,
            (21, _, true) => Goarch::Ppc64,
            (21, _, false) => Goarch::Ppc64le,
            (243, true, _) => Goarch::Riscv64,
            (22, true, _) => Goarch::S390x,
            (258, true, _) => Goarch::Loong64,
            _ => return None,
        })
    }

    /// GOARCH of a kernel that calls its machine so (`uname -m`).
    pub fn from_machine(machine: &str) -> Option<Goarch> {
        Some(match machine {
            "x86_64" | "amd64" => Goarch::Amd64,
            "i386" | "i486" | "i586" | "i686" => Goarch::I386,
            "aarch64" | "arm64" => Goarch::Arm64,
            "mips" => Goarch::Mips,
            "mipsel" => Goarch::Mipsle,
            "mips64" => Goarch::Mips64,
            "mips64el" => Goarch::Mips64le,
            "ppc64" => Goarch::Ppc64,
            "ppc64le" => Goarch::Ppc64le,
            "riscv64" => Goarch::Riscv64,
            "s390x" => Goarch::S390x,
            "loongarch64" => Goarch::Loong64,
            arm if arm.starts_with("armv") => Goarch::Arm,
            _ => return None,
        })
    }

    /// Does a Linux host of architecture `host` execute binaries of this
    /// one? `Maybe` where it depends on the kernel's compat support or, for
    /// 32-bit ARM, on the CPU having AArch32 at EL0.
    pub fn runs_on(self, host: Goarch) -> Compatible {
        match (self, host) {
            (a, b) if a == b => Compatible::Yes,
            (Goarch::I386, Goarch::Amd64)
            | (Goarch::Arm, Goarch::Arm64)
            | (Goarch::Mips, Goarch::Mips64)
            | (Goarch::Mipsle, Goarch::Mips64le) => Compatible::Maybe,
            _ => Compatible::No,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Compatible {
    Yes,
    Maybe,
    No,
}

/// x86-64 feature sets of the GOAMD64 levels, under the names of
/// /proc/cpuinfo (runtime/asm_amd64.s, `V2_FEATURES_CX` and following, 1.27;
/// go.dev/wiki/MinimumRequirements). Each level includes those before it.
const AMD64_LEVELS: [(&str, &[&str]); 3] = [
    ("v2", &["cx16", "lahf_lm", "popcnt", "pni|sse3", "sse4_1", "sse4_2", "ssse3"]),
    ("v3", &["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm|lzcnt", "movbe"]),
    ("v4", &["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]),
];

/// Features that a GOAMD64 level needs and that are not among `have`.
/// Alternatives are joined by `|` (cpuinfo calls SSE3 `pni`).
pub fn missing_amd64_features(level: &str, have: &[String]) -> Vec<&'static str> {
    let Some(top) = AMD64_LEVELS.iter().position(|(name, _)| *name == level) else { return Vec::new() };
    AMD64_LEVELS
        .iter()
        .take(top.saturating_add(1))
        .flat_map(|(_, features)| features.iter())
        .filter(|feature| !feature.split('|').any(|name| have.iter().any(|h| h == name)))
        .copied()
        .collect()
}

/// The highest GOAMD64 level that these features allow.
pub fn highest_amd64_level(have: &[String]) -> &'static str {
    AMD64_LEVELS
        .iter()
        .rev()
        .find(|(name, _)| missing_amd64_features(name, have).is_empty())
        .map_or("v1", |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_includes_the_levels_below_it() {
        let v2: Vec<String> =
            "cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3".split(' ').map(str::to_owned).collect();
        assert!(missing_amd64_features("v2", &v2).is_empty());
        assert!(missing_amd64_features("v3", &v2).contains(&"avx2"));
        assert_eq!(highest_amd64_level(&v2), "v2");
        assert_eq!(highest_amd64_level(&["avx512f".to_owned()]), "v1");
    }

    #[test]
    fn names_are_read_back() {
        assert!(Goos::ALL.iter().all(|os| Goos::parse(os.name()) == Some(*os)));
        assert!(Goarch::ALL.iter().all(|arch| Goarch::parse(arch.name()) == Some(*arch)));
        assert_eq!(Goarch::from_machine("armv6l"), Some(Goarch::Arm));
        assert_eq!(Goarch::Arm.runs_on(Goarch::Arm64), Compatible::Maybe);
    }
}
