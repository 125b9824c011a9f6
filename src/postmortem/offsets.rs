//! Where the runtime keeps its fields, by version of Go and size of a pointer.
//!
//! Read from the DWARF of executables built by Go 1.19.8, 1.21.13, 1.22.10,
//! 1.23.9, 1.24.11, 1.25.5, 1.26.6 and 1.27.3 for amd64, arm64, 386 and arm,
//! which agree by pointer size. 1.18 and 1.20 are taken to be like their
//! neighbours, and what is read by them has to be plausible.

const VERSIONS: usize = 8;
const MINORS: [u32; VERSIONS] = [19, 21, 22, 23, 24, 25, 26, 27];

/// (64-bit, 32-bit) for each of the versions.
pub(super) type Row = [(u16, u16); VERSIONS];

/// The version does not have the field.
const NONE: (u16, u16) = (u16::MAX, u16::MAX);

pub(super) const GOBUF_SP: Row = [(0, 0); VERSIONS];
pub(super) const GOBUF_PC: Row = [(8, 4); VERSIONS];
pub(super) const GOBUF_G: Row = [(16, 8); VERSIONS];
pub(super) const GOBUF_LR: Row =
    [(40, 20), (40, 20), (40, 20), (40, 20), (40, 20), (32, 16), (32, 16), (32, 16)];
pub(super) const G_PANIC: Row = [(32, 16); VERSIONS];
pub(super) const G_M: Row = [(48, 24); VERSIONS];
pub(super) const G_SCHED: Row = [(56, 28); VERSIONS];
pub(super) const G_SYSCALLSP: Row =
    [(112, 56), (112, 56), (112, 56), (112, 56), (112, 56), (104, 52), (104, 52), (104, 52)];
pub(super) const G_SYSCALLPC: Row =
    [(120, 60), (120, 60), (120, 60), (120, 60), (120, 60), (112, 56), (112, 56), (112, 56)];
pub(super) const G_ATOMICSTATUS: Row =
    [(144, 72), (144, 72), (144, 72), (152, 76), (152, 76), (144, 72), (144, 72), (144, 72)];
pub(super) const G_GOID: Row =
    [(152, 80), (152, 80), (152, 80), (160, 84), (160, 84), (152, 80), (152, 80), (152, 80)];
pub(super) const G_WAITSINCE: Row =
    [(168, 92), (168, 92), (168, 92), (176, 96), (176, 96), (168, 92), (168, 92), (168, 92)];
pub(super) const G_WAITREASON: Row =
    [(176, 100), (176, 100), (176, 100), (184, 104), (184, 104), (176, 100), (176, 100), (176, 100)];
pub(super) const G_LOCKEDM: Row =
    [(232, 152), (208, 132), (208, 132), (216, 136), (216, 136), (208, 132), (208, 132), (208, 132)];
pub(super) const G_SIG: Row =
    [(240, 156), (216, 136), (216, 136), (224, 140), (228, 144), (220, 140), (224, 144), (224, 144)];
pub(super) const G_SIGCODE0: Row =
    [(272, 172), (248, 152), (248, 152), (256, 156), (256, 160), (248, 156), (256, 164), (256, 164)];
pub(super) const G_SIGCODE1: Row =
    [(280, 176), (256, 156), (256, 156), (264, 160), (264, 164), (256, 160), (264, 168), (264, 168)];
pub(super) const G_SIGPC: Row =
    [(288, 180), (264, 160), (264, 160), (272, 164), (272, 168), (264, 164), (272, 172), (272, 172)];
pub(super) const G_PARENTGOID: Row =
    [NONE, (272, 164), (272, 164), (280, 168), (280, 172), (272, 168), (280, 176), (280, 176)];
pub(super) const G_GOPC: Row =
    [(296, 184), (280, 172), (280, 172), (288, 176), (288, 180), (280, 176), (288, 184), (288, 184)];
pub(super) const G_ANCESTORS: Row =
    [(304, 188), (288, 176), (288, 176), (296, 180), (296, 184), (288, 180), (296, 188), (296, 188)];
pub(super) const G_STARTPC: Row =
    [(312, 192), (296, 180), (296, 180), (304, 184), (304, 188), (296, 184), (304, 192), (304, 192)];
pub(super) const G_WAITING: Row =
    [(328, 200), (312, 188), (312, 188), (320, 192), (320, 196), (312, 192), (320, 200), (320, 200)];
pub(super) const G_LABELS: Row =
    [(360, 216), (344, 204), (344, 204), (352, 208), (352, 212), (344, 208), (352, 216), (352, 216)];
pub(super) const G_BUBBLE: Row = [NONE, NONE, NONE, NONE, (392, 240), (384, 236), (392, 244), (392, 244)];
pub(super) const M_PROCID: Row =
    [(72, 40), (72, 40), (72, 40), (72, 40), (72, 40), (64, 32), (64, 32), (64, 32)];
pub(super) const M_GSIGNAL: Row =
    [(80, 48), (80, 48), (80, 48), (80, 48), (80, 48), (72, 40), (72, 40), (72, 40)];
pub(super) const M_CURG: Row =
    [(192, 108), (192, 108), (192, 108), (192, 108), (192, 108), (184, 100), (184, 100), (184, 100)];
pub(super) const M_THROWING: Row =
    [(244, 140), (244, 140), (244, 140), (244, 140), (244, 140), (236, 132), (244, 136), (244, 136)];
pub(super) const M_DYING: Row =
    [(268, 156), (268, 156), (268, 156), (268, 156), (268, 156), (260, 148), (268, 152), (268, 152)];
pub(super) const M_INCGO: Row =
    [(280, 168), (280, 168), (280, 168), (280, 168), (280, 168), (272, 160), (280, 164), (280, 164)];
pub(super) const M_ALLLINK: Row =
    [(336, 212), (336, 212), (328, 204), (328, 204), (352, 216), (344, 208), (352, 212), (352, 212)];
pub(super) const M_ID: Row =
    [(232, 128), (232, 128), (232, 128), (232, 128), (232, 128), (224, 120), (232, 124), (232, 124)];
pub(super) const M_VDSOSP: Row =
    [(800, 452), (808, 452), (1120, 620), (856, 496), (904, 520), (896, 512), (896, 508), (896, 508)];
pub(super) const M_VDSOPC: Row =
    [(808, 456), (816, 456), (1128, 624), (864, 500), (912, 524), (904, 516), (904, 512), (904, 512)];
pub(super) const M_P: Row =
    [(208, 116), (208, 116), (208, 116), (208, 116), (208, 116), (200, 108), (208, 112), (208, 112)];
pub(super) const M_NEXTP: Row =
    [(216, 120), (216, 120), (216, 120), (216, 120), (216, 120), (208, 112), (216, 116), (216, 116)];
pub(super) const M_OLDP: Row =
    [(224, 124), (224, 124), (224, 124), (224, 124), (224, 124), (216, 116), (224, 120), (224, 120)];
pub(super) const P_SYSMONTICK: Row = [(24, 20); VERSIONS];
pub(super) const TICK_SCHEDWHEN: Row = [(8, 4), (8, 4), (8, 4), (8, 8), (8, 8), (8, 8), (8, 8), (8, 8)];
pub(super) const TICK_SYSCALLWHEN: Row =
    [(24, 16), (24, 16), (24, 16), (16, 16), (16, 16), (16, 16), (16, 16), (16, 16)];
pub(super) const PANIC_ARG: Row = [(8, 4), (8, 4), (8, 4), (8, 4), (8, 4), (8, 4), (0, 0), (0, 0)];
pub(super) const PANIC_LINK: Row =
    [(24, 12), (24, 12), (24, 12), (24, 12), (24, 12), (24, 12), (16, 8), (16, 8)];
pub(super) const PANIC_RECOVERED: Row =
    [(48, 24), (48, 24), (96, 48), (96, 48), (96, 48), (96, 48), (88, 44), (88, 44)];
pub(super) const PANIC_REPANICKED: Row = [NONE, NONE, NONE, NONE, NONE, (97, 49), (89, 45), (89, 45)];
pub(super) const PANIC_GOEXIT: Row =
    [(50, 26), (50, 26), (97, 49), (97, 49), (97, 49), (98, 50), (90, 46), (90, 46)];
pub(super) const SUDOG_WAITLINK: Row =
    [(64, 44), (64, 44), (64, 44), (64, 44), (64, 44), (64, 44), (72, 48), (72, 48)];
pub(super) const SUDOG_C: Row =
    [(80, 52), (80, 52), (80, 52), (80, 52), (80, 52), (80, 52), (88, 56), (88, 56)];
pub(super) const HCHAN_CLOSED: Row = [(28, 16); VERSIONS];
pub(super) const MODULEDATA_TYPES: Row =
    [(280, 140), (296, 148), (296, 148), (296, 148), (296, 148), (296, 148), (296, 148), (296, 148)];
pub(super) const MODULEDATA_ETYPES: Row =
    [(288, 144), (304, 152), (304, 152), (304, 152), (304, 152), (304, 152), (304, 152), (312, 156)];

/// The column of one version.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offsets {
    column: usize,
    wide: bool,
    /// The minor version that the column is of.
    pub(super) minor: u32,
    /// Bytes by which the signal mask of an `m` is longer than usual.
    shift: u64,
}

impl Offsets {
    /// The column for a version: its own, else that of the nearest older
    /// version (1.20 by 1.19: both keep `_panic.pc`), else the oldest.
    pub(super) fn of(minor: u32, pointer_size: u8, shift: u64) -> Offsets {
        let column = MINORS.partition_point(|have| *have <= minor).saturating_sub(1);
        Offsets { column, wide: pointer_size == 8, minor: MINORS.get(column).copied().unwrap_or(27), shift }
    }

    pub(super) fn get(&self, row: &Row) -> Option<u64> {
        let (wide, narrow) = *row.get(self.column)?;
        let offset = if self.wide { wide } else { narrow };
        (offset != u16::MAX).then_some(offset.into())
    }

    /// A field of `m` behind its signal mask.
    pub(super) fn of_thread(&self, row: &Row) -> Option<u64> {
        self.get(row)?.checked_add(self.shift)
    }
}
