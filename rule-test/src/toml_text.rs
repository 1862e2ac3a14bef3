//! TOML with bounded nesting: what a parser with recursion may be given.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeTable;

/// How many keys may be joined by dots. The parser of TOML bounds other nesting itself.
pub const DOTS: usize = 40;

/// Why a text isn't read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Where, in bytes.
    pub range: Range<usize>,
    /// What is wrong there.
    pub message: String,
}

/// Parses a document.
///
/// # Errors
/// Where it isn't TOML, or nests too deep.
pub fn parse(text: &str) -> Result<Spanned<DeTable<'_>>, Unread> {
    if let Some(range) = too_many_dots(text) {
        return Err(Unread { range, message: format!("more than {DOTS} keys joined by dots") });
    }
    DeTable::parse(text).map_err(|error| Unread {
        range: error.span().unwrap_or(0..0),
        message: error.message().to_owned(),
    })
}

/// A place with too many dotted keys. The parser turns each dot into a table in a table, and giving
/// those back takes stack by the dot.
fn too_many_dots(text: &str) -> Option<Range<usize>> {
    struct Dots {
        run: usize,
        found: Option<usize>,
    }
    impl toml_parser::parser::EventReceiver for Dots {
        fn simple_key(
            &mut self,
            span: toml_parser::Span,
            _: Option<toml_parser::decoder::Encoding>,
            _: &mut dyn toml_parser::ErrorSink,
        ) {
            self.run += 1;
            if self.run > DOTS && self.found.is_none() {
                self.found = Some(span.start());
            }
        }
        fn newline(&mut self, _: toml_parser::Span, _: &mut dyn toml_parser::ErrorSink) {
            self.run = 0;
        }
        fn key_val_sep(&mut self, _: toml_parser::Span, _: &mut dyn toml_parser::ErrorSink) {
            self.run = 0;
        }
    }
    let source = toml_parser::Source::new(text);
    let tokens = source.lex().into_vec();
    let mut dots = Dots { run: 0, found: None };
    let mut guard = toml_parser::parser::RecursionGuard::new(&mut dots, 80);
    toml_parser::parser::parse_document(&tokens, &mut guard, &mut ());
    dots.found.map(|at| at..at + 1)
}
