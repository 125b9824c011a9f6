//! A signal that ended the process without becoming a panic: in C code, in the
//! runtime, or sent from outside (runtime/signal_unix.go, `fatalsignal`, 1.27).

use super::Traceback;
use super::ending::Cause;
use crate::postmortem::process::{SignalInfo, signal_name};
use crate::postmortem::runtime::goroutine::SignalFrame;
use crate::trace::signal_text;

/// Bytes at the program counter that are printed for SIGILL and SIGFPE.
const INSTRUCTION: u64 = 16;

/// `SIGSEGV: segmentation violation`
pub(in crate::postmortem) fn described(number: u32) -> Option<String> {
    let name = signal_name(number)?;
    Some(match signal_text(name) {
        Some(text) => format!("{name}: {text}"),
        None => name.to_owned(),
    })
}

impl Traceback<'_, '_> {
    pub(in crate::postmortem) fn fatal_signal(&self) -> Option<(&SignalFrame, SignalInfo)> {
        match &self.ending.cause {
            Some(Cause::Signal(frame)) => Some((frame, frame.signal?)),
            _ => None,
        }
    }

    /// What is printed before the first goroutine.
    pub(in crate::postmortem) fn signal_head(&self, out: &mut String) {
        let Some((frame, signal)) = self.fatal_signal() else { return };
        let Some(thread) = &self.ending.thread else { return };
        let name = described(signal.number).unwrap_or_else(|| format!("Signal {}", signal.number));
        let code = if self.runtime.machine.saved.wide_code {
            i64::from(signal.code).cast_unsigned()
        } else {
            signal.code.cast_unsigned().into()
        };
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

    /// The registers at the signal, as `dumpregs` prints them.
    pub(in crate::postmortem) fn registers(&self, out: &mut String) {
        let Some((frame, _)) = self.fatal_signal() else { return };
        let registers = self.runtime.machine.saved;
        out.push('\n');
        for line in registers.printed.chunks(registers.columns) {
            for (column, (name, offset, size)) in line.iter().enumerate() {
                let at = frame.address.checked_add(*offset);
                let value = at.and_then(|at| self.runtime.memory.number(at, *size));
                let value = value.map_or("not in the core".to_owned(), |value| format!("{value:#x}"));
                let end = if column.saturating_add(1) < line.len() { '\t' } else { '\n' };
                out.push_str(&format!("{name:<width$} {value}{end}", width = registers.width));
            }
        }
    }
}
