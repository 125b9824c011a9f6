//! Finding the pclntab: by section, else by its magic number in everything that
//! is mapped, else, where the number was changed, by the shape of its header.

use super::super::Binary;
use super::layout::{Header, Layout, MAGICS, Version};
use super::moduledata;
use crate::addr::LinkAddr;
use crate::target::Goarch;

const SECTIONS: [&str; 3] = [".gopclntab", ".data.rel.ro.gopclntab", "__gopclntab"];

/// # Errors
/// The reason in words, for the report.
pub(in crate::binary) fn find(binary: &Binary) -> Result<Layout, String> {
    let image = &binary.image;
    for section in SECTIONS.iter().filter_map(|name| image.section(name)) {
        if let Some(layout) = at(binary, section.offset, section.length, "section", false) {
            return Ok(layout);
        }
    }
    for (altered, from) in [(false, "search for its magic number"), (true, "the shape of its header")] {
        for segment in &image.segments {
            let Some(area) =
                binary.bytes().get(segment.offset..segment.offset.saturating_add(segment.length))
            else {
                continue;
            };
            for start in candidates(binary, area, altered) {
                let offset = segment.offset.saturating_add(start);
                let length = segment.length.saturating_sub(start);
                if let Some(layout) = at(binary, offset, length, from, altered) {
                    return Ok(layout);
                }
            }
        }
    }
    Err("no pclntab".to_owned())
}

/// Places in an area where a header may begin.
fn candidates(binary: &Binary, area: &[u8], altered: bool) -> Vec<usize> {
    let words = binary.image.words();
    let mut out = Vec::new();
    if altered {
        // Two zero bytes, the quantum, the size of a pointer. The linker aligns
        // the table to 32 bytes (cmd/link/internal/ld/pcln.go).
        for quantum in [1, 2, 4] {
            let pattern = [0, 0, quantum, words.pointer_size];
            let starts = memchr::memmem::find_iter(area, &pattern).filter_map(|at| at.checked_sub(4));
            out.extend(starts.filter(|at| at.is_multiple_of(8)));
        }
    } else {
        for magic in MAGICS {
            let pattern = if words.big_endian { magic.to_be_bytes() } else { magic.to_le_bytes() };
            out.extend(memchr::memmem::find_iter(area, &pattern).filter(|at| at.is_multiple_of(4)));
        }
    }
    out
}

fn at(binary: &Binary, offset: usize, length: usize, from: &'static str, altered: bool) -> Option<Layout> {
    let end = offset.saturating_add(length).min(binary.bytes().len());
    let bytes = binary.bytes().get(offset..end)?;
    let words = binary.image.words();
    // A section that is called so may hold a table whose number was changed.
    let named = from == "section";
    let header = Header::read(bytes, words, altered || named, &|| binary.go_minor())?;
    let altered = !MAGICS.contains(&words.u32(bytes, 0)?);
    let address = binary.image.address_of(offset)?;
    let mut layout = Layout {
        from,
        altered,
        address,
        functions: header.functions,
        text: LinkAddr(0),
        sections: Vec::new(),
        shift: 0,
        gofunc: None,
        offset,
        end,
        words,
        header,
    };
    if layout.header.version.by_offset() {
        let module = moduledata::find(binary, address, &layout.header)?;
        layout.text = module.text;
        layout.gofunc = module.gofunc;
        layout.sections = module.sections;
        layout.shift = wasm_shift(binary, &layout, bytes);
    } else {
        let first = address.offset(layout.header.table as u64);
        layout.text = LinkAddr(binary.pointer(first)?);
        // Such a header is short: the first name has to be one.
        let record = binary.pointer(first.offset(words.pointer_size.into()))?;
        let record = layout.header.records.checked_add(usize::try_from(record).ok()?)?;
        let name = words.u32(bytes, record.checked_add(layout.record().name)?)?;
        let name = bytes.get(layout.header.names.checked_add(name as usize)?..)?;
        let printable = name.iter().take_while(|byte| **byte != 0).take(4096);
        if !printable.clone().all(|byte| *byte > b' ') || printable.count() == 0 {
            return None;
        }
    }
    Some(layout)
}

/// Up to Go 1.24 the entries of a module are indexes of functions shifted by
/// 16, since 1.25 the indexes themselves.
fn wasm_shift(binary: &Binary, layout: &Layout, bytes: &[u8]) -> u32 {
    let entry =
        |index: usize| layout.words.u32(bytes, layout.header.table.saturating_add(index.saturating_mul(8)));
    let shifted = || (0..layout.functions.min(1000)).filter_map(entry).all(|entry| entry & 0xffff == 0);
    let index =
        binary.image.arch == Some(Goarch::Wasm) && layout.header.version >= Version::Go120 && !shifted();
    if index { 16 } else { 0 }
}
