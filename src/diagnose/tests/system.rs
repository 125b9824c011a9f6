//! Executable and host alone, where no program was run: kernels, releases, files.

use super::*;
use crate::binary::{Fact, Lookups, Needs};

fn of(os: Goos, arch: Goarch) -> Facts {
    Facts { goos: Some(Fact::new(os, "build info")), ..elf(arch, "v1") }
}

fn on(os: Goos, kernel: &str) -> Host {
    Host {
        goos: Some(Fact::new(os, "card")),
        kernel: Some(Fact::new(kernel.to_owned(), "card")),
        ..host(Goarch::Amd64, "x86_64", None)
    }
}

fn needs(header: Option<&str>, go: Option<&str>) -> Needs {
    let fact = |text: &str| Fact::new(text.to_owned(), "test");
    Needs { by_header: header.map(fact), by_go: go.map(fact), cpu: None }
}

#[test]
fn kernels_against_notes_and_floors() {
    let mut facts = of(Goos::Linux, Goarch::Amd64);
    for (header, kernel, found) in [
        (Some("Linux 4.4"), "4.3.0-1-amd64", &["kernel-too-old likely"][..]),
        (Some("Linux 4.4"), "6.1.21+", &[]),
        (None, "3.1.10", &["kernel-too-old possible"]),
        (None, "3.2.0", &[]),
    ] {
        facts.needs = needs(header, Some("Linux 3.2"));
        assert_eq!(judge(None, Some(&facts), Some(&on(Goos::Linux, kernel))).0, found, "{kernel}");
    }
    // An error of a program that runs says nothing of its kernel's age.
    let old = on(Goos::Linux, "3.1.10");
    let bug = "panic: x\n\ngoroutine 1 [running]:\nmain.main()\n\t/a/main.go:5 +0x1d\n";
    assert_eq!(judge(Some(bug), Some(&facts), Some(&old)), (vec![], Verdict::ProgramBug));
}

#[test]
fn windows_by_version_and_go() {
    let mut facts = of(Goos::Windows, Goarch::Amd64);
    facts.elf = None;
    for (go, header, kernel, found) in [
        ("go1.21.4", "Windows 6.1", "6.1.7601", &[][..]),
        ("go1.21.5", "Windows 6.1", "6.1.7601", &["windows-too-old likely"]),
        ("go1.22.10", "Windows 6.1", "6.3.9600", &["windows-too-old possible"]),
        ("go1.27.3", "Windows 10.0", "6.1.7601", &["windows-too-old certain"]),
        ("go1.27.3", "Windows 10.0", "10.0.19045", &[]),
    ] {
        facts.needs = needs(Some(header), None);
        facts.go_version = Some(Fact::new(go.to_owned(), "build info"));
        assert_eq!(judge(None, Some(&facts), Some(&on(Goos::Windows, kernel))).0, found, "{go} {kernel}");
    }
}

#[test]
fn openbsd_took_syscall_out() {
    let mut facts = of(Goos::Openbsd, Goarch::Amd64);
    facts.lookups = Some(Lookups { raw_syscall: true, ..Lookups::default() });
    let found = |facts: &Facts, release| judge(None, Some(facts), Some(&on(Goos::Openbsd, release))).0;
    assert_eq!(found(&facts, "7.5"), ["openbsd-too-new certain"]);
    assert_eq!(found(&facts, "7.4"), [""; 0]);
    facts.lookups = Some(Lookups::default());
    assert_eq!(found(&facts, "7.6"), [""; 0]);
}

#[test]
fn files_that_an_image_lacks() {
    let mut facts = of(Goos::Linux, Goarch::Amd64);
    facts.lookups = Some(Lookups { zones: true, roots: true, ..Lookups::default() });
    let mut image = on(Goos::Linux, "6.1.21");
    assert_eq!(judge(None, Some(&facts), Some(&image)).0, [""; 0], "nothing is known of its files");
    image.files.insert("/usr/share/zoneinfo".to_owned(), false);
    image.files.insert("/etc/ssl/certs/ca-certificates.crt".to_owned(), false);
    assert_eq!(judge(None, Some(&facts), Some(&image)).0, ["tz-missing possible", "ca-missing possible"]);
    let zone = "2026/11/24 10:15:02 report: unknown time zone Europe/Berlin\n";
    assert_eq!(judge(Some(zone), Some(&facts), Some(&image)).0, ["tz-missing certain"]);
    let refused = "fetch: x509: certificate signed by unknown authority\n";
    assert_eq!(judge(Some(refused), Some(&facts), Some(&image)).0, ["ca-missing likely"]);
    // A root of that name is known: the host has roots.
    let known = "fetch: x509: certificate signed by unknown authority (possibly because of \"x509: ECDSA verification failure\" while trying to verify candidate authority certificate \"corp\")\n";
    assert_eq!(judge(Some(known), Some(&facts), Some(&image)).0, [""; 0]);
    // macOS and Windows ask the system.
    facts.goos = Some(Fact::new(Goos::Darwin, "build info"));
    assert_eq!(judge(Some(refused), Some(&facts), None).0, [""; 0]);
    facts.goos = Some(Fact::new(Goos::Linux, "build info"));
    image.files.insert("/etc/ssl/cert.pem".to_owned(), true);
    image.files.insert("/etc/zoneinfo".to_owned(), true);
    assert_eq!(judge(Some(zone), Some(&facts), Some(&image)).0, [""; 0]);
    assert_eq!(judge(Some(refused), Some(&facts), Some(&image)).0, [""; 0]);
    facts.lookups = Some(Lookups { zones: true, own_zones: true, ..Lookups::default() });
    assert_eq!(judge(Some(zone), Some(&facts), None).0, [""; 0]);
}

#[test]
fn android_and_fixed_addresses() {
    let mut facts = of(Goos::Android, Goarch::Arm64);
    let linker = Some("/system/bin/linker64".to_owned());
    facts.elf = Some(Elf { interpreter: linker, ..Elf::default() });
    let mut phone = host(Goarch::Arm64, "aarch64", None);
    phone.goos = Some(Fact::new(Goos::Android, "card"));
    phone.files.insert("/system/bin/linker64".to_owned(), true);
    assert_eq!(judge(None, Some(&facts), Some(&phone)).0, ["android-pie certain"]);
    facts.pie = true;
    assert_eq!(judge(None, Some(&facts), Some(&phone)).0, [""; 0]);
}

#[test]
fn filters_that_kill() {
    let log = |code: &str| {
        format!(
            "SIGSYS: bad system call\nPC=0x4123 m=0 sigcode={code}\n\ngoroutine 1 [running]:\nsyscall.faccessat2(0x1, 0x2)\n\t/a/zsyscall_linux_arm64.go:9 +0x48\nmain.main()\n\t/a/main.go:9 +0x48\n"
        )
    };
    let facts = of(Goos::Linux, Goarch::Arm64);
    let likely = (vec!["seccomp-blocked-syscall likely".to_owned()], Verdict::Environment);
    assert_eq!(judge(Some(&log("1")), Some(&facts), None), likely);
    assert_eq!(judge(Some(&log("0")), Some(&facts), None).0, [""; 0], "kill -SYS");
    let facts = of(Goos::Openbsd, Goarch::Arm64);
    assert_eq!(judge(Some(&log("1")), Some(&facts), None).0, ["openbsd-too-new likely"]);
}
