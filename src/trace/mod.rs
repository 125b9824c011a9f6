//! RECORDS: the crash model, and the nom grammar that reads it out of a log.
//!
//! [`read`] carves first and parses second: a SIMD search finds the lines
//! where a crash may start, and the grammar runs only there. A [`Crash`] owns
//! its text; only tokens borrow from the log.

#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::arithmetic_side_effects))]

mod assemble;
mod banner;
mod body;
mod carve;
mod grammar;
mod head;
mod launch;
mod names;
mod race;
mod read;
mod signature;
mod stack;

use crate::addr::RuntimeAddr;
use crate::source::Span;

pub use launch::{Complaint, Remark};
pub use names::{Names, Sym};
pub use read::{Reading, read};
pub use signature::{Signature, signature};
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
    /// The program did not start, or died without Go text: what shells,
    /// loaders, kernels, emulators and the runtime's CPU checks say.
    Launch,
    /// Goroutine blocks without a head that says why.
    GoroutineDump,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::Panic => "panic",
            Kind::FatalError => "fatal-error",
            Kind::Signal => "signal",
            Kind::Race => "race",
            Kind::Launch => "launch",
            Kind::GoroutineDump => "goroutine-dump",
        }
    }
}

/// One crash.
#[derive(Debug)]
pub struct Crash {
    pub kind: Kind,
    /// The panics (and the fatal error) of the head, in the order printed:
    /// the first is where it began, the last is what ended the process.
    pub chain: Vec<Link>,
    /// Lines of the runtime before or after the head (`runtime: out of
    /// memory: …`, `unexpected fault address 0x…`).
    pub notes: Vec<String>,
    pub signal: Option<Signal>,
    /// Text of the program stands before the head, on the same line.
    pub prefixed: bool,
    /// What was said by others than the runtime's panic code; all there is
    /// for [`Kind::Launch`], and the shell's last word for other kinds.
    pub remarks: Vec<Remark>,
    /// `http: panic serving ADDR`: net/http recovered it, the process lives.
    pub served: Option<String>,
    /// Goroutine blocks in the order printed; `runtime stack:` is one without id.
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
    /// What is missing from the record; empty when it is whole.
    pub losses: Vec<String>,
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

/// A signal, from a `[signal …]` line or from a fatal-signal head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signal {
    /// `SIGSEGV`, or the number as printed where there is no name.
    pub name: String,
    /// si_code, sign-converted; on Windows the kind of access.
    pub code: Option<i64>,
    pub address: Option<RuntimeAddr>,
    pub pc: Option<RuntimeAddr>,
    pub in_cgo: bool,
    /// The bytes at pc (SIGILL and SIGFPE, since Go 1.15).
    pub instruction: Vec<u8>,
}

/// One goroutine block.
#[derive(Clone, Debug)]
pub struct Goroutine {
    /// `None` for `runtime stack:`; 0 is the scheduler of a thread.
    pub id: Option<u64>,
    pub gp: Option<RuntimeAddr>,
    /// `m=nil` is `Some(None)`.
    pub m: Option<Option<u64>>,
    pub state: Sym,
    pub wait_minutes: Option<u32>,
    pub locked_to_thread: bool,
    /// Attributes that have no field of their own, as printed: bubbles,
    /// labels, and whatever a later Go adds.
    pub attributes: Vec<String>,
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
}

/// `fp=… sp=… pc=…` of a frame at traceback level 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointers {
    pub fp: u64,
    pub sp: u64,
    pub pc: Option<RuntimeAddr>,
}

const NO_POINTERS: u32 = u32::MAX;

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
        names::code_of(self.function(frame), self.file(frame))
    }

    pub fn complete(&self) -> bool {
        self.losses.is_empty()
    }

    /// The goroutine that crashed: the first with an id other than 0 that is
    /// not idle. A dump that somebody asked for has none.
    pub fn crashing_goroutine(&self) -> Option<&Goroutine> {
        if self.kind == Kind::GoroutineDump || self.asked_for() {
            return None;
        }
        let first = self.first_goroutine()?;
        // A throw on a thread's system stack prints that stack first; the
        // goroutine after it is the one that called in only if it was running.
        let on_system_stack = self.goroutines.first().is_some_and(|g| matches!(g.id, None | Some(0)));
        let state = self.names.get(first.state);
        (!on_system_stack || state.starts_with("running") || state.starts_with("syscall")).then_some(first)
    }

    fn first_goroutine(&self) -> Option<&Goroutine> {
        self.goroutines
            .iter()
            .find(|g| g.id.is_some_and(|id| id != 0) && !self.names.get(g.state).starts_with("idle"))
    }

    /// A SIGQUIT from outside (si_code 0 is SI_USER, 0x80 SI_KERNEL): the
    /// usual way to ask a Go process for its stacks.
    pub fn asked_for(&self) -> bool {
        self.kind == Kind::Signal
            && self
                .signal
                .as_ref()
                .is_some_and(|s| s.name == "SIGQUIT" && matches!(s.code, None | Some(0 | 128)))
    }

    /// The first frame of the crashing goroutine outside the runtime.
    pub fn crash_site(&self) -> Option<&Frame> {
        let goroutine = self.crashing_goroutine()?;
        self.frames_of(goroutine).iter().find(|frame| self.code(frame) != Code::Runtime)
    }

    /// The first frame of the crashing goroutine that is neither runtime,
    /// standard library nor glue. Where a panic was raised during another,
    /// frames above the oldest `panic` belong to deferred calls: the search
    /// begins below it.
    pub fn user_site(&self) -> Option<&Frame> {
        let frames = self.frames_of(self.crashing_goroutine()?);
        let below = frames.iter().rposition(|frame| is_panic_frame(self.function(frame)));
        let is_user = |frame: &&Frame| self.code(frame) == Code::User;
        let origin = frames.get(below.map_or(0, |at| at.saturating_add(1))..).unwrap_or_default();
        origin.iter().find(is_user).or_else(|| frames.iter().find(is_user))
    }

    /// The function that called panic, for the first panic of a chain.
    pub fn raised_by(&self) -> Option<&Frame> {
        let frames = self.frames_of(self.crashing_goroutine()?);
        let below = frames.iter().rposition(|frame| is_panic_frame(self.function(frame)));
        let origin = frames.get(below.map_or(0, |at| at.saturating_add(1))..).unwrap_or_default();
        origin.iter().find(|frame| self.code(frame) != Code::Runtime)
    }

    /// A panic was raised while another ran its deferred calls: a `panic` frame
    /// stands below the frames of a deferred call. (At traceback level 2 the
    /// panic that prints has such a frame too, at the top.)
    pub fn nested(&self) -> bool {
        let frames = self.crashing_goroutine().map(|g| self.frames_of(g)).unwrap_or_default();
        let first_own = frames.iter().position(|frame| self.code(frame) != Code::Runtime).unwrap_or(0);
        frames.get(first_own..).unwrap_or_default().iter().any(|frame| is_panic_frame(self.function(frame)))
    }

    /// The program wrote head and stack itself (debug.Stack, runtime.Stack) in
    /// a deferred call. Sure where the stack begins with debug.Stack, or where
    /// a logger's prefix stands before the head of a nested panic; the runtime
    /// has no prefix, and where it has printed a signal line it has printed all.
    pub fn printed_by_program(&self) -> bool {
        let [link] = self.chain.as_slice() else { return false };
        if link.fatal || link.recovered || self.served.is_some() || self.signal.is_some() {
            return false;
        }
        let frames = self.crashing_goroutine().map(|g| self.frames_of(g)).unwrap_or_default();
        let by_debug = frames.first().is_some_and(|frame| self.function(frame).starts_with("runtime/debug."));
        by_debug || (self.prefixed && self.nested())
    }

    /// The first frame of user code: where the last panic of a chain was raised.
    pub fn last_site(&self) -> Option<&Frame> {
        self.frames_of(self.crashing_goroutine()?).iter().find(|frame| self.code(frame) == Code::User)
    }

    /// The next frame of user code below [`Crash::user_site`]: who called.
    pub fn user_caller(&self) -> Option<&Frame> {
        let site = self.user_site()?;
        let frames = self.frames_of(self.crashing_goroutine()?);
        let at = frames.iter().position(|frame| std::ptr::eq(frame, site))?;
        frames.iter().skip(at.saturating_add(1)).find(|frame| self.code(frame) == Code::User)
    }

    /// The message that names the crash: of the last link of the chain.
    pub fn message(&self) -> String {
        if let Some(link) = self.chain.last() {
            return link.message.clone();
        }
        if self.kind == Kind::Race {
            let accesses = self.goroutines.iter().map(|g| self.names.get(g.state));
            return format!("DATA RACE: {}", accesses.collect::<Vec<_>>().join(", "));
        }
        if let Some(signal) = self.signal.as_ref().filter(|_| self.kind == Kind::Signal) {
            return signal.describe();
        }
        match self.remarks.first() {
            Some(remark) => remark.text.clone(),
            None => match self.goroutines.len() {
                1 => "stack of 1 goroutine".to_owned(),
                n => format!("stacks of {n} goroutines"),
            },
        }
    }
}

impl Signal {
    /// `SIGSEGV: segmentation violation` (runtime/sigtab_linux_generic.go).
    pub fn describe(&self) -> String {
        match signal_text(&self.name) {
            Some(text) => format!("{}: {text}", self.name),
            None => format!("signal {}", self.name),
        }
    }
}

/// The runtime's wording for a signal, which Linux and the BSDs share
/// (runtime/sigtab_linux_generic.go, 1.27).
pub fn signal_text(name: &str) -> Option<&'static str> {
    Some(match name {
        "SIGABRT" => "abort",
        "SIGBUS" => "bus error",
        "SIGFPE" => "floating-point exception",
        "SIGILL" => "illegal instruction",
        "SIGKILL" => "kill",
        "SIGQUIT" => "quit",
        "SIGSEGV" => "segmentation violation",
        "SIGSYS" => "bad system call",
        "SIGTRAP" => "trace trap",
        "SIGTERM" => "termination",
        _ => return None,
    })
}

/// `runtime.gopanic` prints as `panic`; `runtime.sigpanic` stands between a
/// fault and the panic it became.
pub fn is_panic_frame(function: &str) -> bool {
    matches!(function, "panic" | "runtime.gopanic" | "runtime.sigpanic")
}
