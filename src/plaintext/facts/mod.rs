//! What may be said about a value: its class, never its content. The list is closed
//! (docs/threat-model.md), and everything here is pure: no I/O, no clock.
//!
//! One file per kind of content, one row per kind in `DETECTORS`.

use serde::Serialize;

use super::SecretValue;

mod class;
mod docker;
mod fact;
mod jwt;
mod pem;
mod secret_text;
mod ssh;
mod structured;
mod text;
mod tls_pair;
mod url;
mod x509;

pub(crate) use class::Class;
pub(crate) use fact::Fact;
pub(crate) use secret_text::{is_secret_form, looks_secret_name, looks_secret_text};
pub(crate) use tls_pair::{PairError, check_chain, is_encrypted_key, tls_pair};

/// Looks for one kind of content; `text` is there if the value is UTF-8.
type Detector = fn(bytes: &[u8], text: Option<&str>) -> Vec<Fact>;

/// Every detector, in the order in which facts are shown.
const DETECTORS: &[Detector] = &[
    x509::detect,
    pem::detect,
    ssh::detect,
    jwt::detect,
    docker::detect,
    url::detect,
    structured::detect,
    text::detect,
];

/// Everything that may be said about one value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Facts {
    /// What kind of content it is.
    pub(crate) class: Class,
    /// Its size as a range.
    pub(crate) size: &'static str,
    /// Public parts and properties.
    pub(crate) facts: Vec<Fact>,
    #[serde(skip)]
    exact: usize,
}

impl Facts {
    /// Returns the exact size, for those who ask for it.
    pub(crate) fn exact_size(&self) -> usize {
        self.exact
    }
}

/// Says what may be said about a value.
pub(crate) fn of(value: &SecretValue) -> Facts {
    let bytes = value.expose();
    let text = std::str::from_utf8(bytes).ok();
    Facts {
        class: class::of(bytes),
        size: class::bucket(bytes.len()),
        facts: DETECTORS.iter().flat_map(|detect| detect(bytes, text)).collect(),
        exact: bytes.len(),
    }
}

/// Says what kind of content a value is, and nothing else.
pub(crate) fn class(value: &SecretValue) -> Class {
    class::of(value.expose())
}

/// Tells whether a value looks as if it had been encoded for a manifest already.
pub(crate) fn looks_double_base64(value: &SecretValue) -> bool {
    text::is_double_base64(value.expose())
}

/// Says when a certificate, the first of a chain, expires; `None` if it is none.
pub(crate) fn expiry(value: &SecretValue) -> Option<jiff::Timestamp> {
    let text = std::str::from_utf8(value.expose()).ok();
    x509::detect(value.expose(), text).into_iter().find_map(|fact| match fact {
        Fact::X509Certificate { not_after, .. } => Some(not_after),
        _ => None,
    })
}

/// Finds a private key in PEM, and tells whether it is encrypted.
pub(crate) fn private_key(value: &SecretValue) -> Option<bool> {
    let text = std::str::from_utf8(value.expose()).ok();
    pem::detect(value.expose(), text).iter().find_map(|fact| match fact {
        Fact::PrivateKey { encrypted, .. } => Some(*encrypted),
        _ => None,
    })
}

/// Counts the registries of a Docker config for which it holds a login; `None` if it is no such config.
pub(crate) fn docker_logins(value: &SecretValue) -> Option<usize> {
    docker::logins(value.expose())
}

/// Tells whether a value that is said to be public looks like a secret.
pub(crate) fn looks_secret(value: &SecretValue) -> bool {
    secret_text::looks_secret_bytes(value.expose())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use zeroize::Zeroizing;

    use super::*;

    fn said(text: &str) -> String {
        let facts = of(&SecretValue::from_bytes(Zeroizing::new(text.as_bytes().to_vec())));
        let labels: Vec<String> = facts.facts.iter().map(Fact::label).collect();
        format!("{} {}", serde_json::to_string(&facts).unwrap(), labels.join(" "))
    }

    /// Shapes with a place for a secret. Requirement S10.
    const SHAPES: &[&str] = &[
        "@",
        "amqp://@?x:y@mq/",
        "amqp://user:@@mq.example.com/",
        "postgres://@:x@db.example.com/app",
        "https://example.com/@",
        "https://example.com/?q=@#x",
        "https://example.com/#@",
        "@://example.com/",
        "postgres://user:12/@@host/",
        "https://user:x@y:@@host/",
        "{\"@\": 1}",
        "{\"a\": \"@\", \"@\": {\"@\": []}}",
        "[\"@\"]",
        "a: @\n@: b\n",
        "{\"auths\":{\"@\":{\"auth\":\"@\"}}}",
        "{\"auths\":{\"ghcr.io\":{\"username\":\"ghp_@\",\"password\":\"@\",\"email\":\"@\"}}}",
        "{\"auths\":{\"ghcr.io\":{\"username\":\"@\",\"password\":\"@\"}}}",
        "-----BEGIN @-----\n@\n-----END @-----\n",
        "-----BEGIN PRIVATE KEY-----\n@\n-----END PRIVATE KEY-----\n",
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: @\n\n@\n-----END RSA PRIVATE KEY-----\n",
        "ssh-ed25519 @ @",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKbmkXi2Lk6wBFuTTR0mbRpGMbRkOcWS3sZcpiwjBYqR @",
        "eyJhbGciOiJIUzI1NiJ9.@.@",
        "@.@.@",
        "\u{feff}@\r\n@\n",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_piece_of_a_secret_is_in_any_fact(secret in "[A-Za-z0-9]{16,40}", other in "[A-Za-z0-9]{16,40}") {
            for shape in SHAPES {
                let found = said(&shape.replace('@', &secret));
                // What is said of the same shape with another secret is not a piece of this one.
                let control = said(&shape.replace('@', &other));
                for piece in secret.as_bytes().windows(4) {
                    let piece = std::str::from_utf8(piece).unwrap();
                    prop_assert!(!found.contains(piece) || control.contains(piece), "{} shows {}", shape, piece);
                }
            }
        }

        #[test]
        fn any_bytes_have_facts(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let len = bytes.len();
            prop_assert_eq!(of(&SecretValue::from_bytes(Zeroizing::new(bytes))).exact_size(), len);
        }
    }

    #[test]
    fn the_exact_size_is_not_in_the_report() {
        assert!(!said("not-a-real-password").contains("19"));
    }
}
