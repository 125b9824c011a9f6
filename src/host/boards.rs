//! Machines by name: host cards that are ready, `--host board:raspberry-pi-1`.
//!
//! A row states what every such machine has; kernel, C library and files are
//! those of an installation and stay unknown.

mod arm;
mod arm64;
mod others;
mod x86;

pub(super) use arm::{ARM926, ARM1176, CORTEX_A7};
pub(super) use x86::{X86_V1, X86_V2, X86_V3, X86_V4};

use super::Host;
use crate::binary::Fact;
use crate::error::{Error, Result};
use crate::near::near;
use crate::origin::Origin;
use crate::target::{Goarch, Goos};

/// What `--host` says in front of a name.
pub(super) const PREFIX: &str = "board:";

pub struct Board {
    pub name: &'static str,
    pub what: &'static str,
    pub os: Goos,
    pub arch: Goarch,
    /// As `uname -m` prints it.
    pub machine: &'static str,
    /// As /proc/cpuinfo has it; empty where it has none, or one that says nothing.
    pub cpu_model: &'static str,
    pub cpu_architecture: &'static str,
    /// Names of /proc/cpuinfo; empty where it lists none.
    pub cpu_features: &'static str,
    /// Sizes of registers that its programs can be for, by `CPU op-mode(s)` of lscpu;
    /// empty where that was not seen.
    pub cpu_bits: &'static [u8],
    /// The emulator of one program, where it is not a machine.
    pub emulator: &'static str,
    pub source: &'static str,
}

const fn board(
    (name, what): (&'static str, &'static str),
    (os, arch): (Goos, Goarch),
    [machine, cpu_model, cpu_architecture]: [&'static str; 3],
    cpu_features: &'static str,
    source: &'static str,
) -> Board {
    Board {
        name,
        what,
        os,
        arch,
        machine,
        cpu_model,
        cpu_architecture,
        cpu_features,
        cpu_bits: &[],
        emulator: "",
        source,
    }
}

/// All of them.
pub fn boards() -> impl Iterator<Item = &'static Board> {
    [arm::BOARDS, arm64::BOARDS, x86::BOARDS, others::BOARDS].into_iter().flatten()
}

/// The card of a machine; letters may be large or small.
pub(super) fn open(name: &str) -> Result<Host> {
    let Some(board) = boards().find(|board| board.name.eq_ignore_ascii_case(name)) else {
        let near = near(name, boards().map(|board| board.name));
        let meant = match near.as_slice() {
            [] => String::new(),
            names => format!("; near to it are {}", names.join(", ")),
        };
        return Err(Error::Unrecognised {
            origin: Origin::new(&format!("{PREFIX}{name}")),
            what: format!("no machine of this name{meant}; `panicmap hosts` lists all"),
        });
    };
    Ok(board.host())
}

impl Board {
    fn host(&self) -> Host {
        let from = format!("{PREFIX}{}", self.name);
        let said = |text: &str| (!text.is_empty()).then(|| Fact::new(text.to_owned(), from.clone()));
        Host {
            source: from.clone(),
            goos: Some(Fact::new(self.os, from.clone())),
            arch: Some(Fact::new(self.arch, from.clone())),
            machine: said(self.machine),
            cpu_model: said(self.cpu_model),
            cpu_architecture: said(self.cpu_architecture),
            cpu_features: (!self.cpu_features.is_empty())
                .then(|| Fact::new(self.cpu_features.split(' ').map(str::to_owned).collect(), from.clone())),
            cpu_bits: (!self.cpu_bits.is_empty()).then(|| Fact::new(self.cpu_bits.to_vec(), from.clone())),
            emulator: said(self.emulator),
            ..Host::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::highest_amd64_level;

    #[test]
    fn names_are_unique_and_machines_fit_their_architecture() {
        let mut names: Vec<&str> = boards().map(|board| board.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), boards().count());
        for board in boards() {
            // Linux names no byte order of MIPS.
            let arch = if board.arch == Goarch::Mipsle { Goarch::Mips } else { board.arch };
            assert_eq!(Goarch::from_machine(board.machine), Some(arch), "{}", board.name);
            assert!(board.source.len() > 8, "{}", board.name);
        }
    }

    /// QEMU 7.2 was asked with CPUID for those of its names; the others are clang 16 with
    /// `-march` of that name, and the psABI.
    #[test]
    fn levels_of_machines() {
        let amd64 = |name: &str| highest_amd64_level(&open(name).unwrap().cpu_features.unwrap().value);
        for (level, names) in [
            ("v1", &["x86-64-v1", "core2", "Penryn", "qemu64", "kvm64"][..]),
            ("v2", &["x86-64-v2", "Nehalem"]),
            ("v3", &["x86-64-v3", "haswell", "zen1", "zen2", "zen3"]),
            ("v4", &["x86-64-v4", "skylake-avx512", "zen4"]),
        ] {
            for name in names {
                assert_eq!(amd64(name), level, "{name}");
            }
        }
        let arm =
            |name: &str| open(name).unwrap().arm_level().map(|cpu| (cpu.value.version, cpu.value.vfpv3));
        assert_eq!(arm("arm926"), Some((5, false)));
        assert_eq!(arm("raspberry-pi-zero"), Some((6, false)));
        assert_eq!(arm("beaglebone"), Some((7, true)));
        assert_eq!(arm("raspberry-pi-zero-2"), Some((8, true)));
    }
}
