//! Signals: what the model says of them, the `[signal …]` line of a panic, and
//! the head of a fatal signal.

use nom::Parser;
use nom::bytes::complete::tag;
use nom::combinator::{map, opt};
use nom::multi::separated_list1;

use super::grammar::{Lex, Lines, decimal, decimal_value, field, hex, hex_value, lossy, signal_name, whole};
use crate::addr::RuntimeAddr;

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

impl Signal {
    /// `SIGSEGV: segmentation violation` (runtime/sigtab_linux_generic.go).
    pub fn describe(&self) -> String {
        match signal_text(&self.name) {
            Some(text) => format!("{}: {text}", self.name),
            None if self.name.starts_with("sys: ") => self.name.clone(),
            None => format!("signal {}", self.name),
        }
    }
}

/// The runtime's wording for a signal, which Linux and the BSDs share
/// (runtime/sigtab_linux_generic.go, 1.27).
pub fn signal_text(name: &str) -> Option<&'static str> {
    Some(match name {
        "SIGABRT" => "abort",
        "SIGALRM" => "alarm clock",
        "SIGBUS" => "bus error",
        "SIGEMT" => "emulate instruction executed",
        "SIGFPE" => "floating-point exception",
        "SIGHUP" => "terminal line hangup",
        "SIGILL" => "illegal instruction",
        "SIGINT" => "interrupt",
        "SIGKILL" => "kill",
        "SIGPIPE" => "write to broken pipe",
        "SIGQUIT" => "quit",
        "SIGSEGV" => "segmentation violation",
        "SIGSTKFLT" => "stack fault",
        "SIGSYS" => "bad system call",
        "SIGTRAP" => "trace trap",
        "SIGTERM" => "termination",
        _ => return None,
    })
}

/// `[signal SIGSEGV: segmentation violation code=0x1 addr=0x8 pc=0x4924a0]`;
/// a number instead of the name up to Go 1.6, on Windows and on wasm.
pub(super) fn line(line: &[u8]) -> Option<Signal> {
    let inner = line.trim_ascii_end().strip_prefix(b"[signal ")?.strip_suffix(b"]")?;
    let code_at = memchr::memmem::rfind(inner, b" code=0x")?;
    let (name, rest) = inner.split_at_checked(code_at)?;
    let (code, address, pc) = whole(rest, |rest| (field("code"), field("addr"), field("pc")).parse(rest))?;
    let name = match signal_name(name) {
        Ok((_, name)) => name,
        Err(_) => name,
    };
    Some(Signal {
        name: lossy(name),
        code: Some(i64::try_from(code).unwrap_or(-1)),
        address: Some(RuntimeAddr(address)),
        pc: Some(RuntimeAddr(pc)),
        ..Signal::default()
    })
}

/// First line of a fatal signal: `SIGSEGV: segmentation violation`,
/// `Signal 64`, or on Windows `Exception 0xc0000005 0x0 0x10 0x7ff…`.
pub(super) fn opening(line: &[u8]) -> Option<Signal> {
    let blank = Signal::default();
    let line = line.trim_ascii_end();
    if let Ok((rest, name)) = signal_name(line) {
        return rest.starts_with(b": ").then(|| Signal { name: lossy(name), ..blank });
    }
    if let Some(number) = line.strip_prefix(b"Signal ").filter(|n| decimal_value(n).is_some()) {
        return Some(Signal { name: lossy(number), ..blank });
    }
    // Plan 9 prints the note (runtime/os3_plan9.go, `sighandler`).
    if line.starts_with(b"sys: ") {
        return Some(Signal { name: lossy(line), ..blank });
    }
    // runtime/signal_windows.go, winthrow: code, two words of information, pc.
    let words =
        whole(line.strip_prefix(b"Exception ")?, |rest| separated_list1(tag(&b" "[..]), hex).parse(rest))?;
    let [code, access, address, pc] = words.as_slice() else { return None };
    Some(Signal {
        name: format!("{code:#x}"),
        code: i64::try_from(*access).ok(),
        address: Some(RuntimeAddr(*address)),
        pc: Some(RuntimeAddr(*pc)),
        ..blank
    })
}

/// `PC=0x… m=0 sigcode=1 addr=0x0` and the lines after it, up to the blank
/// line (runtime/signal_unix.go, `fatalsignal`/`sighandler`).
pub(super) fn details(lines: &mut Lines<'_>, signal: &mut Signal) -> bool {
    let Some((line, next)) = lines.peek() else { return false };
    let Some((pc, code, address)) = whole(line, pc_line) else { return false };
    signal.pc = Some(RuntimeAddr(pc));
    // si_code is printed unsigned: abort() gives 18446744073709551610 for -6
    // on 64-bit ports and 4294967290 on 32-bit ones.
    signal.code = code.map(|code| match u32::try_from(code) {
        Ok(small) => i64::from(small.cast_signed()),
        Err(_) => code.cast_signed(),
    });
    // With si_code 0 the field is the sender's pid, not an address.
    signal.address = address.filter(|_| signal.code != Some(0)).map(RuntimeAddr).or(signal.address);
    lines.at = next;
    while let Some((line, next)) = lines.peek() {
        let line = line.trim_ascii_end();
        if line == b"signal arrived during cgo execution"
            || line == b"signal arrived during external code execution"
        {
            signal.in_cgo = true;
        } else if let Some(bytes) = line.strip_prefix(b"instruction bytes:") {
            let words = bytes.split(|b| *b == b' ').filter_map(|w| hex_value(w.strip_prefix(b"0x")?));
            signal.instruction = words.filter_map(|word| u8::try_from(word).ok()).collect();
        } else {
            break;
        }
        lines.at = next;
    }
    true
}

fn pc_line(line: &[u8]) -> Lex<'_, (u64, Option<u64>, Option<u64>)> {
    let (rest, _) = tag(&b"PC="[..])(line)?;
    let (rest, pc) = hex(rest)?;
    let (rest, _) = opt((tag(&b" m="[..]), opt(tag(&b"-"[..])), decimal)).parse(rest)?;
    let (rest, code) = opt(map((tag(&b" sigcode="[..]), decimal), |(_, code)| code)).parse(rest)?;
    let (rest, address) = opt(field("addr")).parse(rest)?;
    Ok((rest, (pc, code, address)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals() {
        let s = line(b"[signal SIGSEGV: segmentation violation code=0x1 addr=0x8 pc=0x4924a0]").unwrap();
        assert_eq!((s.name.as_str(), s.code, s.address), ("SIGSEGV", Some(1), Some(RuntimeAddr(8))));
        assert_eq!(line(b"[signal 0xb code=0x0 addr=0x0 pc=0x0]").unwrap().name, "0xb");
        let mut s = opening(b"SIGABRT: abort").unwrap();
        let text = b"PC=0x7f9 m=0 sigcode=18446744073709551610\nsignal arrived during cgo execution\n\n";
        assert!(details(&mut Lines::new(text, 0), &mut s));
        assert_eq!((s.code, s.in_cgo), (Some(-6), true));
        let mut s = opening(b"SIGQUIT: quit").unwrap();
        assert!(details(&mut Lines::new(b"PC=0x45 m=0 sigcode=0 addr=0x5fbe\n", 0), &mut s));
        assert_eq!((s.code, s.address), (Some(0), None));
        let s = opening(b"Exception 0xc0000005 0x0 0x10 0x7ff1").unwrap();
        assert_eq!((s.name.as_str(), s.pc), ("0xc0000005", Some(RuntimeAddr(0x7ff1))));
        assert_eq!(opening(b"SIGNAL received"), None);
    }
}
