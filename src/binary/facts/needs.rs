//! Where the program runs at all: the lowest version of the operating system,
//! by its headers and by its Go version, and the lowest processor.

use object::read::macho::{LoadCommandVariant, MachHeader, MachOFile};
use object::read::pe::{ImageNtHeaders, ImageOptionalHeader, PeFile};
use object::{Endianness, File, macho};

use super::super::{Binary, Fact, version_key};
use super::level::Level;
use crate::target::{Goarch, Goos};

/// Lowest versions; what is not known is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// The operating system and the version that headers ask for: `macOS 13.0`.
    pub by_header: Option<Fact<String>>,
    /// What this version of Go supports: `Linux 3.2`.
    pub by_go: Option<Fact<String>>,
    pub cpu: Option<Fact<String>>,
}

impl Needs {
    /// The higher of the two versions of the operating system, each with its source.
    pub fn system(&self) -> Option<&Fact<String>> {
        let number = |fact: &Fact<String>| version_key(fact.value.rsplit(' ').next().unwrap_or(""));
        match (&self.by_header, &self.by_go) {
            (Some(header), Some(go)) if number(header) > number(go) => Some(header),
            (header, go) => go.as_ref().or(header.as_ref()),
        }
    }
}

const WIKI: &str = "go.dev/wiki/MinimumRequirements";

/// (GOOS, first Go minor version, lowest system, source). The last row that
/// fits counts.
const SYSTEMS: [(Goos, u32, &str, &str); 19] = [
    (Goos::Linux, 0, "Linux 2.6.23", WIKI),
    (Goos::Linux, 19, "Linux 2.6.32", WIKI),
    (Goos::Linux, 24, "Linux 3.2", "go.dev/doc/go1.24#linux"),
    (Goos::Darwin, 11, "macOS 10.10", "go.dev/doc/go1.11#ports"),
    (Goos::Darwin, 13, "macOS 10.11", "go.dev/doc/go1.13#darwin"),
    (Goos::Darwin, 15, "macOS 10.12", "go.dev/doc/go1.15#darwin"),
    (Goos::Darwin, 17, "macOS 10.13", "go.dev/doc/go1.17#darwin"),
    (Goos::Darwin, 21, "macOS 10.15", "go.dev/doc/go1.21#darwin"),
    (Goos::Darwin, 23, "macOS 11", "go.dev/doc/go1.23#darwin"),
    (Goos::Darwin, 25, "macOS 12", "go.dev/doc/go1.25#darwin"),
    (Goos::Darwin, 27, "macOS 13", "go.dev/doc/go1.26#darwin"),
    (Goos::Windows, 0, "Windows 5.1", WIKI),
    (Goos::Windows, 11, "Windows 6.1", WIKI),
    (Goos::Windows, 21, "Windows 10.0", "go.dev/doc/go1.21#windows"),
    (Goos::Freebsd, 10, "FreeBSD 10.3", "go.dev/doc/go1.10#ports"),
    (Goos::Freebsd, 13, "FreeBSD 11.2", "go.dev/doc/go1.13#freebsd"),
    (Goos::Freebsd, 19, "FreeBSD 12.2", "go.dev/doc/go1.18#freebsd"),
    (Goos::Aix, 12, "AIX 7.2", "go.dev/doc/go1.12#aix"),
    (Goos::Ios, 18, "iOS 12", "go.dev/doc/go1.18#ios"),
];

pub(super) fn read(binary: &Binary, target: (Option<Goos>, Option<Goarch>), level: &Level) -> Needs {
    let (os, arch) = target;
    let minor = binary.go_minor();
    Needs {
        by_header: header(binary),
        by_go: os.and_then(|os| system(os, arch, minor?)),
        cpu: arch.and_then(|arch| cpu(arch, level, minor)),
    }
}

fn system(os: Goos, arch: Option<Goarch>, minor: u32) -> Option<Fact<String>> {
    // Ports that came with newer kernels.
    let kernel = match arch.filter(|_| os == Goos::Linux) {
        Some(Goarch::Loong64) => Some(("Linux 5.19", WIKI)),
        Some(Goarch::Mips64le) => Some(("Linux 4.8", WIKI)),
        Some(Goarch::Riscv64) => Some(("Linux 4.15", "the first kernel for this architecture")),
        Some(Goarch::Arm64) => Some(("Linux 3.7", "the first kernel for this architecture")),
        Some(Goarch::Ppc64le) => Some(("Linux 3.13", "the first kernel for this architecture")),
        Some(Goarch::Arm) if minor < 24 => Some(("Linux 3.1", WIKI)),
        _ => None,
    };
    if let Some((system, from)) = kernel {
        return Some(Fact::new(system.to_owned(), from).strong());
    }
    let mut rows = SYSTEMS.iter().filter(|(goos, since, ..)| *goos == os && *since <= minor);
    let (_, since, system, from) = rows.next_back()?;
    let since = if *since == 0 { String::new() } else { format!("Go 1.{since} and later: ") };
    Some(Fact::new((*system).to_owned(), format!("{since}{from}")).strong())
}

/// What the loader of the operating system compares with itself.
fn header(binary: &Binary) -> Option<Fact<String>> {
    if let Some(elf) = &binary.image.elf {
        if let Some((a, b, c)) = elf.kernel_floor {
            let patch = if c == 0 { String::new() } else { format!(".{c}") };
            return Some(Fact::new(format!("Linux {a}.{b}{patch}"), "NT_GNU_ABI_TAG"));
        }
        return freebsd(binary);
    }
    match File::parse(binary.bytes()).ok()? {
        File::MachO32(file) => macos(&file),
        File::MachO64(file) => macos(&file),
        File::Pe32(file) => Some(windows(&file)),
        File::Pe64(file) => Some(windows(&file)),
        _ => None,
    }
}

/// NT_FREEBSD_ABI_TAG: `__FreeBSD_version` of the system it was made for, such
/// as 1203000 (FreeBSD Porters Handbook). Each note of the section has 24 bytes
/// (cmd/link/internal/ld/elf.go, `elfwritefreebsdsig`).
fn freebsd(binary: &Binary) -> Option<Fact<String>> {
    let words = super::super::image::Words { pointer_size: 4, big_endian: binary.image.big_endian };
    let mut notes = binary.section(".note.tag")?.chunks_exact(24);
    let abi = notes.find(|note| words.u32(note, 8) == Some(1) && note.get(12..19) == Some(b"FreeBSD"))?;
    let version = words.u32(abi, 20)?;
    let (major, minor) = (version.checked_div(100_000)?, version.checked_div(1000)?.checked_rem(100)?);
    Some(Fact::new(format!("FreeBSD {major}.{minor}"), ".note.tag"))
}

fn macos<M: MachHeader<Endian = Endianness>>(file: &MachOFile<'_, M>) -> Option<Fact<String>> {
    let mut commands = file.macho_load_commands().ok()?;
    let endian = file.endian();
    while let Some(command) = commands.next().ok()? {
        let (system, version, from) = match command.variant().ok()? {
            LoadCommandVariant::BuildVersion(command, _) => {
                let system = match command.platform.get(endian) {
                    macho::PLATFORM_MACOS => "macOS",
                    macho::PLATFORM_IOS => "iOS",
                    macho::PLATFORM_IOSSIMULATOR => "iOS simulator",
                    macho::PLATFORM_MACCATALYST => "Mac Catalyst",
                    _ => "platform",
                };
                (system, command.minos.get(endian), "LC_BUILD_VERSION")
            }
            LoadCommandVariant::VersionMin(minimum) => {
                let (system, from) = match command.cmd() {
                    macho::LC_VERSION_MIN_MACOSX => ("macOS", "LC_VERSION_MIN_MACOSX"),
                    _ => ("iOS", "LC_VERSION_MIN_IPHONEOS"),
                };
                (system, minimum.version.get(endian), from)
            }
            _ => continue,
        };
        let (major, minor) = (version.0 >> 16, version.0 >> 8 & 0xff);
        return Some(Fact::new(format!("{system} {major}.{minor}"), from));
    }
    None
}

fn windows<H: ImageNtHeaders>(file: &PeFile<'_, H>) -> Fact<String> {
    let header = file.nt_headers().optional_header();
    let (major, minor) = (header.major_subsystem_version(), header.minor_subsystem_version());
    Fact::new(format!("Windows {major}.{minor}"), "PE header: subsystem version")
}

/// What a level means (go.dev/wiki/MinimumRequirements; internal/buildcfg/cfg.go).
fn cpu(arch: Goarch, level: &Level, minor: Option<u32>) -> Option<Fact<String>> {
    let in_force = level.in_force.as_ref();
    let value = in_force.map_or("", |fact| fact.value.as_str());
    let base = value.split(',').next().unwrap_or("");
    let soft = level.float.as_ref().is_some_and(|float| float.value == "softfloat");
    let text = match (arch, base) {
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
    };
    let from = match (in_force, level.variable) {
        (Some(fact), Some(variable)) => format!("{variable}={}, {}", fact.value, fact.from),
        _ => "the port".to_owned(),
    };
    Some(Fact {
        value: text.to_owned(),
        from,
        strength: in_force.map_or(super::super::Strength::Strong, |f| f.strength),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_row_that_fits_counts() {
        let at = |os, minor| system(os, Some(Goarch::Amd64), minor).map(|fact| fact.value);
        assert_eq!(at(Goos::Linux, 18).as_deref(), Some("Linux 2.6.23"));
        assert_eq!(at(Goos::Linux, 30).as_deref(), Some("Linux 3.2"));
        assert_eq!(at(Goos::Windows, 20).as_deref(), Some("Windows 6.1"));
        assert_eq!(at(Goos::Plan9, 20), None);
    }
}
