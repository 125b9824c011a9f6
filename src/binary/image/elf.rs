//! ELF: the file header, the program and section tables, and the dynamic
//! section. Everything that a loader looks at is read through the program
//! headers, so that it survives the removal of the section table.

use object::elf;
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader};
use object::{Endianness, ReadRef};
use rustc_hash::FxHashMap;

use super::{Format, Image, Section, Segment, Truncated, Words};
use crate::addr::LinkAddr;
use crate::error::{Error, Result};
use crate::source::Origin;
use crate::target::Goarch;

/// What only ELF files have.
#[derive(Clone, Debug, Default)]
pub struct Elf {
    /// `ET_EXEC` = 2, `ET_DYN` = 3.
    pub e_type: u16,
    pub e_machine: u16,
    pub e_flags: u32,
    /// Where the program starts.
    pub entry: u64,
    pub osabi: u8,
    /// PT_INTERP: the loader that the kernel starts in the program's stead.
    pub interpreter: Option<String>,
    /// There is a PT_DYNAMIC.
    pub dynamic: bool,
    /// DT_NEEDED, in order.
    pub needed: Vec<String>,
    /// DT_RUNPATH or DT_RPATH.
    pub runpath: Option<String>,
    pub soname: Option<String>,
    pub flags_1: u64,
    /// (library, version) of every symbol version that is needed.
    pub versions: Vec<(String, String)>,
    pub go_build_id: Option<String>,
    pub gnu_build_id: Option<String>,
    /// Oldest kernel that a C library's start files accept (NT_GNU_ABI_TAG).
    pub kernel_floor: Option<(u32, u32, u32)>,
    /// Operating systems that vendor notes name.
    pub note_os: Vec<&'static str>,
    /// Where the loader finds symbols and relocations.
    pub tables: Tables,
}

/// Link addresses (and sizes in bytes) of tables of the dynamic section.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    symtab: Option<u64>,
    rela: Option<(u64, u64)>,
    rel: Option<(u64, u64)>,
    relr: Option<(u64, u64)>,
}

/// `DF_1_PIE` (elf.h): set by every linker that makes a PIE today.
const DF_1_PIE: u64 = 0x0800_0000;

impl Elf {
    /// What a run of notes says.
    pub fn of_notes(words: Words, bytes: &[u8]) -> Elf {
        let mut out = Elf::default();
        notes(words, bytes, &mut out);
        out
    }

    /// A position-independent executable, as opposed to a shared library.
    pub fn pie(&self) -> bool {
        self.e_type == elf::ET_DYN.0 && (self.interpreter.is_some() || self.flags_1 & DF_1_PIE != 0)
    }

    /// Highest version of the C library proper (`GLIBC_2.34`) among those needed.
    pub fn glibc_needed(&self) -> Option<String> {
        let glibc = self.versions.iter().filter_map(|(_, version)| version.strip_prefix("GLIBC_"));
        let numbered = glibc.filter(|version| version.starts_with(|c: char| c.is_ascii_digit()));
        numbered.max_by_key(|version| version_key(version)).map(str::to_owned)
    }
}

/// Orders dotted versions by number: 2.9 < 2.34.
pub fn version_key(version: &str) -> Vec<u64> {
    version.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

pub(super) fn parse(origin: &Origin, data: &[u8]) -> Result<Image> {
    let malformed = |offset: usize, what: String| Error::Malformed {
        origin: origin.clone(),
        offset: offset as u64,
        what,
    };
    match data.get(4) {
        Some(1) => header::<elf::FileHeader32<Endianness>>(data).map_err(|(o, w)| malformed(o, w)),
        Some(2) => header::<elf::FileHeader64<Endianness>>(data).map_err(|(o, w)| malformed(o, w)),
        Some(class) => Err(malformed(4, format!("ELF class {class}: expected 1 (32-bit) or 2 (64-bit)"))),
        None => Err(malformed(4, "the file ends inside the ELF identification".to_owned())),
    }
}

fn header<H: FileHeader<Endian = Endianness>>(data: &[u8]) -> Result<Image, (usize, String)> {
    let size = size_of::<H>();
    let header = H::parse(data).map_err(|_| match data.len() {
        length if length < size => {
            (length, format!("the file ends inside the ELF header ({size} bytes expected)"))
        }
        _ => (5, "the ELF identification names an unknown byte order or version".to_owned()),
    })?;
    let endian = header.endian().map_err(|error| (5, error.to_string()))?;
    let wide = header.is_class_64();
    let big = header.is_big_endian();
    let machine = header.e_machine(endian).0;
    let words = Words { pointer_size: if wide { 8 } else { 4 }, big_endian: big };
    let machine_text = format!(
        "ELF header: e_machine {machine}, {}-bit, {}-endian",
        if wide { 64 } else { 32 },
        if big { "big" } else { "little" }
    );
    let mut image = Image::new(Format::Elf, Goarch::of_elf(machine, wide, big), machine_text);
    image.pointer_size = words.pointer_size;
    image.big_endian = big;
    image.relocatable = header.e_type(endian) != elf::ET_EXEC;
    let mut facts = Elf {
        e_type: header.e_type(endian).0,
        e_machine: machine,
        e_flags: header.e_flags(endian).0,
        entry: header.e_entry(endian).into(),
        osabi: header.e_ident().os_abi.0,
        ..Elf::default()
    };
    let mut dynamic = None;
    match header.program_headers(endian, data) {
        Err(error) => image.damage.push(format!("program headers: {error}")),
        Ok(headers) => {
            for ph in headers {
                let (offset, length) = ph.file_range(endian);
                let (offset, length) = (
                    usize::try_from(offset).unwrap_or(usize::MAX),
                    usize::try_from(length).unwrap_or(usize::MAX),
                );
                let end = offset.saturating_add(length);
                if end > data.len() {
                    image.damage.push(format!(
                        "truncated: a segment ends at offset {end:#x}, the file at {:#x}",
                        data.len()
                    ));
                    let wanted = image.truncated.map_or(0, |cut| cut.wanted).max(end as u64);
                    image.truncated = Some(Truncated { wanted, present: data.len() as u64 });
                }
                let length = length.min(data.len().saturating_sub(offset));
                let bytes = data.get(offset..offset.saturating_add(length)).unwrap_or_default();
                match ph.p_type(endian) {
                    elf::PT_LOAD => image.segments.push(Segment {
                        address: ph.p_vaddr(endian).into(),
                        offset,
                        length,
                        writable: ph.p_flags(endian).contains(elf::PF_W),
                        executable: ph.p_flags(endian).contains(elf::PF_X),
                    }),
                    elf::PT_INTERP => facts.interpreter = Some(c_string(bytes, 0)),
                    elf::PT_DYNAMIC => dynamic = Some(bytes),
                    elf::PT_NOTE => notes(words, bytes, &mut facts),
                    _ => {}
                }
            }
        }
    }
    sections(header, endian, data, &mut image);
    // Notes by section as well: Go 1.24 to 1.27 put the GNU build ID outside PT_NOTE.
    for section in image.sections.iter().filter(|s| s.name.starts_with(".note")) {
        if let Some(bytes) = data.get(section.offset..section.offset.saturating_add(section.length)) {
            notes(words, bytes, &mut facts);
        }
    }
    facts.dynamic = dynamic.is_some();
    if let Some(bytes) = dynamic {
        dynamic_section(words, bytes, data, &image, &mut facts);
    }
    image.elf = Some(facts);
    Ok(image)
}

fn sections<H: FileHeader<Endian = Endianness>>(
    header: &H,
    endian: Endianness,
    data: &[u8],
    image: &mut Image,
) {
    let table = match header.sections(endian, data) {
        Ok(table) => table,
        Err(error) => {
            let start: u64 = header.e_shoff(endian).into();
            image.damage.push(format!(
                "section table at offset {start:#x}: {error} (the file has {} bytes)",
                data.len_hint()
            ));
            return;
        }
    };
    for section in table.iter() {
        let name = table.section_name(endian, section).map(|n| String::from_utf8_lossy(n).into_owned());
        let (offset, length) = section.file_range(endian).unwrap_or((0, 0));
        image.sections.push(Section {
            name: name.unwrap_or_default(),
            address: section.sh_addr(endian).into(),
            offset: usize::try_from(offset).unwrap_or(0),
            length: usize::try_from(length).unwrap_or(0),
        });
    }
}

trait Length {
    fn len_hint(&self) -> u64;
}

impl Length for &[u8] {
    fn len_hint(&self) -> u64 {
        ReadRef::len(*self).unwrap_or(0)
    }
}

/// Dynamic tags (elf.h; System V gABI, "Dynamic Section").
mod tag {
    pub(super) const NEEDED: u64 = 1;
    pub(super) const STRTAB: u64 = 5;
    pub(super) const SYMTAB: u64 = 6;
    pub(super) const RELA: u64 = 7;
    pub(super) const RELASZ: u64 = 8;
    pub(super) const SONAME: u64 = 14;
    pub(super) const RPATH: u64 = 15;
    pub(super) const REL: u64 = 17;
    pub(super) const RELSZ: u64 = 18;
    pub(super) const RUNPATH: u64 = 29;
    pub(super) const RELRSZ: u64 = 35;
    pub(super) const RELR: u64 = 36;
    pub(super) const FLAGS_1: u64 = 0x6fff_fffb;
    pub(super) const VERNEED: u64 = 0x6fff_fffe;
    pub(super) const VERNEEDNUM: u64 = 0x6fff_ffff;
}

fn dynamic_section(words: Words, bytes: &[u8], data: &[u8], image: &Image, facts: &mut Elf) {
    let size = usize::from(words.pointer_size);
    let mut entries: FxHashMap<u64, u64> = FxHashMap::default();
    let mut needed = Vec::new();
    for entry in bytes.chunks_exact(size.saturating_mul(2)) {
        let (Some(tag), Some(value)) = (words.word(entry, 0), words.word(entry, size)) else { break };
        if tag == 0 {
            break;
        }
        if tag == tag::NEEDED {
            needed.push(value);
        } else {
            entries.insert(tag, value);
        }
    }
    let at = |address: u64| image.offset_of(LinkAddr(address)).and_then(|offset| data.get(offset..));
    let strings = entries.get(&tag::STRTAB).and_then(|address| at(*address)).unwrap_or_default();
    let string = |offset: u64| c_string(strings, usize::try_from(offset).unwrap_or(usize::MAX));
    facts.needed = needed.into_iter().map(string).collect();
    facts.runpath = entries.get(&tag::RUNPATH).or(entries.get(&tag::RPATH)).map(|offset| string(*offset));
    facts.soname = entries.get(&tag::SONAME).map(|offset| string(*offset));
    facts.flags_1 = entries.get(&tag::FLAGS_1).copied().unwrap_or(0);
    let pair = |a, b| Some((*entries.get(&a)?, *entries.get(&b)?));
    facts.tables.symtab = entries.get(&tag::SYMTAB).copied();
    facts.tables.rela = pair(tag::RELA, tag::RELASZ);
    facts.tables.rel = pair(tag::REL, tag::RELSZ);
    facts.tables.relr = pair(tag::RELR, tag::RELRSZ);
    if let Some((address, count)) = pair(tag::VERNEED, tag::VERNEEDNUM) {
        facts.versions = versions(words, at(address).unwrap_or_default(), count, string);
    }
}

/// Elf_Verneed and Elf_Vernaux have the same layout in both classes.
fn versions(words: Words, bytes: &[u8], count: u64, string: impl Fn(u64) -> String) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut at = 0usize;
    for _ in 0..count.min(1000) {
        let (Some(aux_count), Some(file), Some(aux), Some(next)) = (
            words.u16(bytes, at.saturating_add(2)),
            words.u32(bytes, at.saturating_add(4)),
            words.u32(bytes, at.saturating_add(8)),
            words.u32(bytes, at.saturating_add(12)),
        ) else {
            break;
        };
        let mut aux_at = at.saturating_add(aux as usize);
        for _ in 0..aux_count {
            let (Some(name), Some(next)) =
                (words.u32(bytes, aux_at.saturating_add(8)), words.u32(bytes, aux_at.saturating_add(12)))
            else {
                break;
            };
            out.push((string(file.into()), string(name.into())));
            if next == 0 {
                break;
            }
            aux_at = aux_at.saturating_add(next as usize);
        }
        if next == 0 {
            break;
        }
        at = at.saturating_add(next as usize);
    }
    out
}

fn notes(words: Words, mut bytes: &[u8], facts: &mut Elf) {
    let align = |n: u32| (n as usize).saturating_add(3) & !3;
    while let (Some(namesz), Some(descsz), Some(kind)) =
        (words.u32(bytes, 0), words.u32(bytes, 4), words.u32(bytes, 8))
    {
        let name_end = 12usize.saturating_add(align(namesz));
        let end = name_end.saturating_add(align(descsz));
        let name = bytes.get(12..12usize.saturating_add(namesz as usize)).unwrap_or_default();
        let desc = bytes.get(name_end..name_end.saturating_add(descsz as usize)).unwrap_or_default();
        match (name, kind) {
            // cmd/link/internal/ld/elf.go, ELF_NOTE_GOBUILDID_TAG
            (b"Go\0\0", 4) => facts.go_build_id = Some(String::from_utf8_lossy(desc).into_owned()),
            (b"GNU\0", 3) => {
                facts.gnu_build_id =
                    Some(desc.iter().fold(String::new(), |id, byte| format!("{id}{byte:02x}")));
            }
            (b"GNU\0", 1) => {
                let number = |at| words.u32(desc, at);
                if let (Some(0), Some(a), Some(b), Some(c)) = (number(0), number(4), number(8), number(12)) {
                    facts.kernel_floor = Some((a, b, c));
                }
            }
            (b"FreeBSD\0", _) => facts.note_os.push("freebsd"),
            (b"NetBSD\0" | b"NetBSD\0\0", 1) => facts.note_os.push("netbsd"),
            (b"OpenBSD\0", 1) => facts.note_os.push("openbsd"),
            (b"Android\0", 1) => facts.note_os.push("android"),
            _ => {}
        }
        facts.note_os.dedup();
        match bytes.get(end..) {
            Some(rest) if !rest.is_empty() => bytes = rest,
            _ => break,
        }
    }
}

/// Relocation types that add the load bias to an addend, per machine
/// (`R_*_RELATIVE` of each psABI).
fn is_relative(machine: u16, kind: u64) -> bool {
    let relative = match elf::Machine(machine) {
        elf::EM_X86_64 | elf::EM_386 => 8,
        elf::EM_ARM => 23,
        elf::EM_AARCH64 => 1027,
        elf::EM_PPC64 => 22,
        elf::EM_S390 => 12,
        elf::EM_RISCV | elf::EM_LOONGARCH => 3,
        _ => return false,
    };
    kind == relative
}

/// Relocation types that store the address of a symbol plus an addend
/// (`R_*_64`, `R_*_ABS*`): Go plugins and shared libraries point at their own
/// exported data with them.
fn is_symbolic(machine: u16, kind: u64) -> bool {
    let symbolic = match elf::Machine(machine) {
        elf::EM_X86_64 | elf::EM_386 => 1,
        elf::EM_ARM => 2,
        elf::EM_AARCH64 => 257,
        elf::EM_PPC64 => 38,
        elf::EM_S390 => 22,
        elf::EM_RISCV | elf::EM_LOONGARCH => 2,
        _ => return false,
    };
    kind == symbolic
}

/// Pointers that are filled in by the loader: in a PIE the bytes in the file may be anything.
pub(super) fn relative_relocations(facts: &Elf, image: &Image, data: &[u8]) -> Vec<(u64, u64)> {
    let words = image.words();
    let size = usize::from(words.pointer_size);
    let table = |(address, length): (u64, u64)| {
        let offset = image.offset_of(LinkAddr(address))?;
        data.get(offset..offset.saturating_add(usize::try_from(length).ok()?))
    };
    let kind = |info: u64| if size == 8 { info & 0xffff_ffff } else { info & 0xff };
    // st_value of Elf64_Sym (24 bytes) and Elf32_Sym (16 bytes).
    let symbol = |info: u64| {
        let (index, entry, value): (u64, u64, u64) =
            if size == 8 { (info >> 32, 24, 8) } else { (info >> 8, 16, 4) };
        let at = facts.tables.symtab?.checked_add(index.checked_mul(entry)?)?.checked_add(value)?;
        let value = words.word(data, image.offset_of(LinkAddr(at))?)?;
        (index != 0 && value != 0).then_some(value)
    };
    let mut out = Vec::new();
    for entry in facts.tables.rela.and_then(table).unwrap_or_default().chunks_exact(size.saturating_mul(3)) {
        if let (Some(at), Some(info), Some(addend)) =
            (words.word(entry, 0), words.word(entry, size), words.word(entry, size.saturating_mul(2)))
        {
            if is_relative(facts.e_machine, kind(info)) {
                out.push((at, addend));
            } else if is_symbolic(facts.e_machine, kind(info))
                && let Some(value) = symbol(info)
            {
                out.push((at, value.wrapping_add(addend)));
            }
        }
    }
    let in_place = |at: u64| image.offset_of(LinkAddr(at)).and_then(|offset| words.word(data, offset));
    for entry in facts.tables.rel.and_then(table).unwrap_or_default().chunks_exact(size.saturating_mul(2)) {
        if let (Some(at), Some(info)) = (words.word(entry, 0), words.word(entry, size))
            && let Some(addend) = in_place(at)
        {
            if is_relative(facts.e_machine, kind(info)) {
                out.push((at, addend));
            } else if is_symbolic(facts.e_machine, kind(info))
                && let Some(value) = symbol(info)
            {
                out.push((at, value.wrapping_add(addend)));
            }
        }
    }
    let mut base = 0u64;
    for entry in facts.tables.relr.and_then(table).unwrap_or_default().chunks_exact(size) {
        let Some(word) = words.word(entry, 0) else { break };
        // gABI, SHT_RELR: an even word is an address, an odd one a bitmap of
        // the words after it.
        if word & 1 == 0 {
            out.extend(in_place(word).map(|addend| (word, addend)));
            base = word.wrapping_add(size as u64);
        } else {
            // Bit 0 marks the bitmap, bit 1 the first word after the last one.
            let words_covered = (size as u64).saturating_mul(8).saturating_sub(1);
            for index in 0..words_covered {
                if word >> index.saturating_add(1) & 1 == 1 {
                    let at = base.wrapping_add(index.wrapping_mul(size as u64));
                    out.extend(in_place(at).map(|addend| (at, addend)));
                }
            }
            base = base.wrapping_add(words_covered.wrapping_mul(size as u64));
        }
    }
    out
}

pub(super) fn c_string(bytes: &[u8], at: usize) -> String {
    let rest = bytes.get(at..).unwrap_or_default();
    let rest = rest.get(..4096).unwrap_or(rest);
    let end = memchr::memchr(0, rest).unwrap_or(rest.len());
    String::from_utf8_lossy(rest.get(..end).unwrap_or_default()).into_owned()
}
