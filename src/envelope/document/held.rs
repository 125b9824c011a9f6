//! Finds the end of a JSON value in a text that comes piece by piece: by strings, escapes
//! and brackets, without a look at what else makes it valid.

/// Brackets inside each other in one unit: what serde_json reads.
const DEEPEST: usize = 127;

/// A value that has begun and not ended.
#[derive(Default)]
pub(super) struct Held {
    pub(super) start: usize,
    /// Where the value of a member begins; of others it is where they do.
    pub(super) value: Option<usize>,
    colon: bool,
    string: bool,
    brackets: Vec<u8>,
    pub(super) end: Option<usize>,
    /// It is too long: the rest of it is left out.
    pub(super) cut: bool,
}

pub(super) enum Seen {
    End(usize),
    Damage,
    /// There is no more text.
    All,
}

impl Held {
    /// A value by itself, or an item.
    pub(super) fn value(start: usize) -> Held {
        Held { start, value: Some(start), ..Held::default() }
    }

    /// A key, and the value behind it.
    pub(super) fn member(start: usize) -> Held {
        Held { start, ..Held::default() }
    }

    pub(super) fn is_member(&self) -> bool {
        self.value != Some(self.start)
    }

    /// A number, or one of the words.
    pub(super) fn is_word(&self) -> bool {
        !self.string && self.brackets.is_empty() && self.value.is_some() && self.end.is_none()
    }

    pub(super) fn scan(&mut self, text: &[u8], at: &mut usize) -> Seen {
        if let Some(end) = self.end {
            return Seen::End(end);
        }
        while let Some(&byte) = text.get(*at) {
            let next = at.saturating_add(1);
            if self.string {
                let rest = text.get(*at..).unwrap_or_default();
                let Some(found) = memchr::memchr3(b'"', b'\\', b'\n', rest) else {
                    *at = text.len();
                    break;
                };
                *at = at.saturating_add(found);
                let next = at.saturating_add(1);
                match text.get(*at) {
                    Some(b'"') => {
                        self.string = false;
                        *at = next;
                        if self.brackets.is_empty() && self.value.is_some() {
                            return Seen::End(next);
                        }
                    }
                    Some(b'\\') if next < text.len() => *at = next.saturating_add(1),
                    Some(b'\\') => break,
                    _ => return Seen::Damage,
                }
                continue;
            }
            let Some(value) = self.value else {
                match byte {
                    b'"' if *at == self.start => self.string = true,
                    b' ' | b'\t' | b'\r' | b'\n' => {}
                    b':' if !self.colon => self.colon = true,
                    _ if self.colon => {
                        self.value = Some(*at);
                        continue;
                    }
                    _ => return Seen::Damage,
                }
                *at = next;
                continue;
            };
            let inside = !self.brackets.is_empty();
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b',' if inside => {}
                b' ' | b'\t' | b'\r' | b'\n' | b',' | b'}' | b']' if !inside => {
                    return if *at > value { Seen::End(*at) } else { Seen::Damage };
                }
                b'"' if inside || *at == value => self.string = true,
                b'{' | b'[' if (inside || *at == value) && self.brackets.len() < DEEPEST => {
                    self.brackets.push(byte)
                }
                b'}' | b']' => {
                    // `{` and `[` stand two before their partners.
                    if self.brackets.pop() != Some(byte.saturating_sub(2)) {
                        return Seen::Damage;
                    }
                    if self.brackets.is_empty() {
                        *at = next;
                        return Seen::End(next);
                    }
                }
                b':' if inside => {}
                b'-' | b'+' | b'.' | b'0'..=b'9' | b'E' => {}
                // true, false, null
                b't' | b'r' | b'u' | b'e' | b'f' | b'a' | b'l' | b's' | b'n' => {}
                _ => return Seen::Damage,
            }
            *at = next;
        }
        Seen::All
    }
}
