//! a.out of Plan 9: a header, the text, the data, a symbol table, in this order
//! (debug/plan9obj/file.go; cmd/link/internal/ld/outbuf.go, 1.27).

use super::{Format, Image, Section, Segment, Words};
use crate::error::{Error, Result};
use crate::source::Origin;
use crate::target::Goarch;

/// One architecture: magic number, address of the mapped header, page size
/// (cmd/link/internal/*/obj.go, `HEADTYPE` hplan9).
struct Machine {
    magic: u32,
    arch: Goarch,
    base: u64,
    page: u64,
}

const MACHINES: [Machine; 3] = [
    Machine { magic: 0x1eb, arch: Goarch::I386, base: 0x1000, page: 0x1000 },
    Machine { magic: 0x647, arch: Goarch::Arm, base: 0x1000, page: 0x1000 },
    Machine { magic: 0x8a97, arch: Goarch::Amd64, base: 0x20_0000, page: 0x20_0000 },
];

/// The header is big-endian on every architecture.
const HEADER: Words = Words { pointer_size: 4, big_endian: true };
/// With it the header has a 64-bit entry address behind its eight words.
const WIDE: u32 = 0x8000;

pub(super) fn matches(data: &[u8]) -> bool {
    machine(data).is_some()
}

fn machine(data: &[u8]) -> Option<&'static Machine> {
    let magic = HEADER.u32(data, 0)?;
    MACHINES.iter().find(|machine| machine.magic == magic)
}

pub(super) fn parse(origin: &Origin, data: &[u8]) -> Result<Image> {
    let short = || Error::Malformed {
        origin: origin.clone(),
        offset: data.len() as u64,
        what: "the file ends inside the Plan 9 header (32 or 40 bytes expected)".to_owned(),
    };
    let machine = machine(data).ok_or_else(short)?;
    let word = |index: usize| HEADER.u32(data, index.saturating_mul(4)).ok_or_else(short);
    let (text, rest, symbols) = (word(1)? as usize, word(2)? as usize, word(4)? as usize);
    let header = if machine.magic & WIDE == 0 { 32usize } else { 40 };
    let start = machine.base.saturating_add(header as u64);
    let data_at = header.saturating_add(text);
    let data_address = start.saturating_add(text as u64).next_multiple_of(machine.page);
    let mut image =
        Image::new(Format::Plan9, Some(machine.arch), format!("Plan 9 header: magic {:#x}", machine.magic));
    let parts = [
        (".text", start, header, text, true),
        (".data", data_address, data_at, rest, false),
        (".symtab", 0, data_at.saturating_add(rest), symbols, false),
    ];
    for (name, address, offset, length, executable) in parts.into_iter().filter(|part| part.3 > 0) {
        image.sections.push(Section { name: name.to_owned(), address, offset, length });
        if name != ".symtab" {
            image.segments.push(Segment { address, offset, length, writable: !executable, executable });
        }
    }
    image.clip(data.len());
    Ok(image)
}
