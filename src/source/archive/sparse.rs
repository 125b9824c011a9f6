//! Sparse files as GNU tar writes them with `--format=pax`: ordinary members with a
//! map of what is no hole (GNU tar's manual, Storing Sparse Files). The older form,
//! with a type of its own, is put together by the `tar` crate.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

/// Most parts of one file: its map is held in memory.
const PARTS: u64 = 1 << 18;
/// The map of the newest form stands in front of the data, in whole blocks of tar.
const BLOCK: u64 = 512;

/// What the attributes of a member say of its holes.
#[derive(Default)]
pub(super) struct Attributes {
    /// Length of the whole file.
    size: Option<u64>,
    /// 0.0 and 0.1: offsets and lengths, in turns.
    numbers: Vec<u64>,
    /// 1.0: they stand in the data.
    inside: bool,
    seen: bool,
}

impl Attributes {
    pub(super) fn take(&mut self, key: &[u8], value: &[u8]) {
        let Some(key) = key.strip_prefix(b"GNU.sparse.") else { return };
        self.seen = true;
        let number = || std::str::from_utf8(value).ok()?.parse::<u64>().ok();
        match key {
            b"size" | b"realsize" => self.size = number(),
            b"offset" | b"numbytes" => self.numbers.extend(number()),
            b"map" => {
                let numbers = value.split(|byte| *byte == b',');
                let number = |text: &[u8]| std::str::from_utf8(text).ok()?.parse::<u64>().ok();
                self.numbers.extend(numbers.map_while(number));
            }
            b"major" => self.inside = number() == Some(1),
            _ => {}
        }
    }

    pub(super) fn is_sparse(&self) -> bool {
        self.seen
    }

    /// Length of the whole file, where it is told.
    pub(super) fn size(&self) -> Option<u64> {
        self.size
    }

    /// The whole file, its holes filled.
    ///
    /// # Errors
    /// What is wrong with the map, in words.
    pub(super) fn fill<R: Read>(self, stored: R) -> Result<Filled<BufReader<R>>, String> {
        let size = self.size.ok_or("a sparse file without its length")?;
        let mut stored = BufReader::new(stored);
        let numbers = if self.inside { map(&mut stored)? } else { self.numbers };
        let parts: VecDeque<(u64, u64)> =
            numbers.chunks_exact(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?))).collect();
        let mut end = 0u64;
        for (offset, length) in &parts {
            let behind = offset.checked_add(*length).filter(|behind| *offset >= end && *behind <= size);
            end = behind.ok_or("a sparse file whose map is damaged")?;
        }
        Ok(Filled { stored, parts, at: 0, size })
    }
}

/// The map in front of the data: how many parts, then offset and length of each, a
/// decimal number a line.
fn map(stored: &mut impl BufRead) -> Result<Vec<u64>, String> {
    let mut read = 0u64;
    let mut number = || -> Result<u64, String> {
        let mut line = Vec::new();
        // The longest number of 64 bits has 20 digits.
        stored.by_ref().take(21).read_until(b'\n', &mut line).map_err(|error| error.to_string())?;
        read = read.saturating_add(line.len() as u64);
        let digits = line.strip_suffix(b"\n").and_then(|line| std::str::from_utf8(line).ok());
        digits
            .and_then(|digits| digits.parse().ok())
            .ok_or_else(|| "a sparse file whose map is damaged".to_owned())
    };
    let count = number()?;
    if count > PARTS {
        return Err(format!("a sparse file of {count} parts, and {PARTS} are allowed"));
    }
    let numbers = (0..count.saturating_mul(2)).map(|_| number()).collect::<Result<Vec<u64>, String>>()?;
    let padding = read.next_multiple_of(BLOCK).saturating_sub(read);
    io::copy(&mut stored.take(padding), &mut io::sink()).map_err(|error| error.to_string())?;
    Ok(numbers)
}

/// A sparse file as the program that wrote it sees it.
pub(super) struct Filled<R> {
    stored: R,
    /// Offset and length of what is stored and was not read.
    parts: VecDeque<(u64, u64)>,
    at: u64,
    size: u64,
}

impl<R: Read> Read for Filled<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let space = |left: u64| usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        while self.parts.front().is_some_and(|(_, length)| *length == 0) {
            self.parts.pop_front();
        }
        let read = match self.parts.front_mut() {
            Some((offset, length)) if *offset <= self.at => {
                let wanted = space(*length);
                let read = self.stored.read(buffer.get_mut(..wanted).unwrap_or_default())?;
                if read == 0 && wanted > 0 {
                    return Err(io::Error::new(
                        io::ErrorKind::UnexpectedEof,
                        "the archive ends inside of it",
                    ));
                }
                *offset = offset.saturating_add(read as u64);
                *length = length.saturating_sub(read as u64);
                read
            }
            next => {
                let end = next.map_or(self.size, |(offset, _)| *offset);
                let hole = space(end.saturating_sub(self.at));
                buffer.get_mut(..hole).unwrap_or_default().fill(0);
                hole
            }
        };
        self.at = self.at.saturating_add(read as u64);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(pairs: &[(&str, &str)], stored: &[u8]) -> Result<Vec<u8>, String> {
        let mut attributes = Attributes::default();
        pairs.iter().for_each(|(key, value)| attributes.take(key.as_bytes(), value.as_bytes()));
        let mut out = Vec::new();
        attributes.fill(stored)?.read_to_end(&mut out).map_err(|error| error.to_string())?;
        Ok(out)
    }

    /// The examples of GNU tar's manual, in each of its three forms.
    #[test]
    fn holes_are_filled() {
        let whole = b"\0\0ab\0c\0".to_vec();
        let old = [
            ("GNU.sparse.size", "7"),
            ("GNU.sparse.numblocks", "2"),
            ("GNU.sparse.offset", "2"),
            ("GNU.sparse.numbytes", "2"),
            ("GNU.sparse.offset", "5"),
            ("GNU.sparse.numbytes", "1"),
        ];
        assert_eq!(filled(&old, b"abc"), Ok(whole.clone()));
        assert_eq!(
            filled(&[("GNU.sparse.size", "7"), ("GNU.sparse.map", "2,2,5,1")], b"abc"),
            Ok(whole.clone())
        );
        let new = [("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", "7")];
        let mut data = b"3\n2\n2\n5\n1\n7\n0\n".to_vec();
        data.resize(512, 0);
        data.extend(b"abc");
        assert_eq!(filled(&new, &data), Ok(whole));
        assert!(filled(&new, &data[..514]).unwrap_err().contains("ends inside"));
        assert!(filled(&new, b"9999999\n").unwrap_err().contains("parts"));
        assert!(filled(&new, b"x\n").unwrap_err().contains("damaged"));
        assert!(filled(&[("GNU.sparse.size", "7"), ("GNU.sparse.map", "5,1,2,2")], b"abc").is_err());
        assert!(filled(&[("GNU.sparse.size", "7"), ("GNU.sparse.map", "5,9")], b"abc").is_err());
    }
}
