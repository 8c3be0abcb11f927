//! What is read of a tree, and what is left out.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::time::Duration;

use super::*;

const LIMITS: Limits = Limits { file: 1024, in_flight: 4096, threads: Some(4) };

#[derive(Default)]
struct Seen {
    files: Mutex<BTreeSet<(PathBuf, usize)>>,
    held: AtomicUsize,
    most: AtomicUsize,
}

impl Visitor for Seen {
    fn enters(&self, folder: &Path) -> bool {
        folder.file_name() != Some(OsStr::new("not-me"))
    }

    fn wants(&self, file: &Path) -> bool {
        file.extension() != Some(OsStr::new("png"))
    }

    fn take(&self, file: &Path, content: SecretValue) {
        let held = self.held.fetch_add(content.len(), Ordering::SeqCst) + content.len();
        self.most.fetch_max(held, Ordering::SeqCst);
        assert!(self.files.lock().unwrap().insert((file.to_owned(), content.len())), "seen twice");
        std::thread::sleep(Duration::from_micros(50));
        self.held.fetch_sub(content.len(), Ordering::SeqCst);
    }
}

fn seen(root: &Path, limits: Limits) -> (Vec<String>, LeftOut, Seen) {
    let seen = Seen::default();
    let left_out = walk(&[root.to_owned()], limits, &AtomicBool::new(false), &seen).unwrap();
    let files = seen.files.lock().unwrap();
    let names = files.iter().map(|(path, _)| path.strip_prefix(root).unwrap().to_string_lossy().into_owned());
    let names = names.collect();
    drop(files);
    (names, left_out, seen)
}

#[test]
fn only_regular_files_beneath_the_root_are_read() {
    let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let at = |name: &str| root.path().join(name);
    fs::write(outside.path().join("secret.yaml"), "outside").unwrap();
    for folder in ["a/b", ".git/objects", "not-me", "closed"] {
        fs::create_dir_all(at(folder)).unwrap();
    }
    for file in ["one.yaml", "a/two", "a/b/three.json", ".git/config", "not-me/four", "five.png", "empty"] {
        fs::write(at(file), if file == "empty" { "" } else { "text" }).unwrap();
    }
    fs::write(at("large"), vec![b'x'; 1025]).unwrap();
    let odd = root.path().join(OsStr::from_bytes(b"\xff\n.yaml"));
    fs::write(&odd, "x").unwrap();
    symlink(outside.path(), at("folder-link")).unwrap();
    symlink(outside.path().join("secret.yaml"), at("file-link.yaml")).unwrap();
    symlink("/etc/shadow", at("shadow")).unwrap();
    symlink("..", at("a/loop")).unwrap();
    symlink("nowhere", at("dangling")).unwrap();
    let _socket = UnixListener::bind(at("socket")).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, at("pipe"), rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    let (names, left_out, seen) = seen(root.path(), LIMITS);
    assert_eq!(
        names,
        ["a/b/three.json", "a/two", "empty", "one.yaml", "\u{fffd}\n.yaml"],
        "and nothing through a link"
    );
    assert_eq!(left_out, LeftOut { links: 5, special: 2, large: 1, unreadable: 0, deep: 0 });
    assert!(seen.files.lock().unwrap().contains(&(odd, 1)));
}

#[test]
fn what_may_not_be_read_is_counted_and_the_rest_is_read() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("closed")).unwrap();
    fs::write(root.path().join("closed/in"), "x").unwrap();
    fs::write(root.path().join("file"), "x").unwrap();
    fs::write(root.path().join("open"), "x").unwrap();
    let close =
        |name: &str, mode| fs::set_permissions(root.path().join(name), fs::Permissions::from_mode(mode)).unwrap();
    close("closed", 0o000);
    close("file", 0o000);
    // Root may read it all.
    let may = fs::File::open(root.path().join("file")).is_ok();
    let (names, left_out, _) = seen(root.path(), LIMITS);
    close("closed", 0o700);
    assert_eq!(left_out.unreadable, if may { 0 } else { 2 });
    assert!(names.contains(&"open".to_owned()));
}

#[test]
fn many_files_many_folders_and_bounded_memory() {
    let root = tempfile::tempdir().unwrap();
    for folder in 0..40 {
        let folder = root.path().join(format!("{folder}/x"));
        fs::create_dir_all(&folder).unwrap();
        for file in 0..100 {
            fs::write(folder.join(file.to_string()), vec![0; 1000]).unwrap();
        }
    }
    let (names, left_out, seen) = seen(root.path(), LIMITS);
    assert_eq!((names.len(), left_out), (4000, LeftOut::default()));
    let most = seen.most.load(Ordering::SeqCst);
    assert!((1000..=LIMITS.in_flight).contains(&most), "{most}");
}

#[test]
fn depth_is_no_obstacle_until_it_is_absurd() {
    let root = tempfile::tempdir().unwrap();
    let mut folder = rustix::fs::open(root.path(), rustix::fs::OFlags::RDONLY, rustix::fs::Mode::empty()).unwrap();
    for depth in 1..=MAX_DEPTH + 5 {
        rustix::fs::mkdirat(&folder, "d", rustix::fs::Mode::RWXU).unwrap();
        let below = rustix::fs::openat(&folder, "d", rustix::fs::OFlags::RDONLY, rustix::fs::Mode::empty()).unwrap();
        folder = below;
        if depth == 100 || depth == MAX_DEPTH || depth == MAX_DEPTH + 1 {
            let flags = rustix::fs::OFlags::CREATE | rustix::fs::OFlags::WRONLY;
            rustix::fs::openat(&folder, "file", flags, rustix::fs::Mode::RUSR).unwrap();
        }
    }
    let (names, left_out, _) = seen(root.path(), LIMITS);
    assert_eq!(names.len(), 2, "at 100 and at the limit, not below it");
    assert_eq!(left_out.deep, 1);
}

#[test]
fn a_folder_that_becomes_a_link_while_we_walk_leads_nowhere() {
    let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(outside.path().join("secret"), "outside").unwrap();
    for number in 0..50 {
        fs::create_dir_all(root.path().join(format!("d{number}/below"))).unwrap();
        fs::write(root.path().join(format!("d{number}/below/secret")), "x").unwrap();
    }
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                for number in 0..50 {
                    let (place, aside) = (root.path().join(format!("d{number}/below")), root.path().join("d0/aside"));
                    if fs::rename(&place, &aside).is_ok() {
                        symlink(outside.path(), &place).unwrap();
                        fs::remove_file(&place).unwrap();
                        fs::rename(&aside, &place).unwrap();
                    }
                }
            }
        });
        for _ in 0..50 {
            let seen = Seen::default();
            walk(&[root.path().to_owned()], LIMITS, &AtomicBool::new(false), &seen).unwrap();
            let files = seen.files.lock().unwrap();
            assert!(files.iter().all(|(_, size)| *size == 1), "what is outside has 7 bytes: {files:?}");
        }
        over.store(true, Ordering::Relaxed);
    });
}

#[test]
fn what_was_named_may_be_a_link_a_file_or_a_pipe_and_must_be_there() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("folder")).unwrap();
    fs::write(root.path().join("folder/file"), "text").unwrap();
    symlink("folder", root.path().join("link")).unwrap();
    assert_eq!(seen(&root.path().join("link"), LIMITS).0, ["file"]);
    let (names, ..) = seen(&root.path().join("folder/file"), LIMITS);
    assert_eq!(names, [""]);
    let missing = walk(&[root.path().join("gone")], LIMITS, &AtomicBool::new(false), &Seen::default());
    assert!(missing.is_err());
}

#[test]
fn a_run_that_is_over_reads_nothing_more() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("file"), "text").unwrap();
    let seen = Seen::default();
    walk(&[root.path().to_owned()], LIMITS, &AtomicBool::new(true), &seen).unwrap();
    assert!(seen.files.lock().unwrap().is_empty());
}
