//! What was typed (clap's types) and one file per command. Nothing below this
//! layer knows clap.

mod addr2line;
mod analyse;
mod check;
mod core;
mod diff;
mod explain;
mod follow;
mod given;
mod hosts;
mod inspect;
mod matrix;
mod merge;
mod progress;
mod replace;
mod resolve;
mod scan;
mod scan_args;
mod select;
mod show;
mod summary;
mod terminal;

use std::io;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use panicmap::report::{CHECK_FORMATS, CORE_FORMATS, FORMATS, SCHEMA};
use panicmap::symbolize::{Mode, Options};

use scan_args::{MergeArgs, ScanArgs, ShowArgs};
use select::{FilterArgs, SelectArgs};

/// Reads Go crash logs and says what went wrong, where, and whether the build
/// or the deployment is to blame.
#[derive(Parser)]
#[command(version, max_term_width = 100, args_conflicts_with_subcommands = true, after_help = AFTER_HELP)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    analyse: AnalyseArgs,
}

const AFTER_HELP: &str = "\
Examples:
  kubectl logs -p pod | panicmap -b ./app
  kubectl logs -f pod | panicmap --follow -b ./app
  panicmap crash.log -b ./app --host pi.txt      # pi.txt: `cat /proc/cpuinfo; uname -a` of the host
  panicmap --exit-code 132 -b ./app --host pi.txt   # died without a word
  kubectl describe pod app | panicmap -b ./app
  panicmap inspect ./app
  panicmap resolve ./app 0x4924a0
  panicmap dump.log --goroutines grouped --function '^main\\.'
  panicmap diff before.log after.log             # which goroutines leak
  panicmap scan /var/log/pods -b ./dist          # all crashes of a folder or archive
  panicmap explain illegal instruction           # faults that these words speak of
  panicmap matrix linux/arm                      # what that port needs and risks
  panicmap check ./app --on linux/arm/6          # will it run there?

Exit status: 0 done; 1 `check` failed, or `diff --exit-code` found a difference; 2 wrong usage, or an input that
could not be read; 3 no Go crash found; 4 `scan` could not read something in full.
Results go to standard output, everything else to standard error.";

#[derive(Subcommand)]
enum Command {
    /// Print what an executable says about itself; several are compared
    Inspect(InspectArgs),
    /// Turn addresses into function, file and line, with inlined calls
    #[command(after_help = resolve::AFTER_HELP)]
    Resolve(ResolveArgs),
    /// Compare two dumps of one program: which stacks are new, gone, grown or shrunk
    #[command(after_help = diff::AFTER_HELP)]
    Diff(DiffArgs),
    /// Crashes of whole folders and archives of logs: which, how many, since when, where
    #[command(after_help = scan::AFTER_HELP)]
    Scan(Box<ScanArgs>),
    /// Join records of scans (--format jsonl), in any order, and summarise them
    #[command(after_help = merge::AFTER_HELP)]
    Merge(MergeArgs),
    /// One group of a scan in full, with its example
    #[command(after_help = show::AFTER_HELP)]
    Show(ShowArgs),
    /// Will an executable run there? Before anything crashed; for CI
    #[command(after_help = check::AFTER_HELP)]
    Check(CheckArgs),
    /// A post-mortem report of a core dump
    #[command(after_help = core::AFTER_HELP)]
    Core(CoreArgs),
    /// Explain a fault: what, why, evidence, look-alikes, fix; or find it by words
    Explain(ExplainArgs),
    /// The ports of Go: levels, what cgo needs, minimum systems, faults and risk
    #[command(after_help = matrix::AFTER_HELP)]
    Matrix(MatrixArgs),
    /// Machines that --host knows by name, each with its source
    Hosts(HostsArgs),
    /// Print the JSON Schema of the JSON output
    Schema,
    /// Print a completion script for a shell
    Completions { shell: clap_complete::Shell },
    /// Print the man page
    Man,
}

#[derive(Args)]
struct AnalyseArgs {
    /// Crash logs, plain or compressed; `-` (the default) is standard input
    #[arg(value_name = "FILE")]
    files: Vec<String>,
    /// Executable that may have written the log, plain or compressed; a member of
    /// an archive (`app.tgz!bin/app`); an archive or folder, all Go executables
    /// in which are tried; repeatable
    #[arg(short, long = "binary", value_name = "BINARY")]
    binaries: Vec<String>,
    /// The machine it ran on: `local` for this one, `board:raspberry-pi-1` for one
    /// that `panicmap hosts` lists, `image:PATH[,platform=OS/ARCH[/VARIANT]][,name=TAG]`
    /// for a container image (docker save, OCI) or root filesystem, a host card (TOML),
    /// or a file with the raw text of uname -a, /proc/cpuinfo, ldd --version and others
    #[arg(long, value_name = "CARD|local|board:NAME|image:PATH")]
    host: Option<String>,
    /// Exit code of the process, where little or nothing else is known; with a log,
    /// of its last crash. 128+N is signal N; also a Windows status (0xc0000005)
    #[arg(long, value_name = "N", allow_negative_numbers = true,
          conflicts_with_all = ["signal", "follow", "pass"])]
    exit_code: Option<String>,
    /// Signal that ended the process, by name or number (SIGILL, ill, 4); as --exit-code
    #[arg(long, value_name = "NAME|N", conflicts_with_all = ["follow", "pass"])]
    signal: Option<String>,
    /// Core dump of the same crash: it confirms or contradicts the log, and tells of
    /// the machine; `panicmap core` shows all of it
    #[arg(long, value_name = "CORE", conflicts_with_all = ["follow", "pass"])]
    core: Option<String>,
    /// What wraps the lines, outermost first, instead of finding out; `plain`
    /// takes nothing off; `list` prints the names
    #[arg(long = "envelope", value_name = "NAME", value_delimiter = ',')]
    envelopes: Vec<String>,
    /// Report each crash as soon as it is complete; a file is read on as it grows
    #[arg(long)]
    follow: bool,
    /// Copy the log to standard output, and put each report after its crash
    #[arg(long)]
    pass: bool,
    /// What may name addresses
    #[arg(long, value_enum, default_value_t = Resolver::Auto)]
    resolver: Resolver,
    /// Folder of debug files that were split off (`DIR/.build-id/`, names of
    /// .gnu_debuglink, dSYM bundles), asked before /usr/lib/debug; repeatable
    #[arg(long = "debug-dir", value_name = "DIR")]
    debug_dirs: Vec<String>,
    /// Fold nothing: every frame, every goroutine
    #[arg(long)]
    all: bool,
    /// Print the text that the signature is a hash of, and which frames were left out of it
    #[arg(long)]
    explain_signature: bool,
    #[command(flatten)]
    select: SelectArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Args)]
struct DiffArgs {
    /// Log of the earlier dump; `-` is standard input, `FILE#2` its second dump
    #[arg(value_name = "BEFORE")]
    before: String,
    /// Log of the later dump
    #[arg(value_name = "AFTER")]
    after: String,
    /// Every changed stack with every frame
    #[arg(long)]
    all: bool,
    /// Exit with 1 where the dumps differ
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Args)]
struct InspectArgs {
    /// Executables, plain or compressed, in archives (`app.tgz!bin/app`); folders and archives of them
    #[arg(value_name = "BINARY", required = true)]
    binaries: Vec<String>,
    /// Everything, each fact with the place where it was read; of several
    /// executables the facts that are equal too
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Args)]
struct ResolveArgs {
    /// Executable, plain or compressed, or a member of an archive
    #[arg(value_name = "BINARY", required_unless_present_any = ["exe", "addr2line"])]
    binary: Option<String>,
    /// Link addresses in hex, with 0x or bare, or functions: `main.main+0x1d`, `main.main`.
    /// From standard input, one a line, where none is given
    #[arg(value_name = "ADDR")]
    addresses: Vec<String>,
    /// Bare digits are decimal
    #[arg(long)]
    decimal: bool,
    /// Only the innermost call, not those that it is inlined in
    #[arg(long, conflicts_with = "inlines")]
    no_inlines: bool,
    /// Addresses are return addresses: look one byte before each
    #[arg(long)]
    calls: bool,
    /// Load bias to take off each address, in hex
    #[arg(long, value_name = "HEX", default_value = "0")]
    bias: String,
    #[arg(long, value_enum, default_value_t = Resolver::Auto)]
    resolver: Resolver,
    /// Folder of debug files that were split off, asked before /usr/lib/debug; repeatable
    #[arg(long = "debug-dir", value_name = "DIR")]
    debug_dirs: Vec<String>,
    /// Print what GNU addr2line prints, and take its options; all ADDRs are addresses
    #[arg(long, conflicts_with_all = ["json", "format", "no_inlines"])]
    addr2line: bool,
    /// The executable; BINARY is the first ADDR then (addr2line: a.out where none is given)
    #[arg(short, long, value_name = "FILE")]
    exe: Option<String>,
    /// Inlined calls too, which is the default without --addr2line
    #[arg(short, long)]
    inlines: bool,
    /// addr2line: functions too
    #[arg(short, long, requires = "addr2line")]
    functions: bool,
    /// addr2line: one line an address
    #[arg(short, long, requires = "addr2line")]
    pretty_print: bool,
    /// addr2line: the address in front
    #[arg(short = 'a', long = "addresses", requires = "addr2line")]
    show_addresses: bool,
    /// addr2line: files without their folders
    #[arg(short = 's', long, requires = "addr2line")]
    basenames: bool,
    /// addr2line: names of C++ and Rust as in the source
    #[arg(short = 'C', long, requires = "addr2line")]
    demangle: bool,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Args)]
struct CoreArgs {
    /// Core dump of Linux, plain or compressed
    #[arg(value_name = "CORE")]
    core: String,
    /// The executable of the process, or what may hold it; see the main command; repeatable
    #[arg(short, long = "binary", value_name = "BINARY")]
    binaries: Vec<String>,
    /// Folder with the files of the machine, for the frames of C in shared libraries: below it
    /// where the process had them, or by name alone; repeatable
    #[arg(long = "sysroot", value_name = "DIR", conflicts_with = "raw")]
    sysroots: Vec<String>,
    /// What the runtime would have printed with GOTRACEBACK=system, and nothing else
    #[arg(long, conflicts_with_all = ["format", "json", "grep", "threads", "env", "all"])]
    raw: bool,
    /// Only the goroutine of this number; repeatable
    #[arg(long, value_name = "ID")]
    goroutine: Vec<u64>,
    /// Only goroutines with a frame whose function matches; as --function
    #[arg(long, value_name = "REGEX", value_parser = regex::Regex::new)]
    grep: Vec<regex::Regex>,
    /// All threads, with their registers
    #[arg(long)]
    threads: bool,
    /// Values of all environment variables, which may hold secrets
    #[arg(long)]
    env: bool,
    /// The machine, where more is known of it than the core tells; as for the main command
    #[arg(long, value_name = "CARD|local|board:NAME")]
    host: Option<String>,
    /// What may name addresses
    #[arg(long, value_enum, default_value_t = Resolver::Auto)]
    resolver: Resolver,
    /// Folder of debug files that were split off, asked before /usr/lib/debug; repeatable
    #[arg(long = "debug-dir", value_name = "DIR")]
    debug_dirs: Vec<String>,
    /// Fold nothing: every frame, every goroutine
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    select: SelectArgs,
    /// How to write the result; markdown and html are whole documents
    #[arg(long, value_name = "FORMAT", default_value = "text",
          value_parser = clap::builder::PossibleValuesParser::new(CORE_FORMATS.iter().map(|format| format.name)))]
    format: String,
    #[command(flatten)]
    sink: SinkArgs,
}

#[derive(Args)]
struct CheckArgs {
    /// Executables, plain or compressed, in archives (`app.tgz!bin/app`); folders and archives
    /// of them. Without any, the Go executables of each --image
    #[arg(value_name = "BINARY", required_unless_present = "images")]
    binaries: Vec<String>,
    /// Where it is to run: GOOS/GOARCH[/LEVEL], then what else is known, each after a
    /// comma: a distribution (debian:12, alpine, scratch), glibc=2.31, musl=1.2,
    /// kernel=4.19, version=12.7 (of macOS, Windows, a BSD), page=65536; repeatable
    #[arg(long, value_name = "TARGET", required_unless_present_any = ["hosts", "images", "expect"])]
    on: Vec<String>,
    /// A machine, as for the main command; repeatable
    #[arg(long = "host", value_name = "CARD|local|board:NAME")]
    hosts: Vec<String>,
    /// A container image or root filesystem, each of its platforms: a folder, a tar of
    /// docker save or docker export, an OCI layout;
    /// `PATH[,name=TAG][,platform=OS/ARCH[/VARIANT]]`; repeatable
    #[arg(long = "image", value_name = "PATH")]
    images: Vec<String>,
    /// What the build should be: GOOS/GOARCH[/LEVEL], settings of the go command
    /// (CGO_ENABLED=0, -trimpath=true, vcs.modified=false), go=1.25, libc=none, static,
    /// stripped, dirty=false; each after a comma
    #[arg(long, value_name = "FACTS")]
    expect: Option<String>,
    /// From which confidence on a finding makes the check fail
    #[arg(long, value_enum, default_value_t = FailOn::Likely, value_name = "CONFIDENCE")]
    fail_on: FailOn,
    /// How to write the result
    #[arg(long, value_name = "FORMAT", default_value = "text",
          value_parser = clap::builder::PossibleValuesParser::new(CHECK_FORMATS.iter().map(|format| format.name)))]
    format: String,
    #[command(flatten)]
    sink: SinkArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Certain,
    Likely,
    Possible,
}

#[derive(Args)]
struct ExplainArgs {
    /// Fault id, or words that its id, title or documentation holds; all faults
    /// in a line each where none is given
    #[arg(value_name = "ID|WORD")]
    words: Vec<String>,
    /// All faults in a line each
    #[arg(long, conflicts_with = "words")]
    all: bool,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Args)]
struct MatrixArgs {
    /// `linux/arm`, `linux` or `arm`; all ports in a line each where none is given
    #[arg(value_name = "GOOS/GOARCH|GOOS|GOARCH")]
    ports: Option<String>,
    /// How to write the result
    #[arg(long, value_enum, default_value_t = MatrixFormat::Text, value_name = "FORMAT")]
    format: MatrixFormat,
    /// Short for --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MatrixFormat {
    Text,
    Markdown,
    Json,
}

#[derive(Args)]
struct HostsArgs {
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Args)]
struct OutputArgs {
    /// How to write the result
    #[arg(long, value_name = "FORMAT", default_value = "text",
          value_parser = clap::builder::PossibleValuesParser::new(FORMATS.iter().map(|format| format.name)))]
    format: String,
    #[command(flatten)]
    sink: SinkArgs,
}

/// Beside a command's own `--format`.
#[derive(Args)]
struct SinkArgs {
    /// Short for --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    color: Colour,
    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<String>,
}

impl SinkArgs {
    /// The format in force.
    fn format<'a>(&self, format: &'a str) -> &'a str {
        if self.json { "json" } else { format }
    }
}

impl OutputArgs {
    fn format(&self) -> &str {
        self.sink.format(&self.format)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Colour {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, ValueEnum)]
enum Resolver {
    /// The pclntab for Go code, DWARF and symbols for the rest
    Auto,
    Dwarf,
    Pclntab,
}

impl Resolver {
    fn options(self, debug_dirs: &[String]) -> anyhow::Result<Options> {
        for folder in debug_dirs {
            std::fs::read_dir(folder).with_context(|| format!("--debug-dir {folder}"))?;
        }
        let mode = match self {
            Resolver::Auto => Mode::Auto,
            Resolver::Dwarf => Mode::Dwarf,
            Resolver::Pclntab => Mode::Pclntab,
        };
        Ok(Options::new(mode, debug_dirs))
    }
}

/// Exit statuses, as documented in the help.
mod status {
    pub(super) const DONE: u8 = 0;
    pub(super) const DIFFERENT: u8 = 1;
    pub(super) const UNREADABLE: u8 = 2;
    pub(super) const NO_CRASH: u8 = 3;
    pub(super) const NOT_IN_FULL: u8 = 4;
}

pub(crate) fn main() -> ExitCode {
    // A reader of damaged debug information may give up in its own way; that
    // is caught, and told in the report. One line is enough here.
    std::panic::set_hook(Box::new(|info| terminal::note(&format!("internal error: {info}"))));
    let cli = Cli::parse();
    let result = match cli.command {
        None => analyse::run(&cli.analyse),
        Some(Command::Inspect(args)) => inspect::run(&args),
        Some(Command::Resolve(args)) => resolve::run(&args),
        Some(Command::Diff(args)) => diff::run(&args),
        Some(Command::Scan(args)) => scan::run(&args),
        Some(Command::Merge(args)) => merge::run(&args),
        Some(Command::Show(args)) => show::run(&args),
        Some(Command::Check(args)) => check::run(&args),
        Some(Command::Core(args)) => core::run(&args),
        Some(Command::Explain(args)) => explain::run(&args),
        Some(Command::Matrix(args)) => matrix::run(&args),
        Some(Command::Hosts(args)) => hosts::run(&args),
        Some(Command::Schema) => print(SCHEMA),
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "panicmap", &mut script);
            print(&String::from_utf8_lossy(&script))
        }
        Some(Command::Man) => man(),
    };
    match result {
        Ok(status) => ExitCode::from(status),
        // Whoever reads has seen enough: a closed pipe is success.
        Err(error) if is_closed_pipe(&error) => ExitCode::from(status::DONE),
        Err(error) => {
            terminal::complain(&error);
            ExitCode::from(status::UNREADABLE)
        }
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

fn print(text: &str) -> anyhow::Result<u8> {
    use io::Write;
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(status::DONE)
}

fn man() -> anyhow::Result<u8> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page).context("cannot render the man page")?;
    print(&String::from_utf8_lossy(&page))
}
