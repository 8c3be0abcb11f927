//! Completion against the real API server, through the real kubectl and in real shells.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::binaries;
use crate::support::command::{Output, Secretsafe, run};
use crate::support::controlplane::ControlPlane;
use crate::support::fault::{Fault, Rule};
use crate::support::kubeconfig::Login;
use crate::support::proxy::Proxy;
use crate::support::terminal::Terminal;
use crate::support::{temp_folder, write_private};

/// The limit of a completion, and what a loaded machine may add.
const LIMIT: Duration = Duration::from_millis(1500);
const SLACK: Duration = Duration::from_millis(1500);

fn planted(plane: &ControlPlane) -> String {
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

/// The values of the candidates, without their descriptions.
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
    assert_eq!(asked(&["view", "--context=b"]), ["--context=bed"]);
    assert_eq!(asked(&["create", "generic", ""]), Vec::<String>::new(), "a new Secret has no name yet");
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
    let slow = Proxy::start(plane, vec![Rule::always(Fault::Delay(Duration::from_secs(20)))]);
    let through_proxy = slow.kubeconfig(plane.admin_token());
    // Somebody takes the connection, and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", silent.local_addr().unwrap());
    let dead = crate::support::kubeconfig::Kubeconfig::new(&url, plane.ca_pem(), Login::Token("none".into()));
    let dead = dead.write_into(folder.path());
    for config in [through_proxy, dead] {
        let started = Instant::now();
        let output = Secretsafe::new().args(["__complete", "view", "-n", &namespace, ""]).kubeconfig(&config).run();
        let took = started.elapsed();
        assert_eq!((output.code, output.out().as_str(), output.err().as_str()), (Some(0), ":4\n", ""));
        assert!(took < LIMIT + SLACK, "{took:?}");
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
        "#!/bin/sh\necho $$ > {}\necho \"$KUBERNETES_EXEC_INFO\" > {}\necho noise >&2\nsleep 30\n",
        pid.display(),
        seen.display()
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
    let started = Instant::now();
    let mut session = Terminal::spawn(&run.command());
    assert!(session.wait().success());
    assert!(started.elapsed() < LIMIT + SLACK, "{:?}", started.elapsed());
    assert!(session.screen().contains(":4") && !session.screen().contains("noise"), "{}", session.screen());
    let info = std::fs::read_to_string(&seen).unwrap();
    assert!(info.contains(r#""interactive":false"#), "{info}");
    let pid = std::fs::read_to_string(&pid).unwrap();
    assert!(!Path::new("/proc").join(pid.trim()).exists(), "the plugin still runs");
}

fn path_with(folder: &Path) -> std::ffi::OsString {
    let plugin = Path::new(env!("CARGO_BIN_EXE_kubectl-secretsafe")).parent().unwrap().to_owned();
    let mut path = vec![folder.to_owned(), plugin, binaries::folder().to_owned()];
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    std::env::join_paths(path).unwrap()
}

fn install(folder: &Path) -> Output {
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

/// Types into a shell that has the completion of `kubectl-secretsafe` loaded, and waits for what appears.
fn in_shell(name: &str, args: &[&str], setup: &str, typed: &[(&str, &str)]) {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let folder = temp_folder("complete");
    let mut shell = Command::new(binaries::system(name, name));
    shell.env_clear().env("PATH", path_with(folder.path())).env("HOME", folder.path()).env("TERM", "dumb");
    shell.env("KUBECONFIG", plane.admin_kubeconfig()).env("LC_ALL", "C.UTF-8").args(args);
    let mut session = Terminal::new().size(40, 120).run(&shell).start();
    let scripts = concat!(env!("CARGO_MANIFEST_DIR"), "/completions");
    session.send(format!("{}\r", setup.replace("SCRIPTS", scripts)));
    session.send("echo rea''dy\r");
    session.expect("ready\r\n");
    for (line, shown) in typed {
        session.send(line.replace("NS", &namespace));
        session.expect(shown);
        // Out of the line without running it.
        session.send("\x15");
    }
    session.send("\rexit\r");
    session.wait();
    assert!(!session.screen().contains("CANARY"));
}

const TYPED: &[(&str, &str)] = &[
    ("kubectl-secretsafe ro\t", "rotate "),
    ("kubectl-secretsafe view -n NS we\t", "web "),
    ("kubectl-secretsafe rotate -n NS db us\t", "username "),
    ("kubectl-secretsafe rotate -n NS db username=std\t", "username=stdin "),
    ("kubectl-secretsafe rotate -n NS db username=generate:uu\t", "generate:uuid "),
    ("kubectl-secretsafe view --context=b\t", "--context=bed "),
];

#[test]
fn bash_completes() {
    in_shell("bash", &["--norc", "--noprofile", "-i"], "source SCRIPTS/kubectl-secretsafe.bash", TYPED);
}

#[test]
fn zsh_completes() {
    in_shell(
        "zsh",
        &["-f", "-i"],
        "autoload -Uz compinit && compinit -u -D && source SCRIPTS/_kubectl-secretsafe",
        TYPED,
    );
}

#[test]
fn fish_completes() {
    in_shell("fish", &["--no-config", "-i"], "source SCRIPTS/kubectl-secretsafe.fish", TYPED);
}

#[test]
#[expect(clippy::zombie_processes, reason = "`time_of` waits for the child, in a way that tells its time")]
fn five_thousand_secrets_are_quick() {
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
    let run = Secretsafe::new().args(["__complete", "view", "-n", &namespace, "secret-"]);
    let run = run.kubeconfig(plane.admin_kubeconfig());
    let started = Instant::now();
    let mut child = run.command().stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    let own = time_of(&child);
    assert_eq!(text.lines().count(), 5001, "5,000 names and the directive");
    // Shown by `--nocapture`, for the record.
    eprintln!("5,000 Secrets: {own:?} of our own time, {:?} in all", started.elapsed());
    assert!(own < Duration::from_millis(150 * if cfg!(debug_assertions) { 2 } else { 1 }), "{own:?}");
}

/// Waits for the end of a child, and returns the time that it has computed.
fn time_of(child: &Child) -> Duration {
    let pid = i32::try_from(child.id()).unwrap();
    // SAFETY: zero is a valid rusage, which wait4 fills; the child is ours and nobody else waits for it.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        assert_eq!(libc::wait4(pid, std::ptr::null_mut(), 0, &raw mut usage), pid);
        usage
    };
    let time =
        |part: libc::timeval| Duration::from_micros(u64::try_from(part.tv_sec * 1_000_000 + part.tv_usec).unwrap());
    time(usage.ru_utime) + time(usage.ru_stime)
}
