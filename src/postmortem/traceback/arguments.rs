//! Arguments of a frame, as the runtime prints them (runtime/traceback.go,
//! `printArgs`, 1.27; `printArgs` of 1.18 and 1.19 takes liveness elsewhere).

use super::hex::hex;
use crate::addr::LinkAddr;
use crate::binary::Function;
use crate::postmortem::runtime::Runtime;

/// The program of FUNCDATA_ArgInfo, and which slots are live at one pc.
pub(in crate::postmortem) struct Arguments<'a> {
    program: &'a [u8],
    /// The smallest offset that is tracked, and the bits from there on.
    live: Option<(u8, Option<&'a [u8]>)>,
}

/// Longest program (`abi.TraceArgsMaxLen` is far below).
const MAX_PROGRAM: usize = 256;

impl<'a> Arguments<'a> {
    pub(in crate::postmortem) fn of(
        runtime: &Runtime<'a>,
        function: &Function<'a>,
        at: LinkAddr,
    ) -> Option<Arguments<'a>> {
        let table = &runtime.table;
        let program = table.argument_info(function)?;
        // Up to 1.19 the pc had been moved to the outermost inlined call by then.
        let at = if runtime.minor <= 19 { table.physical_pc(function, at) } else { at };
        Some(Arguments { program, live: table.argument_liveness(function, at) })
    }

    /// Appends the list without its parentheses. A value that cannot be read is `_`.
    pub(in crate::postmortem) fn print(&self, runtime: &Runtime<'_>, base: u64, out: &mut String) {
        let start_offset = self.live.map_or(0xff, |(start, _)| start);
        let (mut start, mut slot) = (true, 0u8);
        let mut program = self.program.iter().take(MAX_PROGRAM).copied();
        while let Some(op) = program.next() {
            let comma = |out: &mut String, start: bool| {
                if !start {
                    out.push_str(", ");
                }
            };
            match op {
                0xff => return,
                0xfe => {
                    comma(out, start);
                    out.push('{');
                    start = true;
                    continue;
                }
                0xfd => out.push('}'),
                0xfc => {
                    comma(out, start);
                    out.push_str("...");
                }
                0xfb => {
                    comma(out, start);
                    out.push('_');
                }
                offset => {
                    let Some(size) = program.next() else { return };
                    comma(out, start);
                    match runtime.memory.number(base.wrapping_add(offset.into()), size.min(8)) {
                        Some(value) => {
                            hex(value, out);
                            if !self.is_live(offset, slot, start_offset) {
                                out.push('?');
                            }
                        }
                        None => out.push('_'),
                    }
                    if offset >= start_offset {
                        slot = slot.saturating_add(1);
                    }
                }
            }
            start = false;
        }
    }

    fn is_live(&self, offset: u8, slot: u8, start_offset: u8) -> bool {
        match self.live {
            Some((_, Some(bits))) if offset >= start_offset => {
                let byte = bits.get(usize::from(slot >> 3)).copied().unwrap_or(0);
                byte & 1u8.wrapping_shl(u32::from(slot & 7)) != 0
            }
            _ => true,
        }
    }

    /// The words in the order printed.
    pub(in crate::postmortem) fn words(&self, runtime: &Runtime<'_>, base: u64) -> impl Iterator<Item = u64> {
        let mut program = self.program.iter().take(MAX_PROGRAM).copied().take_while(|op| *op != 0xff);
        std::iter::from_fn(move || {
            loop {
                let op = program.next()?;
                if op < 0xfb {
                    let size = program.next()?;
                    return runtime.memory.number(base.wrapping_add(op.into()), size.min(8));
                }
            }
        })
    }
}
