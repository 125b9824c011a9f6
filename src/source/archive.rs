//! The table of archive formats. A new one is a row here.

use std::borrow::Cow;
use std::cell::Cell;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use super::content::{Content, Meter};

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
    Format { name: "tar", is: is_tar, members: tar },
    Format {
        name: "zip",
        // Local file header; end of central directory of an empty archive
        // (APPNOTE.TXT 4.3.7, 4.3.16).
        is: |bytes| bytes.starts_with(LOCAL_HEADER) || bytes.starts_with(b"PK\x05\x06"),
        members: zip,
    },
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

/// POSIX and GNU have a mark; the older form has a checksum alone.
fn is_tar(beginning: &[u8]) -> bool {
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

fn tar(content: Content<'_>, _: &Meter, each: Visit<'_>) -> Result<(), String> {
    let say = |error: io::Error| error.to_string();
    let gauge = Gauge { at: Cell::new(0), until: Cell::new(u64::MAX) };
    match content {
        Content::Slice(bytes) => {
            let mut archive = tar::Archive::new(Gauged { inner: Cursor::new(bytes), gauge: &gauge });
            tar_members(archive.entries_with_seek().map_err(say)?, &gauge, Some(bytes), each)
        }
        Content::Stream(reader) => {
            let mut archive = tar::Archive::new(Gauged { inner: reader, gauge: &gauge });
            tar_members(archive.entries().map_err(say)?, &gauge, None, each)
        }
    }
}

fn tar_members<'a, R: Read>(
    mut entries: tar::Entries<'a, R>,
    gauge: &Gauge,
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
        let name = attribute(&mut entry, b"GNU.sparse.name").unwrap_or_else(|| text(&entry.path_bytes()));
        last.clone_from(&name);
        let (start, size) = (entry.raw_file_position(), entry.size());
        end = start.saturating_add(size);
        let member =
            Member { name, size, kind: tar_kind(entry, whole.map(|whole| part(whole, start, size))) };
        if each(member).is_break() {
            return Ok(());
        }
    }
    match whole {
        Some(whole) if end > whole.len() as u64 => Err(format!("tar data end inside of {last}")),
        _ => Ok(()),
    }
}

fn tar_kind<'a, R: Read>(mut entry: tar::Entry<'a, R>, slice: Option<&'a [u8]>) -> Kind<'a> {
    let link =
        |entry: &tar::Entry<'a, R>| entry.link_name_bytes().map(|name| text(&name)).unwrap_or_default();
    // GNU tar writes sparse files as ordinary ones with a map.
    let is_mapped = attribute(&mut entry, b"GNU.sparse.").is_some();
    match entry.header().entry_type() {
        tar::EntryType::Link => Kind::HardLink(link(&entry)),
        tar::EntryType::Symlink => Kind::SymbolicLink(link(&entry)),
        tar::EntryType::GNUSparse => Kind::Refused(SPARSE.to_owned()),
        tar::EntryType::Regular | tar::EntryType::Continuous if is_mapped => Kind::Refused(SPARSE.to_owned()),
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

/// The pax attribute of a member whose key begins so.
fn attribute<R: Read>(entry: &mut tar::Entry<'_, R>, key: &[u8]) -> Option<String> {
    let mut pairs = entry.pax_extensions().ok()??.flatten();
    pairs.find(|pair| pair.key_bytes().starts_with(key)).map(|pair| text(pair.value_bytes()))
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

const SPARSE: &str = "a sparse file, which is not put together: unpack it with tar";

fn zip(content: Content<'_>, meter: &Meter, each: Visit<'_>) -> Result<(), String> {
    let bytes = whole(content, meter)?;
    let damaged = |error: zip::result::ZipError| format!("zip data damaged: {error}");
    let mut archive = match zip::ZipArchive::new(Cursor::new(&*bytes)) {
        Ok(archive) => archive,
        Err(error) if bytes.starts_with(LOCAL_HEADER) => return zip_in_order(&bytes, meter, &error, each),
        Err(error) => return Err(damaged(error)),
    };
    for index in 0..archive.len() {
        let member = zip_member(&mut archive, index, meter);
        if each(member).is_break() {
            break;
        }
    }
    Ok(())
}

/// APPNOTE.TXT 4.3.7.
const LOCAL_HEADER: &[u8] = b"PK\x03\x04";

/// Without the directory at the end, as when a download was cut, members are found
/// one behind the other.
fn zip_in_order(
    bytes: &[u8],
    meter: &Meter,
    error: &zip::result::ZipError,
    each: Visit<'_>,
) -> Result<(), String> {
    let mut rest = Cursor::new(bytes);
    let mut found = 0usize;
    let why = loop {
        let at = rest.position();
        match zip::read::read_zipfile_from_stream(&mut rest) {
            Ok(Some(file)) => {
                found = found.saturating_add(1);
                let (name, size) = (text(file.name_raw()), file.size());
                let kind =
                    if file.is_dir() { Kind::Other("a folder") } else { Kind::File(meter.stream(file)) };
                if each(Member { name, size, kind }).is_break() {
                    return Ok(());
                }
            }
            Ok(None) => break format!("up to byte {at}"),
            Err(why) => break format!("up to byte {at} ({why})"),
        }
    };
    Err(format!(
        "zip data damaged: no directory at the end ({error}); {found} members were read in their order, {why}"
    ))
}

fn zip_member<'a, R: Read + Seek + 'a>(
    archive: &'a mut zip::ZipArchive<R>,
    index: usize,
    meter: &'a Meter,
) -> Member<'a> {
    let name = archive.name_for_index(index).and_then(Result::ok);
    let name = name.map_or_else(|| format!("member {index}"), Cow::into_owned);
    let facts = archive
        .by_index_raw(index)
        .map(|file| (file.size(), file.is_dir(), file.is_symlink(), file.encrypted(), file.compression()));
    let (size, is_folder, is_link, encrypted, method) = match facts {
        Ok(facts) => facts,
        Err(error) => {
            return Member { name, size: 0, kind: Kind::Refused(format!("damaged: {error}")) };
        }
    };
    let kind = if is_folder {
        Kind::Other("a folder")
    } else if encrypted {
        Kind::Refused("encrypted: unpack it with its password".to_owned())
    } else if !matches!(method, zip::CompressionMethod::Stored | zip::CompressionMethod::Deflated) {
        Kind::Refused(format!("compressed with {method}, which is not read (only deflate is)"))
    } else {
        match archive.by_index(index) {
            Ok(file) if is_link => {
                let mut target = Vec::new();
                // The longest path of Linux and macOS (PATH_MAX).
                match file.take(4096).read_to_end(&mut target) {
                    Ok(_) => Kind::SymbolicLink(text(&target)),
                    Err(error) => Kind::Refused(format!("a link that cannot be read: {error}")),
                }
            }
            Ok(file) => Kind::File(meter.stream(file)),
            Err(error) => Kind::Refused(format!("damaged: {error}")),
        }
    };
    Member { name, size, kind }
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
fn whole<'a>(content: Content<'a>, meter: &Meter) -> Result<Cow<'a, [u8]>, String> {
    match content {
        Content::Slice(bytes) => Ok(Cow::Borrowed(bytes)),
        stream @ Content::Stream(_) => match stream.read(meter.limits.held_bytes) {
            (_, Some(ended)) => Err(ended.to_string()),
            (bytes, None) => Ok(Cow::Owned(bytes)),
        },
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
