//! The one table of faults. A new fault is a file (or a row in the file of its
//! family) and a line here; ids are never reused.

mod android;
mod atomic;
mod bsd;
mod build;
mod cgo;
mod cgo_off;
mod cpu;
mod crossing;
mod darwin;
mod emulator;
mod file;
mod fips;
mod float_abi;
mod identity;
mod kernel;
mod libc;
mod limits;
mod loader;
mod lookups;
mod nss;
mod platform;
mod plugins;
mod race;
pub(super) mod release;
mod resolver;
mod seccomp;
mod start;
mod target;
mod toolchain;
mod users;
mod wasm;
mod windows;

use super::{Confidence, Finding, Rule, Verdict, rule};

/// The rule that says whether an executable may be asked at all.
pub(super) const IDENTITY: &str = identity::LOG_NOT_FROM_BINARY.id;

/// In the order in which equal findings are reported: what keeps a program
/// from starting before what it does later.
pub const RULES: &[&Rule] = &[
    &platform::IMAGE_PLATFORM_MISMATCH,
    &target::WRONG_GOARCH,
    &target::WRONG_GOOS,
    &platform::COMPAT32_MISSING,
    &file::DAMAGED_BINARY,
    &cpu::GOARM_INVALID_ACCEPTED,
    &cpu::GOARM_TOO_HIGH,
    &cpu::GOARM_FLOAT_MODE,
    &cpu::GOARM_MULTICORE_ATOMICS,
    &cpu::GOARM64_LEVEL,
    &cpu::GOAMD64_TOO_HIGH,
    &cpu::GO386_OLD_CPU,
    &cpu::GOPPC64_LEVEL,
    &cpu::GORISCV64_LEVEL,
    &cpu::GOMIPS_FLOAT,
    &cpu::S390X_FACILITIES,
    &emulator::EMULATOR_CRASH,
    &windows::WINDOWS_TOO_OLD,
    &darwin::DARWIN_MIN_OS,
    &darwin::DARWIN_CODE_SIGNATURE,
    &bsd::OPENBSD_TOO_NEW,
    &bsd::FREEBSD_TOO_OLD,
    &android::ANDROID_PIE,
    &kernel::KERNEL_TOO_OLD,
    &kernel::PAGE_SIZE,
    &loader::CGO_MISSING_INTERP,
    &loader::GLIBC_TOO_OLD,
    &loader::SHARED_LIB_MISSING,
    &libc::GLIBC_BINARY_ON_MUSL,
    &libc::MUSL_BINARY_ON_GLIBC,
    &float_abi::ARM_CGO_FLOAT_ABI,
    &build::CGO_CROSS_HOST_GCC,
    &cgo_off::CGO_PACKAGE_DISABLED,
    &plugins::PLUGIN_NEEDS_CGO,
    &plugins::PLUGIN_VERSION_MISMATCH,
    &users::USER_LOOKUP_NO_CGO,
    &resolver::DNS_RESOLVER_MISMATCH,
    &nss::STATIC_GLIBC_NSS,
    &crossing::CGO_POINTER_RULES,
    &crossing::CGO_SIGNAL_ONSTACK,
    &cgo::CGO_C_CRASH,
    &atomic::ATOMIC_64_UNALIGNED,
    &seccomp::SECCOMP_BLOCKS_THREADS,
    &seccomp::SECCOMP_BLOCKED_SYSCALL,
    &limits::RLIMIT_NPROC,
    &limits::OUT_OF_MEMORY,
    &race::RACE_RUNTIME,
    &fips::FIPS,
    &wasm::WASM_GLUE_MISMATCH,
    &lookups::TZ_MISSING,
    &lookups::CA_MISSING,
    &toolchain::MISSING_ASSEMBLY,
    &toolchain::TOOLCHAIN_SKEW,
    &toolchain::GOEXPERIMENT_UNKNOWN,
    &identity::LOG_NOT_FROM_BINARY,
];

/// What is judged of a program that the machine could start.
const ONCE_STARTED: [&str; 6] = [
    loader::CGO_MISSING_INTERP.id,
    loader::GLIBC_TOO_OLD.id,
    loader::SHARED_LIB_MISSING.id,
    libc::GLIBC_BINARY_ON_MUSL.id,
    libc::MUSL_BINARY_ON_GLIBC.id,
    kernel::KERNEL_TOO_OLD.id,
];

/// A machine of another kind has other libraries; what these lack is no second fault.
/// Where an emulator garbles a program, what looks like a bug of it is none; and
/// that an emulator may be to blame is not said beside what is.
pub(super) fn settle(findings: &mut Vec<Finding>) {
    let of_another_machine = |finding: &Finding| {
        let target = [target::WRONG_GOARCH.id, target::WRONG_GOOS.id].contains(&finding.fault);
        target && finding.confidence == Confidence::Certain
    };
    if findings.iter().any(of_another_machine) {
        findings.retain(|finding| !ONCE_STARTED.contains(&finding.fault));
    }
    let emulated = |finding: &Finding| finding.fault == emulator::EMULATOR_CRASH.id;
    let cause = |finding: &Finding| finding.explains && finding.confidence != Confidence::Possible;
    if findings.iter().any(|finding| emulated(finding) && cause(finding)) {
        findings.retain(|finding| rule(finding.fault).is_none_or(|rule| rule.blames != Verdict::ProgramBug));
    } else if findings.iter().any(cause) {
        findings.retain(|finding| !emulated(finding));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_documented() {
        let mut ids: Vec<_> = RULES.iter().map(|rule| rule.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), RULES.len());
        for rule in RULES {
            assert!(rule.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
            let docs = &rule.docs;
            for text in [docs.what, docs.why, docs.evidence, docs.look_alikes, docs.fix, docs.since] {
                assert!(text.len() > 10, "{}: {text:?}", rule.id);
            }
        }
    }
}
