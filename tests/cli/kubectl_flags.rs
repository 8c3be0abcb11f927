//! kubectl's flags: the real kubectl and we, on the same kubeconfig with the same flags, get on or fail alike,
//! and the API server's audit log shows the same user for both.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::connect::{admin, namespace, tunnel, with_plugin, write};
use crate::support::command::{Output, Secretsafe, run};
use crate::support::controlplane::ControlPlane;
use crate::support::fixtures::User;
use crate::support::kubeconfig::Login;
use crate::support::tls::Authority;
use crate::support::{binaries, temp_folder, write_private};

/// One row: a kubeconfig, flags and variables, and whether that gets on.
struct Row {
    name: &'static str,
    kubeconfig: Vec<PathBuf>,
    flags: Vec<String>,
    env: Vec<(&'static str, String)>,
    works: bool,
}

/// What the rows are made of.
struct Bed {
    plane: &'static ControlPlane,
    folder: TempDir,
    namespace: String,
    other: User,
}

impl Bed {
    fn new() -> Self {
        let plane = ControlPlane::shared();
        let namespace = namespace(plane);
        let other = plane.user();
        plane.grant(&other, &namespace, &[("get", "secrets")]);
        let folder = temp_folder("flags");
        write_private(&folder.path().join("ca.crt"), plane.ca_pem().as_bytes());
        write_private(&folder.path().join("foreign.crt"), Authority::new("foreign").pem().as_bytes());
        write_private(&folder.path().join("login.token"), format!("{}\n", plane.admin_token()).as_bytes());
        Self { plane, folder, namespace, other }
    }

    /// The admin's kubeconfig with the namespace, a second user and a second, dead cluster.
    fn config(&self) -> Value {
        let mut config = admin(self.plane);
        config["contexts"][0]["context"]["namespace"] = json!(self.namespace);
        let users = config["users"].as_array_mut().unwrap();
        users.push(json!({"name": "other", "user": {"token": self.other.token}}));
        let clusters = config["clusters"].as_array_mut().unwrap();
        clusters.push(json!({"name": "nowhere", "cluster": {"server": "https://127.0.0.1:1"}}));
        config
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn row(&self, name: &'static str, config: &Value, flags: &[&str], works: bool) -> Row {
        let path = write(self.folder.path(), &name.replace(' ', "-"), config);
        if config.is_null() {
            write_private(&path, b"");
        }
        Row { name, kubeconfig: vec![path], flags: owned(flags), env: Vec::new(), works }
    }

    /// Runs both and compares.
    fn check(&self, row: &Row) {
        let before = self.users().len();
        let kubectl = self.kubectl(row);
        let theirs: Vec<Value> = self.users().split_off(before);
        let ours = self.ours(row);
        let mine: Vec<Value> = self.users().split_off(before + theirs.len());
        let said =
            format!("{}\nkubectl: {}{}\nours: {}{}", row.name, kubectl.out(), kubectl.err(), ours.out(), ours.err());
        assert_eq!(kubectl.code == Some(0), row.works, "the row is wrong about kubectl: {said}");
        assert_eq!(ours.code == Some(0), row.works, "{said}");
        if row.works {
            assert_eq!(kubectl.out(), ours.out(), "{said}");
            assert!(!theirs.is_empty(), "kubectl's request is in the audit log: {said}");
            // What fails may fail before the server is asked for a Secret.
            let distinct = |users: &[Value]| users.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
            assert_eq!(distinct(&theirs), distinct(&mine), "{said}");
        }
    }

    /// Who asked for Secrets of the namespace, and as whom, in order.
    fn users(&self) -> Vec<Value> {
        let events = self.plane.secret_events(&self.namespace);
        let events = events.iter().filter(|event| event["verb"] == "get");
        let who = |user: &Value| json!([user["username"], user["uid"], user["groups"], user["extra"]["team"]]);
        events.map(|event| json!([who(&event["user"]), who(&event["impersonatedUser"])])).collect()
    }

    fn kubectl(&self, row: &Row) -> Output {
        let home = temp_folder("home");
        let mut command = Command::new(binaries::path("kubectl"));
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", home.path());
        command.env("KUBECONFIG", std::env::join_paths(&row.kubeconfig).unwrap());
        command.envs(row.env.iter().cloned()).args(["get", "secret", "db", "-o", "name"]).args(&row.flags);
        run(command, b"")
    }

    fn ours(&self, row: &Row) -> Output {
        Secretsafe::new()
            .args(["view", "db", "-o", "name"])
            .args(&row.flags)
            .envs(row.env.iter().cloned())
            .env("KUBECONFIG", std::env::join_paths(&row.kubeconfig).unwrap())
            .run()
    }
}

fn owned(flags: &[&str]) -> Vec<String> {
    flags.iter().map(|flag| (*flag).to_owned()).collect()
}

#[test]
fn contexts_clusters_and_users() {
    let bed = Bed::new();
    let config = bed.config();
    let mut gone = config.clone();
    gone["current-context"] = json!("gone");
    let mut none = config.clone();
    none["current-context"] = json!("");
    let mut userless = config.clone();
    userless["contexts"][0]["context"]["user"] = json!("gone");
    let mut clusterless = config.clone();
    clusterless["contexts"][0]["context"]["cluster"] = json!("gone");
    for row in [
        bed.row("plain", &config, &[], true),
        bed.row("context missing", &config, &["--context", "gone"], false),
        bed.row("last of two contexts", &config, &["--context=gone", "--context=bed"], true),
        bed.row("empty context", &config, &["--context="], true),
        bed.row("current context missing", &gone, &[], false),
        bed.row("current context missing with server", &gone, &["-s", &bed.plane.server_url()], false),
        bed.row("no current context", &none, &[], false),
        bed.row("no current context with context", &none, &["--context=bed"], true),
        bed.row("user of context missing", &userless, &[], false),
        bed.row("user of context missing with user", &userless, &["--user=other"], true),
        bed.row("cluster of context missing", &clusterless, &[], false),
        bed.row("cluster of context missing with cluster", &clusterless, &["--cluster=bed"], true),
        bed.row("other user", &config, &["--user", "other"], true),
        bed.row("user missing", &config, &["--user", "gone"], false),
        bed.row("other cluster", &config, &["--cluster", "nowhere"], false),
        bed.row("cluster missing", &config, &["--cluster", "gone"], false),
        bed.row("other namespace", &config, &["-n", "default"], false),
        bed.row("empty file", &Value::Null, &[], false),
    ] {
        bed.check(&row);
    }
}

#[test]
fn servers_and_certificates() {
    let bed = Bed::new();
    let config = bed.config();
    let url = bed.plane.server_url();
    let address = url.strip_prefix("https://").unwrap();
    let mut dead = config.clone();
    dead["clusters"][0]["cluster"]["server"] = json!("https://127.0.0.1:1");
    dead["clusters"][0]["cluster"]["tls-server-name"] = json!("wrong.invalid");
    let mut dead_proxy = dead.clone();
    dead_proxy["clusters"][0]["cluster"]["proxy-url"] = json!("http://127.0.0.1:1");
    let mut open = config.clone();
    open["clusters"][0]["cluster"] = json!({"server": url});
    let mut torn = config.clone();
    torn["clusters"][0]["cluster"]["insecure-skip-tls-verify"] = json!(true);
    let mut relative = open.clone();
    relative["clusters"][0]["cluster"]["certificate-authority"] = json!("ca.crt");
    let mut double = config.clone();
    double["clusters"][0]["cluster"]["certificate-authority"] = json!("ca.crt");
    let (ca, foreign) = (bed.file("ca.crt"), bed.file("foreign.crt"));
    let token = bed.plane.admin_token();
    let described = ["-s", &url, "--certificate-authority", &ca, "--token", token, "-n", &bed.namespace];
    let (proxy, count) = tunnel();
    for row in [
        bed.row("dead server", &dead, &[], false),
        bed.row("server", &dead, &["--server", &url], true),
        bed.row("server keeps the proxy", &dead_proxy, &["--server", &url], false),
        bed.row("server without scheme", &dead, &["--server", address], false),
        bed.row("nothing but flags", &Value::Null, &described, true),
        bed.row("no authority", &open, &[], false),
        bed.row("authority", &open, &["--certificate-authority", &ca], true),
        bed.row("foreign authority", &config, &["--certificate-authority", &foreign], false),
        bed.row("authority is no file", &config, &["--certificate-authority", "/nowhere/ca.crt"], false),
        bed.row("relative authority", &relative, &[], true),
        bed.row("authority twice", &double, &[], false),
        bed.row("insecure", &open, &["--insecure-skip-tls-verify"], true),
        bed.row("insecure with the kubeconfigs authority", &config, &["--insecure-skip-tls-verify"], true),
        bed.row("insecure is false", &open, &["--insecure-skip-tls-verify=false"], false),
        bed.row(
            "insecure and authority",
            &open,
            &["--insecure-skip-tls-verify", "--certificate-authority", &ca],
            false,
        ),
        bed.row("insecure and authority in the kubeconfig", &torn, &[], false),
        bed.row("insecure in the kubeconfig with an authority", &torn, &["--certificate-authority", &ca], true),
        bed.row("name of the certificate", &config, &["--tls-server-name", "localhost"], true),
        bed.row("wrong name of the certificate", &config, &["--tls-server-name", "wrong.invalid"], false),
        bed.row("proxy", &config, &["--proxy-url", &proxy], true),
        bed.row("dead proxy", &config, &["--proxy-url", "http://127.0.0.1:1"], false),
        bed.row("no such scheme", &config, &["--proxy-url", "gopher://127.0.0.1:1"], false),
        bed.row("limit", &config, &["--request-timeout=10"], true),
        bed.row("no duration", &config, &["--request-timeout=soon"], false),
        bed.row(
            "nothing to do",
            &config,
            &[
                "--cache-dir",
                &bed.file("cache"),
                "--disable-compression",
                "--profile=none",
                "--warnings-as-errors",
                "--vmodule=a=1",
                "--log-flush-frequency=1s",
                "--match-server-version=false",
            ],
            true,
        ),
    ] {
        bed.check(&row);
    }
    assert!(count.load(std::sync::atomic::Ordering::SeqCst) >= 2, "both went through the proxy");
}

#[test]
fn logins() {
    let bed = Bed::new();
    let config = bed.config();
    let with_user = |user: Value| {
        let mut config = config.clone();
        config["users"][0]["user"] = user;
        config
    };
    let (certificate, key) = (bed.file("client.crt"), bed.file("client.key"));
    let Login::Certificate(identity) = bed.plane.certificate("carol", Some("system:masters")) else {
        panic!("a certificate was asked for")
    };
    write_private(Path::new(&certificate), identity.cert_pem.as_bytes());
    write_private(Path::new(&key), identity.key_pem.as_bytes());
    let token_file = with_user(json!({"tokenFile": "login.token"}));
    let nobody = with_user(json!({"token": "wrong-token"}));
    let nothing = with_user(json!({}));
    let torn = with_user(json!({"token": bed.plane.admin_token(), "username": "a", "password": "b"}));
    let acting = with_user(json!({"token": bed.plane.admin_token(), "as": bed.other.name}));
    let both = ["--client-certificate", &certificate, "--client-key", &key];
    for row in [
        bed.row("token", &config, &["--token", &bed.other.token], true),
        bed.row("wrong token", &config, &["--token", "wrong-token"], false),
        bed.row("token instead of a wrong one", &nobody, &["--token", &bed.other.token], true),
        bed.row("token file", &token_file, &[], true),
        bed.row("token and password", &torn, &[], false),
        bed.row("client certificate", &nothing, &both, true),
        bed.row("client certificate without key", &nothing, &both[..2], false),
        bed.row(
            "client key without certificate",
            &nothing,
            &["--client-certificate", "/nowhere", "--client-key", &key],
            false,
        ),
        bed.row("as", &config, &["--as", &bed.other.name], true),
        bed.row("as nobody", &config, &["--as", "nobody"], false),
        bed.row("as in the kubeconfig", &acting, &[], true),
        bed.row("as over the kubeconfig", &acting, &["--as", "dora", "--as-group", "system:masters"], true),
        bed.row(
            "as with all",
            &config,
            &[
                "--as",
                &bed.other.name,
                "--as-uid",
                "7",
                "--as-group",
                "a",
                "--as-group",
                "b",
                "--as-user-extra",
                "team=x",
                "--as-user-extra",
                "team=y",
            ],
            true,
        ),
        bed.row("group without user", &config, &["--as-group", "system:masters"], false),
        bed.row("uid without user", &config, &["--as-uid", "7"], false),
        bed.row("extra without user", &config, &["--as-user-extra", "team=x"], false),
    ] {
        bed.check(&row);
    }
}

#[test]
fn plugins_and_lists() {
    let bed = Bed::new();
    let login = format!(
        "echo '{{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{{\"token\":\"{}\"}}}}'",
        bed.plane.admin_token()
    );
    let path = with_plugin(bed.plane, bed.folder.path(), &login);
    let mut plugin: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    plugin["contexts"][0]["context"]["namespace"] = json!(bed.namespace);
    let mut incomplete = plugin.clone();
    incomplete["users"][0]["user"]["exec"].as_object_mut().unwrap().remove("interactiveMode");
    let rules = |name: &str, policy: &str| {
        let text =
            format!("apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\ncredentialPluginPolicy: {policy}\n");
        write_private(&bed.folder.path().join(name), text.as_bytes());
        bed.file(name)
    };
    let (allow, deny) = (rules("allow", "AllowAll"), rules("deny", "DenyAll"));
    let mut denied = bed.row("kuberc by variable", &plugin, &[], false);
    denied.env = vec![("KUBERC", deny.clone())];
    let mut wins = bed.row("kuberc by flag wins", &plugin, &["--kuberc", &allow], true);
    wins.env = vec![("KUBERC", deny.clone())];
    let mut off = bed.row("kuberc off and flag", &plugin, &["--kuberc", &allow], false);
    off.env = vec![("KUBERC", "off".to_owned())];

    let config = bed.config();
    let mut users = config.clone();
    users["users"][0]["user"] = json!({"token": "wrong-token"});
    users["current-context"] = json!("gone");
    let mut nameless = config.clone();
    nameless["current-context"] = json!("");
    let first = write(bed.folder.path(), "first", &config);
    let second = write(bed.folder.path(), "second", &users);
    let third = write(bed.folder.path(), "third", &nameless);
    let missing = bed.folder.path().join("missing");
    let list = |name, files: &[&PathBuf], works| Row {
        name,
        kubeconfig: files.iter().map(|file| (*file).clone()).collect(),
        flags: Vec::new(),
        env: Vec::new(),
        works,
    };
    let mut named = config.clone();
    let port = bed.plane.address().port();
    named["clusters"][0]["cluster"]["server"] = json!(format!("https://cluster.invalid:{port}"));
    named["clusters"][0]["cluster"]["tls-server-name"] = json!("127.0.0.1");
    let (proxy, _) = tunnel();
    let mut proxied = bed.row("proxy of the environment", &named, &[], true);
    proxied.env = vec![("HTTPS_PROXY", proxy.clone())];
    let mut direct = bed.row("NO_PROXY", &named, &[], false);
    direct.env = vec![("HTTPS_PROXY", proxy), ("NO_PROXY", ".invalid".to_owned())];
    for row in [
        bed.row("plugin", &plugin, &[], true),
        bed.row("plugin without a mode", &incomplete, &[], false),
        bed.row("plugin denied by flag", &plugin, &["--kuberc", &deny], false),
        bed.row("kuberc missing", &plugin, &["--kuberc", "/nowhere/kuberc"], false),
        denied,
        wins,
        off,
        list("the first file wins", &[&first, &second], true),
        list("the first file is wrong", &[&second, &first], false),
        list("a missing file is skipped", &[&missing, &first], true),
        list("nothing but missing files", &[&missing], false),
        list("an empty current context is none", &[&third, &first], true),
        proxied,
        direct,
    ] {
        bed.check(&row);
    }
}

#[test]
fn what_cannot_be_kept_is_refused_and_a_token_never_shown() {
    let bed = Bed::new();
    let path = write(bed.folder.path(), "config", &bed.config());
    let view = |flags: &[&str]| Secretsafe::new().args(["view", "db"]).args(flags).kubeconfig(&path).run();
    assert!(view(&["--match-server-version"]).expect_code(2).err().contains("no version of Kubernetes"));
    assert!(view(&["--profile=heap"]).expect_code(2).err().contains("could hold values"));
    assert!(view(&["--password=not-a-real-password"]).expect_code(2).err().contains("1.19"));
    let warned = view(&["--token", bed.plane.admin_token(), "-v", "9"]).success();
    assert!(
        warned.err().contains("process list") && !warned.err().contains(bed.plane.admin_token()),
        "{}",
        warned.err()
    );
    for token in ["not-a-real-token", "not a real token", "not-a-real-\u{7}token"] {
        let output = view(&["--token", token, "-v", "9"]);
        assert!(output.code != Some(0) && !output.err().contains(token), "{}", output.err());
        assert!(!output.err().contains("not-a-real") && !output.err().contains("a real"), "{}", output.err());
    }
}

#[test]
fn the_table_has_a_row_for_each_option_of_the_real_kubectl() {
    let mut command = Command::new(binaries::path("kubectl"));
    command.arg("options");
    let options = run(command, b"").success().out();
    let theirs: BTreeSet<String> = options.lines().filter_map(|line| flag_of(line.trim_start())).collect();
    assert!(theirs.len() > 25, "{options}");
    let table = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/kubectl-flags.md")).unwrap();
    let rows: Vec<Vec<&str>> =
        table.lines().filter(|line| line.starts_with("| `-")).map(|l| l.split('|').collect()).collect();
    let written: BTreeSet<String> = rows.iter().map(|row| flag_of(row[1].trim().trim_matches('`')).unwrap()).collect();
    assert_eq!(theirs, written, "docs/kubectl-flags.md");
    let help = Secretsafe::new().args(["view", "--help"]).run().success().out();
    for row in rows {
        let flag = flag_of(row[1].trim().trim_matches('`')).unwrap();
        let known = help.split_whitespace().any(|word| word.split(['=', '[']).next() == Some(flag.as_str()));
        assert_eq!(known || flag == "--v", row[2].trim() != "left out", "{flag}");
    }
}

/// `-n, --namespace='':` is `--namespace`.
fn flag_of(line: &str) -> Option<String> {
    let start = line.starts_with('-').then(|| line.find("--"))??;
    let name: String = line[start..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    Some(name)
}
