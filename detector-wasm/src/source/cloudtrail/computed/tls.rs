//! In: what a record says of its TLS connection. Out: `tls` and `1.3` of `TLSv1.3`, and the rest as it stands.

use super::{Inputs, Visit, made};

/// The version's path, and beside it the path of whatever else is asked for.
pub(super) const VERSION: &str = "tlsDetails.tlsVersion";

/// A version that says that nothing in these details is what it seems.
const PLACEHOLDER: &str = "tlsVersion";

pub(super) fn protocol<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    inputs.singles(0, &mut |value| {
        let text = value.text().unwrap_or_default();
        let protocol = text.split_once('v').map_or("", |(protocol, _)| protocol);
        text != PLACEHOLDER && !protocol.is_empty() && visit(made(protocol.to_lowercase()))
    })
}

pub(super) fn version<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    inputs.singles(0, &mut |value| {
        let text = value.text().unwrap_or_default();
        let version = text.split_once('v').map_or(&*text, |(_, version)| version);
        text != PLACEHOLDER && !version.is_empty() && visit(made(version.to_owned()))
    })
}

/// The value at the second path, unless the version at the first makes nothing of it all.
pub(super) fn detail<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    !inputs.is(0, PLACEHOLDER) && inputs.singles(1, visit)
}
