//! SSH keys (RFC 4253, OpenSSH's PROTOCOL.key): algorithm, and the fingerprint of a public key.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha2::{Digest, Sha256};

use super::fact::Fact;

/// Names of key algorithms.
const ALGORITHMS: &[&str] = &[
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-dss",
];

/// How OpenSSH's private keys start.
const MAGIC: &[u8] = b"openssh-key-v1\0";

/// A line of `authorized_keys`: algorithm, key, and a comment, which is free text and never shown.
pub(super) fn detect(_bytes: &[u8], text: Option<&str>) -> Vec<Fact> {
    let Some(line) = text.map(str::trim).filter(|text| !text.contains('\n')) else { return Vec::new() };
    let mut words = line.split_ascii_whitespace();
    let (Some(name), Some(key)) = (words.next(), words.next()) else { return Vec::new() };
    let Some(algorithm) = ALGORITHMS.iter().find(|known| **known == name) else { return Vec::new() };
    let Ok(blob) = STANDARD.decode(key) else { return Vec::new() };
    if first_string(&blob) != Some(name.as_bytes()) {
        return Vec::new();
    }
    let fingerprint = format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(&blob)));
    vec![Fact::SshPublicKey { algorithm, fingerprint }]
}

/// Tells algorithm and encryption of a private key in OpenSSH's own format.
pub(super) fn private(blob: &[u8]) -> (&'static str, bool) {
    let unknown = ("unknown", false);
    let Some(rest) = blob.strip_prefix(MAGIC) else { return unknown };
    let Some(cipher) = first_string(rest) else { return unknown };
    let encrypted = cipher != b"none";
    // Cipher, derivation and its options, the number of keys, and then the first public key.
    let public = skip_string(rest).and_then(skip_string).and_then(skip_string).and_then(|rest| rest.get(4..));
    let name = public.and_then(first_string).and_then(first_string);
    let algorithm = name.and_then(|name| ALGORITHMS.iter().find(|known| known.as_bytes() == name));
    (algorithm.copied().unwrap_or("unknown"), encrypted)
}

/// Reads a string with its length in four bytes before it.
fn first_string(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.get(..usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

fn skip_string(bytes: &[u8]) -> Option<&[u8]> {
    let string = first_string(bytes)?;
    bytes.get(4 + string.len()..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_key_shows_its_fingerprint_and_no_comment() {
        let text =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKbmkXi2Lk6wBFuTTR0mbRpGMbRkOcWS3sZcpiwjBYqR alice@not-a-real-host\n";
        let facts = detect(text.as_bytes(), Some(text));
        assert_eq!(facts.len(), 1);
        assert!(facts[0].label().starts_with("ssh-ed25519 public key SHA256:"), "{}", facts[0].label());
        assert!(!facts[0].label().contains("alice"));
        let wrong = "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIKbmkXi2Lk6wBFuTTR0mbRpGMbRkOcWS3sZcpiwjBYqR";
        assert_eq!(detect(wrong.as_bytes(), Some(wrong)), []);
    }

    #[test]
    fn a_private_key_shows_its_algorithm() {
        let string = |text: &[u8]| [&u32::try_from(text.len()).unwrap().to_be_bytes(), text].concat();
        let key = |cipher: &[u8]| {
            let public = [string(b"ssh-ed25519"), string(&[7; 32])].concat();
            [MAGIC, &string(cipher), &string(b"none"), &string(b""), &1_u32.to_be_bytes(), &string(&public)].concat()
        };
        assert_eq!(private(&key(b"none")), ("ssh-ed25519", false));
        assert_eq!(private(&key(b"aes256-ctr")), ("ssh-ed25519", true));
        assert_eq!(private(b"not-a-real-key"), ("unknown", false));
    }
}
