//! What the command says about itself, and its exit codes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{Folder, RECORD, scan, tocsin};

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = tocsin().args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_version_names_the_module() {
    let (code, text, _) = run(&["--version"]);
    assert_eq!(code, Some(0));
    let expected = format!(
        "tocsin {} (module sha256 {})\n",
        env!("CARGO_PKG_VERSION"),
        tocsin_host::EMBEDDED_MODULE_SHA256
    );
    assert_eq!(text, expected);
    assert_eq!(tocsin_host::EMBEDDED_MODULE_SHA256.len(), 64);
}

#[test]
fn wrong_usage_is_2() {
    for arguments in [
        &["scan", "--no-such-option"][..],
        &["scan", "--format", "xml"],
        &["scan", "--threads", "0"],
        &["scan", "--max-memory", "much"],
        &["scan", "--timeout", "0"],
        &["no-such-command"],
        &[],
    ] {
        assert_eq!(run(arguments).0, Some(2), "{arguments:?}");
    }
}

#[test]
fn rules_are_listed_for_people_and_programs() {
    let (code, table, _) = run(&["rules"]);
    assert_eq!(code, Some(0));
    let headings: Vec<&str> = table.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(headings, ["ID", "NAME", "LANGUAGE", "SEVERITY", "TECHNIQUE"]);

    let (code, json, _) = run(&["rules", "--json"]);
    assert_eq!(code, Some(0));
    let description: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(description["engine"]["abi"], 1);
    let rules = table.lines().skip(1).take_while(|line| !line.is_empty()).count();
    assert_eq!(description["rules"].as_array().unwrap().len(), rules);
}

#[test]
fn the_fingerprint_of_the_module_is_told_everywhere() {
    let (bytes, sha256) = (tocsin_host::EMBEDDED_MODULE.len(), tocsin_host::EMBEDDED_MODULE_SHA256);
    assert!(run(&["--version"]).1.contains(sha256));
    let told = format!("\nmodule sha256 {sha256} ({bytes} bytes)\n");
    assert!(run(&["rules"]).1.ends_with(&told), "{told}");

    let folder = Folder::new();
    let glue = folder.path().join("glue");
    let file = folder.path().join("copy.wasm");
    let (glue_name, file_name) = (glue.to_str().unwrap(), file.to_str().unwrap());
    let (code, _, said) = run(&["module", "-o", file_name, "--javascript", glue_name]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains(sha256), "{said}");
    for path in [&file, &glue.join("tocsin.wasm")] {
        assert!(std::fs::read(path).unwrap() == tocsin_host::EMBEDDED_MODULE, "{}", path.display());
    }
    for name in ["web.js", "web.d.ts", "node.cjs", "node.d.cts", "factory.js", "factory.d.ts"] {
        assert!(glue.join(name).is_file(), "{name}");
    }

    let (_, json, _) = run(&["rules", "--json", "--module", file_name]);
    let description: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(description["module"], serde_json::json!({"sha256": sha256, "bytes": bytes}));
    assert_eq!(run(&["module"]).0, Some(2), "it must be told where the files go");
}

/// A rule that fits any event with a name.
const RULE: &str = r#"[rule]
rule_id = "any-event"
name = "Any event"
language = "kuery"
severity = "low"
query = 'event.action:*'
"#;

#[test]
fn rules_of_ones_own_join_the_default_ones_or_replace_them() {
    let folder = Folder::new();
    folder.file("rules/any.toml", RULE);
    folder.file("rules/notes.md", "no rule");
    let rules = folder.path().join("rules");
    let path = rules.to_str().unwrap();
    let ids = |arguments: &[&str]| -> Vec<String> {
        let (code, json, problems) = run(&[&["rules", "--json"], arguments].concat());
        assert_eq!(code, Some(0), "{problems}");
        let description: serde_json::Value = serde_json::from_str(&json).unwrap();
        let rules = description["rules"].as_array().unwrap();
        rules.iter().map(|rule| rule["id"].as_str().unwrap().to_owned()).collect()
    };
    let default = ids(&[]);
    let mut joined = default.clone();
    joined.push("any-event".into());
    let mut found = ids(&["--rules", path]);
    found.sort();
    joined.sort();
    assert_eq!(found, joined);
    assert_eq!(ids(&["--rules", path, "--no-default-rules"]), ["any-event"]);
    let none = run(&["rules", "--json", "--no-default-rules"]);
    assert_eq!(none, (Some(2), String::new(), "error: there is no rule to run\n".into()));

    let arguments = ["--no-default-rules", "--rules", path, "-"];
    let ran = scan(&arguments, format!("{RECORD}\n{RECORD}\n").as_bytes());
    assert_eq!((ran.figure("matches"), ran.alerts.lines().count()), (2, 2), "{ran:?}");
    for line in ran.alerts.lines() {
        let alert: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(alert["rule"]["id"], "any-event");
        assert_eq!(alert["event"].to_string().len(), RECORD.len());
    }

    let text = scan(&[&["--format", "text"], &arguments[..]].concat(), RECORD.as_bytes());
    assert_eq!(text.alerts.lines().count(), 1);
    assert!(text.alerts.contains("Any event") && !text.alerts.starts_with(['"', '{']), "{text:?}");
}

#[test]
fn a_wrong_rule_is_shown_where_it_is_wrong() {
    let folder = Folder::new();
    let file = folder.file("wrong.toml", RULE.replace("event.action:*", "event.action: ("));
    let file = file.to_str().unwrap();
    let (code, _, problems) = run(&["scan", "--strict-rules", "--rules", file]);
    assert_eq!(code, Some(2));
    let lines: Vec<&str> = problems.lines().collect();
    assert!(lines[0].starts_with("error["), "{problems}");
    assert!(lines[1].starts_with(&format!(" --> {file}:6:")), "{problems}");
    assert_eq!(lines[3], "6 | query = 'event.action: ('", "{problems}");
    assert!(lines[4].contains('^'), "{problems}");
    assert_eq!(lines.last(), Some(&"error: the rules can't be used as they are"), "{problems}");

    // Otherwise it costs no other rule.
    let ran = scan(&["--rules", file, "-"], RECORD.as_bytes());
    assert_eq!(ran.counts(), (1, 1, 0, 0), "{ran:?}");
    let [left_out, loaded] = &ran.problems[..] else { panic!("{ran:?}") };
    assert!(left_out.starts_with(&format!("left out: {file}:6:")), "{ran:?}");
    assert!(loaded.ends_with(&format!("1 file with errors; `tocsin check {file}` says more")));
}

#[test]
fn rules_that_are_not_there_are_wrong_usage() {
    let folder = Folder::new();
    folder.file("empty/notes.md", "");
    let empty = folder.path().join("empty");
    for path in ["nowhere.toml", empty.to_str().unwrap()] {
        let (code, _, problems) = run(&["rules", "--rules", path]);
        assert_eq!(code, Some(2));
        assert!(problems.starts_with(&format!("error: {path}: ")), "{problems}");
    }
}

#[test]
fn strict_reads_what_no_rule_asks_for() {
    let broken = b"{\"eventVersion\":\"1.08\",\"eventName\":nothing}\n";
    assert_eq!(scan(&[] as &[&str], broken).counts(), (0, 1, 0, 0));
    let strict = scan(&["--strict"], broken);
    assert_eq!(strict.counts(), (1, 1, 1, 0));
    assert!(strict.problems[0].contains(":1:36: record 1"), "{:?}", strict.problems);
    // The end says what is cut off.
    let cut_off = b"{\"eventVersion\":\"1.08\",\"eventName\":";
    assert_eq!(scan(&[] as &[&str], cut_off).counts(), (1, 1, 1, 0));
}

#[test]
fn a_module_is_written_in_the_form_that_a_host_loads() {
    let folder = Folder::new();
    let file = folder.path().join("module.wasm");
    let name = file.to_str().unwrap();
    let own = tocsin_host::EMBEDDED_MODULE_SHA256;
    for form in [&["--component"][..], &["--for", "bento"], &["--for", "redpanda-transform"]] {
        let (code, _, said) = run(&[&["module", "-o", name], form].concat());
        assert_eq!(code, Some(0), "{said}");
        let bytes = std::fs::read(&file).unwrap();
        let fingerprint = tocsin_host::compile::sha256(&bytes);
        let lines: Vec<&str> = said.lines().collect();
        assert!(
            lines[0].ends_with(&format!("{} bytes, sha256 {fingerprint}", bytes.len())),
            "{said}"
        );
        assert!(lines[1].ends_with(own), "{said}");
        assert!(lines[2].starts_with("  memory: "), "{said}");
        assert_ne!(fingerprint, own);
    }
    // What has a form already is no module to begin with, and forms don't mix.
    let rules = folder.path().join("rule.toml");
    let builtin = "../rules/builtin/aws-configuration-recorder-stopped.elastic.toml";
    std::fs::copy(builtin, &rules).unwrap();
    let rules = rules.to_str().unwrap();
    let (code, _, said) = run(&["compile", rules, "--for", "redpanda-connect", "-o", name]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with(&format!("{name}: 1 rules, ")), "{said}");
    let again = folder.path().join("again.wasm");
    let again = again.to_str().unwrap();
    assert_eq!(run(&["compile", rules, "--module", name, "-o", again]).0, Some(1));
    assert_eq!(run(&["module", "--component", "--for", "bento", "-o", name]).0, Some(2));
    assert_eq!(run(&["module", "--for", "bento", "--javascript", name]).0, Some(2));
}

#[test]
fn a_module_goes_to_standard_output_by_a_dash() {
    let ran = tocsin().args(["module", "-o", "-"]).output().unwrap();
    assert_eq!(ran.status.code(), Some(0));
    assert!(ran.stdout == tocsin_host::EMBEDDED_MODULE);
    let folder = Folder::new();
    let rules = folder.file("any.toml", RULE);
    let ran = tocsin().args(["compile", "-o", "-"]).arg(rules).output().unwrap();
    assert!(ran.stdout.starts_with(b"\0asm"));
}
