//! The table of facts, side by side, and the notes under it.

use std::io;

use super::super::escape::printable;
use super::Page;
use crate::envelope;
use crate::examine::{Examined, Outcome};
use crate::fit::{Fit, Strength};
use crate::trace::Dialect;

impl Page<'_> {
    pub(super) fn facts(&mut self, examined: &Examined, outcome: &Outcome<'_>) -> io::Result<()> {
        let crash = &examined.crash;
        let binary = examined.binary().and_then(|index| outcome.binaries.get(index));
        let facts = binary.map(|binary| binary.facts());
        let mut rows: Vec<[String; 4]> = Vec::new();
        let dash = || "-".to_owned();
        let target = facts.map(|f| {
            let os = f.goos.as_ref().map_or("?", |fact| fact.value.name());
            let arch = f.goarch.as_ref().map_or("?", |fact| fact.value.name());
            format!("{os}/{arch}")
        });
        let host = outcome.host;
        let host_target = host.map(|h| {
            let os = h.goos.as_ref().map_or("?", |fact| fact.value.name());
            let arch = h.arch.as_ref().map_or("?", |fact| fact.value.name());
            format!("{os}/{arch}")
        });
        if target.is_some() || host_target.is_some() {
            rows.push([
                "GOOS/GOARCH".to_owned(),
                dash(),
                target.unwrap_or_else(dash),
                host_target.unwrap_or_else(dash),
            ]);
        }
        if let Some(facts) = facts {
            if let Some((variable, level)) = facts.level.variable.zip(facts.level.in_force.as_ref()) {
                let cpu = host.and_then(|h| h.arm_level()).map(|cpu| format!("ARMv{}", cpu.value.version));
                rows.push([variable.to_owned(), dash(), level.value.clone(), cpu.unwrap_or_else(dash)]);
            }
            let version = facts.go_version.as_ref().map_or("unknown".to_owned(), |f| f.value.clone());
            rows.push(["Go version".to_owned(), dash(), version, dash()]);
            let cgo =
                facts.cgo.linked.as_ref().map_or("unknown", |f| if f.value { "linked in" } else { "none" });
            rows.push(["C code".to_owned(), dash(), cgo.to_owned(), dash()]);
        }
        let libc = facts.and_then(|f| f.elf.as_ref()?.glibc_needed()).map(|v| format!("glibc >= {v}"));
        let host_libc = host.and_then(|h| h.libc.as_ref()).map(|f| f.value.to_string());
        if libc.is_some() || host_libc.is_some() {
            rows.push([
                "C library".to_owned(),
                dash(),
                libc.unwrap_or_else(|| "none".to_owned()),
                host_libc.unwrap_or_else(dash),
            ]);
        }
        if let Some(signal) = &crash.signal {
            let code = signal.code.map(|code| format!(" code {code}")).unwrap_or_default();
            rows.push(["signal".to_owned(), format!("{}{code}", signal.name), dash(), dash()]);
            if let Some(address) = signal.address {
                rows.push(["fault address".to_owned(), address.to_string(), dash(), dash()]);
            }
        }
        if rows.is_empty() {
            return Ok(());
        }
        let told = if crash.source.core { "core" } else { "log" };
        let heading = self.paint.bold(&format!("{:<15} {told:<22} {:<22} {}", "FACTS", "binary", "host"));
        self.line(&heading)?;
        for [name, log, binary, host] in rows {
            let text = format!("  {name:<13} {log:<22} {binary:<22} {host}");
            self.line(&printable(&text))?;
        }
        self.blank()
    }

    pub(super) fn notes(&mut self, examined: &Examined, outcome: &Outcome<'_>) -> io::Result<()> {
        let crash = &examined.crash;
        let mut notes: Vec<String> =
            crash.losses.iter().map(|loss| format!("not complete: {loss}")).collect();
        // The core itself says whose it is.
        if let Some(index) = examined.binary().filter(|_| !crash.source.core)
            && let Some(fit) = examined.fit()
            && let Some(binary) = outcome.binaries.get(index)
        {
            let path = binary.origin.to_string();
            notes.push(fit_words(fit, &path, examined.is_launch()));
            if let Some((printed, there)) = fit.elsewhere.as_ref().filter(|_| fit.fits()) {
                notes.push(format!(
                    "the same code, but not the same build: the log has {printed} where {path} has {there} \
                     (built in another folder, or with -trimpath)"
                ));
            }
            notes.extend(examined.choice.as_ref().and_then(|choice| choice.why.clone()));
        }
        match crash.dialect {
            Some(Dialect::Gccgo) => {
                notes.push("written by gccgo: frames without arguments and offsets".to_owned())
            }
            Some(Dialect::TinyGo) => notes.push("written by TinyGo, which prints no stack".to_owned()),
            Some(Dialect::Gc) | None => {}
        }
        notes.extend(crash.asides.iter().cloned());
        let source = &crash.source;
        if !source.envelopes.is_empty() {
            let titles = source.envelopes.iter().map(|name| envelope::title(name));
            notes.push(format!("read as: {}", titles.collect::<Vec<_>>().join(", in it ")));
        }
        notes.extend(crash.repairs.iter().map(|repair| format!("mended: {repair}")));
        if let Some(twin) = crash.identical_to {
            notes.push(format!(
                "byte for byte the text of crash {} of this log: shipped twice, or a restart that died in the same way",
                twin.saturating_add(1)
            ));
        }
        notes.extend(crash.notes.iter().take(6).map(|note| format!("log says: {note}")));
        notes.extend(
            crash
                .remarks
                .iter()
                .skip(usize::from(examined.is_launch()))
                .take(6)
                .map(|r| format!("{}: {}", r.speaker, r.text)),
        );
        if !notes.is_empty() {
            self.entries("NOTES", &notes)?;
        }
        let id = self.paint.dim(&format!("ID     {}", examined.signature.id));
        self.line(&id)
    }
}

fn fit_words(fit: &Fit, path: &str, launch: bool) -> String {
    let mut compared = format!("{} of {} frames", fit.matched, fit.checked);
    if fit.creators.0 > 0 {
        compared.push_str(&format!(", {} of {} `created by` lines", fit.creators.1, fit.creators.0));
    }
    match (&fit.not_checked, fit.refuted()) {
        (Some(_), _) if launch => format!("the log names no code, so it cannot be compared with {path}"),
        (Some(reason), _) => reason.clone(),
        (None, true) => {
            let first = fit.misfit.as_ref().map(|m| format!("; first misfit: {}: {}", m.frame, m.why));
            format!("the log does not fit {path} ({compared}){}", first.unwrap_or_default())
        }
        (None, false) => {
            let fault = if fit.fault == Some(true) { ", and the address of the fault" } else { "" };
            let strength = match fit.strength() {
                Some(Strength::Weak) => "weak evidence: so little may fit other builds too",
                Some(Strength::Fair) => "fair evidence",
                _ => "strong evidence",
            };
            format!("the log fits {path} ({compared}{fault}): {strength}")
        }
    }
}
