//! `.dockerconfigjson`: the login of image registries, byte for byte as `kubectl create secret
//! docker-registry` writes it (Go's `encoding/json`).

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::plaintext::SecretValue;

/// One registry, and who logs in there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Registry {
    /// The server, such as `ghcr.io` or `https://index.docker.io/v1/`.
    pub(crate) server: String,
    /// The user's name.
    pub(crate) username: String,
    /// The address, which old registries want.
    pub(crate) email: Option<String>,
}

/// Makes the document; `None` if a password is not UTF-8, which JSON cannot hold.
pub(crate) fn docker_config(logins: &[(Registry, SecretValue)]) -> Option<SecretValue> {
    let mut logins: Vec<&(Registry, SecretValue)> = logins.iter().collect();
    // As Go writes a map: by name.
    logins.sort_by(|a, b| a.0.server.cmp(&b.0.server));
    let size: usize =
        logins.iter().map(|(registry, password)| 8 * (password.len() + registry.server.len()) + 512).sum();
    let mut text = Zeroizing::new(String::with_capacity(size));
    text.push_str("{\"auths\":{");
    for (index, (registry, password)) in logins.into_iter().enumerate() {
        let password = std::str::from_utf8(password.expose()).ok()?;
        if index > 0 {
            text.push(',');
        }
        string(&registry.server, &mut text);
        text.push_str(":{");
        field("username", &registry.username, &mut text);
        text.push(',');
        field("password", password, &mut text);
        if let Some(email) = &registry.email {
            text.push(',');
            field("email", email, &mut text);
        }
        let login = Zeroizing::new(format!("{}:{password}", registry.username));
        let login = Zeroizing::new(STANDARD.encode(login.as_bytes()));
        text.push(',');
        field("auth", &login, &mut text);
        text.push('}');
    }
    text.push_str("}}");
    Some(SecretValue::from_bytes(Zeroizing::new(std::mem::take(&mut *text).into_bytes())))
}

fn field(name: &str, value: &str, text: &mut String) {
    string(name, text);
    text.push(':');
    string(value, text);
}

/// Writes a string as Go's `json.Marshal` does, which also escapes what HTML would act on.
fn string(value: &str, text: &mut String) {
    text.push('"');
    for character in value.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                // Writing to a String cannot fail.
                let _ = write!(text, "\\u{:04x}", u32::from(character));
            }
            other => text.push(other),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &[u8]) -> SecretValue {
        SecretValue::from_bytes(Zeroizing::new(text.to_vec()))
    }

    fn login(server: &str, email: Option<&str>, password: &[u8]) -> (Registry, SecretValue) {
        let registry = Registry { server: server.into(), username: "app".into(), email: email.map(str::to_owned) };
        (registry, value(password))
    }

    #[test]
    fn a_document_is_that_of_kubectl() {
        let config = docker_config(&[login("ghcr.io", Some("a@b.c"), b"p<&>\"\\\n\x01")]).unwrap();
        let expected = concat!(
            r#"{"auths":{"ghcr.io":{"username":"app","password":"p\u003c\u0026\u003e\"\\\n\u0001","email":"a@b.c","#,
            r#""auth":"YXBwOnA8Jj4iXAoB"}}}"#
        );
        assert_eq!(std::str::from_utf8(config.expose()).unwrap(), expected);
    }

    #[test]
    fn several_registries_are_sorted_and_bytes_that_are_no_text_are_refused() {
        let config = docker_config(&[login("z", None, b"2"), login("a", None, b"1")]).unwrap();
        let parsed: serde_json::Value = serde_json::from_slice(config.expose()).unwrap();
        assert_eq!(parsed["auths"]["z"]["auth"], "YXBwOjI=");
        assert!(config.expose().starts_with(b"{\"auths\":{\"a\":"));
        assert!(docker_config(&[login("a", None, &[0xff])]).is_none());
    }
}
