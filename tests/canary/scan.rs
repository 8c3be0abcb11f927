//! `scan`: values in every kind of file, in broken ones and under names that hold them; no piece of one in any format.

use std::fs;
use std::process::{Command, Stdio};

use crate::planted::check;
use crate::support::canary::Canary;
use crate::support::command::{Output, Secretsafe};
use crate::support::temp_folder;

/// Files with a place for a value.
const FILES: &[(&str, &str)] = &[
    (
        "secret.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  password: \"@\"\n  more: |\n    @: @\n",
    ),
    (
        "broken.yaml",
        "apiVersion: v1\nkind: Secret\nstringData:\n  password: \"@\n  token: @: @\n\t@\n @: [\n---\n@: {\n",
    ),
    ("broken.json", "{\"kind\": \"Secret\", \"apiVersion\": \"v1\", \"data\": {\"a\": \"@\", @"),
    ("values.yaml", "password: \"@\"\nurl: \"https://a:@@b/@\"\ntokens: [\"@\"]\nallowed: x # secretsafe:allow\n"),
    ("config.yaml", "kind: ConfigMap\napiVersion: v1\ndata:\n  a: |\n    password=@\n    @\n    token: '@'\n"),
    (
        "kustomization.yaml",
        "secretGenerator:\n- literals: [\"a=@\"]\n  envs: [generated.txt]\n  files: [whole.txt, \"@.txt\"]\n",
    ),
    ("generated.txt", "A=@\n@\n"),
    ("whole.txt", "@"),
    (".env", "PASSWORD=@\n@\nTOKEN='@'\n"),
    ("kubeconfig", "apiVersion: v1\nkind: Config\nusers:\n- name: a\n  user: {token: \"@\"}\n"),
    ("docker.json", "{\"auths\": {\"r\": {\"auth\": \"@\"}}}"),
    (
        "templates/secret.yaml",
        "kind: Secret\napiVersion: v1\nstringData:\n  a: {{ default \"@\" .Values.a }}\n  {{ \"@\" }}: x\n",
    ),
];

#[test]
fn nothing_comes_out() {
    // Of values that have several lines or no letters, there is nothing in YAML to break.
    let canary = Canary::random();
    let value = canary.text().to_owned();
    let folder = temp_folder("scan");
    for (path, text) in FILES {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text.replace('@', &value)).unwrap();
    }
    let here = folder.path().to_str().unwrap();
    let baseline = folder.path().join("baseline.json");
    for format in ["table", "json", "yaml", "sarif", "name", "jsonpath={.items}", "custom-columns=A:.items"] {
        let run = Secretsafe::new().args(["scan", here, "-v", "9", "--fail-on", "never", "-o", format]);
        let output = run.run().success();
        check(std::slice::from_ref(&canary), &run, &output, &format!("scan {format}"));
        assert!(output.out().contains("values.yaml") || format == "custom-columns=A:.items", "{}", output.out());
    }
    fs::write(&baseline, format!("{{\"{value}\": {value}")).unwrap();
    let run = Secretsafe::new().args(["scan", here, "-v", "9", "--baseline", baseline.to_str().unwrap()]);
    let output = run.run().expect_code(2);
    check(std::slice::from_ref(&canary), &run, &output, "a broken baseline");
}

/// Values in what is staged and was committed, in Git's config, in messages, in a baseline and in revisions that are none.
#[test]
fn nothing_comes_out_of_git() {
    let canary = Canary::random();
    let value = canary.text().to_owned();
    let folder = temp_folder("scan-git");
    let git = |args: &[&str]| {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        let done = Command::new("git").current_dir(folder.path()).args(identity).args(args).output().unwrap();
        assert!(done.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&done.stderr));
    };
    git(&["init", "--quiet", "--initial-branch=main"]);
    let plant = || {
        for (path, text) in FILES {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text.replace('@', &value)).unwrap();
        }
    };
    plant();
    fs::write(folder.path().join("base.json"), format!("{{\"{value}\": {value}")).unwrap();
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", &value]);
    git(&["config", "remote.origin.url", &format!("https://user:{value}@127.0.0.1/x")]);
    for (path, _) in FILES {
        let mut text = fs::read(folder.path().join(path)).unwrap();
        text.push(b'\n');
        fs::write(folder.path().join(path), text).unwrap();
    }
    git(&["add", "."]);
    let broken = format!("[core]\n\tbare = {value}\n");
    let range = format!("{value}..main");
    let cases: &[(&[&str], i32)] = &[
        (&["--staged"], 1),
        (&["--staged", "-o", "json"], 1),
        (&["--staged", "-o", "sarif"], 1),
        (&["--history"], 1),
        (&["--history", "-o", "json"], 1),
        (&["--history", "-o", "sarif"], 1),
        (&["--history", "-o", "yaml"], 1),
        (&["--history", &range], 2),
        (&["--staged", "--baseline", "base.json", "--baseline-from", "HEAD"], 2),
        (&["--staged", "--baseline", "base.json", "--baseline-from", &value], 2),
        (&["--install-hook"], 0),
    ];
    let try_it = |args: &[&str], code: i32| {
        let run = Secretsafe::new().args(["scan", "-v", "9"]).args(args);
        // The hook goes alone.
        let run = if args[0] == "--install-hook" { Secretsafe::new().args(["scan"]).args(args) } else { run };
        let output = run.command().current_dir(folder.path()).stdin(Stdio::null()).output().unwrap();
        let code_seen = output.status.code();
        let output = Output { code: code_seen, stdout: output.stdout, stderr: output.stderr, ..Output::default() };
        assert_eq!(code_seen, Some(code), "{args:?}: {}{}", output.out(), output.err());
        check(std::slice::from_ref(&canary), &run, &output, &format!("scan {args:?}"));
    };
    for (args, code) in cases {
        try_it(args, *code);
    }
    // What git says about a config that it cannot read quotes it.
    fs::write(folder.path().join(".git/config"), broken).unwrap();
    for args in [&["--staged"][..], &["--history"], &["--install-hook"]] {
        try_it(args, 3);
    }
}
