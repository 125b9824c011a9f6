//! A file system to be asked: that of this machine, a folder that is the root
//! of another, or the layers of a container image.

use crate::target::Goarch;

/// Files as the programs of that system see them. Whatever path is asked for,
/// nothing outside of it is read.
pub(super) trait Files {
    /// Where a fact was read: `this machine: /etc/os-release`.
    fn place(&self, what: &str) -> String;

    /// Does the path exist, at the end of its symbolic links? `None` when that
    /// cannot be known.
    fn exists(&self, path: &str) -> Option<bool>;

    /// The first bytes of a regular file.
    fn read(&self, path: &str, most: u64) -> Result<Vec<u8>, Unread>;

    /// The names in a directory.
    fn listing(&self, directory: &str) -> Listing;

    fn bytes(&self, path: &str, most: u64) -> Option<Vec<u8>> {
        self.read(path, most).ok()
    }

    fn text(&self, path: &str, most: u64) -> Option<String> {
        self.bytes(path, most).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// As [`Files::text`], but a file that is not there is an empty one.
    fn text_or_empty(&self, path: &str, most: u64) -> Option<String> {
        match self.read(path, most) {
            Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            Err(Unread::Absent) => Some(String::new()),
            Err(Unread::NotAFile | Unread::Unknown) => None,
        }
    }

    /// Directories such as /usr/lib/x86_64-linux-gnu (wiki.debian.org/Multiarch/Tuples).
    fn multiarch(&self) -> Vec<String> {
        let mut out = Vec::new();
        for parent in ["/lib", "/usr/lib"] {
            let names = self.listing(parent).names;
            out.extend(
                names.iter().filter(|name| name.contains("-linux-")).map(|name| format!("{parent}/{name}")),
            );
        }
        out
    }

    /// The kind of an ELF file; the outer `None` when it cannot be read, the
    /// inner one when there is none or it is something else.
    fn elf_kind(&self, path: &str) -> Option<Option<ElfKind>> {
        match self.read(path, ElfKind::LENGTH) {
            Ok(header) => Some(ElfKind::read(&header)),
            Err(Unread::Absent | Unread::NotAFile) => Some(None),
            Err(Unread::Unknown) => None,
        }
    }
}

/// Why there are no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    Absent,
    /// A folder, pipe or device.
    NotAFile,
    /// It may be there.
    Unknown,
}

/// What is in a directory; nothing where there is none.
pub(super) struct Listing {
    /// Sorted.
    pub(super) names: Vec<String>,
    /// There is nothing else.
    pub(super) complete: bool,
}

/// What decides whether a loader accepts a library: class, byte order and
/// machine of the ELF header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ElfKind {
    class: u8,
    data: u8,
    machine: [u8; 2],
}

impl ElfKind {
    /// So many bytes of a file tell it.
    pub(super) const LENGTH: u64 = 20;

    /// e_ident, e_type, e_machine (elf(5)).
    pub(super) fn read(beginning: &[u8]) -> Option<ElfKind> {
        match beginning {
            [0x7f, b'E', b'L', b'F', class, data, _, _, _, _, _, _, _, _, _, _, _, _, a, b, ..] => {
                Some(ElfKind { class: *class, data: *data, machine: [*a, *b] })
            }
            _ => None,
        }
    }

    pub(super) fn arch(self) -> Option<Goarch> {
        let machine = match self.data {
            2 => u16::from_be_bytes(self.machine),
            _ => u16::from_le_bytes(self.machine),
        };
        // Numbers of elf.h; class 1 has 32 bits, data 2 is big-endian.
        Some(match (self.class, self.data, machine) {
            (1, 1, 3) => Goarch::I386,
            (2, 1, 62) => Goarch::Amd64,
            (1, 1, 40) => Goarch::Arm,
            (2, 1, 183) => Goarch::Arm64,
            (1, 2, 8) => Goarch::Mips,
            (1, 1, 8) => Goarch::Mipsle,
            (2, 2, 8) => Goarch::Mips64,
            (2, 1, 8) => Goarch::Mips64le,
            (2, 2, 21) => Goarch::Ppc64,
            (2, 1, 21) => Goarch::Ppc64le,
            (2, 2, 22) => Goarch::S390x,
            (2, 1, 243) => Goarch::Riscv64,
            (2, 1, 258) => Goarch::Loong64,
            _ => return None,
        })
    }
}
