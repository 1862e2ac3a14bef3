//! In: a query. Out: a rule document around it.

use tocsin_host::detector::Document;

/// A rule of Elastic's form.
pub(super) fn kql(id: &str, query: &str) -> Document {
    table(id, "kuery", query, "")
}

/// A Logpresso rule that shows the values of some names in its alerts.
pub(super) fn logpresso(id: &str, query: &str, names: &[&str]) -> Document {
    let list = names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
    table(id, "logpresso", query, &format!("output_fields = [{list}]\n"))
}

/// A Sigma rule of a whole detection, or of a single search of which the condition is made.
pub(super) fn sigma(id: &str, detection: &str) -> Document {
    let detection = if detection.contains("condition:") {
        detection.trim().lines().map(|line| format!("  {line}\n")).collect()
    } else {
        format!("  search: {detection}\n  condition: search\n")
    };
    let head = sigma_head(id);
    Document { name: format!("{id}.yml"), text: format!("{head}{detection}") }
}

/// A Sigma rule down to its detection, which stands at line 5.
pub(super) fn sigma_head(id: &str) -> String {
    format!("title: {id}\nid: {id}\nlogsource: {{product: aws, service: cloudtrail}}\ndetection:\n")
}

fn table(id: &str, language: &str, query: &str, more: &str) -> Document {
    let (id_text, query) = (quoted(id), quoted(query));
    let text = format!(
        "[rule]\nrule_id = {id_text}\nname = {id_text}\nlanguage = \"{language}\"\nseverity = \"low\"\nquery = {query}\n{more}"
    );
    Document { name: format!("{id}.toml"), text }
}

/// A text as TOML quotes it: as JSON does, and DEL besides.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}
