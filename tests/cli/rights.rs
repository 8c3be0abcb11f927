//! Least privilege: each command works with the documented verbs, and says clearly when one is missing.

use serde_json::json;

use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::fault::{Fault, Rule};
use crate::support::proxy::Proxy;

#[test]
fn create_needs_create_and_nothing_else() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let user = plane.service_account(&namespace, "writer");
    let create = |name: &str, more: &[&str]| {
        Secretsafe::new()
            .args(["create", "generic", name, "a=generate", "-n", &namespace])
            .args(more)
            .kubeconfig(&plane.kubeconfig_for(&user.token))
            .run()
    };
    let denied = create("db", &[]).expect_code(5);
    assert!(
        denied.err().contains("cannot create secrets `db`") && denied.err().contains("may not do that (403)"),
        "{}",
        denied.err()
    );
    assert!(denied.err().contains("kubectl auth can-i create secrets"), "{}", denied.err());
    plane.grant(&user, &namespace, &[("create", "secrets")]);
    let output = create("db", &[]).success();
    assert!(!output.err().contains("Event"), "a missing right for Events is no topic: {}", output.err());
    let verbose = create("db2", &["-v"]).success();
    assert!(verbose.err().contains("no Event was written"), "but it is under -v: {}", verbose.err());
}

#[test]
fn the_record_goes_without_a_name_where_the_server_gives_none() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let proxy = Proxy::start(
        plane,
        vec![
            Rule::always(Fault::Status { code: 403, reason: "Forbidden", quote: "no".into(), retry_after: None })
                .path("selfsubjectreviews"),
        ],
    );
    let output = Secretsafe::new()
        .args(["create", "generic", "db", "a=generate", "-n", &namespace, "-v"])
        .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
        .run()
        .success();
    assert!(output.err().contains("will not name the user"), "{}", output.err());
    let secret = plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/db")).json();
    let record = secret["metadata"]["annotations"]["key.secretsafe.dev/a"].as_str().unwrap();
    assert!(!record.contains("\"by\""), "{record}");
}

#[test]
fn view_needs_get_and_nothing_else() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &json!({"metadata": {"name": "db"}}));
    let user = plane.user();
    for more in [&[][..], &["--metadata-only"]] {
        let view = || {
            Secretsafe::new()
                .args(["view", "db", "-n", &namespace])
                .args(more)
                .kubeconfig(&plane.kubeconfig_for(&user.token))
                .run()
        };
        if more.is_empty() {
            let denied = view().expect_code(5);
            assert!(denied.err().contains("cannot get secrets `db`"), "{}", denied.err());
            plane.grant(&user, &namespace, &[("get", "secrets")]);
        }
        view().success();
    }
}

#[test]
fn access_needs_four_lists_and_nothing_else() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let user = plane.user();
    plane.grant(&user, &namespace, &[("list", "roles"), ("list", "rolebindings")]);
    plane.grant_everywhere(&user, &[("list", "clusterroles"), ("list", "clusterrolebindings")]);
    for name in [&["db"][..], &[]] {
        let access = Secretsafe::new().args(["access", "-n", &namespace, "-o", "json"]).args(name);
        let output = access.kubeconfig(&plane.kubeconfig_for(&user.token)).run().success();
        assert!(output.out().contains("\"complete\": true"), "{}", output.out());
        assert!(!output.err().contains("may not"), "{}", output.err());
    }
}

#[test]
fn impersonation_is_passed_on() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &json!({"metadata": {"name": "db"}}));
    let view = |more: &[&str]| {
        Secretsafe::new().args(["view", "db", "-n", &namespace]).args(more).kubeconfig(plane.admin_kubeconfig()).run()
    };
    view(&["--as", "nobody"]).expect_code(5);
    view(&["--as", "nobody", "--as-group", "system:masters"]).success();
    assert!(view(&["--as-group", "system:masters"]).expect_code(2).err().contains("`--as-user-extra` need `--as`"));
}

#[test]
fn seal_reads_one_secret_and_the_controllers_certificate() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let user = plane.service_account(&namespace, "sealer");
    let path = format!("/api/v1/namespaces/{namespace}/secrets");
    plane.create(&path, &json!({"metadata": {"name": "db"}, "stringData": {"a": "not-a-real-password"}}));
    let seal = |args: &[&str]| {
        Secretsafe::new()
            .args(["seal", "db", "-n", &namespace])
            .args(args)
            .kubeconfig(&plane.kubeconfig_for(&user.token))
            .run()
    };
    let known = ["--cert", crate::seal::CERTIFICATE, "--cert-fingerprint", crate::seal::FINGERPRINT];
    let denied = seal(&known).expect_code(5);
    assert!(denied.err().contains("cannot get secrets `db`"), "{}", denied.err());
    let sources = seal(&[&known[..], &["a=generate"]].concat()).success();
    assert!(sources.out().contains("kind: SealedSecret"), "without a right, if no value is read");
    plane.grant(&user, &namespace, &[("get", "secrets")]);
    seal(&known).success();
    let denied = seal(&["--controller-namespace", &namespace]).expect_code(5);
    assert!(denied.err().contains("cannot get services `sealed-secrets-controller`"), "{}", denied.err());
    assert!(denied.err().contains("--cert FILE"), "{}", denied.err());
}

#[test]
fn seal_anew_needs_the_proxy_of_the_controllers_service_only() {
    let plane = ControlPlane::shared();
    let (namespace, folder) = (plane.namespace(), crate::support::temp_folder("anew"));
    let path = folder.path().join("db.yaml");
    let made = Secretsafe::new()
        .args(["seal", "db", "a=generate", "-n", &namespace, "--cert", crate::seal::CERTIFICATE])
        .args(["--cert-fingerprint", crate::seal::FINGERPRINT])
        .kubeconfig(plane.admin_kubeconfig())
        .run()
        .success();
    std::fs::write(&path, &made.stdout).unwrap();
    let object = json!({"metadata": {"name": "sealed"}, "spec": {"ports": [{"name": "http", "port": 8080}]}});
    plane.create(&format!("/api/v1/namespaces/{namespace}/services"), &object);
    // Only the certificate is answered for the controller: the question itself reaches the API server.
    let certificate = std::fs::read(crate::seal::CERTIFICATE).unwrap();
    let proxy = Proxy::start(plane, vec![Rule::always(Fault::Garbage(certificate)).path("/proxy/v1/cert.pem")]);
    let user = plane.service_account(&namespace, "sealer");
    let anew = || {
        Secretsafe::new()
            .args(["seal", "-n", &namespace, "--controller-namespace", &namespace, "--controller-name", "sealed"])
            .args(["--cert-fingerprint", crate::seal::FINGERPRINT, "--re-encrypt"])
            .args([&path])
            .kubeconfig(&proxy.kubeconfig(&user.token))
            .run()
            .expect_code(5)
    };
    assert!(anew().err().contains("cannot get services `sealed`"), "{}", anew().err());
    plane.grant(&user, &namespace, &[("get", "services")]);
    let denied = anew();
    assert!(denied.err().contains("cannot create services/proxy `sealed`") && denied.err().contains("(403)"));
    plane.grant(&user, &namespace, &[("get", "services"), ("create", "services/proxy")]);
    let allowed = anew();
    // There is no Pod behind it.
    assert!(allowed.err().contains("503 ServiceUnavailable"), "{}", allowed.err());
    assert_eq!(std::fs::read(&path).unwrap(), made.stdout);
}
