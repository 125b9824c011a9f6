//! The executables of the corpus and their tables, out of the archives of
//! `corpus/binaries` (`corpus/pack` makes them).

#![allow(dead_code, reason = "no test that includes this file needs all of it")]

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use panicmap::source::{Limits, open};
use sha2::{Digest, Sha256};

/// A folder with every member of the archives, and the other files of
/// `corpus/binaries` as they are. Unpacked once for all tests: hundreds of runs
/// ask for a single member, and each would decompress an archive.
pub(super) fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(unpacked)
}

/// A name with a folder is that of one beside its core.
pub(super) fn path(name: &str) -> String {
    let folder = match name.contains('/') {
        true => &Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus"),
        false => folder(),
    };
    folder.join(name).to_str().unwrap().to_owned()
}

pub(super) fn names() -> Vec<String> {
    let files = std::fs::read_dir(folder()).unwrap();
    let mut names: Vec<String> =
        files.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The bytes of one, also of those that are single compressed files.
pub(super) fn executable(name: &str) -> Vec<u8> {
    let plain = folder().join(name);
    let path = if plain.exists() { plain } else { folder().join(format!("{name}.zst")) };
    open(path.to_str().unwrap(), Limits::default()).unwrap().bytes.to_vec()
}

/// The name of the folder has a hash of what is in it, and it appears whole or
/// not at all: other tests may do the same at the same time.
fn unpacked() -> PathBuf {
    let stored = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/binaries");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(stored).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut hash = Sha256::new();
    for file in &files {
        hash.update(file.file_name().unwrap().as_encoded_bytes());
        hash.update(std::fs::read(file).unwrap());
    }
    let hash: String = hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("corpus-{hash}"));
    let whole = root.join("binaries");
    if whole.exists() {
        return whole;
    }
    let part = root.join(format!("part-{}", std::process::id()));
    std::fs::create_dir_all(&part).unwrap();
    for file in &files {
        let name = file.file_name().unwrap().to_str().unwrap();
        if name.ends_with(".tar.zst") {
            let tar = open(file.to_str().unwrap(), Limits::default()).unwrap();
            assert_eq!(tar.cut, None, "{name}");
            tar::Archive::new(&*tar.bytes).unpack(&part).unwrap();
        } else {
            std::fs::copy(file, part.join(name)).unwrap();
        }
    }
    if std::fs::rename(&part, &whole).is_err() {
        assert!(whole.exists(), "{}", whole.display());
        std::fs::remove_dir_all(&part).unwrap();
    }
    whole
}
