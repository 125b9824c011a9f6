//! tar: v7, POSIX, GNU and pax.

use std::cell::Cell;
use std::io::{self, Cursor, Read, Seek, SeekFrom};

use super::{Content, Kind, Member, Meter, Visit, part, sparse, text};

/// POSIX and GNU have a mark; the older form has a checksum alone.
pub(super) fn is(beginning: &[u8]) -> bool {
    if beginning.get(257..262) == Some(b"ustar") {
        return true;
    }
    let Some(block) = beginning.get(..512).filter(|block| block.first() != Some(&0)) else { return false };
    // The checksum counts its own field as blanks.
    let sum = block.iter().enumerate().map(|(at, byte)| match at {
        148..156 => u32::from(b' '),
        _ => u32::from(*byte),
    });
    tar::Header::from_byte_slice(block).cksum().is_ok_and(|stored| stored == sum.sum::<u32>())
}

pub(super) fn members(content: Content<'_>, meter: &Meter, each: Visit<'_>) -> Result<(), String> {
    let say = |error: io::Error| error.to_string();
    let gauge = Gauge { at: Cell::new(0), until: Cell::new(u64::MAX) };
    match content {
        Content::Slice(bytes) => {
            let mut archive = tar::Archive::new(Gauged { inner: Cursor::new(bytes), gauge: &gauge });
            in_order(archive.entries_with_seek().map_err(say)?, &gauge, meter, Some(bytes), each)
        }
        Content::Stream(reader) => {
            let mut archive = tar::Archive::new(Gauged { inner: reader, gauge: &gauge });
            in_order(archive.entries().map_err(say)?, &gauge, meter, None, each)
        }
    }
}

fn in_order<'a, R: Read>(
    mut entries: tar::Entries<'a, R>,
    gauge: &Gauge,
    meter: &'a Meter,
    whole: Option<&'a [u8]>,
    each: Visit<'_>,
) -> Result<(), String> {
    let mut last = String::new();
    let mut end = 0u64;
    loop {
        gauge.until.set(gauge.at.get().max(end).saturating_add(HEADERS));
        let Some(entry) = entries.next() else { break };
        gauge.until.set(u64::MAX);
        let after = if last.is_empty() { "at its beginning".to_owned() } else { format!("after {last}") };
        let at = gauge.at.get();
        let mut entry = entry.map_err(|error| format!("tar data damaged {after}, at byte {at}: {error}"))?;
        let holes = holes(&mut entry);
        let name = attribute(&mut entry, b"GNU.sparse.name").unwrap_or_else(|| text(&entry.path_bytes()));
        last.clone_from(&name);
        let start = entry.raw_file_position();
        // The length of a sparse file of the older form is not what is stored of it.
        let old = entry.header().entry_type() == tar::EntryType::GNUSparse;
        let stored = if old { entry.header().entry_size().unwrap_or(0) } else { entry.size() };
        end = start.saturating_add(stored);
        let size = holes.size().filter(|_| holes.is_sparse()).unwrap_or(entry.size());
        let slice = whole.map(|whole| part(whole, start, stored));
        let member = Member { name, size, kind: kind(entry, holes, slice, meter) };
        if each(member).is_break() {
            return Ok(());
        }
    }
    match whole {
        Some(whole) if end > whole.len() as u64 => Err(format!("tar data end inside of {last}")),
        _ => Ok(()),
    }
}

fn kind<'a, R: Read>(
    entry: tar::Entry<'a, R>,
    holes: sparse::Attributes,
    slice: Option<&'a [u8]>,
    meter: &'a Meter,
) -> Kind<'a> {
    let link =
        |entry: &tar::Entry<'a, R>| entry.link_name_bytes().map(|name| text(&name)).unwrap_or_default();
    match entry.header().entry_type() {
        tar::EntryType::Link => Kind::HardLink(link(&entry)),
        tar::EntryType::Symlink => Kind::SymbolicLink(link(&entry)),
        // Holes come out of nothing: they are metered as what is decompressed is.
        tar::EntryType::GNUSparse => Kind::File(meter.stream(entry)),
        tar::EntryType::Regular | tar::EntryType::Continuous if holes.is_sparse() => {
            match holes.fill(entry) {
                Ok(filled) => Kind::File(meter.stream(filled)),
                Err(what) => Kind::Refused(what),
            }
        }
        // Before POSIX a folder was a name with a slash at its end.
        tar::EntryType::Regular | tar::EntryType::Continuous if !entry.path_bytes().ends_with(b"/") => {
            Kind::File(match slice {
                Some(slice) => Content::Slice(slice),
                None => Content::Stream(Box::new(entry)),
            })
        }
        tar::EntryType::Regular | tar::EntryType::Continuous | tar::EntryType::Directory => {
            Kind::Other("a folder")
        }
        _ => Kind::Other("a device, pipe or note of tar"),
    }
}

/// What the attributes of a member say of its holes.
fn holes<R: Read>(entry: &mut tar::Entry<'_, R>) -> sparse::Attributes {
    let mut holes = sparse::Attributes::default();
    if let Ok(Some(pairs)) = entry.pax_extensions() {
        pairs.flatten().for_each(|pair| holes.take(pair.key_bytes(), pair.value_bytes()));
    }
    holes
}

/// The value of a pax attribute of a member.
fn attribute<R: Read>(entry: &mut tar::Entry<'_, R>, key: &[u8]) -> Option<String> {
    let mut pairs = entry.pax_extensions().ok()??.flatten();
    pairs.find(|pair| pair.key_bytes() == key).map(|pair| text(pair.value_bytes()))
}

/// Most bytes of headers in front of one member: long names and attributes,
/// which the reader keeps in memory.
const HEADERS: u64 = 1 << 20;

/// How far a reader has come, and how far it may go.
struct Gauge {
    at: Cell<u64>,
    until: Cell<u64>,
}

struct Gauged<'a, R> {
    inner: R,
    gauge: &'a Gauge,
}

impl<R: Read> Read for Gauged<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let at = self.gauge.at.get().saturating_add(read as u64);
        self.gauge.at.set(at);
        if at > self.gauge.until.get() {
            return Err(io::Error::other(format!("more than {HEADERS} bytes of headers for one member")));
        }
        Ok(read)
    }
}

impl<R: Seek> Seek for Gauged<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = self.inner.seek(to)?;
        self.gauge.at.set(at);
        Ok(at)
    }
}
