//! Limits of processes: `ulimit -a` of bash, dash and BusyBox,
//! /proc/PID/limits, and `cat /sys/fs/cgroup/pids.max`.

use super::super::limits::Bound;
use super::{Awaited, Reader};

struct Row {
    /// How the line begins.
    starts: &'static str,
    /// What more it has, where one beginning is not enough.
    has: &'static str,
    fact: Limited,
    unit: u64,
    from: &'static str,
}

#[derive(Clone, Copy)]
enum Limited {
    Processes,
    AddressSpace,
}

const fn row(starts: &'static str, has: &'static str, fact: Limited, unit: u64, from: &'static str) -> Row {
    Row { starts, has, fact, unit, from }
}

/// The last word of a line is the limit; of /proc/PID/limits it is the soft one,
/// the third from the end.
const ROWS: &[Row] = &[
    row("max user processes ", "(-u) ", Limited::Processes, 1, "ulimit -u"),
    row("virtual memory ", " -v) ", Limited::AddressSpace, 1024, "ulimit -v"),
    // BusyBox has the unit in front.
    row("virtual memory (kb) ", "(-v) ", Limited::AddressSpace, 1024, "ulimit -v"),
    // dash pads its names.
    row("process       ", "", Limited::Processes, 1, "ulimit -p"),
    row("vmemory(kbytes) ", "", Limited::AddressSpace, 1024, "ulimit -v"),
    row("Max processes ", " processes", Limited::Processes, 1, "/proc/PID/limits"),
    row("Max address space ", " bytes", Limited::AddressSpace, 1, "/proc/PID/limits"),
];

pub(super) fn read(reader: &mut Reader<'_>, line: &str) -> bool {
    if let Some((_, value)) = line.rsplit_once("pids.max:") {
        return pids_max(reader, value.trim());
    }
    // The command in front of the bare number.
    if line.ends_with("pids.max") {
        reader.awaited = Awaited::PidsMax;
        return true;
    }
    let Some(row) = ROWS.iter().find(|row| line.starts_with(row.starts) && line.contains(row.has)) else {
        return false;
    };
    let mut words = line.split_ascii_whitespace().rev();
    let word = if row.from.starts_with('/') { words.nth(2) } else { words.next() };
    let Some(bound) = word.and_then(Bound::parse) else { return false };
    let fact = reader.fact(bound.times(row.unit), row.from);
    match row.fact {
        Limited::Processes => {
            reader.host.settle("max_processes", |host| &mut host.max_processes, fact, Bound::eq);
        }
        Limited::AddressSpace => {
            reader.host.settle("address_space", |host| &mut host.address_space, fact, Bound::eq);
        }
    }
    true
}

pub(super) fn pids_max(reader: &mut Reader<'_>, value: &str) -> bool {
    let Some(bound) = Bound::parse(value).filter(|_| value != "unlimited") else { return false };
    let fact = reader.fact(bound, "cgroup pids.max");
    reader.host.settle("pids_max", |host| &mut host.pids_max, fact, Bound::eq);
    true
}
