//! Who we are, and as whom we act.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::kubeconfig::Login;
use crate::support::write_private;

use super::bed::Bed;

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
