//! Tokens: made at random, kept as fingerprints, found in whatever header a shipper can set.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use hyper::HeaderMap;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What every token begins with, so that people and scanners of secrets know one when they see it.
const PREFIX: &str = "tcsn_";

/// The headers that hold a token and nothing else.
const PLAIN_HEADERS: [&str; 3] = ["x-tocsin-token", "x-amz-firehose-access-key", "x-api-key"];

/// A token as its owner has it. It is shown once, and printed by nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A new token of 128 random bits.
    ///
    /// # Errors
    /// If the system has no randomness to give.
    pub fn random() -> Result<Token, getrandom::Error> {
        let mut bits = [0; 16];
        getrandom::fill(&mut bits)?;
        Ok(Token(format!("{PREFIX}{}", hex::encode(bits))))
    }

    /// The token, to be shown to its owner.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// SHA-256 of a token: who has it can't send by it. The token is random, so nothing slower is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    fn of(token: &str) -> Fingerprint {
        Fingerprint(Sha256::digest(token.as_bytes()).into())
    }

    /// Reads `sha256:` and 64 hex digits.
    pub fn parse(text: &str) -> Option<Fingerprint> {
        let digits = text.strip_prefix("sha256:")?;
        let digit = |at: usize| char::from(*digits.as_bytes().get(at)?).to_digit(16);
        if digits.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::try_from(digit(2 * index)? * 16 + digit(2 * index + 1)?).ok()?;
        }
        Some(Fingerprint(bytes))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", hex::encode(self.0))
    }
}

/// Whose tokens are whose.
#[derive(Debug, Default)]
pub struct Tokens(HashMap<Fingerprint, Arc<str>>);

impl Tokens {
    /// Adds a token of a tenant's. False if it is another tenant's already.
    pub fn insert(&mut self, token: Fingerprint, tenant: Arc<str>) -> bool {
        let known = self.0.entry(token).or_insert_with(|| Arc::clone(&tenant));
        *known == tenant
    }

    /// The tenant of a token. A look-up's time shows something of a fingerprint, from which no token
    /// follows; the comparison itself takes the same time for all.
    pub fn tenant(&self, token: &str) -> Option<&Arc<str>> {
        let given = Fingerprint::of(token);
        let (kept, tenant) = self.0.get_key_value(&given)?;
        bool::from(kept.0.ct_eq(&given.0)).then_some(tenant)
    }
}

/// The token of a request: in a header of its own, or in `Authorization` by any scheme that shippers know.
/// With `Basic` it may be the user or the password.
pub fn of_request(headers: &HeaderMap) -> Vec<String> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let mut found: Vec<String> = PLAIN_HEADERS
        .iter()
        .filter_map(|name| text(name))
        .map(|value| value.trim().to_owned())
        .collect();
    if let Some((scheme, value)) =
        text("authorization").and_then(|value| value.trim().split_once(' '))
    {
        let value = value.trim();
        match scheme.to_ascii_lowercase().as_str() {
            "bearer" | "splunk" => found.push(value.to_owned()),
            "basic" => {
                let decoded =
                    base64::engine::general_purpose::STANDARD.decode(value).unwrap_or_default();
                let pair = String::from_utf8(decoded).unwrap_or_default();
                if let Some((user, password)) = pair.split_once(':') {
                    found.extend([password.to_owned(), user.to_owned()]);
                }
            }
            _ => {}
        }
    }
    found.retain(|token| !token.is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_128_bits_and_is_kept_as_its_fingerprint() {
        let (one, other) = (Token::random().unwrap(), Token::random().unwrap());
        assert_ne!(one, other);
        assert_eq!(one.reveal().len(), PREFIX.len() + 32);
        let text = one.fingerprint().to_string();
        assert_eq!(Fingerprint::parse(&text), Some(one.fingerprint()));
        assert!(!format!("{one:?} {text}").contains(one.reveal()));
        for wrong in ["", "sha256:", &text[7..], &text[..70], &text.replace(':', ":g")] {
            assert_eq!(Fingerprint::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn two_tokens_of_a_tenant_are_valid_at_once_and_one_is_of_one_tenant() {
        let (old, new) = (Token::random().unwrap(), Token::random().unwrap());
        let mut tokens = Tokens::default();
        assert!(tokens.insert(old.fingerprint(), "a".into()));
        assert!(tokens.insert(new.fingerprint(), "a".into()));
        assert!(!tokens.insert(new.fingerprint(), "b".into()));
        assert_eq!(tokens.tenant(old.reveal()).map(AsRef::as_ref), Some("a"));
        assert_eq!(tokens.tenant(new.reveal()).map(AsRef::as_ref), Some("a"));
        assert_eq!(tokens.tenant(&old.fingerprint().to_string()), None);
        assert_eq!(tokens.tenant(""), None);
    }

    #[test]
    fn a_token_is_found_in_every_header_that_shippers_set() {
        let basic = base64::engine::general_purpose::STANDARD.encode("user:t");
        for (name, value) in [
            ("authorization", "Bearer t"),
            ("authorization", "bearer  t"),
            ("authorization", "Splunk t"),
            ("authorization", &format!("Basic {basic}")),
            ("x-amz-firehose-access-key", "t"),
            ("x-tocsin-token", " t "),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(hyper::header::HeaderName::from_static(name), value.parse().unwrap());
            assert!(of_request(&headers).contains(&"t".to_owned()), "{name}: {value}");
        }
        assert_eq!(of_request(&HeaderMap::new()), Vec::<String>::new());
    }
}
