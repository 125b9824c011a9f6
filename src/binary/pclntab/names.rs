//! Names of functions as tracebacks print them.

/// The name as a traceback prints it: type arguments become `[...]`
/// (runtime/traceback.go, `funcNameForPrint`), and since Go 1.27, where methods
/// have type parameters of their own, two groups are kept apart.
pub fn printed_name(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(name);
    let (Some(open), Some(close)) = (text.find('['), text.rfind(']')) else { return text.into_owned() };
    if close < open {
        return text.into_owned();
    }
    let (mut depth, mut groups, mut between) = (0usize, Vec::new(), open);
    for (at, c) in text.char_indices().filter(|(at, _)| (open..=close).contains(at)) {
        match c {
            '[' => {
                if depth == 0 && at > open {
                    groups.push(text.get(between..at).unwrap_or(""));
                }
                depth = depth.saturating_add(1);
            }
            ']' => {
                depth = depth.saturating_sub(1);
                between = at.saturating_add(1);
            }
            _ => {}
        }
    }
    let middle = groups.iter().fold("[...]".to_owned(), |out, part| format!("{out}{part}[...]"));
    format!("{}{middle}{}", text.get(..open).unwrap_or(""), text.get(close.saturating_add(1)..).unwrap_or(""))
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
}
