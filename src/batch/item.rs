//! What one worker reads at a time: a file with all documents in it, or the files
//! of one rotation.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Scan;
use super::paths::{Input, Problem};
use super::record::{From, Outcome, Record};
use super::seams::{Ends, Seams};
use super::session::{Session, interrupted, unread};
use crate::error::Error;
use crate::examine::Examiner;
use crate::source::{Origin, Text, Visitor, documents, may_follow};

/// Where the records of the input with a number go, as they come.
pub(super) type Give<'g> = &'g mut (dyn FnMut(usize, Vec<Record>) + Send);

pub(super) const GAVE_UP: &str = "internal error: its reader gave up; please report it";

/// Records that are kept back at most.
const BATCH: usize = 256;
/// The same where a crash of an archive may go on in another member.
const WAITING: usize = 16 << 10;

/// Reads a file by itself.
pub(super) fn file(
    scan: &Scan<'_>,
    examiner: &mut Examiner<'_>,
    number: usize,
    input: &Input,
    give: Give<'_>,
) {
    let mut visit =
        Visit { scan, examiner, chain: None, records: Vec::new(), number, give, seams: Seams::default() };
    visit.input(input);
    visit.send(0);
}

/// Reads files as one, the oldest first.
pub(super) fn chain(
    scan: &Scan<'_>,
    examiner: &mut Examiner<'_>,
    inputs: &[(usize, &Input)],
    give: Give<'_>,
) {
    let mut all: Vec<Record> = Vec::new();
    let mut chain = None;
    for (at, (_, input)) in inputs.iter().enumerate() {
        let session = chain.take().unwrap_or_else(|| Session::new(scan, &Origin::new(&input.name)));
        let mut keep = |_: usize, records: Vec<Record>| all.extend(records);
        let chained = Some(session);
        let (records, seams, number) = (Vec::new(), Seams::default(), 0);
        let mut visit = Visit { scan, examiner, chain: chained, records, number, give: &mut keep, seams };
        visit.input(input);
        visit.send(0);
        chain = visit.chain.take();
        // Nothing goes on over what could not be read, or is not there.
        let next = inputs.get(at.saturating_add(1));
        let goes_on = next.is_some_and(|(_, next)| may_follow(&input.name, &next.name));
        if let Some(session) = chain.take_if(|session| !goes_on || !session.has_read(&input.name)) {
            all.extend(guarded(|| session.finish(examiner)).unwrap_or_default());
        }
    }
    all.sort_by(Record::order);
    for (number, input) in inputs {
        let own = |record: &mut Record| record.from().path == input.name;
        let mut records: Vec<Record> = all.extract_if(.., own).collect();
        if !records.iter().any(|record| matches!(record, Record::Document(_))) {
            let from = From::new(&Origin::new(&input.name), 0);
            records.push(unread(scan.watch, from, Outcome::Failed, GAVE_UP.to_owned()));
        }
        give(*number, records);
    }
}

struct Visit<'r, 's, 'e, 'g> {
    scan: &'s Scan<'s>,
    examiner: &'r mut Examiner<'e>,
    /// What the files of a rotation are read as.
    chain: Option<Session<'s>>,
    records: Vec<Record>,
    number: usize,
    give: Give<'g>,
    seams: Seams,
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
        self.records.push(unread(scan.watch, From::new(&origin, 0), outcome, reason));
    }

    fn documents(&mut self, input: &Input, origin: &Origin) {
        let scan = self.scan;
        let limits = (scan.limits, scan.expansion);
        let ahead = scan.jobs > 1;
        let done = guarded(|| documents(&input.path, origin, limits, ahead, &scan.watch.bytes, self));
        let seams = std::mem::take(&mut self.seams);
        if seams.is_waiting() {
            self.records = seams.join(scan, self.examiner, std::mem::take(&mut self.records));
        }
        if done.is_none() {
            // Behind all that it has told.
            let from = From::new(origin, u64::MAX);
            self.records.push(unread(scan.watch, from, Outcome::Failed, GAVE_UP.to_owned()));
        }
    }

    /// Hands the records on, once there are many.
    fn send(&mut self, more_than: usize) {
        if self.records.len() > more_than && (!self.seams.is_waiting() || self.records.len() > WAITING) {
            // Of what was handed on nothing can be put together any more.
            self.seams.forget();
            (self.give)(self.number, std::mem::take(&mut self.records));
        }
    }
}

impl Visitor for Visit<'_, '_, '_, '_> {
    fn text(&mut self, text: Text<'_>) {
        let (scan, examiner) = (self.scan, &*self.examiner);
        let (origin, number) = (text.origin.clone(), text.number);
        let joined = text.origin.members.is_empty();
        let chained = self.chain.take_if(|_| joined);
        let is_chained = chained.is_some();
        let mut session = chained.unwrap_or_else(|| Session::new(scan, &origin));
        let done = guarded(move || {
            session.read(text, examiner);
            let ends = session.ends();
            let (records, session) =
                if is_chained { (Vec::new(), Some(session)) } else { (session.finish(examiner), None) };
            (records, session, ends)
        });
        match done {
            Some((records, session, ends)) => {
                self.records.extend(records);
                if !is_chained && !origin.members.is_empty() {
                    self.seams.add(origin, number, ends);
                }
                if is_chained {
                    self.chain = session;
                }
            }
            None => {
                // The files of a rotation are looked for when all are through.
                if !is_chained {
                    let from = From::new(&origin, number);
                    self.records.push(unread(scan.watch, from, Outcome::Failed, GAVE_UP.to_owned()));
                }
            }
        }
        self.send(BATCH);
    }

    fn other(&mut self, origin: Origin, number: u64, what: &str) {
        let from = From::new(&origin, number);
        let record = unread(self.scan.watch, from, Outcome::NotText, what.to_owned());
        self.records.push(record);
        self.send(BATCH);
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
        self.records.push(unread(self.scan.watch, from, Outcome::Failed, reason));
        if !origin.members.is_empty() {
            self.seams.add(origin, number, Ends::default());
        }
        self.send(BATCH);
    }

    fn stopped(&self) -> bool {
        self.scan.watch.stopped()
    }
}

/// Readers of damaged files may give up in their own way; that ends one document.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}
