//! Two slots: the old value stays beside the new one until it is not needed any more.

use serde_json::{Value, json};

use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;

use super::bed::{Bed, NEW, OLD};

#[test]
fn the_old_value_stays_until_finish() {
    let bed = Bed::new(ControlPlane::shared());
    bed.run(&["password=stdin", "--keep-previous"]).run().success();
    assert_eq!(bed.value("password").unwrap(), NEW.as_bytes());
    assert_eq!(bed.value("password.previous").unwrap(), OLD.as_bytes());
    let second = bed.run(&["password=stdin", "--keep-previous"]).run().expect_code(3);
    assert!(
        second.err().contains("`password.previous` already") && second.err().contains("--finish"),
        "{}",
        second.err()
    );
    let show = |args: &[&str]| {
        let run = Secretsafe::new().args(args).args(["-n", &bed.namespace]).kubeconfig(bed.plane.admin_kubeconfig());
        run.run().success().out()
    };
    assert!(show(&["view", "db"]).contains("old value of password"), "{}", show(&["view", "db"]));
    assert!(show(&["list"]).contains("previous:"), "{}", show(&["list"]));
    let list: Value = serde_json::from_str(&show(&["list", "-o", "json"])).unwrap();
    let db = list["items"].as_array().unwrap().iter().find(|item| item["metadata"]["name"] == "db").unwrap();
    assert_eq!(db["openSlots"][0]["key"], "password");
    bed.run(&["password", "--finish"]).run().success();
    assert!(bed.value("password.previous").is_none());
    assert_eq!(bed.value("password").unwrap(), NEW.as_bytes());
    let none = bed.run(&["password", "--finish"]).run().expect_code(2);
    assert!(none.err().contains("has no key `password.previous`"), "{}", none.err());
}

#[test]
fn a_second_slot_counts_toward_the_limits() {
    let bed = Bed::new(ControlPlane::shared());
    let large = "x".repeat(600 * 1024);
    bed.run(&["password=stdin"]).stdin(large.clone()).run().success();
    let output = bed.run(&["password=stdin", "--keep-previous"]).stdin(large).run().expect_code(4);
    assert!(
        output.err().contains("with those that stay, of secret `db` do not fit into the Secret together"),
        "{}",
        output.err()
    );
    let long = "k".repeat(250);
    let object = json!({"metadata": {"name": "long"}, "stringData": {(long.clone()): "v"}});
    bed.plane.create(&bed.secrets(), &object);
    let output = Secretsafe::new()
        .args(["rotate", "long", &format!("{long}=stdin"), "--keep-previous", "--yes", "-n", &bed.namespace])
        .stdin(NEW)
        .kubeconfig(bed.plane.admin_kubeconfig())
        .run()
        .expect_code(2);
    assert!(output.err().contains("leaves no room"), "{}", output.err());
}

#[test]
fn a_rotation_with_a_hook_opens_and_closes_it_as_well() {
    let bed = Bed::new(ControlPlane::shared());
    bed.hooked(&["password=stdin", "--keep-previous"]).run().success();
    assert_eq!(bed.value("password.previous").unwrap(), OLD.as_bytes());
    bed.agree_on(NEW, "two slots");
    // And an abort takes the slot away that it made.
    let bed = Bed::new(ControlPlane::shared());
    let run = bed.hooked(&["password=stdin", "--keep-previous"]);
    run.env("SECRETSAFE_FAULT", "after-patch").env("SECRETSAFE_FAULT_KILLS", "1").run();
    assert!(bed.value("password.previous").is_some());
    bed.hooked(&["--abort"]).run().success();
    assert!(bed.value("password.previous").is_none());
    bed.agree_on(OLD, "an abort with two slots");
}

#[test]
fn environments_that_take_all_keys_get_it_as_a_variable_which_is_said() {
    let bed = Bed::new(ControlPlane::shared());
    crate::restart::workload(bed.plane, &bed.namespace, "Deployment", "web", "env", json!({}));
    let output = bed.run(&["password=stdin", "--keep-previous"]).run().success();
    assert!(output.err().contains("deployment/web takes all keys as variables"), "{}", output.err());
}
