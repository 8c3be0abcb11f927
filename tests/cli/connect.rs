//! The connection: kubeconfig lists, contexts, logins, proxies and limits, as kubectl has them.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::fault::{Fault, Rule};
use crate::support::kubeconfig::Login;
use crate::support::proxy::Proxy;
use crate::support::{temp_folder, write_private};

/// A namespace with a Secret `db`, to be looked at.
pub(crate) fn namespace(plane: &ControlPlane) -> String {
    let namespace = plane.namespace();
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &json!({"metadata": {"name": "db"}}));
    namespace
}

fn config(plane: &ControlPlane, login: Login) -> Value {
    serde_json::from_str(&plane.kubeconfig(login).text()).unwrap()
}

pub(crate) fn admin(plane: &ControlPlane) -> Value {
    config(plane, Login::Token(plane.admin_token().to_owned()))
}

/// A kubeconfig with another cluster beside the first one's, as a context of this name.
pub(crate) fn with_another(plane: &ControlPlane, other: &ControlPlane, name: &str) -> Value {
    let (mut config, theirs) = (admin(plane), admin(other));
    for (kind, part) in [("clusters", "cluster"), ("users", "user"), ("contexts", "context")] {
        let mut entry = theirs[kind][0].clone();
        entry["name"] = json!(name);
        if part == "context" {
            entry["context"] = json!({"cluster": name, "user": name});
        }
        config[kind].as_array_mut().unwrap().push(entry);
    }
    config
}

pub(crate) fn write(folder: &Path, name: &str, config: &Value) -> PathBuf {
    let path = folder.join(name);
    write_private(&path, config.to_string().as_bytes());
    path
}

fn view(namespace: &str, kubeconfig: &Path) -> Secretsafe {
    Secretsafe::new().args(["view", "db", "-n", namespace]).kubeconfig(kubeconfig)
}

#[test]
fn a_list_of_kubeconfigs_is_merged_and_missing_files_are_skipped() {
    let plane = ControlPlane::shared();
    let namespace = namespace(plane);
    let folder = temp_folder("kubeconfig");
    let mut config = admin(plane);
    config["contexts"][0]["context"]["namespace"] = json!(namespace);
    let users =
        json!({"apiVersion": "v1", "kind": "Config", "users": config["users"].take(), "current-context": "nowhere"});
    let first = write(folder.path(), "first", &config);
    let second = write(folder.path(), "second", &users);
    let list = std::env::join_paths([folder.path().join("missing"), first, second]).unwrap();
    // The context's own namespace, the first file's current context, the second file's user.
    Secretsafe::new().args(["view", "db"]).env("KUBECONFIG", &list).run().success();
    let flag = Secretsafe::new().args(["view", "db", "--kubeconfig"]).args([folder.path().join("missing")]).run();
    assert!(flag.expect_code(2).err().contains("cannot read the kubeconfig"));
}

#[test]
fn home_is_used_when_nothing_is_named_and_nothing_is_an_error_without_it() {
    let plane = ControlPlane::shared();
    let namespace = namespace(plane);
    let run = Secretsafe::new().args(["view", "db", "-n", &namespace]);
    let none = run.run().expect_code(2);
    assert!(none.err().contains("no kubeconfig"), "{}", none.err());
    fs::create_dir(run.home().join(".kube")).unwrap();
    write(&run.home().join(".kube"), "config", &admin(plane));
    run.run().success();
}

#[test]
fn contexts_are_chosen_and_unknown_ones_listed_not_repeated() {
    let plane = ControlPlane::shared();
    let namespace = namespace(plane);
    let folder = temp_folder("kubeconfig");
    let mut config = admin(plane);
    let name = config["contexts"][0]["name"].as_str().unwrap().to_owned();
    config["current-context"] = json!("");
    let path = write(folder.path(), "config", &config);
    assert!(view(&namespace, &path).run().expect_code(2).err().contains("no current context"));
    view(&namespace, &path).args(["--context", &name]).run().success();
    let output = view(&namespace, &path).args(["--context", "typed-by-habit"]).run().expect_code(2);
    assert!(output.err().contains(&name) && !output.err().contains("typed-by-habit"), "{}", output.err());
}

#[test]
fn every_login_works() {
    let plane = ControlPlane::shared();
    let namespace = namespace(plane);
    let folder = temp_folder("kubeconfig");
    let certificate = plane.kubeconfig(plane.certificate("carol", Some("system:masters"))).text();
    let certificate: Value = serde_json::from_str(&certificate).unwrap();
    view(&namespace, &write(folder.path(), "certificate", &certificate)).run().success();

    // A token file that ends in a newline, by a path relative to the kubeconfig.
    write_private(&folder.path().join("token"), format!("{}\n", plane.admin_token()).as_bytes());
    let mut file = admin(plane);
    file["users"][0]["user"] = json!({"tokenFile": "token"});
    view(&namespace, &write(folder.path(), "file", &file)).run().success();

    let mut nobody = admin(plane);
    nobody["users"][0]["user"] = json!({"token": "expired-or-wrong"});
    let output = view(&namespace, &write(folder.path(), "wrong", &nobody)).run().expect_code(5);
    assert!(output.err().contains("401") && output.err().contains("may have expired"), "{}", output.err());
    assert!(!output.err().contains("expired-or-wrong"));

    let mut missing = admin(plane);
    missing["contexts"][0]["context"]["user"] = json!("gone");
    let output = view(&namespace, &write(folder.path(), "missing", &missing)).run().expect_code(2);
    assert!(output.err().contains("the user of context"), "{}", output.err());
}

fn plugin(folder: &Path, script: &str) -> PathBuf {
    let path = folder.join("login-plugin");
    write_private(&path, format!("#!/bin/sh\n{script}").as_bytes());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    path
}

pub(crate) fn with_plugin(plane: &ControlPlane, folder: &Path, script: &str) -> PathBuf {
    let mut config = admin(plane);
    let command = plugin(folder, script);
    config["users"][0]["user"] = json!({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": command,
        "interactiveMode": "IfAvailable", "provideClusterInfo": true}});
    write(folder, "plugin-config", &config)
}

#[test]
fn a_credential_plugin_runs_once_and_its_failure_shows_no_output() {
    let plane = ControlPlane::shared();
    let namespace = namespace(plane);
    let folder = temp_folder("plugin");
    let count = folder.path().join("count");
    let login = format!(
        "echo \"$KUBERNETES_EXEC_INFO\" >> {}\necho '{{\"status\":{{\"token\":\"{}\"}}}}'\n",
        count.display(),
        plane.admin_token()
    );
    let kubeconfig = with_plugin(plane, folder.path(), &login);
    Secretsafe::new()
        .args(["create", "generic", "new", "a=generate", "-n", &namespace])
        .kubeconfig(&kubeconfig)
        .run()
        .success();
    let runs = fs::read_to_string(&count).unwrap();
    assert_eq!(runs.lines().count(), 1, "once for three requests");
    let info: Value = serde_json::from_str(&runs).unwrap();
    assert_eq!(info["spec"]["cluster"]["server"], plane.server_url());

    for script in [
        "echo not-a-real-token; exit 7",
        "echo not-a-real-token",
        "echo '{\"status\":{\"token\":[7],\"x\":\"not-a-real-token\"}}'",
    ] {
        let kubeconfig = with_plugin(plane, folder.path(), script);
        let output = view(&namespace, &kubeconfig).run().expect_code(5);
        assert!(output.err().contains("gave no login"), "{}", output.err());
        assert!(!output.err().contains("not-a-real-token"), "{}", output.err());
    }
}

#[test]
fn kuberc_decides_which_plugins_may_run() {
    let plane = ControlPlane::shared();
    let namespace = namespace(plane);
    let folder = temp_folder("plugin");
    let kubeconfig =
        with_plugin(plane, folder.path(), &format!("echo '{{\"status\":{{\"token\":\"{}\"}}}}'", plane.admin_token()));
    let kuberc = folder.path().join("kuberc");
    let run = |policy: &str| -> Output {
        write_private(
            &kuberc,
            format!("apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n{policy}\n").as_bytes(),
        );
        view(&namespace, &kubeconfig).env("KUBERC", &kuberc).run()
    };
    run("credentialPluginPolicy: AllowAll").success();
    let denied = run("credentialPluginPolicy: DenyAll").expect_code(3);
    assert!(denied.err().contains("may not run"), "{}", denied.err());
    let list = format!(
        "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{{name: {}}}]",
        folder.path().join("login-plugin").display()
    );
    run(&list).success();
}

#[test]
fn a_proxy_is_used_and_no_proxy_respected() {
    let plane = ControlPlane::shared();
    let namespace = namespace(plane);
    let folder = temp_folder("proxy");
    let (url, count) = tunnel();
    let mut config = admin(plane);
    config["clusters"][0]["cluster"]["proxy-url"] = json!(url);
    view(&namespace, &write(folder.path(), "own", &config)).run().success();
    assert_eq!(count.load(Ordering::SeqCst), 1, "the kubeconfig's proxy is used");
    // The environment's proxy never serves loopback; kubectl has the same rule.
    view(&namespace, plane.admin_kubeconfig()).env("HTTPS_PROXY", &url).run().success();
    assert_eq!(count.load(Ordering::SeqCst), 1);
    // For another name it does, unless NO_PROXY names it.
    let mut named = admin(plane);
    let port = plane.address().port();
    named["clusters"][0]["cluster"]["server"] = json!(format!("https://cluster.invalid:{port}"));
    named["clusters"][0]["cluster"]["tls-server-name"] = json!("127.0.0.1");
    let named = write(folder.path(), "named", &named);
    view(&namespace, &named).env("HTTPS_PROXY", &url).run().success();
    assert_eq!(count.load(Ordering::SeqCst), 2);
    view(&namespace, &named).env("HTTPS_PROXY", &url).env("NO_PROXY", ".invalid").run().expect_code(5);
    assert_eq!(count.load(Ordering::SeqCst), 2, "NO_PROXY names the cluster's host");
}

/// A proxy that understands CONNECT and sends everything to loopback, whatever the name.
pub(crate) fn tunnel() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            counter.fetch_add(1, Ordering::SeqCst);
            std::thread::spawn(move || serve(client));
        }
    });
    (url, count)
}

fn serve(mut client: TcpStream) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && client.read(&mut byte).is_ok_and(|n| n == 1) {
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let port: u16 = head.split([' ', ':']).nth(2).unwrap().parse().unwrap();
    let mut server = TcpStream::connect(("127.0.0.1", port)).unwrap();
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
    let (mut up, mut down) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    std::thread::spawn(move || std::io::copy(&mut up, &mut server));
    let _ = std::io::copy(&mut down, &mut client);
}

#[test]
fn values_need_verified_tls() {
    let plane = ControlPlane::shared();
    let folder = temp_folder("tls");
    let mut config = admin(plane);
    config["clusters"][0]["cluster"] = json!({"server": "https://10.255.255.1:6443", "insecure-skip-tls-verify": true});
    let unverified = write(folder.path(), "unverified", &config);
    let output = view("default", &unverified).run().expect_code(3);
    assert!(
        output.err().contains("unprotected") && output.err().contains("--insecure-skip-tls-verify"),
        "{}",
        output.err()
    );
    config["clusters"][0]["cluster"] = json!({"server": "http://10.255.255.1:8080"});
    view("default", &write(folder.path(), "plain", &config)).run().expect_code(3);
    // A server whose certificate does not fit the CA.
    let mut foreign = admin(plane);
    foreign["clusters"][0]["cluster"]["certificate-authority-data"] = Value::Null;
    let output = view("default", &write(folder.path(), "foreign", &foreign)).run().expect_code(5);
    assert!(output.err().contains("certificate"), "{}", output.err());
}

#[test]
fn a_password_in_the_servers_url_is_not_shown() {
    let plane = ControlPlane::shared();
    let folder = temp_folder("login");
    let mut config = admin(plane);
    config["clusters"][0]["cluster"]["server"] = json!("https://user:not-a-real-password@127.0.0.1:1");
    let path = write(folder.path(), "config", &config);
    let output = view("default", &path).args(["-v", "9"]).run().expect_code(5);
    assert!(output.err().contains("https://127.0.0.1:1") && !output.err().contains("not-a-real"), "{}", output.err());
    let plan = Secretsafe::new()
        .args(["create", "generic", "db", "a", "--dry-run=client", "-o", "yaml"])
        .kubeconfig(&path)
        .run();
    assert!(!plan.success().out().contains("not-a-real"));
}

#[test]
fn broken_kubeconfigs_are_placed_and_not_quoted() {
    let folder = temp_folder("broken");
    let path = folder.path().join("config");
    write_private(
        &path,
        b"apiVersion: v1\nkind: Config\nusers:\n- name: a\n  user: {token: not-a-real-token\ncontexts: []\n",
    );
    let output = view("default", &path).run().expect_code(2);
    assert!(output.err().contains("line ") && !output.err().contains("not-a-real"), "{}", output.err());
}

#[test]
fn a_limit_ends_the_wait_and_reads_are_tried_again() {
    let plane = ControlPlane::shared();
    let namespace = namespace(plane);
    // Longer than any program may run.
    let slow = Proxy::start(plane, vec![Rule::always(Fault::Delay(Duration::from_secs(600)))]);
    let output =
        view(&namespace, &slow.kubeconfig(plane.admin_token())).args(["--request-timeout=1s"]).run().expect_code(5);
    assert!(output.err().contains("within 1 s"), "{}", output.err());

    let busy = Fault::Status { code: 429, reason: "TooManyRequests", quote: String::new(), retry_after: Some(1) };
    let proxy = Proxy::start(plane, vec![Rule::first(2, busy.clone())]);
    let output = view(&namespace, &proxy.kubeconfig(plane.admin_token())).args(["-v"]).run().success();
    assert_eq!(proxy.requests().len(), 3);
    assert!(output.err().contains("try 1 of 3"), "said under -v: {}", output.err());
    let proxy = Proxy::start(plane, vec![Rule::always(busy)]);
    view(&namespace, &proxy.kubeconfig(plane.admin_token())).run().expect_code(5);
    assert_eq!(proxy.requests().len(), 4, "a bounded number of times");
}
