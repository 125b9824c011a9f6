//! Whether a program can start at all, and how it can without a C library: what the
//! rules about loaders and C libraries share.

use super::super::{Case, Evidence, Remedy};
use crate::trace::Complaint;

/// The words of who found no file; 127: a shell, or the loader, did; 203: systemd's
/// execve failed.
pub(super) fn not_found<'a>(case: &Case<'a>) -> Option<(&'a Complaint, Evidence)> {
    case.complaint(|c| matches!(c, Complaint::NotFound { .. })).or_else(|| {
        case.complaint(|c| matches!(c, Complaint::Exited { status: 127 | 203 })).filter(|_| case.unnamed())
    })
}

/// Is the question whether the executable can start at all? The words of who found a
/// file missing, `Some(None)` where there is no log.
pub(super) fn refused_to_start(case: &Case<'_>) -> Option<Option<Evidence>> {
    let named = case.complaint(|c| matches!(c, Complaint::InterpreterMissing { .. }));
    match named.or_else(|| not_found(case)) {
        Some((_, log)) => Some(Some(log)),
        None => case.silent().then_some(None),
    }
}

/// How to build so that no C library is needed. Where only std packages call
/// C, switching cgo off is enough; a program with C code of its own has to be
/// linked statically.
pub(super) fn without_libc(case: &Case<'_>) -> Remedy {
    let std = ["net", "os/user", "runtime/cgo", "plugin"];
    let own = case.binary.is_some_and(|b| b.facts.cgo.packages.iter().any(|p| !std.contains(&p.as_str())));
    let package = case.main_package();
    if own {
        let run = format!("CC=musl-gcc go build -ldflags '-linkmode external -extldflags -static' {package}");
        Remedy::noted(run, "the program has C code of its own: link it statically")
    } else {
        Remedy::command(format!("CGO_ENABLED=0 go build {package}"))
    }
}
