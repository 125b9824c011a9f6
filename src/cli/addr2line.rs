//! Output of GNU addr2line, byte for byte (binutils/addr2line.c,
//! `translate_addresses`).

use std::io::Write;

use panicmap::report::escape::printable;
use panicmap::symbolize::{Location, Symbols, Unresolved};

use super::ResolveArgs;
use super::terminal::Output;

pub(super) fn write(
    args: &ResolveArgs,
    address: u64,
    wide: bool,
    outcome: &Result<Symbols, Unresolved>,
    out: &mut Output,
) -> anyhow::Result<()> {
    if args.show_addresses {
        let digits = if wide { 16 } else { 8 };
        let end = if args.pretty_print { ": " } else { "\n" };
        write!(out, "0x{address:0digits$x}{end}")?;
    }
    let Ok(symbols) = outcome else {
        let end = if args.pretty_print { " " } else { "\n" };
        if args.functions {
            write!(out, "??{end}")?;
        }
        // After a function, the pretty form says where it is.
        writeln!(out, "??:0")?;
        return Ok(());
    };
    for (index, location) in symbols.locations.iter().enumerate() {
        if index > 0 && args.pretty_print {
            write!(out, " (inlined by) ")?;
        }
        place(args, location, out)?;
    }
    Ok(())
}

fn place(args: &ResolveArgs, location: &Location, out: &mut Output) -> anyhow::Result<()> {
    if args.functions {
        let end = if args.pretty_print { " at " } else { "\n" };
        let mangled = location.symbol.starts_with("_Z") || location.symbol.starts_with("_R");
        let name = if args.demangle && mangled { &location.function } else { &location.symbol };
        write!(out, "{}{end}", printable(name))?;
    }
    // Go's units have the compilation directory ".", which BFD puts in front.
    let file = match location.file.as_deref() {
        Some(file) if file.starts_with('/') || file.starts_with("./") => file.to_owned(),
        Some(file) => format!("./{file}"),
        None => "??".to_owned(),
    };
    let file = if args.basenames { file.rsplit('/').next().unwrap_or(&file) } else { &file };
    match location.line {
        Some(line) => writeln!(out, "{}:{line}", printable(file))?,
        None => writeln!(out, "{}:?", printable(file))?,
    }
    Ok(())
}
