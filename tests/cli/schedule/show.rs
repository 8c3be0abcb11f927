//! `schedule show` and `schedule remove`: what is there, how the last run ended, and that all of it goes.

use serde_json::{Value, json};

use super::{NAME, plant, schedule};
use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::http::Request;

fn run(plane: &ControlPlane, namespace: &str, args: &[&str]) -> Output {
    Secretsafe::new().args(args).args(["-n", namespace]).kubeconfig(plane.admin_kubeconfig()).run()
}

fn patch(plane: &ControlPlane, path: &str, patch: &Value) {
    let body = patch.to_string();
    let request = Request::new("PATCH", path).body("application/merge-patch+json", body.as_bytes());
    let answer = plane.request(plane.admin_token(), request);
    assert_eq!(answer.code, 200, "{}", answer.json()["message"]);
}

/// Makes a Job from the schedule, as its controller would, and lets it end.
pub(crate) fn job(plane: &ControlPlane, namespace: &str, name: &str, failed: bool) {
    plane.kubectl(&["create", "job", name, "--from", &format!("cronjob/{NAME}"), "-n", namespace]).success();
    let start = "2026-01-02T03:00:00Z";
    let condition = |kind: &str, reason: &str| json!({"type": kind, "status": "True", "reason": reason, "message": "not-a-real-message", "lastTransitionTime": start});
    let status = if failed {
        let reason = "BackoffLimitExceeded";
        json!({"startTime": start, "failed": 1, "conditions": [condition("FailureTarget", reason), condition("Failed", reason)]})
    } else {
        let reason = "CompletionsReached";
        json!({"startTime": start, "completionTime": start, "succeeded": 1,
            "conditions": [condition("SuccessCriteriaMet", reason), condition("Complete", reason)]})
    };
    let path = format!("/apis/batch/v1/namespaces/{namespace}/jobs/{name}/status");
    patch(plane, &path, &json!({"status": status}));
}

/// What the CronJob's controller writes when a run was due, and when one went well.
pub(crate) fn due(plane: &ControlPlane, namespace: &str) {
    let path = format!("/apis/batch/v1/namespaces/{namespace}/cronjobs/{NAME}/status");
    let times = json!({"lastScheduleTime": "2026-01-02T03:00:00Z", "lastSuccessfulTime": "2026-01-01T03:00:09Z"});
    patch(plane, &path, &json!({"status": times}));
}

#[test]
fn a_schedule_is_shown_with_the_end_of_its_last_run() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    plant(plane, &namespace, "db", json!({}));
    let none = run(plane, &namespace, &["schedule", "show"]).success();
    assert_eq!(none.err(), format!("No schedule found in {namespace} namespace.\n"));
    schedule(plane, &namespace, &["--yes", "--time-zone", "Etc/UTC"]).run().success();
    let show = || -> Value {
        serde_json::from_str(&run(plane, &namespace, &["schedule", "show", "-o", "json"]).success().out()).unwrap()
    };
    let new = show();
    assert_eq!(new["items"][0]["lastRun"], Value::Null);
    assert_eq!(new["items"][0]["image"], super::image().as_str());
    assert_eq!(new["items"][0]["scope"], "namespace");
    due(plane, &namespace);
    job(plane, &namespace, "run-1", false);
    assert_eq!(show()["items"][0]["lastRun"]["result"], "succeeded");
    job(plane, &namespace, "run-2", true);
    patch(
        plane,
        &format!("/apis/batch/v1/namespaces/{namespace}/cronjobs/{NAME}"),
        &json!({"spec": {"suspend": true}}),
    );
    let failed = show();
    assert_eq!(failed["items"][0]["lastRun"]["reason"], "BackoffLimitExceeded");
    assert_eq!(failed["items"][0]["suspended"], true);
    let table = run(plane, &namespace, &["schedule", "show"]).success();
    for says in
        ["failed: BackoffLimitExceeded", "suspended", "0 3 * * * Etc/UTC", "its namespace", "2026-01-02T03:00:00Z"]
    {
        assert!(table.out().contains(says), "{says}: {}", table.out());
    }
    assert!(table.err().contains(&format!("kubectl logs job/run-2 -n {namespace}")), "{}", table.err());
    assert!(!format!("{}{}", table.out(), table.err()).contains("not-a-real"), "no message");
    // To apply it again leaves it suspended, because that is the user's.
    schedule(plane, &namespace, &["--yes"]).run().success();
    assert_eq!(show()["items"][0]["suspended"], true);
}

#[test]
fn jobs_that_may_not_be_listed_are_said() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    schedule(plane, &namespace, &["--yes"]).run().success();
    let user = plane.user();
    plane.grant(&user, &namespace, &[("list", "cronjobs")]);
    let shown = Secretsafe::new()
        .args(["schedule", "show", "-o", "json", "-n", &namespace])
        .kubeconfig(&plane.kubeconfig_for(&user.token))
        .run()
        .success();
    assert!(shown.err().contains("this user may not list jobs"), "{}", shown.err());
    let report: Value = serde_json::from_str(&shown.out()).unwrap();
    assert_eq!((&report["runsListed"], &report["items"][0]["lastRun"]), (&json!(false), &Value::Null));
}

#[test]
fn everything_that_was_made_goes_and_what_was_not_there_is_said() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    plant(plane, &namespace, "db", json!({}));
    let remove = |args: &[&str]| run(plane, &namespace, &[&["schedule", "remove"], args].concat());
    assert_eq!(remove(&["--yes"]).success().err(), "There is no such schedule.\n");
    schedule(plane, &namespace, &["--yes"]).run().success();
    let refused = remove(&[]).expect_code(3);
    assert!(refused.err().contains("nobody is there to confirm"), "{}", refused.err());
    plane.kubectl(&["delete", "role", NAME, "-n", &namespace]).success();
    let removed = remove(&["--yes"]).success();
    let lines: Vec<String> = removed.out().lines().map(str::to_owned).collect();
    assert_eq!(lines.first(), Some(&format!("cronjob.batch/{NAME} deleted")));
    assert_eq!(lines.last(), Some(&format!("serviceaccount/{NAME} deleted")));
    assert_eq!(lines.len(), 5, "{lines:#?}");
    assert!(removed.err().contains(&format!("role.rbac.authorization.k8s.io/{NAME}")), "{}", removed.err());
    for path in [
        format!("/apis/batch/v1/namespaces/{namespace}/cronjobs/{NAME}"),
        format!("/api/v1/namespaces/{namespace}/serviceaccounts/{NAME}"),
        format!("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/{NAME}-{namespace}"),
        format!("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/{NAME}-{namespace}"),
    ] {
        assert_eq!(plane.get(&path).code, 404, "{path}");
    }
    let kept = plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/db")).json();
    assert_eq!(kept["metadata"]["labels"]["secretsafe.dev/policy"], "true", "policies stay");
}
