//! Values that are none: templates, references, placeholders, ciphertext, names and public parts.

mod words;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use zeroize::Zeroizing;

use crate::plaintext::SecretValue;

use super::template;
use super::tree::Scalar;
use words::{PLACEHOLDERS, REFERENCES, STARTS};

/// Longer logins in a URL are none.
const LONGEST_URL: usize = 1024;
/// Longer texts are no placeholders.
const LONGEST_PLACEHOLDER: usize = 128;

/// Tells whether text in a manifest's plain or quoted form is no value in the clear.
pub(super) fn is_safe(scalar: &Scalar<'_>) -> bool {
    scalar.tagged || is_safe_text(&scalar.text)
}

/// The same, of text.
pub(super) fn is_safe_text(text: &str) -> bool {
    let defaults = template::literals(text);
    if !defaults.is_empty() {
        return defaults.iter().all(|text| is_safe_text(text));
    }
    if text.contains(template::is_moved) {
        return true;
    }
    let trimmed = unquoted(text);
    trimmed.is_empty()
        || matches!(trimmed, "~" | "|" | ">" | "true" | "false" | "True" | "False" | "yes" | "no" | "on" | "off")
        || (trimmed.len() <= 2 && !trimmed.contains(char::is_alphanumeric))
        || is_small_number(trimmed)
        || is_expression(trimmed)
        || is_reference(trimmed)
        || is_placeholder(trimmed)
}

/// Tells base64 of something that is no value, and nothing else.
pub(super) fn is_safe_base64(text: &str) -> bool {
    if matches!(text.trim(), "null" | "Null" | "NULL" | "~") {
        return true;
    }
    let Some(bytes) = decoded(text) else { return is_safe_text(text) };
    let Ok(inner) = std::str::from_utf8(&bytes) else { return false };
    is_safe_text(inner) || is_public(inner)
}

/// Tells a value that only stands for one: something else puts the real one in its place.
pub(crate) fn stands_for_a_value(value: &SecretValue) -> bool {
    let Ok(text) = std::str::from_utf8(value.expose()) else { return false };
    let text = text.trim();
    is_expression(text) || is_placeholder(text) || REFERENCES.iter().any(|start| text.starts_with(start))
}

/// Decodes base64, in one line or several.
pub(super) fn decoded(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let joined = Zeroizing::new(text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect::<Vec<u8>>());
    let engines = [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE];
    engines.into_iter().find_map(|engine| engine.decode(&*joined).ok()).map(Zeroizing::new)
}

/// Takes quotes of an `.env` file or of a template off.
fn unquoted(text: &str) -> &str {
    let trimmed = text.trim().trim_start_matches('\u{feff}');
    ['"', '\''].into_iter().find_map(|quote| trimmed.strip_prefix(quote)?.strip_suffix(quote)).unwrap_or(trimmed).trim()
}

fn is_small_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Variables and expressions of whatever fills the file in later.
fn is_expression(text: &str) -> bool {
    let within = |open: &str, close: &str| text.starts_with(open) && text.ends_with(close) && text.len() > open.len();
    if within("<", ">")
        || within("[[", "]]")
        || within("((", "))")
        || within("{{", "}}")
        || within("%{", "}")
        || within("#{", "}")
        || within("%(", ")s")
    {
        return true;
    }
    if text.len() > 4 && within("__", "__") || within("@@", "@@") || (text.len() > 2 && within("@", "@")) {
        return text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_@.-".contains(&byte));
    }
    if within("%", "%") {
        return text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_%".contains(&byte));
    }
    // A field of a schema: its type, and what must be true of it.
    if ["string |", "integer |", "boolean |"].iter().any(|start| text.starts_with(start)) {
        return true;
    }
    has_variable(text)
}

/// `$VAR`, `${VAR}`, `$(VAR)`, and `${VAR:-…}` unless the default is a value; also with other text around it.
fn has_variable(text: &str) -> bool {
    let Some(at) = text.find('$') else { return false };
    let behind = text.get(at + 1..).unwrap_or_default();
    match behind.as_bytes().first() {
        Some(b'{') => {
            let inner = behind.trim_start_matches('{').split('}').next().unwrap_or_default();
            // A default that is a value is one.
            let default = [":-", "-", ":="].iter().find_map(|mark| Some(inner.split_once(mark)?.1));
            let is_name = |text: &str| {
                text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
            };
            match (default, inner.find([':', '-'])) {
                (Some(default), Some(end)) if inner.get(..end).is_some_and(is_name) => is_safe_text(default),
                _ => behind.contains('}'),
            }
        }
        Some(b'(') => behind.contains(')'),
        // Compose writes `$$VAR` for what the shell of the container is to fill in.
        Some(b'$') => {
            let name = behind.trim_start_matches('$').split(|char: char| !char.is_ascii_alphanumeric() && char != '_');
            name.into_iter().next().is_some_and(|name| {
                name.starts_with(|char: char| char.is_ascii_uppercase())
                    && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
            })
        }
        // `$VAR` as a whole, or `$VAR` with others. A hash such as `$2a$10$…` is none.
        Some(first) if first.is_ascii_alphabetic() || *first == b'_' => {
            let name = |byte: u8| byte.is_ascii_alphanumeric() || b"_.".contains(&byte);
            // `$NAME:key`: a key of what is called so.
            let of_one = |(name, key): (&str, &str)| {
                let word = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
                !name.is_empty() && !key.is_empty() && name.bytes().all(word) && key.bytes().all(word)
            };
            at == 0 && !behind.contains('$') && (behind.bytes().all(name) || behind.split_once(':').is_some_and(of_one))
        }
        _ => false,
    }
}

/// Names of values that stand elsewhere.
fn is_reference(text: &str) -> bool {
    if REFERENCES.iter().any(|start| text.starts_with(start)) {
        // A URL of a bucket with a password in it is none.
        return !(text.contains("://") && has_password(text));
    }
    // The name of a file that tells something.
    if [".md", ".yaml", ".yml", ".json", ".html", ".txt", ".pem", ".tpl"].iter().any(|end| text.ends_with(end))
        && text.len() < 256
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte))
    {
        return true;
    }
    // A path: of a file, or in a vault.
    (text.starts_with('/') || text.starts_with("./") || text.starts_with("../") || text.starts_with("~/"))
        && text.len() < 256
        && !text.contains([' ', '=', '+'])
}

/// Words that stand for a value, in any way of writing.
fn is_placeholder(text: &str) -> bool {
    if text.chars().all(|char| "xX*.…-_#?•".contains(char)) {
        return true;
    }
    if text.len() > LONGEST_PLACEHOLDER {
        return false;
    }
    let lower = text.to_lowercase();
    let spaced: String = lower.chars().map(|char| if char.is_alphanumeric() { char } else { ' ' }).collect();
    let spaced = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    let joined = spaced.replace(' ', "");
    PLACEHOLDERS.contains(&spaced.as_str())
        || PLACEHOLDERS.contains(&joined.as_str())
        || (STARTS.iter().any(|start| spaced.starts_with(start))
            && !spaced.contains(|char: char| char.is_ascii_digit()))
        || (spaced.starts_with("xxx") && spaced.chars().all(|char| char == 'x' || char == ' '))
}

/// Certificates and public keys, and nothing else.
pub(super) fn is_public(text: &str) -> bool {
    let trimmed = text.trim();
    if ["ssh-rsa ", "ssh-ed25519 ", "ecdsa-sha2-", "sk-ssh-"].iter().any(|start| trimmed.starts_with(start)) {
        return true;
    }
    let mut blocks =
        trimmed.match_indices("-----BEGIN ").map(|(at, _)| trimmed.get(at..).unwrap_or_default()).peekable();
    trimmed.starts_with("-----BEGIN ")
        && blocks.peek().is_some()
        && blocks.all(|block| {
            [
                "CERTIFICATE-----",
                "CERTIFICATE REQUEST-----",
                "PUBLIC KEY-----",
                "TRUSTED CERTIFICATE-----",
                "X509 CRL-----",
                "RSA PUBLIC KEY-----",
                "PGP PUBLIC KEY BLOCK-----",
            ]
            .iter()
            .any(|label| block.strip_prefix("-----BEGIN ").is_some_and(|rest| rest.starts_with(label)))
        })
        || (trimmed.lines().all(is_known_host))
}

fn is_known_host(line: &str) -> bool {
    let second = line.split(' ').nth(1).unwrap_or_default();
    line.starts_with('#') || (line.len() > 60 && ["ssh-", "ecdsa-"].iter().any(|start| second.starts_with(start)))
}

/// Tells whether text could name an object or a key of one: small letters, digits, `-` and `.`.
pub(super) fn is_object_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 63
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._/".contains(&byte))
        && text.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// Tells a version or a range of versions, which follow names of packages.
pub(super) fn is_version(text: &str) -> bool {
    let bare = text.trim_start_matches(['^', '~', '>', '<', '=', 'v', ' ']);
    bare.starts_with(|char: char| char.is_ascii_digit())
        && bare.matches('.').count() >= 2
        && bare.bytes().all(|byte| byte.is_ascii_digit() || b".-+x ".contains(&byte) || byte.is_ascii_lowercase())
}

/// Tells a text of settings for a database that has a password: `Server=db;Password=…`.
pub(super) fn is_connection(text: &str) -> bool {
    const NAMES: &[&str] = &["password", "pwd", "accountkey", "sharedaccesskey", "sharedsecret"];
    text.contains(';')
        && text.split(';').filter_map(|part| part.split_once('=')).any(|(name, value)| {
            let name: String = name.to_lowercase().chars().filter(|char| char.is_alphanumeric()).collect();
            NAMES.contains(&name.as_str()) && !is_safe_text(value)
        })
}

/// Tells a sentence: what stands under `description` and the like.
pub(super) fn is_prose(text: &str) -> bool {
    let text = text.trim();
    text.split(' ').filter(|word| word.chars().any(char::is_alphabetic)).count() >= 4
}

/// Tells whether text has a URL with a password in the clear.
pub(super) fn has_password(text: &str) -> bool {
    text.match_indices("://").any(|(at, _)| {
        let behind = text.get(at + 3..).unwrap_or_default();
        let near = (0..=LONGEST_URL.min(behind.len())).rev().find(|end| behind.is_char_boundary(*end));
        let behind = behind.get(..near.unwrap_or_default()).unwrap_or_default();
        let end =
            behind.find(|char: char| char.is_whitespace() || "\"'<>`,;|\\".contains(char)).unwrap_or(behind.len());
        let all = behind.get(..end).unwrap_or_default();
        // The path can have an `@` too, but a password hardly a `/` that is not encoded.
        let authority = all.split('/').next().unwrap_or_default();
        let Some((login, host)) = authority.rsplit_once('@') else { return false };
        let Some((user, password)) = login.split_once(':') else { return false };
        let scheme =
            text.get(..at).unwrap_or_default().chars().rev().take_while(|char| char.is_ascii_alphanumeric()).count();
        scheme > 0
            && !host.is_empty()
            && !is_safe_text(password)
            && !password.contains(['$', '{', '<', '(', '%'])
            && !is_said_to_be(user, password)
    })
}

/// Documentation says `user:password@host`.
fn is_said_to_be(user: &str, password: &str) -> bool {
    let words = ["password", "pass", "passwd", "pwd", "pw", "secret", "token"];
    words.contains(&password.to_lowercase().as_str())
        && ["user", "username", "", "login"].contains(&user.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_later_is_safe() {
        for text in [
            "",
            " ",
            "~",
            "true",
            "12",
            "${VAR}",
            "$VAR",
            "$(VAR)",
            "%VAR%",
            "<placeholder>",
            "__TOKEN__",
            "[[ x ]]",
            "((x))",
            "@vault:a",
            "op://a/b/c",
            "ref+vault://a",
            "vault:secret/data/a#b",
            "<path:a#b>",
            "ENC[AES256_GCM,data:x]",
            "keychain:a/b",
            "changeme",
            "change-me",
            "CHANGE_ME_PLEASE",
            "replace-me",
            "REPLACE_WITH_TOKEN",
            "your-token-here",
            "YOUR_TOKEN",
            "todo",
            "TBD",
            "fixme",
            "xxxxx",
            "XxXx",
            "********",
            "...",
            "…",
            "dummy-api-key",
            "REDACTED",
            "n/a",
            "none",
            "/etc/secrets/token",
            "${VAR:-}",
            "${VAR:-changeme}",
            "$oidc.keycloak.clientSecret",
            "prefix-${VAR}",
            "$argocd-github:clientSecret",
            "PGPASSWORD=$$POSTGRES_PASSWORD psql",
            "reference/auth.md",
            "string | required=true",
        ] {
            assert!(is_safe_text(text), "{text}");
        }
        for text in [
            "made-up-1",
            "hunter2",
            "4711",
            "postgres",
            "$2a$10$madeUp",
            "$6$rounds=4096$madeup$x",
            "${VAR:-made-up}",
            "Tr0ub4dor&MadeUp27",
            "made-up/secret+access/key00",
            "pa$$word",
            "pa$$Word7",
            "made.up.md5",
        ] {
            assert!(!is_safe_text(text), "{text}");
        }
    }

    #[test]
    fn base64_is_judged_by_what_it_holds() {
        for text in ["Y2hhbmdlbWU=", "ZHVtbXktYXBpLWtleQ==", ""] {
            assert!(is_safe_base64(text), "{text}");
        }
        for text in ["bWFkZS11cA==", "hunter2-", "/w=="] {
            assert!(!is_safe_base64(text), "{text}");
        }
        let certificate = STANDARD.encode("-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n");
        assert!(is_safe_base64(&certificate));
    }

    #[test]
    fn urls_have_passwords_or_not() {
        for text in ["postgres://a:made-up@b/c", "redis://:made-up@r:6379/0", "see https://bot:made-up-1@h/in for it"] {
            assert!(has_password(text), "{text}");
        }
        for text in [
            "https://a.example.com/",
            "postgres://a:${B}@c",
            "postgres://user:password@host",
            "https://a.example.com/x:y@z",
            "ssh://git@git.example.com/a",
            "a:b@c",
            "http://a:8080/@b",
        ] {
            assert!(!has_password(text), "{text}");
        }
    }
}
