//! The micro-architecture level that a program was built for: GOARM, GOAMD64
//! and their kin. Build info first; where it is missing, what the level leaves
//! in the code.

use object::{Object, ObjectSymbol};

use super::buildinfo::BuildInfo;
use super::{Binary, Fact};
use crate::addr::LinkAddr;
use crate::target::Goarch;

/// What is known of the level.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// `GOARM`, `GOAMD64`, …
    pub variable: Option<&'static str>,
    /// The value in force, as Go spells it.
    pub in_force: Option<Fact<String>>,
    /// The value that build info records, where it is not the one in force.
    pub recorded: Option<String>,
}

/// Go accepts `GOARM=8` and the like from 1.23 to 1.27.3 and builds for the
/// default, while build info keeps what was typed
/// (internal/buildcfg/cfg.go: the error is overwritten when GOARM64 is parsed).
pub(super) fn goarm_is_valid(value: &str) -> bool {
    let (level, mode) = value.split_once(',').map_or((value, None), |(level, mode)| (level, Some(mode)));
    matches!(level, "5" | "6" | "7") && matches!(mode, None | Some("softfloat" | "hardfloat"))
}

pub(super) fn read(binary: &Binary, arch: Goarch, info: Option<&BuildInfo>) -> Level {
    let Some(variable) = arch.level_variable() else { return Level::default() };
    let mut level = Level { variable: Some(variable), in_force: None, recorded: None };
    let recorded = info.and_then(|info| info.setting(variable));
    let measured = || match arch {
        Goarch::Arm => goarm(binary),
        Goarch::Amd64 => goamd64(binary),
        Goarch::I386 | Goarch::Mips | Goarch::Mipsle | Goarch::Mips64 | Goarch::Mips64le => {
            softfloat(binary, arch)
        }
        _ => None,
    };
    match recorded {
        Some(value) if arch == Goarch::Arm && !goarm_is_valid(value) => {
            level.recorded = Some(value.to_owned());
            // Cross-compiling, as everybody does for ARM, the default is 7 since Go 1.21.
            let default = || {
                Fact::new("7".to_owned(), "default of Go 1.21 and later, since the recorded value is none")
            };
            level.in_force = Some(measured().unwrap_or_else(default));
        }
        Some(value) => level.in_force = Some(Fact::new(value.to_owned(), info.map_or("", |info| info.from))),
        None => level.in_force = measured(),
    }
    level
}

fn has_function(binary: &Binary, name: &str) -> Option<bool> {
    let region = binary.pclntab().ok()?.name_region();
    let mut framed = vec![0];
    framed.extend_from_slice(name.as_bytes());
    framed.push(0);
    Some(memchr::memmem::find(region, &framed).is_some())
}

/// Software floating point is linked in only when the compiler calls it.
fn softfloat(binary: &Binary, arch: Goarch) -> Option<Fact<String>> {
    let soft = has_function(binary, "runtime.fadd64")?;
    let hard = if arch == Goarch::I386 { "sse2" } else { "hardfloat" };
    let from = if soft { "runtime.fadd64 is in the pclntab" } else { "no runtime.fadd64 in the pclntab" };
    Some(Fact::new(if soft { "softfloat" } else { hard }.to_owned(), from))
}

fn goarm(binary: &Binary) -> Option<Fact<String>> {
    goarm_symbol(binary).or_else(|| goarm_code(binary))
}

/// One-byte constants of the runtime, where there is a symbol table:
/// `runtime.goarm` and, since Go 1.22, `runtime.goarmsoftfp`.
fn goarm_symbol(binary: &Binary) -> Option<Fact<String>> {
    let file = object::File::parse(binary.bytes()).ok()?;
    let byte = |name: &str| {
        let symbol = file.symbol_by_name(name)?;
        binary.bytes().get(binary.image.offset_of(LinkAddr(symbol.address()))?).copied()
    };
    let level = byte("runtime.goarm").filter(|level| (5..=7).contains(level))?;
    let mode = match (level, byte("runtime.goarmsoftfp")) {
        (6 | 7, Some(1)) => ",softfloat",
        (5, Some(0)) => ",hardfloat",
        _ => "",
    };
    Some(Fact::new(format!("{level}{mode}"), "the constant runtime.goarm"))
}

/// MOVW/MOVT pairs need ARMv7 and the compiler uses them for every constant
/// there: 8.8 or more in 1,000 instructions against 0.007 below.
fn goarm_code(binary: &Binary) -> Option<Fact<String>> {
    let soft = has_function(binary, "runtime.fadd64")?;
    let table = binary.pclntab().ok()?;
    let start = binary.image.offset_of(table.layout().text)?;
    let last = table.function(table.layout().functions.checked_sub(1)?)?;
    let length = usize::try_from(last.end.0.checked_sub(table.layout().text.0)?).ok()?;
    let code = binary.bytes().get(start..start.checked_add(length)?)?;
    let (mut total, mut wide) = (0u64, 0u64);
    for word in code.chunks_exact(4).filter_map(|word| word.first_chunk::<4>()) {
        let masked = u32::from_le_bytes(*word) & 0x0ff0_0000;
        total = total.saturating_add(1);
        wide = wide.saturating_add(u64::from(masked == 0x0300_0000 || masked == 0x0340_0000));
    }
    let v7 = wide.saturating_mul(5000) > total;
    let value = match (v7, soft) {
        (true, false) => "7",
        (true, true) => "7,softfloat",
        (false, true) => "5",
        (false, false) => "6",
    };
    let moves = if v7 { "MOVW/MOVT instructions" } else { "no MOVW/MOVT instructions" };
    let float = if soft { "software floating point" } else { "VFP instructions" };
    let doubt = match value {
        "5" => "; 6,softfloat looks the same",
        "6" => "; 5,hardfloat looks the same",
        _ => "",
    };
    Some(Fact::new(value.to_owned(), format!("machine code: {moves}, {float}{doubt}")))
}

/// The refusal text is linked in for v2 and up (runtime/asm_amd64.s, `bad_cpu_msg`).
fn goamd64(binary: &Binary) -> Option<Fact<String>> {
    let text = b"This program can only be run on AMD64 processors with v";
    let found = memchr::memmem::find(binary.bytes(), text);
    let digit = found.and_then(|at| binary.bytes().get(at.saturating_add(text.len())));
    Some(match digit {
        Some(digit @ b'2'..=b'4') => {
            Fact::new(format!("v{}", char::from(*digit)), "refusal text of the runtime")
        }
        _ => Fact::new("v1".to_owned(), "the runtime's refusal text is absent"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goarm_values() {
        for good in ["5", "6", "7", "7,softfloat", "6,hardfloat"] {
            assert!(goarm_is_valid(good), "{good}");
        }
        for bad in ["8", "4", "v7", "armhf", "7,soft", "7,", ""] {
            assert!(!goarm_is_valid(bad), "{bad}");
        }
    }
}
