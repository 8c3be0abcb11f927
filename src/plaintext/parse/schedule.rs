//! What `schedule` reads: which Secrets have a policy and what it asks for, our CronJobs, and how their Jobs ended. No
//! message, no environment and no other annotation is kept.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use crate::config::Restart;
use crate::names::is_subdomain;
use crate::plaintext::wire::{Page, WireBody, WireError, parse};
use crate::plan::policy::Policy;
use crate::plan::schedule::{Asks, MANAGED_BY, MANAGER, Run, RunResult, SCOPE, Scheduled};

use super::rollout::is_word;

/// Parses a list of Secrets' metadata: what each policy asks for.
pub(crate) fn parse_policies(body: &WireBody) -> Result<Page<Asks>, WireError> {
    let list: RawList<RawPlain> = parse(body)?;
    if list.kind != "PartialObjectMetadataList" {
        return Err(WireError::OtherKind);
    }
    Ok(list.page(|RawPlain { metadata }| {
        // A name that Kubernetes would not accept is not from a Kubernetes; it would become part of a Role.
        is_subdomain(&metadata.name).then(|| {
            let text = metadata.annotations.unwrap_or_default().policy;
            let policy = text.and_then(|text| Policy::parse(&text));
            let restart = policy.as_ref().and_then(|policy| policy.restart);
            Asks {
                name: metadata.name,
                restart: restart.is_some_and(|mode| mode != Restart::Never),
                history: policy.as_ref().is_none_or(|policy| policy.kept() > 0),
                unreadable: policy.is_none(),
            }
        })
    }))
}

/// Parses a list of CronJobs, and keeps those of ours.
pub(crate) fn parse_schedules(body: &WireBody) -> Result<Page<Scheduled>, WireError> {
    let list: RawList<RawCronJob> = parse(body)?;
    Ok(list.page(|RawCronJob { metadata, spec, status }| {
        let labels = metadata.labels.unwrap_or_default();
        let ours = labels.get(MANAGED_BY).is_some_and(|manager| manager == MANAGER);
        let pod = spec.job_template.and_then(|template| template.spec?.template?.spec);
        ours.then(|| Scheduled {
            namespace: metadata.namespace,
            name: metadata.name,
            scope: labels.get(SCOPE).filter(|scope| is_word(scope)).cloned(),
            cron: spec.schedule,
            time_zone: spec.time_zone,
            image: pod.and_then(|pod| pod.containers?.into_iter().next()).and_then(|container| container.image),
            suspended: spec.suspend.unwrap_or(false),
            last_scheduled: status.last_schedule_time,
            last_successful: status.last_successful_time,
        })
    }))
}

/// Parses a list of Jobs, and keeps those that a CronJob made.
pub(crate) fn parse_runs(body: &WireBody) -> Result<Page<Run>, WireError> {
    let list: RawList<RawJob> = parse(body)?;
    Ok(list.page(|RawJob { metadata, status }| {
        let owner = metadata.owner_references.into_iter().flatten().find(|owner| owner.kind == "CronJob")?;
        let conditions = status.conditions.unwrap_or_default();
        let said = |kind: &str| conditions.iter().find(|one| one.kind == kind && one.status == "True");
        let (result, reason) = match (said("Failed"), said("Complete")) {
            (Some(failed), _) => (RunResult::Failed, failed.reason.clone().filter(|reason| is_word(reason))),
            (None, Some(_)) => (RunResult::Succeeded, None),
            (None, None) => (RunResult::Running, None),
        };
        Some(Run {
            namespace: metadata.namespace,
            name: metadata.name,
            made_by: owner.name,
            created: metadata.creation_timestamp,
            result,
            reason,
        })
    }))
}

#[derive(Deserialize)]
#[serde(bound = "T: Deserialize<'de>")]
struct RawList<T> {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    metadata: RawListMeta,
    #[serde(default = "Option::default")]
    items: Option<Vec<T>>,
}

impl<T> RawList<T> {
    fn page<U>(self, keep: impl Fn(T) -> Option<U>) -> Page<U> {
        let next = self.metadata.next.filter(|token| !token.is_empty());
        Page { items: self.items.into_iter().flatten().filter_map(keep).collect(), next }
    }
}

#[derive(Deserialize, Default)]
struct RawListMeta {
    #[serde(rename = "continue")]
    next: Option<String>,
}

#[derive(Deserialize)]
struct RawPlain {
    metadata: RawMeta,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct RawMeta {
    name: String,
    namespace: String,
    creation_timestamp: Option<Timestamp>,
    labels: Option<BTreeMap<String, String>>,
    annotations: Option<RawAnnotations>,
    owner_references: Option<Vec<RawOwner>>,
}

/// One annotation is read; what others hold may be values.
#[derive(Deserialize, Default)]
struct RawAnnotations {
    #[serde(rename = "secretsafe.dev/policy")]
    policy: Option<String>,
}

#[derive(Deserialize)]
struct RawOwner {
    kind: String,
    name: String,
}

#[derive(Deserialize)]
struct RawCronJob {
    metadata: RawMeta,
    spec: RawSpec,
    #[serde(default)]
    status: RawStatus,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawSpec {
    schedule: String,
    time_zone: Option<String>,
    suspend: Option<bool>,
    job_template: Option<RawTemplate<RawJobSpec>>,
}

#[derive(Deserialize)]
struct RawTemplate<T> {
    spec: Option<T>,
}

#[derive(Deserialize)]
struct RawJobSpec {
    template: Option<RawTemplate<RawPod>>,
}

#[derive(Deserialize)]
struct RawPod {
    containers: Option<Vec<RawContainer>>,
}

#[derive(Deserialize)]
struct RawContainer {
    image: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct RawStatus {
    last_schedule_time: Option<Timestamp>,
    last_successful_time: Option<Timestamp>,
    conditions: Option<Vec<RawCondition>>,
}

#[derive(Deserialize)]
struct RawJob {
    metadata: RawMeta,
    #[serde(default)]
    status: RawStatus,
}

#[derive(Deserialize)]
struct RawCondition {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    status: String,
    reason: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::plaintext::wire;
    use crate::plan::schedule::POLICY;

    use super::*;

    fn policies(annotation: Value) -> Asks {
        let metadata = json!({"name": "db", "annotations": {POLICY: annotation, "other": "not-a-real-password"}});
        let list = json!({"kind": "PartialObjectMetadataList", "items": [{"metadata": metadata}]});
        parse_policies(&wire::json(&list)).unwrap().items.remove(0)
    }

    #[test]
    fn a_policy_says_what_it_needs() {
        let rule = r#""keys":{"a":{"every":"90d","source":"generate"}}"#;
        let asks = policies(json!(format!(r#"{{"v":1,{rule},"restart":"auto","history":0}}"#)));
        assert!(asks.restart && !asks.history && !asks.unreadable);
        let asks = policies(json!(format!(r#"{{"v":1,{rule},"restart":"never"}}"#)));
        assert!(!asks.restart && asks.history && !asks.unreadable, "one version is kept by default");
        let asks = policies(json!("not-a-policy"));
        assert!(!asks.restart && asks.history && asks.unreadable);
    }

    #[test]
    fn a_run_ended_as_its_conditions_say_and_a_message_is_not_read() {
        let run = |conditions: Value| {
            let metadata =
                json!({"name": "x-1", "namespace": "prod", "ownerReferences": [{"kind": "CronJob", "name": "x"}]});
            let job = json!({"metadata": metadata, "status": {"conditions": conditions}});
            parse_runs(&wire::json(&json!({"items": [job]}))).unwrap().items.remove(0)
        };
        let failed =
            json!({"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "not-a-real-one"});
        assert_eq!(run(json!([failed])).reason.as_deref(), Some("BackoffLimitExceeded"));
        let failed = json!({"type": "Failed", "status": "True", "reason": "not a word"});
        assert_eq!((run(json!([failed])).result, run(json!([failed])).reason), (RunResult::Failed, None));
        assert_eq!(run(json!([{"type": "Complete", "status": "True"}])).result, RunResult::Succeeded);
        assert_eq!(run(Value::Null).result, RunResult::Running);
    }
}
