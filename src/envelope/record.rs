//! What the formats read: records; and what the layers hand on: pieces.

use std::borrow::Cow;
use std::ops::Range;

use super::stream::{Mark, Marks};

/// Records, and where each stands.
pub(super) type Blocks = Vec<(Range<usize>, Record)>;

/// A text inside a line, or a text made from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Text {
    Part(Range<usize>),
    Own(Vec<u8>),
}

impl Text {
    /// The text, where `whole` is what it was read from.
    pub(super) fn of<'a>(&'a self, whole: &'a [u8]) -> &'a [u8] {
        match self {
            Text::Part(range) => whole.get(range.clone()).unwrap_or_default(),
            Text::Own(own) => own,
        }
    }
}

/// A part of a text, copied only where the text is not borrowed.
pub(super) fn part<'a>(text: &Cow<'a, [u8]>, range: Range<usize>) -> Cow<'a, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(range).unwrap_or_default()),
        Cow::Owned(text) => Cow::Owned(text.get(range).unwrap_or_default().to_vec()),
    }
}

/// What one line says.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) text: Text,
    /// A newline of the program ends the text.
    pub(super) newline: bool,
    /// The text goes on where the one before it stopped.
    pub(super) continues: bool,
    pub(super) stamp: Option<Text>,
    pub(super) identity: Vec<(&'static str, String)>,
    /// Its place in the stream, where the record says it.
    pub(super) order: Option<u64>,
    pub(super) marks: Marks,
    /// Other texts of the same record that tell more about a stack.
    pub(super) beside: Vec<String>,
}

impl Record {
    pub(super) fn of(text: Text) -> Record {
        Record {
            text,
            newline: true,
            continues: false,
            stamp: None,
            identity: Vec::new(),
            order: None,
            marks: Marks::NONE,
            beside: Vec::new(),
        }
    }
}

/// A line on its way through the layers.
#[derive(Clone, Debug)]
pub(super) struct Piece<'a> {
    pub(super) text: Cow<'a, [u8]>,
    pub(super) newline: bool,
    pub(super) offset: u64,
    pub(super) line: u64,
    pub(super) marks: Marks,
    pub(super) stamp: Option<Cow<'a, [u8]>>,
    pub(super) order: Option<u64>,
    pub(super) beside: Option<String>,
}

impl Piece<'_> {
    pub(super) fn mark(&mut self, mark: Mark) {
        self.marks = self.marks.with(Marks::of(mark));
    }
}
