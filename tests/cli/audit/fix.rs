//! `--fix last-applied`: the annotation goes, nothing else; who is asked, and what a conflict, a lost answer or a refusal
//! leaves.

use serde_json::Value;

use crate::support::controlplane::ControlPlane;
use crate::support::fault::{Fault, Rule};
use crate::support::proxy::Proxy;

use super::cases::apply;
use super::{audit, found, report};

const ANNOTATION: &str = "kubectl.kubernetes.io/last-applied-configuration";

fn secret(plane: &ControlPlane, namespace: &str) -> Value {
    plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/db")).json()
}

fn is_there(plane: &ControlPlane, namespace: &str) -> bool {
    secret(plane, namespace)["metadata"]["annotations"].get(ANNOTATION).is_some()
}

fn conflict() -> Fault {
    Fault::Status { code: 409, reason: "Conflict", quote: String::new(), retry_after: None }
}

fn planted(plane: &ControlPlane) -> String {
    let namespace = plane.namespace();
    apply(plane, &namespace, &[]);
    plane.kubectl(&["annotate", "secret", "db", "-n", &namespace, "other=stays"]).success();
    namespace
}

#[test]
fn the_annotation_goes_and_nothing_else() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let fix = ["--fix", "last-applied", "-n", &namespace];
    let before = secret(plane, &namespace);
    let refused = audit(plane, &fix).run().expect_code(3);
    assert!(refused.err().contains("add --yes"), "{}", refused.err());
    for dry_run in ["--dry-run", "--dry-run=server"] {
        let dry = audit(plane, &[&fix[..], &[dry_run, "--yes"]].concat()).run().success();
        assert!(dry.out().contains("would be stripped (dry run)"), "{}", dry.out());
    }
    assert_eq!(secret(plane, &namespace), before, "nothing was changed");
    let done = audit(plane, &[&fix[..], &["--yes"]].concat()).run().success();
    assert_eq!(done.out(), format!("secret/db annotation stripped in namespace {namespace}\n"));
    assert!(done.err().contains("--server-side") && done.err().contains("rotate"), "{}", done.err());
    let after = secret(plane, &namespace);
    assert_eq!((&after["data"], &after["metadata"]["annotations"]["other"]), (&before["data"], &"stays".into()));
    assert!(!is_there(plane, &namespace));
    let quiet = report(&audit(plane, &["-n", &namespace, "-o", "json"]).run().success());
    assert!(found(&quiet, "last-applied").is_empty(), "{quiet:#}");
    let again = audit(plane, &[&fix[..], &["--yes"]].concat()).run().success();
    assert!(again.out().is_empty() && again.err().contains("Nothing to mend."), "{}", again.err());
    // The patch and its answer carry no value.
    for event in plane.secret_events(&namespace).iter().filter(|event| event["verb"] == "patch") {
        if event["userAgent"].as_str().unwrap().starts_with("kubectl-secretsafe/") {
            assert!(event["requestObject"].get("data").is_none() && event["responseObject"].get("data").is_none());
        }
    }
}

#[test]
fn what_goes_wrong_is_told_and_nothing_is_lost() {
    let plane = ControlPlane::shared();
    let fix = ["--fix", "last-applied", "--yes", "-n"];
    // Somebody writes in between: it is done all the same, and what they wrote stays.
    let namespace = planted(plane);
    let proxy = Proxy::start(plane, vec![Rule::first(2, conflict()).method("PATCH")]);
    let through = proxy.kubeconfig(plane.admin_token());
    audit(plane, &[&fix[..], &[&namespace]].concat()).kubeconfig(&through).run().success();
    assert!(!is_there(plane, &namespace));
    // The answer is lost: it is looked at, and it is gone.
    let namespace = planted(plane);
    let proxy = Proxy::start(plane, vec![Rule::first(1, Fault::CutAfter).method("PATCH")]);
    let through = proxy.kubeconfig(plane.admin_token());
    audit(plane, &[&fix[..], &[&namespace]].concat()).kubeconfig(&through).run().success();
    assert!(!is_there(plane, &namespace));
    // Who may only list is told which right is missing.
    let namespace = planted(plane);
    let user = plane.user();
    plane.grant(&user, &namespace, &[("list", "secrets")]);
    let kubeconfig = plane.kubeconfig_for(&user.token);
    let refused = audit(plane, &[&fix[..], &[&namespace]].concat()).kubeconfig(&kubeconfig).run().expect_code(5);
    assert!(refused.err().contains("cannot patch") && refused.out().contains("failed"), "{}", refused.err());
    assert!(is_there(plane, &namespace));
}
