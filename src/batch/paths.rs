//! Which files are read: those that are named, and all below the folders that
//! are.

use std::ffi::OsStr;
use std::fs::Metadata;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use rustc_hash::{FxHashMap, FxHashSet};
use walkdir::{DirEntry, WalkDir};

/// A file to read.
#[derive(Clone, Debug)]
pub struct Input {
    pub path: PathBuf,
    /// Its path as text, which tells all paths apart.
    pub name: String,
    /// Its length, where it has one.
    pub size: u64,
    /// Why it is not even opened.
    pub problem: Option<Problem>,
}

#[derive(Clone, Debug)]
pub enum Problem {
    Unreadable(String),
    /// A pipe or device of a folder, which would be waited for.
    Special,
}

/// What was found, in the order of the names.
#[derive(Default)]
pub struct Inputs {
    pub inputs: Vec<Input>,
    /// Files that were left out by the globs.
    pub excluded: u64,
    /// Other names of files that are read, by links.
    pub links: u64,
}

/// Globs for files below folders; they are held against the whole path, and `*`
/// goes over `/`.
#[derive(Clone, Default)]
pub struct Selection {
    include: Option<GlobSet>,
    exclude: Option<GlobSet>,
}

impl Selection {
    /// # Errors
    /// What is wrong with a glob, in words.
    pub fn new(include: &[String], exclude: &[String]) -> Result<Selection, String> {
        Ok(Selection { include: globs(include)?, exclude: globs(exclude)? })
    }

    fn takes(&self, path: &Path) -> bool {
        self.include.as_ref().is_none_or(|globs| globs.is_match(path))
            && self.exclude.as_ref().is_none_or(|globs| !globs.is_match(path))
    }
}

fn globs(patterns: &[String]) -> Result<Option<GlobSet>, String> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        // `*.log` is meant for any folder, `pods/**` too.
        let anywhere =
            if pattern.starts_with(['/', '*']) { pattern.clone() } else { format!("**/{pattern}") };
        for pattern in [pattern, &anywhere] {
            let glob = GlobBuilder::new(pattern).literal_separator(false).build();
            set.add(glob.map_err(|error| error.to_string())?);
        }
    }
    if patterns.is_empty() {
        return Ok(None);
    }
    set.build().map(Some).map_err(|error| error.to_string())
}

/// Standard input under a name.
pub fn standard_input(name: &str) -> Input {
    Input { path: PathBuf::from("-"), name: name.to_owned(), size: 0, problem: None }
}

/// The files that paths stand for. Hidden files count, nothing is ignored. Links
/// of a folder are followed, but no file of it is read twice, nor one that is named
/// beside it.
pub fn expand(paths: &[PathBuf], selection: &Selection) -> Inputs {
    let mut found = Inputs::default();
    let mut walk = Walk { selection, files: Vec::new(), folders: FxHashSet::default() };
    let mut known: FxHashMap<Identity, String> = FxHashMap::default();
    for path in paths {
        if path.is_dir() {
            walk.folder(path, &mut found);
            continue;
        }
        let metadata = path.metadata().ok();
        let size = metadata.as_ref().map_or(0, Metadata::len);
        let input = Input { path: path.clone(), name: name(path), size, problem: None };
        match metadata.as_ref().and_then(identity) {
            // What it leads to may be named too, and has the name by which rotation goes.
            identity @ Some(_) if path.is_symlink() => {
                walk.files.push(Found { input, link: true, identity });
            }
            Some(identity) => {
                known.insert(identity, input.name.clone());
                found.inputs.push(input);
            }
            None => found.inputs.push(input),
        }
    }
    walk.files.sort_by(|a, b| (a.link, &a.input.name).cmp(&(b.link, &b.input.name)));
    for file in walk.files {
        let Some(identity) = file.identity else {
            found.inputs.push(file.input);
            continue;
        };
        match known.get(&identity) {
            // It is named, and in a folder that is named.
            Some(name) if *name == file.input.name => {}
            Some(_) => found.links = found.links.saturating_add(1),
            None => {
                known.insert(identity, file.input.name.clone());
                found.inputs.push(file.input);
            }
        }
    }
    found.inputs.sort_by(|a, b| a.name.cmp(&b.name));
    found.inputs.dedup_by(|a, b| a.name == b.name);
    found
}

/// Device and inode.
type Identity = (u64, u64);

struct Walk<'s> {
    selection: &'s Selection,
    files: Vec<Found>,
    /// Folders that were gone into.
    folders: FxHashSet<Identity>,
}

struct Found {
    input: Input,
    /// Reached through a link, and the files that are not come first.
    link: bool,
    identity: Option<Identity>,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, found: &mut Inputs) {
        let mut links: Vec<PathBuf> = Vec::new();
        let mut walker = WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter();
        while let Some(entry) = walker.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    found.inputs.extend(unreadable(&error, folder));
                    continue;
                }
            };
            let metadata = match entry.metadata() {
                Ok(metadata) => metadata,
                Err(error) => {
                    found.inputs.extend(unreadable(&error, folder));
                    continue;
                }
            };
            if entry.file_type().is_dir() {
                // Two links to one folder would be two walks, and so on below.
                if identity(&metadata).is_some_and(|folder| !self.folders.insert(folder)) {
                    walker.skip_current_dir();
                } else if entry.path_is_symlink() {
                    links.push(entry.path().to_owned());
                }
            } else if self.selection.takes(entry.path()) {
                let link = entry.path_is_symlink() || links.iter().any(|link| entry.path().starts_with(link));
                self.files.push(file(&entry, &metadata, link));
            } else {
                found.excluded = found.excluded.saturating_add(1);
            }
        }
    }
}

fn file(entry: &DirEntry, metadata: &Metadata, link: bool) -> Found {
    let problem = (!metadata.is_file()).then_some(Problem::Special);
    let path = entry.path().to_owned();
    let name = name(&path);
    Found { input: Input { path, name, size: metadata.len(), problem }, link, identity: identity(metadata) }
}

/// Links in a cycle, or to nothing, have no file that is not found elsewhere.
fn unreadable(error: &walkdir::Error, folder: &Path) -> Option<Input> {
    let path = error.path().unwrap_or(folder);
    let cause = error.io_error()?;
    // A link to itself is told by the system, not by the walk: what cannot be followed is
    // no file, unless it is not allowed.
    if path.is_symlink() && cause.kind() != std::io::ErrorKind::PermissionDenied {
        return None;
    }
    let problem = Some(Problem::Unreadable(cause.to_string()));
    Some(Input { path: path.to_owned(), name: name(path), size: 0, problem })
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<Identity> {
    None
}

/// Bytes that are no UTF-8 are written as `\xff`, and so is a backslash before what
/// looks like that: paths stay apart.
fn name(path: &Path) -> String {
    let bytes = OsStr::new(path).as_encoded_bytes();
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        let valid = chunk.valid();
        let looks_so = |at: usize| {
            // Elsewhere it stands between folders.
            let rest = valid.get(at.saturating_add(1)..).filter(|_| cfg!(unix));
            let rest = rest.and_then(|rest| rest.strip_prefix('x'));
            let hex = rest.and_then(|rest| rest.as_bytes().first_chunk::<2>());
            hex.is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
        };
        let mut start = 0usize;
        for (at, _) in valid.match_indices('\\').filter(|(at, _)| looks_so(*at)) {
            out.push_str(valid.get(start..at).unwrap_or_default());
            out.push_str("\\x5c");
            start = at.saturating_add(1);
        }
        out.push_str(valid.get(start..).unwrap_or_default());
        chunk.invalid().iter().for_each(|byte| out.push_str(&format!("\\x{byte:02x}")));
    }
    out
}
