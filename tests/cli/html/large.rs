//! 20,000 findings: the page opens, and is filtered as one types.

use std::time::Duration;

use serde_json::{Value, json};

use crate::audit::audit;
use crate::support::browser::{Browser, Deeds};
use crate::support::controlplane::ControlPlane;
use crate::support::fault::{Fault, Rule};
use crate::support::proxy::Proxy;

use super::{fill, rows};

const SECRETS: usize = 20_000;
/// How many rows the page shows before somebody wants all.
const AT_ONCE: usize = 500;

/// A list of Secrets whose keys nobody has changed for years.
fn old_secrets() -> Fault {
    let row = |number: usize| {
        let (name, namespace) = (format!("db-{number:05}"), format!("team-{:03}", number % 200));
        let fields = json!({"f:data": {".": {}, "f:password": {}}});
        let entry = json!({"manager": "kubectl-create", "operation": "Update", "apiVersion": "v1",
            "time": "2021-01-01T00:00:00Z", "fieldsType": "FieldsV1", "fieldsV1": fields});
        let metadata = json!({"name": name, "namespace": namespace, "uid": number.to_string(), "resourceVersion": "1",
            "creationTimestamp": "2021-01-01T00:00:00Z", "managedFields": [entry]});
        json!({"cells": [name, "Opaque", 1, "5y"], "object": {"metadata": metadata}})
    };
    let rows: Vec<Value> = (0..SECRETS).map(row).collect();
    Fault::Garbage(json!({"kind": "Table", "metadata": {}, "rows": rows}).to_string().into_bytes())
}

#[test]
fn twenty_thousand_findings_are_a_page_that_works() {
    let plane = ControlPlane::shared();
    let proxy = Proxy::start(plane, vec![Rule::always(old_secrets()).path("/secrets")]);
    let kubeconfig = proxy.kubeconfig(plane.admin_token());
    let args = ["-A", "--rule", "stale", "--fail-on", "never", "-o", "html"];
    let html = audit(plane, &args).kubeconfig(&kubeconfig).run().success().out();
    assert!(html.len() < 12_000_000, "{} bytes", html.len());
    let mut browser = Browser::start();
    let opened = browser.open(&html);
    assert_eq!(browser.deeds(), Deeds::default());
    assert_eq!((rows(&mut browser, false).len(), rows(&mut browser, true).len()), (SECRETS, AT_ONCE));
    let said = browser.evaluate("document.getElementById('said').textContent");
    assert_eq!(said, "20,000 findings; the first 500 are shown");

    // From the key to what is on the screen.
    let mut filtered = Duration::ZERO;
    for text in ["d", "db", "db-0", "db-01", "db-0123", "db-01234", "", "team-199", "19999"] {
        let took = browser.evaluate(&format!(
            "new Promise(done => {{ const from = performance.now(), field = document.getElementById('filters').elements.search;
                field.value = {}; field.dispatchEvent(new Event('input', {{bubbles: true}}));
                requestAnimationFrame(() => setTimeout(() => done(performance.now() - from))); }})",
            json!(text)
        ));
        filtered = filtered.max(Duration::from_secs_f64(took.as_f64().unwrap() / 1000.0));
    }
    assert_eq!(rows(&mut browser, true).len(), 1);
    fill(&mut browser, "search", "");
    browser.evaluate("document.querySelectorAll('#table thead button')[3].click()");
    browser.evaluate("document.querySelectorAll('#table thead button')[3].click()");
    assert_eq!(rows(&mut browser, true)[0][3], "secret/db-19999");
    let heap = browser.heap();
    let measured = format!("{} bytes, open {opened:?}, filter {filtered:?}, heap {heap} bytes", html.len());
    assert!(opened < Duration::from_secs(20) && filtered < Duration::from_secs(2), "{measured}");
    assert!(heap < 100_000_000, "{measured}");
    browser.evaluate("document.getElementById('more').click()");
    assert_eq!(rows(&mut browser, true).len(), SECRETS);

    // Without a script all are there at once.
    let mut browser = Browser::start();
    browser.scripts(false);
    browser.open(&html);
    assert_eq!(rows(&mut browser, true).len(), SECRETS);
}
