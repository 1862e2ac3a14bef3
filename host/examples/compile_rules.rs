//! Rules compiled into a module of their own, which starts with them and needs no rule files.
//!
//! `cargo run -p tocsin-host --example compile_rules`

use tocsin_host::compile::{CompileError, compile, manifest_of};
use tocsin_host::detector::Document;
use tocsin_host::{Detector, EMBEDDED_MODULE, Engine, Limits, Module};

const RULE: &str = r#"[rule]
rule_id = "console-login-without-mfa"
name = "Console login without MFA"
language = "kuery"
severity = "medium"
query = 'event.action: ConsoleLogin'
"#;

/// The ids of the rules in the compiled module, and how many alerts it raises about a record.
pub fn run() -> Result<(Vec<String>, u64), Box<dyn std::error::Error>> {
    let engine = Engine::new()?;
    let documents = vec![Document { name: "login.toml".into(), text: RULE.into() }];
    let compiled = match compile(&engine, EMBEDDED_MODULE, documents) {
        Ok(compiled) => compiled,
        Err(CompileError::Rules(diagnostics)) => {
            let first = diagnostics.first().ok_or("no rule and no reason")?;
            return Err(format!("{}:{}: {}", first.document, first.line, first.message).into());
        }
        Err(error) => return Err(error.into()),
    };
    // What is in a module can be read without running it.
    let manifest = manifest_of(&compiled.module)?.ok_or("a compiled module lists its rules")?;

    let mut detector = Detector::new(&Module::new(&engine, &compiled.module)?, Limits::default())?;
    let record = br#"{"eventVersion":"1.08","eventName":"ConsoleLogin"}"#;
    let matches = detector.detect(record)?.summary.matches;
    Ok((manifest.rules.into_iter().map(|rule| rule.id).collect(), matches))
}

#[allow(dead_code)] // a test takes `run` alone
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (rules, matches) = run()?;
    println!("{rules:?}: {matches} alert");
    Ok(())
}
