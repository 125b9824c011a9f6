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
        let record = self.layout.record();
        let field = |offset: usize| function.record.saturating_add(offset);
        let pcdata_count = self.u32(field(record.pcdata_count))?;
        let funcdata_count = *self.bytes.get(field(record.funcdata_count))?;
        if pcdata_count <= shape.pcdata || funcdata_count <= shape.funcdata {
            return None;
        }
        let pcdata = field(record.lists);
        let index = self.u32(pcdata.saturating_add((shape.pcdata as usize).saturating_mul(4)))?;
        let funcdata = pcdata.saturating_add((pcdata_count as usize).saturating_mul(4));
        let number = usize::from(shape.funcdata);
        let address = if self.version().by_offset() {
            let offset = self.u32(funcdata.saturating_add(number.saturating_mul(4)))?;
            if offset == u32::MAX {
                return None;
            }
            self.layout.gofunc?.offset(offset.into())
        } else {
            // Pointers, aligned (runtime/symtab.go, `funcdata`, 1.17).
            let size = usize::from(self.layout.words.pointer_size);
            let start = self.layout.address.0.wrapping_add(funcdata as u64);
            let gap = if size == 8 && start & 4 != 0 { 4 } else { 0 };
            let at = funcdata.saturating_add(gap).saturating_add(number.saturating_mul(size));
            LinkAddr(self.pointer(at).filter(|address| *address != 0)?)
        };
        let records = self.binary.bytes().get(self.binary.image.offset_of(address)?..)?;
        Some(Tree { shape, index, records })
    }

    /// As [`Pclntab::places`] for an address in a known function.
    pub fn places_in(&self, function: &Function<'a>, address: LinkAddr) -> Vec<Place<'a>> {
        let mut out = Vec::new();
        let mut at = address;
        let Some(tree) = self.inline_tree(function) else {
            let place = self.file_line(function, at);
            out.extend(place.map(|place| physical(function, place)));
            return out;
        };
        while out.len() < MAX_INLINE
            && let Some(index) = self.value(tree.index, function.entry, at)
            && let Ok(index) = usize::try_from(index)
        {
            let start = index.saturating_mul(tree.shape.size);
            let word = |offset: usize| self.layout.words.u32(tree.records, start.saturating_add(offset));
            let Some(name) = word(tree.shape.name) else { break };
            let Some((file, line)) = self.file_line(function, at) else { return Vec::new() };
            out.push(Place { function: self.name(name), file, line, inlined: true });
            match tree.shape.step {
                Step::ParentPc(offset) => match word(offset) {
                    Some(parent) => at = function.entry.offset(parent.into()),
                    None => break,
                },
                Step::Parent => return self.by_parents(function, &tree, index, out),
            }
        }
        match self.file_line(function, at) {
            Some(place) => out.push(physical(function, place)),
            None => out.clear(),
        }
        out
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
