//! The facts of this machine. No program is run for them.
//!
//! In an emulated container `uname` speaks for the emulated machine and
//! /proc/cpuinfo for the real one; both are kept as read.

use std::path::Path;

use super::disk::Disk;
use super::{Host, Wanted, keep, libc, libraries, text};
use crate::binary::Fact;
use crate::target::Goos;

/// Enough for the first cores of any machine.
const MOST_OF_CPUINFO: u64 = 256 << 10;
const MOST_OF_OS_RELEASE: u64 = 64 << 10;
/// Most paths that are looked at for a program.
const MOST_FILES: usize = 1000;

pub(super) fn read(wanted: &Wanted) -> Host {
    let mut host = Host { source: "this machine".to_owned(), ..Host::default() };
    system(&mut host);
    host.complete(Some(cfg!(target_endian = "big")));
    files(&mut host, &Disk::new(Path::new("/")), wanted);
    host
}

#[cfg(unix)]
fn system(host: &mut Host) {
    let from = "this machine: uname(2)";
    let uname = rustix::system::uname();
    let known =
        |text: std::borrow::Cow<'_, str>| (!text.is_empty()).then(|| Fact::new(text.into_owned(), from));
    host.goos = super::uname::goos(&uname.sysname().to_string_lossy()).map(|goos| Fact::new(goos, from));
    host.kernel = known(uname.release().to_string_lossy());
    host.machine = known(uname.machine().to_string_lossy());
    host.page_size =
        u64::try_from(rustix::param::page_size()).ok().map(|size| Fact::new(size, "this machine: page size"));
}

/// Where there is no `uname`, the build of panicmap itself says it.
#[cfg(not(unix))]
fn system(host: &mut Host) {
    let from = "this machine: panicmap runs on it";
    host.goos = Goos::parse(std::env::consts::OS).map(|goos| Fact::new(goos, from));
    host.machine = Some(Fact::new(std::env::consts::ARCH.to_owned(), from));
}

/// What the file system says.
fn files(host: &mut Host, disk: &Disk, wanted: &Wanted) {
    let place = |_: usize, what: &str| format!("this machine: {what}");
    if host.goos.as_ref().is_some_and(|goos| goos.value == Goos::Linux) {
        if let Some(cpuinfo) = disk.text("/proc/cpuinfo", MOST_OF_CPUINFO) {
            text::read(&cpuinfo, host, &place);
        }
        host.libc = libc::find(disk, host.machine.as_ref().map(|machine| machine.value.as_str()));
        let libc = host.libc.as_ref().map(|libc| &libc.value);
        host.libraries = libraries::look_up(disk, wanted, libc);
    }
    // os-release(5): the first of the two that is there.
    let release = ["/etc/os-release", "/usr/lib/os-release"];
    if let Some(release) = release.iter().find_map(|path| disk.text(path, MOST_OF_OS_RELEASE)) {
        let mut read = Host::default();
        text::read(&release, &mut read, &place);
        if let Some(distribution) = read.distribution {
            keep(&mut host.distribution, distribution.value, || distribution.from);
        }
    }
    let absolute = wanted.files.iter().take(MOST_FILES).filter(|path| path.starts_with('/'));
    host.files.extend(absolute.filter_map(|path| Some((path.clone(), disk.exists(path)?))));
}

#[cfg(test)]
mod tests;
