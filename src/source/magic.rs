//! Executables by their first bytes, to tell them from the other files of a
//! folder or archive. Whether they can be read is for `binary` to say.

/// So many first bytes tell what a file is.
pub(crate) const BEGINNING: usize = 1024;

/// Magic numbers of Plan 9's a.out, which has no other mark: 386, amd64 and arm
/// (debug/plan9obj/plan9obj.go, Go 1.27).
const PLAN9: [u32; 3] = [0x1eb, 0x8a97, 0x647];

/// ELF, Mach-O, PE, WebAssembly, XCOFF, Plan 9 a.out.
pub(crate) fn is_executable(beginning: &[u8]) -> bool {
    let word = |at: usize| {
        beginning.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u32::from_be_bytes(*bytes))
    };
    match beginning {
        [0x7f, b'E', b'L', b'F', ..] | [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => true,
        [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..] | [0xce | 0xcf, 0xfa, 0xed, 0xfe, ..] => true,
        [b'M', b'Z', ..] => {
            let at = word(0x3c).swap_bytes() as usize;
            let signature = beginning.get(at..at.saturating_add(4));
            signature.map_or(beginning.len() >= BEGINNING, |signature| signature == b"PE\0\0")
        }
        // F_EXEC among the flags, and a believable number of sections.
        [0x01, 0xdf | 0xf7, 0, 1..64, ..] => word(16) & 2 != 0,
        _ => PLAN9.contains(&word(0)) && word(4) != 0 && word(20) != 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_are_told_apart() {
        let mut dos = vec![0; BEGINNING];
        dos[..2].copy_from_slice(b"MZ");
        dos[0x3c] = 0x80;
        assert!(!is_executable(&dos), "a program of DOS");
        dos[0x80..0x84].copy_from_slice(b"PE\0\0");
        assert!(is_executable(&dos));
        assert!(!is_executable(b"MZ is how this note begins"));
        assert!(!is_executable(b""));
    }
}
