//! A machine in a few words, `linux/arm/6,debian:12,kernel=4.19`: what is meant to
//! run there is known before any machine is at hand.
//!
//! Only what is said counts. The level of `linux/amd64` is unknown, not v1: most
//! machines have more, and a rule that needs it is not asked.

use super::boards;
use super::distributions::{self, DISTRIBUTIONS};
use super::libc::{Libc, LibcKind, is_version};
use super::{Host, keep};
use crate::binary::Fact;
use crate::error::{Error, Result};
use crate::near::near;
use crate::origin::Origin;
use crate::target::levels::levels;
use crate::target::ports::{PORTS, Port, REMOVED};
use crate::target::{Goarch, Goos};

/// What may follow the target, each after a comma.
const KEYS: [&str; 5] = ["glibc", "musl", "kernel", "version", "page"];

/// What `uname -m` prints on 32-bit ARM.
const ARM_MACHINES: [&str; 4] = ["armv5tejl", "armv6l", "armv7l", "armv8l"];

struct Spec<'a> {
    /// Where its facts are said to have been read.
    from: &'a str,
}

/// Reads a target.
///
/// # Errors
/// `Unrecognised`: no such port, level, distribution or key, with those near to it.
pub fn target(text: &str) -> Result<Host> {
    let from = format!("--on {text}");
    let spec = Spec { from: &from };
    let mut parts = text.split(',').map(str::trim);
    let mut host = Host { source: text.to_owned(), ..Host::default() };
    spec.port(parts.next().unwrap_or(""), &mut host)?;
    for part in parts {
        match part.split_once('=') {
            Some((key, value)) => spec.pair(key.trim(), value.trim(), &mut host)?,
            None => spec.distribution(part, &mut host)?,
        }
    }
    Ok(host)
}

/// The machine that an image is made for, where nothing tells the one that it will
/// run on: architecture and level as its manifest declares them. A level that
/// nobody knows is left open.
pub fn as_declared(mut host: Host) -> Host {
    let Some(declared) = host.declared.clone() else { return host };
    host.source = format!("{} for {}", host.source, declared.value);
    if let Some(arch) = declared.value.goarch() {
        let from = declared.from.clone();
        keep(&mut host.arch, arch, || from);
        if let Some(level) = &declared.value.variant {
            let _ = Spec { from: &declared.from }.level(arch, level, &mut host);
        }
    }
    host
}

impl Spec<'_> {
    fn wrong<T>(&self, what: impl Into<String>) -> Result<T> {
        Err(Error::Unrecognised { origin: Origin::new(self.from), what: what.into() })
    }

    fn from(&self) -> String {
        self.from.to_owned()
    }

    fn port(&self, text: &str, host: &mut Host) -> Result<()> {
        let mut names = text.splitn(3, '/');
        let (os, name) = (names.next().unwrap_or(""), names.next().unwrap_or(""));
        // Kernels have other names for some.
        let machine = !name.starts_with("arm") || ARM_MACHINES.contains(&name) || name == "arm64";
        let known = Goarch::parse(name).or_else(|| Goarch::from_machine(name).filter(|_| machine));
        let port = Goos::parse(os).zip(known);
        let Some((os, arch)) = port.filter(|(os, arch)| PORTS.iter().any(|p| p.os == *os && p.arch == *arch))
        else {
            return self.wrong(no_port(&format!("{os}/{name}")));
        };
        host.goos = Some(Fact::new(os, self.from()));
        host.arch = Some(Fact::new(arch, self.from()));
        if ARM_MACHINES.contains(&name) {
            host.machine = Some(Fact::new(name.to_owned(), self.from()));
        }
        match names.next() {
            Some(level) => self.level(arch, level, host),
            None => Ok(()),
        }
    }

    /// `6` and `v6` for GOARM=6, `v3` for GOAMD64=v3: as images spell a variant.
    fn level(&self, arch: Goarch, text: &str, host: &mut Host) -> Result<()> {
        let from = self.from();
        let features = match (arch, text.trim_start_matches('v')) {
            (Goarch::Arm, "5") => boards::ARM926,
            (Goarch::Arm, "6") => boards::ARM1176,
            (Goarch::Arm, "7") => boards::CORTEX_A7,
            (Goarch::Amd64, "1") => boards::X86_V1,
            (Goarch::Amd64, "2") => boards::X86_V2,
            (Goarch::Amd64, "3") => boards::X86_V3,
            (Goarch::Amd64, "4") => boards::X86_V4,
            // The variant of every arm64 image: any ARMv8.
            (Goarch::Arm64, "8") => return Ok(()),
            (Goarch::Arm64, "8.0") => "fp asimd evtstrm",
            // The first one with LSE.
            (Goarch::Arm64, "8.1") => "fp asimd evtstrm atomics",
            _ => {
                let known: Vec<&str> = match arch {
                    Goarch::Arm => vec!["5", "6", "7"],
                    Goarch::Amd64 => levels(arch).iter().map(|level| level.value).collect(),
                    Goarch::Arm64 => vec!["v8", "v8.0", "v8.1"],
                    _ => Vec::new(),
                };
                return match known.as_slice() {
                    [] => self.wrong(format!("{arch} has no level here: leave /{text} out")),
                    known => {
                        self.wrong(format!("{text} is no level of {arch}: there are {}", known.join(", ")))
                    }
                };
            }
        };
        if arch == Goarch::Arm {
            let version = text.trim_start_matches('v');
            let name = if version == "5" { "5TEJ" } else { version };
            keep(&mut host.cpu_architecture, name.to_owned(), || from.clone());
        }
        let features = features.split(' ').map(str::to_owned).collect();
        keep(&mut host.cpu_features, features, || from);
        Ok(())
    }

    fn pair(&self, key: &str, value: &str, host: &mut Host) -> Result<()> {
        let from = self.from();
        match key {
            "glibc" | "musl" if !is_version(value) => {
                self.wrong(format!("{key}={value}: expected a version such as {key}=2.31"))
            }
            "glibc" => self.libc(Libc::new(LibcKind::Glibc, Some(value)), host),
            "musl" => self.libc(Libc::new(LibcKind::Musl, Some(value)), host),
            "kernel" if !value.starts_with(|c: char| c.is_ascii_digit()) => {
                self.wrong(format!("kernel={value}: expected a release such as 4.19"))
            }
            "kernel" => {
                keep(&mut host.kernel, value.to_owned(), || from);
                Ok(())
            }
            "version" if !value.starts_with(|c: char| c.is_ascii_digit()) => {
                self.wrong(format!("version={value}: expected that of the system, such as 12.7 of macOS"))
            }
            "version" => {
                keep(&mut host.os_version, value.to_owned(), || from);
                Ok(())
            }
            "page" => match value.parse::<u64>() {
                Ok(bytes) if bytes.is_power_of_two() => {
                    keep(&mut host.page_size, bytes, || from);
                    Ok(())
                }
                _ => self.wrong(format!("page={value}: expected bytes, a power of two: 4096, 16384, 65536")),
            },
            _ => self.wrong(format!("{key}: no such key; there are {}", KEYS.join(", "))),
        }
    }

    fn libc(&self, libc: Libc, host: &mut Host) -> Result<()> {
        if host.libc.is_some() {
            return self.wrong(format!("{libc}: a C library was given before"));
        }
        host.libc = Some(Fact::new(libc, self.from()));
        Ok(())
    }

    fn distribution(&self, name: &str, host: &mut Host) -> Result<()> {
        let Some(found) = distributions::find(name) else {
            let near = near(name, DISTRIBUTIONS.iter().map(|row| row.name));
            let near =
                if near.is_empty() { DISTRIBUTIONS.iter().map(|row| row.name).collect() } else { near };
            return self.wrong(format!(
                "{name}: neither KEY=VALUE ({}) nor a distribution that is known; there are {}",
                KEYS.join(", "),
                near.join(", ")
            ));
        };
        self.libc(found.libc(), host)?;
        let loader = host.arch.as_ref().and_then(|arch| glibc_loader(arch.value));
        if let Some(loader) = loader.filter(|_| found.libc().kind == LibcKind::Glibc) {
            host.files.insert(loader.to_owned(), true);
            host.libraries.extend(OF_GLIBC.map(|name| (name.to_owned(), true)));
        }
        host.distribution = Some(Fact::new(found.title.to_owned(), self.from()));
        Ok(())
    }
}

/// Libraries that are glibc's own, on all of its architectures.
const OF_GLIBC: [&str; 6] =
    ["libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libresolv.so.2"];

/// Where glibc's ports have their loader (sysdeps/unix/sysv/linux/*/shlib-versions);
/// 32-bit ARM is told apart by its calling convention, which nobody said.
fn glibc_loader(arch: Goarch) -> Option<&'static str> {
    Some(match arch {
        Goarch::Amd64 => "/lib64/ld-linux-x86-64.so.2",
        Goarch::I386 => "/lib/ld-linux.so.2",
        Goarch::Arm64 => "/lib/ld-linux-aarch64.so.1",
        Goarch::Riscv64 => "/lib/ld-linux-riscv64-lp64d.so.1",
        Goarch::Ppc64le => "/lib64/ld64.so.2",
        Goarch::S390x => "/lib/ld64.so.1",
        _ => return None,
    })
}

fn no_port(name: &str) -> String {
    if let Some((_, since)) = REMOVED.iter().find(|(port, _)| *port == name) {
        return format!("{name}: no port any more: gone in Go {since}");
    }
    let names: Vec<String> = PORTS.iter().map(Port::name).collect();
    match near(name, names.iter().map(String::as_str)).as_slice() {
        [] => format!("{name}: no port of Go; `panicmap matrix` lists all"),
        near => format!("{name}: no port of Go; near to it are {}", near.join(", ")),
    }
}
