//! `bundle.tgz!bin/app`: one member of an archive, of an archive inside of it,
//! and so on. Names are only compared; none is ever opened as a path.

use std::ops::ControlFlow;
use std::path::Path;

use super::archive::{self, Format, Kind};
use super::content::{Content, Ended, Meter, Peeled};
use super::magic::is_executable;
use super::{Bytes, Document, Limits};
use crate::error::{Error, Result};

/// Links that are followed from one to the next, as Linux does (MAXSYMLINKS).
const LINKS: usize = 40;
/// Names that an error lists.
const LISTED: usize = 8;

/// The file and what is wanted inside of it. A file with `!` in its name is
/// that file.
pub(super) fn split(spec: &str) -> (&str, Option<&str>) {
    if !spec.contains('!') || Path::new(spec).exists() {
        return (spec, None);
    }
    let is_file = |file: &str| file == "-" || Path::new(file).metadata().is_ok_and(|data| !data.is_dir());
    let found = cuts(spec).find(|(file, _)| is_file(file));
    found.map_or((spec, None), |(file, member)| (file, Some(member)))
}

/// What is before and behind each `!`, the last one first.
fn cuts(path: &str) -> impl Iterator<Item = (&str, &str)> {
    path.rmatch_indices('!').filter_map(|(at, _)| {
        let (before, behind) = path.split_at_checked(at)?;
        Some((before, behind.strip_prefix('!')?))
    })
}

/// The bytes of a member as they are stored.
///
/// # Errors
/// `Unrecognised` where there is no such member, with names that there are;
/// `Malformed` where the archive is damaged; `Limit` where it is too deep.
pub(super) fn open(file: Document, path: &str, limits: Limits) -> Result<Document> {
    let mut document = file;
    let mut rest = Some(path);
    let mut depth = 0usize;
    while let Some(path) = rest {
        if depth >= limits.depth {
            let what = format!("more than {} archives inside each other", limits.depth);
            return Err(Error::Limit { origin: document.origin, what });
        }
        depth = depth.saturating_add(1);
        (document, rest) = step(&document, path, limits)?;
    }
    Ok(document)
}

/// One archive deeper: the longest part of the path that is a member.
fn step<'p>(archive: &Document, path: &'p str, limits: Limits) -> Result<(Document, Option<&'p str>)> {
    let meter = Meter::new(limits);
    let list = List::read(archive, &meter)?;
    let parts = std::iter::once((path, None)).chain(cuts(path).map(|(name, rest)| (name, Some(rest))));
    let found = parts.into_iter().find_map(|(name, rest)| list.find(name).map(|found| (found, rest)));
    let Some((found, rest)) = found else { return Err(list.missing(archive, path)) };
    let origin = archive.origin.member(list.name(found.at));
    let refused = |what: String| Error::Unrecognised { origin: origin.clone(), what };
    if let Some(why) = found.dangling {
        return Err(refused(why));
    }
    if let Some(refusal) = list.members.get(found.at).and_then(|member| member.refusal.clone()) {
        return Err(refused(refusal));
    }
    let (bytes, cut) = extract(archive, found.at, &meter)?;
    if let (true, Some(what)) = (bytes.is_empty(), &cut) {
        return Err(Error::Malformed { origin, offset: 0, what: what.clone() });
    }
    Ok((Document { origin, bytes: Bytes::Owned(bytes), unpacked: Vec::new(), cut }, rest))
}

fn members<'a>(archive: &'a Document, meter: &'a Meter) -> Result<(&'static Format, Content<'a>)> {
    let origin = archive.origin.clone();
    match Content::Slice(&archive.bytes).peel(meter) {
        Ok(Peeled { content, beginning, .. }) => match archive::sniff(&beginning) {
            Some(format) => Ok((format, content)),
            None => {
                let what = "not an archive (tar, zip or ar), so it has no members".to_owned();
                Err(Error::Unrecognised { origin, what })
            }
        },
        Err(what) => Err(Error::Malformed { origin, offset: 0, what }),
    }
}

fn extract(archive: &Document, wanted: usize, meter: &Meter) -> Result<(Vec<u8>, Option<String>)> {
    let (format, content) = members(archive, meter)?;
    let mut found = (Vec::new(), None);
    let mut at = 0usize;
    let mut take = |member: archive::Member<'_>| {
        if at < wanted {
            at = at.saturating_add(1);
            return ControlFlow::Continue(());
        }
        if let Kind::File(content) = member.kind {
            found = whole(content, member.size, meter.limits);
        }
        ControlFlow::Break(())
    };
    // Damage behind the member is no loss, and before it was told by the list.
    (format.members)(content, meter, &mut take).ok();
    Ok(found)
}

/// A member's bytes; it may have fewer than it claims, never more.
pub(super) fn whole(content: Content<'_>, size: u64, limits: Limits) -> (Vec<u8>, Option<String>) {
    let (bytes, ended) = content.read(size.min(limits.expanded_bytes));
    let length = bytes.len() as u64;
    let cut = match ended {
        Some(Ended::AtLimit(_)) if length == size => {
            Some(format!("longer than the {size} bytes that the archive claims; the rest was not read"))
        }
        None if length < size => {
            Some(format!("the archive ends inside of it, after {length} of {size} bytes"))
        }
        ended => ended.map(|ended| ended.to_string()),
    };
    (bytes, cut)
}

/// What an archive holds, without the contents.
struct List {
    members: Vec<Listed>,
    /// Where the archive is damaged: what is behind is not in the list.
    ended: Option<String>,
    format: &'static str,
}

struct Listed {
    name: String,
    /// Full name of the member that it is another name of.
    link: Option<String>,
    refusal: Option<String>,
    executable: bool,
    archive: bool,
}

struct Found {
    at: usize,
    /// Why it is a link that leads nowhere.
    dangling: Option<String>,
}

impl List {
    fn read(archive: &Document, meter: &Meter) -> Result<List> {
        let (format, content) = members(archive, meter)?;
        let mut members = Vec::new();
        let most = meter.limits.members;
        let mut too_many = false;
        let ended = (format.members)(content, meter, &mut |member| {
            too_many = members.len() >= most;
            if too_many || meter.exhausted() {
                return ControlFlow::Break(());
            }
            let name = plain(&member.name);
            let mut listed = Listed { name, link: None, refusal: None, executable: false, archive: false };
            match member.kind {
                Kind::HardLink(target) => listed.link = Some(plain(&target)),
                Kind::SymbolicLink(target) => listed.link = Some(beside(&listed.name, &target)),
                Kind::Other(what) => listed.refusal = Some(format!("{what}, not a file")),
                Kind::Refused(why) => listed.refusal = Some(why),
                Kind::File(content) => {
                    if let Ok(Peeled { beginning, .. }) = content.peel(meter) {
                        listed.executable = is_executable(&beginning);
                        listed.archive = archive::sniff(&beginning).is_some();
                    }
                }
            }
            members.push(listed);
            ControlFlow::Continue(())
        });
        let ended = match ended {
            Ok(()) if too_many => Some(format!("only the first {most} members were looked at")),
            Ok(()) => None,
            Err(why) => Some(why),
        };
        Ok(List { members, ended, format: format.name })
    }

    fn name(&self, at: usize) -> &str {
        self.members.get(at).map_or("", |member| &member.name)
    }

    /// A member by its name, through links, and through folders that are links.
    fn find(&self, name: &str) -> Option<Found> {
        let mut wanted = plain(name);
        let mut last = None;
        for _ in 0..LINKS {
            // Of members with one name the last is the one that tar leaves.
            if let Some(at) = self.members.iter().rposition(|member| member.name == wanted) {
                match self.members.get(at).and_then(|member| member.link.clone()) {
                    None => return Some(Found { at, dangling: None }),
                    Some(target) => {
                        let why = format!("a link to `{target}`, which is no member of this archive");
                        last = Some(Found { at, dangling: Some(why) });
                        wanted = target;
                    }
                }
                continue;
            }
            let through = self.members.iter().find_map(|member| {
                let below = wanted.strip_prefix(&member.name)?.strip_prefix('/')?;
                Some(format!("{}/{below}", member.link.as_ref()?))
            });
            match through {
                Some(target) => wanted = target,
                None => return last,
            }
        }
        last.map(|found| Found { dangling: Some("a link that leads back to itself".to_owned()), ..found })
    }

    fn missing(&self, archive: &Document, path: &str) -> Error {
        let base = |name: &str| name.rsplit('/').next().unwrap_or(name).to_lowercase();
        let wanted = base(path.split('!').next().unwrap_or(path));
        let named = |member: &&Listed| {
            let name = base(&member.name);
            !wanted.is_empty() && (name.contains(&wanted) || wanted.contains(&name) && name.len() > 2)
        };
        let names = |wanted: &dyn Fn(&&Listed) -> bool| -> Vec<&str> {
            let files = self.members.iter().filter(|member| member.refusal.is_none());
            files.filter(wanted).map(|member| &*member.name).collect()
        };
        let lists = [
            ("there is", names(&named)),
            ("its executables are", names(&|member| member.executable)),
            (
                "none of its members is an executable, but these are archives:",
                names(&|member| member.archive),
            ),
        ];
        let what = lists.iter().find(|(_, names)| !names.is_empty()).map_or_else(
            || format!("none of its {} members is an executable", self.members.len()),
            |(what, names)| format!("{what} {}", listed(names)),
        );
        let ended = self.ended.as_ref().map(|why| format!("; {why}")).unwrap_or_default();
        let what = format!("no member `{path}` in this {} archive: {what}{ended}", self.format);
        Error::Unrecognised { origin: archive.origin.clone(), what }
    }
}

/// The first names of a list, and how many more there are.
pub fn listed(names: &[&str]) -> String {
    let more = names.len().saturating_sub(LISTED);
    let shown = names.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

/// A member name without the `./` or `/` that some archivers put in front.
pub(crate) fn plain(name: &str) -> String {
    let mut rest = name;
    while let Some(shorter) = rest.strip_prefix("./").or_else(|| rest.strip_prefix('/')) {
        rest = shorter;
    }
    rest.trim_end_matches('/').to_owned()
}

/// Full name of what a symbolic link leads to; the archive is its root.
pub(crate) fn beside(link: &str, target: &str) -> String {
    let folder = link.rsplit_once('/').map_or("", |(folder, _)| folder);
    let folder = if target.starts_with('/') { "" } else { folder };
    let mut path: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(target.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(path.pop()),
            part => path.push(part),
        }
    }
    path.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stay_inside() {
        assert_eq!(beside("usr/bin/app", "../lib/app-1.2"), "usr/lib/app-1.2");
        assert_eq!(beside("bin/app", "/usr/bin/app"), "usr/bin/app");
        assert_eq!(beside("app", "../../../etc/passwd"), "etc/passwd");
        assert_eq!(plain(".//./a/b/"), "a/b");
        assert_eq!(plain("../../etc/passwd"), "../../etc/passwd");
    }
}
