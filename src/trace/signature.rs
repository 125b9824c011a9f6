//! `pm1`: the signature that groups crashes of one bug across builds, Go
//! versions and machines.
//!
//! What it leaves out is as important as what it takes: no program name, no
//! host, arguments, addresses, files, lines, goroutine ids or architecture.
//! Go renames closures from version to version and moves them to the package
//! they are inlined into, so closures keep only their innermost named part.

use std::sync::LazyLock;

use regex::Regex;
use sha2::{Digest, Sha256};

use super::names::{is_runtime_package, is_std_package, package_of};
use super::{Complaint, Crash, Kind, Link};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// `pm1:` and 16 hex digits.
    pub id: String,
    /// The hashed text.
    pub text: String,
}

const UNITS: usize = 3;

/// The signature of a crash.
pub fn signature(crash: &Crash) -> Signature {
    let class = class(crash);
    let units = units(crash, class == "fatal:stack overflow");
    let mut text = format!("pm1\n{class}\n");
    for unit in units {
        text.push_str(&unit);
        text.push('\n');
    }
    let hash = Sha256::digest(text.as_bytes());
    let id = hash.iter().take(8).fold("pm1:".to_owned(), |id, byte| format!("{id}{byte:02x}"));
    Signature { id, text }
}

static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"0x[0-9a-f]+|-?[0-9]+").ok());

/// Texts of the runtime that are printed without `runtime error: `.
const PLAIN: &[&str] = &[
    "assignment to entry in nil map",
    "close of ",
    "send on closed ",
    "all goroutines",
    "invalid memory address",
    "index out of range",
    "slice bounds",
    "interface conversion",
    "integer divide",
];

/// What failed, without what varies from run to run.
fn class(crash: &Crash) -> String {
    if let Some(link) = crash.chain.first() {
        return class_of(link);
    }
    match (&crash.signal, crash.remarks.first()) {
        (Some(signal), _) => signal.name.clone(),
        (None, Some(remark)) if crash.kind == Kind::Launch => {
            format!("launch:{}", complaint_class(&remark.complaint))
        }
        _ => "stack".to_owned(),
    }
}

fn class_of(link: &Link) -> String {
    let message = link.message.lines().next().unwrap_or("");
    if message.starts_with("concurrent map") {
        return "fatal:concurrent map access".to_owned();
    }
    let numbers =
        |text: &str| NUMBER.as_ref().map_or(text.to_owned(), |n| n.replace_all(text, "N").into_owned());
    if link.fatal {
        return format!("fatal:{}", numbers(message));
    }
    if let Some(text) = message.strip_prefix("runtime error: ") {
        return format!("panic:{}", numbers(text));
    }
    if PLAIN.iter().any(|plain| message.starts_with(plain)) {
        return format!("panic:{}", numbers(message));
    }
    if let Some(name) = printed_type(message) {
        return format!("panic:type {name}");
    }
    format!("panic:text {}", first_words(message))
}

/// The type of a printed value: `(*main.T) 0x…`, `main.T(…)`, `&main.T{…`.
fn printed_type(message: &str) -> Option<&str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    if let Some((name, _)) = message.strip_prefix('(').and_then(|rest| rest.split_once(") ")) {
        let is_type = |c: char| is_word(c) || matches!(c, '.' | '/' | '[' | ']' | '*');
        return Some(name)
            .filter(|name| !name.trim_start_matches('*').is_empty() && name.chars().all(is_type));
    }
    let (name, _) = message.strip_prefix('&').unwrap_or(message).split_once('(')?;
    let (package, exported) = name.rsplit_once('.')?;
    let is_path = |c: char| is_word(c) || matches!(c, '.' | '/');
    (!package.is_empty()
        && package.chars().all(is_path)
        && exported.starts_with(|c: char| c.is_ascii_uppercase())
        && exported.chars().all(is_word))
    .then_some(name)
}

/// The constant start of a free text: up to the first colon, at most three
/// words of letters.
fn first_words(message: &str) -> String {
    let is_word = |token: &str| {
        token.len() <= 20
            && token.starts_with(|c: char| c.is_ascii_alphabetic())
            && token.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '\'' | '_' | '-'))
    };
    let start = message.split(':').next().unwrap_or("");
    let tokens = start.split_whitespace().map(|t| t.trim_end_matches([',', '.', ';', '!']));
    let words: Vec<String> = tokens.take_while(|t| is_word(t)).take(3).map(str::to_ascii_lowercase).collect();
    words.join(" ")
}

fn complaint_class(complaint: &Complaint) -> &'static str {
    match complaint {
        Complaint::ExecFormat | Complaint::ReadAsScript | Complaint::WrongEmulator => "exec format",
        Complaint::NotFound { .. } | Complaint::InterpreterMissing { .. } => "not found",
        Complaint::PermissionDenied => "permission denied",
        Complaint::GlibcVersion { .. } => "glibc version",
        Complaint::Library { .. } => "library",
        Complaint::Symbol { .. } => "symbol",
        Complaint::Killed { signal } | Complaint::KernelFault { signal, .. } => signal,
        Complaint::Amd64Level { .. } => "amd64 level",
        Complaint::ArmFloat { .. } => "arm float",
        Complaint::NeedsCgo => "needs cgo",
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Runtime,
    Std,
    App,
}

fn units(crash: &Crash, overflow: bool) -> Vec<String> {
    let Some(goroutine) = crash.first_goroutine() else { return Vec::new() };
    let names: Vec<&str> = crash.frames_of(goroutine).iter().map(|frame| crash.function(frame)).collect();
    let deepest = names.iter().rposition(|name| super::is_panic_frame(name));
    let names = names.get(deepest.map_or(0, |at| at.saturating_add(1))..).unwrap_or_default();
    let mut units = Vec::new();
    let mut std_run = None;
    for name in names {
        match canonical(name) {
            (Family::Runtime, _) => {}
            (Family::Std, unit) => std_run = Some(unit),
            (Family::App, unit) => {
                units.extend(std_run.take());
                units.push(unit);
            }
        }
    }
    if units.is_empty() {
        units.extend(std_run);
    }
    if overflow && let Some(cycle) = cycle(&units) {
        return cycle.into_iter().take(UNITS).collect();
    }
    units.dedup();
    units.truncate(UNITS);
    units
}

/// The shortest period of up to 8 that repeats three times at the top, rotated
/// to its smallest form: a stack overflow stops anywhere in its cycle.
fn cycle(units: &[String]) -> Option<Vec<String>> {
    for period in 1..=8usize {
        let Some(head) = units.get(..period.saturating_mul(3)) else { break };
        let repeats = head.iter().zip(head.iter().skip(period)).all(|(a, b)| a == b);
        if repeats {
            let cycle = head.get(..period)?;
            return (0..period)
                .map(|by| [cycle.get(by..), cycle.get(..by)].map(Option::unwrap_or_default).concat())
                .min();
        }
    }
    None
}

fn canonical(name: &str) -> (Family, String) {
    let package = package_of(name);
    if package.is_empty() {
        return (Family::Runtime, name.to_owned());
    }
    let function = name.get(package.len().saturating_add(1)..).unwrap_or("");
    let package = canonical_package(package);
    let function = strip_brackets(function).replace("-fm", "");
    let function = range_parts(&function);
    let function =
        function.trim_end_matches(".abi0").trim_end_matches(".abiinternal").replace("glob..", "init.");
    let mut parts = components(&function);
    let mut closure = false;
    while parts.len() > 1 && parts.last().is_some_and(|part| is_closure_part(part)) {
        let number = parts.pop().unwrap_or_default();
        if parts.last().is_some_and(|p| p == "init") && number.bytes().all(|b| b.is_ascii_digit()) {
            break;
        }
        closure = true;
    }
    let family = if package.starts_with("runtime/") || is_runtime_package(&package) {
        Family::Runtime
    } else if is_std_package(&package) {
        Family::Std
    } else {
        Family::App
    };
    let suffix = if closure { ".func" } else { "" };
    if closure && family == Family::App {
        let innermost = parts.last().map_or("", String::as_str);
        return (family, format!("*.{innermost}.func"));
    }
    (family, format!("{package}.{}{suffix}", parts.join(".")))
}

/// Escapes decoded, vendoring and major-version elements dropped.
fn canonical_package(package: &str) -> String {
    let mut bytes = Vec::with_capacity(package.len());
    let mut rest = package.as_bytes();
    while let [byte, after @ ..] = rest {
        let escaped = match rest {
            [b'%', a, b, after @ ..] => super::grammar::hex_value(&[*a, *b]).map(|value| (value, after)),
            _ => None,
        };
        match escaped {
            Some((value, after)) => {
                bytes.push(u8::try_from(value).unwrap_or(b'?'));
                rest = after;
            }
            None => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    let decoded = String::from_utf8_lossy(&bytes);
    let decoded = decoded.rsplit_once("/vendor/").map_or(decoded.as_ref(), |(_, after)| after);
    let decoded = decoded.strip_prefix("vendor/").unwrap_or(decoded);
    let is_major = |(at, element): &(usize, &str)| {
        *at > 0
            && element
                .strip_prefix('v')
                .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    let kept: Vec<&str> = decoded.split('/').enumerate().filter(|e| !is_major(e)).map(|(_, e)| e).collect();
    kept.join("/")
}

fn strip_brackets(text: &str) -> String {
    let mut depth = 0usize;
    text.chars()
        .filter(|c| {
            match c {
                '[' => depth = depth.saturating_add(1),
                ']' => {
                    depth = depth.saturating_sub(1);
                    return false;
                }
                _ => {}
            }
            depth == 0
        })
        .collect()
}

/// `-range1` (a body of range-over-func) counts as one more closure.
fn range_parts(function: &str) -> String {
    let mut parts = function.split("-range");
    let mut out = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        out.push_str(if digits > 0 { ".func1" } else { "-range" });
        out.push_str(part.get(digits..).unwrap_or(""));
    }
    out
}

/// Parts between dots; `(*T)` is one part with the name after it.
fn components(function: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = function;
    while !rest.is_empty() {
        rest = rest.trim_start_matches('.');
        let receiver =
            if rest.starts_with('(') { rest.find(").").map_or(0, |at| at.saturating_add(2)) } else { 0 };
        let name = rest.get(receiver..).unwrap_or("");
        let end = receiver.saturating_add(name.find('.').unwrap_or(name.len()));
        if end > 0 {
            parts.push(rest.get(..end).unwrap_or(rest).to_owned());
        }
        rest = rest.get(end..).unwrap_or("");
    }
    parts
}

fn is_closure_part(part: &str) -> bool {
    let digits = ["func", "gowrap", "deferwrap", ""].iter().find_map(|prefix| part.strip_prefix(prefix));
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(name: &str) -> String {
        canonical(name).1
    }

    #[test]
    fn names_that_go_versions_spell_differently_become_one() {
        assert_eq!(app("main.main.func2.1"), "*.main.func");
        assert_eq!(app("main.main.guard.main.func2.func6"), "*.main.func");
        assert_eq!(app("main.main.func2.func1"), "*.main.func");
        assert_eq!(app("main.(*logger).fatal.func1"), "*.(*logger).fatal.func");
        assert_eq!(app("main.main.(*logger).fatal.func1"), "*.(*logger).fatal.func");
        assert_eq!(app("main.glob..func1"), app("main.init.func1"));
        assert_eq!(app("main.init.0"), "main.init");
        assert_eq!(app("gopkg.in/yaml%2ev3.(*Node).Decode"), "gopkg.in/yaml.v3.(*Node).Decode");
        assert_eq!(app("example.com/app/v2/shop.Run"), "example.com/app/shop.Run");
        assert_eq!(app("main.Map[go.shape.int_0]"), "main.Map");
    }

    #[test]
    fn texts_lose_what_varies() {
        let link = |message: &str| Link {
            fatal: false,
            message: message.to_owned(),
            value: super::super::Value::Text,
            recovered: false,
            repanicked: false,
        };
        assert_eq!(
            class_of(&link("runtime error: index out of range [5] with length 3")),
            "panic:index out of range [N] with length N"
        );
        assert_eq!(class_of(&link("load config: open x: no such file")), "panic:text load config");
        assert_eq!(class_of(&link("(*main.flat) 0xc000012345")), "panic:type *main.flat");
        assert_eq!(class_of(&link("user 7 is gone")), "panic:text user");
    }
}
