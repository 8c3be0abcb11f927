//! Completions, man pages and docs/cli.md are generated from the command line's own definition and
//! committed. This test fails when they are stale; `UPDATE=1 cargo test --test generated` renews them.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::fmt::Write;
use std::fs;
use std::path::Path;

use clap_complete::Shell;

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
fn completions() {
    for (shell, file) in [
        (Shell::Bash, "kubectl-secretsafe.bash"),
        (Shell::Zsh, "_kubectl-secretsafe"),
        (Shell::Fish, "kubectl-secretsafe.fish"),
        (Shell::PowerShell, "kubectl-secretsafe.ps1"),
    ] {
        let mut script = Vec::new();
        // Under the plugin's own name: `kubectl secretsafe` belongs to kubectl's completion.
        let mut command = kubectl_secretsafe::command().bin_name("kubectl-secretsafe");
        clap_complete::generate(shell, &mut command, "kubectl-secretsafe", &mut script);
        check(&format!("completions/{file}"), &script);
    }
}

#[test]
fn man_pages() {
    let mut command = kubectl_secretsafe::command();
    command.build();
    page(&command, "kubectl-secretsafe");
}

fn page(command: &clap::Command, name: &str) {
    let mut text = Vec::new();
    clap_mangen::Man::new(command.clone())
        .title(name)
        .source("kubectl-secretsafe")
        .manual("kubectl plugins")
        .render(&mut text)
        .unwrap();
    check(&format!("man/{name}.1"), &text);
    for sub in command.get_subcommands() {
        page(sub, &format!("{name}-{}", sub.get_name()));
    }
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
