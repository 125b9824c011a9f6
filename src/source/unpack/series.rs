//! Compressed files one behind the other: members of gzip, frames of zstd, streams
//! of xz and bzip2. `cat a.gz b.gz` is one file to every decoder, and log rotation,
//! pigz, pbzip2 and pzstd write such.

use std::io::{self, Read};
use std::sync::Arc;

use super::Encoded;
use super::allowance::{Allowance, Held};
use super::input::{Input, Progress};

/// First bytes that tell a codec.
pub(in crate::source) const BEGINNING: usize = 13;

/// One of a series.
pub(super) trait Member<'a>: Read + Sized {
    const CODEC: &'static str;
    fn begins(bytes: &[u8]) -> bool;
    /// So many of its first bytes tell what memory it needs.
    const HEADER: usize = BEGINNING;
    /// Bytes that decoding one that begins so keeps in memory: its window or dictionary,
    /// its block, its tables.
    fn memory(beginning: &[u8]) -> u64;
    fn open(input: Input<'a>) -> io::Result<Self>;
    /// What is behind it.
    fn rest(self) -> Input<'a>;
}

pub(super) struct Series<'a, M> {
    state: State<'a, M>,
    allowance: Allowance,
    progress: Arc<Progress>,
}

enum State<'a, M> {
    Between(Input<'a>),
    Inside(Box<M>, Held),
    Ended,
}

impl<'a, M: Member<'a>> Series<'a, M> {
    pub(super) fn new(bytes: Encoded<'a>, allowance: &Allowance) -> Series<'a, M> {
        let input = Input::new(bytes);
        Series { progress: input.progress(), allowance: allowance.clone(), state: State::Between(input) }
    }

    fn next(mut input: Input<'a>, allowance: &Allowance) -> io::Result<State<'a, M>> {
        if input.at() > 0 {
            // Of tapes and blocks; xz asks for it in fours (the .xz file format 1.2.1, 2.2).
            input.skip_padding()?;
        }
        while is_skippable(input.peek(BEGINNING)?) {
            skip(&mut input)?;
        }
        let beginning = input.peek(BEGINNING)?;
        if beginning.is_empty() {
            return Ok(State::Ended);
        }
        if M::begins(beginning) {
            let needed = M::memory(input.peek(M::HEADER)?);
            // What is opened is not used yet, so that it takes no memory; it says better what
            // is wrong with it.
            let member = M::open(input)?;
            return Ok(State::Inside(Box::new(member), allowance.ask(needed)?));
        }
        let at = input.at();
        let left = io::copy(&mut input, &mut io::sink())?;
        Err(io::Error::new(
            io::ErrorKind::InvalidData,
            Behind(format!("{} data end at byte {at}; the {left} bytes behind are something else", M::CODEC)),
        ))
    }

    fn step(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Ended => return Ok(0),
                State::Between(input) => self.state = Series::next(input, &self.allowance)?,
                State::Inside(mut member, held) => {
                    let read = member.read(buffer)?;
                    if read > 0 || buffer.is_empty() {
                        self.state = State::Inside(member, held);
                        return Ok(read);
                    }
                    self.state = State::Between(member.rest());
                }
            }
        }
    }
}

impl<'a, M: Member<'a>> Read for Series<'a, M> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.step(buffer).map_err(|error| match error.get_ref() {
            Some(inner) if inner.is::<Behind>() => error,
            _ => self.progress.tell(M::CODEC, &error),
        })
    }
}

/// Something behind the last member.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Behind(String);

/// Frames for the use of programs: 0x184D2A5? and a 32-bit little-endian size
/// (RFC 8878, 3.1.2; lz4_Frame_format.md 1.6.4). Seekable zstd ends in one, pzstd
/// puts one in front of each frame.
pub(super) fn is_skippable(bytes: &[u8]) -> bool {
    matches!(bytes, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

fn skip(input: &mut Input<'_>) -> io::Result<()> {
    let mut head = [0; 8];
    input.read_exact(&mut head)?;
    let [.., a, b, c, d] = head;
    let size = u64::from(u32::from_le_bytes([a, b, c, d]));
    match io::copy(&mut input.take(size), &mut io::sink())? {
        skipped if skipped < size => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}
