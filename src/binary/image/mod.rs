//! The container of an executable: segments, sections and what its headers
//! say. Nothing outside of this folder names object formats.

mod containers;
mod elf;
mod macho;
mod pe;
mod plan9;
mod wasm;
mod xcoff;

use object::{Object, ObjectSection, ObjectSegment};

use crate::addr::LinkAddr;
use crate::error::{Error, Result};
use crate::source::Origin;
use crate::target::{Goarch, Goos};

pub use elf::{Elf, version_key};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    Elf,
    MachO,
    Pe,
    Xcoff,
    Plan9,
    Wasm,
}

impl Format {
    fn row(self) -> Option<&'static containers::Container> {
        containers::CONTAINERS.iter().find(|row| row.format == self)
    }

    pub fn name(self) -> &'static str {
        self.row().map_or("", |row| row.name)
    }

    /// The operating system, where only one executes this container at all.
    pub fn implied_goos(self) -> Option<Goos> {
        self.row().and_then(|row| row.goos)
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
    /// The loader may put it elsewhere than where it was linked.
    pub relocatable: bool,
    pub segments: Vec<Segment>,
    pub sections: Vec<Section>,
    pub elf: Option<Elf>,
    /// Linear memory at the start of a WebAssembly module, whose data come in
    /// pieces; it stands behind the file's own bytes.
    pub(in crate::binary) memory: Option<Vec<u8>>,
    /// Damage that did not keep the rest from being read.
    pub damage: Vec<String>,
    /// The file ends before what its headers want to be mapped.
    pub truncated: Option<Truncated>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truncated {
    /// Bytes that the file should have at least.
    pub wanted: u64,
    pub present: u64,
}

impl Image {
    pub(super) fn new(format: Format, arch: Option<Goarch>, machine: String) -> Image {
        Image {
            format,
            arch,
            machine,
            pointer_size: arch.map_or(8, Goarch::pointer_size),
            big_endian: arch.is_some_and(Goarch::big_endian),
            relocatable: false,
            segments: Vec::new(),
            sections: Vec::new(),
            elf: None,
            memory: None,
            damage: Vec::new(),
            truncated: None,
        }
    }

    /// # Errors
    /// `Unrecognised` when the bytes are no executable, `Malformed` when the
    /// header itself is damaged.
    pub fn parse(origin: &Origin, data: &[u8]) -> Result<Image> {
        (containers::of(origin, data)?.parse)(origin, data)
    }

    /// What `object` says of a container that it reads.
    pub(super) fn of_object(origin: &Origin, data: &[u8], format: Format) -> Result<Image> {
        let file = object::File::parse(data).map_err(|error| Error::Malformed {
            origin: origin.clone(),
            offset: 0,
            what: format!("a {} file whose headers cannot be read: {error}", format.name()),
        })?;
        let arch = match file.architecture() {
            object::Architecture::X86_64 => Some(Goarch::Amd64),
            object::Architecture::I386 => Some(Goarch::I386),
            object::Architecture::Aarch64 => Some(Goarch::Arm64),
            object::Architecture::Arm => Some(Goarch::Arm),
            object::Architecture::PowerPc64 => Some(Goarch::Ppc64),
            _ => None,
        };
        let machine = format!("{} header: {:?}", format.name(), file.architecture());
        let mut image = Image::new(format, arch, machine);
        image.pointer_size = if file.is_64() { 8 } else { 4 };
        image.big_endian = !file.is_little_endian();
        image.sections = file
            .sections()
            .filter_map(|section| {
                let (offset, length) = section.file_range().unwrap_or((0, 0));
                Some(Section {
                    name: section.name().ok()?.to_owned(),
                    address: section.address(),
                    offset: usize::try_from(offset).ok()?,
                    length: usize::try_from(length).ok()?,
                })
            })
            .collect();
        image.segments = file
            .segments()
            .filter_map(|segment| {
                let (offset, length) = segment.file_range();
                let flags = segment.permissions();
                Some(Segment {
                    address: segment.address(),
                    offset: usize::try_from(offset).ok()?,
                    length: usize::try_from(length).ok()?,
                    writable: flags.writable(),
                    executable: flags.executable(),
                })
            })
            .collect();
        image.clip(data.len());
        Ok(image)
    }

    /// Cuts what a truncated file does not hold, and says so once.
    pub(super) fn clip(&mut self, length: usize) {
        let ends = self.segments.iter().map(|s| s.offset.saturating_add(s.length));
        if let Some(end) = ends.max().filter(|end| *end > length) {
            self.damage
                .push(format!("truncated: a segment ends at offset {end:#x}, the file at {length:#x}"));
        }
        for segment in &mut self.segments {
            segment.length = segment.length.min(length.saturating_sub(segment.offset));
        }
    }

    pub fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }

    /// Can there be code at this address? Where code has no addresses of
    /// memory (WebAssembly), anywhere.
    pub fn may_hold_code(&self, address: LinkAddr) -> bool {
        self.format == Format::Wasm || self.segments.is_empty() || self.offset_of(address).is_some()
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

    /// Pointers that the loader fills in, as link addresses: (place, target),
    /// sorted by place.
    pub(super) fn relocations(&self, data: &[u8]) -> Vec<(u64, u64)> {
        let mut out = match (self.format, &self.elf) {
            (Format::Elf, Some(elf)) => elf::relative_relocations(elf, self, data),
            (Format::MachO, _) => macho::relocations(self, data),
            _ => Vec::new(),
        };
        if self.pointer_size == 4 {
            out.iter_mut().for_each(|(_, target)| *target &= u64::from(u32::MAX));
        }
        // Linkers sort them already.
        out.sort_by_key(|(place, _)| *place);
        out
    }

    pub fn words(&self) -> Words {
        Words { pointer_size: self.pointer_size, big_endian: self.big_endian }
    }
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
