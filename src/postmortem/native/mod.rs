//! Frames of C code, by the call frame information of the executable and of the
//! libraries that were found for the core (.eh_frame, .debug_frame; DWARF 5, 6.4).

pub(in crate::postmortem) mod exidx;
pub(in crate::postmortem) mod modules;

use gimli::{
    BaseAddresses, CfaRule, DebugFrame, EhFrame, EndianSlice, Register, RegisterRule, RunTimeEndian,
    UnwindContext, UnwindSection, UnwindTableRow,
};

use self::modules::Libraries;
use crate::addr::{LinkAddr, LoadBias, RuntimeAddr};
use crate::binary::Binary;
use crate::postmortem::process::registers::Registers;
use crate::postmortem::traceback::Traceback;
use crate::target::Goarch;

/// Most frames of C.
const MOST: usize = 128;

/// Values by DWARF number, of one frame.
type Values = Vec<Option<u64>>;

/// The frame that called: its registers and where it goes on.
struct Caller {
    values: Values,
    pc: Option<u64>,
}

/// What a row of call frame information says in the end, whatever section it is of.
struct Told {
    values: Values,
    /// `None` where the information says that there is no caller.
    back: Option<Register>,
}

impl Traceback<'_, '_> {
    /// Program counters in C code from the signal that ended the process to the
    /// first frame of Go, innermost first, and why they end where that is not Go.
    pub fn native(&self, libraries: &Libraries) -> (Vec<u64>, Option<String>) {
        let Some((frame, _)) = self.fatal_signal() else { return (Vec::new(), None) };
        if self.sites.at(self.runtime, frame.pc, true).is_some() {
            return (Vec::new(), None);
        }
        let registers = self.runtime.machine.saved;
        let mut values: Values = registers
            .dwarf()
            .map(|offset| {
                let at = offset.and_then(|offset| frame.address.checked_add(offset))?;
                self.runtime.memory.word(at)
            })
            .collect();
        let mut out = Vec::new();
        let mut pc = frame.pc;
        loop {
            let innermost = out.is_empty();
            if self.sites.at(self.runtime, pc, innermost).is_some() || pc == 0 {
                return (out, None);
            }
            if out.len() >= MOST {
                return (out, Some(format!("more than {MOST} frames of C")));
            }
            out.push(pc);
            match self.caller(libraries, registers, &values, pc, innermost) {
                Ok(Caller { pc: None, .. }) => return (out, None),
                Ok(Caller { pc: Some(back), values: next }) => (pc, values) = (back, next),
                Err(why) => return (out, Some(why)),
            }
        }
    }

    fn caller(
        &self,
        libraries: &Libraries,
        registers: &Registers,
        values: &Values,
        pc: u64,
        innermost: bool,
    ) -> Result<Caller, String> {
        let (binary, bias) = self.code_at(libraries, pc)?;
        let at = RuntimeAddr(pc).to_link(bias);
        let lookup = if innermost { at } else { at.call_site() };
        let told = self.row(binary, registers, values, lookup.0).map_err(|why| {
            let file = &binary.origin;
            format!("no call frame information for {pc:#x} in {file}: {why}")
        })?;
        let slot = |values: &Values, register: usize| values.get(register).copied().flatten();
        let (before, after) = (slot(values, registers.sp), slot(&told.values, registers.sp));
        // A function that has saved nothing yet has no frame of its own, and only
        // the innermost one can be such.
        let grows = after > before || innermost && after == before;
        if after.is_none() || !grows {
            return Err(format!("the frame at {pc:#x} does not lead up the stack"));
        }
        let Some(back) = told.back else { return Ok(Caller { values: told.values, pc: None }) };
        match slot(&told.values, usize::from(back.0)) {
            Some(back) => Ok(Caller { pc: Some(back & registers.code), values: told.values }),
            None => Err(format!("the return address of the frame at {pc:#x} is not in the core")),
        }
    }

    /// The file that holds the code there.
    fn code_at<'l>(&'l self, libraries: &'l Libraries, pc: u64) -> Result<(&'l Binary, LoadBias), String> {
        let runtime = self.runtime;
        let at = RuntimeAddr(pc).to_link(runtime.bias);
        if runtime.binary.image.offset_of(LinkAddr(at.0)).is_some() {
            return Ok((runtime.binary, runtime.bias));
        }
        libraries.code_at(self.core, pc)
    }

    /// Looks in both sections, and in the table of arm: gcc writes no .eh_frame for arm,
    /// and for riscv64 only where it is asked to.
    fn row(&self, binary: &Binary, registers: &Registers, values: &Values, at: u64) -> Result<Told, String> {
        let words = self.runtime.memory.words;
        let endian = if words.big_endian { RunTimeEndian::Big } else { RunTimeEndian::Little };
        let mut missing = Vec::new();
        let empty = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
        match (binary.image.section(".eh_frame"), binary.section(".eh_frame")) {
            (Some(section), Some(bytes)) if !empty(bytes) => {
                let mut frames = EhFrame::new(bytes, endian);
                frames.set_address_size(words.pointer_size);
                let bases = BaseAddresses::default().set_eh_frame(section.address);
                match self.told(&frames, &bases, registers, values, at) {
                    Err(why) => missing.push(format!(".eh_frame: {why}")),
                    told => return told,
                }
            }
            _ => missing.push("no .eh_frame".to_owned()),
        }
        match binary.debug_section(".debug_frame") {
            Ok(bytes) if !empty(bytes) => {
                let mut frames = DebugFrame::new(bytes, endian);
                frames.set_address_size(words.pointer_size);
                match self.told(&frames, &BaseAddresses::default(), registers, values, at) {
                    Err(why) => missing.push(format!(".debug_frame: {why}")),
                    told => return told,
                }
            }
            Ok(_) => missing.push("no .debug_frame".to_owned()),
            Err(why) => missing.push(format!(".debug_frame: {why}")),
        }
        if self.runtime.machine.arch == Goarch::Arm && binary.image.section(".ARM.exidx").is_some() {
            match exidx::unwind(&self.runtime.memory, binary, values, at) {
                Ok(values) => return Ok(Told { values, back: Some(Register(exidx::PC)) }),
                Err(why) => missing.push(why),
            }
        }
        Err(missing.join(", "))
    }

    fn told<'s, S>(
        &self,
        frames: &S,
        bases: &BaseAddresses,
        registers: &Registers,
        values: &Values,
        at: u64,
    ) -> Result<Told, String>
    where
        S: UnwindSection<EndianSlice<'s, RunTimeEndian>>,
    {
        let entry = frames.fde_for_address(bases, at, S::cie_from_offset).map_err(|e| e.to_string())?;
        let mut context = UnwindContext::new();
        let row = entry
            .unwind_info_for_address(frames, bases, &mut context, at)
            .map_err(|error| error.to_string())?;
        let back = entry.cie().return_address_register();
        let cfa = match row.cfa() {
            CfaRule::RegisterAndOffset { register, offset } => {
                let base = values.get(usize::from(register.0)).copied().flatten();
                base.map(|base| registers.wrap(base.wrapping_add_signed(*offset)))
                    .ok_or("the register that the frame is told by is not known")?
            }
            CfaRule::Expression(_) => {
                return Err("the frame is told by an expression, which is not evaluated".to_owned());
            }
        };
        let ends = row.register(back) == Some(RegisterRule::Undefined);
        let values = self.restored(row, registers, values, cfa);
        Ok(Told { values, back: (!ends).then_some(back) })
    }

    /// The registers as they were in the caller.
    fn restored(
        &self,
        row: &UnwindTableRow<usize>,
        registers: &Registers,
        values: &Values,
        cfa: u64,
    ) -> Values {
        let memory = &self.runtime.memory;
        let restore = |(number, value): (usize, &Option<u64>)| {
            let rule = u16::try_from(number).ok().and_then(|number| row.register(Register(number)));
            match rule {
                // What is not told was not touched, but for the stack pointer,
                // which is the CFA wherever it is not saved itself (s390x).
                None if number == registers.sp && registers.sp_is_cfa => Some(cfa),
                None | Some(RegisterRule::Undefined | RegisterRule::SameValue) => *value,
                Some(RegisterRule::Offset(offset)) => {
                    memory.word(registers.wrap(cfa.wrapping_add_signed(offset)))
                }
                Some(RegisterRule::ValOffset(offset)) => {
                    Some(registers.wrap(cfa.wrapping_add_signed(offset)))
                }
                Some(RegisterRule::Register(other)) => values.get(usize::from(other.0)).copied().flatten(),
                _ => None,
            }
        };
        values.iter().enumerate().map(restore).collect()
    }
}
