//! FACTS: what an executable says about itself.
//!
//! Every fact says where it was read. Contradictory facts are kept side by
//! side: the contradiction is the diagnosis.

#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::arithmetic_side_effects))]

pub mod buildinfo;
mod debug;
mod facts;
mod found;
pub mod image;
mod pclntab;
pub mod structs;

use std::sync::OnceLock;

use crate::addr::LinkAddr;
use crate::error::{Error, Result};
use crate::source::{self, Bytes, Document, Limits, Origin};

pub use buildinfo::BuildInfo;
use debug::DebugSections;
pub use facts::{
    CFloat, Cgo, CgoUse, CodeSignature, Effect, Facts, GlibcFloor, Import, Level, Lookups, Names, Needs,
    Options, Producer, SymbolTables, Uses, Vcs, effects,
};
use facts::{dynamic, producer};
pub use found::{Found, find};
pub use image::{Elf, Format, Image, Truncated, version_key};
pub use pclntab::{FuncFlags, Function, Layout, Naming, Pclntab, Place, Version, printed_name};

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
    relocations: OnceLock<Vec<(u64, u64)>>,
    table: OnceLock<Result<pclntab::Layout, String>>,
    build: OnceLock<Option<BuildInfo>>,
    version: OnceLock<Option<Fact<String>>>,
    producer: OnceLock<Option<Fact<Producer>>>,
    facts: OnceLock<Facts>,
    names: OnceLock<Names>,
    imports: OnceLock<Vec<Import>>,
    debug: DebugSections,
    separate: OnceLock<Box<Separate>>,
}

/// The debug file of an executable, once it was looked for.
pub struct Separate {
    pub file: Option<Binary>,
    /// Files that are not believed, and what is missing.
    pub remarks: Vec<String>,
}

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
        let mut image = Image::parse(&origin, &bytes)?;
        let bytes = match image.memory.take() {
            Some(memory) => Bytes::Owned([&*bytes, &memory].concat()),
            None => bytes,
        };
        Ok(Binary {
            origin,
            unpacked: Vec::new(),
            image,
            bytes,
            relocations: OnceLock::new(),
            table: OnceLock::new(),
            build: OnceLock::new(),
            version: OnceLock::new(),
            producer: OnceLock::new(),
            facts: OnceLock::new(),
            names: OnceLock::new(),
            imports: OnceLock::new(),
            debug: DebugSections::default(),
            separate: OnceLock::new(),
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
        Some(self.names.get_or_init(|| Names::read(&table)))
    }

    /// Symbols that the dynamic loader has to find in libraries.
    pub fn imports(&self) -> &[Import] {
        self.imports.get_or_init(|| dynamic::imports(self))
    }

    /// Is it a Go program at all? The error says what was looked for.
    ///
    /// # Errors
    /// `Unrecognised` when there is neither build info nor a pclntab; it names
    /// the producer where that explains it.
    pub fn require_go(&self) -> Result<()> {
        if self.facts().is_go {
            return Ok(());
        }
        let damage = self.image.damage.first().map(|d| format!("; {d}")).unwrap_or_default();
        let what = match self.producer().and_then(|producer| producer.value.limits()) {
            Some(limits) => format!("{limits}{damage}"),
            None => format!("not a Go executable: no build info, no pclntab{damage}"),
        };
        Err(Error::Unrecognised { origin: self.origin.clone(), what })
    }

    /// The pclntab, or why there is none.
    ///
    /// # Errors
    /// The reason in words.
    pub fn pclntab(&self) -> Result<Pclntab<'_>, &str> {
        let layout = self.table.get_or_init(|| pclntab::find(self));
        match layout {
            Ok(layout) => Ok(Pclntab::new(layout, self)),
            Err(reason) => Err(reason),
        }
    }

    pub fn build_info(&self) -> Option<&BuildInfo> {
        self.build.get_or_init(|| buildinfo::find(self)).as_ref()
    }

    /// The version of Go, from build info or from the runtime's own constant.
    pub fn go_version(&self) -> Option<&Fact<String>> {
        let find = || match self.build_info() {
            Some(BuildInfo { go_version: Some(version), from, .. }) => {
                Some(Fact::new(version.clone(), *from))
            }
            _ => buildinfo::version_string(self),
        };
        self.version.get_or_init(find).as_ref()
    }

    /// Who made it, where that can be told.
    pub fn producer(&self) -> Option<&Fact<Producer>> {
        self.producer.get_or_init(|| producer::find(self)).as_ref()
    }

    /// How names are printed by the Go that built it.
    pub fn naming(&self) -> Naming {
        Naming::of_minor(self.go_minor())
    }

    /// 21 for `go1.21.13`.
    pub fn go_minor(&self) -> Option<u32> {
        facts::minor_of(&self.go_version()?.value)
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
        self.debug.section(&self.image, &self.bytes, name)
    }

    /// The debug file, which is looked for once.
    pub(crate) fn separate(&self, find: impl FnOnce() -> Separate) -> &Separate {
        self.separate.get_or_init(|| Box::new(find()))
    }

    /// Sorted by place.
    fn relocations(&self) -> &[(u64, u64)] {
        self.relocations.get_or_init(|| self.image.relocations(&self.bytes))
    }

    /// A pointer of the image as the loader would leave it, less the load bias.
    pub(crate) fn pointer(&self, at: LinkAddr) -> Option<u64> {
        // A relocation with an addend overrules the bytes in the file: Go's
        // linker repeats the addend there, lld leaves 0, and GNU ld for arm64
        // leaves what was right before it moved the sections.
        if self.image.relocatable {
            let table = self.relocations();
            if let Ok(index) = table.binary_search_by_key(&at.0, |(place, _)| *place) {
                return table.get(index).map(|(_, addend)| *addend);
            }
        }
        self.image.offset_of(at).and_then(|offset| self.image.words().word(&self.bytes, offset))
    }

    fn relocated_to(&self, target: u64) -> Vec<u64> {
        self.relocations().iter().filter(|(_, addend)| *addend == target).map(|(at, _)| *at).collect()
    }
}
