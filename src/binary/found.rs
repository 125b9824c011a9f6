//! Executables as the user has them: a file, a folder, an archive.

use super::Binary;
use crate::error::{Error, Result};
use crate::source::{self, Bytes, Document, Held, Limits, Origin};

/// What was found under one name.
pub struct Found {
    /// One for a file, of whatever kind; else those that are Go.
    pub binaries: Vec<Binary>,
    /// What could not be read, and what was left out.
    pub problems: Vec<Error>,
    /// `folder`, `tar archive`; `None` for a file.
    pub inside: Option<String>,
}

/// Opens the executable at a path, or all Go executables in the folder or
/// archive there.
///
/// # Errors
/// As [`Binary::open`], of the path itself.
pub fn find(path: &str, limits: Limits) -> Result<Found> {
    let mut pick = Pick::default();
    let held = source::executables(path, limits, &mut |document| pick.take(document, limits))?;
    match held {
        Held::File(document) => {
            let binaries = vec![Binary::from_document(document)?];
            Ok(Found { binaries, problems: Vec::new(), inside: None })
        }
        Held::Many { what, files, problems } => {
            let origin = Origin::new(path);
            pick.problems.splice(0..0, problems);
            if pick.binaries.is_empty() {
                let what =
                    format!("no Go executable among the {files} files of this {what}{}", pick.others());
                pick.problems.push(Error::Unrecognised { origin: origin.clone(), what });
            }
            pick.problems.extend(pick.left_out(origin, limits));
            Ok(Found { binaries: pick.binaries, problems: pick.problems, inside: Some(what) })
        }
    }
}

#[derive(Default)]
struct Pick {
    binaries: Vec<Binary>,
    problems: Vec<Error>,
    held: u64,
    left: Vec<String>,
    /// Executables that are not Go.
    others: Vec<String>,
}

impl Pick {
    fn take(&mut self, document: Document, limits: Limits) {
        let size = match &document.bytes {
            Bytes::Owned(bytes) => bytes.len() as u64,
            Bytes::Mapped(_) => 0,
        };
        let binary = match Binary::from_document(document) {
            Ok(binary) => binary,
            Err(error) => return self.problems.push(error),
        };
        if !binary.facts().is_go {
            // One that is cut may have been Go.
            let damage = binary.image.damage.first().map(|_| binary.require_go());
            match damage {
                Some(Err(error)) => self.problems.push(error),
                _ => self.others.push(binary.origin.to_string()),
            }
        } else if self.binaries.len() >= limits.executables
            || self.held.saturating_add(size) > limits.held_bytes
        {
            self.left.push(binary.origin.to_string());
        } else {
            self.held = self.held.saturating_add(size);
            self.binaries.push(binary);
        }
    }

    fn others(&self) -> String {
        let names: Vec<&str> = self.others.iter().map(String::as_str).collect();
        if names.is_empty() { String::new() } else { format!("; not Go: {}", source::listed(&names)) }
    }

    fn left_out(&self, origin: Origin, limits: Limits) -> Option<Error> {
        let names: Vec<&str> = self.left.iter().map(String::as_str).collect();
        (!names.is_empty()).then(|| {
            let what = format!(
                "{} Go executables were left out, beyond the first {} ({} executables or {} bytes are kept): {}; \
                 name those that count",
                names.len(),
                self.binaries.len(),
                limits.executables,
                limits.held_bytes,
                source::listed(&names)
            );
            Error::Limit { origin, what }
        })
    }
}
