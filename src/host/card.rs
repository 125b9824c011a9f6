//! A description of a machine that somebody wrote down: a TOML card, or raw
//! texts (see `text`).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::libc::Libc;
use super::limits::Bound;
use super::platform::Platform;
use super::{Host, ImageConfig, text};
use crate::binary::Fact;
use crate::error::{Error, Result};
use crate::source::{self, Limits, Origin};
use crate::target::{Goarch, Goos};

/// Most bytes of a card that are read: /proc/cpuinfo of 1000 cores.
const MOST_OF_A_CARD: usize = 4 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Card {
    os: Option<String>,
    arch: Option<String>,
    machine: Option<String>,
    kernel: Option<String>,
    cpu_model: Option<String>,
    cpu_architecture: Option<String>,
    cpu_features: Option<Vec<String>>,
    emulator: Option<String>,
    libc: Option<String>,
    page_size: Option<u64>,
    distribution: Option<String>,
    os_version: Option<String>,
    cpu_vendor: Option<String>,
    cpu_bits: Option<Vec<u8>>,
    userland: Option<String>,
    userland_bits: Option<u8>,
    max_processes: Option<Bounded>,
    pids_max: Option<Bounded>,
    address_space: Option<Bounded>,
    platform: Option<String>,
    entrypoint: Option<Vec<String>>,
    cmd: Option<Vec<String>>,
    env: Option<BTreeMap<String, String>>,
    user: Option<String>,
    #[serde(default)]
    files: BTreeMap<String, bool>,
    #[serde(default)]
    libraries: BTreeMap<String, bool>,
}

/// A number, or `"unlimited"`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Bounded {
    Number(u64),
    Word(String),
}

const KEYS: [&str; 26] = [
    "os",
    "arch",
    "machine",
    "kernel",
    "cpu_model",
    "cpu_architecture",
    "cpu_features",
    "emulator",
    "libc",
    "page_size",
    "distribution",
    "os_version",
    "cpu_vendor",
    "cpu_bits",
    "userland",
    "userland_bits",
    "max_processes",
    "pids_max",
    "address_space",
    "platform",
    "entrypoint",
    "cmd",
    "env",
    "user",
    "files",
    "libraries",
];

pub(super) fn open(path: &str) -> Result<Host> {
    let limits = Limits { expanded_bytes: MOST_OF_A_CARD as u64, ..Limits::default() };
    let document = source::open(path, limits)?;
    let bytes = document.bytes.get(..MOST_OF_A_CARD).unwrap_or(&document.bytes);
    // An executable would be searched for sentences in vain, or worse. Texts
    // have a stray NUL at most, as `cat /proc/device-tree/model` leaves one.
    if memchr::memchr_iter(0, bytes).count() > (bytes.len() / 100).saturating_add(1) {
        return Err(Error::Unrecognised {
            origin: document.origin,
            what: "not a description of a machine: it is not UTF-8 text".to_owned(),
        });
    }
    parse(&document.origin, &String::from_utf8_lossy(bytes))
}

fn parse(origin: &Origin, text: &str) -> Result<Host> {
    let text = text.trim_start_matches('\u{feff}');
    if is_toml(origin, text) {
        return from_toml(origin, text);
    }
    let mut host = Host { source: origin.to_string(), ..Host::default() };
    if text::read(text, &mut host, &|line, what| format!("{origin}:{line} ({what})")) {
        return Ok(host);
    }
    Err(Error::Unrecognised {
        origin: origin.clone(),
        what: format!(
            "says nothing about a machine: expected a TOML card ({}), or the output of {}",
            KEYS.join(", "),
            text::LOOKED_FOR
        ),
    })
}

/// The name says so, or a line assigns to a known key. No line of the raw
/// texts does: theirs have colons, or names in capitals.
fn is_toml(origin: &Origin, text: &str) -> bool {
    let named = origin.path.ends_with(".toml");
    named
        || text.lines().any(|line| {
            let line = line.trim_start();
            let assigned = line.split_once('=').map(|(key, _)| key.trim_end());
            let table = line.strip_prefix('[').and_then(|rest| rest.trim_end().strip_suffix(']'));
            assigned.or(table).is_some_and(|key| KEYS.contains(&key))
        })
}

fn from_toml(origin: &Origin, text: &str) -> Result<Host> {
    let card: Card = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let line = text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count().saturating_add(1);
        let what = format!("line {line}: {}", error.message());
        // Good TOML with a key or a type that no card has is not damaged.
        match text.parse::<toml::Table>() {
            Ok(_) => Error::Unrecognised { origin: origin.clone(), what },
            Err(_) => Error::Malformed { origin: origin.clone(), offset: at as u64, what },
        }
    })?;
    let from = |key: &str| format!("{origin}: {key}");
    let refuse = |key: &str, value: &str, expected: String| Error::Unrecognised {
        origin: origin.clone(),
        what: format!("{key} = \"{value}\": expected {expected}"),
    };
    let string = |key: &str, value: Option<String>| value.map(|value| Fact::new(value, from(key)));
    let mut host = Host {
        source: origin.to_string(),
        machine: string("machine", card.machine),
        kernel: string("kernel", card.kernel),
        cpu_model: string("cpu_model", card.cpu_model),
        cpu_architecture: string("cpu_architecture", card.cpu_architecture),
        cpu_features: card.cpu_features.map(|list| Fact::new(list, from("cpu_features"))),
        emulator: string("emulator", card.emulator),
        distribution: string("distribution", card.distribution),
        os_version: string("os_version", card.os_version),
        cpu_vendor: string("cpu_vendor", card.cpu_vendor),
        cpu_bits: card.cpu_bits.map(|bits| Fact::new(bits, from("cpu_bits"))),
        userland_bits: card.userland_bits.map(|bits| Fact::new(bits, from("userland_bits"))),
        files: card.files,
        libraries: card.libraries,
        ..Host::default()
    };
    if let Some(os) = card.os {
        let Some(goos) = Goos::parse(&os) else {
            let names: Vec<&str> = Goos::ALL.iter().map(|goos| goos.name()).collect();
            return Err(refuse("os", &os, format!("one of {}", names.join(", "))));
        };
        host.goos = Some(Fact::new(goos, from("os")));
    }
    if let Some(arch) = card.arch {
        // Go's name, or the kernel's where somebody copied that.
        let Some(goarch) = Goarch::parse(&arch).or_else(|| Goarch::from_machine(&arch)) else {
            let names: Vec<&str> = Goarch::ALL.iter().map(|goarch| goarch.name()).collect();
            return Err(refuse("arch", &arch, format!("one of {}", names.join(", "))));
        };
        host.arch = Some(Fact::new(goarch, from("arch")));
    }
    if let Some(arch) = card.userland {
        let Some(goarch) = Goarch::parse(&arch).or_else(|| Goarch::from_machine(&arch)) else {
            let names: Vec<&str> = Goarch::ALL.iter().map(|goarch| goarch.name()).collect();
            return Err(refuse("userland", &arch, format!("one of {}", names.join(", "))));
        };
        host.userland = Some(Fact::new(goarch, from("userland")));
    }
    if let Some(platform) = card.platform {
        let Some(parsed) = Platform::parse(&platform) else {
            let expected = "OS/ARCH or OS/ARCH/VARIANT, such as linux/arm64";
            return Err(refuse("platform", &platform, expected.to_owned()));
        };
        host.declared = Some(Fact::new(parsed, from("platform")));
    }
    let bounds = [
        ("max_processes", card.max_processes, &mut host.max_processes),
        ("pids_max", card.pids_max, &mut host.pids_max),
        ("address_space", card.address_space, &mut host.address_space),
    ];
    for (key, bounded, slot) in bounds {
        let bound = match bounded {
            None => continue,
            Some(Bounded::Number(number)) => Bound::Of(number),
            Some(Bounded::Word(word)) if word == "unlimited" => Bound::Unlimited,
            Some(Bounded::Word(word)) => {
                return Err(refuse(key, &word, "a number or \"unlimited\"".to_owned()));
            }
        };
        *slot = Some(Fact::new(bound, from(key)));
    }
    if card.entrypoint.is_some() || card.cmd.is_some() || card.env.is_some() || card.user.is_some() {
        let env = card.env.unwrap_or_default();
        let config = ImageConfig {
            entrypoint: card.entrypoint.unwrap_or_default(),
            cmd: card.cmd.unwrap_or_default(),
            env: env.into_iter().map(|(name, value)| format!("{name}={value}")).collect(),
            user: card.user,
        };
        host.image = Some(Fact::new(config, from("entrypoint, cmd, env, user")));
    }
    if let Some(libc) = card.libc {
        let Some(parsed) = Libc::parse(&libc) else {
            let expected =
                "\"glibc 2.36\", \"musl 1.2.3\", \"bionic\" or \"none\", the version being optional";
            return Err(refuse("libc", &libc, expected.to_owned()));
        };
        host.libc = Some(Fact::new(parsed, from("libc")));
    }
    if let Some(size) = card.page_size {
        if !size.is_power_of_two() {
            return Err(refuse("page_size", &size.to_string(), "a power of two, in bytes".to_owned()));
        }
        host.page_size = Some(Fact::new(size, from("page_size")));
    }
    host.complete(None);
    Ok(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(text: &str) -> Result<Host> {
        parse(&Origin::new("host.card"), text)
    }

    fn complaint(text: &str) -> String {
        card(text).unwrap_err().to_string()
    }

    #[test]
    fn a_card_says_where_each_fact_was_read() {
        let host = card(
            "# the box in the lab\nos = \"linux\"\nmachine = \"armv6l\"\nkernel = \"6.1.21\"\n\
             cpu_architecture = \"7\"\ncpu_features = [\"half\", \"thumb\", \"vfp\"]\nlibc = \"glibc 2.36\"\n\
             page_size = 4096\nfiles = { \"/lib/ld-linux-armhf.so.3\" = false }\n\
             [libraries]\n\"libsqlite3.so.0\" = true\n",
        )
        .unwrap();
        assert_eq!(host.goos, Some(Fact::new(Goos::Linux, "host.card: os")));
        assert_eq!(host.arch, Some(Fact::new(Goarch::Arm, "host.card: machine")));
        assert_eq!(host.libc.as_ref().unwrap().value.to_string(), "glibc 2.36");
        assert_eq!(host.page_size, Some(Fact::new(4096, "host.card: page_size")));
        assert_eq!(host.file("/lib/ld-linux-armhf.so.3"), Some(false));
        assert_eq!(host.file("/lib/ld-linux.so.3"), None);
        assert_eq!(host.library("libsqlite3.so.0"), Some(true));
        let arm = host.arm_level().unwrap();
        assert_eq!((arm.value.version, arm.value.vfp, arm.value.vfpv3), (6, true, false));
        assert!(arm.from.contains("host.card: machine says armv6l"), "{}", arm.from);
    }

    #[test]
    fn an_unknown_key_is_named_beside_the_known_ones() {
        let error = complaint("os = \"linux\"\ncpu_feature = [\"vfp\"]\n");
        assert!(error.starts_with("host.card: line 2: unknown field `cpu_feature`"), "{error}");
        assert!(KEYS.iter().all(|key| error.contains(&format!("`{key}`"))), "{error}");
        assert_eq!(error.matches('`').count(), (KEYS.len() + 1) * 2, "{error}");
    }

    #[test]
    fn values_that_no_machine_has() {
        assert!(complaint("os = \"Linux\"\n").contains("os = \"Linux\": expected one of aix, android"));
        assert!(complaint("arch = \"x64\"\n").contains("expected one of 386, amd64"));
        assert!(complaint("libc = \"glibc-2.36\"\n").contains("expected \"glibc 2.36\""));
        assert!(complaint("page_size = 4000\n").contains("a power of two"));
        assert!(complaint("page_size = \"4k\"\n").contains("line 1: invalid type"));
        assert!(matches!(card("os = \"linux\"\narch = [\n"), Err(Error::Malformed { offset: 14.., .. })));
    }

    #[test]
    fn texts_are_told_apart() {
        let raw = "$ uname -a\nLinux pi 6.1.21+ #1642 Mon Apr  3 17:19:14 BST 2023 armv6l GNU/Linux\n";
        assert_eq!(card(raw).unwrap().kernel, Some(Fact::new("6.1.21+".to_owned(), "host.card:2 (uname)")));
        let error = complaint("panic: runtime error: index out of range\n\ngoroutine 1 [running]:\n");
        assert!(error.contains("/proc/cpuinfo") && error.contains("cpu_features"), "{error}");
        assert!(parse(&Origin::new("host.toml"), "foo = 1\n").unwrap_err().to_string().contains("`foo`"));
    }

    #[test]
    fn an_executable_is_no_card() {
        let error = open(std::env::current_exe().unwrap().to_str().unwrap()).unwrap_err();
        assert!(matches!(error, Error::Unrecognised { .. }), "{error}");
    }

    #[test]
    fn every_card_of_the_corpus_is_read() {
        let cases = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/cases");
        let cards = std::fs::read_dir(cases)
            .unwrap()
            .flat_map(|case| ["host.toml", "host.txt"].map(|name| case.as_ref().unwrap().path().join(name)));
        let mut read = 0;
        for card in cards.filter(|card| card.exists()) {
            let host = open(card.to_str().unwrap()).unwrap();
            let told = [host.arch.is_some(), host.kernel.is_some(), host.libc.is_some()];
            assert!(told.contains(&true), "{}", card.display());
            let arm =
                host.arch.as_ref().is_some_and(|arch| matches!(arch.value, Goarch::Arm | Goarch::Arm64));
            assert_eq!(host.arm_level().is_some(), arm, "{}", card.display());
            read += 1;
        }
        assert!(read > 0);
    }
}
