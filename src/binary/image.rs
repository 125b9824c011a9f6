//! The container of an executable: segments, sections and what its headers
//! say. The only place, with `elf.rs`, that names object formats.

use object::{Object, ObjectSection, ObjectSegment};

use super::elf::Elf;
use crate::addr::LinkAddr;
use crate::error::{Error, Result};
use crate::source::Origin;
use crate::target::{Goarch, Goos};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    Elf,
    MachO,
    Pe,
    Xcoff,
    Wasm,
}

impl Format {
    pub fn name(self) -> &'static str {
        match self {
            Format::Elf => "ELF",
            Format::MachO => "Mach-O",
            Format::Pe => "PE",
            Format::Xcoff => "XCOFF",
            Format::Wasm => "WebAssembly",
        }
    }

    /// The operating systems that execute this container at all.
    pub fn implied_goos(self) -> Option<Goos> {
        match self {
            Format::Pe => Some(Goos::Windows),
            Format::MachO => Some(Goos::Darwin),
            Format::Xcoff => Some(Goos::Aix),
            Format::Elf | Format::Wasm => None,
        }
    }
}

/// A part of the file that is mapped at a link address.
#[derive(Clone, Debug)]
pub struct Segment {
    pub address: u64,
    pub offset: usize,
    pub length: usize,
    pub writable: bool,
    pub executable: bool,
}

#[derive(Clone, Debug)]
pub struct Section {
    pub name: String,
    pub address: u64,
    pub offset: usize,
    /// Bytes in the file; 0 for `.bss`.
    pub length: usize,
}

/// What the headers say, by value: nothing in it borrows from the file.
#[derive(Clone, Debug)]
pub struct Image {
    pub format: Format,
    pub arch: Option<Goarch>,
    /// Where `arch` was read, with the raw value.
    pub machine: String,
    pub pointer_size: u8,
    pub big_endian: bool,
    pub segments: Vec<Segment>,
    pub sections: Vec<Section>,
    pub elf: Option<Elf>,
    /// Damage that did not keep the rest from being read.
    pub damage: Vec<String>,
}

impl Image {
    /// # Errors
    /// `Unrecognised` when the bytes are no object file, `Malformed` when the
    /// header itself is damaged.
    pub fn parse(origin: &Origin, data: &[u8]) -> Result<Image> {
        if data.starts_with(b"\x7fELF") {
            return super::elf::parse(origin, data);
        }
        if data.starts_with(b"\0asm") {
            return Ok(Image::wasm());
        }
        let kind = object::FileKind::parse(data).map_err(|_| unrecognised(origin, data))?;
        let format = match kind {
            object::FileKind::MachO32 | object::FileKind::MachO64 => Format::MachO,
            object::FileKind::Pe32 | object::FileKind::Pe64 => Format::Pe,
            object::FileKind::Xcoff32 | object::FileKind::Xcoff64 => Format::Xcoff,
            _ => return Err(unrecognised(origin, data)),
        };
        let file = object::File::parse(data).map_err(|error| Error::Malformed {
            origin: origin.clone(),
            offset: 0,
            what: format!("a {} file whose headers cannot be read: {error}", format.name()),
        })?;
        Ok(Image::generic(format, &file))
    }

    /// A module has neither segments at addresses nor a build info blob; what
    /// is known of it comes from its module info string.
    fn wasm() -> Image {
        Image {
            format: Format::Wasm,
            arch: Some(Goarch::Wasm),
            machine: "WebAssembly header".to_owned(),
            pointer_size: 8,
            big_endian: false,
            segments: Vec::new(),
            sections: Vec::new(),
            elf: None,
            damage: Vec::new(),
        }
    }

    fn generic(format: Format, file: &object::File<'_>) -> Image {
        let arch = match file.architecture() {
            object::Architecture::X86_64 => Some(Goarch::Amd64),
            object::Architecture::I386 => Some(Goarch::I386),
            object::Architecture::Aarch64 => Some(Goarch::Arm64),
            object::Architecture::Arm => Some(Goarch::Arm),
            object::Architecture::PowerPc64 => Some(Goarch::Ppc64),
            _ => None,
        };
        let segments = file.segments().filter_map(|segment| {
            let (offset, length) = segment.file_range();
            let flags = segment.permissions();
            Some(Segment {
                address: segment.address(),
                offset: usize::try_from(offset).ok()?,
                length: usize::try_from(length).ok()?,
                writable: flags.writable(),
                executable: flags.executable(),
            })
        });
        let sections = file.sections().filter_map(|section| {
            let (offset, length) = section.file_range().unwrap_or((0, 0));
            Some(Section {
                name: section.name().ok()?.to_owned(),
                address: section.address(),
                offset: usize::try_from(offset).ok()?,
                length: usize::try_from(length).ok()?,
            })
        });
        Image {
            format,
            arch,
            machine: format!("{} header: {:?}", format.name(), file.architecture()),
            pointer_size: if file.is_64() { 8 } else { 4 },
            big_endian: !file.is_little_endian(),
            segments: segments.collect(),
            sections: sections.collect(),
            elf: None,
            damage: Vec::new(),
        }
    }

    pub fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }

    /// File offset of a link address that has bytes in the file.
    pub fn offset_of(&self, address: LinkAddr) -> Option<usize> {
        self.segments.iter().find_map(|segment| {
            let inside = usize::try_from(address.0.checked_sub(segment.address)?).ok()?;
            (inside < segment.length).then(|| segment.offset.saturating_add(inside))
        })
    }

    /// Link address of a byte of the file.
    pub fn address_of(&self, offset: usize) -> Option<LinkAddr> {
        self.segments.iter().find_map(|segment| {
            let inside = offset.checked_sub(segment.offset)?;
            (inside < segment.length).then(|| LinkAddr(segment.address.wrapping_add(inside as u64)))
        })
    }
}

fn unrecognised(origin: &Origin, data: &[u8]) -> Error {
    let what = if data.is_empty() {
        "empty file, not an executable"
    } else if data.starts_with(b"version https://git-lfs") {
        "a Git LFS pointer, not the executable itself: run `git lfs pull`"
    } else if data.starts_with(b"#!") {
        "a script, not an executable: give the Go program that it starts"
    } else if data.starts_with(b"!<arch>\n") {
        "an archive of object files, not an executable"
    } else if data.starts_with(b"goroutine ") || data.starts_with(b"panic: ") {
        "looks like a crash log: give it without -b"
    } else {
        "not an executable: no ELF, Mach-O, PE, XCOFF or WebAssembly header"
    };
    Error::Unrecognised { origin: origin.clone(), what: what.to_owned() }
}

/// Reads numbers of a file's byte order and pointer size.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    pub pointer_size: u8,
    pub big_endian: bool,
}

impl Words {
    pub fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let bytes = bytes.get(at..)?.first_chunk::<2>()?;
        Some(if self.big_endian { u16::from_be_bytes(*bytes) } else { u16::from_le_bytes(*bytes) })
    }

    #[inline]
    pub fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let bytes = bytes.get(at..)?.first_chunk::<4>()?;
        Some(if self.big_endian { u32::from_be_bytes(*bytes) } else { u32::from_le_bytes(*bytes) })
    }

    pub fn u64(self, bytes: &[u8], at: usize) -> Option<u64> {
        let bytes = bytes.get(at..)?.first_chunk::<8>()?;
        Some(if self.big_endian { u64::from_be_bytes(*bytes) } else { u64::from_le_bytes(*bytes) })
    }

    /// A pointer-sized word.
    pub fn word(self, bytes: &[u8], at: usize) -> Option<u64> {
        if self.pointer_size == 4 { self.u32(bytes, at).map(u64::from) } else { self.u64(bytes, at) }
    }

    pub fn encode(self, word: u64) -> Vec<u8> {
        let narrow = u32::try_from(word).unwrap_or(u32::MAX);
        match (self.pointer_size, self.big_endian) {
            (4, true) => narrow.to_be_bytes().to_vec(),
            (4, false) => narrow.to_le_bytes().to_vec(),
            (_, true) => word.to_be_bytes().to_vec(),
            (_, false) => word.to_le_bytes().to_vec(),
        }
    }
}
