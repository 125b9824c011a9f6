//! Which logs are pieces of one: `app.log.2.gz`, `app.log.1`, `app.log`.
//!
//! A rotation cuts at any byte (supervisord) or between records (docker), so
//! that a crash may begin in one file and end in the next.

use std::collections::HashMap;

/// Suffixes that say nothing about which log it is.
const CODECS: &[&str] = &[".gz", ".zst", ".xz", ".bz2", ".lz4", ".sz"];

/// When a piece was written, as its name tells.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Age<'a> {
    /// A date, with what stands behind it: time, or a number of seconds.
    Dated([u8; 8], &'a str),
    /// So many rotations ago.
    Numbered(std::cmp::Reverse<u64>),
    /// It is written to.
    Current,
}

/// The log that a file is a piece of: its name in front of and behind what tells
/// the age.
fn piece(path: &str) -> ((&str, &str), Age<'_>) {
    let plain = CODECS.iter().find_map(|codec| path.strip_suffix(codec)).unwrap_or(path);
    if let Some((stem, number)) = plain.rsplit_once('.') {
        if let Some(age) = counter(stem, number) {
            return ((stem, ""), age);
        }
        // `app.3.log`, `app.2026-11-23.log`, `app-20261123.log`
        if let Some((front, middle)) = stem.rsplit_once('.')
            && let Some(age) = counter(front, middle)
        {
            return ((front, number), age);
        }
        if let Some((front, age)) = dated(stem) {
            return ((front, number), age);
        }
    }
    match dated(plain) {
        Some((front, age)) => ((front, ""), age),
        None => ((plain, ""), Age::Current),
    }
}

/// The name of a log without its folder, age and suffixes: `app` of
/// `/var/log/app.log.2.gz`.
pub fn log_name(path: &str) -> &str {
    let ((front, _), _) = piece(path);
    let name = front.rsplit(['/', '\\']).next().unwrap_or(front);
    [".log", ".txt", ".json", ".out", ".err"]
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))
        .unwrap_or(name)
}

/// The name says that there is a later piece.
pub fn is_rotated(path: &str) -> bool {
    piece(path).1 != Age::Current
}

/// No counter of rotations has more digits; a date has. Behind a digit it is part
/// of a version.
fn counter<'a>(stem: &str, number: &'a str) -> Option<Age<'a>> {
    let is_counter = number.len() <= 3 && stem.ends_with(|c: char| c.is_alphabetic());
    let number = number.parse().ok().filter(|_| is_counter && number.bytes().all(|b| b.is_ascii_digit()))?;
    Some(Age::Numbered(std::cmp::Reverse(number)))
}

/// A date at the end of a name: `-20261123`, `.2026-11-23`,
/// `-20261123-1795407392`, `.20261123-061500`.
fn dated(name: &str) -> Option<(&str, Age<'_>)> {
    for (at, mark) in name.rmatch_indices(['-', '.', '_']).take(4) {
        let rest = name.get(at.saturating_add(mark.len())..)?;
        if let (Some((date, behind)), Some(front)) = (date(rest), name.get(..at))
            && front.ends_with(|c: char| c.is_alphanumeric())
        {
            return Some((front, Age::Dated(date, behind)));
        }
    }
    None
}

/// The digits of a date that a text begins with, and what stands behind it, which
/// is a time or nothing.
fn date(text: &str) -> Option<([u8; 8], &str)> {
    let dashed = text.as_bytes().get(4) == Some(&b'-');
    let length = if dashed { 10 } else { 8 };
    let (day, behind) = text.split_at_checked(length)?;
    let digits: Vec<u8> = day.bytes().filter(u8::is_ascii_digit).collect();
    let dashes = day.bytes().filter(|b| *b == b'-').count();
    let digits: [u8; 8] = digits.try_into().ok().filter(|_| dashes == if dashed { 2 } else { 0 })?;
    let number = |range: std::ops::Range<usize>| {
        digits.get(range).and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<u32>().ok())
    };
    let is_date = number(0..4).is_some_and(|year| (1990..2100).contains(&year))
        && number(4..6).is_some_and(|month| (1..=12).contains(&month))
        && number(6..8).is_some_and(|day| (1..=31).contains(&day));
    let is_time = behind.is_empty()
        || behind.starts_with(['-', '.', '_', 'T'])
            && behind
                .get(1..)
                .is_some_and(|time| !time.is_empty() && time.bytes().all(|b| b.is_ascii_digit()));
    (is_date && is_time).then_some((digits, behind))
}

/// Puts the pieces of one log together, oldest first; the logs stay in the order
/// of their first piece.
pub fn chains(paths: &[&str]) -> Vec<Vec<usize>> {
    let mut known: HashMap<(&str, &str), usize> = HashMap::new();
    let mut out: Vec<Vec<usize>> = Vec::new();
    let pieces: Vec<_> = paths.iter().map(|path| piece(path)).collect();
    // `app.log` is the current piece of `app.1.log` only where that is there.
    let split: std::collections::HashSet<(&str, &str)> =
        pieces.iter().map(|(log, _)| *log).filter(|(_, behind)| !behind.is_empty()).collect();
    for (index, (path, (log, age))) in paths.iter().zip(&pieces).enumerate() {
        let mut log = *log;
        if *age == Age::Current
            && let Some(middle) = log.0.rsplit_once('.').filter(|middle| split.contains(middle))
        {
            log = middle;
        }
        match known.get(&log).filter(|_| *path != "-").and_then(|at| out.get_mut(*at)) {
            Some(chain) => chain.push(index),
            None => {
                known.insert(log, out.len());
                out.push(vec![index]);
            }
        }
    }
    for chain in &mut out {
        chain.sort_by_key(|index| pieces.get(*index).map(|(_, age)| *age));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_one_log() {
        assert_eq!(chains(&["app.log", "app.log.1", "db.log", "app.log.2.gz"]), [vec![3, 1, 0], vec![2]]);
        assert_eq!(chains(&["a-json.log", "a-json.log.1.gz"]), [vec![1, 0]]);
        assert_eq!(chains(&["a.log", "b.log", "-"]), [vec![0], vec![1], vec![2]]);
        assert_eq!(chains(&["app.log", "app.1.log", "app.2.log.xz"]), [vec![2, 1, 0]]);
        assert_eq!(chains(&["v1.27.3", "v1.27.4"]).len(), 2);
        assert_eq!(chains(&["a.log.1", "a.log.1"]), [vec![0, 1]]);
    }

    #[test]
    fn names_of_logs() {
        for (path, name) in [
            ("/var/log/app.log.2.gz", "app"),
            ("app.2026-11-23.log", "app"),
            ("pods/web/0.log", "0"),
            ("stderr", "stderr"),
        ] {
            assert_eq!(log_name(path), name);
        }
    }

    #[test]
    fn dated_pieces() {
        for names in [
            ["app.log-20261124.gz", "app.log-20261123", "app.log"],
            ["app.log-20261123-1795407393", "app.log-20261123-1795407392.gz", "app.log"],
            ["app.log.2026-11-24", "app.log.2026-11-23.zst", "app.log"],
            ["app.2026-11-24.log", "app.2026-11-23.log", "app.log"],
            ["0.log.20261124-061500.gz", "0.log.20261123-235900.gz", "0.log"],
        ] {
            assert_eq!(chains(&names), [vec![1, 0, 2]], "{names:?}");
        }
        for (a, b) in [
            ("app-1.20261123", "app-2.20261123"),
            ("app-20261123-a.log", "app-20261124-a.log"),
            ("app.20269923", "app.20269924"),
            ("x.INFO.20261123-061500.1234", "x.INFO.20261123-061500.1235"),
        ] {
            assert_eq!(chains(&[a, b]).len(), 2, "{a}");
        }
    }
}
