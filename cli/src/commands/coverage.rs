//! `tocsin coverage`: rules in, which techniques of MITRE ATT&CK they cover, and which have no tests, out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use tocsin_host::detector::{Document, Options, RuleInfo};
use tocsin_host::rule_files::RuleFiles;
use tocsin_host::rule_test::{self, RuleTests};

use crate::exit::{INPUT_FAILED, OrFail, Outcome, RAN};
use crate::options::config::Config;
use crate::options::detector;
use crate::output::{self, printable};

/// Say which techniques of MITRE ATT&CK rules cover, and which rules have no tests
#[derive(Args)]
pub(super) struct Arguments {
    /// Rule files and folders of them; by default those of tocsin.toml, or the module's own
    #[arg(value_name = "RULES")]
    paths: Vec<PathBuf>,
    /// Write a layer for ATT&CK Navigator; `-` is standard output, without the table
    #[arg(long, value_name = "FILE.json")]
    navigator: Option<PathBuf>,
    /// Print the table as JSON
    #[arg(long, conflicts_with = "navigator")]
    json: bool,
    #[command(flatten)]
    rules: detector::Rules,
}

/// What a technique is called, and the rules that name it, by tactic.
type Techniques = BTreeMap<(String, String), (String, BTreeSet<usize>)>;

struct Coverage<'r> {
    rules: &'r [RuleInfo],
    /// By the tactic's name and the technique's id.
    techniques: Techniques,
    /// Rules that name no technique.
    unmapped: Vec<&'r RuleInfo>,
    /// Rules without a test; nothing if their files aren't at hand.
    untested: Option<Vec<&'r RuleInfo>>,
}

pub(super) fn run(arguments: Arguments) -> Outcome {
    let mut rules = arguments.rules;
    let mut paths = arguments.paths;
    if paths.is_empty() {
        paths = Config::load().or_wrong_usage()?.rules.paths;
    }
    let documents = match paths.is_empty() {
        true => None,
        false => Some(RuleFiles::read(&paths).or_wrong_usage()?.documents),
    };
    if !paths.is_empty() {
        rules.list_only(paths, false);
    }
    let loaded = detector::load(&rules, tocsin_host::Limits::default(), Options::default())?;
    let mut detector = loaded.detector;
    let description = detector.describe().or_wrong_usage()?;
    let coverage = Coverage::new(&description.rules, documents);
    let to_stdout = arguments.navigator.as_ref().is_some_and(|path| path.as_os_str() == "-");
    if let Some(path) = &arguments.navigator {
        let layer = serde_json::to_vec_pretty(&coverage.layer()).or_failed()?;
        output::write_file(path, &[&layer[..], b"\n"].concat()).or_failed()?;
    }
    if !to_stdout {
        let text = if arguments.json { coverage.json() } else { coverage.table() };
        output::unless_closed(output::stdout().write_all(text.as_bytes())).or_failed()?;
    }
    Ok(if loaded.broken { INPUT_FAILED } else { RAN })
}

impl<'r> Coverage<'r> {
    fn new(rules: &'r [RuleInfo], documents: Option<Vec<Document>>) -> Coverage<'r> {
        let mut techniques = Techniques::new();
        let mut unmapped = Vec::new();
        for (place, rule) in rules.iter().enumerate() {
            let named = named(rule);
            if named.is_empty() {
                unmapped.push(rule);
            }
            for (tactic, id, name) in named {
                let entry = techniques.entry((tactic, id)).or_default();
                if entry.0.is_empty() {
                    entry.0 = name;
                }
                entry.1.insert(place);
            }
        }
        let tested = documents.map(tested);
        let untested = tested.map(|tested| {
            let has_none = |rule: &&RuleInfo| {
                rule.document.as_deref().is_none_or(|document| !tested.contains(document))
            };
            rules.iter().filter(has_none).collect()
        });
        Coverage { rules, techniques, unmapped, untested }
    }

    fn names(&self, places: &BTreeSet<usize>) -> Vec<&str> {
        places.iter().filter_map(|place| self.rules.get(*place)).map(|rule| &*rule.name).collect()
    }

    fn table(&self) -> String {
        let mut text = String::new();
        let mut tactic = None;
        for ((name, id), (technique, rules)) in &self.techniques {
            if tactic != Some(name) {
                let gap = if tactic.is_some() { "\n" } else { "" };
                let _ =
                    writeln!(text, "{gap}{}", printable(if name.is_empty() { "-" } else { name }));
                tactic = Some(name);
            }
            let _ = writeln!(
                text,
                "  {:<10} {:>3}  {}",
                printable(id),
                rules.len(),
                printable(technique)
            );
            for rule in self.names(rules) {
                let _ = writeln!(text, "                  {}", printable(rule));
            }
        }
        let ids: BTreeSet<&String> = self.techniques.keys().map(|(_, id)| id).collect();
        let gap = if text.is_empty() { "" } else { "\n" };
        let _ = writeln!(text, "{gap}rules {}, techniques {}", self.rules.len(), ids.len());
        list("name no technique", &self.unmapped, &mut text);
        match &self.untested {
            Some(untested) => list("have no tests", untested, &mut text),
            None => text
                .push_str("whether rules have tests is said of files: `tocsin coverage RULES`\n"),
        }
        text
    }

    fn json(&self) -> String {
        let techniques = self.techniques.iter().map(|((tactic, id), (name, rules))| {
            let ids: Vec<&str> = rules
                .iter()
                .filter_map(|place| self.rules.get(*place))
                .map(|rule| &*rule.id)
                .collect();
            json!({"tactic": tactic, "technique": id, "name": name, "rules": ids})
        });
        let ids = |rules: &[&RuleInfo]| -> Vec<String> {
            rules.iter().map(|rule| rule.id.to_string()).collect()
        };
        let all = json!({
            "rules": self.rules.len(),
            "techniques": techniques.collect::<Vec<_>>(),
            "without_technique": ids(&self.unmapped),
            "without_tests": self.untested.as_deref().map(ids),
        });
        format!("{all:#}\n")
    }

    /// A layer of ATT&CK Navigator, format 4.5: a technique's score is how many rules name it.
    fn layer(&self) -> Value {
        let most = self.techniques.values().map(|(_, rules)| rules.len()).max().unwrap_or(1);
        let techniques = self.techniques.iter().map(|((tactic, id), (_, rules))| {
            let mut technique = json!({
                "techniqueID": id,
                "score": rules.len(),
                "comment": self.names(rules).join("\n"),
                "enabled": true,
                "showSubtechniques": id.contains('.'),
            });
            if !tactic.is_empty() {
                technique["tactic"] = tactic.to_lowercase().replace(' ', "-").into();
            }
            technique
        });
        json!({
            "name": "Tocsin",
            "versions": {"layer": "4.5", "navigator": "5.0.0"},
            "domain": "enterprise-attack",
            "description": format!("Techniques that {} rules name", self.rules.len()),
            "sorting": 3,
            "techniques": techniques.collect::<Vec<_>>(),
            "gradient": {"colors": ["#dbe9ff", "#1f5fbf"], "minValue": 0, "maxValue": most},
            "legendItems": [],
        })
    }
}

fn list(what: &str, rules: &[&RuleInfo], text: &mut String) {
    if rules.is_empty() {
        return;
    }
    let _ = writeln!(text, "{} {what}:", rules.len());
    for rule in rules {
        let _ = writeln!(text, "  {}  {}", printable(&rule.id), printable(&rule.name));
    }
}

/// The tactic, id and name of each technique, sub-techniques instead of the technique that they belong to.
fn named(rule: &RuleInfo) -> Vec<(String, String, String)> {
    let text = |value: &Value, key: &str| {
        value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let list = |value: &Value, key: &str| -> Vec<Value> {
        value.get(key).and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let mut named = Vec::new();
    for threat in &rule.threat {
        let tactic = threat.get("tactic").map(|tactic| text(tactic, "name")).unwrap_or_default();
        for technique in list(threat, "technique") {
            let below = list(&technique, "subtechnique");
            let those = if below.is_empty() { vec![technique] } else { below };
            let those =
                those.iter().map(|one| (tactic.clone(), text(one, "id"), text(one, "name")));
            named.extend(those.filter(|(_, id, _)| !id.is_empty()));
        }
    }
    named
}

/// The names of the documents that have tests.
fn tested(documents: Vec<Document>) -> BTreeSet<String> {
    let rules = documents.into_iter().filter(|document| !rule_test::holds_exceptions(document));
    rules
        .filter_map(|document| {
            let name = document.name.clone();
            RuleTests::read(document).is_ok_and(|rule| !rule.tests.is_empty()).then_some(name)
        })
        .collect()
}
