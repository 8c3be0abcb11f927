//! `clip` where it must not go on: over SSH, without a desktop, for what is no text; and what is asked for first.

use crate::clip::{clip, planted};
use crate::support::controlplane::ControlPlane;
use crate::support::desktop::{Desktop, Wayland, X11};
use crate::support::temp_folder;

/// No desktop.
struct NoDesktop;

impl Desktop for NoDesktop {
    fn env(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    fn paste(&self) -> Option<Vec<u8>> {
        None
    }

    fn paste_as(&self, _kind: &str) -> Option<Vec<u8>> {
        None
    }

    fn kinds(&self) -> String {
        String::new()
    }

    fn copy(&self, _text: &str) {}
}

/// How many requests of ours the server has seen.
fn requests(namespace: &str) -> usize {
    let ours = |event: &serde_json::Value| {
        event["userAgent"].as_str().is_some_and(|agent| agent.starts_with("kubectl-secretsafe"))
    };
    ControlPlane::shared().secret_events(namespace).iter().filter(|event| ours(event)).count()
}

#[test]
fn over_ssh_and_without_a_desktop_no_value_is_asked_for() {
    let namespace = planted();
    let desktop = X11::start();
    for (name, text) in
        [("SSH_CONNECTION", "192.0.2.1 5000 192.0.2.2 22"), ("SSH_TTY", "/dev/pts/3"), ("SSH_CLIENT", "192.0.2.1 5 22")]
    {
        let refused = clip(&desktop, &namespace, &["db", "a"]).env(name, text).run().expect_code(3);
        assert!(refused.err().contains("SSH session"), "{}", refused.err());
        assert!(refused.err().contains("kubectl secretsafe exec db a -- CMD"), "{}", refused.err());
    }
    let none =
        |name: &str, text: &str| clip(&NoDesktop, &namespace, &["db", "a"]).env(name, text).run().expect_code(3).err();
    assert!(none("OTHER", "x").contains("neither WAYLAND_DISPLAY nor DISPLAY is set"));
    assert!(none("DISPLAY", "").contains("neither WAYLAND_DISPLAY nor DISPLAY is set"));
    assert!(none("DISPLAY", "localhost:10.0").contains("behind the network"));
    assert!(none("DISPLAY", ":4711").contains("the desktop does not answer"));
    assert!(none("WAYLAND_DISPLAY", "wayland-7").contains("the desktop does not answer"));
    assert_eq!(requests(&namespace), 0, "nothing was asked of the server");
}

/// A compositor that knows no such protocol, and one that is not there: X11 beside it will do.
#[test]
fn where_wayland_does_not_answer_x11_is_tried() {
    let namespace = planted();
    let desktop = X11::start();
    let folder = temp_folder("no-wayland");
    let run = clip(&desktop, &namespace, &["db", "a", "--for", "1s"]);
    run.env("WAYLAND_DISPLAY", "wayland-0").env("XDG_RUNTIME_DIR", folder.path()).run().success();
}

#[test]
fn a_desktop_that_never_answers_is_not_waited_for() {
    let namespace = planted();
    let folder = temp_folder("silent");
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("wayland-0")).unwrap();
    let run = clip(&NoDesktop, &namespace, &["db", "a"]);
    let refused = run.env("WAYLAND_DISPLAY", "wayland-0").env("XDG_RUNTIME_DIR", folder.path()).run().expect_code(3);
    assert!(refused.err().contains("the desktop does not answer"), "{}", refused.err());
    assert_eq!(requests(&namespace), 0);
}

#[test]
fn what_is_no_text_is_refused() {
    let namespace = planted();
    let desktop = X11::start();
    desktop.copy("before");
    for (name, key, why) in [
        ("db", "bin", "it is no text"),
        ("odd", "nul", "it is no text"),
        ("odd", "escape", "it is no text"),
        ("odd", "empty", "it is empty"),
    ] {
        let refused = clip(&desktop, &namespace, &[name, key]).run().expect_code(2);
        assert!(refused.err().contains(why), "{}", refused.err());
        let hint = format!("kubectl secretsafe exec {name} --stdin {key} -- CMD");
        assert!(refused.err().contains(&hint), "{}", refused.err());
    }
    assert_eq!(desktop.paste().as_deref(), Some(&b"before"[..]), "what was there is still there");
}

#[test]
fn what_is_missing_is_named() {
    let namespace = planted();
    let desktop = Wayland::start();
    let said = |words: &[&str], code| clip(&desktop, &namespace, words).run().expect_code(code).err();
    let key = said(&["db", "lins"], 2);
    assert!(key.contains("has no key `lins`") && key.contains("did you mean `lines`?"), "{key}");
    let secret = said(&["dbb", "a"], 5);
    assert!(secret.contains("there is no secret `dbb`") && secret.contains("did you mean `db`?"), "{secret}");
    let key = said(&["db"], 2);
    assert!(key.contains("missing: KEY") && key.contains("clip db KEY"), "{key}");
}

#[test]
fn the_secret_is_read_once() {
    let namespace = planted();
    let desktop = X11::start();
    clip(&desktop, &namespace, &["db", "a", "--for", "1s"]).run().success();
    assert_eq!(requests(&namespace), 1);
}

#[test]
fn a_protected_context_asks_first() {
    let namespace = planted();
    let desktop = X11::start();
    let run = || clip(&desktop, &namespace, &["db", "a", "--for", "1s"]).config("protected: [\"bed\"]\n");
    let refused = run().run().expect_code(3);
    assert!(refused.err().contains("--confirm-context bed"), "{}", refused.err());
    assert_eq!(requests(&namespace), 0, "no value was fetched");
    assert_eq!(desktop.paste(), None);
    run().args(["--confirm-context", "bed"]).run().success();
}
