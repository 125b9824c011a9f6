use super::*;
use crate::binary::Fact;
use crate::host::ArmCpu;
use crate::target::{Goarch, Goos};

fn host(text: &str) -> Host {
    let mut host = Host::default();
    assert!(read(text, &mut host, &|line, what| format!("pi.txt:{line} ({what})")), "nothing recognised");
    host
}

fn text(fact: &Option<Fact<String>>) -> &str {
    fact.as_ref().map_or("", |fact| &fact.value)
}

/// Raspberry Pi Model B, Raspbian 11.
const PI: &str = "$ cat /proc/cpuinfo
processor\t: 0
model name\t: ARMv6-compatible processor rev 7 (v6l)
BogoMIPS\t: 697.95
Features\t: half thumb fastmult vfp edsp java tls 
CPU implementer\t: 0x41
CPU architecture: 7
CPU variant\t: 0x0
CPU part\t: 0xb76
CPU revision\t: 7

Hardware\t: BCM2835
Revision\t: 000e
Serial\t\t: 0000000000000000
Model\t\t: Raspberry Pi Model B Rev 2
$ uname -a
Linux raspberrypi 6.1.21+ #1642 Mon Apr  3 17:19:14 BST 2023 armv6l GNU/Linux
$ ldd --version
ldd (Debian GLIBC 2.31-13+rpt2+rpi1+deb11u5) 2.31
Copyright (C) 2020 Free Software Foundation, Inc.
";

#[test]
fn pi_zero_is_an_armv6_whatever_it_prints() {
    let pi = host(PI);
    assert_eq!(pi.goos, Some(Fact::new(Goos::Linux, "pi.txt:17 (uname)")));
    assert_eq!(pi.arch, Some(Fact::new(Goarch::Arm, "pi.txt:17 (uname machine)")));
    assert_eq!(text(&pi.kernel), "6.1.21+");
    assert_eq!(pi.cpu_features.as_ref().unwrap().from, "pi.txt:5 (cpuinfo Features)");
    assert_eq!(pi.cpu_features.as_ref().unwrap().value.len(), 7);
    assert_eq!(text(&pi.cpu_architecture), "7");
    assert_eq!(
        pi.libc,
        Some(Fact::new(Libc::new(LibcKind::Glibc, Some("2.31")), "pi.txt:19 (ldd --version)"))
    );
    let level = pi.arm_level().unwrap();
    assert_eq!(level.value, ArmCpu { version: 6, vfp: true, vfpv3: false });
    assert_eq!(
        level.from,
        "ARMv6: pi.txt:17 (uname machine) says armv6l, pi.txt:3 (cpuinfo model name) says \
         ARMv6-compatible processor rev 7 (v6l); against it pi.txt:7 (cpuinfo CPU architecture) says 7; \
         the lower version counts (Linux prints `CPU architecture: 7` for an ARM1176); \
         floating point by pi.txt:5 (cpuinfo Features)"
    );
    // The parts that matter, one at a time.
    for left_out in ["uname", "Linux", "model name"] {
        let rest: String =
            PI.lines().filter(|line| !line.contains(left_out)).map(|l| format!("{l}\n")).collect();
        assert_eq!(host(&rest).arm_level().unwrap().value.version, 6, "without {left_out}");
    }
}

#[test]
fn pi_3_in_32_bit_mode() {
    let pi = host(
        "processor\t: 0
model name\t: ARMv7 Processor rev 4 (v7l)
BogoMIPS\t: 89.60
Features\t: half thumb fastmult vfp edsp neon vfpv3 tls vfpv4 idiva idivt vfpd32 lpae evtstrm crc32
CPU implementer\t: 0x41
CPU architecture: 7
CPU variant\t: 0x0
CPU part\t: 0xd03
CPU revision\t: 4

Hardware\t: BCM2835
Linux pi3 4.19.66-v7+ #1253 SMP Thu Aug 15 11:49:46 BST 2019 armv7l GNU/Linux\r\n",
    );
    assert_eq!(pi.arm_level().unwrap().value, ArmCpu { version: 7, vfp: true, vfpv3: true });
    assert_eq!(text(&pi.machine), "armv7l");
    assert_eq!(text(&pi.cpu_model), "ARMv7 Processor rev 4 (v7l)");
}

#[test]
fn server_with_cortex_a72() {
    let server = host(
        "root@a72:~# cat /proc/cpuinfo
processor\t: 0
BogoMIPS\t: 100.00
Features\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid
CPU implementer\t: 0x41
CPU architecture: 8
CPU variant\t: 0x0
CPU part\t: 0xd08
CPU revision\t: 3
root@a72:~# uname -a
Linux a72 5.15.0-1034-aws #38-Ubuntu SMP Mon Mar 20 15:41:27 UTC 2023 aarch64 aarch64 aarch64 GNU/Linux
root@a72:~# getconf PAGESIZE
65536
",
    );
    assert_eq!(server.arm_level().unwrap().value, ArmCpu { version: 8, vfp: true, vfpv3: true });
    assert_eq!(server.arch.as_ref().unwrap().value, Goarch::Arm64);
    assert_eq!(
        server.cpu_model,
        Some(Fact::new("Cortex-A72".to_owned(), "pi.txt:8 (cpuinfo CPU part 0xd08)"))
    );
    assert_eq!(server.page_size, Some(Fact::new(65536, "pi.txt:13 (getconf PAGESIZE)")));
    assert!(!server.cpu_features.unwrap().value.contains(&"atomics".to_owned()));
}

#[test]
fn x86_by_cpuinfo_and_by_lscpu() {
    let cpuinfo = host(
        "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel\t\t: 15\n\
         model name\t: Intel(R) Core(TM)2 Duo CPU     T7700  @ 2.40GHz\n\
         flags\t\t: fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2 ss syscall nx lm constant_tsc pni ssse3 cx16 lahf_lm\n\
         bugs\t\t: cpu_meltdown spectre_v1\n\nPRETTY_NAME=\"Debian GNU/Linux 10 (buster)\"\nNAME=\"Debian GNU/Linux\"\n",
    );
    let flags = &cpuinfo.cpu_features.as_ref().unwrap().value;
    assert_eq!(crate::target::highest_amd64_level(flags), "v1");
    assert_eq!(crate::target::missing_amd64_features("v2", flags), ["popcnt", "sse4_1", "sse4_2"]);
    assert_eq!(text(&cpuinfo.distribution), "Debian GNU/Linux 10 (buster)");
    assert_eq!(cpuinfo.arm_level(), None);
    let lscpu = host(
        "Architecture:            x86_64
  CPU op-mode(s):        32-bit, 64-bit
  Byte Order:            Little Endian
CPU(s):                  2
  Model name:            AMD EPYC
    Model:               1
    Flags:               fpu vme sse2 avx2
",
    );
    assert_eq!(lscpu.arch, Some(Fact::new(Goarch::Amd64, "pi.txt:1 (lscpu Architecture)")));
    assert_eq!(text(&lscpu.cpu_model), "AMD EPYC");
    assert_eq!(lscpu.cpu_features.unwrap().value, ["fpu", "vme", "sse2", "avx2"]);
}

#[test]
fn musl_and_getconf() {
    let alpine = host(
        "musl libc (x86_64)\nVersion 1.2.3\nDynamic Program Loader\nUsage: ldd [options] [--] pathname\n",
    );
    assert_eq!(alpine.libc.unwrap().value.to_string(), "musl 1.2.3");
    assert_eq!(host("musl libc (armhf)").libc.unwrap().value.to_string(), "musl");
    let debian = host("glibc 2.36\nPAGE_SIZE 4096\nx86_64\n");
    assert_eq!(debian.libc.unwrap().value.to_string(), "glibc 2.36");
    assert_eq!(debian.page_size.unwrap().value, 4096);
    assert_eq!(debian.arch.unwrap().value, Goarch::Amd64);
}

#[test]
fn other_architectures() {
    let visionfive = host("hart\t\t: 1\nisa\t\t: rv64imafdc_zba_zbb\nmmu\t\t: sv39\n");
    assert_eq!(visionfive.cpu_features.unwrap().value, ["rv64imafdc", "zba", "zbb"]);
    let power = host("processor\t: 0\ncpu\t\t: POWER8 (architected), altivec supported\n");
    assert_eq!(text(&power.cpu_model), "POWER8 (architected), altivec supported");
    let z = host("vendor_id       : IBM/S390\nfeatures\t: esan3 zarch stfle msa ldisp eimm dfp vx \n");
    assert!(z.cpu_features.unwrap().value.contains(&"vx".to_owned()));
    let router = "Linux OpenWrt 5.15.150 #0 Fri Mar 22 22:09:42 2024 mips GNU/Linux\n";
    assert_eq!(host(router).arch, None);
    assert_eq!(host(&format!("{router}Byte Order: Little Endian\n")).arch.unwrap().value, Goarch::Mipsle);
}

#[test]
fn hostile_lines_are_passed_over() {
    let mut host = Host::default();
    let long = format!("flags : {}\n", "a ".repeat(MOST_OF_A_LINE));
    let place = |_: usize, _: &str| String::new();
    assert!(!read(&long, &mut host, &place));
    assert!(!read(
        "flags:\n:\n::\n=\nPRETTY_NAME=\nldd (\nLinux a\ngetconf PAGESIZE\nx\n4095\n",
        &mut host,
        &place
    ));
    assert_eq!(host, Host::default());
    assert!(read(&format!("flags:{}", " x".repeat(9000)), &mut host, &place));
    assert_eq!(host.cpu_features.unwrap().value.len(), MOST_FEATURES);
}
