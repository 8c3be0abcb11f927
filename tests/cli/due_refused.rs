//! What `rotate --due` does not do, whatever stands on the object: requirement S1, owners, rotations that have begun.

use std::net::TcpListener;

use serde_json::{Value, json};

use crate::due::{due, named, plant, policy, results};
use crate::support::controlplane::ControlPlane;
use crate::support::fault::{Fault, Rule};
use crate::support::http::Request;
use crate::support::keychain::Keyring;
use crate::support::proxy::Proxy;

/// Sources that somebody with `patch` would like an administrator to run.
fn hostile(namespace: &str, listener: &str, mark: &str) -> Vec<(&'static str, String)> {
    vec![
        ("exec", format!("exec:touch {mark}")),
        ("summon", format!("summon:touch/{mark}")),
        ("env", "env:HOSTILE".to_owned()),
        ("fd", "fd:0".to_owned()),
        ("fd-three", "fd:3".to_owned()),
        ("stdin", "stdin".to_owned()),
        ("dash", "-".to_owned()),
        ("prompt", "prompt".to_owned()),
        ("file", "public-file:/etc/hostname".to_owned()),
        ("public", "public:aB3dE6gH9jK2mN5pQ8sT".to_owned()),
        ("secret", format!("secret:{namespace}/target/k")),
        ("elsewhere", format!("secret:other:{namespace}/target/k")),
        ("keychain", "keychain".to_owned()),
        ("entry", "keychain:secretsafe/team".to_owned()),
        ("vault", format!("ref+vault://secret/x?address=http://{listener}#/k")),
        ("weak", "generate:length=8".to_owned()),
        ("kind", "generate:nothing".to_owned()),
        ("two", "generate:tls-self-signed,hosts=x".to_owned()),
        ("from", "generate:htpasswd,user=u,from=other".to_owned()),
        ("word", "not-a-real-password".to_owned()),
        ("nothing", String::new()),
    ]
}

#[test]
fn hostile_policies_start_nothing_open_nothing_and_change_nothing() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let user = plane.user();
    plane.grant(&user, &namespace, &[("patch", "secrets")]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let folder = crate::support::temp_folder("hostile");
    let mark = folder.path().join("mark");
    let sources = hostile(&namespace, &listener.local_addr().unwrap().to_string(), mark.to_str().unwrap());
    for (name, source) in &sources {
        // The Secret is there and has a policy; the user with `patch` writes another one, in full.
        plant(plane, &namespace, name, 48, &policy("90d", "generate"));
        let text = policy("1d", source).to_string();
        let patch = json!({"metadata": {"annotations": {"secretsafe.dev/policy": text}}}).to_string();
        let request = Request::new("PATCH", &format!("/api/v1/namespaces/{namespace}/secrets/{name}"))
            .body("application/merge-patch+json", patch.as_bytes());
        assert_eq!(plane.request(&user.token, request).code, 200);
    }
    plant(plane, &namespace, "target", 1, &policy("90d", "generate"));
    let path = format!("/api/v1/namespaces/{namespace}/secrets");
    let before = plane.get(&path).json()["items"].clone();
    let keyring = Keyring::secret_service();
    keyring.store("secretsafe", "team", b"not-a-real-token");
    let proxy = Proxy::start(plane, Vec::new());
    let run = |format: &str| {
        due(plane, &["-n", &namespace, "--yes", "-o", format])
            .envs(keyring.env())
            .env("HOSTILE", "not-a-real-value")
            .stdin("not-a-real-input")
            .fd(3, "not-a-real-input")
            .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
            .run()
            .expect_code(5)
    };
    let output = run("json");
    let whole: Value = serde_json::from_str(&output.out()).unwrap();
    let mut wanted: Vec<(&str, &str)> = sources.iter().map(|(name, _)| (*name, "failed")).collect();
    wanted.sort_unstable();
    assert_eq!(results(&whole), named(&wanted));
    assert_eq!(whole["failed"], sources.len());
    // No program, no connection, no other request, no change.
    assert!(!mark.exists() && listener.accept().is_err());
    let requests: Vec<String> = proxy.requests().iter().map(|seen| seen.request.target.clone()).collect();
    assert_eq!(requests.len(), 1, "the list and nothing else: {requests:?}");
    assert_eq!(plane.get(&path).json()["items"], before);
    // A scheme that is known is named, and nothing else of the text.
    let said = [output.out(), output.err(), run("table").err()].concat();
    for text in ["not-a-real", "aB3dE6", "HOSTILE", "/etc/hostname", "touch", "127.0.0.1", "team", "ref+vault"] {
        assert!(!said.contains(text), "{text} is in what was said");
    }
    for scheme in ["`exec`", "`env`", "`fd`", "`stdin`", "`public-file`", "`secret`", "`keychain`", "`public`"] {
        assert!(said.contains(scheme), "{scheme} is not named");
    }
}

#[test]
fn a_file_of_the_user_allows_exactly_what_it_lists() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let from = format!("secret:{namespace}/from/other");
    for name in ["listed", "unlisted"] {
        plant(plane, &namespace, name, 48, &policy("1d", &from));
    }
    plant(plane, &namespace, "never", 48, &policy("1d", "env:HOSTILE"));
    plant(plane, &namespace, "from", 1, &policy("90d", "generate"));
    let folder = crate::support::temp_folder("sources");
    let list = folder.path().join("allowed");
    let lines = format!(
        "# for the nightly run\n{namespace}/listed/k={from}\n{namespace}/never/k=env:HOSTILE\n{namespace}/unlisted/other={from}\n"
    );
    std::fs::write(&list, lines).unwrap();
    let output = due(plane, &["-n", &namespace, "--yes", "-o", "json", "--allow-sources", list.to_str().unwrap()])
        .env("HOSTILE", "x")
        .run()
        .expect_code(5);
    let whole: Value = serde_json::from_str(&output.out()).unwrap();
    assert_eq!(results(&whole), named(&[("listed", "rotated"), ("never", "failed"), ("unlisted", "failed")]));
    let data = |name: &str| plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/{name}")).json()["data"].clone();
    assert_eq!(data("listed")["k"], data("from")["other"]);
    std::fs::write(&list, "not-a-real-line\n").unwrap();
    for file in [list.to_str().unwrap(), "/not-a-real-file"] {
        let wrong = due(plane, &["-n", &namespace, "--yes", "--allow-sources", file]).run().expect_code(2);
        assert!(wrong.err().contains("`--allow-sources`") && !wrong.err().contains("not-a-real"), "{}", wrong.err());
    }
}

#[test]
fn one_that_cannot_be_rotated_does_not_stop_the_others() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let generate = policy("1d", "generate");
    for name in ["fine-1", "owned", "pending", "gone-key", "frozen", "helm", "raced", "fine-2"] {
        plant(plane, &namespace, name, 48, &generate);
    }
    let patch = |name: &str, body: &Value| {
        let request =
            Request::new("PATCH", &format!("/api/v1/namespaces/{namespace}/secrets/{name}?fieldManager=other"))
                .body("application/merge-patch+json", body.to_string().as_bytes());
        assert_eq!(plane.request(plane.admin_token(), request).code, 200);
    };
    let owner = json!({"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "name": "s", "uid": "1", "controller": true});
    patch("owned", &json!({"metadata": {"ownerReferences": [owner]}}));
    patch("pending", &json!({"metadata": {"annotations": {"secretsafe.dev/pending": "{}"}}}));
    patch("gone-key", &json!({"data": {"k": null}}));
    patch("frozen", &json!({"immutable": true}));
    patch("helm", &json!({"metadata": {"annotations": {"meta.helm.sh/release-name": "x"}}}));
    // Somebody else changes the key between the list and the write.
    let conflict = Fault::Status { code: 409, reason: "Conflict", quote: "x".into(), retry_after: None };
    let proxy = Proxy::start(plane, vec![Rule::first(1, conflict).path("/raced").method("PATCH")]);
    let run = |more: &[&str]| {
        due(plane, &[&["-n", &namespace, "--yes", "-o", "json"], more].concat())
            .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
            .run()
    };
    let output = run(&[]).expect_code(5);
    let whole: Value = serde_json::from_str(&output.out()).unwrap();
    let wanted = [
        ("fine-1", "rotated"),
        ("fine-2", "rotated"),
        ("frozen", "failed"),
        ("helm", "rotated"),
        ("owned", "failed"),
        ("pending", "failed"),
        ("raced", "rotated"),
    ];
    assert_eq!(results(&whole), named(&wanted), "{}", output.err());
    for said in [
        "is managed by Sealed Secrets",
        "a rotation of secret `pending`",
        "is immutable",
        "1 rule is for keys that are not there",
        "1 of the Secrets come",
    ] {
        assert!(output.err().contains(said), "{said}: {}", output.err());
    }
    let output = run(&["--override-owner"]).expect_code(5);
    let whole: Value = serde_json::from_str(&output.out()).unwrap();
    assert!(results(&whole).contains(&("owned".to_owned(), "rotated".to_owned())), "{}", output.err());
}
