//! In: the resources that a call was about. Out: what each of them is, in the pipeline's spelling.

use std::collections::BTreeSet;

use super::{Inputs, Visit};
use crate::event::capture::Duplicates;
use crate::event::cleaning::says_nothing;
use crate::event::value::Value;

/// A member of a resource: the key that counts, and the one that counts where there is none.
pub(super) struct Member {
    key: &'static str,
    or: &'static str,
}

const ARN: Member = Member { key: "ARN", or: "arn" };

const ACCOUNT: Member = Member { key: "accountId", or: "account_id" };

/// A resource's ARN.
pub(super) fn arn<'a>(resource: &Value<'a>, reading: Option<Duplicates>) -> Option<Value<'a>> {
    member(resource, &ARN, reading)
}

fn member<'a>(
    resource: &Value<'a>,
    member: &Member,
    reading: Option<Duplicates>,
) -> Option<Value<'a>> {
    let get = |key| match reading {
        Some(reading) => resource.member_in(key, reading),
        None => resource.member(key),
    };
    let says = |value: &Value<'a>| !says_nothing(value);
    get(member.key).filter(says).or_else(|| get(member.or).filter(says))
}

pub(super) fn arns<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    each(inputs, &ARN, visit)
}

pub(super) fn accounts<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    each(inputs, &ACCOUNT, visit)
}

/// Each value of a member once, in the record's order. What is no list isn't respelt, so only its lower-case keys
/// are there.
fn each<'a>(inputs: &dyn Inputs<'a>, asked: &Member, visit: Visit<'_, 'a>) -> bool {
    let reading = inputs.reading();
    let mut seen = BTreeSet::new();
    inputs.each(0, &mut |resources| {
        let plain = Member { key: asked.or, or: asked.or };
        let asked = if matches!(resources, Value::Array(_)) { asked } else { &plain };
        resources.any_element(&mut |resource| match member(resource, asked, reading) {
            Some(value) => {
                value.text().is_none_or(|text| seen.insert(text)) && visit(value.clone())
            }
            None => false,
        })
    })
}

/// The values at the path, if the resources are no list.
pub(super) fn unlisted<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    let mut list = false;
    inputs.each(0, &mut |resources| {
        list = matches!(resources, Value::Array(_));
        true
    });
    !list && inputs.singles(1, visit)
}

/// The distinct values at the only path.
pub(super) fn distinct<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    let mut seen = BTreeSet::new();
    inputs
        .singles(0, &mut |value| value.text().is_none_or(|text| seen.insert(text)) && visit(value))
}
