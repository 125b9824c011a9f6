//! The registers that a signal frame of Linux keeps: their places in the
//! `ucontext` (runtime/defs_linux_ARCH.go, 1.27; the same in 1.19), as `dumpregs`
//! prints them (runtime/signal_ARCH.go, 1.27; the same in 1.19), and by the
//! numbers that DWARF gives them.

// Only the compiler counts here.
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

/// Of one architecture.
pub(in crate::postmortem) struct Registers {
    /// Name, offset in the `ucontext`, bytes: in the order of `dumpregs`.
    pub(in crate::postmortem) printed: &'static [(&'static str, u64, u8)],
    /// To so many places a name is filled, and so many stand in a line.
    pub(in crate::postmortem) width: usize,
    pub(in crate::postmortem) columns: usize,
    /// Offsets by DWARF number; [`UNKNOWN`] for a number that is not kept.
    dwarf: &'static [u64],
    /// DWARF number of the stack pointer.
    pub(in crate::postmortem) sp: usize,
    /// The stack pointer of the caller is the CFA, where nothing else is said.
    pub(in crate::postmortem) sp_is_cfa: bool,
    /// Bits of a return address that are its address: not the Thumb bit of arm, nor
    /// the authentication code of arm64, which user addresses of 48 bits leave room for.
    pub(in crate::postmortem) code: u64,
    /// The sigcode of a fatal signal is printed as a word of 64 bits, not 32
    /// (runtime/signal_linux_ARCH.go, `sigcode`, 1.27).
    pub(in crate::postmortem) wide_code: bool,
    /// Largest address.
    top: u64,
}

const UNKNOWN: u64 = u64::MAX;
const ALL: u64 = u64::MAX;
const NARROW: u64 = 0xffff_ffff;

impl Registers {
    /// Offsets in the order of DWARF.
    pub(in crate::postmortem) fn dwarf(&self) -> impl Iterator<Item = Option<u64>> {
        self.dwarf.iter().map(|offset| (*offset != UNKNOWN).then_some(*offset))
    }

    /// An address of 32 bits goes round there.
    pub(in crate::postmortem) fn wrap(&self, address: u64) -> u64 {
        address & self.top
    }
}

/// Registers that follow each other.
const fn run<const N: usize>(first: u64, size: u64) -> [u64; N] {
    let mut out = [UNKNOWN; N];
    let (mut index, mut offset) = (0, first);
    while index < N {
        out[index] = offset;
        index += 1;
        offset += size;
    }
    out
}

/// Names with offsets that follow each other.
const fn row<const N: usize>(names: [&'static str; N], first: u64, size: u8) -> [(&'static str, u64, u8); N] {
    let mut out = [("", 0, 0); N];
    let (mut index, mut offset) = (0, first);
    while index < N {
        out[index] = (names[index], offset, size);
        index += 1;
        offset += size as u64;
    }
    out
}

/// Rows behind each other.
const fn join<const A: usize, const B: usize, const N: usize>(
    first: [(&'static str, u64, u8); A],
    second: [(&'static str, u64, u8); B],
) -> [(&'static str, u64, u8); N] {
    assert!(A + B == N);
    let mut out = [("", 0, 0); N];
    let mut index = 0;
    while index < N {
        out[index] = if index < A { first[index] } else { second[index - A] };
        index += 1;
    }
    out
}

const R: [&str; 32] = [
    "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
    "r16", "r17", "r18", "r19", "r20", "r21", "r22", "r23", "r24", "r25", "r26", "r27", "r28", "r29", "r30",
    "r31",
];
const R16: [&str; 16] =
    ["r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"];

/// System V ABI AMD64, 3.6.2.
pub(in crate::postmortem) const AMD64: Registers = Registers {
    printed: &[
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
    ],
    width: 6,
    columns: 1,
    dwarf: &[144, 136, 152, 128, 112, 104, 120, 160, 40, 48, 56, 64, 72, 80, 88, 96, 168],
    sp: 7,
    sp_is_cfa: true,
    code: ALL,
    wide_code: true,
    top: ALL,
};

/// System V ABI Intel386, 2.4.2 (DWARF numbers of gcc for ELF).
pub(in crate::postmortem) const I386: Registers = Registers {
    printed: &[
        ("eax", 64, 4),
        ("ebx", 52, 4),
        ("ecx", 60, 4),
        ("edx", 56, 4),
        ("edi", 36, 4),
        ("esi", 40, 4),
        ("ebp", 44, 4),
        ("esp", 48, 4),
        ("eip", 76, 4),
        ("eflags", 84, 4),
        ("cs", 80, 2),
        ("fs", 24, 2),
        ("gs", 20, 2),
    ],
    width: 6,
    columns: 1,
    dwarf: &[64, 60, 56, 52, 48, 44, 40, 36, 76],
    sp: 4,
    sp_is_cfa: true,
    code: NARROW,
    wide_code: false,
    top: NARROW,
};

const ARM_PRINTED: [(&str, u64, u8); 21] = row(
    [
        "trap", "error", "oldmask", "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "fp",
        "ip", "sp", "lr", "pc", "cpsr", "fault",
    ],
    20,
    4,
);

/// AADWARF32, 4.1.
pub(in crate::postmortem) const ARM: Registers = Registers {
    printed: &ARM_PRINTED,
    width: 7,
    columns: 1,
    dwarf: &run::<16>(32, 4),
    sp: 13,
    sp_is_cfa: true,
    code: NARROW & !1,
    wide_code: false,
    top: NARROW,
};

const ARM64_GENERAL: [(&str, u64, u8); 33] = row(
    [
        "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
        "r16", "r17", "r18", "r19", "r20", "r21", "r22", "r23", "r24", "r25", "r26", "r27", "r28", "r29",
        "lr", "sp", "pc",
    ],
    184,
    8,
);
const ARM64_PRINTED: [(&str, u64, u8); 34] = join(ARM64_GENERAL, [("fault", 176, 8)]);

/// AADWARF64, 4.1.
pub(in crate::postmortem) const ARM64: Registers = Registers {
    printed: &ARM64_PRINTED,
    width: 7,
    columns: 1,
    dwarf: &run::<32>(184, 8),
    sp: 31,
    sp_is_cfa: true,
    code: 0x0000_ffff_ffff_ffff,
    wide_code: true,
    top: ALL,
};

const RISCV64_GENERAL: [(&str, u64, u8); 31] = row(
    [
        "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7",
        "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
    ],
    184,
    8,
);
const RISCV64_PRINTED: [(&str, u64, u8); 32] = join(RISCV64_GENERAL, [("pc", 176, 8)]);

/// RISC-V ABIs, DWARF: x0 is nothing that is kept, and the frame has pc in its place.
pub(in crate::postmortem) const RISCV64: Registers = Registers {
    printed: &RISCV64_PRINTED,
    width: 3,
    columns: 2,
    dwarf: &run::<32>(176, 8),
    sp: 2,
    sp_is_cfa: true,
    code: ALL,
    wide_code: false,
    top: ALL,
};

const PPC64LE_GENERAL: [(&str, u64, u8); 32] = row(R, 232, 8);
const PPC64LE_PRINTED: [(&str, u64, u8); 38] = join(
    PPC64LE_GENERAL,
    [("pc", 488, 8), ("ctr", 512, 8), ("link", 520, 8), ("xer", 528, 8), ("ccr", 536, 8), ("trap", 552, 8)],
);
/// The link register is number 65.
const PPC64LE_DWARF: [u64; 66] = {
    let (mut out, general) = ([UNKNOWN; 66], run::<32>(232, 8));
    let mut index = 0;
    while index < general.len() {
        out[index] = general[index];
        index += 1;
    }
    out[65] = 520;
    out
};

/// OpenPOWER ELFv2 ABI, 2.4.
pub(in crate::postmortem) const PPC64LE: Registers = Registers {
    printed: &PPC64LE_PRINTED,
    width: 4,
    columns: 2,
    dwarf: &PPC64LE_DWARF,
    sp: 1,
    sp_is_cfa: true,
    code: ALL,
    wide_code: false,
    top: ALL,
};

const S390X_PRINTED: [(&str, u64, u8); 18] = join(row(R16, 56, 8), [("pc", 48, 8), ("link", 168, 8)]);

/// s390x ELF ABI, 1.7: the CFA lies 160 bytes above the stack pointer of the caller.
pub(in crate::postmortem) const S390X: Registers = Registers {
    printed: &S390X_PRINTED,
    width: 4,
    columns: 2,
    dwarf: &run::<16>(56, 8),
    sp: 15,
    sp_is_cfa: false,
    code: ALL,
    wide_code: false,
    top: ALL,
};

const LOONG64_PRINTED: [(&str, u64, u8); 34] = join(row(R, 184, 8), [("pc", 176, 8), ("link", 192, 8)]);

/// LoongArch ELF ABI, DWARF.
pub(in crate::postmortem) const LOONG64: Registers = Registers {
    printed: &LOONG64_PRINTED,
    width: 4,
    columns: 2,
    dwarf: &run::<32>(184, 8),
    sp: 3,
    sp_is_cfa: true,
    code: ALL,
    wide_code: false,
    top: ALL,
};

const MIPS64_PRINTED: [(&str, u64, u8); 36] =
    join(row(R, 40, 8), [("pc", 616, 8), ("link", 288, 8), ("lo", 584, 8), ("hi", 552, 8)]);

/// MIPS ABI: the return address is in number 31.
pub(in crate::postmortem) const MIPS64: Registers = Registers {
    printed: &MIPS64_PRINTED,
    width: 4,
    columns: 2,
    dwarf: &run::<32>(40, 8),
    sp: 29,
    sp_is_cfa: true,
    code: ALL,
    wide_code: false,
    top: ALL,
};
