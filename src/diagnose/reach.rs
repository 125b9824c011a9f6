//! Which faults can hit which port.

use crate::target::ports::Port;
use crate::target::{Goarch, Goos};

type Reach = fn(&Port) -> bool;

/// A program that a dynamic loader starts can be had with cgo, and on Linux with
/// -buildmode=pie.
fn elf(port: &Port) -> bool {
    !matches!(port.os, Goos::Darwin | Goos::Ios | Goos::Windows | Goos::Aix | Goos::Plan9)
        && port.arch != Goarch::Wasm
}

fn glibc(port: &Port) -> bool {
    port.os == Goos::Linux && port.cgo
}

/// plugin/plugin_dlopen.go
fn plugins(port: &Port) -> bool {
    port.cgo && matches!(port.os, Goos::Linux | Goos::Darwin | Goos::Freebsd)
}

/// Where names are looked up by Go's own resolver and users in files, but for cgo.
fn files_and_dns(port: &Port) -> bool {
    !matches!(port.os, Goos::Darwin | Goos::Ios | Goos::Windows | Goos::Plan9 | Goos::Js | Goos::Wasip1)
}

fn arm(port: &Port) -> bool {
    port.arch == Goarch::Arm && port.os != Goos::Android
}

/// Linux kernels for these come with pages of more than 4 KiB.
fn larger_pages(port: &Port) -> bool {
    let large =
        [Goarch::Arm64, Goarch::Ppc64, Goarch::Ppc64le, Goarch::Loong64, Goarch::Mips64, Goarch::Mips64le];
    port.os == Goos::Linux && port.cgo && large.contains(&port.arch)
}

/// Root certificates are files there.
fn unix(port: &Port) -> bool {
    !matches!(port.os, Goos::Darwin | Goos::Ios | Goos::Windows | Goos::Js | Goos::Wasip1)
}

const REACH: &[(&str, Reach)] = &[
    ("image-platform-mismatch", |port| matches!(port.os, Goos::Linux | Goos::Windows)),
    ("wrong-goarch", |port| port.arch != Goarch::Wasm),
    ("wrong-goos", |port| port.arch != Goarch::Wasm),
    ("compat32-missing", |port| port.os == Goos::Linux && port.arch.pointer_size() == 4),
    ("damaged-binary", |_| true),
    ("goarm-invalid-accepted", |port| port.arch == Goarch::Arm),
    ("goarm-too-high", arm),
    ("goarm-float-mode", arm),
    ("goarm-multicore-atomics", |port| {
        port.arch == Goarch::Arm && matches!(port.os, Goos::Freebsd | Goos::Netbsd | Goos::Openbsd)
    }),
    ("goarm64-level", |port| port.arch == Goarch::Arm64),
    ("goamd64-too-high", |port| port.arch == Goarch::Amd64),
    ("go386-old-cpu", |port| port.arch == Goarch::I386),
    ("goppc64-level", |port| matches!(port.arch, Goarch::Ppc64 | Goarch::Ppc64le)),
    ("goriscv64-level", |port| port.arch == Goarch::Riscv64),
    ("gomips-float", |port| {
        matches!(port.arch, Goarch::Mips | Goarch::Mipsle | Goarch::Mips64 | Goarch::Mips64le)
    }),
    ("s390x-facilities", |port| port.arch == Goarch::S390x),
    ("windows-too-old", |port| port.os == Goos::Windows),
    ("darwin-min-os", |port| port.os == Goos::Darwin),
    ("darwin-code-signature", |port| port.os == Goos::Darwin && port.arch == Goarch::Arm64),
    ("openbsd-too-new", |port| port.os == Goos::Openbsd),
    ("freebsd-too-old", |port| port.os == Goos::Freebsd),
    ("android-pie", |port| port.os == Goos::Android),
    ("kernel-too-old", |port| port.os == Goos::Linux),
    ("page-size", larger_pages),
    ("cgo-missing-interp", |port| port.cgo && elf(port)),
    ("glibc-too-old", glibc),
    ("shared-lib-missing", |port| port.cgo && elf(port)),
    ("glibc-binary-on-musl", glibc),
    ("musl-binary-on-glibc", glibc),
    ("arm-cgo-float-abi", |port| glibc(port) && port.arch == Goarch::Arm),
    ("cgo-cross-host-gcc", |port| port.cgo),
    ("cgo-package-disabled", |port| port.cgo),
    ("plugin-needs-cgo", plugins),
    ("plugin-version-mismatch", plugins),
    ("user-lookup-no-cgo", |port| files_and_dns(port) && port.os != Goos::Android),
    ("dns-resolver-mismatch", files_and_dns),
    ("static-glibc-nss", glibc),
    ("cgo-pointer-rules", |port| port.cgo),
    ("cgo-signal-onstack", |port| port.cgo && port.os != Goos::Windows),
    ("cgo-c-crash", |port| port.cgo),
    ("atomic-64-unaligned", |port| port.arch.pointer_size() == 4),
    ("seccomp-blocks-threads", |port| port.os == Goos::Linux),
    ("seccomp-blocked-syscall", |port| matches!(port.os, Goos::Linux | Goos::Android)),
    ("race-runtime", |port| port.race),
    ("fips", |_| true),
    ("wasm-glue-mismatch", |port| port.arch == Goarch::Wasm),
    ("tz-missing", |port| !matches!(port.os, Goos::Darwin | Goos::Ios | Goos::Android | Goos::Plan9)),
    ("ca-missing", unix),
    ("missing-assembly", |_| true),
    ("toolchain-skew", |_| true),
    ("goexperiment-unknown", |_| true),
];

/// Ids of the faults of build and deployment that can hit a port, in the order of
/// the rules.
pub fn faults_on(port: &Port) -> Vec<&'static str> {
    let hits = REACH.iter().filter(|(_, reach)| reach(port));
    hits.map(|(id, _)| *id).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{RULES, Verdict, rule};
    use super::*;

    #[test]
    fn every_row_is_a_rule_and_every_fault_of_a_configuration_has_a_row() {
        for (id, _) in REACH {
            assert!(rule(id).is_some(), "{id}");
        }
        for rule in RULES.iter().filter(|rule| rule.blames == Verdict::ConfigurationFault) {
            assert!(REACH.iter().any(|(id, _)| *id == rule.id), "{}: which ports can it hit?", rule.id);
        }
    }
}
