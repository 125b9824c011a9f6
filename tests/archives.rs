//! Executables as users have them: in archives made by the real tools, in
//! archives in archives, in folders; and what is wrong with them.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use panicmap::binary::find;
use panicmap::source::{Limits, open};
use proptest::prelude::*;
use serde_json::Value;

#[path = "support/executables.rs"]
mod executables;

use executables::executable;

fn corpus(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(path).to_str().unwrap().to_owned()
}

fn panicmap(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_panicmap")).args(arguments).stdin(Stdio::null()).output().unwrap()
}

/// Both streams, for what must be said on one of them.
fn said(arguments: &[&str]) -> String {
    let output = panicmap(arguments);
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).unwrap();
    assert!(!text.contains("internal error") && output.status.code().is_some(), "{arguments:?}: {text}");
    text
}

fn crash() -> Vec<u8> {
    executable("crash-go1.27.3-linux-amd64")
}

/// A folder of this test alone, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Names of a tar may be such as its own writer refuses: `../x`, `/x`.
fn header(name: &str, size: u64, kind: tar::EntryType, link: &str) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
    header.as_gnu_mut().unwrap().linkname[..link.len()].copy_from_slice(link.as_bytes());
    header.set_size(size);
    header.set_mode(0o755);
    header.set_entry_type(kind);
    header.set_cksum();
    header
}

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        builder.append(&header(name, bytes.len() as u64, tar::EntryType::Regular, ""), *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn links(files: &[(&str, &[u8])], links: &[(&str, tar::EntryType, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, kind, target) in links {
        builder.append(&header(name, 0, *kind, target), Cursor::new([])).unwrap();
    }
    let mut out = builder.into_inner().unwrap();
    // Its end is two blocks of zeros.
    out.truncate(out.len() - 1024);
    [out, tar(files)].concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

const ADDRESS: &str = "0x4826c1";
const ANSWER: &str = "main.(*order).amount example.com/crash/memory.go:37";

/// Archives by GNU tar, xz, Info-ZIP, dpkg-deb and ar (corpus/archives/make).
#[test]
fn members_of_real_archives_come_out_whole() {
    let (main, debug) = (executable("split-c-darwin-arm64"), executable("split-c-darwin-arm64.debug"));
    let mut holes = vec![0; 2 << 20];
    holes[1 << 20..][..4].copy_from_slice(b"text");
    for (member, whole) in [
        ("mixer.deb!data.tar.xz!./usr/bin/mixer", &main),
        ("mixer.deb!data.tar.xz!usr/bin/mixer.debug", &debug),
        ("gnu.txz!usr/bin/mixer", &main),
        ("gnu.txz!/usr/bin/mixer.debug", &debug),
        ("v7.tgz!usr/lib/debug/mixer", &debug),
        ("v7.tgz!usr/lib/debug/twin", &debug),
        ("pax.tar.zst!./usr/bin/mixer.debug", &debug),
        ("stored+deflated.zip!usr/bin/mixer", &main),
        ("stored+deflated.zip!usr/bin/mixer.debug", &debug),
        ("plain.a!mixer", &debug),
        ("bzip2.zip!usr/lib/debug/mixer", &debug),
        ("sparse-gnu.tgz!holes", &holes),
        ("sparse-pax.tgz!holes", &holes),
    ] {
        let document = open(&corpus(&format!("archives/{member}")), Limits::default());
        let document = document.unwrap_or_else(|error| panic!("{member}: {error}"));
        assert_eq!((&*document.bytes, document.cut), (whole.as_slice(), None), "{member}");
    }
}

#[test]
fn what_cannot_be_had_is_refused_with_the_reason() {
    for (member, why) in [
        ("encrypted.zip!usr/lib/debug/mixer", "encrypted"),
        ("gnu.txz!usr/lib", "a folder, not a file"),
        ("mixer.deb!usr/bin/mixer", "these are archives: control.tar.xz, data.tar.xz"),
        ("gnu.txz!usr/bin/mixr", "its executables are usr/bin/mixer, usr/lib/debug/mixer"),
        ("gnu.txz!mixer", "there is usr/bin/mixer, usr/bin/mixer.debug, usr/lib/debug/mixer"),
        ("mixer.deb!debian-binary!x", "not an archive"),
    ] {
        let path = corpus(&format!("archives/{member}"));
        let output = panicmap(&["inspect", &path]);
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && text.contains(why), "{member}: {text}");
        assert!(text.contains(path.split('!').next().unwrap()), "{text}");
    }
    let text = said(&["inspect", &corpus("archives/encrypted.zip")]);
    assert!(text.contains("encrypted.zip!usr/lib/debug/mixer: encrypted"), "{text}");
    let text = said(&["inspect", &corpus("archives/mixer.deb")]);
    assert!(text.contains("no Go executable") && text.contains("data.tar.xz!usr/bin/mixer"), "{text}");
}

#[test]
fn one_executable_in_any_wrapping_resolves() {
    let folder = folder("wrappings");
    let app = crash();
    let layer = tar(&[("./etc/hosts", b"::1"), ("./usr/bin/app", &app)]);
    let image = tar(&[("manifest.json", b"[]"), ("abc/layer.tar", &layer), ("def.tar.gz", &gzip(&layer))]);
    // Alpine's packages: three streams of gzip, one after the other, and no end of a tar between them.
    let signature = tar(&[(".SIGN.RSA.x", b"signature")]);
    let apk = [gzip(&signature[..signature.len() - 1024]), gzip(&layer)].concat();
    let at = |name: &str, bytes: &[u8], member: &str| format!("{}{member}", write(&folder, name, bytes));
    for path in [
        at("app.tar", &layer, "!usr/bin/app"),
        at("app.tar", &layer, ""),
        at("any-name", &gzip(&layer), "!./usr/bin/app"),
        at("image.tar", &image, "!abc/layer.tar!usr/bin/app"),
        at("image.tar", &image, "!def.tar.gz!/usr/bin/app"),
        at("image.tgz", &gzip(&image), "!def.tar.gz!usr/bin/app"),
        at("image.tgz", &gzip(&image), "!abc/layer.tar"),
        at("app.apk", &apk, "!usr/bin/app"),
        at("app.whl", &zip(&[("app/bin/app", &app)]), "!app/bin/app"),
        at("of-gzip.zip", &zip(&[("app.gz", &gzip(&app))]), "!app.gz"),
        at("layer.zip", &zip(&[("layer.tar", &layer)]), "!layer.tar!usr/bin/app"),
        at("zip.tgz", &gzip(&tar(&[("a.zip", &zip(&[("a", &app)]))])), "!a.zip!a"),
        at("with!mark", &app, ""),
        at("with!mark.tar", &layer, "!usr/bin/app"),
        at("mark.tar", &tar(&[("a!b", &app)]), "!a!b"),
    ] {
        let text = said(&["resolve", &path, ADDRESS]);
        assert!(text.contains(ANSWER), "{path}: {text}");
    }
}

#[test]
fn a_file_of_the_literal_name_wins() {
    let folder = folder("literal");
    write(&folder, "a.tar", &tar(&[("app", &executable("hello-go1.21.13-linux-arm"))]));
    let path = write(&folder, "a.tar!app", &crash());
    let report: Value =
        serde_json::from_slice(&panicmap(&["inspect", "--format", "json", &path]).stdout).unwrap();
    assert_eq!(report["binaries"][0]["goarch"], "amd64");
    std::fs::remove_file(&path).unwrap();
    let report: Value =
        serde_json::from_slice(&panicmap(&["inspect", "--format", "json", &path]).stdout).unwrap();
    assert_eq!(report["binaries"][0]["goarch"], "arm");
    assert_eq!(report["binaries"][0]["path"], path.as_str());
}

#[test]
fn links_lead_to_members_and_nowhere_else() {
    use tar::EntryType::{Link, Symlink};
    let folder = folder("links");
    let app = crash();
    let archive = links(
        &[("./usr/bin/app-1.2", &app), ("../../etc/passwd", b"only a name")],
        &[
            ("bin", Symlink, "usr/bin"),
            ("usr/bin/app", Symlink, "app-1.2"),
            ("opt/app", Symlink, "../../../../usr/bin/app"),
            ("hard", Link, "usr/bin/app-1.2"),
            ("outside", Symlink, "/etc/hostname"),
            ("a", Symlink, "b"),
            ("b", Symlink, "./a"),
            ("deeper", Symlink, "deeper/deeper"),
        ],
    );
    let path = write(&folder, "links.tar", &archive);
    for name in ["bin/app", "usr/bin/app", "opt/app", "hard", "bin/app-1.2"] {
        let text = said(&["resolve", &format!("{path}!{name}"), ADDRESS]);
        assert!(text.contains(ANSWER), "{name}: {text}");
    }
    for (name, why) in [
        ("outside", "a link to `etc/hostname`, which is no member of this archive"),
        ("a", "a link that leads back to itself"),
        ("deeper/x", "no member `deeper/x`"),
        ("../../etc/passwd", "not an executable"),
        ("/etc/passwd", "there is ../../etc/passwd"),
    ] {
        let text = said(&["inspect", &format!("{path}!{name}")]);
        assert!(text.contains(why), "{name}: {text}");
    }
    let passwd = open(&format!("{path}!../../etc/passwd"), Limits::default()).unwrap();
    assert_eq!(&*passwd.bytes, b"only a name");
    // Through links nothing is found twice.
    let report: Value =
        serde_json::from_slice(&panicmap(&["inspect", "--format", "json", &path]).stdout).unwrap();
    assert_eq!(report["binaries"].as_array().unwrap().len(), 1);
}

/// An archive or folder without a member: all Go executables, and the one that fits.
#[test]
fn the_executable_that_fits_is_taken_out_of_many() {
    let folder = folder("many");
    let (app, other, windows) = (
        executable("crash-go1.25.5-linux-amd64"),
        executable("hello-go1.21.13-linux-arm"),
        executable("hello-go1.21.13-windows-amd64"),
    );
    let own = std::fs::read("/bin/sh").unwrap_or_default();
    let files: [(&str, &[u8]); 5] = [
        ("bin/a-worker", &other),
        ("bin/crash", &app),
        ("bin/hello.exe", &windows),
        ("bin/sh", &own),
        ("README", b"text"),
    ];
    for (name, bytes) in files {
        write(&folder, &format!("dist/{name}"), bytes);
    }
    let tgz = write(&folder, "bundle.tgz", &gzip(&tar(&files)));
    let log = corpus("cases/nil-method-inlined/log");
    let dist = folder.join("dist").to_str().unwrap().to_owned();
    for (path, sign) in [(&tgz, "!"), (&dist, "/")] {
        let output = panicmap(&["--format", "json", &log, "-b", path]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let paths: Vec<&str> =
            report["binaries"].as_array().unwrap().iter().map(|b| b["path"].as_str().unwrap()).collect();
        let expected =
            ["bin/a-worker", "bin/crash", "bin/hello.exe"].map(|name| format!("{path}{sign}{name}"));
        assert_eq!(paths, expected);
        let crash = &report["crashes"][0];
        assert_eq!(
            (&crash["binary"], &crash["fit"]["fits"]),
            (&Value::from(1), &Value::from(true)),
            "{crash}"
        );
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let text = said(&["resolve", path, ADDRESS]);
        assert!(text.contains("3 Go executables in this") && text.contains(&expected[2]), "{text}");
    }
}

#[test]
fn folders_are_walked_once() {
    let folder = folder("walk");
    let app = crash();
    write(&folder, "b/app", &app);
    write(&folder, "z/deep/er/app.tgz", &gzip(&tar(&[("app", &app)])));
    write(&folder, "z/note", b"MZ is how this note begins");
    write(&folder, "z/damaged.gz", &gzip(&app)[..12]);
    write(&folder, "empty", b"");
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink("..", folder.join("b/up")).unwrap();
        symlink("loop", folder.join("loop")).unwrap();
        symlink("nowhere", folder.join("dangling")).unwrap();
        symlink("../b/app", folder.join("z/again")).unwrap();
        symlink("b", folder.join("c")).unwrap();
    }
    let path = folder.to_str().unwrap();
    let output = panicmap(&["inspect", "--format", "json", path]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let paths: Vec<&str> =
        report["binaries"].as_array().unwrap().iter().map(|b| b["path"].as_str().unwrap()).collect();
    assert_eq!(paths, [format!("{path}/b/app"), format!("{path}/z/deep/er/app.tgz!app")]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("damaged.gz: looks like gzip but cannot be decompressed"), "{text}");
    assert_eq!((text.matches("panicmap: ").count(), output.status.code()), (1, Some(2)), "{text}");
}

#[test]
fn depth_and_number_are_limited_and_told() {
    let folder = folder("limits");
    let app = crash();
    let mut nested = app.clone();
    for _ in 0..6 {
        nested = tar(&[("x", &nested)]);
    }
    let path = write(&folder, "deep.tar", &nested);
    assert!(said(&["inspect", &path]).contains("more than 4 archives inside each other"));
    let text = said(&["inspect", &format!("{path}!x!x!x!x!x!x")]);
    assert!(text.contains("more than 4 archives inside each other"), "{text}");

    let two = write(&folder, "two.tar", &tar(&[("a", &app), ("b", &app)]));
    let found = find(&two, Limits { executables: 1, ..Limits::default() }).unwrap();
    assert_eq!(found.binaries.len(), 1);
    assert!(
        found.problems[0].to_string().contains("1 Go executables were left out"),
        "{}",
        found.problems[0]
    );
    let found = find(&two, Limits { held_bytes: app.len() as u64 + 5, ..Limits::default() }).unwrap();
    assert_eq!((found.binaries.len(), found.problems.len()), (1, 1));
    assert!(found.problems[0].to_string().contains("two.tar!b; name those"), "{}", found.problems[0]);
    let found = find(&two, Limits { members: 1, ..Limits::default() }).unwrap();
    assert!(found.problems[0].to_string().contains("only the first 1 files"), "{}", found.problems[0]);
}

/// What expands is counted over all layers, and stops.
#[test]
fn bombs_stop_at_the_limit() {
    let folder = folder("bombs");
    let mut zeros = vec![0; 64 << 20];
    zeros[..8].copy_from_slice(b"\x7fELF\x02\x01\x01\0");
    let inner = gzip(&tar(&[("zeros", &zeros)]));
    let members: Vec<String> = (0..8).map(|n| format!("{n}.tgz")).collect();
    let files: Vec<(&str, &[u8])> = members.iter().map(|name| (name.as_str(), inner.as_slice())).collect();
    let limits = Limits { archive_bytes: 100 << 20, expanded_bytes: 70 << 20, ..Limits::default() };
    for (name, bytes) in [("bomb.zip", zip(&files)), ("bomb.tgz", gzip(&tar(&files)))] {
        let path = write(&folder, name, &bytes);
        let start = std::time::Instant::now();
        let problems: Vec<String> =
            find(&path, limits).unwrap().problems.iter().map(ToString::to_string).collect();
        assert!(
            problems.iter().any(|problem| problem.contains("more than 104857600 bytes after decompression")),
            "{problems:?}"
        );
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }
    // A header that claims 8 GB, with a few bytes behind it; and headers without an end.
    let mut lying = header("app", 0o77777777777, tar::EntryType::Regular, "").as_bytes().to_vec();
    lying.extend_from_slice(b"\x7fELF\x02\x01\x01");
    let path = write(&folder, "lying.tgz", &gzip(&lying));
    let text = said(&["inspect", &path]) + &said(&["inspect", &format!("{path}!app")]);
    assert!(text.contains("after 7 of 8589934591 bytes"), "{text}");
    let mut long = header("././@LongLink", 64 << 20, tar::EntryType::GNULongName, "").as_bytes().to_vec();
    long.extend(vec![b'x'; 64 << 20]);
    let text = said(&["inspect", &write(&folder, "long.tgz", &gzip(&long))]);
    assert!(text.contains("more than 1048576 bytes of headers for one member"), "{text}");
}

/// A zip whose directory says 10 bytes of a member that has more.
#[test]
fn a_zip_with_a_lying_size_gives_no_more_than_it_claims() {
    let folder = folder("lying-zip");
    let app = crash();
    let mut bytes = zip(&[("app", &app)]);
    let directory = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    bytes[directory + 24..directory + 28].copy_from_slice(&1000u32.to_le_bytes());
    let path = write(&folder, "lying.zip", &bytes);
    let document = open(&format!("{path}!app"), Limits::default()).unwrap();
    assert!(document.bytes.len() <= 1000 && app.starts_with(&document.bytes), "{}", document.bytes.len());
    let cut = document.cut.unwrap();
    assert!(cut.contains("1000 bytes") || cut.contains("read no further than"), "{cut}");
}

/// The header of an xz block can ask for a dictionary of 4 GiB.
#[test]
fn an_xz_dictionary_is_limited() {
    let folder = folder("dictionary");
    let mut bytes = std::fs::read(corpus("archives/gnu.txz")).unwrap();
    // Block header behind the 12 bytes of the stream header: size, flags, filter
    // LZMA2 with one byte of properties, the dictionary; CRC32 at its end
    // (the .xz file format 1.2.1, 3.1 and 5.3.1).
    let length = (usize::from(bytes[12]) + 1) * 4;
    let at = 12 + bytes[12..12 + length].windows(2).position(|pair| pair == [0x21, 0x01]).unwrap() + 2;
    bytes[at] = 40;
    let mut crc = flate2::Crc::new();
    crc.update(&bytes[12..12 + length - 4]);
    bytes[12 + length - 4..12 + length].copy_from_slice(&crc.sum().to_le_bytes());
    let path = write(&folder, "dictionary.txz", &bytes);
    for spec in [path.clone(), format!("{path}!usr/bin/mixer")] {
        let text = said(&["inspect", &spec]);
        assert!(text.contains("MiB of memory, and 136 MiB are allowed"), "{text}");
    }
}

#[test]
fn xz_logs_are_read_and_its_streams_follow_each_other() {
    let folder = folder("xz-log");
    let one = std::fs::read(corpus("archives/crash.log.xz")).unwrap();
    let path = write(&folder, "log", &[one.clone(), one].concat());
    let report: Value = serde_json::from_slice(&panicmap(&["--format", "json", &path]).stdout).unwrap();
    assert_eq!(report["crashes"].as_array().unwrap().len(), 2);
}

/// Cut anywhere, an archive is refused or read as far as it goes, and it is said.
#[test]
fn cut_archives_are_told() {
    let folder = folder("cut");
    let app = crash();
    for (name, whole) in [
        ("a.tar", tar(&[("app", &app)])),
        ("a.tgz", gzip(&tar(&[("app", &app)]))),
        ("a.zip", zip(&[("app", &app)])),
    ] {
        for part in [1, 3, 6, 9] {
            let path = write(&folder, name, &whole[..whole.len() * part / 10]);
            for spec in [path.clone(), format!("{path}!app")] {
                let output = panicmap(&["inspect", &spec]);
                let text = String::from_utf8([output.stderr, output.stdout].concat()).unwrap();
                let told = ["ends inside", "damaged", "end inside", "no further than", "ends early"];
                assert!(told.iter().any(|words| text.contains(words)), "{spec} {part}: {text}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Nothing that is changed in an archive makes its readers panic.
    #[test]
    fn changed_archives_are_refused_or_read(which in 0usize..9, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20), early in any::<bool>()) {
        let names = ["mixer.deb", "gnu.txz", "v7.tgz", "pax.tar.zst", "stored+deflated.zip", "plain.a", "bzip2.zip", "sparse-gnu.tgz", "sparse-pax.tgz"];
        let name = names[which];
        let mut bytes = std::fs::read(corpus(&format!("archives/{name}"))).unwrap();
        // What stands behind the compression is reached by taking it off first.
        if early && !name.ends_with(".zip") {
            bytes = panicmap::source::from_bytes("x", bytes, Limits::default()).unwrap().bytes.to_vec();
        }
        let range = if early { bytes.len().min(4096) } else { bytes.len() };
        for (index, byte) in changes {
            let length = bytes.len();
            bytes[if early { index.index(range) } else { length - 1 - index.index(range) }] = byte;
        }
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let path = write(folder, "mutant", &bytes);
        let limits = Limits { archive_bytes: 64 << 20, expanded_bytes: 16 << 20, ..Limits::default() };
        let _ = find(&path, limits);
        let _ = find(&format!("{path}!usr/bin/mixer.debug"), limits);
    }
}

/// mach-o/fat.h: a magic number and a count, then five numbers an architecture.
#[test]
fn a_universal_file_holds_one_executable_an_architecture() {
    let arm64 = executable("ported-go1.27.3-darwin-arm64");
    let at = 0x4000u32;
    let mut bytes = Vec::new();
    let end = at + u32::try_from(arm64.len()).unwrap();
    let words = [0xcafe_babe, 2, 0x0100_0007, 3, end, 64, 14, 0x0100_000c, 0, at, end - at, 14];
    bytes.extend(words.into_iter().flat_map(u32::to_be_bytes));
    bytes.resize(at as usize, 0);
    bytes.extend(&arm64);
    bytes.extend([0; 64]);
    let path = write(&folder("universal"), "app", &bytes);
    let address = "0x100041234";
    let alone = said(&["resolve", &executables::path("ported-go1.27.3-darwin-arm64"), address]);
    assert!(alone.contains(" runtime."), "{alone}");
    assert_eq!(said(&["resolve", &format!("{path}!arm64"), address]), alone);
    // The other one is no executable at all.
    assert_eq!(said(&["resolve", &path, address]), alone);
    assert!(said(&["inspect", &format!("{path}!amd64")]).contains("not an executable"));
    let missing = said(&["inspect", &format!("{path}!ppc64")]);
    assert!(missing.contains("no member `ppc64`") && missing.contains("arm64"), "{missing}");
    // A class file of Java has the same mark.
    let class = write(&folder("java"), "Main.class", b"\xca\xfe\xba\xbe\0\0\0\x34\0\x1d");
    assert!(said(&["inspect", &class]).contains("not an executable"));
}
