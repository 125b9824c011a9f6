//! Formats that put something before each line.
//!
//! Patterns are anchored at both ends, so that a line that is something else
//! is refused at its first bytes. `(?-u)` and `(?s)`: the text may hold any byte.

/// `2026-11-23T04:16:32.171Z stderr F text`. The tag is a list split by `:`; P
/// is a part (containerd internal/cri/io/logger.go, conmon src/ctr_logging.c).
pub(super) const CRI: &str = r"(?s-u)^(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) (?P<stream>stdout|stderr) (?P<part>[PF](?::[^ ]*)?)(?: (?P<text>.*))?$";

/// 32 columns since GitLab 17: stamp, stream number, O or E, `+` for a line that
/// goes on.
pub(super) const GITLAB: &str = r"(?s-u)^(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) [0-9a-f]{2}(?P<stream>[OE])(?P<more>[ +])(?P<text>.*)$";

pub(super) const KUBECTL: &str =
    r"(?s-u)^\[pod/(?P<pod>[^/\] ]+)/(?P<container>[^\] ]+)\](?: (?P<text>.*))?$";

/// Job, step, and the stamp of a GitHub runner.
pub(super) const GH_RUN: &str = r"(?s-u)^(?P<job>[^\t]+)\t(?P<step>[^\t]+)\t(?:\xEF\xBB\xBF)?(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z)(?: (?P<text>.*))?$";

pub(super) const FLUENTD: &str = r"(?s-u)^(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*(?: [+-]\d{4})?)\t(?P<tag>[^\t]+)\t(?P<text>\{.*\})$";

/// The labels name the source.
pub(super) const LOKI: &str = r"(?s-u)^(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*) (?P<labels>\{(?:[A-Za-z_]\w*=\x22[^\x22]*\x22,? ?)*\}) ?(?P<text>.*)$";

pub(super) const GRAFANA: &str =
    r"(?s-u)^(?P<time>\d{13})\t\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[^\t]*\t(?P<text>.*)$";

pub(super) const HEROKU: &str = r"(?s-u)^(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*) (?P<tag>app|heroku)\[(?P<unit>[^\]]+)\]: ?(?P<text>.*)$";

/// `<27>1 TIME HOST APP PROCID MSGID SD TEXT` (RFC 5424 section 6); the text may
/// begin with a byte order mark, which rsyslog keeps.
pub(super) const SYSLOG_5424: &str = r#"(?s-u)^(?:<\d{1,3}>)?(?:1 )?(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*) (?P<host>\S+) (?P<tag>\S+) (?P<pid>\S+) (?:\S+) (?:-|(?:\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\])+)(?: (?:\xEF\xBB\xBF)?(?P<text>.*))?$"#;

/// What syslog daemons write to files, and the short forms of journalctl: a
/// date in one of many forms, the host (`--no-hostname` leaves it out), who, and
/// perhaps the process.
pub(super) const SYSLOG: &str = concat!(
    r"(?s-u)^(?:<\d{1,3}>)?(?P<time>",
    r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?",
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)",
    r"|(?:[A-Z][a-z]{2} )?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? [A-Z]{2,5}",
    r"|\d{9,10}\.\d{6}",
    r"|\[ *\d+\.\d+(?: <[ \d.]*>)? *\]",
    r") (?:(?P<host>[^\s:\[\]]+) (?:[a-z0-9]+\.[a-z]+ )?(?P<tag>[^\s:\[\]]+)(?:\[(?P<pid>\d+)\])?|(?P<tag2>[^\s:\[\]]+)\[(?P<pid2>\d+)\]):(?: (?P<text>.*))?$"
);

pub(super) const TAI64N: &str = r"(?s-u)^(?P<time>@[0-9a-f]{24})(?: (?P<text>.*))?$";

/// Pod and container, and the namespace with `-A`. Names of pods end in what a
/// ReplicaSet, Job or StatefulSet adds.
pub(super) const STERN: &str = r"(?s-u)^(?:(?P<namespace>[a-z0-9-]+) )?(?P<pod>[a-z0-9][a-z0-9.-]*-(?:[bcdfghjklmnpqrstvwxz2456789]{5}|\d+)) (?P<container>[a-z0-9][a-z0-9-]*)(?: (?P<text>.*))?$";

pub(super) const AWS_TAIL: &str = r"(?s-u)^(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*) (?P<log_stream>[^\s:{}]*[/\d\[\-_][^\s:{}]*)(?: (?P<text>.*))?$";

/// `aws logs get-log-events --output text`: the time of arrival, the text, the
/// time of the event.
pub(super) const AWS_TEXT: &str = r"(?s-u)^EVENTS\t\d{13}\t(?P<text>.*)\t(?P<time>\d{13})$";

/// Stamps alone: docker and kubectl `--timestamps`, GitHub and Azure runners,
/// s6-log, svlogd, `ts`, the timestamper of Jenkins.
pub(super) const STAMP: &str = concat!(
    r"(?s-u)^(?:\xEF\xBB\xBF)?(?P<time>",
    // s6-log T, the one with two blanks behind it.
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9} ",
    r"|\[?\d{4}-\d\d-\d\d[T _]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?(?:Z|[+-]\d\d:?\d\d))?\]?",
    r"|\[?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?\]?",
    r"|\[?\d\d:\d\d:\d\d(?:[.,]\d+)?\]?",
    r"|\d{10}\.\d+|\d{13}",
    r")(?:[ \t](?P<text>.*))?$"
);

/// The column of the bar moves when a longer name joins.
pub(super) const COMPOSE: &str = r"(?s-u)^(?:\d+\|)?(?P<service>[A-Za-z0-9][\w.-]*) *\|(?: (?P<text>.*))?$";

pub(super) const BRACKET: &str =
    r"(?s-u)^\[(?P<tag>[A-Za-z0-9][\w./:-]*)(?: (?P<container>[A-Za-z0-9][\w.-]*))?\](?: (?P<text>.*))?$";

pub(super) const SSE: &str = r"(?s-u)^data: (?P<text>.*)$";

pub(super) const JSON_SEQ: &str = r"(?s-u)^\x1e(?P<text>.*)$";

pub(super) const NUMBERED: &str = r"(?s-u)^ *\d+(?:\t|  )(?P<text>.*)$";

/// `N:` for a hit and `N-` for a line of context, with the name of the file
/// before it or without.
pub(super) const GREP: &str = r"(?s-u)^(?:(?P<file>[^\s:][^:]*?)[:-])?\d+[:-](?P<text>.*)$";

pub(super) const QUOTE: &str = r"(?s-u)^(?:> ?)+(?P<text>.*)$";

/// kubectl `--timestamps` puts a stamp before every record of a CRI log, and so
/// into the middle of lines that the runtime wrote in pieces. Such a stamp has
/// the form of the first, and its date and hour.
pub(super) fn without_stamps(text: &[u8], first: &[u8]) -> Option<Vec<u8>> {
    const DATE_AND_HOUR: usize = "2026-11-23T04:".len();
    let mark = first.get(..DATE_AND_HOUR).filter(|mark| mark.get(10) == Some(&b'T'))?;
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = memchr::memmem::find(rest, mark) {
        let stamp = rest.get(at..).unwrap_or_default();
        let length = stamp.iter().position(|b| *b == b' ')?;
        // The zone is the first's as well, or it is something that the text says.
        let zone = first.iter().rposition(|b| matches!(b, b'Z' | b'+')).and_then(|at| first.get(at..));
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        let whole = stamp.get(..length).unwrap_or_default();
        if length > 36 || zone.is_none_or(|zone| !whole.ends_with(zone)) {
            return None;
        }
        rest = stamp.get(length.saturating_add(1)..).unwrap_or_default();
    }
    if out.is_empty() && rest.len() == text.len() {
        return None;
    }
    out.extend_from_slice(rest);
    Some(out)
}

/// rsyslog writes control bytes as `#` and three octal digits. Text like `#123`
/// is an issue's number: only a record with an escaped TAB or newline is decoded.
pub(super) fn octal(text: Vec<u8>) -> Vec<u8> {
    let has = |what: &[u8]| memchr::memmem::find(&text, what).is_some();
    if !has(b"#011") && !has(b"#012") {
        return text;
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest: &[u8] = &text;
    while let [byte, after @ ..] = rest {
        rest = after;
        match (byte, after) {
            (b'#', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', behind @ ..]) => {
                let digit = |d: &u8| d.wrapping_sub(b'0');
                let value = (digit(a) << 6) | (digit(b) << 3) | digit(c);
                out.push(value);
                rest = behind;
            }
            _ => out.push(*byte),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::formats::find;
    use super::super::record::Text;
    use super::*;

    fn read(name: &str, line: &str) -> Option<(String, Vec<(&'static str, String)>)> {
        let mut out = Vec::new();
        if !find(name).unwrap().read(line.as_bytes(), &mut out) {
            return None;
        }
        let record = out.remove(0);
        let text = match record.text {
            Text::Part(range) => String::from_utf8_lossy(&line.as_bytes()[range]).into_owned(),
            Text::Own(bytes) => String::from_utf8(bytes).unwrap(),
        };
        Some((text, record.identity))
    }

    fn text(name: &str, line: &str) -> Option<String> {
        read(name, line).map(|(text, _)| text)
    }

    #[test]
    fn stamps_inside_a_line() {
        let first = b"2026-11-23T04:16:32.171Z";
        let clean = |text: &str| without_stamps(text.as_bytes(), first);
        let cut = "pan2026-11-23T04:16:32.172Z ic: 2026-11-23T04:16:32.173Z x";
        assert_eq!(clean(cut), Some(b"panic: x".to_vec()));
        assert_eq!(clean("panic: x"), None);
        assert_eq!(clean("panic: since 2026-11-23T04:00:00+01:00 x"), None);
    }

    #[test]
    fn prefixes_come_off() {
        for (name, line, rest) in [
            ("cri", "2026-11-23T04:16:32.171Z stderr F \t/a.go:1 +0x1", "\t/a.go:1 +0x1"),
            ("cri", "2026-11-23T04:16:32.171922+00:00 stderr P pan", "pan"),
            ("cri", "2026-11-23T04:16:32Z stderr F", ""),
            ("gitlab", "2026-11-23T04:16:32.171922Z 01E goroutine 1 [running]:", "goroutine 1 [running]:"),
            ("kubectl-prefix", "[pod/api-7d9f5c6b8-x2lqp/api] panic: x", "panic: x"),
            ("syslog", "Nov  3 04:16:32 node-3 app[4711]: panic: x", "panic: x"),
            ("syslog", "Nov 23 04:16:32 app[4711]:", ""),
            ("syslog", "2026-11-23T04:16:32+0000 node app[7]: panic:", "panic:"),
            ("syslog", "Mon 2026-11-23 04:16:32 UTC node app[7]: x", "x"),
            ("syslog", "[ 3591.680163 <    0.000000 >] node app[7]: x", "x"),
            ("syslog", "1795407392.171922 node app[7]: x", "x"),
            ("syslog", "Nov 23 04:16:32 node app[7]: #011/a.go:1", "\t/a.go:1"),
            ("syslog", "Nov 23 04:16:32 node app[7]: fixes #123", "fixes #123"),
            ("syslog-5424", "<27>1 2026-11-23T04:16:32Z h app 7 - [a k=\"v\\\"]\"] panic: x", "panic: x"),
            ("tai64n", "@400000006b03bed1335ecf9c panic: x", "panic: x"),
            ("stern", "api-7d9f5c6b8-x2lqp api panic: x", "panic: x"),
            ("compose", "api-1      | panic: x", "panic: x"),
            ("stamp", "2026-11-23 04:19:19.842143712  panic: x", "panic: x"),
            ("stamp", "2026-11-23_04:19:19.86205 panic: x", "panic: x"),
            ("stamp", "Nov 23 04:46:21 panic: x", "panic: x"),
            ("stamp", "[2026-11-23T04:16:32.171Z] panic: x", "panic: x"),
            ("heroku", "2026-11-23T04:16:32.171922+00:00 app[web.1]: panic: x", "panic: x"),
            ("quote", "> > panic: x", "panic: x"),
            ("grep", "app.log-12-panic: x", "panic: x"),
            ("numbered", "    12\tpanic: x", "panic: x"),
        ] {
            assert_eq!(text(name, line).as_deref(), Some(rest), "{name}: {line}");
        }
        for (name, line) in [
            ("cri", "2026-11-23T04:16:32.171Z stdin F x"),
            ("syslog", "Nov 23 04:16:32 panic: x"),
            ("syslog", "goroutine 1 [running]:"),
            ("kubectl-prefix", "[pod/x] y"),
            ("compose", "| a | b |"),
        ] {
            assert_eq!(text(name, line), None, "{name}: {line}");
        }
    }
}
