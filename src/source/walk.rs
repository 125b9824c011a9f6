//! All executables in a folder or archive, and in archives below.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek};
use std::ops::ControlFlow;
use std::path::Path;

use rustc_hash::FxHashSet;
use walkdir::WalkDir;

use super::archive::{self, Kind};
use super::content::{Content, Meter, Peeled};
use super::magic::{BEGINNING, is_executable};
use super::{Bytes, Document, Limits, Origin, member, unpack};
use crate::error::{Error, Result};

/// What a path holds.
pub enum Held {
    /// One file, which need not be an executable.
    File(Document),
    /// Many, each of which was handed out.
    Many {
        /// `folder`, `tar archive`.
        what: String,
        files: usize,
        /// What could not be read, and what was left out.
        problems: Vec<Error>,
    },
}

/// Hands out every executable below a path, by its first bytes, in the order of
/// the names of a folder and of the members of an archive. Symbolic links of a
/// folder are followed, but nothing is read twice.
///
/// # Errors
/// Those of the path itself; of what is below it they are `problems`.
pub fn executables(path: &str, limits: Limits, each: &mut dyn FnMut(Document)) -> Result<Held> {
    let meter = Meter::new(limits);
    let mut walk = Walk { meter: &meter, each, files: 0, problems: Vec::new() };
    let (file, inside) = member::split(path);
    if inside.is_none() && Path::new(file).is_dir() {
        walk.folder(file);
        return Ok(walk.held("folder"));
    }
    let document = super::stored(path, limits)?;
    let format = match Content::Slice(&document.bytes).peel(&meter) {
        Ok(Peeled { beginning, .. }) => archive::sniff(&beginning),
        // The reader of single files says what is wrong with it.
        Err(_) => None,
    };
    let Some(format) = format else { return super::unpack(document, limits).map(Held::File) };
    walk.content(Content::Slice(&document.bytes), u64::MAX, &document.origin, 0);
    Ok(walk.held(&format!("{} archive", format.name)))
}

struct Walk<'w> {
    meter: &'w Meter,
    each: &'w mut dyn FnMut(Document),
    files: usize,
    problems: Vec<Error>,
}

impl Walk<'_> {
    fn held(self, what: &str) -> Held {
        Held::Many { what: what.to_owned(), files: self.files, problems: self.problems }
    }

    fn folder(&mut self, folder: &str) {
        let mut seen = FxHashSet::default();
        let entries = WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter();
        // Two links to one folder would be two walks, and so on below.
        let once = entries.filter_entry(|entry| {
            entry.path().canonicalize().is_ok_and(|whole| seen.insert(whole)) || entry.depth() == 0
        });
        for entry in once {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.unreadable(&error, folder);
                    continue;
                }
            };
            // Pipes and devices would be waited for; files of /proc have no length.
            if !entry.file_type().is_file() || entry.metadata().map_or(0, |data| data.len()) == 0 {
                continue;
            }
            if self.files >= self.meter.limits.members {
                let what = format!("only the first {} files were looked at", self.meter.limits.members);
                self.problems.push(Error::Limit { origin: Origin::new(folder), what });
                return;
            }
            self.files = self.files.saturating_add(1);
            let origin = Origin::new(&entry.path().to_string_lossy());
            if let Err(cause) = self.file(entry.path(), &origin) {
                self.problems.push(Error::io(&origin, cause));
            }
        }
    }

    /// Links in a cycle, or to nothing, have no file that is not found elsewhere.
    fn unreadable(&mut self, error: &walkdir::Error, folder: &str) {
        let path = error.path().unwrap_or(Path::new(folder));
        let Some(cause) = error.io_error() else { return };
        if cause.kind() != ErrorKind::PermissionDenied && path.is_symlink() {
            return;
        }
        let origin = Origin::new(&path.to_string_lossy());
        self.problems.push(Error::io(&origin, io::Error::new(cause.kind(), cause.to_string())));
    }

    fn file(&mut self, path: &Path, origin: &Origin) -> io::Result<()> {
        let mut file = File::open(path)?;
        let mut beginning = Vec::new();
        file.by_ref().take(BEGINNING as u64).read_to_end(&mut beginning)?;
        file.rewind()?;
        if is_executable(&beginning) {
            let bytes = super::read(file, self.meter.limits)?;
            (self.each)(Document { origin: origin.clone(), bytes, unpacked: Vec::new(), cut: None });
        } else if unpack::sniff(&beginning).is_some() || archive::sniff(&beginning).is_some() {
            let bytes = super::read(file, self.meter.limits)?;
            self.content(Content::Slice(&bytes), u64::MAX, origin, 0);
        }
        Ok(())
    }

    fn content(&mut self, content: Content<'_>, size: u64, origin: &Origin, depth: usize) {
        let meter = self.meter;
        let peeled = match content.peel(meter) {
            Ok(peeled) => peeled,
            Err(what) => {
                return self.problems.push(Error::Malformed { origin: origin.clone(), offset: 0, what });
            }
        };
        let Peeled { content, beginning, unpacked } = peeled;
        if let Some(format) = archive::sniff(&beginning) {
            return self.archive(format, content, origin, depth);
        }
        if is_executable(&beginning) {
            // What is compressed once more has a length of its own.
            let (bytes, cut) = if unpacked.is_empty() && size != u64::MAX {
                member::whole(content, size, meter.limits)
            } else {
                let (bytes, ended) = content.read(meter.limits.expanded_bytes);
                (bytes, ended.map(|ended| ended.to_string()))
            };
            (self.each)(Document { origin: origin.clone(), bytes: Bytes::Owned(bytes), unpacked, cut });
        }
    }

    fn archive(&mut self, format: &archive::Format, content: Content<'_>, origin: &Origin, depth: usize) {
        let meter = self.meter;
        let limits = meter.limits;
        if depth >= limits.depth {
            let what = format!("more than {} archives inside each other; it was not opened", limits.depth);
            return self.problems.push(Error::Limit { origin: origin.clone(), what });
        }
        let ended = (format.members)(content, meter, &mut |one| {
            if self.files >= limits.members {
                let what = format!("only the first {} files were looked at", limits.members);
                self.problems.push(Error::Limit { origin: origin.clone(), what });
                return ControlFlow::Break(());
            }
            self.files = self.files.saturating_add(1);
            let origin = origin.member(&member::plain(&one.name));
            match one.kind {
                Kind::File(content) => self.content(content, one.size, &origin, depth.saturating_add(1)),
                Kind::Refused(what) => self.problems.push(Error::Unrecognised { origin, what }),
                // What a link leads to is a member itself.
                Kind::HardLink(_) | Kind::SymbolicLink(_) | Kind::Other(_) => {}
            }
            if meter.exhausted() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if let Err(what) = ended {
            self.problems.push(Error::Malformed { origin: origin.clone(), offset: 0, what });
        }
    }
}
