//! The known machines as JSON.

use std::io;

use serde::Serialize;

use super::{VERSION, finish};
use crate::host::{Board, boards};

/// Output of `panicmap hosts --format json`.
///
/// # Errors
/// Those of the writer.
pub fn hosts_json(out: &mut dyn io::Write) -> io::Result<()> {
    finish(&HostsJson { schema: VERSION, hosts: boards().map(BoardJson::new).collect() }, out)
}

#[derive(Serialize)]
struct HostsJson {
    schema: &'static str,
    hosts: Vec<BoardJson>,
}

#[derive(Serialize)]
struct BoardJson {
    name: &'static str,
    what: &'static str,
    goos: &'static str,
    goarch: &'static str,
    machine: &'static str,
    cpu_model: Option<&'static str>,
    cpu_architecture: Option<&'static str>,
    cpu_features: Option<Vec<&'static str>>,
    source: &'static str,
}

impl BoardJson {
    fn new(board: &Board) -> BoardJson {
        let said = |text: &'static str| (!text.is_empty()).then_some(text);
        BoardJson {
            name: board.name,
            what: board.what,
            goos: board.os.name(),
            goarch: board.arch.name(),
            machine: board.machine,
            cpu_model: said(board.cpu_model),
            cpu_architecture: said(board.cpu_architecture),
            cpu_features: said(board.cpu_features).map(|list| list.split(' ').collect()),
            source: board.source,
        }
    }
}
