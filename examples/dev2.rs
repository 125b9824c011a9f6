use panicmap::{source::*, binary::Binary, symbolize::*, addr::*};
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let b = Binary::open(&a[1], Limits::default()).unwrap();
    let s = Symbolizer::new(&b, if a.len() > 3 && a[3]=="dwarf" { Mode::Dwarf } else { Mode::Auto });
    println!("{:#?}", b.facts().go_version);
    println!("{:?}", s.resolve(LinkAddr(u64::from_str_radix(a[2].trim_start_matches("0x"), 16).unwrap())));
}
