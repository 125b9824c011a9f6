//! Which architecture a register block is of.

use super::Crash;

/// A register and the GOARCH whose block it is in, where none of those above is
/// (runtime/signal_*.go, `dumpregs`, 1.27). Those that print the same names are
/// told together.
const NAMES: [(&str, &str); 9] = [
    ("rax", "amd64"),
    ("eax", "386"),
    ("cpsr", "arm"),
    ("gp", "riscv64"),
    ("xer", "ppc64 or ppc64le"),
    ("hi", "mips or mips64"),
    ("r31", "loong64"),
    ("link", "s390x"),
    ("r29", "arm64"),
];

impl Crash {
    /// GOARCH, by the names of the registers; `None` where none are printed.
    pub fn architecture(&self) -> Option<&'static str> {
        let has = |name: &str| self.registers.iter().any(|(register, _)| register == name);
        NAMES.iter().find(|(name, _)| has(name)).map(|(_, arch)| *arch)
    }
}
