//! What the notes of a core say of the process: threads with their registers,
//! the signal, the auxiliary vector, the files that were mapped
//! (linux/elfcore.h, fs/binfmt_elf.c).

pub(in crate::postmortem) mod elfcore;
pub(in crate::postmortem) mod environment;
pub(in crate::postmortem) mod identity;
pub(in crate::postmortem) mod machine;
pub(in crate::postmortem) mod memory;
pub(in crate::postmortem) mod registers;
pub(in crate::postmortem) mod vdso;

use self::elfcore::{Headers, Note};
use self::machine::Machine;
use crate::binary::image::Words;

/// One thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    pub tid: u64,
    /// The signal that it was about to take.
    pub signal: u16,
    /// In the order of the architecture's table.
    pub registers: Vec<u64>,
}

/// The signal that ended the process, as the kernel or a debugger noted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignalInfo {
    pub number: u32,
    pub code: i32,
    /// `si_addr`, of the signals that have one.
    pub address: Option<u64>,
    /// `si_pid`, where another process or the process itself sent it.
    pub sender: Option<u32>,
}

/// A file that was mapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    pub start: u64,
    pub end: u64,
    /// Bytes from the start of the file.
    pub offset: u64,
    pub path: String,
}

/// Everything of the notes.
#[derive(Clone, Debug, Default)]
pub struct Process {
    /// The name of the process, cut at 15 bytes by the kernel.
    pub name: Option<String>,
    /// The command line, cut at 79 bytes by the kernel.
    pub command: Option<String>,
    pub pid: Option<u64>,
    pub uid: Option<u64>,
    /// The one that dumped comes first.
    pub threads: Vec<Thread>,
    pub signal: Option<SignalInfo>,
    pub auxv: Vec<(u64, u64)>,
    pub mappings: Vec<Mapping>,
    /// Who wrote the file, where a note tells.
    pub writer: Option<&'static str>,
    /// Notes that were too short for what they should hold.
    pub damage: Vec<String>,
}

const NT_PRSTATUS: u32 = 1;
const NT_PRPSINFO: u32 = 3;
const NT_AUXV: u32 = 6;
const NT_SIGINFO: u32 = 0x5349_4749;
const NT_FILE: u32 = 0x4649_4c45;

/// Entries of the auxiliary vector (uapi/linux/auxvec.h).
pub mod at {
    pub const PHDR: u64 = 3;
    pub const PAGESZ: u64 = 6;
    pub const BASE: u64 = 7;
    pub const ENTRY: u64 = 9;
    pub const PLATFORM: u64 = 15;
    pub const HWCAP: u64 = 16;
    pub const SECURE: u64 = 23;
    pub const RANDOM: u64 = 25;
    pub const HWCAP2: u64 = 26;
    pub const EXECFN: u64 = 31;
    pub const SYSINFO_EHDR: u64 = 33;
}

impl Process {
    pub(in crate::postmortem) fn read(headers: &Headers<'_>) -> Process {
        let mut out = Process::default();
        for note in &headers.notes {
            out.note(note, headers.words, headers.machine);
        }
        out.writer = match headers.notes.iter().find(|note| matches!(note.owner, b"GDB" | b"DELVE")) {
            Some(note) if note.owner == b"GDB" => Some("gdb (gcore)"),
            Some(_) => Some("Delve"),
            None => None,
        };
        if headers.notes.is_empty() {
            out.damage.push("no notes: no threads, no registers, no process".to_owned());
        } else if out.threads.is_empty() {
            out.damage.push("no NT_PRSTATUS among the notes: no threads and no registers".to_owned());
        }
        out
    }

    fn note(&mut self, note: &Note<'_>, words: Words, machine: Option<&'static Machine>) {
        let Note { owner, kind, bytes } = *note;
        if owner != b"CORE" {
            return;
        }
        let done = match kind {
            NT_PRSTATUS => machine.is_none_or(|machine| self.status(bytes, words, machine).is_some()),
            NT_PRPSINFO => self.info(bytes, words).is_some(),
            NT_SIGINFO => self.siginfo(bytes, words, machine).is_some(),
            NT_AUXV => {
                self.auxv = auxv(bytes, words);
                true
            }
            NT_FILE => self.files(bytes, words).is_some(),
            _ => true,
        };
        if !done {
            let name = match kind {
                NT_PRSTATUS => "NT_PRSTATUS",
                NT_PRPSINFO => "NT_PRPSINFO",
                NT_SIGINFO => "NT_SIGINFO",
                _ => "NT_FILE",
            };
            self.damage.push(format!("{name} of {} bytes does not hold what it should", bytes.len()));
        }
    }

    fn status(&mut self, bytes: &[u8], words: Words, machine: &Machine) -> Option<()> {
        let wide = words.pointer_size == 8;
        let start = machine.registers_at();
        let size = usize::from(words.pointer_size);
        let registers = (0..machine.registers.len())
            .map(|index| words.word(bytes, start.saturating_add(index.saturating_mul(size))))
            .collect::<Option<Vec<u64>>>()?;
        let tid = words.u32(bytes, if wide { 32 } else { 24 })?;
        let signal = words.u16(bytes, 12)?;
        self.threads.push(Thread { tid: tid.into(), signal, registers });
        Some(())
    }

    fn info(&mut self, bytes: &[u8], words: Words) -> Option<()> {
        let (uid, pid, name, args) = if words.pointer_size == 8 { (16, 24, 40, 56) } else { (8, 12, 28, 44) };
        self.pid = Some(words.u32(bytes, pid)?.into());
        // 16 bits wide where pointers are narrow.
        self.uid = if words.pointer_size == 8 {
            words.u32(bytes, uid).map(u64::from)
        } else {
            words.u16(bytes, uid).map(u64::from)
        };
        self.name = Some(text(bytes.get(name..)?, 16));
        self.command = Some(text(bytes.get(args..)?, 80).trim_end().to_owned());
        Some(())
    }

    fn siginfo(&mut self, bytes: &[u8], words: Words, machine: Option<&'static Machine>) -> Option<()> {
        let read = SignalInfo::read(&|at| words.u32(bytes, at), words, machine)?;
        if self.signal.is_none() {
            self.signal = Some(read);
        }
        Some(())
    }

    fn files(&mut self, bytes: &[u8], words: Words) -> Option<()> {
        let size = usize::from(words.pointer_size);
        let word = |index: usize| words.word(bytes, index.saturating_mul(size));
        let count = usize::try_from(word(0)?).ok()?;
        let page = word(1)?;
        let names = count.checked_mul(3)?.checked_add(2)?.checked_mul(size)?;
        let mut names = bytes.get(names..)?.split(|byte| *byte == 0);
        for index in 0..count {
            let at = index.saturating_mul(3).saturating_add(2);
            self.mappings.push(Mapping {
                start: word(at)?,
                end: word(at.saturating_add(1))?,
                offset: word(at.saturating_add(2))?.saturating_mul(page),
                path: String::from_utf8_lossy(names.next()?).into_owned(),
            });
        }
        Some(())
    }

    /// The value of an entry of the auxiliary vector.
    pub fn aux(&self, key: u64) -> Option<u64> {
        self.auxv.iter().find(|(have, _)| *have == key).map(|(_, value)| *value)
    }
}

fn auxv(bytes: &[u8], words: Words) -> Vec<(u64, u64)> {
    let size = usize::from(words.pointer_size);
    let pairs = bytes.chunks_exact(size.saturating_mul(2));
    let read = pairs.filter_map(|pair| Some((words.word(pair, 0)?, words.word(pair, size)?)));
    read.take_while(|(key, _)| *key != 0).collect()
}

fn text(bytes: &[u8], most: usize) -> String {
    let bytes = bytes.get(..most.min(bytes.len())).unwrap_or_default();
    let end = memchr::memchr(0, bytes).unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}

impl SignalInfo {
    /// `siginfo_t` (asm-generic/siginfo.h); MIPS has code and errno the other
    /// way round.
    pub(in crate::postmortem) fn read(
        field: &dyn Fn(usize) -> Option<u32>,
        words: Words,
        machine: Option<&'static Machine>,
    ) -> Option<SignalInfo> {
        let mips = machine.is_some_and(|machine| machine.arch.name().starts_with("mips"));
        let number = field(0)?;
        let code = field(if mips { 4 } else { 8 })?.cast_signed();
        let union = if words.pointer_size == 8 { 16 } else { 12 };
        let first = field(union)?;
        // Codes above 0 are of the kernel: SEGV_MAPERR and its kin.
        let fault = code > 0 && matches!(number, 4 | 5 | 7 | 8 | 10 | 11);
        let address = if words.pointer_size == 8 {
            let second = field(union.saturating_add(4))?;
            let (low, high) = if words.big_endian { (second, first) } else { (first, second) };
            u64::from(low) | u64::from(high) << 32
        } else {
            u64::from(first)
        };
        Some(SignalInfo {
            number,
            code,
            address: fault.then_some(address),
            sender: (code <= 0).then_some(first),
        })
    }

    /// The name of the signal (asm-generic/signal.h; MIPS differs above 15).
    pub fn name(&self) -> String {
        signal_name(self.number).map_or_else(|| format!("signal {}", self.number), str::to_owned)
    }
}

/// runtime/sigtab_linux_generic.go.
pub fn signal_name(number: u32) -> Option<&'static str> {
    const NAMES: [&str; 32] = [
        "",
        "SIGHUP",
        "SIGINT",
        "SIGQUIT",
        "SIGILL",
        "SIGTRAP",
        "SIGABRT",
        "SIGBUS",
        "SIGFPE",
        "SIGKILL",
        "SIGUSR1",
        "SIGSEGV",
        "SIGUSR2",
        "SIGPIPE",
        "SIGALRM",
        "SIGTERM",
        "SIGSTKFLT",
        "SIGCHLD",
        "SIGCONT",
        "SIGSTOP",
        "SIGTSTP",
        "SIGTTIN",
        "SIGTTOU",
        "SIGURG",
        "SIGXCPU",
        "SIGXFSZ",
        "SIGVTALRM",
        "SIGPROF",
        "SIGWINCH",
        "SIGIO",
        "SIGPWR",
        "SIGSYS",
    ];
    NAMES.get(number as usize).copied().filter(|name| !name.is_empty())
}
