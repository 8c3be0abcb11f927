//! Which server, by which way, and what it must prove.

use serde_json::{Value, json};

use crate::connect::tunnel;

use super::bed::Bed;

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
