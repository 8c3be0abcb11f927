//! Bad input: what is wrong, on which object, what to type instead, the right exit code, and nothing
//! changed in the cluster. docs/bad-input.md is the same table for users.

use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::proxy::Proxy;

/// Runs `create generic …` and makes sure that nothing was stored.
fn refused(args: &[&str], stdin: &[u8], code: i32) -> Output {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let output = Secretsafe::new()
        .args(["create", "generic"])
        .args(args)
        .args(["-n", &namespace])
        .kubeconfig(plane.admin_kubeconfig())
        .stdin(stdin)
        .run()
        .expect_code(code);
    let left = plane.get(&format!("/api/v1/namespaces/{namespace}/secrets")).json();
    assert_eq!(left["items"].as_array().unwrap().len(), 0, "{args:?} left something behind");
    assert!(output.err().contains("error: ") && output.out().is_empty(), "{args:?}: {}{}", output.out(), output.err());
    output
}

fn says(output: &Output, words: &[&str]) {
    for word in words {
        assert!(output.err().contains(word), "`{word}` is missing in: {}", output.err());
    }
}

#[test]
fn names_and_keys() {
    says(&refused(&["UPPER", "a=stdin"], b"x", 2), &["argument 3", "not a valid name"]);
    says(&refused(&["configmap/db", "a=stdin"], b"x", 2), &["argument 3"]);
    says(&refused(&["db", "a b=stdin"], b"x", 2), &["argument 4"]);
    says(&refused(&["db", "..=stdin"], b"x", 2), &["argument 4"]);
    says(&refused(&["db", "a=stdin", "a=prompt"], b"x", 2), &["key `a` is named twice"]);
    says(&refused(&["db", "a=stdin", "b=-"], b"x", 2), &["`stdin` can be read only once"]);
    says(&refused(&["db"], b"", 2), &["missing"]);
}

#[test]
fn sources() {
    says(&refused(&["db", "a=nosuch:thing"], b"", 2), &["no known source for key `a`", "a=stdin", "shell history"]);
    says(&refused(&["db", "a=promt"], b"", 2), &["did you mean `prompt`"]);
    says(&refused(&["db", "a=/etc/hostname"], b"", 2), &["a=stdin < FILE"]);
    says(&refused(&["db", "--from-literal=a=x"], b"", 2), &["`--from-literal` is refused", "hint:"]);
    says(&refused(&["db", "--from-file=x"], b"", 2), &["KEY=stdin < FILE"]);
    says(&refused(&["db", "a=env:NOT_SET_ANYWHERE"], b"", 4), &["NOT_SET_ANYWHERE"]);
    says(&refused(&["db", "a"], b"", 4), &["terminal", "a=stdin"]);
    says(&refused(&["db", "a=generate:length=4"], b"", 3), &["80 bits", "--weak-ok"]);
    says(&refused(&["db", "password=public:app"], b"", 3), &["--public-ok"]);
    says(&refused(&["db", "a=fd:2"], b"", 2), &["hint:"]);
}

#[test]
fn sizes() {
    says(&refused(&["db", "a=stdin"], b"", 4), &["empty"]);
    says(&refused(&["db", "a=stdin"], b"\n", 4), &["empty"]);
    says(&refused(&["db", "a=stdin"], &vec![b'x'; 1024 * 1024 + 1], 4), &["1 MiB"]);
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let both = |second: usize| {
        Secretsafe::new()
            .args(["create", "generic", "big", "a=stdin", "b=fd:5", "-n", &namespace])
            .kubeconfig(plane.admin_kubeconfig())
            .stdin(vec![b'x'; 600 * 1024])
            .fd(5, vec![b'y'; second])
            .run()
    };
    says(&both(600 * 1024).expect_code(4), &["all values together", "1 MiB"]);
    both(424 * 1024).success();
    // A NUL is a byte like any other in a value.
    Secretsafe::new()
        .args(["create", "generic", "nul", "a=stdin", "-n", &namespace])
        .kubeconfig(plane.admin_kubeconfig())
        .stdin(b"a\0b".to_vec())
        .run()
        .success();
    assert_eq!(crate::create::live_value(plane, &namespace, "nul", "a").unwrap(), b"a\0b");
}

#[test]
fn what_the_cluster_refuses() {
    let plane = ControlPlane::shared();
    let output = Secretsafe::new()
        .args(["create", "generic", "db", "a=stdin", "-n", "no-such-namespace"])
        .kubeconfig(plane.admin_kubeconfig())
        .stdin("not-a-real-password")
        .run()
        .expect_code(5);
    says(&output, &["no namespace `no-such-namespace`", "kubectl create namespace"]);
    // A typed Secret without its keys: the server names the field, we name the field.
    let output = refused(&["db", "a=stdin", "--type", "kubernetes.io/tls"], b"x", 5);
    says(&output, &["422", "data"]);
}

#[test]
fn a_server_that_is_not_there() {
    let plane = ControlPlane::shared();
    let mut config: serde_json::Value =
        serde_json::from_str(&plane.kubeconfig(crate::support::kubeconfig::Login::Nothing).text()).unwrap();
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1".into();
    let folder = crate::support::temp_folder("nowhere");
    let path = folder.path().join("config");
    crate::support::write_private(&path, config.to_string().as_bytes());
    let output =
        Secretsafe::new().args(["create", "generic", "db", "a=generate"]).kubeconfig(&path).run().expect_code(5);
    says(&output, &["cannot connect to https://127.0.0.1:1", "connection refused"]);
}

#[test]
fn nothing_touches_the_network_before_arguments_are_valid() {
    let plane = ControlPlane::shared();
    let proxy = Proxy::start(plane, Vec::new());
    for args in [
        &["UPPER", "a"][..],
        &["db", "a=nosuch:x"],
        &["db", "a=fd:33"],
        &["db", "a=generate:length=4"],
        &["db", "token=public:x"],
    ] {
        let output = Secretsafe::new()
            .args(["create", "generic"])
            .args(args)
            .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
            .run();
        assert!(matches!(output.code, Some(2..=4)), "{args:?}: {}", output.err());
    }
    assert_eq!(proxy.connections(), 0);
}

#[test]
fn a_config_file_is_checked() {
    let plane = ControlPlane::shared();
    let run = Secretsafe::new().args(["view", "db"]).kubeconfig(plane.admin_kubeconfig());
    let folder = run.home().join(".config/secretsafe");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("config.yaml");
    std::fs::write(&path, "keychian: keyutils\n").unwrap();
    says(&run.run().expect_code(2), &["not known", "`keychain`"]);
    std::fs::write(&path, "keychain: [not-a-real-password").unwrap();
    let broken = run.run().expect_code(2);
    says(&broken, &["line "]);
    assert!(!broken.err().contains("not-a-real"));
    std::fs::write(&path, "").unwrap();
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    std::fs::set_permissions(&path, open).unwrap();
    says(&run.run().expect_code(3), &["written by others", "chmod"]);
}
