//! What `list` finds: keys that are too old, what is due, certificates that expire, what nobody manages; in rows, in
//! numbers, and for spreadsheets. The clock is the server's, and moved by a proxy.

use serde_json::{Value, json};

use crate::due::policy;
use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::fault::{Fault, Rule};
use crate::support::proxy::Proxy;

const DAY: i64 = 86_400;

/// A control plane whose clock, as its answers tell it, is so many days ahead.
pub(crate) fn ahead(plane: &'static ControlPlane, days: i64) -> Proxy {
    Proxy::start(plane, vec![Rule::always(Fault::Clock(days * DAY))])
}

fn list(plane: &ControlPlane, proxy: &Proxy, namespace: &str, args: &[&str]) -> Output {
    Secretsafe::new()
        .args(["list", "-n", namespace])
        .args(args)
        .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
        .run()
}

fn names(output: &Output) -> Vec<String> {
    output.out().lines().map(|line| line.trim_start_matches("secret/").to_owned()).collect()
}

/// Makes a Secret with the key `k`, by a manager.
fn plant(plane: &ControlPlane, namespace: &str, name: &str, manager: &str, metadata: &Value) {
    let mut object = json!({"metadata": metadata, "stringData": {"k": "not-a-real-password"}});
    object["metadata"]["name"] = name.into();
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets?fieldManager={manager}"), &object);
}

/// Lets managedFields say that the key was written so many days after now, as if the object were that much older.
pub(crate) fn write_later(plane: &ControlPlane, namespace: &str, name: &str, key: &str, days: i64) {
    let time = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * days);
    let time = jiff::Timestamp::from_second(time.as_second()).unwrap();
    let entry = json!({"manager": "kubectl-edit", "operation": "Update", "apiVersion": "v1", "time": time,
        "fieldsType": "FieldsV1", "fieldsV1": {"f:data": {".": {}, format!("f:{key}"): {}}}});
    let patch = json!({"metadata": {"labels": {"later": "true"}, "managedFields": [entry]}}).to_string();
    plane.kubectl(&["patch", "secret", name, "-n", namespace, "--type=merge", "-p", &patch]).success();
}

/// Makes a Secret by this program, so many days ago.
fn create_ago(plane: &'static ControlPlane, namespace: &str, name: &str, days: i64) {
    let proxy = ahead(plane, -days);
    let create = ["create", "generic", name, "k=generate", "-n", namespace];
    Secretsafe::new().args(create).kubeconfig(&proxy.kubeconfig(plane.admin_token())).run().success();
}

/// One of each: exact, bounds that are past, that are not, and that cannot be.
fn several(plane: &'static ControlPlane) -> String {
    let namespace = plane.namespace();
    create_ago(plane, &namespace, "exact-old", 20);
    create_ago(plane, &namespace, "exact-young", 0);
    plant(plane, &namespace, "bound", "kubectl-create", &json!({}));
    plant(plane, &namespace, "later", "kubectl-create", &json!({}));
    write_later(plane, &namespace, "later", "k", 50);
    namespace
}

#[test]
fn only_what_surely_is_stale_is_shown_and_the_rest_is_counted() {
    let plane = ControlPlane::shared();
    let namespace = several(plane);
    let proxy = ahead(plane, 100);
    for (limit, found, undecided) in [
        ("130d", &[][..], 0),
        ("110d", &["exact-old"], 0),
        ("90d", &["bound", "exact-old", "exact-young"], 1),
        ("40d", &["bound", "exact-old", "exact-young", "later"], 0),
    ] {
        let output = list(plane, &proxy, &namespace, &["--stale", limit, "-o", "name"]).success();
        assert_eq!(names(&output), found, "{limit}");
        assert_eq!(output.err().contains("1 more may be stale"), undecided == 1, "{limit}: {}", output.err());
        let json = list(plane, &proxy, &namespace, &["--stale", limit, "-o", "json"]).success().out();
        let report: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(report["undecided"], json!({"stale": undecided}), "{limit}");
        assert_eq!(report["items"].as_array().unwrap().len(), found.len(), "{limit}");
        let code = i32::from(!found.is_empty());
        list(plane, &proxy, &namespace, &["--stale", limit, "--exit-code"]).expect_code(code);
    }
    let table = list(plane, &proxy, &namespace, &["--stale", "90d"]).success().out();
    let row = |name: &str| table.lines().find(|line| line.starts_with(&format!("{name} "))).unwrap().to_owned();
    assert!(row("exact-old").contains("   120d   ") && row("exact-old").ends_with("stale"), "{table}");
    assert!(row("bound").contains("   ≥ 100d   "), "{table}");
    let none = list(plane, &proxy, &namespace, &["--stale", "130d"]).success();
    assert!(none.out().is_empty() && none.err().contains("No such secrets found"), "{}", none.err());
}

#[test]
fn without_the_servers_clock_nothing_is_stale_or_fresh() {
    let plane = ControlPlane::shared();
    let namespace = several(plane);
    let proxy = Proxy::start(plane, vec![Rule::always(Fault::NoClock)]);
    let output = list(plane, &proxy, &namespace, &["--stale", "90d"]).success();
    assert!(output.out().is_empty() && output.err().contains("4 more may be stale"), "{}", output.err());
    let table = list(plane, &proxy, &namespace, &[]).success().out();
    assert_eq!(table.matches("<unknown>").count(), 8, "{table}");
}

/// A bound beside an exact age: the oldest key may be the other one.
#[test]
fn the_oldest_key_is_not_said_to_be_older_or_younger_than_is_known() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    create_ago(plane, &namespace, "db", 20);
    let age = || {
        let report = list(plane, &ahead(plane, 0), &namespace, &["-o", "json"]).success().out();
        let report: Value = serde_json::from_str(&report).unwrap();
        let table = list(plane, &ahead(plane, 0), &namespace, &["--no-headers"]).success().out();
        (report["items"][0]["oldestKey"].clone(), table)
    };
    let (oldest, table) = age();
    assert_eq!((&oldest["name"], &oldest["mayBeOlder"]), (&json!("k"), &json!(false)));
    assert!(table.contains("   20d   "), "{table}");
    let patch = json!({"stringData": {"other": "not-a-real-password"}}).to_string();
    plane.kubectl(&["patch", "secret", "db", "-n", &namespace, "--type=merge", "-p", &patch]).success();
    let (oldest, table) = age();
    assert_eq!((&oldest["name"], &oldest["mayBeOlder"]), (&json!("k"), &json!(true)));
    assert!(table.contains("   ≥ 20d   "), "{table}");
}

#[test]
fn what_is_due_is_what_rotate_due_would_rotate() {
    let plane = ControlPlane::shared();
    let namespace = several(plane);
    let annotation = |text: &str| json!({"annotations": {"secretsafe.dev/policy": text}});
    let named = json!({"v": 1, "keys": {"gone": {"every": "90d", "source": "generate"}}}).to_string();
    plant(plane, &namespace, "absent", "kubectl-create", &annotation(&named));
    plant(plane, &namespace, "unreadable", "kubectl-create", &annotation("not a policy"));
    for name in ["exact-old", "exact-young", "bound", "later"] {
        let every = if name == "exact-young" { "112d12h" } else { "90d" };
        let policy = format!("secretsafe.dev/policy={}", policy(every, "generate"));
        plane.kubectl(&["annotate", "secret", name, "-n", &namespace, &policy]).success();
        plane.kubectl(&["label", "secret", name, "-n", &namespace, "secretsafe.dev/policy=true"]).success();
    }
    let proxy = ahead(plane, 100);
    let table = list(plane, &proxy, &namespace, &["--sort-by=due"]).success().out();
    let states: Vec<(&str, bool)> = [
        ("exact-old", "   since 30d   "),
        ("bound", "   since ≥ 10d   "),
        ("exact-young", "   in 12d   "),
        ("absent", "   absent   "),
        ("later", "   undecided   "),
        ("unreadable", "   unreadable   "),
    ]
    .into_iter()
    .zip(table.lines().skip(1))
    .map(|((name, state), line)| (name, line.starts_with(name) && line.contains(state)))
    .collect();
    assert!(states.len() == 6 && states.iter().all(|(_, fits)| *fits), "{states:?}\n{table}");
    let output = list(plane, &proxy, &namespace, &["--due", "-o", "name"]).success();
    assert_eq!(names(&output), ["bound", "exact-old"]);
    assert!(output.err().contains("2 more may be due"), "{}", output.err());
    let rotated = Secretsafe::new()
        .args(["rotate", "--due", "-n", &namespace, "--dry-run=client", "-o", "json"])
        .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
        .run()
        .success();
    let report: Value = serde_json::from_str(&rotated.out()).unwrap();
    let due: Vec<String> = crate::due::results(&report).into_iter().map(|(name, _)| name).collect();
    assert_eq!(due, names(&output));
}

#[test]
fn what_nobody_manages_has_no_record_and_no_owner() {
    let plane = ControlPlane::shared();
    let namespace = several(plane);
    plant(plane, &namespace, "helm", "helm", &json!({"labels": {"app.kubernetes.io/managed-by": "Helm"}}));
    let here = ahead(plane, 0);
    let output = list(plane, &here, &namespace, &["--unmanaged", "-o", "name"]).success();
    assert_eq!(names(&output), ["bound", "later"]);
    // Findings add up, and each says which one it is.
    let table = list(plane, &ahead(plane, 100), &namespace, &["--unmanaged", "--stale", "110d"]).success().out();
    for (name, flags) in [("bound", "unmanaged"), ("exact-old", "stale"), ("later", "unmanaged")] {
        assert!(table.lines().any(|line| line.starts_with(name) && line.ends_with(flags)), "{table}");
    }
    assert_eq!(table.lines().count(), 4, "{table}");
}

#[test]
fn a_certificate_is_read_only_if_that_is_asked_for_and_nothing_else_is() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let mut params = rcgen::CertificateParams::new(vec!["site.example.com".into()]).unwrap();
    params.not_after = rcgen::date_time_ymd(2100, 1, 1);
    let key = rcgen::KeyPair::generate().unwrap();
    let (certificate, key) = (params.self_signed(&key).unwrap().pem(), key.serialize_pem());
    let path = format!("/api/v1/namespaces/{namespace}/secrets");
    let tls = |name: &str, certificate: &str| {
        let data = json!({"tls.crt": certificate, "tls.key": key});
        plane.create(&path, &json!({"metadata": {"name": name}, "type": "kubernetes.io/tls", "stringData": data}));
    };
    tls("site", &certificate);
    tls("broken", "not a certificate");
    plant(plane, &namespace, "other", "kubectl-create", &json!({}));
    let proxy = ahead(plane, 0);
    let refused = list(plane, &proxy, &namespace, &["--expiring", "30d"]).expect_code(2);
    assert!(refused.err().contains("add --deep") && proxy.requests().is_empty(), "{}", refused.err());
    let output = list(plane, &proxy, &namespace, &["--expiring", "36600d", "--deep"]).success();
    assert!(output.out().contains("   expires:") && output.out().lines().count() == 2, "{}", output.out());
    assert!(output.err().contains("1 more may be expiring"), "{}", output.err());
    let mut asked: Vec<String> = proxy.requests().into_iter().map(|seen| seen.request.target).collect();
    asked.sort();
    assert_eq!(asked.len(), 3, "{asked:?}");
    assert_eq!(asked[..2], [format!("{path}/broken"), format!("{path}/site")]);
    let late = ahead(plane, 36_600);
    let output = list(plane, &late, &namespace, &["--expiring", "1d", "--deep", "--exit-code"]).expect_code(1);
    assert!(output.out().contains("   expired:"), "{}", output.out());
    // Who may list and not get sees the rest of the list.
    let user = plane.user();
    plane.grant(&user, &namespace, &[("list", "secrets")]);
    let output = Secretsafe::new()
        .args(["list", "-n", &namespace, "--expiring", "36600d", "--deep", "--unmanaged", "-o", "name", "-v"])
        .kubeconfig(&plane.kubeconfig_for(&user.token))
        .run()
        .success();
    assert_eq!(names(&output), ["broken", "other", "site"]);
    assert!(output.err().contains("2 more may be expiring"), "{}", output.err());
    assert!(output.err().contains("no certificate: cannot get secrets `site`"), "{}", output.err());
}

#[test]
fn a_summary_counts_all_and_shows_none() {
    let plane = ControlPlane::shared();
    let namespace = several(plane);
    let proxy = ahead(plane, 100);
    let args = ["--summary", "--stale", "90d", "--chunk-size", "1"];
    let output = list(plane, &proxy, &namespace, &[&args[..], &["-o", "json"]].concat()).success();
    let report: Value = serde_json::from_str(&output.out()).unwrap();
    assert_eq!(report["kind"], "SecretListSummary");
    assert_eq!((&report["secrets"], &report["keys"]), (&json!(4), &json!(4)));
    assert_eq!((&report["managed"], &report["unmanaged"]), (&json!(2), &json!(2)));
    assert_eq!(report["types"], json!([{"type": "Opaque", "secrets": 4}]));
    assert_eq!(report["stale"], json!({"limit": "90d", "found": 3, "undecided": 1}));
    let ages = |from: u32| report["ages"].as_array().unwrap().iter().find(|range| range["fromDays"] == from).unwrap();
    assert_eq!((&ages(90)["exact"], &ages(90)["atLeast"]), (&json!(2), &json!(1)));
    assert_eq!((&ages(30)["exact"], &ages(30)["atLeast"]), (&json!(0), &json!(1)));
    let table = list(plane, &proxy, &namespace, &args).success().out();
    assert!(table.contains("90d to 180d") && table.contains('█') && !table.contains("exact-old"), "{table}");
    list(plane, &proxy, &namespace, &["--summary", "--stale", "90d", "--exit-code"]).expect_code(1);
    list(plane, &proxy, &namespace, &["--summary", "--stale", "300d", "--exit-code"]).expect_code(0);
}

#[test]
fn words_sort_as_they_say() {
    let plane = ControlPlane::shared();
    let namespace = several(plane);
    let proxy = ahead(plane, 100);
    for (word, first, last) in [("age", "exact-old", "later"), ("name", "bound", "later")] {
        let sorted =
            names(&list(plane, &proxy, &namespace, &["--sort-by", word, "-o", "name", "--chunk-size", "1"]).success());
        assert_eq!((sorted.len(), sorted[0].as_str(), sorted[3].as_str()), (4, first, last), "{word}: {sorted:?}");
    }
}

/// Reads RFC 4180, strictly.
fn csv(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match (character, quoted) {
            ('"', true) if rest.peek() == Some(&'"') => cell.extend(rest.next()),
            ('"', true) => quoted = false,
            ('"', false) => quoted = true,
            (',', false) => row.push(std::mem::take(&mut cell)),
            ('\r', false) => {
                assert_eq!(rest.next(), Some('\n'));
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            (character, _) => cell.push(character),
        }
    }
    assert!(row.is_empty() && cell.is_empty() && !quoted, "the last row has an end");
    rows
}

#[test]
fn a_spreadsheet_runs_nothing_of_what_others_wrote() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    for (name, manager) in
        [("a", "=HYPERLINK(%22x%22,1)"), ("b", "%2B1,2"), ("c", "@SUM(1)%3B2"), ("d", "-1"), ("e", "plain")]
    {
        plant(plane, &namespace, name, manager, &json!({"labels": {"app": "x"}}));
    }
    let output = list(plane, &ahead(plane, 0), &namespace, &["-o", "csv", "--show-labels"]).success().out();
    let rows = csv(&output);
    assert!(rows.len() == 6 && rows.iter().all(|row| row.len() == rows[0].len()), "{output}");
    assert_eq!(rows[0][..5], ["NAMESPACE", "NAME", "TYPE", "KEYS", "CREATED"]);
    let column = rows[0].iter().position(|name| name == "MANAGERS").unwrap();
    let managers: Vec<&str> = rows[1..].iter().map(|row| row[column].as_str()).collect();
    assert_eq!(managers, ["'=HYPERLINK(\"x\",1)", "'+1,2", "'@SUM(1);2", "'-1", "plain"]);
    assert!(rows[1][4].parse::<jiff::Timestamp>().is_ok() && rows[1].last().unwrap() == "app=x", "{output}");
    let empty = plane.namespace();
    let header = list(plane, &ahead(plane, 0), &empty, &["-o", "csv"]).success().out();
    assert_eq!(csv(&header).len(), 1, "a header, and no rows");
    assert!(list(plane, &ahead(plane, 0), &empty, &["-o", "csv", "--no-headers"]).success().out().is_empty());
}
