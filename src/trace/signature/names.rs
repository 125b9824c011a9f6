//! What of a function's name stays the same across builds, Go versions and
//! machines.

use super::super::grammar::hex_value;
use super::super::names::{is_runtime_package, is_std_package, package_of};

/// Runtime frames are dropped, runs of the standard library folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Runtime,
    Std,
    App,
}

/// Whose code a function is, and its name without what varies.
pub(super) fn canonical(name: &str) -> (Family, String) {
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
            [b'%', a, b, after @ ..] => hex_value(&[*a, *b]).map(|value| (value, after)),
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
}
