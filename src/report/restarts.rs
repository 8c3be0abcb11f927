//! What became of the workloads that use a Secret, after a rotation.

use schemars::JsonSchema;
use serde::Serialize;

use crate::plan::rollout::{Ended, Restarted};

/// One workload that was restarted.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RestartView {
    /// `Deployment`, `StatefulSet` or `DaemonSet`.
    kind: &'static str,
    /// Its name.
    name: String,
    /// Its namespace.
    namespace: String,
    /// How it ended.
    result: RestartResult,
    /// Why it is not ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    reason: Option<String>,
}

/// How a restart ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum RestartResult {
    /// All its Pods are new and ready.
    Ready,
    /// It was restarted, and nobody waited.
    Restarted,
    /// It is not ready, or could not be restarted.
    Failed,
}

impl RestartView {
    /// Makes the view.
    pub(crate) fn of(restarted: &Restarted) -> Self {
        let (result, reason) = match &restarted.ended {
            Ended::Ready => (RestartResult::Ready, None),
            Ended::Restarted => (RestartResult::Restarted, None),
            Ended::Failed(reason) => (RestartResult::Failed, Some(reason.clone())),
        };
        let workload = &restarted.workload;
        Self {
            kind: workload.kind,
            name: workload.name.clone(),
            namespace: workload.namespace.to_string(),
            result,
            reason,
        }
    }

    /// Returns the line that people read; a failure is said as an error.
    pub(super) fn line(&self) -> Option<String> {
        let named = format!("{}/{}", self.kind.to_lowercase(), self.name);
        match self.result {
            RestartResult::Ready => Some(format!("{named} restarted and ready")),
            RestartResult::Restarted => Some(format!("{named} restarted")),
            RestartResult::Failed => None,
        }
    }
}
