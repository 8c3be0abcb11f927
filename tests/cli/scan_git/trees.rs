//! Trees that somebody else has prepared: links, pipes, sockets, odd names; and a scan that is interrupted
//! (requirement S23).

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{SECRET, places, report, scan, write};
use crate::support::command::Secretsafe;
use crate::support::temp_folder;

#[test]
fn nothing_but_regular_files_of_the_tree_is_read() {
    let (folder, outside) = (temp_folder("tree"), temp_folder("outside"));
    let here = folder.path();
    write(outside.path(), "secret.yaml", SECRET);
    let mut deep = here.to_owned();
    (0..100).for_each(|_| deep.push("d"));
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("deep.yaml"), SECRET).unwrap();
    for (to, name) in [
        (outside.path().to_str().unwrap(), "folder"),
        (outside.path().join("secret.yaml").to_str().unwrap(), "file.yaml"),
        ("/etc/shadow", "shadow.yaml"),
        ("/proc/self/environ", "proc.env"),
        ("/proc", "proc"),
        ("nowhere", "dangling.yaml"),
        (".", "loop"),
        ("/dev/zero", "device.yaml"),
    ] {
        symlink(to, here.join(name)).unwrap();
    }
    let _socket = UnixListener::bind(here.join("socket.yaml")).unwrap();
    assert!(Command::new("mkfifo").arg(here.join("pipe.yaml")).status().unwrap().success());
    let output = scan(here, &["-o", "json"]).expect_code(1);
    let expected = "d/".repeat(100) + "deep.yaml:6";
    assert_eq!(places(&output), [expected]);
    let left_out = &report(&output)["leftOut"];
    assert_eq!((left_out["links"].as_u64(), left_out["special"].as_u64()), (Some(8), Some(2)));
}

#[test]
fn odd_names_are_escaped() {
    let folder = temp_folder("tree");
    for name in [&b"a\x1b[31m\n\xff.yaml"[..], "b\u{202e}lmay.yaml".as_bytes()] {
        fs::write(folder.path().join(OsStr::from_bytes(name)), SECRET).unwrap();
    }
    for format in ["table", "json", "sarif", "name", "yaml"] {
        let output = scan(folder.path(), &["-o", format]).expect_code(1);
        let shown = output.out() + &output.err();
        assert!(shown.contains("yaml") && !shown.contains('\u{1b}'), "{format}: {shown:?}");
        assert!(format != "table" || !shown.contains('\u{202e}'), "{shown:?}");
    }
}

#[test]
fn an_interrupted_scan_ends_soon() {
    let folder = temp_folder("tree");
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    // A pipe that nobody writes to: it would wait for ever.
    let run = Secretsafe::new().args(["scan".as_ref(), pipe.as_os_str()]);
    let mut child = run.command().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    assert!(child.try_wait().unwrap().is_none(), "it waits");
    let since = Instant::now();
    // SAFETY: kill takes no pointers; the child is ours and was not waited for.
    unsafe { libc::kill(i32::try_from(child.id()).unwrap(), libc::SIGINT) };
    let status = child.wait().unwrap();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(libc::SIGINT));
    assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
}
