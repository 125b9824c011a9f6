//! What is said of a signal that ended the process without a panic.

use super::{Explanation, Verdict, note};
use crate::trace::{Crash, Signal};

pub(super) fn signal(crash: &Crash) -> Explanation {
    let blank = Signal::default();
    let signal = crash.signal.as_ref().unwrap_or(&blank);
    if crash.asked_for() {
        return Explanation::new(
            Verdict::Environment,
            "Somebody sent SIGQUIT: a Go program then prints all its stacks and ends. This is no crash of the \
                   program itself; look for a kill -QUIT, a time-out of a supervisor, or Ctrl-\\.",
        );
    }
    let where_ = if signal.in_cgo { " in C code that was called through cgo" } else { "" };
    let cgo_thread = note(crash, "runtime/cgo: ");
    match (signal.name.as_str(), signal.code, cgo_thread) {
        (_, _, Some(text)) if text.contains("pthread_create failed") => Explanation::new(
            Verdict::Resource,
            format!(
                "The C library could not create a thread ({}).",
                text.trim_start_matches("runtime/cgo: ")
            ),
        ),
        ("SIGABRT", Some(-6), _) => Explanation::new(
            Verdict::ProgramBug,
            format!(
                "The process aborted itself{where_}: abort(), a failed assert(), or a check of the C library."
            ),
        ),
        (name, Some(0), _) => Explanation::new(
            Verdict::Environment,
            format!("{name} was sent by kill(2), from another process or by the program itself."),
        ),
        ("SIGSEGV" | "SIGBUS" | "SIGILL" | "SIGFPE", ..) => {
            Explanation::new(Verdict::ProgramBug, format!("{}{where_}.", signal.describe()))
        }
        _ => Explanation::new(Verdict::Unknown, format!("{}{where_}.", signal.describe())),
    }
}
