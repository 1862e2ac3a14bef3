//! In: `kms.amazonaws.com`. Out: `kms`.

use super::{Inputs, Visit, made};

const END: &str = ".amazonaws.com";

pub(super) fn cloud<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    inputs.singles(0, &mut |value| {
        let text = value.text().unwrap_or_default();
        let name = text.strip_suffix(END).filter(|name| !name.is_empty());
        name.is_some_and(|name| visit(made(name.to_owned())))
    })
}
