//! Time stamps of wrappings.
//!
//! A stamp is kept as it was printed; the instant is known only where year and
//! zone are. TAI64N labels are taken as UTC + 10 s, as multilog and svlogd
//! write them; s6-log counts leap seconds (+ 37 s), which the bytes do not tell.

use jiff::Timestamp;

/// When a line was stamped, by whoever stamped it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub raw: String,
    /// Nanoseconds since 1970-01-01 UTC; `None` where year or zone is missing.
    pub unix_nanoseconds: Option<i128>,
}

impl Stamp {
    pub(super) fn new(raw: &[u8]) -> Stamp {
        let raw = String::from_utf8_lossy(raw).trim().to_owned();
        Stamp { unix_nanoseconds: instant(&raw).map(Timestamp::as_nanosecond), raw }
    }

    /// RFC 3339 in UTC with milliseconds, where the instant is known.
    pub fn utc(&self) -> Option<String> {
        let at = Timestamp::from_nanosecond(self.unix_nanoseconds?).ok()?;
        Some(format!("{at:.3}"))
    }
}

/// Seconds by which a TAI64 label of daemontools is ahead of UTC.
const TAI_OFFSET: i64 = 10;

fn instant(raw: &str) -> Option<Timestamp> {
    if let Some(label) = raw.strip_prefix('@') {
        let seconds = i64::from_str_radix(label.get(..16)?, 16).ok()?.checked_sub(1 << 62)?;
        let nanoseconds = i32::from_str_radix(label.get(16..24)?, 16).ok()?;
        return Timestamp::new(seconds.checked_sub(TAI_OFFSET)?, nanoseconds).ok();
    }
    if raw.bytes().all(|b| b.is_ascii_digit() || b == b'.') && raw.contains(|c: char| c.is_ascii_digit()) {
        return epoch(raw);
    }
    let raw = raw.trim_matches(['[', ']', ' ']);
    // svlogd -tt prints UTC, and joins date and time so (runit src/fmt_ptime.c).
    if let Some((date, time)) = raw.split_once('_') {
        return format!("{date}T{time}Z").parse().ok();
    }
    if let Ok(at) = raw.parse::<Timestamp>() {
        return Some(at);
    }
    // `2026-11-23T04:16:32+0000`, as journalctl -o short-iso prints the zone.
    for format in ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f%z"] {
        if let Ok(at) = Timestamp::strptime(format, raw) {
            return Some(at);
        }
    }
    // `Mon 2026-11-23 04:16:32 UTC`: other abbreviations of zones are ambiguous.
    let (_, rest) = raw.split_once(' ')?;
    let rest = rest.strip_suffix(" UTC").or_else(|| rest.strip_suffix(" GMT"))?;
    Timestamp::strptime("%Y-%m-%d %H:%M:%S%.f%z", format!("{rest}+0000")).ok()
}

/// Seconds with a fraction, or milli-, micro- or nanoseconds by their size.
fn epoch(raw: &str) -> Option<Timestamp> {
    let (whole, fraction) = raw.split_once('.').unwrap_or((raw, ""));
    let value: i128 = whole.parse().ok()?;
    let unit: i128 = match whole.len() {
        0..=9 => return None,
        10 | 11 => 1_000_000_000,
        12..=14 => 1_000_000,
        15..=17 => 1_000,
        _ => 1,
    };
    let fraction = fraction.get(..fraction.len().min(9)).unwrap_or_default();
    let scaled: i128 = format!("{fraction:0<9}").parse().ok()?;
    let fraction = scaled.checked_mul(unit)?.checked_div(1_000_000_000)?;
    Timestamp::from_nanosecond(value.checked_mul(unit)?.checked_add(fraction)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants() {
        for (raw, utc) in [
            ("2026-11-23T04:16:32.171922345Z", Some("2026-11-23T04:16:32.171Z")),
            ("2026-11-23T05:16:32.171+01:00", Some("2026-11-23T04:16:32.171Z")),
            ("2026-11-23T04:16:32+0000", Some("2026-11-23T04:16:32.000Z")),
            ("Mon 2026-11-23 04:16:32 UTC", Some("2026-11-23T04:16:32.000Z")),
            ("1795407392.171922", Some("2026-11-23T04:16:32.171Z")),
            ("1795407392171", Some("2026-11-23T04:16:32.171Z")),
            ("1795407392171922", Some("2026-11-23T04:16:32.171Z")),
            ("@400000006b03bed1335ecf9c", Some("2026-11-23T04:19:19.861Z")),
            ("Nov 23 04:16:32", None),
            ("2026-11-23 04:16:32", None),
            ("", None),
            ("@zz", None),
        ] {
            assert_eq!(Stamp::new(raw.as_bytes()).utc().as_deref(), utc, "{raw}");
        }
    }
}
