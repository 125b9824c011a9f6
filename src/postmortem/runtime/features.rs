//! The processor as the runtime saw it: the list of features that GODEBUG=cpu.NAME=off
//! can turn off (internal/cpu/cpu.go, `options`, 1.19 to 1.27), whose elements lead to
//! the variables that code looks at. Features that the program's own level asks for
//! (GOAMD64=v3) are not in it.

use super::Runtime;
use crate::target::Goarch;

/// One feature, by the name that GODEBUG has for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature {
    pub name: String,
    /// Code that asks takes it to be there.
    pub present: bool,
    /// GODEBUG said so.
    pub specified: bool,
}

/// Features of the longest list (s390x, 1.27: 19), and more.
const MOST: u64 = 128;
/// Bytes of a name; riscv64 has one of a single letter, `v` (1.25 and later).
const LONGEST: u64 = 24;
/// Places that lead to one feature at least; a damaged core may have any number.
const MOST_TRIED: usize = 1000;

impl Runtime<'_> {
    /// # Errors
    /// Why they are not told, in words.
    pub fn features(&self) -> Result<Vec<Feature>, String> {
        if let Some(at) = self.variable("internal/cpu.options") {
            return self
                .feature_list(at)
                .ok_or_else(|| "internal/cpu.options is not in the core, or damaged".to_owned());
        }
        let size = self.pointer_size();
        let begins = |at: &u64| self.memory.word(*at).is_some_and(|list| self.feature(list).is_some());
        let found = self.places(size).filter(begins).take(MOST_TRIED).find_map(|at| self.feature_list(at));
        found.ok_or_else(|| {
            "the list of CPU features (internal/cpu.options) was not found: the process died before it was made, or \
             the port has none"
                .to_owned()
        })
    }

    /// A slice of `option`: name, pointer to the variable, two flags.
    fn feature_list(&self, at: u64) -> Option<Vec<Feature>> {
        let size = self.pointer_size();
        let word = |at: u64, index: u64| self.memory.word(at.checked_add(index.checked_mul(size)?)?);
        let (list, length, capacity) = (word(at, 0)?, word(at, 1)?, word(at, 2)?);
        if list == 0 || length == 0 || length > capacity || capacity > MOST {
            return None;
        }
        let mut out: Vec<Feature> = Vec::new();
        for index in 0..length {
            let option = list.checked_add(index.checked_mul(size.checked_mul(4)?)?)?;
            let feature = self.feature(option).filter(|new| out.iter().all(|have| have.name != new.name))?;
            out.push(feature);
        }
        Some(out)
    }

    fn feature(&self, option: u64) -> Option<Feature> {
        let size = self.pointer_size();
        let word = |index: u64| self.memory.word(option.checked_add(index.checked_mul(size)?)?);
        let (text, letters, variable) = (word(0)?, word(1)?, word(2)?);
        let inside = self.areas.iter().any(|(start, end)| (*start..*end).contains(&variable));
        if !inside || !(1..=LONGEST).contains(&letters) {
            return None;
        }
        let flags = option.checked_add(size.checked_mul(3)?)?;
        let flag = |at: u64| self.memory.u8(at).filter(|byte| *byte <= 1).map(|byte| byte == 1);
        let (present, specified) = (flag(variable)?, flag(flags)?);
        flag(flags.checked_add(1)?)?;
        let name = String::from_utf8(self.memory.text(text, letters)?).ok()?;
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        plain.then_some(Feature { name, present, specified })
    }

    /// `runtime.goarm`, which the linker sets (cmd/link/internal/ld/data.go), where the
    /// executable has a symbol for it.
    pub fn goarm(&self) -> Option<u8> {
        let at = self.variable("runtime.goarm").filter(|_| self.machine.arch == Goarch::Arm)?;
        self.memory.u8(at).filter(|level| (5..=8).contains(level))
    }
}
