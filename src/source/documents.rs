//! All documents of a file: itself, or the members of the archive that it is,
//! and of archives inside of it. Each is read as it comes, so that none has to
//! fit into memory.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::path::Path;
use std::sync::atomic::AtomicU64;

use super::archive::{self, Kind};
use super::content::{Content, Meter};
use super::foreign;
use super::magic::{BEGINNING, is_executable};
use super::pipe::across;
use super::unpack::{self, Allowance};
use super::{Limits, Origin, member};
use crate::error::{Error, Result};
use budget::{Budget, Budgeted, Sized};

mod budget;

/// Bytes that are read at a time.
const PIECE: usize = 256 << 10;
/// What is compressed inside of an archive is decompressed by another thread when it
/// is longer than this.
const SMALL: u64 = 4 << 20;

/// How much the documents of one file may cost beyond [`Limits`].
#[derive(Clone, Copy, Debug)]
pub struct Expansion {
    /// Most bytes out for each byte in, once `from` bytes have come out.
    pub ratio: u64,
    pub from: u64,
}

/// A text, or what may be one.
pub struct Text<'t> {
    pub origin: Origin,
    /// Its number among the documents of the file.
    pub number: u64,
    /// Names of the codecs that were taken off, outermost first.
    pub unpacked: &'t [&'static str],
    /// Bytes that the decoders around it hold, from its first byte on.
    pub held: u64,
    /// Its first bytes, which `reader` gives too.
    pub beginning: &'t [u8],
    /// An error ends it, and says why it is not whole.
    pub reader: &'t mut dyn Read,
}

/// What is done with each document.
pub trait Visitor: Send {
    fn text(&mut self, text: Text<'_>);
    /// No log, by its first bytes.
    fn other(&mut self, origin: Origin, number: u64, what: &str);
    /// It cannot be read.
    fn failed(&mut self, number: u64, error: Error);
    /// Nothing more is wanted.
    fn stopped(&self) -> bool;
}

/// Longer names of members (PATH_MAX of Linux) lose their end: a tar may have a million
/// of a megabyte each.
const NAME: usize = 4096;
/// Files that are smaller are not worth a thread.
const AHEAD_FROM: u64 = 1 << 20;

/// How a file is read.
pub struct Reading<'r> {
    pub limits: Limits,
    pub expansion: Expansion,
    pub allowance: Allowance,
    /// A big compressed file is decompressed on one thread and handed out on another.
    pub ahead: bool,
    /// Bytes of the file that were read are added to it.
    pub read: &'r AtomicU64,
}

/// Hands out every document of a file, whose name is `origin`; `-` is standard
/// input.
pub fn documents(path: &Path, origin: &Origin, reading: &Reading<'_>, visitor: &mut dyn Visitor) {
    let Reading { limits, expansion, ref allowance, ahead, read } = *reading;
    let budget = Budget::new(limits.archive_bytes, expansion, read);
    let mut walk = Walk { limits, budget: &budget, allowance, visitor, number: 0, ahead };
    if let Err(error) = walk.file(path, origin) {
        walk.failed(error);
    }
}

/// Neither compressed nor an archive nor of another kind: a text that is the file.
pub fn is_plain(beginning: &[u8], name: &str) -> bool {
    let beginning = beginning.get(..BEGINNING).unwrap_or(beginning);
    unpack::sniff(beginning).is_none()
        && archive::sniff(beginning).is_none()
        && foreign::sniff(beginning, name).is_none()
        && !is_executable(beginning)
}

struct Walk<'w> {
    limits: Limits,
    budget: &'w Budget<'w>,
    allowance: &'w Allowance,
    visitor: &'w mut dyn Visitor,
    /// Documents so far.
    number: u64,
    /// Decompresses on a thread of its own.
    ahead: bool,
}

/// Where a document stands.
#[derive(Clone)]
struct Place {
    origin: Origin,
    /// Archives around it.
    depth: usize,
    unpacked: Vec<&'static str>,
}

impl<'w> Walk<'w> {
    fn file(&mut self, path: &Path, origin: &Origin) -> Result<()> {
        let say = |cause| Error::io(origin, cause);
        let place = Place { origin: origin.clone(), depth: 0, unpacked: Vec::new() };
        if path == Path::new("-") {
            self.sendable(Box::new(self.budget.input(io::stdin())), place);
            return Ok(());
        }
        let mut file = File::open(path).map_err(say)?;
        let metadata = file.metadata().map_err(say)?;
        if metadata.is_dir() {
            return Err(say(io::ErrorKind::IsADirectory.into()));
        }
        let mut beginning = Vec::new();
        if metadata.is_file() {
            file.by_ref().take(BEGINNING as u64).read_to_end(&mut beginning).map_err(say)?;
            file.rewind().map_err(say)?;
        }
        // Formats with an index at their end are read by it.
        let mut format = archive::sniff(&beginning).filter(|format| format.name != "tar");
        if format.is_none() && metadata.is_file() && ends_as_zip(&mut file).map_err(say)? {
            format = archive::sniff(ZIP);
        }
        if let Some(format) = format {
            let bytes = super::read(file, self.limits).map_err(say)?;
            self.budget.took(bytes.len() as u64);
            self.archive(format, Content::Slice(&bytes), &place);
            return Ok(());
        }
        // A file that grows is read to where it ends now.
        let length = if metadata.is_file() && metadata.len() > 0 { metadata.len() } else { u64::MAX };
        self.ahead &= length >= AHEAD_FROM;
        self.sendable(Box::new(self.budget.input(file.take(length))), place);
        Ok(())
    }

    fn failed(&mut self, error: Error) {
        let number = self.next();
        self.visitor.failed(number, error);
    }

    fn next(&mut self) -> u64 {
        let number = self.number;
        self.number = number.saturating_add(1);
        number
    }

    fn too_deep(&self, place: &Place, codec: &str) -> Error {
        let what = format!("more than {} layers of compression (the next is {codec})", self.limits.layers);
        Error::Limit { origin: place.origin.clone(), what }
    }

    /// Takes compression off what may go from thread to thread.
    fn sendable<'r>(&mut self, mut reader: Box<dyn Read + Send + 'r>, mut place: Place)
    where
        'w: 'r,
    {
        loop {
            let mut beginning = Vec::new();
            let ended = reader.by_ref().take(BEGINNING as u64).read_to_end(&mut beginning).err();
            if let Some(cause) = ended.as_ref().filter(|_| beginning.is_empty()) {
                return self.failed(cannot(&place, cause));
            }
            let codec = unpack::sniff(&beginning);
            // What is wrong behind the beginning is told by whoever reads that far.
            reader = Box::new(Cursor::new(beginning.clone()).chain(Ended(ended)).chain(reader));
            let Some(codec) = codec else {
                if self.ahead && place.depth == 0 && !place.unpacked.is_empty() {
                    let content = |received| self.content(Box::new(received), &beginning, &place);
                    return across(reader, content);
                }
                return self.content(reader, &beginning, &place);
            };
            if place.unpacked.len() >= self.limits.layers {
                return self.failed(self.too_deep(&place, codec.name));
            }
            place.unpacked.push(codec.name);
            let encoded = Box::new(BufReader::with_capacity(PIECE, reader));
            let decoder = (codec.decode)(encoded, self.allowance);
            reader = Box::new(Budgeted::new(decoder, self.budget));
        }
    }

    /// Goes into an archive, or hands out a text, whose compression is off.
    fn content<'r>(&mut self, mut reader: Box<dyn Read + 'r>, beginning: &[u8], place: &Place) {
        if let Some(format) = archive::sniff(beginning) {
            return self.archive(format, Content::Stream(reader), place);
        }
        let number = self.next();
        let origin = place.origin.clone();
        if is_executable(beginning) {
            return self.visitor.other(origin, number, "an executable or a core dump");
        }
        match foreign::sniff(beginning, &origin.to_string()) {
            Some(foreign::Foreign { what, instead: None, .. }) => {
                return self.visitor.other(origin, number, what);
            }
            Some(foreign::Foreign { what, instead: Some(instead), .. }) => {
                let what = format!("{what}, which is not read: {instead}");
                return self.visitor.failed(number, Error::Unrecognised { origin, what });
            }
            None => {}
        }
        let unpacked = &place.unpacked;
        let held = self.allowance.held();
        self.visitor.text(Text { origin, number, unpacked, held, beginning, reader: &mut reader });
    }

    fn archive(&mut self, format: &archive::Format, content: Content<'_>, place: &Place) {
        if place.depth >= self.limits.depth {
            let what =
                format!("more than {} archives inside each other; it was not opened", self.limits.depth);
            return self.failed(Error::Limit { origin: place.origin.clone(), what });
        }
        let meter = Meter::sharing(self.limits, self.allowance.clone());
        let mut members = 0usize;
        let most = self.limits.members;
        let ended = (format.members)(content, &meter, &mut |one| {
            if members >= most {
                let what = format!("only the first {most} members were looked at");
                self.failed(Error::Limit { origin: place.origin.clone(), what });
                return std::ops::ControlFlow::Break(());
            }
            members = members.saturating_add(1);
            let origin = place.origin.member(&shortened(&member::plain(&one.name)));
            let depth = place.depth.saturating_add(1);
            let inner = Place { origin, depth, unpacked: Vec::new() };
            match one.kind {
                Kind::File(content) => self.member(content, one.size, inner),
                Kind::Refused(what) => self.failed(Error::Unrecognised { origin: inner.origin, what }),
                // What a link leads to is a member itself.
                Kind::HardLink(_) | Kind::SymbolicLink(_) | Kind::Other(_) => {}
            }
            if self.visitor.stopped() || self.budget.spent() {
                return std::ops::ControlFlow::Break(());
            }
            std::ops::ControlFlow::Continue(())
        });
        if let Err(what) = ended {
            self.failed(Error::Malformed { origin: place.origin.clone(), offset: self.budget.taken(), what });
        }
    }

    fn member(&mut self, content: Content<'_>, size: u64, mut place: Place) {
        let reader: Box<dyn Read + '_> = match content {
            Content::Slice(bytes) => {
                return self.sendable(Box::new(Sized::new(bytes, size)), place);
            }
            Content::Stream(reader) => reader,
        };
        let mut reader = Sized::new(reader, size);
        let mut beginning = Vec::new();
        let ended = reader.by_ref().take(BEGINNING as u64).read_to_end(&mut beginning).err();
        if let Some(cause) = ended.as_ref().filter(|_| beginning.is_empty()) {
            return self.failed(cannot(&place, cause));
        }
        let reader = Ended(ended).chain(reader);
        let Some(codec) = unpack::sniff(&beginning) else {
            let whole = Budgeted::new(Cursor::new(beginning.clone()).chain(reader), self.budget);
            return self.content(Box::new(whole), &beginning, &place);
        };
        // Decoders go from thread to thread, which what reads an archive cannot.
        let mut compressed = beginning;
        let mut reader = reader;
        let more = reader.by_ref().take(SMALL).read_to_end(&mut compressed);
        if (compressed.len() as u64) < SMALL {
            let ended = more.err();
            let small = Cursor::new(compressed).chain(Ended(ended));
            return self.sendable(Box::new(small), place);
        }
        place.unpacked.push(codec.name);
        let decode = codec.decode;
        across(Cursor::new(compressed).chain(reader), |received| {
            let decoder = decode(Box::new(BufReader::with_capacity(PIECE, received)), self.allowance);
            self.sendable(Box::new(Budgeted::new(decoder, self.budget)), place);
        });
    }
}

/// Local file header of a zip, and the record at the end of one without a comment
/// (APPNOTE.TXT 4.3.7, 4.3.16). Before the first there may be a program that unpacks
/// it.
const ZIP: &[u8] = b"PK\x03\x04";
const ZIP_END: &[u8] = b"PK\x05\x06";
const ZIP_END_LENGTH: i64 = 22;

fn ends_as_zip(file: &mut File) -> io::Result<bool> {
    let mut end = Vec::new();
    // Shorter files are none.
    if file.seek(io::SeekFrom::End(-ZIP_END_LENGTH)).is_ok() {
        file.by_ref().take(4).read_to_end(&mut end)?;
    }
    file.rewind()?;
    Ok(end == ZIP_END)
}

/// A name, without the end where that is long.
fn shortened(name: &str) -> Cow<'_, str> {
    if name.len() <= NAME {
        return Cow::Borrowed(name);
    }
    let beginning = (0..=NAME).rev().find_map(|end| name.get(..end)).unwrap_or_default();
    Cow::Owned(format!("{beginning}... ({} bytes)", name.len()))
}

/// Nothing of a document can be read.
fn cannot(place: &Place, cause: &io::Error) -> Error {
    match place.unpacked.last() {
        Some(_) if cause.kind() == io::ErrorKind::OutOfMemory => {
            Error::Limit { origin: place.origin.clone(), what: cause.to_string() }
        }
        Some(codec) => Error::Malformed {
            origin: place.origin.clone(),
            offset: 0,
            what: format!("looks like {codec} but cannot be decompressed: {cause}"),
        },
        None => Error::io(&place.origin, io::Error::new(cause.kind(), cause.to_string())),
    }
}

/// The error that a reader has ended with.
struct Ended(Option<io::Error>);

impl Read for Ended {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}
