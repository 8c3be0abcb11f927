//! Which keys hold what is secret, by their names and the type of their Secret.

use crate::names::KeyName;

/// Words in a key's name that say that its value is secret.
const SECRET_WORDS: &[&str] =
    &["password", "passwd", "pwd", "secret", "token", "key", "cred", "auth", "private", "dsn", "conn"];

/// Keys of typed Secrets that hold the secret part (core/v1 `SecretType` constants).
const SECRET_KEYS: &[(&str, &str)] = &[
    ("kubernetes.io/basic-auth", "password"),
    ("kubernetes.io/ssh-auth", "ssh-privatekey"),
    ("kubernetes.io/tls", "tls.key"),
    ("kubernetes.io/dockerconfigjson", ".dockerconfigjson"),
    ("kubernetes.io/dockercfg", ".dockercfg"),
    ("bootstrap.kubernetes.io/token", "token-secret"),
];

/// Tells whether the name of a key, or the type of its Secret, says that its value is secret.
pub(crate) fn says_secret(key: &KeyName, secret_type: &str) -> bool {
    let name = key.as_str().to_lowercase();
    SECRET_KEYS.iter().any(|(kind, name)| *kind == secret_type && *name == key.as_str())
        || SECRET_WORDS.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_secret() {
        let says = |name: &str, kind: &str| says_secret(&KeyName::checked(name).unwrap(), kind);
        for secret in ["password", "DB_PASSWORD", "api-token", "tls.key", "apiKey", "dsn", "CONNECTION", "oauth"] {
            assert!(says(secret, "Opaque"), "{secret}");
        }
        for public in ["user", "username", "host", "tls.crt", "ca.crt", "port", "region", ".dockerconfigjson"] {
            assert!(!says(public, "Opaque"), "{public}");
        }
        assert!(says(".dockerconfigjson", "kubernetes.io/dockerconfigjson"));
    }
}
