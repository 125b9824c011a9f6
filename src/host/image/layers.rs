//! Layers put over each other, and the files that they leave.

use std::cell::Cell;
use std::ops::ControlFlow;

use super::super::files::{ElfKind, Files, Listing, Unread};
use super::manifest::{Check, Variant};
use super::store::Store;
use super::tree::{FileRef, Node, Tree, Walk, folder};
use crate::error::Error;
use crate::source::{self, BEGINNING, Bytes, Content, Document, Kind, Limits, Member, Meter, Origin};
use crate::target::Goarch;

/// Most bytes of files that are kept on the way through the layers, and of one.
const MOST_KEPT: usize = 64 << 20;
const MOST_OF_A_LIST: u64 = 256 << 10;
const MOST_OF_A_LIBRARY: u64 = 16 << 20;
/// Most files that layers are read again for.
const MOST_READ_AGAIN: usize = 50;

/// Prefixes of files that hide others (OCI image-spec, layer.md, "Whiteouts").
const WHITEOUT: &str = ".wh.";
const OPAQUE: &str = ".wh..wh..opq";

pub(super) struct Layers<'s> {
    store: &'s Store,
    variant: &'s Variant,
    limits: Limits,
    name: String,
    tree: Tree,
    /// Why what is not in the tree may be there.
    incomplete: bool,
    read_again: Cell<usize>,
}

impl<'s> Layers<'s> {
    pub(super) fn apply(
        store: &'s Store,
        variant: &'s Variant,
        origin: &Origin,
        limits: Limits,
        problems: &mut Vec<Error>,
    ) -> Layers<'s> {
        let name = match &variant.platform {
            Some(platform) => format!("{origin} ({platform})"),
            None => origin.to_string(),
        };
        let tree = Tree::new();
        let mut layers =
            Layers { store, variant, limits, name, tree, incomplete: false, read_again: Cell::new(0) };
        let meter = Meter::new(limits);
        let mut budget = Budget { members: limits.members, keep: MOST_KEPT };
        for at in 0..layers.count() {
            layers.layer(at, origin, &meter, &mut budget, problems);
        }
        layers
    }

    /// An archive that is the root file system itself is its only layer.
    fn count(&self) -> usize {
        if self.is_root() { 1 } else { self.variant.layers.len() }
    }

    fn is_root(&self) -> bool {
        self.variant.place.is_empty()
    }

    fn stored(&self, at: usize) -> Result<super::store::Blob<'s>, String> {
        match self.store {
            Store::Archive { document, .. } if self.is_root() => {
                Ok(super::store::Blob::Part(&document.bytes))
            }
            store => store.get(self.variant.layers.get(at).map_or("", |layer| &layer.path)),
        }
    }

    fn layer(
        &mut self,
        at: usize,
        image: &Origin,
        meter: &Meter,
        budget: &mut Budget,
        problems: &mut Vec<Error>,
    ) {
        let reference = self.variant.layers.get(at);
        let origin = reference.map_or(image.clone(), |layer| image.member(&layer.path));
        let number = at.saturating_add(1);
        let which = format!("layer {number} of {}", self.count());
        let bytes = match self.stored(at) {
            Ok(bytes) => bytes,
            Err(why) => {
                self.incomplete = true;
                let what = format!("{which} is missing: {why}; the others are used");
                return problems.push(Error::Malformed { origin, offset: 0, what });
            }
        };
        let wrong = reference.and_then(|layer| match layer.is.as_ref()? {
            Check::Stored(is) => is.differs(&bytes),
            // Hashing what is compressed would mean to inflate it once more.
            Check::Plain(_) if source::is_packed(&bytes) => None,
            Check::Plain(is) => is.differs(&bytes),
        });
        if let Some(found) = wrong {
            self.incomplete = true;
            let what = format!("{which} has the wrong digest: its bytes are {found}; used all the same");
            problems.push(Error::Malformed { origin: origin.clone(), offset: 0, what });
        }
        self.tree.layer = number;
        let mut left_out: Option<(usize, String)> = None;
        let mut member = 0usize;
        let mut spent = false;
        let ended = source::members(&bytes, meter, &mut |one| {
            if budget.members == 0 || meter.exhausted() {
                spent = true;
                return ControlFlow::Break(());
            }
            budget.members = budget.members.saturating_sub(1);
            let name = one.name.clone();
            if let Err(why) = self.member(one, (at, member), budget) {
                let more = left_out.as_ref().map_or(0, |(count, _)| *count).saturating_add(1);
                let first =
                    left_out.take().map_or_else(|| format!("{}: {why}", short(&name)), |(_, first)| first);
                left_out = Some((more, first));
            }
            member = member.saturating_add(1);
            ControlFlow::Continue(())
        });
        if let Some((count, first)) = left_out {
            self.incomplete = true;
            let what = format!("{which}: {count} members were left out; the first is {first}");
            problems.push(Error::Malformed { origin: origin.clone(), offset: 0, what });
        }
        let damage = match ended {
            Ok(Some("tar")) => None,
            // A layer without any member.
            Ok(None) if bytes.iter().all(|byte| *byte == 0) => None,
            Ok(_) => Some(format!("{which} is no tar archive; the others are used")),
            Err(what) => Some(format!("{which}: {what}; what is before that is used")),
        };
        if let Some(what) = damage {
            self.incomplete = true;
            problems.push(Error::Malformed { origin: origin.clone(), offset: 0, what });
        }
        // Nothing else tells that an archive without a digest was cut between members.
        if self.is_root() && !ends_in_zeros(&bytes) {
            self.incomplete = true;
            let what = "no end mark behind the last member: the archive may have been cut".to_owned();
            problems.push(Error::Malformed { origin: origin.clone(), offset: bytes.len() as u64, what });
        }
        if spent {
            self.incomplete = true;
            let what = format!(
                "{which}: only the first {} members, or {} bytes, of an image are looked at",
                self.limits.members, self.limits.archive_bytes
            );
            problems.push(Error::Limit { origin, what });
        }
    }

    fn member(&mut self, one: Member<'_>, place: (usize, usize), budget: &mut Budget) -> Result<(), String> {
        let path = one.name;
        let trimmed = path.trim_end_matches('/');
        let (parent, name) = trimmed.rsplit_once('/').unwrap_or(("", trimmed));
        if name == OPAQUE {
            return self.tree.hide_all(parent);
        }
        if let Some(hidden) = name.strip_prefix(WHITEOUT) {
            // AUFS kept its own files under such names.
            return if hidden.starts_with(WHITEOUT) { Ok(()) } else { self.tree.hide(parent, hidden) };
        }
        match one.kind {
            Kind::HardLink(target) => self.tree.insert_hard_link(&path, &target),
            Kind::SymbolicLink(target) => self.tree.insert(&path, Node::Link(target.into())),
            Kind::Other("a folder") => self.tree.insert(&path, folder()),
            Kind::Other(_) | Kind::Refused(_) => self.tree.insert(&path, Node::Other),
            Kind::File(content) => {
                let most = wanted_bytes(trimmed, name).filter(|most| one.size <= *most);
                let most = most.filter(|_| budget.keep as u64 >= one.size);
                let (bytes, ended) = content.read(most.map_or(BEGINNING as u64, |most| most.min(one.size)));
                // A file that is longer than what is looked at is no damage.
                if let Some(source::Ended::Damaged(what)) = ended {
                    return Err(what);
                }
                let file = FileRef {
                    layer: place.0,
                    member: place.1,
                    elf: ElfKind::read(&bytes),
                    executable: source::is_executable(&bytes),
                    kept: most.is_some().then(|| bytes.as_slice().into()),
                };
                if file.kept.is_some() {
                    budget.keep = budget.keep.saturating_sub(bytes.len());
                }
                self.tree.insert(&path, Node::File(file))
            }
        }
    }

    /// The architecture of the executables, where a file of a known name does
    /// not tell it: that of most of them.
    pub(super) fn userland(&self) -> Option<(Goarch, String)> {
        let mut seen: Vec<(Goarch, usize, String)> = Vec::new();
        self.tree.files(&mut |path, file| {
            let Some(arch) = file.elf.and_then(ElfKind::arch) else { return };
            match seen.iter_mut().find(|(known, ..)| *known == arch) {
                Some((_, count, _)) => *count = count.saturating_add(1),
                None => seen.push((arch, 1, path.to_owned())),
            }
        });
        seen.into_iter().max_by_key(|(_, count, _)| *count).map(|(arch, _, path)| (arch, self.place(&path)))
    }

    /// Hands out the files that begin like executables.
    pub(super) fn executables(
        &self,
        origin: &Origin,
        each: &mut dyn FnMut(Document),
        problems: &mut Vec<Error>,
    ) {
        let mut wanted: Vec<(usize, usize, String)> = Vec::new();
        self.tree.files(&mut |path, file| {
            if file.executable {
                wanted.push((file.layer, file.member, path.to_owned()));
            }
        });
        // Of hard links the first name.
        wanted.sort_by_key(|(layer, member, _)| (*layer, *member));
        wanted.dedup_by_key(|(layer, member, _)| (*layer, *member));
        let meter = Meter::new(self.limits);
        for at in 0..self.count() {
            let mut names = wanted.iter().filter(|(layer, ..)| *layer == at).peekable();
            let Ok(bytes) = self.stored(at) else { continue };
            let mut member = 0usize;
            // Damage was told when the layers were put together.
            let _ = source::members(&bytes, &meter, &mut |one| {
                let Some((_, next, path)) = names.peek() else { return ControlFlow::Break(()) };
                if *next == member {
                    names.next();
                    let origin = origin.member(path);
                    if let Kind::File(content) = one.kind {
                        match whole(content, one.size, self.limits) {
                            Ok((bytes, cut)) => each(Document {
                                origin,
                                bytes: Bytes::Owned(bytes),
                                unpacked: Vec::new(),
                                cut,
                            }),
                            Err(what) => problems.push(Error::Limit { origin, what }),
                        }
                    }
                }
                member = member.saturating_add(1);
                if meter.exhausted() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
        }
    }
}

fn whole(content: Content<'_>, size: u64, limits: Limits) -> Result<(Vec<u8>, Option<String>), String> {
    if size > limits.held_bytes {
        let most = limits.held_bytes;
        return Err(format!("an executable of {size} bytes; at most {most} are held in memory"));
    }
    let (bytes, ended) = content.read(size);
    Ok((bytes, ended.map(|ended| ended.to_string())))
}

struct Budget {
    members: usize,
    keep: usize,
}

/// Files that are asked for, so that a layer need not be inflated twice: lists
/// and settings, the C library, and musl's loader, which is it as well.
fn wanted_bytes(path: &str, name: &str) -> Option<u64> {
    let path = path.trim_start_matches("./").trim_start_matches('/');
    let library = name == "libc.so.6" || name.starts_with("ld-musl-") || name.starts_with("libc-");
    if library && name.contains(".so") {
        return Some(MOST_OF_A_LIBRARY);
    }
    let list = path.starts_with("etc/ld") || path == "etc/nsswitch.conf" || name == "os-release";
    list.then_some(MOST_OF_A_LIST)
}

/// Two blocks of zeros end an archive (tar(5)); archivers add more.
fn ends_in_zeros(archive: &[u8]) -> bool {
    let end = archive.len().checked_sub(1024).and_then(|at| archive.get(at..));
    end.is_some_and(|end| end.iter().all(|byte| *byte == 0))
}

/// A name that may be 1 MiB long.
fn short(name: &str) -> String {
    name.chars().take(200).collect()
}

impl Layers<'_> {
    fn absent<T>(&self, absent: T) -> Option<T> {
        (!self.incomplete).then_some(absent)
    }

    fn read_again(&self, file: &FileRef, most: u64) -> Option<Vec<u8>> {
        let count = self.read_again.get().saturating_add(1);
        self.read_again.set(count);
        if count > MOST_READ_AGAIN {
            return None;
        }
        let bytes = self.stored(file.layer).ok()?;
        let meter = Meter::new(self.limits);
        let mut member = 0usize;
        let mut found = None;
        let _ = source::members(&bytes, &meter, &mut |one| {
            if member == file.member {
                if let Kind::File(content) = one.kind {
                    found = Some(content.read(most).0);
                }
                return ControlFlow::Break(());
            }
            member = member.saturating_add(1);
            ControlFlow::Continue(())
        });
        found
    }
}

impl Files for Layers<'_> {
    fn place(&self, what: &str) -> String {
        format!("{}: {what}", self.name)
    }

    fn exists(&self, path: &str) -> Option<bool> {
        match self.tree.find(path) {
            Walk::Found(_) => Some(true),
            Walk::Missing(..) | Walk::Nowhere => self.absent(false),
            Walk::TooFar => None,
        }
    }

    fn read(&self, path: &str, most: u64) -> Result<Vec<u8>, Unread> {
        let file = match self.tree.find(path) {
            Walk::Found(id) => match self.tree.node(id) {
                Node::File(file) => file,
                _ => return Err(Unread::NotAFile),
            },
            Walk::Missing(..) | Walk::Nowhere => {
                return Err(self.absent(Unread::Absent).unwrap_or(Unread::Unknown));
            }
            Walk::TooFar => return Err(Unread::Unknown),
        };
        match &file.kept {
            Some(bytes) => {
                let most = usize::try_from(most).unwrap_or(usize::MAX).min(bytes.len());
                Ok(bytes.get(..most).unwrap_or_default().to_vec())
            }
            None => self.read_again(file, most).ok_or(Unread::Unknown),
        }
    }

    fn listing(&self, directory: &str) -> Listing {
        let names = match self.tree.find(directory) {
            Walk::Found(id) => match self.tree.node(id) {
                Node::Folder { children, .. } => children.keys().map(|name| name.to_string()).collect(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        Listing { names, complete: !self.incomplete }
    }

    /// Without reading anything again.
    fn elf_kind(&self, path: &str) -> Option<Option<ElfKind>> {
        match self.tree.find(path) {
            Walk::Found(id) => match self.tree.node(id) {
                Node::File(file) => Some(file.elf),
                _ => Some(None),
            },
            Walk::Missing(..) | Walk::Nowhere => self.absent(None),
            Walk::TooFar => None,
        }
    }
}
