//! Which logs are pieces of one: `app.log.2.gz`, `app.log.1`, `app.log`.
//!
//! A rotation cuts at any byte (supervisord) or between records (docker), so
//! that a crash may begin in one file and end in the next.

/// The log that a file is a piece of, and how many rotations ago it was written.
fn piece(path: &str) -> (&str, u64) {
    let plain = [".gz", ".zst"].iter().find_map(|codec| path.strip_suffix(codec)).unwrap_or(path);
    match plain.rsplit_once('.') {
        // No counter of rotations has more digits; a date has. Behind a digit it
        // is part of a version.
        Some((stem, number)) if number.len() <= 3 && stem.ends_with(|c: char| c.is_alphabetic()) => {
            match number.parse() {
                Ok(number) => (stem, number),
                Err(_) => (plain, 0),
            }
        }
        _ => (plain, 0),
    }
}

/// Puts the pieces of one log together, oldest first; the logs stay in the order
/// of their first piece.
pub fn chains(paths: &[&str]) -> Vec<Vec<usize>> {
    let mut out: Vec<(&str, Vec<usize>)> = Vec::new();
    for (index, path) in paths.iter().enumerate() {
        let (stem, _) = piece(path);
        match out.iter_mut().find(|(known, _)| *known == stem && *path != "-") {
            Some((_, chain)) => chain.push(index),
            None => out.push((stem, vec![index])),
        }
    }
    for (_, chain) in &mut out {
        chain.sort_by_key(|index| std::cmp::Reverse(paths.get(*index).map_or(0, |path| piece(path).1)));
    }
    out.into_iter().map(|(_, chain)| chain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_one_log() {
        assert_eq!(chains(&["app.log", "app.log.1", "db.log", "app.log.2.gz"]), [vec![3, 1, 0], vec![2]]);
        assert_eq!(chains(&["a-json.log", "a-json.log.1.gz"]), [vec![1, 0]]);
        assert_eq!(chains(&["a.log", "b.log", "-"]), [vec![0], vec![1], vec![2]]);
        assert_eq!(chains(&["v1.27.3", "v1.27.4"]).len(), 2);
        assert_eq!(chains(&["log.20261123", "log.20261124"]).len(), 2);
    }
}
