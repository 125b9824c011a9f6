//! Which libraries the loader of this machine would find. The cache of
//! ldconfig is not read: the directories that it was made from are. A
//! program's own DT_RUNPATH and LD_LIBRARY_PATH are the caller's business.

use std::collections::BTreeMap;

use super::Wanted;
use super::files::{ElfKind, Files, Listing};
use super::known::WELL_KNOWN_LIBRARIES;
use super::libc::{Libc, LibcKind};

/// Most libraries that are looked up, and most directories for each: what a
/// program asks for is not to be trusted.
const MOST_LIBRARIES: usize = 1000;
const MOST_DIRECTORIES: usize = 200;
const MOST_OF_A_LIST: u64 = 64 << 10;

pub(super) fn look_up(files: &dyn Files, wanted: &Wanted, libc: Option<&Libc>) -> BTreeMap<String, bool> {
    // A library of another machine is skipped as if it were not there (glibc
    // elf/dl-load.c, open_verify), so the loader says which ones count.
    let loader = wanted.files.iter().find_map(|path| Some((path.as_str(), files.elf_kind(path)??)));
    let musl = match loader {
        Some((path, _)) => path.contains("/ld-musl-"),
        None => libc.is_some_and(|libc| libc.kind == LibcKind::Musl),
    };
    let directories =
        if musl { musl_directories(files, loader.map(|l| l.0)) } else { glibc_directories(files) };
    let kind = loader.map(|(_, kind)| kind);
    let mut out = BTreeMap::new();
    let wanted = wanted.libraries.iter().take(MOST_LIBRARIES).map(String::as_str);
    for soname in WELL_KNOWN_LIBRARIES.into_iter().chain(wanted) {
        let found = if musl && is_part_of_musl(soname) {
            Some(true)
        } else if soname.starts_with('/') {
            fits(files, soname, kind)
        } else if soname.contains('/') || soname.is_empty() {
            // Relative to a directory that is not known.
            None
        } else {
            search(files, &directories, soname, kind)
        };
        out.extend(found.map(|found| (soname.to_owned(), found)));
    }
    out
}

/// Where the loader looks.
struct Directories {
    list: Vec<String>,
    /// No part of the list was out of reach.
    complete: bool,
}

fn search(files: &dyn Files, directories: &Directories, soname: &str, kind: Option<ElfKind>) -> Option<bool> {
    let mut certain = directories.complete;
    for directory in directories.list.iter().take(MOST_DIRECTORIES) {
        match fits(files, &format!("{directory}/{soname}"), kind) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => certain = false,
        }
    }
    certain.then_some(false)
}

/// An ELF file, and of the loader's kind where that is known. (The libc.so of
/// a development package is a linker script, which no loader takes.)
fn fits(files: &dyn Files, path: &str, kind: Option<ElfKind>) -> Option<bool> {
    let found = files.elf_kind(path)?;
    Some(found.is_some_and(|found| kind.is_none_or(|kind| kind == found)))
}

/// Names that musl's loader takes for itself (ldso/dynlink.c, load_library:
/// "Catch and block attempts to reload the implementation itself").
fn is_part_of_musl(soname: &str) -> bool {
    const RESERVED: [&str; 7] = ["c.", "pthread.", "rt.", "m.", "dl.", "util.", "xnet."];
    soname.strip_prefix("lib").is_some_and(|rest| RESERVED.iter().any(|name| rest.starts_with(name)))
}

/// /etc/ld-musl-ARCH.path where there is one, else the built-in list.
fn musl_directories(files: &dyn Files, loader: Option<&str>) -> Directories {
    let arch = loader.and_then(|path| path.rsplit_once("/ld-musl-")?.1.strip_suffix(".so.1"));
    let Some(arch) = arch.filter(|arch| !arch.contains('/')) else {
        return Directories { list: MUSL_DEFAULT.map(str::to_owned).to_vec(), complete: false };
    };
    let text = files.text_or_empty(&format!("/etc/ld-musl-{arch}.path"), MOST_OF_A_LIST);
    let complete = text.is_some();
    let mut list: Vec<String> = text
        .unwrap_or_default()
        .split([':', '\n'])
        .map(str::trim)
        .filter(|line| line.starts_with('/'))
        .map(str::to_owned)
        .collect();
    if list.is_empty() {
        list.extend(MUSL_DEFAULT.map(str::to_owned));
    }
    Directories { list, complete }
}

const MUSL_DEFAULT: [&str; 3] = ["/lib", "/usr/local/lib", "/usr/lib"];

/// The directories built into ld.so and those of /etc/ld.so.conf (ldconfig(8)).
fn glibc_directories(files: &dyn Files) -> Directories {
    let mut list: Vec<String> =
        ["/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib"].map(str::to_owned).to_vec();
    list.extend(files.multiarch());
    let mut complete = true;
    // Every file there counts, even where /etc/ld.so.conf, which includes
    // them, is missing: the cache may have been made with it.
    let Listing { names, complete: seen } = files.listing("/etc/ld.so.conf.d");
    complete &= seen;
    let configured = names.into_iter().filter(|name| name.ends_with(".conf"));
    let lists = configured.map(|name| format!("/etc/ld.so.conf.d/{name}")).take(MOST_DIRECTORIES);
    for file in std::iter::once("/etc/ld.so.conf".to_owned()).chain(lists) {
        let Some(text) = files.text_or_empty(&file, MOST_OF_A_LIST) else {
            complete = false;
            continue;
        };
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if let Some(pattern) = line.strip_prefix("include") {
                complete &= matches!(pattern.trim(), "/etc/ld.so.conf.d/*.conf" | "ld.so.conf.d/*.conf");
            } else if line.starts_with('/') {
                list.push(line.trim_end_matches('/').to_owned());
            }
        }
    }
    list.sort_unstable();
    list.dedup();
    complete &= list.len() <= MOST_DIRECTORIES;
    Directories { list, complete }
}
