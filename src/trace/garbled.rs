//! Traces of several processes in one stream: where their lines are mixed, which
//! frame belongs to which goroutine cannot be known, and none is claimed.

use super::grammar::Lines;
use super::{Crash, Kind};
use crate::envelope::Shape;

/// Lines of frames that have lost their other half, from which on the lines are
/// mixed. One or two may also be lines that a collector has dropped.
const MIXED: usize = 3;
/// Lines after a record in which the first odd one must stand.
const NEAR: usize = 6;
/// Lines without any shape of a crash that end the mixture.
const QUIET: usize = 8;

/// What follows a record.
pub(super) enum Behind {
    Nothing,
    /// Some lines of frames that fit nowhere.
    Odd,
    /// The lines up to this offset are those of several traces.
    Mixed(usize),
}

/// Looks at the lines behind a record that ends at `end`.
pub(super) fn behind(text: &[u8], end: usize, crash: &Crash) -> Behind {
    // The race detector prints frames of another form.
    if crash.goroutines.is_empty() || crash.kind == Kind::Race {
        return Behind::Nothing;
    }
    look(text, end)
}

fn look(text: &[u8], end: usize) -> Behind {
    let mut lines = Lines::new(text, end);
    let mut last = end;
    let (mut odd, mut quiet, mut seen) = (0usize, 0usize, 0usize);
    let (mut before, mut named) = (Shape::Blank, false);
    while let Some(line) = lines.next() {
        let shape = Shape::of(line);
        let next = lines.peek().map_or(Shape::Blank, |(next, _)| Shape::of(next));
        seen = seen.saturating_add(1);
        // A new crash begins behind an empty line.
        if shape == Shape::Head && before == Shape::Blank {
            break;
        }
        let cut = lines.peek().is_none();
        let alone = match shape {
            Shape::Call => !matches!(next, Shape::Position { .. }) && !cut,
            Shape::Position { .. } => !named && !matches!(before, Shape::Call | Shape::Creator),
            _ => false,
        };
        odd = odd.saturating_add(usize::from(alone));
        if odd == 0 && (seen > NEAR || shape.tells()) {
            return Behind::Nothing;
        }
        if shape.tells() {
            (last, quiet) = (lines.at, 0);
        } else {
            quiet = quiet.saturating_add(1);
            if quiet > QUIET {
                break;
            }
        }
        before = shape;
        // Loggers and gccgo print functions without arguments.
        named = shape == Shape::Other && line.contains(&b'.') && !line.contains(&b' ');
    }
    match odd {
        0 => Behind::Nothing,
        1..MIXED => Behind::Odd,
        _ => Behind::Mixed(last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_a_record() {
        let mixed = b"\t/a.go:1 +0x1\nmain.f(0x1)\nmain.g(0x2)\n\t/b.go:2 +0x2\n\t/b.go:3 +0x2\nok\n";
        assert!(matches!(look(mixed, 0), Behind::Mixed(end) if end == mixed.len() - 3));
        assert!(matches!(look(b"main.f(0x1)\nmain.g(0x2)\n\t/b.go:2 +0x2\n", 0), Behind::Odd));
        for fine in [
            &b"exit status 2\n"[..],
            b"\npanic: x\n\ngoroutine 1 [running]:\n",
            b"main.f(0x1)\n\t/a.go:1 +0x1\n",
            b"main.f(0x1)",
            b"main.f\n\t/a.go:1\nmain.g\n\t/a.go:2\nmain.h\n\t/a.go:3\n",
            b"FAIL\tpackage\t0.01s\n",
        ] {
            assert!(matches!(look(fine, 0), Behind::Nothing), "{}", String::from_utf8_lossy(fine));
        }
    }
}
