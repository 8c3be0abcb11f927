//! PEM blocks (RFC 7468) other than certificates: what they are, and the algorithm of a private key.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::fact::Fact;
use super::ssh;

/// Labels of blocks that are no private keys. A label is free text, so others are `unknown`.
const BLOCKS: &[&str] = &[
    "CERTIFICATE",
    "CERTIFICATE REQUEST",
    "NEW CERTIFICATE REQUEST",
    "PUBLIC KEY",
    "RSA PUBLIC KEY",
    "X509 CRL",
    "PKCS7",
    "DH PARAMETERS",
    "EC PARAMETERS",
    "PGP MESSAGE",
    "PGP PUBLIC KEY BLOCK",
    "PGP SIGNATURE",
    "AGE ENCRYPTED FILE",
];

/// Object identifiers of key algorithms in DER (RFC 8017, 5480, 8410).
const ALGORITHMS: &[(&[u8], &str)] = &[
    (&[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01], "RSA"),
    (&[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01], "EC"),
    (&[0x06, 0x03, 0x2b, 0x65, 0x70], "Ed25519"),
    (&[0x06, 0x03, 0x2b, 0x65, 0x71], "Ed448"),
    (&[0x06, 0x03, 0x2b, 0x65, 0x6e], "X25519"),
];

/// Where in PKCS #8 the algorithm stands: behind two lengths and a version.
const ALGORITHM_WITHIN: usize = 32;

/// Most blocks that are looked at.
const MOST_BLOCKS: usize = 64;

pub(super) fn detect(_bytes: &[u8], text: Option<&str>) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (label, body) in text.into_iter().flat_map(blocks).take(MOST_BLOCKS) {
        let fact = match label {
            "CERTIFICATE" => continue,
            "RSA PRIVATE KEY" => private("RSA", is_encrypted(body)),
            "EC PRIVATE KEY" => private("EC", is_encrypted(body)),
            "DSA PRIVATE KEY" => private("DSA", is_encrypted(body)),
            "ENCRYPTED PRIVATE KEY" => private("unknown", true),
            "PRIVATE KEY" => private(pkcs8(body), false),
            "OPENSSH PRIVATE KEY" => {
                let (algorithm, encrypted) = ssh::private(&decode(body));
                private(algorithm, encrypted)
            }
            "PGP PRIVATE KEY BLOCK" => private("PGP", false),
            other => Fact::Pem { block: BLOCKS.iter().find(|known| **known == other).copied().unwrap_or("unknown") },
        };
        if !facts.contains(&fact) {
            facts.push(fact);
        }
    }
    facts
}

fn private(algorithm: &'static str, encrypted: bool) -> Fact {
    Fact::PrivateKey { algorithm, encrypted }
}

/// Splits text into blocks: their label, and what stands between their lines.
fn blocks(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("-----BEGIN ").skip(1).filter_map(|rest| {
        let (label, rest) = rest.split_once("-----")?;
        let (body, _) = rest.split_once("-----END ")?;
        Some((label, body))
    })
}

/// The header of old OpenSSL keys (RFC 1421).
fn is_encrypted(body: &str) -> bool {
    body.contains("Proc-Type: 4,ENCRYPTED")
}

fn pkcs8(body: &str) -> &'static str {
    let der = decode(body);
    let head: Vec<u8> = der.iter().copied().take(ALGORITHM_WITHIN).collect();
    let known = ALGORITHMS.iter().find(|(oid, _)| head.windows(oid.len()).any(|window| window == *oid));
    known.map_or("unknown", |(_, name)| name)
}

fn decode(body: &str) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(body.len()));
    text.extend(body.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    Zeroizing::new(STANDARD.decode(&*text).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<Fact> {
        detect(text.as_bytes(), Some(text))
    }

    #[test]
    fn private_keys_show_their_algorithm_only() {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap().serialize_pem();
        assert_eq!(of(&key), [private("Ed25519", false)]);
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap().serialize_pem();
        assert_eq!(of(&key), [private("EC", false)]);
        let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
        assert_eq!(of(old), [private("RSA", true)]);
    }

    #[test]
    fn a_label_is_free_text_and_only_shown_if_known() {
        assert_eq!(of("-----BEGIN not-a-real-password-----\nx\n-----END x-----"), [Fact::Pem { block: "unknown" }]);
        assert_eq!(of("-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----"), [Fact::Pem { block: "PUBLIC KEY" }]);
        assert_eq!(of("-----BEGIN CERTIFICATE"), []);
    }
}
