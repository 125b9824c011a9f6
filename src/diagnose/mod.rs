//! JUDGEMENT: facts of the log, the executable and the host to findings.
//!
//! Opens no file and prints nothing. Every rule is a row of [`RULES`]; a rule
//! whose facts are not at hand is not asked, and the report says what would
//! let it be asked.

mod causes;
mod reach;
mod rules;
mod sides;

use crate::binary::{Facts, goes_by};
use crate::fit::Fit;
use crate::host::Host;
use crate::trace::{Complaint, Crash, Kind, Remark, error_in};

pub use causes::{Cycle, Explanation, Partner, Place, ThirdParty, Wait, Wanted, Why, explain};
pub use reach::faults_on;
pub use rules::RULES;
pub use sides::{Met, Side};

/// Lines of a panic's text that are looked at for an error.
const MESSAGE_LINES: usize = 32;

/// All that is known about one crash, or about an executable and a host where
/// there is no crash.
#[derive(Clone, Copy, Default)]
pub struct Case<'a> {
    pub crash: Option<&'a Crash>,
    pub binary: Option<Subject<'a>>,
    pub host: Option<&'a Host>,
}

/// The executable of a case.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    pub path: &'a str,
    pub facts: &'a Facts,
    pub fit: Option<&'a Fit>,
}

/// How far a finding can be trusted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Confidence {
    /// Facts contradict each other.
    Certain,
    /// A signature that only this fault produces, with one side unseen.
    Likely,
    /// One of several causes; the finding names what would decide.
    Possible,
}

impl Confidence {
    pub fn name(self) -> &'static str {
        match self {
            Confidence::Certain => "certain",
            Confidence::Likely => "likely",
            Confidence::Possible => "possible",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum From {
    Log,
    /// What the runtime would have written, or the signal, by a core dump.
    Core,
    Binary,
    Host,
}

impl From {
    pub fn name(self) -> &'static str {
        match self {
            From::Log => "log",
            From::Core => "core",
            From::Binary => "binary",
            From::Host => "host",
        }
    }
}

/// One fact and where it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    pub from: From,
    pub fact: String,
    pub place: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub fault: &'static str,
    /// What is wrong, with this case's values in it.
    pub claim: String,
    pub confidence: Confidence,
    pub evidence: Vec<Evidence>,
    pub fix: Vec<Remedy>,
    /// What would raise the confidence.
    pub decide: Option<String>,
    /// It is the cause of this crash, not only something else that is wrong.
    pub explains: bool,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Can be pasted into a shell; the note says what it does.
    Command {
        run: String,
        note: &'static str,
    },
    Advice(String),
}

impl Remedy {
    fn command(run: impl Into<String>) -> Remedy {
        Remedy::Command { run: run.into(), note: "" }
    }

    fn noted(run: impl Into<String>, note: &'static str) -> Remedy {
        Remedy::Command { run: run.into(), note }
    }

    fn advice(text: impl Into<String>) -> Remedy {
        Remedy::Advice(text.into())
    }
}

impl std::fmt::Display for Remedy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Remedy::Command { run, note: "" } => f.write_str(run),
            Remedy::Command { run, note } => write!(f, "{run}    # {note}"),
            Remedy::Advice(text) => f.write_str(text),
        }
    }
}

/// Who is to blame.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Verdict {
    ConfigurationFault,
    ProgramBug,
    Resource,
    Environment,
    #[default]
    Unknown,
}

impl Verdict {
    pub fn name(self) -> &'static str {
        match self {
            Verdict::ConfigurationFault => "configuration-fault",
            Verdict::ProgramBug => "program-bug",
            Verdict::Resource => "resource",
            Verdict::Environment => "environment",
            Verdict::Unknown => "unknown",
        }
    }
}

/// A rule of the table.
pub struct Rule {
    /// Kebab-case, never reused.
    pub id: &'static str,
    pub title: &'static str,
    /// Blamed when the rule finds with more than `possible`.
    pub blames: Verdict,
    pub docs: Docs,
    pub check: fn(&Case<'_>) -> Answer,
}

/// What `panicmap explain ID` prints.
pub struct Docs {
    pub what: &'static str,
    pub why: &'static str,
    pub evidence: &'static str,
    pub look_alikes: &'static str,
    pub fix: &'static str,
    pub since: &'static str,
}

/// What a rule says of a case.
pub enum Answer {
    Found(Finding),
    /// Asked, and the fault is not there.
    Clear,
    /// Nothing in the case points at it.
    Irrelevant,
    /// It could be the cause, but what would tell is not at hand.
    NotAsked(&'static str),
}

/// A rule that could not be asked, and what it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAsked {
    pub fault: &'static str,
    pub needs: &'static str,
}

/// The outcome for one case.
#[derive(Clone, Debug, Default)]
pub struct Diagnosis {
    /// Most certain first.
    pub findings: Vec<Finding>,
    /// Faults that were asked for and are not there.
    pub clear: Vec<&'static str>,
    /// What would decide most first.
    pub not_asked: Vec<NotAsked>,
    /// What log, executable and machine say of one thing.
    pub sides: Vec<Side>,
    pub verdict: Verdict,
    /// `None` where there is no crash to explain.
    pub explanation: Option<Explanation>,
}

/// Asks every rule.
pub fn diagnose(case: &Case<'_>) -> Diagnosis {
    // What an executable says that did not write the log is no evidence.
    let foreign = case.names_a_system_program();
    let refuted = foreign || case.binary.and_then(|binary| binary.fit).is_some_and(Fit::refuted);
    let facts = case.binary.filter(|_| !refuted).map(|binary| binary.facts);
    let explanation = case.crash.map(|crash| causes::explain(crash, facts));
    let mut out = Diagnosis { explanation, ..Diagnosis::default() };
    let without = Case { binary: None, ..*case };
    for rule in RULES {
        let case = if refuted && rule.id != rules::IDENTITY { &without } else { case };
        match (rule.check)(case) {
            Answer::Found(finding) => out.findings.push(finding),
            // An error that was told, of a build perhaps, says nothing of other faults.
            Answer::Clear if case.crash.is_some_and(|crash| crash.kind == Kind::Error) => {}
            Answer::Clear => out.clear.push(rule.id),
            Answer::Irrelevant => {}
            Answer::NotAsked(needs) => out.not_asked.push(NotAsked { fault: rule.id, needs }),
        }
    }
    if foreign {
        let needs = "whether the program that the log names is the executable given: their names differ";
        out.not_asked.push(NotAsked { fault: rules::IDENTITY, needs });
    }
    rules::settle(&mut out.findings);
    // The words that rules call the log's were read out of it.
    if case.crash.is_some_and(|crash| crash.source.core) {
        let evidence = out.findings.iter_mut().flat_map(|finding| &mut finding.evidence);
        evidence
            .filter(|evidence| evidence.from == From::Log)
            .for_each(|evidence| evidence.from = From::Core);
    }
    // A cause before a mere observation, then by confidence; the order of the
    // table decides between equals.
    out.findings.sort_by_key(|finding| (finding.confidence, !finding.explains));
    let worth = |needs: &str| out.not_asked.iter().filter(|other| other.needs == needs).count();
    let mut ranked: Vec<(usize, NotAsked)> =
        out.not_asked.iter().map(|not_asked| (worth(not_asked.needs), not_asked.clone())).collect();
    ranked.sort_by_key(|(worth, not_asked)| (std::cmp::Reverse(*worth), not_asked.needs));
    out.not_asked = ranked.into_iter().map(|(_, not_asked)| not_asked).collect();
    out.sides = sides::table(case, &out);
    let cause = out.findings.iter().find(|f| f.explains && f.confidence != Confidence::Possible);
    out.verdict = match cause.and_then(|finding| rule(finding.fault)) {
        Some(rule) => rule.blames,
        None => out.explanation.as_ref().map_or(Verdict::Unknown, |e| e.verdict),
    };
    out
}

pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.id == id)
}

impl<'a> Case<'a> {
    /// The crash, where it is one of a program that did not start or died
    /// without Go text. A Go trace proves that the program ran, and with it
    /// the architecture, the loader, the libraries.
    fn launch(&self) -> Option<&'a Crash> {
        self.crash.filter(|crash| crash.kind == Kind::Launch)
    }

    /// The runtime wrote of the crash: the program ran.
    fn told_by_go(&self) -> bool {
        self.crash.is_some_and(|crash| !matches!(crash.kind, Kind::Launch | Kind::Error))
    }

    /// What to give `go build`: the import path of the main package, where
    /// build info has it.
    fn main_package(&self) -> &'a str {
        let path = self
            .binary
            .and_then(|binary| binary.facts.build.as_ref())
            .and_then(|build| build.path.as_deref());
        path.filter(|path| *path != "command-line-arguments").unwrap_or("./...")
    }

    /// Nothing in the log speaks against judging executable and host alone.
    fn silent(&self) -> bool {
        self.crash.is_none()
    }

    /// The first complaint that a predicate takes, with its line as evidence.
    fn complaint(&self, wanted: impl Fn(&Complaint) -> bool) -> Option<(&'a Complaint, Evidence)> {
        let remark = self.remark(wanted)?;
        Some((
            &remark.complaint,
            Evidence { from: From::Log, fact: format!("\"{}\"", remark.text), place: place(remark) },
        ))
    }

    /// The same, and where nobody else says it, an error in the text of a panic:
    /// `panic: x509: …`.
    fn error(&self, wanted: impl Fn(&Complaint) -> bool) -> Option<(Complaint, Evidence)> {
        if let Some((complaint, evidence)) = self.complaint(&wanted) {
            return Some((complaint.clone(), evidence));
        }
        let crash = self.crash?;
        let lines = crash.chain.iter().flat_map(|link| link.message.lines().take(MESSAGE_LINES));
        let remark = lines.filter_map(error_in).find(|remark| wanted(&remark.complaint))?;
        let fact = format!("\"{}\"", remark.text);
        Some((remark.complaint, Evidence { from: From::Log, fact, place: first_line(crash) }))
    }

    fn remark(&self, wanted: impl Fn(&Complaint) -> bool) -> Option<&'a Remark> {
        self.crash?.remarks.iter().find(|remark| wanted(&remark.complaint))
    }

    /// Is the program of a remark the executable of the case? `None` where the
    /// names do not tell: an image often gives the file another name.
    fn is_about_binary(&self, remark: &Remark) -> Option<bool> {
        let program = remark.program.as_deref()?;
        let base = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        if goes_by(self.binary?.path, program) || base(program) == base(self.main_package()) {
            return Some(true);
        }
        // os/exec speaks of a child of the program that wrote the log.
        (remark.speaker == "Go os/exec").then_some(false)
    }

    /// A signal ended a program in a folder of the system whose name is not that of
    /// the executable. In other folders, images above all, files are renamed freely.
    fn names_a_system_program(&self) -> bool {
        const FOLDERS: [&str; 5] = ["/usr/bin/", "/usr/sbin/", "/usr/lib/", "/bin/", "/sbin/"];
        let (Some(crash), Some(binary)) = (self.launch(), self.binary) else { return false };
        let died = |remark: &&Remark| matches!(remark.complaint, Complaint::Killed { .. });
        crash.remarks.iter().filter(died).any(|remark| {
            let path = remark.program.as_deref().and_then(|program| program.split(' ').next()).unwrap_or("");
            let name = path.rsplit('/').next().unwrap_or(path);
            let package = self.main_package().rsplit('/').next().unwrap_or("");
            let known = goes_by(binary.path, name) || name == package;
            FOLDERS.iter().any(|folder| path.starts_with(folder)) && !known
        })
    }

    /// An exit status is all that is told: no other remark says why.
    fn unnamed(&self) -> bool {
        let bare = |remark: &Remark| matches!(remark.complaint, Complaint::Exited { .. });
        self.launch().is_some_and(|crash| crash.remarks.iter().all(bare))
    }

    /// The signal that ended a program which said nothing itself.
    fn silent_signal(&self) -> Option<(&'static str, Evidence)> {
        let (complaint, evidence) = self
            .launch()
            .filter(|crash| {
                crash.remarks.iter().all(|remark| {
                    matches!(remark.complaint, Complaint::Killed { .. } | Complaint::KernelFault { .. })
                })
            })
            .and_then(|_| self.complaint(|_| true))?;
        match complaint {
            Complaint::Killed { signal } | Complaint::KernelFault { signal, .. } => Some((signal, evidence)),
            _ => None,
        }
    }
}

impl Subject<'_> {
    fn evidence(&self, fact: impl Into<String>, from: &str) -> Evidence {
        Evidence { from: From::Binary, fact: fact.into(), place: from.to_owned() }
    }
}

/// Where a remark stands; what was typed stands on no line.
fn place(remark: &Remark) -> String {
    match remark.line {
        0 => remark.speaker.to_owned(),
        line => format!("line {line}, {}", remark.speaker),
    }
}

fn host_evidence<T>(fact: impl Into<String>, read: &crate::binary::Fact<T>) -> Evidence {
    Evidence { from: From::Host, fact: fact.into(), place: read.from.clone() }
}

/// The line of the log that carries the message of a crash.
fn message_evidence(crash: &Crash) -> Evidence {
    let message = crash.message();
    let first = message.lines().next().unwrap_or("").to_owned();
    Evidence { from: From::Log, fact: format!("\"{first}\""), place: first_line(crash) }
}

fn first_line(crash: &Crash) -> String {
    if crash.source.core { "the core".to_owned() } else { format!("line {}", crash.span.lines.start()) }
}

#[cfg(test)]
mod tests;
