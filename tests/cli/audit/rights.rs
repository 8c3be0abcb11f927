//! What an auditor needs, and what is said where a right is missing.

use serde_json::json;

use crate::support::controlplane::ControlPlane;

use super::cases::{STRONG, opaque};
use super::{audit, report};

/// Everything that docs/audit.md lists, in a namespace.
const HERE: &[(&str, &str)] = &[
    ("list", "secrets"),
    ("list", "pods"),
    ("list", "serviceaccounts"),
    ("list", "replicationcontrollers"),
    ("list", "deployments"),
    ("list", "statefulsets"),
    ("list", "daemonsets"),
    ("list", "replicasets"),
    ("list", "jobs"),
    ("list", "cronjobs"),
    ("list", "ingresses"),
];

#[test]
fn what_may_not_be_seen_is_named_and_strict_minds_it() {
    let plane = ControlPlane::shared();
    let (one, other) = (plane.namespace(), plane.namespace());
    opaque(plane, &one, "db", json!({"password": STRONG}));
    opaque(plane, &other, "db", json!({"password": STRONG}));
    let user = plane.user();
    let kubeconfig = plane.kubeconfig_for(&user.token);
    let run = |args: &[&str]| audit(plane, args).kubeconfig(&kubeconfig).run();
    // Nothing at all.
    let refused = run(&["-n", &one]).expect_code(5);
    assert!(refused.err().contains("cannot list secrets"), "{}", refused.err());
    // Secrets of one namespace only: the rest is shown, and what is missing is named.
    plane.grant(&user, &one, &[("list", "secrets")]);
    plane.grant_everywhere(&user, &[("list", "namespaces")]);
    let output = run(&["-A", "-o", "json"]).success();
    let seen = report(&output);
    assert_eq!(seen["secrets"], 1, "{seen:#}");
    let left_out: Vec<&str> = seen["leftOut"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert!(left_out.contains(&other.as_str()) && !left_out.contains(&one.as_str()), "{left_out:?}");
    let not_listed = seen["notListed"].to_string();
    assert!(not_listed.contains("deployments") && not_listed.contains("clusterrolebindings"), "{not_listed}");
    let err = output.err();
    assert!(err.contains("left out") && err.contains("encryption: not known"), "{err}");
    let unused = seen["rules"].as_array().unwrap().iter().find(|rule| rule["id"] == "unused").unwrap();
    assert_eq!((&unused["findings"], &unused["undecided"]), (&0.into(), &1.into()), "{unused}");
    let strict = run(&["-A", "--strict"]).expect_code(5);
    assert!(strict.err().contains("--strict does not allow"), "{}", strict.err());
    // With the rights of a namespace, what is of the namespace is complete.
    plane.grant(&user, &one, HERE);
    plane.grant_everywhere(&user, &[("list", "persistentvolumes"), ("list", "storageclasses")]);
    run(&["-n", &one, "--strict", "--skip", "encryption,audit-log,broad-read,default-account,many-readers"]).success();
}
