//! Companions that are not listed on the target: made by somebody else, or left when the target was made anew. They are
//! neither used nor deleted, and no hook runs (requirement S16).

use serde_json::json;

use crate::support::controlplane::ControlPlane;

use super::bed::{Bed, NEW, OLD};

fn forged() -> serde_json::Value {
    json!({"metadata": {"name": "db.secretsafe-pending"}, "type": "secretsafe.dev/pending", "immutable": true,
        "stringData": {"password.old": "forged-old", "password.new": "forged-new"}})
}

#[test]
fn a_forged_pending_secret_is_neither_used_nor_deleted() {
    let bed = Bed::new(ControlPlane::shared());
    bed.plane.create(&bed.secrets(), &forged());
    for way in ["--resume", "--abort"] {
        let output = bed.hooked(&[way]).run().expect_code(3);
        assert!(output.err().contains("is not listed on `db`"), "{}", output.err());
    }
    let output = bed.hooked(&["password=stdin"]).run().expect_code(3);
    assert!(output.err().contains("exists already"), "{}", output.err());
    assert!(bed.steps().is_empty(), "no hook ran");
    assert_eq!(bed.names(), ["db", "db.secretsafe-pending"]);
    assert_eq!(bed.value("password").unwrap(), OLD.as_bytes());
    // A rotation that needs none is not stopped by it.
    bed.run(&["password=stdin"]).run().success();
    assert_eq!(bed.value("password").unwrap(), NEW.as_bytes());
}

#[test]
fn one_that_took_the_place_of_the_listed_one_is_not_used() {
    let bed = Bed::new(ControlPlane::shared());
    let run = bed.hooked(&["password=stdin"]);
    run.env("SECRETSAFE_FAULT", "after-hook").env("SECRETSAFE_FAULT_KILLS", "1").run();
    bed.plane.kubectl(&["delete", "secret", "db.secretsafe-pending", "-n", &bed.namespace]).success();
    bed.plane.create(&bed.secrets(), &forged());
    let before = bed.steps();
    let output = bed.hooked(&["--resume"]).run().expect_code(5);
    assert!(output.err().contains("is another one than is listed"), "{}", output.err());
    assert_eq!(bed.value("password").unwrap(), OLD.as_bytes());
    // Giving up changes nothing but the note; what is not ours stays.
    bed.hooked(&["--abort"]).run().success();
    assert_eq!(bed.steps(), before, "no hook ran");
    assert_eq!(bed.names(), ["db", "db.secretsafe-pending"]);
    assert_eq!(bed.value("password").unwrap(), OLD.as_bytes());
}

#[test]
fn a_target_that_was_made_anew_half_way_leaves_the_values_safe() {
    let plane = ControlPlane::shared();
    let bed = Bed::new(plane);
    let kubectl = |args: &str| {
        format!(
            "'{}' --kubeconfig '{}' -n {} {args}\n",
            crate::support::binaries::path("kubectl").display(),
            plane.admin_kubeconfig().display(),
            bed.namespace
        )
    };
    let anew = kubectl("delete secret db") + &kubectl("create secret generic db --from-literal=password=third");
    bed.hook(&format!("{}if [ $step = set ]; then {anew}fi\n", super::bed::TAKES));
    let output = bed.hooked(&["password=stdin"]).run().expect_code(6);
    assert!(output.err().contains("deleted and made anew") || output.err().contains("made anew"), "{}", output.err());
    assert_eq!(bed.value("password").unwrap(), b"third", "the new object is not touched");
    assert_eq!(bed.names(), ["db", "db.secretsafe-pending"], "both values are there still");
    let before = bed.steps();
    for way in ["--resume", "--abort"] {
        let output = bed.hooked(&[way]).run().expect_code(3);
        assert!(output.err().contains("is not listed on `db`"), "{}", output.err());
    }
    assert_eq!(bed.steps(), before, "no hook ran");
    // A person can take a value from it without seeing it.
    let source = format!("password=secret:{}/db.secretsafe-pending/password.new", bed.namespace);
    bed.run(&[&source]).run().success();
    assert_eq!(bed.value("password").unwrap(), NEW.as_bytes());
}

#[test]
fn a_key_with_a_third_value_is_left_to_a_person() {
    let bed = Bed::new(ControlPlane::shared());
    let cut = |point: &str| {
        let run = bed.hooked(&["password=stdin"]);
        run.env("SECRETSAFE_FAULT", point).env("SECRETSAFE_FAULT_KILLS", "1").run();
        let patch = r#"{"stringData":{"password":"third"}}"#;
        bed.plane.kubectl(&["patch", "secret", "db", "-n", &bed.namespace, "-p", patch]).success();
    };
    cut("after-hook");
    let output = bed.hooked(&["--resume"]).run().expect_code(5);
    assert!(output.err().contains("was changed while it was rotated"), "{}", output.err());
    assert_eq!(bed.value("password").unwrap(), b"third");
    // As the hint says: when all is right, the pending Secret is deleted, and the note given up.
    bed.plane.kubectl(&["delete", "secret", "db.secretsafe-pending", "-n", &bed.namespace]).success();
    bed.hooked(&["--abort"]).run().success();
    bed.nothing_is_left("given up");
    cut("after-patch");
    let output = bed.hooked(&["--abort"]).run().expect_code(6);
    assert!(output.err().contains("was changed while it was rotated"), "{}", output.err());
    assert_eq!(bed.value("password").unwrap(), b"third");
}

/// Who may patch the target can list a Secret of their own: it must at least be one that a rotation has made.
#[test]
fn a_listed_secret_that_no_rotation_made_is_not_used() {
    let bed = Bed::new(ControlPlane::shared());
    let made = bed.plane.create(&bed.secrets(), &forged());
    let note = json!({"v": 1, "uid": made["metadata"]["uid"], "op": "o", "at": "2026-01-02T03:04:05Z",
        "keys": ["password"], "hook": true});
    let note = format!("secretsafe.dev/pending={note}");
    bed.plane.kubectl(&["annotate", "secret", "db", "-n", &bed.namespace, &note]).success();
    for (way, code) in [("--resume", 3), ("--abort", 6)] {
        let output = bed.hooked(&[way]).run().expect_code(code);
        assert!(output.err().contains("does not hold what its note says"), "{}", output.err());
    }
    assert!(bed.steps().is_empty(), "no hook ran");
    assert_eq!(bed.value("password").unwrap(), OLD.as_bytes());
}

#[test]
fn a_dry_run_of_the_way_out_is_refused_and_changes_nothing() {
    let bed = Bed::new(ControlPlane::shared());
    let run = bed.hooked(&["password=stdin"]);
    run.env("SECRETSAFE_FAULT", "after-patch").env("SECRETSAFE_FAULT_KILLS", "1").run();
    for way in ["--resume", "--abort"] {
        bed.hooked(&[way, "--dry-run"]).run().expect_code(2);
    }
    assert_eq!(bed.names(), ["db", "db.secretsafe-pending"]);
    assert_eq!((bed.value("password").unwrap(), bed.steps()), (NEW.as_bytes().to_vec(), vec!["set".to_owned()]));
}
