//! What a tenant can't do to others.

use crate::server::{QUIET, Server, folder, record, request, tenant, token, wait_for};

/// A module of the interface that does something of its own when it is asked to judge.
pub fn module(folder: &std::path::Path, name: &str, detect: &str) -> String {
    let describe = r#"{"engine":{"name":"x","version":"0","abi":1},"limits":{"batch_bytes":1048576,
        "record_bytes":1048576,"envelope_depth":16,"rule_bytes":1048576},"options":{},"rules":[]}"#;
    let (length, data) = (describe.len(), describe.replace('"', "\\22").replace('\n', "\\0a"));
    let text = format!(
        r#"(module
            (memory (export "memory") 2)
            (global $next (mut i32) (i32.const 4096))
            (data (i32.const 20) "\40")
            (data (i32.const 64) "{data}")
            (func (export "tocsin_abi_version") (result i32) i32.const 1)
            (func (export "malloc") (param $size i32) (result i32) (local $start i32)
                (local.set $start (global.get $next))
                (if (i32.gt_u (i32.add (local.get $start) (local.get $size)) (i32.const 131000))
                    (then (return (i32.const 0))))
                (global.set $next (i32.and (i32.add (i32.add (local.get $start) (local.get $size)) (i32.const 7))
                    (i32.const -8)))
                local.get $start)
            (func (export "free") (param i32))
            (func (export "tocsin_describe") (result i32)
                (i32.store (i32.const 24) (i32.const {length}))
                i32.const 16)
            (func (export "tocsin_configure") (param i32 i32) (result i32) i32.const 16)
            (func (export "tocsin_detect") (param i32 i32) (result i32) {detect}))"#
    );
    let path = folder.join(format!("{name}.wasm"));
    std::fs::write(path, wat::parse_str(text).unwrap()).unwrap();
    format!("module = \"{name}.wasm\"\nbuiltin_rules = true\n")
}

#[test]
fn what_breaks_a_batch_costs_that_batch_alone_and_says_why() {
    let folder = folder();
    let cases = [
        ("loops", "(loop (br 0)) i32.const 16", "steps"),
        ("traps", "unreachable", "trapped"),
        ("grows", "(drop (memory.grow (i32.const 60000))) unreachable", "memory"),
        ("lies", "i32.const -1", "breaks the interface"),
    ];
    let mut configuration = String::new();
    let mut tokens = Vec::new();
    for (name, detect, _) in cases {
        let own = token();
        let module = module(folder.path(), name, detect);
        configuration += &tenant(name, &own);
        configuration +=
            &format!("{module}[tenants.{name}.limits]\nsteps = 1000000\nmemory = \"16M\"\n");
        tokens.push(own);
    }
    let good = token();
    configuration += &tenant("good", &good);
    let server = Server::start(folder.path(), &configuration);
    for ((name, _, reason), own) in cases.iter().zip(&tokens) {
        let answer = server.post("/v1/records", own, format!("{QUIET}\n{QUIET}\n").as_bytes());
        let json = answer.json();
        assert_eq!(
            (answer.status, json["records"].as_u64(), json["rejected"].as_u64()),
            (200, Some(2), Some(2)),
            "{name}"
        );
        assert!(json["errors"][0]["reason"].as_str().unwrap().contains(reason), "{name}: {json}");
        // The neighbour doesn't notice.
        assert_eq!(server.post("/v1/records", &good, record(1).as_bytes()).json()["alerts"], 2);
    }
    // Again and again: a pause, and then back.
    let own = &tokens[0];
    let suspended = wait_for(|| {
        let answer = server.post("/v1/records", own, QUIET.as_bytes());
        (answer.status != 200).then_some(answer)
    });
    assert_eq!(suspended.status, 429);
    assert!(suspended.text().contains("suspended"), "{}", suspended.text());
    assert!(suspended.header("retry-after").is_some());
    wait_for(|| (server.post("/v1/records", own, QUIET.as_bytes()).status == 200).then_some(()));
    assert_eq!(server.post("/v1/records", &good, record(2).as_bytes()).json()["alerts"], 2);
}

#[test]
fn nothing_of_a_tenant_shows_elsewhere() {
    let (folder, one, other) = (folder(), token(), token());
    let server = Server::start(folder.path(), &(tenant("one", &one) + &tenant("other", &other)));
    let secret = record(1).replace("alice", "swordfish");
    let broken = format!("{secret}\n{{\"swordfish\": no}}\n");
    assert_eq!(server.post("/v1/records", &one, broken.as_bytes()).json()["alerts"], 2);
    // The same event of another tenant is its own.
    assert_eq!(
        server.post("/v1/records?alerts=inline", &other, record(1).as_bytes()).json()["alerts"],
        2
    );
    let alerts = server.alerts("other", 2);
    assert!(alerts.iter().all(|alert| !alert.contains("swordfish")));
    assert_eq!(server.alerts("one", 2).len(), 2);
    let answer = server.post("/v1/records", &other, b"{\"x\": no}\n");
    for text in [
        answer.text(),
        server.admin("GET", "/metrics").text(),
        server.admin("GET", "/status").text(),
    ] {
        assert!(!text.contains("swordfish") && !text.contains("alice"), "{text}");
    }
    for secret in [&one.token, &other.token] {
        assert!(!server.log.lock().unwrap().contains(secret.as_str()));
    }
}

#[test]
fn tokens_are_found_in_every_header_and_one_that_was_taken_away_is_nobodys() {
    use base64::Engine as _;
    let (folder, old, new) = (folder(), token(), token());
    let with = |tokens: &str| {
        format!("[server]\nlisten = \"127.0.0.1:0\"\n[tenants.a]\ntokens = [{tokens}]\n")
    };
    let both = format!("\"{}\", \"{}\"", old.fingerprint, new.fingerprint);
    let server = Server::start(folder.path(), &format!("[tenants.a]\ntokens = [{both}]\n"));
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("shipper:{}", new.token));
    for (name, value) in [
        ("Authorization", format!("Bearer {}", old.token)),
        ("Authorization", format!("Basic {basic}")),
        ("Authorization", format!("Splunk {}", new.token)),
        ("X-Amz-Firehose-Access-Key", new.token.clone()),
        ("X-Tocsin-Token", new.token.clone()),
    ] {
        assert_eq!(server.send("/v1/records", &[(name, &value)], b"").status, 200, "{name}");
    }
    assert_eq!(server.raw(&request("POST", "/v1/records", &[], b"")).status, 401);
    std::fs::write(folder.path().join("serve.toml"), with(&format!("\"{}\"", new.fingerprint)))
        .unwrap();
    server.signal("HUP");
    wait_for(|| (server.post("/v1/records", &old, b"").status == 401).then_some(()));
    assert_eq!(server.post("/v1/records", &new, b"").status, 200);
}

const RULE: &str = "[rule]\nname = \"Bucket\"\nrule_id = \"bucket\"\ntype = \"query\"\nlanguage = \"kuery\"\nseverity = \"low\"\n\
    risk_score = 1\ndescription = \"d\"\nindex = [\"logs-aws.cloudtrail-*\"]\nquery = 'event.action: GetBucketAcl'\n\n\
    [[test]]\nname = \"a bucket is read\"\nmatches = MATCHES\n\
    record = '{\"eventVersion\":\"1.09\",\"eventSource\":\"s3.amazonaws.com\",\"eventName\":\"GetBucketAcl\"}'\n";

#[test]
fn new_rules_are_tested_and_swapped_in_and_broken_ones_leave_the_old() {
    let (folder, token) = (folder(), token());
    let rules = folder.path().join("tenants/a/rules");
    std::fs::create_dir_all(&rules).unwrap();
    std::fs::write(rules.join("bucket.toml"), RULE.replace("MATCHES", "true")).unwrap();
    let configuration =
        format!("{}builtin_rules = false\nrules = [\"rules\"]\n", tenant("a", &token));
    let server = Server::start(folder.path(), &configuration);
    let alerts = || {
        server.post("/v1/records?alerts=inline", &token, QUIET.as_bytes()).json()["alerts"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(alerts(), 1);
    // Its own test fails: not used, and visible.
    std::fs::write(rules.join("bucket.toml"), RULE.replace("MATCHES", "false")).unwrap();
    let complaint = wait_for(|| {
        server.admin("GET", "/status").json()["tenants"]["a"]["complaint"]
            .as_str()
            .map(str::to_owned)
    });
    assert!(complaint.contains("a bucket is read"), "{complaint}");
    assert_eq!(alerts(), 1);
    assert!(server.admin("GET", "/metrics").text().contains("tocsin_outdated{tenant=\"a\"} 1"));
    // Without the query's match, and with a test that says so.
    let other = RULE.replace("action: GetBucketAcl", "action: Other").replace("MATCHES", "false");
    std::fs::write(rules.join("bucket.toml"), other).unwrap();
    server.admin("POST", "/reload");
    wait_for(|| (alerts() == 0).then_some(()));
    assert!(server.admin("GET", "/status").json()["tenants"]["a"]["complaint"].is_null());
}

#[test]
fn nothing_is_lost_while_rules_are_swapped() {
    let (folder, token) = (folder(), token());
    let rules = folder.path().join("tenants/a/rules");
    std::fs::create_dir_all(&rules).unwrap();
    let write = |version: usize| {
        let rule =
            RULE.replace("MATCHES", "true").replace("\"Bucket\"", &format!("\"Bucket {version}\""));
        std::fs::write(rules.join("bucket.toml"), rule).unwrap();
    };
    write(0);
    let server =
        Server::start(folder.path(), &format!("{}rules = [\"rules\"]\n", tenant("a", &token)));
    let mut sent = 0;
    for version in 1..6 {
        write(version);
        server.signal("HUP");
        for _ in 0..40 {
            assert_eq!(
                server.post("/v1/records", &token, record(sent).as_bytes()).json()["alerts"],
                2
            );
            sent += 1;
        }
    }
    assert_eq!(server.alerts("a", 2 * sent).len(), 2 * sent);
}

#[test]
fn one_tenants_broken_rules_keep_no_other_from_a_start() {
    let (folder, good, broken) = (folder(), token(), token());
    let rules = folder.path().join("tenants/broken/rules");
    std::fs::create_dir_all(&rules).unwrap();
    std::fs::write(rules.join("bucket.toml"), RULE.replace("MATCHES", "false")).unwrap();
    let configuration =
        format!("{}{}rules = [\"rules\"]\n", tenant("good", &good), tenant("broken", &broken));
    let server = Server::start(folder.path(), &configuration);
    assert_eq!(server.post("/v1/records", &good, record(1).as_bytes()).json()["alerts"], 2);
    // Its senders wait; they aren't told that their token is wrong.
    let waits = server.post("/v1/records", &broken, QUIET.as_bytes());
    assert_eq!((waits.status, waits.header("retry-after")), (503, Some("60")));
    let said = server.admin("GET", "/status").json()["broken"]["broken"].to_string();
    assert!(said.contains("a bucket is read"), "{said}");
    assert!(server.admin("GET", "/metrics").text().contains("tocsin_broken_tenants 1\n"));
    // Nor does a folder that has gone, or leads elsewhere.
    std::fs::remove_dir_all(&rules).unwrap();
    std::os::unix::fs::symlink(folder.path(), &rules).unwrap();
    wait_for(|| {
        let said = server.admin("GET", "/status").json()["broken"]["broken"].to_string();
        said.contains("leads outside").then_some(())
    });
    assert!(server.terminate().success());
    let server = Server::start(folder.path(), &configuration);
    assert_eq!(server.post("/v1/records", &good, record(2).as_bytes()).json()["alerts"], 2);
    std::fs::remove_file(&rules).unwrap();
    std::fs::create_dir(&rules).unwrap();
    std::fs::write(rules.join("bucket.toml"), RULE.replace("MATCHES", "true")).unwrap();
    wait_for(|| {
        let answer = server.post("/v1/records", &broken, QUIET.as_bytes());
        (answer.status == 200).then(|| assert_eq!(answer.json()["alerts"], 1))
    });
}

#[test]
fn rules_are_read_from_the_tenants_own_folder_only_wherever_links_lead() {
    let (folder, one, other) = (folder(), token(), token());
    let rules = |name: &str| folder.path().join("tenants").join(name).join("rules");
    for name in ["one", "other"] {
        std::fs::create_dir_all(rules(name)).unwrap();
        std::fs::write(rules(name).join("bucket.toml"), RULE.replace("MATCHES", "true")).unwrap();
    }
    let configuration = format!(
        "{}rules = [\"rules\"]\n{}rules = [\"rules\"]\n",
        tenant("one", &one),
        tenant("other", &other)
    );
    let server = Server::start(folder.path(), &configuration);
    let complaint = |place: &str| {
        wait_for(|| {
            let status = server.admin("GET", "/status").json();
            let said =
                status["tenants"]["one"]["complaint"].as_str().unwrap_or_default().to_owned();
            said.contains(place).then_some(said)
        })
    };
    let link = rules("one").join("theirs.toml");
    std::os::unix::fs::symlink(rules("other").join("bucket.toml"), &link).unwrap();
    assert!(complaint("theirs.toml").contains("leads outside"));
    std::fs::remove_file(&link).unwrap();
    // What tests stand beside a rule is no way out either.
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "swordfish = nonsense").unwrap();
    std::os::unix::fs::symlink(&secret, rules("one").join("bucket.tests.toml")).unwrap();
    let said = complaint("bucket.tests.toml");
    assert!(said.contains("leads outside") && !said.contains("swordfish"), "{said}");
    // Meanwhile the old rules judge.
    assert_eq!(server.post("/v1/records", &one, QUIET.as_bytes()).json()["alerts"], 1);
}
