//! Numbers as tracebacks print them.

/// `0x1f`. There are some ten numbers for each frame, and formatting by the standard
/// library takes a third of the time of a large core.
pub(in crate::postmortem) fn hex(value: u64, out: &mut String) {
    let mut text = *b"0x0000000000000000";
    // At least one digit, each of four bits.
    let digits = (67u32.saturating_sub(value.leading_zeros()) / 4).max(1);
    let length = 2usize.saturating_add(digits as usize);
    let mut rest = value;
    for byte in text.iter_mut().take(length).skip(2).rev() {
        *byte = DIGITS.get((rest & 0xf) as usize).copied().unwrap_or(b'0');
        rest >>= 4;
    }
    out.push_str(text.get(..length).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default());
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_are_those_of_the_standard_library() {
        let edges = (0..64).flat_map(|bit| [1u64 << bit, (1u64 << bit) - 1, !0 << bit]);
        for value in edges {
            let mut out = String::new();
            super::hex(value, &mut out);
            assert_eq!(out, format!("{value:#x}"));
        }
    }
}
