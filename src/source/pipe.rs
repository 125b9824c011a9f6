//! A reader that has to stay on its thread, read on another.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Bytes that go over at a time, and pieces on their way.
const PIECE: usize = 256 << 10;
const PIECES: usize = 6;

/// A buffer, and how much of it is filled.
type Piece = io::Result<(Vec<u8>, usize)>;

/// Reads here, and gives what is read to `work` on a thread of its own. What
/// `work` leaves unread is not read.
pub(super) fn across(mut reader: impl Read, work: impl FnOnce(Received) + Send) {
    std::thread::scope(|scope| {
        let (sender, pieces) = sync_channel(PIECES);
        // Buffers come back, and are not made and zeroed anew for each piece.
        let (used, empty) = sync_channel(PIECES.saturating_add(1));
        let received = Received { pieces, used, piece: Vec::new(), at: 0, end: 0 };
        let worker = scope.spawn(move || work(received));
        send(&mut reader, &sender, &empty);
        drop(sender);
        if let Err(panic) = worker.join() {
            std::panic::resume_unwind(panic);
        }
    });
}

fn send(reader: &mut impl Read, pieces: &SyncSender<Piece>, empty: &Receiver<Vec<u8>>) {
    loop {
        let mut piece = empty.try_recv().unwrap_or_default();
        piece.resize(PIECE, 0);
        let mut filled = 0usize;
        let ended = loop {
            let Some(space) = piece.get_mut(filled..).filter(|space| !space.is_empty()) else { break None };
            match reader.read(space) {
                Ok(0) => break Some(None),
                Ok(read) => filled = filled.saturating_add(read),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Some(Some(error)),
            }
        };
        if filled > 0 && pieces.send(Ok((piece, filled))).is_err() {
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
    used: SyncSender<Vec<u8>>,
    piece: Vec<u8>,
    /// Where the reader is, and the end of what is filled.
    at: usize,
    end: usize,
}

impl Read for Received {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.piece.get(self.at..self.end).unwrap_or_default().read(buffer)?;
            if read > 0 || buffer.is_empty() {
                self.at = self.at.saturating_add(read);
                return Ok(read);
            }
            let Ok(next) = self.pieces.recv() else { return Ok(0) };
            let used = std::mem::take(&mut self.piece);
            (self.at, self.end) = (0, 0);
            // Where nobody needs it any more, it goes.
            self.used.try_send(used).ok();
            (self.piece, self.end) = next?;
        }
    }
}
