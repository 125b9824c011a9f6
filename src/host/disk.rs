//! The files of this machine, read within bounds. A program that names a
//! device or a pipe as its loader must not make us wait for it.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// Most names of a directory that are looked at.
const MOST_NAMES: usize = 50_000;

/// A file system, below a root that is `/` outside of tests.
pub(super) struct Disk {
    root: PathBuf,
}

/// What decides whether a loader accepts a library: class, byte order and
/// machine of the ELF header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ElfKind {
    class: u8,
    data: u8,
    machine: [u8; 2],
}

impl Disk {
    pub(super) fn new(root: &Path) -> Disk {
        Disk { root: root.to_owned() }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// Does the path exist, at the end of its symbolic links? `None` when that
    /// may not be known.
    pub(super) fn exists(&self, path: &str) -> Option<bool> {
        match self.at(path).try_exists() {
            Ok(exists) => Some(exists),
            Err(error) if absent(error.kind()) => Some(false),
            Err(_) => None,
        }
    }

    /// The first bytes of a regular file, or of one of /proc.
    pub(super) fn bytes(&self, path: &str, most: u64) -> Option<Vec<u8>> {
        self.read(path, most).ok()
    }

    fn read(&self, path: &str, most: u64) -> std::io::Result<Vec<u8>> {
        let path = self.at(path);
        // Before opening it: to open a pipe is to wait for its writer.
        if !path.metadata()?.is_file() {
            return Err(ErrorKind::InvalidInput.into());
        }
        let mut bytes = Vec::new();
        File::open(path)?.take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn text(&self, path: &str, most: u64) -> Option<String> {
        self.bytes(path, most).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// As [`Disk::text`], but a file that is not there is an empty one.
    pub(super) fn text_or_empty(&self, path: &str, most: u64) -> Option<String> {
        match self.read(path, most) {
            Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) => absent(error.kind()).then(String::new),
        }
    }

    /// Sorted names in a directory; none when it is not there, `None` when it
    /// cannot be read.
    pub(super) fn names(&self, directory: &str) -> Option<Vec<String>> {
        let entries = match self.at(directory).read_dir() {
            Ok(entries) => entries,
            Err(error) => return absent(error.kind()).then(Vec::new),
        };
        let names = entries.take(MOST_NAMES).filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<String> = names.collect();
        names.sort_unstable();
        Some(names)
    }

    /// Directories such as /usr/lib/x86_64-linux-gnu (wiki.debian.org/Multiarch/Tuples).
    pub(super) fn multiarch(&self) -> Vec<String> {
        let mut out = Vec::new();
        for parent in ["/lib", "/usr/lib"] {
            let names = self.names(parent).unwrap_or_default();
            out.extend(
                names.iter().filter(|name| name.contains("-linux-")).map(|name| format!("{parent}/{name}")),
            );
        }
        out
    }

    /// The kind of an ELF file; the outer `None` when it cannot be read, the
    /// inner one when there is none or it is something else.
    pub(super) fn elf_kind(&self, path: &str) -> Option<Option<ElfKind>> {
        let header = match self.read(path, 20) {
            Ok(header) => header,
            Err(error) => {
                return (absent(error.kind()) || error.kind() == ErrorKind::InvalidInput).then_some(None);
            }
        };
        // e_ident, e_type, e_machine (elf(5)).
        Some(match header.as_slice() {
            [0x7f, b'E', b'L', b'F', class, data, _, _, _, _, _, _, _, _, _, _, _, _, a, b] => {
                Some(ElfKind { class: *class, data: *data, machine: [*a, *b] })
            }
            _ => None,
        })
    }
}

fn absent(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory)
}
