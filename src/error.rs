//! What can go wrong, sorted by what the caller can do about it.

use std::fmt;

use crate::origin::Origin;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused: look at the path and its permissions.
    #[error("{origin}: {cause}")]
    Io { origin: Origin, cause: std::io::Error },
    /// Readable, but not the kind of thing that was asked for.
    #[error("{origin}: {what}")]
    Unrecognised { origin: Origin, what: String },
    /// The right kind, but damaged. `offset` is in bytes from its start.
    #[error("{origin}: {what} (at offset {offset:#x})")]
    Malformed { origin: Origin, offset: u64, what: String },
    /// It would need more than the limits allow.
    #[error("{origin}: {what}")]
    Limit { origin: Origin, what: String },
}

impl Error {
    pub fn io(origin: &Origin, cause: std::io::Error) -> Error {
        Error::Io { origin: origin.clone(), cause }
    }

    /// The same, with what may have led to it.
    pub fn with(mut self, more: &str) -> Error {
        if let Error::Unrecognised { what, .. } | Error::Malformed { what, .. } | Error::Limit { what, .. } =
            &mut self
        {
            what.push_str("; ");
            what.push_str(more);
        }
        self
    }

    /// What the user can try next, where there is something to try.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Error::Io { cause, .. } => match cause.kind() {
                std::io::ErrorKind::NotFound => Some("check the path; `-` reads standard input"),
                std::io::ErrorKind::IsADirectory => Some("name the files in it, or pipe them in"),
                std::io::ErrorKind::PermissionDenied => Some("copy the file to where you may read it"),
                _ => None,
            },
            Error::Malformed { .. } => Some("compare its size and checksum with the original; copy it again"),
            Error::Unrecognised { .. } | Error::Limit { .. } => None,
        }
    }
}

/// Something that did not end the run but that the reader of a report has to
/// know: a loss, a doubt, a part that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    pub origin: Origin,
    pub what: String,
}

impl Warning {
    pub fn new(origin: &Origin, what: impl Into<String>) -> Warning {
        Warning { origin: origin.clone(), what: what.into() }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.origin, self.what)
    }
}
