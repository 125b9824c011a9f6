//! `panicmap check` for people.

use std::io;

use super::super::Style;
use super::super::escape::printable;
use super::super::text::{Page, wrap};
use super::{Checks, difference};
use crate::check::{Checked, Met, Outlook};
use crate::diagnose::Confidence;

pub(super) fn write(checks: &Checks<'_>, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page::new(style, out);
    for (index, checked) in checks.checked.iter().enumerate() {
        if index > 0 {
            page.blank()?;
        }
        page.checked(checked)?;
    }
    if let [_, _, ..] = checks.checked.as_slice() {
        let bad = checks.checked.iter().filter(|checked| checks.fails(checked.outlook())).count();
        page.blank()?;
        page.line(&format!("{} checked, {bad} fail", checks.checked.len()))?;
    }
    Ok(())
}

impl Page<'_> {
    fn checked(&mut self, checked: &Checked<'_>) -> io::Result<()> {
        let facts = checked.binary.facts();
        let target = facts.goos.as_ref().zip(facts.goarch.as_ref());
        let target =
            target.map_or("no Go executable".to_owned(), |(os, arch)| format!("{}/{}", os.value, arch.value));
        let level = facts.level.variable.zip(facts.level.in_force.as_ref());
        let level = level.map(|(variable, level)| format!(" {variable}={}", level.value)).unwrap_or_default();
        let version = facts.go_version.as_ref().map(|fact| format!(", {}", fact.value)).unwrap_or_default();
        let heading = self.paint.bold(&printable(&checked.path));
        self.line(&format!("{heading}  {}", printable(&format!("{target}{level}{version}"))))?;
        let place = checked.host.map(|host| match &host.distribution {
            Some(distribution) => format!(" on {} ({})", host.source, distribution.value),
            None => format!(" on {}", host.source),
        });
        let verdict = match checked.outlook() {
            Outlook::Fails if !checked.mismatches.is_empty() && checked.diagnosis.findings.is_empty() => {
                self.paint.bad("NOT AS EXPECTED")
            }
            Outlook::Fails => self.paint.bad("FAILS"),
            Outlook::Unlikely => self.paint.bad("WILL LIKELY FAIL"),
            Outlook::Doubtful => self.paint.doubt("DOUBTFUL"),
            Outlook::Fine if checked.needs.iter().any(|need| need.met == Met::Unknown) => {
                self.paint.good("NO OBJECTION, as far as the machine is known")
            }
            Outlook::Fine => self.paint.good("NO OBJECTION"),
        };
        self.line(&format!("{verdict}{}", printable(&place.unwrap_or_default())))?;
        for mismatch in &checked.mismatches {
            self.labelled("expected", &difference(mismatch))?;
        }
        self.blank()?;
        for finding in &checked.diagnosis.findings {
            let heading = match finding.confidence {
                Confidence::Certain => "FAULT",
                Confidence::Likely => "LIKELY FAULT",
                Confidence::Possible => "POSSIBLE FAULT",
            };
            self.finding_under(heading, finding)?;
        }
        self.needs(checked)?;
        self.effects(checked)?;
        self.not_asked(&checked.diagnosis.not_asked)
    }

    fn needs(&mut self, checked: &Checked<'_>) -> io::Result<()> {
        if checked.needs.is_empty() {
            return Ok(());
        }
        let heading = self.paint.bold(&format!("{:<21}{:<30}{}", "NEEDS", "program", "there"));
        self.line(&heading)?;
        for need in &checked.needs {
            let mark = match need.met {
                Met::Yes => self.paint.good("ok"),
                Met::No(Confidence::Possible) => self.paint.doubt("? "),
                Met::No(_) => self.paint.bad("NO"),
                Met::Unknown => self.paint.dim("? "),
            };
            let there = need.there.as_deref().unwrap_or("not known");
            let cells = [wrap(&printable(&need.program), 28), wrap(&printable(there), 28)];
            let lines = cells.iter().map(Vec::len).max().unwrap_or(1);
            for at in 0..lines {
                let cell = |column: &Vec<String>| column.get(at).cloned().unwrap_or_default();
                let [program, there] = [cell(&cells[0]), cell(&cells[1])];
                let start = if at == 0 { format!("{mark} {:<18}", need.what) } else { " ".repeat(21) };
                self.line(format!("{start}{program:<30}{there}").trim_end())?;
            }
        }
        self.blank()
    }

    fn effects(&mut self, checked: &Checked<'_>) -> io::Result<()> {
        for (index, effect) in checked.effects.iter().enumerate() {
            let label = if index == 0 { "differs" } else { "" };
            self.labelled(label, &format!("{}: {}", effect.id, effect.brief))?;
        }
        Ok(())
    }
}
