//! Frames of C code, by the call frame information of the executable (.eh_frame;
//! DWARF 5, 6.4; System V ABI AMD64, 3.6.2). On amd64 alone.

use gimli::{
    BaseAddresses, CfaRule, EhFrame, Register, RegisterRule, RunTimeEndian, UnwindContext, UnwindSection,
};

use super::text::Traceback;
use crate::addr::{LinkAddr, RuntimeAddr};
use crate::target::Goarch;

/// Most frames of C.
const MOST: usize = 128;
/// DWARF numbers of the registers that a `ucontext` holds, with their offsets in
/// it (runtime/defs_linux_amd64.go).
const SAVED: [(u16, u64); 17] = [
    (0, 144),
    (1, 136),
    (2, 152),
    (3, 128),
    (4, 112),
    (5, 104),
    (6, 120),
    (7, 160),
    (8, 40),
    (9, 48),
    (10, 56),
    (11, 64),
    (12, 72),
    (13, 80),
    (14, 88),
    (15, 96),
    (16, 168),
];
const SP: usize = 7;
const PC: usize = 16;

type Registers = [Option<u64>; 17];

impl Traceback<'_, '_> {
    /// Program counters in C code from the signal that ended the process to the
    /// first frame of Go, innermost first, and why they end where that is not Go.
    pub fn native(&self) -> (Vec<u64>, Option<String>) {
        let Some((frame, _)) = self.fatal_signal() else { return (Vec::new(), None) };
        if self.runtime.machine.arch != Goarch::Amd64 || self.sites.at(self.runtime, frame.pc, true).is_some()
        {
            return (Vec::new(), None);
        }
        let mut registers: Registers = [None; 17];
        for (slot, (_, offset)) in registers.iter_mut().zip(SAVED) {
            *slot = frame.address.checked_add(offset).and_then(|at| self.runtime.memory.word(at));
        }
        let mut out = Vec::new();
        let mut innermost = true;
        while let Some(pc) = registers.get(PC).copied().flatten() {
            if self.sites.at(self.runtime, pc, innermost).is_some() || pc == 0 {
                return (out, None);
            }
            if out.len() >= MOST {
                return (out, Some(format!("more than {MOST} frames of C")));
            }
            out.push(pc);
            match self.step(&registers, pc, innermost) {
                Ok(next) => registers = next,
                Err(why) => return (out, Some(why)),
            }
            innermost = false;
        }
        (out, Some("the return address is not in the core".to_owned()))
    }

    fn step(&self, registers: &Registers, pc: u64, innermost: bool) -> Result<Registers, String> {
        let runtime = self.runtime;
        let binary = runtime.binary;
        let at = RuntimeAddr(pc).to_link(runtime.bias);
        if binary.image.offset_of(LinkAddr(at.0)).is_none() {
            return Err(format!("{} is not part of the executable", self.core.mapped_at(pc)));
        }
        let section = binary.image.section(".eh_frame").ok_or("the executable has no .eh_frame")?;
        let bytes = binary.section(".eh_frame").unwrap_or_default();
        let endian = if runtime.memory.words.big_endian { RunTimeEndian::Big } else { RunTimeEndian::Little };
        let mut frames = EhFrame::new(bytes, endian);
        frames.set_address_size(runtime.memory.words.pointer_size);
        let bases = BaseAddresses::default().set_eh_frame(section.address);
        let lookup = if innermost { at.0 } else { at.call_site().0 };
        let mut context = UnwindContext::new();
        let row = frames
            .unwind_info_for_address(&bases, &mut context, lookup, EhFrame::cie_from_offset)
            .map_err(|error| format!("no call frame information for {pc:#x}: {error}"))?;
        let value = |register: Register| registers.get(usize::from(register.0)).copied().flatten();
        let cfa = match row.cfa() {
            CfaRule::RegisterAndOffset { register, offset } => {
                value(*register).map(|value| value.wrapping_add_signed(*offset))
            }
            CfaRule::Expression(_) => None,
        };
        let cfa = cfa.ok_or_else(|| {
            format!("the frame at {pc:#x} is told by an expression, which is not evaluated")
        })?;
        let sp = registers.get(SP).copied().flatten().unwrap_or(0);
        if cfa <= sp {
            return Err(format!("the frame at {pc:#x} does not lead up the stack"));
        }
        let mut next = *registers;
        for (slot, (number, _)) in next.iter_mut().zip(SAVED) {
            *slot = match row.register(Register(number)) {
                Some(RegisterRule::Undefined) if usize::from(number) == PC => None,
                None | Some(RegisterRule::Undefined | RegisterRule::SameValue) => *slot,
                Some(RegisterRule::Offset(offset)) => runtime.memory.word(cfa.wrapping_add_signed(offset)),
                Some(RegisterRule::ValOffset(offset)) => Some(cfa.wrapping_add_signed(offset)),
                Some(RegisterRule::Register(other)) => value(other),
                _ => None,
            };
        }
        if let Some(slot) = next.get_mut(SP) {
            *slot = Some(cfa);
        }
        Ok(next)
    }
}
