use std::fs;
use std::path::PathBuf;

use super::*;
use crate::host::{LibcKind, libc};

/// A root directory that is removed again.
struct Root(PathBuf);

impl Root {
    fn new(name: &str, files: &[(&str, &[u8])]) -> Root {
        let root = Root(std::env::temp_dir().join(format!("panicmap-host-{}-{name}", std::process::id())));
        let _ = fs::remove_dir_all(&root.0);
        for (path, contents) in files {
            let path = root.0.join(path.trim_start_matches('/'));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, contents).unwrap();
        }
        root
    }

    fn host(&self, wanted: &Wanted) -> Host {
        let mut host = Host { goos: Some(Fact::new(Goos::Linux, "test")), ..Host::default() };
        files(&mut host, &Disk::new(&self.0, "this machine"), wanted);
        host
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn wanted(file: &str, libraries: &[&str]) -> Wanted {
    Wanted {
        files: vec![file.to_owned()],
        libraries: libraries.iter().map(|&l| l.to_owned()).collect(),
        ..Wanted::default()
    }
}

const AMD64: &[u8] = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0";
const I386: &[u8] = b"\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x03\0";

#[test]
#[cfg(target_os = "linux")]
fn this_machine() {
    let host = read(&wanted("/no/such/loader.so", &["libnosuchthing.so.77"]));
    assert_eq!(host.source, "this machine");
    assert_eq!(host.goos, Some(Fact::new(Goos::Linux, "this machine: uname(2)")));
    assert!(host.page_size.as_ref().is_some_and(|size| size.value >= 4096 && size.value.is_power_of_two()));
    assert!(host.kernel.is_some() && host.machine.is_some());
    assert_eq!(host.file("/no/such/loader.so"), Some(false));
    assert_ne!(host.library("libnosuchthing.so.77"), Some(true));
}

#[test]
fn glibc_of_the_machine_and_not_of_the_cross_compiler() {
    let version = b"\x7fELF\0GNU C Library (Debian GLIBC 2.36-9+deb12u14) stable release version 2.36.\n";
    let other = b"\x7fELF\0GNU C Library (Debian GLIBC 2.19-18) stable release version 2.19.\n";
    let root = Root::new(
        "glibc",
        &[
            ("/lib64/ld-linux-x86-64.so.2", AMD64),
            ("/lib/ld-musl-x86_64.so.1", AMD64),
            ("/lib/aarch64-linux-gnu/libc.so.6", other),
            ("/lib/x86_64-linux-gnu/libc.so.6", version),
            ("/lib/i386-linux-gnu/libz.so.1", I386),
            ("/lib/x86_64-linux-gnu/libm.so", b"/* GNU ld script */"),
            ("/opt/db/lib/libdb.so.2", AMD64),
            ("/etc/ld.so.conf", b"include /etc/ld.so.conf.d/*.conf\n"),
            ("/etc/ld.so.conf.d/db.conf", b"# ours\n/opt/db/lib/\n"),
            (
                "/etc/os-release",
                b"NAME=\"Debian GNU/Linux\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n",
            ),
            ("/proc/cpuinfo", b"model name\t: AMD EPYC\nflags\t\t: fpu sse2\n"),
        ],
    );
    let names = ["libdb.so.2", "libz.so.1", "libm.so", "./libx.so", "/opt/db/lib/libdb.so.2"];
    let mut host = Host {
        goos: Some(Fact::new(Goos::Linux, "test")),
        machine: Some(Fact::new("x86_64".to_owned(), "test")),
        ..Host::default()
    };
    files(&mut host, &Disk::new(&root.0, "this machine"), &wanted("/lib64/ld-linux-x86-64.so.2", &names));
    let libc = host.libc.as_ref().unwrap();
    assert_eq!(libc.value.to_string(), "glibc 2.36");
    assert_eq!(libc.from, "this machine: /lib/x86_64-linux-gnu/libc.so.6");
    let found = names.map(|name| host.library(name));
    // The i386 library does not count, and no loader takes a script.
    assert_eq!(found, [Some(true), Some(false), Some(false), None, Some(true)]);
    assert_eq!(host.distribution.as_ref().unwrap().from, "this machine: os-release PRETTY_NAME");
    assert_eq!(host.cpu_model.as_ref().unwrap().value, "AMD EPYC");
    assert_eq!(host.file("/lib64/ld-linux-x86-64.so.2"), Some(true));

    // Raspberry Pi OS of 32 bits on its 64-bit kernel.
    let pi = [("/lib/ld-linux-armhf.so.3", I386), ("/lib/arm-linux-gnueabihf/libc.so.6", &other[..])];
    let pi = Root::new("pi", &pi);
    let libc = libc::find(&Disk::new(&pi.0, "this machine"), Some("aarch64")).unwrap();
    assert_eq!(libc.value.to_string(), "glibc 2.19");

    // A list that cannot be followed proves no absence.
    fs::write(root.0.join("etc/ld.so.conf"), "include /opt/*/ld.conf\n").unwrap();
    let host = root.host(&wanted("/lib64/ld-linux-x86-64.so.2", &names));
    assert_eq!((host.library("libdb.so.2"), host.library("libz.so.1")), (Some(true), None));
}

#[test]
fn musl_answers_for_libc_itself() {
    let loader = [AMD64, b"musl libc (x86_64)\nVersion %s\n\0/proc/self/fd/\x001.2.5\0Unsupported"].concat();
    let root = Root::new("musl", &[("/lib/ld-musl-x86_64.so.1", &loader), ("/usr/lib/libz.so.1", AMD64)]);
    let host = root.host(&wanted("/lib/ld-musl-x86_64.so.1", &["libc.so.6", "libz.so.1", "libcurl.so.4"]));
    assert_eq!(host.libc.as_ref().unwrap().value.to_string(), "musl 1.2.5");
    let found = ["libc.so.6", "libz.so.1", "libcurl.so.4"].map(|name| host.library(name));
    assert_eq!(found, [Some(true), Some(true), Some(false)]);
}

#[test]
fn images_without_a_loader() {
    let scratch = Root::new("scratch", &[("/app/server", AMD64)]);
    let host = scratch.host(&wanted("/lib64/ld-linux-x86-64.so.2", &["libc.so.6"]));
    assert_eq!(host.libc.as_ref().unwrap().value.kind, LibcKind::None);
    assert_eq!(
        (host.file("/lib64/ld-linux-x86-64.so.2"), host.library("libc.so.6")),
        (Some(false), Some(false))
    );
    let nixos = Root::new("nixos", &[("/nix/store/x-glibc-2.39/lib/libc.so.6", AMD64)]);
    assert_eq!(nixos.host(&Wanted::default()).libc, None);
    let android = Root::new("android", &[("/system/bin/linker64", AMD64)]);
    assert_eq!(android.host(&Wanted::default()).libc.unwrap().value.kind, LibcKind::Bionic);
}

#[test]
fn paths_that_are_no_loaders() {
    let files = ["/dev/zero", "relative", "/a\0b"];
    let host = read(&Wanted { files: files.map(str::to_owned).to_vec(), ..Wanted::default() });
    assert_eq!((host.file("relative"), host.file("/a\0b")), (None, None));
}

#[test]
#[cfg(target_os = "linux")]
fn a_pipe_in_place_of_the_loader_does_not_hold_us_up() {
    let root = Root::new("pipe", &[("/lib/libz.so.1", AMD64)]);
    let made = std::process::Command::new("mkfifo").arg(root.0.join("lib/ld-musl-x86_64.so.1")).status();
    assert!(made.unwrap().success());
    let (done, wait) = std::sync::mpsc::channel();
    let disk = Disk::new(&root.0, "this machine");
    std::thread::spawn(move || {
        let mut host = Host { goos: Some(Fact::new(Goos::Linux, "test")), ..Host::default() };
        files(&mut host, &disk, &wanted("/lib/ld-musl-x86_64.so.1", &["libz.so.1"]));
        let _ = done.send(host);
    });
    let host = wait.recv_timeout(std::time::Duration::from_secs(20)).unwrap();
    assert_eq!(host.file("/lib/ld-musl-x86_64.so.1"), Some(true));
    assert_eq!(host.libc.unwrap().value.to_string(), "musl");
    assert_eq!(host.libraries.get("libz.so.1"), Some(&true));
}
