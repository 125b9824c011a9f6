//! One record a line: what `merge` and the engines of clusters take.

use std::io::{self, Write};

use crate::batch::Record;

pub(super) fn write(record: &Record, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", record.line()?)
}
