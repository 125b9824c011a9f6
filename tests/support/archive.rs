//! Archives of real crashes, made for a test.

#![allow(dead_code)]

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

/// The log of a case of the corpus.
pub(crate) fn log(case: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/cases").join(case).join("log");
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A folder of one test alone, empty.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

pub(crate) fn write(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

/// Names of a tar may be such as its own writer refuses: `../x`, `/x`.
pub(crate) fn header(name: &str, size: u64, kind: tar::EntryType, link: &str) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
    header.as_gnu_mut().unwrap().linkname[..link.len()].copy_from_slice(link.as_bytes());
    header.set_size(size);
    header.set_mode(0o644);
    header.set_entry_type(kind);
    header.set_cksum();
    header
}

pub(crate) fn tar_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        builder.append(&header(name, bytes.len() as u64, tar::EntryType::Regular, ""), *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

pub(crate) fn zip_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A folder of logs in every wrapping: most of them quiet, some with crashes, one of
/// them damaged.
pub(crate) struct Many {
    pub(crate) folder: PathBuf,
    pub(crate) crashes: usize,
    pub(crate) documents: usize,
}

const CASES: [&str; 6] = [
    "nil-first-field",
    "nil-map-write",
    "concurrent-map-writes",
    "deadlock-mutex",
    "index-out-of-range",
    "slice-bounds",
];

impl Many {
    pub(crate) fn new(name: &str, files: usize) -> Many {
        let folder = folder(name);
        let (mut crashes, mut documents) = (0, 0);
        for index in 0..files {
            let mut text = Vec::new();
            let day = index % 28 + 1;
            for line in 0..60 {
                writeln!(text, "2026-11-{day:02}T04:00:{line:02}Z GET /cart/{index} 200").unwrap();
            }
            let inside = usize::from(index % 3 == 0);
            if inside == 1 {
                let crash = log(CASES[index / 3 % CASES.len()]);
                for line in crash.split(|b| *b == b'\n') {
                    let line = String::from_utf8_lossy(line);
                    writeln!(text, "2026-11-{day:02}T05:{:02}:00.5Z stderr F {line}", index % 60).unwrap();
                }
            }
            let stem = format!("host-{}/svc-{index:04}", index % 7);
            let members = [("var/log/app.log", &text[..]), ("var/log/empty.log", b"")];
            let (suffix, bytes, copies, documents_here) = match index % 6 {
                0 => ("log", text.clone(), 1, 1),
                1 => ("log.gz", gzip(&text), 1, 1),
                2 => ("log.zst", zstd(&text), 1, 1),
                3 => ("tar", tar_of(&members), 1, 2),
                4 => ("tgz", gzip(&tar_of(&members)), 1, 2),
                _ => ("zip", zip_of(&members), 1, 2),
            };
            write(&folder, &format!("{stem}.{suffix}"), &bytes);
            crashes += inside * copies;
            documents += documents_here;
        }
        let packed = gzip(&b"nothing to see here\n".repeat(5000));
        write(&folder, "cut.log.gz", &packed[..packed.len() - 12]);
        Many { folder, crashes, documents: documents + 1 }
    }
}
