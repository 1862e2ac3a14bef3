use super::*;

fn stored(seq: i64, body: &str) -> Stored {
    Stored { seq, document: seq.to_string(), rule: "r".into(), time: None, body: body.into() }
}

#[test]
fn a_file_is_begun_anew_when_it_is_large_and_holds_whole_lines_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sub/alerts.ndjson");
    let mut file = file::File::new(folder.path(), Path::new("sub/alerts.ndjson"), 20, 2);
    for seq in 0..4 {
        let outcome =
            file.send(&[stored(seq, &format!("{{\"n\":{seq}}}")), stored(seq + 10, "{\"m\":1}")]);
        assert_eq!(outcome.delivered, [seq, seq + 10]);
    }
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    assert_eq!(read(&path), "{\"n\":3}\n{\"m\":1}\n");
    assert_eq!(read(&path.with_extension("ndjson.1")), "{\"n\":2}\n{\"m\":1}\n");
    assert_eq!(read(&path.with_extension("ndjson.2")), "{\"n\":1}\n{\"m\":1}\n");
    assert!(!path.with_extension("ndjson.3").exists());
    // A crash in the middle of a line.
    drop(file);
    std::fs::write(&path, "{\"n\":3}\n{\"m\"").unwrap();
    let mut file = file::File::new(folder.path(), Path::new("sub/alerts.ndjson"), 200, 2);
    file.send(&[stored(1, "{\"n\":4}")]);
    assert_eq!(read(&path), "{\"n\":3}\n{\"n\":4}\n");
}

#[test]
fn a_pause_is_never_longer_than_asked_for() {
    for _ in 0..100 {
        let pause = jittered(Duration::from_secs(8));
        assert!((Duration::from_secs(4)..=Duration::from_secs(8)).contains(&pause), "{pause:?}");
    }
}
