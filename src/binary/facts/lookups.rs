//! Files of the system that the code which is linked in may ask for.

use super::super::Binary;
use super::names::Mark;
use crate::target::Goos;

/// What is linked in; whether it is ever called nobody can read out of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lookups {
    /// time.LoadLocation.
    pub zones: bool,
    /// time/tzdata: the zones are in the executable.
    pub own_zones: bool,
    /// The system's root certificates are loaded.
    pub roots: bool,
    /// golang.org/x/crypto/x509roots/fallback: so are roots.
    pub own_roots: bool,
    /// OpenBSD: libc's syscall(2) is imported, which is gone since 7.5.
    pub raw_syscall: bool,
}

pub(super) fn read(binary: &Binary, os: Option<Goos>) -> Option<Lookups> {
    let names = binary.names()?;
    Some(Lookups {
        zones: names.has(Mark::LoadLocation),
        own_zones: names.links("time/tzdata"),
        roots: names.has(Mark::Roots),
        own_roots: names.links("golang.org/x/crypto/x509roots/fallback"),
        raw_syscall: os == Some(Goos::Openbsd)
            && binary.imports().iter().any(|import| import.name == "syscall"),
    })
}
