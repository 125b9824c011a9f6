//! Where the values inside a JSON text stand: a value that was parsed does not know.

use std::ops::Range;

/// A value of a text that was read as JSON before.
#[derive(Default)]
pub(super) struct Place {
    pub(super) range: Range<usize>,
    /// What is in an array, or behind the keys of an object, in the order of the text.
    pub(super) inside: Vec<Member>,
}

pub(super) struct Member {
    /// With its quotes; nothing in an array.
    key: Range<usize>,
    pub(super) place: Place,
}

impl Place {
    /// The value that a text holds. It must be valid: then it is nested less than 128
    /// deep, as serde_json has seen.
    pub(super) fn of(text: &[u8]) -> Place {
        let mut at = 0usize;
        value(text, &mut at)
    }

    /// The same place, without what is inside.
    pub(super) fn alone(&self) -> Place {
        Place { range: self.range.clone(), inside: Vec::new() }
    }
}

impl Member {
    pub(super) fn key<'t>(&self, text: &'t [u8]) -> Option<std::borrow::Cow<'t, str>> {
        let quoted = text.get(self.key.clone())?;
        let plain = quoted.get(1..quoted.len().checked_sub(1)?)?;
        if plain.contains(&b'\\') {
            return serde_json::from_slice::<String>(quoted).ok().map(Into::into);
        }
        std::str::from_utf8(plain).ok().map(Into::into)
    }
}

fn value(text: &[u8], at: &mut usize) -> Place {
    blanks(text, at);
    let start = *at;
    let mut inside = Vec::new();
    match text.get(start) {
        Some(b'"') => string(text, at),
        Some(open @ (b'{' | b'[')) => {
            *at = at.saturating_add(1);
            loop {
                blanks(text, at);
                match text.get(*at) {
                    None => break,
                    Some(b'}' | b']') => {
                        *at = at.saturating_add(1);
                        break;
                    }
                    Some(b',') => *at = at.saturating_add(1),
                    Some(_) => {
                        let key = *at;
                        if *open == b'{' {
                            string(text, at);
                        }
                        let key = key..*at;
                        if !key.is_empty() {
                            blanks(text, at);
                            *at = at.saturating_add(usize::from(text.get(*at) == Some(&b':')));
                        }
                        let before = *at;
                        inside.push(Member { key, place: value(text, at) });
                        if *at == before {
                            break;
                        }
                    }
                }
            }
        }
        _ => {
            let rest = text.get(start..).unwrap_or_default();
            let ends = |b: &u8| matches!(b, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n');
            *at = start.saturating_add(rest.iter().position(ends).unwrap_or(rest.len()));
        }
    }
    Place { range: start..*at, inside }
}

fn blanks(text: &[u8], at: &mut usize) {
    let rest = text.get(*at..).unwrap_or_default();
    let blanks = rest.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')).count();
    *at = at.saturating_add(blanks);
}

fn string(text: &[u8], at: &mut usize) {
    *at = at.saturating_add(1);
    while let Some(next) = text.get(*at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        *at = at.saturating_add(next);
        if text.get(*at) == Some(&b'"') {
            *at = at.saturating_add(1);
            return;
        }
        *at = at.saturating_add(2);
    }
    *at = text.len();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_values() {
        let text = br#" {"a" : [1, "x\"]", {"\u0062":[]} ], "c":true}"#;
        let place = Place::of(text);
        let slice = |place: &Place| std::str::from_utf8(&text[place.range.clone()]).unwrap();
        assert_eq!(place.range, 1..text.len());
        let keys: Vec<_> = place.inside.iter().map(|member| member.key(text).unwrap()).collect();
        assert_eq!(keys, ["a", "c"]);
        let array = &place.inside[0].place;
        let values: Vec<_> = array.inside.iter().map(|member| slice(&member.place)).collect();
        assert_eq!(values, ["1", r#""x\"]""#, r#"{"\u0062":[]}"#]);
        let inner = &array.inside[2].place.inside[0];
        assert_eq!((inner.key(text).unwrap().as_ref(), slice(&inner.place)), ("b", "[]"));
    }
}
