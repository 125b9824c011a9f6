//! `panicmap explain`: the documentation of the rules, by id or by words.

use std::io::{self, Write};

use anyhow::bail;
use panicmap::diagnose::{RULES, Rule, rule};
use panicmap::near::near;
use panicmap::report::{faults_json, fill};

use super::terminal::Output;
use super::{ExplainArgs, status};

pub(super) fn run(args: &ExplainArgs) -> anyhow::Result<u8> {
    // Shells hand over `illegal instruction` as two words, quotes as one.
    let words: Vec<String> =
        args.words.iter().flat_map(|word| word.split_whitespace()).map(str::to_lowercase).collect();
    let found = match words.as_slice() {
        [] => RULES.to_vec(),
        [id] if rule(id).is_some() => rule(id).into_iter().collect(),
        _ => find(&words),
    };
    if found.is_empty() {
        let said = words.join(" ");
        let near = near(&said, RULES.iter().map(|rule| rule.id));
        let near = if near.is_empty() { RULES.iter().map(|rule| rule.id).collect() } else { near };
        bail!("{said}: no fault has this id or speaks of it; there are {}", near.join(", "));
    }
    let mut out = Output::open(&args.output)?;
    match found.as_slice() {
        all if out.json => faults_json(all, &mut out)?,
        [only] => whole(only, &mut out)?,
        several => {
            for rule in several {
                writeln!(out, "{:<24} {}", rule.id, rule.title)?;
            }
        }
    }
    out.flush()?;
    Ok(status::DONE)
}

/// Faults that hold all words, those first that hold more of them in the id,
/// then in the title.
fn find(words: &[String]) -> Vec<&'static Rule> {
    let mut hits: Vec<(usize, &Rule)> = RULES
        .iter()
        .filter_map(|rule| {
            let docs = &rule.docs;
            let title = rule.title.to_lowercase();
            let text = [docs.what, docs.why, docs.evidence, docs.look_alikes, docs.fix, docs.since]
                .join("\n")
                .to_lowercase();
            let scores = words.iter().map(|word| {
                let word = word.as_str();
                [rule.id, &title, &text].iter().position(|place| place.contains(word))
            });
            Some((scores.sum::<Option<usize>>()?, *rule))
        })
        .collect();
    hits.sort_by_key(|(score, _)| *score);
    hits.into_iter().map(|(_, rule)| rule).collect()
}

fn whole(rule: &Rule, out: &mut Output) -> io::Result<()> {
    let width = out.style.width;
    writeln!(out, "{}", fill(&format!("{}: {}", rule.id, rule.title), "", width))?;
    let docs = &rule.docs;
    for (heading, text) in [
        ("What", docs.what),
        ("Why", docs.why),
        ("Evidence", docs.evidence),
        ("Look-alikes", docs.look_alikes),
        ("Fix", docs.fix),
        ("Since", docs.since),
    ] {
        writeln!(out, "\n{heading}\n{}", fill(text, "  ", width))?;
    }
    Ok(())
}
