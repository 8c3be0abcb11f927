//! Holds the walls that the compiler cannot: what may call what, how long a file may be, and that
//! nothing was forgotten when a source or a command was added.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Files that may call a way out of `plaintext`, and nothing else may. Each is a place to review.
const WAYS_OUT: &[(&str, &[&str])] = &[
    // The API server: a body is built in one room, and sent in one place.
    (
        "secret_create(",
        &[
            "src/commands/change/new.rs",
            "src/commands/copy/write.rs",
            "src/commands/rotation/kept.rs",
            "src/commands/rotation/pending.rs",
        ],
    ),
    (
        "secret_patch(",
        &["src/commands/change/apply.rs", "src/commands/rotation/pending.rs", "src/plaintext/wire/request.rs"],
    ),
    (".send()", &["src/cluster/transport.rs"]),
    // What `kubectl diff` compares: Secrets masked, other objects as they are.
    (" shown(live", &["src/commands/diff/external.rs"]),
    // The keychain.
    ("lend::to_keychain(", &["src/keychain/store.rs"]),
    // A key of the local log, which is made from its own entry of the keychain and from no value.
    ("derive::log_key(", &["src/log/journal.rs", "src/log/reader.rs"]),
    // The program that `exec` runs: pipes, memory files, variables of its environment.
    (
        "lend::to_child(",
        &[
            "src/process/child/launch.rs",
            "src/process/child/memory_file.rs",
            "src/process/child/pipe.rs",
            "src/process/child/windows.rs",
        ],
    ),
    // Ciphertext, which only the controller of a cluster can read, or whoever has the key of an age recipient.
    (" seal(value", &["src/commands/seal/receiver.rs"]),
    (" seal_for(whole", &["src/commands/seal/receiver.rs"]),
    ("secret_manifest(", &["src/commands/seal/receiver.rs", "src/plaintext/render/secret.rs"]),
    // A file of SealedSecrets back to where it was.
    (".as_sealed_text()", &["src/commands/seal/sealed_file.rs", "src/plaintext/parse/manifest/sealed/tests.rs"]),
    // Back into the file that it comes from, without the values of its Secrets.
    (".text_without_secrets(", &["src/commands/scan/adopt.rs"]),
    // The clipboard.
    ("lend::to_clipboard(", &["src/clipboard/desktop.rs", "src/clipboard/wayland.rs", "src/clipboard/x11.rs"]),
    (
        "Carrier for",
        &[
            "src/clipboard/desktop.rs",
            "src/clipboard/wayland.rs",
            "src/clipboard/x11.rs",
            "src/process/child/memory_file.rs",
            "src/process/child/pipe.rs",
            "src/process/child/variable.rs",
            "src/process/child/windows.rs",
        ],
    ),
];

/// Longest file that is accepted; 400 is the size at which to split.
const CEILING: usize = 600;

/// Rooms inside the wall that are not its core: pure, and with no way out but ciphertext (`seal`).
const PURE_ROOMS: &[&str] = &["plaintext/facts/", "plaintext/parse/", "plaintext/render/", "plaintext/seal/"];

/// Longest core of the wall, in lines of code: what a reviewer must know by heart.
const CORE_CEILING: usize = 1000;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
                files.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|_| panic!("{path} is missing"))
}

/// The code of a file, without comments and without its unit tests.
fn code(text: &str) -> String {
    let code = text.split("\n#[cfg(test)]\nmod ").next().unwrap();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn no_file_is_too_long() {
    let long: Vec<String> = ["src", "tests", "benches"]
        .iter()
        .flat_map(|folder| rust_files(folder))
        .filter(|(_, text)| text.lines().count() > CEILING)
        .map(|(name, text)| format!("{name}: {} lines", text.lines().count()))
        .collect();
    assert!(long.is_empty(), "split these: {long:#?}");
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<String> = ["src", "tests", "benches"]
        .iter()
        .flat_map(|folder| rust_files(folder))
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(name, _)| name)
        .collect();
    assert!(silent.is_empty(), "no `//!` at the top: {silent:#?}");
}

const VAGUE: &[&str] = &["util", "utils", "helper", "helpers", "common", "misc"];

/// What an error looks like is in `tests/cmd`; each ends with something to type or to look at.
#[test]
fn every_error_has_a_hint() {
    let mut silent = Vec::new();
    for folder in fs::read_dir(root().join("tests/cmd")).unwrap().map(|entry| entry.unwrap().path()) {
        for case in fs::read_dir(&folder).into_iter().flatten().map(|entry| entry.unwrap().path()) {
            let text = fs::read_to_string(&case).unwrap();
            if text.contains("\nerror: ") && !text.contains("\nhint: ") {
                silent.push(case);
            }
        }
    }
    assert!(silent.is_empty(), "an error without a hint: {silent:#?}");
}

#[test]
fn no_room_has_a_name_that_says_nothing() {
    let vague: Vec<String> = rust_files("src")
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| name.split(['/', '.']).any(|part| VAGUE.contains(&part)))
        .collect();
    assert!(vague.is_empty(), "{vague:#?}");
}

#[test]
fn plaintext_is_read_inside_the_wall_only() {
    for (name, text) in rust_files("src") {
        if name.starts_with("src/plaintext/") {
            continue;
        }
        for line in code(&text).lines() {
            // The library's own method is that of `secrecy`, which holds tokens of the kubeconfig.
            assert!(!line.contains(".expose(") && !line.contains("expose_secret("), "{name}: {}", line.trim());
        }
    }
}

#[test]
fn the_core_of_the_wall_stays_small() {
    let core: usize = rust_files("src/plaintext")
        .iter()
        .filter(|(name, _)| !PURE_ROOMS.iter().any(|room| name.contains(room)))
        .map(|(_, text)| code(text).lines().filter(|line| !line.trim().is_empty()).count())
        .sum();
    assert!(core <= CORE_CEILING, "{core} lines of code");
}

#[test]
fn ways_out_have_a_fixed_list_of_callers() {
    for (call, allowed) in WAYS_OUT {
        let callers: BTreeSet<String> =
            rust_files("src").into_iter().filter(|(_, text)| code(text).contains(call)).map(|(name, _)| name).collect();
        let expected: BTreeSet<String> = allowed.iter().map(ToString::to_string).collect();
        assert_eq!(callers, expected, "callers of `{call}`: a new one is a decision, not an accident");
    }
}

/// What a command calls to ask for a value, to read one, or to write.
const NEEDS_CONSENT: &[&str] = &[
    "sources::fill",
    "Live::read(",
    ".secret(&",
    ".secret_if_any(",
    "secret_create(",
    "secret_patch(",
    "metadata_patch(",
    " write(&",
    "lend::",
    "cluster.apply_object(",
    "cluster.delete_object(",
];

/// What asks for the name of a protected context (requirement S14): itself, or as part of the plan.
const CONSENT: &[&str] = &["confirm_protected()", "agree("];

/// Files that need not ask, and why.
const WITHOUT_CONSENT: &[(&str, &str)] = &[
    ("src/commands/apply/carry.rs", "`apply/mod.rs`, which calls it, has asked"),
    ("src/commands/change/apply.rs", "it is the write; who calls it has asked"),
    ("src/commands/change/new.rs", "it is the write; who calls it has asked"),
    ("src/commands/copy/write.rs", "`copy/mod.rs`, which calls it, has asked for every place"),
    ("src/commands/create/apply.rs", "`create/secret.rs`, which calls it, has asked"),
    ("src/commands/desired/values.rs", "`apply/mod.rs` has asked; what `diff -f` compares stays here"),
    ("src/commands/due/carry.rs", "`due/mod.rs`, which calls it, has asked"),
    ("src/commands/diff/files.rs", "the values stay here, only how they compare is shown"),
    ("src/commands/diff/mod.rs", "what is compared with a source stays here; two clusters are asked about first"),
    ("src/commands/audit/deep.rs", "the values stay here, only what may be said about them is judged"),
    ("src/commands/list/deep.rs", "the values stay here, only the end of a certificate is shown"),
    ("src/commands/policy/store.rs", "`policy/mod.rs`, which calls it, has asked"),
    ("src/commands/rotation/commit.rs", "part of a rotation; `set.rs` and `rotation/resume.rs` have asked"),
    ("src/commands/rotation/kept.rs", "part of a rotation; `set.rs` and `rotation/resume.rs` have asked"),
    ("src/commands/rotation/pending.rs", "part of a rotation; `set.rs` and `rotation/resume.rs` have asked"),
    ("src/commands/rotation/undo.rs", "part of a rotation; `set.rs` and `rotation/resume.rs` have asked"),
    ("src/commands/view.rs", "the values stay here, only facts are shown"),
];

#[test]
fn protected_contexts_are_asked_about_before_any_value() {
    let (mut asked, mut excuses) = (0, 0);
    for (name, text) in rust_files("src/commands") {
        let code = code(&text);
        let first = |words: &[&str]| words.iter().filter_map(|word| code.find(word)).min();
        let Some(needs) = first(NEEDS_CONSENT) else { continue };
        let asks = first(CONSENT).is_some_and(|asks| asks < needs);
        let excused = WITHOUT_CONSENT.iter().any(|(file, _)| *file == name);
        assert!(asks || excused, "{name} needs `ctx.confirm_protected()` before its first value or write");
        assert!(!(asks && excused), "{name} asks, so it needs no excuse");
        asked += usize::from(asks);
        excuses += usize::from(excused);
    }
    assert!(asked >= 4, "the commands that change something were found");
    assert_eq!(excuses, WITHOUT_CONSENT.len(), "each excuse is needed");
}

#[test]
fn the_wall_does_no_io() {
    const IO: &[&str] = &[
        "std::fs",
        "std::net::Tcp",
        "std::net::Udp",
        "ToSocketAddrs",
        "std::process",
        "std::io",
        "tokio::",
        "println!",
        "File::",
    ];
    for (name, text) in rust_files("src/plaintext") {
        for word in IO {
            assert!(!code(&text).contains(word), "{name} uses {word}");
        }
    }
}

#[test]
fn only_ui_and_output_print() {
    const PRINT: &[&str] = &["println!", "eprintln!", "print!(", "eprint!(", "dbg!", "stdout()", "stderr()"];
    const MAY: &[&str] = &["src/ui.rs", "src/ui/", "src/output/", "src/process/panic.rs", "src/terminal/"];
    for (name, text) in rust_files("src") {
        if MAY.iter().any(|may| name.starts_with(may)) {
            continue;
        }
        for word in PRINT {
            assert!(!code(&text).contains(word), "{name} uses {word}");
        }
    }
}

#[test]
fn errors_never_quote_a_library() {
    // The text of these errors can hold values or tokens; they are mapped to a code or a position.
    const QUOTES: &[&str] = &["kube::Error", "serde_json::Error", "serde_yaml::Error", "KubeconfigError"];
    for (name, text) in rust_files("src") {
        let code = code(&text);
        for word in QUOTES {
            for bad in [format!("#[from] {word}"), format!("#[source] {word}")] {
                assert!(!code.contains(&bad), "{name} keeps {word}");
            }
        }
    }
}

#[test]
fn every_source_is_documented_and_tested() {
    let docs = read("docs/sources.md");
    let readme = read("README.md");
    let tests: String = rust_files("tests").into_iter().map(|(_, text)| text).collect();
    for (name, form, summary) in kubectl_secretsafe::schemes() {
        assert!(!summary.is_empty() && form.contains(name), "{name}: form or summary is missing");
        assert!(docs.contains(&format!("`{name}")), "{name} has no section in docs/sources.md");
        assert!(readme.contains(&format!("`{name}")), "{name} is not in the table of README.md");
        assert!(tests.contains(&format!("={name}")), "{name} has no test under tests/");
    }
}

#[test]
fn every_command_is_documented_and_tested() {
    let reference = read("docs/cli.md");
    for path in leaves(&kubectl_secretsafe::command(), "") {
        assert!(reference.contains(&format!("## `kubectl secretsafe {path}`")), "{path} is not in docs/cli.md");
        let verb = path.split(' ').next().unwrap();
        let folder = root().join("tests/cmd").join(verb);
        let cases = fs::read_dir(&folder).map(|entries| entries.count()).unwrap_or(0);
        assert!(cases > 0, "{verb} has no exact-output case under tests/cmd/{verb}/");
    }
}

/// What a report says that it is: where a document is made, and where its kind is named.
const KINDS: &[&str] = &["KIND: &'static str = \"", "kind: \""];

/// A report that `-o json` can print has a schema and a section in the docs; that a document of it was validated, the
/// test of the schemas in tests/cli/automation sees.
#[test]
fn every_report_has_a_schema_and_a_section() {
    let schemas = kubectl_secretsafe::schemas();
    let docs = read("docs/output.md");
    for (kind, _) in &schemas {
        read(&format!("docs/schemas/{kind}.json"));
        assert!(docs.contains(&format!("\n## {kind}\n")), "{kind} has no section in docs/output.md");
    }
    let mut found = BTreeSet::new();
    for (_, text) in rust_files("src") {
        let code = code(&text);
        for mark in KINDS {
            let named =
                code.split(mark).skip(1).filter_map(|rest| rest.split_once('"')).map(|(kind, _)| kind.to_owned());
            found.extend(named.filter(|kind| kind.starts_with(|first: char| first.is_ascii_uppercase())));
        }
    }
    let known: BTreeSet<String> = schemas.iter().map(|(kind, _)| (*kind).to_owned()).collect();
    // Items of a list have a kind too.
    let left: Vec<&String> = found.difference(&known).filter(|kind| *kind != "SecretSummary").collect();
    assert!(left.is_empty(), "no row in `REPORTS` of src/report/schema.rs: {left:?}");
    assert_eq!(known.difference(&found).count(), 0, "each kind was found");
}

#[test]
fn every_command_has_examples() {
    let root = kubectl_secretsafe::command();
    for path in leaves(&root, "") {
        let command = path.split(' ').try_fold(&root, |command, name| command.find_subcommand(name)).unwrap();
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let typed = format!("kubectl secretsafe {path}");
        assert!(
            help.starts_with("Examples:\n") && help.contains(&typed),
            "{path} has no `Examples:` in its after_help"
        );
    }
}

fn leaves(command: &clap::Command, prefix: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for sub in command.get_subcommands() {
        let path = format!("{prefix}{}", sub.get_name());
        if sub.has_subcommands() {
            paths.extend(leaves(sub, &format!("{path} ")));
        } else {
            paths.push(path);
        }
    }
    paths
}

/// No test builds the image, so at least its recipe keeps up with the manifest and with the job.
#[test]
fn the_containerfile_fits_the_manifest_and_the_job() {
    let text = read("Containerfile");
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let manifest = read("Cargo.toml");
    let version =
        manifest.lines().find_map(|line| line.strip_prefix("rust-version = \"")).unwrap().trim_end_matches('"');
    assert!(lines.iter().any(|line| line.starts_with(&format!("FROM docker.io/library/rust:{version}-"))), "{version}");
    let mut copied = BTreeSet::new();
    for line in lines.iter().filter(|line| line.starts_with("COPY ") && !line.contains("--from")) {
        let words = words(line);
        let sources = &words[1..words.len() - 1];
        assert!(!sources.is_empty() && sources.iter().all(|path| root().join(path).exists()), "{line}");
        copied.extend(sources.iter().cloned());
    }
    // Beside `src`, what the program takes in while it is compiled.
    for (name, text) in rust_files("src") {
        for path in code(&text).split("include_str!(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            // What stands beside a source file, or below it, is a part of `src`.
            let folder =
                if path.starts_with("../") { path.split('/').find(|part| *part != "..").unwrap() } else { "src" };
            assert!(copied.contains(folder), "{name} includes {path}, which is not in the image's build");
        }
    }
    let last = lines.iter().rposition(|line| line.starts_with("FROM ")).unwrap();
    let end = &lines[last..];
    assert!(end.contains(&"USER 65532:65532") && read("src/plan/schedule/job.rs").contains("USER: u32 = 65532"));
    assert!(end.contains(&"ENTRYPOINT [\"/usr/bin/kubectl-secretsafe\"]"), "the job gives arguments only");
    assert!(!end.iter().any(|line| line.starts_with("RUN ") || line.starts_with("ENV ")), "no shell, no environment");
}

#[test]
fn release_builds_have_no_fault_points() {
    let path = release_binary();
    let bytes = fs::read(&path).unwrap();
    let marker = [b"SECRETSAFE".as_slice(), b"_FAULT"].concat();
    assert!(!bytes.windows(marker.len()).any(|window| window == marker), "{} has fault points", path.display());
    // The same search finds a name that must be there, so it can find at all.
    let known = b"SECRETSAFE_KEYCHAIN";
    assert!(bytes.windows(known.len()).any(|window| window == known));
}

fn release_binary() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let path = target.join("release").join("kubectl-secretsafe");
    assert!(path.is_file(), "{} is missing: type `cargo build --release` (make test does)", path.display());
    path
}

#[test]
fn nothing_is_left_undone() {
    for folder in ["src", "tests", "benches"] {
        for (name, text) in rust_files(folder) {
            if name == "tests/boundary.rs" {
                continue;
            }
            for word in ["todo!", "unimplemented!", "TODO", "FIXME", "XXX", "HACK", "#[ignore"] {
                assert!(!text.contains(word), "{name} has {word}");
            }
        }
    }
}
