//! JSON records: one shape is exact (docker json-file), all others are read by
//! the names that collectors, stores and clouds give to the same few things.

mod walk;

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::places::Place;
use super::record::{Blocks, Record, Text};
use super::stream::{Mark, Marks};
use super::{Shape, prefixed, quoted};
use walk::{IDENTITY, Walk, named};
pub(super) use walk::{Inherited, columns};

/// Most levels of objects in one record.
pub(super) const DEPTH: usize = 8;

/// Keys of the text of a record, the most telling first.
const TEXT: &[&str] = &[
    "log",
    "MESSAGE",
    "message",
    "@message",
    "msg",
    "line",
    "Line",
    "textPayload",
    "_raw",
    "LogMessage",
    "LogEntry",
    "Output",
    "full_message",
    "short_message",
    "body",
    "stringValue",
    "original",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Docker<'a> {
    #[serde(borrow, default)]
    log: Cow<'a, str>,
    #[serde(borrow)]
    stream: Option<Cow<'a, str>>,
    attrs: Option<Map<String, Value>>,
    #[serde(borrow)]
    time: Cow<'a, str>,
}

/// `{"log":"TEXT\n","stream":"stderr","time":"…"}`: the text without its newline
/// is a part (moby daemon/logger/jsonfilelog/jsonlog/jsonlogbytes.go).
pub(super) fn docker(line: &[u8], out: &mut Vec<Record>) -> bool {
    let line = line.trim_ascii();
    if !line.starts_with(b"{\"") || !line.ends_with(b"}") {
        return false;
    }
    let Ok(Docker { log, stream, attrs, time }) = serde_json::from_slice(line) else { return false };
    let mut record = text_record(&log, false);
    record.stamp = Some(Text::Own(time.into_owned().into_bytes()));
    record.identity.extend(stream.map(|stream| ("stream", stream.into_owned())));
    if let Some(tag) = attrs.as_ref().and_then(|attrs| attrs.get("tag")).and_then(Value::as_str) {
        record.identity.push(("tag", tag.to_owned()));
    }
    out.push(record);
    true
}

fn text_record(text: &str, newline: bool) -> Record {
    // A record that syslog had before: its control bytes are spelled in octal.
    let octal;
    let text = if text.contains("#011") || text.contains("#012") {
        octal = String::from_utf8_lossy(&prefixed::octal(text.as_bytes().to_vec())).into_owned();
        &octal
    } else {
        text
    };
    let ended = text.strip_suffix('\n').map(|text| text.strip_suffix('\r').unwrap_or(text));
    let mut record = Record::of(Text::Own(ended.unwrap_or(text).as_bytes().to_vec()));
    record.newline = newline || ended.is_some();
    if text.contains('\u{fffd}') {
        record.marks = Marks::of(Mark::BytesReplaced);
    }
    record
}

/// Any JSON value, or several with nothing between them (Firehose).
pub(super) fn lines(line: &[u8], out: &mut Vec<Record>) -> bool {
    let line = line.trim_ascii().trim_ascii_end();
    let line = line.strip_suffix(b",").unwrap_or(line);
    if !matches!(line.first(), Some(b'{' | b'[')) || !matches!(line.last(), Some(b'}' | b']')) {
        return false;
    }
    let mut found = Vec::new();
    for value in serde_json::Deserializer::from_slice(line).into_iter::<Value>() {
        let Ok(value) = value else { return false };
        let before = found.len();
        Walk { text: line, out: &mut found }.value(&value, &Place::default(), &Inherited::default(), DEPTH);
        // Events of `go test -json` that are not output say nothing, and are read.
        if found.len() == before && !value.get("Action").is_some_and(Value::is_string) {
            return false;
        }
    }
    out.extend(found.into_iter().map(|(_, record)| record));
    true
}

/// The records of a text that is one value, and where each stands in it; `None`
/// where the text is not JSON.
pub(super) fn value(text: &[u8], around: &Inherited, depth: usize) -> Option<Blocks> {
    let value: Value = serde_json::from_slice(text).ok()?;
    let mut out = Vec::new();
    Walk { text, out: &mut out }.value(&value, &Place::of(text), around, depth);
    Some(out)
}

/// The same of one row of a table.
pub(super) fn row(text: &[u8], names: &[String], around: &Inherited, depth: usize) -> Option<Blocks> {
    let value: Value = serde_json::from_slice(text).ok()?;
    let mut out = Vec::new();
    let place = Place { range: 0..text.len(), ..Place::default() };
    if let Some(row) = named(&value, names) {
        Walk { text, out: &mut out }.value(&row, &place, around, depth);
    }
    Some(out)
}

/// A text that is an item of a long array, where it may be one line of a trace.
pub(super) fn line(text: &[u8]) -> Option<Record> {
    serde_json::from_slice::<String>(text).ok().map(|text| text_record(&text, true))
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn record(object: &Map<String, Value>, stamped: bool) -> Option<Record> {
    let mut record = match trace(object) {
        Some((text, key)) => {
            let mut record = text_record(&text, true);
            record.beside = beside(object, key);
            record
        }
        None => stack_of_lambda(object).or_else(|| plain(object, stamped))?,
    };
    let is = |key: &str, wanted: &str| object.get(key).and_then(scalar).is_some_and(|v| v == wanted);
    let set = |key: &str| object.get(key).is_some_and(|v| v.as_bool() == Some(true)) || is(key, "true");
    if is("_p", "P")
        || is("logtag", "P")
        || is("_LINE_BREAK", "line-max")
        || ["_partial", "partial", "partial_message", "CONTAINER_PARTIAL_MESSAGE"].iter().any(|key| set(key))
    {
        record.newline = false;
    }
    let offset = |holder: Option<&Value>| holder.and_then(|v| v.get("offset")).and_then(Value::as_u64);
    record.order = offset(object.get("log"))
        .or_else(|| object.get("offset").and_then(Value::as_u64))
        .or_else(|| object.get("CONTAINER_LOG_ORDINAL").and_then(scalar)?.parse().ok());
    Some(record)
}

/// The string of the record that holds a trace of several lines, and its key.
fn trace(object: &Map<String, Value>) -> Option<(Cow<'_, str>, &str)> {
    let mut strings = Vec::new();
    collect(object, 3, &mut strings);
    let weighed = strings.into_iter().filter_map(|(key, text)| {
        let text: Cow<'_, str> = if text.contains('\n') {
            Cow::Borrowed(text)
        } else {
            let quoted = quoted::of(text.as_bytes())?;
            Cow::Owned(String::from_utf8_lossy(&quoted.text).into_owned())
        };
        let shapes = text.lines().take(400).map(|line| Shape::of(line.as_bytes()));
        let (mut tells, mut headers) = (0usize, 0usize);
        for shape in shapes {
            tells = tells.saturating_add(usize::from(shape.tells()));
            headers = headers.saturating_add(usize::from(shape == Shape::Header));
        }
        // A stack with a header says more than one without.
        let weight = tells.saturating_add(headers.min(1).saturating_mul(1000));
        (tells >= 2).then_some((weight, text, key))
    });
    // The first of the heaviest.
    let heaviest = weighed.reduce(|best, other| if other.0 > best.0 { other } else { best });
    heaviest.map(|(_, text, key)| (text, key))
}

/// Texts that may be of several lines, in an object and the objects inside it.
fn collect<'a>(object: &'a Map<String, Value>, depth: usize, out: &mut Vec<(&'a str, &'a str)>) {
    for (key, value) in object {
        match value {
            // Of several lines, or encoded: base64 and decimal bytes have no newline.
            Value::String(text) if text.contains('\n') || text.len() > 64 => out.push((key, text)),
            Value::Object(inner) if depth > 1 => collect(inner, depth.saturating_sub(1), out),
            // Attributes of OpenTelemetry.
            Value::Array(items) if depth > 1 && key == "attributes" => {
                for item in items.iter().filter_map(Value::as_object) {
                    collect(item, depth.saturating_sub(1), out);
                }
            }
            _ => {}
        }
    }
}

/// What a logger says next to the stack.
fn beside(object: &Map<String, Value>, taken: &str) -> Vec<String> {
    let says = |key: &&str| {
        let text = object.get(*key)?.as_str().filter(|text| **key != *taken && !text.is_empty())?;
        (text.len() <= 1024 && !text.contains('\n')).then(|| format!("{key}: {text}"))
    };
    ["msg", "message", "error", "err", "panic", "recover", "reason", "exception", "errorMessage"]
        .iter()
        .filter_map(says)
        .collect()
}

fn plain(object: &Map<String, Value>, stamped: bool) -> Option<Record> {
    for key in TEXT {
        match object.get(*key) {
            Some(Value::String(text)) => {
                // Only go test says by the newline whether a line has ended.
                return Some(text_record(text, *key != "Output"));
            }
            // journalctl leaves out values over 4096 bytes (systemd src/shared/logs-show.c).
            Some(Value::Null) if *key == "MESSAGE" => {
                let mut record = Record::of(Text::Own(Vec::new()));
                record.marks = Marks::of(Mark::BlobLost);
                return Some(record);
            }
            // Bytes that are not UTF-8, or control bytes, as numbers.
            Some(Value::Array(bytes)) if *key == "MESSAGE" => {
                let bytes: Option<Vec<u8>> =
                    bytes.iter().map(|b| b.as_u64().and_then(|b| u8::try_from(b).ok())).collect();
                return bytes.map(|bytes| Record::of(Text::Own(bytes)));
            }
            _ => {}
        }
    }
    // An object that we do not know: a field that looks like a line of a crash,
    // in something that has a time, as records of logs have.
    if !stamped {
        return None;
    }
    let tells = |text: &&str| !text.contains('\n') && Shape::of(text.as_bytes()).tells();
    let text = object.values().filter_map(Value::as_str).find(tells)?;
    Some(text_record(text, true))
}

/// `{"errorMessage","errorType","stackTrace":[{path,line,label}]}` of
/// aws-lambda-go (lambda/panic.go): frames without a goroutine, the package of
/// the label and the root of the path are gone.
fn stack_of_lambda(object: &Map<String, Value>) -> Option<Record> {
    let frames = object.get("stackTrace")?.as_array()?;
    let mut text = String::new();
    for frame in frames {
        let (path, line) = (frame.get("path")?.as_str()?, frame.get("line")?.as_u64()?);
        text.push_str(&format!("{}\n\t{path}:{line}\n", frame.get("label")?.as_str()?));
    }
    let mut record = text_record(&text, true);
    record.beside = beside(object, "stackTrace");
    (!frames.is_empty()).then_some(record)
}

/// Labels as Prometheus and Loki print them: `{pod="api-1", stream="stderr"}`.
pub(super) fn labels(text: &[u8]) -> Vec<(&'static str, String)> {
    let text = String::from_utf8_lossy(text);
    let pairs = text.trim_matches(['{', '}']).split(',');
    let known = |pair: &str| {
        let (key, value) = pair.trim().split_once('=')?;
        let (_, field) = IDENTITY.iter().find(|(name, _)| *name == key)?;
        Some((*field, value.trim_matches('"').to_owned()))
    };
    pairs.filter_map(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<String> {
        let mut out = Vec::new();
        lines(line.as_bytes(), &mut out);
        out.iter()
            .map(|record| match &record.text {
                Text::Own(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                Text::Part(_) => unreachable!(),
            })
            .collect()
    }

    #[test]
    fn docker_is_exact() {
        let mut out = Vec::new();
        assert!(docker(
            br#"{"log":"\u0009/a.go:1\n","stream":"stderr","time":"2026-11-23T04:13:20.28Z"}"#,
            &mut out
        ));
        assert_eq!(out[0].text, Text::Own(b"\t/a.go:1".to_vec()));
        assert!(out[0].newline);
        assert!(docker(br#"{"log":"pan","stream":"stderr","time":"2026-11-23T04:13:20.28Z"}"#, &mut out));
        assert!(!out[1].newline);
        assert!(!docker(br#"{"level":"info","msg":"x","time":"2026"}"#, &mut out));
    }

    #[test]
    fn texts_of_many_shapes() {
        for (line, text) in [
            (r#"{"date":1.5,"stream":"stderr","_p":"F","log":"panic: x"}"#, "panic: x"),
            (r#"{"MESSAGE":[112,97,110],"_PID":"7"}"#, "pan"),
            (r#"{"labels":{"pod":"a"},"line":"panic: x","timestamp":"2026-11-23T04:16:32Z"}"#, "panic: x"),
            (r#"{"result":{"_raw":"panic: x","host":"h"}}"#, "panic: x"),
            (r#"{"hits":{"hits":[{"_source":{"message":"panic: x"}}]}}"#, "panic: x"),
            (r#"{"events":[{"timestamp":1795407392171,"message":"panic: x"}]}"#, "panic: x"),
            (
                r#"{"streams":[{"stream":{"pod":"a"},"values":[["1795407392171922345","panic: x"]]}]}"#,
                "panic: x",
            ),
            (
                r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"panic: x"}}]}]}]}"#,
                "panic: x",
            ),
            (r#"{"time":"2026","weird":"goroutine 1 [running]:"}"#, "goroutine 1 [running]:"),
            (
                r#"{"level":"error","msg":"oops","stack":"goroutine 1 [running]:\nmain.f()\n\t/a.go:1 +0x1"}"#,
                "goroutine 1 [running]:\nmain.f()\n\t/a.go:1 +0x1",
            ),
            (
                r#"{"errorMessage":"x","stackTrace":[{"path":"a/main.go","line":3,"label":"f"}]}"#,
                "f\n\ta/main.go:3",
            ),
        ] {
            assert_eq!(texts(line), [text], "{line}");
        }
        assert_eq!(texts(r#"{"log":"a"}{"log":"b"}"#), ["a", "b"]);
        assert!(texts(r#"{"level":3,"n":[1,2]}"#).is_empty());
        assert!(texts("{not json}").is_empty());
    }
}
