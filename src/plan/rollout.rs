//! Whether a workload has come up with its new Pods: pure, from its status. The rules are those of
//! `kubectl rollout status`, so that both say the same.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::names::Namespace;

/// A workload that can be restarted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Workload {
    /// `Deployment`, `StatefulSet` or `DaemonSet`.
    pub(crate) kind: &'static str,
    /// Its name.
    pub(crate) name: String,
    /// Its namespace.
    pub(crate) namespace: Namespace,
}

impl std::fmt::Display for Workload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.kind.to_lowercase(), self.name)
    }
}

/// What became of one workload.
#[derive(Debug, Clone)]
pub(crate) struct Restarted {
    /// The workload.
    pub(crate) workload: Workload,
    /// How it ended.
    pub(crate) ended: Ended,
}

/// How the restart of one workload ended.
#[derive(Debug, Clone)]
pub(crate) enum Ended {
    /// All its Pods are new and ready.
    Ready,
    /// It was restarted, and nobody waited.
    Restarted,
    /// It did not become ready, or could not be restarted: why.
    Failed(String),
}

/// What a workload says about its Pods.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Rollout {
    /// The version of its specification.
    pub(crate) generation: i64,
    /// The version that its controller has seen.
    pub(crate) observed: i64,
    /// How many Pods are wanted.
    pub(crate) wanted: i64,
    /// How many there are.
    pub(crate) total: i64,
    /// How many are of the new version.
    pub(crate) updated: i64,
    /// How many are ready.
    pub(crate) ready: i64,
    /// How many are available.
    pub(crate) available: i64,
    /// The controller has given up waiting.
    pub(crate) gave_up: bool,
    /// Pods below this number keep the old version on purpose.
    pub(crate) partition: i64,
    /// All Pods are of the new version, by the controller's own account.
    pub(crate) same_revision: bool,
    /// Why nothing will happen until somebody acts.
    pub(crate) held: Option<&'static str>,
    /// When it was restarted last, as its Pod template says.
    pub(crate) restarted_at: Option<Timestamp>,
    /// Selects its Pods; absent if that takes more than labels.
    pub(crate) selector: Option<String>,
}

/// How far a workload is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Progress {
    /// All its Pods are new and ready.
    Ready,
    /// Not yet: how many of how many.
    Waiting(i64, i64),
    /// It will not become ready by itself: why.
    Failed(&'static str),
}

/// Judges how far a workload of this kind is.
pub(crate) fn judge(kind: &str, rollout: &Rollout) -> Progress {
    let Rollout { wanted, total, updated, ready, available, .. } = *rollout;
    if let Some(held) = rollout.held {
        return Progress::Failed(held);
    }
    if rollout.observed < rollout.generation {
        return Progress::Waiting(0, wanted);
    }
    match kind {
        "Deployment" if rollout.gave_up => Progress::Failed("its controller has given up"),
        "Deployment" if updated < wanted || total > updated || available < updated => {
            Progress::Waiting(available.min(updated), wanted)
        }
        "DaemonSet" if updated < wanted || available < wanted => Progress::Waiting(available.min(updated), wanted),
        "StatefulSet" if ready < wanted => Progress::Waiting(ready.min(updated), wanted),
        "StatefulSet" if rollout.partition > 0 && updated < wanted - rollout.partition => {
            Progress::Waiting(updated, wanted - rollout.partition)
        }
        "StatefulSet" if rollout.partition == 0 && !rollout.same_revision => Progress::Waiting(updated, wanted),
        _ => Progress::Ready,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(number: i64) -> Rollout {
        Rollout {
            generation: 2,
            observed: 2,
            wanted: number,
            total: number,
            updated: number,
            ready: number,
            available: number,
            same_revision: true,
            ..Rollout::default()
        }
    }

    #[test]
    fn ready_means_new_and_available() {
        for kind in ["Deployment", "DaemonSet", "StatefulSet"] {
            assert_eq!(judge(kind, &all(3)), Progress::Ready, "{kind}");
            assert_eq!(judge(kind, &Rollout { observed: 1, ..all(3) }), Progress::Waiting(0, 3), "{kind}");
            assert_eq!(judge(kind, &all(0)), Progress::Ready, "{kind}");
        }
        let waiting =
            |kind, rollout| assert!(matches!(judge(kind, &rollout), Progress::Waiting(..)), "{kind} {rollout:?}");
        waiting("Deployment", Rollout { updated: 2, ..all(3) });
        waiting("Deployment", Rollout { total: 4, ..all(3) });
        waiting("Deployment", Rollout { available: 2, ..all(3) });
        waiting("DaemonSet", Rollout { updated: 2, ..all(3) });
        waiting("DaemonSet", Rollout { available: 2, ..all(3) });
        waiting("StatefulSet", Rollout { ready: 2, ..all(3) });
        waiting("StatefulSet", Rollout { same_revision: false, ..all(3) });
        waiting("StatefulSet", Rollout { same_revision: false, partition: 1, updated: 1, ..all(3) });
    }

    #[test]
    fn a_partition_ends_where_it_should() {
        let part = Rollout { same_revision: false, partition: 2, updated: 1, ..all(3) };
        assert_eq!(judge("StatefulSet", &part), Progress::Ready);
    }

    #[test]
    fn a_deployment_that_gave_up_has_failed() {
        let judged = |rollout| judge("Deployment", &rollout);
        assert!(matches!(judged(Rollout { gave_up: true, updated: 1, ..all(3) }), Progress::Failed(_)));
        assert_eq!(judged(Rollout { held: Some("it is paused"), ..all(3) }), Progress::Failed("it is paused"));
    }
}
