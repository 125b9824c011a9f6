//! All the facts of a binary, gathered: build info first, then headers and
//! tables, each with its source.

mod attributes;
mod code;
pub(super) mod dynamic;
mod effects;
mod level;
mod linkage;
mod lookups;
mod names;
mod needs;
mod options;
pub(super) mod producer;
mod signature;
mod symbols;

use super::buildinfo::BuildInfo;
use super::image::{Elf, Truncated};
use super::{Binary, Fact, Format};

use crate::target::{Goarch, Goos};
pub use attributes::CFloat;
pub use dynamic::{GlibcFloor, Import};
pub use effects::{Effect, effects};
pub use level::Level;
pub use linkage::{Cgo, CgoUse};
pub use lookups::Lookups;
pub use names::{Names, Uses};
pub use needs::Needs;
pub use options::Options;
pub use producer::Producer;
pub use signature::CodeSignature;
pub use symbols::SymbolTables;

/// e_type of a fixed-position executable.
const ET_EXEC: u16 = 2;

/// What an executable says about itself.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Build info or a pclntab was found.
    pub is_go: bool,
    /// Who made it.
    pub producer: Option<Fact<Producer>>,
    pub format: Option<Format>,
    /// What only ELF headers say: the interpreter, needed libraries, versions.
    pub elf: Option<Elf>,
    /// Damage that did not keep the rest from being read.
    pub damage: Vec<String>,
    /// The file is cut off.
    pub truncated: Option<Truncated>,
    pub go_version: Option<Fact<String>>,
    pub goos: Option<Fact<Goos>>,
    pub goarch: Option<Fact<Goarch>>,
    /// Facts about GOOS and GOARCH that contradict the two above.
    pub contradictions: Vec<String>,
    pub level: Level,
    pub build: Option<BuildInfo>,
    /// The build setting CGO_ENABLED: whether C was allowed.
    pub cgo_enabled: Option<Fact<bool>>,
    pub cgo: Cgo,
    /// Parts of the standard library that cgo decides.
    pub uses: Uses,
    pub libc: Option<Fact<&'static str>>,
    /// Libraries that the loader has to find.
    pub libraries: Vec<String>,
    /// The glibc that it needs at least, and for which symbols.
    pub glibc: Option<GlibcFloor>,
    pub needs: Needs,
    /// `None` where the names of its functions are not known.
    pub lookups: Option<Lookups>,
    /// Of Mach-O files.
    pub signature: Option<Fact<CodeSignature>>,
    pub options: Options,
    pub pie: bool,
    /// No loader and no libraries are needed.
    pub is_static: bool,
    /// No symbol table with functions of the program.
    pub stripped: bool,
    pub dwarf: bool,
    /// Where those two were read.
    pub symbols: Option<SymbolTables>,
    pub pclntab: Option<String>,
    pub vcs: Option<Vcs>,
    pub trimpath: Option<Fact<bool>>,
    /// GOROOT at build time.
    pub goroot: Option<Fact<String>>,
}

impl Facts {
    pub fn interpreter(&self) -> Option<&str> {
        self.elf.as_ref()?.interpreter.as_deref()
    }

    pub fn needed(&self) -> &[String] {
        self.elf.as_ref().map_or(&[], |elf| &elf.needed)
    }

    pub fn setting(&self, key: &str) -> Option<&str> {
        self.build.as_ref()?.setting(key)
    }

    /// Go's minor version, where the version is known and not only its range.
    pub fn go_minor(&self) -> Option<u32> {
        minor_of(&self.go_version.as_ref()?.value)
    }
}

/// 21 for `go1.21.13`.
pub(super) fn minor_of(version: &str) -> Option<u32> {
    let text = version.strip_prefix("go1.")?;
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end)?.parse().ok()
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vcs {
    pub system: String,
    pub revision: String,
    pub time: Option<String>,
    pub modified: bool,
}

pub(super) fn read(binary: &Binary) -> Facts {
    let info = binary.build_info().cloned();
    let table = binary.pclntab();
    let mut facts = Facts {
        is_go: info.is_some() || table.is_ok(),
        producer: binary.producer().cloned(),
        format: Some(binary.image.format),
        elf: binary.image.elf.clone(),
        damage: binary.image.damage.clone(),
        truncated: binary.image.truncated,
        ..Facts::default()
    };
    facts.pclntab = Some(match &table {
        Ok(table) => format!(
            "{} functions, {}, found by {}{}",
            table.layout().functions,
            table.version().range(),
            table.layout().from,
            if table.layout().tells_inlined() {
                ""
            } else {
                "; without inlined calls: no funcdata base found"
            }
        ),
        Err(reason) => (*reason).to_owned(),
    });
    if let Some(info) = &info {
        facts.cgo_enabled = info.setting("CGO_ENABLED").map(|v| Fact::new(v == "1", info.from));
        facts.vcs = info.setting("vcs.revision").map(|revision| Vcs {
            system: info.setting("vcs").unwrap_or_default().to_owned(),
            revision: revision.to_owned(),
            time: info.setting("vcs.time").map(str::to_owned),
            modified: info.setting("vcs.modified") == Some("true"),
        });
    }
    target(binary, info.as_ref(), &mut facts);
    files(binary, info.as_ref(), &mut facts);
    if facts.is_go {
        facts.go_version = binary.go_version().cloned().or_else(|| {
            let range = table.as_ref().ok()?.version().range();
            Some(Fact::new(range.to_owned(), "layout of the pclntab"))
        });
    }
    let arch = facts.goarch.as_ref().map(|fact| fact.value);
    // Other compilers know no levels.
    if let Some(arch) = arch.filter(|_| facts.is_go) {
        facts.level = level::read(binary, arch, info.as_ref());
        let os = facts.goos.as_ref().map(|fact| fact.value);
        facts.needs = needs::read(binary, (os, Some(arch)), &facts.level);
    }
    facts.options = options::read(binary, info.as_ref());
    let sanitizer = facts.options.sanitizer.as_ref().map(|fact| fact.value);
    facts.cgo = linkage::cgo(binary, facts.cgo_enabled.as_ref(), sanitizer);
    facts.uses = binary.names().map(Names::uses).unwrap_or_default();
    facts.libc = linkage::libc(binary);
    facts.glibc = dynamic::glibc(binary);
    facts.lookups = lookups::read(binary, facts.goos.as_ref().map(|os| os.value));
    facts.signature = signature::read(binary);
    facts.libraries = dynamic::libraries(binary);
    if let Some(elf) = &binary.image.elf {
        facts.pie = elf.pie();
        // A static PIE has a dynamic section for its own relocations.
        let executable = elf.e_type == ET_EXEC || facts.pie;
        facts.is_static = executable && elf.interpreter.is_none() && elf.needed.is_empty();
    }
    let symbols = symbols::read(binary);
    facts.stripped = !symbols.table.value;
    facts.dwarf = symbols.dwarf.value;
    facts.symbols = Some(symbols);
    facts.build = info;
    facts
}

/// GOOS and GOARCH. The header is what the kernel looks at; build info is what
/// the builder meant. Where they disagree, both are kept.
fn target(binary: &Binary, info: Option<&BuildInfo>, facts: &mut Facts) {
    let image = &binary.image;
    if let Some(arch) = image.arch {
        facts.goarch = Some(Fact::new(arch, image.machine.clone()));
    }
    let recorded_arch = info.and_then(|info| Goarch::parse(info.setting("GOARCH")?));
    match (&facts.goarch, recorded_arch) {
        (None, Some(arch)) => facts.goarch = Some(Fact::new(arch, info.map_or("", |info| info.from))),
        (Some(header), Some(arch)) if header.value != arch => facts.contradictions.push(format!(
            "build info says GOARCH={arch}, the header says {} ({})",
            header.value, header.from
        )),
        _ => {}
    }
    let recorded_os = info.and_then(|info| Goos::parse(info.setting("GOOS")?));
    facts.goos = recorded_os.map(|os| Fact::new(os, info.map_or("", |info| info.from)));
    if facts.goos.is_none() && facts.is_go {
        // A pclntab whose layout is not read still holds the names.
        let names = binary.pclntab().map_or(binary.bytes(), |table| table.file_region());
        facts.goos = os_of_files(names);
    }
    let from_header = header_os(binary);
    match (&facts.goos, from_header) {
        (None, Some(fact)) => facts.goos = Some(fact),
        (Some(have), Some(fact)) if have.value != fact.value && !same_family(have.value, fact.value) => {
            facts
                .contradictions
                .push(format!("{} says GOOS={}, {} says {}", have.from, have.value, fact.from, fact.value));
        }
        _ => {}
    }
}

/// A kernel family whose headers do not tell the members apart.
fn same_family(a: Goos, b: Goos) -> bool {
    let family = |os| match os {
        Goos::Linux | Goos::Android => 1,
        Goos::Darwin | Goos::Ios => 2,
        Goos::Solaris | Goos::Illumos => 3,
        _ => 0,
    };
    family(a) != 0 && family(a) == family(b)
}

fn header_os(binary: &Binary) -> Option<Fact<Goos>> {
    if let Some(os) = binary.image.format.implied_goos() {
        return Some(Fact::new(os, format!("{} container", binary.image.format.name())));
    }
    let elf = binary.image.elf.as_ref()?;
    // EI_OSABI is 0 on Linux, Android, DragonFly, Solaris and illumos alike.
    let by_abi = match elf.osabi {
        9 => Some(Goos::Freebsd),
        2 => Some(Goos::Netbsd),
        12 => Some(Goos::Openbsd),
        _ => None,
    };
    if let Some(os) = by_abi {
        return Some(Fact::new(os, format!("ELF header: EI_OSABI {}", elf.osabi)).strong());
    }
    if let Some(os) = elf.note_os.iter().find_map(|os| Goos::parse(os)) {
        return Some(Fact::new(os, "ELF vendor note").strong());
    }
    let os = match elf.interpreter.as_deref()? {
        i if i.starts_with("/lib/ld-linux")
            || i.starts_with("/lib64/ld")
            || i.starts_with("/lib/ld-musl") =>
        {
            Goos::Linux
        }
        i if i.starts_with("/system/bin/linker") => Goos::Android,
        "/usr/libexec/ld.so" => Goos::Openbsd,
        "/libexec/ld-elf.so.1" => Goos::Freebsd,
        "/libexec/ld.elf_so" => Goos::Netbsd,
        "/lib/amd64/ld.so.1" => Goos::Solaris,
        _ => return None,
    };
    Some(Fact::new(os, "PT_INTERP"))
}

/// `runtime/os_<goos>.go` is compiled into every program. illumos has
/// os_solaris.go as well, android is os_linux.go with its own start file.
fn os_of_files(files: &[u8]) -> Option<Fact<Goos>> {
    let has = |name: String| memchr::memmem::find(files, name.as_bytes()).is_some();
    let special =
        [(Goos::Illumos, "os_illumos.go"), (Goos::Android, "rt0_android_"), (Goos::Ios, "rt0_ios_")];
    let named = special.iter().find(|(_, file)| has(format!("runtime/{file}"))).map(|(os, _)| *os);
    let os = named.or_else(|| Goos::ALL.iter().copied().find(|os| has(format!("runtime/os_{os}.go\0"))))?;
    Some(Fact::new(os, "runtime file names (build info does not tell)"))
}

fn files(binary: &Binary, info: Option<&BuildInfo>, facts: &mut Facts) {
    let Ok(table) = binary.pclntab() else { return };
    let region = table.file_region();
    let proc = b"/src/runtime/proc.go\0";
    match memchr::memmem::find(region, proc) {
        Some(at) => {
            let start =
                region.get(..at).and_then(|b| memchr::memrchr(0, b)).map_or(0, |n| n.saturating_add(1));
            let root = String::from_utf8_lossy(region.get(start..at).unwrap_or_default()).into_owned();
            facts.goroot = Some(Fact::new(root, "runtime file names in the pclntab"));
            facts.trimpath = Some(Fact::new(false, "absolute file names in the pclntab"));
        }
        None if memchr::memmem::find(region, b"\0runtime/proc.go\0").is_some() => {
            facts.trimpath = Some(Fact::new(true, "relative file names in the pclntab"));
        }
        None => {}
    }
    if info.and_then(|info| info.setting("-trimpath")) == Some("true") {
        facts.trimpath = Some(Fact::new(true, info.map_or("", |info| info.from)));
    }
}
