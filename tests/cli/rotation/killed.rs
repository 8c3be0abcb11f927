//! The process is killed before, inside and after each step. What it leaves is said, nothing else may be begun, and both
//! ways out lead to an end at which the Secret and the outside system agree.

use crate::support::controlplane::ControlPlane;

use super::bed::{Bed, NEW, OLD};

/// Where it is killed, and whether anything of the rotation is left behind then.
const POINTS: &[(&str, bool)] = &[
    ("before-pending", false),
    ("after-pending", true),
    ("after-note", true),
    ("kill-before", true),
    ("kill-after", true),
    ("between-hooks", true),
    ("after-hook", true),
    ("after-version", true),
    ("before-patch", true),
    ("after-patch", true),
    ("after-restart", true),
    ("before-delete", true),
    ("after-delete", true),
];

fn killed(bed: &Bed<'_>, point: &str) {
    let mut run = bed.hooked(&["password=stdin", "--history", "1"]);
    if point.starts_with("kill-") {
        bed.write(point, "");
    } else {
        run = run.env("SECRETSAFE_FAULT", point).env("SECRETSAFE_FAULT_KILLS", "1");
    }
    let output = run.run();
    assert_eq!((output.code, output.signal), (None, Some(9)), "{point}: {}", output.err());
}

/// What is left is said by the next command, which begins nothing.
fn refused(bed: &Bed<'_>, point: &str) {
    for again in [bed.run(&["password=stdin"]), bed.hooked(&["password=stdin"])] {
        let output = again.run();
        if point == "after-pending" && output.code == Some(0) {
            // Nothing was listed: a plain rotation of the old value is no second one.
            continue;
        }
        assert_eq!(output.code, Some(3), "{point}: {}", output.err());
        assert!(output.err().contains("--abort"), "{point}: {}", output.err());
    }
}

#[test]
fn after_resume_both_systems_have_the_new_value() {
    for (point, left) in POINTS {
        let bed = Bed::new(ControlPlane::shared());
        killed(&bed, point);
        if *point == "after-pending" {
            // Nothing had happened, so there is nothing to go on with.
            let output = bed.hooked(&["--resume"]).run().expect_code(3);
            assert!(output.err().contains("had not begun"), "{}", output.err());
            bed.hooked(&["--abort"]).run().success();
            bed.agree_on(OLD, point);
            continue;
        }
        if *left {
            refused(&bed, point);
        }
        bed.hooked(&["--resume"]).run().success();
        let is_rotated = *left;
        if is_rotated {
            // The version that was asked for is there, and listed.
            let mut names = bed.names();
            names.retain(|name| name != "db");
            assert!(
                !names.is_empty() && names.iter().all(|name| name.starts_with("db.secretsafe-v")),
                "{point}: {names:?}"
            );
            for name in names {
                bed.plane.kubectl(&["delete", "secret", &name, "-n", &bed.namespace]).success();
            }
        }
        bed.agree_on(if is_rotated { NEW } else { OLD }, point);
        // And once more is no harm.
        bed.run(&["--resume"]).run().success();
        bed.run(&["--abort"]).run().success();
    }
}

#[test]
fn after_abort_both_systems_have_the_old_value() {
    for (point, _) in POINTS {
        let bed = Bed::new(ControlPlane::shared());
        killed(&bed, point);
        let output = bed.hooked(&["--abort"]).run().success();
        if *point == "after-delete" {
            // The new value was stored and all was done: there is no old value any more, only the note.
            assert_eq!(bed.value("password").unwrap(), NEW.as_bytes(), "{}", output.err());
            assert!(bed.secret("db")["metadata"]["annotations"].get("secretsafe.dev/pending").is_none());
            continue;
        }
        // A version that was made and not yet listed is left by a kill, and said later.
        for name in bed.names().into_iter().filter(|name| name.contains(".secretsafe-v")) {
            assert!(["after-version", "before-patch"].contains(point), "{point}: {name}");
            bed.plane.kubectl(&["delete", "secret", &name, "-n", &bed.namespace]).success();
        }
        bed.agree_on(OLD, point);
    }
}

#[test]
fn an_abort_that_is_killed_is_finished_by_the_next() {
    for point in [
        "after-undo-mark",
        "between-hooks",
        "after-undo-hook",
        "before-patch",
        "after-restore",
        "before-delete",
        "after-delete",
    ] {
        let bed = Bed::new(ControlPlane::shared());
        killed(&bed, "after-patch");
        let cut = bed.hooked(&["--abort"]).env("SECRETSAFE_FAULT", point).env("SECRETSAFE_FAULT_KILLS", "1").run();
        assert_eq!(cut.signal, Some(9), "{point}: {}", cut.err());
        // It goes one way now.
        let output = bed.hooked(&["--resume"]).run();
        assert_eq!(output.code, Some(3), "{point}: {}", output.err());
        assert!(output.err().contains("it is being put back"), "{point}: {}", output.err());
        bed.hooked(&["--abort"]).run().success();
        bed.agree_on(OLD, point);
    }
}

#[test]
fn view_and_list_show_what_is_left() {
    let bed = Bed::new(ControlPlane::shared());
    killed(&bed, "after-hook");
    let show = |args: &[&str]| {
        let run = crate::support::command::Secretsafe::new().args(args).args(["-n", &bed.namespace]);
        run.kubeconfig(bed.plane.admin_kubeconfig()).run().success().out()
    };
    let view = show(&["view", "db"]);
    assert!(view.contains("rotation not finished, begun") && view.contains("password, with a hook"), "{view}");
    let list = show(&["list"]);
    assert!(list.contains("rotating"), "{list}");
    assert!(!list.contains("secretsafe-pending"), "companions are machinery: {list}");
    let json: serde_json::Value = serde_json::from_str(&show(&["view", "db", "-o", "json"])).unwrap();
    assert_eq!(json["pendingRotation"]["keys"], serde_json::json!(["password"]));
    assert_eq!(json["pendingRotation"]["hook"], true);
    // Other commands that change it refuse as well.
    let set = crate::support::command::Secretsafe::new()
        .args(["set", "db", "other=stdin", "--yes", "-n", &bed.namespace])
        .stdin("x")
        .kubeconfig(bed.plane.admin_kubeconfig())
        .run()
        .expect_code(3);
    assert!(set.err().contains("--resume --hook …"), "{}", set.err());
}
