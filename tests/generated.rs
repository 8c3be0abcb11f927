//! Man pages and docs/cli.md are generated from the command line's own definition, docs/schemas from the types of
//! the reports, and committed. This test fails when they are stale; `UPDATE=1 cargo test --test generated` renews them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop at the first surprise")]

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

fn check(path: &str, content: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
    }
    let committed = fs::read(&path).unwrap_or_default();
    assert!(
        committed == content,
        "{} is stale: type `UPDATE=1 cargo test --test generated`",
        path.file_name().unwrap().display()
    );
}

#[test]
fn man_pages() {
    let mut command = kubectl_secretsafe::command();
    command.build();
    page(&command, MAIN);
    // Here and not in a test of its own, which could read a page that is just being renewed.
    pages_render_without_warnings();
}

/// What every page says at its end, and the main page in full.
const EXIT_STATUS: &[(&str, &str)] = &[
    ("0", "done, no difference, no finding"),
    ("1", "differences, or findings"),
    ("2", "wrong usage: command line, kubeconfig or config file"),
    ("3", "declined, or refused by a rule"),
    ("4", "a value source failed; no value was sent"),
    ("5", "the cluster or a permission failed; nothing was changed, or all was put back"),
    ("6", "changed but not finished, or the outcome cannot be known"),
    ("70", "a bug in kubectl-secretsafe"),
    ("130, 143", "ended by SIGINT or SIGTERM"),
    ("141", "standard output was closed early"),
];

const ENVIRONMENT: &[(&str, &str)] = &[
    ("KUBECONFIG", "kubeconfig files, merged as kubectl does"),
    ("SECRETSAFE_KEYCHAIN", "the keychain to use, such as secret-service or keyutils"),
    ("NO_COLOR", "no colours"),
    ("HTTPS_PROXY, NO_PROXY", "the proxy to the API server, as kubectl uses it"),
];

const FILES: &[(&str, &str)] = &[
    ("~/.kube/config", "the kubeconfig, where KUBECONFIG and --kubeconfig name none"),
    ("~/.config/secretsafe/config.yaml", "the config file on Linux"),
    ("kubectl_complete-secretsafe", "in a folder of PATH: lets kubectl complete the plugin"),
];

const MAIN: &str = "kubectl-secretsafe";

fn page(command: &clap::Command, name: &str) {
    let man = Man::new(command.clone()).title(name).source(MAIN).manual("kubectl plugins");
    let mut text = Vec::new();
    man.render_title(&mut text).unwrap();
    man.render_name_section(&mut text).unwrap();
    man.render_synopsis_section(&mut text).unwrap();
    man.render_description_section(&mut text).unwrap();
    if command.get_arguments().next().is_some() {
        man.render_options_section(&mut text).unwrap();
    }
    if command.has_subcommands() {
        man.render_subcommands_section(&mut text).unwrap();
    }
    let mut end = Roff::new();
    examples(command, &mut end);
    list(&mut end, "EXIT STATUS", EXIT_STATUS);
    if name == MAIN {
        list(&mut end, "ENVIRONMENT", ENVIRONMENT);
        list(&mut end, "FILES", FILES);
    }
    end.control("SH", ["SEE ALSO"]).text([roman(see_also(command, name))]);
    end.to_writer(&mut text).unwrap();
    check(&format!("man/{name}.1"), &text);
    for sub in command.get_subcommands() {
        page(sub, &format!("{name}-{}", sub.get_name()));
    }
}

/// Shows the examples of `--help` as they are typed, without a fill.
fn examples(command: &clap::Command, end: &mut Roff) {
    let Some(help) = command.get_after_help().map(ToString::to_string) else { return };
    end.control("SH", ["EXAMPLES"]).control("nf", []);
    for line in help.lines().filter(|line| *line != "Examples:") {
        end.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
    }
    end.control("fi", []);
}

fn list(end: &mut Roff, title: &str, rows: &[(&str, &str)]) {
    end.control("SH", [title]);
    for (term, text) in rows {
        end.control("TP", []).text([roman(*term)]).text([roman(*text)]);
    }
}

fn see_also(command: &clap::Command, name: &str) -> String {
    let mut pages = Vec::new();
    if let Some((above, _)) = name.rsplit_once(command.get_name()).filter(|_| name != MAIN) {
        pages.push(format!("{}(1)", above.trim_end_matches('-')));
    }
    pages.extend(command.get_subcommands().map(|sub| format!("{name}-{}(1)", sub.get_name())));
    pages.push("kubectl(1)".to_owned());
    pages.join(", ")
}

fn pages_render_without_warnings() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("man");
    let mut pages = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let run = Command::new("groff").args(["-K", "utf8", "-man", "-ww", "-T", "utf8"]).arg(&path).output();
        let run = run.expect("groff is missing: install the package `groff-base`, or run `tests/setup`");
        assert!(run.status.success() && run.stderr.is_empty(), "{}", String::from_utf8_lossy(&run.stderr));
        let man = Command::new("man").arg("-l").arg(&path).env("LC_ALL", "C.UTF-8").env("MANPAGER", "cat").output();
        let man = man.expect("man is missing: install the package `man-db`, or run `tests/setup`");
        assert!(man.status.success() && man.stderr.is_empty(), "{}", String::from_utf8_lossy(&man.stderr));
        assert!(String::from_utf8_lossy(&man.stdout).contains("SEE ALSO"), "{}", path.display());
        pages += 1;
    }
    assert!(pages > 10, "{pages} pages");
}

#[test]
fn schemas() {
    let schemas = [kubectl_secretsafe::schemas(), kubectl_secretsafe::file_schemas()].concat();
    for (kind, schema) in &schemas {
        check(&format!("docs/schemas/{kind}.json"), format!("{schema:#}\n").as_bytes());
    }
    let files = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas")).unwrap();
    let names: Vec<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    let left: Vec<&String> =
        names.iter().filter(|name| !schemas.iter().any(|(kind, _)| **name == format!("{kind}.json"))).collect();
    assert!(left.is_empty(), "the schema of a report that is gone: {left:?}");
}

#[test]
fn reference() {
    let mut command = kubectl_secretsafe::command();
    command.build();
    let mut text = String::from(
        "# Command reference\n\nMade from the command line's own definition; `UPDATE=1 cargo test --test generated` renews it.\n",
    );
    section(&command, "kubectl secretsafe", &mut text);
    check("docs/cli.md", text.as_bytes());
}

fn section(command: &clap::Command, path: &str, text: &mut String) {
    let mut command = command.clone().term_width(100).bin_name(path);
    let help = command.render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    writeln!(text, "\n## `{path}`\n\n```text\n{}\n```", help.join("\n").trim_end()).unwrap();
    for sub in command.get_subcommands() {
        section(sub, &format!("{path} {}", sub.get_name()), text);
    }
}
