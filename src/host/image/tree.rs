//! The files of an image, layer over layer (OCI image-spec, layer.md). Links
//! are followed inside of the tree only; nothing of it is written anywhere.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::super::disk::MOST_LINKS;
use super::super::files::ElfKind;

/// Longest path, as in Linux (PATH_MAX).
const MOST_OF_A_PATH: usize = 4096;
/// Most bytes of all names, and most steps from folder to folder.
const MOST_OF_NAMES: usize = 256 << 20;
const MOST_STEPS: u64 = 100_000_000;

pub(super) type Id = usize;

#[derive(Clone, Debug)]
pub(super) struct FileRef {
    /// The layer, and which of its members it is.
    pub(super) layer: usize,
    pub(super) member: usize,
    pub(super) elf: Option<ElfKind>,
    pub(super) executable: bool,
    /// The bytes, of those files that are asked for.
    pub(super) kept: Option<std::sync::Arc<[u8]>>,
}

pub(super) enum Node {
    Folder {
        children: BTreeMap<Box<str>, Id>,
        /// The layer that hid what those below it have here.
        cleared: usize,
    },
    File(FileRef),
    Link(Box<str>),
    /// A device, a pipe, a file that cannot be read.
    Other,
}

struct Placed {
    node: Node,
    layer: usize,
    depth: usize,
}

pub(super) struct Tree {
    nodes: Vec<Placed>,
    /// Which layer is applied; from 1.
    pub(super) layer: usize,
    names: usize,
    steps: Cell<u64>,
}

/// Where a path leads.
pub(super) enum Walk {
    Found(Id),
    /// The folder where it ends, and what is missing there.
    Missing(Id, Vec<Box<str>>),
    /// It goes through a file, or links lead back to themselves.
    Nowhere,
    /// More steps than are taken.
    TooFar,
}

impl Tree {
    pub(super) fn new() -> Tree {
        let root = Placed { node: folder(), layer: 0, depth: 0 };
        Tree { nodes: vec![root], layer: 0, names: 0, steps: Cell::new(MOST_STEPS) }
    }

    pub(super) fn node(&self, id: Id) -> &Node {
        self.nodes.get(id).map_or(&Node::Other, |placed| &placed.node)
    }

    pub(super) fn find(&self, path: &str) -> Walk {
        self.walk(path, true)
    }

    fn walk(&self, path: &str, follow_last: bool) -> Walk {
        let mut rest: Vec<&str> = path.split('/').rev().collect();
        let mut at: Vec<Id> = vec![0];
        let mut links = 0usize;
        while let Some(part) = rest.pop() {
            match part {
                "" | "." => continue,
                ".." => {
                    if at.len() > 1 {
                        at.pop();
                    }
                    continue;
                }
                _ => {}
            }
            let Some(left) = self.steps.get().checked_sub(1) else { return Walk::TooFar };
            self.steps.set(left);
            let here = at.last().copied().unwrap_or(0);
            let Node::Folder { children, .. } = self.node(here) else { return Walk::Nowhere };
            let Some(child) = children.get(part) else {
                rest.push(part);
                let missing = rest.iter().rev().filter(|part| !matches!(**part, "" | "."));
                return Walk::Missing(here, missing.map(|part| (*part).into()).collect());
            };
            match self.node(*child) {
                Node::Link(target) if follow_last || !rest.is_empty() => {
                    links = links.saturating_add(1);
                    if links > MOST_LINKS {
                        return Walk::Nowhere;
                    }
                    if target.starts_with('/') {
                        at.truncate(1);
                    }
                    rest.extend(target.split('/').rev());
                }
                _ => at.push(*child),
            }
        }
        Walk::Found(at.last().copied().unwrap_or(0))
    }

    /// Puts a member of the layer in its place.
    ///
    /// # Errors
    /// Why it is left out, in words.
    pub(super) fn insert(&mut self, path: &str, node: Node) -> Result<(), String> {
        let (parent, name) = self.parent(path)?;
        let Some(name) = name else {
            // The root itself.
            return Ok(());
        };
        let known = self.child(parent, &name);
        match (&node, known.map(|id| self.node(id))) {
            // A folder over a folder keeps what is in it.
            (Node::Folder { .. }, Some(Node::Folder { .. })) => {
                if let Some(placed) = known.and_then(|id| self.nodes.get_mut(id)) {
                    placed.layer = self.layer;
                }
                Ok(())
            }
            _ => self.put(parent, &name, node).map(|_| ()),
        }
    }

    /// The file that a hard link is another name of.
    ///
    /// # Errors
    /// As [`Tree::insert`].
    pub(super) fn insert_hard_link(&mut self, path: &str, target: &str) -> Result<(), String> {
        let node = match self.walk(target, false) {
            Walk::Found(id) => match self.node(id) {
                Node::File(file) => Node::File(file.clone()),
                Node::Link(target) => Node::Link(target.clone()),
                Node::Other => Node::Other,
                Node::Folder { .. } => return Err(format!("a hard link to the folder `{target}`")),
            },
            _ => return Err(format!("a hard link to `{target}`, which is not there")),
        };
        self.insert(path, node)
    }

    /// `.wh.NAME`: hides what lower layers have there, not what this one has.
    ///
    /// # Errors
    /// As [`Tree::insert`].
    pub(super) fn hide(&mut self, folder: &str, name: &str) -> Result<(), String> {
        let Some(parent) = self.existing_folder(folder)? else { return Ok(()) };
        let Some(id) = self.child(parent, name) else { return Ok(()) };
        let own = self.nodes.get(id).is_some_and(|placed| placed.layer == self.layer);
        let kept = self.prune(id);
        if !own && !kept {
            self.remove(parent, name);
        }
        Ok(())
    }

    /// `.wh..wh..opq`: hides all that lower layers have in the folder.
    ///
    /// # Errors
    /// As [`Tree::insert`].
    pub(super) fn hide_all(&mut self, folder: &str) -> Result<(), String> {
        if let Some(id) = self.existing_folder(folder)? {
            self.prune(id);
        }
        Ok(())
    }

    fn existing_folder(&self, path: &str) -> Result<Option<Id>, String> {
        check(path)?;
        match self.walk(path, true) {
            Walk::Found(id) => Ok(matches!(self.node(id), Node::Folder { .. }).then_some(id)),
            Walk::Missing(..) | Walk::Nowhere => Ok(None),
            Walk::TooFar => Err(too_far()),
        }
    }

    /// Takes out what is of lower layers, below a folder; is something left?
    /// (The depth is that of paths: see [`MOST_OF_PARTS`].)
    fn prune(&mut self, id: Id) -> bool {
        let layer = self.layer;
        let Some(Placed { node: Node::Folder { children, cleared }, .. }) = self.nodes.get_mut(id) else {
            return false;
        };
        if *cleared == layer {
            return !children.is_empty();
        }
        *cleared = layer;
        let all = std::mem::take(children);
        let mut left = BTreeMap::new();
        for (name, child) in all {
            let own = self.nodes.get(child).is_some_and(|placed| placed.layer == layer);
            let kept = self.prune(child);
            if own || kept {
                left.insert(name, child);
            }
        }
        let some = !left.is_empty();
        if let Some(Placed { node: Node::Folder { children, .. }, .. }) = self.nodes.get_mut(id) {
            *children = left;
        }
        some
    }

    fn child(&self, parent: Id, name: &str) -> Option<Id> {
        match self.node(parent) {
            Node::Folder { children, .. } => children.get(name).copied(),
            _ => None,
        }
    }

    fn remove(&mut self, parent: Id, name: &str) {
        if let Some(Placed { node: Node::Folder { children, .. }, .. }) = self.nodes.get_mut(parent) {
            children.remove(name);
        }
    }

    fn put(&mut self, parent: Id, name: &str, node: Node) -> Result<Id, String> {
        self.names = self.names.saturating_add(name.len());
        if let Node::Link(target) = &node {
            self.names = self.names.saturating_add(target.len());
        }
        if self.names > MOST_OF_NAMES {
            return Err(format!("more than {MOST_OF_NAMES} bytes of names"));
        }
        // Links can lead deeper than a name.
        let depth = self.nodes.get(parent).map_or(0, |placed| placed.depth).saturating_add(1);
        if depth > MOST_OF_PARTS {
            return Err(too_deep());
        }
        let id = self.nodes.len();
        self.nodes.push(Placed { node, layer: self.layer, depth });
        match self.nodes.get_mut(parent) {
            Some(Placed { node: Node::Folder { children, .. }, .. }) => {
                children.insert(name.into(), id);
                Ok(id)
            }
            _ => Err("its folder is a file".to_owned()),
        }
    }

    /// The folder that a member goes to, made where it is missing (containerd
    /// archive/tar.go resolves links of the folder inside of the root and makes
    /// what is missing), and the name in it.
    fn parent(&mut self, path: &str) -> Result<(Id, Option<Box<str>>), String> {
        let parts = check(path)?;
        let Some((name, folders)) = parts.split_last() else { return Ok((0, None)) };
        let name: Box<str> = (*name).into();
        let (mut at, missing) = match self.walk(&folders.join("/"), true) {
            Walk::Found(id) => (id, Vec::new()),
            Walk::Missing(id, missing) => (id, missing),
            Walk::Nowhere => return Err("its folder is a file, or a link that leads nowhere".to_owned()),
            Walk::TooFar => return Err(too_far()),
        };
        for part in missing {
            if &*part == ".." {
                return Err("its folder is a link that leads nowhere".to_owned());
            }
            at = self.put(at, &part, folder())?;
        }
        match self.node(at) {
            Node::Folder { .. } => Ok((at, Some(name))),
            _ => Err("its folder is a file".to_owned()),
        }
    }

    /// Every file with its path, in the order of names.
    pub(super) fn files(&self, each: &mut dyn FnMut(&str, &FileRef)) {
        let mut stack: Vec<(Id, String)> = vec![(0, String::new())];
        while let Some((id, path)) = stack.pop() {
            match self.node(id) {
                Node::Folder { children, .. } => {
                    stack.extend(children.iter().rev().map(|(name, id)| (*id, format!("{path}/{name}"))));
                }
                Node::File(file) => each(&path, file),
                Node::Link(_) | Node::Other => {}
            }
        }
    }
}

pub(super) fn folder() -> Node {
    Node::Folder { children: BTreeMap::new(), cleared: 0 }
}

/// Most folders inside each other.
const MOST_OF_PARTS: usize = 255;

/// The parts of a member's name, which must stay inside.
fn check(path: &str) -> Result<Vec<&str>, String> {
    if path.len() > MOST_OF_A_PATH {
        return Err(format!("its name has {} bytes; {MOST_OF_A_PATH} are allowed", path.len()));
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.len() > MOST_OF_PARTS {
        return Err(too_deep());
    }
    if parts.contains(&"..") {
        return Err("its name has `..`, which may lead out of the image".to_owned());
    }
    Ok(parts)
}

fn too_deep() -> String {
    format!("more than {MOST_OF_PARTS} folders inside each other")
}

fn too_far() -> String {
    format!("more than {MOST_STEPS} steps through folders and links")
}
