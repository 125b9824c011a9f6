//! What differs between architectures in a core of Linux: the order of the
//! registers in NT_PRSTATUS (asm/ptrace.h, asm/elf.h), where a signal frame
//! keeps them (asm/sigcontext.h, asm/ucontext.h), and how Go lays out frames
//! (runtime/internal/sys, internal/runtime/sys: `MinFrameSize`, `StackAlign`).
//!
//! Checked on cores of Linux: amd64, 386, arm, arm64, ppc64le, riscv64, s390x; of
//! qemu-user alone: loong64, mips64le.

use super::registers::{self, Registers};
use crate::target::Goarch;

/// One row of the table.
pub struct Machine {
    pub arch: Goarch,
    /// In the order of NT_PRSTATUS; `""` is a word without a name.
    pub registers: &'static [&'static str],
    pub(in crate::postmortem) pc: usize,
    pub(in crate::postmortem) sp: usize,
    /// Where the machine has a link register.
    pub(in crate::postmortem) lr: Option<usize>,
    /// Bytes below a frame's arguments that hold no arguments.
    pub(in crate::postmortem) min_frame: u64,
    pub(in crate::postmortem) stack_align: u64,
    pub(in crate::postmortem) context: Context,
    /// All registers of a signal frame.
    pub(in crate::postmortem) saved: &'static Registers,
    /// Bytes by which the signal mask of Linux is longer than 8.
    pub(in crate::postmortem) mask_shift: u64,
}

/// Offsets in a `ucontext`.
pub(in crate::postmortem) struct Context {
    /// `uc_stack.ss_sp` and `ss_size`.
    pub(in crate::postmortem) stack: (u64, u64),
    pub(in crate::postmortem) pc: u64,
    pub(in crate::postmortem) sp: u64,
    pub(in crate::postmortem) lr: Option<u64>,
    /// `siginfo` from the start of the `ucontext`. Of several it is that whose address is
    /// the word 16 bytes before it, else the last.
    pub(in crate::postmortem) siginfo: &'static [i64],
}

const AMD64: [&str; 27] = [
    "r15", "r14", "r13", "r12", "rbp", "rbx", "r11", "r10", "r9", "r8", "rax", "rcx", "rdx", "rsi", "rdi",
    "orig_rax", "rip", "cs", "rflags", "rsp", "ss", "fs_base", "gs_base", "ds", "es", "fs", "gs",
];
const I386: [&str; 17] = [
    "ebx", "ecx", "edx", "esi", "edi", "ebp", "eax", "ds", "es", "fs", "gs", "orig_eax", "eip", "cs",
    "eflags", "esp", "ss",
];
const ARM: [&str; 18] = [
    "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "fp", "ip", "sp", "lr", "pc", "cpsr",
    "orig_r0",
];
const ARM64: [&str; 34] = [
    "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
    "r16", "r17", "r18", "r19", "r20", "r21", "r22", "r23", "r24", "r25", "r26", "r27", "r28", "r29", "lr",
    "sp", "pc", "pstate",
];
const RISCV64: [&str; 32] = [
    "pc", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6",
    "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
];
const PPC64LE: [&str; 44] = [
    "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
    "r16", "r17", "r18", "r19", "r20", "r21", "r22", "r23", "r24", "r25", "r26", "r27", "r28", "r29", "r30",
    "r31", "pc", "msr", "orig_r3", "ctr", "link", "xer", "ccr", "softe", "trap", "dar", "dsisr", "result",
];
const S390X: [&str; 18] = [
    "psw_mask", "pc", "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "r13",
    "link", "sp",
];
const LOONG64: [&str; 35] = [
    "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
    "r16", "r17", "r18", "r19", "r20", "r21", "r22", "r23", "r24", "r25", "r26", "r27", "r28", "r29", "r30",
    "r31", "orig_a0", "pc", "badv",
];
const MIPS64: [&str; 38] = [
    "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
    "r16", "r17", "r18", "r19", "r20", "r21", "r22", "r23", "r24", "r25", "r26", "r27", "r28", "r29", "r30",
    "r31", "lo", "hi", "pc", "badvaddr", "status", "cause",
];

const WIDE: (u64, u64) = (16, 32);
const NARROW: (u64, u64) = (8, 16);

/// `struct rt_sigframe` of arch/powerpc/kernel/signal_64.c (6.1), the second for kernels
/// with transactional memory, which have another `ucontext` between; the last as
/// qemu-user has it, with no pointer to it.
const PPC64LE_SIGINFO: &[i64] = &[1760, 3456, 1752];

const fn context(stack: (u64, u64), pc: u64, sp: u64, lr: Option<u64>, siginfo: &'static [i64]) -> Context {
    Context { stack, pc, sp, lr, siginfo }
}

static MACHINES: [Machine; 9] = [
    Machine {
        arch: Goarch::Amd64,
        registers: &AMD64,
        pc: 16,
        sp: 19,
        lr: None,
        min_frame: 0,
        stack_align: 8,
        context: context(WIDE, 168, 160, None, &[304]),
        saved: &registers::AMD64,
        mask_shift: 0,
    },
    Machine {
        arch: Goarch::I386,
        registers: &I386,
        pc: 12,
        sp: 15,
        lr: None,
        min_frame: 0,
        stack_align: 4,
        context: context(NARROW, 76, 48, None, &[-128]),
        saved: &registers::I386,
        mask_shift: 0,
    },
    Machine {
        arch: Goarch::Arm,
        registers: &ARM,
        pc: 15,
        sp: 13,
        lr: Some(14),
        min_frame: 4,
        stack_align: 4,
        context: context(NARROW, 92, 84, Some(88), &[-128]),
        saved: &registers::ARM,
        mask_shift: 0,
    },
    Machine {
        arch: Goarch::Arm64,
        registers: &ARM64,
        pc: 32,
        sp: 31,
        lr: Some(30),
        min_frame: 8,
        stack_align: 16,
        context: context(WIDE, 440, 432, Some(424), &[-128]),
        saved: &registers::ARM64,
        mask_shift: 0,
    },
    Machine {
        arch: Goarch::Riscv64,
        registers: &RISCV64,
        pc: 0,
        sp: 2,
        lr: Some(1),
        min_frame: 8,
        stack_align: 8,
        context: context(WIDE, 176, 192, Some(184), &[-128]),
        saved: &registers::RISCV64,
        mask_shift: 0,
    },
    Machine {
        arch: Goarch::Ppc64le,
        registers: &PPC64LE,
        pc: 32,
        sp: 1,
        lr: Some(36),
        min_frame: 32,
        stack_align: 16,
        context: context(WIDE, 488, 240, Some(520), PPC64LE_SIGINFO),
        saved: &registers::PPC64LE,
        mask_shift: 0,
    },
    Machine {
        arch: Goarch::S390x,
        registers: &S390X,
        pc: 1,
        sp: 17,
        lr: Some(16),
        min_frame: 8,
        stack_align: 8,
        context: context(WIDE, 48, 176, Some(168), &[-128]),
        saved: &registers::S390X,
        mask_shift: 0,
    },
    Machine {
        arch: Goarch::Loong64,
        registers: &LOONG64,
        pc: 33,
        sp: 3,
        lr: Some(1),
        min_frame: 8,
        stack_align: 8,
        context: context(WIDE, 176, 208, Some(192), &[-128]),
        saved: &registers::LOONG64,
        mask_shift: 0,
    },
    Machine {
        arch: Goarch::Mips64le,
        registers: &MIPS64,
        pc: 34,
        sp: 29,
        lr: Some(31),
        min_frame: 8,
        stack_align: 8,
        context: context((16, 24), 616, 272, Some(288), &[-128]),
        saved: &registers::MIPS64,
        mask_shift: 8,
    },
];

impl Machine {
    pub(in crate::postmortem) fn of(arch: Goarch) -> Option<&'static Machine> {
        MACHINES.iter().find(|machine| machine.arch == arch)
    }

    /// Offset of the registers in NT_PRSTATUS (`struct elf_prstatus` of
    /// linux/elfcore.h: siginfo, signals, ids and four times come first).
    pub(in crate::postmortem) fn registers_at(&self) -> usize {
        if self.arch.pointer_size() == 8 { 112 } else { 72 }
    }
}
