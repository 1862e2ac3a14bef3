//! Folders in the shapes in which vendors publish their rules, loaded as they were cloned. The rules are made up.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::process::Command;

/// Runs the command in `vendor`: what it prints, what it says, its exit code.
fn tocsin(arguments: &[&str]) -> (String, String, i32) {
    let ran = Command::new(env!("CARGO_BIN_EXE_tocsin"))
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vendor"))
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(ran.stdout), text(ran.stderr), ran.status.code().unwrap())
}

/// Rule and event of each alert of a scan of the records.
fn alerts(rules: &str, more: &[&str]) -> (Vec<String>, String, i32) {
    let mut arguments = vec!["scan", "--no-default-rules", "--rules", rules];
    arguments.extend(more);
    arguments.push("records.ndjson");
    let (out, said, code) = tocsin(&arguments);
    let alert = |line: &str| {
        let alert: serde_json::Value = serde_json::from_str(line).unwrap();
        let event = &alert["event"]["eventID"];
        format!("{} {}", alert["rule"]["name"].as_str().unwrap(), event.as_str().unwrap_or("-"))
    };
    // What is said of the records is tested elsewhere.
    let of_records = |line: &&str| line.contains("that a rule names") || line.starts_with('(');
    let said = said.lines().filter(|line| !of_records(line)).map(|line| format!("{line}\n"));
    (out.lines().map(alert).collect(), said.collect(), code)
}

#[test]
fn elastics_folder() {
    let (raised, said, code) = alerts("elastic", &[]);
    assert_eq!(raised, ["Logging stopped a", "Logging stopped b"]);
    assert_eq!(
        said,
        "1 rule loaded; 1 refused (rule-deprecated), 1 refused (rule-not-enabled), 6 refused (rule-type), \
         2 files without rules; `tocsin check elastic` says more\n"
    );
    assert_eq!(code, 0);
    let (raised, said, code) = alerts("elastic", &["--inactive"]);
    assert_eq!((raised.len(), code), (6, 0), "{said}");
    let (out, _, code) = tocsin(&["check", "elastic"]);
    assert!(out.contains("refused[rule-type]"), "{out}");
    assert!(out.contains("1 rule loaded, 8 refused, 0 errors, "), "{out}");
    assert_eq!(code, 0);
}

#[test]
fn sigmas_folder() {
    let (raised, said, code) = alerts("sigma", &[]);
    // The filter holds back one of the first rule's alerts, and Zeek's rule says nothing about CloudTrail.
    assert_eq!(
        raised,
        [
            "Logging stopped, without an id a",
            "Logging stopped a",
            "Logging stopped, without an id b",
            "Whatever is not these -",
            "A dash -",
        ]
    );
    assert_eq!(code, 0, "{said}");
    assert!(said.starts_with("4 rules loaded; "), "{said}");
    assert!(said.contains("1 refused (sigma-correlation), 1 refused (sigma-expand)"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    let (raised, ..) = alerts("sigma", &["--logsource", "product=windows,service=sysmon"]);
    assert_eq!(raised.last().unwrap(), "A dash -");
    assert!(!raised.contains(&"Whatever is not these -".to_owned()), "{raised:?}");
}

#[test]
fn filters_of_the_folder_hold_in_tests() {
    let (out, said, code) = tocsin(&["test", "sigma/rules/cloud/aws", "sigma/rules/filter.yml"]);
    assert!(out.contains("the build user may ... ok"), "{out}{said}");
    assert!(out.contains("2 passed; 0 failed"), "{out}{said}");
    assert_eq!(code, 0, "{out}{said}");
    let (out, _, code) = tocsin(&["test", "sigma/rules/cloud/aws"]);
    assert!(out.contains("the build user may ... FAILED"), "{out}");
    assert_eq!(code, 1);
}

#[test]
fn what_has_errors_costs_no_other() {
    let (raised, said, code) = alerts("broken", &[]);
    assert_eq!((raised.as_slice(), code), (&["Good -".to_owned()][..], 1));
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 12, "{said}");
    assert!(lines[0].starts_with("left out: broken/00.yml:"), "{said}");
    assert!(lines[0].ends_with("there is no modifier `nosuch` [sigma-unknown-modifier]"), "{said}");
    assert_eq!(lines[10], "left out: 2 more files with errors");
    assert!(lines[11].ends_with("`tocsin check broken` says more"), "{said}");
    let (raised, _, code) = alerts("broken", &["--strict-rules"]);
    assert_eq!((raised.len(), code), (0, 2));
    let good = "00000000-0000-4000-8000-000000000021";
    let explain = ["explain", "--no-default-rules", "--rules", "broken", "--rule", good];
    let (out, _, code) = tocsin(&[&explain[..], &["records.ndjson"]].concat());
    assert!(out.contains("selected"), "{out}");
    assert_eq!(code, 1);
    assert_eq!(tocsin(&["rules", "--no-default-rules", "--rules", "broken"]).2, 1);
    assert_eq!(tocsin(&["check", "broken"]).2, 1);
    assert_eq!(tocsin(&["test", "broken"]).2, 1);
}

#[test]
fn compiling_is_strict_unless_told_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let module = folder.path().join("m.wasm");
    let module = module.to_str().unwrap();
    assert_eq!(tocsin(&["compile", "broken", "-o", module]).2, 1);
    assert!(!Path::new(module).exists());
    let (_, said, code) = tocsin(&["compile", "--skip-broken", "broken", "-o", module]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("sigma-unknown-modifier"), "{said}");
    let (out, _, code) = tocsin(&["scan", "--module", module, "records.ndjson"]);
    assert_eq!((out.lines().count(), code), (1, 0));
    let (_, said, code) =
        tocsin(&["compile", "elastic", "sigma", "--logsource", "product=windows", "-o", module]);
    assert_eq!(code, 0, "{said}");
    let bytes = std::fs::read(module).unwrap();
    let manifest = tocsin_host::compile::manifest_of(&bytes).unwrap().unwrap();
    assert_eq!((manifest.rules.len(), manifest.refused.len()), (5, 12), "{manifest:?}");
    assert!(said.contains("refused[rule-type]"), "{said}");
    // The log source stays in the module, whatever the format.
    let (out, ..) = tocsin(&["scan", "--module", module, "--format", "text", "records.ndjson"]);
    assert!(out.contains("A dash") && !out.contains("Whatever"), "{out}");
    // Nothing is left.
    let ml = "elastic/rules/integrations/aws/ml_rare_method.toml";
    assert_eq!(tocsin(&["compile", ml, "-o", module]).2, 1);
    assert_eq!(tocsin(&["scan", "--no-default-rules", "--rules", ml, "records.ndjson"]).2, 2);
}

#[test]
fn a_name_that_is_nearly_one_is_a_mistake() {
    let (out, _, code) = tocsin(&["check", "typos"]);
    assert!(out.contains("error[rule-language]: there is no query language `kql`"), "{out}");
    assert!(out.contains("did you mean `kuery`?"), "{out}");
    assert!(out.contains("error[rule-type]: there is no rule type `quary`"), "{out}");
    assert!(out.contains("did you mean `query`?"), "{out}");
    assert_eq!(code, 1);
}

#[test]
fn a_rule_with_the_id_of_a_built_in_one_takes_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules/builtin");
    for entry in std::fs::read_dir(&rules).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "toml")
            && !path.to_string_lossy().ends_with(".tests.toml")
        {
            std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    let arguments = ["rules", "--json", "--rules", folder.path().to_str().unwrap()];
    let (out, said, code) = tocsin(&arguments);
    let description: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((description["rules"].as_array().unwrap().len(), code), (2, 0), "{said}");
    assert!(said.contains("2 warnings"), "{said}");
}
