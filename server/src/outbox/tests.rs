use std::sync::atomic::AtomicU64;

use super::*;

const NOW: u64 = 1_800_000_000;

fn settings(now: &Arc<AtomicU64>) -> Settings {
    let now = Arc::clone(now);
    let clock: Clock = Arc::new(move || now.load(Ordering::Relaxed));
    Settings { most_bytes: 1 << 30, remembered: 3600, clock }
}

fn clock() -> Arc<AtomicU64> {
    Arc::new(AtomicU64::new(NOW))
}

fn alert(id: &str, body: &str) -> Alert {
    Alert { record: 0, id: id.into(), rule: "r".into(), time: Some(1), body: body.into() }
}

fn batch(tenant: &str, alerts: Vec<Alert>) -> Batch {
    Batch {
        tenant: tenant.into(),
        outlets: vec![Arc::from(format!("{tenant}/one")), Arc::from(format!("{tenant}/two"))]
            .into(),
        request: [7; 32],
        counts: (9, 2, 1),
        alerts,
        quota: Quota { interval: 60, per_rule: 1000, total: 1000 },
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn seqs(outbox: &Outbox, outlet: &str) -> Vec<i64> {
    outbox.pending(outlet, 100, 1 << 20).unwrap().into_iter().map(|stored| stored.seq).collect()
}

#[test]
fn what_is_committed_is_there_after_a_restart_until_each_outlet_has_it() {
    let (folder, now) = (tempfile::tempdir().unwrap(), clock());
    let outbox = Outbox::open(folder.path(), settings(&now)).unwrap();
    let committed =
        run(outbox.commit(batch("a", vec![alert("1", "{\"n\":1}"), alert("2", "{\"n\":2}")])))
            .unwrap();
    assert_eq!(committed, Committed { new: 2, repeated: 0, cut: 0 });
    assert!(matches!(Outbox::open(folder.path(), settings(&now)), Err(OpenError::InUse(_))));
    run(outbox.delivered("a/one".into(), seqs(&outbox, "a/one"))).unwrap();
    drop(outbox);
    let outbox = reopen(folder.path(), &now);
    assert_eq!(seqs(&outbox, "a/one"), Vec::<i64>::new());
    assert_eq!(outbox.figures().bytes_of("a"), 14);
    let two = seqs(&outbox, "a/two");
    assert_eq!(two.len(), 2);
    run(outbox.delivered("a/two".into(), two)).unwrap();
    assert_eq!(outbox.figures().bytes_of("a"), 0);
    assert_eq!(outbox.seen("a", &[7; 32]).unwrap(), Some((9, 2, 1)));
    assert_eq!(outbox.seen("b", &[7; 32]).unwrap(), None);
}

/// The writer ends a moment after the last user of the store.
fn reopen(folder: &Path, now: &Arc<AtomicU64>) -> Outbox {
    for _ in 0..1000 {
        if let Ok(outbox) = Outbox::open(folder, settings(now)) {
            return outbox;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("the store stays locked");
}

#[test]
fn the_same_alert_is_raised_once_and_another_of_its_id_too() {
    let (folder, now) = (tempfile::tempdir().unwrap(), clock());
    let outbox = Outbox::open(folder.path(), settings(&now)).unwrap();
    let alerts = vec![
        alert("1", "{\"a\":1,\"b\":2}"),
        alert("1", "{\"b\":2,\"a\":1}"),
        alert("1", "{\"a\":1,\"b\":3}"),
    ];
    let committed = run(outbox.commit(batch("a", alerts))).unwrap();
    assert_eq!(committed, Committed { new: 2, repeated: 1, cut: 0 });
    let stored = outbox.pending("a/one", 10, 1 << 20).unwrap();
    assert_eq!(stored[0].document, "1");
    assert!(stored[1].document.starts_with("1-"), "{}", stored[1].document);
    // Tenants know nothing of each other.
    assert_eq!(
        run(outbox.commit(batch("b", vec![alert("1", "{\"a\":1,\"b\":2}")]))).unwrap().new,
        1
    );
    // It is known again after a restart, and forgotten after a while.
    drop(outbox);
    let outbox = reopen(folder.path(), &now);
    assert_eq!(
        run(outbox.commit(batch("a", vec![alert("1", "{\"a\":1,\"b\":2}")]))).unwrap().repeated,
        1
    );
    now.fetch_add(3 * 3600, Ordering::Relaxed);
    run(outbox.commit(batch("a", vec![]))).unwrap();
    assert_eq!(
        run(outbox.commit(batch("a", vec![alert("1", "{\"a\":1,\"b\":2}")]))).unwrap().new,
        1
    );
}

#[test]
fn what_exceeds_the_quota_is_counted_and_announced_once_an_interval() {
    let (folder, now) = (tempfile::tempdir().unwrap(), clock());
    let outbox = Outbox::open(folder.path(), settings(&now)).unwrap();
    let raise = |from: u64| {
        let alerts =
            (from..from + 10).map(|n| alert(&n.to_string(), &format!("{{\"n\":{n}}}"))).collect();
        let mut batch = batch("a", alerts);
        batch.quota.per_rule = 4;
        run(outbox.commit(batch)).unwrap()
    };
    assert_eq!(raise(0), Committed { new: 4, repeated: 0, cut: 6 });
    assert_eq!(raise(10), Committed { new: 0, repeated: 0, cut: 10 });
    // A clock that is set back doesn't raise more than the quota in any interval.
    now.fetch_sub(10, Ordering::Relaxed);
    let back = raise(20);
    assert!(back.new <= 4, "{back:?}");
    now.fetch_add(100, Ordering::Relaxed);
    assert_eq!(raise(30).new, 4);
    let stored = outbox.pending("a/one", 100, 1 << 20).unwrap();
    let announced = stored.iter().filter(|stored| stored.body.contains("are cut")).count();
    let intervals = if back.new == 0 { 2 } else { 3 };
    assert_eq!(announced, intervals, "{stored:?}");
}

#[test]
fn dead_letters_wait_to_be_replayed() {
    let (folder, now) = (tempfile::tempdir().unwrap(), clock());
    let outbox = Outbox::open(folder.path(), settings(&now)).unwrap();
    run(outbox.commit(batch("a", vec![alert("1", "{}")]))).unwrap();
    let seq = seqs(&outbox, "a/one")[0];
    run(outbox.dead("a/one".into(), vec![(seq, "refused".into())])).unwrap();
    assert_eq!(outbox.counts("a/one").unwrap(), (0, 1));
    run(outbox.delivered("a/two".into(), vec![seq])).unwrap();
    assert_eq!(outbox.figures().bytes_of("a"), 2);
    assert_eq!(run(outbox.replay("a/one".into())).unwrap(), 1);
    assert_eq!(outbox.counts("a/one").unwrap(), (1, 0));
}

#[test]
fn a_full_store_refuses_and_goes_on_once_there_is_room() {
    let (folder, now) = (tempfile::tempdir().unwrap(), clock());
    let small = Settings { most_bytes: 400 << 10, ..settings(&now) };
    let outbox = Outbox::open(folder.path(), small).unwrap();
    let mut kept = 0;
    let error = loop {
        let body = format!("{{\"n\":{kept},\"x\":\"{}\"}}", "x".repeat(50_000));
        match run(outbox.commit(batch("a", vec![alert(&kept.to_string(), &body)]))) {
            Ok(_) => kept += 1,
            Err(error) => break error,
        }
        assert!(kept < 100);
    };
    assert!(matches!(error, StoreError::Full), "{error}");
    assert_eq!(outbox.counts("a/one").unwrap().0, kept);
    // What leaves makes room, even in a full store.
    for outlet in ["a/one", "a/two"] {
        run(outbox.delivered(outlet.into(), seqs(&outbox, outlet))).unwrap();
    }
    assert_eq!(run(outbox.commit(batch("a", vec![alert("again", "{}")]))).unwrap().new, 1);
}

#[test]
fn a_store_that_is_newer_damaged_or_anothers_is_refused_as_it_is() {
    let (folder, now) = (tempfile::tempdir().unwrap(), clock());
    drop(Outbox::open(folder.path(), settings(&now)).unwrap());
    drop(reopen(folder.path(), &now));
    std::thread::sleep(Duration::from_millis(50));
    let path = folder.path().join("outbox.db");
    let store = Connection::open(&path).unwrap();
    store.execute_batch("PRAGMA user_version = 99").unwrap();
    drop(store);
    let error = Outbox::open(folder.path(), settings(&now)).err().unwrap();
    assert!(matches!(error, OpenError::Newer { found: 99, .. }), "{error}");
    std::fs::write(
        &path,
        "no store at all, and longer than a header of SQLite's would be".repeat(100),
    )
    .unwrap();
    let error = Outbox::open(folder.path(), settings(&now)).err().unwrap();
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
}
