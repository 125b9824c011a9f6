//! A reader that has to stay on its thread, read on another.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Bytes that go over at a time, and pieces on their way.
const PIECE: usize = 256 << 10;
const PIECES: usize = 2;

type Piece = io::Result<Vec<u8>>;

/// Reads here, and gives what is read to `work` on a thread of its own. What
/// `work` leaves unread is not read.
pub(super) fn across(mut reader: impl Read, work: impl FnOnce(Received) + Send) {
    std::thread::scope(|scope| {
        let (sender, pieces) = sync_channel(PIECES);
        let worker = scope.spawn(move || work(Received { pieces, piece: io::Cursor::new(Vec::new()) }));
        send(&mut reader, &sender);
        drop(sender);
        if let Err(panic) = worker.join() {
            std::panic::resume_unwind(panic);
        }
    });
}

fn send(reader: &mut impl Read, pieces: &SyncSender<Piece>) {
    loop {
        let mut piece = Vec::new();
        let ended = match reader.by_ref().take(PIECE as u64).read_to_end(&mut piece) {
            Ok(read) => (read < PIECE).then_some(None),
            Err(error) => Some(Some(error)),
        };
        if !piece.is_empty() && pieces.send(Ok(piece)).is_err() {
            return;
        }
        if let Some(error) = ended {
            // Who has stopped listening needs no error.
            error.map(|error| pieces.send(Err(error)).ok());
            return;
        }
    }
}

/// The other end.
pub(super) struct Received {
    pieces: Receiver<Piece>,
    piece: io::Cursor<Vec<u8>>,
}

impl Read for Received {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.piece.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            match self.pieces.recv() {
                Ok(piece) => self.piece = io::Cursor::new(piece?),
                Err(_) => return Ok(0),
            }
        }
    }
}
