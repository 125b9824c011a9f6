//! Which goroutines are looked at: regular expressions on functions, files and
//! states, all of which must hold.

use regex::Regex;
use rustc_hash::FxHashMap;

use crate::trace::{Crash, Goroutine, Sym};

/// What a pattern is held against.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Of {
    /// The function of any frame.
    Function,
    /// The file of any frame.
    File,
    /// The state, without wait and attributes.
    State,
}

/// One condition.
#[derive(Clone, Debug)]
pub struct Test {
    pub of: Of,
    pub pattern: Regex,
    /// False: the goroutine is taken where the pattern does not match.
    pub wanted: bool,
}

/// Conditions that a goroutine has to meet, all of them.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub tests: Vec<Test>,
}

impl Filter {
    pub fn is_empty(&self) -> bool {
        self.tests.is_empty()
    }

    /// The goroutines that pass, in the order printed. Every name is matched
    /// once: a dump of 100,000 goroutines has some hundred.
    pub fn select<'a>(&self, crash: &'a Crash) -> Vec<&'a Goroutine> {
        let mut tests: Vec<Known<'_>> =
            self.tests.iter().map(|test| Known { test, names: FxHashMap::default() }).collect();
        let passes = |goroutine: &&Goroutine| tests.iter_mut().all(|test| test.passes(crash, goroutine));
        crash.goroutines.iter().filter(passes).collect()
    }
}

/// A condition and what is known of its answers.
struct Known<'a> {
    test: &'a Test,
    names: FxHashMap<Sym, bool>,
}

impl Known<'_> {
    fn passes(&mut self, crash: &Crash, goroutine: &Goroutine) -> bool {
        let frames = crash.frames_of(goroutine).iter();
        let found = match self.test.of {
            Of::State => goroutine.id.is_some() && self.matches(crash, goroutine.state),
            Of::Function => frames.into_iter().any(|frame| self.matches(crash, frame.function)),
            Of::File => frames.into_iter().any(|frame| self.matches(crash, frame.file)),
        };
        found == self.test.wanted
    }

    fn matches(&mut self, crash: &Crash, name: Sym) -> bool {
        let pattern = &self.test.pattern;
        *self.names.entry(name).or_insert_with(|| pattern.is_match(crash.name(name)))
    }
}
