//! BYTES: open files and standard input, take compression off, keep track of
//! where every byte came from. Archives and folders hold many files; their
//! members are named `bundle.tgz!bin/app`.

#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::arithmetic_side_effects))]

mod archive;
mod content;
mod documents;
mod foreign;
mod log;
mod magic;
mod member;
mod pipe;
mod rotation;
mod unpack;
mod walk;

use std::fs::File;
use std::io::{Read, Seek};
use std::ops::Deref;
use std::path::Path;

use crate::error::{Error, Result};
pub use crate::origin::{Origin, Span};
pub(crate) use archive::{Kind, Member};
pub(crate) use content::{Content, Ended, Meter};
pub use documents::{Expansion, Reading, Text, Visitor, documents, is_plain};
pub use foreign::is_binary;
pub use log::Log;
pub(crate) use magic::{BEGINNING, is_executable};
pub use member::listed;
pub(crate) use member::{beside, plain};
pub use rotation::{chains, is_rotated, log_name, log_path, may_follow};
pub use unpack::Allowance;
pub use walk::{Held, executables};

/// How much one input may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most bytes that one document may have after decompression.
    pub expanded_bytes: u64,
    /// Most bytes of a compressed log that are read on the way through.
    pub streamed_bytes: u64,
    /// Most layers of compression around one document.
    pub layers: usize,
    /// Most archives inside each other.
    pub depth: usize,
    /// Most members of an archive, or files of a folder, that are looked at.
    pub members: usize,
    /// Most bytes that all decoders of one archive may give, nested ones included.
    pub archive_bytes: u64,
    /// Most executables of an archive or folder that are kept, and most bytes of
    /// them that are held in memory (files of a folder are mapped).
    pub executables: usize,
    pub held_bytes: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            expanded_bytes: 4 << 30,
            streamed_bytes: 64 << 30,
            layers: 4,
            depth: 4,
            members: 1_000_000,
            archive_bytes: 16 << 30,
            executables: 512,
            held_bytes: 1 << 30,
        }
    }
}

/// The bytes of a document: mapped from a file, or owned.
pub enum Bytes {
    Mapped(memmap2::Mmap),
    Owned(Vec<u8>),
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Mapped(map) => map,
            Bytes::Owned(bytes) => bytes,
        }
    }
}

impl Bytes {
    /// Lets go of the pages of a mapped file that were read: they count as memory of this
    /// process, and are read again where they are needed again.
    #[allow(unsafe_code)]
    pub(crate) fn release(&self) {
        #[cfg(unix)]
        if let Bytes::Mapped(map) = self {
            // SAFETY: the map is read-only and of a file; dropping its pages loses nothing, since
            // the next access reads the same bytes from the file.
            let _ = unsafe { map.unchecked_advise(memmap2::UncheckedAdvice::DontNeed) };
        }
    }
}

/// One input, decompressed.
pub struct Document {
    pub origin: Origin,
    pub bytes: Bytes,
    /// Names of the codecs that were taken off, outermost first.
    pub unpacked: Vec<&'static str>,
    /// Set when the input ended early or was cut by a limit: what is there is
    /// still used.
    pub cut: Option<String>,
}

/// Opens a file, or a member of an archive (`bundle.tgz!bin/app`); `-` is
/// standard input. Compression is recognised by its magic number, never by the
/// name.
///
/// # Errors
/// `Io` when the file cannot be read (a directory included), `Unrecognised`
/// when the archive has no such member, `Limit` when there are more layers of
/// compression than allowed.
pub fn open(path: &str, limits: Limits) -> Result<Document> {
    unpack(stored(path, limits)?, limits)
}

/// A file or member as it is stored.
pub(crate) fn stored(path: &str, limits: Limits) -> Result<Document> {
    let (path, inside) = member::split(path);
    let origin = Origin::new(path);
    let say = |cause| Error::io(&origin, cause);
    let (bytes, cut) = if path == "-" {
        stdin(limits).map_err(say)?
    } else {
        let file = File::open(Path::new(path)).map_err(say)?;
        (read(file, limits).map_err(say)?, None)
    };
    let document = Document { origin, bytes, unpacked: Vec::new(), cut };
    match inside {
        Some(inside) => member::open(document, inside, limits),
        None => Ok(document),
    }
}

/// Does it begin like something compressed?
pub(crate) fn is_packed(bytes: &[u8]) -> bool {
    unpack::sniff(bytes).is_some()
}

/// Hands out the members of an archive, compressed or not, in their order.
/// `None`: it is no archive.
///
/// # Errors
/// Where it is damaged, in words; what is before that was handed out.
pub(crate) fn members(
    stored: &[u8],
    meter: &Meter,
    each: &mut dyn FnMut(Member<'_>) -> std::ops::ControlFlow<()>,
) -> Result<Option<&'static str>, String> {
    let content::Peeled { content, beginning, .. } = content::Content::Slice(stored).peel(meter)?;
    let Some(format) = archive::sniff(&beginning) else { return Ok(None) };
    (format.members)(content, meter, each).map(|()| Some(format.name))
}

/// A document from bytes that are in memory already.
///
/// # Errors
/// As [`open`].
pub fn from_bytes(name: &str, bytes: Vec<u8>, limits: Limits) -> Result<Document> {
    let document =
        Document { origin: Origin::new(name), bytes: Bytes::Owned(bytes), unpacked: Vec::new(), cut: None };
    unpack(document, limits)
}

fn cut_at(bytes: &mut Vec<u8>, limit: u64) -> Option<String> {
    let limit_here = usize::try_from(limit).unwrap_or(usize::MAX);
    (bytes.len() > limit_here).then(|| {
        bytes.truncate(limit_here);
        format!("only the first {limit} bytes were read")
    })
}

/// Standard input is mapped as well, where it is a file that is read from its
/// start: `panicmap < dump`.
fn stdin(limits: Limits) -> std::io::Result<(Bytes, Option<String>)> {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd;
        let mut file = File::from(std::io::stdin().as_fd().try_clone_to_owned()?);
        if file.metadata()?.is_file() && file.stream_position()? == 0 {
            return Ok((read(file, limits)?, None));
        }
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(limits.expanded_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    let cut = cut_at(&mut bytes, limits.expanded_bytes);
    Ok((Bytes::Owned(bytes), cut))
}

#[allow(unsafe_code)]
fn read(mut file: File, limits: Limits) -> std::io::Result<Bytes> {
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(std::io::ErrorKind::IsADirectory.into());
    }
    if !metadata.is_file() || metadata.len() == 0 {
        // Pipes, devices and files of /proc have no length to map.
        let mut bytes = Vec::new();
        file.take(limits.expanded_bytes).read_to_end(&mut bytes)?;
        return Ok(Bytes::Owned(bytes));
    }
    // A small file is cheaper to read than to map, and a log that is rotated
    // by truncation cannot fault us then.
    if metadata.len() < 256 << 10 {
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
        file.read_to_end(&mut bytes)?;
        return Ok(Bytes::Owned(bytes));
    }
    // SAFETY: the map is read-only and private. Truncating the file while it
    // is mapped would raise SIGBUS; that is the price of answering one
    // address of a 100 MB executable from a few pages, and every mapping
    // reader (linkers, debuggers) pays it.
    unsafe { memmap2::Mmap::map(&file) }.map(Bytes::Mapped)
}

fn unpack(mut document: Document, limits: Limits) -> Result<Document> {
    for _ in 0..limits.layers {
        let Some(codec) = unpack::sniff(&document.bytes) else { return Ok(document) };
        let (bytes, ended) = unpack::expand(codec, &document.bytes, limits.expanded_bytes);
        if bytes.is_empty() {
            let why = ended.unwrap_or_else(|| "it holds nothing".to_owned());
            return Err(Error::Malformed {
                origin: document.origin,
                offset: 0,
                what: format!("looks like {} but cannot be decompressed: {why}", codec.name),
            });
        }
        document.unpacked.push(codec.name);
        document.cut = document.cut.or(ended);
        document.bytes = Bytes::Owned(bytes);
    }
    match unpack::sniff(&document.bytes) {
        None => Ok(document),
        Some(codec) => Err(Error::Limit {
            origin: document.origin,
            what: format!("more than {} layers of compression (the next is {})", limits.layers, codec.name),
        }),
    }
}
