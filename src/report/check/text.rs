//! `panicmap check` for people.

use std::io;

use super::super::Style;
use super::super::escape::printable;
use super::super::text::{Mark, Page, disagreements};
use super::{Checks, difference};
use crate::check::{Checked, Outlook};
use crate::diagnose::{Confidence, Met};

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
            Outlook::Fine if checked.needs().any(|need| need.met == Met::Unknown) => {
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
        for text in disagreements(checked.host, Some(facts)) {
            self.labelled("conflict", &text)?;
        }
        self.not_asked(&checked.diagnosis.not_asked)
    }

    fn needs(&mut self, checked: &Checked<'_>) -> io::Result<()> {
        let mut rows = Vec::new();
        for need in checked.needs() {
            let mark = match need.met {
                Met::Yes => Mark::Good("ok"),
                Met::No(Confidence::Possible) => Mark::Doubt("?"),
                Met::No(_) => Mark::Bad("NO"),
                Met::Unknown => Mark::Dim("?"),
            };
            let there = need.host.as_deref().unwrap_or("not known");
            rows.push((mark, vec![need.what, need.binary.as_deref().unwrap_or(""), there]));
        }
        if rows.is_empty() {
            return Ok(());
        }
        self.columns(&["NEEDS", "program", "there"], &[17, 30, 30], &rows)?;
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
