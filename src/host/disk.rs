//! Folders of this machine as file systems, read within bounds. A program that
//! names a device or a pipe as its loader must not make us wait for it.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::files::{Files, Listing, Unread};

/// Most names of a directory that are looked at.
const MOST_NAMES: usize = 50_000;

/// Links that are followed from one to the next, as Linux does (MAXSYMLINKS).
pub(super) const MOST_LINKS: usize = 40;

pub(super) struct Disk {
    /// `/`, or a folder that no link leads out of.
    root: PathBuf,
    name: String,
}

impl Disk {
    pub(super) fn new(root: &Path, name: &str) -> Disk {
        Disk { root: root.to_owned(), name: name.to_owned() }
    }

    /// The path on this machine; symbolic links begin at the root, not at ours.
    pub(super) fn at(&self, path: &str) -> io::Result<PathBuf> {
        if self.root == Path::new("/") {
            return Ok(self.root.join(path.trim_start_matches('/')));
        }
        let mut links = 0usize;
        let mut rest: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
        let mut at: Vec<String> = Vec::new();
        while let Some(part) = rest.pop() {
            match part.as_str() {
                "" | "." => continue,
                ".." => {
                    at.pop();
                    continue;
                }
                _ => at.push(part),
            }
            let here = self.below(&at);
            if !here.symlink_metadata()?.is_symlink() {
                continue;
            }
            links = links.saturating_add(1);
            if links > MOST_LINKS {
                return Err(io::Error::new(ErrorKind::NotFound, "links that lead back to themselves"));
            }
            let target = here.read_link()?;
            let target = target.to_string_lossy();
            if target.starts_with('/') {
                at.clear();
            } else {
                at.pop();
            }
            rest.extend(target.split('/').rev().map(str::to_owned));
        }
        Ok(self.below(&at))
    }

    fn below(&self, parts: &[String]) -> PathBuf {
        let mut path = self.root.clone();
        path.extend(parts);
        path
    }

    fn open(&self, path: &str, most: u64) -> io::Result<Vec<u8>> {
        let path = self.at(path)?;
        // Before opening it: to open a pipe is to wait for its writer.
        if !path.metadata()?.is_file() {
            return Err(ErrorKind::InvalidInput.into());
        }
        let mut bytes = Vec::new();
        File::open(path)?.take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Files for Disk {
    fn place(&self, what: &str) -> String {
        format!("{}: {what}", self.name)
    }

    fn exists(&self, path: &str) -> Option<bool> {
        match self.at(path).and_then(|path| path.try_exists()) {
            Ok(exists) => Some(exists),
            Err(error) if absent(error.kind()) => Some(false),
            Err(_) => None,
        }
    }

    /// Of /proc as well, whose files have no length.
    fn read(&self, path: &str, most: u64) -> Result<Vec<u8>, Unread> {
        self.open(path, most).map_err(|error| match error.kind() {
            kind if absent(kind) => Unread::Absent,
            ErrorKind::InvalidInput => Unread::NotAFile,
            _ => Unread::Unknown,
        })
    }

    fn listing(&self, directory: &str) -> Listing {
        let entries = match self.at(directory).and_then(|path| path.read_dir()) {
            Ok(entries) => entries,
            Err(error) => return Listing { names: Vec::new(), complete: absent(error.kind()) },
        };
        let names = entries.take(MOST_NAMES).filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<String> = names.collect();
        names.sort_unstable();
        Listing { complete: names.len() < MOST_NAMES, names }
    }
}

fn absent(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory)
}
