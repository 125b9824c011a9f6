//! Container images as hosts: images that real tools made (corpus/images), and
//! images of every form and every damage that are made here.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use panicmap::host::image::{self, Choice};
use panicmap::host::{Host, LibcKind, Platform, Wanted};
use panicmap::source::Limits;
use panicmap::target::{Goarch, Goos};
use sha2::{Digest, Sha256};

#[path = "support/executables.rs"]
mod executables;

fn fixture(name: &str) -> String {
    format!("{}/corpus/images/{name}.tar.zst", env!("CARGO_MANIFEST_DIR"))
}

fn platform(text: &str) -> Choice {
    Choice { platform: Platform::parse(text), name: None }
}

fn loader(path: &str, libraries: &[&str]) -> Wanted {
    let libraries = libraries.iter().map(|&name| name.to_owned()).collect();
    Wanted { files: vec![path.to_owned()], libraries, target: None }
}

fn host_of(path: &str, choice: &Choice, wanted: &Wanted) -> Host {
    image::open(path, Limits::default()).unwrap().host(choice, wanted).unwrap()
}

fn executables(path: &str, choice: &Choice) -> Vec<(String, usize)> {
    let mut out = Vec::new();
    let image = image::open(path, Limits::default()).unwrap();
    let mut each = |document: panicmap::source::Document| {
        out.push((document.origin.members.last().unwrap().to_string(), document.bytes.len()));
    };
    let problems = image.executables(choice, &Wanted::default(), &mut each).unwrap();
    assert!(problems.is_empty(), "{problems:?}");
    out
}

// Images of umoci, skopeo and buildah: see corpus/images/make.

#[test]
fn one_image_in_the_forms_of_three_tools() {
    for name in ["umoci-layout", "skopeo-docker", "skopeo-zstd"] {
        let path = fixture(name);
        let wanted = loader("/lib64/ld-linux-x86-64.so.2", &["libz.so.1"]);
        let host = host_of(&path, &Choice::default(), &wanted);
        assert_eq!(host.problems, [""; 0], "{name}");
        assert_eq!(host.declared.as_ref().unwrap().value.to_string(), "linux/amd64");
        assert_eq!((host.goos.unwrap().value, host.arch), (Goos::Linux, None));
        let libc = host.libc.as_ref().unwrap();
        assert_eq!(libc.value.to_string(), "glibc 2.36", "{name}");
        assert_eq!(
            libc.from,
            format!("{path} (linux/amd64): /usr/lib/x86_64-linux-gnu/libc.so.6").replace("/usr/lib", "/lib")
        );
        assert_eq!(host.distribution.as_ref().unwrap().value, "Debian GNU/Linux 12 (bookworm)");
        let userland = host.userland.as_ref().unwrap();
        assert_eq!(
            (userland.value, userland.from.ends_with(": /bin/sh")),
            (Goarch::Amd64, true),
            "{userland:?}"
        );
        let files = |path: &str| host.files.get(path).copied();
        // Links through folders that are links; what the second layer removed;
        // what it added; what container runtimes bring.
        assert_eq!(files("/lib64/ld-linux-x86-64.so.2"), Some(true));
        assert_eq!(files("/etc/passwd"), Some(false), "{name}: a whiteout");
        assert_eq!(files("/etc/nsswitch.conf"), Some(true));
        assert_eq!(files("/etc/ssl/certs/ca-certificates.crt"), Some(true));
        assert_eq!((files("/usr/share/zoneinfo"), files("/etc/zoneinfo")), (Some(true), Some(false)));
        assert_eq!((files("/etc/resolv.conf"), files("/etc/hosts")), (None, None));
        assert_eq!((host.libraries["libc.so.6"], host.libraries["libz.so.1"]), (true, false));
        let run = &host.image.as_ref().unwrap().value;
        assert_eq!(
            (&run.entrypoint[..], &run.cmd[..]),
            (&["/usr/bin/app".to_owned()][..], &["serve".to_owned()][..])
        );
        assert_eq!((run.variable("TZ"), run.user.as_deref()), (Some("Europe/Berlin"), Some("1000")));
        let names: Vec<String> =
            executables(&path, &Choice::default()).into_iter().map(|(name, _)| name).collect();
        let libraries = "/usr/lib/x86_64-linux-gnu/";
        let expected = [
            "/usr/bin/dash",
            &format!("{libraries}ld-linux-x86-64.so.2"),
            &format!("{libraries}libc.so.6"),
            "/usr/bin/app",
        ];
        let sorted = |mut names: Vec<String>| {
            names.sort_unstable();
            names
        };
        assert_eq!(sorted(names), sorted(expected.map(str::to_owned).to_vec()), "{name}");
    }
}

#[test]
fn an_image_for_three_platforms() {
    let path = fixture("buildah-many");
    let image = image::open(&path, Limits::default()).unwrap();
    let names: Vec<String> = image.platforms().iter().map(Platform::to_string).collect();
    assert_eq!(names, ["linux/amd64", "linux/arm/v7", "linux/arm64"]);
    let amd64 = host_of(&path, &platform("linux/amd64"), &Wanted::default());
    assert_eq!(amd64.libc.unwrap().value.to_string(), "musl 1.2.3");
    assert_eq!((amd64.files["/bin/sh"], amd64.files["/etc/ssl/cert.pem"]), (true, false));
    // From scratch: the architecture is that of the one file in it.
    let arm = host_of(&path, &platform("linux/arm"), &Wanted::default());
    assert_eq!(arm.libc.unwrap().value.kind, LibcKind::None);
    assert_eq!(arm.userland.unwrap().value, Goarch::Arm);
    // Declared as one, made of another: both are told.
    let arm64 = host_of(&path, &platform("linux/arm64"), &Wanted::default());
    assert_eq!(arm64.declared.unwrap().value.goarch(), Some(Goarch::Arm64));
    let userland = arm64.userland.unwrap();
    assert_eq!((userland.value, userland.from.ends_with("(linux/arm64): /app")), (Goarch::Amd64, true));

    let fails = |choice: &Choice, wanted: &Wanted| image.host(choice, wanted).unwrap_err().to_string();
    let all = "linux/amd64 (many), linux/arm/v7 (many), linux/arm64 (many)";
    let error = fails(&platform("linux/riscv64"), &Wanted::default());
    assert!(error.ends_with(&format!("no manifest for linux/riscv64 in it; it has {all}")), "{error}");
    let error = fails(&Choice::default(), &Wanted::default());
    assert!(
        error.contains(&format!("several images may be meant: {all}; choose one with ,platform=")),
        "{error}"
    );
    let of = |goarch| Wanted { target: Some((Goos::Linux, goarch)), ..Wanted::default() };
    assert!(
        fails(&Choice::default(), &of(Goarch::S390x))
            .contains("no manifest for the linux/s390x of the executable")
    );
    let chosen = image.host(&Choice::default(), &of(Goarch::Arm)).unwrap();
    assert_eq!(chosen.declared.unwrap().value.to_string(), "linux/arm/v7");
}

#[test]
fn the_program_is_told_what_the_image_lacks() {
    let run = |image: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_panicmap"));
        command.current_dir(env!("CARGO_MANIFEST_DIR"));
        let pie = executables::path("crash-go1.21.13-linux-amd64+pie");
        command.args(["--exit-code", "127", "-b", &pie, "--host", image]).output().unwrap()
    };
    let output = run("image:corpus/images/buildah-many.tar.zst,platform=linux/amd64");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("musl 1.2.3"), "{text}");
    assert!(text.contains("CAUSE") && text.contains("/lib64/ld-linux-x86-64.so.2"), "{text}");
    let output = run("image:corpus/images/buildah-many.tar.zst,platform=linux/riscv64");
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(
        errors.contains("it has linux/amd64 (many), linux/arm/v7 (many), linux/arm64 (many)"),
        "{errors}"
    );
    assert_eq!(output.status.code(), Some(2));
    let output = run("image:corpus/images/buildah-many.tar.zst,platform=arm64");
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("platform=arm64: expected OS/ARCH or OS/ARCH/VARIANT"), "{errors}");
}

// Images that are made here.

/// A folder that is removed again.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let path = std::env::temp_dir().join(format!("panicmap-images-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

enum Put<'a> {
    File(&'a str, &'a [u8]),
    Folder(&'a str),
    Link(&'a str, &'a str),
    Hard(&'a str, &'a str),
}
use Put::{File, Folder, Hard, Link};

/// Names go into the header as they are: `tar` itself refuses `..`.
fn tar(members: &[Put<'_>]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for member in members {
        let mut header = tar::Header::new_gnu();
        let (name, kind, link, bytes): (&str, _, &str, &[u8]) = match member {
            File(name, bytes) => (name, tar::EntryType::Regular, "", bytes),
            Folder(name) => (name, tar::EntryType::Directory, "", b""),
            Link(name, target) => (name, tar::EntryType::Symlink, target, b""),
            Hard(name, target) => (name, tar::EntryType::Link, target, b""),
        };
        let old = header.as_old_mut();
        old.name[..name.len()].copy_from_slice(name.as_bytes());
        old.linkname[..link.len()].copy_from_slice(link.as_bytes());
        header.set_entry_type(kind);
        header.set_size(bytes.len() as u64);
        header.set_mode(0o755);
        header.set_cksum();
        builder.append(&header, bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An OCI image layout that is put together blob by blob.
#[derive(Default)]
struct Layout {
    blobs: BTreeMap<String, Vec<u8>>,
    index: Vec<String>,
}

impl Layout {
    fn blob(&mut self, bytes: &[u8]) -> String {
        let hex = digest(bytes);
        self.blobs.insert(format!("blobs/sha256/{hex}"), bytes.to_vec());
        format!("sha256:{hex}")
    }

    fn manifest(&mut self, arch: &str, layers: &[Vec<u8>]) -> String {
        let config =
            self.blob(format!(r#"{{"os":"linux","architecture":"{arch}","config":{{}}}}"#).as_bytes());
        let layers: Vec<String> = layers.iter().map(|layer| self.blob(layer)).collect();
        let layers: Vec<String> = layers.iter().map(|digest| format!(r#"{{"digest":"{digest}"}}"#)).collect();
        let text = format!(
            r#"{{"schemaVersion":2,"config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{config}"}},"layers":[{}]}}"#,
            layers.join(",")
        );
        self.blob(text.as_bytes())
    }

    fn add(&mut self, arch: &str, layers: &[Vec<u8>]) {
        let digest = self.manifest(arch, layers);
        self.index
            .push(format!(r#"{{"digest":"{digest}","platform":{{"os":"linux","architecture":"{arch}"}}}}"#));
    }

    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let index = format!(r#"{{"schemaVersion":2,"manifests":[{}]}}"#, self.index.join(","));
        let mut files = vec![
            ("oci-layout".to_owned(), br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec()),
            ("index.json".to_owned(), index.into_bytes()),
        ];
        files.extend(self.blobs.iter().map(|(name, bytes)| (name.clone(), bytes.clone())));
        files
    }

    fn tar(&self) -> Vec<u8> {
        let files = self.files();
        let members: Vec<Put<'_>> = files.iter().map(|(name, bytes)| File(name, bytes)).collect();
        tar(&members)
    }
}

const AMD64: &[u8] = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0 a program";
const GLIBC: &[u8] =
    b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\0GNU C Library (GNU libc) stable release version 2.34.\n\0";

fn one_layer(members: &[Put<'_>]) -> Layout {
    let mut layout = Layout::default();
    layout.add("amd64", &[gzip(&tar(members))]);
    layout
}

fn host_of_layers(name: &str, layers: &[Vec<u8>]) -> Host {
    let scratch = Scratch::new(name);
    let mut layout = Layout::default();
    layout.add("amd64", layers);
    host_of(&scratch.file("image.tar", &layout.tar()), &Choice::default(), &Wanted::default())
}

#[test]
fn what_docker_save_wrote_before_and_since_version_25() {
    let scratch = Scratch::new("docker");
    let first = tar(&[File("etc/passwd", b"root"), File("bin/app", AMD64)]);
    let second = tar(&[File("etc/.wh.passwd", b""), Folder("tmp/")]);
    let config = format!(
        r#"{{"os":"linux","architecture":"arm","variant":"v6","config":{{"Entrypoint":["/bin/app"]}},"rootfs":{{"diff_ids":["sha256:{}","sha256:{}","sha256:{}"]}}}}"#,
        digest(&first),
        digest(&second),
        digest(&first)
    );
    let name = format!("{}.json", digest(config.as_bytes()));
    let list = format!(
        r#"[{{"Config":"{name}","RepoTags":["shop:1","shop:latest"],"Layers":["a/layer.tar","b/layer.tar","c/layer.tar"]}}]"#
    );
    // The third layer is the first once more, which old versions stored as a link.
    let old = [
        File(&name, config.as_bytes()),
        File("a/layer.tar", &first),
        File("b/layer.tar", &second),
        Link("c/layer.tar", "../a/layer.tar"),
        File("manifest.json", list.as_bytes()),
    ];
    for (file, bytes) in [("old.tar", tar(&old)), ("old.tar.gz", gzip(&tar(&old)))] {
        let host = host_of(&scratch.file(file, &bytes), &Choice::default(), &Wanted::default());
        assert_eq!(host.problems, [""; 0]);
        assert_eq!(host.declared.unwrap().value.to_string(), "linux/arm/v6");
        assert_eq!((host.files["/etc/passwd"], host.files["/tmp"]), (true, true));
    }
    let named = |name: &str| Choice { name: Some(name.to_owned()), platform: None };
    let path = scratch.file("old.tar", &tar(&old));
    assert!(host_of(&path, &named("shop:latest"), &Wanted::default()).declared.is_some());
    let error =
        image::open(&path, Limits::default()).unwrap().host(&named("cart"), &Wanted::default()).unwrap_err();
    assert!(error.to_string().ends_with("no image `cart` in it; it has linux/arm/v6 (shop:1)"), "{error}");

    // The new form is a layout that has manifest.json as well.
    let layout = one_layer(&[File("etc/passwd", b"root")]);
    let mut files = layout.files();
    files.push(("manifest.json".to_owned(), br#"[{"Config":"blobs/sha256/no","Layers":[]}]"#.to_vec()));
    let members: Vec<Put<'_>> = files.iter().map(|(name, bytes)| File(name, bytes)).collect();
    let host = host_of(&scratch.file("new.tar", &tar(&members)), &Choice::default(), &Wanted::default());
    assert_eq!((host.files["/etc/passwd"], host.problems.len()), (true, 0));
    // The layout as a folder.
    for (name, bytes) in &files {
        scratch.file(&format!("layout/{name}"), bytes);
    }
    let folder = scratch.0.join("layout");
    let host = host_of(folder.to_str().unwrap(), &Choice::default(), &Wanted::default());
    assert!(host.files["/etc/passwd"]);
}

#[test]
fn a_root_filesystem_as_folder_and_as_archive() {
    let scratch = Scratch::new("root");
    let members = [
        Link("lib64", "usr/lib64"),
        File("usr/lib64/ld-linux-x86-64.so.2", AMD64),
        File("usr/lib64/libc.so.6", GLIBC),
        File("etc/os-release", b"PRETTY_NAME=\"Rocky Linux 9.4 (Blue Onyx)\"\n"),
        Folder("etc/ssl/certs/"),
        Link("bin/sh", "/usr/bin/bash"),
        File("usr/bin/bash", AMD64),
        // A file of a program, which makes no image of it.
        File("manifest.json", b"{\"name\":\"our web app\"}"),
    ];
    let archive = scratch.file("export.tar", &tar(&members));
    let folder = scratch.0.join("root");
    std::fs::create_dir(&folder).unwrap();
    assert!(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(&folder).status().unwrap().success());
    for path in [archive.as_str(), folder.to_str().unwrap()] {
        let host = host_of(path, &Choice::default(), &Wanted::default());
        assert_eq!((host.declared.clone(), host.image.clone()), (None, None), "{path}");
        let libc = host.libc.as_ref().unwrap();
        assert_eq!(
            (libc.value.to_string(), libc.from.clone()),
            ("glibc 2.34".to_owned(), format!("{path}: /lib64/libc.so.6"))
        );
        assert_eq!(host.distribution.as_ref().unwrap().value, "Rocky Linux 9.4 (Blue Onyx)");
        // The folder of certificates is empty; the link begins at this root.
        assert_eq!((host.file("/etc/ssl/certs"), host.file("/bin/sh")), (Some(false), Some(true)), "{path}");
        let error =
            image::open(path, Limits::default()).unwrap().host(&platform("linux/arm64"), &Wanted::default());
        assert!(error.unwrap_err().to_string().contains("has neither a platform nor a name"), "{path}");
    }
    let names: Vec<String> =
        executables(folder.to_str().unwrap(), &Choice::default()).into_iter().map(|e| e.0).collect();
    assert_eq!(names, ["/usr/bin/bash", "/usr/lib64/ld-linux-x86-64.so.2", "/usr/lib64/libc.so.6"]);
}

#[test]
#[cfg(unix)]
fn links_of_a_folder_lead_nowhere_else() {
    let scratch = Scratch::new("escape");
    let root = scratch.0.join("root");
    std::fs::create_dir_all(root.join("etc")).unwrap();
    let outside = scratch.file("outside", b"PRETTY_NAME=\"Outside\"\n");
    let up = "../../../../../../../../../../../../../../..";
    for (name, target) in [
        ("etc/os-release", outside.clone()),
        ("etc/passwd", format!("{up}{outside}")),
        ("etc/group", "group".to_owned()),
        ("etc/nsswitch.conf", "../../outside".to_owned()),
    ] {
        std::os::unix::fs::symlink(target, root.join(name)).unwrap();
    }
    std::os::unix::fs::symlink("/", root.join("bin")).unwrap();
    let host = host_of(root.to_str().unwrap(), &Choice::default(), &Wanted::default());
    assert_eq!(host.distribution, None);
    let seen = ["/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/bin/sh"].map(|path| host.file(path));
    assert_eq!(seen, [Some(false); 4]);
}

#[test]
fn layers_hide_what_is_below_and_not_what_they_bring() {
    let below = tar(&[
        File("etc/passwd", b"root"),
        File("etc/ssl/certs/old.pem", b"x"),
        File("usr/share/zoneinfo/UTC", b"TZif"),
        File("opt/app", AMD64),
        Hard("opt/same", "opt/app"),
        File("etc/group", b"x"),
        Link("var", "opt"),
    ]);
    // Whiteouts stand before and behind what the layer brings.
    let above = tar(&[
        File("etc/ssl/certs/new.pem", b"x"),
        File("etc/ssl/certs/.wh..wh..opq", b""),
        File("usr/share/.wh.zoneinfo", b""),
        File("usr/share/zoneinfo/Europe/Berlin", b"TZif"),
        File("opt/.wh.app", b""),
        File("etc/.wh.group", b""),
        File("etc/group", b"new"),
        // Goes where the link leads, as in a container.
        File("var/worker", AMD64),
        Hard("etc/nsswitch.conf", "etc/passwd"),
        File("etc/.wh.passwd", b""),
    ]);
    let scratch = Scratch::new("whiteouts");
    let mut layout = Layout::default();
    layout.add("amd64", &[below, gzip(&above)]);
    let path = scratch.file("image.tar", &layout.tar());
    let wanted = Wanted {
        files: ["/etc/ssl/certs/old.pem", "/usr/share/zoneinfo/UTC", "/usr/share/zoneinfo/Europe/Berlin"]
            .map(str::to_owned)
            .to_vec(),
        ..Wanted::default()
    };
    let host = host_of(&path, &Choice::default(), &wanted);
    assert_eq!(host.problems, [""; 0]);
    let known = |paths: [&str; 7]| paths.map(|path| host.files[path]);
    assert_eq!(
        known([
            "/etc/passwd",
            "/etc/ssl/certs/old.pem",
            "/usr/share/zoneinfo/UTC",
            "/etc/ssl/certs",
            "/usr/share/zoneinfo/Europe/Berlin",
            "/etc/group",
            "/etc/nsswitch.conf"
        ]),
        [false, false, false, true, true, true, true]
    );
    let names: Vec<String> = executables(&path, &Choice::default()).into_iter().map(|e| e.0).collect();
    assert_eq!(names, ["/opt/same", "/opt/worker"]);
}

#[test]
fn damage_is_told_and_proves_no_absence() {
    let scratch = Scratch::new("damage");
    let base = tar(&[File("etc/passwd", b"root"), File("bin/sh", AMD64)]);
    let top =
        gzip(&tar(&[File("etc/group", b"x"), File("srv/data", &[7; 5000]), File("etc/services", b"x")]));
    let mut layout = Layout::default();
    layout.add("amd64", &[base.clone(), top.clone()]);
    let whole = layout.tar();
    let ask = |name: &str, layout: &Layout| {
        host_of(&scratch.file(name, &layout.tar()), &Choice::default(), &Wanted::default())
    };
    assert_eq!(ask("whole.tar", &layout).file("/etc/nsswitch.conf"), Some(false));
    let blob = |bytes: &[u8]| format!("blobs/sha256/{}", digest(bytes));

    let mut missing = Layout { blobs: layout.blobs.clone(), index: layout.index.clone() };
    missing.blobs.remove(&blob(&top));
    let host = ask("missing.tar", &missing);
    assert!(
        host.problems[0].contains("layer 2 of 2 is missing: no such file in it; the others are used"),
        "{:?}",
        host.problems
    );
    assert_eq!((host.file("/etc/passwd"), host.file("/etc/group"), host.libc), (Some(true), None, None));

    let mut cut = Layout { blobs: layout.blobs.clone(), index: layout.index.clone() };
    cut.blobs.insert(blob(&top), top[..top.len() / 2].to_vec());
    let host = ask("cut.tar", &cut);
    let problems = host.problems.join("\n");
    assert!(problems.contains("layer 2 of 2 has the wrong digest: its bytes are "), "{problems}");
    assert!(
        problems.contains("layer 2 of 2: ") && problems.contains("what is before that is used"),
        "{problems}"
    );
    assert_eq!((host.file("/etc/passwd"), host.file("/etc/services")), (Some(true), None));

    let mut other = Layout { blobs: layout.blobs.clone(), index: layout.index.clone() };
    other.blobs.insert(blob(&top), b"<html>404</html>".to_vec());
    let problems = ask("other.tar", &other).problems.join("\n");
    assert!(problems.contains("layer 2 of 2 is no tar archive"), "{problems}");

    // The archive itself ends early: no manifest, or no layer.
    for length in (0..whole.len()).step_by(whole.len() / 40) {
        let path = scratch.file("short.tar", &whole[..length]);
        let Ok(image) = image::open(&path, Limits::default()) else { continue };
        if let Ok(host) = image.host(&Choice::default(), &Wanted::default()) {
            assert_ne!(host.file("/etc/group"), Some(false), "at {length}: {:?}", host.problems);
        }
    }
    // A root filesystem that was cut between two members.
    let root = tar(&[File("etc/passwd", b"root"), File("bin/sh", AMD64), File("etc/group", b"x")]);
    let host = host_of(&scratch.file("root.tar", &root[..2048]), &Choice::default(), &Wanted::default());
    assert!(host.problems[0].contains("no end mark behind the last member"), "{:?}", host.problems);
    assert_eq!((host.file("/etc/passwd"), host.file("/etc/group")), (Some(true), None));
    let error =
        image::open(&scratch.file("no.txt", b"not an image at all"), Limits::default()).err().unwrap();
    assert!(error.to_string().contains("not an image: expected a folder, or a tar archive"), "{error}");
}

#[test]
fn members_that_want_out_or_never_end() {
    let long = vec!["a"; 45].join("/");
    let layer = tar(&[
        File("../../etc/passwd", b"x"),
        File("/etc/group", b"absolute names are below the root"),
        Link("loop", "loop"),
        Link("a1", "a2"),
        Link("a2", "a1"),
        File("a1/etc/services", b"x"),
        Link("etc/nsswitch.conf", "/../../../../../../../../etc/passwd"),
        Link("deep", &long),
        File("deep/x", b"x"),
        Hard("etc/protocols", "not/there"),
        File("file", b"x"),
        File("file/etc", b"x"),
        File(".wh..wh.aufs", b"x"),
        File("bin/sh", AMD64),
    ]);
    let host = host_of_layers("out", &[layer]);
    let problems = host.problems.join("\n");
    assert!(
        problems.contains(
            "layer 1 of 1: 4 members were left out; the first is ../../etc/passwd: its name has `..`"
        ),
        "{problems}"
    );
    assert_eq!((host.file("/etc/group"), host.file("/bin/sh")), (Some(true), Some(true)));
    // Not in the image; whether the one that was left out belongs there is open.
    assert_eq!((host.file("/etc/passwd"), host.file("/etc/nsswitch.conf")), (None, None));

    // Links that double the way, a hundred times.
    let names: Vec<String> = (0..100).map(|at| format!("l{at}")).collect();
    let targets: Vec<String> = (0..100).map(|at| format!("l{}/../l{}", at + 1, at + 1)).collect();
    let mut members: Vec<Put<'_>> =
        names.iter().zip(&targets).map(|(name, target)| Link(name, target)).collect();
    members.extend([Folder("l100/"), Link("etc/passwd", "/l0/x"), File("bin/sh", AMD64)]);
    let started = std::time::Instant::now();
    let host = host_of_layers("doubling", &[tar(&members)]);
    assert_eq!(host.file("/etc/passwd"), Some(false));
    assert!(started.elapsed().as_secs() < 20);

    // Each layer goes deeper through a link.
    let mut members: Vec<Put<'_>> = Vec::new();
    let path = vec!["d"; 90].join("/");
    let links: Vec<String> = (0..8).map(|at| format!("{}k", "k/".repeat(at))).collect();
    for link in &links {
        members.push(Link(link, &path[..80]));
    }
    let inside: Vec<String> = links.iter().map(|link| format!("{link}/f")).collect();
    members.extend(inside.iter().map(|name| File(name, b"x")));
    let problems = host_of_layers("deeper", &[tar(&members)]).problems.join(" ");
    assert!(problems.contains("more than 255 folders inside each other"), "{problems}");
}

#[test]
fn sizes_and_counts_have_limits() {
    let scratch = Scratch::new("limits");
    let names: Vec<String> = (0..3000).map(|at| format!("srv/{at}")).collect();
    let members: Vec<Put<'_>> = names.iter().map(|name| File(name, b"x")).collect();
    let path = scratch.file("many.tar", &one_layer(&members).tar());
    let few = Limits { members: 1000, ..Limits::default() };
    let host = image::open(&path, few).unwrap().host(&Choice::default(), &Wanted::default()).unwrap();
    assert!(host.problems[0].contains("layer 1 of 1: only the first 1000 members"), "{:?}", host.problems);
    assert_eq!(host.file("/etc/passwd"), None);

    // A bomb: 64 MB of zeros in a member that is of no interest.
    let zeros = vec![0; 64 << 20];
    let path =
        scratch.file("bomb.tar", &one_layer(&[File("etc/ld.so.cache", &zeros), File("bin/sh", AMD64)]).tar());
    let small = Limits { archive_bytes: 1 << 20, ..Limits::default() };
    let host = image::open(&path, small).unwrap().host(&Choice::default(), &Wanted::default()).unwrap();
    assert!(
        host.problems.join(" ").contains("more than 1048576 bytes after decompression"),
        "{:?}",
        host.problems
    );
    assert_eq!(host.file("/bin/sh"), None);

    // A header that claims 8 GiB.
    let mut claim = tar(&[File("lib/libc.so.6", b"")]);
    let mut header = tar::Header::from_byte_slice(&claim[..512]).clone();
    header.set_size(8 << 30);
    header.set_cksum();
    claim[..512].copy_from_slice(header.as_bytes());
    let host = host_of_layers("claim", &[gzip(&claim), tar(&[File("bin/sh", AMD64)])]);
    assert!(!host.problems.is_empty());
    assert_eq!((host.file("/bin/sh"), host.file("/etc/passwd")), (Some(true), None));
}

#[test]
fn indexes_that_hold_themselves() {
    let scratch = Scratch::new("indexes");
    let index = |digest: &str| {
        format!(r#"{{"manifests":[{{"digest":"sha256:{digest}"}},{{"digest":"sha256:{digest}"}}]}}"#)
    };
    // By a wrong digest, since a right one cannot be found.
    let own = "1".repeat(64);
    let mut layout = one_layer(&[File("etc/passwd", b"x")]);
    layout.blobs.insert(format!("blobs/sha256/{own}"), index(&own).into_bytes());
    layout.index.push(format!(r#"{{"digest":"sha256:{own}"}}"#));
    let path = scratch.file("self.tar", &layout.tar());
    let host = host_of(&path, &Choice::default(), &Wanted::default());
    assert!(host.problems[0].contains("wrong digest: its bytes are "), "{:?}", host.problems);
    assert!(host.files["/etc/passwd"]);

    let mut layout = one_layer(&[File("etc/passwd", b"x")]);
    let mut last = layout.manifest("arm64", &[]);
    for _ in 0..6 {
        last = layout.blob(format!(r#"{{"manifests":[{{"digest":"{last}"}}]}}"#).as_bytes());
    }
    layout.index.push(format!(r#"{{"digest":"{last}"}}"#));
    let host = host_of(&scratch.file("deep.tar", &layout.tar()), &Choice::default(), &Wanted::default());
    assert!(host.problems[0].contains("more than 4 indexes inside each other"), "{:?}", host.problems);

    // Names that are no digests are never paths.
    let mut layout = one_layer(&[File("etc/passwd", b"x")]);
    layout.index.push(r#"{"digest":"sha256:../../../../etc/passwd"}"#.to_owned());
    layout.index.push(r#"{"digest":"md5:00"}"#.to_owned());
    layout
        .index
        .push(r#"{"digest":"sha256:00","platform":{"os":"unknown","architecture":"unknown"}}"#.to_owned());
    let host = host_of(&scratch.file("names.tar", &layout.tar()), &Choice::default(), &Wanted::default());
    assert_eq!(host.problems.len(), 2, "{:?}", host.problems);
    assert!(host.problems[0].contains("`sha256:../../../../etc/passwd` is no digest"), "{:?}", host.problems);

    // A platform whose manifest was not saved with the others.
    let mut layout = one_layer(&[File("etc/passwd", b"x")]);
    layout
        .index
        .push(format!(r#"{{"digest":"sha256:{own}","platform":{{"os":"linux","architecture":"s390x"}}}}"#));
    let host = host_of(&scratch.file("one.tar", &layout.tar()), &Choice::default(), &Wanted::default());
    assert!(
        host.problems[0].contains("the manifest of linux/s390x is not stored in this image"),
        "{:?}",
        host.problems
    );
}
