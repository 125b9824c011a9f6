//! RECORDS: the crash model, and the nom grammar that reads it out of a log.
//!
//! [`read`] carves first and parses second: a SIMD search finds the lines
//! where a crash may start, and the grammar runs only there. A [`Crash`] owns
//! its text; only tokens borrow from the log.

#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::arithmetic_side_effects))]

mod assemble;
mod banner;
mod bare;
mod body;
mod carve;
mod feed;
mod frames;
mod garbled;
mod grammar;
mod grams;
mod grow;
mod head;
mod joined;
mod labels;
mod names;
mod print;
mod profile;
mod quiet;
mod race;
mod read;
mod registers;
mod remark;
mod repeats;
mod sanitizer;
mod shorten;
mod signal;
mod signature;
mod sites;
mod stack;
#[cfg(test)]
mod tricky;
mod wrapped;

use crate::addr::RuntimeAddr;
use crate::envelope::{Identity, Stamp};
use crate::source::Span;

pub use crate::envelope::last_mark;
pub use feed::{Feed, Hold, MANY, by_lines, read};
pub use grow::{Growing, Spot};
pub use joined::Joined;
pub use names::{Names, Sym};
pub use print::print;
pub use quiet::{LEAD, quiet};
pub use read::{Looked, Reading, Unwrapping, ended};
pub use remark::{Complaint, Mapping, Refusal, Remark, Skew, error_in, supervisor};
pub use repeats::Repeats;
pub use signal::{Signal, signal_text};
pub use signature::{Fate, Signature, Step, explain, signature};
pub use sites::is_panic_frame;
pub use stack::{Arg, parse_args};

/// What sort of record this is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `panic: …`
    Panic,
    /// `fatal error: …`
    FatalError,
    /// `SIGSEGV: …` with `PC=…`: a signal that ends the process without a panic.
    Signal,
    /// `WARNING: DATA RACE`
    Race,
    /// `==1==ERROR: AddressSanitizer: …` of `go build -asan`, and `-msan`.
    Sanitizer,
    /// The program did not start, or died without Go text: what shells,
    /// loaders, kernels, emulators and the runtime's CPU checks say.
    Launch,
    /// Goroutine blocks without a head that says why.
    GoroutineDump,
    /// An error that the program or a tool of the build reports, and by which faults
    /// of build and deployment are known: no crash.
    Error,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::Panic => "panic",
            Kind::FatalError => "fatal-error",
            Kind::Signal => "signal",
            Kind::Race => "race",
            Kind::Sanitizer => "sanitizer",
            Kind::Launch => "launch",
            Kind::GoroutineDump => "goroutine-dump",
            Kind::Error => "error",
        }
    }
}

/// Which Go wrote the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// The compiler of golang.org: frames are `f(0x1)` and `+0x…`.
    Gc,
    /// GCC's: frames without parentheses and offsets.
    Gccgo,
    /// No goroutines and no frames at all.
    TinyGo,
}

impl Dialect {
    pub fn name(self) -> &'static str {
        match self {
            Dialect::Gc => "gc",
            Dialect::Gccgo => "gccgo",
            Dialect::TinyGo => "tinygo",
        }
    }
}

/// One crash.
#[derive(Debug)]
pub struct Crash {
    pub kind: Kind,
    /// `None` where nothing in the text tells.
    pub dialect: Option<Dialect>,
    /// The panics (and the fatal error) of the head, in the order printed:
    /// the first is where it began, the last is what ended the process.
    pub chain: Vec<Link>,
    /// What opens a profile or the report of a sanitizer; other kinds have a chain.
    pub title: Option<String>,
    /// Lines of the runtime before or after the head (`runtime: out of
    /// memory: …`, `unexpected fault address 0x…`).
    pub notes: Vec<String>,
    /// What the reader did with the text: lines left out, doubts.
    pub asides: Vec<String>,
    pub signal: Option<Signal>,
    /// Text of the program stands before the head, on the same line.
    pub prefixed: bool,
    /// What was said by others than the runtime's panic code; all there is
    /// for [`Kind::Launch`], and the shell's last word for other kinds.
    pub remarks: Vec<Remark>,
    /// `http: panic serving ADDR`: net/http recovered it, the process lives.
    pub served: Option<String>,
    /// Stacks in the order printed.
    pub goroutines: Vec<Goroutine>,
    /// Frames of all goroutines, one run per goroutine.
    pub frames: Vec<Frame>,
    pointers: Vec<Pointers>,
    /// Argument lists of all frames; the grammar lets only ASCII through.
    arguments: Vec<u8>,
    pub names: Names,
    /// Register block, in the order printed.
    pub registers: Vec<(String, u64)>,
    /// `exit status N`, printed by `go run` and `go test` after the crash.
    pub exit: Option<u64>,
    pub span: Span,
    pub source: Source,
    /// What is missing from the record; empty when it is whole.
    pub losses: Vec<String>,
    /// What was done to the lines to read them, and what their way to here has
    /// taken from them.
    pub repairs: Vec<String>,
    /// Index, in the same document, of a crash with the very same text.
    pub identical_to: Option<usize>,
    digest: u64,
    /// A head of which nothing says that the runtime printed it, but that it is
    /// all there is.
    lone: bool,
}

/// Who wrote the crash and when, as far as what wraps it tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Formats that were taken off, outermost first.
    pub envelopes: Vec<&'static str>,
    pub identity: Identity,
    /// The stamp of its first line.
    pub stamp: Option<Stamp>,
    /// Read out of a core dump: it stands on no line of a log.
    pub core: bool,
}

/// One `panic:` or `fatal error:` line of a head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub fatal: bool,
    pub message: String,
    pub value: Value,
    pub recovered: bool,
    pub repanicked: bool,
}

/// The panic value as far as its printed form tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A string, an error's or Stringer's text, or a plain scalar.
    Text,
    /// `main.T("x")`, `main.I(3)`
    Typed { type_name: String, value: String },
    /// `(main.S) 0xc000012345`: only the type and a word are known.
    Opaque { type_name: String },
}

/// What introduces a stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Block {
    /// `goroutine 7 [running]:`
    Goroutine,
    /// `runtime stack:`, the system stack of the thread that crashed.
    SystemStack,
    /// `3 @ 0x4316e5 …` of a pprof profile: so many goroutines (or threads)
    /// with one stack. The format names none of them.
    Record,
    /// `Previous write at 0x… by goroutine 7:` of the race detector,
    /// `freed by thread T0 here:` of another sanitizer; the words are the state.
    Report,
    /// Nothing: the frames come without a header.
    Bare,
}

impl Block {
    pub fn name(self) -> &'static str {
        match self {
            Block::Goroutine => "goroutine",
            Block::SystemStack => "system-stack",
            Block::Record => "record",
            Block::Report => "report",
            Block::Bare => "bare",
        }
    }
}

/// One goroutine block.
#[derive(Clone, Debug)]
pub struct Goroutine {
    pub block: Block,
    /// Only [`Block::Goroutine`] and races have one; 0 is the scheduler of a thread.
    pub id: Option<u64>,
    pub gp: Option<RuntimeAddr>,
    /// `m=nil` is `Some(None)`.
    pub m: Option<Option<u64>>,
    pub mp: Option<RuntimeAddr>,
    pub state: Sym,
    pub wait_minutes: Option<u32>,
    pub locked_to_thread: bool,
    /// Attributes that have no field of their own, as printed: bubbles, and
    /// whatever a later Go adds.
    pub attributes: Vec<String>,
    /// Profiler labels, unquoted.
    pub labels: Vec<(String, String)>,
    /// How many goroutines have this stack: 1 but in profiles.
    pub count: u64,
    /// The addresses after the `@` of a profile's record, which has frames
    /// only for those that are shown.
    pub pcs: Vec<RuntimeAddr>,
    first_frame: u32,
    frame_count: u32,
    pub elided: Option<Elided>,
    pub created_by: Option<CreatedBy>,
    /// Stacks of the creators, nearest first (GODEBUG=tracebackancestors=N).
    pub ancestors: Vec<Ancestor>,
    /// `goroutine running on other thread; stack unavailable`
    pub unavailable: bool,
}

/// The stack of a creator at the time when it created the goroutine.
#[derive(Clone, Debug)]
pub struct Ancestor {
    /// The race detector does not say which goroutine it was.
    pub id: Option<u64>,
    first_frame: u32,
    frame_count: u32,
    /// `...additional frames elided...`
    pub elided: bool,
    pub created_by: Option<CreatedBy>,
}

/// Frames left out by the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elided {
    /// How many frames stand before the gap.
    pub after: u32,
    /// Number of frames left out (printed since Go 1.21).
    pub count: Option<u64>,
}

#[derive(Clone, Debug)]
pub struct CreatedBy {
    pub function: Sym,
    /// Since Go 1.21, and not for goroutines that the runtime started.
    pub goroutine: Option<u64>,
    pub file: Sym,
    pub line: u32,
    pub offset: Option<u64>,
}

/// One frame. Use [`Crash::frames_of`] and the accessors of [`Crash`].
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    pub function: Sym,
    pub file: Sym,
    pub line: u32,
    /// Printed with `(...)`: inlined into the next frame without it.
    pub inlined: bool,
    has_offset: bool,
    offset: u32,
    arguments: (u32, u32),
    pointers: u32,
    code: Code,
}

/// `fp=… sp=… pc=…` of a frame at traceback level 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointers {
    pub fp: u64,
    pub sp: u64,
    pub pc: Option<RuntimeAddr>,
}

const NO_POINTERS: u32 = u32::MAX;

/// Labels as a header of Go 1.27 shows them.
pub fn encode_labels(labels: &[(String, String)]) -> String {
    labels::encode(labels, false)
}

/// Labels as a header of Go 1.26 shows them: all in quotes.
pub fn encode_labels_quoted(labels: &[(String, String)]) -> String {
    labels::encode_quoted(labels)
}

impl Goroutine {
    /// The stack of a thread's scheduler, or `runtime stack:`.
    pub fn is_system(&self) -> bool {
        self.block == Block::SystemStack || self.id == Some(0)
    }

    /// Labels as a header of Go 1.27 shows them; empty without any.
    pub fn labels_text(&self) -> String {
        if self.labels.is_empty() { String::new() } else { labels::encode(&self.labels, false) }
    }
}

impl Frame {
    /// `+0x…`: bytes from the function's entry to the return address (or, for
    /// the innermost frame of a signal, to the faulting instruction).
    pub fn offset(&self) -> Option<u64> {
        self.has_offset.then_some(u64::from(self.offset))
    }
}

/// Whose code a frame is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub enum Code {
    User,
    Std,
    Runtime,
    /// Generated glue between Go and C (`_Cfunc_…`, `_cgo_gotypes.go`).
    Cgo,
    C,
}

impl Code {
    pub fn name(self) -> &'static str {
        match self {
            Code::User => "user",
            Code::Std => "std",
            Code::Runtime => "runtime",
            Code::Cgo => "cgo",
            Code::C => "c",
        }
    }
}

impl Crash {
    pub fn frames_of(&self, goroutine: &Goroutine) -> &[Frame] {
        self.run(goroutine.first_frame, goroutine.frame_count)
    }

    pub fn frames_of_ancestor(&self, ancestor: &Ancestor) -> &[Frame] {
        self.run(ancestor.first_frame, ancestor.frame_count)
    }

    fn run(&self, first: u32, count: u32) -> &[Frame] {
        let first = first as usize;
        self.frames.get(first..first.saturating_add(count as usize)).unwrap_or_default()
    }

    pub fn function(&self, frame: &Frame) -> &str {
        self.names.get(frame.function)
    }

    pub fn file(&self, frame: &Frame) -> &str {
        self.names.get(frame.file)
    }

    /// The argument list as printed, without its parentheses.
    pub fn arguments(&self, frame: &Frame) -> &str {
        let (start, length) = frame.arguments;
        let start = start as usize;
        let bytes = self.arguments.get(start..start.saturating_add(length as usize)).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    pub fn pointers(&self, frame: &Frame) -> Option<Pointers> {
        self.pointers.get(frame.pointers as usize).copied()
    }

    pub fn code(&self, frame: &Frame) -> Code {
        frame.code
    }

    /// A hash of its text.
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// Import path of the package that a frame's function is in.
    pub fn package(&self, frame: &Frame) -> &str {
        names::package_of(self.function(frame))
    }

    pub fn complete(&self) -> bool {
        self.losses.is_empty()
    }
}
