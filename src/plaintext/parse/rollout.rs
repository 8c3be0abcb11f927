//! The status of a workload and of its Pods: numbers, and reasons that are one word. Messages are free text, and
//! stay behind.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::plaintext::wire::{WireBody, WireError, parse};
use crate::plan::rollout::Rollout;

/// The longest word that is taken for a reason.
const LONGEST_REASON: usize = 64;

/// Why a Pod is not ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// The Pod.
    pub(crate) pod: String,
    /// Kubernetes' word for it, such as `CrashLoopBackOff`.
    pub(crate) reason: String,
}

/// Parses the status of a Deployment, StatefulSet or DaemonSet.
pub(crate) fn parse_rollout(body: &WireBody) -> Result<Rollout, WireError> {
    let RawWorkload { metadata, spec, status } = parse(body)?;
    let gave_up = status.conditions.iter().flatten().any(|condition| {
        condition.kind == "Progressing" && condition.reason.as_deref() == Some("ProgressDeadlineExceeded")
    });
    let on_delete = spec.update_strategy.as_ref().is_some_and(|strategy| strategy.kind.as_deref() == Some("OnDelete"));
    let held = match () {
        () if spec.paused => Some("it is paused"),
        () if on_delete => Some("its Pods are replaced only when somebody deletes them (OnDelete)"),
        () => None,
    };
    let partition = spec.update_strategy.and_then(|strategy| strategy.rolling_update?.partition).unwrap_or(0);
    let selector = spec.selector.filter(|selector| selector.match_expressions.is_none()).and_then(|selector| {
        let labels = selector.match_labels?;
        Some(labels.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(","))
    });
    Ok(Rollout {
        generation: metadata.generation,
        observed: status.observed_generation,
        wanted: status.desired_number_scheduled.or(spec.replicas).unwrap_or(1),
        total: status.replicas,
        updated: status.updated_number_scheduled.unwrap_or(status.updated_replicas),
        ready: status.ready_replicas,
        available: status.number_available.unwrap_or(status.available_replicas),
        gave_up,
        held,
        partition,
        restarted_at: spec.template.metadata.annotations.restarted_at.and_then(|at| at.parse().ok()),
        same_revision: status.update_revision == status.current_revision,
        selector,
    })
}

/// Finds the first Pod of a list that says why it is not ready.
pub(crate) fn parse_trouble(body: &WireBody) -> Result<Option<Trouble>, WireError> {
    let list: RawPods = parse(body)?;
    Ok(list.items.unwrap_or_default().into_iter().find_map(RawPod::trouble))
}

impl RawPod {
    fn trouble(self) -> Option<Trouble> {
        let status = self.status;
        let containers = status.init_container_statuses.into_iter().chain(status.container_statuses).flatten();
        let waiting = containers.filter_map(|container| container.state?.waiting?.reason);
        let unscheduled = status.conditions.into_iter().flatten();
        let unscheduled =
            unscheduled.filter(|condition| condition.kind == "PodScheduled" && condition.status == "False");
        let mut reasons = waiting.chain(unscheduled.filter_map(|condition| condition.reason));
        let reason = reasons.find(|reason| is_word(reason) && !is_normal(reason))?;
        Some(Trouble { pod: self.metadata.name, reason })
    }
}

/// A reason is one word in camel case; anything else is free text, and could hold what it likes.
pub(super) fn is_word(reason: &str) -> bool {
    !reason.is_empty() && reason.len() <= LONGEST_REASON && reason.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// What every Pod says on its way up.
fn is_normal(reason: &str) -> bool {
    matches!(reason, "ContainerCreating" | "PodInitializing")
}

#[derive(Deserialize)]
struct RawWorkload {
    #[serde(default)]
    metadata: RawMeta,
    #[serde(default)]
    spec: RawSpec,
    #[serde(default)]
    status: RawStatus,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawMeta {
    name: String,
    generation: i64,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct RawSpec {
    template: RawTemplate,
    replicas: Option<i64>,
    selector: Option<RawSelector>,
    update_strategy: Option<RawStrategy>,
    paused: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawTemplate {
    metadata: RawTemplateMeta,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawTemplateMeta {
    annotations: RawMarks,
}

/// Of the annotations, only the mark of a restart.
#[derive(Deserialize, Default)]
#[serde(default)]
struct RawMarks {
    #[serde(rename = "kubectl.kubernetes.io/restartedAt")]
    restarted_at: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawSelector {
    match_labels: Option<BTreeMap<String, String>>,
    match_expressions: Option<Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawStrategy {
    #[serde(rename = "type")]
    kind: Option<String>,
    rolling_update: Option<RawRollingUpdate>,
}

#[derive(Deserialize)]
struct RawRollingUpdate {
    partition: Option<i64>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct RawStatus {
    observed_generation: i64,
    replicas: i64,
    updated_replicas: i64,
    ready_replicas: i64,
    available_replicas: i64,
    current_revision: Option<String>,
    update_revision: Option<String>,
    desired_number_scheduled: Option<i64>,
    updated_number_scheduled: Option<i64>,
    number_available: Option<i64>,
    conditions: Option<Vec<RawCondition>>,
}

#[derive(Deserialize)]
struct RawCondition {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    status: String,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct RawPods {
    items: Option<Vec<RawPod>>,
}

#[derive(Deserialize)]
struct RawPod {
    #[serde(default)]
    metadata: RawMeta,
    #[serde(default)]
    status: RawPodStatus,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct RawPodStatus {
    container_statuses: Option<Vec<RawContainer>>,
    init_container_statuses: Option<Vec<RawContainer>>,
    conditions: Option<Vec<RawCondition>>,
}

#[derive(Deserialize)]
struct RawContainer {
    state: Option<RawState>,
}

#[derive(Deserialize)]
struct RawState {
    waiting: Option<RawWaiting>,
}

#[derive(Deserialize)]
struct RawWaiting {
    reason: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::plaintext::wire;

    use super::*;

    #[test]
    fn numbers_are_read_and_a_daemon_set_counts_its_own_way() {
        let rollout = parse_rollout(&wire::json(&json!({
            "metadata": {"generation": 3}, "spec": {"selector": {"matchLabels": {"a": "b", "c": "d"}}},
            "status": {"observedGeneration": 3, "desiredNumberScheduled": 5, "updatedNumberScheduled": 4},
        })))
        .unwrap();
        assert_eq!((rollout.wanted, rollout.updated, rollout.available), (5, 4, 0));
        assert_eq!(rollout.selector.as_deref(), Some("a=b,c=d"));
        let absent = parse_rollout(&wire::json(&json!({"spec": {"replicas": 0}, "status": {}}))).unwrap();
        assert_eq!((absent.wanted, absent.selector), (0, None));
    }

    #[test]
    fn a_reason_is_a_word_and_a_message_is_not_read() {
        let trouble = |reason: &str| {
            let waiting = json!({"waiting": {"reason": reason, "message": "not-a-real-password"}});
            let pod = json!({"metadata": {"name": "p"}, "status": {"containerStatuses": [{"state": waiting}]}});
            parse_trouble(&wire::json(&json!({"items": [pod]}))).unwrap()
        };
        assert_eq!(trouble("CrashLoopBackOff").unwrap().reason, "CrashLoopBackOff");
        for reason in ["ContainerCreating", "free text", "", "not-a-real-password", &"a".repeat(65)] {
            assert_eq!(trouble(reason), None, "{reason}");
        }
    }
}
