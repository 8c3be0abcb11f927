//! Composed values: they follow what they are made of.

use super::*;

const URL: &str = "  user: {from: 'public:app'}\n  password: {from: generate}\n  url: {template: 'postgres://{{ user }}:{{ password | url }}@db/app'}\n";

fn url_fits(plane: &ControlPlane, namespace: &str, host: &str) {
    let url = text(plane, namespace, "url").unwrap();
    let password = text(plane, namespace, "password").unwrap();
    let rest =
        url.strip_prefix("postgres://app:").and_then(|rest| rest.strip_suffix(&format!("@{host}/app"))).expect(host);
    let decoded = percent_encoding::percent_decode_str(rest).decode_utf8().unwrap();
    assert_eq!(decoded, password);
}

#[test]
fn a_connection_string_follows_its_password() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let wanted = document("db", URL);
    apply(&namespace, &wanted, &[]).success();
    url_fits(plane, &namespace, "db");
    assert_eq!(apply(&namespace, &wanted, &[]).success().out(), "secret/db unchanged\n");
    let renewed = report(&apply(&namespace, &wanted, &["--renew", "password", "-o", "json"]).success());
    assert_eq!(changes(&renewed["items"][0]), pairs(&[("password", "replace"), ("url", "replace"), ("user", "keep")]));
    url_fits(plane, &namespace, "db");
    // The text of the template changed.
    let moved = wanted.replace("@db/", "@db2/");
    let diff = report(&run(&namespace, &["diff", "-f", "-", "-o", "json"], &moved).expect_code(1));
    assert_eq!(diff["items"][0]["keys"][1]["status"], "changed");
    apply(&namespace, &moved, &[]).success();
    url_fits(plane, &namespace, "db2");
    run(&namespace, &["diff", "-f", "-"], &moved).success();
}

#[test]
fn a_part_that_is_not_stored_is_made_once() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let wanted = with_metadata(
        "{name: db}",
        "parts:\n  password: {from: generate}\n",
        "  user: {from: 'public:app'}\n  url: {template: 'x://{{ user }}:{{ password | url }}@db'}\n",
    );
    apply(&namespace, &wanted, &[]).success();
    let first = text(plane, &namespace, "url").unwrap();
    assert!(text(plane, &namespace, "password").is_none(), "it is not stored");
    assert_eq!(apply(&namespace, &wanted, &[]).success().out(), "secret/db unchanged\n");
    assert_eq!(run(&namespace, &["diff", "-f", "-"], &wanted).success().out(), "1 Secret, no difference\n");
    let renamed = wanted.replace("public:app", "public:other");
    apply(&namespace, &renamed, &[]).success();
    let second = text(plane, &namespace, "url").unwrap();
    assert!(second.starts_with("x://other:") && !first.ends_with(&second[10..]), "made anew with its part");
}

#[test]
fn docker_configs_and_tls_pairs() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let pull = with_metadata(
        "{name: pull}",
        "type: kubernetes.io/dockerconfigjson\n",
        &format!(
            "  .dockerconfigjson:\n    registries:\n    - {{server: ghcr.io, username: app, from: 'secret:{namespace}/db/a'}}\n"
        ),
    );
    let web = with_metadata(
        "{name: web}",
        "type: kubernetes.io/tls\n",
        "  tls.crt,tls.key: {from: 'generate:tls-self-signed,hosts=web.example.com'}\n",
    );
    let both = format!("{pull}---\n{web}");
    assert_eq!(apply(&namespace, &both, &[]).success().out(), "secret/pull created\nsecret/web created\n");
    let config = crate::create::live_value(plane, &namespace, "pull", ".dockerconfigjson").unwrap();
    let config: Value = serde_json::from_slice(&config).unwrap();
    assert_eq!(config["auths"]["ghcr.io"]["password"], "old-a");
    assert_eq!(apply(&namespace, &both, &[]).success().out(), "secret/pull unchanged\nsecret/web unchanged\n");
    // The password changed where it comes from.
    run(&namespace, &["set", "db", "a=stdin", "--yes"], "new-a").success();
    assert_eq!(apply(&namespace, &both, &[]).success().out(), "secret/pull configured\nsecret/web unchanged\n");
}
