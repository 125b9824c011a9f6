//! What programs of each port were seen to do when they were built and run:
//! `tests/ports/run` wrote seen.tsv.

use super::ports::Port;

const SEEN: &str = include_str!("seen.tsv");

/// Some builds of a port that did the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// `GOARM=6`; `None` where the port has no levels, or the default was taken.
    pub level: Option<&'static str>,
    /// The compiler of a build with C; without, CGO_ENABLED=0.
    pub compiler: Option<&'static str>,
    /// What ran it: `native`, `qemu-arm -cpu arm1176`; empty where nothing at hand does.
    pub runners: Vec<&'static str>,
    pub what: &'static str,
}

/// What built and ran them: `go version go1.27.3 linux/amd64`.
pub fn toolchain() -> &'static str {
    SEEN.lines().next().unwrap_or("").trim_start_matches("# ")
}

/// The runs of a port, those with the same build and the same outcome together.
pub fn seen(port: &Port) -> Vec<Seen> {
    let name = port.name();
    let mut out: Vec<Seen> = Vec::new();
    for line in SEEN.lines().skip(1) {
        let mut cells = line.split('\t');
        let (Some(of), Some(level), Some(compiler), Some(runner), Some(what)) =
            (cells.next(), cells.next(), cells.next(), cells.next(), cells.next())
        else {
            continue;
        };
        if of != name {
            continue;
        }
        let given = |text: &'static str| Some(text).filter(|text| *text != "-");
        let one = Seen {
            level: given(level),
            compiler: given(compiler),
            runners: given(runner).into_iter().collect(),
            what: what.trim_end_matches([' ', ':']),
        };
        let like = |other: &&mut Seen| {
            (other.level, other.compiler, other.what) == (one.level, one.compiler, one.what)
        };
        match out.iter_mut().find(like) {
            Some(same) => same.runners.extend(one.runners),
            None => out.push(one),
        }
    }
    out
}
