//! `--rollback-on-failure` with the real controllers: what does not come up gets its old value back, byte for byte.

use serde_json::json;

use crate::restart::{settled, workload};
use crate::support::controllers::Controllers;
use crate::support::http::Request;

use super::bed::{Bed, NEW, OLD};

fn cordon(bed: &Bed<'_>, node: &str, off: bool) {
    let body = json!({"spec": {"unschedulable": off}}).to_string();
    let request =
        Request::new("PATCH", &format!("/api/v1/nodes/{node}")).body("application/merge-patch+json", body.as_bytes());
    assert_eq!(bed.plane.request(bed.plane.admin_token(), request).code, 200);
}

#[test]
fn a_deployment_that_cannot_become_ready_gets_the_old_value_back() {
    let controllers = Controllers::shared();
    let bed = Bed::new(&controllers.plane);
    let node = format!("only-{}", bed.namespace);
    controllers.node(&node);
    let more = json!({"node": node, "progressDeadlineSeconds": 2});
    workload(bed.plane, &bed.namespace, "Deployment", "stuck", "env", more);
    workload(bed.plane, &bed.namespace, "Deployment", "fine", "env", json!({}));
    settled(bed.plane, &bed.namespace, "Deployment", "stuck");
    settled(bed.plane, &bed.namespace, "Deployment", "fine");
    cordon(&bed, &node, true);
    let args = ["password=stdin", "--restart=auto", "--rollback-on-failure", "--timeout=60s"];
    let output = bed.hooked(&args).run();
    // The old value is back, and the node still takes no Pods: that is said as well.
    let error = output.err();
    assert_eq!(output.code, Some(6), "{error}");
    assert!(
        error.contains("did not become ready") && error.contains("deployment/stuck: its controller has given up"),
        "{error}"
    );
    assert!(error.contains(": Unschedulable") && error.contains("the old values are in place again"), "{error}");
    assert!(error.contains("with the old values as well, deployment/stuck"), "{error}");
    bed.agree_on(OLD, "rolled back");
    assert_eq!(bed.steps(), ["set", "undo"]);
    cordon(&bed, &node, false);
    settled(bed.plane, &bed.namespace, "Deployment", "stuck");
    bed.hooked(&args).run().success();
    bed.agree_on(NEW, "a node that takes Pods again");
}

#[test]
fn only_the_new_value_is_at_fault() {
    let controllers = Controllers::shared();
    let bed = Bed::new(&controllers.plane);
    workload(bed.plane, &bed.namespace, "Deployment", "web", "env", json!({"progressDeadlineSeconds": 2}));
    settled(bed.plane, &bed.namespace, "Deployment", "web");
    // The hook stands for a world in which Pods do not come up with the new value: no node takes one while it is set.
    let node = "node-0".to_owned();
    let patch = |off: bool| {
        format!(
            "'{}' --kubeconfig '{}' patch deployment web -n {} --type=merge -p '{{\"spec\":{{\"template\":{{\"spec\":{{\"nodeSelector\":{{\"node\":\"{}\"}}}}}}}}}}'",
            crate::support::binaries::path("kubectl").display(),
            bed.plane.admin_kubeconfig().display(),
            bed.namespace,
            if off { "nowhere" } else { node.as_str() },
        )
    };
    bed.hook(&format!("{}\nif [ $step = set ]; then {}; else {}; fi\n", super::bed::TAKES, patch(true), patch(false)));
    let args = ["password=stdin", "--restart=auto", "--rollback-on-failure", "--timeout=60s"];
    let output = bed.hooked(&args).run().expect_code(5);
    assert!(output.err().contains("the old values are in place again"), "{}", output.err());
    bed.agree_on(OLD, "rolled back");
    let rollout = bed.plane.kubectl(&["rollout", "status", "deployment/web", "-n", &bed.namespace, "--timeout=60s"]);
    rollout.success();
}

#[test]
fn it_needs_workloads_that_are_waited_for() {
    let bed = Bed::new(&Controllers::shared().plane);
    for args in [&["--rollback-on-failure"][..], &["--rollback-on-failure", "--restart=auto", "--wait=false"]] {
        let output = bed.run(&["password=stdin"]).args(args).run().expect_code(2);
        assert!(output.err().contains("--rollback-on-failure waits"), "{}", output.err());
    }
    bed.run(&["password=stdin", "--rollback-on-failure"]).args(["--restart=auto"]).run().success();
    assert_eq!(bed.value("password").unwrap(), NEW.as_bytes());
    bed.nothing_is_left("no consumers");
}

#[test]
fn a_wait_that_was_cut_off_is_gone_on_with_and_nobody_restarts_twice() {
    let bed = Bed::new(&Controllers::shared().plane);
    workload(bed.plane, &bed.namespace, "Deployment", "web", "env", json!({}));
    settled(bed.plane, &bed.namespace, "Deployment", "web");
    let mark = || {
        let path = format!("/apis/apps/v1/namespaces/{}/deployments/web", bed.namespace);
        let web = bed.plane.get(&path).json();
        web["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"].clone()
    };
    let cut = |point: &str| {
        let run = bed.hooked(&["password=stdin", "--restart=auto"]);
        run.env("SECRETSAFE_FAULT", point).env("SECRETSAFE_FAULT_KILLS", "1").run();
    };
    cut("after-restart");
    let before = mark();
    assert!(before.is_string());
    let output = bed.hooked(&["--resume"]).run().success();
    assert!(output.out().contains("deployment/web restarted and ready"), "{}", output.out());
    assert_eq!(mark(), before);
    bed.agree_on(NEW, "after a restart");
    // Cut off before it: the way of restarting is in the note.
    cut("after-patch");
    assert_eq!(mark(), before);
    bed.hooked(&["--resume"]).run().success();
    assert_ne!(mark(), before);
    bed.agree_on(NEW, "before a restart");
}
