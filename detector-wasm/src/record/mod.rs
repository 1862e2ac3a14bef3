//! In: the bytes of a batch. Out: the records in it, each with where it stands, and what isn't one.
#![forbid(unsafe_code)]

pub(crate) mod copy;
pub(crate) mod frame;
pub(crate) mod json;
pub(crate) mod lines;
pub(crate) mod seek;
pub(crate) mod text;
pub(crate) mod words;
pub(crate) mod write;
