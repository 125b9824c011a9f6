use super::*;

/// The units of a text that comes in pieces, and what was damaged.
fn units(text: &str, most: usize, piece: usize) -> (Vec<(Kind, &str)>, (u64, bool)) {
    let mut document = Document::new(most, 4 * most);
    let mut end = 0;
    while end < text.len() {
        end = text.len().min(end + piece);
        document.advance(&text.as_bytes()[..end], false);
    }
    document.advance(text.as_bytes(), true);
    let units = document.units().iter().map(|unit| (unit.kind, &text[unit.range.clone()])).collect();
    (units, (document.damaged, document.cut))
}

fn kinds(text: &str, most: usize) -> (Vec<(Kind, &str)>, (u64, bool)) {
    let whole = units(text, most, text.len());
    for piece in 1..text.len() {
        assert_eq!(units(text, most, piece), whole, "{text} in pieces of {piece}");
    }
    whole
}

#[test]
fn what_is_short_is_a_unit() {
    let text = "{\n \"a\": [1, \"x\\\"}\"]\n}\n[\n]\n";
    assert_eq!(kinds(text, 100), (vec![(Kind::Value, &text[..21]), (Kind::Value, "[\n]")], (0, false)));
}

#[test]
fn what_is_long_is_opened() {
    let text = "{\n\"took\":3, \"events\" : [\n{\"m\":\"a\"},\n{\"m\":\"b]}\"}, \"c\\\"\", 17 ] }\n";
    let (units, damaged) = kinds(text, 12);
    let expected = [
        (Kind::Member, "\"took\":3"),
        (Kind::Value, "{\"m\":\"a\"}"),
        (Kind::Value, "{\"m\":\"b]}\"}"),
        (Kind::Value, "\"c\\\"\""),
        (Kind::Value, "17"),
    ];
    assert_eq!((units.as_slice(), damaged), (&expected[..], (0, false)));
}

#[test]
fn what_is_too_long_is_cut() {
    let text = format!("[\n\"{}\", 1]\n", "x".repeat(90));
    let (units, damaged) = kinds(&text, 10);
    assert_eq!((units.len(), damaged), (2, (0, false)));
    assert_eq!((units[0].0, units[0].1.len(), units[1]), (Kind::CutValue, 40, (Kind::Value, "1")));
}

#[test]
fn damage_is_passed_over() {
    let text =
        "[\n {\"m\": \"a\"},\n #!\n {\"m\": \"b\"},\n {\"m\": \"c\",\n {\"m\": \"d\"}\n]\nexit status 2\n";
    let (units, damaged) = kinds(text, 16);
    let expected = [
        (Kind::Value, "{\"m\": \"a\"}"),
        (Kind::Damaged, "#!\n"),
        (Kind::Value, "{\"m\": \"b\"}"),
        (Kind::Member, "\"m\": \"c\""),
        (Kind::Value, "{\"m\": \"d\"}"),
        (Kind::Text, "exit status 2\n"),
    ];
    assert_eq!((units.as_slice(), damaged), (&expected[..], (2, false)));
}

#[test]
fn a_document_that_is_cut() {
    let text = "{\"events\": [\n {\"t\": 1, \"m\": \"a\"},\n {\"t\": 2, \"m\": \"b";
    let (units, damaged) = kinds(text, 1000);
    let expected = [
        (Kind::Value, "{\"t\": 1, \"m\": \"a\"}"),
        (Kind::Member, "\"t\": 2"),
        (Kind::CutMember, "\"m\": \"b"),
    ];
    assert_eq!((units.as_slice(), damaged), (&expected[..], (0, true)));
}

#[test]
fn lines_and_other_text_are_no_document() {
    for text in ["{\"a\":1}\n{\"a\":2}\n", "{\n  foo: 1\n}\n", "[\n// x\n]\n", "{\"a\":1}"] {
        let mut document = Document::new(100, 100);
        document.advance(text.as_bytes(), true);
        assert!(document.is_lines() && document.units().is_empty(), "{text}");
    }
    assert!(begins(b"[\n {\"message\":\"a\"},\n {\"message\":\"b\"}\n]\n"));
    assert!(begins(b"\xef\xbb\xbf{\r\n \"a\":"));
    assert!(begins(format!("{{\"events\":[{{\"a\":\"{}", "x".repeat(5000)).as_bytes()));
    for text in ["{\"a\":1}\n{\"b\":2}\n", "panic: x", "{\"a\":[", "[INFO] x\n", "[1] x\n"] {
        assert!(!begins(text.as_bytes()), "{text}");
    }
}

#[test]
fn nothing_hostile_takes_long() {
    for text in
        ["[".repeat(1 << 20), "{\"a\":".repeat(1 << 18), "[\n".repeat(1 << 19), "{\"a\":[\n".repeat(1 << 17)]
    {
        let mut document = Document::new(1 << 16, 1 << 18);
        document.advance(text.as_bytes(), true);
        document.advance(text.as_bytes(), true);
    }
}
