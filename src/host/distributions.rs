//! Base images and distributions by name: which C library they have.

use super::libc::{Libc, LibcKind};

pub struct Distribution {
    /// As images are tagged: `debian:12`.
    pub name: &'static str,
    pub title: &'static str,
    kind: LibcKind,
    version: &'static str,
}

const fn glibc(name: &'static str, title: &'static str, version: &'static str) -> Distribution {
    Distribution { name, title, kind: LibcKind::Glibc, version }
}

/// The version of the C library is that of the release, which keeps it for its
/// life; Alpine, whose releases differ in musl's last digit, is told without.
pub const DISTRIBUTIONS: &[Distribution] = &[
    glibc("debian:10", "Debian 10 (buster)", "2.28"),
    glibc("debian:11", "Debian 11 (bullseye)", "2.31"),
    glibc("debian:12", "Debian 12 (bookworm)", "2.36"),
    glibc("debian:13", "Debian 13 (trixie)", "2.41"),
    glibc("ubuntu:20.04", "Ubuntu 20.04", "2.31"),
    glibc("ubuntu:22.04", "Ubuntu 22.04", "2.35"),
    glibc("ubuntu:24.04", "Ubuntu 24.04", "2.39"),
    glibc("rhel:7", "Red Hat Enterprise Linux 7 (CentOS 7)", "2.17"),
    glibc("rhel:8", "Red Hat Enterprise Linux 8 (Rocky, Alma)", "2.28"),
    glibc("rhel:9", "Red Hat Enterprise Linux 9 (Rocky, Alma)", "2.34"),
    glibc("amazonlinux:2", "Amazon Linux 2", "2.26"),
    glibc("amazonlinux:2023", "Amazon Linux 2023", "2.34"),
    Distribution { name: "alpine", title: "Alpine Linux", kind: LibcKind::Musl, version: "" },
    Distribution { name: "scratch", title: "an empty image (scratch)", kind: LibcKind::None, version: "" },
];

/// By name, or by the name of a rebuild.
pub(super) fn find(name: &str) -> Option<&'static Distribution> {
    let lower = name.to_ascii_lowercase();
    let (family, release) = lower.split_once(':').unwrap_or((&lower, ""));
    let family = match family {
        "centos" | "rocky" | "rockylinux" | "alma" | "almalinux" | "ubi" => "rhel",
        "alpine" => return DISTRIBUTIONS.iter().find(|row| row.name == "alpine"),
        other => other,
    };
    let release = match (family, release) {
        ("debian", "buster") => "10",
        ("debian", "bullseye") => "11",
        ("debian", "bookworm") => "12",
        ("debian", "trixie") => "13",
        ("ubuntu", "focal") => "20.04",
        ("ubuntu", "jammy") => "22.04",
        ("ubuntu", "noble") => "24.04",
        (_, release) => release.strip_suffix("-slim").unwrap_or(release),
    };
    let wanted = if release.is_empty() { family.to_owned() } else { format!("{family}:{release}") };
    DISTRIBUTIONS.iter().find(|row| row.name == wanted)
}

impl Distribution {
    pub fn libc(&self) -> Libc {
        Libc::new(self.kind, Some(self.version).filter(|version| !version.is_empty()))
    }
}
