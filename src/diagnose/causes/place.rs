//! Where something stands, in words and in data.

use crate::trace::{Crash, Frame};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub function: String,
    pub file: String,
    pub line: u32,
}

impl Place {
    pub(super) fn of(crash: &Crash, frame: &Frame) -> Place {
        Place {
            function: super::table::shown(crash.function(frame)),
            file: super::table::shown(crash.file(frame)),
            line: frame.line,
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.file.is_empty() {
            return f.write_str(&self.function);
        }
        write!(f, "{} ({}:{})", self.function, self.file, self.line)
    }
}
