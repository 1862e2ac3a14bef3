//! Out: what a rule's author may write: fields, their known values, functions, commands, modifiers; for editors.

use crate::event::mapping::{FieldSource, FieldType, Row};
use crate::event::vocabulary::Vocabulary;
use crate::query::logpresso::{self, functions};
use crate::query::sigma;
use crate::record::write;
use crate::source::{SOURCE, Values};

/// Appends the vocabulary as one JSON object; `docs/abi.md` has its form.
pub(crate) fn vocabulary(out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"mapping\":");
    write::text(SOURCE.mapping_version, out);
    out.extend_from_slice(b",\"fields\":{");
    for (place, (name, vocabulary)) in
        [("ecs", Vocabulary::Ecs), ("logpresso", Vocabulary::Logpresso)].into_iter().enumerate()
    {
        if place > 0 {
            out.push(b',');
        }
        write::text(name, out);
        out.push(b':');
        let mapping = SOURCE.mappings.of(vocabulary);
        write::list(mapping.rows, out, field);
    }
    out.extend_from_slice(b",\"raw\":");
    write::list(SOURCE.meanings, out, |(path, meaning), out| {
        out.extend_from_slice(b"{\"name\":");
        write::text(path, out);
        text("meaning", meaning, out);
        out.push(b'}');
    });
    out.extend_from_slice(b"},\"objects\":");
    write::list(SOURCE.mappings.of(Vocabulary::Ecs).subtrees, out, |subtree, out| {
        out.extend_from_slice(b"{\"prefix\":");
        write::text(subtree.prefix, out);
        text("path", subtree.path, out);
        out.push(b'}');
    });
    out.extend_from_slice(b",\"values\":");
    write::list(SOURCE.values, out, |known, out| {
        out.extend_from_slice(b"{\"fields\":");
        texts(known.fields, out);
        out.extend_from_slice(match known.values {
            Values::Only(_) => b",\"closed\":true",
            Values::Known(_) | Values::One => b",\"closed\":false",
        });
        out.extend_from_slice(b",\"known\":");
        texts(known.values.list(), out);
        out.push(b'}');
    });
    languages(out);
    out.push(b'}');
}

/// Appends what the languages have beside fields.
fn languages(out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"logpresso\":{\"commands\":");
    texts(logpresso::commands(), out);
    out.extend_from_slice(b",\"functions\":");
    let functions: Vec<_> = functions::all().collect();
    write::list(&functions, out, |function, out| {
        out.extend_from_slice(b"{\"name\":");
        write::text(function.name, out);
        text("signature", function.doc.signature, out);
        text("meaning", function.doc.meaning, out);
        out.extend_from_slice(b",\"examples\":");
        write::list(function.doc.examples, out, |(call, value), out| {
            out.extend_from_slice(b"{\"call\":");
            write::text(call, out);
            out.extend_from_slice(b",\"value\":");
            // The value is JSON already.
            out.extend_from_slice(value.as_bytes());
            out.push(b'}');
        });
        out.push(b'}');
    });
    out.extend_from_slice(b"},\"sigma\":{\"modifiers\":");
    let modifiers: Vec<_> = sigma::modifiers().collect();
    texts(&modifiers, out);
    out.push(b'}');
}

/// Appends a field of a vocabulary.
fn field(row: &Row, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"name\":");
    write::text(row.name, out);
    let field_type = match row.field_type {
        FieldType::Keyword => "keyword",
        FieldType::Text => "text",
        FieldType::Boolean => "boolean",
        FieldType::Date => "date",
        FieldType::Ip => "ip",
        FieldType::Number => "number",
    };
    text("type", field_type, out);
    match row.source {
        FieldSource::Path(path) => {
            text("path", path, out);
            if let Some(meaning) = SOURCE.meaning(path) {
                text("meaning", meaning, out);
            }
        }
        FieldSource::Constant(constant) => text("constant", constant, out),
        FieldSource::Computed(computed) => {
            out.extend_from_slice(b",\"from\":");
            texts(computed.paths, out);
            text("meaning", computed.meaning, out);
        }
        FieldSource::Absent(needs) => text("absent", needs, out),
    }
    if !row.aliases.is_empty() {
        out.extend_from_slice(b",\"aliases\":");
        texts(row.aliases, out);
    }
    out.push(b'}');
}

fn texts(items: &[&str], out: &mut Vec<u8>) {
    write::list(items, out, |item, out| write::text(item, out));
}

fn text(key: &str, value: &str, out: &mut Vec<u8>) {
    out.push(b',');
    write::text(key, out);
    out.push(b':');
    write::text(value, out);
}
