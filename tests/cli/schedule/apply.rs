//! Every object is taken by the server; the account gets exactly the verbs that the policies need.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{NAME, account, enforced, plant, schedule, token};
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::http::Request;

/// What the account may do in a namespace, by the server's own word, without what every account may.
fn rights(plane: &ControlPlane, home: &str, namespace: &str) -> BTreeSet<String> {
    let body = json!({"spec": {"namespace": namespace}}).to_string();
    let request = Request::new("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews")
        .body("application/json", body.as_bytes());
    let answer = plane.request(&token(plane, home), request).json();
    let words = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    let mut rights = BTreeSet::new();
    for rule in answer["status"]["resourceRules"].as_array().unwrap() {
        for group in words(&rule["apiGroups"]).iter().filter(|group| !group.ends_with("k8s.io")) {
            for resource in words(&rule["resources"]) {
                let names = words(&rule["resourceNames"]).join(",");
                rights.extend(words(&rule["verbs"]).iter().map(|verb| format!("{verb} {group}/{resource} {names}")));
            }
        }
    }
    rights
}

fn set(rights: &[&str]) -> BTreeSet<String> {
    rights.iter().map(|right| (*right).to_owned()).collect()
}

#[test]
fn every_object_is_made_and_the_account_has_exactly_the_verbs() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    plant(plane, &namespace, "db", json!({"restart": "auto", "history": 1}));
    plant(plane, &namespace, "api", json!({"restart": "never", "history": 0}));
    let server = schedule(plane, &namespace, &["--dry-run=server"]).run().success();
    assert!(server.out().contains(&format!("cronjob.batch/{NAME} created (server dry run)")), "{}", server.out());
    assert_eq!(plane.get(&format!("/apis/batch/v1/namespaces/{namespace}/cronjobs/{NAME}")).code, 404);
    let applied = schedule(plane, &namespace, &["--yes"]).run().success();
    let lines: Vec<String> = applied.out().lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 6, "{lines:#?}");
    assert!(lines.iter().all(|line| line.ends_with(" created")), "{lines:#?}");
    assert!(lines[0].starts_with("serviceaccount/") && lines[5].starts_with("cronjob.batch/"), "{lines:#?}");
    let expected = [
        "list /secrets ",
        "patch /secrets api,db",
        "get /secrets db",
        "create /secrets ",
        "delete /secrets ",
        "list apps/deployments ",
        "get apps/deployments ",
        "patch apps/deployments ",
        "list apps/statefulsets ",
        "get apps/statefulsets ",
        "patch apps/statefulsets ",
        "list apps/daemonsets ",
        "get apps/daemonsets ",
        "patch apps/daemonsets ",
    ];
    assert_eq!(rights(plane, &namespace, &namespace), set(&expected));
    assert_eq!(rights(plane, &namespace, &plane.namespace()), set(&[]), "nothing in other namespaces");
    // Again: nothing new, and the role follows the policies.
    plane.kubectl(&["delete", "secret", "db", "-n", &namespace]).success();
    let again = schedule(plane, &namespace, &["--yes", "--with-optional-rights"]).run().success();
    assert!(again.out().lines().all(|line| line.ends_with(" configured")), "{}", again.out());
    let fewer = ["list /secrets ", "patch /secrets api", "create /events "];
    assert_eq!(rights(plane, &namespace, &namespace), set(&fewer));
}

#[test]
fn the_job_is_restricted_by_kubernetes_own_standard() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let label = "pod-security.kubernetes.io/enforce=restricted";
    plane.kubectl(&["label", "namespace", &namespace, label]).success();
    let folder = crate::support::temp_folder("sources");
    let file = folder.path().join("sources");
    std::fs::write(&file, format!("{namespace}/db/password=vault:kv/db#password\n")).unwrap();
    let args = ["--allow-sources", file.to_str().unwrap(), "--time-zone", "Europe/Berlin", "--yes"];
    let output = schedule(plane, &namespace, &args).run().success();
    assert!(output.err().contains("there is no policy in this namespace"), "{}", output.err());
    let cron_job = plane.get(&format!("/apis/batch/v1/namespaces/{namespace}/cronjobs/{NAME}")).json();
    assert_eq!(cron_job["spec"]["concurrencyPolicy"], "Forbid");
    assert_eq!(cron_job["spec"]["timeZone"], "Europe/Berlin");
    assert_eq!(cron_job["metadata"]["labels"]["app.kubernetes.io/managed-by"], "kubectl-secretsafe");
    // The admission plugin PodSecurity looks at a Pod made from it, with a volume of the file that was given.
    let mut pod = cron_job["spec"]["jobTemplate"]["spec"]["template"].clone();
    pod["metadata"]["name"] = json!("probe");
    let made = plane.create(&format!("/api/v1/namespaces/{namespace}/pods?dryRun=All"), &pod);
    let mounts = made["spec"]["containers"][0]["volumeMounts"].as_array().unwrap();
    let paths: Vec<&str> = mounts.iter().map(|mount| mount["mountPath"].as_str().unwrap()).collect();
    assert_eq!(paths, ["/etc/secretsafe", "/var/run/secrets/kubernetes.io/serviceaccount"]);
    assert_eq!(made["spec"]["containers"][0]["env"], Value::Null);
    let map = plane.get(&format!("/api/v1/namespaces/{namespace}/configmaps/{NAME}")).json();
    assert_eq!(map["data"]["allow-sources"], std::fs::read_to_string(&file).unwrap());
    // The same Pod without its restrictions is refused, so the standard is enforced.
    pod["spec"]["securityContext"] = json!({});
    let refused = plane.post(&format!("/api/v1/namespaces/{namespace}/pods?dryRun=All"), &pod);
    assert_eq!(refused.code, 403, "{}", refused.json()["message"]);
}

#[test]
fn what_is_printed_can_be_applied_by_somebody_else() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    plant(plane, &namespace, "db", json!({"restart": "auto", "history": 1}));
    let yaml = schedule(plane, &namespace, &["--dry-run=client", "-o", "yaml"]).run().success();
    assert_eq!(yaml.out().matches("---\n").count(), 6);
    assert_eq!(plane.get(&format!("/apis/batch/v1/namespaces/{namespace}/cronjobs/{NAME}")).code, 404);
    plane.kubectl_with(&["apply", "-f", "-"], yaml.out().as_bytes()).success();
    enforced(plane, &namespace);
    let json = schedule(plane, &namespace, &["--dry-run=client", "-o", "json"]).run().success();
    let list: Value = serde_json::from_str(&json.out()).unwrap();
    assert_eq!(list["items"].as_array().unwrap().len(), 6);
    let diff = plane.kubectl_with(&["diff", "-f", "-"], json.out().as_bytes());
    assert_eq!((diff.code, diff.out()), (Some(0), String::new()), "{}", diff.err());
    assert!(!yaml.out().contains("not-a-real"), "no value");
}

/// All that is outside of namespaces bears one name, so this has a control plane of its own.
#[test]
fn a_schedule_for_all_namespaces_has_a_namespace_of_its_own() {
    let plane = ControlPlane::start();
    let namespace = plane.namespace();
    plant(&plane, &namespace, "db", json!({"restart": "auto", "history": 1}));
    let all = |args: &[&str]| {
        Secretsafe::new()
            .args(["schedule", "--cron", "@daily", "--image", &super::image(), "-A"])
            .args(args)
            .kubeconfig(plane.admin_kubeconfig())
            .run()
    };
    for home in ["default", "kube-system", "kube-public"] {
        let refused = all(&["--job-namespace", home, "--yes"]).expect_code(3);
        assert!(refused.err().contains("no place for an account that may read every Secret"), "{}", refused.err());
    }
    let refused = all(&[]).expect_code(3);
    assert!(refused.err().contains("this token can read every Secret and change every workload"), "{}", refused.err());
    all(&["--dry-run=server"]).success();
    assert_eq!(plane.get("/api/v1/namespaces/secretsafe").code, 404);
    let applied = all(&["--yes"]).success();
    assert!(applied.out().starts_with("namespace/secretsafe created\n"), "{}", applied.out());
    let secrets = ["list /secrets ", "patch /secrets ", "get /secrets ", "create /secrets ", "delete /secrets "];
    let workloads = ["deployments", "statefulsets", "daemonsets"]
        .iter()
        .flat_map(|plural| ["list", "get", "patch"].iter().map(move |verb| format!("{verb} apps/{plural} ")));
    let expected: BTreeSet<String> = set(&secrets).into_iter().chain(workloads).collect();
    for place in ["secretsafe", &namespace] {
        assert_eq!(rights(&plane, "secretsafe", place), expected);
    }
    enforced(&plane, "secretsafe");
    super::admission::holds(&plane, "secretsafe", &namespace);
    // A second run makes no namespace, and takes nothing of it over.
    let again = all(&["--yes"]).success();
    assert!(!again.out().contains("namespace/secretsafe "), "{}", again.out());
    let refused = schedule(&plane, "secretsafe", &["--yes"]).run().expect_code(3);
    assert!(refused.err().contains("a schedule of another scope"), "{}", refused.err());
    let removed = Secretsafe::new().args(["schedule", "remove", "-A", "--yes"]).kubeconfig(plane.admin_kubeconfig());
    let removed = removed.run().success();
    assert_eq!(removed.out().lines().count(), 6, "{}", removed.out());
    assert!(removed.err().contains("namespace `secretsafe` is left"), "{}", removed.err());
    let left = plane.kubectl(&["get", "clusterroles,clusterrolebindings", "-o", "name"]).success().out();
    assert!(!left.contains(NAME), "{left}");
}

#[test]
fn the_rights_to_give_rights_are_found_missing_before_anything_is_made() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    plant(plane, &namespace, "db", json!({"restart": "never", "history": 0}));
    let user = plane.user();
    let objects = "get,create,patch";
    plane.grant(
        &user,
        &namespace,
        &[
            ("list", "secrets"),
            (objects, "serviceaccounts"),
            (objects, "roles"),
            (objects, "rolebindings"),
            (objects, "cronjobs"),
        ],
    );
    let run = || schedule(plane, &namespace, &["--yes"]).kubeconfig(&plane.kubeconfig_for(&user.token)).run();
    let denied = run().expect_code(5);
    assert!(denied.err().contains("cannot patch validatingadmissionpolicies"), "{}", denied.err());
    assert!(
        denied.err().contains("nothing was changed") && denied.err().contains("--dry-run=client -o yaml"),
        "{}",
        denied.err()
    );
    plane.grant_everywhere(
        &user,
        &[(objects, "validatingadmissionpolicies"), (objects, "validatingadmissionpolicybindings")],
    );
    let denied = run().expect_code(5);
    assert!(
        denied.err().contains("cannot patch roles") && denied.err().contains("only by who has it"),
        "{}",
        denied.err()
    );
    assert_eq!(plane.get(&format!("/api/v1/namespaces/{namespace}/serviceaccounts/{NAME}")).code, 404);
    plane.grant(&user, &namespace, &[("patch", "secrets")]);
    run().success();
    assert!(account(plane, &namespace).exists());
}

/// The real validation of CronJobs beside ours: on both sides of it.
#[test]
fn kubernetes_takes_the_same_expressions() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let make = |cron: &str| {
        let args = ["create", "cronjob", "x", "--image=x", "--dry-run=server", "-n", &namespace, "--schedule", cron];
        plane.kubectl(&args).code == Some(0)
    };
    let ours = |cron: &str| {
        let args = ["schedule", "--cron", cron, "--image", &super::image(), "-n", &namespace, "--dry-run=client"];
        Secretsafe::new().args(args).kubeconfig(plane.admin_kubeconfig()).run().code == Some(0)
    };
    let good = ["0 3 * * *", "*/15 0-6,22 1 jan-MAR mon-fri", "5/20 ? * * SUN", "@daily", "@every 1h30m", "0 0 31 2 *"];
    let bad =
        ["60 * * * *", "* * * * 7", "5-1 * * * *", "*/0 * * * *", "0 3 * *", "@reboot", "TZ=UTC 0 3 * * *", "@every h"];
    for (cron, takes) in good.iter().map(|cron| (cron, true)).chain(bad.iter().map(|cron| (cron, false))) {
        assert_eq!((make(cron), ours(cron)), (takes, takes), "{cron}");
    }
}
