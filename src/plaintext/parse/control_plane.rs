//! How the API server is run: flags of its static Pods by name only, and a few of its metrics.
//!
//! Arguments and metrics can hold anything, so nothing but yes and no comes out.

use serde::Deserialize;

use crate::audit::{Flags, Metrics, Written};
use crate::plaintext::wire::{WireBody, WireError, parse};

/// Parses a list of Pods of kube-apiserver; `None` if there is none.
pub(crate) fn parse_flags(body: &WireBody) -> Result<Option<Flags>, WireError> {
    let list: RawPods = parse(body)?;
    let pods = list.items.unwrap_or_default();
    let flags = pods.iter().map(RawPod::flags);
    // Where one of several API servers lacks a flag, it is lacking.
    Ok(flags.reduce(|left, right| Flags {
        encryption: left.encryption && right.encryption,
        audit: left.audit && right.audit,
    }))
}

/// Parses metrics in Prometheus' text format.
pub(crate) fn parse_metrics(body: &WireBody) -> Metrics {
    let mut metrics = Metrics::default();
    let Ok(text) = std::str::from_utf8(body.bytes()) else { return metrics };
    for line in text.lines() {
        if let Some(count) = line.strip_prefix("apiserver_audit_event_total ") {
            metrics.audit_events = Some(count.trim() != "0");
        } else if let Some(rest) = line.strip_prefix("apiserver_storage_transformation_operations_total{") {
            let Some((labels, _)) = rest.split_once('}') else { continue };
            let is = |label: &str| labels.split(',').any(|one| one == label);
            if !is("resource=\"secrets\"") || !is("status=\"OK\"") {
                continue;
            }
            let encrypted = labels.split(',').any(|label| label.starts_with("transformer_prefix=\"k8s:enc:"));
            let written = if encrypted { Written::Encrypted } else { Written::Plain };
            if is("transformation_type=\"to_storage\"") {
                metrics.to_storage.insert(written);
            } else if is("transformation_type=\"from_storage\"") {
                metrics.from_storage.insert(written);
            }
        } else if line.starts_with("apiserver_request_total{") {
            metrics.is_api_server = true;
        }
    }
    metrics
}

#[derive(Deserialize)]
struct RawPods {
    items: Option<Vec<RawPod>>,
}

#[derive(Deserialize)]
struct RawPod {
    #[serde(default)]
    spec: RawSpec,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawSpec {
    containers: Option<Vec<RawContainer>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawContainer {
    command: Option<Vec<String>>,
    args: Option<Vec<String>>,
}

impl RawPod {
    fn flags(&self) -> Flags {
        let containers = self.spec.containers.iter().flatten();
        let words: Vec<&str> = containers
            .flat_map(|one| one.command.iter().chain(&one.args).flatten())
            .map(|word| word.split_once('=').map_or(word.as_str(), |(flag, _)| flag))
            .collect();
        let has = |flag| words.contains(&flag);
        Flags {
            encryption: has("--encryption-provider-config"),
            audit: has("--audit-policy-file") && (has("--audit-log-path") || has("--audit-webhook-config-file")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use zeroize::Zeroizing;

    use crate::plaintext::wire::json as body;

    use super::*;

    #[test]
    fn flags_count_by_name() {
        let pod =
            |command: &[&str], args: &[&str]| json!({"spec": {"containers": [{"command": command, "args": args}]}});
        let read = |pods: &[serde_json::Value]| parse_flags(&body(&json!({"items": pods}))).unwrap();
        let policy = ["--audit-policy-file=/p", "--audit-log-path", "/l"];
        let (with, without) = (pod(&["kube-apiserver", "--encryption-provider-config=/e"], &policy), pod(&[], &[]));
        assert_eq!(read(std::slice::from_ref(&with)), Some(Flags { encryption: true, audit: true }));
        assert_eq!(read(&[with, without]), Some(Flags::default()));
        assert_eq!(read(&[pod(&["--audit-log-path=/l"], &[])]), Some(Flags::default()), "without a policy");
        assert_eq!(read(&[]), None);
    }

    #[test]
    fn metrics_tell_how_secrets_are_written() {
        let read = |text: &str| parse_metrics(&WireBody::from_bytes(Zeroizing::new(text.as_bytes().to_vec())));
        let line = |kind: &str, resource: &str, prefix: &str| {
            format!(
                "apiserver_storage_transformation_operations_total{{resource=\"{resource}\",status=\"OK\",\
                 transformation_type=\"{kind}\",transformer_prefix=\"{prefix}\"}} 3\n"
            )
        };
        let text = [
            "apiserver_audit_event_total 12\napiserver_request_total{code=\"200\"} 1\n".to_owned(),
            line("to_storage", "secrets", "k8s:enc:secretbox:v1:bed:"),
            line("from_storage", "secrets", ""),
            line("to_storage", "configmaps", ""),
        ];
        let found = read(&text.concat());
        assert!(found.is_api_server && found.audit_events == Some(true));
        assert_eq!(found.to_storage.into_iter().collect::<Vec<_>>(), [Written::Encrypted]);
        assert_eq!(found.from_storage.into_iter().collect::<Vec<_>>(), [Written::Plain]);
        assert_eq!(read("apiserver_audit_event_total 0\n").audit_events, Some(false));
        assert_eq!(read("\u{0}nothing{"), Metrics::default());
    }
}
