use super::*;
use crate::source::{Limits, from_bytes};
use crate::trace::read;

fn dump(text: &str) -> Crash {
    read(&from_bytes("log", text.as_bytes().to_vec(), Limits::default()).unwrap(), &Default::default())
        .crashes
        .remove(0)
}

/// A goroutine with one frame of the program.
fn goroutine(id: u64, state: &str, function: &str, arguments: &str, line: u32) -> String {
    format!(
        "goroutine {id} [{state}]:\nmain.{function}({arguments})\n\t/app/main.go:{line} +0x1d\n\
         created by main.main in goroutine 1\n\t/app/main.go:9 +0x2f\n\n"
    )
}

#[test]
fn one_group_for_a_state_and_a_stack() {
    let text = goroutine(7, "chan receive, 3 minutes", "serve", "0xc000012000, 0x1", 20)
        + &goroutine(8, "chan receive, 9 minutes, locked to thread", "serve", "0xc000012008, 0x1", 20)
        + &goroutine(9, "chan receive", "serve", "0xc000012000, 0x1", 20)
        + &goroutine(10, "select", "serve", "0xc000012000, 0x1", 20)
        + &goroutine(11, "chan receive", "serve", "0xc000012000, 0x1", 21)
        + &goroutine(12, "chan receive", "serve", "...", 20);
    let crash = dump(&text);
    let groups = groups(&crash, crash.goroutines.iter());
    let counts: Vec<usize> = groups.iter().map(Group::count).collect();
    assert_eq!(counts, [3, 1, 1, 1]);
    let first = &groups[0];
    assert_eq!((first.state(), first.minutes, first.locked), ("chan receive", Some((3, 9)), 1));
    assert_eq!(first.ids().collect::<Vec<_>>(), [7, 8, 9]);
    assert_eq!(first.arguments(0).text(), "<2 values: 0xc000012000, 0xc000012008>, 0x1");
    assert_eq!(
        first.creators(),
        [Creator { function: "main.main", file: "/app/main.go", line: 9, count: 3 }]
    );
}

#[test]
fn what_members_have_in_common() {
    let frame = "main.f(0x1)\n\t/app/main.go:5 +0x1d\n";
    let text = format!(
        "goroutine 7 [select, synctest bubble 1]:\n{frame}...12 frames elided...\n\n\
         goroutine 8 [select, synctest bubble 1, new]:\n{frame}...40 frames elided...\n\n"
    );
    let crash = dump(&text);
    let groups = groups(&crash, crash.goroutines.iter());
    assert_eq!(groups.len(), 1);
    assert_eq!(groups[0].attributes(), ["synctest bubble 1"]);
    assert_eq!(groups[0].elided(), Some((12, 40)));
    assert!(groups[0].creators().is_empty());
}

fn filter(of: Of, pattern: &str, wanted: bool) -> Filter {
    Filter { tests: vec![Test { of, pattern: regex::Regex::new(pattern).unwrap(), wanted }] }
}

#[test]
fn all_conditions_must_hold() {
    let text = goroutine(7, "select", "serve", "0x1", 20) + &goroutine(8, "sleep, 2 minutes", "tick", "", 30);
    let crash = dump(&text);
    let ids = |filter: &Filter| filter.select(&crash).iter().filter_map(|g| g.id).collect::<Vec<_>>();
    assert_eq!(ids(&Filter::default()), [7, 8]);
    assert_eq!(ids(&filter(Of::Function, "^main\\.serve$", true)), [7]);
    assert_eq!(ids(&filter(Of::Function, "serve", false)), [8]);
    assert_eq!(ids(&filter(Of::State, "^sleep$", true)), [8]);
    assert_eq!(ids(&filter(Of::File, "app/main", true)), [7, 8]);
    let mut both = filter(Of::File, "app/main", true);
    both.tests.extend(filter(Of::State, "select", true).tests);
    assert_eq!(ids(&both), [7]);
}

#[test]
fn what_changed_between_two_dumps() {
    let many = |range: std::ops::Range<u64>, state: &str, function: &str, line| -> String {
        range.map(|id| goroutine(id, state, function, "0x1", line)).collect()
    };
    let before = many(2..4, "chan send, 1 minutes", "leak", 20)
        + &many(4..9, "select", "worker", 30)
        + &many(9..10, "IO wait", "accept", 40)
        + &many(10..12, "running", "steady", 50);
    // Another build: the line of the leak moved.
    let after = many(2..40, "chan send, 7 minutes", "leak", 22)
        + &many(40..45, "semacquire", "worker", 30)
        + &many(45..46, "sleep", "nap", 60)
        + &many(50..52, "running", "steady", 50);
    let (before, after) = (dump(&before), dump(&after));
    let none = Filter::default();
    let diff = diff(Side::new(&before, 1, 1, &none), Side::new(&after, 1, 1, &none));
    assert_eq!((diff.before.count(), diff.after.count(), diff.growth()), (10, 46, 36));
    let name = |change: &Change<'_>| change.site().map(|f| change.crash().function(f).to_owned()).unwrap();
    let rows: Vec<_> = diff.changes.iter().map(|c| (c.kind().name(), name(c), c.before, c.after)).collect();
    let row = |kind, function: &str, before, after| (kind, format!("main.{function}"), before, after);
    assert_eq!(
        rows,
        [
            row("grown", "leak", 2, 38),
            row("new", "nap", 0, 1),
            row("gone", "accept", 1, 0),
            row("state", "worker", 5, 5),
        ]
    );
    assert_eq!(diff.changes[3].states, [("semacquire", 0, 5), ("select", 5, 0)]);
    assert_eq!(diff.changes[0].creators[0].count, 38);
    assert_eq!(diff.worst().unwrap().frames[0].line, 22);
    assert_eq!(diff.same, (1, 2));
    assert_eq!(diff.longest_wait.unwrap().minutes, (1, 7));
}

#[test]
fn the_dump_with_most_goroutines_is_taken() {
    let head = "panic: boom\n\n";
    let one = goroutine(1, "running", "f", "", 5);
    let text = format!("{head}{one}\n{head}{one}{one}\n{head}{one}{one}\n");
    let crashes =
        read(&from_bytes("log", text.into_bytes(), Limits::default()).unwrap(), &Default::default()).crashes;
    assert_eq!(crashes.len(), 3);
    assert_eq!(pick(&crashes, None), Some(2));
    assert_eq!(
        (pick(&crashes, Some(1)), pick(&crashes, Some(4)), pick(&crashes, Some(0))),
        (Some(0), None, None)
    );
}

/// A profile has no ids and no states; one record is many goroutines.
#[test]
fn profiles_are_compared_by_their_counts() {
    let profile = |total: u64, waiting: u64| {
        let text = format!(
            "goroutine profile: total {total}\n{waiting} @ 0x11\n#\t0x10\tmain.wait+0x4\t/app/main.go:5\n\n1 @ 0x31\n#\t0x30\tmain.main+0x4\t/app/main.go:7\n\n"
        );
        dump(&text)
    };
    let (before, after) = (profile(3, 2), profile(8, 7));
    let all = Filter::default();
    let diff = diff(Side::new(&before, 1, 1, &all), Side::new(&after, 1, 1, &all));
    assert_eq!((diff.before.count(), diff.after.count(), diff.growth()), (3, 8, 5));
    assert_eq!(diff.changes.len(), 1);
    assert_eq!((diff.changes[0].before, diff.changes[0].after), (2, 7));
    assert!(diff.changes[0].states.is_empty());
    let groups = groups(&after, after.goroutines.iter());
    assert_eq!(groups.iter().map(Group::count).collect::<Vec<_>>(), [7, 1]);
}
