//! What holds for any query and any record: compiling ends with a query or an error, judging and computing
//! end with an answer.

use proptest::prelude::*;
use toml::Table;

use super::{Judge, cases, compile, texts};
use crate::event::Fields;
use crate::event::view::Shape;
use crate::query::logpresso::functions;
use crate::query::notice::DiagnosticSeverity;
use crate::query::{Operand, Query};

/// Compiles a text, judges a record if it is a query, and checks what must hold for both.
fn try_out(query: &str, record: &str) {
    let (mut fields, mut notices) = (Fields::new(&crate::source::SOURCE.mappings), Vec::new());
    let compiled = compile(query, &[], &mut fields, &mut notices);
    let failed = notices.iter().any(|notice| notice.severity == DiagnosticSeverity::Error);
    assert_eq!(compiled.is_none(), failed, "{query}: {notices:?}");
    assert!(notices.len() <= 100);
    for notice in &notices {
        assert!(query.get(notice.span.clone()).is_some(), "{query}: {notice:?}");
    }
    let Some(mut query) = compiled else { return };
    show_all(&mut query);
    let judge = Judge { fields, query };
    for shape in [Shape::Raw, Shape::Normalised] {
        judge.selects(record, shape);
        for (name, _) in &judge.query.names {
            let json = judge.value(name, record, shape);
            assert!(serde_json::from_str::<serde::de::IgnoredAny>(&json).is_ok(), "{name}: {json}");
        }
        agree_if_shown(&judge, record, shape);
    }
}

/// Lets an alert show all that the query names.
fn show_all(query: &mut Query) {
    let operands = query.names.iter().map(|(_, operand)| operand);
    let all: Vec<_> = operands.filter_map(Operand::expression).collect();
    query.expressions.show(all);
}

/// Checks that values worked out together are what each is by itself. Says whether they could be.
fn agree_if_shown(judge: &Judge, record: &str, shape: Shape) -> bool {
    judge.readings(record, shape, &mut |query, event| {
        let Some(shown) = query.expressions.shown(event) else { return false };
        for (name, operand) in &query.names {
            if let Some(id) = operand.expression() {
                assert_eq!(*shown.get(id), query.value(operand, event), "{name}: {record}");
            }
        }
        true
    })
}

/// Every query of the tables.
fn corpus() -> Vec<String> {
    let mut queries = Vec::new();
    cases("logpresso", &mut |_, _, case: &Table| {
        for query in texts(case, "matches").chain(texts(case, "misses")) {
            queries.push(if query.starts_with('|') {
                query.into()
            } else {
                format!("search {query}")
            });
        }
        for expression in
            case.get("gives").and_then(toml::Value::as_table).into_iter().flat_map(Table::keys)
        {
            queries.push(format!("eval it = {expression}"));
        }
    });
    queries
}

/// A word that means something somewhere.
fn word() -> impl Strategy<Value = String> {
    let words = [
        "search",
        "eval",
        "rename",
        "fields",
        "and",
        "or",
        "not",
        "as",
        "null",
        "true",
        "=",
        "==",
        "!=",
        "<",
        ">=",
        "+",
        "-",
        "*",
        "/",
        "(",
        ")",
        ",",
        "|",
        "\"",
        "\"a*b\"",
        "\"(\"",
        "\\",
        "0",
        "1.5",
        "1e999",
        "x",
        "user",
        "req_params",
        "now()",
        "in(",
        "match(",
        "valueof(",
        "concat(",
        "[",
        "'",
        "é",
        "\u{0}",
    ];
    prop_oneof![
        proptest::sample::select(words.to_vec()).prop_map(str::to_owned),
        proptest::sample::select(functions::all().map(|f| f.name.to_owned()).collect::<Vec<_>>()),
        ".{0,8}",
    ]
}

/// A well-formed expression of any depth a person would write.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        proptest::sample::select(vec![
            "user",
            "event_name",
            "req_params",
            "missing",
            "x",
            "l",
            "n",
            "d"
        ])
        .prop_map(str::to_owned),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_filter_map("finite", |n| n.is_finite().then(|| format!("{n:?}"))),
        proptest::sample::select(vec![
            "\"\"",
            "\"a\"",
            "\"*\"",
            "\"a*\"",
            "\"*a*b\"",
            "\"1h\"",
            "\"yyyy-MM\"",
            "\"10.0.0.1\"",
            "\"2024-01-01\"",
            "\"[a-z]+\"",
            "\"k\"",
            "null",
            "true",
            "false",
            "0",
            "1",
            "-1",
            "24",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        let operators = vec!["+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!=", "and", "or"];
        prop_oneof![
            (inner.clone(), proptest::sample::select(operators), inner.clone())
                .prop_map(|(left, operator, right)| format!("({left} {operator} {right})")),
            inner.clone().prop_map(|inner| format!("-{inner}")),
            (
                proptest::sample::select(functions::all().collect::<Vec<_>>()),
                proptest::collection::vec(inner, 4),
                any::<prop::sample::Index>()
            )
                .prop_map(|(function, arguments, extra)| {
                    let most = function.most.min(4);
                    let count = function.least + extra.index(most - function.least + 1);
                    format!("{}({})", function.name, arguments[..count].join(", "))
                }),
        ]
    })
}

/// Any record, with keys that queries ask for, keys that stand twice, and numbers of any size.
fn record() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|truth| truth.to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        proptest::sample::select(vec!["1e400", "-0", "0.1", "123456789012345678901234567890"])
            .prop_map(str::to_owned),
        proptest::sample::select(vec![
            "",
            "a",
            "10.0.0.1",
            "2001:db8::1",
            "2024-01-01T00:00:00Z",
            "a,b,c",
            "\u{0}\"\\",
            "é😀",
            "17",
            "*",
        ])
        .prop_map(|text| serde_json::to_string(text).unwrap()),
        ".{0,12}".prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    let value = leaf.prop_recursive(4, 30, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5)
                .prop_map(|list| format!("[{}]", list.join(","))),
            members(inner),
        ]
    });
    members(value)
}

fn members(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let keys = vec![
        "user",
        "event_name",
        "eventName",
        "req_params",
        "requestParameters",
        "x",
        "l",
        "n",
        "d",
        "k",
    ];
    proptest::collection::vec((proptest::sample::select(keys), value), 0..6).prop_map(|members| {
        let members: Vec<String> =
            members.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
        format!("{{{}}}", members.join(","))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_a_query_or_an_error(text in ".{0,200}", record in record()) {
        try_out(&text, &record);
    }

    #[test]
    fn any_row_of_words_is_a_query_or_an_error(
        words in proptest::collection::vec(word(), 0..40),
        record in record(),
    ) {
        try_out(&words.join(" "), &record);
        try_out(&words.concat(), &record);
    }

    #[test]
    fn a_damaged_query_is_a_query_or_an_error(
        query in proptest::sample::select(corpus()),
        other in proptest::sample::select(corpus()),
        cut in any::<prop::sample::Index>(),
        insert in word(),
        record in record(),
    ) {
        let places: Vec<usize> = query.char_indices().map(|(place, _)| place).collect();
        let (front, back) = query.split_at(*cut.get(&places));
        try_out(front, &record);
        try_out(back, &record);
        try_out(&format!("{front}{insert}{back}"), &record);
        try_out(&format!("{front} {other}"), &record);
        try_out(&format!("{query} | {other}"), &record);
    }

    #[test]
    fn every_expression_has_a_value_in_every_record(
        first in expression(),
        second in expression(),
        record in record(),
    ) {
        try_out(&format!("eval x = {first} | rename user as y | search {second}"), &record);
    }

    #[test]
    fn a_search_keeps_what_if_takes_for_true(
        condition in expression(),
        record in record(),
    ) {
        let direct = Judge::new(&format!("search {condition}"));
        let computed = Judge::new(&format!("eval t = if({condition}, true, false) | search t"));
        if let (Ok(direct), Ok(computed)) = (direct, computed) {
            for shape in [Shape::Raw, Shape::Normalised] {
                prop_assert_eq!(direct.selects(&record, shape), computed.selects(&record, shape));
            }
        }
    }
}

/// Queries of the sizes that only an attacker writes.
#[test]
fn size_and_depth_cost_neither_stack_nor_much_time() {
    let repeat = |part: &str, count: usize| part.repeat(count);
    let deep = 100_000;
    let chain: String = (0..1_000).map(|_| "| eval a = concat(a, a)").collect();
    let names: String = (0..5_000).map(|n| format!("f{n} and ")).collect();
    let values: String = (0..100_000).map(|n| format!(", \"value-{n}\"")).collect();
    let evals: String = (0..5_000).map(|n| format!("| eval v{} = v{n} + 1 ", n + 1)).collect();
    let searches: String = (0..2_000).map(|_| "| search v > 1 ").collect();
    let record = r#"{"a":"0123456789","user":"value-99999","v0":1,"v":2}"#;
    for (query, usable) in [
        (format!("search {}user{}", repeat("(", deep), repeat(")", deep)), true),
        (format!("search {}", repeat("(", deep)), false),
        (format!("search {}", repeat("not ", deep)), false),
        (format!("search {}user == \"a\"{}", repeat("not(", deep), repeat(")", deep)), true),
        (format!("search {}user{}", repeat("lower(", deep), repeat(")", deep)), false),
        (format!("search {}1 > 0", repeat("- ", deep)), true),
        (format!("search user{}", repeat(" + 1", deep)), false),
        (format!("search user{}", repeat(" and user == \"a\"", deep)), true),
        (format!("search user{}", repeat(" == user", deep)), false),
        (format!("search {}", repeat("user and (user or ", deep)), false),
        (format!("search in(user{values})"), true),
        (format!("search {names} user"), false),
        (chain.clone(), true),
        (evals, true),
        (format!("| eval v = 1 + 1 {searches}"), true),
        (format!("search {}", repeat("'", deep)), false),
        (format!("search {}", repeat("[", deep)), false),
        (format!("search \"{}", repeat("\\x", deep)), false),
        (repeat("|", deep), false),
        (repeat("search user |", deep), false),
        (format!("search {}", repeat("f(", deep)), false),
        (format!("eval {} = 1", repeat("a.", deep)), true),
        (format!("fields {} a", repeat("a, ", deep)), true),
        (format!("rename a as b{}", repeat(", b as a, a as b", 3_000)), true),
    ] {
        let (mut fields, mut notices) = (Fields::new(&crate::source::SOURCE.mappings), Vec::new());
        let compiled = compile(&query, &[], &mut fields, &mut notices);
        let start = query.get(..40).unwrap_or(&query);
        assert_eq!(compiled.is_some(), usable, "{start}: {:?}", notices.first());
        if let Some(query) = compiled {
            Judge { fields, query }.selects(record, Shape::Normalised);
        }
    }
}

/// A text that a query doubles a thousand times is cut off; one that it only puts together isn't,
/// however long the record's parts are.
#[test]
fn computed_texts_are_bounded() {
    let doubled = |times| -> usize {
        let query: String = (0..times).map(|_| "| eval a = concat(a, a)").collect();
        Judge::new(&query).unwrap().value("a", r#"{"a":"01234567"}"#, Shape::Normalised).len() - 2
    };
    assert_eq!(doubled(10), 8 << 10);
    assert!((1..1_000).step_by(37).all(|times| doubled(times) <= (1 << 20) + 8 * 16));

    // Values that only together are longer than one may be are worked out one by one.
    for (times, together) in [(10, true), (13, true), (15, false), (20, false)] {
        let query: String = (0..times).map(|_| "| eval a = concat(a, a)").collect();
        let ends = r#"| eval b = concat(a, "b"), c = concat(a, "c"), d = split(b, "0")"#;
        let mut judge = Judge::new(&(query + ends)).unwrap();
        show_all(&mut judge.query);
        let record = r#"{"a":"01234567"}"#;
        assert_eq!(agree_if_shown(&judge, record, Shape::Normalised), together, "{times}");
    }

    let long = "x".repeat(3 << 20);
    let record = format!(r#"{{"a":"{long}","b":"{long}"}}"#);
    let judge = Judge::new(r#"search concat(a, "/", lower(b), "/end") == "*/end""#).unwrap();
    assert!(judge.selects(&record, Shape::Normalised));
}
