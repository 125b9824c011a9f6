//! The table of container formats: a new one is a row here and a file beside it.

use object::FileKind;

use super::{Format, Image, elf, macho, pe, plan9, wasm, xcoff};
use crate::error::{Error, Result};
use crate::source::Origin;
use crate::target::Goos;

/// How a format is recognised and read.
pub(super) struct Container {
    pub(super) format: Format,
    pub(super) name: &'static str,
    /// The operating system, where only one executes this container at all.
    pub(super) goos: Option<Goos>,
    matches: fn(&[u8]) -> bool,
    pub(super) parse: fn(&Origin, &[u8]) -> Result<Image>,
}

pub(super) const CONTAINERS: &[Container] = &[
    Container {
        format: Format::Elf,
        name: "ELF",
        goos: None,
        matches: |data| data.starts_with(b"\x7fELF"),
        parse: elf::parse,
    },
    Container {
        format: Format::MachO,
        name: "Mach-O",
        goos: Some(Goos::Darwin),
        matches: |data| matches!(kind(data), Some(FileKind::MachO32 | FileKind::MachO64)),
        parse: macho::parse,
    },
    Container {
        format: Format::Pe,
        name: "PE",
        goos: Some(Goos::Windows),
        matches: |data| matches!(kind(data), Some(FileKind::Pe32 | FileKind::Pe64)),
        parse: pe::parse,
    },
    Container {
        format: Format::Xcoff,
        name: "XCOFF",
        goos: Some(Goos::Aix),
        matches: |data| matches!(kind(data), Some(FileKind::Xcoff32 | FileKind::Xcoff64)),
        parse: xcoff::parse,
    },
    Container {
        format: Format::Wasm,
        name: "WebAssembly",
        goos: None,
        matches: |data| data.starts_with(b"\0asm"),
        parse: wasm::parse,
    },
    Container {
        format: Format::Plan9,
        name: "Plan 9 a.out",
        goos: Some(Goos::Plan9),
        matches: plan9::matches,
        parse: plan9::parse,
    },
];

/// The row of a file, by its first bytes.
///
/// # Errors
/// `Unrecognised`, with what it looks like instead.
pub(super) fn of(origin: &Origin, data: &[u8]) -> Result<&'static Container> {
    let row = CONTAINERS.iter().find(|row| (row.matches)(data));
    row.ok_or_else(|| unrecognised(origin, data))
}

fn kind(data: &[u8]) -> Option<FileKind> {
    FileKind::parse(data).ok()
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
        "not an executable: no ELF, Mach-O, PE, XCOFF, Plan 9 or WebAssembly header"
    };
    Error::Unrecognised { origin: origin.clone(), what: what.to_owned() }
}
