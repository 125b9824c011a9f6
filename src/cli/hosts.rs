//! `panicmap hosts`: the machines that `--host board:NAME` knows.

use std::io::Write;

use panicmap::host::boards;
use panicmap::report::{fill, hosts_json};

use super::terminal::Output;
use super::{HostsArgs, status};

pub(super) fn run(args: &HostsArgs) -> anyhow::Result<u8> {
    let mut out = Output::open(&args.output)?;
    if out.json {
        hosts_json(&mut out)?;
    } else {
        let width = out.style.width;
        for board in boards() {
            let target = format!("{}/{}", board.os, board.arch);
            writeln!(out, "{:<20} {target:<14} {}", board.name, board.machine)?;
            writeln!(out, "{}", fill(&format!("{} [{}]", board.what, board.source), "    ", width))?;
        }
    }
    out.flush()?;
    Ok(status::DONE)
}
