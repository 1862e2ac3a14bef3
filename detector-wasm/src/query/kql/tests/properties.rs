//! Any text is a query or gets an error with a place in it, however long and deep; and queries mean what
//! a simple, recursive reading of them means.

use proptest::prelude::*;

use super::reference::{query, record};
use super::*;

/// Compiles a text and checks what every answer must be like; judges records if it can.
fn check(query: &str) -> Option<Judge> {
    let (mut fields, mut notices) = (Fields::new(&crate::source::SOURCE.mappings), Vec::new());
    let compiled = compile(query, &mut fields, &mut notices);
    let errors =
        notices.iter().filter(|notice| notice.severity == DiagnosticSeverity::Error).count();
    assert_eq!(compiled.is_none(), errors > 0, "{query}: {notices:?}");
    assert!(notices.len() <= 22, "{query}: {} notices", notices.len());
    for notice in notices {
        assert!(query.get(notice.span.clone()).is_some(), "{query}: {notice:?}");
        assert!(notice.code.starts_with("kql-") && !notice.message.is_empty());
        assert!(notice.message.len() < 500, "{notice:?}");
    }
    let judge = Judge { fields, query: compiled? };
    for clause in judge.query.predicate.clauses() {
        assert!(query.get(clause.span.clone()).is_some(), "{query}: {:?}", clause.span);
    }
    for shape in [Shape::Normalised, Shape::Raw] {
        judge.selects(r#"{"a":["x",{"b":1,"b":2}],"eventName":"x","c.d":null}"#, shape);
    }
    Some(judge)
}

/// Queries to start from: all those of the tables.
fn corpus() -> Vec<String> {
    let mut queries = Vec::new();
    tables("kql", |_, case| {
        for key in ["matches", "misses"] {
            let list = case.get(key).and_then(Toml::as_array).into_iter().flatten();
            queries.extend(list.map(|query| query.as_str().unwrap().to_owned()));
        }
    });
    tables("kql/diagnostics", |_, case| queries.extend(text(case, "query").map(str::to_owned)));
    queries
}

/// Pieces that matter to the grammar and to fields' kinds.
const FRAGMENTS: [&str; 33] = [
    "a",
    "b.c",
    "x y",
    ":",
    "(",
    ")",
    "{",
    "}",
    "\"",
    "\\",
    "*",
    "<",
    ">=",
    " ",
    "\u{a0}",
    " and ",
    " or ",
    "not ",
    "\\u00e9",
    "\\ud83d",
    "null",
    "true",
    "1.5",
    "\\:",
    "é",
    "source.ip:",
    "@timestamp:",
    "10.0.0.0/8",
    "2023-07-10",
    "aws.cloudtrail.flattened.request_parameters:",
    "\t",
    "\u{0}",
    "user_agent.original.text:",
];

fn fragments() -> impl Strategy<Value = String> {
    let fragment = proptest::sample::select(&FRAGMENTS[..]);
    proptest::collection::vec(fragment, 0..24).prop_map(|fragments| fragments.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn kql_takes_any_text(text in "\\PC{0,60}") {
        check(&text);
    }

    #[test]
    fn kql_takes_any_text_of_its_own_signs(text in fragments()) {
        check(&text);
    }

    #[test]
    fn kql_takes_changed_queries(
        base in proptest::sample::select(corpus()),
        from in any::<proptest::sample::Index>(),
        to in any::<proptest::sample::Index>(),
        insert in fragments(),
    ) {
        let chars: Vec<char> = base.chars().collect();
        let (from, to) = (from.index(chars.len() + 1), to.index(chars.len() + 1));
        let (from, to) = (from.min(to), from.max(to));
        let text: String = chars[..from].iter().chain(&insert.chars().collect::<Vec<_>>()).chain(&chars[to..]).collect();
        check(&text);
        check(&chars[from..to].iter().collect::<String>());
    }

    #[test]
    fn kql_means_what_the_reference_means(query in query(), record in record()) {
        let text = query.text();
        let judge = check(&text).unwrap_or_else(|| panic!("{text}"));
        let json = record.to_string();
        prop_assert_eq!(
            judge.selects(&json, Shape::Normalised),
            query.holds(&record),
            "{} on {}", text, json
        );
    }
}

#[test]
fn kql_takes_long_and_deep_queries() {
    const MEGABYTE: usize = 1 << 20;
    let fill = |piece: &str| piece.repeat(MEGABYTE / piece.len());
    let many = |count: usize, value: &dyn Fn(usize) -> String, join: &str| {
        (0..count).map(value).collect::<Vec<_>>().join(join)
    };
    let list = |value: &dyn Fn(usize) -> String, join: &str| many(20_000, value, join);
    let usable = [
        format!("{}a:x{}", "(".repeat(MEGABYTE / 2), ")".repeat(MEGABYTE / 2)),
        format!("{}a:y{}", "not (".repeat(100_000), ")".repeat(100_000)),
        format!("a:{}x{}", "(".repeat(MEGABYTE / 2), ")".repeat(MEGABYTE / 2)),
        format!("a:{}x{}", "(not ".repeat(100_000), ")".repeat(100_000)),
        format!("a:{}x{}", "(y or ".repeat(100_000), ")".repeat(100_000)),
        format!("a:({})", many(100_000, &|n| format!("value{n}"), " or ")),
        format!("a:({})", many(100_000, &|n| format!("{n}"), " or ")),
        format!("a:({})", list(&|n| format!("v{n}*"), " or ")),
        format!("a:({})", list(&|n| format!("v{n}"), " and ")),
        list(&|n| format!("a:{n}"), " or "),
        list(&|n| format!("a > {n}"), " and "),
        list(&|n| format!("value {n}"), " or "),
        format!(
            "source.ip:({})",
            list(&|n| format!("10.{}.{}.0/24", n / 256 % 256, n % 256), " or ")
        ),
        format!("a:\"{}\"", fill("x")),
        format!("a:{}", fill("x*")),
        fill(" "),
        fill("x "),
    ];
    for query in usable {
        assert!(check(&query).is_some(), "{}", &query[..40]);
    }
    let refused = [
        fill("not "),
        fill("("),
        fill(")"),
        fill("a:("),
        fill("a:{"),
        fill("a:(b and "),
        fill("a:b or "),
        fill("\""),
        fill("\\x"),
        fill(":"),
        fill("a:"),
        fill("<"),
        fill("é:{ "),
        format!("a:b{}(", fill(" ")),
        many(100_000, &|n| format!("field{n}:x"), " or "),
        list(&|n| format!("field{n}*:x"), " or "),
        format!("o:{{ {} }}", list(&|n| format!("f{n}:x"), " or ")),
        format!("{}:x", fill("a.")),
        format!("{}:{{ a:x }}", fill("a.")),
    ];
    for query in refused {
        assert!(check(&query).is_none(), "{}", &query[..20]);
    }
}

#[test]
fn a_list_is_one_clause() {
    let one = |query: &str| {
        let judge = Judge::new(query);
        assert_eq!(judge.query.predicate.clauses().count(), 1, "{query}");
        judge.query.predicate.clauses().next().unwrap().span.clone()
    };
    let list = (0..1_000).map(|n| format!("v{n}")).collect::<Vec<_>>().join(" or ");
    assert_eq!(one(&format!("a:({list})")), 0..list.len() + 4);
    assert_eq!(one("b : (x or (y or \"z\") or w*)"), 0..27);
    assert_eq!(Judge::new("a:x or a:y").query.predicate.clauses().count(), 2);
    let clauses = Judge::new("a:(x and not (y or z)) and not b:1");
    let mut spans: Vec<_> =
        clauses.query.predicate.clauses().map(|clause| clause.span.clone()).collect();
    spans.sort_by_key(|span| span.start);
    assert_eq!(spans, [3..4, 13..21, 31..34]);
}
