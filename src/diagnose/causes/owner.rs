//! Whose code a frame is: the program's own, or that of a module it uses.

use super::place::Place;
use crate::binary::Facts;
use crate::trace::{Code, Crash, Frame, is_panic_frame};

/// A panic that was raised in code of another module than the program's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThirdParty {
    pub module: String,
    pub version: Option<String>,
    pub place: Place,
    /// The program's own code that called it; `None` where no frame is its own.
    pub caller: Option<Place>,
    /// Where that was read.
    pub told_by: &'static str,
}

struct Module {
    path: String,
    version: Option<String>,
    told_by: &'static str,
}

/// Tells the program's own frames from those of modules that it uses.
pub(super) struct Owners<'a> {
    crash: &'a Crash,
    facts: Option<&'a Facts>,
    own: Vec<String>,
}

impl<'a> Owners<'a> {
    pub(super) fn new(crash: &'a Crash, facts: Option<&'a Facts>) -> Owners<'a> {
        Owners { crash, facts, own: own_roots(crash, facts) }
    }

    pub(super) fn is_own(&self, frame: &Frame) -> bool {
        self.crash.code(frame) == Code::User && self.foreign(frame).is_none()
    }

    /// The module that a frame belongs to, if it is not the program's own.
    fn foreign(&self, frame: &Frame) -> Option<Module> {
        let function = self.crash.function(frame);
        if function.starts_with("main.") {
            return None;
        }
        // Build information knows them all.
        if let Some(build) = self.facts.and_then(|facts| facts.build.as_ref())
            && let Some(dep) =
                build.deps.iter().filter(|dep| is_below(function, &dep.path)).max_by_key(|dep| dep.path.len())
        {
            let main = build.main.as_ref().filter(|main| is_below(function, &main.path));
            let nearer = main.is_none_or(|main| main.path.len() < dep.path.len());
            return nearer.then(|| Module {
                path: dep.path.clone(),
                version: Some(dep.version.clone()).filter(|version| !version.is_empty()),
                told_by: "build info",
            });
        }
        let (path, version) = of_file(self.crash.file(frame))?;
        (!self.own.contains(&path)).then_some(Module { path, version, told_by: "path of the file" })
    }

    /// Where the place to look at is in another module's code, that module and
    /// the program's code that called it.
    pub(super) fn third_party(&self) -> Option<ThirdParty> {
        let crash = self.crash;
        let site = crash.user_site()?;
        let module = self.foreign(site)?;
        let frames = crash.frames_of(crash.crashing_goroutine()?);
        let at = frames.iter().position(|frame| std::ptr::eq(frame, site))?;
        let caller = frames.iter().skip(at.saturating_add(1)).find(|frame| self.is_own(frame));
        Some(ThirdParty {
            module: super::table::shown(&module.path),
            version: module.version.as_deref().map(super::table::shown),
            place: Place::of(crash, site),
            caller: caller.map(|frame| Place::of(crash, frame)),
            told_by: module.told_by,
        })
    }

    /// The handler of the program that net/http, or a router that it called,
    /// was serving a request with.
    pub(super) fn handler(&self) -> Option<Place> {
        let frames = self.crash.frames_of(self.crash.crashing_goroutine()?);
        let serves = frames.iter().position(|frame| {
            let function = self.crash.function(frame);
            function.ends_with(".ServeHTTP") && !self.is_own(frame)
        })?;
        let handler = frames.get(..serves)?.iter().rfind(|frame| self.is_own(frame))?;
        Some(Place::of(self.crash, handler))
    }
}

/// `github.com/x/y` of `github.com/x/y/z.(*T).M` and `github.com/x/y.F`.
fn is_below(function: &str, module: &str) -> bool {
    !module.is_empty() && function.strip_prefix(module).is_some_and(|rest| rest.starts_with(['/', '.']))
}

/// Modules that hold package main: `go install path@version` builds a program
/// whose own files lie among those of modules.
fn own_roots(crash: &Crash, facts: Option<&Facts>) -> Vec<String> {
    let main = facts.and_then(|facts| facts.build.as_ref()).and_then(|build| build.main.as_ref());
    let by_frames = crash
        .frames
        .iter()
        .filter(|frame| crash.function(frame).starts_with("main."))
        .filter_map(|frame| of_file(crash.file(frame)))
        .map(|(path, _)| path);
    let mut roots: Vec<String> = main.map(|main| main.path.clone()).into_iter().chain(by_frames).collect();
    roots.sort();
    roots.dedup();
    roots
}

/// Module and version of `/root/go/pkg/mod/github.com/x/y@v1.2.3/z.go`, of
/// `github.com/x/y@v1.2.3/z.go` (-trimpath), and the package of a file below `vendor`.
fn of_file(file: &str) -> Option<(String, Option<String>)> {
    if let Some((before, after)) = file.split_once("@v") {
        let path = before.rsplit_once("/pkg/mod/").map_or(before, |(_, path)| path);
        let version = after.split('/').next()?;
        let plain = version.starts_with(|c: char| c.is_ascii_digit()) && after.contains('/');
        return plain.then(|| (unescaped(path), Some(format!("v{version}"))));
    }
    let (_, path) = file.rsplit_once("/vendor/")?;
    let (folder, _) = path.rsplit_once('/')?;
    // The standard library vendors as well: net/http has golang.org/x/net.
    let own = !file.contains("/src/vendor/") && folder.contains('.');
    own.then(|| (folder.to_owned(), None))
}

/// The module cache writes `!a` for `A` (golang.org/x/mod/module, EscapePath).
fn unescaped(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut upper = false;
    for c in path.chars() {
        match c {
            '!' => upper = true,
            c if upper => {
                out.push(c.to_ascii_uppercase());
                upper = false;
            }
            c => out.push(c),
        }
    }
    out
}

/// The function of the standard library that the program called and that ended
/// in the panic.
pub(super) fn called(crash: &Crash) -> Option<&Frame> {
    let frames = crash.frames_of(crash.crashing_goroutine()?);
    let below = frames.iter().rposition(|frame| is_panic_frame(crash.function(frame)));
    let origin = frames.get(below.map_or(0, |at| at.saturating_add(1))..).unwrap_or_default();
    let user = origin.iter().position(|frame| crash.code(frame) == Code::User)?;
    let frame = origin.get(user.checked_sub(1)?)?;
    (crash.code(frame) == Code::Std).then_some(frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_of_files() {
        let module = |file| of_file(file).map(|(path, version)| (path, version.unwrap_or_default()));
        let is = |path: &str, version: &str| Some((path.to_owned(), version.to_owned()));
        assert_eq!(
            module("/root/go/pkg/mod/github.com/!azure/sdk@v1.2.0/a/b.go"),
            is("github.com/Azure/sdk", "v1.2.0")
        );
        assert_eq!(module("github.com/x/y@v1.2.3-rc.1/z.go"), is("github.com/x/y", "v1.2.3-rc.1"));
        assert_eq!(module("/src/app/vendor/github.com/x/y/z/f.go"), is("github.com/x/y/z", ""));
        assert_eq!(module("/usr/local/go/src/vendor/golang.org/x/net/http/f.go"), None);
        assert_eq!(module("/home/me@vault/app/main.go"), None);
        assert_eq!(module("/src/app/main.go"), None);
    }
}
