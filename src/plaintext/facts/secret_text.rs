//! Tells text that looks like a secret, for values that somebody calls public (requirement S5).

use zeroize::Zeroizing;

/// How tokens of well-known vendors start, and how long they are at least.
const VENDORS: &[(&str, usize)] = &[
    ("AKIA", 20),
    ("ASIA", 20),
    ("ghp_", 20),
    ("gho_", 20),
    ("ghu_", 20),
    ("ghs_", 20),
    ("ghr_", 20),
    ("github_pat_", 22),
    ("glpat-", 20),
    ("xoxb-", 15),
    ("xoxa-", 15),
    ("xoxp-", 15),
    ("xoxr-", 15),
    ("xoxs-", 15),
    ("sk_live_", 16),
    ("sk_test_", 16),
    ("rk_live_", 16),
    ("sk-", 20),
    ("AIza", 30),
    ("SG.", 30),
    ("npm_", 20),
    ("dop_v1_", 20),
    ("hvs.", 20),
    ("hvb.", 20),
    ("pypi-", 30),
    ("dckr_pat_", 20),
    ("eyJ", 40),
    ("AGE-SECRET-KEY-", 20),
    ("ya29.", 20),
    ("EAACEdEose0cBA", 20),
    ("shpat_", 20),
    ("lin_api_", 20),
    ("figd_", 20),
    ("whsec_", 16),
];

/// Shortest word that can look random.
const SHORTEST_RANDOM: usize = 16;
/// How often the kind of character changes in a word that nobody made up. `upper` to `lower` does not
/// count: names in camel case have many of these.
const CHANGES: usize = 5;

/// Tells whether text looks like a secret.
pub(crate) fn looks_secret_text(text: &str) -> bool {
    let text = text.trim();
    text.contains("PRIVATE KEY-----") || looks_token(text) || has_password(text) || looks_random(text)
}

/// Tells a name that is a token of a vendor, or looks random: names have words, so some digits must be among them.
pub(crate) fn looks_secret_name(text: &str) -> bool {
    text.bytes().filter(u8::is_ascii_digit).count() >= 4 && (looks_token(text) || looks_random(text))
}

/// Tells text that is a secret by its form: a token of a vendor, a private key, a URL with a password in it. A name of
/// something, such as of an entry of a keychain, has none of these, however random it looks.
pub(crate) fn is_secret_form(text: &str) -> bool {
    text.contains("PRIVATE KEY-----") || looks_token(text.trim()) || has_password(text)
}

/// Tells bytes that look like a secret: a private key in any encoding, or a line that looks like one,
/// alone or behind `NAME=`.
pub(super) fn looks_secret_bytes(bytes: &[u8]) -> bool {
    let without_nul: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    let text = Zeroizing::new(String::from_utf8_lossy(&without_nul).into_owned());
    drop(Zeroizing::new(without_nul));
    is_private_der(bytes)
        || text.contains("PRIVATE KEY-----")
        || text.lines().any(|line| {
            let right = line.split_once('=').map_or(line, |(_, right)| right).trim().trim_matches(['"', '\'']);
            looks_token(line.trim()) || looks_token(right) || has_password(right)
        })
        || (text.lines().count() <= 1 && looks_secret_text(&text))
}

/// Tells a private key in DER: a sequence that starts with a small version number (PKCS #1 and #8, SEC 1),
/// where a certificate has another sequence.
fn is_private_der(bytes: &[u8]) -> bool {
    let body = match bytes {
        [0x30, 0x82, _, _, rest @ ..] | [0x30, 0x81, _, rest @ ..] => rest,
        [0x30, length, rest @ ..] if *length < 0x80 => rest,
        _ => return false,
    };
    matches!(body, [0x02, 0x01, 0x00 | 0x01, ..]) && bytes.len() > 32
}

/// Tells a token by how it starts.
pub(super) fn looks_token(text: &str) -> bool {
    let single = !text.contains(char::is_whitespace);
    single && VENDORS.iter().any(|(prefix, least)| text.starts_with(prefix) && text.len() >= *least)
}

/// Tells a URL with a password in it.
fn has_password(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://") else { return false };
    rest.rsplit_once('@').is_some_and(|(userinfo, _)| userinfo.contains(':'))
}

/// Tells one word of letters and digits in which the kinds of character change too often for a name.
fn looks_random(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'_');
    if text.len() < SHORTEST_RANDOM || !text.bytes().all(word) {
        return false;
    }
    let kind = |b: &u8| match b {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    };
    let kinds: Vec<u8> = text.as_bytes().iter().map(kind).collect();
    let all = [0, 1, 2].iter().all(|wanted| kinds.contains(wanted));
    let changes = kinds.windows(2).filter(|pair| matches!(pair, [a, b] if a != b && !(*a == 1 && *b == 0))).count();
    all && changes >= CHANGES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_seen() {
        for text in [
            "AKIA0123456789ABCDEF",
            "ghp_0123456789abcdefghijABCDEFGHIJ012345",
            "postgres://app:x@db/app",
            "-----BEGIN RSA PRIVATE KEY-----\nx",
            "aB3dE6gH9jK2mN5pQ8sT",
            "bm90LWEtcmVhbC1wYXNzd29yZA==",
        ] {
            assert!(looks_secret_text(text), "{text}");
        }
    }

    #[test]
    fn files_with_a_secret_in_them_are_seen() {
        let pem = "-----BEGIN RSA PRIVATE KEY-----";
        let wide: Vec<u8> = pem.bytes().flat_map(|byte| [byte, 0]).collect();
        let latin: Vec<u8> = [&[0xe9, b'\n'][..], pem.as_bytes()].concat();
        let der = [&[0x30, 0x82, 0x01, 0x00, 0x02, 0x01, 0x00, 0x30][..], &[7; 64]].concat();
        let env = b"HOST=db.example.com\nAPI=ghp_0123456789abcdefghijABCDEFGHIJ012345\n".to_vec();
        for bytes in [wide, latin, der, env] {
            assert!(looks_secret_bytes(&bytes), "{bytes:?}");
        }
        let certificate = [&[0x30, 0x82, 0x01, 0x00, 0x30, 0x82][..], &[7; 64]].concat();
        for bytes in [
            certificate,
            b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n".to_vec(),
            b"a=b\nc=d\n".to_vec(),
        ] {
            assert!(!looks_secret_bytes(&bytes), "{bytes:?}");
        }
    }

    #[test]
    fn ordinary_public_text_is_not() {
        for text in [
            "app",
            "db.example.com",
            "alice@example.com",
            "v1.37.2",
            "https://example.com/path?x=1",
            "5432",
            "0198a5c2-1111-7222-8333-444455556666",
            "registry.example.com/team/app:1.2.3",
            "MyServiceAccount2Name",
            "arn:aws:iam::123456789012:role/Deploy",
            "eu-central-1",
            "postgresql",
            "America/New_York",
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
            "a sentence with Some Words and 12 numbers",
        ] {
            assert!(!looks_secret_text(text), "{text}");
        }
    }
}
