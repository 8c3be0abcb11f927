//! Leaves an Event beside a changed Secret: the name, the verb and the number of keys, nothing else. Finds those that
//! were left.

use http::Method;
use jiff::Timestamp;
use serde_json::json;

use crate::error::Result;
use crate::plaintext::parse::parse_events;
use crate::plaintext::wire;
use crate::plan::age::FIELD_MANAGER;
use crate::plan::history::Seen;
use crate::plan::{Change, Target};

use super::connect::Cluster;
use super::error::{Asked, ClusterError};
use super::listing::PAGE;
use super::transport::{Call, METADATA_ONLY, WHOLE};

impl Cluster {
    /// Lists the Events that this program left about the object with this uid; `None` if this user may not list Events.
    pub(crate) async fn events_of(&self, target: &Target, uid: &str) -> Result<Option<Vec<Seen>>> {
        match self.list_events(target, uid).await {
            Ok(events) => Ok(Some(events)),
            Err(error) if error.code() == Some(403) => Ok(None),
            Err(error) => {
                let namespace = Some(target.namespace.to_string());
                Err(error.explain(&Asked { verb: "list", resource: "events", name: None, namespace }))
            }
        }
    }

    async fn list_events(&self, target: &Target, uid: &str) -> Result<Vec<Seen>, ClusterError> {
        let (mut found, mut token) = (Vec::new(), None::<String>);
        loop {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("limit", &PAGE.to_string());
            query.append_pair("fieldSelector", &format!("involvedObject.uid={uid}"));
            if let Some(token) = &token {
                query.append_pair("continue", token);
            }
            let path = format!("/api/v1/namespaces/{}/events?{}", target.namespace, query.finish());
            let call = Call { method: Method::GET, path, accept: WHOLE, keys: &[] };
            let reply = self.read(&call).await.map_err(|failure| failure.error)?;
            let page = parse_events(&reply.body, uid)?;
            found.extend(page.items);
            match page.next {
                Some(next) => token = Some(next),
                None => return Ok(found),
            }
        }
    }

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
