//! What the files of a system say of it: the C library, libraries that its
//! loader finds, the distribution, the architecture of its programs, and
//! whether files that programs need are there.

use super::files::Files;
use super::known::{CERTIFICATE_DIRECTORIES, MADE_BY_RUNTIMES, WELL_KNOWN, ZONE_DIRECTORIES};
use super::libc::GLIBC_LOADERS;
use super::{Host, Wanted, keep, libc, libraries, text};
use crate::binary::Fact;
use crate::target::{Goarch, Goos};

const MOST_OF_OS_RELEASE: u64 = 64 << 10;
/// Most paths that are looked at for a program.
const MOST_FILES: usize = 1000;

/// Adds the facts. `made_later` holds what is put in place when a program is
/// started, so that nothing follows from its absence.
pub(super) fn read(host: &mut Host, files: &dyn Files, wanted: &Wanted, made_later: bool) {
    if host.goos.as_ref().is_some_and(|goos| goos.value == Goos::Linux) {
        host.userland = userland(files);
        let kernel = host.machine.as_ref().map(|machine| machine.value.as_str());
        let machine = kernel.or(host.userland.as_ref().and_then(|arch| machine(arch.value)));
        host.libc = libc::find(files, machine);
        let libc = host.libc.as_ref().map(|libc| &libc.value);
        host.libraries = libraries::look_up(files, wanted, libc);
    }
    distribution(host, files);
    // Windows has none of these paths, so nothing follows there.
    let windows = host.goos.as_ref().is_some_and(|goos| goos.value == Goos::Windows);
    for path in WELL_KNOWN.into_iter().flatten().copied().filter(|_| !windows) {
        let made_later = made_later && MADE_BY_RUNTIMES.contains(&path);
        let found = match files.exists(path) {
            Some(true) if CERTIFICATE_DIRECTORIES.contains(&path) || ZONE_DIRECTORIES.contains(&path) => {
                let listing = files.listing(path);
                (!listing.names.is_empty() || listing.complete).then_some(!listing.names.is_empty())
            }
            found => found,
        };
        host.files.extend(found.filter(|found| *found || !made_later).map(|found| (path.to_owned(), found)));
    }
    let absolute = wanted.files.iter().take(MOST_FILES).filter(|path| path.starts_with('/'));
    host.files.extend(absolute.filter_map(|path| Some((path.clone(), files.exists(path)?))));
}

/// The architecture of the programs, which need not be the kernel's.
fn userland(files: &dyn Files) -> Option<Fact<Goarch>> {
    let programs = ["/bin/sh", "/bin/busybox", "/usr/bin/env", "/sbin/ldconfig"];
    programs.into_iter().chain(GLIBC_LOADERS).find_map(|path| {
        let arch = files.elf_kind(path)??.arch()?;
        Some(Fact::new(arch, files.place(path)))
    })
}

/// As `uname -m` prints it, which is what multiarch directories are found by.
fn machine(arch: Goarch) -> Option<&'static str> {
    Some(match arch {
        Goarch::Amd64 => "x86_64",
        Goarch::I386 => "i686",
        Goarch::Arm => "armv7l",
        Goarch::Arm64 => "aarch64",
        Goarch::Mips | Goarch::Mipsle | Goarch::Mips64 | Goarch::Mips64le => "mips",
        Goarch::Ppc64 => "ppc64",
        Goarch::Ppc64le => "ppc64le",
        Goarch::Riscv64 => "riscv64",
        Goarch::S390x => "s390x",
        Goarch::Loong64 => "loongarch64",
        _ => return None,
    })
}

/// os-release(5): the first of the two that is there.
fn distribution(host: &mut Host, files: &dyn Files) {
    let release = ["/etc/os-release", "/usr/lib/os-release"];
    let Some(release) = release.iter().find_map(|path| files.text(path, MOST_OF_OS_RELEASE)) else { return };
    let mut read = Host::default();
    text::read(&release, &mut read, &|_, what| files.place(what));
    if let Some(distribution) = read.distribution {
        keep(&mut host.distribution, distribution.value, || distribution.from);
    }
}
