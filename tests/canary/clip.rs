//! `clip`: a value is in the clipboard, and nowhere else that can be seen from outside.

use std::fs;

use serde_json::json;

use crate::planted::{Planted, check};
use crate::support::canary::{Canary, assert_absent};
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::daemon::wait_for;
use crate::support::desktop::{Desktop, Wayland, X11};
use crate::support::fault::Rule;
use crate::support::proxy::Proxy;
use crate::support::terminal::{LIMIT, Terminal};

#[test]
fn a_value_is_in_the_clipboard_only() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let both = [Canary::random(), Canary::random()];
    let object = json!({"metadata": {"name": "db"}, "stringData": {"a": both[0].text(), "b": both[1].text()}});
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &object);
    let desktops: [Box<dyn Desktop>; 2] = [Box::new(X11::start()), Box::new(Wayland::start())];
    for desktop in desktops {
        let run = Secretsafe::new()
            .args(["clip", "db", "a", "--for", "10m", "-v", "9", "-n", &namespace])
            .envs(desktop.env())
            .kubeconfig(plane.admin_kubeconfig());
        let mut session = Terminal::spawn(&run.command());
        session.expect("is in the clipboard");
        assert_eq!(desktop.paste().as_deref(), Some(both[0].bytes()));
        let us = session.pid();
        let children = fs::read_to_string(format!("/proc/{us}/task/{us}/children")).unwrap();
        let holder: i32 = children.trim().parse().expect("the holder, and nobody else");
        for pid in [us, holder] {
            for file in ["cmdline", "environ", "comm", "status", "maps"] {
                let text = fs::read(format!("/proc/{pid}/{file}")).unwrap();
                assert_absent(&both, &text, file);
            }
        }
        let open: Vec<String> = fs::read_dir(format!("/proc/{holder}/fd"))
            .unwrap()
            .map(|entry| fs::read_link(entry.unwrap().path()).unwrap().display().to_string())
            .collect();
        assert!(!open.iter().any(|target| target.starts_with('/') && target != "/dev/null"), "no file: {open:?}");
        session.send("\x03");
        session.wait();
        assert_absent(&both, &session.screen_bytes(), "the terminal");
        assert!(wait_for(LIMIT, || desktop.paste().is_none().then_some(())).is_some());
        let output = Secretsafe::new()
            .args(["clip", "db", "a", "--for", "1s", "-v", "9", "-n", &namespace])
            .envs(desktop.env())
            .kubeconfig(plane.admin_kubeconfig());
        check(&both, &output, &output.run().success(), "what is said");
    }
}

#[test]
fn nothing_comes_out_when_things_go_wrong() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let planted = Planted::new();
    plane.create(&format!("/api/v1/namespaces/{namespace}/secrets"), &planted.secret("db", &namespace));
    let desktop = X11::start();
    for (what, fault) in planted.faults() {
        let proxy = Proxy::start(plane, vec![Rule::always(fault.clone())]);
        // The last one is no text.
        for key in ["plain-0", "plain-6"] {
            let run = Secretsafe::new()
                .args(["clip", "db", key, "--for", "1s", "-n", &namespace, "-v", "9"])
                .envs(desktop.env())
                .kubeconfig(&proxy.kubeconfig(plane.admin_token()));
            let output = run.run();
            assert!(matches!(output.code, Some(0 | 2 | 5)), "{what}: {:?} {}", output.code, output.err());
            check(&planted.canaries, &run, &output, what);
        }
    }
}
