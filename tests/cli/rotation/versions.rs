//! Kept versions, and the way back to them.

use serde_json::{Value, json};

use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;

use super::bed::{Bed, OLD};

fn rotate(bed: &Bed<'_>, value: &str, args: &[&str]) -> Output {
    bed.run(&["password=stdin"]).args(args).stdin(value).run().success()
}

fn rollback(bed: &Bed<'_>, args: &[&str]) -> Output {
    let run = Secretsafe::new().args(["rollback", "db", "-n", &bed.namespace, "--yes"]).args(args);
    run.kubeconfig(bed.plane.admin_kubeconfig()).run()
}

fn password(bed: &Bed<'_>) -> String {
    String::from_utf8(bed.value("password").unwrap()).unwrap()
}

#[test]
fn versions_are_kept_listed_and_go_oldest_first() {
    let bed = Bed::new(ControlPlane::shared());
    for number in 1..=3 {
        rotate(&bed, &format!("value-{number}"), &["--history", "2"]);
    }
    assert_eq!(bed.names(), ["db", "db.secretsafe-v2", "db.secretsafe-v3"]);
    let version = bed.secret("db.secretsafe-v3");
    assert_eq!((&version["type"], &version["immutable"]), (&json!("secretsafe.dev/history"), &json!(true)));
    assert!(version["metadata"].get("labels").is_none() && version["metadata"].get("ownerReferences").is_none());
    assert_eq!(version["data"].as_object().unwrap().len(), 1, "what was replaced, nothing else");
    let list: Value =
        serde_json::from_str(bed.secret("db")["metadata"]["annotations"]["secretsafe.dev/history"].as_str().unwrap())
            .unwrap();
    let uids: Vec<&Value> = list["versions"].as_array().unwrap().iter().map(|version| &version["uid"]).collect();
    assert_eq!(uids, [&bed.secret("db.secretsafe-v2")["metadata"]["uid"], &version["metadata"]["uid"]]);
    let view = Secretsafe::new().args(["view", "db", "-n", &bed.namespace]).kubeconfig(bed.plane.admin_kubeconfig());
    assert!(view.run().success().out().contains("kept: v2-3"));
}

#[test]
fn a_rollback_goes_back_and_can_be_undone() {
    let bed = Bed::new(ControlPlane::shared());
    for number in 1..=3 {
        rotate(&bed, &format!("value-{number}"), &["--history", "3"]);
    }
    let output = rollback(&bed, &[]).success();
    assert!(output.out().starts_with("secret/db rolled back\n"), "{}", output.out());
    assert_eq!(password(&bed), "value-2");
    rollback(&bed, &["--to", "2"]).success();
    assert_eq!(password(&bed), "value-1", "as it was before version 2 was replaced");
    rollback(&bed, &["password"]).success();
    assert_eq!(password(&bed), "value-2", "what the last rollback replaced");
    let wrong = rollback(&bed, &["--to", "77"]).expect_code(2);
    assert!(wrong.err().contains("has no version 77") && wrong.err().contains("there are: "), "{}", wrong.err());
    assert!(rollback(&bed, &["other"]).expect_code(2).err().contains("no kept version"));
    // Without --history the versions stay as they are.
    let before = bed.names();
    rotate(&bed, "plain", &[]);
    assert_eq!(bed.names(), before);
}

#[test]
fn a_version_that_is_not_the_listed_one_is_refused() {
    let bed = Bed::new(ControlPlane::shared());
    rotate(&bed, "value-1", &["--history", "1"]);
    bed.plane.kubectl(&["delete", "secret", "db.secretsafe-v1", "-n", &bed.namespace]).success();
    let forged = json!({"metadata": {"name": "db.secretsafe-v1"}, "type": "secretsafe.dev/history", "immutable": true,
        "stringData": {"password": "forged"}});
    bed.plane.create(&bed.secrets(), &forged);
    let output = rollback(&bed, &[]).expect_code(4);
    assert!(output.err().contains("is another one than is listed"), "{}", output.err());
    assert_eq!(password(&bed), "value-1");
    // A rotation does not take it for its own either, and passes its name over.
    let output = rotate(&bed, "value-2", &["--history", "2"]);
    assert_eq!(password(&bed), "value-2");
    assert!(bed.names().contains(&"db.secretsafe-v2".to_owned()), "{}", output.err());
}

#[test]
fn without_a_version_there_is_no_way_back() {
    let bed = Bed::new(ControlPlane::shared());
    let output = rollback(&bed, &[]).expect_code(2);
    assert!(output.err().contains("has no kept version") && output.err().contains("--history 2"), "{}", output.err());
    assert_eq!(password(&bed), OLD);
}

#[test]
fn rights_that_are_missing_are_found_out_before_the_value_is_changed() {
    let plane = ControlPlane::shared();
    let bed = Bed::new(plane);
    let user = plane.service_account(&bed.namespace, "rotator");
    plane.grant(&user, &bed.namespace, &[("get,patch", "secrets")]);
    let run = || bed.run(&["password=stdin", "--history", "1"]).kubeconfig(&plane.kubeconfig_for(&user.token)).run();
    let output = run().expect_code(5);
    assert!(output.err().contains("the old value could not be kept"), "{}", output.err());
    assert_eq!(password(&bed), OLD);
    plane.grant(&user, &bed.namespace, &[("create", "secrets")]);
    run().success();
    // The oldest version cannot be deleted: the rotation stands, and somebody has work to do.
    let output = run().expect_code(6);
    assert!(output.out().starts_with("secret/db rotated"), "{}", output.out());
    assert!(
        output.err().contains("db.secretsafe-v1") && output.err().contains("kubectl delete secret"),
        "{}",
        output.err()
    );
}

#[test]
fn a_policy_keeps_one_version_unless_it_says_otherwise() {
    let plane = ControlPlane::shared();
    let bed = Bed::new(plane);
    let due = |args: &[&str]| crate::due::due(plane, args).args(["-n", &bed.namespace, "--yes"]);
    let policy = json!({"v": 1, "keys": {"k": {"every": "1d", "source": "generate"}}});
    crate::due::plant(plane, &bed.namespace, "aged", 48, &policy);
    due(&[]).run().success();
    assert_eq!(bed.names(), ["aged", "aged.secretsafe-v1", "db"]);
    assert_eq!(bed.secret("aged.secretsafe-v1")["data"]["k"], json!("bm90LWEtcmVhbC1wYXNzd29yZA=="));
    let again = || {
        let text = bed.secret("aged")["metadata"]["annotations"]["key.secretsafe.dev/k"].as_str().unwrap().to_owned();
        let mut record: Value = serde_json::from_str(&text).unwrap();
        record["at"] = json!("2026-01-02T03:04:05Z");
        let record = format!("key.secretsafe.dev/k={record}");
        // Under any other name it would not be believed.
        let manager = "--field-manager=kubectl-secretsafe";
        plane.kubectl(&["annotate", "secret", "aged", "-n", &bed.namespace, "--overwrite", &record, manager]).success();
    };
    // Once more: one is kept.
    again();
    due(&[]).run().success();
    assert_eq!(bed.names(), ["aged", "aged.secretsafe-v2", "db"]);
    // Cut off between the version and the patch: the next run passes the name over, which is said.
    again();
    let cut = due(&[]).env("SECRETSAFE_FAULT", "after-version").env("SECRETSAFE_FAULT_KILLS", "1").run();
    assert_eq!(cut.signal, Some(9), "{}", cut.err());
    let output = due(&[]).run().success();
    assert!(output.err().contains("`aged.secretsafe-v3` is in the place of a version"), "{}", output.err());
    assert_eq!(bed.names(), ["aged", "aged.secretsafe-v3", "aged.secretsafe-v4", "db"]);
    again();
    due(&["--history", "0"]).run().success();
    assert_eq!(bed.names(), ["aged", "aged.secretsafe-v3", "aged.secretsafe-v4", "db"]);
    // And by name, from the policy.
    let run =
        Secretsafe::new().args(["rotate", "aged", "-n", &bed.namespace, "--yes"]).kubeconfig(plane.admin_kubeconfig());
    run.run().success();
    assert_eq!(bed.names(), ["aged", "aged.secretsafe-v3", "aged.secretsafe-v5", "db"]);
}
