//! The record of each key: what it claims, and how much room it may take.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::change::{live, planted, run};
use crate::support::controlplane::ControlPlane;

fn records(object: &Value) -> Vec<(&str, &str)> {
    let annotations = object["metadata"]["annotations"].as_object().unwrap();
    annotations
        .iter()
        .filter(|(name, _)| name.starts_with("key.secretsafe.dev/"))
        .map(|(name, text)| (name.as_str(), text.as_str().unwrap()))
        .collect()
}

/// Public text in a key that looks secret is an exception, and has to be found later.
#[test]
fn an_exception_for_public_text_is_recorded() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let create = ["create", "generic", "db", "a-key=public:x", "user=public:app", "--public-ok", "a-key", "-o", "json"];
    let report: Value = serde_json::from_str(&run(&namespace, &create, "").success().out()).unwrap();
    assert_eq!((&report["keys"][0]["publicOk"], &report["keys"][0]["source"]), (&true.into(), &"public".into()));
    assert!(report["keys"][1].get("publicOk").is_none(), "user names are public anyway: {report}");
    let object = live(plane, &namespace);
    assert!(object["metadata"]["annotations"]["key.secretsafe.dev/a-key"].as_str().unwrap().contains("publicOk"));
    assert!(run(&namespace, &["view", "db"], "").success().out().contains("public by --public-ok"));

    // The same from --apply and set, and gone when the value comes from elsewhere.
    run(&namespace, &["set", "db", "b-key=public:y", "--public-ok", "b-key", "--yes"], "").success();
    run(&namespace, &["create", "generic", "db", "c-key=public:z", "--public-ok", "c-key", "--apply"], "").success();
    run(&namespace, &["rotate", "db", "a-key=stdin", "--yes"], "not-a-real-key").success();
    let object = live(plane, &namespace);
    let marked: BTreeSet<&str> =
        records(&object).into_iter().filter(|(_, text)| text.contains("publicOk")).map(|(name, _)| name).collect();
    assert_eq!(marked, BTreeSet::from(["key.secretsafe.dev/b-key", "key.secretsafe.dev/c-key"]));
}

#[test]
fn all_records_together_stay_within_64_kib_and_the_oldest_go() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let keys: Vec<String> = (0..900).map(|n| format!("k{n:03}=public:x{n}")).collect();
    let mut create = vec!["create", "generic", "db"];
    create.extend(keys.iter().map(String::as_str));
    let output = run(&namespace, &create, "").success();
    assert!(output.err().contains("did not fit into 64 KiB"), "{}", output.err());
    let object = live(plane, &namespace);
    assert_eq!(object["data"].as_object().unwrap().len(), 900, "the values are all there");
    let size = |object: &Value| records(object).iter().map(|(name, text)| name.len() + text.len()).sum::<usize>();
    assert!(size(&object) <= 64 * 1024 && size(&object) > 60 * 1024, "{}", size(&object));

    // A newer record takes the place of an older one; other people's annotations are not touched.
    plane.kubectl(&["annotate", "secret", "db", "-n", &namespace, "team=a"]).success();
    let lost: Vec<String> = (0..900)
        .map(|n| format!("k{n:03}"))
        .filter(|key| object["metadata"]["annotations"].get(format!("key.secretsafe.dev/{key}")).is_none())
        .collect();
    let given = format!("{}=public:new", lost[0]);
    let output = run(&namespace, &["set", "db", &given, "--yes"], "").success();
    assert!(output.err().contains("1 change record did not fit"), "{}", output.err());
    let object = live(plane, &namespace);
    assert!(size(&object) <= 64 * 1024);
    let annotations = &object["metadata"]["annotations"];
    assert_eq!(annotations["team"], "a");
    assert!(annotations[format!("key.secretsafe.dev/{}", lost[0])].is_string(), "the newest is kept");
}

#[test]
fn the_report_of_a_change_counts_every_key() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let report = |args: &[&str], stdin: &str| -> Value {
        let mut args = args.to_vec();
        args.extend(["--yes", "-o", "json"]);
        serde_json::from_str(&run(&namespace, &args, stdin).success().out()).unwrap()
    };
    let names = |report: &Value| -> Vec<(String, bool)> {
        let keys = report["keys"].as_array().unwrap().iter();
        keys.map(|key| (key["name"].as_str().unwrap().to_owned(), key["class"].is_string())).collect()
    };
    let set = report(&["set", "db", "c=stdin"], "new-c");
    let expected = [("a", false), ("b", false), ("c", true)].map(|(name, read)| (name.to_owned(), read));
    assert_eq!(names(&set), expected, "facts of what was written, names of the rest");
    assert_eq!((&set["moreKeys"], &set["change"]["keys"]), (&0.into(), &serde_json::json!(["c"])));
    let unset = report(&["unset", "db", "b"], "");
    assert_eq!(names(&unset).len(), 2);
    assert_eq!(unset["moreKeys"], 0);
}
