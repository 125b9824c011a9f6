//! The one table of faults. A new fault is a file (or a row in the file of its
//! family) and a line here; ids are never reused.

mod android;
mod atomic;
mod bsd;
mod cgo;
mod cpu;
mod darwin;
mod fips;
mod identity;
mod kernel;
mod limits;
mod loader;
mod lookups;
mod race;
mod release;
mod seccomp;
mod target;
mod toolchain;
mod wasm;
mod windows;

use super::Rule;

/// The rule that says whether an executable may be asked at all.
pub(super) const IDENTITY: &str = identity::LOG_NOT_FROM_BINARY.id;

/// In the order in which equal findings are reported: what keeps a program
/// from starting before what it does later.
pub const RULES: &[&Rule] = &[
    &target::WRONG_GOARCH,
    &target::WRONG_GOOS,
    &cpu::GOARM_INVALID_ACCEPTED,
    &cpu::GOARM_TOO_HIGH,
    &cpu::GOAMD64_TOO_HIGH,
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
    &cgo::CGO_PACKAGE_DISABLED,
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
