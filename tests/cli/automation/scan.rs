//! The documents of `scan`.

use std::fs;
use std::process::Command;

use super::reports::Reports;

/// One file for each kind, and what else a report can say.
const FILES: &[(&str, &str)] = &[
    ("secret.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  password: made-up\n"),
    (
        "applied.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: '{\"kind\":\"Secret\",\"apiVersion\":\"v1\",\"stringData\":{\"a\":\"made-up\"}}'\n",
    ),
    ("kustomization.yaml", "secretGenerator:\n- literals: [a=made-up]\n  files: [token.txt]\n"),
    ("token.txt", "made-up"),
    (".env", "DB_PASSWORD=made-up\n"),
    (
        "values.yaml",
        "token: made-up\nurl: redis://:made-up@r\nallowed_token: made-up # secretsafe:allow a test\nx: y # secretsafe:allow\n",
    ),
    ("pod.yaml", "env:\n- name: TOKEN\n  value: made-up\n"),
    ("map.yaml", "kind: ConfigMap\napiVersion: v1\ndata:\n  password: made-up\n"),
    ("docker.json", "{\"auths\": {\"r\": {\"auth\": \"bWFkZTp1cA==\"}}}"),
    ("kubeconfig", "apiVersion: v1\nkind: Config\nusers:\n- user: {token: made-up}\n"),
    ("broken.yaml", "token: made: up: [\n"),
];

impl Reports<'_> {
    /// Every kind of finding, and everything that is said beside them.
    pub(super) fn scan(&mut self) {
        let folder = crate::support::temp_folder("scan");
        for (name, text) in FILES {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
        fs::write(folder.path().join("id"), key).unwrap();
        self.run(&["scan", folder.path().to_str().unwrap(), "--fail-on", "never"]);
        // What a history says beside that.
        let git = |args: &[&str]| {
            let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
            let done = Command::new("git").current_dir(folder.path()).args(identity).args(args).output().unwrap();
            assert!(done.status.success(), "git {args:?}");
        };
        git(&["init", "--quiet"]);
        git(&["add", "values.yaml"]);
        git(&["commit", "--quiet", "--message=x"]);
        self.run_to(0, &["scan", "--history", "--fail-on", "never"], |run| {
            run.env("GIT_DIR", folder.path().join(".git"))
        });
    }
}
