//! SARIF by its schema, and the baseline.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::controlplane::ControlPlane;
use crate::support::schema;

use super::cases::{apply, bind, opaque};
use super::{audit, found, report};

fn several(plane: &ControlPlane) -> String {
    let namespace = plane.namespace();
    apply(plane, &namespace, &[]);
    opaque(plane, &namespace, "site", json!({"tls.crt": "c", "tls.key": "k"}));
    let everybody = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:authenticated"});
    // A name with characters that a URI does not take.
    bind(plane, &namespace, "odd name", everybody);
    namespace
}

#[test]
fn sarif_is_what_its_schema_says() {
    let plane = ControlPlane::shared();
    let namespace = several(plane);
    let output = audit(plane, &["-n", &namespace, "-o", "sarif"]).run().expect_code(1);
    let log: Value = serde_json::from_str(&output.out()).unwrap();
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/specs/sarif-2.1.0.json");
    assert_eq!(schema::complaints_of(&log, &spec), Vec::<String>::new());
    let results = log["runs"][0]["results"].as_array().unwrap();
    let again: Value =
        serde_json::from_str(&audit(plane, &["-n", &namespace, "-o", "sarif"]).run().expect_code(1).out()).unwrap();
    assert_eq!(log, again, "the same fingerprints, so that nothing is found twice");
    let of = |rule: &str| results.iter().find(|result| result["ruleId"] == rule).unwrap();
    assert_eq!(of("broad-read")["level"], "error");
    let uri = &of("broad-read")["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(*uri, format!("kubernetes/{namespace}/rolebinding/odd%20name"));
    let index = usize::try_from(of("last-applied")["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(log["runs"][0]["tool"]["driver"]["rules"][index]["id"], "last-applied");
    assert!(!output.out().contains("not-a-real"));
}

#[test]
fn a_baseline_leaves_out_what_is_known() {
    let plane = ControlPlane::shared();
    let namespace = several(plane);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("baseline.json");
    let file = file.to_str().unwrap();
    let run = |args: &[&str]| audit(plane, &[&["-n", &namespace], args].concat()).run();
    let written = run(&["--write-baseline", file]).success();
    assert!(written.err().contains("in the baseline"), "{}", written.err());
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains("last-applied") && !text.contains("not-a-real"), "{text}");
    let quiet = run(&["--baseline", file, "-o", "json", "--fail-on", "low"]).success();
    let quiet = report(&quiet);
    assert_eq!((&quiet["items"], &quiet["baseline"]["gone"]), (&json!([]), &0.into()));
    assert!(quiet["baseline"]["leftOut"].as_u64() > Some(2), "{quiet:#}");
    // Something new is found; something old is gone.
    plane.kubectl(&["delete", "secret", "site", "-n", &namespace]).success();
    opaque(plane, &namespace, "other", json!({"ssh-privatekey": "k"}));
    let output = run(&["--baseline", file, "-o", "json", "--fail-on", "low"]).expect_code(1);
    let (new, err) = (report(&output), output.err());
    assert_eq!(found(&new, "type")[0]["object"]["name"], "other", "{new:#}");
    assert!(new["baseline"]["gone"].as_u64() > Some(0) && err.contains("were not found"), "{err}");
    for bad in ["{", "[]", "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"findings\":[]}"] {
        std::fs::write(file, bad).unwrap();
        let refused = run(&["--baseline", file]).expect_code(2);
        assert!(
            refused.err().contains("is no baseline") && refused.err().contains("--write-baseline"),
            "{}",
            refused.err()
        );
    }
    let missing = run(&["--baseline", "/nowhere/at/all"]).expect_code(2);
    assert!(missing.err().contains("cannot be read") && !missing.err().contains("nowhere"), "{}", missing.err());
}
