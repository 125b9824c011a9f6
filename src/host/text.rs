//! Raw texts about a machine, one after the other in any order: what people
//! paste when they are asked "what machine is it". Each line is judged alone;
//! what is not recognised is passed over, prompts and commands included. Where
//! two texts disagree, the first is kept and the host has the conflict.

mod auxv;
mod limits;
mod nodes;
mod packages;
mod systems;

use super::libc::{Libc, LibcKind, is_version};
use super::{Host, keep, uname};
use crate::binary::Fact;
use crate::target::{Goarch, Goos};

/// For the message when nothing was recognised.
pub(super) const LOOKED_FOR: &str = "`uname -a`, `cat /proc/cpuinfo`, `lscpu`, `ldd --version`, \
     `getconf -a`, `cat /etc/os-release`, `dpkg -l libc6`, `rpm -q glibc`, `apk info musl`, `ulimit -a`, \
     `docker info`, `kubectl get node`, `sw_vers`, `systeminfo` or `LD_SHOW_AUXV=1 /bin/true`";

/// Families of lines, asked in this order. A new one is a file and a row.
const FAMILIES: &[fn(&mut Reader<'_>, &str) -> bool] =
    &[limits::read, packages::read, systems::read, nodes::read, auxv::read];

/// Longest line that is looked at, and most words of a list of features.
const MOST_OF_A_LINE: usize = 64 << 10;
const MOST_FEATURES: usize = 2000;

/// Names a place: line number and what was read there.
type Place<'a> = &'a dyn Fn(usize, &str) -> String;

/// Adds the facts in `text` to those of `host` and says whether there were any.
pub(super) fn read(text: &str, host: &mut Host, place: Place<'_>) -> bool {
    let mut reader = Reader {
        host,
        place,
        line: 0,
        facts: 0,
        awaited: Awaited::Nothing,
        cpu: Cpu::default(),
        apple: systems::Apple::default(),
        nodes: nodes::Seen::default(),
        vector: auxv::Vector::default(),
    };
    for (index, line) in text.lines().enumerate() {
        reader.line = index.saturating_add(1);
        let line = line.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        if !line.is_empty() && line.len() <= MOST_OF_A_LINE {
            reader.read(line);
        }
    }
    reader.finish();
    reader.facts > 0
}

struct Reader<'a> {
    host: &'a mut Host,
    place: Place<'a>,
    line: usize,
    /// Lines that said something.
    facts: usize,
    awaited: Awaited,
    cpu: Cpu,
    apple: systems::Apple,
    nodes: nodes::Seen,
    vector: auxv::Vector,
}

/// What the last line promises for the next.
#[derive(PartialEq, Eq)]
enum Awaited {
    Nothing,
    MuslVersion,
    PageSize,
    LongBit,
    PidsMax,
}

/// Lines that mean something only together.
#[derive(Default)]
struct Cpu {
    implementer: Option<String>,
    part: Option<(usize, String)>,
    board: Option<(usize, &'static str, String)>,
    /// What the firmware calls the processor.
    firmware: Option<(usize, String)>,
    big_endian: Option<bool>,
}

impl Reader<'_> {
    fn read(&mut self, line: &str) {
        match std::mem::replace(&mut self.awaited, Awaited::Nothing) {
            // `ldd` of musl: "musl libc (x86_64)", then "Version 1.2.3".
            Awaited::MuslVersion => {
                if let Some(version) = line.strip_prefix("Version ").filter(|version| is_version(version)) {
                    self.libc(Libc::new(LibcKind::Musl, Some(version)), "ldd");
                    return;
                }
                self.libc(Libc::new(LibcKind::Musl, None), "ldd");
            }
            Awaited::PageSize if self.page_size(line) => return,
            Awaited::LongBit if self.long_bit(line) => return,
            Awaited::PidsMax if limits::pids_max(self, line) => {
                self.facts = self.facts.saturating_add(1);
                return;
            }
            _ => {}
        }
        if FAMILIES.iter().any(|family| family(self, line)) {
            self.facts = self.facts.saturating_add(1);
            return;
        }
        if let Some((key, value)) = line.split_once(':')
            && self.pair(key.trim_end(), value.trim())
        {
            return;
        }
        self.sentence(line);
    }

    /// `key : value` of /proc/cpuinfo and of lscpu. The latter begins its
    /// keys with a capital.
    fn pair(&mut self, key: &str, value: &str) -> bool {
        let line = self.line;
        let number = value.chars().all(|c| c.is_ascii_digit());
        match key {
            _ if value.is_empty() => return false,
            // x86; arm, arm64 and loongarch; s390.
            "flags" | "Features" | "features" => {
                self.features(value.split_ascii_whitespace(), key, "cpuinfo")
            }
            "Flags" => self.features(value.split_ascii_whitespace(), key, "lscpu"),
            // RISC-V: `rv64imafdc_zicntr_zba` (Documentation/arch/riscv/uabi.rst).
            "isa" if value.starts_with("rv") => self.features(value.split('_'), key, "cpuinfo"),
            // `Processor` is what ARM kernels before 3.8 call it; the number of
            // a core has a small letter.
            "model name" | "Model Name" | "cpu model" => self.model(value, key, "cpuinfo"),
            "Processor" | "cpu" if !number => self.model(value, key, "cpuinfo"),
            "Model name" => self.model(value, key, "lscpu"),
            "CPU architecture" => {
                let from = self.from(key, "cpuinfo");
                keep(&mut self.host.cpu_architecture, value.to_owned(), || from);
            }
            "CPU implementer" => self.cpu.implementer = Some(value.to_owned()),
            "CPU part" => {
                self.cpu.part.get_or_insert((line, value.to_owned()));
            }
            // lscpu has a `Model:` too: a number.
            "Model" if !number => self.cpu.board = Some((line, "Model", value.to_owned())),
            "Hardware" => {
                self.cpu.board.get_or_insert((line, "Hardware", value.to_owned()));
            }
            "Architecture" if uname::is_machine(value) => self.machine(value, "lscpu Architecture"),
            "CPU op-mode(s)" => {
                let bits = value.split(',').filter_map(|mode| mode.trim().strip_suffix("-bit")?.parse().ok());
                let bits: Vec<u8> = bits.take(4).collect();
                let from = self.from(key, "lscpu");
                keep(&mut self.host.cpu_bits, bits, || from);
            }
            "Vendor ID" | "vendor_id" => {
                let from = self.from(key, if key == "vendor_id" { "cpuinfo" } else { "lscpu" });
                keep(&mut self.host.cpu_vendor, value.to_owned(), || from);
            }
            "BIOS Model name" => {
                self.cpu.firmware.get_or_insert((line, value.to_owned()));
            }
            "Byte Order" => self.cpu.big_endian = Some(value.starts_with("Big")),
            _ => return false,
        }
        self.facts = self.facts.saturating_add(1);
        true
    }

    /// Lines of other forms.
    fn sentence(&mut self, line: &str) {
        if line.starts_with("musl libc (") {
            self.awaited = Awaited::MuslVersion;
            // The names of its build (musl configure, ARCH and its subarchitectures).
            let name = line.strip_prefix("musl libc (").and_then(|rest| rest.strip_suffix(')'));
            let arch = match name {
                Some("armhf" | "arm") => Some(Goarch::Arm),
                Some("powerpc64le") => Some(Goarch::Ppc64le),
                Some(name) => Goarch::from_machine(name),
                None => None,
            };
            if let Some(arch) = arch {
                let fact = self.fact(arch, "ldd");
                self.host.settle("userland", |host| &mut host.userland, fact, Goarch::eq);
            }
            return;
        }
        if line.contains("getconf LONG_BIT") {
            self.awaited = Awaited::LongBit;
            return;
        }
        // The command in front of a bare number.
        if line.contains("getconf PAGE") {
            self.awaited = Awaited::PageSize;
            return;
        }
        if let Some(libc) = Libc::parse_banner(line) {
            return self.libc(libc, if line.starts_with("ldd") { "ldd --version" } else { "libc.so.6" });
        }
        let mut words = line.split([' ', '\t', '=']).filter(|word| !word.is_empty());
        match (words.next(), words.next(), words.next()) {
            (Some("glibc"), Some(version), None)
            | (Some("GNU_LIBC_VERSION"), Some("glibc"), Some(version))
                if is_version(version) =>
            {
                return self.libc(Libc::new(LibcKind::Glibc, Some(version)), "getconf GNU_LIBC_VERSION");
            }
            (Some("PAGE_SIZE" | "PAGESIZE"), Some(size), None) => {
                self.page_size(size);
                return;
            }
            (Some("LONG_BIT"), Some(bits), None) => {
                self.long_bit(bits);
                return;
            }
            // The answers of `dpkg --print-architecture` that are not those of `uname -m`.
            (Some("armhf" | "armel"), None, None) => {
                let fact = self.fact(Goarch::Arm, "dpkg --print-architecture");
                self.host.settle("userland", |host| &mut host.userland, fact, Goarch::eq);
                self.facts = self.facts.saturating_add(1);
                return;
            }
            // The answer of `uname -m`.
            (Some(machine), None, None) if uname::is_machine(machine) => {
                self.facts = self.facts.saturating_add(1);
                return self.machine(machine, "uname -m");
            }
            _ => {}
        }
        if let Some(name) = line.strip_prefix("PRETTY_NAME=") {
            let name = name.trim_matches(['"', '\'']);
            if !name.is_empty() {
                self.distribution(name, "os-release PRETTY_NAME");
                self.facts = self.facts.saturating_add(1);
            }
        } else if let Some(read) = uname::parse(line) {
            let fact = self.fact(read.goos, "uname");
            self.host.settle("os", |host| &mut host.goos, fact, Goos::eq);
            self.kernel(read.release, "uname");
            if let Some(machine) = read.machine {
                self.machine(machine, "uname machine");
            }
            self.facts = self.facts.saturating_add(1);
        }
    }

    /// ARM kernels of 64 bits print numbers instead of a name, and names are
    /// what engineers search for.
    fn finish(&mut self) {
        if self.awaited == Awaited::MuslVersion {
            self.libc(Libc::new(LibcKind::Musl, None), "ldd");
        }
        let arm_ltd = self.cpu.implementer.as_deref() == Some("0x41");
        if let Some((line, part)) = self.cpu.part.take()
            && arm_ltd
            && let Some((_, name)) = ARM_PARTS.iter().find(|(number, _)| *number == part)
        {
            let from = (self.place)(line, &format!("cpuinfo CPU part {part}"));
            keep(&mut self.host.cpu_model, (*name).to_owned(), || from);
        }
        if let Some((line, key, board)) = self.cpu.board.take() {
            let from = (self.place)(line, &format!("cpuinfo {key}"));
            keep(&mut self.host.cpu_model, board, || from);
        }
        if let Some((line, name)) = self.cpu.firmware.take() {
            let from = (self.place)(line, "lscpu BIOS Model name");
            keep(&mut self.host.cpu_model, name, || from);
        }
        self.host.complete(self.cpu.big_endian);
        systems::finish(self);
        auxv::finish(self);
    }

    fn from(&self, key: &str, text: &str) -> String {
        (self.place)(self.line, &format!("{text} {key}"))
    }

    fn features<'t>(&mut self, words: impl Iterator<Item = &'t str>, key: &str, text: &str) {
        let from = self.from(key, text);
        let words: Vec<String> =
            words.filter(|word| !word.is_empty()).take(MOST_FEATURES).map(str::to_owned).collect();
        keep(&mut self.host.cpu_features, words, || from);
    }

    fn model(&mut self, value: &str, key: &str, text: &str) {
        let from = self.from(key, text);
        keep(&mut self.host.cpu_model, value.to_owned(), || from);
    }

    /// A fact of the line at hand.
    fn fact<T>(&self, value: T, what: &str) -> Fact<T> {
        Fact::new(value, (self.place)(self.line, what))
    }

    /// Names of one architecture are no disagreement, except for those of ARM
    /// cores, where they are its versions.
    fn machine(&mut self, machine: &str, what: &str) {
        let agree = |a: &String, b: &String| {
            let (first, second) = (Goarch::from_machine(a), Goarch::from_machine(b));
            a == b || first.is_some() && first == second && first != Some(Goarch::Arm)
        };
        let fact = self.fact(machine.to_owned(), what);
        self.host.settle("machine", |host| &mut host.machine, fact, agree);
    }

    fn kernel(&mut self, release: &str, what: &str) {
        let fact = self.fact(release.to_owned(), what);
        self.host.settle("kernel", |host| &mut host.kernel, fact, String::eq);
    }

    fn distribution(&mut self, name: &str, what: &str) {
        let fact = self.fact(name.to_owned(), what);
        self.host.settle("distribution", |host| &mut host.distribution, fact, String::eq);
    }

    /// A version that is not said is no other one.
    fn libc(&mut self, libc: Libc, what: &str) {
        let agree = |a: &Libc, b: &Libc| {
            a.kind == b.kind && (a.version == b.version || a.version.is_none() || b.version.is_none())
        };
        let fact = self.fact(libc, what);
        self.host.settle("libc", |host| &mut host.libc, fact, agree);
        self.facts = self.facts.saturating_add(1);
    }

    fn page_size(&mut self, digits: &str) -> bool {
        self.page_size_of(digits, "getconf PAGESIZE")
    }

    fn page_size_of(&mut self, digits: &str, what: &str) -> bool {
        let Some(size) = digits.parse::<u64>().ok().filter(|size| size.is_power_of_two()) else {
            return false;
        };
        let fact = self.fact(size, what);
        self.host.settle("page_size", |host| &mut host.page_size, fact, u64::eq);
        self.facts = self.facts.saturating_add(1);
        true
    }

    fn long_bit(&mut self, digits: &str) -> bool {
        let Some(bits) = digits.parse::<u8>().ok().filter(|bits| matches!(bits, 32 | 64)) else {
            return false;
        };
        let fact = self.fact(bits, "getconf LONG_BIT");
        self.host.settle("userland_bits", |host| &mut host.userland_bits, fact, u8::eq);
        self.facts = self.facts.saturating_add(1);
        true
    }
}

/// Cores of Arm Ltd. (util-linux sys-utils/lscpu-arm.c), those of boards and
/// servers on which Go programs meet their limits: ARMv5 to 6, and ARMv8 with
/// and without LSE.
const ARM_PARTS: [(&str, &str); 24] = [
    ("0x926", "ARM926"),
    ("0xb36", "ARM1136"),
    ("0xb56", "ARM1156"),
    ("0xb76", "ARM1176"),
    ("0xc05", "Cortex-A5"),
    ("0xc07", "Cortex-A7"),
    ("0xc08", "Cortex-A8"),
    ("0xc09", "Cortex-A9"),
    ("0xc0e", "Cortex-A17"),
    ("0xc0f", "Cortex-A15"),
    ("0xd03", "Cortex-A53"),
    ("0xd04", "Cortex-A35"),
    ("0xd05", "Cortex-A55"),
    ("0xd07", "Cortex-A57"),
    ("0xd08", "Cortex-A72"),
    ("0xd09", "Cortex-A73"),
    ("0xd0a", "Cortex-A75"),
    ("0xd0b", "Cortex-A76"),
    ("0xd0c", "Neoverse-N1"),
    ("0xd40", "Neoverse-V1"),
    ("0xd49", "Neoverse-N2"),
    ("0xd4f", "Neoverse-V2"),
    ("0xd84", "Neoverse-V3"),
    ("0xd8e", "Neoverse-N3"),
];

#[cfg(test)]
mod tests;
