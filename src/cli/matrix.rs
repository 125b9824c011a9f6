//! `panicmap matrix`: the ports of Go.

use std::io::Write;

use anyhow::bail;
use panicmap::near::near;
use panicmap::report::{matrix_json, matrix_markdown, matrix_text};
use panicmap::target::ports::{PORTS, Port, REMOVED};

use super::terminal::Output;
use super::{Colour, MatrixArgs, MatrixFormat, status};

pub(super) const AFTER_HELP: &str = "\
A single port is told whole, several in a line each; JSON has everything of each.

Examples:
  panicmap matrix linux/arm
  panicmap matrix riscv64
  panicmap matrix --format markdown > ports.md";

pub(super) fn run(args: &MatrixArgs) -> anyhow::Result<u8> {
    let ports = select(args.ports.as_deref())?;
    let format = if args.json { MatrixFormat::Json } else { args.format };
    let mut out = Output::open_as(&args.output, Colour::Never)?;
    let width = out.style.width;
    match format {
        MatrixFormat::Text => matrix_text(&ports, width, &mut out)?,
        MatrixFormat::Markdown => matrix_markdown(&ports, &mut out)?,
        MatrixFormat::Json => matrix_json(&ports, &mut out)?,
    }
    out.flush()?;
    Ok(status::DONE)
}

fn select(wanted: Option<&str>) -> anyhow::Result<Vec<&'static Port>> {
    let Some(wanted) = wanted else { return Ok(PORTS.iter().collect()) };
    let name = wanted.to_ascii_lowercase();
    let found: Vec<&Port> = PORTS
        .iter()
        .filter(|port| port.name() == name || port.os.name() == name || port.arch.name() == name)
        .collect();
    if !found.is_empty() {
        return Ok(found);
    }
    if let Some((_, since)) = REMOVED.iter().find(|(port, _)| *port == name) {
        bail!("{wanted}: no port any more: gone in Go {since}");
    }
    let mut names: Vec<String> = PORTS.iter().map(Port::name).collect();
    names.extend(PORTS.iter().flat_map(|port| [port.os.name().to_owned(), port.arch.name().to_owned()]));
    names.sort_unstable();
    names.dedup();
    let near = near(&name, names.iter().map(String::as_str));
    match near.as_slice() {
        [] => bail!("{wanted}: no port of Go; `panicmap matrix` lists all"),
        near => bail!("{wanted}: no port of Go; near to it are {}", near.join(", ")),
    }
}
