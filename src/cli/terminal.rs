//! The edge: where output goes, how wide it is, whether it has colours, and
//! how errors are said.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};

use anyhow::Context;
use panicmap::error::Error;
use panicmap::report::Style;
use panicmap::report::escape::printable;

use super::{Colour, OutputArgs};

pub(super) struct Output {
    pub(super) style: Style,
    pub(super) json: bool,
    writer: BufWriter<Box<dyn Write>>,
}

impl Output {
    pub(super) fn open(args: &OutputArgs) -> anyhow::Result<Output> {
        let opened = Output::open_as(&args.sink.output, args.sink.color)?;
        Ok(Output { json: args.format() == "json", ..opened })
    }

    /// For commands with formats of their own.
    pub(super) fn open_as(output: &Option<String>, color: Colour) -> anyhow::Result<Output> {
        let to_terminal = output.is_none() && io::stdout().is_terminal();
        let style = style(color, to_terminal);
        let writer: Box<dyn Write> = match output {
            Some(path) => Box::new(File::create(path).with_context(|| format!("{path}: cannot write"))?),
            None => Box::new(io::stdout().lock()),
        };
        Ok(Output { style, json: false, writer: BufWriter::with_capacity(1 << 16, writer) })
    }
}

/// The width of the terminal, and colours where they are wanted.
pub(super) fn style(wanted: Colour, to_terminal: bool) -> Style {
    // https://no-color.org: set and not empty.
    let forbidden = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let colour = match wanted {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => to_terminal && !forbidden,
    };
    colored::control::set_override(colour);
    let width = to_terminal.then(terminal_size::terminal_size).flatten();
    let width = width.map_or(80, |(width, _)| usize::from(width.0));
    Style { width: width.clamp(60, 140), colour, ..Style::default() }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.writer.write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// `panicmap: what: why`, then a hint. File names and what they hold are
/// untrusted here too.
#[allow(clippy::print_stderr)]
pub(super) fn complain(error: &anyhow::Error) {
    let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    eprintln!("panicmap: {}", printable(&causes.join(": ")));
    if let Some(hint) = error.downcast_ref::<Error>().and_then(Error::hint) {
        eprintln!("  hint: {hint}");
    }
}

/// Something to say that is not a result.
#[allow(clippy::print_stderr)]
pub(super) fn note(text: &str) {
    eprintln!("panicmap: {}", printable(text));
}
