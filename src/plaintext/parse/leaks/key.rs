//! Names of keys: which look as if a secret stood behind them, and which name something else about one.

mod words;

use words::{BEFORE_KEY, ENDS, FIRST, PAIRS, SETTINGS, WITHIN, WORDS};

/// The words of a key: at separators, and where small letters meet capitals.
pub(super) fn words(key: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let chars: Vec<char> = key.chars().collect();
    for (index, char) in chars.iter().enumerate() {
        if !char.is_alphanumeric() {
            words.push(std::mem::take(&mut word));
            continue;
        }
        let before = index.checked_sub(1).and_then(|index| chars.get(index));
        let after = chars.get(index + 1);
        let starts = char.is_uppercase()
            && (before.is_some_and(|before| before.is_lowercase() || before.is_ascii_digit())
                || (before.is_some_and(|before| before.is_uppercase())
                    && after.is_some_and(|after| after.is_lowercase())));
        if starts {
            words.push(std::mem::take(&mut word));
        }
        word.extend(char.to_lowercase());
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    // A number at the end says nothing: password2, token_1.
    if words.len() > 1 && words.last().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit())) {
        words.pop();
    }
    words
}

/// What the name of a key says about its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    /// Nothing.
    Nothing,
    /// It is a secret.
    Secret,
    /// It is a secret, or the name of one: `credentialsSecret`.
    SecretOrName,
}

/// Tells what the name of a key says. `words` joined is the name in small letters.
pub(super) fn says(key: &str) -> Says {
    if key.is_empty() || key.len() > 128 {
        return Says::Nothing;
    }
    // The last part of a dotted name, unless it is an extension: `spring.datasource.password`, `auth.json`.
    let words = words(key);
    let stripped: Vec<&str> =
        words.iter().map(|word| word.trim_end_matches(|char: char| char.is_ascii_digit())).collect();
    let (Some(last), Some(first)) = (stripped.last().copied(), stripped.first().copied()) else { return Says::Nothing };
    let before = stripped.iter().rev().nth(1).copied().unwrap_or_default();
    if stripped.len() > 1 && FIRST.contains(&first) {
        return Says::Nothing;
    }
    if ["key", "keys"].contains(&last) && stripped.len() > 1 {
        if before == "access" && !stripped.contains(&"secret") {
            // The half of a pair that is sent in the clear, and is often a plain name.
            return Says::SecretOrName;
        }
        let refers = stripped
            .iter()
            .rev()
            .skip(1)
            .any(|word| ["existing", "public", "password", "token", "ref", "from"].contains(word));
        return if BEFORE_KEY.contains(&before) && !refers { Says::Secret } else { Says::Nothing };
    }
    if PAIRS.contains(&(before, last)) {
        return Says::Secret;
    }
    if SETTINGS.contains(&last) && !WITHIN.iter().any(|part| last.contains(part)) {
        return match (before, last) {
            // The id of a pair of keys is no secret, its hash can be guessed at.
            ("password" | "passwd" | "pwd", "hash") => Says::Secret,
            ("secret" | "token" | "auth" | "password", "id") if before == "secret" => Says::Secret,
            _ => Says::Nothing,
        };
    }
    if last == "secret" || last == "credentials" || last == "secrets" {
        // `clientSecret` is one; `tlsSecret` names one.
        const OWN: &[&str] = &[
            "client", "cookie", "session", "app", "jwt", "signing", "shared", "consumer", "oauth", "api", "access",
            "webhook", "hmac", "token",
        ];
        // A variable of an environment holds the value itself, hardly a name.
        let is_upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        return if OWN.contains(&before) || (key.len() > 6 && key.bytes().all(is_upper)) {
            Says::Secret
        } else {
            Says::SecretOrName
        };
    }
    let is = |word: &str| {
        WORDS.contains(&word)
            || WITHIN.iter().any(|part| word.contains(part))
            || ENDS.iter().any(|end| word.ends_with(end))
    };
    if is(last) { Says::Secret } else { Says::Nothing }
}

/// Tells a key that is called one, such as `installationKey`, and is no public one.
pub(super) fn is_some_key(key: &str) -> bool {
    let words = words(key);
    words.len() > 1 && words.last().is_some_and(|last| last == "key") && !words.iter().any(|word| word == "public")
}

/// Tells whether a key may be shown: a name such as manifests have, and nothing that was read by mistake.
pub(super) fn is_name(key: &str) -> bool {
    let known = |char: char| char.is_ascii_alphanumeric() || "._-/~".contains(char);
    !key.is_empty() && key.len() <= 253 && key.chars().all(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_look_secret_in_every_way_of_writing() {
        for key in [
            "password",
            "dbPassword",
            "DB_PASSWORD",
            "db-password",
            "spring.datasource.password",
            "PGPASSWORD",
            "passwd",
            "HTTP_Passwd",
            "pwd",
            "pass",
            "default_pass",
            "passphrase",
            "clientSecret",
            "client_secret",
            "token",
            "bearer_token",
            "SONAR_TOKEN",
            "apiKey",
            "api_key",
            "API-KEY",
            "apikey",
            "secretAccessKey",
            "S3_SECRET_ACCESS_KEY",
            "privateKey",
            "private_key",
            "fernetKey",
            "replicaSetKey",
            "webserverSecretKey",
            "SECRET_KEY",
            "auth",
            "dsn",
            "connectionString",
            "connection_string",
            "passwords",
            "password2",
            "argocdServerAdminPassword",
            "oidc.keycloak.clientSecret",
            "password_hash",
        ] {
            assert_eq!(says(key), Says::Secret, "{key}");
        }
        for key in ["secret", "credentialsSecret", "sshKeySecret", "managerPasswordSecret", "credentials"] {
            assert_ne!(says(key), Says::Nothing, "{key}");
        }
    }

    #[test]
    fn names_settings_and_other_words_do_not() {
        for key in [
            "secretName",
            "existingSecret",
            "existingSecretPasswordKey",
            "passwordSecretName",
            "secretKeyRef",
            "tokenTTL",
            "passwordPolicy",
            "minPasswordLength",
            "token_endpoint",
            "tokenUrl",
            "author",
            "authority",
            "keyboard",
            "publicKey",
            "monkey",
            "tokenizer",
            "passwordFile",
            "tokenPath",
            "secretPath",
            "passwordKey",
            "userKey",
            "automountServiceAccountToken",
            "argocdServerAdminPasswordMtime",
            "resetPasswordAllowed",
            "requiredSecretKeys",
            "pass-access-token",
            "usePasswordFiles",
            "secretRef",
            "username",
            "key",
            "AKEYLESS_ACCESS_TYPE",
            "compass",
            "",
        ] {
            assert_eq!(says(key), Says::Nothing, "{key}");
        }
    }
}
