//! JSON Web Tokens (RFC 7519): the algorithm and the expiry, nothing of the claims.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::fact::Fact;

/// Algorithms of RFC 7518 and 8037; the header is free text, so others are `unknown`.
const ALGORITHMS: &[&str] = &[
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512",
    "EdDSA", "none",
];

#[derive(Deserialize)]
struct Header {
    alg: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    exp: Option<f64>,
}

pub(super) fn detect(_bytes: &[u8], text: Option<&str>) -> Vec<Fact> {
    let parts: Vec<&str> = text.map(str::trim).unwrap_or_default().split('.').take(4).collect();
    let [header, claims, _signature] = parts.as_slice() else { return Vec::new() };
    let Some(header) = decode::<Header>(header) else { return Vec::new() };
    let Some(claims) = decode::<Claims>(claims) else { return Vec::new() };
    let Some(algorithm) = header.alg else { return Vec::new() };
    let algorithm = ALGORITHMS.iter().find(|known| **known == algorithm).copied().unwrap_or("unknown");
    #[expect(clippy::cast_possible_truncation, reason = "a time beyond the range of i64 is refused by the next line")]
    let expires = claims.exp.and_then(|seconds| Timestamp::from_second(seconds as i64).ok());
    vec![Fact::Jwt { algorithm, expires }]
}

fn decode<T: DeserializeOwned>(part: &str) -> Option<T> {
    let json = Zeroizing::new(URL_SAFE_NO_PAD.decode(part).ok()?);
    serde_json::from_slice(&json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: &str, claims: &str) -> Vec<Fact> {
        let text = format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        detect(text.as_bytes(), Some(&text))
    }

    #[test]
    fn algorithm_and_expiry_are_said() {
        let facts = of(r#"{"alg":"RS256","kid":"not-a-real-id"}"#, r#"{"sub":"not-a-real-user","exp":1900000000}"#);
        assert_eq!(facts, [Fact::Jwt { algorithm: "RS256", expires: Some("2030-03-17T17:46:40Z".parse().unwrap()) }]);
        assert_eq!(of(r#"{"alg":"not-a-real-one"}"#, "{}"), [Fact::Jwt { algorithm: "unknown", expires: None }]);
        assert_eq!(of("{}", "{}"), []);
        assert_eq!(detect(b"a.b.c", Some("a.b.c")), []);
    }
}
