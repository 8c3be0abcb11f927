//! `list` against the real API server: paging, order, rights, what is hidden, and what is requested.

use serde_json::{Value, json};

use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::fault::{Fault, Rule};
use crate::support::fixtures::User;
use crate::support::proxy::Proxy;
use crate::support::terminal::Terminal;

fn list(plane: &ControlPlane, args: &[&str]) -> Output {
    Secretsafe::through_kubectl().args(["list"]).args(args).kubeconfig(plane.admin_kubeconfig()).run()
}

/// Makes Secrets with a label each.
fn make(plane: &ControlPlane, namespace: &str, names: &[&str]) {
    for name in names {
        let labels = json!({"app": name, "some/long-label": "value"});
        let object =
            json!({"metadata": {"name": name, "labels": labels}, "stringData": {"user": "u", "password": "p"}});
        plane.create(&format!("/api/v1/namespaces/{namespace}/secrets?fieldManager=kubectl-create"), &object);
    }
}

fn lines(output: &Output) -> Vec<String> {
    output.out().lines().map(str::to_owned).collect()
}

#[test]
fn columns_and_documents_have_what_metadata_tells() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    make(plane, &namespace, &["a", "b", "c"]);
    let table = lines(&list(plane, &["-n", &namespace, "--chunk-size", "2"]).success());
    assert_eq!(table.len(), 4, "one header for all pages: {table:?}");
    let words: Vec<&str> = table[1].split_whitespace().collect();
    assert_eq!((words[0], words[1], words[2], words[4], words[6]), ("a", "Opaque", "2", "≥", "<none>"));
    let wide = list(plane, &["-n", &namespace, "-o", "wide", "--show-labels", "--no-headers"]).success().out();
    assert!(wide.contains("kubectl-create") && wide.contains("password,user") && wide.contains("app=a"), "{wide}");
    assert!(!wide.contains("NAME"));
    let names = list(plane, &["-n", &namespace, "-o", "name", "-l", "app=b"]).success().out();
    assert_eq!(names, "secret/b\n");
    for format in ["json", "yaml"] {
        for chunk in ["2", "0"] {
            let text = list(plane, &["-n", &namespace, "-o", format, "--chunk-size", chunk]).success().out();
            let report: Value = if format == "json" {
                serde_json::from_str(&text).unwrap()
            } else {
                serde_yaml::from_str(&text).unwrap()
            };
            assert_eq!((&report["kind"], report["items"].as_array().unwrap().len()), (&"SecretSummaryList".into(), 3));
            assert_eq!(report["items"][0]["keys"][0]["changedAt"]["basis"], "managedFields");
            assert_eq!((&report["hidden"], &report["inconsistent"]), (&json!(0), &json!(false)));
            let applied = plane.kubectl_with(&["apply", "-f", "-"], text.as_bytes());
            assert_ne!(applied.code, Some(0), "kubectl must not take it for objects");
        }
    }
}

/// kubectl's own templates over Secrets, and ours over the list: what stands in both must come out alike.
#[test]
fn templates_mean_what_they_mean_to_kubectl() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    make(plane, &namespace, &["a", "b", "c"]);
    for format in [
        "jsonpath={.items[*].metadata.name}",
        "jsonpath={.items[1].metadata.name}{\"\\n\"}",
        "jsonpath={.items[-1:].metadata.name}",
        "jsonpath={.items[0:2].metadata.uid}",
        "jsonpath={.items[0,2].metadata.name}",
        "jsonpath={range .items[*]}{.metadata.name}{'\\t'}{.type}{\"\\n\"}{end}",
        "jsonpath={range .items[?(@.metadata.name==\"b\")]}{@.metadata.labels.app}!{end}",
        "jsonpath={.items[?(@.metadata.name!='b')].metadata.labels.some/long-label}",
        "jsonpath={.items[0]['metadata.name','type']}",
        "jsonpath={.items[*]['metadata.name', 'metadata.namespace']}",
        "jsonpath={.items[0].metadata.labels}",
        "jsonpath={.items[0].metadata.labels['some/long-label']}",
        "jsonpath={$.items[0].metadata.nowhere}",
        "jsonpath=first: {.items[0].metadata.name}, {.items[0].metadata.creationTimestamp}",
        "jsonpath-as-json={.items[*].metadata.name}",
        "custom-columns=NAME:.metadata.name,TYPE:.type,NONE:.metadata.nowhere",
        "custom-columns=NAME:{.metadata.name},LABEL:metadata.labels.app",
    ] {
        for headers in [&[][..], &["--no-headers"][..]] {
            if !headers.is_empty() && !format.starts_with("custom") {
                continue;
            }
            let ours = list(plane, &[&["-n", &namespace, "-o", format], headers].concat()).success().out();
            let arguments = [&["get", "secrets", "-n", &namespace, "-o", format], headers].concat();
            let theirs = plane.kubectl_with(&arguments, b"");
            assert_eq!(theirs.code, Some(0), "{format}: {}", theirs.err());
            assert_eq!(ours, theirs.out(), "{format}");
            assert!(!ours.is_empty() || format.contains("nowhere"));
        }
    }
}

#[test]
fn templates_can_stand_in_files() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    make(plane, &namespace, &["a", "b"]);
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let template = file("template", "{range .items[*]}{.metadata.name} has {.keyCount} keys\n{end}");
    let columns = file("columns", "NAME            LABEL\nmetadata.name   .metadata.labels.app\n");
    for format in [format!("custom-columns-file={columns}"), format!("jsonpath-file={template}")] {
        let ours = list(plane, &["-n", &namespace, "-o", &format]).success().out();
        if format.starts_with("jsonpath") {
            assert_eq!(ours, "a has 2 keys\nb has 2 keys\n");
        } else {
            assert_eq!(ours, plane.kubectl_with(&["get", "secrets", "-n", &namespace, "-o", &format], b"").out());
        }
    }
    // Off a list, the report itself is the one item.
    let view = Secretsafe::through_kubectl()
        .args(["view", "a", "-n", &namespace, "-o", "custom-columns=NAME:.metadata.name,KEYS:.keys[*].name"])
        .kubeconfig(plane.admin_kubeconfig());
    assert_eq!(view.run().success().out(), "NAME   KEYS\na      password,user\n");
}

#[test]
fn nothing_there_is_said_as_kubectl_does() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let output = list(plane, &["-n", &namespace]).success();
    assert_eq!(
        (output.out().as_str(), output.err().trim()),
        ("", format!("No secrets found in {namespace} namespace.").as_str())
    );
    assert_eq!(list(plane, &["-n", &namespace, "-q"]).success().err(), "");
    let report: Value = serde_json::from_str(&list(plane, &["-n", &namespace, "-o", "json"]).success().out()).unwrap();
    assert_eq!(report["items"], json!([]));
    assert!(list(plane, &["-n", &namespace, "-o", "yaml"]).success().out().contains("items: []"));
}

#[test]
fn releases_and_companions_are_hidden_and_counted() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    make(plane, &namespace, &["db", "db.secretsafe-pending", "db.secretsafe-v3"]);
    let release = json!({"metadata": {"name": "sh.helm.release.v1.x.v1"}, "type": "helm.sh/release.v1"});
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &release);
    let output = list(plane, &["-n", &namespace, "-o", "name"]).success();
    assert_eq!(output.out(), "secret/db\n");
    assert!(output.err().contains("3 of Helm's releases"), "{}", output.err());
    assert_eq!(lines(&list(plane, &["-n", &namespace, "-o", "name", "--all-types"]).success()).len(), 4);
}

#[test]
fn an_order_is_kubectls_order() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    make(plane, &namespace, &["a10", "b", "a2", "a1"]);
    for path in ["{.metadata.name}", ".metadata.name", "metadata.uid", r"{.metadata.labels.app}"] {
        let theirs = plane.kubectl(&["get", "secrets", "-n", &namespace, "--sort-by", path, "-o", "name"]).success();
        let ours = list(plane, &["-n", &namespace, "--sort-by", path, "-o", "name", "--chunk-size", "1"]).success();
        assert_eq!(ours.out(), theirs.out(), "{path}");
    }
    let output = list(plane, &["-n", &namespace, "--sort-by", ".metadata.nowhere"]).expect_code(2);
    assert!(output.err().contains("no Secret of this list has the field"), "{}", output.err());
}

#[test]
fn an_expired_list_goes_on_and_says_so() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    make(plane, &namespace, &["a", "b", "c", "d"]);
    let proxy = Proxy::start(plane, vec![Rule::first(1, Fault::Gone).path("continue=")]);
    let output = Secretsafe::new()
        .args(["list", "-n", &namespace, "-o", "name", "--chunk-size", "2"])
        .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
        .run()
        .success();
    assert_eq!(lines(&output).len(), 4, "{}", output.out());
    assert!(output.err().contains("changed while it was read"), "{}", output.err());
    proxy.set_rules(vec![Rule::always(Fault::Gone).path("continue=")]);
    let output = Secretsafe::new()
        .args(["list", "-n", &namespace, "--chunk-size", "2"])
        .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
        .run()
        .expect_code(5);
    assert!(output.err().contains("run it again"), "no endless loop: {}", output.err());
}

fn as_user(plane: &ControlPlane, user: &User, args: &[&str]) -> Output {
    Secretsafe::new().args(["list"]).args(args).kubeconfig(&plane.kubeconfig_for(&user.token)).run()
}

#[test]
fn where_all_namespaces_are_refused_those_that_can_be_seen_are_listed() {
    let plane = ControlPlane::shared();
    let (one, other) = (plane.namespace(), plane.namespace());
    make(plane, &one, &["in-one"]);
    make(plane, &other, &["in-other"]);
    let user = plane.user();
    plane.grant(&user, &one, &[("list", "secrets")]);
    let output = as_user(plane, &user, &["-A", "-n", &one]).success();
    assert!(output.out().contains("in-one") && !output.out().contains("in-other"), "{}", output.out());
    assert!(output.err().contains(&format!("only namespace {one} is listed")), "{}", output.err());
    let refused = as_user(plane, &user, &["-A", "-n", &other]).expect_code(5);
    assert!(refused.err().contains("cannot list secrets"), "{}", refused.err());
    plane.grant_everywhere(&user, &[("list", "namespaces")]);
    let output = as_user(plane, &user, &["-A", "-o", "json"]).success();
    let report: Value = serde_json::from_str(&output.out()).unwrap();
    assert_eq!(report["items"].as_array().unwrap().len(), 1);
    assert!(
        report["namespacesLeftOut"].as_u64().unwrap() >= 1 && output.err().contains("left out"),
        "{}",
        output.err()
    );
}

#[test]
fn only_tables_of_metadata_are_requested() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    make(plane, &namespace, &["a", "b", "c"]);
    let proxy = Proxy::start(plane, Vec::new());
    for format in ["table", "wide", "json", "yaml", "name"] {
        Secretsafe::new()
            .args(["list", "-n", &namespace, "-o", format, "--chunk-size", "2"])
            .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
            .run()
            .success();
    }
    let requests = proxy.requests();
    assert_eq!(requests.len(), 10);
    for seen in requests {
        let header = seen.request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("accept"));
        assert!(header.is_some_and(|(_, value)| value.contains("as=Table")), "{header:?}");
        assert!(!seen.request.target.contains("includeObject=Object"), "{}", seen.request.target);
    }
}

#[test]
fn a_narrow_terminal_cuts_and_a_wide_one_does_not() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    make(plane, &namespace, &["a-name-that-is-never-cut"]);
    let run = Secretsafe::new()
        .args(["list", "-n", &namespace, "-o", "wide", "--show-labels"])
        .env("TERM", "xterm")
        .kubeconfig(plane.admin_kubeconfig());
    for (columns, cut) in [(80, true), (250, false)] {
        let mut session = Terminal::new().size(24, columns).run(&run.command()).start();
        assert!(session.wait().success());
        let screen = session.screen();
        assert!(screen.contains("a-name-that-is-never-cut"), "{screen}");
        assert_eq!(screen.contains('…'), cut, "{screen}");
    }
    let whole = run.run().success().out();
    assert!(!whole.contains('…') && whole.contains("some/long-label=value"), "off a terminal nothing is cut");
}

#[test]
fn colour_is_for_terminals_that_want_it() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    make(plane, &namespace, &["db"]);
    let run =
        || Secretsafe::new().args(["list", "-n", &namespace]).env("TERM", "xterm").kubeconfig(plane.admin_kubeconfig());
    assert!(!run().run().success().out().contains('\u{1b}'), "none off a terminal");
    assert!(run().env("CLICOLOR_FORCE", "1").run().success().out().contains('\u{1b}'), "unless it is forced");
    for (variable, coloured) in [("UNRELATED", true), ("NO_COLOR", false)] {
        let run = run().env(variable, "1");
        let mut session = Terminal::spawn(&run.command());
        assert!(session.wait().success());
        let bytes = session.screen_bytes();
        assert_eq!(bytes.windows(4).any(|window| window == b"\x1b[1m"), coloured, "{variable}");
    }
}

#[test]
fn a_near_miss_is_pointed_out_where_the_list_may_be_read() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    make(plane, &namespace, &["database"]);
    let view = |kubeconfig: &std::path::Path| {
        Secretsafe::new().args(["view", "databse", "-n", &namespace]).kubeconfig(kubeconfig).run().expect_code(5).err()
    };
    assert!(view(plane.admin_kubeconfig()).contains("did you mean `database`?"));
    let user = plane.user();
    plane.grant(&user, &namespace, &[("get", "secrets")]);
    let err = view(&plane.kubeconfig_for(&user.token));
    assert!(err.contains("there is no secret `databse`") && !err.contains("did you mean"), "{err}");
    let unset = Secretsafe::new()
        .args(["unset", "database", "pasword", "-n", &namespace, "--yes"])
        .kubeconfig(plane.admin_kubeconfig())
        .run()
        .expect_code(2);
    assert!(unset.err().contains("did you mean `password`?"), "{}", unset.err());
}
