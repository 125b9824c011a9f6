//! Where bytes came from.

use std::fmt;
use std::sync::Arc;

/// Where a document came from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    pub path: Arc<str>,
    /// The part inside a container of other files, outermost first.
    pub members: Vec<Arc<str>>,
}

impl Origin {
    pub fn new(path: &str) -> Origin {
        Origin { path: path.into(), members: Vec::new() }
    }

    /// A member of the archive that this is.
    pub fn member(&self, name: &str) -> Origin {
        let mut members = self.members.clone();
        members.push(name.into());
        Origin { path: self.path.clone(), members }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        self.members.iter().try_for_each(|member| write!(f, "!{member}"))
    }
}

/// A run of bytes and of lines in a document. Lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub origin: Origin,
    pub bytes: std::ops::Range<u64>,
    pub lines: std::ops::RangeInclusive<u64>,
}
