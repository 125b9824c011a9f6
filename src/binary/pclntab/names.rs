//! Names of functions as tracebacks print them.

/// How a version of Go writes the names of generic functions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Naming {
    /// Up to 1.17 there are none; `[3]int` in the name of a generated function stays.
    Raw,
    /// From the first `[` to the last `]` it is `[...]`: by the linker in 1.18
    /// and 1.19 (cmd/link/internal/ld/pcln.go, `nameParts`), by the runtime
    /// since (runtime/traceback.go, `funcNamePiecesForPrint`, 1.26).
    Once,
    /// Methods have type parameters of their own, which are kept apart (1.27).
    Twice,
}

impl Naming {
    /// By the minor version of Go; unknown ones are taken for new.
    pub(in crate::binary) fn of_minor(minor: Option<u32>) -> Naming {
        match minor {
            Some(..=17) => Naming::Raw,
            Some(18..=26) => Naming::Once,
            _ => Naming::Twice,
        }
    }

    /// The name as a traceback of that version prints it.
    pub fn print(self, name: &[u8]) -> String {
        let text = String::from_utf8_lossy(name);
        let bounds = text.find('[').zip(text.rfind(']')).filter(|(open, close)| open < close);
        let Some((open, close)) = bounds.filter(|_| self != Naming::Raw) else { return text.into_owned() };
        let before = text.get(..open).unwrap_or("");
        let after = text.get(close.saturating_add(1)..).unwrap_or("");
        let inside = text.get(open.saturating_add(1)..close).unwrap_or("");
        match (self, between(inside)) {
            (Naming::Twice, Between::Text(middle)) => format!("{before}[...]{middle}[...]{after}"),
            (Naming::Twice, Between::Malformed) => text.into_owned(),
            _ => format!("{before}[...]{after}"),
        }
    }
}

enum Between<'a> {
    Nothing,
    /// What stands between the first group and the next.
    Text(&'a str),
    Malformed,
}

/// Balances the brackets inside the outermost ones as the runtime does
/// (runtime/traceback.go, `funcNamePiecesForPrint`, 1.27).
fn between(inside: &str) -> Between<'_> {
    let (mut depth, mut closed) = (1i32, None);
    for (at, c) in inside.char_indices() {
        match c {
            '[' if depth == 0 => {
                let start = closed.unwrap_or(0usize).saturating_add(1);
                return Between::Text(inside.get(start..at).unwrap_or(""));
            }
            '[' => depth = depth.saturating_add(1),
            ']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    closed = Some(at);
                }
            }
            _ => {}
        }
        if depth < 0 {
            return Between::Malformed;
        }
    }
    if depth == 1 { Between::Nothing } else { Between::Malformed }
}

/// The name as the newest Go prints it.
pub fn printed_name(name: &[u8]) -> String {
    Naming::Twice.print(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_arguments_are_printed_as_dots() {
        for (name, printed) in [
            ("main.Map[go.shape.int_0]", "main.Map[...]"),
            ("main.(*List[go.shape.string]).Map[go.shape.int]", "main.(*List[...]).Map[...]"),
            ("main.P.Conv[go.shape.[]int]", "main.P.Conv[...]"),
            ("main.f", "main.f"),
            ("main.g[go.shape.map[string]int].func1", "main.g[...].func1"),
        ] {
            assert_eq!(printed_name(name.as_bytes()), printed);
        }
    }

    /// What Go 1.17.13, 1.24.11 and 1.27.3 print, or keep in their tables, of one name.
    #[test]
    fn a_generated_function_is_named_by_the_version() {
        let name = b"type:.eq.[134]struct { a [8]uint8; b [2]int }";
        assert_eq!(Naming::of_minor(Some(17)).print(name).as_bytes(), name);
        assert_eq!(Naming::of_minor(Some(24)).print(name), "type:.eq.[...]int }");
        assert_eq!(Naming::of_minor(Some(27)).print(name), "type:.eq.[...]struct { a [...]int }");
        assert_eq!(Naming::of_minor(Some(27)).print(b"f[a]]b[c]"), "f[a]]b[c]");
    }
}
