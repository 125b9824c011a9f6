//! Who reads what: items in the order of the inputs, parts of big files first, and
//! nobody so far ahead of what is written that the results between pile up.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::parts::Parts;

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
    parts: VecDeque<(Arc<Parts>, usize)>,
    /// Items that are read now, and may still turn out to be parts.
    open: usize,
    /// Inputs whose results were handed on.
    written: usize,
}

impl Queue {
    pub(super) fn new(items: Vec<usize>, window: usize) -> Queue {
        Queue { items, window, state: Mutex::default(), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something to do; nothing once all is done.
    pub(super) fn take(&self) -> Option<Task> {
        let mut state = self.lock();
        loop {
            if let Some((parts, at)) = state.parts.pop_front() {
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
                _ => state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// An item is done, or is read in parts.
    pub(super) fn done(&self, parts: Option<Parts>) {
        let mut state = self.lock();
        state.open = state.open.saturating_sub(1);
        if let Some(parts) = parts {
            let parts = Arc::new(parts);
            let all = (0..parts.count()).map(|at| (Arc::clone(&parts), at));
            state.parts.extend(all.collect::<Vec<_>>());
        }
        self.changed.notify_all();
    }

    /// The results of so many inputs were handed on.
    pub(super) fn written(&self, inputs: usize) {
        self.lock().written = inputs;
        self.changed.notify_all();
    }
}
