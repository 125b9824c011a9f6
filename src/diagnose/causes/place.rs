//! Where something stands, in words and in data.

use crate::trace::{Crash, CreatedBy, Frame};

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

    pub(super) fn creator(crash: &Crash, by: &CreatedBy) -> Place {
        Place {
            function: super::table::shown(crash.name(by.function)),
            file: super::table::shown(crash.name(by.file)),
            line: by.line,
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
