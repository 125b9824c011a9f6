//! The report of a core dump: for a terminal, as a document to hand on, as JSON.

mod counters;
mod document;
mod html;
mod json;
mod markdown;
mod sections;
mod text;

use std::io;

use super::Style;
use crate::examine::core::CoreOutcome;

/// What is shown beside what a log would give.
#[derive(Clone, Copy, Debug, Default)]
pub struct CoreStyle {
    /// Values of all environment variables: they hold secrets.
    pub environment: bool,
    /// Registers of every thread.
    pub threads: bool,
}

pub type WriteCore = fn(&CoreOutcome<'_>, &Style, CoreStyle, &mut dyn io::Write) -> io::Result<()>;

pub struct CoreFormat {
    pub name: &'static str,
    pub write: WriteCore,
}

pub const CORE_FORMATS: &[CoreFormat] = &[
    CoreFormat { name: "text", write: text::write },
    CoreFormat { name: "markdown", write: markdown::write },
    CoreFormat { name: "html", write: html::write },
    CoreFormat { name: "json", write: json::write },
];
