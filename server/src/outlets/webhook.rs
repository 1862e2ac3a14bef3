//! A request for each alert, signed so that the receiver knows whose it is and can refuse a replay.
//!
//! The headers are those of the Standard Webhooks specification.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use hmac::{Hmac, Mac};
use hyper::Method;
use sha2::Sha256;

use super::{Client, Outcome, Target, refusal};
use crate::outbox::Stored;

/// A receiver.
pub struct Webhook {
    pub target: Target,
    pub key: Option<String>,
    pub client: Client,
}

impl Webhook {
    pub async fn send(&mut self, alerts: &[Stored]) -> Outcome {
        let mut connection = match self.client.connect(&self.target).await {
            Ok(connection) => connection,
            Err(reason) => return Outcome::away(reason),
        };
        let mut outcome = Outcome::default();
        for alert in alerts {
            let headers = self.headers(alert);
            let body = alert.body.clone().into_bytes();
            match connection.send(Method::POST, &self.target.path, &headers, body).await {
                Ok(response) if (200..300).contains(&response.status) => {
                    outcome.delivered.push(alert.seq)
                }
                Ok(response) => {
                    let refused = refusal(response.status, response.retry_after, "");
                    // One request is one alert: there is nothing to split.
                    match refused.failure {
                        Some(failure) if failure.kind == super::FailureKind::Split => {
                            outcome.dead.push((alert.seq, failure.reason));
                        }
                        failure => {
                            outcome.failure = failure;
                            break;
                        }
                    }
                }
                // Receivers may close after each answer; those before are settled.
                Err(_) if !outcome.delivered.is_empty() => break,
                Err(reason) => {
                    outcome.failure = Outcome::away(reason).failure;
                    break;
                }
            }
        }
        outcome
    }

    fn headers(&self, alert: &Stored) -> Vec<(&'static str, String)> {
        let now =
            SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs().to_string();
        let mut headers = vec![
            ("content-type", "application/json".to_owned()),
            ("webhook-id", alert.document.clone()),
            ("webhook-timestamp", now.clone()),
        ];
        if let Some(key) = &self.key {
            headers.push(("webhook-signature", signature(key, &alert.document, &now, &alert.body)));
        }
        headers
    }
}

/// `v1,` and what HMAC-SHA-256 says to id, time and body. A key `whsec_…` is base64, another one the text.
fn signature(key: &str, id: &str, time: &str, body: &str) -> String {
    let engine = base64::engine::general_purpose::STANDARD;
    let decoded = key.strip_prefix("whsec_").and_then(|key| engine.decode(key).ok());
    let key = decoded.unwrap_or_else(|| key.as_bytes().to_vec());
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else { return String::new() };
    mac.update(format!("{id}.{time}.{body}").as_bytes());
    format!("v1,{}", engine.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::signature;

    /// The example of the specification.
    #[test]
    fn the_signature_is_the_specifications() {
        let signed = signature(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            "{\"test\": 2432232314}",
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
