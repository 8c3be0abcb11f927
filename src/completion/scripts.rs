//! The committed files of `completions/`, which `completion` prints as they are: they cannot be stale.

/// What `completion` can print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Script {
    /// For `kubectl-secretsafe` in bash
    Bash,
    /// For `kubectl-secretsafe` in zsh
    Zsh,
    /// For `kubectl-secretsafe` in fish
    Fish,
    /// For `kubectl-secretsafe` in PowerShell
    #[value(name = "powershell")]
    PowerShell,
    /// The file that lets kubectl complete `kubectl secretsafe`, in every shell
    Kubectl,
}

impl Script {
    /// Returns its text.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Bash => include_str!("../../completions/kubectl-secretsafe.bash"),
            Self::Zsh => include_str!("../../completions/_kubectl-secretsafe"),
            Self::Fish => include_str!("../../completions/kubectl-secretsafe.fish"),
            Self::PowerShell => include_str!("../../completions/kubectl-secretsafe.ps1"),
            Self::Kubectl if cfg!(windows) => {
                "@rem Made by `kubectl secretsafe completion`.\r\n@kubectl-secretsafe __complete %*\r\n"
            }
            Self::Kubectl => include_str!("../../completions/kubectl_complete-secretsafe"),
        }
    }
}
