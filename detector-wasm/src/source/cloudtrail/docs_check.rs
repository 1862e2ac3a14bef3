//! In: the tables of the vocabularies. Out: whether `docs/fields.md` shows them as they are.
//!
//! With `TOCSIN_BLESS=1` in the environment the test writes the page's tables anew.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use super::CLOUDTRAIL;
use super::computed::category::CLASSES;
use crate::event::mapping::{FieldSource, Mapping};

const PAGE: &str = "../docs/fields.md";

fn fields(mapping: &Mapping) -> String {
    let mut table = String::from(
        "| field | type | raw CloudTrail record | other names in a normalised record |\n|---|---|---|---|\n",
    );
    for row in mapping.rows {
        let kind = format!("{:?}", row.field_type).to_lowercase();
        let source = match row.source {
            FieldSource::Path(path) => format!("`{path}`"),
            FieldSource::Constant(text) => format!("always `{text}`"),
            FieldSource::Computed(computed) => {
                format!("{}: {}", codes(computed.paths), computed.meaning)
            }
            FieldSource::Absent(needs) => {
                format!("absent with all below it: it would need {needs}")
            }
        };
        writeln!(table, "| `{}` | {kind} | {source} | {} |", row.name, codes(row.aliases)).unwrap();
    }
    for subtree in mapping.subtrees {
        let alias = subtree.alias.map(|alias| format!("`{alias}.*`")).unwrap_or_default();
        let (prefix, path) = (subtree.prefix, subtree.path);
        writeln!(table, "| `{prefix}.*` | keyword | `{path}.*` | {alias} |").unwrap();
    }
    table
}

fn classes() -> String {
    let mut table = String::from("| category | types | events |\n|---|---|---|\n");
    for class in CLASSES {
        let (types, events) = (codes(class.types), codes(class.events));
        writeln!(table, "| `{}` | {types} | {events} |", class.category).unwrap();
    }
    table
}

fn codes(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The page with the tables between their marks written anew.
fn filled(page: &str) -> String {
    let mut page = page.to_owned();
    for (name, table) in [
        ("ecs", fields(&CLOUDTRAIL.mappings.ecs)),
        ("classes", classes()),
        ("logpresso", fields(&CLOUDTRAIL.mappings.logpresso)),
    ] {
        let (begin, end) = (format!("<!-- table: {name} -->\n"), "<!-- end -->");
        let (before, rest) = page.split_once(&begin).expect("the page has a mark for each table");
        let (_, after) = rest.split_once(end).expect("each table has an end");
        page = format!("{before}{begin}{table}{end}{after}");
    }
    page
}

#[test]
fn the_page_of_fields_shows_the_tables() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let page = fs::read_to_string(&path).unwrap();
    let filled = filled(&page);
    if std::env::var_os("TOCSIN_BLESS").is_some() {
        fs::write(&path, &filled).unwrap();
    } else {
        let stale: Vec<_> =
            filled.lines().filter(|line| !page.lines().any(|old| old == *line)).collect();
        assert!(
            page == filled,
            "docs/fields.md isn't what the tables say; TOCSIN_BLESS=1 writes it. New lines:\n{}",
            stale.join("\n")
        );
    }
}
