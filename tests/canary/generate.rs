//! Generated values: the private half of a key, a password and its hash are in no output; the public half is.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::planted::{FORMATS, check};
use crate::support::canary::{Canary, assert_absent};
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;

/// All kinds that have a half that may be seen, or are made from another value.
const SOURCES: &[&str] = &[
    "id,id.pub=generate:ssh-ed25519,format=pkcs8",
    "tls.crt,tls.key=generate:tls-self-signed,hosts=a.test,algorithm=ed25519",
    "auth,password=generate:htpasswd,user=admin,cost=8",
    "line=generate:htpasswd,user=admin,cost=8,from=plain",
    "plain=generate",
];

/// What of the stored values is secret, as it is stored and as the bytes that it stands for.
fn secrets(value: &dyn Fn(&str) -> Vec<u8>) -> Vec<Canary> {
    let mut canaries = vec![Canary::of(&value("password")), Canary::of(&value("plain"))];
    for key in ["auth", "line"] {
        let line = String::from_utf8(value(key)).unwrap();
        canaries.push(Canary::of(line.rsplit('$').next().unwrap().as_bytes()));
    }
    for key in ["id", "tls.key"] {
        let pem = String::from_utf8(value(key)).unwrap();
        let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        // Behind 16 bytes that every such key begins with.
        canaries.push(Canary::of(&body.as_bytes()[22..]));
        canaries.push(Canary::of(&STANDARD.decode(&body).unwrap()[16..]));
    }
    canaries
}

#[test]
fn what_is_made_is_not_said() {
    let plane = ControlPlane::shared();
    for format in FORMATS {
        let namespace = plane.namespace();
        let run = Secretsafe::new()
            .args(["create", "generic", "db", "-n", &namespace, "-v", "9"])
            .args(SOURCES)
            .args(format.iter().flat_map(|format| ["-o", *format]))
            .kubeconfig(plane.admin_kubeconfig());
        let output = run.run().success();
        let stored = plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/db")).json();
        let value = |key: &str| STANDARD.decode(stored["data"][key].as_str().unwrap()).unwrap();
        let canaries = secrets(&value);
        check(&canaries, &run, &output, &format!("generate {format:?}"));
        // The same search finds them where they are, and the public half is said.
        let all: Vec<u8> = ["password", "id", "tls.key", "auth", "line"].iter().flat_map(|key| value(key)).collect();
        assert!(std::panic::catch_unwind(|| assert_absent(&canaries, &all, "stored")).is_err());
        let public = String::from_utf8(value("id.pub")).unwrap();
        assert!(output.err().contains(public.trim_end()), "{}", output.err());
    }
}
