//! How the program was linked: cgo, the C library, static or dynamic.

use super::{Binary, Fact};

/// C code in the program, and the proof of it. CGO_ENABLED=1 in build info
/// only says that it was allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cgo {
    /// runtime/cgo is linked in: C code runs in this process.
    pub linked: Option<Fact<bool>>,
    /// Go packages that call C, from the names of their generated stubs.
    pub packages: Vec<String>,
    /// C functions that Go code calls.
    pub functions: Vec<String>,
}

pub(super) fn cgo(binary: &Binary) -> Cgo {
    let Ok(table) = binary.pclntab() else { return Cgo::default() };
    let names = table.name_region();
    let proof = table.has_c_code();
    let from =
        if proof { "crosscall2 of runtime/cgo is in the pclntab" } else { "no crosscall2 in the pclntab" };
    let mut cgo = Cgo { linked: Some(Fact::new(proof, from)), ..Cgo::default() };
    if !proof {
        return cgo;
    }
    for mark in ["._Cfunc_", "._C2func_"] {
        for at in memchr::memmem::find_iter(names, mark) {
            let start =
                names.get(..at).and_then(|b| memchr::memrchr(0, b)).map_or(0, |nul| nul.saturating_add(1));
            let after = at.saturating_add(mark.len());
            let end = names
                .get(after..)
                .and_then(|b| memchr::memchr(0, b))
                .map_or(after, |n| after.saturating_add(n));
            let text = |range| names.get(range).map(|b| String::from_utf8_lossy(b).into_owned());
            cgo.packages.extend(text(start..at).map(|package| unescape(&package)));
            cgo.functions.extend(text(after..end));
        }
    }
    for list in [&mut cgo.packages, &mut cgo.functions] {
        list.sort();
        list.dedup();
    }
    // Closures of a stub's caller carry the mark as well: `_Cfunc_f.func1`.
    cgo.functions.retain(|name| !name.contains('.'));
    cgo
}

/// Link symbols escape dots of the last path element: `yaml%2ev3`
/// (cmd/internal/objabi/path.go, `PathToPrefix`).
fn unescape(package: &str) -> String {
    let mut parts = package.split('%');
    let first = parts.next().unwrap_or("").to_owned();
    parts.fold(first, |out, part| match part.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
        Some(byte) if byte.is_ascii() => format!("{out}{}{}", char::from(byte), part.get(2..).unwrap_or("")),
        _ => format!("{out}%{part}"),
    })
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
        return Some(Fact::new("musl", "DT_NEEDED libc.so"));
    }
    // Without a pclntab nobody knows what is linked in.
    let linked = binary.pclntab().ok()?.has_c_code();
    match (elf.dynamic && !elf.needed.is_empty(), linked) {
        (false, false) => Some(Fact::new("none", "no DT_NEEDED, no runtime/cgo")),
        (false, true) if memchr::memmem::find(binary.bytes(), b"glibc.malloc.").is_some() => {
            Some(Fact::new("glibc", "tunable names of a static glibc"))
        }
        _ => None,
    }
}
