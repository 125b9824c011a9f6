//! The tree of inlined calls of a function, in every layout it has had
//! (cmd/link/internal/ld/pcln.go, `genInlTreeSym`; runtime/symtabinl.go).

use super::{Function, Pclntab, Place, Version};
use crate::addr::LinkAddr;

/// Longest chain of inlined calls that is followed; the runtime has no such
/// limit, but its own tables stay below ten.
const MAX_INLINE: usize = 1000;

/// Where a version keeps the tree and what a record of it holds.
struct Shape {
    /// PCDATA_InlTreeIndex and FUNCDATA_InlTree (runtime/funcdata.h; internal/abi/symtab.go).
    pcdata: u32,
    funcdata: u8,
    size: usize,
    name: usize,
    step: Step,
}

/// What leads from an inlined call to the one around it.
enum Step {
    /// Offset of a pc of the function, where the tables tell the rest.
    ParentPc(usize),
    /// Index of the parent's record (0), with the file (4) and line (8) of the call.
    Parent,
}

fn shape(version: Version) -> Option<Shape> {
    let shape = |pcdata, funcdata, size, name, step| Some(Shape { pcdata, funcdata, size, name, step });
    match version {
        Version::Go102 => None,
        Version::Go109 => shape(1, 2, 16, 12, Step::Parent),
        Version::Go112 => shape(1, 2, 20, 12, Step::ParentPc(16)),
        Version::Go113 => shape(2, 4, 20, 12, Step::ParentPc(16)),
        Version::Go116 | Version::Go118 => shape(2, 3, 20, 12, Step::ParentPc(16)),
        Version::Go120 => shape(2, 3, 16, 4, Step::ParentPc(8)),
    }
}

/// The records of one function.
struct Tree<'a> {
    shape: Shape,
    /// The pc-value table that gives the index of a record.
    index: u32,
    records: &'a [u8],
}

impl<'a> Pclntab<'a> {
    fn inline_tree(&self, function: &Function<'a>) -> Option<Tree<'a>> {
        let shape = shape(self.version())?;
        let index = self.pcdata(function, shape.pcdata)?;
        let records = self.funcdata_bytes(function, shape.funcdata)?;
        Some(Tree { shape, index, records })
    }

    /// As [`Pclntab::places`] for an address in a known function.
    pub fn places_in(&self, function: &Function<'a>, address: LinkAddr) -> Vec<Place<'a>> {
        self.places_and_parent(function, address).0
    }

    /// The places, and the pc of the outermost one.
    pub(super) fn places_and_parent(
        &self,
        function: &Function<'a>,
        address: LinkAddr,
    ) -> (Vec<Place<'a>>, LinkAddr) {
        let mut out = Vec::new();
        let mut at = address;
        let Some(tree) = self.inline_tree(function) else {
            let place = self.file_line(function, at);
            out.extend(place.map(|place| physical(function, place)));
            return (out, at);
        };
        while out.len() < MAX_INLINE
            && let Some(index) = self.value(tree.index, function.entry, at)
            && let Ok(index) = usize::try_from(index)
        {
            let start = index.saturating_mul(tree.shape.size);
            let word = |offset: usize| self.layout.words.u32(tree.records, start.saturating_add(offset));
            let Some(name) = word(tree.shape.name) else { break };
            let Some((file, line)) = self.file_line(function, at) else { return (Vec::new(), at) };
            out.push(Place { function: self.name(name), file, line, inlined: true });
            match tree.shape.step {
                Step::ParentPc(offset) => match word(offset) {
                    Some(parent) => at = function.entry.offset(parent.into()),
                    None => break,
                },
                Step::Parent => return (self.by_parents(function, &tree, index, out), at),
            }
        }
        match self.file_line(function, at) {
            Some(place) => out.push(physical(function, place)),
            None => out.clear(),
        }
        (out, at)
    }

    /// Up to Go 1.11 a record tells where its call stands (runtime/symtab.go,
    /// `funcline1` and `expandFinalInlineFrame`, 1.11).
    fn by_parents(
        &self,
        function: &Function<'a>,
        tree: &Tree<'a>,
        mut index: usize,
        mut out: Vec<Place<'a>>,
    ) -> Vec<Place<'a>> {
        while out.len() < MAX_INLINE {
            let start = index.saturating_mul(tree.shape.size);
            let word =
                |at: usize, offset: usize| self.layout.words.u32(tree.records, at.saturating_add(offset));
            let (Some(parent), Some(file), Some(line)) = (word(start, 0), word(start, 4), word(start, 8))
            else {
                break;
            };
            let place = (self.file(file).unwrap_or(b"?"), line);
            let next = usize::try_from(parent.cast_signed()).ok();
            let name = next.and_then(|next| word(next.saturating_mul(tree.shape.size), tree.shape.name));
            match (next, name) {
                (Some(next), Some(name)) => {
                    out.push(Place {
                        function: self.name(name),
                        file: place.0,
                        line: place.1,
                        inlined: true,
                    });
                    index = next;
                }
                _ => {
                    out.push(physical(function, place));
                    return out;
                }
            }
        }
        Vec::new()
    }
}

fn physical<'a>(function: &Function<'a>, (file, line): (&'a [u8], u32)) -> Place<'a> {
    Place { function: function.name, file, line, inlined: false }
}
