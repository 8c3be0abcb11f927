//! The options that exist, and those that are refused.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::connect::write;
use crate::support::binaries;
use crate::support::command::{Secretsafe, run};

use super::bed::Bed;

#[test]
fn what_cannot_be_kept_is_refused_and_a_token_never_shown() {
    let bed = Bed::new();
    let path = write(bed.folder.path(), "config", &bed.config());
    let view = |flags: &[&str]| Secretsafe::new().args(["view", "db"]).args(flags).kubeconfig(&path).run();
    assert!(view(&["--match-server-version"]).expect_code(2).err().contains("no version of Kubernetes"));
    assert!(view(&["--profile=heap"]).expect_code(2).err().contains("could hold values"));
    assert!(view(&["--password=not-a-real-password"]).expect_code(2).err().contains("1.19"));
    let warned = view(&["--token", bed.plane.admin_token(), "-v", "9"]).success();
    assert!(
        warned.err().contains("process list") && !warned.err().contains(bed.plane.admin_token()),
        "{}",
        warned.err()
    );
    for token in ["not-a-real-token", "not a real token", "not-a-real-\u{7}token"] {
        let output = view(&["--token", token, "-v", "9"]);
        assert!(output.code != Some(0) && !output.err().contains(token), "{}", output.err());
        assert!(!output.err().contains("not-a-real") && !output.err().contains("a real"), "{}", output.err());
    }
}

#[test]
fn the_table_has_a_row_for_each_option_of_the_real_kubectl() {
    let mut command = Command::new(binaries::path("kubectl"));
    command.arg("options");
    let options = run(command, b"").success().out();
    let theirs: BTreeSet<String> = options.lines().filter_map(|line| flag_of(line.trim_start())).collect();
    assert!(theirs.len() > 25, "{options}");
    let table = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/kubectl-flags.md")).unwrap();
    let rows: Vec<Vec<&str>> =
        table.lines().filter(|line| line.starts_with("| `-")).map(|l| l.split('|').collect()).collect();
    let written: BTreeSet<String> = rows.iter().map(|row| flag_of(row[1].trim().trim_matches('`')).unwrap()).collect();
    assert_eq!(theirs, written, "docs/kubectl-flags.md");
    let help = Secretsafe::new().args(["view", "--help"]).run().success().out();
    for row in rows {
        let flag = flag_of(row[1].trim().trim_matches('`')).unwrap();
        let known = help.split_whitespace().any(|word| word.split(['=', '[']).next() == Some(flag.as_str()));
        assert_eq!(known || flag == "--v", row[2].trim() != "left out", "{flag}");
    }
}

/// `-n, --namespace='':` is `--namespace`.
fn flag_of(line: &str) -> Option<String> {
    let start = line.starts_with('-').then(|| line.find("--"))??;
    let name: String = line[start..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    Some(name)
}
