//! What `schedule` does not do: without an answer, over objects of others, half.

use serde_json::{Value, json};

use super::{NAME, plant, schedule};
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::fault::{Fault, Rule};
use crate::support::kubeconfig::CONTEXT;
use crate::support::proxy::Proxy;
use crate::support::terminal::Terminal;

fn made(plane: &ControlPlane, namespace: &str) -> Vec<String> {
    let kinds = "serviceaccounts,roles,rolebindings,configmaps,cronjobs";
    let args = ["get", kinds, "-n", namespace, "-o", "name", "-l", "app.kubernetes.io/managed-by=kubectl-secretsafe"];
    plane.kubectl(&args).success().out().lines().map(str::to_owned).collect()
}

#[test]
fn the_plan_lists_objects_and_rights_and_no_is_no() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    plant(plane, &namespace, "db", json!({"restart": "auto", "history": 1}));
    let run = schedule(plane, &namespace, &[]);
    let mut session = Terminal::new().size(50, 160).run(&run.command()).start();
    session.expect(&format!("rotate what is due in namespace {namespace}, context {CONTEXT}, at 0 3 * * *:"));
    session.expect(&format!("create serviceaccount/{NAME} in namespace {namespace}"));
    session.expect(&format!("create cronjob.batch/{NAME} in namespace {namespace}"));
    session.expect("patch secrets named db");
    session.expect("list, get, patch deployments, statefulsets, daemonsets");
    session.expect("Go on?");
    session.send("n");
    session.wait();
    assert_eq!(made(plane, &namespace), Vec::<String>::new());
}

#[test]
fn for_all_namespaces_the_context_has_to_be_typed() {
    let plane = ControlPlane::shared();
    let run = Secretsafe::new()
        .args(["schedule", "--cron", "@daily", "--image", &super::image(), "-A", "--job-namespace", &plane.namespace()])
        .kubeconfig(plane.admin_kubeconfig());
    let mut session = Terminal::new().size(50, 160).run(&run.command()).start();
    session.expect("this token can read every Secret and change every workload");
    session.expect("Type the name of the context to go on");
    session.send("yes\r");
    session.wait();
    let roles = plane.kubectl(&["get", "clusterroles", "-o", "name"]).success().out();
    assert!(!roles.contains(NAME), "{roles}");
}

#[test]
fn objects_of_others_are_not_taken_over() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    plane.kubectl(&["create", "serviceaccount", NAME, "-n", &namespace]).success();
    let refused = schedule(plane, &namespace, &["--yes"]).run().expect_code(3);
    assert!(
        refused.err().contains("not made by this program") && refused.err().contains("nothing was changed"),
        "{}",
        refused.err()
    );
    assert_eq!(made(plane, &namespace), Vec::<String>::new());
    // Nor deleted.
    let remove = Secretsafe::new().args(["schedule", "remove", "-n", &namespace, "--yes"]);
    let remove = remove.kubeconfig(plane.admin_kubeconfig()).run().success();
    assert!(remove.err().contains("was not made by this program, and stays"), "{}", remove.err());
    plane.kubectl(&["get", "serviceaccount", NAME, "-n", &namespace]).success();
}

#[test]
fn a_namespace_that_is_not_there_is_said() {
    let plane = ControlPlane::shared();
    let missing = schedule(plane, "nothing-of-that-name", &["--yes"]).run().expect_code(5);
    assert!(missing.err().contains("there is no namespace `nothing-of-that-name`"), "{}", missing.err());
}

#[test]
fn an_object_that_fails_half_way_is_said_and_a_second_run_does_the_rest() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    plant(plane, &namespace, "db", json!({}));
    // The server checks it, and fails when it is to be stored.
    let fault =
        Fault::Status { code: 500, reason: "InternalError", quote: "not-a-real-quote".into(), retry_after: None };
    let proxy = Proxy::start(plane, vec![Rule::nth(1, fault).path("/cronjobs/").method("PATCH")]);
    let half = schedule(plane, &namespace, &["--yes"]).kubeconfig(&proxy.kubeconfig(plane.admin_token())).run();
    let half = half.expect_code(6);
    for says in ["made in part only", &format!("done so far: serviceaccount/{NAME}"), "run the same command again"] {
        assert!(half.err().contains(says), "{says}: {}", half.err());
    }
    assert!(!half.err().contains("not-a-real-quote"));
    assert_eq!(made(plane, &namespace).len(), 3, "account, role, binding");
    let again = schedule(plane, &namespace, &["--yes"]).run().success();
    assert!(again.out().contains(&format!("serviceaccount/{NAME} configured")), "{}", again.out());
    assert!(again.out().contains(&format!("cronjob.batch/{NAME} created")), "{}", again.out());
}

#[test]
fn a_policy_that_cannot_be_read_is_counted_and_its_text_is_not_shown() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let hostile = json!({"metadata": {"name": "db", "labels": {"secretsafe.dev/policy": "true"},
        "annotations": {"secretsafe.dev/policy": "not-a-real-password"}}});
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &hostile);
    let output = schedule(plane, &namespace, &["--dry-run=client", "-o", "json"]).run().success();
    assert!(output.err().contains("1 of 1 policies cannot be read"), "{}", output.err());
    assert!(!format!("{}{}", output.out(), output.err()).contains("not-a-real"));
    let list: Value = serde_json::from_str(&output.out()).unwrap();
    assert_eq!(list["kind"], "List");
}
