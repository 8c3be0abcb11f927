//! What is read of real repositories, which git makes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use super::contents::{Content, Contents};
use super::repository::Staged;
use super::*;
use crate::plaintext::SecretValue;
use crate::process::budget::Budget;

const LIMITS: BlobLimits = BlobLimits { blob: 1000, in_flight: 4000, threads: 2 };

/// A repository of its own, with nothing of the config of whoever runs the tests.
struct Bed(tempfile::TempDir);

impl Bed {
    fn new(flags: &[&str]) -> Self {
        let bed = Self(tempfile::tempdir().unwrap());
        bed.git(&[&["init", "--quiet", "--initial-branch=main"], flags].concat());
        bed
    }

    fn git(&self, arguments: &[&str]) -> String {
        let identity = ["user.name=N", "user.email=n@example.com", "protocol.file.allow=always"];
        let mut command = Command::new("git");
        command.current_dir(self.0.path()).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        for line in identity {
            command.args(["-c", line]);
        }
        let output = command.args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn write(&self, path: impl AsRef<Path>, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn commit(&self) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message=x"]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn open(&self) -> Repository {
        match Repository::of(self.0.path()).unwrap() {
            Place::In(repository) => repository,
            other => panic!("{other:?}"),
        }
    }

    fn history(&self, range: Option<&str>) -> (BTreeMap<String, (String, usize)>, (usize, BlobsLeftOut)) {
        let seen = Mutex::new(BTreeMap::new());
        let take = |entry: &Entry, content: SecretValue| {
            let before = seen.lock().unwrap().insert(
                entry.path.to_string_lossy().into_owned() + "@" + &content.len().to_string(),
                (entry.commit.clone().unwrap(), content.len()),
            );
            assert!(before.is_none(), "twice");
        };
        let wants = |entry: &Entry| entry.path.extension() != Some(OsStr::new("png"));
        let end = self.open().history(range, LIMITS, &AtomicBool::new(false), &wants, &take).unwrap();
        (seen.into_inner().unwrap(), end)
    }
}

fn names(staged: &Staged) -> Vec<String> {
    staged.files.iter().map(|entry| entry.path.to_string_lossy().into_owned()).collect()
}

/// Both kinds of ids.
fn beds() -> [Bed; 2] {
    [Bed::new(&[]), Bed::new(&["--object-format=sha256"])]
}

#[test]
fn what_is_staged_is_what_the_index_has_and_head_has_not() {
    for bed in beds() {
        assert_eq!(bed.open().staged().unwrap(), Staged::default(), "nothing at all");
        bed.write("a.yaml", "first");
        bed.write("b.yaml", "same");
        bed.git(&["add", "."]);
        assert_eq!(names(&bed.open().staged().unwrap()), ["a.yaml", "b.yaml"], "before the first commit");
        bed.commit();
        bed.write("a.yaml", "staged!");
        bed.write(OsStr::from_bytes(b"odd \n\t\xff.yaml"), "x");
        symlink("/etc/shadow", bed.0.path().join("link.yaml")).unwrap();
        bed.git(&["add", "."]);
        bed.git(&["rm", "--quiet", "--cached", "b.yaml"]);
        bed.write("a.yaml", "in the tree, and longer");
        let staged = bed.open().staged().unwrap();
        assert_eq!((staged.files.len(), staged.links, staged.submodules), (2, 1, 0));
        assert_eq!(staged.files[1].path.as_os_str().as_bytes(), b"odd \n\t\xff.yaml");
        let mut sizes = Vec::new();
        let ids: Vec<&str> = staged.files.iter().map(|entry| entry.blob.as_str()).collect();
        let read = |_: usize, content: Content| match content {
            Content::Value(value) => sizes.push(value.len()),
            other => panic!("{other:?}"),
        };
        let mut read = read;
        let budget = Budget::new(10);
        Contents::new(bed.open().git().clone()).read(&ids, 10, &AtomicBool::new(false), &budget, &mut read).unwrap();
        assert_eq!(sizes, ["staged!".len(), 1], "of the index, not of the tree");
    }
}

#[test]
fn a_head_that_is_broken_is_not_taken_for_a_first_commit() {
    let [bed, _] = beds();
    bed.write("a", "x");
    let id = bed.commit();
    fs::remove_file(bed.0.path().join(format!(".git/objects/{}/{}", &id[..2], &id[2..]))).unwrap();
    assert!(bed.open().staged().is_err());
}

#[test]
fn other_repositories_are_counted_and_not_entered() {
    let [bed, _] = beds();
    let inner = Bed::new(&[]);
    inner.write("secret.yaml", "x");
    inner.commit();
    bed.git(&["submodule", "--quiet", "add", inner.0.path().to_str().unwrap(), "sub"]);
    let staged = bed.open().staged().unwrap();
    assert_eq!((names(&staged), staged.submodules), (vec![".gitmodules".to_owned()], 1));
    bed.commit();
    assert_eq!(bed.history(None).0.len(), 1);
    assert_eq!(bed.open().tracked().unwrap().len(), 1);
}

#[test]
fn tracked_and_ignored_files_are_told_from_the_folder() {
    for bed in beds() {
        for path in ["sub/kept.log", "sub/deep/a.log", "sub/deep/b", "sub/b.txt", "top.txt", "sub/out/x/y", "sub/out/z"]
        {
            bed.write(path, "x");
        }
        bed.write(".gitignore", "*.log\nout/\n");
        bed.git(&["add", "--force", "sub/kept.log", "sub/b.txt"]);
        let Place::In(sub) = Repository::of(&bed.0.path().join("sub")).unwrap() else { panic!() };
        let mut tracked: Vec<PathBuf> = sub.tracked().unwrap().into_keys().collect();
        tracked.sort();
        assert_eq!(tracked, [Path::new("b.txt"), Path::new("kept.log")]);
        let mut ignored: Vec<PathBuf> = sub.ignored().unwrap().into_iter().collect();
        ignored.sort();
        assert_eq!(ignored, [Path::new("deep/a.log"), Path::new("out")], "what is tracked is not ignored");
        for named in ["sub/out", "sub/out/x"] {
            let Place::In(inside) = Repository::of(&bed.0.path().join(named)).unwrap() else { panic!() };
            assert_eq!(inside.ignored(), None, "{named} was named, so it is meant");
        }
    }
}

#[test]
fn a_history_has_each_content_once_with_its_first_commit() {
    for bed in beds() {
        assert_eq!(bed.history(None).1, (0, BlobsLeftOut::default()));
        bed.write("a", "1");
        bed.write("copy", "1");
        bed.write("image.png", "png");
        let first = bed.commit();
        bed.write("a", "22");
        let second = bed.commit();
        bed.write("a", "1");
        bed.write("large", &"x".repeat(1001));
        bed.commit();
        bed.git(&["checkout", "--quiet", "-b", "other", &first]);
        bed.write("branch", "4444");
        let branch = bed.commit();
        bed.git(&["merge", "--quiet", "--no-commit", "main"]);
        bed.write("evil", "55555");
        bed.write("a", "666666");
        let merge = bed.commit();
        bed.git(&["checkout", "--quiet", "main"]);
        let (seen, end) = bed.history(None);
        let found: Vec<(&str, &str)> =
            seen.iter().map(|(path, (commit, _))| (path.as_str(), commit.as_str())).collect();
        let expected = [("a@1", &first), ("a@2", &second), ("a@6", &merge), ("branch@4", &branch), ("evil@5", &merge)];
        assert_eq!(found, expected.map(|(path, commit)| (path, commit.as_str())));
        assert_eq!(end, (5, BlobsLeftOut { large: 1, missing: 0 }));
        let (seen, end) = bed.history(Some(&format!("{first}..main")));
        assert_eq!((seen.keys().cloned().collect::<Vec<_>>(), end.0), (vec!["a@1".into(), "a@2".into()], 2));
        for odd in ["", "--all", "nowhere", "main..nowhere", "main other", "a\nb"] {
            let ended = bed.open().history(Some(odd), LIMITS, &AtomicBool::new(false), &|_| true, &|_, _| ());
            assert!(ended.is_err(), "{odd:?}");
        }
    }
}

#[test]
fn broken_and_missing_blobs_are_counted_and_the_rest_is_read() {
    let [bed, _] = beds();
    for number in 0..100 {
        bed.write(number.to_string(), &"x".repeat(number + 1));
    }
    bed.commit();
    let object = |name: &str| {
        let id = bed.git(&["rev-parse", &format!("HEAD:{name}")]);
        bed.0.path().join(format!(".git/objects/{}/{}", &id[..2], &id[2..]))
    };
    fs::remove_file(object("7")).unwrap();
    fs::remove_file(object("50")).unwrap();
    fs::write(object("50"), "not what git writes").unwrap();
    let (seen, end) = bed.history(None);
    assert_eq!((seen.len(), end.1.missing), (98, 2));
}

#[test]
fn a_baseline_is_found_in_a_commit_by_its_path_from_here() {
    let [bed, _] = beds();
    bed.write("sub/base", "x");
    bed.commit();
    let open = |path: &str| match Repository::of(&bed.0.path().join(path)).unwrap() {
        Place::In(repository) => repository,
        other => panic!("{other:?}"),
    };
    let id = bed.git(&["rev-parse", "HEAD:sub/base"]);
    assert_eq!(open("sub").blob_at("HEAD", Path::new("base")).unwrap(), id);
    assert_eq!(open(".").blob_at("main", Path::new("sub/base")).unwrap(), id);
    for (revision, path) in [("HEAD", "gone"), ("nowhere", "sub/base"), ("--all", "sub/base"), ("HEAD:sub", "base")] {
        assert!(open(".").blob_at(revision, Path::new(path)).is_err(), "{revision} {path}");
    }
}

#[test]
fn bare_ones_worktrees_and_shallow_clones_are_repositories_too() {
    let [bed, _] = beds();
    bed.write("a", "1");
    bed.commit();
    bed.write("a", "22");
    bed.commit();
    let [bare, tree, shallow] = ["bare", "tree", "shallow"].map(|name| bed.0.path().join(name));
    bed.git(&["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()]);
    bed.git(&["worktree", "add", "--quiet", tree.to_str().unwrap()]);
    bed.git(&[
        "clone",
        "--quiet",
        "--depth=1",
        &format!("file://{}", bed.0.path().display()),
        shallow.to_str().unwrap(),
    ]);
    for (folder, commits, is_shallow) in [(&bare, 2, false), (&tree, 2, false), (&shallow, 1, true)] {
        let Place::In(repository) = Repository::of(folder).unwrap() else { panic!("{}", folder.display()) };
        let end = repository.history(None, LIMITS, &AtomicBool::new(false), &|_| true, &|_, _| ()).unwrap();
        assert_eq!((end.0, repository.is_shallow()), (commits, is_shallow), "{}", folder.display());
    }
    assert!(matches!(Repository::of(tempfile::tempdir().unwrap().path()).unwrap(), Place::Outside));
}

#[test]
fn one_that_git_does_not_open_is_not_taken_for_none() {
    let [bed, _] = beds();
    fs::write(bed.0.path().join(".git/config"), "[core]\n\trepositoryformatversion = 99\n").unwrap();
    assert!(matches!(Repository::of(bed.0.path()).unwrap(), Place::Unusable(_)));
}

#[test]
fn a_hook_is_installed_once_and_where_git_looks_for_it() {
    let [bed, _] = beds();
    fs::remove_dir_all(bed.0.path().join(".git/hooks")).unwrap();
    fs::create_dir(bed.0.path().join("sub")).unwrap();
    let hook = bed.0.path().canonicalize().unwrap().join(".git/hooks/pre-commit");
    assert_eq!(Repository::install_hook(&bed.0.path().join("sub")).unwrap(), Installed::New(hook.clone()));
    assert_eq!(hook.metadata().unwrap().permissions().mode() & 0o777, 0o755);
    assert_eq!(Repository::install_hook(bed.0.path()).unwrap(), Installed::Before(hook.clone()));
    bed.write("a", "1");
    // A hook that is not found stops a commit, so it was run.
    let mut commit = Command::new("git");
    commit.current_dir(bed.0.path()).args([
        "-c",
        "user.name=N",
        "-c",
        "user.email=n@e",
        "commit",
        "--allow-empty",
        "-mx",
    ]);
    assert!(!commit.output().unwrap().status.success());
    fs::write(&hook, "#!/bin/sh\n").unwrap();
    assert!(Repository::install_hook(bed.0.path()).is_err(), "never over another one");
    assert_eq!(fs::read(&hook).unwrap(), b"#!/bin/sh\n");
    let tree = bed.0.path().join("tree");
    bed.git(&["add", "a"]);
    bed.git(&["commit", "--quiet", "--message=x"]);
    bed.git(&["worktree", "add", "--quiet", tree.to_str().unwrap()]);
    fs::remove_file(&hook).unwrap();
    assert_eq!(Repository::install_hook(&tree).unwrap(), Installed::New(hook), "of the working tree's repository");
}

#[test]
fn no_hook_is_installed_outside_of_the_repository() {
    let victim = Bed::new(&[]);
    let hook_of = |folder: &Path| folder.join("hooks/pre-commit");
    type Trap = fn(&Bed, &Path);
    let traps: [Trap; 5] = [
        |bed, elsewhere| _ = bed.git(&["config", "core.hooksPath", elsewhere.join("hooks").to_str().unwrap()]),
        |bed, elsewhere| {
            fs::remove_dir_all(bed.0.path().join(".git/hooks")).unwrap();
            symlink(elsewhere.join("hooks"), bed.0.path().join(".git/hooks")).unwrap();
        },
        |bed, elsewhere| {
            fs::remove_dir_all(bed.0.path().join(".git")).unwrap();
            fs::write(bed.0.path().join(".git"), format!("gitdir: {}\n", elsewhere.display())).unwrap();
        },
        |bed, elsewhere| {
            fs::remove_dir_all(bed.0.path().join(".git")).unwrap();
            symlink(elsewhere, bed.0.path().join(".git")).unwrap();
        },
        |bed, elsewhere| fs::write(bed.0.path().join(".git/commondir"), elsewhere.to_str().unwrap()).unwrap(),
    ];
    let elsewhere = victim.0.path().join(".git");
    for (number, trap) in traps.iter().enumerate() {
        let bed = Bed::new(&[]);
        trap(&bed, &elsewhere);
        assert!(Repository::install_hook(bed.0.path()).is_err(), "{number}");
        assert!(!hook_of(&elsewhere).exists() && !hook_of(&bed.0.path().join(".git")).exists(), "{number}");
    }
    let bare = Bed::new(&["--bare"]);
    assert!(Repository::install_hook(bare.0.path()).is_err());
    fs::create_dir_all(elsewhere.join("hooks")).unwrap();
    symlink("/nowhere/pre-commit", hook_of(&elsewhere)).unwrap();
    assert!(Repository::install_hook(victim.0.path()).is_err(), "a link is a hook that is there");
}
