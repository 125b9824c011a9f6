//! What one worker reads at a time: a file with all documents in it, or the files
//! of one rotation.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rustc_hash::FxHashSet;

use super::Scan;
use super::paths::{Input, Problem};
use super::record::{From, Outcome, Record};
use super::seams::{Ends, Seams};
use super::session::{Session, interrupted, unread};
use crate::error::Error;
use crate::examine::Examiner;
use crate::source::{Allowance, Origin, Reading, Text, Visitor, documents, may_follow};

/// Where the records of the input with a number go, as they come; the last of them say
/// so.
pub(super) type Give<'g> = &'g mut (dyn FnMut(usize, Vec<Record>, bool) + Send);

pub(super) const GAVE_UP: &str = "internal error: its reader gave up; please report it";

/// Records that are kept back at most, and bytes of them.
const BATCH: usize = 256;
const WEIGHT: u64 = 1 << 20;
/// The same where a crash of an archive may go on in another member.
const WAITING: usize = 16 << 10;
const WAITING_WEIGHT: u64 = 8 << 20;

/// Reads a file by itself.
pub(super) fn file(
    scan: &Scan<'_>,
    examiner: &mut Examiner<'_>,
    number: usize,
    input: &Input,
    allowance: Allowance,
    give: Give<'_>,
) {
    let mut as_they_come = |records| give(number, records, false);
    let out = Out::new(&mut as_they_come);
    let mut visit = Visit { scan, examiner, chain: None, out, allowance };
    visit.input(input);
    visit.out.send();
    drop(visit);
    give(number, Vec::new(), true);
}

/// Reads files as one, the oldest first. Their records are sorted by file; where they
/// are too many for that they come in the order in which they were read, as those of the
/// first file.
pub(super) fn chain(
    scan: &Scan<'_>,
    examiner: &mut Examiner<'_>,
    first: usize,
    inputs: &[(usize, &Input)],
    allowance: Allowance,
    give: Give<'_>,
) {
    let mut all = Chained { records: Vec::new(), weight: 0, told: FxHashSet::default(), first, give };
    let mut chain = None;
    for (at, (_, input)) in inputs.iter().enumerate() {
        let session = chain.take().unwrap_or_else(|| Session::new(scan, &Origin::new(&input.name)));
        let mut add = |records| all.add(records);
        let out = Out::new(&mut add);
        let mut visit = Visit { scan, examiner, chain: Some(session), out, allowance: allowance.clone() };
        visit.input(input);
        visit.out.send();
        chain = visit.chain.take();
        // Nothing goes on over what could not be read, or is not there.
        let next = inputs.get(at.saturating_add(1));
        let goes_on = next.is_some_and(|(_, next)| may_follow(&input.name, &next.name));
        if let Some(session) = chain.take_if(|session| !goes_on || !session.has_read(&input.name)) {
            guarded(|| session.finish(examiner, &mut |record| all.add(vec![record])));
        }
    }
    let Chained { mut records, told, give, .. } = all;
    records.sort_by(Record::order);
    let documents = told.into_iter().chain(records.iter().filter_map(path_of_document));
    let documents: FxHashSet<String> = documents.collect();
    for (number, input) in inputs {
        let own = |record: &mut Record| record.from().path == input.name;
        let mut records: Vec<Record> = records.extract_if(.., own).collect();
        if !documents.contains(&input.name) {
            let from = From::new(&Origin::new(&input.name), 0);
            records.push(unread(scan.watch, from, Outcome::Failed, GAVE_UP.to_owned()));
        }
        give(*number, records, true);
    }
}

fn path_of_document(record: &Record) -> Option<String> {
    matches!(record, Record::Document(_)).then(|| record.from().path.clone())
}

/// Records of a rotation.
struct Chained<'g> {
    records: Vec<Record>,
    weight: u64,
    /// Files whose document was handed on.
    told: FxHashSet<String>,
    first: usize,
    give: Give<'g>,
}

impl Chained<'_> {
    fn add(&mut self, records: Vec<Record>) {
        self.weight = records.iter().map(Record::weight).fold(self.weight, u64::saturating_add);
        self.records.extend(records);
        if self.weight > WAITING_WEIGHT {
            self.told.extend(self.records.iter().filter_map(path_of_document));
            self.weight = 0;
            (self.give)(self.first, std::mem::take(&mut self.records), false);
        }
    }
}

/// Records on their way out.
struct Out<'g> {
    records: Vec<Record>,
    weight: u64,
    give: &'g mut (dyn FnMut(Vec<Record>) + Send),
    seams: Seams,
    /// How often records were handed on.
    sent: u64,
}

impl<'g> Out<'g> {
    fn new(give: &'g mut (dyn FnMut(Vec<Record>) + Send)) -> Out<'g> {
        Out { records: Vec::new(), weight: 0, give, seams: Seams::default(), sent: 0 }
    }

    /// Takes a record, and hands all on once there are many. Those of an archive wait for
    /// the end of the member, where it may turn out that its last crash goes on.
    fn put(&mut self, record: Record) {
        let is_inside = !record.from().members.is_empty();
        self.weight = self.weight.saturating_add(record.weight());
        self.records.push(record);
        if is_inside {
            if self.records.len() > WAITING || self.weight > WAITING_WEIGHT {
                self.send();
            }
        } else {
            self.document_ended();
        }
    }

    /// What has come is handed on once it is much, unless it may still change.
    fn document_ended(&mut self) {
        let waits = self.seams.is_waiting();
        let (most, weight) = if waits { (WAITING, WAITING_WEIGHT) } else { (BATCH, WEIGHT) };
        if self.records.len() > most || self.weight > weight {
            self.send();
        }
    }

    fn send(&mut self) {
        if self.records.is_empty() {
            return;
        }
        // Of what was handed on nothing can be put together any more.
        self.seams.forget();
        self.weight = 0;
        self.sent = self.sent.saturating_add(1);
        (self.give)(std::mem::take(&mut self.records));
    }
}

struct Visit<'r, 's, 'e, 'g> {
    scan: &'s Scan<'s>,
    examiner: &'r mut Examiner<'e>,
    /// What the files of a rotation are read as.
    chain: Option<Session<'s>>,
    out: Out<'g>,
    allowance: Allowance,
}

impl Visit<'_, '_, '_, '_> {
    fn input(&mut self, input: &Input) {
        let scan = self.scan;
        let origin = Origin::new(&input.name);
        let (outcome, reason) = match &input.problem {
            Some(Problem::Unreadable(why)) => (Outcome::Failed, why.clone()),
            Some(Problem::Special) => (Outcome::NotText, "a pipe or a device".to_owned()),
            None if scan.watch.stopped() => (Outcome::Failed, interrupted(0)),
            None => return self.documents(input, &origin),
        };
        self.out.put(unread(scan.watch, From::new(&origin, 0), outcome, reason));
    }

    fn documents(&mut self, input: &Input, origin: &Origin) {
        let scan = self.scan;
        let reading = Reading {
            limits: scan.limits,
            expansion: scan.expansion,
            allowance: self.allowance.clone(),
            ahead: scan.jobs > 1,
            read: &scan.watch.bytes,
        };
        let done = guarded(|| documents(&input.path, origin, &reading, self));
        let seams = std::mem::take(&mut self.out.seams);
        if seams.is_waiting() {
            self.out.records = seams.join(scan, self.examiner, std::mem::take(&mut self.out.records));
        }
        if done.is_none() {
            // Behind all that it has told.
            let from = From::new(origin, u64::MAX);
            self.out.put(unread(scan.watch, from, Outcome::Failed, GAVE_UP.to_owned()));
        }
    }
}

impl Visitor for Visit<'_, '_, '_, '_> {
    fn text(&mut self, text: Text<'_>) {
        let Visit { scan, examiner, chain, out, .. } = self;
        let (origin, number) = (text.origin.clone(), text.number);
        let joined = text.origin.members.is_empty();
        let chained = chain.take_if(|_| joined);
        let is_chained = chained.is_some();
        let mut session = chained.unwrap_or_else(|| Session::new(scan, &origin));
        let sent = out.sent;
        let done = guarded(|| {
            session.read(text, examiner, &mut |record| out.put(record));
            if is_chained {
                return (Some(session), Ends::default());
            }
            let ends = session.ends();
            session.finish(examiner, &mut |record| out.put(record));
            (None, ends)
        });
        match done {
            Some((session, ends)) if is_chained => (*chain, _) = (session, ends),
            Some((_, ends)) => {
                // Crashes of it that were handed on stay as they are.
                let ends = if out.sent > sent { Ends::default() } else { ends };
                if !origin.members.is_empty() {
                    out.seams.add(origin, number, ends);
                }
            }
            // The files of a rotation are looked for when all are through.
            None if is_chained => {}
            None => {
                let from = From::new(&origin, number);
                out.put(unread(scan.watch, from, Outcome::Failed, GAVE_UP.to_owned()));
            }
        }
        out.document_ended();
    }

    fn other(&mut self, origin: Origin, number: u64, what: &str) {
        let from = From::new(&origin, number);
        self.out.put(unread(self.scan.watch, from, Outcome::NotText, what.to_owned()));
        self.out.document_ended();
    }

    fn failed(&mut self, number: u64, error: Error) {
        let (origin, reason) = match error {
            Error::Io { origin, cause } => (origin, cause.to_string()),
            // The text says where.
            Error::Malformed { origin, what, .. }
            | Error::Unrecognised { origin, what }
            | Error::Limit { origin, what } => (origin, what),
        };
        let from = From::new(&origin, number);
        self.out.put(unread(self.scan.watch, from, Outcome::Failed, reason));
        if !origin.members.is_empty() {
            self.out.seams.add(origin, number, Ends::default());
        }
        self.out.document_ended();
    }

    fn stopped(&self) -> bool {
        self.scan.watch.stopped()
    }
}

/// Readers of damaged files may give up in their own way; that ends one document.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}
