//! In: the documents of a text. Out: its rules, each with what the collection that it is in says of all of them.
//!
//! An older form of Sigma's, which the reference repository still has: a document with `action: global` holds what the
//! documents behind it share, up to `action: reset`; one with `action: repeat` is the document before it with other
//! values. What a document says itself counts before what is shared.

use crate::query::sigma::yaml::{Tree, YamlId};

/// How deep maps that both have are joined: a rule's keys, the detection's searches, a search's items.
const LEVELS: usize = 2;

/// The rules, each with its place in its collection, if that gives all of them the same id.
pub(super) fn spread(tree: &mut Tree, roots: Vec<YamlId>) -> Vec<(Option<usize>, YamlId)> {
    let mut spread = Vec::new();
    let mut shared: Option<YamlId> = None;
    let mut former: Option<YamlId> = None;
    let mut count = 0;
    for root in roots {
        // Nothing between two `---` is no rule, and no mistake.
        if tree.text(root).is_none() && tree.scalar(root).is_some() {
            continue;
        }
        let action = tree.get(root, "action").and_then(|action| tree.text(action.value));
        match action {
            Some("global") => {
                shared = Some(match shared {
                    Some(shared) => tree.over(root, shared, LEVELS),
                    None => root,
                });
                continue;
            }
            Some("reset") => {
                (shared, former, count) = (None, None, 0);
                continue;
            }
            _ => {}
        }
        let repeats = action == Some("repeat");
        let has_id = tree.get(root, "id").is_some();
        let whole = match (former.filter(|_| repeats), shared) {
            (Some(former), _) => tree.over(root, former, LEVELS),
            (None, Some(shared)) => tree.over(root, shared, LEVELS),
            (None, None) => root,
        };
        former = Some(whole);
        let place = (!has_id && (shared.is_some() || repeats)).then_some(count);
        count += 1;
        spread.push((place, whole));
    }
    spread
}
