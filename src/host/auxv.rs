//! The machine as the kernel described it to one process: the auxiliary vector,
//! and the files that were mapped, as a core dump keeps them.

use super::{Host, Libc, LibcKind};
use crate::binary::Fact;
use crate::target::{Goarch, Goos};

/// What a core tells of its machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProcessView<'a> {
    pub arch: Option<Goarch>,
    /// AT_PLATFORM: `v6l`, `x86_64`.
    pub platform: Option<String>,
    pub hwcap: Option<u64>,
    /// The version in the note of the vDSO.
    pub kernel: Option<String>,
    pub page_size: Option<u64>,
    /// Paths of mapped files.
    pub mapped: Vec<&'a str>,
}

/// Bits of AT_HWCAP, lowest first, by the names that /proc/cpuinfo has for them
/// (arch/arm/kernel/setup.c, `hwcap_str`).
pub(super) const ARM: [&str; 22] = [
    "swp", "half", "thumb", "26bit", "fastmult", "fpa", "vfp", "edsp", "java", "iwmmxt", "crunch", "thumbee",
    "neon", "vfpv3", "vfpv3d16", "tls", "vfpv4", "idiva", "idivt", "vfpd32", "lpae", "evtstrm",
];
/// arch/arm64/kernel/cpuinfo.c, `hwcap_str`.
pub(super) const ARM64: [&str; 32] = [
    "fp", "asimd", "evtstrm", "aes", "pmull", "sha1", "sha2", "crc32", "atomics", "fphp", "asimdhp", "cpuid",
    "asimdrdm", "jscvt", "fcma", "lrcpc", "dcpop", "sha3", "sm3", "sm4", "asimddp", "sha512", "sve",
    "asimdfhm", "dit", "uscat", "ilrcpc", "flagm", "ssbs", "sb", "paca", "pacg",
];

/// The names of an architecture's bits. On x86 AT_HWCAP is one register of
/// cpuid and lacks all that matters; a list made of it would deny features that
/// are there.
fn names(arch: Goarch) -> Option<&'static [&'static str]> {
    match arch {
        Goarch::Arm => Some(&ARM),
        Goarch::Arm64 => Some(&ARM64),
        _ => None,
    }
}

/// Names of the bits that are set; those without a name are left out.
pub fn hwcap_names(arch: Goarch, hwcap: u64) -> Option<Vec<&'static str>> {
    let set = |(bit, name): (usize, &&'static str)| (hwcap >> bit & 1 != 0).then_some(*name);
    Some(names(arch)?.iter().enumerate().filter_map(set).collect())
}

impl Host {
    /// The machine that a process saw.
    pub fn of_process(source: &str, view: &ProcessView<'_>) -> Host {
        let mut host = Host { source: source.to_owned(), ..Host::default() };
        let from = |entry: &str| format!("{entry} of {source}");
        host.goos = Some(Fact::new(Goos::Linux, from("the format")));
        let narrow = view.arch.is_some_and(|arch| arch.pointer_size() == 4);
        // A kernel of 64 bits runs programs of 32 too.
        host.arch = view.arch.filter(|_| !narrow).map(|arch| Fact::new(arch, from("e_machine")));
        if let (Some(Goarch::Arm), Some(platform)) = (view.arch, &view.platform) {
            // ELF_PLATFORM is what `uname -m` has behind `arm`.
            host.machine = Some(Fact::new(format!("arm{platform}"), from("AT_PLATFORM")));
        }
        if let (Some(arch), Some(hwcap)) = (view.arch, view.hwcap)
            && let Some(names) = hwcap_names(arch, hwcap)
        {
            let names = names.into_iter().map(str::to_owned).collect();
            host.cpu_features = Some(Fact::new(names, from(&format!("AT_HWCAP {hwcap:#x}"))));
        }
        host.kernel = view.kernel.clone().map(|kernel| Fact::new(kernel, from("the vDSO note")));
        host.page_size = view.page_size.map(|size| Fact::new(size, from("AT_PAGESZ")));
        host.libc = view.mapped.iter().find_map(|path| {
            let libc = libc_of(path)?;
            Some(Fact::new(libc, from(&format!("the mapping of {path}"))))
        });
        host.complete(view.arch.map(Goarch::big_endian));
        host
    }
}

/// `libc.so.6`, `libc-2.31.so`, `ld-musl-x86_64.so.1`.
fn libc_of(path: &str) -> Option<Libc> {
    let name = path.rsplit('/').next()?;
    if name.starts_with("ld-musl-") {
        return Some(Libc::new(LibcKind::Musl, None));
    }
    if name == "libc.so.6" {
        return Some(Libc::new(LibcKind::Glibc, None));
    }
    let version = name.strip_prefix("libc-")?.strip_suffix(".so")?;
    version.starts_with(|c: char| c.is_ascii_digit()).then(|| Libc::new(LibcKind::Glibc, Some(version)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AT_HWCAP and AT_PLATFORM of qemu-arm with the CPU arm1136.
    #[test]
    fn an_armv6_by_its_auxiliary_vector() {
        let view = ProcessView {
            arch: Some(Goarch::Arm),
            platform: Some("v6l".to_owned()),
            hwcap: Some(0x80d7),
            ..ProcessView::default()
        };
        let host = Host::of_process("core", &view);
        let cpu = host.arm_level().unwrap();
        assert_eq!((cpu.value.version, cpu.value.vfp, cpu.value.vfpv3), (6, true, false));
        assert_eq!(hwcap_names(Goarch::Amd64, 0xbfeb_fbff), None);
    }
}
