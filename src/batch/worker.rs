//! Threads that read, and one that puts their results in order.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::paths::Input;
use super::queue::{Queue, Task};
use super::record::Record;
use super::{Scan, item, parts};
use crate::source::{Allowance, chains};

/// Inputs that each worker may be ahead of what is written.
const AHEAD: usize = 64;

/// Records of an input.
struct Results {
    input: usize,
    records: Vec<Record>,
    weight: u64,
    /// There are no more.
    done: bool,
}

/// Reads all inputs and hands their records on, in the order of the inputs.
///
/// # Errors
/// Those of `each`; they end the scan.
pub fn scan(
    scan: &Scan<'_>,
    inputs: &[Input],
    each: &mut dyn FnMut(Record) -> io::Result<()>,
) -> io::Result<()> {
    let names: Vec<&str> = inputs.iter().map(|input| input.name.as_str()).collect();
    let chains = chains(&names);
    let mut items: Vec<(usize, Vec<usize>)> =
        chains.into_iter().filter_map(|chain| Some((chain.iter().copied().min()?, chain))).collect();
    items.sort_unstable();
    let jobs = scan.jobs.max(1);
    let firsts = items.iter().map(|(first, _)| *first).collect();
    let queue = Arc::new(Queue::new(firsts, jobs.saturating_mul(AHEAD)));
    let (sender, results) = sync_channel(jobs.saturating_mul(4));
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            let (queue, items, sender) = (&queue, &items, sender.clone());
            scope.spawn(move || work(scan, inputs, items, queue, &sender));
        }
        drop(sender);
        collect(scan, &queue, &results, each)
    })
}

fn work(
    scan: &Scan<'_>,
    inputs: &[Input],
    items: &[(usize, Vec<usize>)],
    queue: &Arc<Queue>,
    sender: &SyncSender<Results>,
) {
    // Names are looked up with caches that threads do not share.
    let mut examiner = scan.examiner();
    let send = |first: usize, input: usize, records: Vec<Record>, done: bool| {
        let weight = records.iter().map(Record::weight).fold(0, u64::saturating_add);
        queue.room(first, weight);
        // Who has stopped listening needs no results.
        drop(sender.send(Results { input, records, weight, done }));
    };
    while let Some(task) = queue.take() {
        match task {
            Task::Item(at) => {
                let Some((first, chain)) = items.get(at) else { continue };
                let first = *first;
                let turn = Arc::clone(queue);
                let allowance = Allowance::new(move || turn.turn(first));
                let mut give = |input, records, done| send(first, input, records, done);
                let files: Vec<(usize, &Input)> =
                    chain.iter().filter_map(|at| Some((*at, inputs.get(*at)?))).collect();
                if let [(number, input)] = files.as_slice() {
                    let plan = parts::plan(scan, *number, input);
                    if plan.is_some() {
                        queue.done(plan);
                        continue;
                    }
                    item::file(scan, &mut examiner, *number, input, allowance, &mut give);
                } else {
                    item::chain(scan, &mut examiner, first, &files, allowance, &mut give);
                }
                queue.done(None);
            }
            Task::Part(parts, at) => {
                let Some(input) = inputs.get(parts.input) else { continue };
                let mut give = |records, done| send(parts.input, parts.input, records, done);
                parts.read(scan, &examiner, input, at, &mut give);
            }
        }
    }
}

#[derive(Default)]
struct Waiting {
    records: Vec<Record>,
    weight: u64,
    done: bool,
}

/// Hands results on in the order of the inputs.
fn collect(
    scan: &Scan<'_>,
    queue: &Queue,
    results: &Receiver<Results>,
    each: &mut dyn FnMut(Record) -> io::Result<()>,
) -> io::Result<()> {
    let mut waiting: BTreeMap<usize, Waiting> = BTreeMap::new();
    let mut head = 0usize;
    let mut ended = Ok(());
    for Results { input, records, weight, done } in results {
        let entry = waiting.entry(input).or_default();
        entry.records.extend(records);
        entry.weight = entry.weight.saturating_add(weight);
        entry.done |= done;
        while let Some(Waiting { records, weight, done }) = waiting.get_mut(&head) {
            for record in std::mem::take(records) {
                if ended.is_ok() {
                    ended = each(record);
                }
                if ended.is_err() {
                    scan.watch.stop();
                }
            }
            queue.handed_on(std::mem::take(weight));
            if !*done {
                break;
            }
            waiting.remove(&head);
            head = head.saturating_add(1);
            queue.written(head);
        }
    }
    ended
}
