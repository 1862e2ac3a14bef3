//! Where records come from, in Sigma's words.

use serde::{Deserialize, Serialize};

/// Where records come from, as Sigma says it; what isn't given may be anything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogSource {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    /// Such as `process_creation`.
    pub category: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    /// Such as `aws`.
    pub product: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    /// Such as `cloudtrail`.
    pub service: Option<String>,
}

impl LogSource {
    fn parts(&self) -> [Option<&str>; 3] {
        [self.category.as_deref(), self.product.as_deref(), self.service.as_deref()]
    }

    /// Whether nothing is given.
    #[must_use]
    pub fn is_anything(&self) -> bool {
        self.parts().iter().all(Option::is_none)
    }

    /// Whether records of one may be records of the other: nothing that both give is different.
    #[must_use]
    pub fn meets(&self, other: &LogSource) -> bool {
        self.parts().into_iter().zip(other.parts()).all(|pair| match pair {
            (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
            _ => true,
        })
    }

    /// Whether all records of the other are records of this one.
    #[must_use]
    pub fn holds(&self, other: &LogSource) -> bool {
        self.parts().into_iter().zip(other.parts()).all(|pair| match pair {
            (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
            (Some(_), None) => false,
            (None, _) => true,
        })
    }

    /// As a person writes it: `product=aws, service=cloudtrail`.
    #[must_use]
    pub fn shown(&self) -> String {
        let names = ["category", "product", "service"];
        let parts = names.into_iter().zip(self.parts());
        let parts = parts.filter_map(|(name, part)| Some(format!("{name}={}", part?)));
        parts.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> LogSource {
        let part = |name: &str| {
            let mut parts = text.split(' ').filter_map(|part| part.split_once('='));
            parts.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
        };
        LogSource { category: part("c"), product: part("p"), service: part("s") }
    }

    #[test]
    fn which_records_are_whose() {
        for (one, other, meets, holds) in [
            ("", "p=aws s=cloudtrail", true, true),
            ("p=aws", "p=aws s=cloudtrail", true, true),
            ("s=CloudTrail", "p=aws s=cloudtrail", true, true),
            ("p=aws s=cloudtrail", "p=aws", true, false),
            ("p=zeek", "p=aws s=cloudtrail", false, false),
            ("p=aws s=route53", "p=aws s=cloudtrail", false, false),
            ("c=process_creation p=windows", "p=windows s=security", true, false),
        ] {
            assert_eq!(source(one).meets(&source(other)), meets, "{one} meets {other}");
            assert_eq!(source(one).holds(&source(other)), holds, "{one} holds {other}");
        }
    }
}
