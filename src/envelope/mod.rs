//! LINES: what stands around the lines of a log, taken off.
//!
//! Container runtimes, collectors, stores, terminals and people wrap what a
//! program wrote: a stamp before each line, a JSON object around it, a whole
//! trace in one string. [`unwrap`] takes the layers off, up to [`LAYERS`] deep,
//! and gives one [`Stream`] per source (pod, container, stream, pid, …).
//!
//! Nothing is taken off that was not proved, on several lines or by a form that is
//! proof alone, and every line of a stream knows where it stood in the input.

#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::arithmetic_side_effects))]

mod charset;
mod container;
mod csv;
mod document;
mod formats;
mod journal;
mod peel;
mod places;
mod prefixed;
mod quoted;
mod record;
mod region;
mod repair;
mod shape;
mod sniff;
mod stamp;
mod stream;
mod structured;
mod template;
mod terminal;
mod units;
mod yaml;

pub use charset::decode;
pub use document::{Document, Unit, begins as begins_document};
pub use formats::{FORMATS, Format, find, title};
pub use peel::{is_whole, unwrap, whole};
pub use region::{Extent, closed, has_mark, last_mark, start, window};
pub use sniff::{Verdict, is_record, sniff};
pub use stamp::Stamp;
pub use stream::{Identity, Mark, Marks, Stream};
pub use units::{Run, read as read_units};

pub(crate) use shape::Shape;

/// Most layers that are taken off.
pub const LAYERS: usize = 4;
