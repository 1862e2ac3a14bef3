//! In: a record's bytes and the fields that the rules name. Out: those fields' values.
#![forbid(unsafe_code)]

pub(crate) mod capture;
mod children;
pub(crate) mod cleaning;
pub(crate) mod computed;
pub(crate) mod envelope;
pub(crate) mod fields;
pub(crate) mod layout;
pub(crate) mod leaves;
pub(crate) mod mapping;
pub(crate) mod names;
pub(crate) mod parts;
pub(crate) mod repeats;
pub(crate) mod time;
pub(crate) mod top_keys;
pub(crate) mod value;
pub(crate) mod view;
pub(crate) mod vocabulary;

pub(crate) use fields::{FieldId, Fields};
pub(crate) use value::Value;
pub(crate) use view::Event;
