//! The C library of a machine: its kind and version, from text that it or its
//! tools print, or from the file itself without running it.

use std::fmt;
use std::sync::OnceLock;

use regex::bytes::Regex;

use super::files::Files;
use crate::binary::Fact;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LibcKind {
    Glibc,
    Musl,
    Bionic,
    /// There is none, as in an image made from scratch.
    None,
}

impl LibcKind {
    pub fn name(self) -> &'static str {
        match self {
            LibcKind::Glibc => "glibc",
            LibcKind::Musl => "musl",
            LibcKind::Bionic => "bionic",
            LibcKind::None => "none",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Libc {
    pub kind: LibcKind,
    pub version: Option<String>,
}

impl fmt::Display for Libc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name())?;
        self.version.iter().try_for_each(|version| write!(f, " {version}"))
    }
}

impl Libc {
    pub(super) fn new(kind: LibcKind, version: Option<&str>) -> Libc {
        Libc { kind, version: version.map(str::to_owned) }
    }

    /// `glibc 2.36`, `musl`, `none`: cards, and `getconf GNU_LIBC_VERSION`.
    pub(super) fn parse(text: &str) -> Option<Libc> {
        let (name, version) = match text.trim().split_once(' ') {
            Some((name, version)) => (name, Some(version.trim())),
            None => (text.trim(), None),
        };
        let kinds = [LibcKind::Glibc, LibcKind::Musl, LibcKind::Bionic, LibcKind::None];
        let kind = kinds.into_iter().find(|kind| kind.name() == name)?;
        let fits = match version {
            Some(version) => kind != LibcKind::None && is_version(version),
            None => true,
        };
        fits.then(|| Libc::new(kind, version))
    }

    /// `ldd (Debian GLIBC 2.31-13+deb11u5) 2.31`, or what the library prints
    /// when it is run: `GNU C Library (…) stable release version 2.36.`
    /// (up to 2.2x: `… release version 2.17, by Roland McGrath et al.`)
    pub(super) fn parse_banner(line: &str) -> Option<Libc> {
        let version = if line.starts_with("ldd (") {
            line.rsplit_once(' ')?.1
        } else {
            let rest = line.strip_prefix("GNU C Library ")?.split_once(" version ")?.1;
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            rest.get(..end)?.trim_end_matches('.')
        };
        is_version(version).then(|| Libc::new(LibcKind::Glibc, Some(version)))
    }
}

/// Digits, a dot, and no blanks.
pub(super) fn is_version(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.contains('.')
        && text.len() < 60
        && !text.contains(char::is_whitespace)
}

/// Largest part of a library that is searched. A libc.so.6 has 1 to 3 MB.
const MOST_OF_A_LIBRARY: u64 = 16 << 20;

/// Loaders of glibc, by machine (sysdeps/*/*/shlib-versions in glibc).
pub(super) const GLIBC_LOADERS: [&str; 13] = [
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/ld-linux-aarch64.so.1",
    "/lib/ld-linux-armhf.so.3",
    "/lib/ld-linux.so.3",
    "/lib/ld-linux.so.2",
    "/lib/ld-linux-riscv64-lp64d.so.1",
    "/lib64/ld64.so.2",
    "/lib64/ld64.so.1",
    "/lib/ld64.so.1",
    "/lib64/ld-linux-loongarch-lp64d.so.1",
    "/lib64/ld.so.1",
    "/lib/ld.so.1",
    "/lib64/ld-linux-aarch64.so.1",
];

/// The C library of the machine whose files these are. On a machine with
/// several the order is glibc, musl: the second is a guest there.
pub(super) fn find(files: &dyn Files, machine: Option<&str>) -> Option<Fact<Libc>> {
    let fact = |kind, version: Option<&str>, path: &str| {
        Some(Fact::new(Libc::new(kind, version), files.place(path)))
    };
    let glibc_loader = GLIBC_LOADERS.iter().find(|path| files.exists(path) == Some(true));
    // Programs that bring a glibc of their own put it elsewhere; a libc.so.6
    // in these directories without its loader (a sysroot for cross
    // compilation) is not this machine's.
    if glibc_loader.is_some() {
        for directory in libc_directories(files, machine) {
            let path = format!("{directory}/libc.so.6");
            if let Some(version) =
                files.bytes(&path, MOST_OF_A_LIBRARY).and_then(|bytes| glibc_version(&bytes))
            {
                return fact(LibcKind::Glibc, Some(&version), &path);
            }
        }
    }
    let lib = files.listing("/lib");
    let musl = lib.names.iter().find(|name| name.starts_with("ld-musl-") && name.ends_with(".so.1"));
    if let Some(name) = musl {
        let path = format!("/lib/{name}");
        let version = files.bytes(&path, MOST_OF_A_LIBRARY).and_then(|bytes| musl_version(&bytes));
        return fact(LibcKind::Musl, version.as_deref(), &path);
    }
    if let Some(path) = glibc_loader {
        return fact(LibcKind::Glibc, None, path);
    }
    for path in ["/system/bin/linker64", "/system/bin/linker"] {
        if files.exists(path) == Some(true) {
            return fact(LibcKind::Bionic, None, path);
        }
    }
    // NixOS and Guix have a glibc, but where only their own programs find it.
    let elsewhere = ["/nix/store", "/gnu/store"].iter().any(|store| files.exists(store) != Some(false));
    let elsewhere = elsewhere || GLIBC_LOADERS.iter().any(|path| files.exists(path).is_none());
    (lib.complete && !elsewhere).then(|| {
        let from = files.place("no loader in /lib, /lib64 and /system/bin");
        Fact::new(Libc::new(LibcKind::None, None), from)
    })
}

/// The machine's own multiarch directory first, then that of the 32-bit
/// machine it can be: a 64-bit kernel below a 32-bit system is the default of
/// Raspberry Pi OS. A cross compiler may have put libraries of yet other
/// machines beside them.
fn libc_directories(files: &dyn Files, machine: Option<&str>) -> Vec<String> {
    // Debian's names (wiki.debian.org/Multiarch/Tuples) are not `uname -m`'s.
    let own: &[&str] = match machine.unwrap_or_default() {
        "x86_64" => &["x86_64-", "i386-"],
        "i386" | "i486" | "i586" | "i686" => &["i386-"],
        "aarch64" | "armv8l" => &["aarch64-", "arm-"],
        "ppc64le" => &["powerpc64le-"],
        "ppc64" => &["powerpc64-"],
        "riscv64" => &["riscv64-"],
        "s390x" => &["s390x-"],
        "loongarch64" => &["loongarch64-"],
        mips if mips.starts_with("mips") => &["mips"],
        arm if arm.starts_with("armv") => &["arm-"],
        _ => &[],
    };
    let multiarch = files.multiarch();
    let matching = own.iter().flat_map(|prefix| {
        let named = move |directory: &&String| {
            directory.rsplit_once('/').is_some_and(|(_, name)| name.starts_with(prefix))
        };
        multiarch.iter().filter(named).cloned()
    });
    matching.chain(["/lib64", "/usr/lib64", "/lib", "/usr/lib"].map(str::to_owned)).collect()
}

/// From the sentence that the library prints when it is run (glibc
/// csu/version.c).
fn glibc_version(library: &[u8]) -> Option<String> {
    let at = memchr::memmem::find(library, b"GNU C Library ")?;
    let rest = library.get(at..)?;
    let line = rest.get(..300).unwrap_or(rest).split(|byte| *byte == b'\n' || *byte == 0).next()?;
    Libc::parse_banner(&String::from_utf8_lossy(line))?.version
}

/// musl prints its version through a format (ldso/dynlink.c), so the number
/// stands alone, as the string `__libc_version` (src/internal/version.c). It
/// counts only when no other string has its form.
fn musl_version(library: &[u8]) -> Option<String> {
    static VERSION: OnceLock<Option<Regex>> = OnceLock::new();
    memchr::memmem::find(library, b"musl libc (")?;
    let pattern = r"(?-u)\x00([01]\.\d{1,2}\.\d{1,2}(?:-git-[0-9a-g-]{1,40})?)\x00";
    let regex = VERSION.get_or_init(|| Regex::new(pattern).ok()).as_ref()?;
    let mut found = regex.captures_iter(library).filter_map(|captures| captures.get(1));
    let version = found.next()?;
    found.next().is_none().then(|| String::from_utf8_lossy(version.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glibc(version: &str) -> Option<Libc> {
        Some(Libc::new(LibcKind::Glibc, Some(version)))
    }

    #[test]
    fn banners_of_glibc() {
        assert_eq!(Libc::parse_banner("ldd (Debian GLIBC 2.31-13+rpt2+rpi1+deb11u5) 2.31"), glibc("2.31"));
        assert_eq!(Libc::parse_banner("ldd (GNU libc) 2.34"), glibc("2.34"));
        let debian = "GNU C Library (Debian GLIBC 2.36-9+deb12u14) stable release version 2.36.";
        assert_eq!(Libc::parse_banner(debian), glibc("2.36"));
        let centos = "GNU C Library (GNU libc) stable release version 2.17, by Roland McGrath et al.";
        assert_eq!(Libc::parse_banner(centos), glibc("2.17"));
        assert_eq!(Libc::parse_banner("ldd (GNU libc) unknown"), None);
        assert_eq!(Libc::parse_banner("GNU C Library Reference Manual"), None);
    }

    #[test]
    fn names_on_cards() {
        assert_eq!(Libc::parse("musl 1.2.3").unwrap().to_string(), "musl 1.2.3");
        assert_eq!(Libc::parse("none"), Some(Libc::new(LibcKind::None, None)));
        assert_eq!(Libc::parse("none 2.3"), None);
        assert_eq!(Libc::parse("glibc two"), None);
        assert_eq!(Libc::parse("uclibc 0.9"), None);
    }

    #[test]
    fn versions_in_the_files() {
        let glibc = b"\0\x7fELF\0GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.\nCopyright";
        assert_eq!(glibc_version(glibc), Some("2.36".to_owned()));
        assert_eq!(glibc_version(b"GNU C Library "), None);
        let musl = b"musl libc (x86_64)\nVersion %s\n\0/proc/self/fd/\x001.2.3\0Unsupported request ";
        assert_eq!(musl_version(musl), Some("1.2.3".to_owned()));
        let doubtful = [&musl[..], b"\x001.0.0\0"].concat();
        assert_eq!(musl_version(&doubtful), None);
        assert_eq!(musl_version(b"\x001.2.3\0"), None);
    }
}
