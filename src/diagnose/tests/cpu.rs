//! Levels against processors, and what only looks like it.

use super::*;

fn features(arch: Goarch, machine: &str, list: &str) -> Host {
    host(arch, machine, Some(list))
}

fn model(arch: Goarch, machine: &str, model: &str) -> Host {
    Host { cpu_model: Some(Fact::new(model.to_owned(), "card")), ..host(arch, machine, None) }
}

fn of_go(arch: Goarch, level: &str, version: &str) -> Facts {
    Facts { go_version: Some(Fact::new(version.to_owned(), "build info")), ..elf(arch, level) }
}

/// With a death by SIGILL, and of executable and host alone.
fn both(facts: &Facts, host: Option<&Host>) -> [String; 2] {
    [Some(SIGILL), None].map(|log| judge(log, Some(facts), host).0.join(", "))
}

const A72: &str = "fp asimd evtstrm crc32 cpuid";
const A76: &str = "fp asimd evtstrm crc32 atomics cpuid";

#[test]
fn lse_of_arm64() {
    let certain = ["goarm64-level certain"; 2];
    let a72 = features(Goarch::Arm64, "aarch64", A72);
    assert_eq!(both(&elf(Goarch::Arm64, "v8.1"), Some(&a72)), certain);
    assert_eq!(both(&elf(Goarch::Arm64, "v8.0,lse"), Some(&a72)), certain);
    assert_eq!(both(&elf(Goarch::Arm64, "v8.0,crypto"), Some(&a72)), [""; 2]);
    assert_eq!(both(&elf(Goarch::Arm64, "v9.2"), Some(&features(Goarch::Arm64, "aarch64", A76))), [""; 2]);
    // Nobody described the host, or the list is that of the machine that emulates it.
    let possible = ["goarm64-level possible", ""];
    assert_eq!(both(&elf(Goarch::Arm64, "v8.1"), None), possible);
    assert_eq!(both(&elf(Goarch::Arm64, "v8.0"), None), [""; 2]);
    let emulated = features(Goarch::Arm64, "aarch64", "fpu vme pse tsc sse2");
    let [killed, alone] = both(&elf(Goarch::Arm64, "v8.1"), Some(&emulated));
    assert!(killed.contains("goarm64-level possible") && !killed.contains("certain"), "{killed}");
    assert_eq!(alone, "");
    // A level that was guessed from the code is not certain.
    let mut guessed = elf(Goarch::Arm64, "v8.1");
    guessed.level.in_force = guessed.level.in_force.map(Fact::strong);
    assert_eq!(both(&guessed, Some(&a72)), ["goarm64-level likely"; 2]);
    // A trace proves that it ran; another signal is no missing instruction.
    let trace = "panic: x\n\ngoroutine 1 [running]:\nmain.main()\n\t/a/main.go:5 +0x1d\n";
    for log in [trace, "Segmentation fault\n"] {
        assert_eq!(judge(Some(log), Some(&elf(Goarch::Arm64, "v8.1")), Some(&a72)).0, [""; 0], "{log}");
    }
}

#[test]
fn power_riscv_mips_and_386() {
    let power =
        |name: &str| model(Goarch::Ppc64le, "ppc64le", &format!("{name} (architected), altivec supported"));
    assert_eq!(both(&elf(Goarch::Ppc64le, "power9"), Some(&power("POWER8"))), ["goppc64-level certain"; 2]);
    assert_eq!(both(&elf(Goarch::Ppc64le, "power8"), Some(&power("POWER7"))), ["goppc64-level certain"; 2]);
    assert_eq!(both(&elf(Goarch::Ppc64le, "power9"), Some(&power("POWER10"))), [""; 2]);

    let riscv = |list| features(Goarch::Riscv64, "riscv64", list);
    let rva22 = of_go(Goarch::Riscv64, "rva22u64", "go1.23.9");
    let u54 = "rv64imafdc zicntr zicsr zifencei zihpm";
    assert_eq!(both(&rva22, Some(&riscv(u54))), ["goriscv64-level certain"; 2]);
    // What an older kernel does not list may be there.
    assert_eq!(
        both(&rva22, Some(&riscv("rv64imafdc"))),
        ["goriscv64-level likely", "goriscv64-level possible"]
    );
    // Compressed instructions came with 1.26.
    for (version, found) in [("go1.25.5", ""), ("go1.26.6", "goriscv64-level certain")] {
        let facts = of_go(Goarch::Riscv64, "rva20u64", version);
        assert_eq!(both(&facts, Some(&riscv("rv64imafd zicsr"))), [found; 2], "{version}");
    }

    let router = model(Goarch::Mips, "mips", "MIPS 24Kc V7.4");
    let hard = elf(Goarch::Mips, "hardfloat");
    assert_eq!(both(&hard, Some(&router)), ["gomips-float likely", "gomips-float possible"]);
    assert_eq!(both(&elf(Goarch::Mips, "softfloat"), Some(&router)), [""; 2]);
    assert_eq!(both(&hard, Some(&model(Goarch::Mips, "mips", "MIPS 24Kc V0.0  FPU V0.0"))), [""; 2]);

    let x86 = |list| features(Goarch::I386, "i686", list);
    let pentium3 = "fpu de pse tsc cx8 mmx sse";
    assert_eq!(both(&elf(Goarch::I386, "sse2"), Some(&x86(pentium3))), ["go386-old-cpu certain"; 2]);
    assert_eq!(both(&elf(Goarch::I386, "softfloat"), Some(&x86(pentium3))), [""; 2]);
    assert_eq!(both(&elf(Goarch::I386, "softfloat"), Some(&x86("fpu pse"))), ["go386-old-cpu certain"; 2]);
}

#[test]
fn vector_facility() {
    let z10 = features(Goarch::S390x, "s390x", "esan3 zarch stfle msa");
    let exit = |facts: &Facts, host: &Host| {
        let remark = crate::trace::supervisor::exit_code("1").unwrap().unwrap();
        let mut crashes = Vec::new();
        trace::ended(&mut crashes, remark);
        let binary = Some(Subject { path: "app", facts, fit: None });
        let found = diagnose(&Case { crash: crashes.first(), binary, host: Some(host) }).findings;
        found.iter().map(|finding| finding.fault).collect::<Vec<_>>()
    };
    assert_eq!(exit(&of_go(Goarch::S390x, "", "go1.22.10"), &z10), ["s390x-facilities"]);
    // Go 1.21 does not look.
    assert_eq!(exit(&of_go(Goarch::S390x, "", "go1.21.13"), &z10), [""; 0]);
    let z13 = features(Goarch::S390x, "s390x", "esan3 zarch stfle msa vx");
    assert_eq!(exit(&of_go(Goarch::S390x, "", "go1.22.10"), &z13), [""; 0]);
}

#[test]
fn thirty_two_bits_on_sixty_four() {
    let refused = "bash: line 1: ./app: cannot execute binary file: Exec format error\n";
    let modes = |bits: &[u8]| Host {
        cpu_bits: Some(Fact::new(bits.to_vec(), "lscpu")),
        ..features(Goarch::Arm64, "aarch64", A76)
    };
    let arm = elf(Goarch::Arm, "7");
    for (log, host, found) in [
        (Some(refused), modes(&[64]), "compat32-missing certain"),
        (None, modes(&[64]), "compat32-missing certain"),
        (Some(refused), modes(&[32, 64]), ""),
        (None, modes(&[32, 64]), ""),
    ] {
        assert_eq!(judge(log, Some(&arm), Some(&host)).0.join(", "), found, "{:?}", host.cpu_bits);
    }
    // lscpu of an x86 machine tells of the CPU alone.
    let x86 = Host { cpu_bits: Some(Fact::new(vec![64], "lscpu")), ..host(Goarch::Amd64, "x86_64", None) };
    assert_eq!(judge(None, Some(&elf(Goarch::I386, "sse2")), Some(&x86)).0, [""; 0]);
}

#[test]
fn emulators_are_not_blamed_where_the_cause_is_known() {
    let log = "qemu: uncaught target signal 4 (Illegal instruction) - core dumped\nIllegal instruction\n";
    let a72 = features(Goarch::Arm64, "aarch64", A72);
    assert_eq!(judge(Some(log), Some(&elf(Goarch::Arm64, "v8.1")), Some(&a72)).0, ["goarm64-level certain"]);
    assert_eq!(
        judge(Some(log), Some(&elf(Goarch::Arm64, "v8.0")), Some(&a72)).0,
        ["emulator-crash possible"]
    );
    assert_eq!(judge(Some(SIGILL), Some(&elf(Goarch::Arm64, "v8.0")), Some(&a72)).0, [""; 0]);
}
