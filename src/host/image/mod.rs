//! Container images and root filesystems as hosts: a folder, what `docker save`
//! or `docker export` wrote, an OCI image layout. Nothing is unpacked to disk.
//!
//! An image says what its programs find, never which kernel or processor they
//! run on: `arch` and `kernel` of such a host are not known.

mod layers;
mod manifest;
mod store;
mod tree;

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::disk::Disk;
use super::files::Files;
use super::platform::Platform;
use super::{Host, ImageConfig, Wanted, installed};
use crate::binary::Fact;
use crate::error::{Error, Result};
use crate::source::{self, BEGINNING, Document, Limits, Meter, Origin};
use crate::target::Goos;
use layers::Layers;
use manifest::{Reader, Variant};
use store::Store;

/// What `--host` says in front of a path.
pub(super) const PREFIX: &str = "image:";

/// Most files of a folder that are looked at for executables.
const MOST_FILES: usize = 1_000_000;

/// An image, or a root filesystem.
pub struct Image {
    origin: Origin,
    limits: Limits,
    content: Inside,
    /// What could not be read of it.
    pub problems: Vec<Error>,
}

enum Inside {
    Root(PathBuf),
    Stored { store: Store, variants: Vec<Variant> },
}

/// Which of several is meant: `PATH[,name=TAG][,platform=OS/ARCH[/VARIANT]]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    pub platform: Option<Platform>,
    pub name: Option<String>,
}

/// The path and the choice of a specification. A comma is part of the path
/// where neither key follows it.
///
/// # Errors
/// `Unrecognised` for a platform that is not `OS/ARCH` or `OS/ARCH/VARIANT`.
pub fn specification(text: &str) -> Result<(&str, Choice)> {
    let mut path = text;
    let mut choice = Choice::default();
    while let Some((before, last)) = path.rsplit_once(',') {
        if let Some(platform) = last.strip_prefix("platform=") {
            let Some(platform) = Platform::parse(platform) else {
                let what =
                    format!("platform={platform}: expected OS/ARCH or OS/ARCH/VARIANT, such as linux/arm64");
                return Err(Error::Unrecognised { origin: Origin::new(before), what });
            };
            choice.platform = Some(platform);
        } else if let Some(name) = last.strip_prefix("name=") {
            choice.name = Some(name.to_owned());
        } else {
            break;
        }
        path = before;
    }
    Ok((path, choice))
}

/// The host that a specification names.
pub(super) fn host(text: &str, wanted: &Wanted) -> Result<Host> {
    let (path, choice) = specification(text)?;
    open(path, Limits::default())?.host(&choice, wanted)
}

/// # Errors
/// `Io` where it cannot be read; `Unrecognised` where it is no image, or holds
/// none that can be used.
pub fn open(path: &str, limits: Limits) -> Result<Image> {
    let origin = Origin::new(path);
    let mut problems = Vec::new();
    let folder = Path::new(path);
    let store = if folder.is_dir() {
        let store = Store::folder(folder, path);
        if !manifest::is_saved(&store) && !store.is_of_an_image() {
            let content = Inside::Root(folder.to_owned());
            return Ok(Image { origin, limits, content, problems });
        }
        store
    } else {
        let document = source::open(path, limits)?;
        let meter = Meter::new(limits);
        let mut first = |_: source::Member<'_>| std::ops::ControlFlow::Break(());
        if !matches!(source::members(&document.bytes, &meter, &mut first), Ok(Some("tar"))) {
            let what = "not an image: expected a folder, or a tar archive of docker save, docker export \
                        or an OCI image layout";
            return Err(Error::Unrecognised { origin, what: what.to_owned() });
        }
        Store::archive(document, limits, &mut problems)
    };
    let mut reader = Reader::new(&store, &origin, &mut problems);
    if manifest::is_layout(&store) {
        reader.layout();
    }
    if reader.variants.is_empty() && manifest::is_saved(&store) {
        reader.saved();
    }
    let mut variants = reader.variants;
    if variants.is_empty() {
        if store.is_of_an_image() || manifest::is_saved(&store) {
            let why = match problems.first() {
                Some(problem) => problem.to_string(),
                None => "it has neither index.json nor manifest.json; was it cut?".to_owned(),
            };
            return Err(Error::Unrecognised { origin, what: format!("no image in it can be used: {why}") });
        }
        variants.push(Variant::whole());
    }
    Ok(Image { origin, limits, content: Inside::Stored { store, variants }, problems })
}

impl Image {
    /// Those that it has manifests for; none of a root filesystem.
    pub fn platforms(&self) -> Vec<Platform> {
        let mut out: Vec<Platform> = self.variants().iter().filter_map(|v| v.platform.clone()).collect();
        out.dedup();
        out
    }

    fn variants(&self) -> &[Variant] {
        match &self.content {
            Inside::Root(_) => &[],
            Inside::Stored { variants, .. } => variants,
        }
    }

    /// What it says of the system that its programs see.
    ///
    /// # Errors
    /// `Unrecognised` where it holds several and none, or more than one, is
    /// meant; the error lists them.
    pub fn host(&self, choice: &Choice, wanted: &Wanted) -> Result<Host> {
        let mut problems: Vec<String> = self.problems.iter().map(ToString::to_string).collect();
        let mut host = Host { source: self.origin.to_string(), ..Host::default() };
        match &self.content {
            Inside::Root(root) => {
                self.only_root(choice)?;
                let disk = Disk::new(root, &self.origin.to_string());
                let from = disk.place("a root filesystem; Linux is taken for granted");
                host.goos = Some(Fact::new(Goos::Linux, from).hint());
                installed::read(&mut host, &disk, wanted, true);
            }
            Inside::Stored { store, variants } => {
                let variant = self.choose(variants, choice, wanted)?;
                let mut found = Vec::new();
                let layers = Layers::apply(store, variant, &self.origin, self.limits, &mut found);
                declared(&mut host, variant, &layers);
                installed::read(&mut host, &layers, wanted, true);
                if host.userland.is_none() {
                    host.userland = layers.userland().map(|(arch, from)| Fact::new(arch, from));
                }
                problems.extend(found.iter().map(ToString::to_string));
            }
        }
        host.problems = problems;
        Ok(host)
    }

    /// Hands out the files that begin like executables, those that layers above
    /// hide left out, named by their paths in the image. What could not be read
    /// is given back.
    ///
    /// # Errors
    /// As [`Image::host`].
    pub fn executables(
        &self,
        choice: &Choice,
        wanted: &Wanted,
        each: &mut dyn FnMut(Document),
    ) -> Result<Vec<Error>> {
        let mut problems = Vec::new();
        match &self.content {
            Inside::Root(root) => {
                self.only_root(choice)?;
                self.walk(root, each, &mut problems);
            }
            Inside::Stored { store, variants } => {
                let variant = self.choose(variants, choice, wanted)?;
                let layers = Layers::apply(store, variant, &self.origin, self.limits, &mut problems);
                layers.executables(&self.origin, each, &mut problems);
            }
        }
        Ok(problems)
    }

    fn only_root(&self, choice: &Choice) -> Result<()> {
        if *choice == Choice::default() {
            return Ok(());
        }
        let what = "a root filesystem, which has neither a platform nor a name to choose by".to_owned();
        Err(Error::Unrecognised { origin: self.origin.clone(), what })
    }

    /// Files of a folder; links are not followed, for they may lead out of it.
    fn walk(&self, root: &Path, each: &mut dyn FnMut(Document), problems: &mut Vec<Error>) {
        let entries = WalkDir::new(root).sort_by_file_name().into_iter().take(MOST_FILES);
        for entry in entries.flatten().filter(|entry| entry.file_type().is_file()) {
            let Some(path) = entry.path().to_str() else { continue };
            let below = entry.path().strip_prefix(root).unwrap_or(entry.path()).to_string_lossy();
            let mut beginning = Vec::new();
            let read = std::fs::File::open(path).and_then(|file| {
                std::io::Read::read_to_end(&mut std::io::Read::take(file, BEGINNING as u64), &mut beginning)
            });
            if read.is_err() || !source::is_executable(&beginning) {
                continue;
            }
            match source::stored(path, self.limits) {
                Ok(mut document) => {
                    document.origin = self.origin.member(&format!("/{below}"));
                    each(document);
                }
                Err(error) => problems.push(error),
            }
        }
    }

    fn choose<'v>(&self, variants: &'v [Variant], choice: &Choice, wanted: &Wanted) -> Result<&'v Variant> {
        let refuse = |what: String| Err(Error::Unrecognised { origin: self.origin.clone(), what });
        if let ([variant], true) = (variants, variants.iter().all(|v| v.place.is_empty())) {
            self.only_root(choice)?;
            return Ok(variant);
        }
        let all: Vec<String> = variants.iter().map(Variant::describe).collect();
        let all = source::listed(&all.iter().map(String::as_str).collect::<Vec<_>>());
        let mut left: Vec<&Variant> = variants.iter().collect();
        if let Some(name) = &choice.name {
            left.retain(|variant| variant.names.iter().any(|known| goes_by(known, name)));
            if left.is_empty() {
                return refuse(format!("no image `{name}` in it; it has {all}"));
            }
        }
        if let Some(platform) = &choice.platform {
            left.retain(|variant| variant.platform.as_ref().is_some_and(|own| own.answers(platform)));
            if left.is_empty() {
                return refuse(format!("no manifest for {platform} in it; it has {all}"));
            }
        }
        if let [variant] = left.as_slice() {
            return Ok(variant);
        }
        // A name that was asked for in full is no other platform's.
        if let (None, Some((goos, goarch))) = (&choice.platform, wanted.target) {
            left.retain(|variant| {
                let platform = variant.platform.as_ref();
                platform.is_some_and(|own| own.goos() == Some(goos) && own.goarch() == Some(goarch))
            });
            match left.as_slice() {
                [] => {
                    return refuse(format!(
                        "no manifest for the {goos}/{goarch} of the executable in it; it has {all}: \
                         choose one with ,platform=OS/ARCH"
                    ));
                }
                [variant] => return Ok(variant),
                _ => {}
            }
        }
        let left: Vec<String> = left.into_iter().map(Variant::describe).collect();
        let left = source::listed(&left.iter().map(String::as_str).collect::<Vec<_>>());
        refuse(format!(
            "several images may be meant: {left}; choose one with ,platform=OS/ARCH/VARIANT or ,name=TAG"
        ))
    }
}

/// `app:1.0` is short for `docker.io/library/app:1.0` and `localhost/app:1.0`.
fn goes_by(known: &str, name: &str) -> bool {
    known == name || known.strip_suffix(name).is_some_and(|before| before.ends_with('/'))
}

/// What the manifest and the configuration say.
fn declared(host: &mut Host, variant: &Variant, files: &dyn Files) {
    let Some(platform) = &variant.platform else {
        let from = files.place("a root filesystem; Linux is taken for granted");
        host.goos = Some(Fact::new(Goos::Linux, from).hint());
        return;
    };
    let from = files.place(&variant.place);
    host.goos = platform.goos().map(|goos| Fact::new(goos, from.clone()));
    host.declared = Some(Fact::new(platform.clone(), from.clone()));
    let run = &variant.run;
    let config = ImageConfig {
        entrypoint: run.entrypoint.clone().unwrap_or_default(),
        cmd: run.cmd.clone().unwrap_or_default(),
        env: run.env.clone().unwrap_or_default(),
        user: run.user.clone().filter(|user| !user.is_empty()),
    };
    host.image = Some(Fact::new(config, from));
}
