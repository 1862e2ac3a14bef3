//! The bytes of a module in, whether compiling it is bounded out; nothing of it is compiled on the way.
//!
//! A compiler's time grows with more than a module's size: with how deep blocks nest, how many locals a
//! function has, how many values a block takes. The engine's own module stays far below each bound.

use wasmparser::{FunctionBody, Operator, Parser, Payload};

use super::LoadError;

/// What a module may have at most: its words for a person, and how many.
#[derive(Clone, Copy)]
struct Bound(&'static str, u64);

const FILE: Bound = Bound("bytes", 512 << 20);
const CODE: Bound = Bound("bytes of code", 16 << 20);
const TYPES: Bound = Bound("types", 4_096);
/// Parameters and results of one type.
const ARITY: Bound = Bound("parameters or results of a type", 32);
const FUNCTIONS: Bound = Bound("functions", 32_768);
const BODY: Bound = Bound("bytes in a function", 128 << 10);
const LOCALS: Bound = Bound("locals in a function", 2_048);
const NESTING: Bound = Bound("blocks nested in a function", 512);
const TABLES: Bound = Bound("tables", 16);
const MEMORIES: Bound = Bound("memories", 1);
const GLOBALS: Bound = Bound("globals", 4_096);
const EXPORTS: Bound = Bound("exports", 256);
const SEGMENTS: Bound = Bound("segments", 65_536);

/// What functions cost a compiler together: their bytes, and what each of them multiplies: its locals by
/// how deep its blocks nest (a loop keeps every local apart), and the values that its blocks and branches take.
const WEIGHT: Bound = Bound("units of work for the compiler", 32 << 20);

impl Bound {
    fn check(self, found: u64) -> Result<(), LoadError> {
        let Bound(what, limit) = self;
        if found > limit { Err(LoadError::TooMuch { what, found, limit }) } else { Ok(()) }
    }
}

/// Refuses a module that imports anything, or is more than the compiler should be given.
pub(super) fn check(bytes: &[u8]) -> Result<(), LoadError> {
    let invalid = |error: wasmparser::BinaryReaderError| LoadError::Invalid(error.to_string());
    FILE.check(bytes.len() as u64)?;
    let mut weight = 0;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(invalid)? {
            Payload::ImportSection(section) => {
                if let Some(import) = section.into_imports().next() {
                    let import = import.map_err(invalid)?;
                    let (module, name) = (import.module.to_owned(), import.name.to_owned());
                    return Err(LoadError::Import { module, name });
                }
            }
            Payload::TypeSection(section) => {
                TYPES.check(section.count().into())?;
                for group in section {
                    for of in group.map_err(invalid)?.types() {
                        if let wasmparser::CompositeInnerType::Func(function) =
                            &of.composite_type.inner
                        {
                            ARITY.check(function.params().len() as u64)?;
                            ARITY.check(function.results().len() as u64)?;
                        }
                    }
                }
            }
            Payload::FunctionSection(section) => FUNCTIONS.check(section.count().into())?,
            Payload::TableSection(section) => TABLES.check(section.count().into())?,
            Payload::MemorySection(section) => MEMORIES.check(section.count().into())?,
            Payload::GlobalSection(section) => GLOBALS.check(section.count().into())?,
            Payload::ExportSection(section) => EXPORTS.check(section.count().into())?,
            Payload::ElementSection(section) => SEGMENTS.check(section.count().into())?,
            Payload::DataSection(section) => SEGMENTS.check(section.count().into())?,
            Payload::CodeSectionStart { size, .. } => CODE.check(size.into())?,
            Payload::CodeSectionEntry(body) => {
                weight += weigh(&body)?;
                WEIGHT.check(weight)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// What a function costs the compiler.
fn weigh(body: &FunctionBody<'_>) -> Result<u64, LoadError> {
    let invalid = |error: wasmparser::BinaryReaderError| LoadError::Invalid(error.to_string());
    let Bound(_, arity) = ARITY;
    let bytes = body.range().len() as u64;
    BODY.check(bytes)?;
    let mut locals = 0;
    for group in body.get_locals_reader().map_err(invalid)? {
        locals += u64::from(group.map_err(invalid)?.0);
        LOCALS.check(locals)?;
    }
    let (mut depth, mut deepest, mut values) = (0u64, 0, 0);
    let mut operators = body.get_operators_reader().map_err(invalid)?;
    while !operators.eof() {
        match operators.read().map_err(invalid)? {
            Operator::Block { blockty } | Operator::Loop { blockty } | Operator::If { blockty } => {
                depth += 1;
                deepest = deepest.max(depth);
                NESTING.check(depth)?;
                if matches!(blockty, wasmparser::BlockType::FuncType(_)) {
                    values += arity;
                }
            }
            Operator::End => depth = depth.saturating_sub(1),
            Operator::BrTable { targets } => values += u64::from(targets.len()) * arity,
            _ => {}
        }
    }
    Ok(bytes + locals * deepest + values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> Option<String> {
        check(&wat::parse_str(text).unwrap()).err().map(|error| error.to_string())
    }

    #[test]
    fn the_engines_own_module_is_far_below() {
        check(crate::EMBEDDED_MODULE).unwrap();
    }

    #[test]
    fn what_multiplies_a_compilers_work_is_refused() {
        let blocks = |count: usize, open: &str| open.repeat(count) + &")".repeat(count);
        let locals = |count: usize| "(local ".to_owned() + &"i32 ".repeat(count) + ")";
        let many = |count: usize, text: &str| text.repeat(count);
        let loops = |count| blocks(count, "(loop ");
        let values = format!("(type (func (result {})))", many(33, "i32 "));
        for (what, inside) in [
            ("blocks nested in a function", format!("(func {})", loops(600))),
            ("locals in a function", format!("(func {})", locals(3_000))),
            ("bytes in a function", format!("(func {})", many(70_000, "(drop (i32.const 0))"))),
            ("parameters or results of a type", values),
            ("memories", "(memory 1) (memory 1)".to_owned()),
            ("exports", (0..300).map(|n| format!("(func (export \"f{n}\"))")).collect::<String>()),
            (
                "units of work for the compiler",
                many(40, &format!("(func {} {})", locals(2_000), loops(500))),
            ),
        ] {
            let said = refusal(&format!("(module {inside})")).unwrap_or_default();
            assert!(said.contains(what), "{what}: {said}");
        }
        assert_eq!(refusal("(module (func (local i32) (loop (br 0))))"), None);
    }
}
