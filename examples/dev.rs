use panicmap::{source::*, trace, binary::Binary, fit::fit};
fn main() {
    for case in std::fs::read_dir("corpus/cases").unwrap() {
        let dir = case.unwrap().path();
        let toml: toml::Value = toml::from_str(&std::fs::read_to_string(dir.join("case.toml")).unwrap()).unwrap();
        let doc = open(dir.join("log").to_str().unwrap(), Limits::default());
        let Ok(doc) = doc else { println!("{:40} {:?}", dir.display(), doc.err()); continue };
        let r = trace::read(&doc);
        let exp = toml["expect"].clone();
        print!("{:45}", dir.file_name().unwrap().to_str().unwrap());
        if r.crashes.len() as i64 != exp["crashes"].as_integer().unwrap() { print!(" COUNT {}!={}", r.crashes.len(), exp["crashes"]); }
        if let Some(c) = r.crashes.first() {
            if c.kind.name() != exp["kind"].as_str().unwrap() { print!(" KIND {}!={}", c.kind.name(), exp["kind"]); }
            let site = c.crash_site().map(|f| (c.function(f).to_owned(), f.line as i64)).unwrap_or_default();
            if (site.0.as_str(), site.1) != (exp["crash_site"].as_str().unwrap(), exp["crash_line"].as_integer().unwrap()) { print!(" SITE {site:?} != {} {}", exp["crash_site"], exp["crash_line"]); }
            if !c.complete() { print!(" LOSS {:?}", c.losses) }
            if let Some(b) = toml["input"]["binaries"].as_array().and_then(|b| b.first()) {
                let b = Binary::open(&format!("corpus/binaries/{}", b.as_str().unwrap()), Limits::default()).unwrap();
                let f = fit(c, &b);
                print!(" fit {}/{} {:?} {:?} {:?}", f.matched, f.checked, f.bias, f.misfit, f.not_checked);
            }
        }
        println!();
    }
}
