//! Logins for container registries: `.dockerconfigjson` and the older `.dockercfg`.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::fact::Fact;
use super::secret_text::{looks_secret_text, looks_token};
use super::url::is_host;

/// Longest user name that is believed to be one (requirement S10).
const LONGEST_USER: usize = 32;

/// Most digits in a name that somebody chose.
const MOST_DIGITS: usize = 4;

#[derive(Deserialize)]
struct Config {
    auths: BTreeMap<String, Login>,
}

#[derive(Deserialize)]
struct Login {
    username: Option<Zeroizing<String>>,
    auth: Option<Zeroizing<String>>,
}

pub(super) fn detect(bytes: &[u8], text: Option<&str>) -> Vec<Fact> {
    if !text.is_some_and(|text| text.trim_start().starts_with('{') && text.contains("\"auths\"")) {
        return Vec::new();
    }
    let Ok(config) = serde_json::from_slice::<Config>(bytes) else { return Vec::new() };
    let registries = config.auths.keys().filter_map(|name| registry(name)).collect();
    let mut users: Vec<String> = config.auths.values().filter_map(user).collect();
    users.sort();
    users.dedup();
    vec![Fact::DockerConfig { registries, users, count: config.auths.len() }]
}

/// Counts the logins; `None` if it is no Docker config. Where passwords are kept in a store of the
/// system, the file names the registries only.
pub(super) fn logins(bytes: &[u8]) -> Option<usize> {
    let config: Config = serde_json::from_slice(bytes).ok()?;
    let has_login = |login: &&Login| login.auth.as_ref().is_some_and(|auth| !auth.is_empty());
    Some(config.auths.values().filter(has_login).count())
}

/// A registry's name is shown if it is a plain host, with the port or path that Docker writes.
fn registry(name: &str) -> Option<String> {
    let host = name.strip_prefix("https://").unwrap_or(name);
    let host = host.split('/').next().unwrap_or_default();
    let (bare, port) = host.split_once(':').unwrap_or((host, "443"));
    (is_host(bare) && port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit())).then(|| host.to_owned())
}

fn user(login: &Login) -> Option<String> {
    let name = match (&login.username, &login.auth) {
        (Some(name), _) => name.clone(),
        (None, Some(auth)) => {
            let pair = Zeroizing::new(STANDARD.decode(auth.as_bytes()).ok()?);
            let end = pair.iter().position(|byte| *byte == b':')?;
            Zeroizing::new(String::from_utf8(pair.get(..end)?.to_vec()).ok()?)
        }
        (None, None) => return None,
    };
    is_user(&name).then(|| name.to_string())
}

/// Tells a name that somebody chose: lower case, and few digits. Registries know no others but those of
/// cloud providers; what looks made by a machine could be a token in the wrong field.
fn is_user(name: &str) -> bool {
    if name == "AWS" || name == "00000000-0000-0000-0000-000000000000" {
        return true;
    }
    let plain =
        |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.' | b'@' | b'+' | b'$');
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let fits = !name.is_empty() && name.len() <= LONGEST_USER && digits <= MOST_DIGITS && name.bytes().all(plain);
    fits && !looks_token(name) && !looks_secret_text(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<Fact> {
        detect(text.as_bytes(), Some(text))
    }

    #[test]
    fn hosts_and_plain_users_are_said() {
        let auth = STANDARD.encode("robot:not-a-real-password");
        let text = format!(
            r#"{{"auths":{{"https://index.docker.io/v1/":{{"auth":"{auth}"}},"ghcr.io":{{"username":"ci"}}}}}}"#
        );
        let facts = of(&text);
        let expected = Fact::DockerConfig {
            registries: vec!["ghcr.io".into(), "index.docker.io".into()],
            users: vec!["ci".into(), "robot".into()],
            count: 2,
        };
        assert_eq!(facts, [expected]);
    }

    #[test]
    fn what_could_be_a_token_is_not() {
        for user in [
            "ghp_0123456789abcdefghij",
            "AKIA0123456789ABCDEF",
            "aB3dE6gH9jK2mN5pQ8sT",
            "cnryAbCdEfGhIjKlMnOpQrStUvWx",
            "a1b2c3d4e5f6",
            "a b",
            &"x".repeat(33),
        ] {
            let facts = of(&format!(r#"{{"auths":{{"S3cretNotAHost":{{"username":"{user}"}}}}}}"#));
            assert_eq!(facts, [Fact::DockerConfig { registries: vec![], users: vec![], count: 1 }], "{user}");
        }
    }
}
