//! Reads our own notes, which are not secret, back from a keychain, which keeps secrets.
//!
//! It answers one question of one shape: what is no such note does not come out.

use serde::{Deserialize, Serialize};

use super::SecretValue;

/// A server for which a default entry was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Server {
    /// The fingerprint of URL and CA: 16 hex digits.
    #[serde(rename = "fp")]
    pub(crate) fingerprint: String,
    /// The URL.
    #[serde(rename = "server")]
    pub(crate) url: String,
}

/// Parses a list of servers; what is not exactly that is none.
pub(crate) fn servers(value: &SecretValue) -> Option<Vec<Server>> {
    let servers: Vec<Server> = serde_json::from_slice(value.expose()).ok()?;
    servers.iter().all(is_server).then_some(servers)
}

fn is_server(server: &Server) -> bool {
    let fingerprint = server.fingerprint.len() == 16 && server.fingerprint.bytes().all(|b| b.is_ascii_hexdigit());
    let url = server.url.starts_with("https://") || server.url.starts_with("http://");
    fingerprint && url && !server.url.contains('@') && !server.url.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    fn read(text: &str) -> Option<Vec<Server>> {
        servers(&SecretValue::from_bytes(Zeroizing::new(text.as_bytes().to_vec())))
    }

    #[test]
    fn only_a_list_of_servers_comes_out() {
        assert_eq!(read(r#"[{"fp":"0123456789abcdef","server":"https://a/"}]"#).map(|list| list.len()), Some(1));
        for other in [
            "not-a-real-password",
            r#"["not-a-real-password"]"#,
            r#"[{"fp":"not-a-real-password","server":"https://a/"}]"#,
            r#"[{"fp":"0123456789abcdef","server":"not-a-real-password"}]"#,
            r#"[{"fp":"0123456789abcdef","server":"https://user:not-a-real@a/"}]"#,
            r#"[{"fp":"0123456789abcdef","server":"https://a/","x":"not-a-real-password"}]"#,
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
