//! What is told of one crash and of one document, as a line of JSON. Records are
//! all that is handed from machine to machine: every summary is a fold of them.
//!
//! An id is a hash of where a record comes from and what it says, so that what was
//! read twice counts once.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::origin::Origin;
use crate::trace::Source;

/// The digest of no text.
const NO_TEXT: &str = "0000000000000000";
/// Version of the records.
pub(super) const VERSION: u32 = 1;

pub enum Record {
    Crash(Box<CrashRecord>),
    Document(DocumentRecord),
}

/// How much a record of a crash tells: the one that tells more is the greater one.
pub(super) type Reading = (u64, u32, u64);

/// Where a record comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct From {
    pub path: String,
    /// Number of the document among those of its file.
    pub document: u64,
    /// Names inside of archives, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CrashRecord {
    record: CrashTag,
    pub v: u32,
    pub id: String,
    #[serde(flatten)]
    pub from: From,
    /// A hash of its text, without what wraps it.
    #[serde(default)]
    pub digest: String,
    /// A hash of its text and of the moment, where that is known to the microsecond:
    /// records with the same one tell of one crash, in several documents.
    #[serde(default)]
    pub event: Option<String>,
    /// Bytes and lines of the document.
    pub offset: u64,
    pub end: u64,
    /// Its number among the crashes of the same bytes: one line of JSON, or a document that
    /// was read as a whole, can hold several.
    #[serde(default, skip_serializing_if = "is_none")]
    pub nth: u64,
    pub line: u64,
    pub last_line: u64,
    /// When it was logged: UTC, where the log tells date and zone.
    pub time: Option<String>,
    pub unix_ms: Option<i64>,
    /// The stamp as it was printed.
    pub stamp: Option<String>,
    /// Which program it is, and what tells.
    pub program: String,
    pub program_from: String,
    /// Where it ran: what the log or its path tells of pod, container, host, unit.
    pub place: BTreeMap<String, String>,
    pub kind: String,
    pub message: String,
    /// Function and place to look at.
    pub site: Option<Site>,
    pub signature: String,
    pub variant: String,
    /// The executable that fits.
    pub build: Option<Build>,
    /// Faults of build and deployment, the cause first.
    pub faults: Vec<Fault>,
    pub verdict: String,
    /// Nothing of it is missing.
    pub complete: bool,
    /// As in the JSON report of a single log.
    pub crash: Box<RawValue>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    pub function: String,
    pub file: String,
    pub line: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Build {
    pub path: String,
    pub go_version: Option<String>,
    pub target: Option<String>,
    pub revision: Option<String>,
    /// Other executables that fit as well: the log does not tell which of them it was.
    #[serde(default, skip_serializing_if = "is_none")]
    pub alike: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fault {
    pub id: String,
    pub confidence: String,
    pub title: String,
    pub explains_the_crash: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DocumentRecord {
    record: DocumentTag,
    pub v: u32,
    pub id: String,
    #[serde(flatten)]
    pub from: From,
    pub outcome: Outcome,
    /// Why it was not read, or not to its end.
    pub reason: Option<String>,
    /// Bytes of it, decompressed, and lines that were read.
    pub bytes: u64,
    pub lines: u64,
    pub crashes: u64,
    /// Codecs that were taken off, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codecs: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Read,
    Empty,
    NotText,
    /// Not to its end.
    Failed,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum CrashTag {
    Crash,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum DocumentTag {
    Document,
}

impl From {
    pub fn new(origin: &Origin, document: u64) -> From {
        let members = origin.members.iter().map(|member| member.to_string()).collect();
        From { path: origin.path.to_string(), document, members }
    }

    /// `bundle.tgz!pods/a.log`
    pub fn name(&self) -> String {
        let members = self.members.iter().map(|member| format!("!{member}"));
        std::iter::once(self.path.clone()).chain(members).collect()
    }

    fn hash(&self, rest: &[&str]) -> String {
        let document = self.document.to_string();
        let own = [self.path.as_str(), &document].into_iter().chain(self.members.iter().map(String::as_str));
        hash(own.chain(rest.iter().copied()))
    }

    /// The id of the document.
    pub(super) fn document_id(&self) -> String {
        self.hash(&["document"])
    }
}

fn is_none(count: &u64) -> bool {
    *count == 0
}

fn hash<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().iter().take(8).fold(String::new(), |id, byte| format!("{id}{byte:02x}"))
}

impl CrashRecord {
    /// An empty record of a crash at a place.
    pub fn new(
        from: From,
        (bytes, nth): (Range<u64>, u64),
        digest: u64,
        crash: Box<RawValue>,
    ) -> CrashRecord {
        let mut span = format!("{}-{}", bytes.start, bytes.end);
        if nth > 0 {
            span.push_str(&format!("-{nth}"));
        }
        let id = from.hash(&["crash", &span, &format!("{digest:016x}")]);
        CrashRecord {
            record: CrashTag::Crash,
            v: VERSION,
            id,
            from,
            digest: format!("{digest:016x}"),
            event: None,
            offset: bytes.start,
            end: bytes.end,
            nth,
            line: 0,
            last_line: 0,
            time: None,
            unix_ms: None,
            stamp: None,
            program: String::new(),
            program_from: String::new(),
            place: BTreeMap::new(),
            kind: String::new(),
            message: String::new(),
            site: None,
            signature: String::new(),
            variant: String::new(),
            build: None,
            faults: Vec::new(),
            verdict: String::new(),
            complete: true,
            crash,
        }
    }

    /// Takes what it says and the stamp of its first line. Programs die in the same way to
    /// the byte, of the same cause, in different processes: what proves that two records
    /// are of one crash is the moment.
    pub(super) fn tell(&mut self, kind: &str, message: String, source: &Source) {
        // What others than the runtime said has no text of its own.
        if self.digest == NO_TEXT {
            self.digest = hash([kind, message.as_str()].into_iter());
        }
        (self.kind, self.message) = (kind.to_owned(), message);
        let Some(stamp) = &source.stamp else { return };
        self.stamp = Some(stamp.raw.clone());
        self.time = stamp.utc();
        let milliseconds = stamp.unix_nanoseconds.and_then(|at| at.checked_div_euclid(1_000_000));
        self.unix_ms = milliseconds.and_then(|at| i64::try_from(at).ok());
        // A coarser stamp ends in zeros.
        let is_fine = |at: &i128| at.checked_rem_euclid(1_000_000).is_some_and(|rest| rest != 0);
        let fine = stamp.unix_nanoseconds.filter(is_fine);
        self.event = fine.map(|at| hash([self.digest.as_str(), &at.to_string()].into_iter()));
    }

    /// How far it was read, and how much was known of it then.
    pub(super) fn reading(&self) -> Reading {
        let known = u32::from(self.build.is_some()).saturating_mul(1 << 16);
        let faults = u32::try_from(self.faults.len()).unwrap_or(u32::MAX);
        // Differs where what is told of it differs.
        let mut hasher = rustc_hash::FxHasher::default();
        (&self.id, &self.program, &self.place, &self.signature, &self.variant, self.unix_ms)
            .hash(&mut hasher);
        (&self.build, &self.verdict, self.crash.get()).hash(&mut hasher);
        (self.end, known.saturating_add(faults), hasher.finish())
    }

    /// Bytes of its longer texts.
    pub(super) fn length(&self) -> usize {
        let place = self.place.values().map(|name| name.len().saturating_add(64));
        let faults = self.faults.iter().map(|fault| fault.title.len().saturating_add(128));
        let texts = [self.message.len(), self.crash.get().len(), self.program.len(), 512];
        texts.into_iter().chain(place).chain(faults).fold(0, usize::saturating_add)
    }

    /// A process has ended by it, or could not start: no dump that was asked for, and
    /// no error of a program that goes on.
    pub fn is_crash(&self) -> bool {
        !matches!(self.kind.as_str(), "goroutine-dump" | "error")
    }
}

impl DocumentRecord {
    /// How far it was read.
    pub(super) fn reading(&self) -> (u8, u64, u64, u64) {
        (self.outcome.reach(), self.bytes, self.lines, self.crashes)
    }

    pub fn new(from: From, outcome: Outcome, reason: Option<String>) -> DocumentRecord {
        let id = from.document_id();
        let record = DocumentTag::Document;
        DocumentRecord {
            record,
            v: VERSION,
            id,
            from,
            outcome,
            reason,
            bytes: 0,
            lines: 0,
            crashes: 0,
            codecs: Vec::new(),
        }
    }
}

impl Record {
    pub fn id(&self) -> &str {
        match self {
            Record::Crash(crash) => &crash.id,
            Record::Document(document) => &document.id,
        }
    }

    pub fn from(&self) -> &From {
        match self {
            Record::Crash(crash) => &crash.from,
            Record::Document(document) => &document.from,
        }
    }

    /// Bytes that it takes in memory, more or less.
    pub(super) fn weight(&self) -> u64 {
        let from = self.from();
        let names = from.members.iter().map(String::len).fold(from.path.len(), usize::saturating_add);
        let own = match self {
            Record::Crash(crash) => crash.length().saturating_add(size_of::<CrashRecord>()),
            Record::Document(document) => {
                document.reason.as_ref().map_or(0, String::len).saturating_add(size_of::<DocumentRecord>())
            }
        };
        names.saturating_add(own) as u64
    }

    /// One line of JSON, without the newline.
    ///
    /// # Errors
    /// None is known.
    pub fn line(&self) -> serde_json::Result<String> {
        match self {
            Record::Crash(crash) => serde_json::to_string(crash),
            Record::Document(document) => serde_json::to_string(document),
        }
    }

    /// Reads a line that [`Record::line`] wrote.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(line: &str) -> Result<Record, String> {
        #[derive(Deserialize)]
        struct Head {
            record: String,
            v: u32,
        }
        let say = |error: serde_json::Error| format!("no record of panicmap scan: {error}");
        let head: Head = serde_json::from_str(line).map_err(say)?;
        if head.v != VERSION {
            return Err(format!("a record of version {}; this panicmap reads version {VERSION}", head.v));
        }
        match head.record.as_str() {
            "crash" => serde_json::from_str(line).map(Record::Crash).map_err(say),
            "document" => serde_json::from_str(line).map(Record::Document).map_err(say),
            other => Err(format!("a record `{other}`, which is not known here")),
        }
    }

    /// The order in which records are written: by path, document, and place in it;
    /// the document comes behind its crashes.
    pub fn order(&self, other: &Record) -> Ordering {
        self.place().cmp(&other.place()).then_with(|| self.id().cmp(other.id()))
    }

    /// What it tells of: a document, or a crash by where it begins.
    fn place(&self) -> impl Ord + '_ {
        let inside = match self {
            Record::Crash(crash) => (0, crash.offset, crash.nth),
            Record::Document(_) => (1, 0, 0),
        };
        let from = self.from();
        (&from.path, from.document, inside)
    }

    /// Of two records of one thing, the one that tells more comes first.
    fn worth(&self, other: &Record) -> Ordering {
        let told = match (self, other) {
            (Record::Crash(a), Record::Crash(b)) => b.reading().cmp(&a.reading()),
            (Record::Document(a), Record::Document(b)) => b.reading().cmp(&a.reading()),
            _ => Ordering::Equal,
        };
        told.then_with(|| self.line().unwrap_or_default().cmp(&other.line().unwrap_or_default()))
    }
}

/// Records in their order, each once. Of two of one document or crash that differ, since
/// one of them was cut short or read without the executable, the one that tells more is
/// taken.
pub fn distinct(mut records: Vec<Record>) -> Vec<Record> {
    records.sort_by(|a, b| a.place().cmp(&b.place()).then_with(|| a.worth(b)));
    records.dedup_by(|a, b| a.place() == b.place());
    records
}

impl Outcome {
    /// How far it was read.
    pub(super) fn reach(self) -> u8 {
        match self {
            Outcome::Failed => 0,
            Outcome::NotText => 1,
            Outcome::Empty => 2,
            Outcome::Read => 3,
        }
    }
}
