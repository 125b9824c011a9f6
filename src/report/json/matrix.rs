//! The ports of Go as JSON.

use std::io;

use serde::Serialize;

use super::{VERSION, finish};
use crate::diagnose::faults_on;
use crate::target::floors::lowest_system;
use crate::target::levels::{levels, processor};
use crate::target::ports::{GO, LATEST, Pie, Port, REMOVED, Risk};
use crate::target::seen::seen;

/// Output of `panicmap matrix --format json`.
///
/// # Errors
/// Those of the writer.
pub fn matrix_json(ports: &[&Port], out: &mut dyn io::Write) -> io::Result<()> {
    let removed = REMOVED.iter().map(|(port, since)| RemovedJson { port, since }).collect();
    let ports = ports.iter().map(|port| PortJson::new(port)).collect();
    finish(&MatrixJson { schema: VERSION, matrix: BodyJson { go: GO, ports, removed } }, out)
}

#[derive(Serialize)]
struct MatrixJson {
    schema: &'static str,
    matrix: BodyJson,
}

#[derive(Serialize)]
struct BodyJson {
    go: &'static str,
    ports: Vec<PortJson>,
    removed: Vec<RemovedJson>,
}

#[derive(Serialize)]
struct RemovedJson {
    port: &'static str,
    since: &'static str,
}

#[derive(Serialize)]
struct PortJson {
    goos: &'static str,
    goarch: &'static str,
    first_class: bool,
    level_variable: Option<&'static str>,
    levels: Vec<LevelJson>,
    processor: Option<&'static str>,
    lowest_system: &'static str,
    cgo_off: CgoOffJson,
    cgo_on: Option<CgoOnJson>,
    pie: &'static str,
    race: bool,
    seen: Vec<SeenJson>,
    faults: Vec<&'static str>,
}

#[derive(Serialize)]
struct SeenJson {
    level: Option<&'static str>,
    cc: Option<&'static str>,
    runners: Vec<&'static str>,
    what: &'static str,
}

#[derive(Serialize)]
struct LevelJson {
    value: &'static str,
    default: bool,
    needs: &'static str,
}

#[derive(Serialize)]
struct RiskJson {
    level: &'static str,
    reason: &'static str,
}

#[derive(Serialize)]
struct CgoOffJson {
    builds: bool,
    output: &'static str,
    risk: RiskJson,
}

#[derive(Serialize)]
struct CgoOnJson {
    compilers: Vec<CompilerJson>,
    risk: RiskJson,
}

#[derive(Serialize)]
struct CompilerJson {
    cc: &'static str,
    from: &'static str,
}

fn risk((level, reason): (Risk, &'static str)) -> RiskJson {
    RiskJson { level: level.name(), reason }
}

impl PortJson {
    fn new(port: &Port) -> PortJson {
        let levels: Vec<LevelJson> = levels(port.arch)
            .iter()
            .map(|level| LevelJson { value: level.value, default: level.default, needs: level.needs })
            .collect();
        let compilers = port.compilers().into_iter().map(|cc| CompilerJson { cc: cc.command, from: cc.from });
        PortJson {
            goos: port.os.name(),
            goarch: port.arch.name(),
            first_class: port.first_class,
            level_variable: port.arch.level_variable(),
            processor: match levels.iter().find(|level| level.default) {
                Some(level) => Some(level.needs),
                None => processor(port.arch, "", false, Some(LATEST)),
            },
            levels,
            lowest_system: lowest_system(port.os, Some(port.arch), LATEST)
                .map_or(port.system(), |floor| floor.system),
            cgo_off: CgoOffJson { builds: port.without_cgo, output: port.output(), risk: risk(port.risk()) },
            cgo_on: port
                .risk_with_cgo()
                .map(|with_cgo| CgoOnJson { compilers: compilers.collect(), risk: risk(with_cgo) }),
            pie: match port.pie {
                Pie::Default => "default",
                Pie::Asked => "asked",
                Pie::No => "no",
            },
            race: port.race,
            seen: seen(port)
                .into_iter()
                .map(|s| SeenJson { level: s.level, cc: s.compiler, runners: s.runners, what: s.what })
                .collect(),
            faults: faults_on(port),
        }
    }
}
