//! The code signature of a Mach-O file, as far as the kernel of macOS holds it
//! against the code: a hash of every page.

use object::macho;
use object::read::macho::{LoadCommandVariant, MachHeader};
use object::{BigEndian, Endianness, U32};
use sha2::{Digest, Sha256};

use super::super::{Binary, Fact, Format};

/// What is to be said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeSignature {
    Absent,
    /// Every page has the hash that was signed.
    Fits,
    /// The code was changed after it was signed: the first page that differs.
    Broken {
        page: usize,
    },
    /// In a form that is not read here.
    Unread,
}

/// xnu, osfmk/kern/cs_blobs.h.
const EMBEDDED_SIGNATURE: u32 = 0xfade_0cc0;
const CODE_DIRECTORY: u32 = 0xfade_0c02;
const SHA256: u8 = 2;
const MOST_BLOBS: u32 = 64;

pub(super) fn read(binary: &Binary) -> Option<Fact<CodeSignature>> {
    if binary.image.format != Format::MachO || binary.image.pointer_size != 8 {
        return None;
    }
    let bytes = binary.bytes();
    let Some(blob) = signature(bytes)? else {
        return Some(Fact::new(CodeSignature::Absent, "no LC_CODE_SIGNATURE"));
    };
    let told = directory(blob).and_then(|directory| pages(bytes, directory));
    Some(Fact::new(told.unwrap_or(CodeSignature::Unread), "LC_CODE_SIGNATURE"))
}

/// The outer `None`: the headers cannot be read.
fn signature(bytes: &[u8]) -> Option<Option<&[u8]>> {
    let header = macho::MachHeader64::<Endianness>::parse(bytes, 0).ok()?;
    let endian = header.endian().ok()?;
    let mut commands = header.load_commands(endian, bytes, 0).ok()?;
    while let Some(command) = commands.next().ok()? {
        if let Ok(LoadCommandVariant::LinkeditData(data)) = command.variant()
            && command.cmd() == macho::LC_CODE_SIGNATURE
        {
            let (offset, size) = (data.dataoff.get(endian) as usize, data.datasize.get(endian) as usize);
            return Some(bytes.get(offset..offset.saturating_add(size)).or(Some(&[])));
        }
    }
    Some(None)
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..)?.first_chunk::<4>()?;
    Some(U32::<BigEndian>::from_bytes(*bytes).get(BigEndian))
}

/// The code directory in a superblob: magic, length, count, then (type, offset) each.
fn directory(blob: &[u8]) -> Option<&[u8]> {
    if word(blob, 0)? != EMBEDDED_SIGNATURE {
        return None;
    }
    let count = word(blob, 8)?.min(MOST_BLOBS) as usize;
    (0..count).find_map(|index| {
        let at = word(blob, index.checked_mul(8)?.checked_add(16)?)? as usize;
        let directory = blob.get(at..)?;
        // Of several the first with SHA-256: an older one has SHA-1.
        (word(directory, 0)? == CODE_DIRECTORY && directory.get(37) == Some(&SHA256)).then_some(directory)
    })
}

/// CS_CodeDirectory: hashOffset at 16, nCodeSlots at 28, codeLimit at 32, then
/// hashSize, hashType, platform, pageSize (log2).
fn pages(bytes: &[u8], directory: &[u8]) -> Option<CodeSignature> {
    let (hashes, slots, limit) = (word(directory, 16)?, word(directory, 28)?, word(directory, 32)?);
    let (size, shift) = (usize::from(*directory.get(36)?), u32::from(*directory.get(39)?));
    let page_size = 1usize.checked_shl(shift).filter(|size| (4096..=65536).contains(size))?;
    let code = bytes.get(..limit as usize);
    let Some(code) = code.filter(|_| size == 32) else {
        // The file ends before the code that was signed does.
        let page = bytes.len().checked_div(page_size)?;
        return (size == 32).then_some(CodeSignature::Broken { page });
    };
    let signed = directory.get(hashes as usize..)?.chunks_exact(size).take(slots as usize);
    let differs =
        code.chunks(page_size).zip(signed).position(|(page, hash)| Sha256::digest(page)[..] != *hash);
    Some(differs.map_or(CodeSignature::Fits, |page| CodeSignature::Broken { page }))
}
