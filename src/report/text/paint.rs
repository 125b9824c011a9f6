//! Colours and line breaks.

use colored::Colorize;
use unicode_width::UnicodeWidthStr;

use super::super::Style;

/// Colours, or none. Pad first and paint afterwards: escape codes have no width.
pub(in crate::report) struct Painter {
    colour: bool,
}

impl Painter {
    pub(in crate::report) fn new(style: &Style) -> Painter {
        Painter { colour: style.colour }
    }

    fn paint(&self, text: &str, with: impl Fn(&str) -> colored::ColoredString) -> String {
        if self.colour { with(text).to_string() } else { text.to_owned() }
    }

    pub(in crate::report) fn bold(&self, text: &str) -> String {
        self.paint(text, |t| t.bold())
    }

    pub(in crate::report) fn dim(&self, text: &str) -> String {
        self.paint(text, |t| t.dimmed())
    }

    pub(in crate::report) fn bad(&self, text: &str) -> String {
        self.paint(text, |t| t.red().bold())
    }

    pub(in crate::report) fn good(&self, text: &str) -> String {
        self.paint(text, |t| t.green().bold())
    }

    pub(in crate::report) fn doubt(&self, text: &str) -> String {
        self.paint(text, |t| t.yellow().bold())
    }
}

/// Breaks text at blanks into lines of at most `width` columns; a word that is
/// longer stands alone, uncut, so that paths can be copied.
pub(in crate::report) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let length = line.width().saturating_add(1).saturating_add(word.width());
        if !line.is_empty() && length > width {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_not_cut() {
        assert_eq!(wrap("a bb ccc", 4), ["a bb", "ccc"]);
        assert_eq!(wrap("see /a/very/long/path now", 8), ["see", "/a/very/long/path", "now"]);
        assert_eq!(wrap("", 8), [""]);
    }
}
