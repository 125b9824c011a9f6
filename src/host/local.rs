//! The facts of this machine. No program is run for them.
//!
//! In an emulated container `uname` speaks for the emulated machine and
//! /proc/cpuinfo for the real one; both are kept as read.

use std::path::Path;

use super::disk::Disk;
use super::files::Files;
use super::{Host, Wanted, installed, text};
use crate::binary::Fact;
use crate::target::Goos;

/// Enough for the first cores of any machine.
const MOST_OF_CPUINFO: u64 = 256 << 10;

pub(super) fn read(wanted: &Wanted) -> Host {
    let mut host = Host { source: "this machine".to_owned(), ..Host::default() };
    system(&mut host);
    host.complete(Some(cfg!(target_endian = "big")));
    files(&mut host, &Disk::new(Path::new("/"), "this machine"), wanted);
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
    let linux = host.goos.as_ref().is_some_and(|goos| goos.value == Goos::Linux);
    if linux && let Some(cpuinfo) = disk.text("/proc/cpuinfo", MOST_OF_CPUINFO) {
        text::read(&cpuinfo, host, &|_, what| disk.place(what));
    }
    installed::read(host, disk, wanted, false);
}

#[cfg(test)]
mod tests;
