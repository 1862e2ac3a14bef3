//! KQL STUB
use crate::event::Value;
#[derive(Debug, Clone)]
pub(crate) struct Literal {}
impl Literal {
    pub(crate) fn equals(&self, value: &Value<'_>) -> bool {
        let _ = value;
        false
    }
}
#[derive(Debug, Clone)]
pub(crate) struct Range {}
impl Range {
    pub(crate) fn holds(&self, value: &Value<'_>) -> bool {
        let _ = value;
        false
    }
}
