//! Every kind that `kubectl create secret` makes: each example of kubectl's help is made by the real
//! kubectl and by us, and what the API server stores must be equal.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::binaries;
use crate::support::command::{self, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::temp_folder;
use crate::support::terminal::Terminal;
use crate::support::tls::Authority;

/// Runs `create …` in a namespace.
pub(crate) fn create(namespace: &str, args: &[&str]) -> Secretsafe {
    Secretsafe::new()
        .args(["create"])
        .args(args)
        .args(["-n", namespace])
        .kubeconfig(ControlPlane::shared().admin_kubeconfig())
}

/// Makes the same Secret with kubectl, and compares data and type.
fn same_as_kubectl(namespace: &str, ours: &str, kubectl: &[&str]) {
    let plane = ControlPlane::shared();
    let theirs = format!("{ours}-kubectl");
    let mut args = vec!["create", "secret", kubectl[0], &theirs];
    args.extend(&kubectl[1..]);
    args.extend(["-n", namespace]);
    plane.kubectl(&args).success();
    let stored = |name: &str| {
        let secret = plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/{name}")).json();
        (secret["type"].clone(), secret["data"].clone())
    };
    let (ours, theirs) = (stored(ours), stored(&theirs));
    assert!(theirs.1.as_object().is_some_and(|data| !data.is_empty()));
    assert_eq!(ours.0, theirs.0);
    // Not shown: these are values.
    assert!(ours.1 == theirs.1, "{kubectl:?}: the data differ");
}

/// Runs a program of the system in a folder.
pub(crate) fn system(name: &str, package: &str, folder: &Path, args: &[&str]) {
    let mut program = Command::new(binaries::system(name, package));
    program.current_dir(folder).args(args);
    command::run(program, b"").success();
}

pub(crate) fn write(folder: &Path, name: &str, text: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn generic_is_that_of_kubectl() {
    let namespace = ControlPlane::shared().namespace();
    let folder = temp_folder("kinds");
    system("ssh-keygen", "openssh-client", folder.path(), &["-q", "-t", "ed25519", "-N", "", "-f", "id"]);
    let (private, public) = (folder.path().join("id"), folder.path().join("id.pub"));
    let key = std::fs::read(&private).unwrap();

    // --from-file=path/to/bar, a folder: one key a file.
    let bar = folder.path().join("bar");
    std::fs::create_dir(&bar).unwrap();
    write(&bar, "one", b"first-not-real");
    write(&bar, "two", b"second-not-real");
    create(&namespace, &["generic", "folder", "one=stdin", "two=fd:5"])
        .stdin("first-not-real")
        .fd(5, "second-not-real")
        .run()
        .success();
    same_as_kubectl(&namespace, "folder", &["generic", &format!("--from-file={}", text(&bar))]);

    // --from-file=ssh-privatekey=… --from-file=ssh-publickey=…
    let public_source = format!("ssh-publickey=public-file:{}", text(&public));
    create(&namespace, &["generic", "keys", "ssh-privatekey=stdin", &public_source, "--public-ok", "ssh-publickey"])
        .stdin(key.clone())
        .run()
        .success();
    let from = |key: &str, path: &Path| format!("--from-file={key}={}", text(path));
    let arguments = [from("ssh-privatekey", &private), from("ssh-publickey", &public)];
    same_as_kubectl(&namespace, "keys", &["generic", &arguments[0], &arguments[1]]);

    // --from-literal=key1=supersecret --from-literal=key2=topsecret
    create(&namespace, &["generic", "literals", "key1=stdin", "key2=fd:5"])
        .stdin("supersecret\n")
        .fd(5, "topsecret")
        .run()
        .success();
    let literals = ["generic", "--from-literal=key1=supersecret", "--from-literal=key2=topsecret"];
    same_as_kubectl(&namespace, "literals", &literals);

    // A file and a literal.
    create(&namespace, &["generic", "both", "ssh-privatekey=stdin", "passphrase=fd:5"])
        .stdin(key)
        .fd(5, "topsecret")
        .run()
        .success();
    same_as_kubectl(&namespace, "both", &["generic", &arguments[0], "--from-literal=passphrase=topsecret"]);
}

#[test]
fn an_env_file_is_read_as_kubectl_reads_it() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let folder = temp_folder("kinds");
    let lines = "\u{feff}# comment\nA=1\n  B=two words \n\nC=\"quoted\" # kept\r\nD=a=b\nE=\n.F-g_1=é\n";
    let first = write(folder.path(), "foo.env", lines.as_bytes());
    let output = create(&namespace, &["generic", "env", "--env-stdin"]).stdin(lines).run().success();
    assert!(output.err().contains("the value of `E` is empty"), "{}", output.err());
    same_as_kubectl(&namespace, "env", &["generic", &format!("--from-env-file={}", text(&first))]);

    // Two files are two in one pipe; keys of other sources stand beside them.
    let second = write(folder.path(), "bar.env", b"X=9\n");
    let both = format!("{}{}", lines.trim_start_matches('\u{feff}'), "X=9");
    create(&namespace, &["generic", "envs", "--env-stdin"]).stdin(both).run().success();
    let files = [&first, &second].map(|path| format!("--from-env-file={}", text(path)));
    same_as_kubectl(&namespace, "envs", &["generic", &files[0], &files[1]]);
    create(&namespace, &["generic", "more", "user=public:app", "--env-stdin"]).stdin("X=9").run().success();
    let literals = ["generic", "--from-literal=user=app", "--from-literal=X=9"];
    same_as_kubectl(&namespace, "more", &literals);

    // Again with --apply: nothing is changed, unless a key is to be renewed.
    let again = |args: &[&str]| {
        let all = [&["generic", "more", "--env-stdin", "--apply"][..], args].concat();
        create(&namespace, &all).stdin("X=10").run().success().out()
    };
    assert_eq!(again(&[]), "secret/more unchanged\n");
    assert_eq!(again(&["--renew", "X"]), "secret/more configured\n");
}

#[test]
fn tls_is_that_of_kubectl() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let folder = temp_folder("kinds");
    let authority = Authority::new("test");
    let server = authority.server();
    let cert = write(folder.path(), "tls.crt", format!("{}{}", server.cert_pem, authority.pem()).as_bytes());
    let key = write(folder.path(), "tls.key", server.key_pem.as_bytes());
    for (name, form) in [
        ("equals", vec![format!("--cert={}", text(&cert)), "--key=stdin".to_owned()]),
        ("space", ["--cert", text(&cert), "--key", "stdin"].map(str::to_owned).to_vec()),
    ] {
        let mut args = vec!["tls", name];
        args.extend(form.iter().map(String::as_str));
        let output = create(&namespace, &args).stdin(server.key_pem.clone()).run().success();
        assert_eq!(output.err(), "", "nothing to warn of");
        let theirs = [format!("--cert={}", text(&cert)), format!("--key={}", text(&key))];
        same_as_kubectl(&namespace, name, &["tls", &theirs[0], &theirs[1]]);
    }
    // The record says where each half came from.
    let secret = plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/space")).json();
    let record = |key: &str| secret["metadata"]["annotations"][format!("key.secretsafe.dev/{key}")].to_string();
    assert!(record("tls.crt").contains("public-file") && record("tls.key").contains("stdin"));
    // The same pair again with --apply, and then another one: both halves, or none.
    let apply = |identity: &str, key: &str| {
        let cert = write(folder.path(), "new.crt", identity.as_bytes());
        create(&namespace, &["tls", "space", "--cert", text(&cert), "--key", "stdin", "--apply"]).stdin(key).run()
    };
    let chain = std::fs::read_to_string(&cert).unwrap();
    assert_eq!(apply(&chain, &server.key_pem).success().out(), "secret/space unchanged\n");
    let other = authority.server();
    apply(&other.cert_pem, &server.key_pem).expect_code(4);
    assert_eq!(apply(&other.cert_pem, &other.key_pem).success().out(), "secret/space configured\n");
}

#[test]
fn rsa_and_older_forms_of_a_key_are_taken_as_kubectl_takes_them() {
    let namespace = ControlPlane::shared().namespace();
    let folder = temp_folder("kinds");
    let at = folder.path();
    let openssl = |args: &[&str]| system("openssl", "openssl", at, args);
    openssl(&["genrsa", "-traditional", "-out", "rsa.key", "2048"]);
    openssl(&["ecparam", "-name", "prime256v1", "-genkey", "-out", "ec.key"]);
    for kind in ["rsa", "ec"] {
        let (key, cert) = (at.join(format!("{kind}.key")), at.join(format!("{kind}.crt")));
        openssl(&["req", "-x509", "-key", text(&key), "-out", text(&cert), "-subj", "/CN=web", "-days", "2"]);
        create(&namespace, &["tls", kind, "--cert", text(&cert), "--key", "stdin"])
            .stdin(std::fs::read(&key).unwrap())
            .run()
            .success();
        let theirs = [format!("--cert={}", text(&cert)), format!("--key={}", text(&key))];
        same_as_kubectl(&namespace, kind, &["tls", &theirs[0], &theirs[1]]);
    }
}

#[test]
fn docker_registry_is_that_of_kubectl() {
    let namespace = ControlPlane::shared().namespace();
    // Quotes, what HTML acts on, and a line separator: Go's JSON escapes them in its own way.
    let password = "p<&>\"'\\\t\u{2028}é";
    for (name, more) in [
        ("hub", &["--docker-username=app"][..]),
        ("host", &["--docker-username=app", "--docker-server=ghcr.io", "--docker-email=app@example.com"]),
        ("port", &["--docker-username", "bot$1", "--docker-server", "http://registry.example.com:5000/v2/"]),
    ] {
        let ours = [&["docker-registry", name][..], more, &["--docker-password", "stdin"]].concat();
        create(&namespace, &ours).stdin(password).run().success();
        let typed = format!("--docker-password={password}");
        let theirs = [&["docker-registry"][..], more, &[typed.as_str()]].concat();
        same_as_kubectl(&namespace, name, &theirs);
    }

    // --from-file=path/to/.docker/config.json
    let folder = temp_folder("kinds");
    let config = r#"{"auths": {"ghcr.io": {"auth": "YXBwOm5vdC1hLXJlYWwtcGFzc3dvcmQ="}}}"#;
    let path = write(folder.path(), "config.json", format!("{config}\n").as_bytes());
    create(&namespace, &["docker-registry", "file", "--docker-config", "stdin"]).stdin(config).run().success();
    let with_newline = format!("--from-file=.dockerconfigjson={}", text(&path));
    std::fs::write(&path, config).unwrap();
    same_as_kubectl(&namespace, "file", &["docker-registry", &with_newline]);
}

#[test]
fn several_registries_share_one_config() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let args = ["docker-registry", "pull", "--docker-server", "quay.io", "--docker-username", "bot"];
    let more =
        ["--docker-server", "ghcr.io", "--docker-username", "app", "--docker-password", "--docker-password=fd:5"];
    // Passwords are matched by their order: the first is asked for.
    let run = create(&namespace, &[&args[..], &more].concat());
    let mut command = run.command();
    command.args(["--dry-run=client", "-o", "table"]);
    let shown = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(shown.contains("prompt for quay.io, fd:5 for ghcr.io"), "{shown}");

    let run =
        create(&namespace, &["docker-registry", "pull", "--docker-server", "quay.io", "--docker-username", "bot"])
            .args(["--docker-server", "ghcr.io", "--docker-username", "app"]);
    let mut session = Terminal::spawn(&run.command());
    for (question, password) in
        [("password of bot at quay.io", "one-not-real"), ("password of app at ghcr.io", "two-not-real")]
    {
        for question in [question, "Again"] {
            session.expect(question);
            session.expect_echo(false);
            session.send(format!("{password}\n"));
        }
    }
    assert!(session.wait().success(), "{}", session.screen());
    let stored = crate::create::live_value(plane, &namespace, "pull", ".dockerconfigjson").unwrap();
    let config: serde_json::Value = serde_json::from_slice(&stored).unwrap();
    assert_eq!(config["auths"]["quay.io"]["password"], "one-not-real");
    assert_eq!(config["auths"]["ghcr.io"]["password"], "two-not-real");
}

#[test]
fn basic_auth_and_ssh_auth_have_the_type_and_keys_of_kubernetes() {
    let namespace = ControlPlane::shared().namespace();
    create(&namespace, &["basic-auth", "hub", "--username", "app", "--password", "stdin"])
        .stdin("not-a-real-password")
        .run()
        .success();
    let literals = ["--from-literal=username=app", "--from-literal=password=not-a-real-password"];
    let kind = ["generic", "--type=kubernetes.io/basic-auth"];
    same_as_kubectl(&namespace, "hub", &[&kind[..], &literals].concat());

    let folder = temp_folder("kinds");
    system("ssh-keygen", "openssh-client", folder.path(), &["-q", "-t", "ed25519", "-N", "", "-f", "id"]);
    let key = folder.path().join("id");
    create(&namespace, &["ssh-auth", "deploy", "--key=stdin"]).stdin(std::fs::read(&key).unwrap()).run().success();
    let from = format!("--from-file=ssh-privatekey={}", text(&key));
    same_as_kubectl(&namespace, "deploy", &["generic", "--type=kubernetes.io/ssh-auth", &from]);

    // Without a flag it is asked for, and many lines can be pasted.
    let run = create(&namespace, &["ssh-auth", "typed"]);
    let mut session = Terminal::spawn(&run.command());
    session.expect("Ctrl-D");
    session.expect_echo(false);
    session.send(std::fs::read(&key).unwrap());
    session.send("\u{4}");
    assert!(session.wait().success(), "{}", session.screen());
    same_as_kubectl(&namespace, "typed", &["generic", "--type=kubernetes.io/ssh-auth", &from]);
}
