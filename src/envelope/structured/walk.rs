//! The way through a JSON value to its records, and what they have from the objects that
//! they are inside of.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::super::Shape;
use super::super::places::{Member, Place};
use super::super::record::{Blocks, Text};
use super::{record, scalar, text_record};

/// Keys that say who wrote the text.
pub(super) const IDENTITY: &[(&str, &str)] = &[
    ("podName", "pod"),
    ("pod_name", "pod"),
    ("PodName", "pod"),
    ("pod", "pod"),
    ("k8s.pod.name", "pod"),
    ("containerName", "container"),
    ("container_name", "container"),
    ("ContainerName", "container"),
    ("container", "container"),
    ("k8s.container.name", "container"),
    ("CONTAINER_NAME", "container"),
    ("_container_name", "container"),
    ("container_id", "container"),
    ("namespace", "namespace"),
    ("namespaceName", "namespace"),
    ("namespace_name", "namespace"),
    ("PodNamespace", "namespace"),
    ("pod_namespace", "namespace"),
    ("k8s.namespace.name", "namespace"),
    ("_HOSTNAME", "host"),
    ("hostname", "host"),
    ("host", "host"),
    ("host.name", "host"),
    ("nodeName", "host"),
    ("Computer", "host"),
    ("_SYSTEMD_UNIT", "unit"),
    ("unit", "unit"),
    ("logStream", "log_stream"),
    ("logStreamName", "log_stream"),
    ("@logStream", "log_stream"),
    ("SYSLOG_IDENTIFIER", "tag"),
    ("tag", "tag"),
    ("programname", "tag"),
    ("app", "tag"),
    ("service", "service"),
    ("service.name", "service"),
    ("_PID", "pid"),
    ("pid", "pid"),
    ("procid", "pid"),
    ("stream", "stream"),
    ("LogSource", "stream"),
    ("Package", "package"),
    ("file", "file"),
    ("filename", "file"),
    ("log.file.path", "file"),
];

/// Where in [`IDENTITY`] a key stands.
static IDENTITY_ROWS: LazyLock<FxHashMap<&str, usize>> =
    LazyLock::new(|| IDENTITY.iter().enumerate().map(|(row, (key, _))| (*key, row)).collect());

const TIME: &[&str] = &[
    "__REALTIME_TIMESTAMP",
    "time",
    "timestamp",
    "@timestamp",
    "Time",
    "ts",
    "TimeGenerated",
    "date",
    "timeUnixNano",
    "datetime",
    "_time",
];

/// What a record has from the objects around it.
#[derive(Clone, Default, Debug)]
pub(in super::super) struct Inherited {
    identity: Vec<(&'static str, String)>,
    stamp: Option<String>,
}

impl Inherited {
    /// What is inside an object has this, too.
    pub(in super::super) fn inside(&self, object: &Map<String, Value>) -> Inherited {
        let mut here = self.clone();
        identify(object, &mut here, 3);
        here
    }
}

/// Goes through a value for its records.
pub(super) struct Walk<'a> {
    pub(super) text: &'a [u8],
    pub(super) out: &'a mut Blocks,
}

impl Walk<'_> {
    pub(super) fn value(&mut self, value: &Value, place: &Place, around: &Inherited, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        match value {
            Value::Object(object) => {
                let here = around.inside(object);
                if let Some(mut record) = record(object, here.stamp.is_some()) {
                    record.identity.splice(0..0, here.identity);
                    record.stamp = here.stamp.map(|stamp| Text::Own(stamp.into_bytes()));
                    self.out.push((place.range.clone(), record));
                    return;
                }
                if let Some((names, rows)) = table(object) {
                    let member = |member: &&Member| member.key(self.text).as_deref() == Some("rows");
                    let places = place.inside.iter().find(member).map(|member| &member.place);
                    for (index, row) in rows.iter().enumerate() {
                        let at = places.and_then(|rows| rows.inside.get(index)).map(|row| row.place.alone());
                        if let Some(row) = named(row, &names) {
                            self.value(&row, &at.unwrap_or_else(|| place.alone()), &here, depth);
                        }
                    }
                    return;
                }
                self.members(object, place, &here, depth);
            }
            Value::Array(items) => self.items(items, place, around, depth),
            _ => {}
        }
    }

    /// Members in the order of the text, as far as it is known.
    fn members(&mut self, object: &Map<String, Value>, place: &Place, here: &Inherited, depth: usize) {
        let nested = |value: &&Value| value.is_object() || value.is_array();
        if place.inside.len() != object.len() {
            // A key that stands there twice, or no text.
            for inner in object.values().filter(nested) {
                self.value(inner, &place.alone(), here, depth);
            }
            return;
        }
        for member in &place.inside {
            let inner = member.key(self.text).and_then(|key| object.get(key.as_ref())).filter(nested);
            if let Some(inner) = inner {
                self.value(inner, &member.place, here, depth);
            }
        }
    }

    fn items(&mut self, items: &[Value], place: &Place, around: &Inherited, depth: usize) {
        // Loki's API: ["nanoseconds", "line"].
        if let [Value::String(stamp), Value::String(text), ..] = items
            && stamp.len() >= 16
            && stamp.bytes().all(|b| b.is_ascii_digit())
        {
            let mut record = text_record(text, true);
            record.identity.clone_from(&around.identity);
            record.stamp = Some(Text::Own(stamp.clone().into_bytes()));
            self.out.push((place.range.clone(), record));
            return;
        }
        let alone = place.alone();
        let mut places = place.inside.iter().map(|item| &item.place).chain(std::iter::repeat(&alone));
        let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
        if !texts.is_empty() && texts.len() == items.len() {
            // The lines of a trace, one a string.
            if texts.iter().filter(|text| Shape::of(text.as_bytes()).tells()).count() >= 2 {
                let line = |(text, place): (&&str, &Place)| (place.range.clone(), text_record(text, true));
                self.out.extend(texts.iter().zip(places).map(line));
            }
            return;
        }
        for item in items {
            let place = places.next().unwrap_or(&alone);
            self.value(item, place, around, depth);
        }
    }
}

/// The answer of a query (Azure Monitor): names of columns beside rows of values.
fn table(object: &Map<String, Value>) -> Option<(Vec<String>, &[Value])> {
    let names = columns(object)?;
    Some((names, object.get("rows")?.as_array()?))
}

/// The names of the columns.
pub(in super::super) fn columns(object: &Map<String, Value>) -> Option<Vec<String>> {
    let columns = object.get("columns")?.as_array()?;
    Some(columns.iter().filter_map(|column| column.get("name")?.as_str().map(str::to_owned)).collect())
}

/// A row as the object that it stands for.
pub(super) fn named(row: &Value, names: &[String]) -> Option<Value> {
    let cells = row.as_array()?.iter().cloned();
    Some(Value::Object(names.iter().cloned().zip(cells).collect()))
}

fn identify(object: &Map<String, Value>, here: &mut Inherited, depth: usize) {
    let attributes = object.get("attributes").and_then(Value::as_array);
    // Most records have few keys, and none of most of these.
    let mut rows: Vec<usize> =
        object.keys().filter_map(|key| IDENTITY_ROWS.get(key.as_str()).copied()).collect();
    let keys = attributes.into_iter().flatten().filter_map(|entry| entry.get("key")?.as_str());
    rows.extend(keys.filter_map(|key| IDENTITY_ROWS.get(key).copied()));
    rows.sort_unstable();
    rows.dedup();
    for (key, field) in rows.into_iter().filter_map(|row| IDENTITY.get(row)) {
        // `"pod": {"name": …}`, as Elastic nests it.
        let named = |value: &Value| scalar(value).or_else(|| scalar(value.get("name")?));
        let own = object.get(*key).and_then(named);
        let Some(value) = own.or_else(|| attribute(attributes?, key)) else {
            continue;
        };
        // `stream` is a word of many meanings.
        if *field == "stream" && !matches!(value.as_str(), "stdout" | "stderr") {
            continue;
        }
        if value.len() > 256 || here.identity.iter().any(|(known, _)| known == field) {
            continue;
        }
        if *field == "tag" {
            let (tag, pid) = tag(&value);
            here.identity.push(("tag", tag));
            here.identity.extend(pid.map(|pid| ("pid", pid)));
        } else {
            here.identity.push((field, value));
        }
    }
    let stamp = TIME.iter().find_map(|key| object.get(*key).and_then(scalar));
    here.stamp = stamp.or(here.stamp.take());
    let Some(depth) = depth.checked_sub(1) else { return };
    for inner in object.values().filter_map(Value::as_object) {
        let own = here.stamp.clone();
        identify(inner, here, depth);
        here.stamp = own.or(here.stamp.take());
    }
}

/// OpenTelemetry: `"attributes":[{"key":…,"value":{"stringValue":…}}]`.
fn attribute(attributes: &[Value], key: &str) -> Option<String> {
    let found = attributes.iter().find(|entry| entry.get("key").and_then(Value::as_str) == Some(key))?;
    scalar(found.get("value")?.get("stringValue")?)
}

/// `checkout[5420]:`, as rsyslog's `syslogtag` has it.
fn tag(value: &str) -> (String, Option<String>) {
    let value = value.strip_suffix(':').unwrap_or(value);
    match value.strip_suffix(']').and_then(|value| value.split_once('[')) {
        Some((tag, pid)) => (tag.to_owned(), Some(pid.to_owned())),
        None => (value.to_owned(), None),
    }
}
