//! Which logs are pieces of one: `app.log.2.gz`, `app.log.1`, `app.log`.
//!
//! A rotation cuts at any byte (supervisord) or between records (docker), so
//! that a crash may begin in one file and end in the next.

use std::collections::HashMap;

/// Suffixes that say nothing about which log it is.
const CODECS: &[&str] = &[".gz", ".zst", ".xz", ".bz2", ".lz4", ".sz"];

/// When a piece was written, as its name tells.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Age {
    /// A date, and the numbers behind it: time of day, seconds since 1970, a counter.
    Dated([u8; 8], Vec<u64>),
    /// So many rotations ago.
    Numbered(std::cmp::Reverse<u64>),
    /// It is written to.
    Current,
}

/// The log that a file is a piece of: its name in front of and behind what tells
/// the age.
fn piece(path: &str) -> ((&str, &str), Age) {
    let plain = CODECS.iter().find_map(|codec| path.strip_suffix(codec)).unwrap_or(path);
    if let Some((folder, age)) = only_dated(plain) {
        return (folder, age);
    }
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

/// Names that are nothing but an age: `2026-11-23.log`; svlogd, multilog and s6-log
/// keep `current` beside `@`, a TAI64N label and how the piece was closed
/// (https://cr.yp.to/daemontools/multilog.html). The log is the folder.
fn only_dated(plain: &str) -> Option<((&str, &str), Age)> {
    let at = plain.rfind(SEPARATORS).map_or(0, |at| at.saturating_add(1));
    let (folder, name) = plain.split_at_checked(at)?;
    if name == "current" {
        return Some(((folder, ""), Age::Current));
    }
    if let Some(label) = name.strip_prefix('@') {
        let (label, closed) = label.split_once('.')?;
        let (seconds, rest) = label.split_at_checked(16).filter(|(_, rest)| rest.len() == 8)?;
        let number = |hex: &str| u64::from_str_radix(hex, 16).ok();
        let age = Age::Dated([0; 8], vec![number(seconds)?, number(rest)?]);
        return matches!(closed, "s" | "u" | "t").then_some(((folder, ""), age));
    }
    let (date, suffix) = name.split_once('.').unwrap_or((name, ""));
    let (digits, numbers) = moment(date)?;
    let is_suffix = suffix.chars().all(char::is_alphabetic);
    is_suffix.then_some(((folder, suffix), Age::Dated(digits, numbers)))
}

/// What stands between the names of folders, of archives and of what is in them.
const SEPARATORS: [char; 3] = ['/', '\\', '!'];

/// The name of a log without its folder, age and suffixes: `app` of
/// `/var/log/app.log.2.gz`. Where only the folder has a name it is that.
pub fn log_name(path: &str) -> &str {
    let ((front, _), _) = piece(path);
    let last = |path: &'_ str| path.rfind(SEPARATORS).map_or(0, |at| at.saturating_add(1));
    let folder = front.trim_end_matches(SEPARATORS);
    if folder.len() < front.len() {
        return folder.get(last(folder)..).unwrap_or(folder);
    }
    let front = if front.is_empty() { path } else { front };
    let name = front.get(last(front)..).unwrap_or(front);
    [".log", ".txt", ".json", ".out", ".err"]
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))
        .unwrap_or(name)
}

/// The same with its folder, for all pieces of a log alike.
pub fn log_path(path: &str) -> &str {
    let ((front, _), _) = piece(path);
    let folder = front.trim_end_matches(SEPARATORS);
    if folder.len() < front.len() {
        return folder;
    }
    let own = path.rfind(SEPARATORS).map_or(0, |at| at.saturating_add(1));
    let name = log_name(path.get(own..).unwrap_or(path));
    path.get(..own.saturating_add(name.len())).unwrap_or(path)
}

/// The name says that there is a later piece.
pub fn is_rotated(path: &str) -> bool {
    piece(path).1 != Age::Current
}

/// Whether the second of two pieces of one log may begin where the first ends: none
/// that was between them is missing, as far as their names tell.
pub fn may_follow(older: &str, newer: &str) -> bool {
    match (piece(older).1, piece(newer).1) {
        (Age::Numbered(older), Age::Numbered(newer)) => older.0.checked_sub(1) == Some(newer.0),
        (Age::Numbered(older), Age::Current) => older.0 <= 1,
        (older, newer) => older != newer,
    }
}

/// No counter of rotations has more digits; a date has. Behind a digit it is part
/// of a version.
fn counter(stem: &str, number: &str) -> Option<Age> {
    if !stem.ends_with(|c: char| c.is_alphabetic()) {
        return None;
    }
    if number == "old" {
        return Some(Age::Numbered(std::cmp::Reverse(1)));
    }
    let is_counter = number.len() <= 3 && number.bytes().all(|b| b.is_ascii_digit());
    number.parse().ok().filter(|_| is_counter).map(|number| Age::Numbered(std::cmp::Reverse(number)))
}

/// A date at the end of a name: `-20261123`, `.2026-11-23`, `-20261123-1795407392`,
/// `.20261123-061500`, `-2026112304` (logrotate, hourly), `-2026-11-23T04-16-32.171`
/// (lumberjack), `.202611230416` (file-rotatelogs), `.log-1795407392`.
fn dated(name: &str) -> Option<(&str, Age)> {
    for (at, mark) in name.rmatch_indices(['-', '.', '_']).take(8) {
        let rest = name.get(at.saturating_add(mark.len())..)?;
        let front = name.get(..at)?;
        if let Some((date, numbers)) = moment(rest) {
            let front = front.trim_end_matches(['-', '.', '_']);
            if front.ends_with(|c: char| c.is_alphanumeric()) {
                return Some((front, Age::Dated(date, numbers)));
            }
        }
        let is_seconds =
            rest.len() == 10 && rest.starts_with('1') && rest.bytes().all(|b| b.is_ascii_digit());
        let is_log = [".log", ".out", ".err", ".txt", ".json"].iter().any(|suffix| front.ends_with(suffix));
        if is_seconds && is_log {
            return Some((front, Age::Dated([0; 8], vec![rest.parse().ok()?])));
        }
    }
    None
}

/// The digits of a date that a text begins with, and the numbers behind it: a time or
/// a counter, or none.
fn moment(text: &str) -> Option<([u8; 8], Vec<u64>)> {
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
    let numbers = is_date.then(|| behind_date(behind, dashed)).flatten()?;
    Some((digits, numbers))
}

fn behind_date(behind: &str, dashed: bool) -> Option<Vec<u64>> {
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if behind.is_empty() {
        return Some(Vec::new());
    }
    // `2026112304`: hour, minute and second as far as they are told.
    if !dashed && all_digits(behind) {
        let pairs =
            behind.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok()?.parse::<u64>().ok());
        let pairs: Vec<u64> = pairs.collect::<Option<_>>()?;
        let is_time =
            matches!(behind.len(), 2 | 4 | 6) && pairs.iter().zip([24, 60, 61]).all(|(n, most)| *n < most);
        return is_time.then_some(pairs);
    }
    let time = behind.strip_prefix(['-', '.', '_', 'T'])?;
    let time = time.strip_suffix('Z').unwrap_or(time);
    // Of more than one number behind a date without dashes the last may be that of a
    // process (glog).
    let groups: Vec<&str> = if dashed { time.split(['-', '.', '_', ':']).collect() } else { vec![time] };
    let is_time = match groups.as_slice() {
        [_] => true,
        [clock @ .., fraction] if clock.len() == 3 => {
            clock.iter().all(|group| group.len() <= 2) && matches!(fraction.len(), 3 | 6 | 9)
        }
        clock => clock.len() <= 3 && clock.iter().all(|group| group.len() <= 2),
    };
    if !is_time || !groups.iter().all(|group| all_digits(group)) {
        return None;
    }
    groups.iter().map(|group| group.parse().ok()).collect()
}

/// Puts the pieces of one log together, oldest first; the logs stay in the order
/// of their first piece.
pub fn chains(paths: &[&str]) -> Vec<Vec<usize>> {
    let mut known: HashMap<(&str, &str), usize> = HashMap::new();
    let mut out: Vec<Vec<usize>> = Vec::new();
    let pieces: Vec<((&str, &str), Age)> = paths.iter().map(|path| piece(path)).collect();
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
        chain.sort_by_key(|index| pieces.get(*index).map(|(_, age)| age));
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
    fn what_is_between_two_pieces_keeps_them_apart() {
        for (older, newer, may) in [
            ("a.log.3.gz", "a.log.2.gz", true),
            ("a.log.3", "a.log.1", false),
            ("a.log.1", "a.log", true),
            ("a.log.0", "a.log", true),
            ("a.log.2", "a.log", false),
            ("a.log.1", "a.log.1.gz", false),
            ("a.log-20261123", "a.log", true),
            ("a.log-20261123", "a.log-20261125", true),
        ] {
            assert_eq!(may_follow(older, newer), may, "{older} {newer}");
        }
    }

    #[test]
    fn names_of_logs() {
        for (path, name) in [
            ("/var/log/app.log.2.gz", "app"),
            ("app.2026-11-23.log", "app"),
            ("pods/web/0.log", "0"),
            ("stderr", "stderr"),
            ("server-2026-11-23T04-16-32.171.log.gz", "server"),
            ("logs/shop/2026-11-23.log", "shop"),
            ("log/api/current", "api"),
            ("log/api/@400000005f0e0b1a1c2d3e4f.s", "api"),
            ("current", "current"),
            ("2026-11-23.log", "2026-11-23"),
        ] {
            assert_eq!(log_name(path), name);
        }
        for (path, log) in [
            ("/var/log/app.log.2.gz", "/var/log/app"),
            ("b.tgz!log/api/@400000005f0e0b1a1c2d3e4f.s", "b.tgz!log/api"),
            ("shop/2026-11-23.log", "shop"),
            ("app-20261123.log", "app"),
        ] {
            assert_eq!(log_path(path), log);
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
            ["app-2026-11-23T05-16-32.171.log", "app-2026-11-23T04-16-32.171.log.gz", "app.log"],
            ["app.log-2026112400.gz", "app.log-2026112323", "app.log"],
            ["access_log.202611240016", "access_log.202611232316", "access_log"],
            ["app-2026-11-23-10.log", "app-2026-11-23-9.log.gz", "app.log"],
            ["app.log-1795407393", "app.log-1795407392", "app.log"],
            ["out__2026-11-24_00-00-00.log", "out__2026-11-23_00-00-00.log", "out.log"],
            ["log/@400000005f0e0c1a1c2d3e4f.s", "log/@400000005f0e0b1a1c2d3e4f.u", "log/current"],
            ["a/2026-11-24.log", "a/2026-11-23.log.gz", "a/2026-11-24_1.log"],
        ] {
            assert_eq!(chains(&names), [vec![1, 0, 2]], "{names:?}");
        }
        assert_eq!(chains(&["a.log.old", "a.log"]), [vec![0, 1]]);
        for (a, b) in [
            ("app-1.20261123", "app-2.20261123"),
            ("app-20261123-a.log", "app-20261124-a.log"),
            ("app.20269923", "app.20269924"),
            ("x.INFO.20261123-061500.1234", "x.INFO.20261123-061500.1235"),
            ("a/current", "b/current"),
            ("a/2026-11-23.log", "b/2026-11-24.log"),
            ("a/2026-11-23.log", "a/2026-11-24.err"),
            ("build-1795407392.log", "build-1795407393.log"),
        ] {
            assert_eq!(chains(&[a, b]).len(), 2, "{a}");
        }
    }
}
