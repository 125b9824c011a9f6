//! The shared libraries of a process, by the files that the core says were
//! mapped, and whether a file at hand is the one that was.

use std::path::{Component, Path, PathBuf};

use super::CoreDump;
use super::identity::{self, Match};
use super::memory::{Agreement, Memory};
use crate::addr::{LoadBias, RuntimeAddr};
use crate::binary::Binary;
use crate::source::Limits;

/// A file that was mapped with code in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    pub path: String,
    /// The lowest address of its mappings, and the end of the highest.
    pub start: u64,
    pub end: u64,
    /// Of the header that the core holds of it.
    pub gnu_build_id: Option<String>,
}

/// A library that is the one of the core, as far as can be told.
pub struct Library {
    pub module: Module,
    pub binary: Binary,
    pub bias: LoadBias,
    pub fits: Match,
}

/// What was found of the libraries of a core.
#[derive(Default)]
pub struct Libraries {
    pub found: Vec<Library>,
    /// Files that are not believed.
    pub remarks: Vec<String>,
    /// A place was named where they may be.
    sought: bool,
}

/// Libraries that are looked for.
const MOST: usize = 4096;

impl CoreDump {
    /// Files with code, each once, in the order of their addresses.
    pub fn modules(&self) -> Vec<Module> {
        let memory = self.memory();
        let code = |start: u64| {
            self.segments
                .iter()
                .any(|s| s.executable && s.address <= start && start < s.address.saturating_add(s.size))
        };
        let mappings = &self.process.mappings;
        let mut out: Vec<Module> = Vec::new();
        for mapping in mappings.iter().filter(|mapping| code(mapping.start)) {
            if out.len() >= MOST || out.iter().any(|module| module.path == mapping.path) {
                continue;
            }
            let all = mappings.iter().filter(|other| other.path == mapping.path);
            let header = all.clone().find(|other| other.offset == 0);
            out.push(Module {
                path: mapping.path.clone(),
                start: all.clone().map(|other| other.start).min().unwrap_or(mapping.start),
                end: all.map(|other| other.end).max().unwrap_or(mapping.end),
                gnu_build_id: header.and_then(|at| identity::build_id_at(&memory, at.start)),
            });
        }
        out
    }

    /// Looks for the libraries: below each of `roots` where the process had them,
    /// or by their name alone, and among `given`.
    pub fn libraries(&self, roots: &[String], given: Vec<Binary>, limits: Limits) -> Libraries {
        let mut out = Libraries { sought: !roots.is_empty() || !given.is_empty(), ..Libraries::default() };
        if !out.sought {
            return out;
        }
        let modules = self.modules();
        for module in &modules {
            for path in roots.iter().flat_map(|root| below(root, &module.path)) {
                if path.is_file()
                    && let Some(path) = path.to_str()
                    && let Ok(binary) = Binary::open(path, limits)
                {
                    out.consider(self, module, binary);
                }
            }
        }
        for binary in given {
            // By the build ID, whatever it is called; else by the name.
            let own = binary.image.elf.as_ref().and_then(|elf| elf.gnu_build_id.as_ref());
            let by_id = modules.iter().find(|module| own.is_some() && module.gnu_build_id.as_ref() == own);
            let name = file_name(&binary.origin.to_string()).to_owned();
            let by_name = || modules.iter().find(|module| file_name(&module.path) == name);
            match by_id.or_else(by_name) {
                Some(module) => out.consider(self, module, binary),
                None => out.remarks.push(format!("{}: no such file was mapped", binary.origin)),
            }
        }
        out
    }

    fn module_bias(&self, module: &Module, binary: &Binary) -> Option<LoadBias> {
        let mapped = self.process.mappings.iter().filter(|mapping| mapping.path == module.path);
        let mut biases = mapped.filter_map(|mapping| {
            // A segment need not begin on a page; its mapping does.
            let segment = binary.image.segments.iter().find(|segment| {
                let first = segment.offset as u64;
                mapping.offset <= first
                    && first < mapping.offset.saturating_add(mapping.end.saturating_sub(mapping.start))
            })?;
            let inside = (segment.offset as u64).checked_sub(mapping.offset)?;
            Some(LoadBias(mapping.start.wrapping_sub(segment.address.wrapping_sub(inside))))
        });
        biases.next()
    }
}

impl Libraries {
    fn consider(&mut self, core: &CoreDump, module: &Module, binary: Binary) {
        if self.found.iter().any(|library| library.module.path == module.path) {
            return;
        }
        let Some(bias) = core.module_bias(module, &binary) else {
            self.remarks.push(format!("{}: not what was mapped as {}", binary.origin, module.path));
            return;
        };
        match fits(core, &core.memory(), module, &binary, bias) {
            Match::Different(why) => {
                self.remarks.push(format!("{}: not the {} of the core: {why}", binary.origin, module.path));
            }
            fits => self.found.push(Library { module: module.clone(), binary, bias, fits }),
        }
    }

    /// The library with the code at an address.
    pub fn at(&self, core: &CoreDump, address: u64) -> Option<&Library> {
        let mapping = core.mapping_at(address)?;
        self.found.iter().find(|library| library.module.path == mapping.path)
    }

    /// The file that holds the code at an address, or what is needed for it.
    pub(super) fn code_at(&self, core: &CoreDump, address: u64) -> Result<(&Binary, LoadBias), String> {
        if let Some(library) = self.at(core, address) {
            let at = RuntimeAddr(address).to_link(library.bias);
            if library.binary.image.offset_of(at).is_none() {
                return Err(format!("{} has no code for {}", library.binary.origin, core.mapped_at(address)));
            }
            return Ok((&library.binary, library.bias));
        }
        let place = core.mapped_at(address);
        let Some(mapping) = core.mapping_at(address) else {
            let why = if core.process.mappings.is_empty() {
                "and the core does not tell which files were mapped (no NT_FILE)"
            } else {
                "nor of any file that was mapped"
            };
            return Err(format!("{place} is not part of the executable, {why}"));
        };
        let module = core.modules().into_iter().find(|module| module.path == mapping.path);
        let id = module.and_then(|module| module.gnu_build_id);
        let id = id.map_or("its build ID is not in the core".to_owned(), |id| format!("build ID {id}"));
        let how = if self.sought { "it was not found" } else { "give it with --sysroot DIR or -b FILE" };
        Err(format!("{place} is not part of the executable; needed is {} ({id}): {how}", mapping.path))
    }
}

/// Is this the file that was mapped?
fn fits(core: &CoreDump, memory: &Memory<'_>, module: &Module, binary: &Binary, bias: LoadBias) -> Match {
    if core.machine.map(|machine| machine.arch) != binary.image.arch {
        return Match::Different(format!("it is of {}", binary.image.machine));
    }
    let own = binary.image.elf.as_ref().and_then(|elf| elf.gnu_build_id.as_ref());
    match (&module.gnu_build_id, own) {
        (Some(core), Some(own)) if core == own => Match::Same(format!("GNU build ID {own}")),
        (Some(core), Some(own)) => {
            Match::Different(format!("GNU build ID: {core} in the core, {own} in the file"))
        }
        _ => match memory.agrees(binary, bias) {
            Agreement { compared: 0, .. } => {
                Match::Unknown("neither a build ID nor memory of the core can be compared with it".to_owned())
            }
            Agreement { differs: Some(address), .. } => {
                Match::Different(format!("read-only memory differs from it at {address:#x}"))
            }
            Agreement { compared, .. } => Match::Same(format!("{compared} bytes of read-only memory")),
        },
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Where a path of the process may be below a folder. The path is of the core: none
/// of its parts leads out of the folder.
fn below(root: &str, path: &str) -> Vec<PathBuf> {
    let parts = Path::new(path).components().filter(|part| matches!(part, Component::Normal(_)));
    let whole: PathBuf = parts.collect();
    let name = whole.file_name().map(|name| Path::new(root).join(name));
    std::iter::once(Path::new(root).join(&whole)).chain(name).collect()
}
