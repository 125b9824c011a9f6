//! FACTS: what an executable says about itself.
//!
//! Every fact says where it was read. Contradictory facts are kept side by
//! side: the contradiction is the diagnosis.

#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::arithmetic_side_effects))]

pub mod buildinfo;
mod elf;
mod facts;
mod found;
pub mod image;
mod level;
mod linkage;
mod moduledata;
mod pclntab;

use std::sync::OnceLock;

use object::{Object, ObjectSection};
use rustc_hash::FxHashMap;

use crate::addr::LinkAddr;
use crate::error::{Error, Result};
use crate::source::{self, Bytes, Document, Limits, Origin};

pub use elf::{Elf, version_key};
pub use facts::{Facts, Vcs};
pub use found::{Found, find};
pub use image::{Format, Image};
pub use level::Level;
pub use linkage::Cgo;
pub use pclntab::{Function, Pclntab, Place, Version, printed_name};

/// A fact and where it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact<T> {
    pub value: T,
    pub from: String,
}

impl<T> Fact<T> {
    pub fn new(value: T, from: impl Into<String>) -> Fact<T> {
        Fact { value, from: from.into() }
    }
}

/// Does the name of this file go with the program that a log names? Endings
/// (`.zst`, `.exe`), folders and archives do not count.
pub fn goes_by(path: &str, program: &str) -> bool {
    let base = |path: &'_ str| path.rsplit(['/', '!']).next().unwrap_or(path).to_owned();
    let (file, name) = (base(path), base(program));
    file == name || file.split('.').next() == Some(name.as_str())
}

/// An executable. Tables are read on demand.
pub struct Binary {
    pub origin: Origin,
    /// Codecs that were taken off the file.
    pub unpacked: Vec<&'static str>,
    pub image: Image,
    bytes: Bytes,
    relocations: OnceLock<FxHashMap<u64, u64>>,
    table: OnceLock<Result<pclntab::Layout, String>>,
    facts: OnceLock<Facts>,
    debug: [OnceLock<Result<Contents, String>>; DEBUG_SECTIONS.len()],
    separate: OnceLock<Box<Separate>>,
}

/// The debug file of an executable, once it was looked for.
pub struct Separate {
    pub file: Option<Binary>,
    /// Files that are not believed, and what is missing.
    pub remarks: Vec<String>,
}

/// Contents of a debug section: a part of the file, or inflated.
enum Contents {
    InFile(std::ops::Range<usize>),
    Inflated(Vec<u8>),
}

/// Sections that are inflated on demand and then kept.
const DEBUG_SECTIONS: [&str; 11] = [
    ".debug_abbrev",
    ".debug_addr",
    ".debug_aranges",
    ".debug_info",
    ".debug_line",
    ".debug_line_str",
    ".debug_ranges",
    ".debug_rnglists",
    ".debug_str",
    ".debug_str_offsets",
    ".debug_types",
];

/// Most that one debug section may inflate to. Go's largest known programs
/// stay below a quarter of it.
const MAX_INFLATED: u64 = 2 << 30;

impl Binary {
    /// Opens an executable, compressed or not, or the one in an archive or folder.
    ///
    /// # Errors
    /// `Io` when it cannot be read, `Unrecognised` when it is no executable, or
    /// one of several; `Malformed` when its header is damaged.
    pub fn open(path: &str, limits: Limits) -> Result<Binary> {
        let Found { mut binaries, mut problems, inside } = find(path, limits)?;
        match (binaries.pop(), binaries.last()) {
            (Some(binary), None) => Ok(binary),
            (None, _) if !problems.is_empty() => Err(problems.swap_remove(0)),
            (last, _) => {
                let names: Vec<String> = binaries.iter().chain(&last).map(|b| b.origin.to_string()).collect();
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let (count, inside) = (names.len(), inside.unwrap_or_default());
                let names = source::listed(&names);
                let what = format!("{count} Go executables in this {inside}; name one of them: {names}");
                Err(Error::Unrecognised { origin: Origin::new(path), what })
            }
        }
    }

    /// # Errors
    /// As [`Binary::open`].
    pub fn from_document(document: Document) -> Result<Binary> {
        let read = Binary::from_bytes(document.origin, document.bytes);
        let mut binary = read.map_err(|error| match &document.cut {
            Some(cut) => error.with(cut),
            None => error,
        })?;
        binary.unpacked = document.unpacked;
        binary.image.damage.extend(document.cut);
        Ok(binary)
    }

    /// # Errors
    /// As [`Binary::open`].
    pub fn from_bytes(origin: Origin, bytes: Bytes) -> Result<Binary> {
        let image = Image::parse(&origin, &bytes)?;
        Ok(Binary {
            origin,
            unpacked: Vec::new(),
            image,
            bytes,
            relocations: OnceLock::new(),
            table: OnceLock::new(),
            facts: OnceLock::new(),
            debug: Default::default(),
            separate: OnceLock::new(),
        })
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn facts(&self) -> &Facts {
        self.facts.get_or_init(|| facts::read(self))
    }

    /// Is it a Go program at all? The error says what was looked for.
    ///
    /// # Errors
    /// `Unrecognised` when there is neither build info nor a pclntab.
    pub fn require_go(&self) -> Result<()> {
        if self.facts().is_go {
            return Ok(());
        }
        let damage = self.image.damage.first().map(|d| format!("; {d}")).unwrap_or_default();
        Err(Error::Unrecognised {
            origin: self.origin.clone(),
            what: format!("not a Go executable: no build info, no pclntab{damage}"),
        })
    }

    /// The pclntab, or why there is none.
    ///
    /// # Errors
    /// The reason in words.
    pub fn pclntab(&self) -> Result<Pclntab<'_>, &str> {
        let layout = self.table.get_or_init(|| {
            pclntab::find(&self.image, &self.bytes, &|at| self.pointer(at), &|target| {
                self.relocated_to(target)
            })
        });
        match layout {
            Ok(layout) => Ok(Pclntab::new(layout, &self.image, &self.bytes)),
            Err(reason) => Err(reason),
        }
    }

    /// The bytes of a section, as they are in the file.
    pub fn section(&self, name: &str) -> Option<&[u8]> {
        let section = self.image.section(name)?;
        self.bytes.get(section.offset..section.offset.saturating_add(section.length))
    }

    /// A debug section without its compression; empty when there is none.
    /// Called with the names that [`gimli`](https://docs.rs/gimli) uses.
    ///
    /// # Errors
    /// What is wrong with its compression, in words.
    pub fn debug_section(&self, name: &str) -> Result<&[u8], String> {
        let slot = DEBUG_SECTIONS.iter().position(|known| *known == name);
        let Some(slot) = slot.and_then(|index| self.debug.get(index)) else { return Ok(&[]) };
        match slot.get_or_init(|| self.inflate(name)) {
            Ok(Contents::InFile(range)) => Ok(self.bytes.get(range.clone()).unwrap_or_default()),
            Ok(Contents::Inflated(bytes)) => Ok(bytes),
            Err(error) => Err(error.clone()),
        }
    }

    /// The debug file, which is looked for once.
    pub(crate) fn separate(&self, find: impl FnOnce() -> Separate) -> &Separate {
        self.separate.get_or_init(|| Box::new(find()))
    }

    fn inflate(&self, name: &str) -> Result<Contents, String> {
        let file = object::File::parse(&*self.bytes).map_err(|error| error.to_string())?;
        // Finds `.zdebug_…` and Mach-O's `__debug_…` by the same name.
        let Some(section) = file.section_by_name(name) else { return Ok(Contents::InFile(0..0)) };
        let say = |error: object::Error| format!("section {name}: {error}");
        let compressed = section.compressed_data().map_err(say)?;
        if compressed.format == object::CompressionFormat::None {
            let (start, length) = section.file_range().unwrap_or((0, 0));
            let start = usize::try_from(start).unwrap_or(usize::MAX);
            return Ok(Contents::InFile(start..start.saturating_add(usize::try_from(length).unwrap_or(0))));
        }
        // Deflate cannot shrink below 1:1032, so a larger claim is a lie.
        let possible = (compressed.data.len() as u64).saturating_mul(1040).min(MAX_INFLATED);
        if compressed.uncompressed_size > possible {
            return Err(format!(
                "section {name}: claims {} bytes after inflation",
                compressed.uncompressed_size
            ));
        }
        compressed.decompress().map(|bytes| Contents::Inflated(bytes.into_owned())).map_err(say)
    }

    fn relocations(&self) -> &FxHashMap<u64, u64> {
        self.relocations.get_or_init(|| match &self.image.elf {
            Some(elf) => elf::relative_relocations(elf, &self.image, &self.bytes),
            None => FxHashMap::default(),
        })
    }

    /// A pointer of the image as the loader would leave it, less the load bias.
    pub(crate) fn pointer(&self, at: LinkAddr) -> Option<u64> {
        let words = image::Words { pointer_size: self.image.pointer_size, big_endian: self.image.big_endian };
        let stored = self.image.offset_of(at).and_then(|offset| words.word(&self.bytes, offset))?;
        // In fixed-position executables there is nothing to relocate, and
        // where the linker left the addend in place it equals the relocation.
        if stored != 0 || self.image.elf.as_ref().is_none_or(|elf| elf.e_type != object::elf::ET_DYN.0) {
            return Some(stored);
        }
        Some(self.relocations().get(&at.0).copied().unwrap_or(stored))
    }

    fn relocated_to(&self, target: u64) -> Vec<u64> {
        let mut places: Vec<u64> =
            self.relocations().iter().filter(|(_, addend)| **addend == target).map(|(at, _)| *at).collect();
        places.sort_unstable();
        places
    }
}
