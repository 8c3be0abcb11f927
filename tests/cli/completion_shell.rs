//! TAB in real interactive shells, on a terminal: our own scripts, and kubectl's with our shim.

use std::path::Path;
use std::process::Command;

use crate::completion::{path_with, planted};
use crate::support::binaries;
use crate::support::controlplane::ControlPlane;
use crate::support::temp_folder;
use crate::support::terminal::Terminal;

/// A shell without anybody's settings, and what its user has in them.
struct Shell {
    name: &'static str,
    args: &'static [&'static str],
    /// Loads our script for `kubectl-secretsafe`.
    ours: &'static str,
    /// Loads kubectl's own script.
    kubectl: &'static str,
}

const BASH: Shell = Shell {
    name: "bash",
    args: &["--norc", "--noprofile", "-i"],
    ours: "source SCRIPTS/kubectl-secretsafe.bash",
    kubectl: "source BASH_COMPLETION && source <(kubectl completion bash)",
};

const ZSH: Shell = Shell {
    name: "zsh",
    args: &["-f", "-i"],
    ours: "autoload -Uz compinit && compinit -u -D && source SCRIPTS/_kubectl-secretsafe",
    kubectl: "autoload -Uz compinit && compinit -u -D && source <(kubectl completion zsh)",
};

const FISH: Shell = Shell {
    name: "fish",
    args: &["--no-config", "-i"],
    ours: "source SCRIPTS/kubectl-secretsafe.fish",
    kubectl: "kubectl completion fish | source",
};

/// What kubectl's script for bash needs.
const BASH_COMPLETION: &str = "/usr/share/bash-completion/bash_completion";

/// What is typed behind the program's name, and what must appear.
const TYPED: &[(&str, &str)] = &[
    (" rot\t", "rotate "),
    (" view -n NS we\t", "web "),
    (" rotate -n NS db us\t", "username "),
    (" rotate -n NS db username=std\t", "username=stdin "),
    (" rotate -n NS db username=generate:uu\t", "generate:uuid "),
    (" view --context=b\t", " view --context=bed "),
    (" exec -n NS db us\t", "username "),
    (" exec -n NS db username -- cat /etc/hostn\t", "/etc/hostname"),
];

#[test]
fn bash_completes() {
    in_shell(&BASH, BASH.ours, "kubectl-secretsafe");
}

#[test]
fn zsh_completes() {
    in_shell(&ZSH, ZSH.ours, "kubectl-secretsafe");
}

#[test]
fn fish_completes() {
    in_shell(&FISH, FISH.ours, "kubectl-secretsafe");
}

#[test]
fn bash_completes_behind_kubectl() {
    assert!(Path::new(BASH_COMPLETION).is_file(), "bash-completion is missing: install it, or run `tests/setup`");
    behind_kubectl(&BASH);
}

#[test]
fn zsh_completes_behind_kubectl() {
    behind_kubectl(&ZSH);
}

#[test]
fn fish_completes_behind_kubectl() {
    behind_kubectl(&FISH);
}

/// As somebody does who has kubectl's completion: installs the shim, and presses TAB.
fn behind_kubectl(shell: &Shell) {
    let setup = format!("{}\rkubectl secretsafe completion --install --dir SHIM", shell.kubectl);
    in_shell(shell, &setup, "kubectl secretsafe");
}

/// Types into a shell, and waits for what appears.
fn in_shell(shell: &Shell, setup: &str, program: &str) {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let folder = temp_folder("complete");
    let mut command = Command::new(binaries::system(shell.name, shell.name));
    command.env_clear().env("PATH", path_with(folder.path())).env("HOME", folder.path()).env("TERM", "dumb");
    command.env("KUBECONFIG", plane.admin_kubeconfig()).env("LC_ALL", "C.UTF-8").args(shell.args);
    let mut session = Terminal::new().size(40, 160).run(&command).start();
    let scripts = concat!(env!("CARGO_MANIFEST_DIR"), "/completions");
    let setup = setup.replace("SCRIPTS", scripts).replace("BASH_COMPLETION", BASH_COMPLETION);
    session.send(format!("{}\r", setup.replace("SHIM", &folder.path().display().to_string())));
    session.send("echo rea''dy\r");
    session.expect("ready\r\n");
    for (line, shown) in TYPED {
        session.send(format!("{program}{}", line.replace("NS", &namespace)));
        session.expect(shown);
        // Out of the line without running it.
        session.send("\x15");
    }
    session.send("\rexit\r");
    session.wait();
    assert!(!session.screen().contains("CANARY"));
}
