//! What a record says of itself: which goroutine crashed, in which frame, and
//! the message that names it.

use super::{Block, Code, Crash, Frame, Goroutine, Kind};

impl Crash {
    /// Nothing but frames: programs log such stacks for errors too, so that it is
    /// no sign of a crash.
    pub fn is_bare(&self) -> bool {
        self.kind == Kind::GoroutineDump && self.goroutines.iter().all(|g| g.block == Block::Bare)
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
        let on_system_stack = self.goroutines.first().is_some_and(Goroutine::is_system);
        let state = self.names.get(first.state);
        (!on_system_stack || state.starts_with("running") || state.starts_with("syscall")).then_some(first)
    }

    pub(super) fn first_goroutine(&self) -> Option<&Goroutine> {
        self.goroutines.iter().find(|g| !g.is_system() && !self.names.get(g.state).starts_with("idle"))
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
        if self.kind == Kind::Sanitizer {
            return self.title.clone().unwrap_or_default();
        }
        if let Some(remark) = self.remarks.first() {
            return remark.text.clone();
        }
        let bare = self.goroutines.first().is_some_and(|g| g.block == Block::Bare);
        let profile = self.goroutines.first().is_some_and(|g| g.block == Block::Record);
        match self.goroutines.iter().fold(0u64, |sum, g| sum.saturating_add(g.count)) {
            n if profile => {
                format!("{} ({n} in {} stacks)", self.title.as_deref().unwrap_or(""), self.goroutines.len())
            }
            1 if bare => "a stack without a header".to_owned(),
            1 => "stack of 1 goroutine".to_owned(),
            n => format!("stacks of {n} goroutines"),
        }
    }
}

/// `runtime.gopanic` prints as `panic`; `runtime.sigpanic` stands between a
/// fault and the panic it became.
pub fn is_panic_frame(function: &str) -> bool {
    matches!(function, "panic" | "runtime.gopanic" | "runtime.sigpanic")
}
