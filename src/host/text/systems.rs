//! Systems that are not Linux: `sw_vers` and `sysctl hw.optional` of macOS, `ver`
//! and `systeminfo` of Windows, `freebsd-version`.

use super::super::libc::is_version;
use super::Reader;
use crate::target::{Goarch, Goos};

/// Names of `sysctl hw.optional` of Apple's arm64, and Linux's names of the same
/// features (internal/cpu/cpu_arm64_darwin.go, Go 1.27, has those that Go asks
/// for; the others are the FEAT_ names of Linux Documentation/arch/arm64/elf_hwcaps.rst).
const APPLE: [(&str, &str); 18] = [
    ("floatingpoint", "fp"),
    ("neon", "asimd"),
    ("armv8_1_atomics", "atomics"),
    ("armv8_crc32", "crc32"),
    ("armv8_2_sha512", "sha512"),
    ("armv8_2_sha3", "sha3"),
    ("arm.FEAT_LSE", "atomics"),
    ("arm.FEAT_CRC32", "crc32"),
    ("arm.FEAT_SHA512", "sha512"),
    ("arm.FEAT_SHA3", "sha3"),
    ("arm.FEAT_AES", "aes"),
    ("arm.FEAT_PMULL", "pmull"),
    ("arm.FEAT_SHA1", "sha1"),
    ("arm.FEAT_SHA256", "sha2"),
    ("arm.FEAT_DIT", "dit"),
    ("arm.FEAT_SB", "sb"),
    ("arm.FEAT_LRCPC", "lrcpc"),
    ("arm.FEAT_DotProd", "asimddp"),
];

/// What is put together from several lines.
#[derive(Default)]
pub(super) struct Apple {
    features: Vec<String>,
    /// Of the first line.
    line: Option<usize>,
}

pub(super) fn read(reader: &mut Reader<'_>, line: &str) -> bool {
    if let Some((_, rest)) = line.split_once("Microsoft Windows [Version ")
        && let Some((version, _)) = rest.split_once(']')
    {
        return system(reader, Goos::Windows, version, "ver");
    }
    // `13.2-RELEASE-p3`
    if let Some((number, branch)) = line.split_once('-')
        && is_version(number)
        && number.chars().all(|c| c.is_ascii_digit() || c == '.')
        && ["RELEASE", "STABLE", "CURRENT"].contains(&branch.split('-').next().unwrap_or_default())
        && line.len() < 40
        && !line.contains(' ')
    {
        return system(reader, Goos::Freebsd, line, "freebsd-version");
    }
    let Some((key, value)) = line.split_once(':') else { return false };
    let value = value.trim();
    match key.trim() {
        "ProductName" if value.starts_with("mac") || value.starts_with("Mac OS X") => {
            let fact = reader.fact(Goos::Darwin, "sw_vers ProductName");
            reader.host.settle("os", |host| &mut host.goos, fact, Goos::eq);
            true
        }
        // Other Apple systems have these lines too, so the name must be before.
        "ProductVersion" if darwin(reader) && is_version(value) => {
            system(reader, Goos::Darwin, value, "sw_vers ProductVersion")
        }
        // `10.0.19045 N/A Build 19045`
        "OS Version" if value.contains(" Build ") => {
            let version = value.split(' ').next().unwrap_or_default().to_owned();
            system(reader, Goos::Windows, &version, "systeminfo OS Version")
        }
        "OS Name" if value.starts_with("Microsoft Windows") => {
            let fact = reader.fact(value.to_owned(), "systeminfo OS Name");
            reader.host.settle("distribution", |host| &mut host.distribution, fact, String::eq);
            true
        }
        "System Type" => {
            let arch = match value.split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
                "x64" => Goarch::Amd64,
                "x86" => Goarch::I386,
                "arm64" => Goarch::Arm64,
                _ => return false,
            };
            let fact = reader.fact(arch, "systeminfo System Type");
            reader.host.settle("arch", |host| &mut host.arch, fact, Goarch::eq);
            true
        }
        "machdep.cpu.brand_string" => {
            reader.model(value, "machdep.cpu.brand_string", "sysctl");
            true
        }
        key => feature(reader, key, value),
    }
}

fn feature(reader: &mut Reader<'_>, key: &str, value: &str) -> bool {
    let Some(name) = key.strip_prefix("hw.optional.") else { return false };
    let Some((_, name)) = APPLE.iter().find(|(own, _)| *own == name) else { return false };
    let apple = &mut reader.apple;
    apple.line.get_or_insert(reader.line);
    if value == "1" && !apple.features.iter().any(|known| known == name) {
        apple.features.push((*name).to_owned());
    }
    true
}

/// At the end of the text: the features, if there were any lines of them.
pub(super) fn finish(reader: &mut Reader<'_>) {
    let Some(line) = reader.apple.line else { return };
    let from = (reader.place)(line, "sysctl hw.optional");
    super::keep(&mut reader.host.cpu_features, std::mem::take(&mut reader.apple.features), || from);
}

fn darwin(reader: &Reader<'_>) -> bool {
    reader.host.goos.as_ref().is_some_and(|goos| goos.value == Goos::Darwin)
}

fn system(reader: &mut Reader<'_>, goos: Goos, version: &str, what: &str) -> bool {
    if !is_version(version) {
        return false;
    }
    let fact = reader.fact(goos, what);
    reader.host.settle("os", |host| &mut host.goos, fact, Goos::eq);
    let fact = reader.fact(version.to_owned(), what);
    reader.host.settle("os_version", |host| &mut host.os_version, fact, String::eq);
    true
}
