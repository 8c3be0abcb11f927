//! `audit -o html` in a real browser: it says what the report says, does nothing else, and is usable by everybody.

mod access;
mod hostile;
mod large;
mod page;

use std::path::Path;

use serde_json::{Value, json};

use crate::audit::cases::{apply, bind, opaque};
use crate::audit::{audit, report};
use crate::support::browser::{Browser, Deeds};
use crate::support::controlplane::ControlPlane;

/// A page, and the report that it is made of.
pub(crate) struct Shown {
    pub(crate) html: String,
    pub(crate) report: Value,
}

/// Runs `audit` as a report, as a page, and as a report again: others change the cluster meanwhile, and bindings of the
/// cluster count in every namespace.
pub(crate) fn shown(plane: &ControlPlane, kubeconfig: &Path, args: &[&str]) -> Shown {
    let run = |format: &str| {
        let args = [args, &["--fail-on", "never", "-o", format]].concat();
        audit(plane, &args).kubeconfig(kubeconfig).run().success()
    };
    let timeless = || {
        let mut report = report(&run("json"));
        report["at"] = Value::Null;
        report
    };
    for _ in 0..10 {
        let (before, html, after) = (timeless(), run("html").out(), timeless());
        if before == after {
            return Shown { html, report: after };
        }
    }
    panic!("the cluster does not keep still");
}

/// A namespace in which several rules find something, and what cannot be told is one thing.
pub(crate) fn several(plane: &ControlPlane) -> (String, Shown) {
    let namespace = plane.namespace();
    apply(plane, &namespace, &[]);
    opaque(plane, &namespace, "site", json!({"tls.crt": "c", "tls.key": "k"}));
    opaque(plane, &namespace, "queue", json!({"password": "not-a-real-one"}));
    let everybody = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:authenticated"});
    bind(plane, &namespace, "everybody-reads", everybody);
    let shown = shown(plane, plane.admin_kubeconfig(), &["-n", &namespace]);
    (namespace, shown)
}

/// Opens a page of ours: it is quiet, or the test ends.
pub(crate) fn opened(html: &str) -> Browser {
    let mut browser = Browser::start();
    browser.open(html);
    assert_eq!(browser.deeds(), Deeds::default());
    browser
}

/// The texts of the cells of all rows, or of those that are in sight.
pub(crate) fn rows(browser: &mut Browser, in_sight: bool) -> Vec<Vec<String>> {
    let script = format!(
        "Array.from(document.querySelectorAll('#table tbody tr')).filter(row => !{in_sight} || row.getClientRects().length > 0)
            .map(row => Array.from(row.cells).map(cell => cell.textContent))"
    );
    serde_json::from_value(browser.evaluate(&script)).unwrap()
}

/// The same, from the report.
pub(crate) fn expected(report: &Value) -> Vec<Vec<String>> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let row = |item: &Value| {
        let object = &item["object"];
        let kind = text(&object["kind"]).to_lowercase();
        let named = text(&object["name"]);
        vec![
            text(&item["severity"]),
            text(&item["rule"]),
            object["namespace"].as_str().unwrap_or("(cluster)").to_owned(),
            if named.is_empty() { kind } else { format!("{kind}/{named}") },
            text(&item["key"]),
            text(&item["seen"]),
            text(&item["command"]),
        ]
    };
    report["items"].as_array().unwrap().iter().map(row).collect()
}

/// Fills a field of the form, as typing or choosing would.
pub(crate) fn fill(browser: &mut Browser, field: &str, text: &str) {
    browser.evaluate(&format!(
        "{{ const field = document.getElementById('filters').elements['{field}']; field.value = {};
            field.dispatchEvent(new Event('input', {{bubbles: true}})); 1 }}",
        json!(text)
    ));
}
