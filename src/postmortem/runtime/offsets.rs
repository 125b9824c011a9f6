//! Where the runtime keeps its fields, by version of Go and size of a pointer.
//!
//! Read from the DWARF of executables built by Go 1.19.8, 1.21.13, 1.22.10,
//! 1.23.9, 1.24.11, 1.25.5, 1.26.6 and 1.27.3 for amd64, arm64, 386 and arm,
//! which agree by pointer size. 1.18 and 1.20 are taken to be like their
//! neighbours, and what is read by them has to be plausible.
//!
//! A build that may have its fields elsewhere (a later version, an experiment) tells
//! them by its own DWARF, where it has any.

use crate::binary::{Binary, structs};

const VERSIONS: usize = 8;
const MINORS: [u32; VERSIONS] = [19, 21, 22, 23, 24, 25, 26, 27];

/// (64-bit, 32-bit) for each of the versions.
type Places = [(u32, u32); VERSIONS];

/// The version does not have the field.
const NONE: (u32, u32) = (u32::MAX, u32::MAX);

/// One of the fields below.
#[derive(Clone, Copy)]
pub(in crate::postmortem) struct Row(usize);

/// A field by the names of the runtime.
struct Field {
    of: &'static str,
    name: &'static str,
    places: Places,
}

macro_rules! fields {
    ($($row:ident = $of:literal $name:literal $places:expr;)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum Number { $($row),* }
        $(pub(in crate::postmortem) const $row: Row = Row(Number::$row as usize);)*
        const FIELDS: &[Field] = &[$(Field { of: $of, name: $name, places: $places }),*];
    };
}

fields! {
    GOBUF_SP = "runtime.gobuf" "sp" [(0, 0); VERSIONS];
    GOBUF_PC = "runtime.gobuf" "pc" [(8, 4); VERSIONS];
    GOBUF_G = "runtime.gobuf" "g" [(16, 8); VERSIONS];
    GOBUF_LR = "runtime.gobuf" "lr" [(40, 20), (40, 20), (40, 20), (40, 20), (40, 20), (32, 16), (32, 16), (32, 16)];
    G_PANIC = "runtime.g" "_panic" [(32, 16); VERSIONS];
    G_M = "runtime.g" "m" [(48, 24); VERSIONS];
    G_SCHED = "runtime.g" "sched" [(56, 28); VERSIONS];
    G_SYSCALLSP = "runtime.g" "syscallsp" [(112, 56), (112, 56), (112, 56), (112, 56), (112, 56), (104, 52), (104, 52), (104, 52)];
    G_SYSCALLPC = "runtime.g" "syscallpc" [(120, 60), (120, 60), (120, 60), (120, 60), (120, 60), (112, 56), (112, 56), (112, 56)];
    G_ATOMICSTATUS = "runtime.g" "atomicstatus" [(144, 72), (144, 72), (144, 72), (152, 76), (152, 76), (144, 72), (144, 72), (144, 72)];
    G_GOID = "runtime.g" "goid" [(152, 80), (152, 80), (152, 80), (160, 84), (160, 84), (152, 80), (152, 80), (152, 80)];
    G_WAITSINCE = "runtime.g" "waitsince" [(168, 92), (168, 92), (168, 92), (176, 96), (176, 96), (168, 92), (168, 92), (168, 92)];
    G_WAITREASON = "runtime.g" "waitreason" [(176, 100), (176, 100), (176, 100), (184, 104), (184, 104), (176, 100), (176, 100), (176, 100)];
    G_LOCKEDM = "runtime.g" "lockedm" [(232, 152), (208, 132), (208, 132), (216, 136), (216, 136), (208, 132), (208, 132), (208, 132)];
    G_SIG = "runtime.g" "sig" [(240, 156), (216, 136), (216, 136), (224, 140), (228, 144), (220, 140), (224, 144), (224, 144)];
    G_SIGCODE0 = "runtime.g" "sigcode0" [(272, 172), (248, 152), (248, 152), (256, 156), (256, 160), (248, 156), (256, 164), (256, 164)];
    G_SIGCODE1 = "runtime.g" "sigcode1" [(280, 176), (256, 156), (256, 156), (264, 160), (264, 164), (256, 160), (264, 168), (264, 168)];
    G_SIGPC = "runtime.g" "sigpc" [(288, 180), (264, 160), (264, 160), (272, 164), (272, 168), (264, 164), (272, 172), (272, 172)];
    G_PARENTGOID = "runtime.g" "parentGoid" [NONE, (272, 164), (272, 164), (280, 168), (280, 172), (272, 168), (280, 176), (280, 176)];
    G_GOPC = "runtime.g" "gopc" [(296, 184), (280, 172), (280, 172), (288, 176), (288, 180), (280, 176), (288, 184), (288, 184)];
    G_ANCESTORS = "runtime.g" "ancestors" [(304, 188), (288, 176), (288, 176), (296, 180), (296, 184), (288, 180), (296, 188), (296, 188)];
    G_STARTPC = "runtime.g" "startpc" [(312, 192), (296, 180), (296, 180), (304, 184), (304, 188), (296, 184), (304, 192), (304, 192)];
    G_WAITING = "runtime.g" "waiting" [(328, 200), (312, 188), (312, 188), (320, 192), (320, 196), (312, 192), (320, 200), (320, 200)];
    G_LABELS = "runtime.g" "labels" [(360, 216), (344, 204), (344, 204), (352, 208), (352, 212), (344, 208), (352, 216), (352, 216)];
    G_SYNCGROUP = "runtime.g" "syncGroup" [NONE, NONE, NONE, NONE, (392, 240), NONE, NONE, NONE];
    G_BUBBLE = "runtime.g" "bubble" [NONE, NONE, NONE, NONE, NONE, (384, 236), (392, 244), (392, 244)];
    M_PROCID = "runtime.m" "procid" [(72, 40), (72, 40), (72, 40), (72, 40), (72, 40), (64, 32), (64, 32), (64, 32)];
    M_GSIGNAL = "runtime.m" "gsignal" [(80, 48), (80, 48), (80, 48), (80, 48), (80, 48), (72, 40), (72, 40), (72, 40)];
    M_CURG = "runtime.m" "curg" [(192, 108), (192, 108), (192, 108), (192, 108), (192, 108), (184, 100), (184, 100), (184, 100)];
    M_THROWING = "runtime.m" "throwing" [(244, 140), (244, 140), (244, 140), (244, 140), (244, 140), (236, 132), (244, 136), (244, 136)];
    M_DYING = "runtime.m" "dying" [(268, 156), (268, 156), (268, 156), (268, 156), (268, 156), (260, 148), (268, 152), (268, 152)];
    M_INCGO = "runtime.m" "incgo" [(280, 168), (280, 168), (280, 168), (280, 168), (280, 168), (272, 160), (280, 164), (280, 164)];
    M_ALLLINK = "runtime.m" "alllink" [(336, 212), (336, 212), (328, 204), (328, 204), (352, 216), (344, 208), (352, 212), (352, 212)];
    M_ID = "runtime.m" "id" [(232, 128), (232, 128), (232, 128), (232, 128), (232, 128), (224, 120), (232, 124), (232, 124)];
    M_VDSOSP = "runtime.m" "vdsoSP" [(800, 452), (808, 452), (1120, 620), (856, 496), (904, 520), (896, 512), (896, 508), (896, 508)];
    M_VDSOPC = "runtime.m" "vdsoPC" [(808, 456), (816, 456), (1128, 624), (864, 500), (912, 524), (904, 516), (904, 512), (904, 512)];
    M_P = "runtime.m" "p" [(208, 116), (208, 116), (208, 116), (208, 116), (208, 116), (200, 108), (208, 112), (208, 112)];
    M_NEXTP = "runtime.m" "nextp" [(216, 120), (216, 120), (216, 120), (216, 120), (216, 120), (208, 112), (216, 116), (216, 116)];
    M_OLDP = "runtime.m" "oldp" [(224, 124), (224, 124), (224, 124), (224, 124), (224, 124), (216, 116), (224, 120), (224, 120)];
    P_STATUS = "runtime.p" "status" [(4, 4); VERSIONS];
    P_M = "runtime.p" "m" [(56, 44), (56, 44), (56, 44), (48, 44), (48, 44), (48, 44), (48, 44), (48, 44)];
    P_MCACHE = "runtime.p" "mcache" [(64, 48), (64, 48), (64, 48), (56, 48), (56, 48), (56, 48), (56, 48), (56, 48)];
    P_SYSMONTICK = "runtime.p" "sysmontick" [(24, 20); VERSIONS];
    SCHED_GOIDGEN = "runtime.schedt" "goidgen" [(0, 0); VERSIONS];
    SCHED_LASTPOLL = "runtime.schedt" "lastpoll" [(8, 8); VERSIONS];
    SCHED_MNEXT = "runtime.schedt" "mnext" [(48, 40), (48, 40), (48, 40), (48, 40), (48, 40), (56, 44), (72, 52), (72, 52)];
    SCHED_MAXMCOUNT = "runtime.schedt" "maxmcount" [(56, 48), (56, 48), (56, 48), (56, 48), (56, 48), (64, 52), (80, 60), (80, 60)];
    SCHED_NMSYS = "runtime.schedt" "nmsys" [(60, 52), (60, 52), (60, 52), (60, 52), (60, 52), (68, 56), (84, 64), (84, 64)];
    TICK_SCHEDWHEN = "runtime.sysmontick" "schedwhen" [(8, 4), (8, 4), (8, 4), (8, 8), (8, 8), (8, 8), (8, 8), (8, 8)];
    TICK_SYSCALLWHEN = "runtime.sysmontick" "syscallwhen" [(24, 16), (24, 16), (24, 16), (16, 16), (16, 16), (16, 16), (16, 16), (16, 16)];
    PANIC_ARG = "runtime._panic" "arg" [(8, 4), (8, 4), (8, 4), (8, 4), (8, 4), (8, 4), (0, 0), (0, 0)];
    PANIC_LINK = "runtime._panic" "link" [(24, 12), (24, 12), (24, 12), (24, 12), (24, 12), (24, 12), (16, 8), (16, 8)];
    PANIC_RECOVERED = "runtime._panic" "recovered" [(48, 24), (48, 24), (96, 48), (96, 48), (96, 48), (96, 48), (88, 44), (88, 44)];
    PANIC_REPANICKED = "runtime._panic" "repanicked" [NONE, NONE, NONE, NONE, NONE, (97, 49), (89, 45), (89, 45)];
    PANIC_GOEXIT = "runtime._panic" "goexit" [(50, 26), (50, 26), (97, 49), (97, 49), (97, 49), (98, 50), (90, 46), (90, 46)];
    SUDOG_WAITLINK = "runtime.sudog" "waitlink" [(64, 44), (64, 44), (64, 44), (64, 44), (64, 44), (64, 44), (72, 48), (72, 48)];
    SUDOG_C = "runtime.sudog" "c" [(80, 52), (80, 52), (80, 52), (80, 52), (80, 52), (80, 52), (88, 56), (88, 56)];
    HCHAN_CLOSED = "runtime.hchan" "closed" [(28, 16); VERSIONS];
    MODULEDATA_TYPES = "runtime.moduledata" "types" [(280, 140), (296, 148), (296, 148), (296, 148), (296, 148), (296, 148), (296, 148), (296, 148)];
    MODULEDATA_ETYPES = "runtime.moduledata" "etypes" [(288, 144), (304, 152), (304, 152), (304, 152), (304, 152), (304, 152), (304, 152), (312, 156)];
    BUBBLE_ID = "runtime.synctestBubble" "id" [NONE, NONE, NONE, NONE, NONE, (72, 56), (72, 56), (72, 56)];
    SYNCGROUP_ROOT = "runtime.synctestGroup" "root" [NONE, NONE, NONE, NONE, (88, 72), NONE, NONE, NONE];
    ANCESTOR_GOID = "runtime.ancestorInfo" "goid" [(24, 12); VERSIONS];
    ANCESTOR_GOPC = "runtime.ancestorInfo" "gopc" [(32, 20); VERSIONS];
    HMAP_B = "runtime.hmap" "B" [(9, 5), (9, 5), (9, 5), (9, 5), NONE, NONE, NONE, NONE];
    HMAP_BUCKETS = "runtime.hmap" "buckets" [(16, 12), (16, 12), (16, 12), (16, 12), NONE, NONE, NONE, NONE];
    HMAP_OLDBUCKETS = "runtime.hmap" "oldbuckets" [(24, 16), (24, 16), (24, 16), (24, 16), NONE, NONE, NONE, NONE];
    GC_PERCENT = "runtime.gcControllerState" "gcPercent" [(0, 0); VERSIONS];
    GC_MEMORYLIMIT = "runtime.gcControllerState" "memoryLimit" [(8, 8); VERSIONS];
    GC_HEAPMINIMUM = "runtime.gcControllerState" "heapMinimum" [(16, 16); VERSIONS];
    GC_PERCENTHEAPGOAL = "runtime.gcControllerState" "gcPercentHeapGoal" [(104, 96), (72, 72), (72, 72), (72, 72), (72, 72), (72, 72), (72, 72), (72, 72)];
    GC_SWEEPDISTMINTRIGGER = "runtime.gcControllerState" "sweepDistMinTrigger" [(112, 104), (80, 80), (80, 80), (80, 80), (80, 80), (80, 80), (80, 80), (80, 80)];
    GC_TRIGGERED = "runtime.gcControllerState" "triggered" [(120, 112), (88, 88), (88, 88), (88, 88), (88, 88), (88, 88), (88, 88), (88, 88)];
    GC_HEAPMARKED = "runtime.gcControllerState" "heapMarked" [(184, 176), (152, 152), (152, 152), (152, 152), (152, 152), (152, 152), (152, 152), (152, 152)];
    GC_MARKSTARTTIME = "runtime.gcControllerState" "markStartTime" [(256, 248), (224, 224), (224, 224), (224, 224), (224, 224), (224, 224), (224, 224), (224, 224)];
    GC_HEAPINUSE = "runtime.gcControllerState" "heapInUse" [(304, 296), (272, 272), (272, 272), (272, 272), (272, 272), (272, 272), (272, 272), (272, 272)];
    GC_HEAPRELEASED = "runtime.gcControllerState" "heapReleased" [(312, 304), (280, 280), (280, 280), (280, 280), (280, 280), (280, 280), (280, 280), (280, 280)];
    GC_HEAPFREE = "runtime.gcControllerState" "heapFree" [(320, 312), (288, 288), (288, 288), (288, 288), (288, 288), (288, 288), (288, 288), (288, 288)];
    GC_TOTALALLOC = "runtime.gcControllerState" "totalAlloc" [(328, 320), (296, 296), (296, 296), (296, 296), (296, 296), (296, 296), (296, 296), (296, 296)];
    GC_TOTALFREE = "runtime.gcControllerState" "totalFree" [(336, 328), (304, 304), (304, 304), (304, 304), (304, 304), (304, 304), (304, 304), (304, 304)];
    GC_MAPPEDREADY = "runtime.gcControllerState" "mappedReady" [(344, 336), (312, 312), (312, 312), (312, 312), (312, 312), (312, 312), (312, 312), (312, 312)];
    MSTATS_GEN = "runtime.consistentHeapStats" "gen" [(3528, 3528), (3528, 3528), (3528, 3528), (3528, 3528), (3528, 3528), (3504, 3504), (3504, 3504), (3504, 3504)];
    MSTATS_STACKSSYS = "runtime.mstats" "stacks_sys" [(3544, 3536), (3544, 3536), (3544, 3536), (3544, 3536), (3544, 3536), (3520, 3512), (3520, 3512), (3520, 3512)];
    MSTATS_LASTGCUNIX = "runtime.mstats" "last_gc_unix" [(3592, 3584), (3592, 3584), (3592, 3584), (3592, 3584), (3592, 3584), (3568, 3560), (3568, 3560), (3568, 3560)];
    MSTATS_PAUSETOTALNS = "runtime.mstats" "pause_total_ns" [(3600, 3592), (3600, 3592), (3600, 3592), (3600, 3592), (3600, 3592), (3576, 3568), (3576, 3568), (3576, 3568)];
    MSTATS_NUMGC = "runtime.mstats" "numgc" [(7704, 7696), (7704, 7696), (7704, 7696), (7704, 7696), (7704, 7696), (7680, 7672), (7680, 7672), (7680, 7672)];
    MSTATS_LASTGCNANOTIME = "runtime.mstats" "last_gc_nanotime" [(7720, 7712), (7720, 7712), (7720, 7712), (7720, 7712), (7720, 7712), (7696, 7688), (7696, 7688), (7696, 7688)];
    HEAPSTATS_RELEASED = "runtime.heapStatsDelta" "released" [(8, 8); VERSIONS];
    HEAPSTATS_INHEAP = "runtime.heapStatsDelta" "inHeap" [(16, 16); VERSIONS];
    HEAPSTATS_INSTACKS = "runtime.heapStatsDelta" "inStacks" [(24, 24); VERSIONS];
    HEAPSTATS_INWORKBUFS = "runtime.heapStatsDelta" "inWorkBufs" [(32, 32); VERSIONS];
    HEAPSTATS_INPTRSCALARBITS = "runtime.heapStatsDelta" "inPtrScalarBits" [(40, 40), (40, 40), (40, 40), (40, 40), (40, 40), NONE, NONE, NONE];
    HEAPSTATS_LARGEALLOCCOUNT = "runtime.heapStatsDelta" "largeAllocCount" [(64, 64), (64, 64), (64, 64), (64, 64), (64, 64), (56, 56), (56, 56), (56, 56)];
    HEAPSTATS_SMALLALLOCCOUNT = "runtime.heapStatsDelta" "smallAllocCount" [(72, 72), (72, 72), (72, 72), (72, 72), (72, 72), (64, 64), (64, 64), (64, 64)];
    HEAPSTATS_LARGEFREECOUNT = "runtime.heapStatsDelta" "largeFreeCount" [(624, 624), (624, 624), (624, 624), (624, 624), (624, 624), (616, 616), (616, 616), (616, 616)];
    HEAPSTATS_SMALLFREECOUNT = "runtime.heapStatsDelta" "smallFreeCount" [(632, 632), (632, 632), (632, 632), (632, 632), (632, 632), (624, 624), (624, 624), (624, 624)];
    MHEAP_SWEEPGEN = "runtime.mheap" "sweepgen" [(65848, 160), (65856, 176), (65856, 176), (65856, 176), (65856, 176), (65856, 176), (65856, 176), (65856, 176)];
    MHEAP_ALLSPANS = "runtime.mheap" "allspans" [(65856, 164), (65864, 180), (65864, 180), (65864, 180), (65864, 180), (65864, 180), (65864, 180), (65864, 180)];
    MHEAP_PAGESINUSE = "runtime.mheap" "pagesInUse" [(65880, 176), (65888, 192), (65888, 192), (65888, 192), (65888, 192), (65888, 192), (65888, 192), (65888, 192)];
    MSPAN_STARTADDR = "runtime.mspan" "startAddr" [(24, 12); VERSIONS];
    MSPAN_NPAGES = "runtime.mspan" "npages" [(32, 16); VERSIONS];
    MSPAN_SWEEPGEN = "runtime.mspan" "sweepgen" [(88, 48), (96, 52), (88, 52), (88, 52), (88, 52), (88, 52), (88, 52), (88, 52)];
    MSPAN_ALLOCCOUNT = "runtime.mspan" "allocCount" [(96, 56), (104, 60), (96, 60), (96, 60), (96, 60), (96, 60), (96, 60), (96, 60)];
    MSPAN_STATE = "runtime.mspan" "state" [(99, 59), (107, 63), (99, 63), (99, 63), (99, 63), (99, 63), (99, 63), (99, 63)];
    MSPAN_ELEMSIZE = "runtime.mspan" "elemsize" [(104, 64), (112, 68), (104, 68), (104, 68), (104, 68), (104, 68), (104, 68), (104, 68)];
    MSPAN_ALLOCCOUNTBEFORECACHE = "runtime.mspan" "allocCountBeforeCache" [(102, 62), (110, 66), (102, 66), (102, 66), (102, 66), (102, 66), (102, 66), (102, 66)];
}

/// The places in one executable.
#[derive(Clone, Debug)]
pub(in crate::postmortem) struct Offsets {
    places: Vec<u32>,
    /// The minor version that they are of.
    pub(in crate::postmortem) minor: u32,
    /// Bytes by which the signal mask of an `m` is longer than the table has it.
    shift: u64,
    /// What makes the executable one whose fields may be elsewhere.
    pub(in crate::postmortem) unusual: Option<String>,
    /// They were read from the DWARF of the executable.
    pub(in crate::postmortem) by_dwarf: bool,
}

impl Offsets {
    /// Those of an executable.
    pub(in crate::postmortem) fn of(binary: &Binary, minor: u32, pointer_size: u8, shift: u64) -> Offsets {
        let mut offsets = Offsets::by_table(minor, pointer_size, shift);
        offsets.unusual = unusual(binary, minor);
        if offsets.unusual.is_some() {
            offsets.read_dwarf(binary);
        }
        offsets
    }

    /// The column for a version: its own, else that of the nearest older
    /// version (1.20 by 1.19: both keep `_panic.pc`), else the oldest.
    fn by_table(minor: u32, pointer_size: u8, shift: u64) -> Offsets {
        let column = MINORS.partition_point(|have| *have <= minor).saturating_sub(1);
        let place = |field: &Field| {
            let (wide, narrow) = field.places.get(column).copied().unwrap_or(NONE);
            if pointer_size == 8 { wide } else { narrow }
        };
        let minor = MINORS.get(column).copied().unwrap_or(27);
        Offsets { places: FIELDS.iter().map(place).collect(), minor, shift, unusual: None, by_dwarf: false }
    }

    /// Overrules the table by the DWARF of the executable. A structure that it does not
    /// describe keeps the places of the table.
    fn read_dwarf(&mut self, binary: &Binary) {
        let names: Vec<&str> = FIELDS.iter().map(|field| field.of).collect();
        let Ok(found) = structs::read(binary, "runtime", &names) else { return };
        // Without `g` it is the DWARF of C code alone.
        if !found.contains_key("runtime.g") {
            return;
        }
        for (place, field) in self.places.iter_mut().zip(FIELDS) {
            if let Some(members) = found.get(field.of) {
                let at = members.get(field.name).and_then(|at| u32::try_from(*at).ok());
                *place = at.unwrap_or(u32::MAX);
            }
        }
        self.by_dwarf = true;
        self.shift = 0;
    }

    /// What is doubtful of them.
    pub(in crate::postmortem) fn doubt(&self, minor: u32) -> Option<String> {
        let tried = || format!("that of 1.{} was tried, and what was read by it is plausible", self.minor);
        match &self.unusual {
            Some(_) if self.by_dwarf => None,
            Some(why) => Some(format!("{why}, and it has no DWARF to tell them; {}", tried())),
            None if self.minor != minor => {
                Some(format!("the layout of Go 1.{minor} is not known here; {}", tried()))
            }
            None => None,
        }
    }

    /// Where they were read, unless it is the table.
    pub(in crate::postmortem) fn source(&self) -> Option<String> {
        let why = self.unusual.as_ref().filter(|_| self.by_dwarf)?;
        Some(format!("fields of the runtime by the DWARF of the executable: {why}"))
    }

    #[inline]
    pub(in crate::postmortem) fn get(&self, row: &Row) -> Option<u64> {
        self.places.get(row.0).filter(|place| **place != u32::MAX).map(|place| u64::from(*place))
    }

    /// A field of `m` behind its signal mask.
    pub(in crate::postmortem) fn of_thread(&self, row: &Row) -> Option<u64> {
        self.get(row)?.checked_add(self.shift)
    }
}

/// Experiments that move none of the fields above (internal/goexperiment/flags.go, 1.21 to
/// 1.27): by the DWARF of builds of 1.24, 1.25 and 1.27 with those that these have, and
/// because the runtime's structures do not ask for the others. `-race` moves none either.
/// staticlockranking and spinbitmutex do.
const HARMLESS: [&str; 22] = [
    "aliastypeparams",
    "arenas",
    "boringcrypto",
    "cgocheck2",
    "coverageredesign",
    "dwarf5",
    "fieldtrack",
    "greenteagc",
    "heapminimum512kib",
    "jsonv2",
    "loopvar",
    "mapsplitgroup",
    "newinliner",
    "randomizedheapbase64",
    "rangefunc",
    "runtimefreegc",
    "runtimesecret",
    "simd",
    "sizespecializedmalloc",
    "swissmap",
    "synchashtriemap",
    "synctest",
];

/// What makes the layout of an executable doubtful, in words.
fn unusual(binary: &Binary, minor: u32) -> Option<String> {
    if MINORS.last().is_some_and(|last| minor > *last) {
        return Some(format!("the layout of Go 1.{minor} is not known here"));
    }
    let info = binary.build_info()?;
    let by_version = || Some(info.go_version.as_ref()?.split_once(" X:")?.1);
    let experiments = info.setting("GOEXPERIMENT").or_else(by_version)?;
    let moves = |name: &&str| !HARMLESS.contains(&name.strip_prefix("no").unwrap_or(name));
    let moving: Vec<&str> = experiments.split(',').filter(moves).collect();
    (!moving.is_empty()).then(|| {
        format!("it was built with GOEXPERIMENT={}, which may move fields of the runtime", moving.join(","))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Limits;

    /// Executables with DWARF, by the compiler that the table is of.
    #[test]
    fn the_table_says_what_dwarf_does() {
        for (name, minor, size) in [
            ("go1.19.8.tar.zst!fixture-go1.19.8-linux-amd64", 19, 8),
            ("go1.24.11.tar.zst!fixture-go1.24.11-linux-amd64", 24, 8),
            ("go1.25.5.tar.zst!fixture-go1.25.5-linux-386", 25, 4),
            ("go1.27.3.tar.zst!fixture-go1.27.3-linux-arm64", 27, 8),
        ] {
            let path = format!("{}/corpus/binaries/{name}", env!("CARGO_MANIFEST_DIR"));
            let binary = Binary::open(&path, Limits::default()).unwrap();
            let table = Offsets::by_table(minor, size, 0);
            // Whatever DWARF does not tell stays what it was.
            let mut read = Offsets { places: vec![0; FIELDS.len()], ..table.clone() };
            read.read_dwarf(&binary);
            assert!(read.by_dwarf, "{name}");
            let of_g = |(field, place): &(&Field, &u32)| field.of == "runtime.g" && **place != 0;
            let told = FIELDS.iter().zip(&read.places).filter(of_g).count();
            assert!(told > 20, "{name}: {told}");
            for ((field, by_table), by_dwarf) in FIELDS.iter().zip(&table.places).zip(&read.places) {
                // A structure that the program does not use, or a first field.
                let untold = *by_dwarf == 0;
                assert!(untold || by_table == by_dwarf, "{name}: {}.{}: {by_dwarf}", field.of, field.name);
            }
        }
    }
}
