//! The auxiliary vector, which names the features of processors that have no
//! instruction for it: `LD_SHOW_AUXV=1 /bin/true`, and a dump of /proc/self/auxv
//! by hexdump -C or xxd.

use super::Reader;
use crate::host::auxv::{ARM, ARM64};
use crate::target::Goarch;

/// AT_PAGESZ, AT_HWCAP (elf.h).
const PAGESZ: u64 = 6;
const HWCAP: u64 = 16;

/// Most bytes of a dump: a vector has some 40 entries.
const MOST_OF_A_DUMP: usize = 4096;

#[derive(Default)]
pub(super) struct Vector {
    /// The value, and the line it stands on.
    bits: Option<(usize, u64)>,
    /// A line named the file, and dumps may follow.
    named: bool,
    bytes: Vec<u8>,
    line: usize,
}

pub(super) fn read(reader: &mut Reader<'_>, line: &str) -> bool {
    if line.contains("/auxv") {
        reader.vector.named = true;
        return true;
    }
    let Some((key, value)) = line.split_once(':').filter(|(key, _)| key.starts_with("AT_")) else {
        return reader.vector.named && dump(reader, line);
    };
    let value = value.trim();
    match key {
        "AT_PAGESZ" => {
            reader.page_size_of(value, "AT_PAGESZ");
        }
        // `aarch64`; that of arm is the core's: `v7l`. i386 and others name none.
        "AT_PLATFORM" if crate::host::uname::is_machine(value) => {
            if let Some(arch) = Goarch::from_machine(value) {
                let fact = reader.fact(arch, "AT_PLATFORM");
                reader.host.settle("userland", |host| &mut host.userland, fact, Goarch::eq);
            }
        }
        "AT_HWCAP" => {
            let at = reader.line;
            match u64::from_str_radix(value.trim_start_matches("0x"), 16) {
                Ok(bits) => reader.vector.bits = Some((at, bits)),
                // glibc of arm, powerpc and s390 names them (sysdeps/*/dl-procinfo.h).
                Err(_) => reader.features(value.split_ascii_whitespace(), "AT_HWCAP", "auxv"),
            }
        }
        // Names are added to those of AT_HWCAP, which stands before it.
        "AT_HWCAP2"
            if value.contains(|c: char| c.is_ascii_lowercase() && c > 'f') && !value.starts_with("0x") =>
        {
            if let Some(features) = &mut reader.host.cpu_features
                && features.from.contains("AT_HWCAP")
            {
                let new = value.split_ascii_whitespace().take(64).map(str::to_owned);
                features.value.extend(new);
            }
        }
        _ => {}
    }
    true
}

/// `000000b0: 1000 0000 0000 0000 fb08 0000 …` of xxd, `00000050  0e 00 00 …` of
/// hexdump -C.
fn dump(reader: &mut Reader<'_>, line: &str) -> bool {
    let Some((offset, rest)) = line.split_once(' ') else { return false };
    let offset = offset.trim_end_matches(':');
    let at = usize::from_str_radix(offset, 16).ok().filter(|_| offset.len() == 8);
    if at != Some(reader.vector.bytes.len()) || reader.vector.bytes.len() > MOST_OF_A_DUMP {
        return false;
    }
    reader.vector.line = reader.line;
    // The text column begins behind two blanks and a bar, or two blanks.
    let rest = rest.trim_start();
    let digits = rest.split('|').next().unwrap_or_default();
    let plain = digits.len() == rest.len();
    let digits = if plain { digits.split("  ").next().unwrap_or_default() } else { digits };
    let digits: String = digits.chars().filter(|c| !c.is_whitespace()).take(32).collect();
    let pairs = digits
        .as_bytes()
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()));
    let Some(bytes) = pairs.collect::<Option<Vec<u8>>>() else { return false };
    reader.vector.bytes.extend(bytes);
    true
}

/// At the end of the text, when the architecture is known.
pub(super) fn finish(reader: &mut Reader<'_>) {
    let vector = std::mem::take(&mut reader.vector);
    let mut bits = vector.bits;
    let mut what = "AT_HWCAP";
    let mut wide = None;
    if bits.is_none()
        && let Some((size, read)) = entries(&vector.bytes)
    {
        bits = read.iter().find(|(key, _)| *key == HWCAP).map(|(_, value)| (vector.line, *value));
        what = "auxv AT_HWCAP";
        wide = Some(size == 8);
        if let Some((_, page)) = read.iter().find(|(key, _)| *key == PAGESZ) {
            reader.line = vector.line;
            reader.page_size_of(&page.to_string(), "auxv AT_PAGESZ");
        }
    }
    let Some((line, bits)) = bits else { return };
    let arch = reader.host.userland.as_ref().or(reader.host.arch.as_ref()).map(|arch| arch.value);
    // A 32-bit program has ARM's bits on a 64-bit kernel, too.
    let arch = match (arch, wide) {
        (Some(Goarch::Arm64), Some(false)) => Some(Goarch::Arm),
        (Some(Goarch::Arm), Some(true)) => None,
        (arch, _) => arch,
    };
    let names: Vec<String> = match arch {
        Some(Goarch::Arm64) => named(&ARM64, bits),
        Some(Goarch::Arm) => named(&ARM, bits),
        // A bit for each letter (arch/riscv/include/uapi/asm/hwcap.h).
        Some(Goarch::Riscv64) => {
            let has = |letter: &u8| bits >> letter.saturating_sub(b'a') & 1 == 1;
            let letters: String = b"imafdqcvh".iter().filter(|c| has(c)).map(|c| char::from(*c)).collect();
            vec![format!("rv64{letters}")]
        }
        _ => return,
    };
    let from = (reader.place)(line, what);
    super::keep(&mut reader.host.cpu_features, names, || from);
}

fn named(names: &[&str], bits: u64) -> Vec<String> {
    names
        .iter()
        .enumerate()
        .filter(|(bit, _)| bits >> bit & 1 == 1)
        .map(|(_, name)| (*name).to_owned())
        .collect()
}

type Entries = (usize, Vec<(u64, u64)>);

/// The vector by the only word size in which it has a size of pages. (Machines
/// with the other byte order have names for their features.)
fn entries(bytes: &[u8]) -> Option<Entries> {
    [8usize, 4].into_iter().find_map(|size| {
        let word = |bytes: &[u8]| match size {
            8 => bytes.try_into().ok().map(u64::from_le_bytes),
            _ => bytes.try_into().ok().map(u32::from_le_bytes).map(u64::from),
        };
        let pairs = bytes.chunks_exact(size.saturating_mul(2)).filter_map(|pair| {
            let (key, value) = pair.split_at_checked(size)?;
            Some((word(key)?, word(value)?))
        });
        let read: Vec<(u64, u64)> = pairs.take_while(|(key, _)| *key != 0).collect();
        let sized = read.iter().any(|(key, value)| {
            *key == PAGESZ && (4096..=1 << 20).contains(value) && value.is_power_of_two()
        });
        sized.then_some((size, read))
    })
}
