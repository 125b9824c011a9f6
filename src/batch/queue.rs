//! Who reads what: items in the order of the inputs, parts of big files first, and
//! nobody so far ahead of what is written that the results between pile up.
//!
//! The first input that is not done never waits for another; whoever waits here, waits
//! for those before.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::parts::Parts;

/// Bytes of records that may wait for the results of earlier inputs.
const PENDING: u64 = 8 << 20;

pub(super) enum Task {
    /// Number of an item.
    Item(usize),
    /// A part of a file, by its number.
    Part(Arc<Parts>, usize),
}

pub(super) struct Queue {
    /// The first input of each item.
    items: Vec<usize>,
    /// Inputs that may be read ahead.
    window: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    next: usize,
    /// By input and number: whoever is free helps with the first file that is not done.
    parts: BTreeMap<(usize, usize), Arc<Parts>>,
    /// Items that are read now, and may still turn out to be parts.
    open: usize,
    /// Inputs whose results were handed on.
    written: usize,
    /// Bytes of records that were given and not yet handed on.
    pending: u64,
}

impl Queue {
    pub(super) fn new(items: Vec<usize>, window: usize) -> Queue {
        Queue { items, window, state: Mutex::default(), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'q>(&self, state: MutexGuard<'q, State>) -> MutexGuard<'q, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// Something to do; nothing once all is done.
    pub(super) fn take(&self) -> Option<Task> {
        let mut state = self.lock();
        loop {
            if let Some(((_, at), parts)) = state.parts.pop_first() {
                return Some(Task::Part(parts, at));
            }
            match self.items.get(state.next) {
                Some(first) if *first < state.written.saturating_add(self.window) => {
                    let item = state.next;
                    state.next = item.saturating_add(1);
                    state.open = state.open.saturating_add(1);
                    return Some(Task::Item(item));
                }
                None if state.open == 0 => return None,
                _ => state = self.wait(state),
            }
        }
    }

    /// An item is done, or is read in parts.
    pub(super) fn done(&self, parts: Option<Parts>) {
        let mut state = self.lock();
        state.open = state.open.saturating_sub(1);
        if let Some(parts) = parts {
            let parts = Arc::new(parts);
            state.parts.extend((0..parts.count()).map(|at| ((parts.input, at), Arc::clone(&parts))));
        }
        self.changed.notify_all();
    }

    /// Waits until all inputs before one are done.
    pub(super) fn turn(&self, input: usize) {
        let mut state = self.lock();
        while state.written < input {
            state = self.wait(state);
        }
    }

    /// Waits until there is room for so many bytes of records of an input.
    pub(super) fn room(&self, input: usize, bytes: u64) {
        let mut state = self.lock();
        state.pending = state.pending.saturating_add(bytes);
        while state.pending > PENDING && state.written < input {
            state = self.wait(state);
        }
    }

    /// So many bytes of records were handed on.
    pub(super) fn handed_on(&self, bytes: u64) {
        let mut state = self.lock();
        state.pending = state.pending.saturating_sub(bytes);
        self.changed.notify_all();
    }

    /// The results of so many inputs were handed on.
    pub(super) fn written(&self, inputs: usize) {
        self.lock().written = inputs;
        self.changed.notify_all();
    }
}
