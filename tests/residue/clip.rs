//! `clip`: this process holds no copy while the value is in the clipboard, and its holder one.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::support::binaries;
use crate::support::desktop::{Desktop, Wayland, X11};

use super::*;

#[test]
fn clip_leaves_nothing() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let desktops: [Box<dyn Desktop>; 2] = [Box::new(X11::start()), Box::new(Wayland::start())];
    for size in [28, 600 * 1024] {
        let canary = Canary::random();
        let value = canary.bytes().repeat(size / canary.bytes().len());
        let name = format!("s{size}");
        let manifest = json!({"metadata": {"name": name}, "data": {"a": STANDARD.encode(&value)}});
        plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &manifest);
        for desktop in &desktops {
            let mut env = env(plane);
            env.extend(desktop.env());
            let core = core_at_exit(&["clip", &name, "a", "--for", "1s", "-n", &namespace], &env, b"");
            assert_eq!(copies(&core, &canary), [0; 4], "clip of {size} bytes");
        }
    }
}

#[test]
fn while_a_value_is_in_the_clipboard_one_process_holds_it_once() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let canary = Canary::random();
    let manifest = json!({"metadata": {"name": "db"}, "data": {"a": STANDARD.encode(canary.bytes())}});
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &manifest);
    let desktops: [Box<dyn Desktop>; 2] = [Box::new(X11::start()), Box::new(Wayland::start())];
    for desktop in &desktops {
        let folder = temp_folder("clip");
        let mut command = Command::new(release_binary());
        command.args(["clip", "db", "a", "--for", "10m", "-n", &namespace]).envs(env(plane)).envs(desktop.env());
        command.env("XDG_STATE_HOME", folder.path().join("state"));
        let mut child = command.env("HOME", folder.path()).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stderr.as_mut().unwrap()).read_line(&mut said).unwrap();
        assert!(said.contains("is in the clipboard"), "{said}");
        let us = child.id();
        let holder = fs::read_to_string(format!("/proc/{us}/task/{us}/children")).unwrap();
        let dumped = [us.to_string(), holder.trim().to_owned()].map(|pid| {
            let core = folder.path().join(&pid);
            let mut gdb = Command::new(binaries::system("gdb", "gdb"));
            gdb.args(["--nx", "--batch", "-p", &pid, "-ex", "set use-coredump-filter off"]);
            gdb.args(["-ex", "set dump-excluded-mappings on", "-ex", &format!("gcore {}", core.display())]);
            let output = command::run(gdb, b"");
            fs::read(&core).unwrap_or_else(|_| panic!("no dump of {pid}: {}{}", output.out(), output.err()))
        });
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(copies(&dumped[0], &canary), [0; 4], "who started the holder");
        assert_eq!(copies(&dumped[1], &canary), [1, 0, 0, 0], "the holder");
    }
}
