//! The C library by its package: `dpkg -l libc6`, `rpm -q glibc`, `apk info musl`.

use super::super::libc::{Libc, LibcKind, is_version};
use super::super::uname;
use super::Reader;

pub(super) fn read(reader: &mut Reader<'_>, line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    let (first, second, third) = (words.next().unwrap_or_default(), words.next(), words.next());
    // `ii  libc6:amd64    2.36-9+deb12u14 amd64        GNU C Library: Shared libraries`;
    // installed, or held (deb-dpkg-query(1)).
    if matches!(first, "ii" | "hi")
        && let Some((package, version)) = second.zip(third)
        && matches!(package.split(':').next(), Some("libc6" | "libc6.1" | "musl"))
    {
        let kind = if package.starts_with("musl") { LibcKind::Musl } else { LibcKind::Glibc };
        return libc(reader, kind, version, "dpkg -l");
    }
    // `glibc-2.17-307.el7.1.x86_64`: name, version, release, architecture.
    if second.is_none()
        && let Some(version) = first.strip_prefix("glibc-")
        && let Some((release, machine)) = version.rsplit_once('.')
        && release.contains('-')
        && uname::is_machine(machine)
    {
        return libc(reader, LibcKind::Glibc, version, "rpm -q");
    }
    // `musl-1.2.3-r4 description:`, `musl-1.2.3-r4 x86_64 {musl} (MIT) [installed]`.
    if let Some(version) = first.strip_prefix("musl-")
        && version.contains("-r")
        && line.len() < 200
    {
        return libc(reader, LibcKind::Musl, version, "apk info");
    }
    false
}

/// The version without the revision of the package.
fn libc(reader: &mut Reader<'_>, kind: LibcKind, version: &str, what: &str) -> bool {
    let upstream = version.split(['-', '+', '~']).next().unwrap_or_default();
    // An epoch.
    let upstream = upstream.rsplit(':').next().unwrap_or_default();
    if !is_version(upstream) {
        return false;
    }
    reader.libc(Libc::new(kind, Some(upstream)), what);
    true
}
