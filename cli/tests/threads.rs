//! Several threads: what comes out is the same as with one, wherever the records lie.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

use common::{Folder, RECORD, Ran, gzip, lines, read, scan, start, zstd};

/// A record that the rules ask for; the number makes its alert its own.
fn stop(number: usize) -> String {
    format!(
        r#"{{"eventVersion":"1.08","eventTime":"2024-01-01T00:00:00Z","eventSource":"config.amazonaws.com","eventName":"StopConfigurationRecorder","eventID":"stop-{number}","recipientAccountId":"111122223333"}}"#
    )
}

/// The numbers of the stops that alerts are about, in their order.
fn stops(alerts: &str) -> Vec<usize> {
    alerts
        .lines()
        .map(|alert| alert.rsplit_once("\"stop-").unwrap().1.split_once('"').unwrap().0)
        .map(|number| number.parse().unwrap())
        .collect()
}

/// Records with a stop here and there; the numbers of the stops begin at `first`.
fn records(first: usize, count: usize) -> Vec<String> {
    let record = |at: usize| if at % 1000 == 500 { stop(first + at) } else { RECORD.to_owned() };
    (0..count).map(record).collect()
}

fn document(first: usize, count: usize) -> String {
    format!("{{\"Records\":[{}]}}\n", records(first, count).join(","))
}

/// Lines of many batches, with what makes it hard to tell where one ends.
fn rugged_lines(first: usize) -> String {
    let mut text = String::new();
    for (at, record) in records(first, 20_000).into_iter().enumerate() {
        match at % 4_000 {
            7 => text.push_str("{\"broken\":tru}\n"),
            13 => text.push_str("no record at all\n"),
            // Larger than what is looked at for a batch's end.
            17 => writeln!(text, "{{\"eventName\":\"{}\"}}", "x".repeat(60_000)).unwrap(),
            19 => text.push_str(&"\n".repeat(40_000)),
            23 => text.push_str("{\n\"eventName\":\n\"over lines\"\n}\n"),
            29 => text.push_str("{\"cut\":\"off\n"),
            _ => {}
        }
        text.push_str(&record);
        text.push_str(if at % 3 == 0 { "\r\n" } else { "\n" });
    }
    text
}

fn with_threads(threads: usize, arguments: &[&Path], stdin: &[u8]) -> Ran {
    let threads = threads.to_string();
    let arguments = arguments.iter().map(|path| path.as_os_str());
    let arguments: Vec<_> =
        ["--threads".as_ref(), threads.as_ref()].into_iter().chain(arguments).collect();
    scan(&arguments, stdin)
}

#[test]
fn alerts_problems_and_totals_do_not_depend_on_threads() {
    let folder = Folder::new();
    let mut damaged = gzip(document(400_000, 3_000).as_bytes());
    *damaged.iter_mut().nth_back(7).unwrap() ^= 1;
    let stream = gzip(rugged_lines(500_000).as_bytes());
    let files: [(&str, Vec<u8>); 16] = [
        ("a document.gz", gzip(document(100_000, 20_000).as_bytes())),
        ("b lines", rugged_lines(200_000).into_bytes()),
        ("c document.gz", gzip(document(300_000, 5_000).as_bytes())),
        ("d wrong sum.gz", damaged),
        ("e lines.gz", stream.clone()),
        ("f cut off.gz", stream[..stream.len() / 2].to_vec()),
        ("g not even begun.gz", stream[..9].to_vec()),
        ("h large document", document(600_000, 100_000).into_bytes()),
        ("i two members.gz", [gzip(document(700_000, 900).as_bytes()), gzip(b"{]\n")].concat()),
        ("j archive.zip", [b"PK\x03\x04\x14\0 and more PK\x05\x06", [0; 18].as_slice()].concat()),
        ("k empty", Vec::new()),
        ("l lines.zst", zstd(rugged_lines(800_000).as_bytes())),
        ("m mark", format!("\u{feff}{}", rugged_lines(900_000)).into_bytes()),
        ("n large document.gz", gzip(document(1_000_000, 100_000).as_bytes())),
        ("o cut off document", document(1_100_000, 90_000).into_bytes()[..9_000_000].to_vec()),
        ("p record", format!("{}\n", stop(0)).into_bytes()),
    ];
    for (name, bytes) in &files {
        folder.file(&format!("all/{name}"), bytes);
    }
    for number in 0..50 {
        let text = document(2_000_000 + 10_000 * number, 600);
        folder.file(&format!("small/{number:02}.gz"), gzip(text.as_bytes()));
    }
    let [all, small, missing] = ["all", "small", "missing"].map(|name| folder.path().join(name));
    let arguments = [&all, &missing, Path::new("-"), &small, &missing, &all];
    let stdin = format!("{}\nbad\n", stop(1));

    let one = with_threads(1, &arguments, stdin.as_bytes());
    let mut stops = stops(&one.alerts);
    // An alert of each rule.
    stops.dedup();
    assert!(stops.len() > 500, "{}", stops.len());
    assert!(one.problems.len() > 50, "{}", one.problems.len());
    let unread = 2 + 2 * 2;
    assert_eq!(one.figure("unopened"), unread, "{:?}", one.problems);
    assert_eq!(one.figure("files"), 2 * files.len() as u64 + 1 + 50 + 2 - unread);
    let of_folder =
        |range: std::ops::Range<usize>| stops.iter().filter(|at| range.contains(at)).count();
    assert_eq!(of_folder(2_000_000..3_000_000), 50);
    assert_eq!(of_folder(600_000..700_000), 2 * 100);

    for threads in [2, 2, 4, 4] {
        let many = with_threads(threads, &arguments, stdin.as_bytes());
        assert_eq!(many.problems, one.problems, "{threads} threads");
        assert!(many.alerts == one.alerts, "{threads} threads");
        assert_eq!(format!("{many:?}"), format!("{one:?}"), "{threads} threads");
    }
}

/// A file's batches may be sought before they are read, those of a stream never are.
#[test]
fn lines_are_the_same_as_a_file_and_as_a_stream() {
    let folder = Folder::new();
    for (name, text) in [
        ("rugged", rugged_lines(0)),
        ("with a mark", format!("\u{feff}{}", rugged_lines(0))),
        ("without an end", rugged_lines(0).trim_end().to_owned()),
        ("cut off", rugged_lines(0)[..1_500_000].to_owned()),
        ("even", lines(20_000)),
        ("arrays", format!("[{RECORD},{RECORD}]\n").repeat(10_000)),
        ("blank", " \n".repeat(2_000_000)),
        ("a document, then lines", document(0, 100_000) + &rugged_lines(100_000)),
        ("lines, then a document", rugged_lines(100_000) + &document(0, 100_000)),
    ] {
        let file = folder.file("records", &text);
        let as_stream = scan(&["-"], text.as_bytes());
        for threads in [1, 2] {
            let as_file = with_threads(threads, &[&file], b"");
            let named = as_stream
                .problems
                .iter()
                .map(|problem| problem.replacen("<stdin>", file.to_str().unwrap(), 1));
            assert_eq!(as_file.problems, named.collect::<Vec<_>>(), "{name}");
            assert_eq!(as_file.counts(), as_stream.counts(), "{name}");
            assert_eq!(as_file.figure("bytes"), as_stream.figure("bytes"), "{name}");
            assert!(as_file.alerts == as_stream.alerts, "{name}");
        }
    }
}

/// What comes first takes its time; the others go on, up to a point, and wait for it.
#[test]
fn alerts_wait_for_a_stream_that_comes_first() {
    let folder = Folder::new();
    // Each of them has alerts of more bytes than may wait.
    let many: String = (0..4_000).map(|number| stop(number) + "\n").collect();
    let paths: Vec<_> = (0..6).map(|number| folder.file(&format!("{number}"), &many)).collect();
    let mut arguments: Vec<&std::ffi::OsStr> = ["--threads", "4", "-"].map(AsRef::as_ref).into();
    arguments.extend(paths.iter().map(|path| path.as_os_str()));
    let mut child = start(&arguments);
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        for number in 0..20 {
            writeln!(stdin, "{}", stop(1_000_000 + number)).unwrap();
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    });
    let ran = read(&child.wait_with_output().unwrap());
    writer.join().unwrap();
    assert_eq!(ran.counts(), (0, 6 * 4_000 + 20, 0, 0), "{:?}", ran.problems);
    let mut expected: Vec<usize> = (1_000_000..1_000_020).collect();
    (0..6).for_each(|_| expected.extend(0..4_000));
    let mut found = stops(&ran.alerts);
    found.dedup();
    assert!(found == expected, "{} stops", found.len());
}
