use super::*;

#[test]
fn texts_lose_what_varies() {
    let link = |message: &str| Link {
        fatal: false,
        message: message.to_owned(),
        value: Value::Text,
        recovered: false,
        repanicked: false,
    };
    assert_eq!(
        class_of(&link("runtime error: index out of range [5] with length 3")),
        "panic:index out of range [N] with length N"
    );
    assert_eq!(class_of(&link("load config: open x: no such file")), "panic:text load config");
    assert_eq!(class_of(&link("(*main.flat) 0xc000012345")), "panic:type *main.flat");
    assert_eq!(class_of(&link("&main.config{Port:80}")), "panic:type main.config");
    assert_eq!(class_of(&link("main.run(x) failed")), "panic:text ");
    assert_eq!(class_of(&link("user 7 is gone")), "panic:text user");
    let value = Value::Typed { type_name: "main.state".to_owned(), value: "half open".to_owned() };
    assert_eq!(class_of(&Link { value, ..link("main.state(\"half open\")") }), "panic:type main.state");
}

fn crash(frames: &[(&str, u32)]) -> Crash {
    let mut text = "panic: boom\n\ngoroutine 1 [running]:\n".to_owned();
    for (function, line) in frames {
        text.push_str(&format!("{function}()\n\t/app/x.go:{line} +0x1d\n"));
    }
    let document = crate::source::from_bytes("log", text.into_bytes(), crate::source::Limits::default());
    crate::trace::read(&document.unwrap(), &Default::default()).crashes.remove(0)
}

#[test]
fn each_frame_has_a_fate() {
    let crash = crash(&[
        ("panic", 1),
        ("main.cleanup", 2),
        ("panic", 3),
        ("main.less", 4),
        ("sort.insertionSort_func", 5),
        ("sort.Slice", 6),
        ("main.walk", 7),
        ("main.walk", 8),
        ("main.run", 9),
        ("main.main", 10),
        ("runtime.main", 11),
    ]);
    let steps = explain(&crash);
    let unit = |name: &str| Fate::Unit(name.to_owned());
    let fates: Vec<&Fate> = steps.iter().map(|step| &step.fate).collect();
    assert_eq!(
        fates,
        [
            &Fate::AbovePanic,
            &Fate::AbovePanic,
            &Fate::AbovePanic,
            &unit("main.less"),
            &Fate::InnerStd,
            &unit("sort.Slice"),
            &unit("main.walk"),
            &Fate::Repeated,
            &Fate::Beyond,
            &Fate::Beyond,
            &Fate::Runtime,
        ]
    );
    let signature = signature(&crash);
    assert_eq!(signature.text, "pm1\npanic:text boom\nmain.less\nsort.Slice\nmain.walk\n");
    assert_eq!(
        signature.variant_text,
        "pm1v\npanic:text boom\nmain.less:4\nmain.walk:7\nmain.walk:8\nmain.run:9\nmain.main:10\n"
    );
}

#[test]
fn a_variant_is_one_place_of_one_bug() {
    let sign = |frames: &[(&str, u32)]| signature(&crash(frames));
    let (a, b) = (sign(&[("main.f", 3), ("main.main", 9)]), sign(&[("main.f", 4), ("main.main", 9)]));
    assert_eq!(a.id, b.id);
    assert_ne!(a.variant, b.variant);
    assert!(a.variant.starts_with("pm1v:") && a.variant.len() == 21);
}
