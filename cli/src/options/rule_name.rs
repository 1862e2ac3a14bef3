//! What a user calls a rule in, the rule out, or what it may have been meant to be.

use tocsin_host::detector::RuleInfo;

use crate::output::printable;

/// How many near names are listed.
const NEAR: usize = 5;

/// How like a name must be to be near.
const LIKE: f64 = 0.75;

/// The rule with this id or name, or the only one whose id or name begins so; letters' case doesn't count.
pub(crate) fn find<'r>(wanted: &str, rules: &'r [RuleInfo]) -> anyhow::Result<&'r RuleInfo> {
    if let Some(exact) = rules.iter().find(|rule| rule.id == wanted) {
        return Ok(exact);
    }
    let lower = wanted.to_lowercase();
    let named: Vec<&RuleInfo> = rules.iter().filter(|rule| keys(rule).contains(&lower)).collect();
    let begun: Vec<&RuleInfo> =
        rules.iter().filter(|rule| keys(rule).iter().any(|key| key.starts_with(&lower))).collect();
    match (&named[..], &begun[..]) {
        ([one], _) | ([], [one]) => Ok(one),
        ([], []) => Err(unknown(wanted, &near(&lower, rules))),
        ([], several) | (several, _) => {
            let count = several.len();
            Err(anyhow::anyhow!(
                "{count} rules are called `{wanted}`, or begin so:{}",
                listed(several)
            ))
        }
    }
}

fn keys(rule: &RuleInfo) -> [String; 2] {
    [rule.id.to_lowercase(), rule.name.to_lowercase()]
}

fn unknown(wanted: &str, near: &[&RuleInfo]) -> anyhow::Error {
    match near {
        [] => anyhow::anyhow!("no rule has the id or name `{wanted}`; `tocsin rules` lists them"),
        near => anyhow::anyhow!("no rule has the id or name `{wanted}`; near it:{}", listed(near)),
    }
}

fn listed(rules: &[&RuleInfo]) -> String {
    let line = |rule: &&RuleInfo| format!("\n  {}  {}", printable(&rule.id), printable(&rule.name));
    let more = rules.len().saturating_sub(NEAR);
    let more = if more > 0 { format!("\n  and {more} more") } else { String::new() };
    rules.iter().take(NEAR).map(line).collect::<String>() + &more
}

/// The rules whose ids or names are most like what was wanted, or hold it.
fn near<'r>(wanted: &str, rules: &'r [RuleInfo]) -> Vec<&'r RuleInfo> {
    let likeness = |rule: &RuleInfo| {
        let of = |key: &String| match !wanted.is_empty() && key.contains(wanted) {
            true => 1.0,
            false => strsim::jaro_winkler(wanted, key),
        };
        keys(rule).iter().map(of).fold(0.0, f64::max)
    };
    let mut near: Vec<(f64, &RuleInfo)> =
        rules.iter().map(|rule| (likeness(rule), rule)).filter(|(like, _)| *like > LIKE).collect();
    near.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    near.into_iter().map(|(_, rule)| rule).take(NEAR).collect()
}

#[cfg(test)]
mod tests {
    use super::find;
    use tocsin_host::detector::RuleInfo;

    fn rules() -> Vec<RuleInfo> {
        let rule = |(id, name): (&str, &str)| {
            serde_json::from_value(serde_json::json!({"id": id, "name": name, "language": "kuery"}))
                .unwrap()
        };
        [
            ("a-1", "Recorder Stopped"),
            ("a-2", "Recorder Deleted"),
            ("b-1", "Recorder Stopped Twice"),
        ]
        .map(rule)
        .into()
    }

    #[test]
    fn ids_names_and_unique_beginnings() {
        let rules = rules();
        for (wanted, id) in
            [("a-1", "a-1"), ("b", "b-1"), ("recorder stopped", "a-1"), ("RECORDER D", "a-2")]
        {
            assert_eq!(find(wanted, &rules).unwrap().id, id, "{wanted}");
        }
        let said = |wanted| find(wanted, &rules).unwrap_err().to_string();
        assert!(
            said("a-")
                .starts_with("2 rules are called `a-`, or begin so:\n  a-1  Recorder Stopped\n")
        );
        assert!(said("Recorder Stoped").contains("near it:\n  a-1  Recorder Stopped"));
        assert!(said("zzz").ends_with("`tocsin rules` lists them"));
    }
}
