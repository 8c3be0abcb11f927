//! Completion against the real API server and through the real kubectl. In real shells: `completion_shell.rs`.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::json;

use crate::support::binaries;
use crate::support::command::{Output, Secretsafe, run};
use crate::support::controlplane::ControlPlane;
use crate::support::fault::{Fault, Rule};
use crate::support::keychain::Keyring;
use crate::support::kubeconfig::Login;
use crate::support::proxy::Proxy;
use crate::support::terminal::Terminal;
use crate::support::{temp_folder, write_private};

/// Longer than any program of the test bed may run: who waits for it is killed, and fails.
const FOR_EVER: Duration = Duration::from_secs(600);

/// Makes three Secrets, whose values no completion may show.
pub(crate) fn planted(plane: &ControlPlane) -> String {
    let namespace = plane.namespace();
    let path = format!("/api/v1/namespaces/{namespace}/secrets");
    let annotation = json!({"kubectl.kubernetes.io/last-applied-configuration": "{\"data\":\"CANARY-a1\"}"});
    let data = json!({"username": "CANARY-u1", "password": "CANARY-p1"});
    plane.create(&path, &json!({"metadata": {"name": "db", "annotations": annotation}, "stringData": data}));
    plane.create(&path, &json!({"metadata": {"name": "db-old"}, "stringData": {"a": "CANARY-o1"}}));
    plane.create(&path, &json!({"metadata": {"name": "web"}, "stringData": {"b": "CANARY-w1"}}));
    namespace
}

fn complete(plane: &ControlPlane, words: &[&str]) -> Output {
    let run = Secretsafe::new().args(["__complete"]).args(words).kubeconfig(plane.admin_kubeconfig());
    run.run().success()
}

/// Returns the values of the candidates, without their descriptions.
fn values(output: &Output) -> Vec<String> {
    assert_eq!(output.err(), "", "nothing on stderr");
    assert!(!output.out().contains("CANARY"), "a value: {}", output.out());
    let text = output.out();
    let lines = text.lines().filter(|line| !line.starts_with(':'));
    lines.map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

#[test]
fn names_keys_sources_and_namespaces_come_from_metadata() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let asked = |words: &[&str]| values(&complete(plane, &[&["-n", &namespace], words].concat()));
    assert_eq!(asked(&["view", ""]), ["db", "db-old", "web"]);
    assert_eq!(asked(&["view", "db-"]), ["db-old"]);
    assert_eq!(asked(&["rotate", "db", ""]), ["password", "username"]);
    assert_eq!(asked(&["rotate", "db", "username", "p"]), ["password"]);
    assert_eq!(asked(&["rotate", "db", "username,"]), ["username,password"]);
    assert_eq!(asked(&["rotate", "db", "password=gen"]), ["password=generate"]);
    assert_eq!(asked(&["rename-key", "db", "u"]), ["username"]);
    assert_eq!(asked(&["keychain", "set", "--for", "we"]), ["web/"]);
    assert_eq!(asked(&["keychain", "set", "--for", "web/"]), ["web/b"]);
    assert_eq!(asked(&["diff", "db", "--with", &format!("{namespace}/w")]), [format!("{namespace}/web")]);
    assert_eq!(asked(&["view", "--context", "b"]), ["bed"]);
    assert_eq!(asked(&["view", "--context=b"]), ["bed"]);
    assert_eq!(asked(&["create", "generic", ""]), Vec::<String>::new(), "a new Secret has no name yet");
    assert_eq!(asked(&["clip", "d"]), ["db", "db-old"]);
    assert_eq!(asked(&["clip", "db", "p"]), ["password"]);
    assert_eq!(asked(&["exec", "d"]), ["db", "db-old"]);
    assert_eq!(asked(&["exec", "db", "p"]), ["password"]);
    assert_eq!(asked(&["exec", "db", "web/"]), ["web/b"]);
    assert_eq!(asked(&["exec", "db", "--stdin", "u"]), ["username"]);
    assert_eq!(asked(&["exec", "db", "--file", "p"]), ["password"]);
    assert_eq!(asked(&["exec", "db", "--fd=web/"]), ["web/b"]);
    assert_eq!(asked(&["exec", "db", "--file", "password=P"]), Vec::<String>::new());
    let program = complete(plane, &["exec", "db", "password", "--", "ps"]);
    assert_eq!(program.out(), ":0\n", "the shell knows more of the program's arguments");
    assert_eq!(values(&complete(plane, &["view", "-n", &namespace])), [namespace.as_str()]);
    let described = complete(plane, &["view", "-n", &namespace, "db"]).out();
    assert!(described.contains("db\tOpaque, 2 keys\n") && described.ends_with(":4\n"), "{described}");

    for event in plane.secret_events(&namespace) {
        if !event["userAgent"].as_str().is_some_and(|agent| agent.starts_with("kubectl-secretsafe/")) {
            continue;
        }
        let object = &event["responseObject"];
        assert_eq!(object["kind"], "Table", "{event}");
        assert!(!object.to_string().contains("\"data\":{"), "no data travelled");
    }
}

#[test]
fn without_the_right_to_list_there_is_what_the_kubeconfig_says() {
    let plane = ControlPlane::shared();
    let user = plane.user();
    let folder = temp_folder("complete");
    let config = plane.kubeconfig(Login::Token(user.token)).namespace("of-the-context").write_into(folder.path());
    let asked = |words: &[&str]| {
        values(&Secretsafe::new().args(["__complete"]).args(words).kubeconfig(&config).run().success())
    };
    assert_eq!(asked(&["view", "-n", ""]), ["of-the-context"]);
    assert!(asked(&["view", ""]).is_empty());
}

#[test]
fn the_real_kubectl_completes_the_plugin() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let folder = temp_folder("complete");
    install(folder.path());
    let through = |words: &[&str]| {
        let mut kubectl = Command::new(binaries::path("kubectl"));
        kubectl.env_clear().env("PATH", path_with(folder.path())).env("HOME", folder.path());
        kubectl.env("KUBECONFIG", plane.admin_kubeconfig()).args(["__complete", "secretsafe"]).args(words);
        run(kubectl, b"").success().out()
    };
    let shown = through(&["view", "-n", &namespace, "w"]);
    assert_eq!(shown, "web\tOpaque, 1 key\n:4\n");
    assert!(through(&["ro"]).starts_with("rotate\t"));
    assert!(through(&["rotate", "db", "x=keychain"]).ends_with(":6\n"), "no space behind a colon");
}

#[test]
fn a_dead_or_slow_server_does_not_hang_the_shell() {
    let plane = ControlPlane::shared();
    let folder = temp_folder("complete");
    let namespace = planted(plane);
    let slow = Proxy::start(plane, vec![Rule::always(Fault::Delay(FOR_EVER))]);
    let through_proxy = slow.kubeconfig(plane.admin_token());
    // Somebody takes the connection, and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", silent.local_addr().unwrap());
    let dead = crate::support::kubeconfig::Kubeconfig::new(&url, plane.ca_pem(), Login::Token("none".into()));
    let dead = dead.write_into(folder.path());
    for config in [through_proxy, dead] {
        let output = Secretsafe::new().args(["__complete", "view", "-n", &namespace, ""]).kubeconfig(&config).run();
        assert_eq!((output.code, output.out().as_str(), output.err().as_str()), (Some(0), ":4\n", ""));
    }
}

#[test]
fn a_credential_plugin_is_not_interactive_and_is_killed() {
    let plane = ControlPlane::shared();
    let folder = temp_folder("complete");
    let plugin = folder.path().join("plugin");
    let seen = folder.path().join("seen");
    let pid = folder.path().join("pid");
    let script = format!(
        "#!/bin/sh\necho $$ > {}\necho \"$KUBERNETES_EXEC_INFO\" > {}\necho noise >&2\nsleep {}\n",
        pid.display(),
        seen.display(),
        FOR_EVER.as_secs()
    );
    write_private(&plugin, script.as_bytes());
    std::fs::set_permissions(&plugin, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let mut config: serde_json::Value = serde_json::from_str(&plane.kubeconfig(Login::Nothing).text()).unwrap();
    config["users"][0]["user"]["exec"] = json!({
        "apiVersion": "client.authentication.k8s.io/v1", "command": plugin, "interactiveMode": "IfAvailable",
    });
    let path = folder.path().join("kubeconfig");
    write_private(&path, config.to_string().as_bytes());
    let run = Secretsafe::new().args(["__complete", "view", ""]).kubeconfig(&path);
    // On a terminal, where it could be interactive.
    let mut session = Terminal::spawn(&run.command());
    assert!(session.wait().success());
    assert!(session.screen().contains(":4") && !session.screen().contains("noise"), "{}", session.screen());
    let info = std::fs::read_to_string(&seen).unwrap();
    assert!(info.contains(r#""interactive":false"#), "{info}");
    let pid = std::fs::read_to_string(&pid).unwrap();
    assert!(!Path::new("/proc").join(pid.trim()).exists(), "the plugin still runs");
}

/// PATH with a folder of the test first, then our program, then kubectl.
pub(crate) fn path_with(folder: &Path) -> std::ffi::OsString {
    let plugin = Path::new(env!("CARGO_BIN_EXE_kubectl-secretsafe")).parent().unwrap().to_owned();
    let mut path = vec![folder.to_owned(), plugin, binaries::folder().to_owned()];
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    std::env::join_paths(path).unwrap()
}

/// Puts the shim into a folder.
pub(crate) fn install(folder: &Path) -> Output {
    Secretsafe::new().args(["completion", "--install", "--dir"]).args([folder]).run()
}

#[test]
fn the_shim_is_installed_and_nothing_foreign_is_overwritten() {
    let folder = temp_folder("complete");
    let shim = folder.path().join("kubectl_complete-secretsafe");
    let first = install(folder.path()).success();
    assert_eq!(first.out(), format!("{} created\n", shim.display()));
    assert!(first.err().contains(&format!("rm {}", shim.display())), "{}", first.err());
    assert!(install(folder.path()).success().out().ends_with(" unchanged\n"));
    std::fs::write(&shim, "#!/bin/sh\n# Made by `kubectl secretsafe completion`.\nold\n").unwrap();
    assert!(install(folder.path()).success().out().ends_with(" replaced\n"));
    assert_eq!(std::fs::read(&shim).unwrap(), include_bytes!("../../completions/kubectl_complete-secretsafe"));
    std::fs::write(&shim, "#!/bin/sh\nsomebody else's\n").unwrap();
    assert!(install(folder.path()).expect_code(3).err().contains("is there and not ours"));
    assert_eq!(std::fs::read(&shim).unwrap(), b"#!/bin/sh\nsomebody else's\n");
    install(&folder.path().join("no-such-folder")).expect_code(2);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left there");
}

#[test]
fn without_a_folder_the_first_writable_one_of_path_is_taken() {
    let folder = temp_folder("complete");
    let (plugin, other) = (folder.path().join("bin"), folder.path().join("other"));
    std::fs::create_dir(&plugin).unwrap();
    std::fs::create_dir(&other).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_kubectl-secretsafe"), plugin.join("kubectl-secretsafe")).unwrap();
    let with = |path: String| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kubectl-secretsafe"));
        command.env_clear().env("PATH", path).args(["completion", "--install"]);
        run(command, b"")
    };
    let done = with(format!("bin:{}:{}", other.display(), plugin.display())).success();
    assert_eq!(done.out(), format!("{}/kubectl_complete-secretsafe created\n", plugin.display()));
    assert!(with(other.display().to_string()).expect_code(2).err().contains("no folder of PATH holds"));
}

#[test]
fn entries_of_a_real_secret_service_are_offered_by_name() {
    let keyring = Keyring::secret_service();
    for (service, account) in [("secretsafe", "bed@0/prod/db/password"), ("team", "db-url"), ("team", "smtp")] {
        keyring.store(service, account, b"CANARY-k1");
    }
    let asked = |words: &[&str]| {
        let run = Secretsafe::new().args(["__complete"]).args(words).envs(keyring.env());
        values(&run.kubeconfig(ControlPlane::shared().admin_kubeconfig()).run().success())
    };
    assert_eq!(asked(&["keychain", "delete", "team/"]), ["team/db-url", "team/smtp"]);
    assert_eq!(asked(&["keychain", "delete", "secret"]), ["secretsafe/bed@0/prod/db/password"]);
    assert_eq!(asked(&["create", "generic", "db", "a=keychain:team/s"]), ["a=keychain:team/smtp"]);
    assert!(asked(&["keychain", "delete", "nobody/"]).is_empty());
}

#[test]
fn five_thousand_secrets_are_all_offered() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let path = format!("/api/v1/namespaces/{namespace}/secrets");
    std::thread::scope(|scope| {
        for part in 0..8 {
            let path = &path;
            scope.spawn(move || {
                for number in (part * 625)..((part + 1) * 625) {
                    let metadata = json!({"name": format!("secret-{number:04}")});
                    plane.create(path, &json!({"metadata": metadata, "data": {"a": "eA=="}}));
                }
            });
        }
    });
    assert_eq!(values(&complete(plane, &["view", "-n", &namespace, "secret-"])).len(), 5000);
}
