//! What `uname` says: names of kernels and of machines.

use crate::target::{Goarch, Goos};

/// The parts of a line of `uname` that matter.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Uname<'a> {
    pub(super) goos: Goos,
    pub(super) release: &'a str,
    pub(super) machine: Option<&'a str>,
}

/// GOOS of a kernel (`uname -s`). The kernel is what executes programs, so
/// Android's, which calls itself Linux, is `linux`.
pub(super) fn goos(system: &str) -> Option<Goos> {
    Some(match system {
        "Linux" => Goos::Linux,
        "Darwin" => Goos::Darwin,
        "FreeBSD" => Goos::Freebsd,
        "NetBSD" => Goos::Netbsd,
        "OpenBSD" => Goos::Openbsd,
        "DragonFly" => Goos::Dragonfly,
        "SunOS" => Goos::Solaris,
        _ => return None,
    })
}

/// GOARCH of the kernel of a machine.
pub(super) fn arch(machine: &str, big_endian: Option<bool>) -> Option<Goarch> {
    match machine {
        // UTS_MACHINE names no byte order (Linux arch/mips/Makefile).
        "mips" => big_endian.map(|big| if big { Goarch::Mips } else { Goarch::Mipsle }),
        "mips64" => big_endian.map(|big| if big { Goarch::Mips64 } else { Goarch::Mips64le }),
        // Only an arm64 kernel says so, to processes under PER_LINUX32: a
        // 32-bit kernel on the same CPU says armv7l (Linux
        // arch/arm64/include/asm/compat.h, COMPAT_UTS_MACHINE).
        "armv8l" => Some(Goarch::Arm64),
        _ => Goarch::from_machine(machine),
    }
}

/// Machines that Go has no port to and those of other systems' `uname`, so
/// that the name of the machine is known even where there is no GOARCH.
const OTHER_MACHINES: [&str; 12] = [
    "alpha",
    "armv8b",
    "evbarm",
    "i86pc",
    "ia64",
    "loongarch32",
    "m68k",
    "ppc",
    "riscv32",
    "s390",
    "sparc64",
    "sh4",
];

pub(super) fn is_machine(word: &str) -> bool {
    Goarch::from_machine(word).is_some() || OTHER_MACHINES.contains(&word)
}

/// Reads a line of `uname -a` or `uname -srm`:
/// `Linux raspberrypi 6.1.21+ #1642 Mon Apr  3 17:19:14 BST 2023 armv6l GNU/Linux`.
pub(super) fn parse(line: &str) -> Option<Uname<'_>> {
    let words: Vec<&str> = line.split_ascii_whitespace().take(100).collect();
    let goos = goos(words.first()?)?;
    let number = |word: &&&str| word.starts_with(|c: char| c.is_ascii_digit());
    // The host name stands between, except in `uname -sr`. A host may be
    // called `7`: then the release after it decides.
    let release = words.get(2).filter(number).or(words.get(1).filter(number))?;
    // The machine is the first word that can be one: after it some systems
    // print the model of the processor in plain words. The release is
    // skipped, for it may end in anything.
    let machine = words.iter().skip(2).find(|word| is_machine(word)).copied();
    // `illumos` stands last on its distributions, whose kernel is SunOS too.
    let goos = if words.last() == Some(&"illumos") { Goos::Illumos } else { goos };
    Some(Uname { goos, release, machine })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_several_systems() {
        let lines = [
            (
                "Linux raspberrypi 6.1.21+ #1642 Mon Apr  3 17:19:14 BST 2023 armv6l GNU/Linux",
                (Goos::Linux, "6.1.21+", Some("armv6l")),
            ),
            (
                "Linux web1 4.18.0-553.el8_10.x86_64 #1 SMP Fri May 10 15:19:13 EDT 2024 x86_64 x86_64 x86_64 GNU/Linux",
                (Goos::Linux, "4.18.0-553.el8_10.x86_64", Some("x86_64")),
            ),
            (
                "Linux g 5.15.32-gentoo #1 SMP Sat Apr 2 2022 x86_64 AMD Ryzen 7 3700X 8-Core Processor AuthenticAMD GNU/Linux",
                (Goos::Linux, "5.15.32-gentoo", Some("x86_64")),
            ),
            (
                "Linux OpenWrt 5.15.150 #0 Fri Mar 22 22:09:42 2024 mips GNU/Linux",
                (Goos::Linux, "5.15.150", Some("mips")),
            ),
            (
                "Linux localhost 4.14.113-22911262 #1 SMP PREEMPT Tue Nov 3 2020 aarch64 Android",
                (Goos::Linux, "4.14.113-22911262", Some("aarch64")),
            ),
            (
                "Darwin mac.local 23.5.0 Darwin Kernel Version 23.5.0: Wed May  1 20:12:58 PDT 2024; root:xnu-10063.121.3~5/RELEASE_ARM64_T6000 arm64",
                (Goos::Darwin, "23.5.0", Some("arm64")),
            ),
            (
                "FreeBSD fbsd 13.2-RELEASE FreeBSD 13.2-RELEASE releng/13.2-n254617-525ecfdad597 GENERIC amd64",
                (Goos::Freebsd, "13.2-RELEASE", Some("amd64")),
            ),
            (
                "SunOS omni 5.11 omnios-r151046 i86pc i386 i86pc illumos",
                (Goos::Illumos, "5.11", Some("i86pc")),
            ),
            ("Linux 6.1.21+ armv6l", (Goos::Linux, "6.1.21+", Some("armv6l"))),
        ];
        for (line, (goos, release, machine)) in lines {
            assert_eq!(parse(line), Some(Uname { goos, release, machine }), "{line}");
        }
    }

    #[test]
    fn prose_is_not_uname() {
        assert_eq!(parse("Linux is a kernel"), None);
        assert_eq!(parse("Linux"), None);
        assert_eq!(parse(""), None);
    }

    #[test]
    fn names_that_mislead() {
        assert_eq!(arch("mips", None), None);
        assert_eq!(arch("mips", Some(false)), Some(Goarch::Mipsle));
        assert_eq!(arch("armv8l", None), Some(Goarch::Arm64));
        assert_eq!(arch("armv7l", None), Some(Goarch::Arm));
        // illumos prints i386 even on 64-bit kernels; nothing follows from i86pc.
        assert_eq!(arch("i86pc", None), None);
    }
}
