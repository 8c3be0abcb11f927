//! Which context, cluster, user and namespace.

use serde_json::{Value, json};

use super::bed::Bed;

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
