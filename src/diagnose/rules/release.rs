//! The release of the operating system that a host runs, in the numbers that
//! executables and Go's requirements use.

use crate::binary::{Fact, version_key};
use crate::host::Host;
use crate::target::Goos;

/// `macOS 12.7` and where it was read; of Darwin the kernel's number says which.
pub(in super::super) fn of(host: &Host) -> Option<Fact<String>> {
    let os = host.goos.as_ref()?.value;
    if let Some((version, value)) = host.os_version.as_ref().and_then(|v| Some((v, versioned(os, &v.value)?)))
    {
        return Some(Fact::new(value, version.from.clone()));
    }
    let named = host.distribution.as_ref().and_then(|name| Some((named(os, &name.value)?, &name.from)));
    let (value, from) = named.or_else(|| {
        let kernel = host.kernel.as_ref()?;
        Some((numbered(os, &kernel.value)?, &kernel.from))
    })?;
    Some(Fact::new(value, from.clone()))
}

/// What people write: `macOS 12.7.1`, `Windows 7 Professional`.
fn named(os: Goos, name: &str) -> Option<String> {
    match os {
        Goos::Darwin => {
            let rest = name.strip_prefix("macOS ").or_else(|| name.strip_prefix("Mac OS X "))?;
            let version = rest.split_ascii_whitespace().find(|word| number(word).is_some())?;
            Some(format!("macOS {version}"))
        }
        Goos::Windows => {
            // Version numbers of the releases (learn.microsoft.com, OSVERSIONINFOEX).
            const RELEASES: [(&str, &str); 14] = [
                ("XP", "5.1"),
                ("Server 2003", "5.2"),
                ("Vista", "6.0"),
                ("Server 2008 R2", "6.1"),
                ("Server 2008", "6.0"),
                ("7", "6.1"),
                ("Server 2012 R2", "6.3"),
                ("Server 2012", "6.2"),
                ("8.1", "6.3"),
                ("8", "6.2"),
                ("10", "10.0"),
                ("11", "10.0"),
                ("Server 2016", "10.0"),
                ("Server 2019", "10.0"),
            ];
            let rest = name.trim_start_matches("Microsoft ").strip_prefix("Windows ")?;
            let is = |release: &str| {
                rest.strip_prefix(release).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
            };
            let (_, version) = RELEASES.iter().find(|(release, _)| is(release))?;
            Some(format!("Windows {version}"))
        }
        _ => None,
    }
}

/// A version that was stated as such, not as the kernel's.
fn versioned(os: Goos, text: &str) -> Option<String> {
    let version = number(text)?;
    match os {
        Goos::Darwin => Some(format!("macOS {version}")),
        _ => numbered(os, text),
    }
}

fn numbered(os: Goos, release: &str) -> Option<String> {
    let version = number(release)?;
    Some(match os {
        Goos::Linux | Goos::Android => format!("Linux {version}"),
        Goos::Freebsd => format!("FreeBSD {version}"),
        Goos::Openbsd => format!("OpenBSD {version}"),
        Goos::Windows => format!("Windows {version}"),
        Goos::Darwin => {
            // Darwin 17 is macOS 10.13, 20 is 11, 25 is 26 (xnu, config/MasterVersion).
            let major = *version_key(version).first()?;
            match major {
                5..=19 => format!("macOS 10.{}", major.saturating_sub(4)),
                20..=24 => format!("macOS {}", major.saturating_sub(9)),
                25.. => format!("macOS {}", major.saturating_add(1)),
                _ => return None,
            }
        }
        _ => return None,
    })
}

/// The number at the start of `6.1.21+` or `13.2-RELEASE`.
fn number(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    text.get(..end).map(|digits| digits.trim_end_matches('.')).filter(|digits| !digits.is_empty())
}

/// Is the first below the second? `None` for different systems. Of a release that
/// is known by its first numbers only, only those count.
pub(super) fn below(have: &str, wanted: &str) -> Option<bool> {
    let ((system, have), (other, wanted)) = (have.rsplit_once(' ')?, wanted.rsplit_once(' ')?);
    let (have, mut wanted) = (version_key(have), version_key(wanted));
    wanted.truncate(have.len());
    (system == other).then(|| have < wanted)
}

/// Is this Go version, as build info has it, at least that one? `None` for a
/// development version or a range of versions.
pub(super) fn at_least(go: &str, version: [u64; 3]) -> Option<bool> {
    let number = number(go.strip_prefix("go")?)?;
    let have = version_key(number);
    (have.len() >= 2).then(|| have >= version.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_by_their_names_and_kernels() {
        let by_kernel = |os, release| numbered(os, release).unwrap_or_default();
        assert_eq!(by_kernel(Goos::Darwin, "17.7.0"), "macOS 10.13");
        assert_eq!(by_kernel(Goos::Darwin, "21.6.0"), "macOS 12");
        assert_eq!(by_kernel(Goos::Darwin, "25.0.0"), "macOS 26");
        assert_eq!(by_kernel(Goos::Freebsd, "13.2-RELEASE"), "FreeBSD 13.2");
        assert_eq!(by_kernel(Goos::Linux, "6.1.21+"), "Linux 6.1.21");
        let by_name = |os, name| named(os, name).unwrap_or_default();
        assert_eq!(by_name(Goos::Windows, "Windows 7 Professional"), "Windows 6.1");
        assert_eq!(by_name(Goos::Windows, "Microsoft Windows Server 2008 R2"), "Windows 6.1");
        assert_eq!(by_name(Goos::Windows, "Windows 8.1"), "Windows 6.3");
        assert_eq!(by_name(Goos::Darwin, "macOS 12.7.1"), "macOS 12.7.1");
    }

    #[test]
    fn what_is_below() {
        assert_eq!(below("Linux 3.1.9", "Linux 3.2"), Some(true));
        assert_eq!(below("Linux 6.1", "Linux 3.2"), Some(false));
        assert_eq!(below("macOS 12.7", "macOS 13.0"), Some(true));
        // 13.0 or 13.6: not known.
        assert_eq!(below("macOS 13", "macOS 13.3"), Some(false));
        assert_eq!(below("FreeBSD 13.2", "Linux 3.2"), None);
        assert_eq!(at_least("go1.21.4", [1, 21, 5]), Some(false));
        assert_eq!(at_least("go1.22.10", [1, 21, 5]), Some(true));
        assert_eq!(at_least("1.20+", [1, 21, 5]), None);
    }
}
