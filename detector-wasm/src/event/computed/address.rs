//! In: where a call came from. Out: the same, if it is an address.

use std::net::IpAddr;

use super::{Inputs, Visit};
use crate::event::value::Value;

/// CloudTrail also names services there, such as `ec2.amazonaws.com`; those have no address.
pub(super) fn source_ip<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    inputs.singles(0, &mut |value| holds_address(&value) && visit(value))
}

/// Whether the value is the text of an IPv4 or IPv6 address.
pub(crate) fn holds_address(value: &Value<'_>) -> bool {
    value.text().is_some_and(|text| text.parse::<IpAddr>().is_ok())
}
