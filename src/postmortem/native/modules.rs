//! The shared libraries of a process, by the files that the core says were
//! mapped, and whether a file at hand is the one that was.

use std::path::{Component, Path, PathBuf};

use rustc_hash::FxHashMap;

use crate::addr::{LoadBias, RuntimeAddr};
use crate::binary::Binary;
use crate::postmortem::CoreDump;
use crate::postmortem::process::identity::{self, Match};
use crate::postmortem::process::memory::{Agreement, Memory};
use crate::postmortem::process::{Mapping, at};
use crate::source::{Bytes, Limits, Origin};

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
    found: Vec<Library>,
    /// Files that are not believed.
    pub remarks: Vec<String>,
    /// A place was named where they may be.
    sought: bool,
}

/// Libraries that are looked for.
const MOST: usize = 4096;
/// The library of the kernel, by the name that /proc/PID/maps gives it.
const VDSO: &str = "[vdso]";
/// Most that is believed to be one; those of Linux have some pages.
const MAX_VDSO: usize = 1 << 20;

impl CoreDump {
    /// Files with code, each once, in the order in which they were mapped.
    pub fn modules(&self) -> Vec<Module> {
        let memory = self.memory();
        let mut known: FxHashMap<&str, usize> = FxHashMap::default();
        // With the address of the first byte, where that was mapped, and whether there is code.
        let mut all: Vec<(Module, Option<u64>, bool)> = Vec::new();
        for mapping in &self.process.mappings {
            let Mapping { start, end, offset, path } = mapping;
            let index = *known.entry(path.as_str()).or_insert(all.len());
            if index == all.len() {
                let module = Module { path: path.clone(), start: *start, end: *end, gnu_build_id: None };
                all.push((module, None, false));
            }
            let Some((module, first, code)) = all.get_mut(index) else { continue };
            module.start = module.start.min(*start);
            module.end = module.end.max(*end);
            *first = first.or((*offset == 0).then_some(*start));
            *code |= self.is_code(*start);
        }
        let with_code = all.into_iter().filter(|(.., code)| *code).take(MOST);
        let named = with_code.map(|(module, first, _)| {
            let gnu_build_id = first.and_then(|start| identity::build_id_at(&memory, start));
            Module { gnu_build_id, ..module }
        });
        named.collect()
    }

    fn is_code(&self, address: u64) -> bool {
        let after = self.segments.partition_point(|segment| segment.address <= address);
        let segment = after.checked_sub(1).and_then(|index| self.segments.get(index));
        segment.is_some_and(|s| s.executable && address < s.address.saturating_add(s.size))
    }

    /// Looks for the libraries: below each of `roots` where the process had them,
    /// or by their name alone, and among `given`.
    pub fn libraries(&self, roots: &[String], given: Vec<Binary>, limits: Limits) -> Libraries {
        let mut out = Libraries { sought: !roots.is_empty() || !given.is_empty(), ..Libraries::default() };
        out.found.extend(self.vdso());
        if !out.sought {
            return out;
        }
        let own = self.process.aux(at::ENTRY).and_then(|entry| self.mapping_at(entry));
        let mut modules = self.modules();
        modules.retain(|module| own.is_none_or(|own| own.path != module.path));
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

    /// What the kernel itself mapped into the process, which the core holds as a whole.
    fn vdso(&self) -> Option<Library> {
        let start = self.process.aux(at::SYSINFO_EHDR)?;
        let bytes = self.memory().from(start)?;
        let end = start.saturating_add(bytes.len() as u64);
        let module = Module { path: VDSO.to_owned(), start, end, gnu_build_id: None };
        let bytes = Bytes::Owned(bytes.get(..bytes.len().min(MAX_VDSO))?.to_vec());
        let binary = Binary::from_bytes(Origin::new(VDSO), bytes).ok()?;
        let base = binary.image.address_of(0)?;
        let bias = LoadBias(start.wrapping_sub(base.0));
        Some(Library { module, binary, bias, fits: Match::Same("it is the core's own".to_owned()) })
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

    /// Those that are files.
    pub fn files(&self) -> impl Iterator<Item = &Library> {
        self.found.iter().filter(|library| library.module.path != VDSO)
    }

    /// The library with the code at an address.
    pub fn at(&self, core: &CoreDump, address: u64) -> Option<&Library> {
        let mapping = core.mapping_at(address);
        self.found.iter().find(|Library { module, .. }| match mapping {
            Some(mapping) => module.path == mapping.path,
            None => module.path == VDSO && module.start <= address && address < module.end,
        })
    }

    /// The file that holds the code at an address, or what is needed for it.
    pub(in crate::postmortem) fn code_at(
        &self,
        core: &CoreDump,
        address: u64,
    ) -> Result<(&Binary, LoadBias), String> {
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
