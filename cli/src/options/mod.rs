//! Options that several commands share.

pub(crate) mod config;
pub(crate) mod detector;
pub(crate) mod filter;
pub(crate) mod form;
pub(crate) mod moment;
pub(crate) mod rule_name;
pub(crate) mod severity;
pub(crate) mod units;
