//! What `scan`, `merge` and `show` take.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use super::Resolver;
use super::summary::{CountedArgs, SummaryArgs, size};

const LIMITS: &str = "Limits";

#[derive(Args)]
pub(super) struct ScanArgs {
    /// Files, archives and folders; `-` is standard input
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// A file with a path a line, or with NUL behind each; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(super) paths_from: Option<String>,
    /// Of folders only the files whose path matches; `*` matches `/` too; repeatable
    #[arg(long, value_name = "GLOB")]
    pub(super) include: Vec<String>,
    /// Of folders not the files whose path matches; repeatable
    #[arg(long, value_name = "GLOB")]
    pub(super) exclude: Vec<String>,
    /// The name of standard input in the result
    #[arg(long, value_name = "NAME")]
    pub(super) label: Option<String>,
    /// Executables that may have written the logs, or folders and archives of them; each
    /// crash is judged with the one that fits it; repeatable
    #[arg(short, long = "binary", value_name = "BINARY|DIR")]
    pub(super) binaries: Vec<String>,
    /// The machine that all of it ran on, as for a single log
    #[arg(long, value_name = "CARD|local|board:NAME")]
    pub(super) host: Option<String>,
    /// What may name addresses
    #[arg(long, value_enum, default_value_t = Resolver::Auto)]
    pub(super) resolver: Resolver,
    /// Folder of debug files that were split off; repeatable
    #[arg(long = "debug-dir", value_name = "DIR")]
    pub(super) debug_dirs: Vec<String>,
    /// All goroutines in the records, not only the one that crashed
    #[arg(long)]
    pub(super) all: bool,
    /// Stop at the first input that cannot be read in full, and write nothing more
    #[arg(long)]
    pub(super) strict: bool,
    /// Exit with 0 also where something could not be read in full: for engines that take
    /// another status for a crash of panicmap. The records tell of it
    #[arg(long, conflicts_with = "strict")]
    pub(super) exit_zero: bool,
    /// Threads that read; all cores without it
    #[arg(long, value_name = "N")]
    pub(super) jobs: Option<NonZeroUsize>,
    /// Most bytes of one document, decompressed
    #[arg(long, value_name = "SIZE", default_value = "64G", value_parser = size, help_heading = LIMITS)]
    pub(super) max_bytes: u64,
    /// Most bytes out of a file for each byte of it, behind the first 64 MiB
    #[arg(long, value_name = "N", default_value_t = 1000, help_heading = LIMITS)]
    pub(super) max_ratio: u64,
    /// Most archives inside each other, and layers of compression around one document
    #[arg(long, value_name = "N", default_value_t = 8, help_heading = LIMITS)]
    pub(super) max_depth: usize,
    /// Longer lines lose their end; at least 256K
    #[arg(long, value_name = "SIZE", default_value = "8M", value_parser = size, help_heading = LIMITS)]
    pub(super) max_line: u64,
    /// Most bytes of one crash, which each thread holds in memory, and two thirds of that of
    /// a document that can only be read as a whole (UTF-16) or a string in JSON; at least 1M
    #[arg(long, value_name = "SIZE", default_value = "12M", value_parser = size, help_heading = LIMITS)]
    pub(super) max_crash: u64,
    /// Plain files of twice that size are read in parts by several threads
    #[arg(long, value_name = "SIZE", value_parser = size, hide = true)]
    pub(super) part_size: Option<u64>,
    #[command(flatten)]
    pub(super) summary: SummaryArgs,
}

#[derive(Args)]
pub(super) struct MergeArgs {
    /// Results of `scan --format jsonl`; `-` (the default) is standard input
    #[arg(value_name = "FILE")]
    pub(super) files: Vec<String>,
    #[command(flatten)]
    pub(super) summary: SummaryArgs,
}

#[derive(Args)]
pub(super) struct ShowArgs {
    /// Its number in the summary, or the beginning of its signature
    #[arg(value_name = "GROUP")]
    pub(super) group: String,
    /// Results of `scan --format jsonl`
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<String>,
    #[command(flatten)]
    pub(super) counted: CountedArgs,
    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<String>,
}
