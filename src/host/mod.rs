//! HOST: the facts of the machine on which a program ran, read from this
//! machine, from a TOML card, or from the texts that engineers paste into
//! tickets (`uname -a`, `/proc/cpuinfo`, `ldd --version`, …).
//!
//! Nothing here is concluded from the program. Each fact says where it was
//! read, and a fact that nobody gave is `None`, never a default: rules must
//! tell "not there" from "not known".

#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::arithmetic_side_effects))]

mod arm;
mod auxv;
mod boards;
mod card;
mod conflict;
mod disk;
mod distributions;
mod files;
pub mod image;
mod installed;
mod known;
mod libc;
mod libraries;
mod limits;
mod local;
mod on;
mod platform;
mod text;
mod uname;

use std::collections::BTreeMap;

use crate::binary::{Fact, Facts};
use crate::error::Result;
use crate::target::features::family;
use crate::target::{Goarch, Goos};

pub use arm::ArmCpu;
pub use auxv::{ProcessView, hwcap_names};
pub use boards::{Board, boards};
pub use conflict::Conflict;
pub use distributions::{DISTRIBUTIONS, Distribution};
pub use known::{
    CERTIFICATE_DIRECTORIES, CERTIFICATE_FILES, MADE_BY_RUNTIMES, NAME_FILES, OTHER_PATHS, WELL_KNOWN,
    WELL_KNOWN_LIBRARIES, ZONE_DIRECTORIES,
};
pub use libc::{Libc, LibcKind};
pub use limits::Bound;
pub use on::{as_declared, target};
pub use platform::Platform;

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
    /// The version of a system that is not Linux: `15.5` of macOS,
    /// `10.0.19045` of Windows, `13.2-RELEASE-p3` of FreeBSD's programs.
    pub os_version: Option<Fact<String>>,
    pub cpu_model: Option<Fact<String>>,
    /// `GenuineIntel`, `ARM`.
    pub cpu_vendor: Option<Fact<String>>,
    /// ARM: `CPU architecture` of /proc/cpuinfo. See [`Host::arm_level`] before
    /// trusting it.
    pub cpu_architecture: Option<Fact<String>>,
    /// Names of CPU features, as the Linux kernel spells them.
    pub cpu_features: Option<Fact<Vec<String>>>,
    /// Sizes of registers that programs can be for: 32, 64. A core of arm64 with 64
    /// alone runs nothing of 32-bit ARM.
    pub cpu_bits: Option<Fact<Vec<u8>>>,
    /// What runs its programs in the place of a kernel and CPU of their own:
    /// `qemu-i386`.
    pub emulator: Option<Fact<String>>,
    pub libc: Option<Fact<Libc>>,
    pub page_size: Option<Fact<u64>>,
    /// GOARCH of the programs that are installed; that of the kernel may be another.
    pub userland: Option<Fact<Goarch>>,
    /// `getconf LONG_BIT`: 32 or 64.
    pub userland_bits: Option<Fact<u8>>,
    /// Processes and threads of the user (RLIMIT_NPROC), and of the control group.
    pub max_processes: Option<Fact<Bound>>,
    pub pids_max: Option<Fact<Bound>>,
    /// Bytes that a process may map (RLIMIT_AS).
    pub address_space: Option<Fact<Bound>>,
    /// PRETTY_NAME of os-release.
    pub distribution: Option<Fact<String>>,
    /// Of an image: the platform that its manifest or configuration names.
    pub declared: Option<Fact<Platform>>,
    /// Of an image: how its containers start.
    pub image: Option<Fact<ImageConfig>>,
    /// Paths that are known to exist or not to.
    pub files: BTreeMap<String, bool>,
    /// Names of libraries that the loader would or would not find.
    pub libraries: BTreeMap<String, bool>,
    /// Where sources disagree; the facts above are those of the first.
    pub conflicts: Vec<Conflict>,
    /// What could not be read of the source, and what that means, in words.
    pub problems: Vec<String>,
}

/// The part of an image's configuration that its programs see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageConfig {
    pub entrypoint: Vec<String>,
    pub cmd: Vec<String>,
    /// `NAME=value`.
    pub env: Vec<String>,
    /// User, or user and group, by name or number.
    pub user: Option<String>,
}

impl ImageConfig {
    /// A variable that the image sets.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.env.iter().rev().find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }
}

/// What the program needs of a machine; [`open`] looks these up where it can.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Absolute paths: PT_INTERP and the like.
    pub files: Vec<String>,
    /// DT_NEEDED.
    pub libraries: Vec<String>,
    /// The executable's, to choose among the platforms of an image.
    pub target: Option<(Goos, Goarch)>,
}

impl Wanted {
    /// What these executables ask a machine for. Several of one platform choose as one.
    pub fn of<'a>(all: impl Iterator<Item = &'a Facts>) -> Wanted {
        let mut wanted = Wanted::default();
        let mut targets = Vec::new();
        for facts in all {
            wanted.files.extend(facts.interpreter().map(str::to_owned));
            wanted.libraries.extend(facts.needed().iter().cloned());
            targets.push(
                facts.goos.as_ref().zip(facts.goarch.as_ref()).map(|(os, arch)| (os.value, arch.value)),
            );
        }
        wanted.target =
            targets.first().copied().flatten().filter(|first| targets.iter().all(|t| *t == Some(*first)));
        wanted
    }
}

impl Host {
    /// What the machine can execute of 32-bit ARM; `None` when it is no ARM
    /// machine or nothing says which.
    pub fn arm_level(&self) -> Option<Fact<ArmCpu>> {
        arm::level(self)
    }

    /// Programs are emulated here: somebody says so, or the processor is of
    /// another family than the machine claims to be.
    pub fn emulation(&self) -> Option<Fact<String>> {
        if let Some(emulator) = &self.emulator {
            return Some(Fact::new(format!("programs run under {}", emulator.value), emulator.from.clone()));
        }
        let (arch, features) = (self.arch.as_ref()?, self.cpu_features.as_ref()?);
        let family = family(&features.value)?;
        let text = || format!("the machine is {}, the processor is of another family", arch.value);
        (!family.contains(&arch.value)).then(|| Fact::new(text(), features.from.clone()))
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

/// `local` is this machine, `board:NAME` one of [`boards`], `image:PATH` a root
/// filesystem or container image (see [`image::specification`]); anything else is
/// the path of a card (`-` reads it from standard input).
///
/// # Errors
/// For images those of [`image::open`] and [`image::Image::host`]. For cards: `Io` when it cannot be read, `Malformed` when it is TOML with a
/// syntax error, `Unrecognised` when it has unknown keys or values, or says
/// nothing about a machine.
pub fn open(spec: &str, wanted: &Wanted) -> Result<Host> {
    match spec {
        "local" => Ok(local::read(wanted)),
        other => {
            if let Some(name) = other.strip_prefix(boards::PREFIX) {
                boards::open(name)
            } else if let Some(path) = other.strip_prefix(image::PREFIX) {
                image::host(path, wanted)
            } else {
                card::open(other)
            }
        }
    }
}

/// The first one to state a fact keeps it: a /proc/cpuinfo repeats itself for
/// every core.
fn keep<T>(slot: &mut Option<Fact<T>>, value: T, from: impl FnOnce() -> String) {
    if slot.is_none() {
        *slot = Some(Fact::new(value, from()));
    }
}
