//! Sources that need a real process: pipes, descriptors, the environment, files.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::process::Stdio;

use crate::create::live_value;
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;

fn create(namespace: &str, args: &[&str]) -> Secretsafe {
    Secretsafe::new()
        .args(["create", "generic", "db", "-n", namespace])
        .args(args)
        .kubeconfig(ControlPlane::shared().admin_kubeconfig())
}

#[test]
fn a_redirected_file_is_a_pipe_like_any_other() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let folder = crate::support::temp_folder("file");
    let path = folder.path().join("value");
    std::fs::write(&path, "line 1\nline 2\n").unwrap();
    let run = create(&namespace, &["a=-"]);
    let output =
        run.command().stdin(File::open(&path).unwrap()).stderr(Stdio::piped()).stdout(Stdio::piped()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(live_value(plane, &namespace, "db", "a").unwrap(), b"line 1\nline 2");
}

#[test]
fn a_descriptor_must_be_a_pipe_that_somebody_gave_us() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    // Not open, and one that only the runtime could have opened.
    for number in ["fd:9", "fd:3", "fd:4", "fd:5", "fd:6"] {
        let output = create(&namespace, &[&format!("a={number}")]).run();
        assert!(matches!(output.code, Some(2 | 4)), "{number}: {:?} {}", output.code, output.err());
    }
    // A regular file.
    let file = File::open("/etc/hostname").unwrap();
    let run = create(&namespace, &["a=fd:9"]);
    let mut command = run.command();
    let descriptor = file.as_raw_fd();
    // SAFETY: dup2 is async-signal-safe and the descriptor lives until the child is started.
    unsafe {
        command.pre_exec(
            move || if libc::dup2(descriptor, 9) == 9 { Ok(()) } else { Err(std::io::Error::last_os_error()) },
        )
    };
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(matches!(output.status.code(), Some(2..=4)), "a regular file is refused");
    assert_eq!(plane.get(&format!("/api/v1/namespaces/{namespace}/secrets/db")).code, 404);
}

#[test]
fn generated_values_have_the_shape_that_was_asked_for() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let output = create(
        &namespace,
        &["p=generate", "l=generate:length=40", "h=generate:hex", "b=generate:base64", "u=generate:uuid"],
    )
    .run()
    .success();
    assert!(output.err().contains("bits"), "the entropy is said: {}", output.err());
    let value = |key| String::from_utf8(live_value(plane, &namespace, "db", key).unwrap()).unwrap();
    assert!(value("p").len() >= 20 && value("p").bytes().all(|b| b.is_ascii_graphic()));
    assert_eq!(value("l").len(), 40);
    assert!(value("h").len() == 64 && value("h").bytes().all(|b| b.is_ascii_hexdigit()));
    assert!(value("b").len() >= 43);
    assert_eq!(value("u").len(), 36);
    assert_ne!(value("p"), value("l")[..value("p").len().min(40)]);
}

#[test]
fn public_values_are_for_what_is_not_secret() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let folder = crate::support::temp_folder("public");
    let path = folder.path().join("ca.crt");
    std::fs::write(&path, "-----BEGIN CERTIFICATE-----\nnot a real one\n-----END CERTIFICATE-----\n").unwrap();
    let file = format!("ca.crt=public-file:{}", path.display());
    create(&namespace, &["user=public:app", "host=public:db.example.com", &file]).run().success();
    assert_eq!(live_value(plane, &namespace, "db", "user").unwrap(), b"app");
    assert!(live_value(plane, &namespace, "db", "ca.crt").unwrap().starts_with(b"-----BEGIN"));
    for args in [&["api-token=public:x"][..], &["a=public:ghp_0123456789abcdefghijABCDEFGHIJ012345"]] {
        let output = create(&namespace, args).run().expect_code(3);
        assert!(!output.err().contains("ghp_"), "{}", output.err());
    }
    let namespace = plane.namespace();
    create(&namespace, &["api-token=public:x", "--public-ok", "api-token"]).run().success();
}

#[test]
fn a_public_file_that_cannot_be_read_is_said_before_anything_is_sent() {
    let plane = ControlPlane::shared();
    let proxy = crate::support::proxy::Proxy::start(plane, Vec::new());
    let folder = crate::support::temp_folder("no-file");
    let fifo = folder.path().join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    for path in [folder.path().join("missing").as_path(), &fifo, folder.path()] {
        let output = Secretsafe::new()
            .args(["create", "generic", "db", &format!("ca.crt=public-file:{}", path.display())])
            .kubeconfig(&proxy.kubeconfig(plane.admin_token()))
            .run()
            .expect_code(4);
        assert!(output.err().contains("key `ca.crt` cannot be read"), "{}", output.err());
    }
    assert_eq!(proxy.connections(), 0);
}

#[test]
fn base64_given_by_habit_is_warned_of() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    // "not-a-real-password-at-all" as it would stand in a manifest.
    let output = create(&namespace, &["a=stdin"]).stdin("bm90LWEtcmVhbC1wYXNzd29yZC1hdC1hbGw=").run().success();
    assert!(output.err().contains("looks like base64"), "{}", output.err());
}

/// A program before us in the pipe may have set it so, `ssh` and some shells do.
#[test]
fn a_pipe_that_does_not_block_is_waited_for() {
    use std::io::Write;

    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let (reader, mut writer) = std::io::pipe().unwrap();
    // SAFETY: the descriptor is open.
    assert_eq!(unsafe { libc::fcntl(reader.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) }, 0);
    let run = create(&namespace, &["a=stdin"]);
    let child = run.command().stdin(reader).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    writer.write_all(b"late").unwrap();
    drop(writer);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(live_value(plane, &namespace, "db", "a").unwrap(), b"late");
}

#[test]
fn a_value_of_another_secret_is_taken_as_it_is() {
    let plane = ControlPlane::shared();
    let [home, there] = std::array::from_fn(|_| plane.namespace());
    let object =
        serde_json::json!({"metadata": {"name": "source"}, "data": {"user": "dQ==", "binary": "/wAB", "empty": ""}});
    plane.create(&format!("/api/v1/namespaces/{there}/secrets"), &object);
    let from = |rest: &str| format!("secret:{there}/{rest}");
    create(&home, &[&format!("a={}", from("source/binary")), &format!("user={}", from("source"))]).run().success();
    assert_eq!(live_value(plane, &home, "db", "a").unwrap(), [0xff, 0, 1]);
    assert_eq!(live_value(plane, &home, "db", "user").unwrap(), b"u");
    let record = plane.get(&format!("/api/v1/namespaces/{home}/secrets/db")).json()["metadata"]["annotations"].clone();
    assert!(record["key.secretsafe.dev/a"].as_str().unwrap().contains("\"from\":\"secret\""), "{record}");
    // Read once for several keys of the same names, and from a named context.
    let before = plane.secret_events(&there).len();
    let rotate = Secretsafe::new()
        .args(["rotate", "db", "--yes", "--add-keys", "-n", &home, &format!("user,binary=secret:bed:{there}/source")])
        .kubeconfig(plane.admin_kubeconfig());
    rotate.run().success();
    assert_eq!(plane.secret_events(&there).len(), before + 1);
    assert_eq!(live_value(plane, &home, "db", "binary").unwrap(), [0xff, 0, 1]);
    for (rest, hint) in [("source/usr", "did you mean `user`?"), ("sorce/user", "did you mean `source`?")] {
        let missing = create(&home, &[&format!("a={}", from(rest))]).run().expect_code(4);
        assert!(missing.err().contains(hint), "{}", missing.err());
    }
    let empty = create(&home, &[&format!("a={}", from("source/empty"))]).run().expect_code(4);
    assert!(empty.err().contains("empty"), "{}", empty.err());
}

/// A value leaves a protected cluster only after its name was given; within the cluster nobody is asked twice.
#[test]
fn a_protected_cluster_is_asked_before_its_value_leaves() {
    let (plane, other) = (ControlPlane::shared(), ControlPlane::start());
    let namespace = plane.namespace();
    let object = serde_json::json!({"metadata": {"name": "db"}, "data": {"a": "dQ=="}});
    other.create("/api/v1/namespaces/default/secrets", &object);
    let config = crate::connect::with_another(plane, &other, "far");
    let folder = crate::support::temp_folder("protected");
    let path = crate::connect::write(folder.path(), "config", &config);
    let run = || create(&namespace, &["a=secret:far:default/db/a"]).kubeconfig(&path).config("protected: [far]");
    let refused = run().run().expect_code(3);
    assert!(refused.err().contains("--confirm-context far"), "{}", refused.err());
    assert!(other.secret_events("default").iter().all(|event| event["verb"] != "get"));
    run().args(["--confirm-context", "far"]).run().success();
    assert_eq!(live_value(plane, &namespace, "db", "a").unwrap(), b"u");
}
