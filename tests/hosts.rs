//! Texts about machines, as `--host FILE` reads them. Those in corpus/hosts were
//! captured from the tools: on a Debian 12 machine, and below qemu-user for other
//! processors. Those of systems that cannot be run here are as people published them.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use panicmap::host::{self, Bound, Host, Wanted};
use panicmap::target::{Goarch, Goos};

fn captured(name: &str) -> Host {
    let path = format!("{}/corpus/hosts/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    host::open(&path, &Wanted::default()).unwrap()
}

fn published(text: &str) -> Host {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("panicmap-hosts-{}-{number}.txt", std::process::id()));
    std::fs::write(&path, text).unwrap();
    let host = host::open(path.to_str().unwrap(), &Wanted::default());
    std::fs::remove_file(&path).unwrap();
    host.unwrap()
}

fn value<T: Clone>(fact: &Option<panicmap::binary::Fact<T>>) -> Option<T> {
    fact.as_ref().map(|fact| fact.value.clone())
}

fn features(host: &Host) -> String {
    value(&host.cpu_features).unwrap_or_default().join(" ")
}

#[test]
fn debian_12_in_full() {
    let host = captured("debian-12-vm");
    assert_eq!(host.conflicts, []);
    assert_eq!(value(&host.machine).as_deref(), Some("x86_64"));
    assert_eq!(value(&host.cpu_bits), Some(vec![32, 64]));
    assert_eq!(value(&host.cpu_vendor).as_deref(), Some("AuthenticAMD"));
    assert_eq!((value(&host.userland_bits), value(&host.page_size)), (Some(64), Some(4096)));
    // getconf, ldd and dpkg say the same in three forms.
    assert_eq!(value(&host.libc).unwrap().to_string(), "glibc 2.36");
    assert_eq!(value(&host.max_processes), Some(Bound::Of(96364)));
    assert_eq!(value(&host.address_space), Some(Bound::Unlimited));
}

#[test]
fn limits_in_four_forms() {
    for name in ["ulimit-bash", "ulimit-dash", "ulimit-busybox", "limits-proc"] {
        let host = captured(name);
        let limits = (value(&host.max_processes), value(&host.address_space));
        assert_eq!(limits, (Some(Bound::Of(5000)), Some(Bound::Of(4_096_000_000))), "{name}");
    }
    let pids = |text: &str| value(&published(text).pids_max);
    assert_eq!(pids("$ cat /sys/fs/cgroup/pids.max\n2048\n"), Some(Bound::Of(2048)));
    assert_eq!(pids("# cat /sys/fs/cgroup/pids.max\nmax\n"), Some(Bound::Unlimited));
    assert_eq!(pids("/sys/fs/cgroup/pids.max:100\n"), Some(Bound::Of(100)));
}

#[test]
fn the_auxiliary_vector_names_features() {
    let cortex_a7 = "swp half thumb fastmult vfp edsp thumbee neon vfpv3 tls vfpv4 idiva idivt vfpd32 lpae";
    // glibc's names, and the kernel's bits.
    for name in ["auxv-arm", "auxv-arm-hexdump"] {
        let host = captured(name);
        assert_eq!((features(&host).as_str(), value(&host.page_size)), (cortex_a7, Some(4096)), "{name}");
    }
    let arm = captured("auxv-arm-hexdump").arm_level().unwrap();
    assert_eq!((arm.value.version, arm.value.vfpv3), (7, true));
    let n1 = captured("auxv-arm64");
    let names = "fp asimd aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp";
    assert_eq!((features(&n1).as_str(), value(&n1.userland)), (names, Some(Goarch::Arm64)));
    // A Cortex-A72 has no atomics.
    assert_eq!(features(&captured("auxv-arm64-xxd")), "fp asimd aes pmull sha1 sha2 crc32 cpuid");
    let power9 = "vsx arch_2_06 dfp fpu altivec ppc64 darn ieee128 arch_3_00 vcrypto tar isel arch_2_07";
    assert_eq!(features(&captured("auxv-ppc64le")), power9);
    assert_eq!(features(&captured("auxv-riscv64")), "rv64imafdc");
    let z = captured("auxv-s390x");
    assert_eq!(features(&z), "esan3 zarch stfle msa ldisp eimm etf3eh highgprs vx vxe");
    assert_eq!(value(&z.libc).unwrap().to_string(), "glibc 2.36");
}

#[test]
fn the_c_library_by_tool_and_by_package() {
    let libc = |text: &str| value(&published(text).libc).unwrap().to_string();
    for (text, expected) in [
        ("ldd (Ubuntu GLIBC 2.35-0ubuntu3.8) 2.35\n", "glibc 2.35"),
        ("ldd (GNU libc) 2.34\n", "glibc 2.34"),
        ("ldd (Gentoo 2.37-r7 (patchset 10)) 2.37\n", "glibc 2.37"),
        ("glibc-2.17-307.el7.1.x86_64\n", "glibc 2.17"),
        (
            "ii  libc6:armhf    2.31-13+rpt2+rpi1+deb11u5 armhf        GNU C Library: Shared libraries\n",
            "glibc 2.31",
        ),
        ("musl-1.2.3-r4 description:\nthe musl c library (libc) implementation\n", "musl 1.2.3"),
    ] {
        assert_eq!(libc(text), expected, "{text}");
    }
    // The packages beside them are no C library.
    let host = published(
        "glibc-common-2.17-307.el7.1.x86_64\nglibc-langpack-en-2.34-60.el9.x86_64\nmusl-dev-1.2.3-r4\nx86_64\n",
    );
    assert_eq!(host.libc, None);
    let musl = published("musl libc (armhf)\nVersion 1.2.4\nDynamic Program Loader\n");
    assert_eq!(
        (value(&musl.userland), value(&musl.libc).unwrap().to_string()),
        (Some(Goarch::Arm), "musl 1.2.4".to_owned())
    );
}

#[test]
fn systems_that_are_not_linux() {
    let mac = published(
        "% sw_vers\nProductName:\t\tmacOS\nProductVersion:\t\t15.5\nBuildVersion:\t\t24F74\n% uname -m\narm64\n\
         % sysctl hw.optional machdep.cpu.brand_string\nhw.optional.arm.FEAT_FlagM: 1\nhw.optional.arm.FEAT_DotProd: 1\n\
         hw.optional.arm.FEAT_SHA3: 1\nhw.optional.arm.FEAT_LSE: 1\nhw.optional.arm.FEAT_SHA512: 1\n\
         hw.optional.arm.FEAT_SPECRES: 0\nhw.optional.arm.FEAT_SB: 0\nhw.optional.floatingpoint: 1\n\
         hw.optional.neon: 1\nhw.optional.armv8_crc32: 1\nhw.optional.armv8_1_atomics: 1\n\
         machdep.cpu.brand_string: Apple M1\n",
    );
    assert_eq!((value(&mac.goos), value(&mac.os_version).as_deref()), (Some(Goos::Darwin), Some("15.5")));
    assert_eq!((value(&mac.arch), value(&mac.cpu_model).as_deref()), (Some(Goarch::Arm64), Some("Apple M1")));
    assert_eq!(features(&mac), "asimddp sha3 atomics sha512 fp asimd crc32");

    let windows = published(
        "Host Name:                 APP1\nOS Name:                   Microsoft Windows 10 Pro\n\
         OS Version:                10.0.19045 N/A Build 19045\nOS Manufacturer:           Microsoft Corporation\n\
         System Type:               x64-based PC\n",
    );
    assert_eq!((value(&windows.goos), value(&windows.arch)), (Some(Goos::Windows), Some(Goarch::Amd64)));
    assert_eq!(value(&windows.os_version).as_deref(), Some("10.0.19045"));
    assert_eq!(value(&windows.distribution).as_deref(), Some("Microsoft Windows 10 Pro"));
    let ver = published("C:\\>ver\n\nMicrosoft Windows [Version 10.0.19045.4412]\n");
    assert_eq!(value(&ver.os_version).as_deref(), Some("10.0.19045.4412"));

    let bsd = published(
        "FreeBSD fbsd 13.2-RELEASE FreeBSD 13.2-RELEASE releng/13.2-n254617-525ecfdad597 GENERIC amd64\n\
         $ freebsd-version -u\n13.2-RELEASE-p3\n",
    );
    assert_eq!(
        (value(&bsd.goos), value(&bsd.kernel).as_deref()),
        (Some(Goos::Freebsd), Some("13.2-RELEASE"))
    );
    assert_eq!(value(&bsd.os_version).as_deref(), Some("13.2-RELEASE-p3"));
    assert_eq!(bsd.conflicts, []);
}

#[test]
fn machines_by_container_tools() {
    let docker = published(
        " Kernel Version: 5.15.0-122-generic\n Operating System: Ubuntu 22.04.5 LTS\n OSType: linux\n \
         Architecture: x86_64\n CPUs: 2\n",
    );
    assert_eq!((value(&docker.goos), value(&docker.arch)), (Some(Goos::Linux), Some(Goarch::Amd64)));
    assert_eq!(value(&docker.kernel).as_deref(), Some("5.15.0-122-generic"));
    assert_eq!(value(&docker.distribution).as_deref(), Some("Ubuntu 22.04.5 LTS"));
    // The client may be elsewhere.
    let version = published(
        "Client:\n Version:           28.2.2\n OS/Arch:           darwin/arm64\n\n\
         Server: Docker Engine - Community\n Engine:\n  OS/Arch:          linux/amd64\n",
    );
    assert_eq!((value(&version.goos), value(&version.arch)), (Some(Goos::Linux), Some(Goarch::Amd64)));
    let node = published(
        "NAME             STATUS   ROLES           AGE   VERSION   INTERNAL-IP    EXTERNAL-IP   OS-IMAGE         KERNEL-VERSION                       CONTAINER-RUNTIME\n\
         docker-desktop   Ready    control-plane   18h   v1.30.5   192.168.65.3   <none>        Docker Desktop   5.15.167.4-microsoft-standard-WSL2   docker://27.4.0\n",
    );
    assert_eq!(value(&node.kernel).as_deref(), Some("5.15.167.4-microsoft-standard-WSL2"));
    assert_eq!(value(&node.distribution).as_deref(), Some("Docker Desktop"));
    for text in [
        "    nodeInfo:\n      architecture: arm64\n      kernelVersion: 6.1.84\n      operatingSystem: linux\n      osImage: Bottlerocket OS 1.19.5\n",
        "    \"nodeInfo\": {\n      \"architecture\": \"arm64\",\n      \"kernelVersion\": \"6.1.84\",\n      \"operatingSystem\": \"linux\",\n      \"osImage\": \"Bottlerocket OS 1.19.5\"\n",
        "System Info:\n  Kernel Version:             6.1.84\n  OS Image:                   Bottlerocket OS 1.19.5\n  Operating System:           linux\n  Architecture:               arm64\n",
    ] {
        let node = published(text);
        assert_eq!(
            (value(&node.goos), value(&node.arch)),
            (Some(Goos::Linux), Some(Goarch::Arm64)),
            "{text}"
        );
        assert_eq!(
            (value(&node.kernel).as_deref(), value(&node.distribution).as_deref()),
            (Some("6.1.84"), Some("Bottlerocket OS 1.19.5"))
        );
    }
}

#[test]
fn lscpu_of_cores_without_32_bits() {
    let kunpeng = published(
        "Architecture:                       aarch64\nCPU op-mode(s):                     64-bit\n\
         Byte Order:                         Little Endian\nVendor ID:                          HiSilicon\n\
         BIOS Vendor ID:                     HiSilicon\nModel name:                         Kunpeng-920\n\
         BIOS Model name:                    HUAWEI Kunpeng 920 3210 To be filled by O.E.M. CPU @ 2.6GHz\n",
    );
    assert_eq!(
        (value(&kunpeng.cpu_bits), value(&kunpeng.cpu_vendor).as_deref()),
        (Some(vec![64]), Some("HiSilicon"))
    );
    assert_eq!(value(&kunpeng.cpu_model).as_deref(), Some("Kunpeng-920"));
}

#[test]
fn sources_that_disagree_are_both_kept() {
    let host = published(
        "Linux pi 6.1.21-v8+ #1642 SMP PREEMPT Mon Apr  3 17:24:16 BST 2023 aarch64 GNU/Linux\n\
         $ getconf LONG_BIT\n32\n$ dpkg --print-architecture\narmhf\n\
         ldd (Debian GLIBC 2.31-13+rpt2+rpi1+deb11u5) 2.31\nii  libc6:armhf 2.36-9+rpt2+deb12u4 armhf GNU C Library: Shared libraries\n\
         Linux other 5.10.103-v7l+ #1529 SMP Tue Mar 8 12:24:00 GMT 2022 armv7l GNU/Linux\n",
    );
    // A kernel of 64 bits below a system of 32 is no disagreement.
    assert_eq!(
        (value(&host.arch), value(&host.userland), value(&host.userland_bits)),
        (Some(Goarch::Arm64), Some(Goarch::Arm), Some(32))
    );
    let told: Vec<(&str, &str, &str)> = host
        .conflicts
        .iter()
        .map(|conflict| (conflict.what, conflict.kept.value.as_str(), conflict.other.value.as_str()))
        .collect();
    let expected = [
        ("libc", "glibc 2.31", "glibc 2.36"),
        ("kernel", "6.1.21-v8+", "5.10.103-v7l+"),
        ("machine", "aarch64", "armv7l"),
    ];
    assert_eq!(told, expected);
    let said = host.conflicts[2].to_string();
    assert!(
        said.starts_with("two sources disagree about machine: aarch64 (")
            && said.contains(":1 (uname machine)), armv7l ("),
        "{said}"
    );
}

#[test]
fn every_key_of_a_card() {
    let card = published(
        "platform = \"linux/arm64\"\nuserland = \"arm\"\nuserland_bits = 32\ncpu_bits = [64]\ncpu_vendor = \"ARM\"\n\
         os_version = \"15.5\"\nmax_processes = 100\npids_max = \"unlimited\"\naddress_space = 4096000000\n\
         entrypoint = [\"/app\"]\ncmd = [\"serve\"]\nuser = \"nobody\"\n[env]\nTZ = \"Europe/Berlin\"\n",
    );
    assert_eq!(value(&card.declared).unwrap().to_string(), "linux/arm64");
    assert_eq!((value(&card.userland), value(&card.userland_bits)), (Some(Goarch::Arm), Some(32)));
    assert_eq!(
        (value(&card.max_processes), value(&card.pids_max)),
        (Some(Bound::Of(100)), Some(Bound::Unlimited))
    );
    let image = value(&card.image).unwrap();
    assert_eq!((image.entrypoint, image.user.as_deref()), (vec!["/app".to_owned()], Some("nobody")));
}
