//! Names near to a misspelt one, for errors that say what was meant.

/// Most names that an error lists.
const MOST: usize = 6;

/// The names that `wanted` may stand for, nearest first; empty when it is like none.
pub fn near<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    // The distance takes time and memory by the product of the lengths.
    if wanted.len() > 64 {
        return Vec::new();
    }
    let wanted = wanted.to_ascii_lowercase();
    let mut scored: Vec<(f64, &str)> = names
        .into_iter()
        .map(|name| {
            let lower = name.to_ascii_lowercase();
            let part = wanted.len() > 1 && (lower.contains(&wanted) || wanted.contains(&lower));
            let score = strsim::jaro_winkler(&wanted, &lower);
            (if part { score + 1.0 } else { score }, name)
        })
        .filter(|(score, _)| *score > 0.75)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored.into_iter().take(MOST).map(|(_, name)| name).collect()
}
