//! `runtime.firstmoduledata`: the text base and the funcdata base, which the
//! pclntab alone does not tell (runtime/symtab.go, `moduledata`).

use super::super::Binary;
use super::layout::{Header, Version};
use crate::addr::LinkAddr;

pub(super) struct Module {
    pub(super) text: LinkAddr,
    pub(super) gofunc: Option<LinkAddr>,
    /// `textsectmap`, where there is more than one: (offset, end offset, address).
    pub(super) sections: Vec<(u64, u64, u64)>,
}

/// Word indexes that differ between versions: (gofunc, textsectmap).
/// runtime/symtab.go at 1.27, 1.26, 1.20–1.25, 1.18–1.19.
const GO120: [(usize, usize); 3] = [(43, 45), (40, 42), (40, 41)];
const GO118: [(usize, usize); 1] = [(38, 39)];
/// `text` is word 22 in every version since Go 1.16.
const TEXT: usize = 22;
/// Most text sections that are believed. Large programs for ppc64 have some five.
const MAX_SECTIONS: u64 = 64;

/// Looks for the structure whose first word points at the pclntab: in its own
/// section (1.26+), else wherever that pointer stands, in the file or as the
/// target of a relocation.
pub(super) fn find(binary: &Binary, pclntab: LinkAddr, header: &Header) -> Option<Module> {
    let (image, data) = (&binary.image, binary.bytes());
    let words = image.words();
    let pattern = words.encode(pclntab.0);
    let check = |at: u64| module_at(binary, LinkAddr(at), pclntab, header);
    let named = [".go.module", "__go_module"].iter().filter_map(|name| image.section(name));
    if let Some(module) = named.map(|section| section.address).find_map(check) {
        return Some(module);
    }
    let data_sections = [".noptrdata", ".data", "__noptrdata", "__data"];
    let sections = image.sections.iter().filter(|s| data_sections.contains(&s.name.as_str()));
    let areas = sections.map(|s| (s.offset, s.length));
    let segments = image.segments.iter().map(|s| (s.offset, s.length));
    for (offset, length) in areas.chain(segments) {
        let Some(area) = data.get(offset..offset.saturating_add(length)) else { continue };
        for at in memchr::memmem::find_iter(area, &pattern) {
            let address = image.address_of(offset.saturating_add(at));
            let aligned = address.filter(|address| address.0.is_multiple_of(words.pointer_size.into()));
            if let Some(module) = aligned.and_then(|address| check(address.0)) {
                return Some(module);
            }
        }
    }
    binary.relocated_to(pclntab.0).into_iter().find_map(check)
}

fn module_at(binary: &Binary, start: LinkAddr, pclntab: LinkAddr, header: &Header) -> Option<Module> {
    let size = u64::from(binary.image.pointer_size);
    let word = |index: usize| binary.pointer(start.offset((index as u64).wrapping_mul(size)));
    // pcHeader, funcnametab.ptr, pctab.ptr, and ftab.len = number of functions + 1.
    let related = word(0)? == pclntab.0
        && word(1)? == pclntab.0.wrapping_add(header.names as u64)
        && word(10)? == pclntab.0.wrapping_add(header.tables as u64)
        && word(17)? == (header.functions as u64).wrapping_add(1);
    if !related {
        return None;
    }
    let text = word(TEXT)?;
    // Up to 1.25 the header repeats it, but in a PIE it may wait for a relocation.
    if header.text_start != 0 && header.text_start != text {
        return None;
    }
    let layouts: &[(usize, usize)] = if header.version >= Version::Go120 { &GO120 } else { &GO118 };
    let sections = |index: usize| -> Option<Vec<(u64, u64, u64)>> {
        let (map, length, capacity) =
            (word(index)?, word(index.checked_add(1)?)?, word(index.checked_add(2)?)?);
        if length != capacity || !(1..=MAX_SECTIONS).contains(&length) {
            return None;
        }
        let entry = |number: u64| {
            let at = |field: u64| {
                let words = number.wrapping_mul(3).wrapping_add(field);
                binary.pointer(LinkAddr(map).offset(words.wrapping_mul(size)))
            };
            Some((at(0)?, at(1)?, at(2)?))
        };
        // The first entry is (0, length, text).
        let sections: Vec<_> = (0..length).map(entry).collect::<Option<_>>()?;
        sections
            .first()
            .is_some_and(|(offset, _, address)| *offset == 0 && *address == text)
            .then_some(sections)
    };
    let fitting = layouts.iter().find_map(|(gofunc, map)| Some((*gofunc, sections(*map)?)));
    let (gofunc, sections) =
        fitting.map_or((None, Vec::new()), |(gofunc, sections)| (word(gofunc), sections));
    let gofunc = gofunc.map(LinkAddr).filter(|address| binary.image.offset_of(*address).is_some());
    let sections = if sections.len() > 1 { sections } else { Vec::new() };
    Some(Module { text: LinkAddr(text), gofunc, sections })
}
