//! Files, folders, patterns, standard input, and what isn't there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::io::{BufRead, BufReader, Write};

use common::{Folder, RECORD, gzip, lines, read, scan, start, tocsin, zstd};

#[test]
fn files_and_standard_input_are_read_in_the_order_of_the_arguments() {
    let folder = Folder::new();
    let first = folder.file("b.json", "bad 1\n");
    let second = folder.file("a.json", "bad 2\n");
    let ran = scan(&[first.as_os_str(), "-".as_ref(), second.as_os_str()], b"bad stdin\n");
    let places: Vec<&str> =
        ran.problems.iter().map(|line| line.split(":1:").next().unwrap()).collect();
    assert_eq!(places, [first.to_str().unwrap(), "<stdin>", second.to_str().unwrap()]);
    assert_eq!(ran.figure("files"), 3);
}

#[test]
fn standard_input_is_the_default() {
    let none: [&str; 0] = [];
    assert_eq!(scan(&none, lines(3).as_bytes()).counts(), (0, 3, 0, 0));
}

#[test]
fn a_folder_gives_all_its_files_by_name() {
    let folder = Folder::new();
    folder.file("2.json", "bad\n");
    folder.file("1/z.gz", gzip(b"bad\n"));
    folder.file("1/a.log", "bad\n");
    folder.file(".hidden", "bad\n");
    folder.file("empty", "");
    let ran = scan(&[folder.path()], b"");
    assert_eq!(ran.counts(), (1, 4, 4, 0), "{ran:?}");
    assert_eq!((ran.figure("files"), ran.figure("empty")), (5, 1));
    let names: Vec<&str> = ran
        .problems
        .iter()
        .map(|line| line.strip_prefix(folder.path().to_str().unwrap()).unwrap())
        .map(|line| line.split(':').next().unwrap())
        .collect();
    assert_eq!(names, ["/.hidden", "/1/a.log", "/1/z.gz", "/2.json"]);
}

#[test]
fn patterns_are_for_shells_that_leave_them() {
    let folder = Folder::new();
    folder.file("a1.json", lines(1));
    folder.file("a2.json", lines(2));
    folder.file("b.json", lines(4));
    folder.file("deep/er/a3.json", lines(8));
    folder.file("[x].json", lines(16));
    let count = |pattern: &str| scan(&[folder.path().join(pattern)], b"").figure("records");
    assert_eq!(count("a*.json"), 3);
    assert_eq!(count("**/a*.json"), 11);
    assert_eq!(count("**"), 31);
    assert_eq!(count("d*"), 8, "a folder that fits is walked");
    assert_eq!(count("[x].json"), 16, "a file of that very name comes first");
}

#[test]
fn what_is_not_there_is_reported_and_the_rest_goes_on() {
    let folder = Folder::new();
    let good = folder.file("good.json", lines(2));
    let missing = folder.path().join("missing.json");
    let pattern = folder.path().join("*.nothing");
    let ran = scan(&[missing.as_path(), pattern.as_path(), good.as_path()], b"");
    assert_eq!(ran.counts(), (1, 2, 0, 0), "{ran:?}");
    assert_eq!((ran.figure("files"), ran.figure("unopened")), (1, 2));
    assert_eq!(
        ran.problems,
        [
            format!("{}: no such file or folder", missing.display()),
            format!("{}: no file has a name of this pattern", pattern.display()),
        ]
    );
}

#[test]
#[cfg(target_os = "linux")]
fn what_cannot_be_read_is_reported_and_the_rest_goes_on() {
    let folder = Folder::new();
    let good = folder.file("good.json", lines(2));
    // It opens, and fails at the first read, even for root.
    let ran = scan(&[std::path::Path::new("/proc/self/mem"), &good], b"");
    assert_eq!(ran.counts(), (1, 2, 0, 0), "{ran:?}");
    assert_eq!(ran.problems, ["/proc/self/mem: Input/output error"]);
}

#[test]
#[cfg(unix)]
fn links_are_followed_and_their_loops_are_not() {
    let folder = Folder::new();
    let file = folder.file("logs/a.json", lines(1));
    std::os::unix::fs::symlink(folder.path(), folder.path().join("logs/up")).unwrap();
    std::os::unix::fs::symlink(&file, folder.path().join("link.json")).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.path().join("lost.json")).unwrap();
    let ran = scan(&[folder.path()], b"");
    assert_eq!(ran.counts(), (1, 2, 0, 0), "{ran:?}");
    assert_eq!(ran.problems.len(), 1, "{ran:?}");
    assert!(ran.problems[0].contains("lost.json: No such file or directory"), "{ran:?}");
}

#[test]
fn compression_is_recognised_by_content() {
    let text = lines(5);
    let plain = text.as_bytes();
    let cases: Vec<(&str, Vec<u8>, u64)> = vec![
        ("gzip", gzip(plain), 5),
        ("gzip in members", [gzip(plain), gzip(b""), gzip(plain)].concat(), 10),
        ("zstd", zstd(plain), 5),
        ("zstd in frames", [zstd(plain), zstd(plain)].concat(), 10),
        ("gzip twice", gzip(&gzip(plain)), 5),
        ("zstd in gzip", gzip(&zstd(plain)), 5),
        ("an empty gzip", gzip(b""), 0),
        ("a record over two members", [gzip(&plain[..50]), gzip(&plain[50..])].concat(), 5),
        ("a byte order mark inside", gzip(format!("\u{feff}{text}").as_bytes()), 5),
    ];
    let folder = Folder::new();
    for (name, bytes, records) in cases {
        let file = folder.file("misleading.txt", &bytes);
        assert_eq!(scan(&[file], b"").counts(), (0, records, 0, 0), "{name}, as a file");
        assert_eq!(scan(&["-"], &bytes).counts(), (0, records, 0, 0), "{name}, as a stream");
    }
    let plain_file = folder.file("plain.gz", plain);
    assert_eq!(scan(&[plain_file], b"").counts(), (0, 5, 0, 0), "a name doesn't make it gzip");
}

/// A file may be inflated at one go, a stream never is.
#[test]
fn gzip_is_the_same_as_a_file_and_as_a_stream() {
    let document =
        format!("{{\"Records\":[{}{{\"bad\":tru}}]}}", format!("{RECORD},").repeat(20_000));
    let text = format!("{{\"bad\":tru}}\n{RECORD}\n");
    let one = gzip(text.as_bytes());
    let mut named = b"\x1f\x8b\x08\x08\0\0\0\0\0\xfftrail.json\0".to_vec();
    named.extend_from_slice(&one[10..]);
    let mut wrong = (one.clone(), one.clone());
    *wrong.0.iter_mut().nth_back(7).unwrap() ^= 1;
    *wrong.1.iter_mut().nth_back(3).unwrap() ^= 1;
    // Exit code, records, failed ones, problems.
    let cases = [
        ("a member", one.clone(), (1, 2, 1, 1)),
        ("a document of 2 MiB", gzip(document.as_bytes()), (1, 20_001, 1, 1)),
        ("a name in the header", named, (1, 2, 1, 1)),
        ("the same member twice", one.repeat(2), (1, 4, 2, 2)),
        ("another member", [gzip(b"{}\n"), one.clone()].concat(), (1, 3, 1, 1)),
        ("an empty member behind", [one.clone(), gzip(b"")].concat(), (1, 2, 1, 1)),
        ("garbage behind", [&one, b"garbage".as_slice()].concat(), (1, 2, 1, 2)),
        ("its own end behind", [&one, &one[one.len() - 8..]].concat(), (1, 2, 1, 2)),
        ("zeros behind", [&one, [0; 512].as_slice()].concat(), (1, 2, 1, 2)),
        ("cut off in its end", one[..one.len() - 1].to_vec(), (1, 2, 1, 2)),
        ("a wrong CRC-32", wrong.0, (1, 2, 1, 2)),
        ("a wrong length", wrong.1, (1, 2, 1, 2)),
        ("blanks", gzip(b" \n\n"), (0, 0, 0, 0)),
        ("no record", gzip(b"PAR1"), (1, 1, 1, 1)),
    ];
    let folder = Folder::new();
    let path = folder.path().join("file");
    for (name, bytes, expected) in cases {
        folder.file("file", &bytes);
        let (file, stream) = (scan(&[&path], b""), scan(&["-"], &bytes));
        let (code, records, failed, _) = file.counts();
        assert_eq!((code, records, failed, file.problems.len()), expected, "{name}: {file:?}");
        let problems = |place: &str, problems: &[String]| -> Vec<String> {
            problems.iter().map(|line| line.replacen(place, "", 1)).collect()
        };
        let (of_file, of_stream) = (
            problems(path.to_str().unwrap(), &file.problems),
            problems("<stdin>", &stream.problems),
        );
        assert_eq!(of_file, of_stream, "{name}");
        assert_eq!(file.alerts, stream.alerts, "{name}");
        for figure in
            ["records", "failed", "skipped", "matches", "files", "empty", "unopened", "bytes"]
        {
            assert_eq!(file.figure(figure), stream.figure(figure), "{name}: {figure}");
        }
    }
}

#[test]
fn what_comes_before_damage_is_judged() {
    // Long and varied, so that the compressed stream has several blocks.
    let text: String = (0..40_000)
        .map(|number| format!("{{\"eventID\":\"{}\"}}\n", number * 7919 % 1_000_003))
        .collect();
    for (name, whole) in [("gzip", gzip(text.as_bytes())), ("zstd", zstd(text.as_bytes()))] {
        let ran = scan(&["-"], &whole[..whole.len() / 2]);
        assert_eq!(ran.code, 1);
        let damage = ran.problems.last().unwrap();
        assert!(damage.contains(&format!("the {name} stream is damaged or cut off: ")), "{ran:?}");
        let judged = ran.figure("records") - ran.figure("failed");
        let whole_lines = text.as_bytes()[..usize::try_from(ran.figure("bytes")).unwrap()]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count() as u64;
        assert_eq!(judged, whole_lines, "{name}: every line that came out whole is judged");
        assert!(damage.contains(&format!("byte {}: ", ran.figure("bytes"))), "{damage}");
    }
}

#[test]
fn damage_in_one_file_leaves_the_others_alone() {
    let folder = Folder::new();
    let good = folder.file("good", gzip(lines(3).as_bytes()));
    let bad = folder.file("bad", b"\x1f\x8b\x08\0nothing of the kind");
    let ran = scan(&[bad.as_path(), good.as_path()], b"");
    assert_eq!(ran.counts(), (1, 3, 0, 0), "{ran:?}");
    assert_eq!(ran.problems.len(), 1, "{ran:?}");
    assert!(ran.problems[0].starts_with(&format!("{}: the gzip stream is damaged", bad.display())));
}

/// Two bytes that a log's writer chose don't keep its records from being read.
#[test]
fn what_only_begins_like_gzip_is_read_as_text() {
    let folder = Folder::new();
    let text = [b"\x1f\x8bnothing of the kind\n", lines(3).as_bytes()].concat();
    let file = folder.file("log", &text);
    for ran in [scan(&[file], b""), scan(&["-"], &text)] {
        assert_eq!(ran.counts(), (1, 4, 1, 0), "{ran:?}");
        assert_eq!(ran.problems.len(), 1, "{ran:?}");
        assert!(ran.problems[0].contains(":1:1: record 1, byte 0: "), "{ran:?}");
    }
}

#[test]
fn a_live_stream_is_judged_as_it_comes() {
    let mut child = start(&["-"]);
    let mut stdin = child.stdin.take().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    for number in 1..=3 {
        // The report comes while the stream is still open.
        write!(stdin, "{RECORD}\n{{\"bad\": tru}}\n").unwrap();
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        assert!(line.starts_with(&format!("<stdin>:{}:", number * 2)), "{line}");
    }
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
#[cfg(unix)]
fn a_reader_that_has_enough_is_a_normal_end() {
    // A rule that fits everything gives more alerts than a pipe holds.
    let folder = Folder::new();
    let rule = folder.file(
        "every.toml",
        "[rule]\nrule_id = \"every\"\nname = \"Every\"\nlanguage = \"kuery\"\nseverity = \"low\"\nquery = 'event.action:*'\n",
    );
    let records = folder.file("records.json", lines(20_000));
    let mut child = tocsin()
        .args(["scan", "--rules"])
        .args([&rule, &records])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with('{'), "{first}");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn alerts_and_problems_that_go_to_one_place_keep_their_order() {
    let folder = Folder::new();
    let stop = r#"{"eventVersion":"1.08","eventName":"StopConfigurationRecorder","eventSource":"config.amazonaws.com"}"#;
    let others = lines(30_000);
    let text = format!("{stop}\n{others}bad\n{others}{stop}\n");
    let records = folder.file("records.json", text);
    let printed = std::fs::File::create(folder.path().join("printed")).unwrap();
    let ran = tocsin()
        .args(["scan", "--format", "text"])
        .arg(&records)
        .stderr(printed.try_clone().unwrap())
        .stdout(printed)
        .status()
        .unwrap();
    assert_eq!(ran.code(), Some(1));
    let printed = std::fs::read_to_string(folder.path().join("printed")).unwrap();
    let is_problem: Vec<bool> =
        printed.lines().map(|line| line.starts_with(records.to_str().unwrap())).collect();
    // A stop is what two of the embedded rules ask for.
    assert_eq!(is_problem, [false, false, true, false, false], "{printed}");
}

#[test]
#[cfg(unix)]
fn a_named_pipe_is_read_like_standard_input() {
    let folder = Folder::new();
    let path = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let child = start(&[path.as_os_str()]);
    std::fs::write(&path, lines(4)).unwrap();
    let ran = read(&child.wait_with_output().unwrap());
    assert_eq!(ran.counts(), (0, 4, 0, 0));
    assert_eq!(scan(&[folder.path()], b"").figure("files"), 0, "in a folder it is passed over");
}

#[test]
fn a_folder_without_files_is_said() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    let ran = scan(&[folder.path().join("empty")], b"");
    let said = "no file was read: the folders that were named have none";
    assert_eq!((ran.problems, ran.code), (vec![said.to_owned()], 0));
}
