//! Secrets that somebody else looks after: refused, warned of, or passed, with the right hint.

use serde_json::{Value, json};

use crate::change::{run, text};
use crate::support::controlplane::ControlPlane;

fn controller(kind: &str, group: &str) -> Value {
    json!({"metadata": {"ownerReferences": [{"apiVersion": group, "kind": kind, "name": "owner", "uid": "0198a5c2-1111-7222-8333-444455556666", "controller": true}]}})
}

fn marked(labels: Value, annotations: Value) -> Value {
    json!({"metadata": {"labels": labels, "annotations": annotations}})
}

#[test]
fn each_owner_is_known() {
    let plane = ControlPlane::shared();
    let none = || json!({});
    let fixtures = [
        ("External Secrets", controller("ExternalSecret", "external-secrets.io/v1"), 3, "secret manager"),
        (
            "External Secrets",
            marked(json!({"reconcile.external-secrets.io/managed": "true"}), none()),
            3,
            "secret manager",
        ),
        ("Sealed Secrets", controller("SealedSecret", "bitnami.com/v1alpha1"), 3, "seal the new value"),
        ("cert-manager", marked(none(), json!({"cert-manager.io/certificate-name": "web"})), 3, "renew"),
        ("the Vault operator", controller("VaultStaticSecret", "secrets.hashicorp.com/v1beta1"), 3, "in Vault"),
        ("Flux", marked(json!({"kustomize.toolkit.fluxcd.io/name": "apps"}), none()), 3, "repository"),
        ("Argo CD", marked(none(), json!({"argocd.argoproj.io/tracking-id": "app:/Secret:ns/db"})), 3, "repository"),
        (
            "the controller Something `owner`",
            controller("Something", "example.com/v1"),
            3,
            "change the object that owns",
        ),
        (
            "Helm",
            marked(json!({"app.kubernetes.io/managed-by": "Helm"}), json!({"meta.helm.sh/release-name": "db"})),
            0,
            "helm upgrade",
        ),
        (
            "kubectl apply",
            marked(none(), json!({"kubectl.kubernetes.io/last-applied-configuration": "{}"})),
            0,
            "kubectl apply",
        ),
        ("", marked(json!({"app": "db"}), json!({"note": "mine"})), 0, ""),
    ];
    for (who, mut secret, code, hint) in fixtures {
        let namespace = plane.namespace();
        secret["metadata"]["name"] = "db".into();
        secret["stringData"] = json!({"a": "old-a"});
        plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &secret);
        for args in [
            &["rotate", "db", "a=stdin", "--yes"][..],
            &["set", "db", "b=stdin", "--yes"],
            &["create", "generic", "db", "c=stdin", "--apply"],
        ] {
            let output = run(&namespace, args, "new-a");
            assert_eq!(output.code, Some(code), "{who} {args:?}: {}", output.err());
            assert!(output.err().contains(who) && output.err().contains(hint), "{who}: {}", output.err());
            assert_eq!(
                who.is_empty(),
                output.err().is_empty(),
                "silence when there is nothing to say: {}",
                output.err()
            );
        }
        if code == 3 {
            assert_eq!(text(plane, &namespace, "a").as_deref(), Some("old-a"), "{who}");
            let forced = run(&namespace, &["rotate", "db", "a=stdin", "--yes", "--override-owner"], "new-a").success();
            assert!(forced.err().contains("may undo"), "{}", forced.err());
        }
        assert_eq!(text(plane, &namespace, "a").as_deref(), Some("new-a"), "{who}");
    }
}

/// An owner that is no controller does not reconcile.
#[test]
fn a_mere_owner_is_no_reason() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let mut secret = controller("Something", "example.com/v1");
    secret["metadata"]["ownerReferences"][0]["controller"] = false.into();
    secret["metadata"]["name"] = "db".into();
    secret["stringData"] = json!({"a": "old-a"});
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &secret);
    run(&namespace, &["rotate", "db", "a=stdin", "--yes"], "new-a").success();
}
