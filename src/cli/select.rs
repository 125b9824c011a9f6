//! Which goroutines are shown, and how much of them.

use clap::{Args, ValueEnum};
use panicmap::dump::{Filter, Of, Test};
use panicmap::report::{Goroutines, Style};
use regex::Regex;

#[derive(Args)]
pub(super) struct SelectArgs {
    /// Which goroutines to show; without it the one that crashed in full, the
    /// others grouped and folded
    #[arg(long, value_enum, value_name = "WHICH")]
    goroutines: Option<Which>,
    #[command(flatten)]
    filter: FilterArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum Which {
    /// Each in full
    All,
    /// Only the one that crashed
    Crashing,
    /// Those with the same stack as one, in full, with the arguments that differ
    Grouped,
}

const FILTERS: &str = "Filters (all must hold; each may be given more than once)";

/// Regular expressions, in the syntax of the regex crate. They are checked
/// while the command line is read, so that a wrong one is wrong usage.
#[derive(Args)]
pub(super) struct FilterArgs {
    /// Only goroutines with a frame whose function matches
    #[arg(long, value_name = "REGEX", value_parser = Regex::new, help_heading = FILTERS)]
    function: Vec<Regex>,
    /// Only goroutines with a frame whose file matches
    #[arg(long, value_name = "REGEX", value_parser = Regex::new, help_heading = FILTERS)]
    file: Vec<Regex>,
    /// Only goroutines whose state matches (`chan receive`, `IO wait`)
    #[arg(long, value_name = "REGEX", value_parser = Regex::new, help_heading = FILTERS)]
    state: Vec<Regex>,
    /// No goroutines with a frame whose function matches
    #[arg(long, value_name = "REGEX", value_parser = Regex::new, help_heading = FILTERS)]
    not_function: Vec<Regex>,
    /// No goroutines with a frame whose file matches
    #[arg(long, value_name = "REGEX", value_parser = Regex::new, help_heading = FILTERS)]
    not_file: Vec<Regex>,
    /// No goroutines whose state matches
    #[arg(long, value_name = "REGEX", value_parser = Regex::new, help_heading = FILTERS)]
    not_state: Vec<Regex>,
}

impl SelectArgs {
    pub(super) fn apply(&self, style: &mut Style) {
        style.filter = self.filter.filter();
        style.goroutines = match self.goroutines {
            None => Goroutines::Folded,
            Some(Which::All) => Goroutines::All,
            Some(Which::Crashing) => Goroutines::Crashing,
            Some(Which::Grouped) => Goroutines::Grouped,
        };
    }
}

impl FilterArgs {
    pub(super) fn filter(&self) -> Filter {
        let given = [
            (Of::Function, &self.function, true),
            (Of::File, &self.file, true),
            (Of::State, &self.state, true),
            (Of::Function, &self.not_function, false),
            (Of::File, &self.not_file, false),
            (Of::State, &self.not_state, false),
        ];
        let tests = given.into_iter().flat_map(|(of, patterns, wanted)| {
            patterns.iter().map(move |pattern| Test { of, pattern: pattern.clone(), wanted })
        });
        Filter { tests: tests.collect() }
    }
}
