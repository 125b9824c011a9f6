//! Build information: the blob of `go version -m`, in both encodings, and
//! what can be found without it.

use super::image::{Format, Words};
use super::{Binary, Fact};
use crate::addr::LinkAddr;

/// debug/buildinfo/buildinfo.go, buildInfoMagic.
const MAGIC: &[u8] = b"\xff Go buildinf:";
/// cmd/go/internal/modload/build.go: what frames `runtime.modinfo`.
const START: &[u8] = b"\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6";
const END: &[u8] = b"\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2";

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildInfo {
    /// Where it was read.
    pub from: &'static str,
    pub go_version: Option<String>,
    /// Import path of the main package.
    pub path: Option<String>,
    pub main: Option<Module>,
    pub deps: Vec<Module>,
    /// `build` lines, in order.
    pub settings: Vec<(String, String)>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Module {
    pub path: String,
    pub version: String,
    pub sum: String,
    /// What a `replace` directive put in its place.
    pub replaced_by: Option<Box<Module>>,
}

impl BuildInfo {
    pub fn setting(&self, key: &str) -> Option<&str> {
        self.settings.iter().find(|(k, _)| k == key).map(|(_, value)| value.as_str())
    }
}

/// Finds build information: in its section, in writable data, anywhere.
pub(super) fn find(binary: &Binary) -> Option<BuildInfo> {
    let (image, data) = (&binary.image, binary.bytes());
    let named =
        image.sections.iter().filter(|s| matches!(s.name.as_str(), ".go.buildinfo" | "__go_buildinfo"));
    let named = named.map(|s| (s.offset, s.length));
    let writable =
        image.segments.iter().filter(|s| s.writable && !s.executable).map(|s| (s.offset, s.length));
    for (offset, length) in named.chain(writable).chain([(0, data.len())]) {
        let Some(area) = data.get(offset..offset.saturating_add(length)) else { continue };
        for at in memchr::memmem::find_iter(area, MAGIC) {
            // The linker aligns the blob to 16 bytes (cmd/link/internal/ld/data.go,
            // `buildinfo`); other programs hold the magic number as data. On
            // Plan 9 it is the offset in the data that is aligned.
            let address = image.address_of(offset.saturating_add(at));
            if image.format != Format::Plan9 && address.is_some_and(|address| !address.0.is_multiple_of(16)) {
                continue;
            }
            let blob = area.get(at..).unwrap_or_default();
            if let Some(info) = blob_info(binary, blob) {
                return Some(info);
            }
        }
    }
    modinfo_only(data)
}

fn blob_info(binary: &Binary, blob: &[u8]) -> Option<BuildInfo> {
    let flags = *blob.get(15)?;
    let (version, modinfo, from) = if flags & 2 != 0 {
        let (version, rest) = counted(blob.get(32..)?)?;
        let (modinfo, _) = counted(rest).unwrap_or_default();
        (version, modinfo, "build info")
    } else {
        // Go 1.13 to 1.17: two addresses of string headers.
        let words = Words { pointer_size: *blob.get(14)?, big_endian: flags & 1 != 0 };
        if !matches!(words.pointer_size, 4 | 8) {
            return None;
        }
        let header = |at: usize| -> Option<&[u8]> {
            let header = LinkAddr(words.word(blob, at)?);
            let start = binary.image.offset_of(LinkAddr(binary.pointer(header)?))?;
            let length_at = binary.image.offset_of(header.offset(words.pointer_size.into()))?;
            let length = usize::try_from(words.word(binary.bytes(), length_at)?).ok()?;
            binary.bytes().get(start..start.checked_add(length)?)
        };
        let version = header(16)?;
        let modinfo = header(16usize.saturating_add(words.pointer_size.into())).unwrap_or_default();
        (version, modinfo, "build info (pointer form)")
    };
    // `unknown` is what garble leaves.
    if !std::str::from_utf8(version).is_ok_and(|text| is_version(text) || text == "unknown") {
        return None;
    }
    let framed = modinfo.len() >= 33 && modinfo.get(modinfo.len().saturating_sub(17)) == Some(&b'\n');
    let text = if framed { modinfo.get(16..modinfo.len().saturating_sub(16)) } else { None };
    let mut info = parse(&String::from_utf8_lossy(text.unwrap_or_default()));
    info.go_version = Some(String::from_utf8_lossy(version).into_owned());
    info.from = from;
    Some(info)
}

/// `go1.27.3`, `go1.24rc1`, with an experiment or vendor suffix after a blank.
pub(super) fn is_version(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("go1.") else { return text.starts_with("devel ") };
    let number = rest.split([' ', '-', '+']).next().unwrap_or("");
    number.starts_with(|c: char| c.is_ascii_digit())
        && number.chars().all(|c| c.is_ascii_digit() || c == '.' || "rcbeta".contains(c))
        && !text.chars().any(char::is_control)
}

/// A uvarint length, then as many bytes.
fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (mut length, mut at) = (0usize, 0usize);
    loop {
        let byte = *bytes.get(at)?;
        length |= usize::from(byte & 0x7f).checked_shl(u32::try_from(at).ok()?.checked_mul(7)?)?;
        at = at.checked_add(1)?;
        if byte & 0x80 == 0 {
            break;
        }
        if at > 5 {
            return None;
        }
    }
    bytes.get(at..)?.split_at_checked(length)
}

/// The string `runtime.modinfo` is in the read-only data of every program
/// built in module mode, blob or not.
fn modinfo_only(data: &[u8]) -> Option<BuildInfo> {
    let start = memchr::memmem::find(data, START)?.checked_add(START.len())?;
    let rest = data.get(start..)?;
    let window = rest.get(..1 << 20).unwrap_or(rest);
    let end = memchr::memmem::find(window, END)?;
    let text = String::from_utf8_lossy(window.get(..end)?);
    let mut info = parse(&text);
    info.from = "module info string (the build info blob is missing)";
    (info.path.is_some() || !info.settings.is_empty()).then_some(info)
}

/// `runtime.buildVersion` without build info: a string header whose target is
/// a version for its whole length. A version among other text proves nothing:
/// strings are stored without separators.
pub(super) fn version_string(binary: &Binary) -> Option<Fact<String>> {
    let (image, data) = (&binary.image, binary.bytes());
    let words = image.words();
    let size = usize::from(image.pointer_size);
    let named =
        image.sections.iter().filter(|s| matches!(s.name.as_str(), ".data" | ".noptrdata" | "__data"));
    let named = named.map(|s| (s.address, s.offset, s.length));
    let writable = image.segments.iter().filter(|s| s.writable).map(|s| (s.address, s.offset, s.length));
    for (address, offset, length) in named.chain(writable) {
        let area = data.get(offset..offset.saturating_add(length)).unwrap_or_default();
        for at in (0..area.len().saturating_sub(size.saturating_mul(2))).step_by(size) {
            let Some(length) = words.word(area, at.saturating_add(size)).filter(|n| (4..=64).contains(n))
            else {
                continue;
            };
            let header = LinkAddr(address.wrapping_add(at as u64));
            let Some(target) = binary.pointer(header).and_then(|p| image.offset_of(LinkAddr(p))) else {
                continue;
            };
            let length = usize::try_from(length).unwrap_or(0);
            let Some(text) = data.get(target..target.saturating_add(length)) else { continue };
            if let Ok(text) = std::str::from_utf8(text)
                && is_version(text)
            {
                return Some(Fact::new(text.to_owned(), "runtime.buildVersion (build info is missing)"));
            }
        }
    }
    None
}

/// runtime/debug/mod.go, ParseBuildInfo. Unknown lines are skipped.
fn parse(text: &str) -> BuildInfo {
    let mut info = BuildInfo::default();
    for line in text.lines() {
        let (kind, rest) = line.split_once('\t').unwrap_or((line, ""));
        match kind {
            "path" => info.path = Some(rest.to_owned()),
            "mod" => info.main = Some(module(rest)),
            "dep" => info.deps.push(module(rest)),
            "=>" => {
                let replaced = info.deps.last_mut().or(info.main.as_mut());
                if let Some(module_before) = replaced {
                    module_before.replaced_by = Some(Box::new(module(rest)));
                }
            }
            "build" => info.settings.extend(setting(rest)),
            _ => {}
        }
    }
    info
}

fn module(columns: &str) -> Module {
    let mut columns = columns.split('\t').map(str::to_owned);
    let mut next = || columns.next().unwrap_or_default();
    Module { path: next(), version: next(), sum: next(), replaced_by: None }
}

/// `key=value`, each quoted as a Go string where it needs to be.
fn setting(text: &str) -> Option<(String, String)> {
    let (key, rest) = match text.chars().next()? {
        '"' | '`' => unquote(text)?,
        _ => {
            let at = text.find('=')?;
            (text.get(..at)?.to_owned(), text.get(at..)?)
        }
    };
    let value = rest.strip_prefix('=')?;
    let value = match value.chars().next() {
        Some('"' | '`') => unquote(value)?.0,
        _ => value.to_owned(),
    };
    Some((key, value))
}

/// A Go string literal and what follows it (strconv.Unquote).
fn unquote(text: &str) -> Option<(String, &str)> {
    if let Some(raw) = text.strip_prefix('`') {
        let end = raw.find('`')?;
        return Some((raw.get(..end)?.to_owned(), raw.get(end.checked_add(1)?..)?));
    }
    let mut out = String::new();
    let mut chars = text.strip_prefix('"')?.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((out, text.get(at.checked_add(2)?..)?)),
            '\\' => match chars.next()?.1 {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                'r' => out.push('\r'),
                'x' => out.push(escape(&mut chars, 2)?),
                'u' => out.push(escape(&mut chars, 4)?),
                'U' => out.push(escape(&mut chars, 8)?),
                other => out.push(other),
            },
            other => out.push(other),
        }
    }
    None
}

fn escape(chars: &mut std::str::CharIndices<'_>, digits: usize) -> Option<char> {
    let hex: String = chars.take(digits).map(|(_, c)| c).collect();
    u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_and_modules() {
        let info = parse(
            "path\texample.com/app\nmod\texample.com/app\t(devel)\t\ndep\texample.com/lib\tv1.2.3\th1:abc=\n=>\t./lib\t(devel)\t\nbuild\t-ldflags=\"-X 'main.v=a b' -s\"\nbuild\tCGO_ENABLED=0\nbuild\tGOARM=7,softfloat\nnew\tline\n",
        );
        assert_eq!(info.path.as_deref(), Some("example.com/app"));
        assert_eq!(info.setting("-ldflags"), Some("-X 'main.v=a b' -s"));
        assert_eq!(info.setting("GOARM"), Some("7,softfloat"));
        assert_eq!(info.deps[0].replaced_by.as_ref().map(|m| m.path.as_str()), Some("./lib"));
    }

    #[test]
    fn versions() {
        assert!(is_version("go1.27.3") && is_version("go1.24rc1") && is_version("go1.22.1 X:boringcrypto"));
        assert!(
            !is_version("go1.x") && !is_version("go1.18src/runtime") && !is_version("uildinfobuild info")
        );
    }

    #[test]
    fn lengths_do_not_lie() {
        assert_eq!(counted(b"\x03abcd"), Some((&b"abc"[..], &b"d"[..])));
        assert_eq!(counted(b"\x09abc"), None);
        assert_eq!(counted(b"\xff\xff\xff\xff\xff\xff\xff"), None);
        assert_eq!(unquote(r#""a\x41\"" rest"#), Some(("aA\"".to_owned(), " rest")));
    }
}
