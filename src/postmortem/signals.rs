//! A signal that ended the process without becoming a panic: in C code, in the
//! runtime, or sent from outside (runtime/signal_unix.go, `fatalsignal`, 1.27).

use super::ending::Cause;
use super::goroutine::SignalFrame;
use super::process::{SignalInfo, signal_name};
use super::text::Traceback;
use crate::trace::signal_text;

/// Registers in the order of `dumpregs` (runtime/signal_amd64.go), with their
/// offsets in the `ucontext` and their sizes (runtime/defs_linux_amd64.go).
const AMD64: [(&str, u64, u8); 21] = [
    ("rax", 144, 8),
    ("rbx", 128, 8),
    ("rcx", 152, 8),
    ("rdx", 136, 8),
    ("rdi", 104, 8),
    ("rsi", 112, 8),
    ("rbp", 120, 8),
    ("rsp", 160, 8),
    ("r8", 40, 8),
    ("r9", 48, 8),
    ("r10", 56, 8),
    ("r11", 64, 8),
    ("r12", 72, 8),
    ("r13", 80, 8),
    ("r14", 88, 8),
    ("r15", 96, 8),
    ("rip", 168, 8),
    ("rflags", 176, 8),
    ("cs", 184, 2),
    ("fs", 188, 2),
    ("gs", 186, 2),
];
/// Bytes at the program counter that are printed for SIGILL and SIGFPE.
const INSTRUCTION: u64 = 16;

/// `SIGSEGV: segmentation violation`
pub(super) fn described(number: u32) -> Option<String> {
    let name = signal_name(number)?;
    Some(match signal_text(name) {
        Some(text) => format!("{name}: {text}"),
        None => name.to_owned(),
    })
}

impl Traceback<'_, '_> {
    pub(super) fn fatal_signal(&self) -> Option<(&SignalFrame, SignalInfo)> {
        match &self.ending.cause {
            Some(Cause::Signal(frame)) => Some((frame, frame.signal?)),
            _ => None,
        }
    }

    /// What is printed before the first goroutine.
    pub(super) fn signal_head(&self, out: &mut String) {
        let Some((frame, signal)) = self.fatal_signal() else { return };
        let Some(thread) = &self.ending.thread else { return };
        let name = described(signal.number).unwrap_or_else(|| format!("Signal {}", signal.number));
        // An unsigned word of the machine.
        let code = i64::from(signal.code).cast_unsigned();
        out.push_str(&format!("{name}\nPC={:#x} m={} sigcode={code}", frame.pc, thread.id));
        let minor = self.runtime.minor;
        if minor >= 22
            && matches!(signal.number, 7 | 11)
            && let Some(address) = signal.address
        {
            out.push_str(&format!(" addr={address:#x}"));
        }
        out.push('\n');
        if self.ending.in_c {
            out.push_str("signal arrived during cgo execution\n");
        }
        if matches!(signal.number, 4 | 8) {
            let page = 4096u64;
            let length = INSTRUCTION.min(page.saturating_sub(frame.pc & page.saturating_sub(1)));
            if let Some(bytes) = self.runtime.memory.copy(frame.pc, length) {
                let bytes: Vec<String> = bytes.iter().map(|byte| format!(" {byte:#x}")).collect();
                out.push_str(&format!("instruction bytes:{}\n", bytes.concat()));
            }
        }
        out.push('\n');
    }

    /// The registers at the signal, of architectures whose order is known here.
    pub(super) fn registers(&self, out: &mut String) {
        let Some((frame, _)) = self.fatal_signal() else { return };
        if self.runtime.machine.arch != crate::target::Goarch::Amd64 {
            return;
        }
        out.push('\n');
        for (name, offset, size) in AMD64 {
            let value = frame.address.checked_add(offset).and_then(|at| self.runtime.memory.number(at, size));
            if let Some(value) = value {
                out.push_str(&format!("{name:<6} {value:#x}\n"));
            }
        }
    }
}
