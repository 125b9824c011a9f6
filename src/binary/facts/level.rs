//! The micro-architecture level that a program was built for: GOARM, GOAMD64
//! and their kin. Build info first; where it is missing, what the level leaves
//! in the code.

use object::{Object, ObjectSymbol};

use super::super::buildinfo::BuildInfo;
use super::super::{Binary, Fact};
use super::attributes::{self, CFloat};
use super::code;
use super::names::Mark;
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
    /// `hardfloat` or `softfloat`, where Go knows both.
    pub float: Option<Fact<&'static str>>,
    /// What the C compiler says of its own code.
    pub c: CFloat,
}

/// Go accepts `GOARM=8` and the like from 1.23 to 1.27.3 and builds for the
/// default, while build info keeps what was typed
/// (internal/buildcfg/cfg.go: the error is overwritten when GOARM64 is parsed).
pub(super) fn goarm_is_valid(value: &str) -> bool {
    let (level, mode) = value.split_once(',').map_or((value, None), |(level, mode)| (level, Some(mode)));
    matches!(level, "5" | "6" | "7") && matches!(mode, None | Some("softfloat" | "hardfloat"))
}

pub(super) fn read(binary: &Binary, arch: Goarch, info: Option<&BuildInfo>) -> Level {
    let mut level = Level { c: attributes::read(binary, arch), ..Level::default() };
    let Some(variable) = arch.level_variable() else { return level };
    level.variable = Some(variable);
    let recorded = info.and_then(|info| info.setting(variable));
    let measured = || measured(binary, arch);
    match recorded {
        Some(value) if arch == Goarch::Arm && !goarm_is_valid(value) => {
            level.recorded = Some(value.to_owned());
            // Cross-compiling, as everybody does for ARM, the default is 7 since Go 1.21.
            let default = || {
                let from = "default of Go 1.21 and later, since the recorded value is none";
                Fact::new("7".to_owned(), from).strong()
            };
            level.in_force = Some(measured().unwrap_or_else(default));
        }
        Some(value) => level.in_force = Some(Fact::new(value.to_owned(), info.map_or("", |info| info.from))),
        None => level.in_force = measured(),
    }
    level.float = float(binary, arch, level.in_force.as_ref());
    level
}

/// The level by what it leaves in the file.
fn measured(binary: &Binary, arch: Goarch) -> Option<Fact<String>> {
    let minor = binary.go_minor();
    match arch {
        Goarch::Arm => goarm_symbol(binary).or_else(|| code::goarm(binary, softfloat(binary)?.value)),
        Goarch::Amd64 => goamd64(binary, minor),
        Goarch::Arm64 => goarm64(binary, minor),
        Goarch::Riscv64 => first("rva20u64", minor, 23).or_else(|| code::goriscv64(binary)),
        Goarch::Ppc64 | Goarch::Ppc64le => code::goppc64(binary),
        Goarch::I386 | Goarch::Mips | Goarch::Mipsle | Goarch::Mips64 | Goarch::Mips64le => {
            let soft = softfloat(binary)?;
            let hard = if arch == Goarch::I386 { "sse2" } else { "hardfloat" };
            Some(Fact::new(if soft.value { "softfloat" } else { hard }.to_owned(), soft.from))
        }
        _ => None,
    }
}

/// The only level there was, before Go 1.`since` knew others.
fn first(level: &str, minor: Option<u32>, since: u32) -> Option<Fact<String>> {
    minor
        .filter(|minor| *minor < since)
        .map(|_| Fact::new(level.to_owned(), format!("the only level before Go 1.{since}")))
}

/// How floating point is calculated, where Go knows two ways.
fn float(binary: &Binary, arch: Goarch, level: Option<&Fact<String>>) -> Option<Fact<&'static str>> {
    let level = level?;
    let by = |mode| Some(Fact { value: mode, from: level.from.clone(), strength: level.strength });
    match arch {
        Goarch::Arm => match level.value.split_once(',') {
            Some((_, "softfloat")) => by("softfloat"),
            Some(_) => by("hardfloat"),
            // internal/buildcfg/cfg.go, `goarm`: 5 is soft unless told otherwise.
            None => by(if level.value == "5" { "softfloat" } else { "hardfloat" }),
        },
        Goarch::I386 | Goarch::Mips | Goarch::Mipsle | Goarch::Mips64 | Goarch::Mips64le => {
            match softfloat(binary) {
                Some(soft) => Some(Fact::new(if soft.value { "softfloat" } else { "hardfloat" }, soft.from)),
                None => by(if level.value == "softfloat" { "softfloat" } else { "hardfloat" }),
            }
        }
        _ => None,
    }
}

/// Software floating point is linked in only when the compiler calls it.
fn softfloat(binary: &Binary) -> Option<Fact<bool>> {
    let soft = binary.names()?.has(Mark::SoftFloat);
    let from = if soft { "runtime.fadd64 is in the pclntab" } else { "no runtime.fadd64 in the pclntab" };
    Some(Fact::new(soft, from))
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

/// The refusal text is linked in for v2 and up (runtime/asm_amd64.s, `bad_cpu_msg`).
fn goamd64(binary: &Binary, minor: Option<u32>) -> Option<Fact<String>> {
    if let Some(level) = first("v1", minor, 18) {
        return Some(level);
    }
    let text = b"This program can only be run on AMD64 processors with v";
    let digit = find(binary, text).and_then(|rest| rest.first());
    Some(match digit {
        Some(digit @ b'2'..=b'4') => {
            Fact::new(format!("v{}", char::from(*digit)), "refusal text of the runtime")
        }
        _ => Fact::new("v1".to_owned(), "the runtime's refusal text is absent").strong(),
    })
}

/// Since Go 1.25 a build that needs LSE refuses other processors
/// (runtime/asm_arm64.s, `no_lse_msg`, on Linux and FreeBSD).
fn goarm64(binary: &Binary, minor: Option<u32>) -> Option<Fact<String>> {
    if let Some(level) = first("v8.0", minor, 23) {
        return Some(level);
    }
    let text = b"This program can only run on ARM64 processors with LSE";
    if find(binary, text).is_some() {
        let from = "refusal text of the runtime (v8.0,lse and levels above v8.1 have it too)";
        return Some(Fact::new("v8.1".to_owned(), from).strong());
    }
    let from = "the runtime's refusal text is absent";
    minor.filter(|minor| *minor >= 25).map(|_| Fact::new("v8.0".to_owned(), from).strong())
}

/// What follows a text in the read-only data, or in the whole file where there
/// are no sections.
fn find<'a>(binary: &'a Binary, text: &[u8]) -> Option<&'a [u8]> {
    let names = [".rodata", "__rodata", ".rdata"];
    let sections: Vec<&[u8]> = names.iter().filter_map(|name| binary.section(name)).collect();
    let areas = if sections.is_empty() { vec![binary.bytes()] } else { sections };
    areas.into_iter().find_map(|area| {
        let at = memchr::memmem::find(area, text)?;
        area.get(at.saturating_add(text.len())..)
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
