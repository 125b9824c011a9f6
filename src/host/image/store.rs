//! The files that an image is stored in: of a folder, or of a tar archive that
//! is read in place.

use std::ops::{ControlFlow, Deref, Range};
use std::path::Path;

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256, Sha512};

use super::super::disk::{Disk, MOST_LINKS};
use crate::error::{Error, Result};
use crate::source::{self, Bytes, Document, Kind, Limits, Meter};

pub(super) enum Store {
    Folder(Disk),
    Archive { document: Document, members: FxHashMap<String, Stored> },
}

pub(super) enum Stored {
    At(Range<usize>),
    Link(String),
}

/// The bytes of one stored file.
pub(super) enum Blob<'a> {
    Part(&'a [u8]),
    File(Bytes),
}

impl Deref for Blob<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Blob::Part(part) => part,
            Blob::File(bytes) => bytes,
        }
    }
}

impl Store {
    pub(super) fn folder(path: &Path, name: &str) -> Store {
        Store::Folder(Disk::new(path, name))
    }

    /// Of a document that is a tar archive; what is damaged is a problem.
    pub(super) fn archive(document: Document, limits: Limits, problems: &mut Vec<Error>) -> Store {
        let mut members = FxHashMap::default();
        let whole = &*document.bytes;
        let start = whole.as_ptr() as usize;
        let origin = document.origin.clone();
        let meter = Meter::new(limits);
        let mut too_many = false;
        let ended = source::members(whole, &meter, &mut |member| {
            too_many = members.len() >= limits.members;
            if too_many {
                return ControlFlow::Break(());
            }
            let name = source::plain(&member.name);
            match member.kind {
                Kind::File(source::Content::Slice(slice)) => {
                    let from = (slice.as_ptr() as usize).saturating_sub(start);
                    members.insert(name, Stored::At(from..from.saturating_add(slice.len())));
                }
                Kind::SymbolicLink(target) => {
                    let target = source::beside(&name, &target);
                    members.insert(name, Stored::Link(target));
                }
                Kind::HardLink(target) => {
                    members.insert(name, Stored::Link(source::plain(&target)));
                }
                Kind::File(source::Content::Stream(_)) | Kind::Other(_) | Kind::Refused(_) => {}
            }
            ControlFlow::Continue(())
        });
        if let Err(what) = ended {
            problems.push(Error::Malformed { origin: origin.clone(), offset: 0, what });
        }
        if let Some(what) = document.cut.clone() {
            problems.push(Error::Malformed { origin: origin.clone(), offset: 0, what });
        }
        if too_many {
            let what = format!("only the first {} members were looked at", limits.members);
            problems.push(Error::Limit { origin, what });
        }
        Store::Archive { document, members }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        match self {
            Store::Folder(disk) => disk.at(name).is_ok_and(|path| path.is_file()),
            Store::Archive { .. } => self.get(name).is_ok(),
        }
    }

    /// Is it what an image is stored as, whether or not its list is there?
    pub(super) fn is_of_an_image(&self) -> bool {
        match self {
            Store::Folder(_) => self.has("oci-layout"),
            Store::Archive { members, .. } => members.keys().any(|name| {
                name == "oci-layout" || name.starts_with("blobs/sha256/") || name.ends_with("/layer.tar")
            }),
        }
    }

    /// # Errors
    /// Why there are no bytes, in words.
    pub(super) fn get(&self, name: &str) -> Result<Blob<'_>, String> {
        match self {
            Store::Folder(disk) => {
                let path = disk.at(name).map_err(|error| error.to_string())?;
                if !path.is_file() {
                    return Err("not a file".to_owned());
                }
                let path = path.to_str().ok_or("its name is not UTF-8")?;
                source::stored(path, Limits::default())
                    .map(|document| Blob::File(document.bytes))
                    .map_err(|error| error.to_string())
            }
            Store::Archive { document, members } => {
                let mut name = name.to_owned();
                for _ in 0..MOST_LINKS {
                    match members.get(&name) {
                        Some(Stored::At(range)) => {
                            return document.bytes.get(range.clone()).map(Blob::Part).ok_or_else(String::new);
                        }
                        Some(Stored::Link(target)) => name.clone_from(target),
                        None => return Err("no such file in it".to_owned()),
                    }
                }
                Err("a link that leads back to itself".to_owned())
            }
        }
    }
}

/// A content identifier, `sha256:…` (OCI image-spec, descriptor.md).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Identifier {
    algorithm: Algorithm,
    hex: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Algorithm {
    Sha256,
    Sha512,
}

impl Identifier {
    pub(super) fn parse(text: &str) -> Option<Identifier> {
        let (algorithm, hex) = text.split_once(':')?;
        let (algorithm, length) = match algorithm {
            "sha256" => (Algorithm::Sha256, 64),
            "sha512" => (Algorithm::Sha512, 128),
            _ => return None,
        };
        let fits = hex.len() == length && hex.bytes().all(|c| c.is_ascii_digit() || matches!(c, b'a'..=b'f'));
        fits.then(|| Identifier { algorithm, hex: hex.to_owned() })
    }

    /// Where an image layout keeps it (OCI image-spec, image-layout.md).
    pub(super) fn path(&self) -> String {
        let algorithm = match self.algorithm {
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha512 => "sha512",
        };
        format!("blobs/{algorithm}/{}", self.hex)
    }

    /// What it is instead, where it is not that.
    pub(super) fn differs(&self, bytes: &[u8]) -> Option<String> {
        let hex = |digest: &[u8]| digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let found = match self.algorithm {
            Algorithm::Sha256 => hex(&Sha256::digest(bytes)),
            Algorithm::Sha512 => hex(&Sha512::digest(bytes)),
        };
        (found != self.hex).then_some(found)
    }
}
