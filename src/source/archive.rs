//! The table of archive formats. A new one is a row here.

mod sparse;
mod tarball;
mod zipfile;

use std::io::Read;
use std::ops::{ControlFlow, Deref};

use super::content::{Content, Meter};
use super::unpack::Held;

pub(super) struct Format {
    pub(super) name: &'static str,
    is: fn(&[u8]) -> bool,
    /// Gives the members in their order; the error says where it is damaged.
    pub(super) members: fn(Content<'_>, &Meter, Visit<'_>) -> Result<(), String>,
}

pub(super) type Visit<'v> = &'v mut dyn FnMut(Member<'_>) -> ControlFlow<()>;

pub(crate) struct Member<'a> {
    pub(crate) name: String,
    /// Its length, by what the archive says.
    pub(crate) size: u64,
    pub(crate) kind: Kind<'a>,
}

pub(crate) enum Kind<'a> {
    File(Content<'a>),
    /// Another name of a member: from the root of the archive, or from the
    /// folder that the link is in.
    HardLink(String),
    SymbolicLink(String),
    /// Holds nothing to read: a folder, a device.
    Other(&'static str),
    /// Its bytes are there, but cannot be had.
    Refused(String),
}

const FORMATS: &[Format] = &[
    Format { name: "tar", is: tarball::is, members: tarball::members },
    Format { name: "zip", is: zipfile::is, members: zipfile::members },
    Format {
        name: "ar",
        is: |bytes| bytes.starts_with(b"!<arch>\n") || bytes.starts_with(b"!<thin>\n"),
        members: ar,
    },
    Format {
        name: "universal Mach-O",
        // Java's class files have the same mark, and a version of 45 or more where
        // the number of architectures is (mach-o/fat.h).
        is: |bytes| matches!(bytes, [0xca, 0xfe, 0xba, 0xbe | 0xbf, 0, 0, 0, count, ..] if (1..45).contains(count)),
        members: universal,
    },
];

pub(super) fn sniff(beginning: &[u8]) -> Option<&'static Format> {
    FORMATS.iter().find(|format| (format.is)(beginning))
}

fn ar(content: Content<'_>, meter: &Meter, each: Visit<'_>) -> Result<(), String> {
    let bytes = whole(content, meter)?;
    let damaged = |error: object::Error| format!("ar data damaged: {error}");
    let archive = object::read::archive::ArchiveFile::parse(&*bytes).map_err(damaged)?;
    if archive.is_thin() {
        return Err("a thin archive, which holds only the names of files".to_owned());
    }
    for member in archive.members() {
        let member = member.map_err(damaged)?;
        let (start, size) = member.file_range();
        let kind = Kind::File(Content::Slice(part(&bytes, start, size)));
        if each(Member { name: text(member.name()), size, kind }).is_break() {
            break;
        }
    }
    Ok(())
}

/// One executable for each architecture, which is its name here.
fn universal(content: Content<'_>, meter: &Meter, each: Visit<'_>) -> Result<(), String> {
    use object::read::macho::{MachOFatFile32, MachOFatFile64};
    let bytes = whole(content, meter)?;
    let damaged = |error: object::Error| format!("universal Mach-O data damaged: {error}");
    let slices: Vec<(u32, u64, u64)> = if bytes.get(3) == Some(&0xbf) {
        let file = MachOFatFile64::parse(&*bytes).map_err(damaged)?;
        file.arches().iter().map(slice).collect()
    } else {
        let file = MachOFatFile32::parse(&*bytes).map_err(damaged)?;
        file.arches().iter().map(slice).collect()
    };
    for (cpu, start, size) in slices {
        let name = CPU_TYPES.iter().find(|(number, _)| *number == cpu).map(|(_, name)| (*name).to_owned());
        let name = name.unwrap_or_else(|| format!("cpu{cpu:#x}"));
        if each(Member { name, size, kind: Kind::File(Content::Slice(part(&bytes, start, size))) }).is_break()
        {
            break;
        }
    }
    Ok(())
}

fn slice<A: object::read::macho::FatArch>(arch: &A) -> (u32, u64, u64) {
    let (start, size) = arch.file_range();
    (arch.cputype().0, start, size)
}

/// CPU types of Mach-O (mach/machine.h), by GOARCH.
const CPU_TYPES: [(u32, &str); 4] = [(0x0100_0007, "amd64"), (0x0100_000c, "arm64"), (7, "386"), (12, "arm")];

/// Formats with an index at their end need all of it at once.
fn whole<'a>(content: Content<'a>, meter: &Meter) -> Result<Whole<'a>, String> {
    match content {
        Content::Slice(bytes) => Ok(Whole::There(bytes)),
        Content::Stream(reader) => held(reader, meter).map(Whole::Held),
    }
}

/// Reads it into memory, a little at a time: whether it may have so much is asked before.
fn held(mut reader: impl Read, meter: &Meter) -> Result<(Vec<u8>, Held), String> {
    const STEP: u64 = 1 << 20;
    let most = meter.limits.held_bytes;
    let mut held = meter.allowance.ask(0).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    loop {
        held.grow(STEP).map_err(|error| format!("it can only be read as a whole: {error}"))?;
        // Pages that are moved are not held twice, as those of a copy would be.
        bytes.reserve_exact(STEP as usize);
        let before = bytes.len();
        let read = reader.by_ref().take(STEP).read_to_end(&mut bytes);
        read.map_err(|error| format!("read no further than {} bytes: {error}", bytes.len()))?;
        if bytes.len() as u64 > most {
            return Err(format!("only the first {most} bytes were read"));
        }
        if (bytes.len().saturating_sub(before) as u64) < STEP {
            return Ok((bytes, held));
        }
    }
}

/// All of an archive.
enum Whole<'a> {
    There(&'a [u8]),
    Held((Vec<u8>, Held)),
}

impl Deref for Whole<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Whole::There(bytes) => bytes,
            Whole::Held((bytes, _)) => bytes,
        }
    }
}

/// A part that may reach beyond the end: what is there of it.
fn part(whole: &[u8], start: u64, size: u64) -> &[u8] {
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(whole.len());
    whole.get(place(start)..place(start.saturating_add(size))).unwrap_or_default()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
