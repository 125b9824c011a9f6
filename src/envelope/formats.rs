//! The table of line formats: one row per format.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::record::{Blocks, Record, Text};
use super::{container, csv, journal, prefixed, structured, yaml};

/// A format in which every line (or every record) of a log wraps one line of a
/// program.
pub struct Format {
    /// Name for `--envelope` and for the report.
    pub name: &'static str,
    /// What writes it.
    pub title: &'static str,
    pub(super) proof: Proof,
    pub(super) reader: Reader,
    pub(super) stray: Stray,
}

impl std::fmt::Debug for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// What it takes to believe in a format.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// Its fixed parts prove it: one line is enough.
    Line,
    /// Fixed parts that other text may have too: several lines must read.
    Lines,
    /// Hardly any fixed part: nearly all lines must read, and look like a crash
    /// only after it is taken off.
    Gain,
}

pub(super) enum Reader {
    /// Named groups: `text`, `time`, `part` (P or F), `more` (+ for a line that
    /// goes on from the one before), and fields of the identity.
    Pattern(&'static str),
    /// The same, made from the lines themselves.
    Built(Regex),
    /// As `Pattern`, and what is then done to the text.
    Mended(&'static str, fn(Vec<u8>) -> Vec<u8>),
    Line(fn(&[u8], &mut Vec<Record>) -> bool),
    /// Records of several lines.
    Block(fn(&[u8]) -> Blocks),
}

/// Lines between those that read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stray {
    /// They are other output.
    Apart,
    /// They belong to the record before them.
    Continue,
    /// They do where they are indented, by as much as the prefix is wide.
    Indented,
}

macro_rules! rows {
    ($($name:literal, $title:literal, $proof:ident, $stray:ident, $reader:expr;)*) => {
        &[$(Format { name: $name, title: $title, proof: Proof::$proof, stray: Stray::$stray, reader: $reader }),*]
    };
}

use Reader::{Block, Built, Line, Mended, Pattern};

/// Ordered: of two formats that read the same lines, the first is taken.
pub static FORMATS: &[Format] = rows![
    "docker-json", "docker json-file", Line, Apart, Line(structured::docker);
    "journal-export", "journalctl -o export", Lines, Apart, Block(journal::export);
    "journal-verbose", "journalctl -o verbose", Lines, Apart, Block(journal::verbose);
    "json", "JSON records of collectors and stores", Line, Apart, Line(structured::lines);
    "cri", "CRI (containerd, CRI-O, podman)", Line, Apart, Pattern(prefixed::CRI);
    "gitlab", "GitLab CI", Line, Apart, Pattern(prefixed::GITLAB);
    "kubectl-prefix", "kubectl logs --prefix", Line, Apart, Pattern(prefixed::KUBECTL);
    "gh-run", "gh run view --log", Lines, Apart, Pattern(prefixed::GH_RUN);
    "fluentd", "fluentd out_file", Lines, Apart, Pattern(prefixed::FLUENTD);
    "loki", "logcli", Lines, Apart, Pattern(prefixed::LOKI);
    "grafana", "Grafana log download", Lines, Apart, Pattern(prefixed::GRAFANA);
    "heroku", "heroku logs", Lines, Apart, Pattern(prefixed::HEROKU);
    "syslog-5424", "syslog (RFC 5424)", Lines, Indented, Mended(prefixed::SYSLOG_5424, prefixed::octal);
    "syslog", "syslog (RFC 3164), journalctl", Lines, Indented, Mended(prefixed::SYSLOG, prefixed::octal);
    "tai64n", "multilog, s6-log, svlogd (TAI64N)", Lines, Apart, Pattern(prefixed::TAI64N);
    "stern", "stern", Gain, Apart, Pattern(prefixed::STERN);
    "aws-tail", "aws logs tail", Gain, Apart, Pattern(prefixed::AWS_TAIL);
    "aws-text", "aws logs --output text", Lines, Apart, Pattern(prefixed::AWS_TEXT);
    "stamp", "a time stamp before each line", Gain, Continue, Pattern(prefixed::STAMP);
    "compose", "docker compose", Gain, Apart, Pattern(prefixed::COMPOSE);
    "bracket", "[name] before each line (kubetail, Jenkins)", Gain, Apart, Pattern(prefixed::BRACKET);
    "sse", "server-sent events", Gain, Apart, Pattern(prefixed::SSE);
    "json-seq", "JSON text sequence (RFC 7464)", Gain, Apart, Pattern(prefixed::JSON_SEQ);
    "numbered", "cat -n", Gain, Apart, Pattern(prefixed::NUMBERED);
    "grep", "grep -n, grep -H", Gain, Apart, Pattern(prefixed::GREP);
    "quote", "quoted in markdown or mail", Gain, Apart, Pattern(prefixed::QUOTE);
    "yaml", "YAML with a folded message (kubectl get -o yaml)", Gain, Apart, Block(yaml::scalars);
    "csv", "CSV cells", Gain, Apart, Block(csv::cells);
    "csv-lines", "CSV, one line of a log in a row", Gain, Apart, Line(csv::row);
];

/// A format of a document as a whole.
pub(super) struct Document {
    pub(super) name: &'static str,
    pub(super) read: fn(&[u8]) -> Option<Blocks>,
    /// Whether the beginning of a document has this form.
    pub(super) begins: fn(&[u8]) -> bool,
}

pub(super) static DOCUMENTS: &[Document] = &[
    Document { name: "docker-local", read: container::local, begins: container::begins_local },
    Document { name: "docker-api", read: container::api, begins: container::begins_api },
];

/// What writes the format of a name.
pub fn title(name: &str) -> &str {
    const OTHERS: &[(&str, &str)] = &[
        ("prefix", "lines with the same text before each"),
        ("utf-16", "UTF-16"),
        ("cr-lines", "lines that end in CR"),
        ("quoted-printable", "quoted-printable (mail)"),
        ("base64", "base64 (mail)"),
        ("docker-local", "docker local"),
        ("docker-api", "docker API stream"),
        ("json-document", "JSON document"),
    ];
    let other = || OTHERS.iter().find(|(other, _)| *other == name).map(|(_, title)| *title);
    find(name).map(|format| format.title).or_else(other).unwrap_or(name)
}

/// The format of a name.
pub fn find(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

type Lazy = LazyLock<Option<Regex>, Box<dyn Fn() -> Option<Regex> + Send + Sync>>;

static PATTERNS: LazyLock<Vec<Option<Lazy>>> = LazyLock::new(|| {
    FORMATS
        .iter()
        .map(|format| match format.reader {
            Pattern(pattern) | Mended(pattern, _) => {
                let build: Box<dyn Fn() -> Option<Regex> + Send + Sync> =
                    Box::new(move || Regex::new(pattern).ok());
                Some(LazyLock::new(build))
            }
            _ => None,
        })
        .collect()
});

/// Groups of a pattern that name who wrote the line.
const FIELDS: &[(&str, &str)] = &[
    ("namespace", "namespace"),
    ("pod", "pod"),
    ("container", "container"),
    ("stream", "stream"),
    ("host", "host"),
    ("unit", "unit"),
    ("service", "service"),
    ("log_stream", "log_stream"),
    ("tag", "tag"),
    ("tag2", "tag"),
    ("pid", "pid"),
    ("pid2", "pid"),
    ("job", "job"),
    ("step", "step"),
    ("file", "file"),
];

impl Format {
    pub(super) fn is_json(&self) -> bool {
        matches!(self.name, "docker-json" | "json")
    }

    fn pattern(&self) -> Option<&Regex> {
        if let Built(pattern) = &self.reader {
            return Some(pattern);
        }
        let index = FORMATS.iter().position(|format| std::ptr::eq(format, self))?;
        PATTERNS.get(index)?.as_ref()?.as_ref()
    }

    /// Whether a line has this form.
    pub(super) fn reads(&self, line: &[u8]) -> bool {
        match self.reader {
            Pattern(_) | Mended(..) | Built(_) => {
                self.pattern().is_some_and(|pattern| pattern.is_match(line))
            }
            Line(read) => read(line, &mut Vec::new()),
            Block(read) => !read(line).is_empty(),
        }
    }

    /// Reads a line; a line of JSON may hold several records.
    pub(super) fn read(&self, line: &[u8], out: &mut Vec<Record>) -> bool {
        match self.reader {
            Pattern(_) => self.groups(line, out),
            Built(_) => {
                let read = self.groups(line, out);
                if let Some(record) = out.last_mut().filter(|_| read) {
                    record.stamp = stamp_inside(line, &record.text);
                    mended(record, line, prefixed::octal);
                }
                read
            }
            Mended(_, mend) => {
                let read = self.groups(line, out);
                if let Some(record) = out.last_mut().filter(|_| read) {
                    mended(record, line, mend);
                }
                read
            }
            Line(read) => read(line, out),
            Block(_) => false,
        }
    }

    fn groups(&self, line: &[u8], out: &mut Vec<Record>) -> bool {
        let Some(found) = self.pattern().and_then(|pattern| pattern.captures(line)) else { return false };
        let text = found.name("text").map_or(line.len()..line.len(), |text| text.range());
        let text_start = text.start;
        let mut record = Record::of(Text::Part(text));
        if let Some(stamp) = &found.name("time")
            && let Some(part) = line.get(text_start..)
            && let Some(clean) = prefixed::without_stamps(part, stamp.as_bytes())
        {
            record.text = Text::Own(clean);
        }
        record.newline = found.name("part").is_none_or(|part| !part.as_bytes().starts_with(b"P"));
        record.continues = found.name("more").is_some_and(|more| more.as_bytes() == b"+");
        record.stamp = found.name("time").map(|time| Text::Part(time.range()));
        if let Some(labels) = found.name("labels") {
            record.identity.extend(structured::labels(labels.as_bytes()));
        }
        for (group, field) in FIELDS {
            if let Some(value) = found.name(group) {
                let value = match value.as_bytes() {
                    b"O" if *field == "stream" => "stdout".into(),
                    b"E" if *field == "stream" => "stderr".into(),
                    other => String::from_utf8_lossy(other),
                };
                record.identity.push((field, value.into_owned()));
            }
        }
        out.push(record);
        true
    }
}

/// Escapes of syslog begin with `#`: a text without one is not copied.
fn mended(record: &mut Record, line: &[u8], mend: fn(Vec<u8>) -> Vec<u8>) {
    let text = record.text.of(line);
    if matches!(record.text, Text::Part(_)) && text.contains(&b'#') {
        record.text = Text::Own(mend(text.to_vec()));
    }
}

/// A date and time of day anywhere in a prefix.
static STAMP: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?-u)\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?").ok()
});

fn stamp_inside(line: &[u8], text: &Text) -> Option<Text> {
    let Text::Part(range) = text else { return None };
    let found = STAMP.as_ref()?.find(line.get(..range.start)?)?;
    Some(Text::Part(found.range()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles_and_names_are_unique() {
        for (index, format) in FORMATS.iter().enumerate() {
            let pattern = matches!(format.reader, Pattern(_) | Mended(..));
            assert_eq!(format.pattern().is_some(), pattern, "{}", format.name);
            assert!(FORMATS[..index].iter().all(|other| other.name != format.name), "{}", format.name);
        }
    }
}
