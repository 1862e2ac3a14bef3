//! In: where a call came from. Out: the same, if it is an address.

use super::{Inputs, Visit};

/// CloudTrail also names services there, such as `ec2.amazonaws.com`; those have no address.
pub(super) fn source_ip<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    inputs.singles(0, &mut |value| value.is_address() && visit(value))
}
