//! Panics that were under way: their values and the types of those (runtime/panic.go,
//! `printpanics`; runtime/error.go, `printpanicval` and `printanycustomtype`).

use super::Runtime;
use super::offsets;

/// Most panics of one goroutine that are followed.
const MAX_PANICS: usize = 256;

/// One `_panic`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panic {
    /// As it is printed behind `panic: `.
    pub text: String,
    /// The type of the value as the runtime holds it: `string` once an error
    /// was replaced by its text.
    pub type_name: Option<String>,
    pub recovered: bool,
    pub repanicked: bool,
    /// Not a panic but `runtime.Goexit`.
    pub goexit: bool,
}

/// Kinds of types (internal/abi/type.go, 1.27; runtime/typekind.go, 1.19).
mod kind {
    pub(in crate::postmortem) const BOOL: u8 = 1;
    pub(in crate::postmortem) const INT: u8 = 2;
    pub(in crate::postmortem) const INT64: u8 = 6;
    pub(in crate::postmortem) const UINT: u8 = 7;
    pub(in crate::postmortem) const UINTPTR: u8 = 12;
    pub(in crate::postmortem) const FLOAT32: u8 = 13;
    pub(in crate::postmortem) const FLOAT64: u8 = 14;
    pub(in crate::postmortem) const COMPLEX64: u8 = 15;
    pub(in crate::postmortem) const COMPLEX128: u8 = 16;
    pub(in crate::postmortem) const STRING: u8 = 24;
}

/// What a type descriptor says.
struct Type {
    name: String,
    kind: u8,
    /// A value of it is one pointer, which stands in the interface itself.
    direct: bool,
}

impl Runtime<'_> {
    /// The chain of a goroutine, the first panic first.
    pub fn panics(&self, mut at: u64) -> Vec<Panic> {
        let mut out = Vec::new();
        while at != 0 && out.len() < MAX_PANICS {
            let flag = |row| self.field(at, row).and_then(|at| self.memory.u8(at)).unwrap_or(0) & 1 != 0;
            let Some(value) = self.field(at, &offsets::PANIC_ARG) else { break };
            let second = value.saturating_add(self.pointer_size());
            let pair = self.memory.word(value).zip(self.memory.word(second));
            let (text, type_name) = match pair {
                Some((kind, data)) => self.value(kind, data),
                None => ("(a value that is not in the core)".to_owned(), None),
            };
            out.push(Panic {
                text,
                type_name,
                recovered: flag(&offsets::PANIC_RECOVERED),
                repanicked: flag(&offsets::PANIC_REPANICKED),
                goexit: flag(&offsets::PANIC_GOEXIT),
            });
            at = self.word(at, &offsets::PANIC_LINK).unwrap_or(0);
        }
        out.reverse();
        out
    }

    fn value(&self, kind: u64, data: u64) -> (String, Option<String>) {
        if kind == 0 {
            return ("nil".to_owned(), None);
        }
        let Some(kind) = self.type_at(kind) else {
            return (format!("(a value whose type is not readable) {data:#x}"), None);
        };
        let text = self.text_of(&kind, data);
        (text, Some(kind.name))
    }

    fn text_of(&self, kind: &Type, data: u64) -> String {
        let opaque = || format!("({}) {data:#x}", kind.name);
        let Some(inner) = self.scalar(kind, data) else { return opaque() };
        // Types that the runtime prints bare are called like their kind.
        if BASIC.contains(&kind.name.as_str()) {
            inner
        } else if kind.kind == kind::STRING {
            format!("{}(\"{inner}\")", kind.name)
        } else if matches!(kind.kind, kind::COMPLEX64 | kind::COMPLEX128) {
            format!("{}{inner}", kind.name)
        } else {
            format!("{}({inner})", kind.name)
        }
    }

    fn scalar(&self, kind: &Type, data: u64) -> Option<String> {
        let at = if kind.direct { return None } else { data };
        let memory = &self.memory;
        let float = |at: u64, size: u8| -> Option<f64> {
            let bits = memory.number(at, size)?;
            Some(if size == 4 {
                f32::from_bits(u32::try_from(bits).ok()?).into()
            } else {
                f64::from_bits(bits)
            })
        };
        let size = |number: u8, first: u8| match number.wrapping_sub(first) {
            0 => memory.words.pointer_size,
            1 => 1,
            2 => 2,
            3 => 4,
            4 => 8,
            _ => memory.words.pointer_size,
        };
        Some(match kind.kind {
            kind::BOOL => if memory.u8(at)? == 0 { "false" } else { "true" }.to_owned(),
            number @ kind::INT..=kind::INT64 => {
                let size = size(number, kind::INT);
                let unused = 64u32.saturating_sub(u32::from(size).saturating_mul(8));
                let value = memory.number(at, size)?.wrapping_shl(unused).cast_signed().wrapping_shr(unused);
                value.to_string()
            }
            number @ kind::UINT..=kind::UINTPTR => memory.number(at, size(number, kind::UINT))?.to_string(),
            kind::FLOAT32 => self.float(float(at, 4)?, true),
            kind::FLOAT64 => self.float(float(at, 8)?, false),
            kind::COMPLEX64 | kind::COMPLEX128 => {
                let size = if kind.kind == kind::COMPLEX64 { 4 } else { 8 };
                let narrow = size == 4;
                let (real, imaginary) = (float(at, size)?, float(at.checked_add(size.into())?, size)?);
                let sign = if self.minor >= 26 && !imaginary.is_sign_negative() { "+" } else { "" };
                format!("({}{sign}{}i)", self.float(real, narrow), self.float(imaginary, narrow))
            }
            kind::STRING => self.indented(&memory.string(at)?),
            _ => return None,
        })
    }

    /// A text as the version prints it.
    pub(in crate::postmortem) fn indented(&self, text: &[u8]) -> String {
        let text = String::from_utf8_lossy(text);
        if self.minor >= INDENTS { text.replace('\n', "\n\t") } else { text.into_owned() }
    }

    /// Up to 1.25 always with six places and an exponent of three digits
    /// (runtime/print.go, `printfloat`).
    fn float(&self, value: f64, narrow: bool) -> String {
        if value.is_nan() {
            return "NaN".to_owned();
        }
        if value.is_infinite() {
            return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
        }
        if self.minor >= 26 {
            return shortest(value, narrow);
        }
        let text = format!("{:.6e}", value.abs());
        let sign = if value.is_sign_negative() { '-' } else { '+' };
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (mark, number) = match exponent.strip_prefix('-') {
            Some(number) => ('-', number),
            None => ('+', exponent),
        };
        format!("{sign}{digits}e{mark}{number:0>3}")
    }

    /// The type whose descriptor is at an address of the process.
    fn type_at(&self, at: u64) -> Option<Type> {
        let (low, high) = self.types;
        if at < low || at >= high {
            return None;
        }
        let wide = self.pointer_size() == 8;
        // internal/abi/type.go, `Type`: tflag, kind and the name's offset.
        let (flag_at, kind_at, name_at) = if wide { (20, 23, 40) } else { (12, 15, 24) };
        let byte = |offset: u64| self.memory.u8(at.checked_add(offset)?);
        let (flags, kind) = (byte(flag_at)?, byte(kind_at)?);
        let name = self.memory.u32(at.checked_add(name_at)?)?;
        let name = self.name_at(low.checked_add(name.into())?)?;
        // tflagExtraStar: the name is stored with a star before it.
        let name = if flags & 2 != 0 { name.strip_prefix('*').unwrap_or(&name).to_owned() } else { name };
        // KindDirectIface moved into the flags in 1.26.
        let direct = if self.minor >= 26 { flags & 32 != 0 } else { kind & 32 != 0 };
        Some(Type { name, kind: kind & 31, direct })
    }

    /// A name of reflection: flags, length as a varint, text.
    fn name_at(&self, at: u64) -> Option<String> {
        let (mut length, mut shift, mut next) = (0u64, 0u32, at.checked_add(1)?);
        loop {
            let byte = self.memory.u8(next)?;
            length |= u64::from(byte & 0x7f).wrapping_shl(shift);
            next = next.checked_add(1)?;
            shift = shift.saturating_add(7);
            if byte & 0x80 == 0 {
                break;
            }
            if shift > 14 {
                return None;
            }
        }
        if length > 1 << 14 {
            return None;
        }
        let text = self.memory.copy(next, length)?;
        std::str::from_utf8(&text).ok().map(str::to_owned)
    }

    /// The name of the type at an address, where one is.
    pub(in crate::postmortem) fn type_name(&self, at: u64) -> Option<String> {
        let name = self.type_at(at)?.name;
        let sane = !name.is_empty() && name.chars().all(|c| !c.is_control());
        sane.then_some(name)
    }
}

/// The first version that indents what follows a newline (`printindented`).
const INDENTS: u32 = 23;

/// `printpanicval` prints these without their type.
const BASIC: [&str; 18] = [
    "bool",
    "int",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "uintptr",
    "float32",
    "float64",
    "complex64",
    "complex128",
    "string",
    "nil",
];

/// The shortest decimal that reads back as the same number, as `print` writes it
/// since 1.26 (strconv, format 'g').
fn shortest(value: f64, narrow: bool) -> String {
    #[allow(clippy::cast_possible_truncation)]
    let text = if narrow { format!("{:e}", value as f32) } else { format!("{value:e}") };
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return if narrow { format!("{}", value as f32) } else { format!("{value}") };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
}
