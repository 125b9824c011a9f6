//! The goroutines as the records that a reader makes of a traceback, without the
//! traceback: what all frames at one place have in common is made once.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::Traceback;
use super::site::{Place, Site};
use super::stack::Stack;
use super::unwind::Frame;
use crate::addr::RuntimeAddr;
use crate::postmortem::runtime::Runtime;
use crate::postmortem::runtime::goroutine::Goroutine;
use crate::trace::{Growing, Pointers, Spot};

impl<'a> Traceback<'_, 'a> {
    /// All that there are, by the runtime's list.
    pub fn goroutines(&self) -> impl Iterator<Item = Goroutine> + '_ {
        self.runtime.goroutines.iter().filter_map(|g| self.runtime.goroutine(*g))
    }

    /// The traceback as far as the first goroutine that `keep` takes, and the registers,
    /// which stand at its end; the number of that goroutine.
    pub fn beginning(&self, keep: &dyn Fn(&Goroutine) -> bool) -> (String, Option<u64>) {
        let mut text = String::new();
        let apart = self.opening(&mut text);
        let first = self.order(keep).next();
        if let Some(goroutine) = &first {
            if apart {
                text.push('\n');
            }
            self.goroutine(goroutine, &mut text);
        }
        self.registers(&mut text);
        (text, first.map(|goroutine| goroutine.id))
    }

    /// Adds the goroutines that `keep` takes behind the first so many; how many were left
    /// out, for there is no room for them.
    pub fn others(&self, keep: &dyn Fn(&Goroutine) -> bool, skip: usize, growing: &mut Growing) -> usize {
        let mut records =
            Records { runtime: self.runtime, growing, spots: FxHashMap::default(), arguments: String::new() };
        let mut text = String::new();
        let mut left = 0usize;
        for goroutine in self.order(keep).skip(skip) {
            if records.growing.bytes() > MAX_RECORDS {
                left = left.saturating_add(1);
                continue;
            }
            text.clear();
            self.header(&goroutine, &mut text);
            records.growing.lines(text.as_bytes());
            let broken = self.frames(&goroutine, &mut records);
            text.clear();
            self.footer(&goroutine, broken, &mut text);
            records.growing.lines(text.as_bytes());
        }
        left
    }
}

/// Most memory that the goroutines of a report take; a real one takes 1 KB.
const MAX_RECORDS: usize = 2 << 30;
/// Places that are remembered.
const MAX_SPOTS: usize = 1 << 16;

/// The place of a function, and those of the calls that were inlined there.
struct Spots<'a> {
    /// Kept, so that no other site gets its address.
    _site: Rc<Site<'a>>,
    place: Spot,
    inlined: Vec<Spot>,
}

struct Records<'g, 'r, 'a> {
    runtime: &'r Runtime<'a>,
    growing: &'g mut Growing,
    spots: FxHashMap<*const Site<'a>, Spots<'a>>,
    arguments: String,
}

impl<'a> Records<'_, '_, 'a> {
    fn spots(&mut self, site: &Rc<Site<'a>>) -> &Spots<'a> {
        let growing = &mut *self.growing;
        if self.spots.len() >= MAX_SPOTS {
            self.spots.clear();
        }
        self.spots.entry(Rc::as_ptr(site)).or_insert_with(|| {
            let mut spot = |place: &Place| growing.spot(&place.function, &place.position);
            Spots {
                _site: site.clone(),
                place: spot(&site.place),
                inlined: site.inlined.iter().map(spot).collect(),
            }
        })
    }
}

impl<'a> Stack<'a> for Records<'_, '_, 'a> {
    fn inlined(&mut self, frame: &Frame<'a>, index: usize) {
        if let Some(spot) = self.spots(&frame.site).inlined.get(index).copied() {
            self.growing.inlined(&spot);
        }
    }

    fn physical(&mut self, frame: &Frame<'a>) {
        let spot = self.spots(&frame.site).place;
        self.arguments.clear();
        if let Some(arguments) = &frame.site.arguments {
            arguments.print(self.runtime, frame.arguments, &mut self.arguments);
        }
        let pointers = Pointers { fp: frame.fp, sp: frame.sp, pc: Some(RuntimeAddr(frame.pc)) };
        self.growing.frame(&spot, &self.arguments, pointers);
    }

    fn elided(&mut self, count: Option<usize>) {
        self.growing.elided(count.map(|count| count as u64));
    }
}
