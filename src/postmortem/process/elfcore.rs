//! The file: ELF headers, segments of memory, notes.

use object::elf;
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Endianness, ReadRef};

use super::machine::Machine;
use crate::binary::image::Words;
use crate::error::{Error, Result};
use crate::source::Origin;
use crate::target::Goarch;

/// A part of the process's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    pub address: u64,
    /// Bytes in memory.
    pub size: u64,
    /// Bytes that the file claims to hold of it, from its start.
    pub stored: u64,
    pub offset: u64,
    pub writable: bool,
    pub executable: bool,
}

/// One note: the owner's name, the type, the contents.
#[derive(Clone, Copy, Debug)]
pub(in crate::postmortem) struct Note<'a> {
    pub(in crate::postmortem) owner: &'a [u8],
    pub(in crate::postmortem) kind: u32,
    pub(in crate::postmortem) bytes: &'a [u8],
}

/// What the headers say.
pub(in crate::postmortem) struct Headers<'a> {
    pub(in crate::postmortem) words: Words,
    pub(in crate::postmortem) machine: Option<&'static Machine>,
    /// e_machine, class and byte order, for the words of a refusal.
    pub(in crate::postmortem) machine_text: String,
    pub(in crate::postmortem) segments: Vec<Segment>,
    pub(in crate::postmortem) notes: Vec<Note<'a>>,
    /// What is missing or wrong.
    pub(in crate::postmortem) damage: Vec<String>,
}

/// Formats of dumps that are not read, by how they begin.
const OTHERS: [(&[u8], &str); 6] = [
    (b"MDMP", "a Windows minidump"),
    (b"PAGEDU64", "a Windows kernel dump"),
    (b"PAGEDUMP", "a Windows kernel dump"),
    (b"\xcf\xfa\xed\xfe", "a Mach-O file of macOS"),
    (b"\xfe\xed\xfa\xcf", "a Mach-O file of macOS"),
    (b"go1.5 heap dump\n", "a heap dump of debug.WriteHeapDump"),
];

pub(in crate::postmortem) fn read<'a>(origin: &Origin, data: &'a [u8]) -> Result<Headers<'a>> {
    let unrecognised = |what: String| Error::Unrecognised { origin: origin.clone(), what };
    if let Some((_, name)) = OTHERS.iter().find(|(magic, _)| data.starts_with(magic)) {
        return Err(unrecognised(format!("{name}: only ELF cores of Linux are read")));
    }
    if !data.starts_with(b"\x7fELF") {
        return Err(unrecognised("not a core: it does not begin with the magic number of ELF".to_owned()));
    }
    match data.get(4) {
        Some(1) => headers::<elf::FileHeader32<Endianness>>(origin, data),
        Some(2) => headers::<elf::FileHeader64<Endianness>>(origin, data),
        other => Err(Error::Malformed {
            origin: origin.clone(),
            offset: 4,
            what: format!("ELF class {}: expected 1 or 2", other.map_or("missing".to_owned(), u8::to_string)),
        }),
    }
}

fn headers<'a, H: FileHeader<Endian = Endianness>>(origin: &Origin, data: &'a [u8]) -> Result<Headers<'a>> {
    let malformed = |what: String| Error::Malformed { origin: origin.clone(), offset: 0, what };
    let header = H::parse(data).map_err(|_| {
        malformed(format!(
            "the file ends inside the ELF header, after {} of {} bytes",
            data.len(),
            size_of::<H>()
        ))
    })?;
    let endian = header.endian().map_err(|error| malformed(error.to_string()))?;
    if header.e_type(endian) != elf::ET_CORE {
        let kind = match header.e_type(endian) {
            elf::ET_EXEC | elf::ET_DYN => "an ELF executable or library",
            elf::ET_REL => "an ELF object file",
            _ => "an ELF file of an unknown type",
        };
        let what = format!("not a core but {kind} (e_type {})", header.e_type(endian).0);
        return Err(Error::Unrecognised { origin: origin.clone(), what });
    }
    let (wide, big) = (header.is_class_64(), header.is_big_endian());
    let words = Words { pointer_size: if wide { 8 } else { 4 }, big_endian: big };
    let arch = Goarch::of_elf(header.e_machine(endian).0, wide, big);
    let mut out = Headers {
        words,
        machine: arch.and_then(Machine::of),
        machine_text: format!(
            "{}e_machine {}, {}-bit, {}-endian",
            arch.map(|arch| format!("{arch}: ")).unwrap_or_default(),
            header.e_machine(endian).0,
            if wide { 64 } else { 32 },
            if big { "big" } else { "little" }
        ),
        segments: Vec::new(),
        notes: Vec::new(),
        damage: Vec::new(),
    };
    let (table, missing) = program_headers(header, endian, data);
    out.damage.extend(missing);
    for ph in table {
        let (offset, stored) = ph.file_range(endian);
        match ph.p_type(endian) {
            elf::PT_NOTE => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX);
                let end = usize::try_from(offset.saturating_add(stored)).unwrap_or(usize::MAX);
                match data.get(start..end.min(data.len())) {
                    Some(bytes) => notes(words, bytes, &mut out),
                    None => out.damage.push(format!(
                        "the notes are at offset {offset:#x}, behind the end of the file ({:#x}): no threads, no \
                         registers, no process",
                        data.len()
                    )),
                }
            }
            elf::PT_LOAD => out.segments.push(Segment {
                address: ph.p_vaddr(endian).into(),
                size: ph.p_memsz(endian).into(),
                stored,
                offset,
                writable: ph.p_flags(endian).contains(elf::PF_W),
                executable: ph.p_flags(endian).contains(elf::PF_X),
            }),
            _ => {}
        }
    }
    out.segments.sort_by_key(|segment| segment.address);
    out.damage.extend(truncation(&out.segments, data.len() as u64));
    Ok(out)
}

/// The table, or as much of it as the file holds.
fn program_headers<H: FileHeader<Endian = Endianness>>(
    header: &H,
    endian: Endianness,
    data: &[u8],
) -> (Vec<H::ProgramHeader>, Option<String>) {
    let whole = header.program_headers(endian, data);
    if let Ok(table) = whole {
        return (table.to_vec(), None);
    }
    let claimed = usize::from(header.e_phnum(endian));
    let start: u64 = header.e_phoff(endian).into();
    let size = size_of::<H::ProgramHeader>() as u64;
    let room = (data.len() as u64).saturating_sub(start).checked_div(size).unwrap_or(0);
    let count = usize::try_from(room).unwrap_or(0).min(claimed);
    let table: &[H::ProgramHeader] = data.read_slice_at(start, count).unwrap_or_default();
    let damage = format!("the file ends inside the program headers, after {} of {claimed}", table.len());
    (table.to_vec(), Some(damage))
}

fn notes<'a>(words: Words, bytes: &'a [u8], out: &mut Headers<'a>) {
    let mut rest = bytes;
    while rest.len() >= 12 {
        let field = |at: usize| words.u32(rest, at).unwrap_or(0) as usize;
        let (name, size) = (field(0), field(4));
        let padded = |length: usize| length.saturating_add(3) & !3;
        let start = 12usize.saturating_add(padded(name));
        let (Some(owner), Some(bytes)) =
            (rest.get(12..12usize.saturating_add(name)), rest.get(start..start.saturating_add(size)))
        else {
            out.damage.push(format!(
                "a note claims {name} + {size} bytes where {} are left: this and later notes are lost",
                rest.len().saturating_sub(12)
            ));
            return;
        };
        let owner = owner.strip_suffix(b"\0").unwrap_or(owner);
        out.notes.push(Note { owner, kind: field(8) as u32, bytes });
        rest = rest.get(start.saturating_add(padded(size))..).unwrap_or_default();
    }
}

/// What is missing where the file is shorter than its headers say.
fn truncation(segments: &[Segment], length: u64) -> Option<String> {
    let end = segments.iter().map(|s| s.offset.saturating_add(s.stored)).max()?;
    if end <= length {
        return None;
    }
    let lost = |s: &&Segment| s.offset.saturating_add(s.stored) > length && s.stored > 0;
    let lost: Vec<&Segment> = segments.iter().filter(lost).collect();
    let shown: Vec<String> = lost
        .iter()
        .take(3)
        .map(|s| {
            format!(
                "{:#x}-{:#x}",
                s.address.saturating_add(length.saturating_sub(s.offset)),
                s.address.saturating_add(s.stored)
            )
        })
        .collect();
    let more = if lost.len() > shown.len() {
        format!(" and {} more", lost.len().saturating_sub(shown.len()))
    } else {
        String::new()
    };
    Some(format!(
        "truncated: the headers speak of {end} bytes, the file has {length} (a limit of `ulimit -c`, a full disk or a \
         copy that was cut); memory that is missing: {}{more}",
        shown.join(", ")
    ))
}
