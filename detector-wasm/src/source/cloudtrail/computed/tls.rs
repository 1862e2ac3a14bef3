//! In: `TLSv1.3`. Out: `tls` and `1.3`.

use super::{Inputs, Visit, made};

pub(super) fn protocol<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    halves(inputs, &mut |protocol, _| visit(made(protocol.to_lowercase())))
}

pub(super) fn version<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    halves(inputs, &mut |_, version| visit(made(version.to_owned())))
}

/// Both halves of each text that has them.
fn halves(inputs: &dyn Inputs<'_>, visit: &mut dyn FnMut(&str, &str) -> bool) -> bool {
    inputs.singles(0, &mut |value| {
        let Some(text) = value.text() else { return false };
        match text.split_once('v') {
            Some((protocol, version)) if !protocol.is_empty() && !version.is_empty() => {
                visit(protocol, version)
            }
            _ => false,
        }
    })
}
