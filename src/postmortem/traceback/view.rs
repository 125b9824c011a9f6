//! The machine and the process that a core describes.

use crate::host::{Host, ProcessView};
use crate::postmortem::CoreDump;
use crate::postmortem::process::at;

impl CoreDump {
    /// The machine, as the kernel described it to the process.
    pub fn host(&self) -> Host {
        let memory = self.memory();
        let platform = self.process.aux(at::PLATFORM).and_then(|at| memory.c_string(at));
        let view = ProcessView {
            arch: self.machine.map(|machine| machine.arch),
            platform: platform.map(|text| String::from_utf8_lossy(&text).into_owned()),
            hwcap: self.process.aux(at::HWCAP),
            kernel: self.kernel(),
            page_size: self.process.aux(at::PAGESZ),
            mapped: self.process.mappings.iter().map(|mapping| mapping.path.as_str()).collect(),
        };
        Host::of_process("the core", &view)
    }

    /// AT_PLATFORM as text.
    pub fn platform(&self) -> Option<String> {
        let text = self.memory().c_string(self.process.aux(at::PLATFORM)?)?;
        Some(String::from_utf8_lossy(&text).into_owned())
    }

    /// Bytes at an address: instructions, of the core or of the executable.
    pub fn instruction(&self, binary: Option<&crate::binary::Binary>, pc: u64) -> Option<Vec<u8>> {
        let size = match self.machine?.arch.name() {
            "amd64" | "386" => 16,
            _ => 4,
        };
        if let Some(bytes) = self.memory().copy(pc, size) {
            return Some(bytes);
        }
        let binary = binary?;
        let bias = self.bias(binary)?;
        let offset = binary.image.offset_of(crate::addr::RuntimeAddr(pc).to_link(bias))?;
        let end = offset.saturating_add(usize::try_from(size).ok()?);
        binary.bytes().get(offset..end).map(<[u8]>::to_vec)
    }
}
