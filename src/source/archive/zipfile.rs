//! zip, by its directory or, where that is missing, member by member.

use std::borrow::Cow;
use std::fmt;
use std::io::{Cursor, Read, Seek};
use std::ops::ControlFlow;

use zip::CompressionMethod;

use super::{Content, Kind, Member, Meter, Visit, text, whole};

pub(super) fn members(content: Content<'_>, meter: &Meter, each: Visit<'_>) -> Result<(), String> {
    let bytes = whole(content, meter)?;
    let (entries, needed) = directory(&bytes);
    let fits = if needed > DIRECTORY { None } else { meter.allowance.ask(needed).ok() };
    let Some(_held) = fits else {
        let needed = needed >> 20;
        let why =
            format!("its directory of {entries} entries needs {needed} MiB of memory, which is too much");
        return match in_order(&bytes, meter, each) {
            (ControlFlow::Break(()), _) => Ok(()),
            (_, found) if found.members == entries => Ok(()),
            (_, found) => Err(format!("limit reached: {why}; {found}")),
        };
    };
    let mut archive = match zip::ZipArchive::new(Cursor::new(&*bytes)) {
        Ok(archive) => archive,
        Err(error) if bytes.starts_with(LOCAL_HEADER) => {
            return match in_order(&bytes, meter, each) {
                (ControlFlow::Break(()), _) => Ok(()),
                (_, found) => Err(format!("zip data damaged: no directory at the end ({error}); {found}")),
            };
        }
        Err(error) => return Err(format!("zip data damaged: {error}")),
    };
    for index in 0..archive.len() {
        let member = member(&mut archive, index, meter);
        if each(member).is_break() {
            break;
        }
    }
    Ok(())
}

/// APPNOTE.TXT 4.3.7.
const LOCAL_HEADER: &[u8] = b"PK\x03\x04";
/// The header of an entry of the directory, and what stands in front of its names
/// (APPNOTE.TXT 4.3.12).
const ENTRY: &[u8] = b"PK\x01\x02";
const ENTRY_LENGTH: usize = 46;
/// What the zip crate keeps of each entry, besides its names.
const KEPT: u64 = 480;
/// Most that a directory may need; members of a zip that has more are found one by one.
const DIRECTORY: u64 = 64 << 20;
/// What a decoder holds (`bzip2 -9`) that has no dictionary.
const SMALL: u64 = 4 << 20;

/// How many entries the directory has at most, and what it takes to read it: what claims
/// to be its length and place may be anything, so that all that looks like one counts.
fn directory(bytes: &[u8]) -> (u64, u64) {
    let (mut entries, mut needed) = (0u64, 0u64);
    for at in memchr::memmem::find_iter(bytes, ENTRY) {
        let header = bytes.get(at..).and_then(|rest| rest.get(..ENTRY_LENGTH)).unwrap_or_default();
        let length =
            |at: usize| header.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |b| u16::from_le_bytes(*b));
        // Name, extra field, comment.
        let texts: u64 = [28, 30, 32].map(|at| u64::from(length(at))).iter().sum();
        entries = entries.saturating_add(1);
        needed = needed.saturating_add(KEPT).saturating_add(texts.saturating_mul(2));
    }
    (entries, needed)
}

/// A local file header, or the end of the directory of an empty archive
/// (APPNOTE.TXT 4.3.7, 4.3.16).
pub(super) fn is(beginning: &[u8]) -> bool {
    beginning.starts_with(LOCAL_HEADER) || beginning.starts_with(b"PK\x05\x06")
}

/// How far members were found without the directory.
struct Found {
    members: u64,
    at: u64,
    why: Option<String>,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} members were found one by one, up to byte {}", self.members, self.at)?;
        self.why.as_ref().map_or(Ok(()), |why| write!(f, " ({why})"))
    }
}

/// Without the directory at the end, as when a download was cut, members are found
/// one behind the other.
fn in_order(bytes: &[u8], meter: &Meter, each: Visit<'_>) -> (ControlFlow<()>, Found) {
    let mut rest = Cursor::new(bytes);
    let mut found = Found { members: 0, at: 0, why: None };
    loop {
        found.at = rest.position();
        let held = match meter.allowance.ask(SMALL.max(local_dictionary(bytes, found.at).into())) {
            Ok(held) => held,
            Err(error) => {
                found.why = Some(error.to_string());
                break;
            }
        };
        match zip::read::read_zipfile_from_stream(&mut rest) {
            Ok(Some(file)) => {
                found.members = found.members.saturating_add(1);
                let (name, size) = (text(file.name_raw()), file.size());
                let kind = if file.is_dir() {
                    Kind::Other("a folder")
                } else {
                    Kind::File(meter.holding(file, held))
                };
                if each(Member { name, size, kind }).is_break() {
                    return (ControlFlow::Break(()), found);
                }
            }
            Ok(None) => break,
            Err(why) => {
                found.why = Some(why.to_string());
                break;
            }
        }
    }
    (ControlFlow::Continue(()), found)
}

const READ: [CompressionMethod; 4] = [
    CompressionMethod::Stored,
    CompressionMethod::Deflated,
    CompressionMethod::Bzip2,
    CompressionMethod::Lzma,
];

/// Methods by their numbers (APPNOTE.TXT 4.4.5).
fn name_of(method: CompressionMethod) -> String {
    let known = [
        (CompressionMethod::DEFLATE64, "deflate64"),
        (CompressionMethod::ZSTD, "zstd"),
        (CompressionMethod::XZ, "xz"),
        (CompressionMethod::PPMD, "PPMd"),
        (CompressionMethod::IMPLODE, "implode"),
        (CompressionMethod::SHRINK, "shrink"),
    ];
    let name = known.iter().find(|(known, _)| *known == method).map(|(_, name)| (*name).to_owned());
    name.unwrap_or_else(|| method.to_string())
}

/// What LZMA asks for: version, length of the properties, lc/lp/pb, dictionary
/// (APPNOTE.TXT 5.8.8).
fn dictionary(file: &mut impl Read) -> u32 {
    let mut head = [0; 9];
    match file.read_exact(&mut head) {
        Ok(()) => head.last_chunk().map_or(0, |size| u32::from_le_bytes(*size)),
        Err(_) => 0,
    }
}

/// The same of the member whose local header is at an offset (APPNOTE.TXT 4.3.7); 0
/// where it is of another method.
fn local_dictionary(bytes: &[u8], at: u64) -> u32 {
    let header = usize::try_from(at).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
    let number = |at: usize| {
        header
            .get(at..)
            .and_then(<[u8]>::first_chunk)
            .map_or(0, |bytes| usize::from(u16::from_le_bytes(*bytes)))
    };
    // LZMA is method 14 (APPNOTE.TXT 4.4.5).
    if !header.starts_with(LOCAL_HEADER) || number(8) != 14 {
        return 0;
    }
    let data = number(26).saturating_add(number(28)).saturating_add(30);
    dictionary(&mut header.get(data..).unwrap_or_default())
}

fn member<'a, R: Read + Seek + 'a>(
    archive: &'a mut zip::ZipArchive<R>,
    index: usize,
    meter: &'a Meter,
) -> Member<'a> {
    let name = archive.name_for_index(index).and_then(Result::ok);
    let name = name.map_or_else(|| format!("member {index}"), Cow::into_owned);
    let facts = archive.by_index_raw(index).map(|mut file| {
        let method = file.compression();
        let dictionary = if method == CompressionMethod::Lzma { dictionary(&mut file) } else { 0 };
        (file.size(), file.is_dir(), file.is_symlink(), file.encrypted(), method, dictionary)
    });
    let (size, is_folder, is_link, encrypted, method, dictionary) = match facts {
        Ok(facts) => facts,
        Err(error) => {
            return Member { name, size: 0, kind: Kind::Refused(format!("damaged: {error}")) };
        }
    };
    let kind = if is_folder {
        Kind::Other("a folder")
    } else if encrypted {
        Kind::Refused("encrypted: unpack it with its password".to_owned())
    } else if !READ.contains(&method) {
        let name = name_of(method);
        Kind::Refused(format!("compressed with {name}, which is not read: unpack it with 7z"))
    } else {
        // More than the member has is never used.
        let held = match meter.allowance.ask(u64::from(dictionary).min(size).max(SMALL)) {
            Ok(held) => held,
            Err(error) => return Member { name, size, kind: Kind::Refused(error.to_string()) },
        };
        match archive.by_index(index) {
            Ok(file) if is_link => {
                let mut target = Vec::new();
                // The longest path of Linux and macOS (PATH_MAX).
                match file.take(4096).read_to_end(&mut target) {
                    Ok(_) => Kind::SymbolicLink(text(&target)),
                    Err(error) => Kind::Refused(format!("a link that cannot be read: {error}")),
                }
            }
            Ok(file) => Kind::File(meter.holding(file, held)),
            Err(error) => Kind::Refused(format!("damaged: {error}")),
        }
    };
    Member { name, size, kind }
}
