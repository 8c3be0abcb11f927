//! The archive is the same wherever and whenever it is made, holds what it should, and cannot be changed unseen.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::support::command::{self, Output};
use crate::support::temp_folder;
use crate::{archive, archive_named_by, filled_manifest, release_binary, root, script};

#[test]
fn the_archive_depends_on_nothing_but_what_goes_in() {
    let folder = temp_folder("archive");
    let first = archive(&release_binary(), folder.path());
    // Another time zone, umask, folder to stand in, and age of the binary.
    let binary = folder.path().join("copy");
    fs::copy(release_binary(), &binary).unwrap();
    let mut dist = script("dist");
    dist.arg("--binary").arg("copy").arg("--into").arg("elsewhere");
    dist.current_dir(folder.path()).env("TZ", "Asia/Tokyo").env("GZIP", "-1").env("TAR_OPTIONS", "--xz");
    // SAFETY: umask is async-signal-safe and touches no memory of ours.
    unsafe {
        dist.pre_exec(|| {
            libc::umask(0o077);
            Ok(())
        });
    }
    let second = archive_named_by(&command::run(dist, b"").success());
    assert_ne!(first, second);
    assert!(fs::read(&first).unwrap() == fs::read(&second).unwrap(), "the same binary gives the same archive");
    // The control: the comparison sees a second.
    let mut later = script("dist");
    later.arg("--binary").arg(&binary).arg("--into").arg(folder.path().join("later"));
    later.env("SOURCE_DATE_EPOCH", "1700000001");
    let later = archive_named_by(&command::run(later, b"").success());
    assert!(fs::read(&first).unwrap() != fs::read(&later).unwrap());
}

#[test]
fn the_archive_holds_the_binary_the_license_completions_and_man_pages() {
    let folder = temp_folder("archive");
    let made = archive(&release_binary(), folder.path());
    let mut tar = Command::new("tar");
    tar.args(["--list", "--verbose", "--numeric-owner", "--file"]).arg(&made);
    let listing = command::run(tar, b"").success().out();
    let mut names = Vec::new();
    for line in listing.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert!(["-rwxr-xr-x", "-rw-r--r--", "drwxr-xr-x"].contains(&words[0]), "no links, no odd modes: {line}");
        assert_eq!(words[1], "0/0", "{line}");
        names.push(words[5].to_owned());
        assert_eq!(
            words[0] == "-rwxr-xr-x" && !line.contains("kubectl_complete"),
            words[5] == "kubectl-secretsafe",
            "{line}"
        );
    }
    let mut wanted = vec!["kubectl-secretsafe".to_owned(), "LICENSE".to_owned()];
    for part in ["completions", "man"] {
        wanted.push(format!("{part}/"));
        let mut files: Vec<String> = fs::read_dir(root().join(part))
            .unwrap()
            .map(|entry| format!("{part}/{}", entry.unwrap().file_name().to_str().unwrap()))
            .collect();
        files.sort();
        assert!(!files.is_empty());
        wanted.extend(files);
    }
    assert_eq!(names, wanted);
}

fn verify(archive: &Path) -> Output {
    let mut verify = script("verify");
    verify.arg("--sum-only").arg(archive);
    command::run(verify, b"")
}

#[test]
fn a_tampered_archive_does_not_pass() {
    let folder = temp_folder("archive");
    let made = archive(&release_binary(), folder.path());
    fs::write(folder.path().join("secretsafe.yaml"), filled_manifest(folder.path())).unwrap();
    let output = verify(&made).success();
    assert_eq!(output.out().lines().count(), 2, "both sums were looked at: {}", output.out());

    let good = fs::read(&made).unwrap();
    let mut bad = good.clone();
    let last = bad.len() - 1;
    bad[last] ^= 1;
    fs::write(&made, &bad).unwrap();
    let output = verify(&made).expect_code(1);
    assert!(output.err().contains("is not what"), "{}", output.err());

    // Nor does one whose own sum was changed with it,
    let sum = made.with_file_name(format!("{}.sha256", made.file_name().unwrap().to_str().unwrap()));
    let sha256sum = command::run(
        {
            let mut sha256sum = Command::new("sha256sum");
            sha256sum.arg(&made);
            sha256sum
        },
        b"",
    );
    let own = fs::read(&sum).unwrap();
    fs::write(&sum, sha256sum.success().stdout).unwrap();
    verify(&made).expect_code(1);
    // nor one with the manifest of another release.
    fs::write(&made, &good).unwrap();
    fs::write(&sum, own).unwrap();
    verify(&made).success();
    fs::write(folder.path().join("secretsafe.yaml"), fs::read(root().join("krew-manifest.yaml")).unwrap()).unwrap();
    verify(&made).expect_code(1);
}

/// Without `gh` nothing can be said about the attestation, and that is not a pass.
#[test]
fn without_gh_the_whole_check_fails() {
    let folder = temp_folder("archive");
    let made = archive(&release_binary(), folder.path());
    fs::write(folder.path().join("secretsafe.yaml"), filled_manifest(folder.path())).unwrap();
    let bin = folder.path().join("bin");
    fs::create_dir(&bin).unwrap();
    for (name, package) in [
        ("bash", "bash"),
        ("sed", "sed"),
        ("awk", "mawk"),
        ("dirname", "coreutils"),
        ("basename", "coreutils"),
        ("cut", "coreutils"),
        ("sha256sum", "coreutils"),
    ] {
        let program = crate::support::binaries::system(name, package);
        std::os::unix::fs::symlink(program, bin.join(name)).unwrap();
    }
    let mut verify = script("verify");
    verify.arg(&made).env("PATH", &bin);
    let output = command::run(verify, b"").expect_code(1);
    assert!(output.err().contains("gh is missing"), "{}", output.err());
}
