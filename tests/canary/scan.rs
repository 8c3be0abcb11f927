//! `scan`: values in every kind of file, in broken ones and under names that hold them; no piece of one in any format.

use std::fs;

use crate::planted::check;
use crate::support::canary::Canary;
use crate::support::command::Secretsafe;
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
