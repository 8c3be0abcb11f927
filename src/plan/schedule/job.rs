//! The CronJob: what runs, as whom, and what it may do on its node.

use serde_json::{Value, json};

use super::{MANAGED_BY, MANAGER, NAME, Schedule};

/// Whom the image's program runs as: nobody, by the number that distroless images use.
const USER: u32 = 65532;
/// Seconds for one run. The account's token lives for an hour and is read once, at the start.
const LONGEST_RUN: u32 = 3000;
/// Seconds by which a run may be late, before it is left out.
const LATEST_START: u32 = 1800;
/// Where the file of allowed sources is.
const SOURCES_FOLDER: &str = "/etc/secretsafe";
/// Its name there, and in the ConfigMap.
pub(super) const SOURCES_FILE: &str = "allow-sources";

/// Returns the words that the job's container is started with; the image's entrypoint is the program.
pub(crate) fn arguments(schedule: &Schedule) -> Vec<String> {
    let mut words: Vec<String> = ["rotate", "--due"].map(str::to_owned).to_vec();
    match &schedule.only {
        Some(namespace) => words.extend(["--namespace".to_owned(), namespace.to_string()]),
        None => words.push("--all-namespaces".to_owned()),
    }
    // The container has no place for a local log: what it prints is one, and the record on each key another.
    words.extend(["--yes", "--no-log", "--output", "jsonl"].map(str::to_owned));
    if schedule.allow_sources.is_some() {
        words.extend(["--allow-sources".to_owned(), format!("{SOURCES_FOLDER}/{SOURCES_FILE}")]);
    }
    words
}

/// Returns the spec of the CronJob.
pub(super) fn spec(schedule: &Schedule) -> Value {
    let labels = json!({MANAGED_BY: MANAGER, "app.kubernetes.io/name": NAME});
    let mut spec = json!({
        "schedule": schedule.cron.as_str(),
        // Two runs at once would find the same Secrets due.
        "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": LATEST_START,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 5,
        "jobTemplate": {
            "metadata": {"labels": labels},
            "spec": {
                // What failed is still due: the next run does it.
                "backoffLimit": 0,
                "activeDeadlineSeconds": LONGEST_RUN,
                "template": {"metadata": {"labels": labels}, "spec": pod(schedule)},
            },
        },
    });
    if let (Some(zone), Some(fields)) = (&schedule.time_zone, spec.as_object_mut()) {
        fields.insert("timeZone".to_owned(), json!(zone));
    }
    spec
}

fn pod(schedule: &Schedule) -> Value {
    let (mut mounts, mut volumes) = (Vec::new(), Vec::new());
    if schedule.allow_sources.is_some() {
        mounts.push(json!({"name": SOURCES_FILE, "mountPath": SOURCES_FOLDER, "readOnly": true}));
        volumes.push(json!({"name": SOURCES_FILE, "configMap": {"name": NAME, "defaultMode": 0o444}}));
    }
    json!({
        "restartPolicy": "Never",
        "serviceAccountName": NAME,
        // The account itself does not put its token into Pods that merely name it.
        "automountServiceAccountToken": true,
        "enableServiceLinks": false,
        "securityContext": {
            "runAsNonRoot": true,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [{
            "name": "rotate",
            "image": schedule.image.as_str(),
            "args": arguments(schedule),
            "securityContext": {
                "privileged": false,
                "allowPrivilegeEscalation": false,
                "readOnlyRootFilesystem": true,
                "capabilities": {"drop": ["ALL"]},
            },
            "resources": {
                "requests": {"cpu": "50m", "memory": "32Mi"},
                "limits": {"memory": "128Mi"},
            },
            "volumeMounts": mounts,
        }],
        "volumes": volumes,
    })
}
