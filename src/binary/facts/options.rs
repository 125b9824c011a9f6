//! How it was built: what build settings record, and what a build leaves in
//! the file where they are silent. `-trimpath` removes `-ldflags` and the C
//! flags from build info, so that their absence then proves nothing
//! (cmd/go/internal/load/pkg.go, `setBuildInfo`).

use super::super::buildinfo::BuildInfo;
use super::super::{Binary, Fact};
use super::Names;

/// Options of the build. `None` is "not recorded", which for most of them
/// means that they were not used; `recorded` says whether that may be concluded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// There are build settings (Go 1.18 and later, by the go command).
    pub recorded: bool,
    /// `race`, `msan` or `asan`.
    pub sanitizer: Option<Fact<&'static str>>,
    pub coverage: Option<Fact<bool>>,
    /// The profile that `-pgo` took.
    pub pgo: Option<Fact<String>>,
    /// The module for FIPS 140 (`v1.0.0`), or `boringcrypto`.
    pub fips: Option<Fact<String>>,
    pub experiments: Option<Fact<String>>,
    /// Defaults of GODEBUG that differ from those of this Go version.
    pub godebug: Option<Fact<String>>,
    pub tags: Option<Fact<String>>,
    pub ldflags: Option<Fact<String>>,
    pub gcflags: Option<Fact<String>>,
    pub build_mode: Option<Fact<String>>,
}

impl Options {
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.as_ref().is_some_and(|tags| tags.value.split([',', ' ']).any(|have| have == tag))
    }
}

pub(super) fn read(binary: &Binary, info: Option<&BuildInfo>) -> Options {
    let setting = |key: &str| {
        let info = info?;
        info.setting(key).map(|value| Fact::new(value.to_owned(), info.from))
    };
    let names = binary.names();
    Options {
        recorded: info.is_some_and(|info| !info.settings.is_empty()),
        sanitizer: sanitizer(binary, info),
        coverage: setting("-cover").map(|fact| Fact::new(fact.value == "true", fact.from)).or_else(|| {
            // Linked in by `go build -cover` alone, since Go 1.20 (runtime/coverage
            // may be imported by the program itself).
            let linked = names?.links("internal/coverage/cfile") || names?.links("runtime/coverage");
            linked.then(|| Fact::new(true, "its runtime is linked in").strong())
        }),
        pgo: setting("-pgo"),
        fips: setting("GOFIPS140").filter(|fact| fact.value != "off").or_else(|| boring(names)),
        experiments: setting("GOEXPERIMENT").or_else(|| {
            let info = info?;
            let (_, experiments) = info.go_version.as_ref()?.split_once(" X:")?;
            Some(Fact::new(experiments.to_owned(), "the Go version"))
        }),
        godebug: setting("DefaultGODEBUG"),
        tags: setting("-tags"),
        ldflags: setting("-ldflags"),
        gcflags: setting("-gcflags"),
        build_mode: setting("-buildmode").or_else(|| build_mode(binary)),
    }
}

fn sanitizer(binary: &Binary, info: Option<&BuildInfo>) -> Option<Fact<&'static str>> {
    let kinds = [("race", "-race"), ("msan", "-msan"), ("asan", "-asan")];
    if let Some(info) = info.filter(|info| !info.settings.is_empty()) {
        let set = |(_, key): &&(&str, &str)| info.setting(key) == Some("true");
        return kinds.iter().find(set).map(|(kind, _)| Fact::new(*kind, info.from));
    }
    // runtime/race_amd64.s and its like are assembled only for such builds.
    let files = binary.pclntab().ok()?.file_region();
    let has = |kind: &str| memchr::memmem::find(files, format!("runtime/{kind}_").as_bytes()).is_some();
    kinds.iter().find(|(kind, _)| has(kind)).map(|(kind, _)| Fact::new(*kind, "its runtime is linked in"))
}

/// crypto/internal/boring calls BoringSSL by cgo stubs of its own.
fn boring(names: Option<&Names>) -> Option<Fact<String>> {
    let calls = names?.callers.iter().any(|package| package == "crypto/internal/boring");
    calls.then(|| Fact::new("boringcrypto".to_owned(), "cgo stubs of crypto/internal/boring"))
}

/// Where it is not recorded: before Go 1.20, or without the go command.
fn build_mode(binary: &Binary) -> Option<Fact<String>> {
    let elf = binary.image.elf.as_ref()?;
    let table = binary.pclntab().ok()?;
    let named = |name: &[u8]| memchr::memmem::find(table.name_region(), name).is_some();
    if elf.e_type == object::elf::ET_EXEC.0 {
        return Some(Fact::new("exe".to_owned(), "ELF header: ET_EXEC"));
    }
    if elf.pie() {
        return Some(Fact::new("pie".to_owned(), "ELF header: ET_DYN, and PT_INTERP or DF_1_PIE"));
    }
    let shared = |mode: &str, from| Some(Fact::new(mode.to_owned(), from).strong());
    if named(b"\0runtime.addmoduledata\0") || named(b"\0go:link.addmoduledata\0") {
        shared("plugin", "runtime.addmoduledata in the pclntab")
    } else {
        shared("c-shared", "ELF header: ET_DYN without PT_INTERP")
    }
}
