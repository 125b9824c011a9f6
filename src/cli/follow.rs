//! `--follow` and `--pass`: each crash is reported as soon as it is complete,
//! while the log goes on.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use anyhow::bail;
use panicmap::examine::Examiner;
use panicmap::report::FORMATS;
use panicmap::source::{Limits, Log};
use panicmap::trace::{Crash, Feed, Unwrapping};

use super::terminal::{Output, note};
use super::{AnalyseArgs, status};

/// A crash is complete when nothing that looks like it has come for so long. The
/// runtime writes a dump without a pause; a network may have one.
const SILENCE: Duration = Duration::from_secs(2);
/// How often a file that is followed is looked at.
const POLL: Duration = Duration::from_millis(200);
/// Pieces on their way from the reader.
const PIECES: usize = 4;

pub(super) fn run(
    args: &AnalyseArgs,
    examiner: &Examiner<'_>,
    unwrapping: Unwrapping,
    out: Output,
) -> anyhow::Result<u8> {
    let path = match args.files.as_slice() {
        [] => "-",
        [path] => path.as_str(),
        _ => bail!("--follow and --pass take one log; give one file, or pipe one in"),
    };
    let log = Log::open(path, Limits::default())?;
    let feed = Feed::live(log.origin.clone(), unwrapping);
    let (sender, pieces) = sync_channel(PIECES);
    let again = args.follow && path != "-" && log.unpacked.is_empty();
    std::thread::spawn(move || read(log, again, &sender));
    let mut follower =
        Follower { examiner, args, out, feed, pass: args.pass, pending: Vec::new(), passed: 0, reported: 0 };
    let cut = follower.follow(&pieces, args.follow)?;
    if let Some(cut) = cut {
        note(&format!("{path}: {cut}"));
        return Ok(status::UNREADABLE);
    }
    Ok(if follower.reported == 0 && !args.pass { status::NO_CRASH } else { status::DONE })
}

enum Piece {
    Bytes(Vec<u8>),
    /// The end, and why it came early.
    End(Option<String>),
}

fn read(mut log: Log, again: bool, pieces: &SyncSender<Piece>) {
    let mut buffer = Vec::new();
    loop {
        let piece = log.next(&mut buffer).to_vec();
        let ended = piece.is_empty();
        if !ended && pieces.send(Piece::Bytes(piece)).is_err() {
            return;
        }
        if ended && !again {
            break;
        }
        if ended {
            std::thread::sleep(POLL);
        }
    }
    // Nobody listens any more where the output was closed.
    pieces.send(Piece::End(log.cut.take())).ok();
}

struct Follower<'a, 'b> {
    examiner: &'a Examiner<'b>,
    args: &'a AnalyseArgs,
    out: Output,
    feed: Feed,
    pass: bool,
    /// Input that was not passed on yet, and where it begins.
    pending: Vec<u8>,
    passed: u64,
    reported: usize,
}

impl Follower<'_, '_> {
    fn follow(&mut self, pieces: &Receiver<Piece>, timed: bool) -> anyhow::Result<Option<String>> {
        let mut mark = (0u64, Instant::now());
        loop {
            match pieces.recv_timeout(POLL) {
                Ok(Piece::Bytes(bytes)) => {
                    if self.pass {
                        self.pending.extend_from_slice(&bytes);
                    }
                    let crashes = self.feed.push(&bytes);
                    self.report(crashes)?;
                }
                Ok(Piece::End(cut)) => {
                    let crashes = self.feed.end();
                    self.report(crashes)?;
                    self.pass_on(u64::MAX)?;
                    self.out.flush()?;
                    return Ok(cut);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => bail!("the reader of the log has ended early"),
            }
            let held = self.feed.held();
            if Some(mark.0) != held {
                mark = (held.unwrap_or(0), Instant::now());
            } else if timed && mark.1.elapsed() >= SILENCE {
                let crashes = self.feed.flush();
                self.report(crashes)?;
            }
            self.pass_on(self.feed.settled())?;
            self.out.flush()?;
        }
    }

    fn report(&mut self, crashes: Vec<Crash>) -> anyhow::Result<()> {
        for crash in crashes {
            self.pass_on(crash.span.bytes.end)?;
            let outcome = self.examiner.outcome(vec![self.examiner.crash(crash)]);
            let Some(format) = FORMATS.iter().find(|format| format.name == self.args.output.format()) else {
                continue;
            };
            let style = self.out.style.clone();
            if self.out.json {
                // One line a crash.
                let mut text = Vec::new();
                (format.write)(&outcome, &style, &mut text)?;
                let value: serde_json::Value = serde_json::from_slice(&text)?;
                writeln!(self.out, "{value}")?;
            } else {
                if self.reported > 0 || self.pass {
                    writeln!(self.out)?;
                }
                (format.write)(&outcome, &style, &mut self.out)?;
                if self.pass {
                    writeln!(self.out)?;
                }
            }
            self.reported = self.reported.saturating_add(1);
        }
        Ok(())
    }

    /// Copies the input up to an offset.
    fn pass_on(&mut self, until: u64) -> io::Result<()> {
        let wanted = usize::try_from(until.saturating_sub(self.passed)).unwrap_or(usize::MAX);
        let length = wanted.min(self.pending.len());
        let rest = self.pending.split_off(length);
        self.out.write_all(&self.pending)?;
        self.passed = self.passed.saturating_add(length as u64);
        self.pending = rest;
        Ok(())
    }
}
