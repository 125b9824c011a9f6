//! What container tools say of a machine: `docker version`, `docker info`,
//! `kubectl get node -o wide`, `-o yaml` and `-o json`, `kubectl describe node`.

use super::super::uname;
use super::Reader;
use crate::target::{Goarch, Goos};

/// Lines that mean something by those before.
#[derive(Default)]
pub(super) struct Seen {
    /// `docker version` says first what the client is, which may be elsewhere.
    client: bool,
    /// Where the columns of `kubectl get node -o wide` begin: image, kernel, and
    /// what is behind them.
    columns: Option<[usize; 3]>,
}

pub(super) fn read(reader: &mut Reader<'_>, line: &str) -> bool {
    if columns(reader, line) {
        return true;
    }
    let Some((key, value)) = line.split_once(':') else { return false };
    let key = key.trim().trim_matches('"');
    let value = value.trim().trim_end_matches(',').trim_matches('"');
    match (key, value) {
        ("Client", _) => {
            reader.nodes.client = true;
            false
        }
        ("Server", _) => {
            reader.nodes.client = false;
            false
        }
        ("OS/Arch", target) if !reader.nodes.client => {
            let Some((os, arch)) = target.split_once('/') else { return false };
            let os = goos(reader, os, "docker version OS/Arch");
            architecture(reader, arch, "docker version OS/Arch") | os
        }
        ("OSType", os) => goos(reader, os, "docker info OSType"),
        ("operatingSystem", os) => goos(reader, os, "node operatingSystem"),
        ("architecture", arch) => architecture(reader, arch, "node architecture"),
        ("Kernel Version", release) => kernel(reader, release, "Kernel Version"),
        ("kernelVersion", release) => kernel(reader, release, "node kernelVersion"),
        ("OS Image", name) => distribution(reader, name, "node OS Image"),
        ("osImage", name) => distribution(reader, name, "node osImage"),
        // docker names the distribution so, kubectl the kernel's kind.
        ("Operating System", name) => {
            goos(reader, name, "node Operating System")
                || distribution(reader, name, "docker info Operating System")
        }
        _ => false,
    }
}

fn columns(reader: &mut Reader<'_>, line: &str) -> bool {
    if let (Some(image), Some(kernel), Some(runtime)) =
        (line.find("OS-IMAGE"), line.find("KERNEL-VERSION"), line.find("CONTAINER-RUNTIME"))
    {
        reader.nodes.columns = Some([image, kernel, runtime]);
        return true;
    }
    let Some([image, kernel_at, runtime]) = reader.nodes.columns else { return false };
    // The tables are padded with blanks, so the column before ends with one.
    let part = |from: usize, to: usize| line.get(from..to).map(str::trim).unwrap_or_default();
    let blank = |at: usize| at.checked_sub(1).and_then(|at| line.as_bytes().get(at)) == Some(&b' ');
    if !(blank(image) && blank(kernel_at) && blank(runtime)) {
        reader.nodes.columns = None;
        return false;
    }
    let known = kernel(reader, part(kernel_at, runtime), "node KERNEL-VERSION");
    distribution(reader, part(image, kernel_at), "node OS-IMAGE") | known
}

fn goos(reader: &mut Reader<'_>, name: &str, what: &str) -> bool {
    let Some(goos) = Goos::parse(name) else { return false };
    let fact = reader.fact(goos, what);
    reader.host.settle("os", |host| &mut host.goos, fact, Goos::eq);
    true
}

/// GOARCH, or `uname -m`.
fn architecture(reader: &mut Reader<'_>, name: &str, what: &str) -> bool {
    if uname::is_machine(name) && Goarch::parse(name).is_none() {
        reader.machine(name, what);
        return true;
    }
    let Some(arch) = Goarch::parse(name) else { return false };
    let fact = reader.fact(arch, what);
    reader.host.settle("arch", |host| &mut host.arch, fact, Goarch::eq);
    true
}

fn kernel(reader: &mut Reader<'_>, release: &str, what: &str) -> bool {
    let fits = release.starts_with(|c: char| c.is_ascii_digit()) && !release.contains(' ');
    if fits {
        reader.kernel(release, what);
    }
    fits
}

fn distribution(reader: &mut Reader<'_>, name: &str, what: &str) -> bool {
    if name.is_empty() || name.len() > 200 {
        return false;
    }
    reader.distribution(name, what);
    true
}
