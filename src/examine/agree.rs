//! A log and a core dump: are they of one crash?

use crate::trace::{Code, Crash, Frame, Kind};

/// What is the same in both, and what is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    pub same: Vec<String>,
    pub differs: Vec<String>,
}

/// Compares what each tells of the end.
pub fn agreement(log: &Crash, core: &Crash) -> Agreement {
    let mut out = Agreement::default();
    let told = |crash: &Crash| !matches!(crash.kind, Kind::GoroutineDump);
    if told(log) && told(core) {
        let first = |crash: &Crash| crash.message().lines().next().unwrap_or("").trim().to_owned();
        out.hold("message", "the message", &first(log), &first(core));
    }
    if let (Some(ours), Some(theirs)) = (&log.signal, &core.signal) {
        if let (Some(ours), Some(theirs)) = (ours.address, theirs.address) {
            out.hold("fault address", "the fault address", &ours.to_string(), &theirs.to_string());
        }
        if let (Some(ours), Some(theirs)) = (ours.pc, theirs.pc) {
            out.hold("pc of the signal", "the pc of the signal", &ours.to_string(), &theirs.to_string());
        }
    }
    if let (Some(ours), Some(theirs)) = (log.crashing_goroutine(), core.crashing_goroutine()) {
        if let (Some(ours), Some(theirs)) = (ours.id, theirs.id) {
            out.hold("goroutine that crashed", "the goroutine", &ours.to_string(), &theirs.to_string());
        }
        out.stacks(log, log.frames_of(ours), core, core.frames_of(theirs));
    }
    out
}

impl Agreement {
    fn hold(&mut self, what: &str, same: &str, log: &str, core: &str) {
        if log == core {
            self.same.push(same.to_owned());
        } else {
            self.differs.push(format!("the {what} is {log} in the log and {core} in the core"));
        }
    }

    /// Frames outside the runtime: of those a log leaves out what it likes.
    fn stacks(&mut self, log: &Crash, ours: &[Frame], core: &Crash, theirs: &[Frame]) {
        let own = |crash: &Crash, frames: &[Frame]| -> Vec<Frame> {
            frames.iter().copied().filter(|frame| crash.code(frame) != Code::Runtime).collect()
        };
        let (ours, theirs) = (own(log, ours), own(core, theirs));
        let place = |crash: &Crash, frame: &Frame| {
            format!("{} at {}:{}", crash.function(frame), crash.file(frame), frame.line)
        };
        let pairs: Vec<(&Frame, &Frame)> = ours.iter().zip(&theirs).collect();
        match pairs.iter().find(|(a, b)| place(log, a) != place(core, b)) {
            Some((a, b)) => {
                let (a, b) = (place(log, a), place(core, b));
                self.differs.push(format!("a frame is {a} in the log and {b} in the core"));
            }
            None if pairs.is_empty() => {}
            None => {
                self.same.push(format!("{} frames", pairs.len()));
                let values = |(a, b): &&(&Frame, &Frame)| log.arguments(a) == core.arguments(b);
                // Addresses of the heap differ from run to run.
                let pointers = pairs.iter().any(|(a, _)| log.arguments(a).contains("0x"));
                if pointers && pairs.iter().filter(values).count() == pairs.len() {
                    self.same.push("the same argument values".to_owned());
                }
            }
        }
    }

    fn weight(&self) -> usize {
        if self.differs.is_empty() { self.same.len() } else { 0 }
    }
}

/// Tells the crash of a log that fits best what the core says of it; where none
/// fits, the last one.
pub fn note(crashes: &mut [Crash], name: &str, core: &Crash) {
    let all: Vec<Agreement> = crashes.iter().map(|crash| agreement(crash, core)).collect();
    let best = all.iter().enumerate().max_by_key(|(index, agreement)| (agreement.weight(), *index));
    let Some((index, agreement)) = best else { return };
    let text = if !agreement.differs.is_empty() {
        format!(
            "the core {name} contradicts the log: {}: they are not of one crash",
            agreement.differs.join("; ")
        )
    } else if agreement.same.is_empty() {
        format!("nothing of the core {name} can be compared with the log")
    } else {
        format!("the core {name} confirms the log: {}", agreement.same.join(", "))
    };
    if let Some(crash) = crashes.get_mut(index) {
        crash.asides.push(text);
    }
}
