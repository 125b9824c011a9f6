//! What somebody expects of a build: `linux/arm64,CGO_ENABLED=0,-trimpath=true`.
//! A build that is other than the pipeline meant is found here before it is
//! deployed.

use crate::binary::Facts;
use crate::error::{Error, Result};
use crate::near::near;
use crate::origin::Origin;
use crate::target::{Goarch, Goos};

/// One thing that is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    key: String,
    value: String,
}

/// An expectation that the executable does not meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    pub key: String,
    pub expected: String,
    /// `None` where the executable does not record it.
    pub found: Option<String>,
    /// Where it was read, or why it is not known.
    pub place: String,
}

/// Keys beside the settings of the go command.
const OWN: [&str; 5] = ["go", "libc", "static", "stripped", "dirty"];

/// Settings that build info records (cmd/go/internal/load/pkg.go, `setBuildInfo`, 1.27).
const SETTINGS: [&str; 36] = [
    "GOOS",
    "GOARCH",
    "GO386",
    "GOAMD64",
    "GOARM",
    "GOARM64",
    "GOMIPS",
    "GOMIPS64",
    "GOPPC64",
    "GORISCV64",
    "GOWASM",
    "GOEXPERIMENT",
    "GOFIPS140",
    "CGO_ENABLED",
    "CGO_CFLAGS",
    "CGO_CPPFLAGS",
    "CGO_CXXFLAGS",
    "CGO_LDFLAGS",
    "DefaultGODEBUG",
    "-asan",
    "-asmflags",
    "-buildmode",
    "-compiler",
    "-cover",
    "-covermode",
    "-gcflags",
    "-ldflags",
    "-msan",
    "-pgo",
    "-race",
    "-tags",
    "-trimpath",
    "vcs",
    "vcs.revision",
    "vcs.time",
    "vcs.modified",
];

impl Expectation {
    /// Reads a list.
    ///
    /// # Errors
    /// `Unrecognised`: an unknown key, or a value that it cannot have.
    pub fn list(text: &str) -> Result<Vec<Expectation>> {
        let mut out = Vec::new();
        for item in items(text) {
            let new = |key: &str, value: &str| Expectation { key: key.to_owned(), value: value.to_owned() };
            if let Some((key, value)) = item.split_once('=') {
                out.push(known(text, key, value).map(|()| new(key, value))?);
            } else if let Some((os, arch)) = item.split_once('/') {
                let (arch, level) = arch.split_once('/').map_or((arch, None), |(a, l)| (a, Some(l)));
                known(text, "GOOS", os)?;
                known(text, "GOARCH", arch)?;
                out.extend([new("GOOS", os), new("GOARCH", arch)]);
                let variable = Goarch::parse(arch).and_then(Goarch::level_variable);
                if let Some((variable, level)) = variable.zip(level) {
                    let level = if variable == "GOARM" { level.trim_start_matches('v') } else { level };
                    out.push(new(variable, level));
                }
            } else {
                known(text, item, "true")?;
                out.push(new(item, "true"));
            }
        }
        Ok(out)
    }

    pub(super) fn differs(&self, facts: &Facts) -> Option<Mismatch> {
        let (found, place) = self.found(facts);
        let same = found.as_deref().is_some_and(|found| self.is_met_by(found));
        (!same).then(|| Mismatch { key: self.key.clone(), expected: self.value.clone(), found, place })
    }

    fn is_met_by(&self, found: &str) -> bool {
        match self.key.as_str() {
            // go=1.25 is any 1.25.
            "go" => {
                let (found, wanted) = (found.trim_start_matches("go"), self.value.trim_start_matches("go"));
                found.split(' ').next().is_some_and(|version| {
                    version == wanted
                        || version
                            .strip_prefix(wanted)
                            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
                })
            }
            "-tags" => {
                let tags = |text: &str| {
                    let mut tags: Vec<String> = text.split([',', ' ']).map(str::to_owned).collect();
                    tags.sort_unstable();
                    tags
                };
                tags(found) == tags(&self.value)
            }
            _ => found == self.value,
        }
    }

    /// What the executable is, rather than what was typed, where both are known.
    fn found(&self, facts: &Facts) -> (Option<String>, String) {
        let yes = |value: bool| Some(value.to_string());
        let settings = || "build settings".to_owned();
        match self.key.as_str() {
            "GOOS" => of(facts.goos.as_ref().map(|f| (f.value.to_string(), &f.from))),
            "GOARCH" => of(facts.goarch.as_ref().map(|f| (f.value.to_string(), &f.from))),
            "go" => of(facts.go_version.as_ref().map(|f| (f.value.clone(), &f.from))),
            "static" => (yes(facts.is_static), "program headers".to_owned()),
            "stripped" => (yes(facts.stripped), "section headers".to_owned()),
            "dirty" => match &facts.vcs {
                Some(vcs) => (yes(vcs.modified), "build settings: vcs.modified".to_owned()),
                None => (
                    None,
                    "no revision is recorded (-buildvcs=false, or built outside of a checkout)".to_owned(),
                ),
            },
            "libc" => match &facts.libc {
                Some(fact) => (Some(fact.value.to_owned()), fact.from.clone()),
                None => (Some("none".to_owned()), "no C library is asked for".to_owned()),
            },
            "CGO_ENABLED" => {
                // What was allowed, unless C code is in it all the same.
                let linked = facts.cgo.linked.as_ref().filter(|fact| fact.value && self.value == "0");
                match (linked, &facts.cgo_enabled) {
                    (Some(linked), _) => {
                        (Some("1".to_owned()), format!("C code is linked in: {}", linked.from))
                    }
                    (None, Some(fact)) => (Some(u8::from(fact.value).to_string()), fact.from.clone()),
                    (None, None) => (None, "not recorded, and no C code is linked in".to_owned()),
                }
            }
            key if facts.level.variable == Some(key) => {
                of(facts.level.in_force.as_ref().map(|f| (f.value.clone(), &f.from)))
            }
            // A flag that was not given is not recorded.
            "-race" | "-msan" | "-asan" | "-cover" if facts.options.recorded => {
                (yes(facts.setting(&self.key) == Some("true")), settings())
            }
            "-trimpath" => match &facts.trimpath {
                Some(fact) => (yes(fact.value), fact.from.clone()),
                None => (None, "not recorded".to_owned()),
            },
            key => match facts.setting(key) {
                Some(value) => (Some(value.to_owned()), settings()),
                None if facts.options.recorded => (None, "not among its build settings".to_owned()),
                None => (None, "it has no build settings".to_owned()),
            },
        }
    }
}

fn of(found: Option<(String, &String)>) -> (Option<String>, String) {
    match found {
        Some((value, from)) => (Some(value), from.clone()),
        None => (None, "the executable does not tell".to_owned()),
    }
}

/// At commas, but those inside of a value with a comma of its own:
/// `GOARM=6,softfloat`, `-tags=a,b`.
fn items(text: &str) -> Vec<&str> {
    let starts = |rest: &str| {
        let end = rest.find([',', '=', '/']).unwrap_or(rest.len());
        let word = rest.get(..end).unwrap_or("");
        let key = OWN.contains(&word) || SETTINGS.contains(&word) || word.starts_with(['-', 'G', 'C']);
        key || Goos::parse(word).is_some() || rest.as_bytes().get(end) == Some(&b'=')
    };
    let mut out = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(',') {
        let after = at.saturating_add(1);
        let value = text.get(start..at).is_some_and(|item| item.contains('='));
        if !value || text.get(after..).is_some_and(starts) {
            out.push(text.get(start..at).unwrap_or(""));
            start = after;
        }
    }
    out.push(text.get(start..).unwrap_or(""));
    out.into_iter().map(str::trim).filter(|item| !item.is_empty()).collect()
}

fn known(list: &str, key: &str, value: &str) -> Result<()> {
    let wrong =
        |what: String| Err(Error::Unrecognised { origin: Origin::new(&format!("--expect {list}")), what });
    let choose = |name: &str, names: &mut dyn Iterator<Item = &'static str>| {
        let all: Vec<&str> = names.collect();
        let near = near(name, all.iter().copied());
        if near.is_empty() { all.join(", ") } else { near.join(", ") }
    };
    match key {
        "GOOS" if Goos::parse(value).is_none() => {
            let names = choose(value, &mut Goos::ALL.iter().map(|os| os.name()));
            wrong(format!("{value} is no GOOS; near to it are {names}"))
        }
        "GOARCH" if Goarch::parse(value).is_none() => {
            let names = choose(value, &mut Goarch::ALL.iter().map(|arch| arch.name()));
            wrong(format!("{value} is no GOARCH; near to it are {names}"))
        }
        "CGO_ENABLED" if !matches!(value, "0" | "1") => {
            wrong(format!("CGO_ENABLED={value}: the go command knows 0 and 1"))
        }
        _ if OWN.contains(&key) || SETTINGS.contains(&key) => Ok(()),
        _ => {
            let names = choose(key, &mut OWN.iter().chain(SETTINGS.iter()).copied());
            wrong(format!(
                "{key}: neither a build setting nor one of {}; near to it are {names}",
                OWN.join(", ")
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_belong_to_values_too() {
        assert_eq!(
            items("linux/arm,GOARM=6,softfloat,CGO_ENABLED=0"),
            ["linux/arm", "GOARM=6,softfloat", "CGO_ENABLED=0"]
        );
        assert_eq!(items("-tags=netgo,osusergo,static"), ["-tags=netgo,osusergo", "static"]);
    }
}
