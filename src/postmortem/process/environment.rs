//! Arguments and environment, from where the kernel put them: above the stack,
//! below the auxiliary vector (fs/binfmt_elf.c, `create_elf_tables`). The notes
//! keep only the first 79 bytes.

use super::at;
use crate::postmortem::CoreDump;

/// Most bytes of the stack that are searched for the vector.
const WINDOW: u64 = 4 << 20;
/// Most strings of each list.
const MAX_STRINGS: usize = 10_000;

/// What the process was started with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Started {
    pub arguments: Vec<String>,
    /// `NAME=value`.
    pub environment: Vec<String>,
}

impl CoreDump {
    /// `None` where the start of the stack is not in the core.
    pub fn started(&self) -> Option<Started> {
        let memory = self.memory();
        let process = &self.process;
        let size = u64::from(self.words.pointer_size);
        let image: Vec<u8> = process
            .auxv
            .iter()
            .take(3)
            .flat_map(|(key, value)| [self.words.encode(*key), self.words.encode(*value)].concat())
            .collect();
        // The random bytes lie right above.
        let random = process.aux(at::RANDOM)?;
        let (start, bytes) = memory.within(random.saturating_sub(WINDOW), random).last()?;
        let at = memchr::memmem::rfind(bytes, &image).filter(|_| !image.is_empty())?;
        let vector = start.saturating_add(at as u64);
        let word = |at: u64| memory.word(at);
        // Downwards: a null, the environment, a null, the arguments.
        let mut place = vector.checked_sub(size)?;
        if word(place)? != 0 {
            return None;
        }
        let mut list = || -> Option<Vec<String>> {
            let mut out = Vec::new();
            loop {
                place = place.checked_sub(size)?;
                // Strings lie above the vector; anything else ends the list (argc, or the null between).
                let pointer = word(place).filter(|pointer| *pointer > vector);
                match pointer.and_then(|pointer| memory.c_string(pointer)) {
                    Some(text) if out.len() < MAX_STRINGS => {
                        out.push(String::from_utf8_lossy(&text).into_owned());
                    }
                    _ => break,
                }
            }
            out.reverse();
            Some(out)
        };
        let environment = list()?;
        let arguments = list()?;
        Some(Started { arguments, environment })
    }
}
