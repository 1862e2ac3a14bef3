//! That the schema for editors says what the server reads.

use serde_json::{Map, Value, json};

use super::*;

fn schema() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/serve.schema.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn reads(text: &str) -> bool {
    toml::from_str::<File>(text).is_ok()
}

fn describes(text: &str) -> bool {
    let value: Value = toml::from_str(text).unwrap();
    jsonschema::validator_for(&schema()).unwrap().is_valid(&value)
}

#[test]
fn the_pages_configurations_are_of_the_schema() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/serve.md");
    let page = std::fs::read_to_string(page).unwrap();
    let token = format!("sha256:{}", "0".repeat(64));
    let blocks = page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let blocks: Vec<String> = blocks.map(|block| block.replace("sha256:…", &token)).collect();
    assert!(blocks.len() > 1);
    for block in blocks {
        assert!(reads(&block), "{:?}", toml::from_str::<File>(&block).err());
        // A page may show a part of a file.
        let whole =
            if block.contains("[tenants.") { block } else { format!("{block}\n[tenants.acme]\n") };
        assert!(describes(&whole), "{whole}");
    }
}

#[test]
fn the_schema_and_the_server_take_and_refuse_the_same() {
    let tenant = "[tenants.a]\n";
    for (text, expected) in [
        ("", true),
        (
            "tokens = []\nweight = 3\nlabels = { a = \"b\" }\nbuiltin_rules = false\nrules = [\"r\"]",
            true,
        ),
        ("token = []", false),
        ("labels = { a = 1 }", false),
        ("[tenants.a.limits]\nmemory = \"64M\"\nbody = 7\nalert_interval = \"1h\"", true),
        ("[tenants.a.limits]\nmemory = \"64X\"", false),
        ("[tenants.a.limits]\nalert_interval = \"soon\"", false),
        ("[tenants.a.limits]\nother = 1", false),
        ("[tenants.a.outlets.f]\ntype = \"file\"\npath = \"x\"\nkeep = 3", true),
        ("[tenants.a.outlets.f]\ntype = \"file\"", false),
        ("[tenants.a.outlets.f]\ntype = \"stdout\"", true),
        ("[tenants.a.outlets.f]\ntype = \"stdout\"\npath = \"x\"", false),
        (
            "[tenants.a.outlets.f]\ntype = \"webhook\"\nurl = \"https://x\"\nsecret = { env = \"X\" }",
            true,
        ),
        (
            "[tenants.a.outlets.f]\ntype = \"webhook\"\nurl = \"https://x\"\nsecret = \"in the clear\"",
            false,
        ),
        (
            "[tenants.a.outlets.f]\ntype = \"bulk\"\nurl = \"https://x\"\nindex = \"i\"\ntemplate = \"opensearch\"",
            true,
        ),
        (
            "[tenants.a.outlets.f]\ntype = \"bulk\"\nurl = \"https://x\"\nindex = \"i\"\ntemplate = \"other\"",
            false,
        ),
        ("[tenants.a.outlets.f]\ntype = \"otlp\"\nurl = \"https://x\"", true),
        ("[tenants.a.outlets.f]\ntype = \"pigeon\"", false),
        ("[senders.s]\nfield = \"x\"\ntenants = { y = \"a\" }", true),
        ("[senders.s]\nfield = \"x\"", false),
        ("[outbound]\nallow = [\"10.0.0.0/8\"]", true),
        (
            "[server]\ntls = { certificate = \"c\", key = \"k\" }\nadmin = \"a\"\nmetrics = \"127.0.0.1:1\"",
            true,
        ),
        ("[server]\ntls = { certificate = \"c\" }", false),
        ("[server]\nbody_timeout = \"1w\"", false),
    ] {
        let text = format!("{tenant}{text}\n");
        assert_eq!((reads(&text), describes(&text)), (expected, expected), "{text}");
    }
}

/// A table with each key that has a default in the schema, as that.
fn defaults(properties: &Value) -> Value {
    let with_default =
        |(key, of): (&String, &Value)| Some((key.clone(), of.get("default")?.clone()));
    Value::Object(
        properties.as_object().unwrap().iter().filter_map(with_default).collect::<Map<_, _>>(),
    )
}

#[test]
fn the_schemas_defaults_are_the_servers() {
    let schema = schema();
    let server = defaults(&schema["properties"]["server"]["properties"]);
    let limits = defaults(&schema["$defs"]["limits"]["properties"]);
    assert!(server.as_object().unwrap().len() > 8 && limits.as_object().unwrap().len() == 10);
    let text = toml_text(&json!({"server": server, "tenants": {"a": {"limits": limits}}}));
    let file: File = toml::from_str(&text).unwrap();
    assert_eq!(format!("{:?}", file.server), format!("{:?}", Server::default()));
    let tenant = file.tenants.into_values().next().unwrap().into_inner();
    assert_eq!(tenant.limits, Limits::default());
}

/// A table of tables as TOML.
fn toml_text(value: &Value) -> String {
    let line = |(key, value): (&String, &Value)| match value {
        Value::Object(_) => format!("{key} = {{{}}}", toml_text(value).replace('\n', ", ")),
        scalar => format!("{key} = {scalar}"),
    };
    value.as_object().unwrap().iter().map(line).collect::<Vec<_>>().join("\n")
}
