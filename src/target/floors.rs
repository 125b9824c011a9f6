//! The lowest version of the operating system that a version of Go supports.

use super::{Goarch, Goos};

const WIKI: &str = "go.dev/wiki/MinimumRequirements";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Floor {
    /// System and version: `Linux 3.2`.
    pub system: &'static str,
    /// Go minor version from which on it counts; 0: always.
    pub since: u32,
    pub source: &'static str,
}

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

pub fn lowest_system(os: Goos, arch: Option<Goarch>, minor: u32) -> Option<Floor> {
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
    if let Some((system, source)) = kernel {
        return Some(Floor { system, since: 0, source });
    }
    let mut rows = SYSTEMS.iter().filter(|(goos, since, ..)| *goos == os && *since <= minor);
    let (_, since, system, source) = rows.next_back()?;
    Some(Floor { system, since: *since, source })
}
