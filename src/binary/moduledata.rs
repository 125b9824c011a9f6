//! `runtime.firstmoduledata`: the text base and the funcdata base, which the
//! pclntab alone does not tell (runtime/symtab.go, `moduledata`).

use super::image::{Image, Words};
use super::pclntab::{Header, Version};
use crate::addr::LinkAddr;

pub(super) struct Module {
    pub(super) text: LinkAddr,
    pub(super) gofunc: Option<LinkAddr>,
}

/// Word indexes that differ between versions: (gofunc, textsectmap).
/// runtime/symtab.go at 1.27, 1.26, 1.20–1.25, 1.18–1.19.
const GO120: [(usize, usize); 3] = [(43, 45), (40, 42), (40, 41)];
const GO118: [(usize, usize); 1] = [(38, 39)];
/// `text` is word 22 in every version since Go 1.16.
const TEXT: usize = 22;

/// Looks for the structure whose first word points at the pclntab: in its own
/// section (1.26+), else wherever that pointer stands, in the file or as the
/// target of a relocation.
pub(super) fn find(
    image: &Image,
    data: &[u8],
    pclntab: LinkAddr,
    header: &Header,
    pointer: &dyn Fn(LinkAddr) -> Option<u64>,
    relocated_to: &dyn Fn(u64) -> Vec<u64>,
) -> Option<Module> {
    let words = Words { pointer_size: image.pointer_size, big_endian: image.big_endian };
    let pattern = words.encode(pclntab.0);
    let size = usize::from(words.pointer_size);
    let named = [".go.module", "__go_module"].iter().filter_map(|name| image.section(name));
    let starts: Vec<u64> = named.map(|section| section.address).collect();
    let check = |at: u64| module_at(image, data, words, LinkAddr(at), pclntab, header, pointer);
    if let Some(module) = starts.into_iter().find_map(check) {
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
            let aligned = address.filter(|address| address.0.is_multiple_of(size as u64));
            if let Some(module) = aligned.and_then(|address| check(address.0)) {
                return Some(module);
            }
        }
    }
    relocated_to(pclntab.0).into_iter().find_map(check)
}

fn module_at(
    image: &Image,
    data: &[u8],
    words: Words,
    start: LinkAddr,
    pclntab: LinkAddr,
    header: &Header,
    pointer: &dyn Fn(LinkAddr) -> Option<u64>,
) -> Option<Module> {
    let size = u64::from(words.pointer_size);
    let word = |index: usize| pointer(start.offset((index as u64).wrapping_mul(size)));
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
    let layouts: &[(usize, usize)] = match header.version {
        Version::Go118 => &GO118,
        Version::Go120 => &GO120,
    };
    let fits = |(_, sections): &&(usize, usize)| {
        // textsectmap: its first entry is (0, length, text).
        let (Some(map), Some(length), Some(capacity)) =
            (word(*sections), word(sections.saturating_add(1)), word(sections.saturating_add(2)))
        else {
            return false;
        };
        let base = pointer(LinkAddr(map).offset(size.wrapping_mul(2)));
        length == capacity
            && (1..=64).contains(&length)
            && pointer(LinkAddr(map)) == Some(0)
            && base == Some(text)
    };
    let gofunc = layouts.iter().find(fits).and_then(|(gofunc, _)| word(*gofunc));
    let gofunc = gofunc
        .map(LinkAddr)
        .filter(|address| image.offset_of(*address).is_some_and(|offset| offset < data.len()));
    Some(Module { text: LinkAddr(text), gofunc })
}
