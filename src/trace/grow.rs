//! A crash to which goroutines are added that were read from memory and not from
//! a log. Their headers and creators come as lines; frames, which are nine tenths
//! of the text, come as what they are: 100,000 goroutines are 100 MB of lines.

use super::assemble::{Assembly, empty};
use super::{Code, Crash, Dialect, Elided, Kind, Pointers, Sym, stack};

/// A crash that grows.
pub struct Growing {
    crash: Crash,
    unread: usize,
    /// Bytes of all lines: labels of goroutines may be long.
    lines: usize,
}

/// Where frames are: what all frames at one place have in common.
#[derive(Clone, Copy, Debug)]
pub struct Spot {
    pub(super) function: Sym,
    pub(super) file: Sym,
    pub(super) line: u32,
    pub(super) offset: Option<u64>,
    pub(super) code: Code,
}

impl Default for Growing {
    /// Goroutines of a process of which nothing says how it ended.
    fn default() -> Growing {
        Growing::new(empty(Kind::GoroutineDump))
    }
}

impl Growing {
    /// From what the beginning of the traceback told.
    pub fn new(crash: Crash) -> Growing {
        Growing { crash, unread: 0, lines: 0 }
    }

    /// Is a goroutine of this number there?
    pub fn has(&self, id: Option<u64>) -> bool {
        self.crash.goroutines.iter().any(|goroutine| goroutine.id == id)
    }

    /// Lines of a goroutine that are not frames: its header, or what follows the
    /// frames.
    pub fn lines(&mut self, text: &[u8]) {
        self.lines = self.lines.saturating_add(text.len());
        let mut assembly = Assembly::new(text, 0);
        std::mem::swap(&mut assembly.crash, &mut self.crash);
        assembly.body();
        let rest = text.get(assembly.lines.at..).unwrap_or_default();
        self.unread = self.unread.saturating_add(rest.len());
        self.crash = assembly.crash;
    }

    /// The place that a traceback names by these two lines.
    pub fn spot(&mut self, function: &str, place: &str) -> Spot {
        let line = format!("\t{place}");
        let position = stack::position(line.as_bytes());
        // Of a position that was lost, as the reader of lines takes it.
        let known = position.filter(|at| at.file != b"?" || at.line != 0 || at.offset.is_some());
        let names = &mut self.crash.names;
        let function = names.intern(function.as_bytes());
        let file = names.intern(known.map_or(&b""[..], |at| at.file));
        Spot {
            function,
            file,
            code: names.code(function, file),
            line: known.map_or(0, |at| at.line),
            offset: known.and_then(|at| at.offset),
        }
    }

    /// A frame of the goroutine whose header came last.
    #[inline]
    pub fn frame(&mut self, spot: &Spot, arguments: &str, pointers: Pointers) {
        self.add(spot, arguments, false, Some(pointers));
    }

    /// One that was inlined into the next: it has a place and nothing else.
    #[inline]
    pub fn inlined(&mut self, spot: &Spot) {
        self.add(spot, "...", true, None);
    }

    #[inline]
    fn add(&mut self, spot: &Spot, arguments: &str, inlined: bool, pointers: Option<Pointers>) {
        self.crash.dialect.get_or_insert(Dialect::Gc);
        self.crash.keep(spot, arguments.as_bytes(), inlined, pointers);
        if let Some(last) = self.crash.goroutines.last_mut() {
            last.frame_count = last.frame_count.saturating_add(1);
        }
    }

    /// Frames are left out here, so many where that is known.
    pub fn elided(&mut self, count: Option<u64>) {
        if let Some(last) = self.crash.goroutines.last_mut() {
            last.elided = Some(Elided { after: last.frame_count, count });
        }
    }

    /// The memory that goroutines and frames take, about.
    pub fn bytes(&self) -> usize {
        let Crash { goroutines, frames, pointers, arguments, .. } = &self.crash;
        let records = [size_of_val(&**goroutines), size_of_val(&**frames), size_of_val(&**pointers)];
        records.into_iter().fold(arguments.len().saturating_add(self.lines), usize::saturating_add)
    }

    /// The crash, and how many bytes of the lines were not understood.
    pub fn finish(self) -> (Crash, usize) {
        (self.crash, self.unread)
    }
}
