//! Rules on facts made of literals: the look-alikes that no run is needed for.

mod cpu;
mod system;

use super::*;
use crate::binary::{Elf, Fact, Format, Level};
use crate::host::{Libc, LibcKind};
use crate::source::{Limits, from_bytes};
use crate::target::{Goarch, Goos};
use crate::trace;

fn crash(log: &str) -> Crash {
    let document = from_bytes("log", log.as_bytes().to_vec(), Limits::default()).unwrap();
    trace::read(&document, &Default::default()).crashes.remove(0)
}

fn elf(arch: Goarch, level: &str) -> Facts {
    let level = Level {
        variable: arch.level_variable(),
        in_force: Some(Fact::new(level.to_owned(), "build info")),
        recorded: None,
        ..Level::default()
    };
    Facts {
        is_go: true,
        format: Some(Format::Elf),
        elf: Some(Elf::default()),
        goos: Some(Fact::new(Goos::Linux, "build info")),
        goarch: Some(Fact::new(arch, "ELF header")),
        level,
        ..Facts::default()
    }
}

fn host(arch: Goarch, machine: &str, features: Option<&str>) -> Host {
    let features = features.map(|list| list.split(' ').map(str::to_owned).collect());
    Host {
        source: "card".to_owned(),
        goos: Some(Fact::new(Goos::Linux, "card")),
        arch: Some(Fact::new(arch, "card")),
        machine: Some(Fact::new(machine.to_owned(), "card")),
        cpu_features: features.map(|list| Fact::new(list, "card")),
        ..Host::default()
    }
}

/// Findings as `id confidence`, and the verdict.
fn judge(log: Option<&str>, facts: Option<&Facts>, host: Option<&Host>) -> (Vec<String>, Verdict) {
    let crash = log.map(crash);
    let binary = facts.map(|facts| Subject { path: "app", facts, fit: None });
    let diagnosis = diagnose(&Case { crash: crash.as_ref(), binary, host });
    let name = |f: &Finding| format!("{} {}", f.fault, f.confidence.name());
    (diagnosis.findings.iter().map(name).collect(), diagnosis.verdict)
}

const SIGILL: &str = "Illegal instruction\n";

#[test]
fn goarm_is_held_against_the_core() {
    let core = |machine, features| host(Goarch::Arm, machine, features);
    let v7 = "half thumb fastmult vfp edsp neon vfpv3 tls vfpv4";
    for (goarm, host, found) in [
        ("7", core("armv6l", Some("half thumb vfp")), "goarm-too-high certain"),
        ("6", core("armv6l", Some("half thumb vfp")), ""),
        ("6", core("armv6l", Some("half thumb")), "goarm-too-high certain"),
        ("6,softfloat", core("armv6l", Some("half thumb")), ""),
        ("6", core("armv5tejl", None), "goarm-too-high certain"),
        ("5", core("armv5tejl", Some("half thumb")), ""),
        ("7", core("armv7l", Some(v7)), ""),
        // What follows the comma is what was mistaken.
        ("7,softfloat", core("armv6l", None), "goarm-float-mode certain"),
        ("5,hardfloat", core("armv5tejl", Some("half thumb")), "goarm-float-mode certain"),
        ("7,hardfloat", core("armv6l", Some("half thumb vfp")), "goarm-too-high certain"),
        ("7,softfloat", core("armv7l", Some("half thumb")), ""),
    ] {
        let (findings, _) = judge(Some(SIGILL), Some(&elf(Goarch::Arm, goarm)), Some(&host));
        let found: Vec<&str> = Some(found).filter(|f| !f.is_empty()).into_iter().collect();
        assert_eq!(findings, found, "GOARM={goarm} on {:?}", host.machine);
    }
    assert_eq!(judge(Some(SIGILL), Some(&elf(Goarch::Arm, "7")), None).0, ["goarm-too-high possible"]);
    assert_eq!(judge(Some(SIGILL), Some(&elf(Goarch::Arm, "5")), None).0, [""; 0]);
    // A Go trace proves that the program ran.
    let trace = "panic: x\n\ngoroutine 1 [running]:\nmain.main()\n\t/a/main.go:5 +0x1d\n";
    let pi1 = core("armv6l", Some("half thumb vfp"));
    assert_eq!(judge(Some(trace), Some(&elf(Goarch::Arm, "7")), Some(&pi1)), (vec![], Verdict::ProgramBug));
}

#[test]
fn architectures() {
    let refused = "bash: line 1: ./app: cannot execute binary file: Exec format error\n";
    let arm64 = elf(Goarch::Arm64, "v8.0");
    let amd64 = host(Goarch::Amd64, "x86_64", None);
    assert_eq!(judge(Some(refused), Some(&arm64), Some(&amd64)).1, Verdict::ConfigurationFault);
    assert_eq!(judge(Some(refused), Some(&arm64), None).0, ["wrong-goarch likely"]);
    assert_eq!(
        judge(Some(refused), None, Some(&amd64)),
        (vec!["wrong-goarch possible".to_owned()], Verdict::Unknown)
    );
    // The right executable was not what was refused.
    let own = host(Goarch::Arm64, "aarch64", None);
    assert_eq!(judge(Some(refused), Some(&arm64), Some(&own)), (vec![], Verdict::Unknown));
    // 386 runs on most amd64 kernels: without a refusal nothing is wrong, with one it is an open question.
    let i386 = elf(Goarch::I386, "sse2");
    assert_eq!(judge(None, Some(&i386), Some(&amd64)).0, [""; 0]);
    assert_eq!(judge(Some(refused), Some(&i386), Some(&amd64)).0, ["compat32-missing likely"]);
    // A child of the program that wrote the log.
    let child = "worker: fork/exec /opt/helper: exec format error\n";
    assert_eq!(judge(Some(child), Some(&arm64), None).0, ["wrong-goarch possible"]);
}

#[test]
fn libraries_of_other_programs() {
    let mut facts = elf(Goarch::Amd64, "v1");
    facts.elf = Some(Elf { needed: vec!["libc.so.6".to_owned()], ..Elf::default() });
    let helper = "/usr/bin/helper: error while loading shared libraries: libhelp.so.1: cannot open shared object file: No such file or directory\n";
    assert_eq!(judge(Some(helper), Some(&facts), None).0, ["shared-lib-missing possible"]);
    let own = "./app: error while loading shared libraries: libc.so.6: cannot open shared object file: No such file or directory\n";
    assert_eq!(judge(Some(own), Some(&facts), None).0, ["shared-lib-missing certain"]);
    let mut lacking = host(Goarch::Amd64, "x86_64", None);
    lacking.libraries.insert("libc.so.6".to_owned(), false);
    assert_eq!(judge(None, Some(&facts), Some(&lacking)).0, ["shared-lib-missing certain"]);
    // A run path may lead to it.
    facts.elf = Some(Elf { runpath: Some("$ORIGIN".to_owned()), ..facts.elf.unwrap() });
    assert_eq!(judge(None, Some(&facts), Some(&lacking)).0, [""; 0]);
}

#[test]
fn a_static_executable_has_no_missing_interpreter() {
    let not_found = "/bin/sh: ./app: not found\n";
    let mut scratch = host(Goarch::Amd64, "x86_64", None);
    scratch.libc = Some(Fact::new(Libc { kind: LibcKind::None, version: None }, "card"));
    let mut facts = elf(Goarch::Amd64, "v1");
    assert_eq!(judge(Some(not_found), Some(&facts), Some(&scratch)).0, [""; 0]);
    facts.elf = Some(Elf { interpreter: Some("/lib64/ld-linux-x86-64.so.2".to_owned()), ..Elf::default() });
    assert_eq!(judge(Some(not_found), Some(&facts), Some(&scratch)).0, ["cgo-missing-interp certain"]);
    assert_eq!(judge(Some(not_found), Some(&facts), None).0, ["cgo-missing-interp possible"]);
    scratch.files.insert("/lib64/ld-linux-x86-64.so.2".to_owned(), true);
    assert_eq!(judge(Some(not_found), Some(&facts), Some(&scratch)).0, [""; 0]);
}

#[test]
fn a_signal_from_outside_is_no_fault_of_c() {
    let log = |code: &str| {
        format!(
            "SIGABRT: abort\nPC=0x7f9244679eec m=0 sigcode={code}\nsignal arrived during cgo execution\n\n\
             goroutine 1 [syscall]:\nmain._Cfunc_wait()\n\t_cgo_gotypes.go:62 +0x3a\nmain.main()\n\t/a/main.go:9 +0x48\n"
        )
    };
    let raised = judge(Some(&log("18446744073709551610")), None, None);
    assert_eq!(raised, (vec!["cgo-c-crash certain".to_owned()], Verdict::ProgramBug));
    assert_eq!(judge(Some(&log("0")), None, None), (vec![], Verdict::Environment));
}

#[test]
fn sqlite_without_cgo() {
    let panic =
        |text: &str| format!("panic: {text}\n\ngoroutine 1 [running]:\nmain.main()\n\t/a/main.go:9 +0x48\n");
    let driver = panic("sql: unknown driver \"sqlite3\" (forgotten import?)");
    let mut facts = elf(Goarch::Amd64, "v1");
    let module = crate::binary::buildinfo::Module {
        path: "github.com/mattn/go-sqlite3".to_owned(),
        ..Default::default()
    };
    facts.build = Some(crate::binary::buildinfo::BuildInfo { deps: vec![module], ..Default::default() });
    facts.cgo_enabled = Some(Fact::new(false, "build info"));
    assert_eq!(judge(Some(&driver), Some(&facts), None).0, ["cgo-package-disabled likely"]);
    // With cgo on it is a forgotten import.
    facts.cgo_enabled = Some(Fact::new(true, "build info"));
    assert_eq!(judge(Some(&driver), Some(&facts), None), (vec![], Verdict::ProgramBug));
}

/// A typed exit code in place of a log.
fn judge_code(code: &str, facts: &Facts, host: Option<&Host>) -> (Vec<String>, Verdict) {
    let mut crashes = Vec::new();
    trace::ended(&mut crashes, trace::supervisor::exit_code(code).unwrap().unwrap());
    let binary = Some(Subject { path: "app", facts, fit: None });
    let diagnosis = diagnose(&Case { crash: crashes.first(), binary, host });
    let name = |f: &Finding| format!("{} {}", f.fault, f.confidence.name());
    (diagnosis.findings.iter().map(name).collect(), diagnosis.verdict)
}

#[test]
fn exit_codes_alone() {
    let core2 = host(Goarch::Amd64, "x86_64", Some("sse sse2 ssse3 cx16 lahf_lm"));
    let v3 = elf(Goarch::Amd64, "v3");
    for (code, found) in [("132", true), ("1", true), ("2", false), ("137", false), ("139", false)] {
        let wanted: &[&str] = if found { &["goamd64-too-high certain"] } else { &[] };
        assert_eq!(judge_code(code, &v3, Some(&core2)).0, wanted, "{code}");
    }
    assert_eq!(judge_code("132", &v3, None).0, ["goamd64-too-high possible"]);
    assert_eq!(judge_code("132", &elf(Goarch::Amd64, "v1"), Some(&core2)).0, [""; 0]);
    let arm64 = elf(Goarch::Arm64, "v8.0");
    assert_eq!(judge_code("126", &arm64, Some(&core2)).0, ["wrong-goarch certain"]);
    assert_eq!(judge_code("126", &arm64, None).0, [""; 0]);
    assert_eq!(judge_code("126", &elf(Goarch::Amd64, "v1"), Some(&core2)), (vec![], Verdict::Unknown));
    assert_eq!(judge_code("143", &v3, Some(&core2)), (vec![], Verdict::Environment));
}

/// An executable of Linux that was read, with the packages that call C.
fn linked(packages: &[&str], libc: &'static str) -> Facts {
    let mut facts = elf(Goarch::Amd64, "v1");
    facts.cgo.linked = Some(Fact::new(!packages.is_empty(), "pclntab"));
    facts.cgo.packages = packages.iter().map(|package| (*package).to_owned()).collect();
    facts.libc = Some(Fact::new(libc, "linkage"));
    facts
}

fn with_files(mut host: Host, files: &[(&str, bool)]) -> Host {
    host.files = files.iter().map(|(path, there)| ((*path).to_owned(), *there)).collect();
    host
}

#[test]
fn the_other_c_library() {
    const HF: &str = "/lib64/ld-linux-x86-64.so.2";
    let mut glibc = linked(&["main"], "glibc");
    glibc.elf = Some(Elf { interpreter: Some(HF.to_owned()), ..Elf::default() });
    let on = |kind, files: &[(&str, bool)]| {
        let mut host = with_files(host(Goarch::Amd64, "x86_64", None), files);
        host.libc = Some(Fact::new(Libc { kind, version: None }, "card"));
        host
    };
    let judged = |log, host: &Host| judge(log, Some(&glibc), Some(host)).0;
    let (musl, alpine) = (LibcKind::Musl, [(HF, false)]);
    assert_eq!(judged(None, &on(musl, &alpine)), ["glibc-binary-on-musl certain"]);
    assert_eq!(judged(None, &on(musl, &[])), ["glibc-binary-on-musl likely"]);
    // libc6-compat: it may run.
    assert_eq!(judged(None, &on(musl, &[(HF, true)])), ["glibc-binary-on-musl possible"]);
    assert_eq!(judged(Some("sh: ./app: not found\n"), &on(musl, &[(HF, true)])), [""; 0]);
    assert_eq!(judged(None, &on(LibcKind::None, &alpine)), ["cgo-missing-interp certain"]);
    assert_eq!(judged(None, &on(LibcKind::Glibc, &[(HF, true)])), [""; 0]);
    let said = |symbol: &str, facts| {
        let line = format!("Error relocating /app: {symbol}: symbol not found\n");
        judge(Some(&line), facts, None).0
    };
    assert_eq!(said("__memcpy_chk", Some(&glibc)), ["glibc-binary-on-musl certain"]);
    assert_eq!(said("__memcpy_chk", None), ["glibc-binary-on-musl likely"]);
    assert_eq!(said("sqlite3_open", None), ["shared-lib-missing possible"]);
    let musl_build = linked(&["main"], "musl");
    assert_eq!(said("sqlite3_open", Some(&musl_build)), ["shared-lib-missing possible"]);
    // A library that was not found is why.
    let line = "Error loading shared library libz.so.1: No such file or directory (needed by /app)\n\
                Error relocating /app: zlibVersion: symbol not found\n";
    assert_eq!(judge(Some(line), Some(&glibc), None).0, ["shared-lib-missing possible"]);
}

#[test]
fn a_static_glibc_that_asks_for_names() {
    let mut facts = linked(&["net", "os/user"], "glibc");
    facts.is_static = true;
    let line = "2026/11/24 lookup printer.local: Temporary failure in name resolution\n";
    assert_eq!(judge(Some(line), Some(&facts), None).0, ["static-glibc-nss possible"]);
    let there = host(Goarch::Amd64, "x86_64", None);
    assert_eq!(judge(None, Some(&facts), Some(&there)).0, ["static-glibc-nss possible"]);
    // musl loads nothing, a dynamic glibc finds its own libraries, and without cgo
    // nobody asks.
    let mut musl = linked(&["net"], "musl");
    musl.is_static = true;
    for other in [&musl, &linked(&["net"], "glibc"), &linked(&[], "none")] {
        assert_eq!(judge(Some(line), Some(other), None).0, [""; 0]);
        assert_eq!(judge(None, Some(other), Some(&there)).0, [""; 0]);
    }
}

#[test]
fn what_cgo_decides_in_the_standard_library() {
    let mut pure = linked(&[], "none");
    pure.uses = crate::binary::Uses { resolver: true, users: true, plugins: true };
    let mut cgo = linked(&["net", "os/user", "plugin"], "glibc");
    cgo.uses = pure.uses;
    for (line, without, with) in [
        ("plugin: not implemented", "plugin-needs-cgo certain", "plugin-needs-cgo likely"),
        (
            "user: Current requires cgo or $USER, $HOME set in environment",
            "user-lookup-no-cgo certain",
            "user-lookup-no-cgo likely",
        ),
        ("lookup printer.local on 10.0.0.1:53: no such host", "dns-resolver-mismatch possible", ""),
    ] {
        for line in [
            format!("2026/11/24 10:00:00 {line}\n"),
            format!("panic: {line}\n\ngoroutine 1 [running]:\nmain.main()\n\t/a/m.go:5 +0x1d\n"),
        ] {
            assert_eq!(judge(Some(&line), Some(&pure), None).0, [without], "{line}");
            let with: Vec<&str> = Some(with).filter(|with| !with.is_empty()).into_iter().collect();
            assert_eq!(judge(Some(&line), Some(&cgo), None).0, with, "{line}");
        }
    }
    // Windows resolves by itself.
    let mut windows = linked(&[], "none");
    windows.goos = Some(Fact::new(Goos::Windows, "build info"));
    let line = "lookup printer.local on 10.0.0.1:53: no such host\n";
    assert_eq!(judge(Some(line), Some(&windows), None).0, [""; 0]);
    // Without a log: what the host has beside files and DNS.
    let mut there = with_files(host(Goarch::Amd64, "x86_64", None), &[("/etc/passwd", true)]);
    assert_eq!(judge(None, Some(&pure), Some(&there)).0, ["plugin-needs-cgo possible"]);
    there.libraries =
        ["libnss_mdns4_minimal.so.2", "libnss_sss.so.2"].map(|name| (name.to_owned(), true)).into();
    let all = ["plugin-needs-cgo possible", "user-lookup-no-cgo possible", "dns-resolver-mismatch possible"];
    assert_eq!(judge(None, Some(&pure), Some(&there)).0, all);
    assert_eq!(judge(None, Some(&cgo), Some(&there)).0, [""; 0]);
    let bare = with_files(host(Goarch::Amd64, "x86_64", None), &[("/etc/passwd", false)]);
    pure.uses.plugins = false;
    assert_eq!(judge(None, Some(&pure), Some(&bare)).0, ["user-lookup-no-cgo possible"]);
}

#[test]
fn a_missing_resolv_conf() {
    let line = "ERROR lookup db on [::1]:53: read udp [::1]:4->[::1]:53: read: connection refused\n";
    let local =
        "ERROR lookup localhost on [::1]:53: dial udp [::1]:53: connect: cannot assign requested address\n";
    let on = |there| with_files(host(Goarch::Amd64, "x86_64", None), &[("/etc/resolv.conf", there)]);
    for (line, host, confidence) in [
        (line, None, "possible"),
        (local, None, "likely"),
        (line, Some(on(false)), "certain"),
        (local, Some(on(true)), "possible"),
    ] {
        let wanted = format!("dns-resolver-mismatch {confidence}");
        assert_eq!(judge(Some(line), None, host.as_ref()).0, [wanted], "{line}");
    }
}

#[test]
fn stubs_of_packages_without_cgo() {
    for line in [
        "SQLite storage is not available: binary compiled without CGO support. Recompile with CGO_ENABLED=1 or use a different storage backend.",
        "panic: BLS signature is only supported with cgo, rebuild with CGO_ENABLED=1\n\n\ngoroutine 1 [running]:\nmain.main()\n\t/a/m.go:5 +0x1d",
        "level=error msg=\"Locks are not supported without cgo\"",
        "go-libddwaf is disabled when cgo is disabled unless you compile with the go build tag `appsec`.",
    ] {
        let crash = crash(&format!("{line}\n"));
        let found = diagnose(&Case { crash: Some(&crash), ..Case::default() }).findings.remove(0);
        assert_eq!((found.fault, found.confidence), ("cgo-package-disabled", Confidence::Certain), "{line}");
        assert!(!found.claim.contains("sqlite3 needs cgo"), "{}", found.claim);
    }
}

#[test]
fn pointers_are_a_matter_of_cgo() {
    let log = "panic: runtime error: cgo argument has Go pointer to unpinned Go pointer\n\ngoroutine 1 [running]:\nmain.main()\n\t/a/m.go:5 +0x1d\n";
    assert_eq!(
        judge(Some(log), None, None),
        (vec!["cgo-pointer-rules certain".to_owned()], Verdict::ProgramBug)
    );
    assert_eq!(judge(Some(log), Some(&linked(&[], "none")), None).0, [""; 0]);
    // The same words in a message of the program's own.
    let own = log.replace("runtime error: ", "");
    assert_eq!(judge(Some(&own), None, None).0, [""; 0]);
}
