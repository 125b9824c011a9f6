//! States of goroutines in words (runtime/runtime2.go, `waitReasonStrings`;
//! runtime/traceback.go, `gStatusStrings`).

/// For the rows that the newest version still has.
const ALWAYS: u32 = u32::MAX;

/// A reason, and the first and last Go minor version that has it there. A reason's
/// number is its place among the rows of a version; 1.26 put some in other places. The
/// numbers of a later version are taken to be those of the newest.
const WAIT_REASONS: &[(&str, u32, u32)] = &[
    ("", 0, ALWAYS),
    ("GC assist marking", 0, ALWAYS),
    ("IO wait", 0, ALWAYS),
    ("chan receive (nil chan)", 0, 25),
    ("chan send (nil chan)", 0, 25),
    ("dumping heap", 0, ALWAYS),
    ("garbage collection", 0, ALWAYS),
    ("garbage collection scan", 0, ALWAYS),
    ("panicwait", 0, ALWAYS),
    ("select", 0, 25),
    ("select (no cases)", 0, 25),
    ("GC assist wait", 0, ALWAYS),
    ("GC sweep wait", 0, ALWAYS),
    ("GC scavenge wait", 0, ALWAYS),
    ("chan receive", 0, 25),
    ("chan send", 0, 25),
    ("finalizer wait", 0, ALWAYS),
    ("force gc (idle)", 0, ALWAYS),
    ("GOMAXPROCS updater (idle)", 25, ALWAYS),
    ("semacquire", 0, ALWAYS),
    ("sleep", 0, ALWAYS),
    ("chan receive (nil chan)", 26, ALWAYS),
    ("chan send (nil chan)", 26, ALWAYS),
    ("select (no cases)", 26, ALWAYS),
    ("select", 26, ALWAYS),
    ("chan receive", 26, ALWAYS),
    ("chan send", 26, ALWAYS),
    ("sync.Cond.Wait", 0, ALWAYS),
    ("timer goroutine (idle)", 0, 20),
    ("sync.Mutex.Lock", 21, ALWAYS),
    ("sync.RWMutex.RLock", 21, ALWAYS),
    ("sync.RWMutex.Lock", 21, ALWAYS),
    ("sync.WaitGroup.Wait", 24, ALWAYS),
    ("trace reader (blocked)", 0, ALWAYS),
    ("wait for GC cycle", 0, ALWAYS),
    ("GC worker (idle)", 0, ALWAYS),
    ("GC worker (active)", 21, ALWAYS),
    ("preempted", 0, ALWAYS),
    ("debug call", 0, ALWAYS),
    ("GC mark termination", 21, ALWAYS),
    ("stopping the world", 21, ALWAYS),
    ("flushing proc caches", 22, ALWAYS),
    ("trace goroutine status", 22, ALWAYS),
    ("trace proc status", 22, ALWAYS),
    ("page trace flush", 22, ALWAYS),
    ("coroutine", 22, ALWAYS),
    ("GC weak to strong wait", 23, ALWAYS),
    ("synctest.Run", 24, ALWAYS),
    ("synctest.Wait", 24, ALWAYS),
    ("chan receive (synctest)", 24, 24),
    ("chan send (synctest)", 24, 24),
    ("select (synctest)", 24, 24),
    ("chan receive (durable)", 25, ALWAYS),
    ("chan send (durable)", 25, ALWAYS),
    ("select (durable)", 25, ALWAYS),
    ("sync.WaitGroup.Wait (durable)", 25, ALWAYS),
    ("cleanup wait", 25, ALWAYS),
];

/// What a goroutine waits for; the runtime prints the second for a number that
/// it does not know.
pub(in crate::postmortem) fn wait_reason(minor: u32, number: u8) -> &'static str {
    let mut rows = WAIT_REASONS.iter().filter(|(_, first, last)| (*first..=*last).contains(&minor));
    rows.nth(usize::from(number)).map_or("unknown wait reason", |(reason, ..)| *reason)
}

/// runtime/runtime2.go, `isIdleInSynctest`, 1.25 to 1.27.
pub(in crate::postmortem) fn is_idle_in_bubble(minor: u32, number: u8) -> bool {
    const IDLE: [&str; 8] = [
        "chan receive (nil chan)",
        "chan send (nil chan)",
        "select (no cases)",
        "sleep",
        "sync.Cond.Wait",
        "coroutine",
        "synctest.Run",
        "synctest.Wait",
    ];
    let reason = wait_reason(minor, number);
    IDLE.contains(&reason) || reason.ends_with("(durable)")
}

pub(in crate::postmortem) mod status {
    pub(in crate::postmortem) const IDLE: u32 = 0;
    pub(in crate::postmortem) const RUNNING: u32 = 2;
    pub(in crate::postmortem) const SYSCALL: u32 = 3;
    pub(in crate::postmortem) const WAITING: u32 = 4;
    pub(in crate::postmortem) const DEAD: u32 = 6;
    pub(in crate::postmortem) const LEAKED: u32 = 10;
    pub(in crate::postmortem) const DEAD_EXTRA: u32 = 11;
    /// Set while the garbage collector looks at the stack.
    pub(in crate::postmortem) const SCAN: u32 = 0x1000;
}

pub(in crate::postmortem) fn status_name(status: u32) -> &'static str {
    const NAMES: [&str; 12] = [
        "idle",
        "runnable",
        "running",
        "syscall",
        "waiting",
        "",
        "dead",
        "",
        "copystack",
        "preempted",
        "leaked",
        "waiting for cgo callback",
    ];
    NAMES.get(status as usize).copied().unwrap_or("???")
}
