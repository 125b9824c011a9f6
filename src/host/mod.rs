//! HOST: the facts of the machine on which a program ran, read from this
//! machine, from a TOML card, or from the texts that engineers paste into
//! tickets (`uname -a`, `/proc/cpuinfo`, `ldd --version`, …).
//!
//! Nothing here is concluded from the program. Each fact says where it was
//! read, and a fact that nobody gave is `None`, never a default: rules must
//! tell "not there" from "not known".

mod arm;
mod auxv;
mod boards;
mod card;
mod disk;
mod libc;
mod libraries;
mod local;
mod text;
mod uname;

use std::collections::BTreeMap;

use crate::binary::Fact;
use crate::error::Result;
use crate::target::{Goarch, Goos};

pub use arm::ArmCpu;
pub use auxv::{ProcessView, hwcap_names};
pub use boards::{BOARDS, Board};
pub use libc::{Libc, LibcKind};

/// A machine. For a container this is what its processes see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// `this machine`, or the path of the card.
    pub source: String,
    /// The kernel's operating system: an Android phone is `linux` here (with
    /// [`LibcKind::Bionic`]) unless a card calls it `android`.
    pub goos: Option<Fact<Goos>>,
    /// GOARCH of the kernel.
    pub arch: Option<Fact<Goarch>>,
    /// The kernel's name of the machine, as `uname -m` prints it.
    pub machine: Option<Fact<String>>,
    /// The release as the kernel spells it: `6.1.21`, `6.1.0-42-amd64`, `6.1.21+`.
    pub kernel: Option<Fact<String>>,
    pub cpu_model: Option<Fact<String>>,
    /// ARM: `CPU architecture` of /proc/cpuinfo. See [`Host::arm_level`] before
    /// trusting it.
    pub cpu_architecture: Option<Fact<String>>,
    /// Names of CPU features, as the kernel spells them.
    pub cpu_features: Option<Fact<Vec<String>>>,
    pub libc: Option<Fact<Libc>>,
    pub page_size: Option<Fact<u64>>,
    /// PRETTY_NAME of os-release.
    pub distribution: Option<Fact<String>>,
    /// Paths that are known to exist or not to.
    pub files: BTreeMap<String, bool>,
    /// Names of libraries that the loader would or would not find.
    pub libraries: BTreeMap<String, bool>,
}

/// What the program needs of a machine; [`open`] looks these up where it can.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Absolute paths: PT_INTERP and the like.
    pub files: Vec<String>,
    /// DT_NEEDED.
    pub libraries: Vec<String>,
}

impl Host {
    /// What the machine can execute of 32-bit ARM; `None` when it is no ARM
    /// machine or nothing says which.
    pub fn arm_level(&self) -> Option<Fact<ArmCpu>> {
        arm::level(self)
    }

    /// Would the loader find this library? `None`: not known.
    pub fn library(&self, soname: &str) -> Option<bool> {
        self.libraries.get(soname).copied()
    }

    /// Does this path exist? `None`: not known.
    pub fn file(&self, path: &str) -> Option<bool> {
        self.files.get(path).copied()
    }

    /// Fills in what follows from the name of the machine. `big_endian` is
    /// needed for MIPS alone, whose kernels call both byte orders `mips`.
    fn complete(&mut self, big_endian: Option<bool>) {
        if self.arch.is_none()
            && let Some(machine) = &self.machine
            && let Some(arch) = uname::arch(&machine.value, big_endian)
        {
            self.arch = Some(Fact::new(arch, machine.from.clone()));
        }
    }
}

/// `local` is this machine, `board:NAME` one of [`BOARDS`]; anything else is the
/// path of a card (`-` reads it from standard input).
///
/// # Errors
/// For cards: `Io` when it cannot be read, `Malformed` when it is TOML with a
/// syntax error, `Unrecognised` when it has unknown keys or values, or says
/// nothing about a machine.
pub fn open(spec: &str, wanted: &Wanted) -> Result<Host> {
    match spec {
        "local" => Ok(local::read(wanted)),
        other => match other.strip_prefix(boards::PREFIX) {
            Some(name) => boards::open(name),
            None => card::open(other),
        },
    }
}

/// The first one to state a fact keeps it: a /proc/cpuinfo repeats itself for
/// every core.
fn keep<T>(slot: &mut Option<Fact<T>>, value: T, from: impl FnOnce() -> String) {
    if slot.is_none() {
        *slot = Some(Fact::new(value, from()));
    }
}
