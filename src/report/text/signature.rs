//! What the signature is a hash of, and what was left out of it.

use std::io;

use super::Page;
use crate::examine::Examined;
use crate::trace::{Fate, explain};

/// Dropped frames of one kind that are named.
const NAMED: usize = 6;

impl Page<'_> {
    /// Only where it is asked for.
    pub(super) fn signature(&mut self, examined: &Examined) -> io::Result<()> {
        if !self.style.explain_signature {
            return Ok(());
        }
        let signature = &examined.signature;
        self.blank()?;
        self.hash("SIGNATURE", &signature.id, &signature.text)?;
        let steps = explain(&examined.crash);
        if steps.is_empty() {
            self.line("  the log has no goroutine to take frames from")?;
        } else {
            self.line("  frames, innermost first:")?;
        }
        // Frames that were dropped for one reason stand together.
        for run in steps.chunk_by(|a, b| a.fate.reason().is_some() && a.fate.reason() == b.fate.reason()) {
            let Some(first) = run.first() else { continue };
            match (&first.fate, first.fate.reason()) {
                (Fate::Unit(unit), _) if unit == first.function => self.labelled("hashed", unit)?,
                (Fate::Unit(unit), _) => {
                    self.labelled("hashed", &format!("{}  as  {unit}", first.function))?;
                }
                (_, reason) => {
                    let names: Vec<&str> = run.iter().take(NAMED).map(|step| step.function).collect();
                    let more = match run.len().saturating_sub(NAMED) {
                        0 => String::new(),
                        n => format!(" and {n} more"),
                    };
                    let text = format!("{}{more}  ({})", names.join(", "), reason.unwrap_or_default());
                    self.labelled("dropped", &text)?;
                }
            }
        }
        self.hash("VARIANT", &signature.variant, &signature.variant_text)
    }

    fn hash(&mut self, heading: &str, id: &str, text: &str) -> io::Result<()> {
        let heading = self.paint.bold(heading);
        self.line(&format!("{heading}  {id}: the first 8 bytes of the SHA-256 of"))?;
        // Line by line as it is hashed: not wrapped, so that it can be hashed again.
        text.lines().try_for_each(|line| {
            let line = super::printable(line).into_owned();
            self.line(&format!("    {line}"))
        })
    }
}
