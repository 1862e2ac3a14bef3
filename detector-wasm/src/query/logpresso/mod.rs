//! Logpresso STUB
use super::Query;
use super::notice::Notice;
use crate::event::Fields;
/// Compiles.
pub(crate) fn compile(text: &str, fields: &mut Fields, notices: &mut Vec<Notice>) -> Option<Query> {
    let _ = (text, fields, notices);
    None
}
