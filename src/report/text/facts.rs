//! The table of facts, side by side, and the notes under it.

use std::io;

use super::{Mark, Page};
use crate::binary::Facts;
use crate::diagnose::{Confidence, Met, Side};
use crate::envelope;
use crate::examine::{Examined, Outcome};
use crate::fit::{Fit, Strength};
use crate::host::Host;
use crate::trace::Dialect;

impl Page<'_> {
    pub(super) fn facts<'a>(&mut self, examined: &'a Examined) -> io::Result<()> {
        // What only the executable says is told where it says what the program is.
        let is_told = |side: &&Side| side.alone || side.log.is_some() || side.host.is_some();
        let text = |text: &'a Option<String>| text.as_deref().unwrap_or("-");
        let rows: Vec<(Mark, Vec<&str>)> = examined
            .diagnosis
            .sides
            .iter()
            .filter(is_told)
            .map(|side| {
                let mark = match side.met {
                    Met::No(Confidence::Possible) => Mark::Doubt("?"),
                    Met::No(_) => Mark::Bad("!"),
                    Met::Yes | Met::Unknown => Mark::None,
                };
                // What a level means matters beside something to compare it with.
                let level = side.binary.as_deref().and_then(|text| text.split_once(": "));
                let binary = match level.filter(|_| side.log.is_none() && side.host.is_none()) {
                    Some((level, _)) => level,
                    None => text(&side.binary),
                };
                (mark, vec![side.what, text(&side.log), binary, text(&side.host)])
            })
            .collect();
        if rows.is_empty() {
            return Ok(());
        }
        let told = if examined.crash.source.core { "core" } else { "log" };
        self.columns(&["FACTS", told, "binary", "host"], &[15, 21, 21, 20], &rows)?;
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
        notes.extend(disagreements(outcome.host, binary_of(examined, outcome)));
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
        // A core holds what the runtime said, which begins with its name.
        let said = |note: &String| if crash.source.core { note.clone() } else { format!("log says: {note}") };
        notes.extend(crash.notes.iter().take(6).map(said));
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

fn binary_of<'o>(examined: &Examined, outcome: &'o Outcome<'_>) -> Option<&'o Facts> {
    examined.binary().and_then(|index| outcome.binaries.get(index)).map(|binary| binary.facts())
}

/// Where two sources of one fact disagree, both.
pub(in crate::report) fn disagreements(host: Option<&Host>, facts: Option<&Facts>) -> Vec<String> {
    let of_host = host.into_iter().flat_map(|host| &host.conflicts).map(ToString::to_string);
    let of_binary = facts.into_iter().flat_map(|facts| &facts.contradictions);
    of_host.chain(of_binary.map(|text| format!("the executable contradicts itself: {text}"))).collect()
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
