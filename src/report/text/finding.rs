//! Findings, and the rules that could not be asked.

use std::io;

use super::super::escape::printable;
use super::page::Page;
use super::paint::wrap;
use crate::diagnose::{Confidence, Finding, NotAsked, Remedy};

impl Page<'_> {
    pub(in crate::report) fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let heading = match (finding.explains, finding.confidence) {
            (false, _) if finding.fault == "log-not-from-binary" => "WRONG EXECUTABLE",
            (false, _) => "ALSO WRONG",
            (true, Confidence::Certain) => "CAUSE",
            (true, Confidence::Likely) => "LIKELY CAUSE",
            (true, Confidence::Possible) => "POSSIBLE CAUSE",
        };
        self.finding_under(heading, finding)
    }

    pub(in crate::report) fn finding_under(&mut self, heading: &str, finding: &Finding) -> io::Result<()> {
        let tag = format!("[{}]", finding.confidence.name());
        let width = self.style.width.saturating_sub(heading.len()).saturating_sub(2);
        let heading = match finding.confidence {
            Confidence::Certain => self.paint.bad(heading),
            _ => self.paint.doubt(heading),
        };
        let text = format!("{}  {tag}", finding.claim);
        let lines = wrap(&printable(&text), width);
        for (index, line) in lines.iter().enumerate() {
            if index == 0 {
                self.line(&format!("{heading}  {line}"))?;
            } else {
                self.line(&format!("  {line}"))?;
            }
        }
        for (index, evidence) in finding.evidence.iter().enumerate() {
            let label = if index == 0 { "evidence" } else { "" };
            self.labelled(
                label,
                &format!("{:<7} {}   ({})", evidence.from.name(), evidence.fact, evidence.place),
            )?;
        }
        for (index, fix) in finding.fix.iter().enumerate() {
            let label = if index == 0 { "fix" } else { "" };
            match fix {
                Remedy::Advice(text) => self.labelled(label, text)?,
                // Commands are there to be copied: they are not wrapped.
                Remedy::Command { run, note } => {
                    let label = self.paint.dim(&format!("{label:<10}"));
                    self.line(&format!("  {label}{}", printable(run)))?;
                    if !note.is_empty() {
                        self.labelled("", &format!("# {note}"))?;
                    }
                }
            }
        }
        if let Some(decide) = &finding.decide {
            self.labelled("decides", decide)?;
        }
        self.labelled("more", &format!("panicmap explain {}", finding.fault))?;
        self.blank()
    }

    /// What could not be asked, grouped by what it needs.
    pub(in crate::report) fn not_asked(&mut self, not_asked: &[NotAsked]) -> io::Result<()> {
        let mut needs: Vec<&'static str> = not_asked.iter().map(|n| n.needs).collect();
        needs.dedup();
        for need in needs {
            let faults: Vec<&str> = not_asked.iter().filter(|n| n.needs == need).map(|n| n.fault).collect();
            self.labelled("not asked", &format!("{}; needs {need}", faults.join(", ")))?;
        }
        Ok(())
    }
}
