//! How the program was linked: cgo and what uses it, and the C library.

use super::super::{Binary, Fact};
use super::Names;
use super::names::Mark;

/// C code in the program, and the proof of it. CGO_ENABLED=1 in build info
/// only says that it was allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cgo {
    /// runtime/cgo is linked in: C code runs in this process.
    pub linked: Option<Fact<bool>>,
    /// Why it is linked in, or why not.
    pub usage: Option<Fact<CgoUse>>,
    /// Go packages that call C, from the names of their generated stubs.
    pub packages: Vec<String>,
    /// C functions that Go code calls.
    pub functions: Vec<String>,
    /// Go functions that C code may call.
    pub exports: Vec<String>,
}

/// What a program has of cgo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CgoUse {
    /// Built with CGO_ENABLED=0.
    Off,
    /// Allowed, but no package that is linked in uses it.
    Unused,
    /// No C code; whether it was allowed is not recorded.
    None,
    /// Only net and os/user (or another package of Go's own library) call C.
    Std,
    /// runtime/cgo alone, as `-linkmode=external` brings it in.
    ExternalLink,
    /// runtime/cgo alone, linked by Go's own linker: imported for itself.
    RuntimeOnly,
    /// The runtime of `-race`, `-msan` or `-asan` alone.
    Sanitizer(&'static str),
    /// Packages of the program call C.
    Own,
    /// C code is linked in, but no Go code that calls it is left: of which
    /// packages, or names that the dynamic loader has to find for it.
    NeverCalled(Vec<String>),
    /// C code is linked in and no call of it is left; a static program has no
    /// imports that would tell more.
    Uncalled,
}

impl CgoUse {
    /// A stable name.
    pub fn name(&self) -> &'static str {
        match self {
            CgoUse::Off => "off",
            CgoUse::Unused => "unused",
            CgoUse::None => "none",
            CgoUse::Std => "std",
            CgoUse::ExternalLink => "external-link",
            CgoUse::RuntimeOnly => "runtime-only",
            CgoUse::Sanitizer(_) => "sanitizer",
            CgoUse::Own => "own",
            CgoUse::NeverCalled(_) => "never-called",
            CgoUse::Uncalled => "uncalled",
        }
    }
}

/// Packages of the standard library that use cgo (`import "C"` in GOROOT/src,
/// Go 1.19 to 1.27).
const STD: [&str; 8] = [
    "net",
    "os/user",
    "plugin",
    "runtime/cgo",
    "runtime/race",
    "runtime/msan",
    "runtime/asan",
    "crypto/internal/boring",
];

/// Names that only the C part of a package of the standard library imports
/// (net/cgo_unix_cgo*.go, os/user/cgo_lookup_cgo.go, plugin/plugin_dlopen.go).
const STD_IMPORTS: [(&str, &[&str]); 3] = [
    (
        "net",
        &[
            "getaddrinfo",
            "getnameinfo",
            "freeaddrinfo",
            "gai_strerror",
            "res_search",
            "__res_search",
            "res_nsearch",
            "__res_nsearch",
            "res_ninit",
            "__res_ninit",
            "res_nclose",
            "__res_nclose",
        ],
    ),
    ("os/user", &["getpwnam_r", "getpwuid_r", "getgrnam_r", "getgrgid_r", "getgrouplist", "sysconf"]),
    ("plugin", &["dlopen", "dlsym", "dlerror", "realpath", "__realpath_chk"]),
];

/// What runtime/cgo itself and the start files of C compilers import, Go 1.19
/// to 1.27 (runtime/cgo/*.c).
const RUNTIME_IMPORTS: [&str; 33] = [
    "abort",
    "clearenv",
    "environ",
    "fflush",
    "fprintf",
    "fputc",
    "fputs",
    "free",
    "fwrite",
    "malloc",
    "memset",
    "mmap",
    "munmap",
    "nanosleep",
    "perror",
    "setegid",
    "setenv",
    "seteuid",
    "setgid",
    "setgroups",
    "setregid",
    "setresgid",
    "setresuid",
    "setreuid",
    "setuid",
    "sigaction",
    "sigaltstack",
    "stderr",
    "strerror",
    "unsetenv",
    "vfprintf",
    "memcpy",
    "write",
];

pub(super) fn of_runtime(name: &str) -> bool {
    // `__errno_location`, `__libc_start_main`, `__fprintf_chk`, `_ITM_…`, `_Jv_…`.
    name.starts_with('_')
        || name.starts_with("pthread_")
        || ["sigaddset", "sigemptyset", "sigfillset", "sigismember"].contains(&name)
        || RUNTIME_IMPORTS.contains(&name)
}

pub(super) fn cgo(binary: &Binary, enabled: Option<&Fact<bool>>, sanitizer: Option<&'static str>) -> Cgo {
    let Some(names) = binary.names() else { return Cgo::default() };
    let proof = names.has(Mark::RuntimeCgo);
    let from =
        if proof { "crosscall2 of runtime/cgo is in the pclntab" } else { "no crosscall2 in the pclntab" };
    let mut functions: Vec<String> = names.calls.iter().map(|(_, function)| function.clone()).collect();
    functions.sort_unstable();
    functions.dedup();
    Cgo {
        linked: Some(Fact::new(proof, from)),
        usage: Some(if proof {
            usage(binary, names, sanitizer)
        } else {
            match enabled {
                Some(Fact { value: false, from, .. }) => Fact::new(CgoUse::Off, from.as_str()),
                Some(Fact { value: true, .. }) => Fact::new(CgoUse::Unused, from),
                None => Fact::new(CgoUse::None, from),
            }
        }),
        packages: names.callers.clone(),
        functions,
        exports: names.exports.clone(),
    }
}

fn usage(binary: &Binary, names: &Names, sanitizer: Option<&'static str>) -> Fact<CgoUse> {
    let imports = binary.imports();
    let own = names.callers.iter().any(|package| !STD.contains(&package.as_str()));
    if own || !names.exports.is_empty() {
        return Fact::new(CgoUse::Own, "names of the cgo stubs in the pclntab");
    }
    if !names.callers.is_empty() {
        return Fact::new(CgoUse::Std, "names of the cgo stubs in the pclntab");
    }
    if let Some(kind) = sanitizer {
        return Fact::new(CgoUse::Sanitizer(kind), "build settings").strong();
    }
    if imports.is_empty() {
        return Fact::new(CgoUse::Uncalled, "no cgo stub in the pclntab, and no dynamic imports").strong();
    }
    let (mut packages, mut foreign) = (Vec::new(), Vec::new());
    for import in imports {
        let name = import.name.as_str();
        match STD_IMPORTS.iter().find(|(_, theirs)| theirs.contains(&name)) {
            Some((package, _)) => packages.push((*package).to_owned()),
            None if of_runtime(name) => {}
            None => foreign.push(name.to_owned()),
        }
    }
    packages.sort_unstable();
    packages.dedup();
    packages.append(&mut foreign);
    if !packages.is_empty() {
        let from = "dynamic imports, and no cgo stub in the pclntab";
        return Fact::new(CgoUse::NeverCalled(packages), from).strong();
    }
    // The start files and tables of a C linker.
    if [".init_array", ".eh_frame", ".comment"].iter().any(|name| binary.image.section(name).is_some()) {
        let from = "no cgo stub in the pclntab, only runtime/cgo's own imports, sections of a C linker";
        return Fact::new(CgoUse::ExternalLink, from).strong();
    }
    let linked = STD_IMPORTS.iter().filter(|(package, _)| names.links(package));
    let linked: Vec<String> = linked.map(|(package, _)| (*package).to_owned()).collect();
    let from = "no cgo stub in the pclntab, and only runtime/cgo's own imports";
    let usage = if linked.is_empty() { CgoUse::RuntimeOnly } else { CgoUse::NeverCalled(linked) };
    Fact::new(usage, from).strong()
}

/// `glibc`, `musl`, `bionic` or none, from what the loader is asked for.
pub(super) fn libc(binary: &Binary) -> Option<Fact<&'static str>> {
    let elf = binary.image.elf.as_ref()?;
    let interpreter = elf.interpreter.as_deref().unwrap_or("");
    let needs = |name: &str| elf.needed.iter().any(|needed| needed == name);
    if interpreter.contains("ld-musl") || elf.needed.iter().any(|n| n.starts_with("libc.musl-")) {
        return Some(Fact::new("musl", "PT_INTERP or DT_NEEDED"));
    }
    if interpreter.starts_with("/system/bin/linker") {
        return Some(Fact::new("bionic", "PT_INTERP"));
    }
    if needs("libc.so.6") || elf.versions.iter().any(|(_, version)| version.starts_with("GLIBC_")) {
        return Some(Fact::new("glibc", "DT_NEEDED libc.so.6"));
    }
    if needs("libc.so") {
        return Some(Fact::new("musl", "DT_NEEDED libc.so").strong());
    }
    // Without a pclntab nobody knows what is linked in.
    let linked = binary.names()?.has(Mark::RuntimeCgo);
    match (elf.dynamic && !elf.needed.is_empty(), linked) {
        (false, false) => Some(Fact::new("none", "no DT_NEEDED, no runtime/cgo")),
        (false, true) => Some(static_libc(binary)),
        _ => None,
    }
}

/// Names of tunables stand in the read-only data of every static glibc; musl
/// leaves no mark of its own.
fn static_libc(binary: &Binary) -> Fact<&'static str> {
    let mark = b"glibc.malloc.";
    let read_only = [".rodata", ".data.rel.ro", "__libc_freeres_ptrs"];
    let sections: Vec<&[u8]> = read_only.iter().filter_map(|name| binary.section(name)).collect();
    let areas = if sections.is_empty() { vec![binary.bytes()] } else { sections };
    if areas.into_iter().any(|area| memchr::memmem::find(area, mark).is_some()) {
        Fact::new("glibc", "tunable names of a static glibc")
    } else {
        Fact::new("musl", "C code without DT_NEEDED, and no mark of a static glibc").hint()
    }
}
