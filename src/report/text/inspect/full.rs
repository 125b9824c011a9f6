//! Everything about one executable.

use std::io;

use super::rows::rows;
use super::words::calls;
use super::{Sheet, printable};
use crate::binary::buildinfo::{BuildInfo, Module};
use crate::binary::{Binary, effects};

const COLUMN: usize = 21;

impl Sheet<'_> {
    pub(super) fn full(&mut self, binary: &Binary) -> io::Result<()> {
        let heading = self.paint.bold(&printable(&binary.origin.to_string()));
        self.line(&heading)?;
        for row in rows(binary) {
            let text =
                if row.from.is_empty() { row.value } else { format!("{}   [{}]", row.value, row.from) };
            self.entry(&row.name, &text, COLUMN)?;
        }
        self.effects(binary)?;
        if let Some(calls) = calls(binary, usize::MAX) {
            self.heading("C FUNCTIONS THAT GO CALLS, BY PACKAGE")?;
            calls.split("; ").try_for_each(|package| self.entry("", package, 4))?;
        }
        if let Some(build) = &binary.facts().build {
            self.build_info(build)?;
        }
        self.image(binary)?;
        let imports: Vec<String> = binary
            .imports()
            .iter()
            .map(|import| {
                let version = import.version.as_deref().or(import.library.as_deref());
                version.map_or(import.name.clone(), |version| format!("{} ({version})", import.name))
            })
            .collect();
        self.list("SYMBOLS OF LIBRARIES", &imports)?;
        let packages = binary.names().map_or(&[][..], |names| &names.packages);
        self.list("PACKAGES LINKED IN", packages)
    }

    fn heading(&mut self, text: &str) -> io::Result<()> {
        self.line("")?;
        let text = self.paint.bold(text);
        self.line(&text)
    }

    fn list(&mut self, title: &str, names: &[String]) -> io::Result<()> {
        if names.is_empty() {
            return Ok(());
        }
        self.heading(&format!("{title} ({})", names.len()))?;
        self.entry("", &names.join(", "), 4)
    }

    fn effects(&mut self, binary: &Binary) -> io::Result<()> {
        let Ok(effects) = effects(binary) else { return Ok(()) };
        if effects.is_empty() {
            return Ok(());
        }
        let linked = binary.facts().cgo.linked.as_ref().is_some_and(|fact| fact.value);
        let title =
            if linked { "WHAT CGO DECIDES HERE (it is on)" } else { "WHAT CGO DECIDES HERE (it is off)" };
        self.heading(title)?;
        for effect in effects {
            let changes = if effect.changes { "" } else { "no change: " };
            let label = format!("{} ({})", effect.id, effect.package);
            if label.len() > COLUMN.saturating_sub(3) {
                self.entry("", &label, 2)?;
                self.entry("", &format!("{changes}{}", effect.text), COLUMN)?;
            } else {
                self.entry(&label, &format!("{changes}{}", effect.text), COLUMN)?;
            }
        }
        Ok(())
    }

    /// As `go version -m` prints it, byte for byte.
    fn build_info(&mut self, build: &BuildInfo) -> io::Result<()> {
        self.heading("BUILD INFO, AS go version -m PRINTS IT")?;
        for line in lines(build) {
            // Columns are separated by TABs, which are safe where they stand
            // between fields and only there.
            let fields: Vec<String> = line.iter().map(|field| printable(field).into_owned()).collect();
            self.out.write_all(format!("\t{}\n", fields.join("\t")).as_bytes())?;
        }
        Ok(())
    }

    fn image(&mut self, binary: &Binary) -> io::Result<()> {
        let image = &binary.image;
        if !image.segments.is_empty() {
            self.heading("SEGMENTS")?;
        }
        for segment in &image.segments {
            let rights = match (segment.writable, segment.executable) {
                (true, true) => "rwx",
                (true, false) => "rw-",
                (false, true) => "r-x",
                (false, false) => "r--",
            };
            self.line(&format!(
                "  {:#018x}  {rights}  {:>11} bytes at {:#x}",
                segment.address, segment.length, segment.offset
            ))?;
        }
        if !image.sections.is_empty() {
            self.heading("SECTIONS")?;
        }
        for section in image.sections.iter().filter(|section| !section.name.is_empty()) {
            let name = printable(&section.name);
            self.line(&format!(
                "  {:#018x}  {name:<20} {:>11} bytes at {:#x}",
                section.address, section.length, section.offset
            ))?;
        }
        Ok(())
    }
}

/// runtime/debug/mod.go, `BuildInfo.String`.
fn lines(build: &BuildInfo) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    if let Some(path) = &build.path {
        out.push(vec!["path".to_owned(), path.clone()]);
    }
    let mut module = |word: &str, module: &Module| {
        let first = vec![word.to_owned(), module.path.clone(), module.version.clone()];
        match &module.replaced_by {
            None => out.push([first, vec![module.sum.clone()]].concat()),
            Some(other) => {
                out.push(first);
                let other = [other.path.clone(), other.version.clone(), other.sum.clone()];
                out.push([vec!["=>".to_owned()], other.to_vec()].concat());
            }
        }
    };
    if let Some(main) = &build.main {
        module("mod", main);
    }
    build.deps.iter().for_each(|dep| module("dep", dep));
    out.extend(build.settings.iter().map(|(key, value)| {
        let key = if key.is_empty() || key.contains(['=', ' ', '\t', '\r', '\n', '"', '`']) {
            quote(key)
        } else {
            key.clone()
        };
        let value =
            if value.contains([' ', '\t', '\r', '\n', '"', '`']) { quote(value) } else { value.clone() };
        vec!["build".to_owned(), format!("{key}={value}")]
    }));
    out
}

/// strconv.Quote, for text that is printable but for the usual escapes.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_ascii_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
