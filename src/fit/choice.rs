//! Which of several executables wrote the log, and why that one.

use super::{Fit, fit};
use crate::binary::{Binary, goes_by};
use crate::trace::Crash;

/// The executable that a crash is judged with.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Its index among those given.
    pub index: usize,
    pub fit: Fit,
    /// Why this one; `None` where only one was given.
    pub why: Option<String>,
    /// Others that fit as well: the log does not tell which of them it was.
    pub alike: usize,
}

/// The executable that the log fits best. A log whose frames cannot be compared
/// names at most packages and the program.
pub fn choose(crash: &Crash, binaries: &[&Binary]) -> Option<Choice> {
    if let [only] = binaries {
        return Some(Choice { index: 0, fit: fit(crash, only), why: None, alike: 0 });
    }
    let fits: Vec<Fit> = binaries.iter().map(|binary| fit(crash, binary)).collect();
    let rank = |fit: &Fit| {
        let share = fit.matched.saturating_mul(1000).checked_div(fit.checked).unwrap_or(0);
        let at_fault = fit.fault == Some(true);
        (fit.fits(), share, fit.matched, fit.creators.1, at_fault, fit.elsewhere.is_none())
    };
    let compared = fits.iter().enumerate().filter(|(_, fit)| fit.checked > 0);
    let best = compared.max_by_key(|(index, fit)| (rank(fit), std::cmp::Reverse(*index)));
    let by_frames = best.map(|(index, best)| {
        let alike = fits.iter().enumerate();
        let alike = alike.filter(|(other, fit)| *other != index && rank(fit) == rank(best));
        let alike: Vec<usize> = alike.map(|(other, _)| other).collect();
        (index, because(best, binaries, &fits, index, &alike), alike.len())
    });
    let by_words = || by_module(crash, binaries).or_else(|| by_name(crash, binaries));
    let (index, why, alike) = by_frames.or_else(|| by_words().map(|(index, why)| (index, why, 0)))?;
    fits.into_iter().nth(index).map(|fit| Choice { index, fit, why: Some(why), alike })
}

/// The executable that the log fits, where there may be none of it among them. A
/// single one has to fit as well; one that cannot be compared has to be named.
pub fn fitting(crash: &Crash, binaries: &[&Binary]) -> Option<Choice> {
    let choice = match binaries {
        [only] => {
            let fit = fit(crash, only);
            let named = || by_module(crash, binaries).or_else(|| by_name(crash, binaries));
            let why = if fit.fits() { None } else { Some(named()?.1) };
            Choice { index: 0, fit, why, alike: 0 }
        }
        _ => choose(crash, binaries)?,
    };
    (!choice.fit.refuted()).then_some(choice)
}

fn because(best: &Fit, binaries: &[&Binary], fits: &[Fit], index: usize, alike: &[usize]) -> String {
    let path = |index: usize| binaries.get(index).map_or(String::new(), |binary| binary.origin.to_string());
    let others = fits.iter().enumerate().filter(|(other, _)| *other != index);
    let runner_up = others.max_by_key(|(other, fit)| (fit.matched, std::cmp::Reverse(*other)));
    let mut why = format!(
        "{} was chosen among {} executables: {} of {} frames fit",
        path(index),
        binaries.len(),
        best.matched,
        best.checked
    );
    if best.fault == Some(true) {
        why.push_str(", and the address of the fault");
    }
    match (alike, runner_up) {
        ([], Some((other, fit))) if fit.checked > 0 => {
            let detail = if (fit.matched, fit.checked) == (best.matched, best.checked) {
                match (&fit.misfit, &fit.elsewhere) {
                    (Some(misfit), _) => format!(", but not {}", misfit.frame),
                    (None, Some((printed, there))) => {
                        format!(", but with other paths ({there} where the log has {printed})")
                    }
                    (None, None) if best.fault == Some(true) && fit.fault.is_none() => {
                        ", but the address of the fault cannot be compared".to_owned()
                    }
                    _ => String::new(),
                }
            } else {
                String::new()
            };
            why.push_str(&format!("; of {}, {} of {}{detail}", path(other), fit.matched, fit.checked));
        }
        ([], Some((other, _))) => why.push_str(&format!("; {} cannot be compared", path(other))),
        ([], None) => {}
        (alike, _) => {
            let names: Vec<String> = alike.iter().take(3).map(|other| path(*other)).collect();
            let more = alike.len().saturating_sub(names.len());
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            why.push_str(&format!(
                "; {}{more} fit{} as well: the log does not tell them apart",
                names.join(", "),
                if alike.len() == 1 { "s" } else { "" }
            ));
        }
    }
    why
}

/// Functions are named by their package: the executable whose module they are of.
fn by_module(crash: &Crash, binaries: &[&Binary]) -> Option<(usize, String)> {
    let count = |binary: &Binary| {
        let module = binary.build_info()?.main.as_ref()?.path.clone();
        let inside = |function: &str| {
            function.strip_prefix(module.as_str()).is_some_and(|rest| rest.starts_with(['/', '.']))
        };
        let frames = crash.frames.iter().filter(|frame| inside(crash.function(frame))).count();
        (frames > 0).then_some((frames, module))
    };
    let counted = binaries.iter().enumerate().filter_map(|(index, binary)| Some((index, count(binary)?)));
    let (index, (frames, module)) =
        counted.max_by_key(|(index, (frames, _))| (*frames, std::cmp::Reverse(*index)))?;
    let path = binaries.get(index)?.origin.to_string();
    Some((index, format!("{path} was chosen by its module: {frames} frames are of {module}")))
}

fn by_name(crash: &Crash, binaries: &[&Binary]) -> Option<(usize, String)> {
    let program = crash.remarks.iter().find_map(|remark| remark.program.as_deref())?;
    let index = binaries.iter().position(|binary| goes_by(&binary.origin.to_string(), program))?;
    let path = binaries.get(index)?.origin.to_string();
    Some((index, format!("{path} was chosen by its name: the log speaks of {program}")))
}
