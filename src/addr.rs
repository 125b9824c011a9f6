//! Addresses have types, so that a load bias cannot be forgotten.
//!
//! A crash log prints addresses of the running process; an executable's tables
//! speak of addresses as linked. They differ by the load bias, which is zero
//! for a fixed-position executable and page aligned for a PIE.

use std::fmt;

/// An address as the running process saw it (`pc=0x…`, registers, `addr=0x…`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RuntimeAddr(pub u64);

/// An address as the linker assigned it: what `nm`, DWARF and the pclntab say.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LinkAddr(pub u64);

/// Runtime address minus link address, the same for a whole module.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct LoadBias(pub u64);

impl RuntimeAddr {
    /// Where the linker put what ran at this address.
    pub fn to_link(self, bias: LoadBias) -> LinkAddr {
        LinkAddr(self.0.wrapping_sub(bias.0))
    }
}

impl LinkAddr {
    /// The address to look up for a return address: one byte back lies inside
    /// the call instruction, whatever its length (runtime/traceback.go,
    /// `symPC`, 1.21).
    #[must_use]
    pub fn call_site(self) -> LinkAddr {
        LinkAddr(self.0.saturating_sub(1))
    }

    #[must_use]
    pub fn offset(self, by: u64) -> LinkAddr {
        LinkAddr(self.0.wrapping_add(by))
    }
}

impl LoadBias {
    /// Bias between the two views of one place; `None` when it is not a
    /// multiple of the smallest page size, which no loader produces.
    pub fn between(runtime: RuntimeAddr, link: LinkAddr) -> Option<LoadBias> {
        let bias = runtime.0.wrapping_sub(link.0);
        bias.is_multiple_of(4096).then_some(LoadBias(bias))
    }
}

impl fmt::Display for RuntimeAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

impl fmt::Display for LinkAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

impl fmt::Display for LoadBias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bias_is_page_aligned_or_nothing() {
        let link = LinkAddr(0x1234);
        assert_eq!(LoadBias::between(RuntimeAddr(0x5555_5555_5234), link), Some(LoadBias(0x5555_5555_4000)));
        assert_eq!(LoadBias::between(RuntimeAddr(0x5555_5555_5235), link), None);
    }
}
