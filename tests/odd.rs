//! Logs as they lie about: in every compression by the tool that makes it, several
//! one behind the other, in archives; cut, changed, and with something behind.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use panicmap::source::{Limits, Log, Origin};
use serde_json::Value;

fn logs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/archives/logs")
}

fn case(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/cases").join(name).join("log")).unwrap()
}

fn panicmap(path: &str) -> Output {
    let arguments = ["--format", "json", path];
    Command::new(env!("CARGO_BIN_EXE_panicmap")).args(arguments).stdin(Stdio::null()).output().unwrap()
}

/// Crashes, and everything that was said.
fn read(name: &str) -> (usize, String) {
    let output = panicmap(logs().join(name).to_str().unwrap());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let said = format!("{}{}", report["warnings"], String::from_utf8(output.stderr).unwrap());
    (report["crashes"].as_array().unwrap().len(), said)
}

fn temporary(name: &str, bytes: &[u8]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The text, and why it ends early.
fn unpacked(bytes: &[u8], limits: Limits) -> Result<(Vec<u8>, Option<String>), String> {
    let reader = Box::new(Cursor::new(bytes.to_vec()));
    let mut log = Log::new(Origin::new("log"), reader, limits).map_err(|error| error.to_string())?;
    let (mut text, mut buffer) = (Vec::new(), Vec::new());
    loop {
        let piece = log.next(&mut buffer);
        if piece.is_empty() {
            return Ok((text, log.cut));
        }
        text.extend_from_slice(piece);
    }
}

/// Both logs, by bytes: whatever stands between, in front and behind.
#[test]
fn every_codec_gives_all_that_was_put_in() {
    let (c, d) = (case("nil-method-inlined"), case("index-out-of-range"));
    let both = [c.clone(), d].concat();
    for (name, text) in [
        ("two.gz", &both),
        ("pigz.gz", &both),
        ("fields.gz", &c),
        ("zeros.gz", &c),
        ("two.zst", &both),
        ("no-checksum.zst", &both),
        ("pzstd.zst", &both),
        ("skippable.zst", &both),
        ("two.xz", &both),
        ("padded.xz", &both),
        ("two.bz2", &both),
        ("pbzip2.bz2", &both),
        ("two.lz4", &both),
        ("checksums.lz4", &both),
        ("skippable.lz4", &both),
        ("legacy.lz4", &c),
        ("two.sz", &both),
        ("two.lz", &both),
        ("one.lzma", &c),
    ] {
        let bytes = std::fs::read(logs().join(name)).unwrap();
        let (out, cut) =
            unpacked(&bytes, Limits::default()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((String::from_utf8_lossy(&out), cut), (String::from_utf8_lossy(text), None), "{name}");
    }
}

#[test]
fn names_do_not_count_and_members_can_be_named() {
    let bytes = std::fs::read(logs().join("two.bz2")).unwrap();
    let report: Value =
        serde_json::from_slice(&panicmap(&temporary("bzip2-by-name.gz", &bytes)).stdout).unwrap();
    assert_eq!(report["crashes"].as_array().unwrap().len(), 2);
    let long = format!("{0:0>120}/{0:0>120}/app.log", 0);
    for member in [
        "ustar.tgz!c.log",
        "two.zip!d.log",
        "nested.tgz!two.tgz!d.log",
        &format!("long-gnu.tgz!{long}"),
        &format!("long-pax.tgz!{long}"),
    ] {
        assert_eq!(read(member), (1, "[]".to_owned()), "{member}");
    }
}

#[test]
fn what_is_odd_is_said_with_its_place() {
    for (name, crashes, words) in [
        ("junk.gz", 1, "gzip data end at byte 254; the 23 bytes behind are something else"),
        ("junk.bz2", 1, "the 24 bytes behind are something else"),
        ("window.zst", 0, "it needs a window of 2048 MiB, and 128 MiB are allowed"),
        ("ustar.tgz", 0, "a tar archive, not a log: `panicmap scan` reads all in it; or name one"),
        ("no-directory.zip!c.log", 1, "[]"),
        ("no-directory.zip!e.log", 0, "zip data damaged: no directory at the end"),
    ] {
        let (found, said) = read(name);
        assert!(found == crashes && said.contains(words), "{name}: {found} {said}");
    }
}

/// Cut anywhere, it is told; what came out is the beginning of what was put in.
#[test]
fn a_cut_is_never_silent() {
    let both = [case("nil-method-inlined"), case("index-out-of-range")].concat();
    for name in
        ["pigz.gz", "fields.gz", "two.zst", "two.xz", "two.bz2", "two.lz4", "two.sz", "two.lz", "one.lzma"]
    {
        let bytes = std::fs::read(logs().join(name)).unwrap();
        let (whole, _) = unpacked(&bytes, Limits::default()).unwrap();
        for length in 14..bytes.len() {
            match unpacked(&bytes[..length], Limits::default()) {
                Err(why) => assert!(why.contains("end early"), "{name} {length}: {why}"),
                Ok((out, cut)) => {
                    assert!(both.starts_with(&out), "{name} {length}");
                    // Between two members nothing is missing that one could know of.
                    let at_a_seam = out.len() == case("nil-method-inlined").len() && cut.is_none();
                    let told = cut
                        .as_ref()
                        .is_some_and(|cut| cut.contains("end early") || cut.contains("are something else"));
                    assert!(
                        told || at_a_seam || out == whole,
                        "{name} {length}: {} of {}, {cut:?}",
                        out.len(),
                        whole.len()
                    );
                }
            }
        }
    }
}

/// Where the codec has a checksum of what comes out, another text is never taken for
/// the one that was put in.
#[test]
fn a_changed_byte_is_never_silent() {
    let mut seed = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed >> 33).unwrap()
    };
    let limits = Limits { streamed_bytes: 1 << 20, ..Limits::default() };
    for name in [
        "two.gz",
        "two.zst",
        "two.xz",
        "two.bz2",
        "two.lz4",
        "checksums.lz4",
        "two.sz",
        "two.lz",
        "one.lzma",
        "no-checksum.zst",
    ] {
        let bytes = std::fs::read(logs().join(name)).unwrap();
        let (whole, _) = unpacked(&bytes, limits).unwrap();
        for _ in 0..300 {
            let mut changed = bytes.clone();
            // The mark decides what it is.
            let at = 14 + random() % (bytes.len() - 14);
            changed[at] ^= u8::try_from(1 + random() % 255).unwrap();
            let silent = unpacked(&changed, limits).is_ok_and(|(out, cut)| cut.is_none() && out != whole);
            let unchecked = ["one.lzma", "no-checksum.zst"].contains(&name);
            assert!(!silent || unchecked, "{name}: byte {at}");
        }
    }
}

/// 100,000 frames one behind the other, as programs that flush each line write.
#[test]
fn many_members_cost_no_stack() {
    let frame = zstd::encode_all(&b"x\n"[..], 1).unwrap();
    let mut gzip = Vec::new();
    flate2::read::GzEncoder::new(&b"x\n"[..], flate2::Compression::fast()).read_to_end(&mut gzip).unwrap();
    for one in [frame, gzip] {
        let (out, cut) = unpacked(&one.repeat(100_000), Limits::default()).unwrap();
        assert_eq!((out.len(), cut), (200_000, None));
    }
}
