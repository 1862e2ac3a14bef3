//! Options that several commands share.

pub(crate) mod detector;
pub(crate) mod form;
pub(crate) mod units;
