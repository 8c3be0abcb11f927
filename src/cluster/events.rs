//! Leaves an Event beside a changed Secret: the name, the verb and the number of keys, nothing else.

use http::Method;
use jiff::Timestamp;
use serde_json::json;

use crate::plaintext::wire;
use crate::plan::Change;
use crate::plan::age::FIELD_MANAGER;

use super::connect::Cluster;
use super::transport::{Call, METADATA_ONLY};

impl Cluster {
    /// Writes the Event. It is best effort: without the right to it, the change stands all the same.
    pub(crate) async fn record_event(&self, change: &Change, now: Timestamp) {
        let call = Call {
            method: Method::POST,
            path: format!("/api/v1/namespaces/{}/events?fieldManager={FIELD_MANAGER}", change.namespace),
            accept: METADATA_ONLY,
            keys: &[],
        };
        if let Err(failure) = self.write(&call, wire::json(&event(change, now))).await {
            self.ui().trace(1, || format!("no Event was written: {}", failure.error));
        }
    }
}

/// Builds a core/v1 Event. Its name follows kubectl's and client-go's form: object, dot, something unique.
fn event(change: &Change, now: Timestamp) -> serde_json::Value {
    let count = change.keys.len();
    let suffix: String = change.op.chars().take(16).collect();
    // An Event's name has the same limit as a Secret's.
    let name: String = change.name.as_str().chars().take(253 - 17).collect();
    json!({
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": format!("{}.{suffix}", name.trim_end_matches(['.', '-'])), "namespace": change.namespace},
        "involvedObject": {"apiVersion": "v1", "kind": "Secret", "name": change.name, "namespace": change.namespace, "uid": change.uid},
        "type": "Normal",
        "reason": change.verb.event_reason(),
        "message": format!("Secret {} was {} with {count} key{}", change.name, change.verb.past(), if count == 1 { "" } else { "s" }),
        "source": {"component": FIELD_MANAGER},
        "reportingComponent": FIELD_MANAGER,
        "reportingInstance": FIELD_MANAGER,
        "firstTimestamp": now,
        "lastTimestamp": now,
        "count": 1,
    })
}
