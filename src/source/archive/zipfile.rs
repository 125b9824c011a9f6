//! zip, by its directory or, where that is missing, member by member.

use std::borrow::Cow;
use std::io::{Cursor, Read, Seek};

use zip::CompressionMethod;

use super::{Content, Kind, Member, Meter, Visit, text, whole};

pub(super) fn members(content: Content<'_>, meter: &Meter, each: Visit<'_>) -> Result<(), String> {
    let bytes = whole(content, meter)?;
    let damaged = |error: zip::result::ZipError| format!("zip data damaged: {error}");
    let mut archive = match zip::ZipArchive::new(Cursor::new(&*bytes)) {
        Ok(archive) => archive,
        Err(error) if bytes.starts_with(LOCAL_HEADER) => return in_order(&bytes, meter, &error, each),
        Err(error) => return Err(damaged(error)),
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
/// Most that LZMA may ask for as a dictionary.
const DICTIONARY: u32 = crate::source::unpack::DICTIONARY_KIB << 10;

/// A local file header, or the end of the directory of an empty archive
/// (APPNOTE.TXT 4.3.7, 4.3.16).
pub(super) fn is(beginning: &[u8]) -> bool {
    beginning.starts_with(LOCAL_HEADER) || beginning.starts_with(b"PK\x05\x06")
}

/// Without the directory at the end, as when a download was cut, members are found
/// one behind the other.
fn in_order(
    bytes: &[u8],
    meter: &Meter,
    error: &zip::result::ZipError,
    each: Visit<'_>,
) -> Result<(), String> {
    let mut rest = Cursor::new(bytes);
    let mut found = 0usize;
    let why = loop {
        let at = rest.position();
        let dictionary = local_dictionary(bytes, at);
        if dictionary > DICTIONARY {
            break format!("up to byte {at} ({})", too_much(dictionary));
        }
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
        "zip data damaged: no directory at the end ({error}); {found} members were found one by one, {why}"
    ))
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

fn too_much(dictionary: u32) -> String {
    let (wanted, most) = (dictionary >> 20, DICTIONARY >> 20);
    format!("its LZMA dictionary of {wanted} MiB is more than the {most} MiB that are allowed")
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
    } else if u64::from(dictionary).min(size) > u64::from(DICTIONARY) {
        Kind::Refused(too_much(dictionary))
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
