//! Functions between texts and bytes.

use sha2::Digest;

use super::literal;
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::query::expression::datum::Datum;
use crate::query::expression::evaluate::Arguments;
use crate::query::expression::function::{Function, Outcome, Prepared, Refusal};

pub(super) const TABLE: &[Function] = &[
    Function::new("binary", 1, 2, binary)
        .doc(
            r#"binary(s[, "charset"])"#,
            "a text's bytes; charsets are UTF-8 and its kin",
            &[(r#"tohex(binary("abc"))"#, r#""616263""#)],
        )
        .prepared(charset),
    Function::new("encode", 1, 2, binary)
        .doc(
            r#"encode(s[, "charset"])"#,
            "a text's bytes",
            &[(r#"tobase64(encode("abc"))"#, r#""YWJj""#)],
        )
        .prepared(charset),
    Function::new("decode", 1, 2, decode)
        .doc(
            r#"decode(bytes[, "charset"])"#,
            "the text of bytes",
            &[(r#"decode(fromhex("616263"))"#, r#""abc""#)],
        )
        .prepared(charset),
    Function::new("tohex", 1, 1, |arguments| {
        of_bytes(arguments.get(0), |bytes| Datum::text(hex::encode(bytes)))
    })
    .doc("tohex(bytes)", "bytes in hex digits", &[(r#"tohex(binary("Az"))"#, r#""417a""#)]),
    Function::new("tobase64", 1, 1, |arguments| {
        of_bytes(arguments.get(0), |bytes| Datum::text(BASE64.encode(bytes)))
    })
    .doc(
        "tobase64(bytes)",
        "bytes in Base64",
        &[(r#"tobase64(binary("hello"))"#, r#""aGVsbG8=""#)],
    ),
    Function::new("fromhex", 1, 1, |arguments| {
        to_bytes(arguments.get(0).as_text().and_then(|text| hex::decode(&*text).ok()))
    })
    .doc(
        "fromhex(s)",
        "the bytes of hex digits; null if it is none",
        &[(r#"decode(fromhex("417a"))"#, r#""Az""#)],
    ),
    Function::new("frombase64", 1, 1, |arguments| {
        to_bytes(arguments.get(0).as_text().and_then(|text| from_base64(&text)))
    })
    .doc(
        "frombase64(s)",
        "the bytes of Base64; null if it is none",
        &[(r#"decode(frombase64("aGVsbG8="))"#, r#""hello""#)],
    ),
    Function::new("hash", 2, 2, hash)
        .doc(
            r#"hash("md5", bytes)"#,
            "a digest as bytes: `md5`, `sha1`, `sha256`, `sha384`, `sha512`",
            &[(r#"tohex(hash("md5", binary("abc")))"#, r#""900150983cd24fb0d6963f7d28e17f72""#)],
        )
        .prepared(|constants| match literal(constants, 0, "the algorithm of `hash`")? {
            "sha256" | "sha384" | "sha512" | "md5" | "sha1" => Ok(Prepared::Nothing),
            other => Err(Refusal::new(
                0,
                "logpresso-argument",
                format!("`{other}` is no algorithm of `hash`"),
            )
            .hint("one of md5, sha1, sha256, sha384, sha512")),
        }),
    Function::new("urlencode", 1, 2, |arguments| {
        let text = arguments.get(0).as_text().map(|text| url_encode(&text));
        Outcome::Value(text.map_or(Datum::Null, Datum::text))
    })
    .doc(
        r#"urlencode(s[, "charset"])"#,
        "a text as it stands in a URL",
        &[(r#"urlencode("a b&c")"#, r#""a+b%26c""#)],
    )
    .prepared(charset),
    Function::new("urldecode", 1, 2, |arguments| {
        let Some(text) = arguments.get(0).as_text() else { return Outcome::Value(Datum::Null) };
        // What is malformed stays as it is.
        Outcome::Value(Datum::text(url_decode(&text).unwrap_or_else(|| text.clone().into_owned())))
    })
    .doc(
        r#"urldecode(s[, "charset"])"#,
        "the text that stands in a URL",
        &[(r#"urldecode("a+b%26c")"#, r#""a b&c""#)],
    )
    .prepared(charset),
];

/// The character set of a second argument, of which one is known.
fn charset(constants: &[Option<&Datum<'static>>]) -> Result<Prepared, Refusal> {
    if constants.len() < 2 {
        return Ok(Prepared::Nothing);
    }
    let name = literal(constants, 1, "the character set")?;
    if matches!(name.to_ascii_lowercase().as_str(), "utf-8" | "utf8") {
        return Ok(Prepared::Nothing);
    }
    let message = format!("the character set `{name}` isn't known here");
    Err(Refusal::new(1, "logpresso-argument", message).hint("utf-8 is"))
}

fn binary<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    Outcome::Value(match arguments.get(0) {
        Datum::Text(text) => Datum::Bytes(text.as_bytes().into()),
        _ => Datum::Null,
    })
}

fn decode<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    of_bytes(arguments.get(0), |bytes| Datum::text(String::from_utf8_lossy(bytes)))
}

fn of_bytes<'a>(datum: &Datum<'_>, convert: impl Fn(&[u8]) -> Datum<'static>) -> Outcome<'a> {
    Outcome::Value(match datum {
        Datum::Bytes(bytes) => convert(bytes),
        _ => Datum::Null,
    })
}

fn to_bytes<'a>(bytes: Option<Vec<u8>>) -> Outcome<'a> {
    Outcome::Value(bytes.map_or(Datum::Null, |bytes| Datum::Bytes(bytes.into())))
}

fn hash<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let Datum::Text(name) = arguments.get(0) else { return Outcome::Value(Datum::Null) };
    of_bytes(arguments.get(1), |bytes| {
        let digest: Vec<u8> = match &**name {
            "md5" => md5::Md5::digest(bytes).to_vec(),
            "sha1" => sha1::Sha1::digest(bytes).to_vec(),
            "sha384" => sha2::Sha384::digest(bytes).to_vec(),
            "sha512" => sha2::Sha512::digest(bytes).to_vec(),
            _ => hmac_sha256::Hash::hash(bytes).to_vec(),
        };
        Datum::Bytes(digest.into())
    })
}

/// Base64 that may lack its padding, and whose last digit may say more than is read.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

fn from_base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text.trim_end_matches('=')).ok()
}

fn url_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'*' | b'_' => {
                out.push(byte as char);
            }
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn url_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let mut digit = || (rest.next()? as char).to_digit(16);
                bytes.push((digit()? * 16 + digit()?) as u8);
            }
            other => bytes.push(other),
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_needs_no_padding() {
        for (text, bytes) in [
            ("", Some(&b""[..])),
            ("Zg==", Some(b"f")),
            ("Zg", Some(b"f")),
            ("Zh", Some(b"f")),
            ("Zm9vYv8=", Some(b"foob\xff")),
            ("Zm9v====", Some(b"foo")),
            ("A", None),
            ("Zm9%", None),
            ("Zg==Zg==", None),
        ] {
            assert_eq!(from_base64(text).as_deref(), bytes, "{text}");
        }
    }

    #[test]
    fn urls() {
        assert_eq!(url_encode("a/\u{fc} b"), "a%2F%C3%BC+b");
        assert_eq!(url_decode("a%2Fb+c").as_deref(), Some("a/b c"));
        assert_eq!(url_decode("a%2"), None);
    }
}
