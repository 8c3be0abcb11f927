//! Credential plugins, lists of kubeconfigs, and proxies of the environment.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::connect::{tunnel, with_plugin, write};
use crate::support::write_private;

use super::bed::{Bed, Row};

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
