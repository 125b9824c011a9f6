//! Where the program runs at all: the lowest version of the operating system,
//! by its headers and by its Go version, and the lowest processor.

use object::read::macho::{LoadCommandVariant, MachHeader, MachOFile};
use object::read::pe::{ImageNtHeaders, ImageOptionalHeader, PeFile};
use object::{Endianness, File, macho};

use super::super::{Binary, Fact, version_key};
use super::level::Level;
use crate::target::floors::lowest_system;
use crate::target::levels::processor;
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
    let floor = lowest_system(os, arch, minor)?;
    let since = if floor.since == 0 { String::new() } else { format!("Go 1.{} and later: ", floor.since) };
    Some(Fact::new(floor.system.to_owned(), format!("{since}{}", floor.source)).strong())
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

fn cpu(arch: Goarch, level: &Level, minor: Option<u32>) -> Option<Fact<String>> {
    let in_force = level.in_force.as_ref();
    let soft = level.float.as_ref().is_some_and(|float| float.value == "softfloat");
    let text = processor(arch, in_force.map_or("", |fact| fact.value.as_str()), soft, minor)?;
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
