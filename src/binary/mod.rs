//! FACTS: what an executable says about itself.
//!
//! Every fact says where it was read. Contradictory facts are kept side by
//! side: the contradiction is the diagnosis.

#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::arithmetic_side_effects))]

mod attributes;
pub mod buildinfo;
mod code;
mod dynamic;
mod effects;
mod elf;
mod facts;
pub mod image;
mod level;
mod linkage;
mod moduledata;
mod names;
mod needs;
mod options;
mod pclntab;
mod producer;
mod symbols;

use std::sync::OnceLock;

use object::{Object, ObjectSection};
use rustc_hash::FxHashMap;

use crate::addr::LinkAddr;
use crate::error::{Error, Result};
use crate::source::{self, Bytes, Limits, Origin};

pub use attributes::CFloat;
pub use dynamic::{GlibcFloor, Import};
pub use effects::{Effect, effects};
pub use elf::{Elf, version_key};
pub use facts::{Facts, Vcs};
pub use image::{Format, Image};
pub use level::Level;
pub use linkage::{Cgo, CgoUse};
pub use names::Names;
pub use needs::Needs;
pub use options::Options;
pub use pclntab::{Function, Pclntab, Place, Version, printed_name};
pub use producer::Producer;
pub use symbols::SymbolTables;

/// A fact and where it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact<T> {
    pub value: T,
    pub from: String,
    pub strength: Strength,
}

/// How much the place where a fact was read proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// Usual for what was seen.
    Hint,
    /// What was seen has no other usual cause.
    Strong,
    /// Recorded, or impossible otherwise.
    Certain,
}

impl Strength {
    pub fn name(self) -> &'static str {
        match self {
            Strength::Hint => "hint",
            Strength::Strong => "strong",
            Strength::Certain => "certain",
        }
    }
}

impl<T> Fact<T> {
    /// A certain fact.
    pub fn new(value: T, from: impl Into<String>) -> Fact<T> {
        Fact { value, from: from.into(), strength: Strength::Certain }
    }

    pub fn strong(self) -> Fact<T> {
        Fact { strength: Strength::Strong, ..self }
    }

    pub fn hint(self) -> Fact<T> {
        Fact { strength: Strength::Hint, ..self }
    }
}

/// Does the name of this file go with the program that a log names? Endings
/// (`.zst`, `.exe`) and folders do not count.
pub fn goes_by(path: &str, program: &str) -> bool {
    let base = |path: &'_ str| path.rsplit('/').next().unwrap_or(path).to_owned();
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
    names: OnceLock<Names>,
    imports: OnceLock<Vec<Import>>,
    debug: [OnceLock<Result<Contents, String>>; DEBUG_SECTIONS.len()],
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
    /// Opens an executable, compressed or not.
    ///
    /// # Errors
    /// `Io` when it cannot be read, `Unrecognised` when it is no executable,
    /// `Malformed` when its header is damaged.
    pub fn open(path: &str, limits: Limits) -> Result<Binary> {
        let document = source::open(path, limits)?;
        let mut binary = Binary::from_bytes(document.origin, document.bytes)?;
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
            names: OnceLock::new(),
            imports: OnceLock::new(),
            debug: Default::default(),
        })
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn facts(&self) -> &Facts {
        self.facts.get_or_init(|| facts::read(self))
    }

    /// What the names of functions tell; `None` without a pclntab.
    pub fn names(&self) -> Option<&Names> {
        let table = self.pclntab().ok()?;
        Some(self.names.get_or_init(|| Names::read(table.name_region())))
    }

    /// Symbols that the dynamic loader has to find in libraries.
    pub fn imports(&self) -> &[Import] {
        self.imports.get_or_init(|| dynamic::imports(self))
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
