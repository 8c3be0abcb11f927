//! The port of a Service, as far as the API server's proxy needs it.

use serde::Deserialize;

use crate::plaintext::wire::{WireBody, WireError, parse};

/// Returns the name of a Service's first port; empty if it has none, as it may where there is one port only.
///
/// It becomes a part of a path, so what is no name of a port counts as none.
pub(crate) fn parse_port(body: &WireBody) -> Result<String, WireError> {
    let service: RawService = parse(body)?;
    if service.kind != "Service" {
        return Err(WireError::OtherKind);
    }
    let first = service.spec.ports.unwrap_or_default().into_iter().next().unwrap_or_default();
    Ok(Some(first.name).filter(|name| is_port(name)).unwrap_or_default())
}

/// Tells whether the text can name a port (DNS-1123 label).
fn is_port(text: &str) -> bool {
    text.len() <= 63 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[derive(Deserialize)]
struct RawService {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    spec: RawSpec,
}

#[derive(Deserialize, Default)]
struct RawSpec {
    ports: Option<Vec<RawPort>>,
}

#[derive(Deserialize, Default)]
struct RawPort {
    #[serde(default)]
    name: String,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn port(ports: Value) -> Result<String, WireError> {
        parse_port(&crate::plaintext::wire::json(&json!({"kind": "Service", "spec": {"ports": ports}})))
    }

    #[test]
    fn the_first_port_counts_and_only_a_name_is_one() {
        assert_eq!(port(json!([{"name": "http"}, {"name": "metrics"}])).unwrap(), "http");
        assert_eq!(port(json!([{"port": 8080}])).unwrap(), "");
        assert_eq!(port(json!(null)).unwrap(), "");
        assert_eq!(port(json!([{"name": "http/proxy/../secrets"}])).unwrap(), "");
        let other = crate::plaintext::wire::json(&json!({"kind": "Status"}));
        assert_eq!(parse_port(&other), Err(WireError::OtherKind));
    }
}
