//! Events about a Secret: of those of this program, reason, number and time. Messages are free text, and stay behind.

use jiff::Timestamp;
use serde::Deserialize;

use crate::plaintext::wire::{Page, WireBody, WireError, parse};
use crate::plan::Verb;
use crate::plan::age::FIELD_MANAGER;
use crate::plan::history::Seen;

/// What this program writes about.
const VERBS: &[Verb] = &[Verb::Created, Verb::Rotated, Verb::RolledBack, Verb::Updated];

/// Parses a list of Events, and keeps those that this program left about the object with this uid.
pub(crate) fn parse_events(body: &WireBody, uid: &str) -> Result<Page<Seen>, WireError> {
    let list: RawList = parse(body)?;
    if list.kind != "EventList" {
        return Err(WireError::OtherKind);
    }
    let items = list.items.unwrap_or_default().iter().filter_map(|event| seen(event, uid)).collect();
    Ok(Page { items, next: list.metadata.next.filter(|token| !token.is_empty()) })
}

fn seen(event: &RawEvent, uid: &str) -> Option<Seen> {
    let ours =
        [&event.source.component, &event.reporting_component].into_iter().flatten().any(|it| it == FIELD_MANAGER);
    if !ours || event.involved_object.uid != uid {
        return None;
    }
    // A reason is free text as well: one that this program does not write is none of its own.
    let reason =
        VERBS.iter().map(|verb| verb.event_reason()).find(|reason| Some(*reason) == event.reason.as_deref())?;
    let times = [&event.last_timestamp, &event.event_time, &event.first_timestamp];
    let time = times.into_iter().flatten().find_map(|time| time.parse::<Timestamp>().ok())?;
    Some(Seen { time, reason, count: event.count.unwrap_or(1) })
}

#[derive(Deserialize)]
struct RawList {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    metadata: RawListMeta,
    #[serde(default)]
    items: Option<Vec<RawEvent>>,
}

#[derive(Deserialize, Default)]
struct RawListMeta {
    #[serde(rename = "continue")]
    next: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct RawEvent {
    involved_object: RawObject,
    reason: Option<String>,
    count: Option<u64>,
    first_timestamp: Option<String>,
    last_timestamp: Option<String>,
    event_time: Option<String>,
    source: RawSource,
    reporting_component: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawObject {
    uid: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawSource {
    component: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_events_of_this_object_are_kept_and_no_text() {
        let event = |reason: &str, component: &str, uid: &str| {
            serde_json::json!({"involvedObject": {"uid": uid}, "reason": reason, "message": "not-a-real-password",
                "source": {"component": component}, "count": 2, "firstTimestamp": "2026-01-01T00:00:00Z",
                "lastTimestamp": "2026-01-02T00:00:00Z", "eventTime": null})
        };
        let items = [
            event("SecretRotated", "kubectl-secretsafe", "u"),
            event("SecretRotated", "kubectl-secretsafe", "another"),
            event("SecretRotated", "kubelet", "u"),
            event("not-a-real-password", "kubectl-secretsafe", "u"),
        ];
        let list = serde_json::json!({"kind": "EventList", "metadata": {"continue": "t"}, "items": items});
        let body = crate::plaintext::wire::json(&list);
        let page = parse_events(&body, "u").unwrap();
        assert_eq!(
            page.items,
            [Seen { time: "2026-01-02T00:00:00Z".parse().unwrap(), reason: "SecretRotated", count: 2 }]
        );
        assert_eq!(page.next.as_deref(), Some("t"));
        assert!(!format!("{page:?}").contains("not-a-real"));
    }
}
