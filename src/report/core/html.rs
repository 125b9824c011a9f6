//! One HTML file that needs nothing else: no script, no font, no image.

use std::io::{self, Write};

use super::super::Style;
use super::super::escape::html as text;
use super::CoreStyle;
use super::document::{Part, document};
use crate::examine::core::CoreOutcome;

const CSS: &str = include_str!("post-mortem.css");

pub(super) fn write(
    outcome: &CoreOutcome<'_>,
    style: &Style,
    more: CoreStyle,
    out: &mut dyn Write,
) -> io::Result<()> {
    let document = document(outcome, style, more);
    let title = text(&document.title);
    write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>Post-mortem: {title}</title>\n<style>\n{CSS}</style>\n</head>\n<body>\n<main>\n\
         <p class=\"kind\">Post-mortem</p>\n<h1>{title}</h1>\n<p class=\"kind\">{}</p>\n",
        text(&document.of)
    )?;
    for part in &document.parts {
        match part {
            Part::Heading(heading) => writeln!(out, "<h2>{}</h2>", text(heading))?,
            Part::Paragraph(paragraph) => writeln!(out, "<p>{}</p>", text(paragraph))?,
            Part::Table(rows) => {
                writeln!(out, "<table>")?;
                for (label, cell) in rows {
                    writeln!(out, "<tr><th scope=\"row\">{}</th><td>{}</td></tr>", text(label), text(cell))?;
                }
                writeln!(out, "</table>")?;
            }
            Part::Grid(rows) => grid(rows, out)?,
            Part::List(items) => {
                writeln!(out, "<ul>")?;
                items.iter().try_for_each(|item| writeln!(out, "<li>{}</li>", text(item)))?;
                writeln!(out, "</ul>")?;
            }
            Part::Code(code) => writeln!(out, "<pre>{}</pre>", lines(code))?,
            Part::Folded { summary, code } => {
                let (summary, code) = (text(summary), lines(code));
                writeln!(out, "<details><summary>{summary}</summary><pre>{code}</pre></details>")?;
            }
        }
    }
    writeln!(out, "</main>\n</body>\n</html>")
}

fn grid(rows: &[Vec<String>], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<div class=\"grid\"><table>")?;
    for (number, row) in rows.iter().enumerate() {
        write!(out, "<tr>")?;
        for (column, cell) in row.iter().enumerate() {
            let (open, close) = match (number, column) {
                (0, 0) => ("<td>", "</td>"),
                (0, _) => ("<th scope=\"col\">", "</th>"),
                (_, 0) => ("<th scope=\"row\">", "</th>"),
                _ => ("<td>", "</td>"),
            };
            write!(out, "{open}{}{close}", text(cell))?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</table></div>")
}

fn lines(code: &str) -> String {
    let line = |line: &str| {
        let (tab, rest) = line.strip_prefix('\t').map_or(("", line), |rest| ("    ", rest));
        format!("{tab}{}\n", text(rest))
    };
    code.lines().map(line).collect()
}
