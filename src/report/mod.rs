//! WORDS: one outcome, many renderers. A new format is one file with a
//! function of the type [`Write`] and a row in [`FORMATS`].

mod check;
mod core;
pub mod escape;
mod json;
mod matrix;
mod scan;
mod text;

use std::io;

use crate::dump::Filter;
use crate::examine::Outcome;

pub use check::{CHECK_FORMATS, CheckFormat, Checks};
pub use core::{CORE_FORMATS, CoreFormat, CoreStyle, WriteCore};
pub use json::{
    SCHEMA, crash_json, diff_json, faults_json, hosts_json, inspect_json, matrix_json, symbols_json,
};
pub use matrix::{matrix_markdown, matrix_text};
pub use scan::{SCAN_FORMATS, ScanFormat, Written, bytes_in_words, show, untold};
pub use text::{diff_text, inspect_text};

/// How a report is to look.
#[derive(Clone, Debug)]
pub struct Style {
    pub width: usize,
    pub colour: bool,
    /// Nothing folded: every frame of every goroutine.
    pub all: bool,
    pub goroutines: Goroutines,
    /// Which goroutines are shown at all.
    pub filter: Filter,
    /// Print what the signature is a hash of.
    pub explain_signature: bool,
    /// Most groups of a scan.
    pub top: Option<usize>,
}

/// How much of the goroutines is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Goroutines {
    /// The one that crashed in full, the others grouped and folded.
    #[default]
    Folded,
    /// Each in full.
    All,
    /// Only the one that crashed.
    Crashing,
    /// The one that crashed in full, and each group of others in full.
    Grouped,
}

impl Default for Style {
    fn default() -> Style {
        Style {
            width: 80,
            colour: false,
            all: false,
            goroutines: Goroutines::Folded,
            filter: Filter::default(),
            explain_signature: false,
            top: None,
        }
    }
}

/// Text broken into indented lines of at most `width` columns.
pub fn fill(text: &str, indent: &str, width: usize) -> String {
    let lines = text::wrap(text, width.saturating_sub(indent.len()));
    lines.iter().map(|line| format!("{indent}{line}")).collect::<Vec<_>>().join("\n")
}

pub type Write = fn(&Outcome<'_>, &Style, &mut dyn io::Write) -> io::Result<()>;

pub struct Format {
    pub name: &'static str,
    pub write: Write,
}

pub const FORMATS: &[Format] =
    &[Format { name: "text", write: text::write }, Format { name: "json", write: json::write }];
